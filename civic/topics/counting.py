"""Counts the piles of public complaints by category and district, once a night or when somebody orders it; pages read the counts.

What is open and what was registered in the last 120 days is added up by the database in one statement for a city: each part of it has
an index of its own. What a moderator has hidden the words of is no part of a pile: nobody can discuss it. Nothing is counted while a
page is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from civic.complaints.listing_indexes import HIDDEN_ROWS, OPEN_ROWS
from civic.complaints.map_cells import FINEST, RESOLUTIONS, centre, from_key, open_digits, parent
from civic.complaints.models import Complaint
from civic.core.clock import local_date
from civic.core.database import begin_write
from civic.places.models import City
from civic.topics.models import WHOLE_CITY, TopicCount
from civic.topics.rules import PERIODS, RECENT_DAYS, growing

C = Complaint.__table__.c
#: The words themselves, not only a name or a photo, are off the page (``Complaint.hidden``).
WORDS_HIDDEN = Complaint.hidden["text"]["on"].as_string().is_not(None)
#: Cells of this resolution are drawn, a kilometre wide; of so many topics. A pile in no more than FEW of them is drawn by the finest
#: ones, 350 metres wide; one in more than MOST_PLACES by coarser ones.
DRAWN, MOST_DRAWN, FEW, MOST_PLACES = 8, 50, 6, 30
#: Local time of the count.
COUNTED_AT = time(3)


@dataclass
class Pile:
    """Counts of one category in one place."""

    pile: int = 0
    recent: int = 0
    before: int = 0
    places: list[list[float]] = field(default_factory=list)


#: By category and district.
Piles = dict[tuple[int, int], Pile]


def recount(session: Session, now: datetime) -> int:
    """Count all cities anew; returns how many topics grow. Each city is committed."""
    grow = 0
    for city in session.scalars(select(City).order_by(City.id)).all():
        grow += recount_city(session, city, now)
        session.commit()
    return grow


def recount_city(session: Session, city: City, now: datetime) -> int:
    """Count one city anew; returns how many of its topics grow. Reads first, so that nobody waits; then writes in a new transaction."""
    today = local_date(now, city.timezone)
    session.rollback()
    piles = read_piles(session, city, today)
    begin_write(session)
    return write_piles(session, city, today, piles)


def write_piles(session: Session, city: City, today: date, piles: Piles) -> int:
    """Put the counts of a city in place of those before; returns how many topics grow."""
    rows = [{"city_id": city.id, "category_id": category, "district_id": district, "counted_on": today, "pile": p.pile, "recent": p.recent,
             "before": p.before, "grows": growing(p.pile, p.recent, p.before), "places": p.places} for (category, district), p in sorted(piles.items())]
    session.execute(delete(TopicCount).where(TopicCount.city_id == city.id))
    if rows:
        session.execute(insert(TopicCount), rows)
    return sum(growing(p.pile, p.recent, p.before) for p in piles.values())


def read_piles(session: Session, city: City, today: date) -> Piles:
    """Count the complaints of a city."""
    since, from_ = (_midnight(today - timedelta(days=RECENT_DAYS * n - 1), city.timezone) for n in (1, PERIODS + 1))
    recent, earlier = C.registered_at >= since, C.registered_at < since
    found: Piles = {}
    in_pile: tuple[tuple[Any, ...], ...] = ((recent,), (OPEN_ROWS, earlier))
    counted = [("recent", (recent,)), ("before", (C.registered_at >= from_, earlier)), *(("pile", which) for which in in_pile)]
    for name, which in counted:
        _add(found, name, _counted(session, city, *which), 1)
        _add(found, name, _counted(session, city, *which, HIDDEN_ROWS, WORDS_HIDDEN), -1)
    for key in sorted((k for k, p in found.items() if growing(p.pile, p.recent, p.before)), key=lambda k: -found[k].pile)[:MOST_DRAWN]:
        found[key].places = _places(session, city, *key, in_pile)
    return {key: pile for key, pile in found.items() if pile.pile or pile.before}


def _counted(session: Session, city: City, *which: ColumnElement[bool] | Any) -> Iterable[Any]:
    """(category, district, how many)."""
    query = select(C.category_id, C.district_id, func.count()).where(~C.private, C.city_id == city.id, *which).group_by(C.category_id, C.district_id)
    return session.connection().execute(query)


def _add(found: Piles, name: str, rows: Iterable[Any], sign: int) -> None:
    for category_id, district_id, number in rows:
        for place in {WHOLE_CITY, district_id or WHOLE_CITY}:
            pile = found.setdefault((category_id, place), Pile())
            setattr(pile, name, getattr(pile, name) + sign * number)


def _places(session: Session, city: City, category_id: int, district_id: int, in_pile: Iterable[tuple[Any, ...]]) -> list[list[float]]:
    """Where a pile lies: (latitude, longitude, how many, how many of them are open) of no more than MOST_PLACES cells of the map that it
    has a pin in."""
    here = [C.city_id == city.id, ~C.private, C.category_id == category_id, C.cell.is_not(None), or_(C.hidden.is_(None), ~WORDS_HIDDEN)]
    here += [C.district_id == district_id] if district_id else []
    sums = _cells(session, DRAWN, here, in_pile)
    if len(sums) <= FEW:
        finer = _cells(session, FINEST, here, in_pile)
        sums = finer if len(finer) <= MOST_PLACES else sums
    for resolution in range(DRAWN - 1, RESOLUTIONS[0] - 1, -1):
        if len(sums) > MOST_PLACES:
            sums = _coarser(sums, resolution)
    return [[round(lat, 4), round(lon, 4), n, still_open] for cell, (n, still_open) in sorted(sums.items()) for lat, lon in [centre(cell)]]


#: By cell: how many, and how many of them are open.
Cells = dict[int, tuple[int, int]]


def _cells(session: Session, resolution: int, here: list[Any], in_pile: Iterable[tuple[Any, ...]]) -> Cells:
    key = C.cell.bitwise_or(open_digits(resolution))
    found: Cells = {}
    for which in in_pile:
        rows = session.connection().execute(select(key, func.count(), func.sum(case((OPEN_ROWS, 1), else_=0))).where(*here, *which).group_by(key))
        for cell, number, still_open in rows:
            _put(found, from_key(cell, resolution), number, still_open)
    return found


def _coarser(cells: Cells, resolution: int) -> Cells:
    found: Cells = {}
    for cell, (number, still_open) in cells.items():
        _put(found, parent(cell, resolution), number, still_open)
    return found


def _put(cells: Cells, cell: int, number: int, still_open: int) -> None:
    held = cells.get(cell, (0, 0))
    cells[cell] = held[0] + number, held[1] + still_open


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone))


def is_due(session: Session, city: City, now: datetime) -> bool:
    """Whether no count of today is there, and the night is over half."""
    local = now.astimezone(ZoneInfo(city.timezone))
    last = session.scalar(select(func.max(TopicCount.counted_on)).where(TopicCount.city_id == city.id))
    return local.time() >= COUNTED_AT and (last is None or last < local.date())
