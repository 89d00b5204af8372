"""Who is told of each step of a promise. The caller's transaction is used and never committed here."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.jobs.service import enqueue
from civic.limits.service import mark_of
from civic.notifications.service import refuse_flood
from civic.promises.models import Promise, PromiseFollow
from civic.promises.service import lock


def follow(session: Session, promise: Promise, contact_id: int, now: datetime) -> bool:
    """Be told of each step from now on; False when that was so already."""
    lock(session, promise)  # two presses at once make one row
    if follows(session, promise.id, contact_id):
        return False
    session.add(PromiseFollow(promise_id=promise.id, contact_id=contact_id, at=now))
    session.flush()
    return True


def follows(session: Session, promise_id: int, contact_id: int | None) -> bool:
    """Whether this address is told of each step."""
    mine = select(PromiseFollow.id).where(PromiseFollow.promise_id == promise_id, PromiseFollow.contact_id == contact_id)
    return session.scalar(mine) is not None


def unfollow(session: Session, promise: Promise, contact_id: int) -> None:
    """Be told no more."""
    held = session.scalar(select(PromiseFollow).where(PromiseFollow.promise_id == promise.id, PromiseFollow.contact_id == contact_id))
    if held is not None:
        session.delete(held)
        session.flush()


def ask_to_follow(session: Session, promise: Promise, email: str, locale: str, now: datetime) -> None:
    """Order the letter with the button that begins to follow; once a day for each address. Raises what ``refuse_flood`` does."""
    address = email.strip().lower()
    refuse_flood(session, address, now)
    facts = {"promise_id": promise.id, "email": address, "locale": locale}
    enqueue(session, "promise_following", f"promise_following:{promise.id}:{mark_of(session, address, now)}:{now.date()}", facts, now)
