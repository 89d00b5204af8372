"""Followings as the page "What I follow" shows them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from civic.following.models import Following
from civic.following.naming import target_name


@dataclass(frozen=True)
class Shown:
    """One following, ready to be drawn."""

    id: int
    name: str
    rhythm: str
    steps: bool
    paused: bool


def shown(session: Session, following: Following) -> Shown:
    """For the page."""
    return Shown(following.id, target_name(session, following), following.rhythm, following.steps, following.paused_at is not None)
