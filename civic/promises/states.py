"""The states of a promise and every step between them. All terms here are ours: the law knows no promises.

First the wording: the body confirms it, disputes it, or keeps silent; each way the promise stands on the record. Then what
came of it: reported as kept with evidence, contested or not; or late, and broken by the clock.
"""

from enum import StrEnum

from civic.core.transitions import Transition, TransitionTable
from civic.promises import rules


class State(StrEnum):
    """Where a promise stands.

    RECORDED: the body's word on the wording is awaited. DISPUTED: the organiser amends the wording or stands by it.
    PENDING: it stands, and its day is to come. LATE: its day has passed and nobody has reported it as kept.
    CLAIMED: the body says that it is kept, and may be contested. CONTESTED: somebody says it is not; the organiser decides.
    TAKEN_BACK: by the body, before its day. IN_ERROR: the organiser recorded it in error; it counts nowhere.
    """

    RECORDED = "recorded"
    DISPUTED = "disputed"
    PENDING = "pending"
    LATE = "late"
    CLAIMED = "claimed"
    CONTESTED = "contested"
    KEPT = "kept"
    BROKEN = "broken"
    TAKEN_BACK = "taken_back"
    IN_ERROR = "in_error"


class Wording(StrEnum):
    """What the body said of the words; it stays known whatever comes later. DISPUTED: the organiser stood by them."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    UNANSWERED = "unanswered"


S = State
#: The wording is being settled.
ASKED = frozenset({S.RECORDED, S.DISPUTED})
#: Its day has not come, and nothing was reported.
AHEAD = ASKED | {S.PENDING}
#: Nobody knows yet what becomes of it.
OPEN = AHEAD | {S.LATE, S.CLAIMED, S.CONTESTED}

WORDING_DAYS = 5  # working days in which the body confirms or disputes the wording; then as many in which the organiser decides
CONTEST_DAYS = 10  # working days after a report in which it may be contested; then as many in which the organiser decides
BROKEN_AFTER = 30  # calendar days after its day after which a promise without a report counts as broken
REMINDER_DAYS = (14, 3)  # calendar days before its day on which the body is reminded


def _step(name: str, sources: frozenset[State], target: State, allowed: rules.Rule) -> Transition[State]:
    return Transition(name, sources, target, allowed)


#: Until when each is possible is told by dates, besides the table: see ``service``.
TRANSITIONS = TransitionTable((
    _step("confirm", frozenset({S.RECORDED}), S.PENDING, rules.is_of_body),
    _step("dispute", frozenset({S.RECORDED}), S.DISPUTED, rules.is_of_body),
    _step("silence", frozenset({S.RECORDED}), S.PENDING, rules.is_system),
    _step("amend", frozenset({S.DISPUTED}), S.RECORDED, rules.is_organiser),
    _step("stand", frozenset({S.DISPUTED}), S.PENDING, rules.is_organiser_or_system),
    _step("claim", frozenset({S.PENDING, S.LATE, S.BROKEN}), S.CLAIMED, rules.is_of_body),
    _step("contest", frozenset({S.CLAIMED, S.CONTESTED}), S.CONTESTED, rules.may_contest),
    _step("find_kept", frozenset({S.CONTESTED}), S.KEPT, rules.is_organiser),
    _step("find_broken", frozenset({S.CONTESTED}), S.BROKEN, rules.is_organiser),
    _step("find_open", frozenset({S.CONTESTED}), S.PENDING, rules.is_organiser),  # there is time left to keep it
    _step("settle", frozenset({S.CLAIMED, S.CONTESTED}), S.KEPT, rules.is_system),
    _step("overdue", frozenset({S.PENDING}), S.LATE, rules.is_system),
    _step("lapse", frozenset({S.LATE}), S.BROKEN, rules.is_system),
    _step("take_back", AHEAD, S.TAKEN_BACK, rules.is_of_body),
    _step("retract", AHEAD, S.IN_ERROR, rules.is_organiser),
))
#: Possible up to the promise's day.
UP_TO_ITS_DAY = frozenset({"take_back", "retract", "find_open"})
