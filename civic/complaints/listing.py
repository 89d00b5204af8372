"""The public list, of a city or of all: what it can be filtered and sorted by, page by page, right while rows arrive.

Each filter has an index of its own that ends in (registered_at, id), see ``listing_indexes``. A statement is built once
for each combination of filters, its values are filled in: so neither building nor compiling it is paid for on each page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, literal, literal_column, or_, select, tuple_

from civic.bodies.directory import Directory, directory
from civic.complaints.category_names import category_names
from civic.complaints.listing_indexes import OPEN_ROWS, SUPPORTED_ROWS, best_index
from civic.complaints.models import Attachment, Complaint
from civic.complaints.queries import PAGE, Page
from civic.complaints.states import State
from civic.core.codes import row_id
from civic.core.database import Reader
from civic.media.models import Photo
from civic.search import queries as search
from civic.search.marks import excerpt
from civic.search.service import city_term

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
MICROSECOND = timedelta(microseconds=1)
STATES = frozenset(State)
LARGEST = 2**31 - 1  # an INTEGER of PostgreSQL
KAZAKHSTAN = ZoneInfo("Asia/Almaty")  # one time zone since 2024; days of a period are told by it
C, A, P = Complaint.__table__.c, Attachment.__table__.c, Photo.__table__.c


@dataclass(frozen=True)
class Sort:
    """An order: its column (the id breaks ties), and how its value stands in the key of a page, as a whole number.

    parts: what a further page is read in. Where many rows share a value, those with the value of the key come by a statement of
    their own: SQLite would walk through all of them, since it compares a pair of values by the first alone.
    """

    column: Any
    descending: bool
    to_number: Callable[[Any], int]
    from_number: Callable[[int], Any]
    parts: tuple[str, ...] = ("ties", "rest")


SORTS = {
    "newest": Sort(C.registered_at, True, lambda v: (v - EPOCH) // MICROSECOND, lambda n: EPOCH + n * MICROSECOND, ("behind",)),
    "supported": Sort(C.supporters, True, int, lambda n: min(n, LARGEST)),
    "overdue": Sort(C.due_on, False, date.toordinal, date.fromordinal),
}


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. state: a state, ``open`` or ``overdue``; None, False and no words filter nothing. words: as typed.

    category_id: a leaf, or a root with all its leaves. since, until: local days of registration, both included.
    """

    state: str | None = None
    category_id: int | None = None
    district_id: int | None = None
    body_id: int | None = None
    photo: bool = False
    supported: bool = False
    sort: str = "newest"
    words: str = ""
    direction: str | None = None
    since: date | None = None
    until: date | None = None


class Listed(NamedTuple):
    """One complaint of a page, with the names that its line shows. category, district, body: in all languages."""

    id: int
    number: str
    state: str
    address: str
    due_on: date
    term_from: date
    registered_at: datetime
    answered_at: datetime | None
    supporters: int
    updated_at: datetime
    photo_id: str | None
    category: dict[str, str]
    district: dict[str, str] | None
    body: dict[str, str]
    city: dict[str, str]
    city_code: str
    timezone: str
    hidden: dict[str, Any] | None


