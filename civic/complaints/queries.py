"""Public reads of complaints, as small frozen rows; the ORM serves writes and staff pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.complaints.models import Applicant, Attachment, Complaint, ComplaintEvent
from civic.complaints.states import OPEN, State
from civic.core.codes import read_number
from civic.core.database import Reader
from civic.media.models import Photo
from civic.places.models import City, District
from civic.search.marks import Piece

PAGE = 20

_FIRST_PHOTO = (
    select(Attachment.photo_id)
    .join(Photo, Photo.id == Attachment.photo_id)
    .where(Attachment.complaint_id == Complaint.id, Attachment.moment == "before", Photo.state == "ready")
    .order_by(Attachment.position).limit(1).correlate(Complaint).scalar_subquery()
)
_ROW = (
    Complaint.id, Complaint.number, Complaint.state, Complaint.address, Complaint.due_on, Complaint.term_from,
    Complaint.registered_at, Complaint.answered_at, Complaint.supporters, Complaint.private, Complaint.outcome,
    Complaint.respond_by, Complaint.updated_at, Complaint.version, Complaint.assignee_id, Complaint.disputes, Complaint.language,
    Category.name.label("category"), District.name.label("district"), Body.name.label("body"),
    City.code.label("city_code"), City.timezone.label("timezone"), _FIRST_PHOTO.label("photo_id"), Complaint.hidden,
)
Listed = Any  # a row of the selects below


def public_rows() -> Any:
    """The select that every list of complaints begins with."""
    return (
        select(*_ROW)
        .join(Category, Category.id == Complaint.category_id)
        .join(Body, Body.id == Complaint.body_id)
        .join(City, City.id == Complaint.city_id)
        .outerjoin(District, District.id == Complaint.district_id)
    )


@dataclass(frozen=True)
class Page:
    """One page of a list. ``after``: what the next page begins behind, None on the last. ``found``: by id, where the words stand that were looked for."""

    rows: Sequence[Any]
    after: str | None
    found: Mapping[int, Sequence[Piece]] = field(default_factory=dict)


def filed_by(session: Session, contact_id: int) -> Sequence[Listed]:
    """Complaints of one applicant, newest first; no more than 200."""
    query = public_rows().join(Applicant, Applicant.complaint_id == Complaint.id).where(Applicant.contact_id == contact_id)
    return session.execute(query.order_by(Complaint.registered_at.desc()).limit(200)).all()


def rows_by_id(session: Session, ids: Sequence[int]) -> dict[int, Listed]:
    """List rows of the given complaints."""
    return {row.id: row for row in session.execute(public_rows().where(Complaint.id.in_(ids)))}


@dataclass(frozen=True)
class InboxFilter:
    """What an official looks for. ``words`` are folded, each must occur; a whole ``number`` is looked for in every state.

    who: ``mine``, ``nobody`` or empty for all. closed: what needs no answer any more instead of what waits. due_before: only what was due before this day.
    """

    state: State | None = None
    category_id: int | None = None
    district_id: int | None = None
    who: str = ""
    words: str = ""
    number: str | None = None
    closed: bool = False
    due_before: date | None = None


def inbox(session: Session, body_ids: frozenset[int], user_id: int, wanted: InboxFilter,
          after: tuple[date, int] | None = None, limit: int = 50) -> Page:
    """What waits for a body, by due date: the longest overdue comes first. Closed and answered ones newest first."""
    query = public_rows().where(Complaint.body_id.in_(body_ids), *_wanted(wanted, user_id))
    newest_first = wanted.closed and wanted.number is None
    key = (Complaint.due_on.desc(), Complaint.id.desc()) if newest_first else (Complaint.due_on, Complaint.id)
    if after is not None:
        here = tuple_(Complaint.due_on, Complaint.id)
        border = tuple_(literal(after[0]), literal(after[1]))
        query = query.where(here < border if newest_first else here > border)
    rows = session.execute(query.order_by(*key).limit(limit + 1)).all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], f"{last.due_on.isoformat()}_{last.id}" if last is not None else None)


def _wanted(wanted: InboxFilter, user_id: int) -> list[Any]:
    if wanted.number:
        return [Complaint.number == wanted.number]
    conditions: list[Any] = [Complaint.search.contains(word, autoescape=True) for word in wanted.words.split()]
    if wanted.state:
        conditions.append(Complaint.state == wanted.state)
    else:
        conditions.append(Complaint.state.not_in(OPEN) if wanted.closed else Complaint.state.in_(OPEN))
    if wanted.category_id:
        conditions.append(or_(Category.id == wanted.category_id, Category.parent_id == wanted.category_id))
    if wanted.district_id:
        conditions.append(Complaint.district_id == wanted.district_id)
    if wanted.due_before:
        conditions.append(Complaint.due_on < wanted.due_before)
    if wanted.who == "mine":
        conditions.append(Complaint.assignee_id == user_id)
    if wanted.who == "nobody":
        conditions.append(Complaint.assignee_id.is_(None))
    return conditions


def has_open(session: Session, body_id: int | None) -> bool:
    """Complaints wait for an answer of this body."""
    return session.scalar(select(Complaint.id).where(Complaint.body_id == body_id, Complaint.state.in_(OPEN)).limit(1)) is not None


@dataclass(frozen=True)
class Load:
    """How much a body has on its desk."""

    waiting: int
    overdue: int
    due_today: int
    disputed: int


def load(session: Session, body_ids: frozenset[int], today: date) -> Load:
    """Counts of open complaints of the given bodies."""
    overdue, due = func.count().filter(Complaint.due_on < today), func.count().filter(Complaint.due_on == today)
    disputed = func.count().filter(Complaint.state == State.DISPUTED)
    query = select(func.count(), overdue, due, disputed)
    return Load(*session.execute(query.where(Complaint.body_id.in_(body_ids), Complaint.state.in_(OPEN))).one())


def load_by_person(session: Session, body_ids: frozenset[int], today: date) -> Sequence[tuple[int | None, int, int]]:
    """(assignee's account id or None, open, overdue) of the given bodies, most loaded first."""
    overdue = func.count().filter(Complaint.due_on < today)
    return session.execute(
        select(Complaint.assignee_id, func.count(), overdue)
        .where(Complaint.body_id.in_(body_ids), Complaint.state.in_(OPEN))
        .group_by(Complaint.assignee_id).order_by(func.count().desc())
    ).all()


def by_number(session: Session, number: str) -> Complaint | None:
    """The complaint with this number, as ``codes.read_number`` writes it."""
    return session.scalar(select(Complaint).where(Complaint.number == number))


_C, _E, _A, _P = (table.__table__.c for table in (Complaint, ComplaintEvent, Attachment, Photo))


def public_ids(session: Reader, city_id: int, typed: Collection[str]) -> dict[str, int]:
    """Ids of the public complaints of a city by their numbers as people typed them; what names none is left out."""
    numbers = {words: read_number(words) for words in typed}
    query = select(_C.number, _C.id).where(_C.number.in_([number for number in numbers.values() if number]), _C.city_id == city_id, ~_C.private)
    known: dict[str | None, int] = {number: complaint_id for number, complaint_id in session.execute(query)}
    return {words: known[number] for words, number in numbers.items() if number in known}


_OF_PAGE = select(
    _C.id, _C.number, _C.city_id, _C.district_id, _C.category_id, _C.body_id, _C.state, _C.text, _C.language, _C.address, _C.lat, _C.lon,
    _C.private, _C.public_name, _C.registered_at, _C.term_from, _C.due_on, _C.answered_at, _C.respond_by, _C.supporters,
    _C.duplicate_of_id, _C.discussed, _C.updated_at, _C.hidden, _C.version,
).where(_C.number == bindparam("number"), ~_C.private)
_STEPS = select(
    _E.id, _E.kind, _E.at, _E.role, _E.body_id, _E.to_state, _E.from_body_id, _E.to_body_id, _E.due_before, _E.due_after, _E.text,
    _E.language, _E.facts, _E.hidden,
).where(_E.complaint_id == bindparam("complaint_id"), _E.public).order_by(_E.id.desc())
_ATTACHED = (
    select(_A.photo_id, _A.moment, _A.event_id, _P.state, _P.uploaded_at)
    .join_from(Attachment.__table__, Photo.__table__, _P.id == _A.photo_id)
    .where(_A.complaint_id == bindparam("complaint_id")).order_by(_A.position, _A.id)
)
_NUMBER = select(_C.number).where(_C.id == bindparam("complaint_id"))


class Attached(NamedTuple):
    """A photo of a complaint, read like the rows of ``Attachment`` with their ``photo``."""

    photo_id: str
    moment: str
    event_id: int | None
    state: str
    uploaded_at: datetime

    @property
    def photo(self) -> "Attached":
        """Itself: its state and time stand here."""
        return self


def public_complaint(session: Reader, number: str) -> Listed | None:
    """The columns of a public complaint that its page shows; None for a private one."""
    return session.execute(_OF_PAGE, {"number": number}).first()


def public_steps(session: Reader, complaint_id: int) -> Sequence[Listed]:
    """The public steps of a complaint, newest first."""
    return session.execute(_STEPS, {"complaint_id": complaint_id}).all()


def attached(session: Reader, complaint_id: int) -> list[Attached]:
    """The photos of a complaint and of its steps, in order."""
    return [Attached(*row) for row in session.execute(_ATTACHED, {"complaint_id": complaint_id})]


def number_of(session: Reader, complaint_id: int) -> str:
    """The number of a complaint that there is."""
    number: str = session.execute(_NUMBER, {"complaint_id": complaint_id}).scalar_one()
    return number


def path(session: Session, complaint_id: int, *, public_only: bool) -> Sequence[ComplaintEvent]:
    """The complaint's steps, newest first."""
    query = select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint_id)
    if public_only:
        query = query.where(ComplaintEvent.public)
    return session.scalars(query.order_by(ComplaintEvent.id.desc())).all()
