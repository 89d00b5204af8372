"""The organiser's side: whom to invite, what became of it, who came, who asked to strike a speaker."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from civic.bodies.queries import bodies_of_city
from civic.core.clock import local_date, utc_now
from civic.core.codes import read_number, row_id
from civic.core.errors import InputRefused
from civic.events.blueprint import load_own
from civic.events.models import Event
from civic.events.states import EventState
from civic.extensions import db
from civic.invitations import service, strikes
from civic.invitations.answering import Act
from civic.invitations.forms import InviteForm, StrikeForm, VersionForm, WordsForm
from civic.invitations.inviting import Invitee, invite
from civic.invitations.models import Invitation
from civic.invitations.queries import by_number, of_event, strike_requests, with_history
from civic.invitations.service import EventBegan, EventCalledOff
from civic.invitations.states import RECORDS, TRANSITIONS
from civic.invitations.wording import STEP_WORDS, path_steps, rows
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import message, on_form
from civic.web.locale import LANG

bp = Blueprint("invitations_organiser", __name__, url_prefix=f"/{LANG}/organise/events")
ACTS = {
    "withdraw": Act(_l("Withdraw the invitation"), _l("It stays on the page of the discussion with your reason. An invitation cannot be removed."),
                    _l("Withdraw"), _l("The reason"), must=True, danger=True),
    "keep_date": Act(_l("The date stays"), _l("Say why the discussion cannot be moved. The invitation is open again and the invited gets a letter. To move the discussion, change its date instead: then everybody is asked anew."),
                     _l("Keep the date"), _l("Why the date stays"), must=True),
}


def load(code: str, number: str) -> Invitation:
    """The invitation of the address."""
    event, invitation = load_own(code), by_number(db.session(), read_number(number) or "")
    if invitation is None or invitation.event_id != event.id:
        abort(404)
    return invitation


@bp.get("/<code>/invitations")
@allow(signed_in)
def manage(code: str) -> ResponseReturnValue:
    """Every invitation with what can be done now."""
    event, now = load_own(code), utc_now()
    session = db.session()
    held = with_history(session, event.id)
    items = [(shown, _steps(invitation, now), path_steps(invitation.events[::-1], event.city.timezone), invitation)
             for shown in rows(of_event(session, event.id, now)) for invitation in (held[shown.raw.id],)]
    return render_template("invitations/manage.html", event=event, items=items, step_words=STEP_WORDS, form=VersionForm(None),
                           strikes=strike_requests(session, event.id), began=now >= event.starts_at,
                           may_invite=_may_invite(event, now))


def _may_invite(event: Event, now: datetime) -> bool:
    return event.state in (EventState.DRAFT, EventState.ANNOUNCED) and now < event.starts_at


def _steps(invitation: Invitation, now: datetime) -> list[str]:
    if invitation.event.state == EventState.CANCELLED:
        return []
    began = now >= invitation.event.starts_at
    return [n for n in TRANSITIONS.possible(current_actor(), invitation) if (n in RECORDS) == began and n in RECORDS | set(ACTS)]


@bp.route("/<code>/invitations/invite", methods=["GET", "POST"])
@allow(signed_in)
def new(code: str) -> ResponseReturnValue:
    """Invite a body or a named official."""
    event = load_own(code)
    form = InviteForm(body_id=row_id(request.args.get("body"))).offer(bodies_of_city(db.session(), event.city_id))
    if form.sent():
        try:
            made = invite(db.session(), event, current_actor(), utc_now(), Invitee(
                form.body_id.data or None, form.name.data or "", form.post.data or "", form.email.data or "", form.words.data or ""))
        except InputRefused as error:
            on_form(form, error)
        except (EventBegan, EventCalledOff) as error:
            form.form_errors = [*form.form_errors, message(error)]
        else:
            flash(gettext("Invited. The letter with the PDF is on its way: %(number)s.", number=made.number), "success")
            return redirect(url_for("invitations_organiser.manage", code=event.code), 303)
    return render_template("invitations/invite.html", form=form, event=event, max_words=service.MAX_WORDS), 422 if form.errors else 200


@bp.route(f"/<code>/invitations/<number>/<any({', '.join(ACTS)}):step>", methods=["GET", "POST"])
@allow(signed_in)
def step(code: str, number: str, step: str) -> ResponseReturnValue:
    """A step with words."""
    invitation, back = load(code, number), url_for("invitations_organiser.manage", code=code)
    form, status = WordsForm(version=invitation.version), 200
    form.text.label.text = ACTS[step].words
    if form.sent():
        try:
            service.lock(db.session(), invitation, form.seen())
            taken: Any = getattr(service, step)
            taken(db.session(), invitation, current_actor(), utc_now(), text=form.text.data or "")
            flash(gettext("Done. Everybody concerned is told."), "success")
            return redirect(back, 303)
        except InputRefused as error:
            on_form(form, error)
        except service.InvitationChangedMeanwhile:
            status = 409
    form.version.data = str(invitation.version)
    if request.method == "GET" and step not in _steps(invitation, utc_now()):
        return redirect(back, 303)
    return render_template("invitations/act.html", form=form, act=ACTS[step], i=invitation, changed=status == 409, action=request.path,
                           back=back), status if status != 200 else 422 if form.errors else 200


@bp.post(f"/<code>/invitations/<number>/<any({', '.join(sorted(RECORDS))}):step>")
@allow(signed_in)
def record(code: str, number: str, step: str) -> ResponseReturnValue:
    """Who came; pressed again otherwise, it is corrected and both stay."""
    invitation = load(code, number)
    form = VersionForm()
    if form.sent():
        service.lock(db.session(), invitation, form.seen())
        service.record(db.session(), invitation, current_actor(), utc_now(), step)
        flash(gettext("Recorded, with the time. The body is told and may contest it within 5 working days."), "success")
    return redirect(url_for("invitations_organiser.manage", code=code), 303)


@bp.route("/<code>/invitations/strike", methods=["GET", "POST"])
@allow(signed_in)
def strike(code: str) -> ResponseReturnValue:
    """Put on the record that somebody asked to strike a speaker or guest."""
    event, now = load_own(code), utc_now()
    form = StrikeForm().offer(bodies_of_city(db.session(), event.city_id), local_date(now, event.city.timezone))
    if form.sent():
        try:
            strikes.put_strike_request(
                db.session(), event, current_actor(), now, whom=form.whom.data or "", requested_by=form.requested_by.data or "",
                requested_on=form.requested_on.data, text=form.text.data or "", struck=form.struck.data, body_id=form.body_id.data)
        except InputRefused as error:
            on_form(form, error)
        else:
            flash(gettext("It is on the record of the discussion."), "success")
            return redirect(url_for("invitations_organiser.manage", code=event.code), 303)
    return render_template("invitations/strike.html", form=form, event=event, max_words=service.MAX_WORDS), 422 if form.errors else 200
