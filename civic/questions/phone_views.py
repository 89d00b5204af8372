"""The room on a phone: joining by the code without an account, asking, «mine too», polls. Also how others take part online."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from civic.bodies.models import Body
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.events.models import Registration
from civic.events.registration_views import held_registration
from civic.extensions import db
from civic.moderation.sign_words import personal_pieces
from civic.questions import asking, polls, queries, rooms, voting
from civic.questions.asking import MAX_TEXT, SAME, Similar
from civic.questions.forms import AskForm, ButtonForm, PressForm, read_code
from civic.questions.live import poll, room_state
from civic.questions.models import Participant, Poll, Question, Room
from civic.questions.pressing import press
from civic.questions.states import NameShown, State
from civic.questions.visitor import cookie_name, hashed, keep_mark, new_mark, standing, voice, who
from civic.questions.wording import BLANK, Item, item, items
from civic.web.access import current_actor, public
from civic.web.errors import on_form
from civic.web.locale import LANG, local_name, preferred_language
from civic.web.navigation import use_city

short = Blueprint("short", __name__)
bp = Blueprint("room", __name__, url_prefix=f"/{LANG}")


def load(code: str) -> Room:
    """The room of the address, its city in the header. 404 when there is none."""
    read = read_code(code)
    room = queries.room_by_code(db.session(), read) if read else None
    if room is None or room.event.announced_at is None:
        abort(404)
    use_city(room.event.city)
    return room


def _private(page: str, status: int = 200) -> ResponseReturnValue:
    """An answer for one visitor alone."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@short.get("/r/<code>")
@public
def short_address(code: str) -> ResponseReturnValue:
    """What the QR code says; leads to the reader's language."""
    return redirect(url_for("room.phone", lang=preferred_language(), code=code))


@short.get("/r/")
@public
def short_find() -> ResponseReturnValue:
    """The short address with its code left out: where it is typed."""
    return redirect(url_for("room.find", lang=preferred_language()))


@bp.get("/r/")
@public
def find() -> ResponseReturnValue:
    """The code, typed."""
    typed = request.args.get("code", "")
    read = read_code(typed)
    if read and queries.room_by_code(db.session(), read):
        return redirect(url_for("room.phone", code=read))
    return _private(render_template("questions/code.html", typed=typed), 404 if typed else 200)


@bp.get("/r/<code>")
@public
def phone(code: str) -> ResponseReturnValue:
    """The room on a phone, or the button to come in."""
    room, now = load(code), utc_now()
    stands = standing(room, now)
    if stands != "in":
        return _private(render_template("questions/join.html", room=room, event=room.event, stands=stands, form=ButtonForm()))
    return _private(_drawn(room, _ask_form(room)))


def _drawn(room: Room, form: AskForm, similar: Sequence[Similar] = (), personal: Sequence[tuple[str, str]] = ()) -> str:
    now, mine, zone = utc_now(), voice(room), room.event.city.timezone
    rows, held = queries.whole(db.session(), room.id, everything=False), queries.polls(db.session(), room.id)
    return render_template(
        "questions/phone.html", room=room, event=room.event, form=form, press=PressForm(), state=room_state(room, now), blank=BLANK,
        shown=items([r for r in rows if r.state == State.SHOWN], zone), ended=items([r for r in rows if r.state != State.SHOWN], zone),
        polls=[poll(p) for p in held], marks=[p.hidden for p in held if p.hidden], voted=queries.voted(db.session(), mine), balloted=queries.balloted(db.session(), mine),
        own=items([r for r in queries.own(db.session(), mine) if not r.public], zone), similar=_similar(similar, form.text.data or "", zone),
        same=any(s.share >= SAME for s in similar), personal=personal, max_text=MAX_TEXT, sent=request.args.get("sent") == "1")


def _similar(found: Sequence[Similar], typed: str, zone: str) -> list[Item]:
    """Those that everybody may read. Of one that waits for the moderator nothing is told but that it is there: neither who asks, nor its words
    that were not typed just now (two texts are the same when they share the words that say something)."""
    rows = [row for s in found if (row := queries.one(db.session(), s.question.id)) is not None]
    return [item(row if row.public else replace(row, text=typed, shown_name=""), zone) for row in rows]


def _ask_form(room: Room) -> AskForm:
    known = db.session.get(Registration, _registration_id(room)) if _registration_id(room) else None
    name = known.name if known else current_actor().name
    return AskForm(name=name).offer(_addressees(room))


