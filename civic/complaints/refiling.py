"""Complaints keep their category's root and direction, by which lists are filtered; when an administrator changes those, they follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, text, update
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.complaints import map_counts
from civic.complaints.models import Complaint
from civic.core.database import dialect_name
from civic.figures import recount, service


def refile(session: Session, category_id: int | None = None) -> int:
    """Bring root and direction of a category's complaints to what the category has now, of all categories without one, and
    the counters of roots with them.

    Returns how many complaints changed. Their version stays: nobody's step on them becomes another one. The transaction must be
    a writing one; until it ends nobody else writes complaints.
    """
    C, K = Complaint.__table__.c, Category.__table__.c
    root = select(func.coalesce(K.parent_id, K.id)).where(K.id == C.category_id).scalar_subquery()
    direction = select(K.direction).where(K.id == C.category_id).scalar_subquery()
    differs = or_(C.root_id != root, C.direction != direction)
    if category_id is not None:
        differs &= C.category_id == category_id
    session.flush()
    if dialect_name(session) == "postgresql":  # SQLite lets one write at a time anyway
        session.execute(text("LOCK TABLE complaint IN EXCLUSIVE MODE"))
    moving = C.category_id.in_(session.scalars(select(C.category_id).where(differs).distinct()).all())
    with _counted_anew(session, moving):
        done: CursorResult[Any] = session.execute(update(Complaint).values(root_id=root, direction=direction).where(differs))  # type: ignore[assignment]
    return done.rowcount


@contextmanager
def _counted_anew(session: Session, which: ColumnElement[bool]) -> Iterator[None]:
    """Move the counters of these complaints to where they stand afterwards."""
    sums, cells = recount.of_complaints(session, which), map_counts.of_complaints(session, which)
    yield
    after = recount.of_complaints(session, which)
    after.subtract(sums)
    service.write(session, after)
    map_counts.add(session, map_counts.less(map_counts.of_complaints(session, which), cells))
