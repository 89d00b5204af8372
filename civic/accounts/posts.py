"""Posts given and ended by an administrator, and lists of who holds one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from civic.accounts.models import Membership, User
from civic.accounts.service import end_post, give_post
from civic.bodies.models import Body
from civic.core.actor import RoleName
from civic.core.errors import InputRefused
from civic.places.history import note, snapshot
from civic.places.models import City

IN_BODY = frozenset({RoleName.OFFICIAL, RoleName.HEAD})


def give(session: Session, email: str, role: RoleName, by: int | None, now: datetime, *, body_id: int | None = None,
         city_id: int | None = None, title: str = "") -> Membership:
    """Give a post to the account with this address: in a body, in a city (moderator), or everywhere (administrator).

    Raises ``InputRefused``: address not proven, body or city missing, post held already.
    """
    user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower(), User.confirmed_at.is_not(None), User.active))
    if user is None:
        raise InputRefused("email", "account_unknown")
    body_id = body_id if role in IN_BODY else None
    city_id = city_id if role is RoleName.MODERATOR else None
    if role in IN_BODY and body_id is None:
        raise InputRefused("body_id", "body_missing")
    if role is RoleName.MODERATOR and city_id is None:
        raise InputRefused("role", "city_missing")
    if any((m.role, m.body_id, m.city_id) == (role, body_id, city_id) for m in user.memberships if m.ended_at is None):
        raise InputRefused("email", "post_held")
    post = give_post(session, user, role, now, body_id=body_id, city_id=city_id, title=title)
    note(session, post, None, by, now)
    return post


def end(session: Session, post: Membership, by: int | None, now: datetime, *, has_open: bool = False) -> None:
    """End a post; nothing happens when it has ended already. has_open: complaints wait for an answer of its body.

    Raises ``InputRefused``: the last administrator; the last one of a body that has such complaints or that a city falls back on.
    """
    if post.ended_at is not None:
        return
    others = select(Membership.id).where(Membership.role == RoleName.ADMINISTRATOR, Membership.ended_at.is_(None), Membership.id != post.id)
    if post.role == RoleName.ADMINISTRATOR and session.scalar(others.limit(1)) is None:
        raise InputRefused("seen", "last_administrator")
    if post.body_id is not None and (has_open or _falls_back_on(session, post.body_id)) and _is_last(session, post):
        raise InputRefused("seen", "last_of_body")
    before = snapshot(post)
    end_post(session, post, now)
    note(session, post, before, by, now)


def _falls_back_on(session: Session, body_id: int) -> bool:
    return session.scalar(select(City.id).where(City.default_body_id == body_id, City.active).limit(1)) is not None


def _is_last(session: Session, post: Membership) -> bool:
    """Nobody else can act in the post's body."""
    others = (select(Membership.id).join(User, User.id == Membership.user_id)
              .where(Membership.body_id == post.body_id, Membership.ended_at.is_(None), User.active, Membership.id != post.id))
    return session.scalar(others.limit(1)) is None


def current_posts(session: Session, city_id: int) -> Sequence[Membership]:
    """Posts held now in the bodies of a city and over it, and those of the administrators."""
    in_city = select(Body.id).where(Body.city_id == city_id)
    return session.scalars(
        select(Membership).options(joinedload(Membership.user))
        .where(Membership.ended_at.is_(None), or_(
            Membership.body_id.in_(in_city), Membership.city_id == city_id, Membership.role == RoleName.ADMINISTRATOR))
        .order_by(Membership.body_id, Membership.role, Membership.id)
    ).all()


def names_of(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """What accounts are called."""
    found = session.execute(select(User.id, User.name, User.email).where(User.id.in_(set(user_ids))))
    return {user_id: name or email for user_id, name, email in found}
