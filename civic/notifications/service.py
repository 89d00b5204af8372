"""Ordering letters to contacts, at once or gathered once a day."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.jobs.service import enqueue

DIGEST_AT = time(8, 0)
ZONE = ZoneInfo("Asia/Almaty")


def tell(session: Session, contact: Contact, template: str, key: str, facts: dict[str, Any], now: datetime) -> None:
    """Order one notice for one contact, in the way the contact chose. ``key`` makes it once.

    template: name of a builder of letters; facts: ids that it needs (never text of people).
    """
    payload = {"contact_id": contact.id, "template": template, **facts}
    if contact.delivery == "daily":
        enqueue(session, "digest_item", f"mail:{key}:{contact.id}", payload, now, next_digest(now))
    else:
        enqueue(session, "mail", f"mail:{key}:{contact.id}", payload, now)


def next_digest(now: datetime) -> datetime:
    """The next eight o'clock in the morning, local time."""
    local = now.astimezone(ZONE)
    day = local.date() if local.time() < DIGEST_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DIGEST_AT, ZONE)
