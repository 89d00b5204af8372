"""Tables of quotas, answered challenges, mail domains that are allowed after all, and where votes came from.

No network address and no device stands here in the clear: only keyed hashes, whose keys live two days (``DailyKey``).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class QuotaUse(Base):
    """How much of one quota one person, address, device or target has used in one window.

    key: hash of quota, scope, window and whose it is. until: the end of the window; then the row is of no use.
    """

    __tablename__ = "quota_use"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    quota: Mapped[str] = mapped_column(String(24))
    scope: Mapped[str] = mapped_column(String(8))
    used: Mapped[int]
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class DailyKey(Base):
    """What addresses and devices are hashed with on one day (UTC). Once it is deleted, nobody can tell what the hashes were."""

    __tablename__ = "daily_key"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))


class UsedProof(Base):
    """A challenge that was answered: it counts once."""

    __tablename__ = "used_proof"

    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class AllowedDomain(Base):
    """A mail domain of the list of disposable ones that an administrator knows to be none. by: as the operator writes it."""

    __tablename__ = "allowed_domain"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class VoteOrigin(Base):
    """Where one vote came from, kept as long as fraud can be looked for. kind, vote_id, subject_id: see ``votes.VoteKind``.

    address, device: hashes of the day. shape: hash of how the voter's e-mail is built (letters without digits, domain), of the day too;
    proven_at: when that e-mail was proven.
    """

    __tablename__ = "vote_origin"
    __table_args__ = (UniqueConstraint("kind", "vote_id"), Index("ix_vote_origin_subject", "kind", "subject_id", "at"), Index("ix_vote_origin_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    vote_id: Mapped[int]
    subject_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(32))
    device: Mapped[str | None] = mapped_column(String(32))
    shape: Mapped[str] = mapped_column(String(32))
    proven_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class VoteMark(Base):
    """A vote that looks bought or made by a script, and what people decided about it. The voter sees nothing of it.

    state: ``suspected`` (counts), ``invalid`` (does not count), ``cleared`` (counts, and is not suspected again).
    signals: names of ``votes.SIGNALS``.
    """

    __tablename__ = "vote_mark"
    __table_args__ = (UniqueConstraint("kind", "vote_id"), Index("ix_vote_mark_subject", "kind", "subject_id"),
                      CheckConstraint("state IN ('suspected', 'invalid', 'cleared')", name="state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    vote_id: Mapped[int]
    subject_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    signals: Mapped[list[Any]] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime)


class VoteDecision(Base):
    """Who made votes invalid or valid again, when and why. Only grows."""

    __tablename__ = "vote_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    votes: Mapped[list[int]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
