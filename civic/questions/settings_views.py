"""Who looks after a room and how: its settings and log, its moderators, votes that were set aside."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events.rules import may_organise
from civic.extensions import db
from civic.questions import queries, rooms, voting
from civic.questions.forms import ButtonForm, ModeratorForm, PressForm, SettingsForm
from civic.questions.models import Room
from civic.questions.moderator_views import back, bp, load
from civic.questions.wording import ROLE_WORDS, STEP_WORDS, step_note
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import on_form
from civic.web.locale import moment


@bp.route("/<code>/room/settings", methods=["GET", "POST"])
@allow(signed_in)
def settings(code: str) -> ResponseReturnValue:
    """When questions are taken, whether they are shown at once, who else moderates."""
    room = load(code)
    form = SettingsForm(**_held(room))
    if form.sent():
        try:
            opens, closes = form.moments(room.event.city.timezone)
            rooms.change_settings(db.session(), room, current_actor(), utc_now(), opens_at=opens, closes_at=closes, moderated=form.moderated.data)
            return redirect(back(room), 303)
        except InputRefused as error:
            on_form(form, error)
    return _settings_page(room, form, ModeratorForm(formdata=None))


def _held(room: Room) -> dict[str, Any]:
    """What the room has now, as the form takes it."""
    zone = ZoneInfo(room.event.city.timezone)
    return {"opens": room.opens_at and room.opens_at.astimezone(zone), "closes": room.closes_at and room.closes_at.astimezone(zone), "moderated": room.moderated}


def _settings_page(room: Room, form: SettingsForm, moderator: ModeratorForm) -> ResponseReturnValue:
    log = [(STEP_WORDS[s.kind], moment(s.at, room.event.city.timezone), ROLE_WORDS[s.role], step_note(s), s.question_id) for s in queries.log(db.session(), room.id)]
    return render_template(
        "questions/settings.html", form=form, moderator=moderator, event=room.event, room=room, back=back(room), log=log, press=ButtonForm(),
        organises=may_organise(current_actor(), room.event), named=[m for m in room.moderators if m.ended_at is None]), 422 if form.errors or moderator.errors else 200


@bp.post("/<code>/room/moderators")
@allow(signed_in)
def name_moderator(code: str) -> ResponseReturnValue:
    """Somebody else looks after the room, too."""
    room, form = load(code), ModeratorForm()
    if form.sent():
        try:
            rooms.name_moderator(db.session(), room, current_actor(), utc_now(), form.email.data or "")
            return redirect(url_for("room_desk.settings", code=code), 303)
        except InputRefused as error:
            on_form(form, error)
    return _settings_page(room, SettingsForm(formdata=None, **_held(room)), form)


@bp.post("/<code>/room/moderators/<int:moderator_id>/end")
@allow(signed_in)
def end_moderator(code: str, moderator_id: int) -> ResponseReturnValue:
    """The person looks after the room no more."""
    room = load(code)
    if ButtonForm().sent():
        rooms.end_moderator(db.session(), room, current_actor(), utc_now(), moderator_id)
    return redirect(url_for("room_desk.settings", code=code), 303)


@bp.route("/<code>/room/votes", methods=["GET", "POST"])
@allow(signed_in)
def votes(code: str) -> ResponseReturnValue:
    """Devices of one address, many at once: what their votes change, and whether they count."""
    room, form = load(code), PressForm()
    if form.sent():
        voting.set_suspect(db.session(), room, current_actor(), utc_now(), address=request.form.get("address", "")[:16], suspect=request.form.get("suspect") == "1")
        return redirect(url_for("room_desk.votes", code=code), 303)
    groups = [(g, moment(g.since, room.event.city.timezone), voting.preview(db.session(), room, g.address, g.suspect)) for g in voting.groups(db.session(), room)]
    return render_template("questions/votes.html", room=room, event=room.event, groups=groups, form=form, back=back(room))
