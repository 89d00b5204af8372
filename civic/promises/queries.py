"""Public reads of promises, as small frozen rows; the ORM serves writes."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, null, select, union_all
from sqlalchemy.orm import Session, joinedload

from civic.complaints.models import Complaint
from civic.core.codes import row_id
from civic.core.database import Reader
from civic.events.models import Event, Organisation
from civic.media.models import Photo
from civic.promises.models import Promise, PromiseComplaint, PromisePhoto, PromiseStep
from civic.promises.states import OPEN, State
from civic.topics.models import EventComplaint

PAGE = 20
Listed = Any  # a row of the selects below
_P, _E, _S, _PHOTO, _OF = (table.__table__.c for table in (Promise, Event, PromiseStep, Photo, PromisePhoto))
_ROW = (
    _P.id, _P.number, _P.city_id, _P.body_id, _P.words, _P.language, _P.due_on, _P.state, _P.wording, _P.respond_by, _P.contest_until,
    _P.decide_by, _P.claimed_on, _P.recorded_at, _P.updated_at, _P.official_post, _E.code.label("event_code"), _E.title, _E.starts_at,
)


def public_rows() -> Any:
    """The select that every list of promises begins with."""
    return select(*_ROW).join_from(Promise.__table__, Event.__table__, _E.id == _P.event_id)


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; None filters nothing. state: a state, or one of ``GROUPS``. event: the code of one."""

    state: str | None = None
    body_id: int | None = None
    event: str | None = None


#: What readers ask for besides single states.
GROUPS: dict[str, ColumnElement[bool]] = {
    "open": _P.state.in_(OPEN), "overdue": _P.state == State.LATE,
    "kept_in_time": and_(_P.state == State.KEPT, _P.claimed_on <= _P.due_on), "kept_late": and_(_P.state == State.KEPT, _P.claimed_on > _P.due_on),
}


@dataclass(frozen=True)
class Page:
    """One page of a list, the newest first. ``after``: what the next page begins behind, None on the last."""

    rows: Sequence[Listed]
    after: str | None


def public_page(session: Reader, city_id: int, wanted: Wanted, after: str | None = None, limit: int = PAGE) -> Page:
    """One page of a city's promises. after: the key of the page before; nonsense is the first page."""
    query = public_rows().where(_P.city_id == city_id)
    if wanted.state:
        query = query.where(GROUPS.get(wanted.state, _P.state == wanted.state))
    if wanted.body_id:
        query = query.where(_P.body_id == wanted.body_id)
    if wanted.event:
        query = query.where(_E.code == wanted.event)
    behind = row_id(after or "")
    if behind is not None:
        query = query.where(_P.id < behind)
    rows = session.execute(query.order_by(_P.id.desc()).limit(limit + 1)).all()
    return Page(rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None)


def of_event(session: Reader, event_id: int) -> Sequence[Listed]:
    """What was promised at an event, in the order of its recording."""
    return session.execute(public_rows().where(_P.event_id == event_id).order_by(_P.second, _P.id)).all()


def of_body(session: Reader, body_id: int, limit: int) -> Sequence[Listed]:
    """The newest promises of a body."""
    return session.execute(public_rows().where(_P.body_id == body_id).order_by(_P.id.desc()).limit(limit)).all()


def for_desk(session: Reader, body_ids: Collection[int], limit: int = 200) -> Sequence[Listed]:
    """Promises of the bodies that somebody answers for: open ones by their day, then the rest."""
    mine = public_rows().where(_P.body_id.in_(body_ids))
    first = session.execute(mine.where(_P.state.in_(OPEN)).order_by(_P.due_on, _P.id).limit(limit)).all()
    return [*first, *session.execute(mine.where(_P.state.not_in(OPEN)).order_by(_P.updated_at.desc(), _P.id.desc()).limit(limit)).all()]


@dataclass(frozen=True)
class Figures:
    """How promises ended. made: all but those recorded in error. overdue: of the open ones, those whose day has passed."""

    made: int = 0
    kept_in_time: int = 0
    kept_late: int = 0
    broken: int = 0
    taken_back: int = 0
    open: int = 0
    overdue: int = 0

    @property
    def kept(self) -> int:
        """In time or late."""
        return self.kept_in_time + self.kept_late

    @property
    def judged(self) -> int:
        """What the share kept in time is of: those that ended, and overdue ones that are still open."""
        return self.kept + self.broken + self.taken_back + self.overdue


