"""What became of an invitation, as the public is told: derived from what was done and from the dates, stored nowhere.

Not answering is an answer, so silence is counted from the letter; who said nothing and did not come stays silent, who
declined and did not come has declined. «Did not come» is said of those who had said they would.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from civic.invitations.states import State


class Fate(StrEnum):
    """One per invitation."""

    WAITING = "waiting"
    SILENT = "silent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELEGATE_NAMED = "delegate_named"
    DELEGATED = "delegated"
    DATE_ASKED = "date_asked"
    CAME = "came"
    DELEGATE_CAME = "delegate_came"
    ABSENT = "absent"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"


_OF_STATE = {
    State.ACCEPTED: Fate.ACCEPTED, State.DECLINED: Fate.DECLINED, State.DELEGATE_NAMED: Fate.DELEGATE_NAMED,
    State.DELEGATED: Fate.DELEGATED, State.DATE_ASKED: Fate.DATE_ASKED, State.WITHDRAWN: Fate.WITHDRAWN,
    State.PRESENT: Fate.CAME, State.DELEGATE_PRESENT: Fate.DELEGATE_CAME,
}


@dataclass(frozen=True)
class Facts:
    """What a fate follows from. asked_on, due_on and event_on are local dates."""

    state: State
    answer: State | None
    asked_on: date
    due_on: date
    event_on: date
    starts_at: datetime
    cancelled: bool


def fate(facts: Facts, today: date, now: datetime) -> Fate:
    """What became of it, seen on the local day ``today`` at ``now``."""
    if facts.state in (State.WITHDRAWN, State.PRESENT, State.DELEGATE_PRESENT):
        return _OF_STATE[facts.state]
    if facts.cancelled:
        return Fate.CALLED_OFF if facts.state in (State.SENT, State.ABSENT) else _OF_STATE[facts.state]
    if facts.state == State.ABSENT:
        return _not_there(facts.answer)
    if facts.state == State.SENT:
        return Fate.SILENT if today > facts.due_on or now >= facts.starts_at else Fate.WAITING
    return _OF_STATE[facts.state]


def _not_there(answer: State | None) -> Fate:
    if answer is None:
        return Fate.SILENT
    return Fate.DECLINED if answer in (State.DECLINED, State.DATE_ASKED) else Fate.ABSENT


def silent_days(facts: Facts, today: date) -> int:
    """How many days an answer has not come since the letter; the day of the event ends the count."""
    return max(0, (min(today, facts.event_on) - facts.asked_on).days)
