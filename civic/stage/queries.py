"""Reading talks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from civic.stage.models import Talk


def talks_of(session: Session, event_id: int) -> Sequence[Talk]:
    """The talks of an evening in their order, with slides."""
    return session.scalars(select(Talk).where(Talk.event_id == event_id).options(selectinload(Talk.slides)).order_by(Talk.position, Talk.id)).all()


def by_token(session: Session, token: str) -> Talk | None:
    """The talk of a presenter's address."""
    return session.scalar(select(Talk).where(Talk.token == token).options(joinedload(Talk.event), selectinload(Talk.slides)))
