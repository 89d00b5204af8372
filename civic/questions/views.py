"""Public pages of questions: all of a discussion, one with its path; and what pages of events and bodies show of them."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from civic.bodies.directory import Known
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS, TOOLS, load_shown
from civic.events.models import Event, Registration
from civic.events.registration_views import ON_TICKET
from civic.events.states import AHEAD, RegistrationState
from civic.extensions import db
from civic.figures.views import BODY_BLOCKS
from civic.questions import offices, queries, rooms
from civic.questions.live import people_words
from civic.questions.models import Question, Room
from civic.questions.states import State
from civic.questions.wording import REASON_WORDS, item, items, path_steps, record_parts
from civic.web.access import public
from civic.web.locale import LANG
from civic.web.navigation import OWN_WAYS, Link, use_city
from civic.web.reading import reader, reading
from civic.web.speech import gettext

bp = Blueprint("questions", __name__, url_prefix=f"/{LANG}")
#: Questions on the page of the discussion.
ON_PAGE = 3


@bp.get("/<city>/events/<code>/questions")
@public
def listing(city: str, code: str) -> ResponseReturnValue:
    """Every question that the public may read, the most votes first, and how many are hidden for which reason."""
    reading()
    here, event = load_shown(city, code)
    room = queries.room_of(db.session(), event.id)
    if room is None:
        abort(404)
    page = queries.public_page(db.session(), room.id, request.args.get("after"))
    hidden = [(REASON_WORDS[reason], n) for reason, n in sorted(queries.hidden_counts(db.session(), room.id).items())]
    return render_template("questions/list.html", here=here, event=event, room=room, rows=items(page.rows, here.timezone), after=page.after,
                           first=not request.args.get("after"), hidden=hidden, waiting=queries.counts(db.session(), room.id)[State.WAITING],
                           asking=rooms.takes_questions(room, utc_now()), people=people_words(room))


@bp.get("/questions/<int:question_id>")
@public
def question(question_id: int) -> ResponseReturnValue:
    """One question: where it stands, the answer, its path. One that was never shown is nobody's to read."""
    reading()
    found = db.session.get(Question, question_id)
    if found is None or found.shown_at is None:
        abort(404)
    event = found.room.event
    use_city(event.city)
    row = queries.one(db.session(), question_id)
    assert row is not None
    silent = found.state == State.FOR_WRITING and found.body_id is not None and not (
        queries.answers_here(db.session(), found.body_id) or offices.addressed(db.session(), found))
    return render_template(
        "questions/page.html", q=found, silent=silent, row=item(row, event.city.timezone), event=event, readable=row.public or found.state == State.MERGED,
        path=path_steps(queries.path(db.session(), found.id), event.city.timezone), joined=queries.joined_with(db.session(), found.id))


def event_block(event: Event) -> Markup | str:
    """The part of an event's page; nothing as long as it has no room."""
    session = reading()
    room = queries.small_room(session, event.id)
    if room is None:
        return ""
    rows = queries.top(session, room.id, ON_PAGE)
    return Markup(render_template("questions/_event.html", event=event, room=room, rows=items(rows, event.city.timezone), more=room.questions > len(rows)))


def record_block(body: Known) -> Markup | str:
    """The part of a body's page; nothing as long as nobody asked it."""
    record = queries.record_of_body(reader(), body.id)
    return Markup(render_template("questions/_record.html", record=record, parts=record_parts(record))) if record.asked else ""


def tool(event: Event) -> Link | None:
    """The way of an event's organiser into its room."""
    return Link(url_for("room_desk.page", code=event.code), gettext("Questions and polls")) if event.announced_at else None


def way_of_officials(actor: Actor) -> Link | None:
    """The way in the header of those who answer for a body."""
    return Link(url_for("questions_desk.inbox"), gettext("Questions")) if actor.body_ids else None


def way_from_ticket(row: Registration, token: str) -> Link | None:
    """The way of a registered person into the room."""
    inside = row.state == RegistrationState.REGISTERED and row.event.state in AHEAD and queries.small_room(db.session(), row.event_id) is not None
    return Link(url_for("room.by_ticket", token=token), gettext("Ask a question or vote")) if inside else None


def register() -> None:
    """What pages of other features show of questions, without those features knowing them."""
    hooks: tuple[tuple[list[Any], Any], ...] = ((BODY_BLOCKS, record_block), (TOOLS, tool), (OWN_WAYS, way_of_officials), (EVENT_BLOCKS, event_block), (ON_TICKET, way_from_ticket))
    for hook, mine in hooks:
        if mine not in hook:  # an application is made several times in tests
            hook.append(mine)
    EVENT_STAMPS["questions"] = select(Room.version).where(Room.event_id == Event.id)
