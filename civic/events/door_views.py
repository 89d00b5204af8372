"""The list of guests and the door. The door works from a phone's page; a device that lost the network sends its readings later."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.complaints.filing_views import signer
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.codes import read_number
from civic.core.transitions import TransitionForbidden
from civic.events import queries, registration, rules
from civic.events.audited import guests_read
from civic.events.blueprint import bp, load_own
from civic.events.checkin import Entry, Reading, check_in, guest_list
from civic.events.forms import ButtonForm, DoorForm
from civic.events.models import Event, Registration
from civic.events.states import AHEAD, RegistrationState
from civic.events.wording import REGISTRATION_LOOKS, REGISTRATION_WORDS
from civic.extensions import csrf, db
from civic.web.access import allow, current_actor, public, signed_in
from civic.web.locale import language, moment

TOKEN_LIVES = 12 * 60 * 60  # seconds: an evening, and the way home
MOST_READINGS = 500
LIST_KEPT = timedelta(days=1)  # after the end: then phones forget the list of guests


@bp.get("/organise/events/<code>/guests")
@allow(signed_in)
def guests(code: str) -> ResponseReturnValue:
    """Who comes, who waits, what they need; approving where the event asks for it."""
    event = load_own(code)
    guests_read(event)
    shown = [(row, *REGISTRATION_LOOKS[RegistrationState(row.state)], REGISTRATION_WORDS[RegistrationState(row.state)],
              moment(row.came_at, event.city.timezone) if row.came_at else "") for row in queries.guests(db.session(), event.id)]
    return render_template("events/guests.html", event=event, here=event.city, rows=shown, counts=queries.counts(db.session(), event.id),
                           form=ButtonForm(), ahead=event.state in AHEAD)


@bp.post("/organise/events/<code>/guests/<int:registration_id>/<any(approve, decline):act>")
@allow(signed_in)
def approve(code: str, registration_id: int, act: str) -> ResponseReturnValue:
    """Yes or no to one who asked."""
    event = load_own(code)
    row = db.session.get(Registration, registration_id)
    if row is None or row.event_id != event.id:
        abort(404)
    if ButtonForm().sent():
        try:
            {"approve": registration.approve, "decline": registration.decline}[act](db.session(), row, current_actor(), utc_now())
        except TransitionForbidden:
            flash(gettext("Somebody has decided this already."), "error")
        except registration.RegistrationClosed:
            flash(gettext("This discussion is over or was called off: its registrations stay as they are."), "error")
    return redirect(url_for("events.guests", code=code), 303)


@bp.route("/organise/events/<code>/door", methods=["GET", "POST"])
@allow(signed_in)
def door(code: str) -> ResponseReturnValue:
    """Let people in by the number of the ticket; the QR of a ticket leads here with the number filled in."""
    event = load_own(code, door=True)
    form = DoorForm(number=request.args.get("ticket", "")[:40])
    if form.sent():
        actor = current_actor()
        reading = Reading(form.number.data or "", f"page-{actor.user_id}", form.client_key.data or request.form.get("once", "")[:40])
        answer = check_in(db.session(), event, actor, reading, utc_now())
        return redirect(url_for("events.door", code=code, last=answer.number[:40], entry=answer.entry.value), 303)
    last = _last(event)
    held = _guest(event, form.number.data) if request.args.get("ticket") else None
    token = signer("door").dumps([event.id, current_actor().user_id])
    return render_template("events/door.html", event=event, here=event.city, form=form, last=last, held=held, token=token,
                           counts=queries.counts(db.session(), event.id))


@bp.get("/organise/events/<code>/door/page")
@allow(signed_in)
def door_bare(code: str) -> str:
    """The door's page as it is kept on a phone for when there is no network: it names nobody and holds no key of anybody."""
    event = load_own(code, door=True)
    return render_template("events/door.html", event=event, here=event.city, form=DoorForm(), last=None, held=None, token="", counts={}, bare=True,
                           person=None, login_href=None, nav=[], flashes_enabled=False, languages=[])


