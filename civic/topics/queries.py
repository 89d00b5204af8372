"""Public reads of topics and of what events carry, as small rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from civic.complaints.models import Complaint
from civic.core.codes import row_id
from civic.core.database import Reader
from civic.topics.models import WHOLE_CITY, EventComplaint, EventTopic, TopicCount
from civic.topics.rules import LEAST_RECENT

PAGE = 20
_T, _ET, _EC, _C = (table.__table__.c for table in (TopicCount, EventTopic, EventComplaint, Complaint))
_COUNTS = (_T.city_id, _T.category_id, _T.district_id, _T.pile, _T.recent, _T.before, _T.grows, _T.counted_on, _T.places)
_GROWING = (select(*_COUNTS).where(_T.city_id == bindparam("city"), _T.grows)
            .order_by(_T.pile.desc(), _T.category_id, _T.district_id).limit(bindparam("most")))
_LARGEST = (select(*_COUNTS).where(_T.city_id == bindparam("city"), ~_T.grows, _T.district_id == WHOLE_CITY, _T.pile >= LEAST_RECENT)
            .order_by(_T.pile.desc(), _T.category_id).limit(bindparam("most")))


def growing(session: Reader, city_id: int, most: int = 50) -> Sequence[Any]:
    """The topics of a city that grow, the largest pile first. Where a district has all of a category, the whole city says nothing more."""
    found = session.execute(_GROWING, {"city": city_id, "most": most}).all()
    of_districts = {(t.category_id, t.pile) for t in found if t.district_id != WHOLE_CITY}
    return [t for t in found if t.district_id != WHOLE_CITY or (t.category_id, t.pile) not in of_districts]


def largest(session: Reader, city_id: int, most: int = 10) -> Sequence[Any]:
    """The largest piles of a city that do not grow; what is less than would count as growth is no pile."""
    return session.execute(_LARGEST, {"city": city_id, "most": most}).all()


def counted(session: Reader, city_id: int, category_id: int, district_id: int) -> Any:
    """One pile; None when nothing was counted there."""
    return session.execute(select(*_COUNTS).where(_T.city_id == city_id, _T.category_id == category_id, _T.district_id == district_id)).first()


def topics_of(session: Reader, event_id: int) -> Sequence[Any]:
    """The topics that an event carries, with what was counted when they were taken up."""
    return session.execute(select(_ET.category_id, _ET.district_id, _ET.pile, _ET.recent, _ET.before).where(_ET.event_id == event_id)
                           .order_by(_ET.at, _ET.category_id, _ET.district_id)).all()


def complaints_of_topic(event_id: int, category_id: int, district_id: int) -> Select[Complaint]:
    """The complaints of a topic that an event carries: as many as an event may carry, at most."""
    chosen = select(Complaint).join(EventComplaint, EventComplaint.complaint_id == Complaint.id).where(
        EventComplaint.event_id == event_id, Complaint.category_id == category_id)
    return chosen if district_id == WHOLE_CITY else chosen.where(Complaint.district_id == district_id)


def states_of(session: Reader, event_id: int) -> dict[str, int]:
    """How many of the complaints that an event carries stand in which state now."""
    query = (select(_C.state, func.count()).join_from(EventComplaint.__table__, Complaint.__table__, _C.id == _EC.complaint_id)
             .where(_EC.event_id == event_id).group_by(_C.state))
    return {state: number for state, number in session.execute(query)}


def carried_ids(session: Reader, event_id: int, after: str | None = None, limit: int = PAGE) -> tuple[list[int], str | None]:
    """Ids of the complaints that an event carries, the newest first, and the key of the next page. Nonsense is the first page."""
    query, behind = select(_EC.complaint_id).where(_EC.event_id == event_id), row_id(after or "")
    if behind is not None:
        query = query.where(_EC.complaint_id < behind)
    ids = list(session.execute(query.order_by(_EC.complaint_id.desc()).limit(limit + 1)).scalars())
    return ids[:limit], str(ids[limit - 1]) if len(ids) > limit else None
