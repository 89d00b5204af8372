"""A participant's pages: the consent before anything else, the place in the group, the way out; and the public transcript."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.events.blueprint import load_shown
from civic.events.formats import FORMATS
from civic.events.forms import ButtonForm
from civic.events.models import Event, Registration
from civic.events.registration_views import held_registration
from civic.events.states import RegistrationState
from civic.extensions import db
from civic.focus import groups
from civic.focus.consent import POINTS, VERSION
from civic.focus.forms import BAND_WORDS, JoinForm
from civic.focus.models import FocusGroup, Participant
from civic.places.models import City
from civic.places.queries import districts
from civic.web.access import public
from civic.web.errors import on_form
from civic.web.locale import LANG, language, local_name
from civic.web.navigation import Link

bp = Blueprint("focus", __name__, url_prefix=f"/{LANG}")


def consent_first(event: Event) -> ResponseReturnValue | None:
    """Whoever has not agreed to the present version in this browser reads it before the form."""
    if not FORMATS[event.format].informed or session.get("informed", {}).get(event.code, [0])[0] == VERSION:
        return None
    return redirect(url_for("focus.consent", city=event.city.code, code=event.code), 303)


@bp.route("/<city>/events/<code>/consent", methods=["GET", "POST"])
@public
def consent(city: str, code: str) -> ResponseReturnValue:
    """What taking part means; the button agrees, and the form of registering comes next."""
    here, event = load_shown(city, code)
    if not FORMATS[event.format].informed:
        abort(404)
    form = ButtonForm()
    if form.sent():
        session["informed"] = {**session.get("informed", {}), event.code: [VERSION, language()]}
        return redirect(url_for("events.register", city=city, code=code), 303)
    return render_template("focus/consent.html", here=here, event=event, form=form, points=POINTS, version=VERSION)


def on_ticket(row: Registration, token: str) -> Link | None:
    """The way from a ticket to the place in the group."""
    if not FORMATS[row.event.format].informed or row.state != RegistrationState.REGISTERED:
        return None
    return Link(url_for("focus.place", token=token), gettext("Your place in the group"))


def _load(token: str) -> Registration:
    row = held_registration(token)
    if row is None or not FORMATS[row.event.format].informed:
        abort(404)
    return row


@bp.route("/registration/<token>/group", methods=["GET", "POST"])
@public
def place(token: str) -> ResponseReturnValue:
    """One's pseudonym, and what the transcript says of one: age band and place."""
    row = _load(token)
    offered = districts(db.session(), row.event.city_id)
    held = groups.of_registration(db.session(), row)
    form = JoinForm(age_band=held.age_band if held else None, district=str(held.district_id or "") if held else "").offer(
        [(d.id, local_name(d.name)) for d in offered])
    if form.sent():
        try:
            groups.join(db.session(), row, utc_now(), age_band=form.age_band.data or "", district_id=row_id(form.district.data))
            return redirect(url_for(".place", token=token), 303)
        except InputRefused as error:
            on_form(form, error)
    may_join = row.state == RegistrationState.REGISTERED and row.informed_version is not None
    return render_template("focus/place.html", row=row, event=row.event, here=row.event.city, held=held, form=form, token=token, may_join=may_join,
                           points=POINTS, gone=groups.hidden_of(db.session(), held) if held else {}), 422 if form.errors else 200


@bp.route("/registration/<token>/group/withdraw", methods=["GET", "POST"])
@public
def withdraw(token: str) -> ResponseReturnValue:
    """The way out: everything said goes."""
    row = _load(token)
    form = ButtonForm()
    if form.sent():
        groups.withdraw(db.session(), row, utc_now())
        session["informed"] = {code: given for code, given in session.get("informed", {}).items() if code != row.event.code}
        flash(gettext("Done. Nothing that you said here is left, in the transcript neither."), "success")
        return redirect(url_for(".place", token=token), 303)
    return render_template("focus/withdraw.html", row=row, event=row.event, here=row.event.city, form=form, token=token)


def on_event_page(event: Event) -> Markup | str:
    """The link to a published transcript."""
    group = db.session.get(FocusGroup, event.id) if FORMATS[event.format].informed else None
    return Markup(render_template("focus/_on_event.html", event=event)) if group is not None and group.published_at else ""


def who_words(people: dict[int, Participant], names: dict[int, str], here: City, participant_id: int | None) -> str:
    """«Қайың, 25–34, Тұран ауданы»; the moderator is the moderator."""
    if participant_id is None:
        return gettext("Moderator")
    one = people[participant_id]
    return f"{one.pseudonym}, {BAND_WORDS[one.age_band]}, {names.get(one.district_id or 0) or local_name(here.name)}"


def drawn_lines(event: Event) -> list[dict[str, Any]]:
    """The transcript as its page shows it; marks: of the moderators, where the words are hidden."""
    people = {p.id: p for p in groups.participants(db.session(), event.id)}
    names = {d.id: local_name(d.name) for d in districts(db.session(), event.city_id)}
    unnamed = {p.id for p in people.values() if p.hidden}
    return [{"who": gettext("A participant") if line.participant_id in unnamed else who_words(people, names, event.city, line.participant_id),
             "text": "" if line.hidden else line.text, "lang": line.language, "marks": line.hidden, "moderator": line.participant_id is None}
            for line in groups.lines(db.session(), event.id)]


@bp.get("/<city>/events/<code>/transcript")
@public
def transcript(city: str, code: str) -> ResponseReturnValue:
    """What was said, by pseudonym, age band and place."""
    here, event = load_shown(city, code)
    group = db.session.get(FocusGroup, event.id)
    if group is None or group.published_at is None:
        abort(404)
    names = [p.hidden for p in groups.participants(db.session(), event.id) if p.hidden]
    return render_template("focus/transcript.html", here=here, event=event, group=group, lines=drawn_lines(event), names=names)
