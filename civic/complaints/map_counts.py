"""The counters of the map: kept with each step, and mended when they differ from what they count."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.complaints.map_cells import RESOLUTIONS, block_of, cell_at, parent
from civic.complaints.map_models import EVERYTHING, NO_PLACE, cell_count
from civic.complaints.models import Complaint
from civic.complaints.states import State
from civic.core.tally import Sums, Tally

_KEY = ("city_id", "category_id", "block", "cell")
_AT_ONCE = 1000  # rows of one statement
_READ_AT_ONCE = 20_000
#: (city, category, block, cell): one row of the counters.
Key = tuple[int, int, int, int]
#: By row, how much is to be added to each state.
Changes = dict[Key, dict[State, int]]


class Counted(NamedTuple):
    """What the counters tell complaints apart by. cell: the finest, None without a pin."""

    city_id: int
    category_id: int
    root_id: int
    cell: int | None
    state: State

    def rows(self) -> list[Key]:
        """The rows that it is counted in."""
        places = [(NO_PLACE, NO_PLACE)] if self.cell is None else [
            (block_of(self.cell, resolution), parent(self.cell, resolution)) for resolution in RESOLUTIONS]
        return [(self.city_id, category, *place) for category in {EVERYTHING, self.root_id, self.category_id} for place in places]


def count_move(session: Session, complaint: Complaint, before: State | None, after: State) -> None:
    """Count that a complaint has come (``before`` is None) or has changed its state. Private ones are not counted."""
    if complaint.private or before == after:
        return
    place = (complaint.city_id, complaint.category_id, complaint.root_id, complaint.cell)
    sums = Counter({Counted(*place, after): 1})
    if before is not None:
        sums[Counted(*place, before)] = -1
    _tally.add(session, sums)


def add(session: Session, changes: Changes) -> None:
    """Add to the counters, in the order of their keys. What another transaction has added meanwhile stays."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    todo = iter(sorted(changes.items()))
    while part := list(islice(todo, _AT_ONCE)):
        touched = sorted({state for _, change in part for state in change})
        rows = [dict(zip(_KEY, key, strict=True)) | {state: change.get(state, 0) for state in touched} for key, change in part]
        order = insert(cell_count)
        order = order.on_conflict_do_update(index_elements=_KEY, set_={s: cell_count.c[s] + order.excluded[s] for s in touched})
        session.connection().execute(order, rows)


def _write(session: Session, sums: Sums) -> None:
    add(session, _rows(sums.items()))


_tally = Tally("civic_map", _write)


def _rows(sums: Any) -> Changes:
    """The rows that the numbers of ``Counted`` are added to."""
    changes: Changes = defaultdict(lambda: defaultdict(int))
    for counted, number in sums:
        for key in counted.rows():
            changes[key][counted.state] += number
    return changes


def without_cell(session: Session) -> int:
    """How many complaints have a pin and no cell: rows that were put in by other means."""
    return session.scalar(select(func.count()).where(Complaint.lat.is_not(None), Complaint.cell.is_(None))) or 0


def fill_cells(session: Session, begin: Callable[[Session], None]) -> Iterator[int]:
    """Give a cell to complaints that have a pin and none, in short transactions of their own. Yields how many were done, batch by batch."""
    table: Table = Complaint.__table__  # type: ignore[assignment]
    setting = update(table).where(table.c.id == bindparam("row")).values(cell=bindparam("found"))
    wanted = select(table.c.id, table.c.lat, table.c.lon).where(table.c.lat.is_not(None), table.c.cell.is_(None)).order_by(table.c.id)
    last = 0
    while rows := session.execute(wanted.where(table.c.id > last).limit(_READ_AT_ONCE)).all():
        begin(session)
        session.connection().execute(setting, [{"row": row.id, "found": cell_at(row.lat, row.lon)} for row in rows])
        session.commit()
        last = rows[-1].id
        yield len(rows)


def of_complaints(session: Session, which: ColumnElement[bool]) -> Changes:
    """What the public complaints that meet a condition add to the counters."""
    place = (Complaint.city_id, Complaint.category_id, Complaint.root_id, Complaint.cell, Complaint.state)
    fresh = session.execute(select(*place, func.count()).where(~Complaint.private, which).group_by(*place))
    return _rows((Counted(*row[:-1]), row[-1]) for row in fresh)


def differences(session: Session) -> Changes:
    """What has to be added to the counters so that they say what is there; empty when they are right.

    The session's transaction must be a snapshot. The result may be added at any later time, but once: counters change by what happens alone.
    """
    columns = [cell_count.c[state] for state in State]
    rows = session.execute(select(*(cell_count.c[name] for name in _KEY), *columns))
    stored = {tuple(row[:4]): {state: number for state, number in zip(State, row[4:], strict=True) if number} for row in rows}
    return less(of_complaints(session, true()), stored)


def less(right: Changes, held: Changes) -> Changes:
    """What has to be added to ``held`` to make it ``right``, without what stays."""
    changes: Changes = {}
    for key in right.keys() | held.keys():
        now, before = right.get(key, {}), held.get(key, {})
        change = {state: more for state in now.keys() | before.keys() if (more := now.get(state, 0) - before.get(state, 0))}
        if change:
            changes[key] = change
    return changes


def mend(session: Session, changes: Changes, begin: Callable[[Session], None]) -> Iterator[int]:
    """Add what ``differences`` found, in short transactions of their own. Yields how many rows were mended, part by part."""
    todo = iter(sorted(changes.items()))
    while part := dict(islice(todo, 10 * _AT_ONCE)):
        begin(session)
        add(session, part)
        session.commit()
        yield len(part)
