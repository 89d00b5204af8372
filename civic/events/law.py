"""The dates of the law "On public control" (30-VIII of 2 October 2023) for a public discussion, and what was kept of them.

A term of n working days before a day is kept when n working days lie after the act up to and including that day,
counted as everywhere here: from the day after the act.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.events.formats import FORMATS
from civic.events.models import Event
from civic.events.states import EventState

ANNOUNCED_BEFORE = 3  # article 10(2), working days
INVITED_BEFORE = 5  # article 10(3)
DOCUMENT_WITHIN = 7  # article 13(2)
ANSWER_WITHIN = 10  # article 13(4)
WARNED_BEFORE = 2  # ours: working days before a date


class Kept(StrEnum):
    """What became of a date: kept; done, but late; not done and over; still to come."""

    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"
    OPEN = "open"


@dataclass(frozen=True)
class LawDate:
    """One line of the checklist. name: ``announced``, ``invited``, ``document``, ``answers``. due: a local date, None while
    it cannot be known. done: the local date it was done. soon: to be done within ``WARNED_BEFORE`` working days, or overdue."""

    name: str
    days: int
    due: date | None
    done: date | None
    kept: Kept
    soon: bool = False


def latest_before(calendar: WorkCalendar, day: date, working_days: int) -> date:
    """The last working day on which something that is due ``working_days`` before ``day`` is in time."""
    found = day - timedelta(days=1)
    while not calendar.is_working(found) or calendar.add(found, working_days) > day:
        found -= timedelta(days=1)
    return found


def checklist(event: Event, calendar: WorkCalendar, now: datetime) -> list[LawDate]:
    """The four dates of an event, in order of time. An event called off owes nothing any more."""
    zone = event.city.timezone
    today, day = local_date(now, zone), local_date(event.starts_at, zone)
    last = local_date(event.ends_at, zone)
    published = _day(event.published_at, zone)
    lines = [
        _line("announced", ANNOUNCED_BEFORE, latest_before(calendar, day, ANNOUNCED_BEFORE), _day(event.announced_at, zone), calendar, today),
        _line("invited", INVITED_BEFORE, latest_before(calendar, day, INVITED_BEFORE), _day(event.invited_at, zone), calendar, today),
        _line("document", DOCUMENT_WITHIN, calendar.add(last, DOCUMENT_WITHIN), published, calendar, today),
        _answers(event, calendar, today, published, zone),
    ]
    if event.invited_at is None and not FORMATS[event.format].needs_official:
        del lines[1]  # nobody has to be invited to it
    return lines if event.state != EventState.CANCELLED else [line for line in lines if line.done is not None]


def _answers(event: Event, calendar: WorkCalendar, today: date, published: date | None, zone: str) -> LawDate:
    """Answers to recommendations: as late as the last one."""
    if published is None:
        return LawDate("answers", ANSWER_WITHIN, None, None, Kept.OPEN)
    due = calendar.add(published, ANSWER_WITHIN)
    answered = [_day(r.answered_at, zone) for r in event.recommendations]
    if not answered:
        return LawDate("answers", ANSWER_WITHIN, due, published, Kept.KEPT)
    done = None if None in answered else max(d for d in answered if d is not None)
    return _line("answers", ANSWER_WITHIN, due, done, calendar, today)


def _line(name: str, days: int, due: date, done: date | None, calendar: WorkCalendar, today: date) -> LawDate:
    if done is not None:
        return LawDate(name, days, due, done, Kept.KEPT if done <= due else Kept.LATE)
    over = today > due
    return LawDate(name, days, due, None, Kept.MISSED if over else Kept.OPEN, over or calendar.add(today, WARNED_BEFORE) >= due)


def _day(moment: datetime | None, timezone: str) -> date | None:
    return None if moment is None else local_date(moment, timezone)
