"""The states of a complaint and every step between them, as the law and the product allow.

Articles are those of the Administrative Procedural Code of Kazakhstan (350-VI, text of 29 December 2025).
"""

from dataclasses import dataclass
from enum import StrEnum

from civic.complaints import rules
from civic.core.transitions import Transition, TransitionTable


class State(StrEnum):
    """Where a complaint stands. UNCONFIRMED: answered, and the resident kept silent; never counted as confirmed."""

    REGISTERED = "registered"
    IN_WORK = "in_work"
    HEARING = "hearing"
    FORWARDED = "forwarded"
    EXTENDED = "extended"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    REOPENED = "reopened"
    UNCONFIRMED = "unconfirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


S = State
#: The body has to act; the term runs.
OPEN = frozenset({S.REGISTERED, S.IN_WORK, S.HEARING, S.FORWARDED, S.EXTENDED, S.DISPUTED, S.REOPENED})
#: Nothing more happens.
CLOSED = frozenset({S.CONFIRMED, S.UNCONFIRMED, S.RETURNED, S.WITHDRAWN, S.DUPLICATE})


class AppealKind(StrEnum):
    """Kinds of appeal (article 4(1)). A petition is collected elsewhere, not filed by one resident."""

    NOTICE = "notice"
    APPLICATION = "application"
    COMPLAINT = "complaint"
    PROPOSAL = "proposal"
    RESPONSE = "response"
    REQUEST = "request"


@dataclass(frozen=True)
class Procedure:
    """What the law asks for a kind of appeal. working_days: the term, in working days."""

    working_days: int
    hearing: bool
    extendable: bool


PROCEDURES = {
    AppealKind.NOTICE: Procedure(15, hearing=False, extendable=True),  # simplified, articles 76, 87-89
    AppealKind.APPLICATION: Procedure(15, hearing=True, extendable=True),  # ordinary, articles 73, 76
    AppealKind.COMPLAINT: Procedure(20, hearing=True, extendable=False),  # articles 91-101
    AppealKind.PROPOSAL: Procedure(15, hearing=False, extendable=True),
    AppealKind.RESPONSE: Procedure(15, hearing=False, extendable=True),
    AppealKind.REQUEST: Procedure(15, hearing=False, extendable=True),
}

FORWARDING_DAYS = 3  # article 65, working days after arrival
RETURNING_DAYS = 3  # article 64(7), working days after arrival
EXTENSION_MONTHS = 2  # article 76(3), calendar months from the decision
HEARING_NOTICE_DAYS = 3  # article 73(1), working days
SECOND_DISPUTE_DAYS = 20  # article 99: a complaint to the body above
RESPONSE_DAYS = 10  # ours: working days in which the resident confirms or disputes
RESPONSE_REMINDER_DAYS = 5  # ours: working days after the answer
DUE_SOON_DAYS = 3  # ours: working days before the due date


class Outcome(StrEnum):
    """What an answer says."""

    RESOLVED = "resolved"
    EXPLAINED = "explained"
    REFUSED = "refused"


class ReturnGround(StrEnum):
    """The law's only grounds for a return (article 64(7))."""

    DEFECTS_NOT_MENDED = "defects_not_mended"
    REPEATED = "repeated"
    OBSCENE = "obscene"


_NEW = frozenset({S.REGISTERED, S.FORWARDED})
_AT_WORK = _NEW | {S.IN_WORK, S.EXTENDED, S.REOPENED}

TRANSITIONS = TransitionTable(
    Transition(name, frozenset(sources), target, allowed)
    for name, sources, target, allowed in (
        ("accept", _NEW | {S.REOPENED}, S.IN_WORK, rules.is_official),
        ("answer", OPEN, S.ANSWERED, rules.may_answer),
        ("forward", _NEW | {S.IN_WORK}, S.FORWARDED, rules.is_official),
        ("extend", _AT_WORK | {S.HEARING}, S.EXTENDED, rules.is_head),
        ("hold_hearing", {S.IN_WORK, S.EXTENDED, S.REOPENED}, S.HEARING, rules.is_official),
        ("return", _NEW, S.RETURNED, rules.is_official),
        ("mark_duplicate", _AT_WORK, S.DUPLICATE, rules.is_official),
        ("reopen", {S.DISPUTED}, S.REOPENED, rules.is_head),
        ("confirm", {S.ANSWERED}, S.CONFIRMED, rules.is_applicant),
        ("dispute", {S.ANSWERED}, S.DISPUTED, rules.is_applicant),
        ("withdraw", OPEN | {S.ANSWERED}, S.WITHDRAWN, rules.is_applicant),
        ("lapse", {S.ANSWERED}, S.UNCONFIRMED, rules.is_system),
    )
)
