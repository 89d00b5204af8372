"""Who follows what, and whom a complaint concerns."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from civic.following.models import Following, FollowingKey

#: Keys asked for in one statement: both databases bound the number of parameters.
BATCH = 500


def of_contact(session: Session, contact_id: int) -> Sequence[Following]:
    """What an address follows, newest first."""
    return session.scalars(select(Following).where(Following.contact_id == contact_id).order_by(Following.id.desc())).all()


def own(session: Session, contact_id: int, following_id: int) -> Following | None:
    """A following of this address, None when it is somebody else's or ended."""
    return session.scalar(select(Following).where(Following.id == following_id, Following.contact_id == contact_id))


def chosen(session: Session, contact_id: int, following_ids: Sequence[int]) -> Sequence[Following]:
    """Those of the given followings that still are this address's, oldest first."""
    return session.scalars(
        select(Following).where(Following.contact_id == contact_id, Following.id.in_(following_ids)).order_by(Following.id)
    ).all()


_CANDIDATE = (
    Following.id, Following.contact_id, Following.kind, Following.city_id, Following.lat, Following.lon, Following.radius_m,
    Following.query, Following.wanted, Following.steps, Following.rhythm,
)


def candidates(session: Session, keys: Iterable[str]) -> list[Row[Any]]:
    """Followings, not paused, that stand under one of the keys; each once."""
    found: dict[int, Row[Any]] = {}
    asked = sorted(keys)
    for start in range(0, len(asked), BATCH):
        query = (
            select(*_CANDIDATE).join(FollowingKey, FollowingKey.following_id == Following.id)
            .where(FollowingKey.key.in_(asked[start:start + BATCH]), Following.paused_at.is_(None))
        )
        found.update((row.id, row) for row in session.execute(query))
    return list(found.values())
