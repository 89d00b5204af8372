"""Tables of accounts, contacts and posts. The account's columns are those Flask-Security asks for."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_security.models import sqla as security_models
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.actor import RoleName
from civic.core.database import Base, UTCDateTime

security_models.FsModels.set_db_info(  # type: ignore[no-untyped-call]
    base_model=Base, user_table_name="account", role_table_name="account_role", webauthn_table_name="passkey"
)


class Role(Base, security_models.FsRoleMixin):
    """Asked for by Flask-Security; rights come from ``Membership`` instead, which knows bodies and cities."""

    __tablename__ = "account_role"


class User(Base, security_models.FsUserMixin):
    """An account that can sign in."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(120), default="")
    locale: Mapped[str] = mapped_column(String(2), default="kk")

    #: The one sign-in without the second factor that became due was used.
    second_factor_waived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Wrong codes of the second factor in a row, and since when.
    wrong_codes: Mapped[int] = mapped_column(default=0, server_default="0")
    wrong_codes_since: Mapped[datetime | None] = mapped_column(UTCDateTime)

    if TYPE_CHECKING:  # of the request, set when its session is read; no columns
        here: "AccountSession"
        one_proof: bool

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="selectin")
    contact: Mapped["Contact | None"] = relationship(back_populates="user", lazy="joined")


class WebAuthn(Base, security_models.FsWebAuthnMixin):
    """A passkey; its name is the one that Flask-Security's ``User`` looks for."""

    __tablename__ = "passkey"


class AccountSession(Base):
    """One device that is signed in. digest: of the token in its cookie. seen_at: to the hour. proven_at: when a password, passkey,
    code or letter last proved who it is. waived: came in without the second factor that is due, once."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    way: Mapped[str] = mapped_column(String(16))
    second_factor: Mapped[bool]
    waived: Mapped[bool]
    remembered: Mapped[bool]
    browser: Mapped[str] = mapped_column(String(24))
    system: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    proven_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AccountIdentity(Base):
    """How a provider of sign-in knows a person: its ``sub`` of OpenID Connect, never the e-mail address, which changes hands."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class UsedToken(Base):
    """What may be used once and was: links, codes, challenges. Kept until its time would be over anyway."""

    __tablename__ = "account_used_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


#: What stands in the e-mail of somebody who was erased: a domain that no letter ever reaches (RFC 2606), and none is sent to.
ERASED_DOMAIN = "erased.invalid"


class Contact(Base):
    """An e-mail address that mail is sent to, with or without an account behind it. Never shown in public.

    delivery: ``at_once`` or ``daily``. confirmed_at: when its owner pressed the button in a letter.
    """

    __tablename__ = "contact"
    __table_args__ = (CheckConstraint("delivery IN ('at_once', 'daily')", name="delivery"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    locale: Mapped[str] = mapped_column(String(2))
    delivery: Mapped[str] = mapped_column(String(8), default="at_once")
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)

    user: Mapped[User | None] = relationship(back_populates="contact")

    @property
    def erased(self) -> bool:
        """Nobody is behind it any more."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")


class Membership(Base):
    """A post: official or head of a body, moderator of a city, administrator. Ended posts stay as history."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("role IN ('official', 'head', 'moderator', 'administrator')", name="role"),
        CheckConstraint("(body_id IS NOT NULL) = (role IN ('official', 'head'))", name="body_for_officials"),
        Index("uq_membership_current", "user_id", "body_id", "role", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[RoleName] = mapped_column(String(16))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id"))
    title: Mapped[str] = mapped_column(String(120), default="")
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(back_populates="memberships")
