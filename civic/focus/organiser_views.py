"""An organiser's page of a focus group: pseudonyms, the transcript, making it public."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events.blueprint import load_own
from civic.events.formats import FORMATS
from civic.events.forms import ButtonForm
from civic.events.models import Event
from civic.extensions import db
from civic.focus import groups
from civic.focus.forms import TranscriptForm
from civic.focus.models import FocusGroup, Participant
from civic.focus.views import drawn_lines, who_words
from civic.places.queries import districts
from civic.web.access import allow, signed_in
from civic.web.errors import message, on_form
from civic.web.locale import LANG, local_name
from civic.web.navigation import Link

bp = Blueprint("focus_organiser", __name__, url_prefix=f"/{LANG}/organise/events/<code>/group")


def offer(event: Event) -> Link | None:
    """The way from the event's page."""
    return Link(url_for("focus_organiser.group", code=event.code), gettext("Group and transcript")) if FORMATS[event.format].informed else None


def _load(code: str) -> Event:
    event = load_own(code)
    if not FORMATS[event.format].informed:
        abort(404)
    return event


def _written(event: Event, people: list[Participant]) -> str:
    """The transcript as the form takes it."""
    names = {p.id: p.pseudonym for p in people}
    return "\n".join(f"{names[line.participant_id] if line.participant_id else gettext('Moderator')}: {line.text}" for line in groups.lines(db.session(), event.id) if not line.hidden)


@bp.route("/", methods=["GET", "POST"])
@allow(signed_in)
def group(code: str) -> ResponseReturnValue:
    """Who takes part, by pseudonym; what was said."""
    event = _load(code)
    people = list(groups.participants(db.session(), event.id))
    form = TranscriptForm(text=_written(event, people))
    if form.sent():
        try:
            groups.write_transcript(db.session(), event, utc_now(), form.text.data or "")
            flash(gettext("Saved."), "success")
            return redirect(url_for(".group", code=code), 303)
        except InputRefused as error:
            on_form(form, error)
    names = {d.id: local_name(d.name) for d in districts(db.session(), event.city_id)}
    known = {p.id: p for p in people}
    return render_template("focus/group.html", event=event, here=event.city, form=form, held=db.session.get(FocusGroup, event.id),
                           people=[who_words(known, names, event.city, p.id) for p in people], lines=drawn_lines(event)), 422 if form.errors else 200


@bp.post("/publish")
@allow(signed_in)
def publish(code: str) -> ResponseReturnValue:
    """Make the transcript public."""
    event = _load(code)
    if ButtonForm().sent():
        try:
            groups.publish(db.session(), event, utc_now())
            flash(gettext("The transcript is public. Whoever withdraws later still takes their lines along."), "success")
        except InputRefused as error:
            flash(message(error), "error")
    return redirect(url_for(".group", code=code), 303)
