"""Posts given and ended, and lists of who holds one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from civic.accounts import audit, handover, post_rules
from civic.accounts.models import Membership, User
from civic.accounts.service import end_post, give_post
from civic.bodies.models import Body
from civic.core.actor import Actor, RoleName
from civic.core.database import lock_row
from civic.core.errors import InputRefused, NotAllowed
from civic.places.history import note, snapshot
from civic.places.models import City

IN_BODY = frozenset({RoleName.OFFICIAL, RoleName.HEAD})


def give(session: Session, user: User, role: RoleName, actor: Actor, now: datetime, *, body_id: int | None = None,
         city_id: int | None = None, title: str = "") -> Membership:
    """Give a post: in a body, over a city (moderator), or everywhere (administrator). Who may is checked where it is offered.

    Raises ``InputRefused``: ``post_held``; ``moderator_and_official``, since nobody judges words about a body and answers for it.
    """
    body_id, city_id = place_of(role, body_id, city_id)
    session.refresh(user, attribute_names=["email"], with_for_update=True)  # one post at a time, so that no two that exclude each other are given at once
    session.refresh(user, attribute_names=["memberships"])
    held = [m for m in user.memberships if m.ended_at is None]
    if any((m.role, m.body_id, m.city_id) == (role, body_id, city_id) for m in held):
        raise InputRefused("email", "post_held")
    if excludes(role, {RoleName(m.role) for m in held}):
        raise InputRefused("email", "moderator_and_official")
    post = give_post(session, user, role, now, body_id=body_id, city_id=city_id, title=title)
    session.expire(user, ["memberships"])
    note(session, post, None, actor.user_id, now)
    _record(session, actor, now, audit.Act.GIVEN, post)
    return post


def place_of(role: RoleName, body_id: int | None, city_id: int | None) -> tuple[int | None, int | None]:
    """The body and the city that such a post has. Raises ``InputRefused`` ``body_missing``, ``city_missing``."""
    if role in IN_BODY and body_id is None:
        raise InputRefused("body_id", "body_missing")
    if role is RoleName.MODERATOR and city_id is None:
        raise InputRefused("role", "city_missing")
    return body_id if role in IN_BODY else None, city_id if role is RoleName.MODERATOR else None


def excludes(role: RoleName, held: set[RoleName]) -> bool:
    """Whether somebody with posts ``held`` may not have ``role`` too."""
    return bool(held & IN_BODY) if role is RoleName.MODERATOR else role in IN_BODY and RoleName.MODERATOR in held


def end(session: Session, post: Membership, actor: Actor, now: datetime, *, to_id: int | None = None) -> None:
    """End a post and give its open work to the colleague ``to_id``, else to the body. Nothing happens when it has ended already.

    Raises ``NotAllowed``; ``InputRefused``: ``last_administrator``; ``last_of_body`` when things wait for the body or a city falls
    back on it; ``not_a_colleague``.
    """
    if not (actor.system or post_rules.may_end(actor, post)):
        raise NotAllowed(action="end_post")
    _lock(session, post)
    if post.ended_at is not None:
        return
    others = select(Membership.id).join(User, User.id == Membership.user_id).where(
        Membership.role == RoleName.ADMINISTRATOR, Membership.ended_at.is_(None), User.active, Membership.id != post.id)
    if post.role == RoleName.ADMINISTRATOR and session.scalar(others.limit(1)) is None:
        raise InputRefused("seen", "last_administrator")
    if post.body_id is not None and _is_last(session, post) and (
            handover.waits(session, post.body_id) or _falls_back_on(session, post.body_id)):
        raise InputRefused("seen", "last_of_body")
    before = snapshot(post)
    if not _has_another(session, post):
        handover.hand_over(session, post, to_id, actor, now)
    end_post(session, post, now)
    note(session, post, before, actor.user_id, now)
    _record(session, actor, now, audit.Act.ENDED, post)


def leave_all(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """End every post of somebody whose account goes; their work goes back to the bodies. actor: the system, or an administrator.

    Raises what ``end`` raises: the last one of a body that has open work finds a successor first.
    """
    current = select(Membership).where(Membership.user_id == user.id, Membership.ended_at.is_(None)).order_by(Membership.id)
    for post in session.scalars(current).all():
        end(session, post, actor, now)
    session.expire(user, ["memberships"])


def _lock(session: Session, post: Membership) -> None:
    """One at a time in a body (or among administrators), so that of the last two one stays."""
    if post.body_id is not None:
        session.scalar(select(Body.id).where(Body.id == post.body_id).with_for_update())
    else:
        session.scalars(select(Membership.id).where(Membership.role == post.role).order_by(Membership.id).with_for_update()).all()
    lock_row(session, post)  # nobody gives its holder work meanwhile


def _record(session: Session, actor: Actor, now: datetime, act: audit.Act, post: Membership) -> None:
    audit.record(session, actor, now, act, about_user_id=post.user_id, body_id=post.body_id, city_id=post.city_id,
                 facts={"role": str(post.role)})


def _falls_back_on(session: Session, body_id: int) -> bool:
    return session.scalar(select(City.id).where(City.default_body_id == body_id, City.active).limit(1)) is not None


def _is_last(session: Session, post: Membership) -> bool:
    """Nobody else can act in the post's body."""
    others = (select(Membership.id).join(User, User.id == Membership.user_id)
              .where(Membership.body_id == post.body_id, Membership.ended_at.is_(None), User.active, Membership.user_id != post.user_id))
    return session.scalar(others.limit(1)) is None and not _has_another(session, post)


def _has_another(session: Session, post: Membership) -> bool:
    """The same person stays in the body with another post: an official who is its head too."""
    others = select(Membership.id).where(Membership.body_id == post.body_id, Membership.user_id == post.user_id,
                                         Membership.ended_at.is_(None), Membership.id != post.id)
    return post.body_id is not None and session.scalar(others.limit(1)) is not None


def post_in(session: Session, post_id: int, body_ids: Iterable[int]) -> Membership | None:
    """A post held now in one of these bodies."""
    return session.scalar(select(Membership).options(joinedload(Membership.user)).where(
        Membership.id == post_id, Membership.body_id.in_(set(body_ids)), Membership.ended_at.is_(None)))


def posts_of_body(session: Session, body_id: int) -> Sequence[Membership]:
    """Posts held now in a body, heads first."""
    return session.scalars(
        select(Membership).options(joinedload(Membership.user)).where(Membership.body_id == body_id, Membership.ended_at.is_(None))
        .order_by(Membership.role, Membership.id)
    ).all()


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
