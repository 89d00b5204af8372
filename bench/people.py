"""People who can sign in: an official and a head in every body, and the residents who file while it is measured."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.filing import WRITERS
from civic.accounts.models import User
from civic.accounts.service import claim_contact, give_post
from civic.bodies.models import Body
from civic.core.actor import RoleName


def make_people(session: Session, password: str, now: datetime) -> None:
    """Officials, so that every body answers for itself, and ``WRITERS`` residents with this hashed password. The caller commits."""
    for body in session.scalars(select(Body).order_by(Body.id)):
        for role in (RoleName.OFFICIAL, RoleName.HEAD):
            user = _account(session, f"{role}.{body.id}@example.test", "kk", None, now)
            give_post(session, user, role, now, body_id=body.id)
    for i in range(WRITERS):
        _account(session, f"writer{i}@example.test", "kk" if i % 2 else "ru", password, now)


def _account(session: Session, email: str, locale: str, password: str | None, now: datetime) -> User:
    key = email.replace("@", "-").ljust(32, "-")
    user = User(email=email, name="Айгүл", locale=locale, active=True, password=password, fs_uniquifier=key, fs_webauthn_user_handle=key,
                confirmed_at=now.replace(tzinfo=None))
    session.add(user)
    session.flush()
    claim_contact(session, user, now)
    return user
