"""The states of an event and of a registration, and every step between them."""

from enum import StrEnum

from civic.core.transitions import Transition, TransitionTable
from civic.events import rules


class EventState(StrEnum):
    """Where an event stands. Moving one keeps it announced: the step with its reason stands in the history."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    LIVE = "live"
    FINISHED = "finished"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


#: It has begun, so that something was said there that can be written down.
BEGUN = frozenset({EventState.LIVE, EventState.FINISHED, EventState.PUBLISHED})


class RegistrationState(StrEnum):
    """Where a registration stands. REGISTERED and OFFERED hold a place."""

    PENDING = "pending"
    WAITING = "waiting"
    OFFERED = "offered"
    REGISTERED = "registered"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Right(StrEnum):
    """What a person may do in an organisation: everything; make events; let people in at the door."""

    OWNER = "owner"
    ORGANISER = "organiser"
    DOOR = "door"


class Mode(StrEnum):
    """Where people meet."""

    ROOM = "room"
    ONLINE = "online"
    HYBRID = "hybrid"


class Admission(StrEnum):
    """How one comes in: just so, by registering, by registering and being approved."""

    FREE = "free"
    OPEN = "open"
    APPROVAL = "approval"


class Consent(StrEnum):
    """What a registration asks agreement to: nothing; being recorded; the same, by a parent for a pupil."""

    NONE = "none"
    RECORDING = "recording"
    MINORS = "minors"


E = EventState
R = RegistrationState
#: Its page may be opened by everybody (a cancelled one only when it was announced before).
SHOWN = frozenset({E.ANNOUNCED, E.LIVE, E.FINISHED, E.PUBLISHED, E.CANCELLED})
#: Still to come or under way.
AHEAD = frozenset({E.ANNOUNCED, E.LIVE})
#: Registrations that hold a place.
HOLDING = frozenset({R.REGISTERED, R.OFFERED})
#: Registrations that may still become or remain a place.
ALIVE = HOLDING | {R.PENDING, R.WAITING}

EVENT_STEPS = TransitionTable(
    Transition(name, frozenset(sources), target, allowed)
    for name, sources, target, allowed in (
        ("announce", {E.DRAFT}, E.ANNOUNCED, rules.may_organise),
        ("move", {E.ANNOUNCED}, E.ANNOUNCED, rules.may_organise),
        ("start", {E.ANNOUNCED}, E.LIVE, rules.may_organise_or_is_system),
        ("finish", {E.LIVE}, E.FINISHED, rules.may_organise_or_is_system),
        ("publish", {E.FINISHED}, E.PUBLISHED, rules.may_organise),
        ("cancel", {E.DRAFT, E.ANNOUNCED, E.LIVE}, E.CANCELLED, rules.may_organise),
    )
)

REGISTRATION_STEPS = TransitionTable(
    Transition(name, frozenset(sources), target, allowed)
    for name, sources, target, allowed in (
        ("approve", {R.PENDING}, R.REGISTERED, rules.may_approve),
        ("queue", {R.PENDING}, R.WAITING, rules.may_approve),
        ("decline", {R.PENDING, R.WAITING}, R.DECLINED, rules.may_approve),
        ("offer", {R.WAITING}, R.OFFERED, rules.is_system),
        ("accept", {R.OFFERED}, R.REGISTERED, rules.is_registered_person),
        ("lapse", {R.OFFERED}, R.LAPSED, rules.is_system),
        ("cancel", {R.PENDING, R.WAITING, R.OFFERED, R.REGISTERED}, R.CANCELLED, rules.is_registered_person),
    )
)
