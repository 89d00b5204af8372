"""What the map shows: clusters from the counters or counted live, single marks near by; and what its list is made of.

The filters by state and category are served from the counters, however many complaints there are. Any other filter is counted
live: exactly while the frame holds at most ``LIVE`` complaints, else among the newest ``LIVE`` of the city that fit the filter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, false, func, or_, select, union_all
from sqlalchemy.orm import Session

from civic.bodies.directory import directory
from civic.complaints.category_names import category_names
from civic.complaints.listing import SORTS, Wanted, filtered
from civic.complaints.map_cells import FINEST, Frame, all_of, block_of, centre, finest_key, from_key, open_digits, spans
from civic.complaints.map_models import EVERYTHING, NO_PLACE, cell_count
from civic.complaints.models import Complaint
from civic.complaints.queries import PAGE, rows_by_id
from civic.complaints.states import OPEN, State
from civic.search import queries as search
from civic.search.service import city_term

NEAR = 15  # zoom from which complaints stand singly when there are no more than MARKS
NEAREST = 17  # zoom from which they always do
MARKS = 100
LIVE = 1000
SORTED = 5000  # so many of a frame are found by their cells and sorted; when there are more, the list of the city is walked
#: SQLite takes a thousand ids for more work than an index of the whole city, by which it reads a third of a million rows: with this
#: hint it looks the ids up.
_BY_ID = (Complaint.__table__, "NOT INDEXED", "sqlite")
_NEVER_MORE = 1_000_000  # a LIMIT that keeps the databases from looking for rows by anything but their cells

Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Cluster:
    """Complaints of one cell, drawn in its middle. waiting: how many of them wait for an answer."""

    lat: float
    lon: float
    number: int
    waiting: int


@dataclass(frozen=True)
class View:
    """What is seen in a frame: clusters, or marks (rows), never both.

    total: how many complaints. bound: when not None, only some, the newest, were looked at or are shown; for clusters how many.
    without_place: how many fit the filter and have no pin; None when that is not known. within: which complaints the list of
    this frame is made of; by_id: they are few, and told by their ids.
    """

    clusters: Sequence[Cluster] = ()
    marks: Sequence[Any] | None = None
    total: int = 0
    bound: int | None = None
    without_place: int | None = None
    within: Conditions = field(default=(), compare=False)
    by_id: bool = field(default=False, compare=False)


def look(session: Session, city_id: int, wanted: Wanted, frame: Frame, today: date) -> View:
    """What the map shows of a city's public complaints. today: its local date."""
    return _Look(session, city_id, wanted, frame, today).view()


def rows_of(session: Session, city_id: int, wanted: Wanted, view: View, today: date, limit: int = PAGE) -> list[Any]:
    """The first rows of the list that stands beside this view, in the order of the filter."""
    sort = SORTS[wanted.sort]
    query = filtered(select(Complaint.id).where(Complaint.city_id == city_id, ~Complaint.private, *view.within), wanted, today)
    order = (sort.column.desc(), Complaint.id.desc()) if sort.descending else (sort.column, Complaint.id)
    if view.by_id:
        query = query.with_hint(*_BY_ID)
    ids = session.scalars(query.order_by(*order).limit(limit)).all()
    rows = rows_by_id(session, ids)
    return [rows[id_] for id_ in ids]


_C = Complaint.__table__.c


@lru_cache(maxsize=64)
def _newest_inside(cells: int) -> Select[Any]:
    """Ids in a rectangle (south, north, west, east), of the ``most`` newest of each of so many spans of cells (first0, last0, …).
    The index of cells holds all that is asked, so neither a crowded cell nor those outside of the rectangle cost a look at their rows."""
    parts = []
    for i in range(cells):
        span = _C.cell.between(bindparam(f"first{i}"), bindparam(f"last{i}"))
        newest = select(_C.id, _C.lat, _C.lon).where(span, ~_C.private).order_by(_C.cell.desc(), _C.id.desc()).limit(bindparam("most")).subquery()
        parts.append(select(newest.c.id).where(newest.c.lat.between(bindparam("south"), bindparam("north")),
                                               newest.c.lon.between(bindparam("west"), bindparam("east"))))
    found = union_all(*parts).subquery()
    return select(found.c.id).order_by(found.c.id.desc()).limit(bindparam("at_most"))


def _number(states: Collection[str]) -> Any:
    """The sum of the counters of these states."""
    columns = [cell_count.c[state] for state in State if state in states]
    return sum(columns[1:], columns[0]) if columns else false().cast(Integer)


