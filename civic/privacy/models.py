"""Tables of consent, its withdrawal, personal archives, and the log of what was deleted because its time was over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class Consent(Base):
    """Somebody agreed to a document by doing something: what, which version, in which language. Only grows.

    purpose: ``filing``, ``registration`` or ``sign_up``.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    document: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    locale: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Withdrawal(Base):
    """Somebody takes consent back, so what is private has to go by ``due_on``: 15 working days.

    state: ``open`` while something stands against it (a post is held), ``done`` when it is erased, ``cancelled`` by its owner.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (CheckConstraint("state IN ('open', 'done', 'cancelled')", name="state"), Index("ix_withdrawal_state", "state", "due_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Export(Base):
    """One archive of somebody's data, made by a job. id: random; the archive is given to its owner's session alone."""

    __tablename__ = "personal_export"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ready_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    size: Mapped[int | None]


class RetentionRun(Base):
    """One kind of data that was looked through at night: how many rows went. Counts only."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(32))
    removed: Mapped[int]
