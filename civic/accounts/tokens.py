"""Signed words that work for a while and once: what stands in a link by mail or goes through another site and comes back."""

import hashlib
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.models import UsedToken

#: Longer than anything here is good for.
REMEMBERED = timedelta(days=2)


def sign(secret_key: str, purpose: str, content: list[str | int]) -> str:
    """``content`` as one word; a token of one purpose is none for another."""
    return str(_serializer(secret_key, purpose).dumps(content))


def read(secret_key: str, purpose: str, token: str, term: timedelta) -> list[str | int] | None:
    """What was signed, or None when it is not ours, is for another purpose or older than ``term``."""
    try:
        content = _serializer(secret_key, purpose).loads(token, max_age=int(term.total_seconds()))
    except BadData:
        return None
    return content if isinstance(content, list) else None


def use_once(session: Session, word: str, now: datetime) -> bool:
    """Note that something was used; False when it was before. Of two at once the second waits and hears False."""
    digest = hashlib.sha256(word.encode()).hexdigest()
    try:
        with session.begin_nested():
            session.execute(insert(UsedToken).values(digest=digest, used_at=now))
    except IntegrityError:
        return False
    return True


def was_used(session: Session, word: str) -> bool:
    """Whether ``use_once`` was called for it."""
    return session.get(UsedToken, hashlib.sha256(word.encode()).hexdigest()) is not None


def forget_used(session: Session, now: datetime) -> None:
    """Delete what is over anyway."""
    session.execute(delete(UsedToken).where(UsedToken.used_at < now - REMEMBERED))


def _serializer(secret_key: str, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=f"civic-{purpose}", signer_kwargs={"digest_method": hashlib.sha256})
