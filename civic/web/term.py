"""The term strip: one bar per working day of the legal term."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext, ngettext

from civic.core.working_days import DAY, WorkCalendar

MOST_BARS = 60


@dataclass(frozen=True)
class Strip:
    """weeks: bars by calendar week, each ``spent``, ``today``, ``left`` or ``past``. words: the same, said."""

    weeks: Sequence[Sequence[str]]
    words: str
    total: int


def days_left(calendar: WorkCalendar, start: date, due: date, today: date) -> str:
    """«6 working days left» of a term that began after ``start``, «due today», «overdue by 4 days»."""
    if today > due:
        return ngettext("overdue by %(num)d day", "overdue by %(num)d days", (today - due).days)
    if today == due:
        return gettext("due today")
    left = calendar.between(max(today, start), due)
    return ngettext("%(num)d working day left", "%(num)d working days left", left)


def term_strip(calendar: WorkCalendar, start: date, due: date, at: date, *, ended: bool) -> Strip:
    """The strip of a term that began after ``start``, seen on day ``at``. ended: the body has answered by ``at``."""
    weeks: list[list[str]] = []
    week, total = None, 0
    for day in calendar.days(start + DAY, max(due, min(at, due + 40 * DAY))):
        if len(weeks) and sum(map(len, weeks)) >= MOST_BARS:
            break
        if day.isocalendar()[:2] != week:
            week = day.isocalendar()[:2]
            weeks.append([])
        total += day <= due
        weeks[-1].append(_bar(day, due, at, ended))
    words = gettext("Answered") if ended else days_left(calendar, start, due, at)
    return Strip(weeks, words, total)


def _bar(day: date, due: date, at: date, ended: bool) -> str:
    if day > due:
        return "past"
    if day == at and not ended:
        return "today"
    return "spent" if day <= at else "left"
