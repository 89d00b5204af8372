"""The states of an invitation and every step between them.

What is stored is what people did. That somebody kept silent, or did not come though they said they would, is derived
from these states and the dates: see ``fates``.
"""

from enum import StrEnum

from civic.core.transitions import Transition, TransitionTable
from civic.invitations import rules


class State(StrEnum):
    """Where an invitation stands. SENT: an answer is waited for; DELEGATE_NAMED: the delegate has not said yes yet."""

    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELEGATE_NAMED = "delegate_named"
    DELEGATED = "delegated"
    DATE_ASKED = "date_asked"
    WITHDRAWN = "withdrawn"
    PRESENT = "present"
    DELEGATE_PRESENT = "delegate_present"
    ABSENT = "absent"


S = State
#: The event has not begun for it: the invited may answer, and answer otherwise.
ANSWERABLE = frozenset({S.SENT, S.ACCEPTED, S.DECLINED, S.DELEGATE_NAMED, S.DELEGATED, S.DATE_ASKED})
#: The organiser has written down who came.
RECORDED = frozenset({S.PRESENT, S.DELEGATE_PRESENT, S.ABSENT})
#: Somebody has still to say a word: reminders go out.
WAITING = frozenset({S.SENT, S.DELEGATE_NAMED})

# Ours, in days: the law says only that officials are invited at least five working days before and need not come.
ANSWER_DAYS = 5  # working days after the letter in which an answer is asked for
ANSWER_BEFORE_EVENT_DAYS = 2  # working days before the event by which the organiser has to know
REMINDER_DAYS = (3, 1)  # calendar days before the answer is due
CONTEST_DAYS = 5  # working days after attendance was recorded


def _step(name: str, sources: frozenset[State], target: State, allowed: rules.Rule) -> Transition[State]:
    return Transition(name, sources, target, allowed)


TRANSITIONS = TransitionTable((
    _step("accept", ANSWERABLE - {S.ACCEPTED}, S.ACCEPTED, rules.may_answer),
    _step("decline", ANSWERABLE, S.DECLINED, rules.may_answer),
    _step("delegate", ANSWERABLE, S.DELEGATE_NAMED, rules.may_answer),
    _step("ask_date", ANSWERABLE, S.DATE_ASKED, rules.may_answer),
    _step("delegate_confirm", frozenset({S.DELEGATE_NAMED}), S.DELEGATED, rules.is_delegate),
    _step("delegate_refuse", frozenset({S.DELEGATE_NAMED, S.DELEGATED}), S.SENT, rules.is_delegate),
    _step("keep_date", frozenset({S.DATE_ASKED}), S.SENT, rules.is_organiser),
    _step("ask_again", ANSWERABLE, S.SENT, rules.is_system),  # the event was moved: an answer was for the old date
    _step("withdraw", ANSWERABLE, S.WITHDRAWN, rules.is_organiser),
    _step("record_present", ANSWERABLE | RECORDED - {S.PRESENT}, S.PRESENT, rules.is_organiser),
    _step("record_delegate", ANSWERABLE | RECORDED - {S.DELEGATE_PRESENT}, S.DELEGATE_PRESENT, rules.is_organiser),
    _step("record_absent", ANSWERABLE | RECORDED - {S.ABSENT}, S.ABSENT, rules.is_organiser),
))
#: Steps of the invited and of the delegate: possible until the event begins.
ANSWERS = frozenset({"accept", "decline", "delegate", "ask_date", "delegate_confirm", "delegate_refuse"})
#: Steps of the organiser once it has begun.
RECORDS = frozenset({"record_present", "record_delegate", "record_absent"})
