"""Ordering the rules to look for signs of trouble in words that everybody can read from now on. Every feature with such words does it, in
the transaction that makes them public."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.jobs.service import enqueue


def look_for_signs(session: Session, kind: str, key: str, now: datetime, *, once: object, parts: Collection[str] | None = None, **facts: Any) -> None:
    """kind, key: of the thing, parts: the names of those that are new, None for all, each as ``subjects`` has them. once: tells this order
    from others about the same thing, so that none is given twice. facts: what else the job wants to know (``event_id`` of a complaint)."""
    names = None if parts is None else list(parts)
    enqueue(session, "look_for_signs", f"signs:{kind}:{key}:{once}", {"kind": kind, "key": key, "parts": names, **facts}, now)
