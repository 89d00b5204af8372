"""Making accounts, contacts and posts."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, Membership, User
from civic.core.actor import RoleName


def contact_for(session: Session, email: str, locale: str) -> Contact:
    """The contact with this address, made when new. Addresses are compared without regard to case."""
    address = email.strip().lower()
    contact = session.scalar(select(Contact).where(Contact.email == address))
    if contact is None:
        try:
            with session.begin_nested():
                contact = Contact(email=address, locale=locale, delivery="at_once")
                session.add(contact)
        except IntegrityError:  # the same address came in another transaction meanwhile
            contact = session.scalars(select(Contact).where(Contact.email == address)).one()
    return contact


def claim_contact(session: Session, user: User, now: datetime) -> Contact:
    """Join an account whose address is proven with the contact of that address, and so with its complaints."""
    contact = contact_for(session, user.email, user.locale)
    contact.user_id, contact.confirmed_at = user.id, contact.confirmed_at or now
    session.flush()
    session.expire(user, ["contact"])
    return contact


def give_post(session: Session, user: User, role: RoleName, now: datetime, *, body_id: int | None = None,
              city_id: int | None = None, title: str = "") -> Membership:
    """Begin a post in a body (official, head), a city (moderator) or everywhere."""
    post = Membership(user_id=user.id, role=role, body_id=body_id, city_id=city_id, title=title, began_at=now)
    session.add(post)
    session.flush()
    return post


def end_post(session: Session, post: Membership, now: datetime) -> None:
    """End a post; it stays as history."""
    post.ended_at = now
    session.flush()


def save_settings(session: Session, user: User, now: datetime, *, name: str, locale: str, delivery: str) -> None:
    """How a person is called and written to. Who can sign in has proven the address, so a missing contact is made."""
    user.name, user.locale = name, locale
    contact = user.contact or claim_contact(session, user, now)
    contact.locale, contact.delivery = locale, delivery
    session.flush()