@lru_cache(maxsize=64)
def _counted(states: frozenset[str]) -> Select[Any]:
    """Counters of these states: (cell, number, waiting) of a ``city`` and a ``category``."""
    number, waiting = _number(states), [state for state in states if state in OPEN]
    return select(
        cell_count.c.cell, number.label("number"), (_number(waiting) if waiting else number - number).label("waiting")
    ).where(cell_count.c.city_id == bindparam("city"), cell_count.c.category_id == bindparam("category"), number > 0)


@dataclass(frozen=True)
class _Look:
    session: Session
    city_id: int
    wanted: Wanted
    frame: Frame
    today: date

    def view(self) -> View:
        """Marks when that is near enough, else clusters."""
        frame, around = self.frame, self._counters()
        at_most = sum(row.number for row in around)  # in the frame and at its edges, whatever the other filters say
        few = at_most <= LIVE or bool(self._of_words)
        if frame.zoom >= NEAREST or (frame.zoom >= NEAR and few):
            marks = self._marks(self._newest_in_box(around) if few else self._newest_of_cells(around))
            if len(marks) <= MARKS or frame.zoom >= NEAREST:
                bound = MARKS if len(marks) > MARKS else self._words_bound if few else LIVE
                shown = marks[:MARKS]
                return View(marks=shown, total=len(shown), bound=bound, without_place=self._without_place(),
                            within=(Complaint.id.in_([mark.id for mark in shown]),), by_id=True)
        seen = around if frame.whole else [row for row in around if row.cell in frame.cells]
        if self._counters_say_all:
            return self._clusters(seen, None, self._of_frame(seen))
        query = self._filtered().where(*self._in_cells(seen)) if few else self._newest()
        return self._clusters(self._live(query), self._words_bound if few else LIVE, self._of_frame(seen, few=few))

    @cached_property
    def _found(self) -> Sequence[int] | None:
        """The newest ``LIVE`` that have the words of the filter, none for words that cannot be looked for; None without words."""
        if not self.wanted.words:
            return None
        looked = search.look(self.session, self.wanted.words, category_names(directory(self.session)))
        if looked is None:
            return []
        rows = filtered(self._public(Complaint.id), self.wanted, self.today)
        return search.newest(self.session, looked, rows, Complaint.__table__.c.id, LIVE, city=city_term(self.city_id))

    @property
    def _of_words(self) -> Conditions:
        return () if self._found is None else (Complaint.id.in_(self._found),)

    @property
    def _words_bound(self) -> int | None:
        return LIVE if self._found is not None and len(self._found) >= LIVE else None

    @cached_property
    def _counters_say_all(self) -> bool:
        others = replace(self.wanted, state=None, category_id=None, sort="newest")
        return others == Wanted() and "overdue" not in (self.wanted.state, self.wanted.sort)

    def _states(self) -> Collection[str]:
        asked = self.wanted.state
        if asked in set(State):
            return {str(asked)}
        return OPEN if asked or self.wanted.sort == "overdue" else set(State)

    def _counted(self) -> Select[Any]:
        """Counters of the part of the filter that they know."""
        return _counted(frozenset(self._states()))

    @property
    def _whose(self) -> dict[str, int]:
        """The values of ``_counted``."""
        return {"city": self.city_id, "category": self.wanted.category_id or EVERYTHING}

    def _counters(self) -> Sequence[Any]:
        """(cell, number, waiting) of the frame's cells and of those at its edges."""
        frame, query = self.frame, self._counted()
        if frame.whole:
            blocks, cells = all_of(frame.resolution - 2), all_of(frame.resolution)
            return self.session.execute(query.where(cell_count.c.block.between(*blocks), cell_count.c.cell.between(*cells)), self._whose).all()
        blocks_of = sorted({block_of(cell, frame.resolution) for cell in frame.touched})
        rows = self.session.execute(query.where(cell_count.c.block.in_(blocks_of)), self._whose).all()
        return [row for row in rows if row.cell in frame.touched]

    def _public(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(Complaint.city_id == self.city_id, ~Complaint.private)

    def _filtered(self, *columns: Any) -> Select[Any]:
        chosen = self._public(*(columns or (Complaint.cell, Complaint.state))).where(*self._of_words)
        return filtered(chosen, self.wanted, self.today)

    def _newest(self, *columns: Any) -> Select[Any]:
        return self._filtered(*columns).order_by(Complaint.registered_at.desc(), Complaint.id.desc()).limit(LIVE)

    @property
    def _in_box(self) -> Conditions:
        box = self.frame.box
        return Complaint.lat.between(box.south, box.north), Complaint.lon.between(box.west, box.east)

    def _marks(self, chosen: Conditions) -> Sequence[Any]:
        """The newest of the chosen ones that lie in the frame; one more than are shown."""
        query = self._filtered(Complaint.id, Complaint.number, Complaint.lat, Complaint.lon, Complaint.state, Complaint.due_on,
                               Complaint.address, Complaint.category_id, Complaint.registered_at)
        # sorted here: asked for the newest, SQLite would walk the list of the whole city instead of the few that were chosen
        found = self.session.execute(query.where(*chosen, *self._in_box).with_hint(*_BY_ID)).all()
        return sorted(found, key=lambda row: (row.registered_at, row.id), reverse=True)[:MARKS + 1]

    def _live(self, query: Select[Any]) -> Sequence[Any]:
        """(cell, number, waiting) of the frame, counted in the rows of ``query``."""
        rows, resolution = query.subquery(), self.frame.resolution
        key = rows.c.cell.bitwise_or(open_digits(resolution))
        waiting = func.sum(case((rows.c.state.in_(OPEN), 1), else_=0))
        counted = select(key.label("key"), func.count().label("number"), waiting.label("waiting")).where(rows.c.cell.is_not(None)).group_by(key)
        found = [(from_key(row.key, resolution), row.number, row.waiting) for row in self.session.execute(counted)]
        return found if self.frame.whole else [row for row in found if row[0] in self.frame.cells]

    def _clusters(self, rows: Sequence[Any], bound: int | None, within: Conditions) -> View:
        clusters = [Cluster(*centre(cell), number, waiting) for cell, number, waiting in rows]
        return View(clusters, total=sum(c.number for c in clusters), bound=bound, without_place=self._without_place(), within=within)

    def _in_cells(self, rows: Sequence[Any]) -> Conditions:
        """In one of the cells, found by the index of cells and by nothing else; what words have found is little already."""
        return self._of_words or (Complaint.id.in_(select(Complaint.id).where(*self._inside(rows)).limit(_NEVER_MORE)),)

    def _newest_in_box(self, rows: Sequence[Any]) -> Conditions:
        """Those of the cells that lie in the frame: where nothing else is filtered, no more than tell whether all can be shown."""
        if self._of_words:
            return self._of_words
        ids = select(Complaint.id).where(*self._inside(rows), *self._in_box).order_by(Complaint.id.desc())
        return (Complaint.id.in_(self.session.scalars(ids.limit(MARKS + 1 if self._plain else LIVE)).all()),)

    @property
    def _plain(self) -> bool:
        """No filter will leave any of the chosen ones out."""
        return replace(self.wanted, sort="newest") == Wanted()

    def _inside(self, rows: Sequence[Any]) -> Conditions:
        cells = [row.cell for row in rows]
        if self.frame.resolution == FINEST:
            inside: ColumnElement[bool] = Complaint.cell.in_(cells)
        else:
            inside = or_(false(), *(Complaint.cell.between(*span) for span in spans(cells, self.frame.resolution)))
        return inside, ~Complaint.private

    def _newest_of_cells(self, rows: Sequence[Any]) -> Conditions:
        """The newest of each cell, some ``LIVE`` in all, that lie in the frame: where very many lie close together."""
        ends = {f"{end}{i}": cell for i, row in enumerate(rows)
                for end, cell in zip(("first", "last"), spans([row.cell], self.frame.resolution)[0], strict=True)}
        values = {"most": LIVE // len(rows) + 1, "at_most": MARKS + 1 if self._plain else 2 * LIVE, **ends, **vars(self.frame.box)}
        return (Complaint.id.in_(self.session.scalars(_newest_inside(len(rows)), values).all()),)

    def _of_frame(self, seen: Sequence[Any], *, few: bool = True) -> Conditions:
        """What the list of the frame's clusters is made of."""
        if not self._of_words and few and sum(row.number for row in seen) <= SORTED:
            return self._in_cells(seen)
        newest = self._of_words if few else (Complaint.id.in_(self._newest(Complaint.id)),)
        if self.frame.whole:
            return (*newest, Complaint.cell.is_not(None))
        keys = [finest_key(cell) for cell in self.frame.cells]
        return (*newest, Complaint.cell.bitwise_or(open_digits(self.frame.resolution)).in_(keys))

    def _without_place(self) -> int | None:
        place = cell_count.c.block == NO_PLACE, cell_count.c.cell == NO_PLACE
        row = self.session.execute(self._counted().where(*place), self._whose).first()
        if row is None or self._counters_say_all:
            return row.number if row else 0
        if row.number > LIVE:
            return None
        rows = self._filtered(Complaint.id).where(Complaint.cell.is_(None)).subquery()
        return self.session.scalar(select(func.count()).select_from(rows))
