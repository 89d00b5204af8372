"""Places and the waiting list. Everything here is called with the event taken for writing, so that the order holds."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM
from civic.events.models import Event, Registration
from civic.events.states import AHEAD, REGISTRATION_STEPS, RegistrationState
from civic.jobs.service import enqueue

OFFER_LIVES = timedelta(hours=24)
OFFERED_AT_ONCE = 200


def take_place(session: Session, event: Event) -> bool:
    """Hold one place, when there is one: one statement, so that no two can get the last."""
    free = or_(Event.capacity.is_(None), Event.taken < Event.capacity)
    taken = session.scalar(update(Event).where(Event.id == event.id, free).values(taken=Event.taken + 1).returning(Event.taken)
                           .execution_options(synchronize_session=False))
    if taken is not None:
        session.expire(event, ["taken"])
    return taken is not None


def give_back(session: Session, event: Event, now: datetime) -> None:
    """A place is free again: the next in the list gets it offered."""
    session.execute(update(Event).where(Event.id == event.id).values(taken=Event.taken - 1).execution_options(synchronize_session=False))
    session.expire(event, ["taken"])
    fill_places(session, event, now)


def fill_places(session: Session, event: Event, now: datetime) -> int:
    """Offer free places to those who wait longest, until one or the other is used up; returns how many.

    An offer lives ``OFFER_LIVES``, but never past the beginning; who says nothing loses it to the next.
    """
    if event.state not in AHEAD or now >= event.starts_at:
        return 0
    session.flush()
    waiting = session.scalars(
        select(Registration).where(Registration.event_id == event.id, Registration.state == RegistrationState.WAITING)
        .order_by(Registration.queued_at, Registration.id).limit(OFFERED_AT_ONCE)
    ).all()
    offered = 0
    for registration in waiting:
        if not take_place(session, event):
            break
        registration.offer_until = min(now + OFFER_LIVES, event.starts_at)
        change(session, registration, REGISTRATION_STEPS.check("offer", SYSTEM, registration).target, now)
        offered += 1
    return offered


def change(session: Session, registration: Registration, state: RegistrationState, now: datetime) -> None:
    """Write the state and order the letter that tells of it."""
    registration.state, registration.changed_at = state, now
    if state != RegistrationState.OFFERED:
        registration.offer_until = None
    session.flush()
    tell(session, registration, state, now)


def tell(session: Session, registration: Registration, kind: str, now: datetime, key: str = "") -> bool:
    """Order a letter about a registration, at once also to those who get the others once a day: it has a deadline or a ticket."""
    once = key or f"{registration.id}:{kind}:{now.isoformat()}"
    payload = {"contact_id": registration.contact_id, "template": "event_registration", "registration_id": registration.id, "kind": kind}
    return enqueue(session, "mail", f"mail:registration:{once}", payload, now)
