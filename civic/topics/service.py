"""What an event carries: topics, complaints picked by number, and whole filters frozen as they are at that moment.

Actor and time are arguments; the caller's transaction is used and never committed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.bodies.queries import CityHasNoDefaultBody, responsible_body
from civic.complaints.listing import Wanted, filtered
from civic.complaints.models import Complaint
from civic.complaints.queries import public_ids
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean
from civic.events.models import Event
from civic.events.rules import may_organise
from civic.events.service import lock
from civic.events.states import EventState
from civic.invitations.models import Invitation
from civic.invitations.states import State as Invited
from civic.places.models import City, District
from civic.topics.counting import WORDS_HIDDEN
from civic.topics.models import WHOLE_CITY, EventComplaint, EventTopic
from civic.topics.queries import counted, topics_of

MOST_CARRIED = 500  # complaints of one event: more nobody can go through in an evening
MOST_NUMBERS = 50
MOST_TOPICS = 10
#: An event that is over takes up nothing more.
CARRIES = (EventState.DRAFT, EventState.ANNOUNCED, EventState.LIVE)
_C = Complaint.__table__.c


@dataclass(frozen=True)
class Taken:
    """How many complaints were taken up, and how many more there would have been."""

    added: int
    left_out: int


def carry_topic(session: Session, event: Event, actor: Actor, now: datetime, category_id: int, district_id: int) -> Taken:
    """Take up a topic with its open public complaints, frozen as they are now. district_id: ``WHOLE_CITY`` for all.

    Raises ``topic_unknown``, ``too_many_topics``, ``event_carries_no_more``.
    """
    _begin(session, event, actor)
    _known_place(session, event, category_id, district_id)
    carried = topics_of(session, event.id)
    if (category_id, district_id) not in {(t.category_id, t.district_id) for t in carried}:
        if len(carried) >= MOST_TOPICS:
            raise InputRefused("category", "too_many_topics", limit=MOST_TOPICS)
        pile = counted(session, event.city_id, category_id, district_id)
        numbers = {"pile": pile.pile, "recent": pile.recent, "before": pile.before} if pile else {"pile": 0, "recent": 0, "before": 0}
        session.add(EventTopic(event_id=event.id, category_id=category_id, district_id=district_id, at=now, **numbers))
        session.flush()
    return carry_filter(session, event, actor, now, Wanted(state="open", category_id=category_id, district_id=district_id or None))


def carry_filter(session: Session, event: Event, actor: Actor, now: datetime, wanted: Wanted) -> Taken:
    """Take up every public complaint that a filter of the list finds now, the newest first when there are too many; but for those
    whose words a moderator has hidden."""
    _begin(session, event, actor)
    today = local_date(now, event.city.timezone)
    query = filtered(select(_C.id), wanted, today).where(_C.city_id == event.city_id, ~_C.private, or_(_C.hidden.is_(None), ~WORDS_HIDDEN))
    return _take(session, event, now, query)


def carry_numbers(session: Session, event: Event, actor: Actor, now: datetime, typed: Sequence[str]) -> Taken:
    """Take up complaints by their numbers. Raises ``promise_complaint_unknown`` for the first that is none of this city, ``complaint_missing``."""
    _begin(session, event, actor)
    asked = [word for word in typed if clean(word)]
    if not asked:
        raise InputRefused("numbers", "complaint_missing")
    if len(asked) > MOST_NUMBERS:
        raise InputRefused("numbers", "too_many_promise_complaints", limit=MOST_NUMBERS)
    known = public_ids(session, event.city_id, asked)
    for word in asked:
        if word not in known:
            raise InputRefused("numbers", "promise_complaint_unknown", number=word)
    return _take(session, event, now, select(_C.id).where(_C.id.in_(known.values())))


def put_down(session: Session, event: Event, actor: Actor, complaint_id: int) -> None:
    """Carry a complaint no more: until the event is announced, since then its followers know of it. Raises ``carried_in_public``."""
    _begin(session, event, actor)
    if event.announced_at is not None:
        raise InputRefused("numbers", "carried_in_public")
    session.execute(delete(EventComplaint).where(EventComplaint.event_id == event.id, EventComplaint.complaint_id == complaint_id))


def proposed_bodies(session: Session, event: Event) -> list[Body]:
    """The bodies that answer for the topics of an event and are not invited yet, each once."""
    invited = set(session.scalars(select(Invitation.body_id).where(Invitation.event_id == event.id, Invitation.state != Invited.WITHDRAWN)))
    found: dict[int, Body] = {}
    for topic in topics_of(session, event.id):
        try:
            body = responsible_body(session, event.city, session.get_one(Category, topic.category_id), topic.district_id or None)
        except CityHasNoDefaultBody:
            continue
        if body.id not in invited:
            found.setdefault(body.id, body)
    return list(found.values())


def body_of_topic(session: Session, city: City, category_id: int, district_id: int) -> Body | None:
    """The body that answers for a topic; None when nobody does."""
    category = session.get(Category, category_id)
    try:
        return responsible_body(session, city, category, district_id or None) if category is not None else None
    except CityHasNoDefaultBody:
        return None


def _begin(session: Session, event: Event, actor: Actor) -> None:
    if not may_organise(actor, event):
        raise NotAllowed(action="carry")
    lock(session, event)  # two organisers at once stay within the bounds
    if event.state not in CARRIES:
        raise InputRefused("numbers", "event_carries_no_more")


def _known_place(session: Session, event: Event, category_id: int, district_id: int) -> None:
    district = session.get(District, district_id) if district_id != WHOLE_CITY else None
    if session.get(Category, category_id) is None or (district_id != WHOLE_CITY and (district is None or district.city_id != event.city_id)):
        raise InputRefused("category", "topic_unknown")


def _take(session: Session, event: Event, now: datetime, query: Select[Any]) -> Taken:
    held = session.scalar(select(func.count()).where(EventComplaint.event_id == event.id)) or 0
    query = query.where(_C.id.not_in(select(EventComplaint.complaint_id).where(EventComplaint.event_id == event.id)))
    there = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = list(session.scalars(query.order_by(_C.registered_at.desc(), _C.id.desc()).limit(MOST_CARRIED - held))) if held < MOST_CARRIED else []
    if ids:
        session.execute(insert(EventComplaint), [{"event_id": event.id, "complaint_id": i, "added_at": now} for i in ids])
        session.execute(update(Complaint).where(Complaint.id.in_(ids), ~Complaint.discussed).values(discussed=True)
                        .execution_options(synchronize_session=False))
    return Taken(len(ids), there - len(ids))
