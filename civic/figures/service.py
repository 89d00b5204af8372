"""Counting a step in the transaction that takes it."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.clock import local_date
from civic.core.tally import Tally
from civic.figures.measures import Key, Place, Step, is_open, open_counters, steps_counters
from civic.figures.models import Figure
from civic.places.models import City

if TYPE_CHECKING:
    from civic.complaints.models import Complaint, ComplaintEvent

Sums = Counter[Key]
AT_ONCE = 500


def count(session: Session, complaint: "Complaint", step: "ComplaintEvent") -> None:
    """Count one step; the counters change when the transaction commits."""
    _tally.add(session, deltas(complaint, step, session.get_one(City, complaint.city_id).timezone))


def deltas(complaint: "Complaint", step: "ComplaintEvent", timezone: str) -> Sums:
    """What a step changes, and by how much. timezone: the city's; the step belongs to the month of its local date."""
    place = Place(complaint.city_id, complaint.category_id, complaint.root_id)
    day = local_date(step.at, timezone)
    taken = Step(step.kind, step.from_state, step.from_body_id, step.to_body_id, day.replace(day=1),
                 step.due_before is not None and day > step.due_before, int(step.facts.get("days", 0)) if step.kind == "answer" else 0)
    sums = Counter(steps_counters(place, taken))
    if is_open(step.from_state):
        assert step.from_body_id is not None and step.due_before is not None
        sums.subtract(open_counters(place, step.from_body_id, step.due_before))
    if is_open(step.to_state):
        sums.update(open_counters(place, step.to_body_id, step.due_after))
    return Counter({key: number for key, number in sums.items() if number})


def write(session: Session, sums: Mapping[Key, int]) -> None:
    """Add to the counters, in the order of their keys."""
    rows = [{**key._asdict(), "number": number} for key, number in sorted(sums.items()) if number]
    for first in range(0, len(rows), AT_ONCE):
        session.connection().execute(_addition(session.get_bind().dialect.name), rows[first:first + AT_ONCE])


@lru_cache
def _addition(dialect: str) -> Any:
    order = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(Figure)
    return order.on_conflict_do_update(index_elements=list(Key._fields), set_={"number": Figure.number + order.excluded.number})


def forget_zeros(session: Session) -> None:
    """Remove counters that say nothing any more: due dates on which nothing waits. One that is being written is left."""
    key = tuple_(*(getattr(Figure, name) for name in Key._fields))
    zeros = select(*(getattr(Figure, name) for name in Key._fields)).where(Figure.number == 0).with_for_update(skip_locked=True)
    session.execute(Figure.__table__.delete().where(key.in_(zeros)))  # type: ignore[attr-defined]


_tally = Tally("civic_figures", write)
