"""Reads of events: public ones as small frozen rows, those of organisers as objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from civic.accounts.models import Contact
from civic.bodies.models import Body
from civic.core.codes import row_id
from civic.core.database import Reader
from civic.events.models import AgendaItem, Event, EventStep, Organisation, OrganisationMember, Recommendation, Registration
from civic.events.states import ALIVE, EventState, RegistrationState, Right
from civic.media.models import Photo
from civic.places.models import City

PAGE = 20
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
MICROSECOND = timedelta(microseconds=1)
#: What the public may know of: everything that was announced, also when it was called off later.
IS_SHOWN = (Event.state != EventState.DRAFT) & Event.announced_at.is_not(None)
_ROW = (
    Event.id, Event.code, Event.format, Event.direction, Event.state, Event.title, Event.starts_at, Event.ends_at, Event.mode,
    Event.venue, Event.capacity, Event.taken, Event.admission, Event.languages, Event.wheelchair, Event.hearing_loop,
    Event.sign_language, Event.moved_from, Event.published_at, Event.revision, Event.updated_at,
    Organisation.name.label("organisation"), City.code.label("city_code"), City.timezone,
    Photo.id.label("photo_id"),
)
Listed = Row[Any]


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; None filters nothing. past: what is over, the latest first, instead of what is to come."""

    direction: str | None = None
    format: str | None = None
    past: bool = False


@dataclass(frozen=True)
class Page:
    """One page of a list. ``after``: what the next page begins behind, None on the last."""

    rows: Sequence[Listed]
    after: str | None


def public_rows() -> Any:
    """The select that every list of events begins with."""
    return (
        select(*_ROW).join(Organisation, Organisation.id == Event.organisation_id).join(City, City.id == Event.city_id)
        .outerjoin(Photo, and_(Photo.id == Event.photo_id, Photo.state == "ready")).where(IS_SHOWN)
    )


def public_page(session: Session, city_id: int, wanted: Wanted, now: datetime, after: str | None = None, limit: int = PAGE) -> Page:
    """One page of a city's events. after: the key of the page before; nonsense is the first page."""
    query = _filtered(public_rows().where(Event.city_id == city_id), wanted)
    query = query.where(Event.ends_at < now if wanted.past else Event.ends_at >= now)
    key = _read_key(after)
    if key is not None:
        begins, last_id = key
        further = Event.starts_at < begins if wanted.past else Event.starts_at > begins
        query = query.where(or_(further, (Event.starts_at == begins) & (Event.id < last_id if wanted.past else Event.id > last_id)))
    order = (Event.starts_at.desc(), Event.id.desc()) if wanted.past else (Event.starts_at, Event.id)
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], f"{(last.starts_at - EPOCH) // MICROSECOND}_{last.id}")


def between(session: Session, city_id: int, wanted: Wanted, begins: datetime, ends: datetime, limit: int = 500) -> Sequence[Listed]:
    """Events that begin in [begins, ends), in order of time: a month."""
    query = _filtered(public_rows().where(Event.city_id == city_id), wanted).where(Event.starts_at >= begins, Event.starts_at < ends)
    return session.execute(query.order_by(Event.starts_at, Event.id).limit(limit)).all()


#: Built once: every front page asks it.
_NEXT = (
    public_rows().where(Event.city_id == bindparam("city"), or_(Event.state == EventState.ANNOUNCED, Event.state == EventState.LIVE),
                        Event.ends_at >= bindparam("now"))
    .order_by(Event.starts_at, Event.id).limit(bindparam("most"))
)


def next_events(session: Reader, city_id: int, now: datetime, limit: int = 1) -> Sequence[Listed]:
    """The next ones that will take place: for the front page of a city."""
    return session.execute(_NEXT, {"city": city_id, "now": now, "most": limit}).all()


def by_organisation(session: Session, organisation_id: int, now: datetime, *, past: bool, limit: int = 50) -> Sequence[Listed]:
    """Public events of one organisation."""
    query = public_rows().where(Event.organisation_id == organisation_id, Event.ends_at < now if past else Event.ends_at >= now)
    return session.execute(query.order_by(Event.starts_at.desc() if past else Event.starts_at, Event.id).limit(limit)).all()


def registered_by(session: Session, contact_id: int, limit: int = 100) -> Sequence[Row[Any]]:
    """Events that a person has a living registration of, with its ``number`` and ``registration_state``, the latest beginning first."""
    query = public_rows().add_columns(Registration.id.label("registration_id"), Registration.number,
                                      Registration.state.label("registration_state"))
    query = query.join(Registration, Registration.event_id == Event.id).where(
        Registration.contact_id == contact_id, Registration.state.in_(ALIVE))
    return session.execute(query.order_by(Event.starts_at.desc()).limit(limit)).all()


def is_coming(session: Session, event_id: int, contact_id: int | None) -> bool:
    """Whether this address has a place, or waits for one."""
    mine = select(Registration.id).where(Registration.event_id == event_id, Registration.contact_id == contact_id, Registration.state.in_(ALIVE))
    return contact_id is not None and session.scalar(mine) is not None


