"""Makes the demonstration."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session


def make(session: Session, media: Path, now: datetime, password: str | None) -> str | None:
    """To be written."""
    return None


def describe(password: str | None) -> list[str]:
    """To be written."""
    return []