@bp.get("/organise/events/<code>/door/worker.js")
@allow(signed_in)
def door_worker(code: str) -> ResponseReturnValue:
    """The worker that opens the door's page without a network. It looks after this one address only."""
    event, door = load_own(code, door=True), url_for("events.door", code=code)
    static: Any = current_app.jinja_env.globals["static_url"]
    parts = [static(f"dist/{part}") for part in ("app.css", "app.js", "sprite.svg", "favicon.svg")]
    response = make_response(render_template(
        "events/door_worker.js", name=f"civic-door-{event.code}", door=door, bare=url_for("events.door_bare", code=code), parts=parts,
        version=hashlib.sha256("".join((language(), *parts)).encode()).hexdigest()[:10]))
    response.mimetype = "text/javascript"
    response.headers["Service-Worker-Allowed"] = door
    response.headers["Cache-Control"] = "no-cache"
    return response


def _last(event: Event) -> dict[str, Any] | None:
    """What the reading before said, for the page that follows it."""
    entry = request.args.get("entry", "")
    if entry not in set(Entry):
        return None
    row = _guest(event, request.args.get("last"))
    return {"entry": entry, "number": row.number if row else request.args.get("last", "")[:40], "name": row.name if row else "",
            "at": moment(row.came_at, event.city.timezone) if row and row.came_at else ""}


def _guest(event: Event, number: str | None) -> Registration | None:
    known = read_number(number or "")
    return queries.by_ticket(db.session(), event.id, known) if known else None


@bp.get("/organise/events/<code>/door/list.json")
@allow(signed_in)
def door_list(code: str) -> ResponseReturnValue:
    """Everybody who has a place, and a token with which readings can be sent for some hours, also after the session is gone."""
    event = load_own(code, door=True)
    guests_read(event)
    rows = [{"number": number, "name": name, "came_at": _iso(came)} for number, name, came in guest_list(db.session(), event)]
    token = signer("door").dumps([event.id, current_actor().user_id])
    return jsonify(event=event.code, now=_iso(utc_now()), token=token, token_lives=TOKEN_LIVES, until=_iso(event.ends_at + LIST_KEPT), guests=rows)


@bp.post("/organise/events/<code>/door/readings.json")
@public
@csrf.exempt
def door_readings(code: str) -> ResponseReturnValue:
    """Readings of one device, in its order; sent again they change nothing. The signed token is the authority, no cookie is."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        return jsonify(error="json"), 400
    try:
        event_id, user_id = signer("door").loads(str(sent.get("token", "")), max_age=TOKEN_LIVES)
    except BadSignature:
        return jsonify(error="token"), 403
    event = queries.by_code(db.session(), code)
    if event is None or event.id != event_id or not rules.may_keep_the_door(Actor(user_id), event):
        return jsonify(error="token"), 403
    readings = _readings(sent)
    if readings is None:
        return jsonify(error="readings", most=MOST_READINGS), 400
    now, actor = utc_now(), Actor(user_id)
    answers = [check_in(db.session(), event, actor, reading, now) for reading in readings]
    return jsonify(now=_iso(now), answers=[
        {"key": reading.client_key, "entry": a.entry, "number": a.number, "name": a.name, "came_at": _iso(a.came_at), "here": a.here}
        for reading, a in zip(readings, answers, strict=True)])


def _readings(sent: dict[str, Any]) -> list[Reading] | None:
    """What a device sent; None when it is no list of readings."""
    device, rows = sent.get("device"), sent.get("readings")
    if not (isinstance(device, str) and 0 < len(device) <= 40 and isinstance(rows, list) and len(rows) <= MOST_READINGS):
        return None
    found = []
    for row in rows:
        number, key = (row.get("number"), row.get("key")) if isinstance(row, dict) else (None, None)
        if not (isinstance(number, str) and isinstance(key, str) and len(number) <= 200 and 0 < len(key) <= 40):
            return None
        found.append(Reading(number, device, key, _moment(row.get("at"))))
    return found


def _moment(text: Any) -> datetime | None:
    """A device's clock, as ISO 8601; None for what is none."""
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) and len(text) <= 40 else None
        return read.astimezone(UTC) if read and read.tzinfo and 1970 < read.year < 9000 else None
    except ValueError:
        return None


def _iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
