"""Reads of invitations: of an event, of a body, of the one who has to answer. Small frozen rows for public pages."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from civic.bodies.models import Body
from civic.core.clock import local_date
from civic.events.models import Event
from civic.events.states import EventState
from civic.invitations.fates import Facts, Fate, fate, silent_days
from civic.invitations.models import Invitation, InvitationEvent, StrikeRequest
from civic.invitations.states import State
from civic.places.models import City


@dataclass(frozen=True)
class Invited:
    """One invitation as the public sees it. body, title: names in several languages. said: the moment of the answer.

    hidden: marks of moderators; the official's name and post are empty with theirs.
    """

    id: int
    number: str
    body_id: int
    body_code: str
    body: dict[str, str]
    official_post: str
    official_name: str
    fate: Fate
    state: State
    answer: State | None
    asked_on: date
    due_on: date
    reminders: int
    silent_days: int
    answered_at: datetime | None
    reason: str | None
    reason_language: str | None
    delegate_post: str
    recorded_at: datetime | None
    contest_until: date | None
    contested: bool
    event_code: str
    title: dict[str, str]
    starts_at: datetime
    event_state: EventState
    city_code: str
    timezone: str
    hidden: dict[str, Any]


_COLUMNS = (
    Invitation.id, Invitation.number, Invitation.body_id, Invitation.official_post, Invitation.official_name, Invitation.state,
    Invitation.answer, Invitation.asked_on, Invitation.due_on, Invitation.reminders, Invitation.answered_at, Invitation.reason,
    Invitation.reason_language, Invitation.delegate_post, Invitation.recorded_at, Invitation.contest_until,
    Invitation.contested_at, Body.name.label("body"), Body.code.label("body_code"), Event.code.label("event_code"), Event.title,
    Event.starts_at, Event.state.label("event_state"), City.code.label("city_code"), City.timezone, Invitation.hidden,
)


def _select() -> Select[*tuple[Any, ...]]:
    return (select(*_COLUMNS).join(Body, Body.id == Invitation.body_id).join(Event, Event.id == Invitation.event_id)
            .join(City, City.id == Event.city_id))


def _shown(row: Row[Any], now: datetime) -> Invited:
    kept = dict(row._mapping)
    contested_at = kept.pop("contested_at")
    kept["state"], kept["answer"] = State(kept["state"]), State(kept["answer"]) if kept["answer"] else None
    kept["event_state"], kept["hidden"] = EventState(kept["event_state"]), kept["hidden"] or {}
    if "official" in kept["hidden"]:
        kept["official_post"] = kept["official_name"] = ""
    today = local_date(now, kept["timezone"])
    facts = Facts(kept["state"], kept["answer"], kept["asked_on"], kept["due_on"], local_date(kept["starts_at"], kept["timezone"]),
                  kept["starts_at"], kept["event_state"] == EventState.CANCELLED)
    return Invited(**kept, contested=contested_at is not None, fate=fate(facts, today, now), silent_days=silent_days(facts, today))


def of_event(session: Session, event_id: int, now: datetime) -> list[Invited]:
    """Every invitation of an event in the order of the letters, withdrawn ones too."""
    rows = session.execute(_select().where(Invitation.event_id == event_id).order_by(Invitation.id))
    return [_shown(row, now) for row in rows]


@dataclass(frozen=True)
class Record:
    """How a body answered invitations, oldest first. counts: how many of each fate; withdrawn and called off are not counted."""

    rows: Sequence[Invited]
    counts: Counter[Fate]

    @property
    def invited(self) -> int:
        """How many invitations count."""
        return self.counts.total()


#: Says nothing about the body: the organiser took it back.
NOT_COUNTED = frozenset({Fate.WITHDRAWN, Fate.CALLED_OFF})


def record_of_body(session: Session, body_id: int, now: datetime, limit: int = 60) -> Record:
    """A body's invitations to public events, the last ``limit`` of them, as its page tells them."""
    chosen = (_select().where(Invitation.body_id == body_id, public_event()).order_by(Event.starts_at.desc(), Invitation.id.desc())
              .limit(limit))
    rows = [_shown(row, now) for row in session.execute(chosen)][::-1]
    return Record(rows, Counter(row.fate for row in rows if row.fate not in NOT_COUNTED))


def public_event() -> ColumnElement[bool]:
    """The event's page can be opened by everybody: announced once, whatever came of it."""
    return Event.announced_at.is_not(None)


def for_desk(session: Session, body_ids: Collection[int], contact_id: int | None, now: datetime, limit: int = 200) -> list[Invited]:
    """What an official has to know of: the invitations of the bodies, and those that name this person; next event first."""
    mine: list[ColumnElement[bool]] = [Invitation.body_id.in_(body_ids)]
    if contact_id is not None:
        mine += [Invitation.contact_id == contact_id, Invitation.delegate_contact_id == contact_id]
    chosen = _select().where(or_(*mine)).order_by(Event.starts_at.desc(), Invitation.id.desc()).limit(limit)
    return [_shown(row, now) for row in session.execute(chosen)]


def shown(session: Session, invitation_id: int, now: datetime) -> Invited:
    """One invitation as the public sees it."""
    return _shown(session.execute(_select().where(Invitation.id == invitation_id)).one(), now)


def by_number(session: Session, number: str) -> Invitation | None:
    """The invitation with this number."""
    return session.scalar(select(Invitation).where(Invitation.number == number))


def path(session: Session, invitation_id: int) -> Sequence[InvitationEvent]:
    """Its history, newest first."""
    return session.scalars(
        select(InvitationEvent).where(InvitationEvent.invitation_id == invitation_id).order_by(InvitationEvent.id.desc())).all()


def with_history(session: Session, event_id: int) -> dict[int, Invitation]:
    """The invitations of an event by id, each with its history, for the organiser's page."""
    chosen = select(Invitation).where(Invitation.event_id == event_id).options(selectinload(Invitation.events), joinedload(Invitation.body))
    return {invitation.id: invitation for invitation in session.scalars(chosen)}


def strike_requests(session: Session, event_id: int) -> Sequence[StrikeRequest]:
    """Requests to strike somebody from the list, in the order they were put on the record."""
    return session.scalars(select(StrikeRequest).where(StrikeRequest.event_id == event_id).order_by(StrikeRequest.id)).all()


def events_of_contact(session: Session, contact_id: int, body_ids: Collection[int]) -> Sequence[Event]:
    """Events of a person's own calendar: invited there and not declined; in the body's name, or as its delegate."""
    going = Invitation.state.not_in([State.WITHDRAWN, State.DECLINED])
    mine = or_(Invitation.contact_id == contact_id, Invitation.delegate_contact_id == contact_id,
               (Invitation.official_name == "") & Invitation.body_id.in_(body_ids))
    chosen = select(Invitation.event_id).where(going, mine)
    return session.scalars(select(Event).where(Event.id.in_(chosen)).order_by(Event.starts_at)).all()