def _filtered(query: Any, wanted: Wanted) -> Any:
    if wanted.direction:
        query = query.where(Event.direction == wanted.direction)
    return query.where(Event.format == wanted.format) if wanted.format else query


def _read_key(text: str | None) -> tuple[datetime, int] | None:
    number, _, last = (text or "").partition("_")
    behind = row_id(last)
    if behind is None or not (number.isascii() and number.isdecimal() and len(number) <= 17):
        return None
    try:
        return EPOCH + int(number) * MICROSECOND, behind
    except OverflowError:
        return None


def by_code(session: Session, code: str) -> Event | None:
    """The event of an address, with what its page shows. Members of the organisation are read only when asked for."""
    return session.scalar(
        select(Event).where(Event.code == code.lower()).options(
            joinedload(Event.organisation).lazyload(Organisation.members), joinedload(Event.photo),
            selectinload(Event.items).selectinload(AgendaItem.speakers)))


def public_steps(session: Session, event_id: int) -> Sequence[EventStep]:
    """The history that everybody may see, oldest first."""
    return session.scalars(select(EventStep).where(EventStep.event_id == event_id, EventStep.public).order_by(EventStep.id)).all()


def history(session: Session, event_id: int) -> Sequence[EventStep]:
    """The whole history, newest first."""
    return session.scalars(select(EventStep).where(EventStep.event_id == event_id).order_by(EventStep.id.desc())).all()


def recommendations(session: Session, event_id: int) -> Sequence[Row[Recommendation, dict[str, str]]]:
    """(recommendation, name of its body), in order."""
    return session.execute(
        select(Recommendation, Body.name).join(Body, Body.id == Recommendation.body_id)
        .where(Recommendation.event_id == event_id).order_by(Recommendation.position)
    ).all()


def organisations_of(session: Session, user_id: int) -> Sequence[Organisation]:
    """Organisations in which a person has any right."""
    return session.scalars(
        select(Organisation).where(Organisation.id.in_(
            select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user_id, OrganisationMember.ended_at.is_(None))
        )).order_by(Organisation.id)
    ).all()


def organises(session: Session, user_id: int, rights: Iterable[Right] = Right) -> bool:
    """Whether the person has one of the rights in any organisation."""
    mine = select(OrganisationMember.id).where(
        OrganisationMember.user_id == user_id, OrganisationMember.ended_at.is_(None), OrganisationMember.right.in_(list(rights)))
    return session.scalar(mine.limit(1)) is not None


def organisation_by_code(session: Session, code: str) -> Organisation | None:
    """The organisation of an address."""
    return session.scalar(select(Organisation).where(Organisation.code == code.lower()))


def events_of(session: Session, organisation_ids: Sequence[int], now: datetime, *, past: bool, limit: int = 100) -> Sequence[Event]:
    """Events for their organisers, drafts included; thrown-away drafts are not."""
    thrown = (Event.state == EventState.CANCELLED) & Event.announced_at.is_(None)
    query = select(Event).where(Event.organisation_id.in_(organisation_ids), ~thrown, Event.ends_at < now if past else Event.ends_at >= now)
    query = query.options(joinedload(Event.organisation).lazyload(Organisation.members))
    return session.scalars(query.order_by(Event.starts_at.desc() if past else Event.starts_at, Event.id).limit(limit)).unique().all()


def guests(session: Session, event_id: int, limit: int = 2000) -> Sequence[Registration]:
    """Registrations of an event for its organisers, by state and order of coming, with their addresses."""
    return session.scalars(
        select(Registration).where(Registration.event_id == event_id).options(
            joinedload(Registration.contact).lazyload(Contact.user), lazyload(Registration.event))
        .order_by(Registration.queued_at, Registration.id).limit(limit)
    ).all()


def counts(session: Session, event_id: int) -> dict[str, int]:
    """How many registrations are in each state, and ``came``."""
    query = select(Registration.state, func.count(), func.count(Registration.came_at)).where(Registration.event_id == event_id)
    rows = session.execute(query.group_by(Registration.state)).all()
    return {state: number for state, number, _ in rows} | {"came": sum(came for *_, came in rows)}


def waiting_before(session: Session, registration: Registration) -> int:
    """How many wait before this one in the list."""
    earlier: ColumnElement[bool] = or_(Registration.queued_at < registration.queued_at,
                                       and_(Registration.queued_at == registration.queued_at, Registration.id < registration.id))
    return session.scalar(select(func.count()).where(Registration.event_id == registration.event_id,
                                                     Registration.state == RegistrationState.WAITING, earlier)) or 0


def by_ticket(session: Session, event_id: int, number: str) -> Registration | None:
    """The registration of an event with this ticket's number."""
    return session.scalar(select(Registration).where(Registration.event_id == event_id, Registration.number == number))
