"""Reads of the counters: what one city, body or category did in a period, and how those of a city compare."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Date, Integer, String, and_, bindparam, func, or_, select

from civic.core.database import Reader
from civic.figures.measures import Measure
from civic.figures.models import Figure
from civic.figures.period import Period, month_end

#: Numbers below this are shown, but make no percentage and no rank: one complaint would move them too far.
SMALL = 10
ANSWERS = (Measure.ON_TIME, Measure.LATE)


F = Figure.__table__.c
_TODAY, _CITY, _SCOPE = bindparam("today", type_=Date), bindparam("city", type_=Integer), bindparam("scope", type_=String)
#: Open ones of any due date, everything else of the period's months. All measures are named, so that each is found by the key.
_WITHIN = and_(F.measure.in_([m.value for m in Measure]),
               or_(F.measure == Measure.OPEN.value, F.day.between(bindparam("first", type_=Date), bindparam("last", type_=Date))))
_COURSE = select(F.measure, F.day, F.days, F.number).where(F.city_id == _CITY, F.scope == _SCOPE, F.scope_id == bindparam("scope_id"), _WITHIN)
_LATE, _IN_PERIOD = (F.day < _TODAY).label("late"), and_(F.day < _TODAY, F.day <= bindparam("last", type_=Date)).label("in_period")
_EACH = (
    select(F.scope_id, F.measure, F.days, _LATE, _IN_PERIOD, func.sum(F.number))
    .where(F.city_id.in_(bindparam("cities", expanding=True)), F.scope == _SCOPE, _WITHIN).group_by(F.scope_id, F.measure, F.days, _LATE, _IN_PERIOD)
)
_OVERDUE = func.sum(F.number)
_MOST_OVERDUE = (
    select(F.scope_id, _OVERDUE).where(F.city_id == _CITY, F.scope == "body", F.measure == Measure.OPEN.value, F.day < _TODAY)
    .group_by(F.scope_id).having(_OVERDUE >= SMALL).order_by(_OVERDUE.desc(), F.scope_id).limit(bindparam("most", type_=Integer))
)


@dataclass
class Sums:
    """What happened in a period. counts: by measure, but OPEN. took: how many answers took how many working days.

    overdue: due before today and not after the period, and still open. waiting, overdue_now: open, and of them overdue, today.
    """

    counts: Counter[str] = field(default_factory=Counter)
    took: Counter[int] = field(default_factory=Counter)
    overdue: int = 0
    waiting: int = 0
    overdue_now: int = 0

    def of(self, measure: str) -> int:
        """How many; for ``answered`` and ``closed`` as well."""
        if measure == "answered":
            return self.answered
        return self.closed if measure == "closed" else self.counts[measure]

    @property
    def answered(self) -> int:
        """Answers, on time or late; a complaint that was disputed and answered again has two."""
        return self.counts[Measure.ON_TIME] + self.counts[Measure.LATE]

    @property
    def closed(self) -> int:
        """Terms that ended: with an answer, or past due without one."""
        return self.answered + self.counts[Measure.BROKEN]

    @property
    def judged(self) -> int:
        """What the share on time is of: closed, and overdue ones that are still open."""
        return self.closed + self.overdue

    @property
    def on_time_share(self) -> int | None:
        """Per cent, rounded down so that 100 means every one; None for small numbers."""
        return share(self.counts[Measure.ON_TIME], self.judged)

    @property
    def heard(self) -> int:
        """Answers to which the resident said something, or let the time pass."""
        return self.counts[Measure.CONFIRMED] + self.counts[Measure.DISPUTED] + self.counts[Measure.UNCONFIRMED]

    @property
    def median(self) -> int | None:
        """Working days within which half of the answers came."""
        return percentile(self.took, 50)

    @property
    def ninetieth(self) -> int | None:
        """Working days within which nine of ten answers came."""
        return percentile(self.took, 90)

    def __add__(self, other: "Sums") -> "Sums":
        """Both together."""
        return Sums(self.counts + other.counts, self.took + other.took, self.overdue + other.overdue, self.waiting + other.waiting,
                    self.overdue_now + other.overdue_now)

    def add(self, measure: str, day: date, days: int, number: int, period_ends: date, today: date) -> None:
        """Take in one counter."""
        if measure == Measure.OPEN:
            self.waiting += number
            self.overdue_now += number if day < today else 0
            self.overdue += number if day < today and day <= period_ends else 0
            return
        self.counts[measure] += number
        if measure in ANSWERS:
            self.took[days] += number


def share(part: int, whole: int) -> int | None:
    """Per cent, rounded down; None when the whole is small."""
    return part * 100 // whole if whole >= SMALL else None


def percentile(took: Counter[int], percent: int) -> int | None:
    """The smallest number of days within which ``percent`` of the answers came (nearest rank); None when there are few."""
    total, seen = sum(took.values()), 0
    if total < SMALL:
        return None
    for days in sorted(took):
        seen += took[days]
        if seen * 100 >= total * percent:
            return days
    return None


@dataclass(frozen=True)
class Course:
    """A period as a whole and month by month."""

    whole: Sums
    months: Sequence[tuple[date, Sums]]


def course(session: Reader, city_id: int, scope: str, scope_id: int, period: Period, today: date) -> Course:
    """One statement; ``today`` is the city's local date. In each month those overdue by its end weigh that are still open today."""
    whole, months = Sums(), {month: Sums() for month in period.months}
    wanted = {"city": city_id, "scope": scope, "scope_id": scope_id, "first": period.first, "last": period.last}
    for measure, day, days, number in session.execute(_COURSE, wanted):
        whole.add(measure, day, days, number, period.last, today)
        for month in months if measure == Measure.OPEN else (day,):
            months[month].add(measure, day, days, number, month_end(month), today)
    return Course(whole, list(months.items()))


def each(session: Reader, city_ids: Iterable[int], scope: str, period: Period, today: date) -> dict[int, Sums]:
    """All bodies or categories of a city, or all of several cities, by id. Those without any figures are missing."""
    rows = session.execute(_EACH, {"cities": list(city_ids), "scope": scope, "first": period.first, "last": period.last, "today": today})
    found: dict[int, Sums] = {}
    for scope_id, measure, days, is_late, is_past, number in rows:
        sums = found.setdefault(scope_id, Sums())
        if measure == Measure.OPEN:
            sums.waiting += number
            sums.overdue_now += number if is_late else 0
            sums.overdue += number if is_past else 0
        else:
            sums.add(measure, period.first, days, number, period.last, today)
    return found


def city_sums(session: Reader, city_id: int, period: Period, today: date) -> Sums:
    """What the city did in a period."""
    return each(session, [city_id], "city", period, today).get(city_id, Sums())


def most_overdue(session: Reader, city_id: int, today: date, limit: int) -> list[tuple[int, int]]:
    """(id, how many) of the bodies with the most overdue complaints, small numbers left out; most first."""
    rows = session.execute(_MOST_OVERDUE, {"city": city_id, "today": today, "most": limit})
    return [(body_id, overdue) for body_id, overdue in rows]
