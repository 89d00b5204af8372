"""The official's side: invitations with their dates, the answer, who is sent instead, one's own calendar."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts.models import Contact
from civic.core.clock import utc_now
from civic.core.codes import read_number
from civic.core.errors import InputRefused, NotFound
from civic.extensions import db
from civic.invitations import service
from civic.invitations.answering import ACTS, STEPS, form_for, possible, said, take
from civic.invitations.fates import Fate
from civic.invitations.links import has_left
from civic.invitations.models import Invitation
from civic.invitations.queries import by_number, for_desk, path, shown
from civic.invitations.rules import is_delegate, may_contest
from civic.invitations.wording import path_steps, row, rows
from civic.web.access import allow, current_actor, reachable_as_applicant
from civic.web.errors import on_form
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("invitations_desk", __name__, url_prefix=f"/{LANG}/desk/invitations")


def load(number: str) -> Invitation:
    """The invitation of the address, for those whom it concerns. 404 for others."""
    invitation, actor = by_number(db.session(), read_number(number) or ""), current_actor()
    contact = db.session.get(Contact, actor.contact_id) if actor.contact_id is not None else None
    if invitation is None or not may_contest(actor, invitation) or (contact is not None and has_left(contact, invitation.body_id)):
        raise NotFound(number=number)
    use_city(invitation.event.city)
    return invitation


@bp.get("/")
@allow(reachable_as_applicant)
def inbox() -> ResponseReturnValue:
    """What waits for an answer first, with its date; then what is to come; then the record."""
    actor, now = current_actor(), utc_now()
    found = rows(for_desk(db.session(), actor.body_ids, actor.contact_id, now))
    ahead = sorted((r for r in found if r.raw.starts_at > now), key=lambda r: (r.raw.due_on, r.raw.starts_at))
    waiting = [r for r in ahead if r.raw.fate in (Fate.WAITING, Fate.SILENT, Fate.DELEGATE_NAMED)]
    return render_template("invitations/desk.html", waiting=waiting, ahead=[r for r in ahead if r not in waiting],
                           past=[r for r in found if r.raw.starts_at <= now])


@bp.get("/<number>")
@allow(reachable_as_applicant)
def item(number: str) -> ResponseReturnValue:
    """One invitation: where it stands, what the actor can do now, its path."""
    invitation, now = load(number), utc_now()
    actor = current_actor()
    return render_template(
        "invitations/desk_item.html", i=invitation, row=row(shown(db.session(), invitation.id, now)),
        steps=[(name, ACTS[name]) for name in possible(invitation, actor, now)], delegate=is_delegate(actor, invitation),
        began=now >= invitation.event.starts_at, path=path_steps(path(db.session(), invitation.id), invitation.event.city.timezone))


@bp.route(f"/<number>/{STEPS}", methods=["GET", "POST"])
@allow(reachable_as_applicant)
def step(number: str, step: str) -> ResponseReturnValue:
    """One answer; what was typed is kept when it is refused."""
    invitation, actor, now, status = load(number), current_actor(), utc_now(), 200
    form, back = form_for(db.session(), step, invitation, actor), url_for("invitations_desk.item", number=invitation.number)
    if form.sent():
        try:
            service.lock(db.session(), invitation, form.seen())
            take(db.session(), invitation, actor, now, step, said(form))
            flash(gettext("Your answer is on the record."), "success")
            return redirect(back, 303)
        except InputRefused as error:
            on_form(form, error)
        except service.InvitationChangedMeanwhile:
            status = 409
    form.version.data = str(invitation.version)
    if request.method == "GET" and step not in possible(invitation, actor, now):
        return redirect(back, 303)
    return render_template("invitations/act.html", form=form, act=ACTS[step], i=invitation, changed=status == 409,
                           action=url_for("invitations_desk.step", number=invitation.number, step=step),
                           back=back), status if status != 200 else 422 if form.errors else 200
