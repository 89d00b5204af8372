"""Working days of Kazakhstan: the only place that counts them.

The public calendar comes from ``holidays`` (with transferred days); an administrator's edits go on top.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

DAY = timedelta(days=1)
SATURDAY = 5


@lru_cache(maxsize=64)
def public_holidays(year: int) -> dict[date, str]:
    """Official days off of one year with their Kazakh names."""
    return dict(holidays.country_holidays("KZ", years=year, language="kk"))


@dataclass(frozen=True, eq=False)  # told apart by being, so that what was computed with one can be kept
class WorkCalendar:
    """Which days are worked. ``edits`` maps a date to True (worked) or False (off), by decree."""

    edits: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether public bodies work on ``day``."""
        if day in self.edits:
            return self.edits[day]
        return day.weekday() < SATURDAY and day not in public_holidays(day.year)

    def on_or_after(self, day: date) -> date:
        """``day`` itself when worked, otherwise the next working day (article 76(5))."""
        while not self.is_working(day):
            day += DAY
        return day

    def add(self, start: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``start``; counting begins the next day (article 76)."""
        day = start
        for _ in range(working_days):
            day = self.on_or_after(day + DAY)
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 when ``end`` is not later."""
        return sum(1 for _ in self.days(start + DAY, end))

    def days(self, first: date, last: date) -> Iterable[date]:
        """The working days from ``first`` to ``last``, both included."""
        day = first
        while day <= last:
            if self.is_working(day):
                yield day
            day += DAY

    def registration_day(self, moment: datetime, timezone: str, day_ends: time) -> date:
        """The day an appeal counts as registered: that of arrival, or the next working day when it came
        after ``day_ends`` (local time) or on a day off (article 64(3))."""
        local = moment.astimezone(ZoneInfo(timezone))
        late = local.time() > day_ends
        return self.on_or_after(local.date() + DAY if late else local.date())


def months_later(day: date, months: int) -> date:
    """The same day ``months`` calendar months later, or the month's last day where there is none."""
    return day + relativedelta(months=months)
