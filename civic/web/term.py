"""The term strip: one bar per working day of the legal term."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from markupsafe import Markup, escape

from civic.core.working_days import DAY, WorkCalendar
from civic.web.speech import code_now, gettext, ngettext

MOST_BARS = 60
#: Terms of the complaints of a few weeks, in three languages; each is a few kilobytes at most.
KEPT = 2048
#: A strip of more weeks is drawn narrower.
LONG = {"small": 8, "large": 6}


@dataclass(frozen=True)
class Strip:
    """weeks: bars by calendar week, each ``spent``, ``today``, ``left`` or ``past``. words: the same, said."""

    weeks: tuple[tuple[str, ...], ...]
    words: str
    total: int

    @cached_property
    def small(self) -> Markup:
        """The strip for lists."""
        return self._drawn("small")

    @cached_property
    def large(self) -> Markup:
        """The strip for the page of one thing."""
        return self._drawn("large")

    def _drawn(self, size: str) -> Markup:
        classes = "term" + " term--small" * (size == "small") + " term--long" * (len(self.weeks) > LONG[size])
        weeks = "".join(f'<span class="term__week">{"".join(f"""<i class="{bar}"></i>""" for bar in week)}</span>' for week in self.weeks)
        return Markup(f'<div class="{classes}" role="img" aria-label="{escape(self.words)}">{weeks}</div>')


@lru_cache(maxsize=KEPT)
def working_days(calendar: WorkCalendar, start: date, end: date) -> int:
    """``calendar.between``, kept."""
    return calendar.between(start, end)


def days_left(calendar: WorkCalendar, start: date, due: date, today: date) -> str:
    """«6 working days left» of a term that began after ``start``, «due today», «overdue by 4 days»."""
    if today > due:
        return ngettext("overdue by %(num)d day", "overdue by %(num)d days", (today - due).days)
    if today == due:
        return gettext("due today")
    left = working_days(calendar, max(today, start), due)
    return ngettext("%(num)d working day left", "%(num)d working days left", left)


def term_strip(calendar: WorkCalendar, start: date, due: date, at: date, *, ended: bool, language: str | None = None) -> Strip:
    """The strip of a term that began after ``start``, seen on day ``at``. ended: the body has answered by ``at``. language: the
    reader's, when it is at hand."""
    return _strip(calendar, start, due, at, ended, language or code_now())


@lru_cache(maxsize=KEPT)
def _strip(calendar: WorkCalendar, start: date, due: date, at: date, ended: bool, _language: str | None) -> Strip:
    weeks: list[list[str]] = []
    week, bars, total = None, 0, 0
    for day in calendar.days(start + DAY, max(due, min(at, due + 40 * DAY))):
        if bars >= MOST_BARS:
            break
        if day.isocalendar()[:2] != week:
            week = day.isocalendar()[:2]
            weeks.append([])
        bars, total = bars + 1, total + (day <= due)
        weeks[-1].append(_bar(day, due, at, ended))
    words = gettext("Answered") if ended else days_left(calendar, start, due, at)
    return Strip(tuple(map(tuple, weeks)), words, total)


def _bar(day: date, due: date, at: date, ended: bool) -> str:
    if day > due:
        return "past"
    if day == at and not ended:
        return "today"
    return "spent" if day <= at else "left"
