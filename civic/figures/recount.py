"""Figures computed anew from complaints and their histories, set beside the counters; what differs can be mended.

A difference is found in one snapshot, so it stays the same while complaints go on moving, and mending adds it up in an
ordinary short transaction: nobody waits.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Integer, Row, String, case, cast, func, select, true
from sqlalchemy.orm import Session

from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.states import OPEN
from civic.core.clock import local_date
from civic.core.database import begin_write
from civic.figures.measures import COUNTED, Key, Place, Step, open_counters, steps_counters
from civic.figures.models import Figure
from civic.figures.service import Sums, forget_zeros, write
from civic.places.models import City

#: Complaints whose histories are added up in one statement.
AT_ONCE = 50_000
#: Told how many complaints of how many are done.
Progress = Callable[[int, int], None]


class Difference(NamedTuple):
    """A counter that is not what it should be."""

    key: Key
    held: int
    right: int


def begin_snapshot(session: Session) -> None:
    """Let the session's transaction, begun anew, see one state of the database, whatever others write meanwhile."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":  # a reading transaction of SQLite is a snapshot anyway
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def differences(session: Session, progress: Progress = lambda done, total: None) -> list[Difference]:
    """Counters that differ from what complaints and histories say, by key. Reads alone; the session's transaction ends."""
    begin_snapshot(session)
    right, held = fresh(session, progress), counters(session)
    session.rollback()
    wrong = (key for key in right.keys() | held.keys() if right[key] != held[key])
    return [Difference(key, held[key], right[key]) for key in sorted(wrong)]


def mend(session: Session, found: Iterable[Difference]) -> None:
    """Set the counters right, in a writing transaction of its own; counters that are zero go."""
    begin_write(session)
    write(session, {key: right - held for key, held, right in found})
    session.commit()
    begin_write(session)
    forget_zeros(session)
    session.commit()


def counters(session: Session) -> Sums:
    """All counters as they stand."""
    columns = [getattr(Figure, name) for name in Key._fields]
    return Counter({Key(*row[:-1]): row[-1] for row in session.execute(select(*columns, Figure.number).where(Figure.number != 0))})


def fresh(session: Session, progress: Progress) -> Sums:
    """The counters as complaints and histories say they should be."""
    last = session.scalar(select(func.max(Complaint.id))) or 0
    sums: Sums = Counter()
    for first in range(1, last + 1, AT_ONCE):
        _add_steps(session, sums, Complaint.id.between(first, first + AT_ONCE - 1))
        progress(min(first + AT_ONCE - 1, last), last)
    _add_open(session, sums, true())
    return sums


def of_complaints(session: Session, which: ColumnElement[bool]) -> Sums:
    """What the complaints that meet a condition add to the counters."""
    sums: Sums = Counter()
    _add_steps(session, sums, which)
    _add_open(session, sums, which)
    return sums


def _add_open(session: Session, sums: Sums, which: ColumnElement[bool]) -> None:
    still = (Complaint.city_id, Complaint.category_id, Complaint.root_id, Complaint.body_id, Complaint.due_on)
    for *place, body_id, due_on, number in session.execute(
            select(*still, func.count()).where(Complaint.state.in_(OPEN), which).group_by(*still)):
        for key in open_counters(Place(*place), body_id, due_on):
            sums[key] += number


def _add_steps(session: Session, sums: Sums, which: ColumnElement[bool]) -> None:
    """Steps of the complaints that meet a condition: alike ones are added up by the database."""
    for row in session.execute(_alike_steps(session, which)):
        place, step = _read(row)
        for key in steps_counters(place, step):
            sums[key] += row.number


def _alike_steps(session: Session, which: ColumnElement[bool]) -> Any:
    local = _local_day(session, ComplaintEvent.at, City.timezone)
    month = func.substr(cast(local, String), 1, 7).label("month")
    due = ComplaintEvent.due_before if session.get_bind().dialect.name == "postgresql" else cast(ComplaintEvent.due_before, String)
    past_due = case((due < local, 1), else_=0).label("past_due")
    days = case((ComplaintEvent.kind == "answer", cast(ComplaintEvent.facts["days"].as_string(), Integer)), else_=0).label("days")
    columns = (Complaint.city_id, Complaint.category_id, Complaint.root_id, ComplaintEvent.kind, ComplaintEvent.from_state,
               ComplaintEvent.from_body_id, ComplaintEvent.to_body_id, month, past_due, days)
    steps = (
        select(*columns).join(ComplaintEvent, ComplaintEvent.complaint_id == Complaint.id).join(City, City.id == Complaint.city_id)
        .where(which, ComplaintEvent.kind.in_(COUNTED)).subquery()
    )
    return select(*steps.c, func.count().label("number")).group_by(*steps.c)


def _read(row: Row[Any]) -> tuple[Place, Step]:
    year, month = row.month.split("-")
    return Place(row.city_id, row.category_id, row.root_id), Step(
        row.kind, row.from_state, row.from_body_id, row.to_body_id, date(int(year), int(month), 1), bool(row.past_due), row.days or 0)


def _local_day(session: Session, moment: Any, timezone: Any) -> ColumnElement[Any]:
    """The local date: PostgreSQL knows time zones; SQLite is lent Python's, which gives the date as text."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.timezone(timezone, moment), Date)
    connection: Any = session.connection().connection.driver_connection
    connection.create_function("local_day", 2, lambda at, zone: _day_of_minute(at[:16], zone), deterministic=True)
    return func.local_day(moment, timezone, type_=String)


@lru_cache(maxsize=100_000)
def _day_of_minute(at: str, timezone: str) -> str:
    """The local date of a moment as SQLite keeps it, in UTC."""
    return local_date(datetime.fromisoformat(at).replace(tzinfo=UTC), timezone).isoformat()
