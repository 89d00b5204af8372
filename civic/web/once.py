"""A form that is pressed twice, or sent again by a reload, acts once.

Every form carries a random ``once`` key, made when the page was drawn. The first answer's address is stored with the
key in the same transaction; a second sending waits for that transaction and is led to the same address.
"""

import secrets
from datetime import datetime, timedelta

from flask import Response, redirect, request
from sqlalchemy import String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from civic.core.clock import utc_now
from civic.core.database import Base, UTCDateTime

FIELD = "once"
KEPT = timedelta(days=30)


class SubmittedForm(Base):
    """A form that was taken, and where its sender was led."""

    __tablename__ = "submitted_form"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    location: Mapped[str | None] = mapped_column(String(2000))


def new_key() -> str:
    """A fresh key for a form."""
    return secrets.token_hex(16)


def _key() -> str | None:
    key = request.form.get(FIELD, "")
    return key if len(key) == 32 and key.isalnum() else None


def known(session: Session) -> bool:
    """Whether this form was taken before, so that its second sending will do nothing."""
    key = _key()
    return key is not None and session.scalar(select(SubmittedForm.key).where(SubmittedForm.key == key)) is not None


def answered_before(session: Session) -> Response | None:
    """The answer that this form had before, or None when it is new. Reserves the key in the open transaction."""
    key = _key()
    if key is None or request.endpoint is None:  # an address that is none would be answered before CSRF was asked for
        return None
    try:
        with session.begin_nested():
            session.execute(insert(SubmittedForm).values(key=key, at=utc_now()))
    except IntegrityError:
        location = session.scalar(select(SubmittedForm.location).where(SubmittedForm.key == key))
        return redirect(location or request.path, 303)  # type: ignore[return-value]
    return None


def remember(session: Session, response: Response) -> None:
    """Store where the sender was led."""
    key = _key()
    if key is not None and response.location:
        session.execute(update(SubmittedForm).where(SubmittedForm.key == key).values(location=response.location))


def forget(session: Session, now: datetime) -> None:
    """Delete what is older than KEPT: nobody reloads such a page any more."""
    session.execute(delete(SubmittedForm).where(SubmittedForm.at < now - KEPT))