def _registration_id(room: Room) -> int | None:
    contact_id = who(room).contact_id
    chosen = select(Registration.id).where(Registration.event_id == room.event_id, Registration.contact_id == contact_id)
    return db.session.scalar(chosen) if contact_id else None


def _addressees(room: Room) -> list[tuple[str, str]]:
    bodies = [db.session.get_one(Body, body_id) for body_id in asking.invited_bodies(db.session(), room.event_id)]
    return [(f"body:{body.id}", local_name(body.name)) for body in bodies] + [(f"speaker:{name}", name) for name in asking.speakers(db.session(), room.event_id)]


@bp.post("/r/<code>/join")
@public
def join(code: str) -> ResponseReturnValue:
    """Come in: this device has one voice from now on."""
    room = load(code)
    response = make_response(redirect(url_for("room.phone", code=room.code), 303))
    if ButtonForm().sent():
        here, mark = who(room), request.cookies.get(cookie_name(), "")
        if here.device is None:
            mark = new_mark()
            keep_mark(response, mark)
        rooms.come_in(db.session(), room, rooms.Who(here.contact_id, hashed(mark), here.address), utc_now())
    return response


@bp.route("/registration/<token>/room", methods=["GET", "POST"])
@public
def by_ticket(token: str) -> ResponseReturnValue:
    """The link of one's own ticket opens the room: the button remembers it in this browser."""
    row = held_registration(token)
    room = queries.room_of(db.session(), row.event_id) if row is not None else None
    if row is None or room is None:
        return render_template("filing/link_failed.html"), 410
    form = ButtonForm()
    if form.sent():
        session["rooms"], session.permanent = {**session.get("rooms", {}), str(room.id): row.contact_id}, True
        return redirect(url_for("room.phone", code=room.code), 303)
    return _private(render_template("questions/by_ticket.html", form=form, event=room.event, token=token))


def _come_in(room: Room) -> Participant:
    return rooms.come_in(db.session(), room, who(room), utc_now())


@bp.route("/r/<code>/ask", methods=["GET", "POST"])
@public
def ask(code: str) -> ResponseReturnValue:
    """Put a question; similar ones, and personal data that everybody would see, are shown before it is taken."""
    room = load(code)
    back = url_for("room.phone", code=room.code)
    if request.method == "GET":
        return redirect(back)
    form = _ask_form(room)
    similar: list[Similar] = []
    if form.sent():
        asked = form.asked()
        fits = len(asked.text) <= MAX_TEXT  # nobody looks through what is refused for its length
        similar = asking.similar(db.session(), room, asked.text) if fits else []
        personal = [] if not fits else personal_pieces(asked.text, asked.name if asked.name_shown == NameShown.NAME else "")
        if similar and similar[0].share >= SAME or (similar or personal) and not form.anyway.data:
            return _private(_drawn(room, form, similar, personal), 409)
        try:
            question = asking.ask(db.session(), room, _come_in(room), asked, utc_now())
            flash(gettext("Your question is shown to everybody.") if question.shown_at else gettext("Your question waits for the moderator."), "success")
            return redirect(back + "?sent=1", 303)
        except InputRefused as error:
            on_form(form, error)
    return _private(_drawn(room, form), 422)


@bp.post("/r/<code>/vote/<int:question_id>")
@public
def vote(code: str, question_id: int) -> ResponseReturnValue:
    """«Mine too»."""
    room = load(code)
    question = db.session.get(Question, question_id)
    if question is None or question.room_id != room.id:
        abort(404)
    return press(_back(room, f"#q{question_id}"), lambda: voting.vote(db.session(), room, question, _come_in(room), utc_now()), said=gettext("Your voice is counted."))


@bp.post("/r/<code>/poll/<int:poll_id>")
@public
def ballot(code: str, poll_id: int) -> ResponseReturnValue:
    """One ballot."""
    room = load(code)
    held = db.session.get(Poll, poll_id)
    if held is None or held.room_id != room.id:
        abort(404)
    chosen = [n for value in request.form.getlist("choices")[:20] if (n := row_id(value))]
    return press(_back(room, "#polls"), lambda: polls.cast(db.session(), held, _come_in(room), utc_now(), choices=chosen), said=gettext("Your choice is counted."))


def _back(room: Room, place: str) -> str:
    return url_for("room.phone", code=room.code) + place
