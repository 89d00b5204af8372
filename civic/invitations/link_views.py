"""The personal link of a letter: a page for somebody without an account. What the link proves is told in ``links``."""

import secrets
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.invitations import links, service
from civic.invitations.answering import ACTS, STEPS, form_for, possible, said, take
from civic.invitations.forms import ButtonForm
from civic.invitations.letters import public_address
from civic.invitations.models import HeldAnswer, Invitation
from civic.invitations.pdf import letter_pdf
from civic.invitations.queries import path, shown
from civic.invitations.rules import is_delegate, may_contest
from civic.invitations.wording import STEP_WORDS, path_steps, row
from civic.web.access import public
from civic.web.errors import on_form
from civic.web.errors import page as error_page
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("invitation_link", __name__, url_prefix=f"/{LANG}/invitations")


def _failed() -> ResponseReturnValue:
    return error_page(410, gettext("This link does not work any more"), gettext(
        "It was mistyped, or somebody else answers now. Open the newest letter about this invitation; the organiser can send the letter again."))


def _open(token: str) -> tuple[Invitation, Contact, Actor, str] | None:
    """Invitation, address, actor and letter of a link; None when it was changed or gives no right any more."""
    try:
        invitation_id, contact_id, letter = signer("invitation").loads(token)
    except BadSignature:
        return None
    invitation, contact = db.session.get(Invitation, invitation_id), db.session.get(Contact, contact_id)
    if invitation is None or contact is None:
        return None
    actor = links.actor_of(contact)
    if not may_contest(actor, invitation) or links.has_left(contact, invitation.body_id):  # the widest right: the body, the addressee, the delegate
        return None
    use_city(invitation.event.city)
    return invitation, contact, actor, letter


def _browser() -> str:
    """A mark by which this browser is known again."""
    if "invited" not in session:
        session["invited"], session.permanent = secrets.token_hex(16), True
    mark: str = session["invited"]
    return mark


@bp.get("/link/<token>")
@public
def page(token: str) -> ResponseReturnValue:
    """Whose invitation it is, to what, where it stands, and the buttons. Opening it changes nothing."""
    opened = _open(token)
    if opened is None:
        return _failed()
    invitation, _, actor, _ = opened
    now = utc_now()
    steps = [(name, ACTS[name]) for name in possible(invitation, actor, now)]
    return make_response(render_template(
        "invitations/link.html", i=invitation, row=row(shown(db.session(), invitation.id, now)), steps=steps, token=token,
        delegate=is_delegate(actor, invitation), began=now >= invitation.event.starts_at,
        path=path_steps(path(db.session(), invitation.id), invitation.event.city.timezone)))


@bp.get("/link/<token>/letter.pdf")
@public
def letter(token: str) -> ResponseReturnValue:
    """The letter once more."""
    opened = _open(token)
    return pdf(opened[0]) if opened else _failed()


def pdf(invitation: Invitation) -> Response:
    """The letter as a file."""
    response = make_response(letter_pdf(invitation, public_address(invitation)))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{invitation.number}.pdf"'
    return response


@bp.route(f"/link/<token>/{STEPS}", methods=["GET", "POST"])
@public
def step(token: str, step: str) -> ResponseReturnValue:
    """One answer: a form with a button. Through a forwarded link it is kept aside until the address confirms it."""
    opened = _open(token)
    if opened is None:
        return _failed()
    invitation, contact, actor, letter_key = opened
    form, now, status = form_for(db.session(), step, invitation, actor), utc_now(), 200
    if form.sent():
        try:
            service.lock(db.session(), invitation, form.seen())
            flash(_answer(invitation, contact, actor, letter_key, step, said(form)), "success")
            return redirect(url_for("invitation_link.page", token=token), 303)
        except InputRefused as error:
            on_form(form, error)
        except service.InvitationChangedMeanwhile:
            status = 409
    form.version.data = str(invitation.version)
    if status == 200 and step not in possible(invitation, actor, now):
        return redirect(url_for("invitation_link.page", token=token), 303)
    return make_response(render_template("invitations/act.html", form=form, act=ACTS[step], i=invitation, changed=status == 409,
                                    action=url_for("invitation_link.step", token=token, step=step),
                                    back=url_for("invitation_link.page", token=token)), status if status != 200 else 422 if form.errors else 200)


def _answer(invitation: Invitation, contact: Contact, actor: Actor, letter_key: str, step: str, typed: dict[str, Any]) -> str:
    """Take the step, or keep it aside; what to say about it."""
    held = db.session.begin_nested()  # an answer that cannot be taken is refused now and not in a letter
    take(db.session(), invitation, actor, utc_now(), step, typed)
    if links.proves(db.session(), invitation, contact, letter_key, _browser(), utc_now()):
        held.commit()
        return gettext("Your answer is on the record.")
    held.rollback()
    links.hold(db.session(), invitation, contact, step, typed, utc_now())
    return gettext("This link was used on another device before, so we ask the invited: we have sent a letter with a button to the address of the invitation. The answer counts when it is pressed.")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The button of the second letter: the address says that the answer is its own."""
    try:
        held_id = signer("invitation-held").loads(token, max_age=int(links.HELD_LIVES.total_seconds()))
    except BadSignature:
        return _failed()
    held = db.session.get(HeldAnswer, held_id)
    if held is None:
        return _failed()
    invitation, contact = db.session.get_one(Invitation, held.invitation_id), db.session.get_one(Contact, held.contact_id)
    actor = links.actor_of(contact)
    if not may_contest(actor, invitation) or links.has_left(contact, invitation.body_id):
        return _failed()
    use_city(invitation.event.city)
    form = ButtonForm()
    again = url_for("invitation_link.page", token=signer("invitation").dumps([invitation.id, contact.id, f"held:{held.id}"]))
    if form.sent():
        service.lock(db.session(), invitation)
        links.take(db.session(), held, utc_now())
        take(db.session(), invitation, actor, utc_now(), held.step, held.said)
        flash(gettext("Your answer is on the record."), "success")
        return redirect(again, 303)
    done = held.taken_at is not None
    return make_response(render_template("invitations/confirm.html", form=form, i=invitation, held=held, done=done, again=again,
                                    what=STEP_WORDS[held.step], act=ACTS[held.step]), 410 if done else 422 if form.errors else 200)


