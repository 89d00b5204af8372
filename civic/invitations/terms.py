"""Until when an answer is due. Days are local dates."""

from datetime import date

from civic.core.working_days import DAY, WorkCalendar
from civic.events.law import latest_before
from civic.invitations.states import ANSWER_BEFORE_EVENT_DAYS, ANSWER_DAYS, CONTEST_DAYS


def answer_due(calendar: WorkCalendar, asked_on: date, event_on: date) -> date:
    """Five working days after the letter, but two working days before the event when that is earlier.

    A letter that comes too late for that asks for an answer on the next day, on that of the event at the latest.
    """
    wanted = min(calendar.add(asked_on, ANSWER_DAYS), latest_before(calendar, event_on, ANSWER_BEFORE_EVENT_DAYS))
    return max(wanted, min(asked_on + DAY, event_on))


def contest_until(calendar: WorkCalendar, recorded_on: date) -> date:
    """The last day on which the body may contest what was recorded."""
    return calendar.add(recorded_on, CONTEST_DAYS)
