"""The states of a question and of a poll, and every step between them.

Every question gets an end: answered in the room, answered in writing, or «not answered», in public.
"""

from enum import StrEnum

from civic.core.transitions import Transition, TransitionTable
from civic.questions import rules


class State(StrEnum):
    """Where a question stands. WAITING: the moderator has not let it through yet; SHOWN: the room sees it and votes."""

    WAITING = "waiting"
    SHOWN = "shown"
    FOR_WRITING = "for_writing"
    ANSWERED_LIVE = "answered_live"
    ANSWERED_IN_WRITING = "answered_in_writing"
    NOT_ANSWERED = "not_answered"
    HIDDEN = "hidden"
    MERGED = "merged"


class PollState(StrEnum):
    """Where a poll stands. Results are shown once it is closed."""

    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"
    DISCARDED = "discarded"


class HiddenReason(StrEnum):
    """Why a question is hidden: told in public. There are no others."""

    INSULT = "insult"
    PERSONAL = "personal"
    OFF_TOPIC = "off_topic"
    ADVERTISING = "advertising"
    UNREADABLE = "unreadable"


class NameShown(StrEnum):
    """What the public sees of who asks."""

    NAME = "name"
    INITIALS = "initials"
    UNNAMED = "unnamed"


S, P = State, PollState
#: The public reads its text.
PUBLIC = frozenset({S.SHOWN, S.FOR_WRITING, S.ANSWERED_LIVE, S.ANSWERED_IN_WRITING, S.NOT_ANSWERED})
#: An answer is still to come.
OPEN = frozenset({S.WAITING, S.SHOWN, S.FOR_WRITING})
#: The end that every question gets.
ENDS = frozenset({S.ANSWERED_LIVE, S.ANSWERED_IN_WRITING, S.NOT_ANSWERED})
#: The moderator may pin it, and take it up: no steps, it stays where it stands.
MARKABLE = frozenset({S.SHOWN})
#: It stands in the recording, and the moderator may say where.
RECORDED = frozenset({S.ANSWERED_LIVE})
#: A poll that the projector may show.
FOR_SCREEN = frozenset({P.OPEN, P.CLOSED})

# Ours: the law knows no term for questions put in a room.
ANSWER_DAYS = 10  # working days after the event in which a body answers in writing
REMIND_DAYS = 3  # working days before a written answer is due in which the body is reminded once
GRACE_DAYS = 2  # working days after the event in which the moderator may still hand a question to a body


def _step(name: str, sources: set[State], target: State, allowed: rules.Rule) -> Transition[State]:
    return Transition(name, frozenset(sources), target, allowed)


TRANSITIONS = TransitionTable((
    _step("show", {S.WAITING}, S.SHOWN, rules.may_moderate_or_is_system),
    _step("hide", {S.WAITING, S.SHOWN}, S.HIDDEN, rules.may_moderate),
    _step("unhide", {S.HIDDEN}, S.SHOWN, rules.may_moderate),
    _step("merge", {S.WAITING, S.SHOWN}, S.MERGED, rules.may_moderate),
    _step("split", {S.MERGED}, S.SHOWN, rules.may_moderate),
    _step("answer_live", {S.SHOWN, S.FOR_WRITING}, S.ANSWERED_LIVE, rules.may_moderate),
    _step("reopen", {S.ANSWERED_LIVE}, S.SHOWN, rules.may_moderate),  # pressed by mistake
    _step("hand_over", {S.SHOWN}, S.FOR_WRITING, rules.may_moderate_or_is_system),
    # an answer is never too late to be given, and is counted as late
    _step("answer_in_writing", {S.FOR_WRITING, S.NOT_ANSWERED}, S.ANSWERED_IN_WRITING, rules.may_answer),
    _step("close", {S.WAITING, S.SHOWN, S.FOR_WRITING}, S.NOT_ANSWERED, rules.is_system),
))

POLL_STEPS = TransitionTable((
    Transition("open", frozenset({P.PREPARED}), P.OPEN, rules.may_moderate),
    Transition("close", frozenset({P.OPEN}), P.CLOSED, rules.may_moderate_or_is_system),
    Transition("discard", frozenset({P.PREPARED}), P.DISCARDED, rules.may_moderate),
))
