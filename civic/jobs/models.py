"""The outbox: what must leave the process, written in the transaction that caused it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class Outbox(Base):
    """One thing to do outside the request.

    kind: the handler's name. key: what makes it the same thing, so that it is done once. not_before: the earliest
    moment of the next attempt; a worker that takes the row moves it ahead, so a killed worker's row comes back.
    together: rows that one handler gathers share it, as those of one daily letter do.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "not_before", sqlite_where=text("done_at IS NULL"),
              postgresql_where=text("done_at IS NULL")),
        Index("ix_outbox_together", "together", sqlite_where=text("done_at IS NULL AND together IS NOT NULL"),
              postgresql_where=text("done_at IS NULL AND together IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    together: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    not_before: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