def public_page(session: Reader, city_id: int | None, wanted: Wanted, today: date, after: str | None = None, limit: int = PAGE, *,
                within: Sequence[Any] = (), known: Directory | None = None) -> Page:
    """One page of a city's public complaints, of all cities without one. today: the local date. after: the key of the page
    before; nonsense is the first page. within: more conditions, such as a frame of the map. known: when it was read already."""
    known, sort = known or directory(session), SORTS[wanted.sort]
    if wanted.words:
        return _found_page(session, city_id, wanted, today, known, _read_key(after, sort), limit, within)
    flags, values = _parts(wanted, today, known)
    if city_id is not None:
        values["city_id"] = city_id
    key = _read_key(after, sort)
    names, bounds = tuple(values), {"key": key[0], "last": key[1]} if key else {}
    rows: list[Any] = []
    for part in (sort.parts if key else ("from_the_start",)):
        statement = _statement(wanted.sort, flags, names, part, limit + 1 - len(rows), hinted=not within)
        rows += session.execute(statement.where(*within) if within else statement, values | bounds)
        if len(rows) > limit:
            break
    shown = [_listed(row, known) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(shown, None)
    last = rows[limit - 1]
    return Page(shown, f"{sort.to_number(getattr(last, sort.column.key))}_{last.id}")


def _found_page(session: Reader, city_id: int | None, wanted: Wanted, today: date, known: Directory, key: tuple[Any, int] | None,
                limit: int, within: Sequence[Any]) -> Page:
    """One page of what the words find. Newest first is by id, which grows with the time of registration and is what the index knows."""
    looked = search.look(session, wanted.words, category_names(known))
    if looked is None or not looked.possible:
        return Page([], None)
    sort, city = SORTS[wanted.sort], None if city_id is None else city_term(city_id)
    query = filtered(select(C.id).where(~C.private, *within), wanted, today, known)
    if city_id is not None:
        query = query.where(C.city_id == city_id)
    if wanted.sort == "newest":
        ids = search.newest(session, looked, query, C.id, limit + 1, city=city, before=key[1] if key else None)
    else:
        query = query.where(search.found_in(session, looked, C.id, city), *([_behind(sort, literal(key[0], sort.column.type), literal(key[1]))] if key else []))
        ids = session.scalars(query.order_by(*_order(sort)).limit(limit + 1)).all()
    rows = {row.id: row for row in session.execute(select(*_COLUMNS, C.text).where(C.id.in_(ids[:limit])))}
    shown = [_listed(rows[row_id], known) for row_id in ids[:limit] if row_id in rows]
    found = {row.id: excerpt((row.text, row.address), looked.terms) for row in rows.values()}
    if len(ids) <= limit or not shown:
        return Page(shown, None, found)
    return Page(shown, f"{sort.to_number(getattr(shown[-1], sort.column.key))}_{shown[-1].id}", found)


def filtered(query: Select[Any], wanted: Wanted, today: date, known: Directory | None = None) -> Select[Any]:
    """The rows of ``query`` (which reads the table of complaints) that the reader looks for, but for the words. today: the local date."""
    flags, values = _parts(wanted, today, known)
    return query.where(*(FLAGS[name] for name in flags), *(CONDITIONS[name](value) for name, value in values.items()))


#: Conditions that hold no value: each is word for word the one of the indexes made for it, which SQLite asks for.
FLAGS: dict[str, Any] = {"open": OPEN_ROWS, "photo": C.with_photo, "supported": SUPPORTED_ROWS}
CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "city_id": lambda value: C.city_id == value,
    "state": lambda value: C.state == value,
    "category_id": lambda value: C.category_id == value,
    "root_id": lambda value: C.root_id == value,
    "either_id": lambda value: or_(C.category_id == value, C.root_id == value),
    "district_id": lambda value: C.district_id == value,
    "body_id": lambda value: C.body_id == value,
    "direction": lambda value: C.direction == value,
    "since": lambda value: C.registered_at >= value,
    "until": lambda value: C.registered_at < value,
    "due_before": lambda value: C.due_on < value,
}


