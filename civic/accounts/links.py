"""Signing in by a letter: ordering it, and the person of its link. Ordering costs the same for every address, known or not."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.accounts.service import claim_contact
from civic.accounts.tokens import read, sign, use_once, was_used
from civic.jobs.service import enqueue
from civic.limits.service import mark_of

TERM = timedelta(minutes=15)
#: Seconds in which one address gets one letter.
SELDOM = 120


def order(session: Session, email: str, lang: str, now: datetime, *, purpose: str, leads_to: str = "", device: int = 0) -> None:
    """Order the letter. Whether there is an account is looked up by the job, so that no answer and no time tells.

    purpose: ``link`` signs in, ``prove`` shows on this ``device`` who is there.
    """
    address = email.strip().lower()
    known = mark_of(session, f"{purpose}:{address}", now)
    payload: dict[str, Any] = {"email": address, "lang": lang, "purpose": purpose, "next": leads_to, "device": device}
    enqueue(session, "account_link", f"account_link:{known}:{int(now.timestamp()) // SELDOM}", payload, now)


def account_of(session: Session, email: str) -> User | None:
    """The account that gets the letter."""
    return session.scalar(select(User).where(User.email == email, User.active))


def token_for(user: User, secret_key: str, order: dict[str, Any]) -> str:
    """What stands in the link. A new password, or signing out everywhere by one, makes it worthless."""
    return sign(secret_key, order["purpose"], [user.id, user.fs_uniquifier[:16], secrets.token_hex(8), order["next"], order["device"]])


def person(session: Session, token: str, secret_key: str, purpose: str) -> tuple[User, str, int] | None:
    """The person of a link that still works, where it leads, and the device it is for; None when it is over or was used."""
    content = read(secret_key, purpose, token, TERM)
    if content is None or len(content) != 5 or was_used(session, token):
        return None
    user = session.get(User, int(content[0]))
    if user is None or not user.active or user.fs_uniquifier[:16] != content[1]:
        return None
    return user, str(content[3]), int(content[4])


def use(session: Session, user: User, token: str, now: datetime) -> bool:
    """Use a link; False when somebody was faster. Who reads the mail owns the address: it is proven, and a password that
    a stranger chose for it before is gone."""
    if not use_once(session, token, now):
        return False
    prove_address(session, user, now)
    return True


def prove_address(session: Session, user: User, now: datetime) -> None:
    """The address of the account belongs to who is here."""
    if user.confirmed_at is None:
        user.confirmed_at = now.replace(tzinfo=None)
        user.password, user.fs_uniquifier = None, secrets.token_hex(32)
        session.flush()
        claim_contact(session, user, now)
