"""The public list of a city: what it can be filtered and sorted by, page by page, right while rows arrive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.complaints.models import Attachment, Complaint
from civic.complaints.queries import PAGE, Page, public_rows
from civic.complaints.states import OPEN, State
from civic.core.codes import row_id
from civic.media.models import Photo

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
MICROSECOND = timedelta(microseconds=1)
LARGEST = 2**31 - 1  # an INTEGER of PostgreSQL


@dataclass(frozen=True)
class Sort:
    """An order: its column (the id breaks ties), and how its value stands in the key of a page, as a whole number."""

    column: Any
    descending: bool
    to_number: Callable[[Any], int]
    from_number: Callable[[int], Any]


SORTS = {
    "newest": Sort(Complaint.registered_at, True, lambda v: (v - EPOCH) // MICROSECOND, lambda n: EPOCH + n * MICROSECOND),
    "supported": Sort(Complaint.supporters, True, int, lambda n: min(n, LARGEST)),
    "overdue": Sort(Complaint.due_on, False, date.toordinal, date.fromordinal),
}


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for. state: a state, ``open`` or ``overdue``; None and False filter nothing."""

    state: str | None = None
    category_id: int | None = None
    district_id: int | None = None
    body_id: int | None = None
    photo: bool = False
    supported: bool = False
    sort: str = "newest"


def public_page(session: Session, city_id: int, wanted: Wanted, today: date, after: str | None = None, limit: int = PAGE) -> Page:
    """One page of a city's public complaints. today: its local date. after: the key of the page before; nonsense is the first page."""
    sort = SORTS[wanted.sort]
    query = filtered(public_rows().where(Complaint.city_id == city_id, ~Complaint.private), wanted, today)
    key = _read_key(after, sort)
    if key is not None:
        query = query.where(_behind(sort, *key))
    order = (sort.column.desc(), Complaint.id.desc()) if sort.descending else (sort.column, Complaint.id)
    rows = session.execute(query.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], f"{sort.to_number(getattr(last, sort.column.key))}_{last.id}")


def filtered(query: Select[Any], wanted: Wanted, today: date) -> Select[Any]:
    """The rows of ``query`` (which reads ``Complaint``) that the reader looks for. today: local date of the city."""
    if wanted.state == "open":
        query = query.where(Complaint.state.in_(OPEN))
    elif wanted.state == "overdue" or wanted.sort == "overdue":
        query = query.where(Complaint.state.in_(OPEN), Complaint.due_on < today)
    if wanted.state in set(State):
        query = query.where(Complaint.state == wanted.state)
    if wanted.category_id:
        leaves = select(Category.id).where(or_(Category.id == wanted.category_id, Category.parent_id == wanted.category_id))
        query = query.where(Complaint.category_id.in_(leaves))
    if wanted.district_id:
        query = query.where(Complaint.district_id == wanted.district_id)
    if wanted.body_id:
        query = query.where(Complaint.body_id == wanted.body_id)
    if wanted.supported:
        query = query.where(Complaint.supporters > 0)
    if wanted.photo:
        query = query.where(exists().where(Attachment.complaint_id == Complaint.id, Attachment.moment == "before",
                                           Photo.id == Attachment.photo_id, Photo.state == "ready"))
    return query


def _behind(sort: Sort, value: Any, last_id: int) -> Any:
    further = sort.column < value if sort.descending else sort.column > value
    return or_(further, and_(sort.column == value, Complaint.id < last_id if sort.descending else Complaint.id > last_id))


def _read_key(text: str | None, sort: Sort) -> tuple[Any, int] | None:
    try:
        number, _, last = (text or "").partition("_")
        behind = row_id(last)
        if behind is None or not (number.isascii() and number.isdecimal() and len(number) <= 18):
            return None
        return sort.from_number(int(number)), behind
    except (ValueError, OverflowError):
        return None
