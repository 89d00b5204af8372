"""Tables of moderation: cases, flags, what was done, and what was taken off a public page."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, UTCDateTime
from civic.moderation.states import State

_STATES = ", ".join(f"'{state}'" for state in State)


class Case(Base):
    """One public thing before the moderators. ``id`` is the number of its entry in the public log.

    kind, key: of the subject, thing_id: its row. authors: ids of the contacts who wrote any of it; once parts are hidden, of those who
    wrote these. by_applicant: they include the applicant, who may come by the complaint's personal link. body_ids: of the bodies whose work
    it is about. signs: names of what the rules found, `` link phone ``, with blanks around each. parts, reason, words, document: of the last
    hiding. withheld: what was taken off the public page, by part; None once it is back. for_administrator: the city had no second
    moderator when the author appealed.
    """

    __tablename__ = "moderation_case"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_moderation_case_queue", "city_id", "state", "opened_at"), Index("ix_moderation_case_thing", "kind", "key"),
        Index("uq_moderation_case_open", "kind", "key", unique=True, sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        Index("ix_moderation_case_log", "city_id", "decided_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(32))
    thing_id: Mapped[int]
    state: Mapped[State] = mapped_column(String(12))
    signs: Mapped[str] = mapped_column(String(80), default="")
    authors: Mapped[list[int]] = mapped_column(JSON, default=list)
    by_applicant: Mapped[bool] = mapped_column(default=False)
    body_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(16))
    parts: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(120), default="")
    withheld: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    appealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    appeal: Mapped[str] = mapped_column(Text, default="")
    for_administrator: Mapped[bool] = mapped_column(default=False)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolution: Mapped[str] = mapped_column(Text, default="")

    flags: Mapped[list["Flag"]] = relationship(back_populates="case", order_by="Flag.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once


class Flag(Base):
    """Somebody says that a thing breaks the codex: once per person and thing. Nobody but moderators sees who and what."""

    __tablename__ = "moderation_flag"
    __table_args__ = (UniqueConstraint("user_id", "kind", "key", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(32))
    part: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship(back_populates="flags")


class CaseAct(Base):
    """One step of a case: the public log is made of these. Never changed, never deleted: the database refuses both.

    kind: a transition's name, ``flag``, ``sign`` or ``cover``. parts: kinds of what it concerned, never the content.
    """

    __tablename__ = "moderation_act"
    __table_args__ = (Index("ix_moderation_act_case", "case_id", "id"), Index("ix_moderation_act_log", "city_id", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(16))
    parts: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(120), default="")
