"""The door: letting people in by their ticket, from several devices, some of them without a network for a while.

A reading is known by the device's name and a key that the device made, so that it may be sent again. The first reading
to arrive here counts; which clock is right does not matter. Later ones are told when the person came in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.codes import read_number
from civic.core.errors import NotAllowed
from civic.events import rules
from civic.events.models import CheckIn, Event, Registration
from civic.events.states import EventState, RegistrationState

#: When people are let in; afterwards too, for devices that come back late.
DOOR_OPEN = frozenset({EventState.ANNOUNCED, EventState.LIVE, EventState.FINISHED})


class Entry(StrEnum):
    """What a reading says: come in; came in before; has no place; no such ticket here; the door is not open."""

    IN = "in"
    ALREADY = "already"
    NO_PLACE = "no_place"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True)
class Reading:
    """One reading of a ticket. device, client_key: names made by the device. device_at: its clock, kept but not believed."""

    number: str
    device: str
    client_key: str
    device_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What the door is told. came_at: when the person came in, by our clock. here: whether this device let them in."""

    entry: Entry
    number: str
    name: str = ""
    came_at: datetime | None = None
    here: bool = False


def check_in(session: Session, event: Event, actor: Actor, reading: Reading, now: datetime) -> Answer:
    """Let a person in. The same reading sent again gives the same answer. Raises ``NotAllowed``."""
    if not rules.may_keep_the_door(actor, event):
        raise NotAllowed(action="check_in")
    number = read_number(reading.number)
    registration = session.scalar(
        select(Registration).where(Registration.number == number, Registration.event_id == event.id)
        .with_for_update(of=Registration).execution_options(populate_existing=True)
    ) if number else None
    if registration is None or number is None:
        return Answer(Entry.UNKNOWN, reading.number)
    if event.state not in DOOR_OPEN:
        return Answer(Entry.CLOSED, number)
    before = session.scalar(select(CheckIn).where(CheckIn.registration_id == registration.id, CheckIn.device == reading.device,
                                                  CheckIn.client_key == reading.client_key))
    if before is not None:
        return _answer(registration, before.first, reading.device == before.device)
    if registration.state != RegistrationState.REGISTERED:
        return Answer(Entry.NO_PLACE, number, registration.name)
    first = registration.came_at is None
    session.add(CheckIn(registration_id=registration.id, device=reading.device, client_key=reading.client_key, at=now,
                        device_at=reading.device_at, user_id=actor.user_id, first=first))
    if first:
        registration.came_at = now
    session.flush()
    return _answer(registration, first, first or _let_in_by(session, registration) == reading.device)


def _answer(registration: Registration, first: bool, here: bool) -> Answer:
    entry = Entry.IN if first else Entry.ALREADY
    return Answer(entry, registration.number, registration.name, registration.came_at, here)


def _let_in_by(session: Session, registration: Registration) -> str | None:
    return session.scalar(select(CheckIn.device).where(CheckIn.registration_id == registration.id, CheckIn.first))


def guest_list(session: Session, event: Event) -> Sequence[Row[str, str, datetime | None]]:
    """(number, name, when they came) of everybody who has a place, by name: for a device that may lose the network."""
    return session.execute(
        select(Registration.number, Registration.name, Registration.came_at)
        .where(Registration.event_id == event.id, Registration.state == RegistrationState.REGISTERED)
        .order_by(Registration.name, Registration.id)
    ).all()
