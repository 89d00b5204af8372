"""Complaints keep their category's root and direction, by which lists are filtered; when an administrator changes those, they follow."""

from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.complaints.models import Complaint


def refile(session: Session, category_id: int | None = None) -> int:
    """Bring root and direction of a category's complaints to what the category has now; of all categories without one.

    Returns how many complaints changed. Their version stays: nobody's step on them becomes another one.
    """
    C, K = Complaint.__table__.c, Category.__table__.c
    root = select(func.coalesce(K.parent_id, K.id)).where(K.id == C.category_id).scalar_subquery()
    direction = select(K.direction).where(K.id == C.category_id).scalar_subquery()
    query = update(Complaint).values(root_id=root, direction=direction).where(or_(C.root_id != root, C.direction != direction))
    if category_id is not None:
        query = query.where(C.category_id == category_id)
    session.flush()
    done: CursorResult[Any] = session.execute(query)  # type: ignore[assignment]
    return done.rowcount
