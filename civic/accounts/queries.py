"""Which account an address has, and who holds which post."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, Membership, User
from civic.core.actor import RoleName


def account_of(session: Session, email: str) -> User | None:
    """The account with this address, proven or not. Addresses are kept in lower case, so the unique index finds it."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def is_alone(session: Session, contact_id: int) -> bool:
    """Whether the contact has no account and was not erased: then having read its mail is all that it can prove."""
    contact = session.get(Contact, contact_id)
    return contact is not None and contact.user_id is None and not contact.erased


def officials(session: Session, body_id: int, *, heads_only: bool = False) -> Sequence[User]:
    """Active people of a body, by name."""
    query = (
        select(User).join(Membership, Membership.user_id == User.id)
        .where(Membership.body_id == body_id, Membership.ended_at.is_(None), User.active)
    )
    if heads_only:
        query = query.where(Membership.role == RoleName.HEAD)
    return session.scalars(query.distinct().order_by(User.name, User.id)).all()


def has_officials(session: Session, body_id: int) -> bool:
    """Whether anybody answers for the body here."""
    return bool(officials(session, body_id))


def administrators(session: Session) -> Sequence[User]:
    """People who look after reference data."""
    query = (
        select(User).join(Membership, Membership.user_id == User.id)
        .where(Membership.role == RoleName.ADMINISTRATOR, Membership.ended_at.is_(None), User.active)
    )
    return session.scalars(query.distinct()).all()


def contacts_of(users: Sequence[User]) -> list[Contact]:
    """Their addresses."""
    return [user.contact for user in users if user.contact is not None]