_LATE = (_P.claimed_on > _P.due_on).label("late")
_OF_BODY = select(_P.state, _LATE, func.count()).where(_P.body_id == bindparam("of")).group_by(_P.state, _LATE)
_OF_CITY = select(_P.state, _LATE, func.count()).where(_P.city_id == bindparam("of")).group_by(_P.state, _LATE)


def figures_of_body(session: Reader, body_id: int) -> Figures:
    """How the promises of a body ended."""
    return _figures(session.execute(_OF_BODY, {"of": body_id}).all())


def figures_of_city(session: Reader, city_id: int) -> Figures:
    """How the promises given in a city ended."""
    return _figures(session.execute(_OF_CITY, {"of": city_id}).all())


def _figures(rows: Sequence[Any]) -> Figures:
    sums: defaultdict[str, int] = defaultdict(int)
    for state, late, number in rows:
        if state == State.IN_ERROR:
            continue
        sums["made"] += number
        if state == State.KEPT:
            sums["kept_late" if late else "kept_in_time"] += number
        elif state in (State.BROKEN, State.TAKEN_BACK):
            sums[state] += number
        else:
            sums["open"] += number
            sums["overdue"] += number if state == State.LATE else 0
    return Figures(**sums)


def by_number(session: Session, number: str) -> Promise | None:
    """The promise with this number, as ``codes.read_number`` writes it, with what its page and its rules look at."""
    return session.scalar(select(Promise).where(Promise.number == number).options(
        joinedload(Promise.body, innerjoin=True), joinedload(Promise.event, innerjoin=True).joinedload(Event.organisation).lazyload(Organisation.members)))


def path(session: Reader, promise_id: int) -> Sequence[Any]:
    """Its history, newest first."""
    columns = (_S.id, _S.kind, _S.at, _S.role, _S.from_state, _S.to_state, _S.text, _S.language, _S.links, _S.facts, _S.hidden, _S.contact_id)
    return session.execute(select(*columns).where(_S.promise_id == promise_id).order_by(_S.id.desc())).all()


def photos(session: Reader, promise_id: int) -> Sequence[Any]:
    """(step_id, photo_id, state, uploaded_at) of its evidence, in order."""
    query = (select(_OF.step_id, _OF.photo_id, _PHOTO.state, _PHOTO.uploaded_at).join_from(PromisePhoto.__table__, Photo.__table__, _PHOTO.id == _OF.photo_id)
             .join(PromiseStep.__table__, _S.id == _OF.step_id).where(_S.promise_id == promise_id).order_by(_OF.step_id, _OF.position))
    return session.execute(query).all()


def complaint_ids(session: Reader, promise_id: int) -> Sequence[int]:
    """The complaints that it is about."""
    query = select(PromiseComplaint.complaint_id).where(PromiseComplaint.promise_id == promise_id).order_by(PromiseComplaint.complaint_id)
    return session.execute(query).scalars().all()


_TIE, _CARRIED, _COMPLAINT = PromiseComplaint.__table__.c, EventComplaint.__table__.c, Complaint.__table__.c
#: One statement for a tracking page: the discussions that carry the complaint, and what was promised about it.
_OF_COMPLAINT = union_all(
    select(literal("promise").label("kind"), _E.code.label("event_code"), _E.title, _E.starts_at, _P.number, _P.body_id, _P.words, _P.language,
           _P.due_on, _P.claimed_on, _P.state, _P.wording)
    .join_from(PromiseComplaint.__table__, Promise.__table__, _P.id == _TIE.promise_id).join(Event.__table__, _E.id == _P.event_id)
    .where(_TIE.complaint_id == bindparam("complaint_id")),
    # no promise of its own: the columns have the types of those above
    select(literal("event"), _E.code, _E.title, _E.starts_at, *(null() for _ in range(8)))
    .join_from(EventComplaint.__table__, Event.__table__, _E.id == _CARRIED.event_id)
    .where(_CARRIED.complaint_id == bindparam("complaint_id"), _E.announced_at.is_not(None)),
)


def of_complaint(session: Reader, complaint_id: int) -> Sequence[Any]:
    """Rows of ``kind`` ``promise``, and ``event`` for a discussion that carries it; those of events say nothing of promises."""
    return session.execute(_OF_COMPLAINT, {"complaint_id": complaint_id}).all()
