"""The months that figures are shown for, as an address asks for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from civic.core.working_days import months_later

#: The longest period, in months; the earliest year that can be asked for.
MOST_MONTHS = 36
EARLIEST = 2020
CHOICES = ("month", "year", "12", "own")
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """Whole months. first: the first day; last: the last day. name: ``month``, ``year``, ``12`` (months) or ``own``.

    problem: why the wish of the address was not fulfilled (``unreadable``, ``crossed``, ``future``, ``early``, ``long``), else empty.
    """

    name: str
    first: date
    last: date
    problem: str = ""

    @property
    def months(self) -> list[date]:
        """The first day of each month."""
        number = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [months_later(self.first, k) for k in range(number)]

    def address(self) -> dict[str, Any]:
        """The part of an address that says this period."""
        own = {"from": f"{self.first:%Y-%m}", "to": f"{self.last:%Y-%m}"} if self.name == "own" else {}
        return {"period": self.name, **own}


def named(name: str, today: date, problem: str = "") -> Period:
    """This month, this year, or twelve months with the present one."""
    this = today.replace(day=1)
    first = {"month": this, "year": this.replace(month=1), "12": months_later(this, -11)}[name]
    return Period(name, first, month_end(this), problem)


def read_period(asked: Mapping[str, str], today: date, usual: str = "year") -> Period:
    """The period that an address asks for; the usual one, with the problem, when that makes no sense."""
    name = asked.get("period", "")
    if name in CHOICES and name != "own":
        return named(name, today)
    if name != "own":
        return named(usual, today, "unreadable" if name else "")
    first, last = _month(asked.get("from", "")), _month(asked.get("to", ""))
    if first is None or last is None:
        return named(usual, today, "unreadable")
    problem = _against(first, last, today)
    return named(usual, today, problem) if problem else Period("own", first, month_end(last))


def month_end(month: date) -> date:
    """The last day of the month that begins on ``month``."""
    return months_later(month, 1) - timedelta(days=1)


def _against(first: date, last: date, today: date) -> str:
    if first > last:
        return "crossed"
    if last > today:
        return "future"
    if first.year < EARLIEST:
        return "early"
    return "long" if months_later(first, MOST_MONTHS) <= last else ""


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text.strip())
    return date(int(found[1]), int(found[2]), 1) if found else None
