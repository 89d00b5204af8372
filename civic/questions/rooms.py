"""A discussion's room: making it, its version, its settings, who takes part, and the log.

Actor and time are arguments; the caller's transaction is used and never committed.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM, Actor
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.events.models import Event, Registration
from civic.events.rules import may_organise
from civic.events.states import AHEAD, Admission, EventState, RegistrationState
from civic.jobs.service import enqueue
from civic.limits import votes
from civic.moderation.looking import look_for_signs
from civic.places.models import City
from civic.questions import rules
from civic.questions.models import Participant, Poll, Question, Room, RoomModerator, RoomStep

#: Devices join by the code from so long before the beginning until so long after the planned end.
DOORS_OPEN, DOORS_CLOSE = timedelta(hours=1), timedelta(hours=1)
#: So many devices from one address within a minute are suspect (``limits.votes``); there the room is one kind of votes.
BURST, BURST_IN, ROOM = votes.SIGNALS["hall_burst"], timedelta(minutes=1), "room"
#: Steps of a question after which somebody is written to.
TOLD = frozenset({"hide", "unhide", "merge", "answer_live", "hand_over", "remind", "answer_in_writing", "close"})
#: Steps that put words before the public, and which parts of the question they are (None: all that it has): rules look at them.
SAID: dict[str, list[str] | None] = {"show": None, "unhide": None, "split": None, "answer_in_writing": ["answer"]}
#: The room's own columns: taking it for writing reads no event again.
COLUMNS = [attribute.key for attribute in Room.__mapper__.column_attrs]
#: Called with each room that changed, in its transaction: the transport of live deltas orders its delivery here.
ON_CHANGE: list[Callable[[Session, Room, datetime], None]] = []


class NotInRoom(DomainError):
    """Neither registered for the event, nor let in by the code while the doors are open."""

    code = "not_in_room"


class RoomNotOpen(DomainError):
    """Questions and votes are taken while the discussion is ahead or going on."""

    code = "room_not_open"


@dataclass(frozen=True)
class Who:
    """Who knocks: a proven address, or a device (hash of its mark); address: a keyed hash of where it comes from."""

    contact_id: int | None = None
    device: str | None = None
    address: str = ""


def open_room(session: Session, event: Event, now: datetime) -> Room:
    """The room of the event, made when there is none yet."""
    room = session.scalar(select(Room).where(Room.event_id == event.id))
    if room is None:
        room = Room(event_id=event.id, event=event, code=_free_code(session, event), made_at=now)
        session.add(room)
        session.flush()
    return room


def _free_code(session: Session, event: Event) -> str:
    """Three letters of the city and three digits while there are enough of them; then any of the same form."""
    prefix, letters = session.get_one(City, event.city_id).prefix, "ABCDEFGHJKMNPQRSTVWXYZ"
    for attempt in range(10_000):
        front = prefix if attempt < 20 else "".join(secrets.choice(letters) for _ in range(3))
        code = f"{front}{secrets.randbelow(900) + 100}"
        if session.scalar(select(Room.id).where(Room.code == code)) is None:
            return code
    raise AssertionError("codes of rooms have run out")


def touch(session: Session, room: Room, now: datetime) -> int:
    """Take the room for writing and raise its version; everything that is read afterwards is what others have left.

    Always the first step of a writer: so writers of one room wait for each other here and nowhere else.
    """
    session.flush()  # refresh throws away what was not written yet
    raised = update(Room).where(Room.id == room.id).values(version=Room.version + 1)
    session.execute(raised.execution_options(synchronize_session=False))
    session.refresh(room, COLUMNS)
    for hand_on in ON_CHANGE:
        hand_on(session, room, now)
    return room.version


def record(session: Session, room: Room, kind: str, actor: Actor, now: datetime, *, question: Question | None = None,
           poll: Poll | None = None, before: str | None = None, role: str | None = None, **facts: Any) -> RoomStep:
    """Write one step into the log, and order the letters that belong to it."""
    thing = question or poll
    step = RoomStep(room_id=room.id, question_id=question.id if question else None, poll_id=poll.id if poll else None, kind=kind, at=now,
                    role=role or ("system" if actor.system else "moderator"), user_id=actor.user_id, from_state=before,
                    to_state=thing.state if thing else None, facts=facts)
    session.add(step)
    session.flush()
    if question is not None and kind in TOLD:
        enqueue(session, "question_step", f"question_step:{step.id}", {"step_id": step.id}, now)
    if question is not None and kind in SAID:
        look_for_signs(session, "question", str(question.id), now, once=step.id, parts=SAID[kind])
    return step


def takes_questions(room: Room, now: datetime) -> bool:
    """Whether a question may be asked now."""
    opened = room.opens_at is None or now >= room.opens_at
    return is_going(room, now) and opened and (room.closes_at is None or now < room.closes_at)


def is_going(room: Room, now: datetime) -> bool:
    """Whether votes count now: the discussion is ahead or going on."""
    return room.event.state in AHEAD and now < room.event.ends_at + DOORS_CLOSE


def doors_open(room: Room, now: datetime) -> bool:
    """Whether a device may join by the code."""
    event = room.event
    return event.state in AHEAD and (event.state == EventState.LIVE or now >= event.starts_at - DOORS_OPEN) and now < event.ends_at + DOORS_CLOSE


def may_come_in(session: Session, room: Room, contact_id: int | None) -> bool:
    """Whether the address takes part by itself: it holds a place, or the event asks for none."""
    if contact_id is None:
        return False
    if room.event.admission == Admission.FREE:
        return True
    place = select(Registration.id).where(Registration.event_id == room.event_id, Registration.contact_id == contact_id,
                                          Registration.state == RegistrationState.REGISTERED)
    return session.scalar(place) is not None


def find(session: Session, room: Room, who: Who) -> Participant | None:
    """The voice that this visitor has in the room already. A registered address goes before its device."""
    if may_come_in(session, room, who.contact_id):
        return session.scalar(select(Participant).where(Participant.room_id == room.id, Participant.contact_id == who.contact_id))
    if who.device is None:
        return None
    return session.scalar(select(Participant).where(Participant.room_id == room.id, Participant.device == who.device))


def come_in(session: Session, room: Room, who: Who, now: datetime) -> Participant:
    """The visitor's voice, given at the first time. Raises ``NotInRoom``."""
    held = find(session, room, who)
    if held is not None:
        return held
    registered = may_come_in(session, room, who.contact_id)
    if not registered and (who.device is None or not doors_open(room, now)):
        raise NotInRoom()
    room.changed = touch(session, room, now)
    held = find(session, room, who)  # pressed twice: the other press was first
    if held is not None:
        return held
    burst = select(func.count()).select_from(Participant).where(
        Participant.room_id == room.id, Participant.address == who.address, Participant.joined_at > now - BURST_IN, Participant.device.is_not(None))
    suspect = not registered and (session.scalar(burst) or 0) >= BURST
    made = Participant(room_id=room.id, contact_id=who.contact_id if registered else None, device=None if registered else who.device,
                       address=who.address, joined_at=now, suspect=suspect)
    session.add(made)
    room.people += 1
    session.flush()
    if suspect:
        votes.mark(session, ROOM, room.id, {made.id: {"hall_burst"}}, now)
    return made