def _parts(wanted: Wanted, today: date, known: Directory | None) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Names of ``FLAGS`` that hold, and values of ``CONDITIONS``. Without ``known`` a category may be a root or a leaf."""
    overdue = wanted.state == "overdue" or wanted.sort == "overdue"
    flags = {"open": overdue or wanted.state == "open", "photo": wanted.photo, "supported": wanted.supported}
    category = known.categories.get(wanted.category_id or 0) if known else None
    name = "either_id" if known is None else "root_id" if category is not None and category.parent_id is None else "category_id"
    values = {
        "state": wanted.state if wanted.state in STATES else None, name: wanted.category_id,
        "district_id": wanted.district_id, "body_id": wanted.body_id, "direction": wanted.direction,
        "since": _midnight(wanted.since), "until": _midnight(wanted.until, 1), "due_before": today if overdue else None,
    }
    return tuple(name for name, holds in flags.items() if holds), {name: value for name, value in values.items() if value is not None}


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    """The moment when ``day`` begins, ``later`` days later; None past the end of the calendar."""
    try:
        return datetime.combine(day + timedelta(days=later), time(), KAZAKHSTAN) if day else None
    except OverflowError:
        return None


_FIRST_PHOTO = (
    select(A.photo_id).join_from(Attachment.__table__, Photo.__table__, P.id == A.photo_id)
    .where(A.complaint_id == C.id, A.moment == literal_column("'before'"), P.state == literal_column("'ready'"))
    .order_by(A.position).limit(literal_column("1")).correlate(Complaint.__table__).scalar_subquery()
)
_COLUMNS = (
    C.id, C.number, C.state, C.address, C.due_on, C.term_from, C.registered_at, C.answered_at, C.supporters, C.updated_at,
    case((C.with_photo, _FIRST_PHOTO)).label("photo_id"), C.category_id, C.district_id, C.body_id, C.city_id, C.hidden,
)


@lru_cache(maxsize=256)
def _statement(sort_name: str, flags: tuple[str, ...], names: tuple[str, ...], part: str, limit: int, *, hinted: bool) -> Select[Any]:
    """The select of a page for these flags and conditions. The number of rows stands in it: PostgreSQL plans by it. hinted: SQLite
    is told the index, unless a condition that comes on top has a better one."""
    sort = SORTS[sort_name]
    query = select(*_COLUMNS).where(~C.private, *(FLAGS[name] for name in flags), *(CONDITIONS[name](_bound(name)) for name in names))
    if part != "from_the_start":
        query = query.where(_FURTHER[part](sort, bindparam("key", type_=sort.column.type), bindparam("last", type_=C.id.type)))
    if hinted:
        query = query.with_hint(Complaint.__table__, f"INDEXED BY {best_index(sort_name, {*flags, *names})}", "sqlite")
    return query.order_by(*_order(sort)).limit(literal_column(str(int(limit))))


def _behind(sort: Sort, value: Any, last_id: Any) -> ColumnElement[bool]:
    here, border = tuple_(sort.column, C.id), tuple_(value, last_id)
    return here < border if sort.descending else here > border


def _ties(sort: Sort, value: Any, last_id: Any) -> ColumnElement[bool]:
    return and_(sort.column == value, C.id < last_id if sort.descending else C.id > last_id)


def _rest(sort: Sort, value: Any, last_id: Any) -> ColumnElement[bool]:
    return and_(sort.column < value if sort.descending else sort.column > value)


_FURTHER = {"behind": _behind, "ties": _ties, "rest": _rest}


def _order(sort: Sort) -> tuple[Any, Any]:
    return (sort.column.desc(), C.id.desc()) if sort.descending else (sort.column, C.id)


def _bound(name: str) -> BindParameter[Any]:
    column = {"either_id": C.root_id, "since": C.registered_at, "until": C.registered_at, "due_before": C.due_on}.get(name)
    return bindparam(name, type_=(C[name] if column is None else column).type)


def _listed(row: Any, known: Directory) -> Listed:
    city, district = known.cities[row.city_id], known.districts.get(row.district_id)
    return Listed._make((*row[:11], known.categories[row.category_id].name, district.name if district else None, known.bodies[row.body_id].name,
                  city.name, city.code, city.timezone, row.hidden))


def _read_key(text: str | None, sort: Sort) -> tuple[Any, int] | None:
    try:
        number, _, last = (text or "").partition("_")
        behind = row_id(last)
        if behind is None or not (number.isascii() and number.isdecimal() and len(number) <= 18):
            return None
        return sort.from_number(int(number)), behind
    except (ValueError, OverflowError):
        return None
