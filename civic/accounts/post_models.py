"""Tables of how people come into a post and leave it: invitations, handovers, and the audit trail of privileged acts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class AuditEntry(Base):
    """One privileged act: who did what, in whose name, about whom, where. Never changed, never deleted: the database refuses both.

    act: a name out of ``audit.Act`` or of another feature. role: what the actor was then (``audit.role_of``).
    about_user_id: the person it concerns. body_id, city_id, organisation_id: where; heads, moderators and owners read their own.
    facts: ids, codes and counts, never words of people, names or addresses.
    """

    __tablename__ = "audit_entry"
    __table_args__ = tuple(Index(f"ix_audit_entry_{name}", f"{name}_id", "id") for name in ("about_user", "body", "city", "organisation"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    act: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    about_user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PostInvitation(Base):
    """A letter that offers an address a post (in a body, over a city, everywhere) or a right in an organisation.

    token: the SHA-256 of what stands in the link, in hexadecimal; the link itself is kept nowhere. Pending until
    ``accepted_at`` or ``withdrawn_at`` is set or ``expires_at`` has passed. role: a ``RoleName``, or a right in the organisation.
    """

    __tablename__ = "post_invitation"
    __table_args__ = (
        CheckConstraint("body_id IS NULL OR organisation_id IS NULL", name="one_place"),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index("ix_post_invitation_body", "body_id", "id"), Index("ix_post_invitation_organisation", "organisation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Handover(Base):
    """Open work of somebody who left a body, given on. Never changed, never deleted: the database refuses both.

    to_id: the colleague who got it, None when it went back to the body. items: how many things of each kind.
    """

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_body", "body_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    items: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