def change_settings(session: Session, room: Room, actor: Actor, now: datetime, *, opens_at: datetime | None, closes_at: datetime | None,
                    moderated: bool) -> None:
    """When questions are taken, and whether they are shown at once. Raises ``closes_before_opening``."""
    if not rules.moderates(actor, room):
        raise NotAllowed(action="settings")
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise InputRefused("closes", "closes_before_opening")
    room.changed = touch(session, room, now)
    room.opens_at, room.closes_at, room.moderated = opens_at, closes_at, moderated
    record(session, room, "settings", actor, now, moderated=moderated, opens=opens_at.isoformat() if opens_at else None,
           closes=closes_at.isoformat() if closes_at else None)


def name_moderator(session: Session, room: Room, actor: Actor, now: datetime, email: str) -> None:
    """Somebody of the organisation, at the door too, looks after the room. Raises ``not_of_the_organisation``, ``moderator_already``.

    Others are no choice here: the answer would tell which addresses have an account.
    """
    if not may_organise(actor, room.event):
        raise NotAllowed(action="name_moderator")
    members = [m.user for m in room.event.organisation.members if m.ended_at is None]
    user = next((u for u in members if u.email == email.strip().lower()), None)
    if user is None:
        raise InputRefused("email", "not_of_the_organisation")
    if any(m.user_id == user.id and m.ended_at is None for m in room.moderators):
        raise InputRefused("email", "moderator_already")
    session.add(RoomModerator(room_id=room.id, user_id=user.id, began_at=now))
    session.flush()
    session.expire(room, ["moderators"])
    step = record(session, room, "name_moderator", actor, now)
    enqueue(session, "room_moderator", f"room_moderator:{step.id}", {"room_id": room.id, "user_id": user.id, "step_id": step.id}, now)


def end_moderator(session: Session, room: Room, actor: Actor, now: datetime, moderator_id: int) -> None:
    """The person looks after the room no more."""
    if not may_organise(actor, room.event):
        raise NotAllowed(action="end_moderator")
    for moderator in room.moderators:
        if moderator.id == moderator_id and moderator.ended_at is None:
            moderator.ended_at = now
            record(session, room, "end_moderator", actor, now)


def open_announced(session: Session, now: datetime, limit: int = 200) -> int:
    """Every announced discussion has its room. Returns how many were made."""
    without = (select(Event).outerjoin(Room, Room.event_id == Event.id)
               .where(Event.state.in_(AHEAD), Room.id.is_(None)).order_by(Event.starts_at).limit(limit))
    events = session.scalars(without).all()
    for event in events:
        record(session, open_room(session, event, now), "make", SYSTEM, now)
    return len(events)
