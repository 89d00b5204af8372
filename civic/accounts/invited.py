"""Letters that offer somebody a post in a body, over a city, everywhere, or a right in an organisation.

The link works once, for seven days, for an account of the address that the letter went to. What is offered is given by the
feature that owns it (``GIVERS``); who may offer it is checked by the caller for organisations, here for posts.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from civic.accounts import audit, post_rules, posts
from civic.accounts.models import User
from civic.accounts.post_models import PostInvitation
from civic.bodies.models import Body
from civic.core.actor import ANONYMOUS, SYSTEM, Actor, Post, RoleName
from civic.core.errors import DomainError, InputRefused, NotAllowed

LIVES = timedelta(days=7)
MAX_EMAIL = 255
_ADDRESS = re.compile(r"[^@\s,;<>\"()]{1,64}@([^@\s,;<>\"()/:]+\.)+[^@\s,;<>\"()/:.]{2,}")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


class End(StrEnum):
    """Why a link leads nowhere any more."""

    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class InvitationOver(DomainError):
    """The link was used, withdrawn, or is too old."""

    code = "invitation_over"


@dataclass(frozen=True)
class Offer:
    """What a letter offers. role: a ``RoleName``, or a right in the organisation."""

    role: str
    body_id: int | None = None
    city_id: int | None = None
    organisation_id: int | None = None
    title: str = ""


#: Gives what was offered: "post" here, "organisation" by the feature that knows organisations.
Giver = Callable[[Session, PostInvitation, User, Actor, datetime], None]


def invite(session: Session, actor: Actor, now: datetime, email: str, offer: Offer) -> tuple[PostInvitation, str]:
    """Offer a post to an address; gives the row and what stands in the link. Nothing tells whether an account has the address.

    Raises ``NotAllowed``; ``InputRefused``: ``email_wrong``, ``email_of_another_domain``, ``body_missing``, ``city_missing``.
    """
    body_id, city_id = posts.place_of(RoleName(offer.role), offer.body_id, offer.city_id)
    offer = Offer(offer.role, body_id, city_id, title=offer.title)
    if not post_rules.may_invite(actor, offer):
        raise NotAllowed(action="invite")
    address = address_of(email)
    _check_domain(session, address, body_id)
    return offer_to(session, actor, now, address, offer)


def offer_to(session: Session, actor: Actor, now: datetime, email: str, offer: Offer) -> tuple[PostInvitation, str]:
    """Write an invitation that was checked; an earlier one of the same address to the same thing counts no more."""
    address, token = address_of(email), secrets.token_urlsafe(24)
    same = and_(PostInvitation.email == address, PostInvitation.body_id.is_not_distinct_from(offer.body_id),
                PostInvitation.city_id.is_not_distinct_from(offer.city_id),
                PostInvitation.organisation_id.is_not_distinct_from(offer.organisation_id))
    session.execute(update(PostInvitation).where(same, _open(now)).values(withdrawn_at=now))
    row = PostInvitation(token=_hash(token), email=address, role=str(offer.role), title=offer.title, body_id=offer.body_id, city_id=offer.city_id,
                         organisation_id=offer.organisation_id, invited_by_id=actor.user_id, invited_at=now, expires_at=now + LIVES)
    session.add(row)
    session.flush()
    _record(session, actor, now, audit.Act.INVITED, row)
    return row, token


def address_of(typed: str) -> str:
    """An e-mail address as it is compared. Raises ``InputRefused`` ``email_wrong``."""
    address = typed.strip().lower()
    if len(address) > MAX_EMAIL or not _ADDRESS.fullmatch(address):
        raise InputRefused("email", "email_wrong")
    return address


def domains_of(typed: str) -> list[str]:
    """Domains as an administrator writes them: apart by blanks, commas or lines, with or without @.

    Raises ``InputRefused`` ``domain_wrong``.
    """
    found = [part.lstrip("@").lower() for part in re.split(r"[\s,;]+", typed) if part.strip("@ ")]
    wrong = next((part for part in found if len(part) > 120 or not _DOMAIN.fullmatch(part)), None)
    if wrong is not None:
        raise InputRefused("domains", "domain_wrong", domain=wrong[:120])
    return sorted(set(found))


def _check_domain(session: Session, address: str, body_id: int | None) -> None:
    body = session.get_one(Body, body_id) if body_id is not None else None
    if body is not None and body.domains and not _is_of(address, body.domains):
        raise InputRefused("email", "email_of_another_domain", domains=", ".join(body.domains))


def _is_of(address: str, domains: Sequence[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == known or domain.endswith(f".{known}") for known in domains)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _open(now: datetime) -> ColumnElement[bool]:
    return and_(PostInvitation.accepted_at.is_(None), PostInvitation.withdrawn_at.is_(None), PostInvitation.expires_at > now)


def pending(session: Session, now: datetime, *, body_id: int | None = None, organisation_id: int | None = None) -> Sequence[PostInvitation]:
    """Invitations to a body or an organisation that can still be accepted, newest first."""
    place = PostInvitation.body_id == body_id if body_id is not None else PostInvitation.organisation_id == organisation_id
    return session.scalars(select(PostInvitation).where(place, _open(now)).order_by(PostInvitation.id.desc())).all()


def pending_in_city(session: Session, now: datetime, city_id: int) -> Sequence[PostInvitation]:
    """What an administrator sees: invitations to posts in a city's bodies, over the city, and everywhere."""
    bodies = select(Body.id).where(Body.city_id == city_id)
    place = or_(PostInvitation.body_id.in_(bodies), PostInvitation.city_id == city_id,
                and_(PostInvitation.role == RoleName.ADMINISTRATOR, PostInvitation.organisation_id.is_(None)))
    return session.scalars(select(PostInvitation).where(place, _open(now)).order_by(PostInvitation.id.desc())).all()


def by_token(session: Session, token: str, *, hold: bool = False) -> PostInvitation | None:
    """The invitation that a link leads to. hold: whoever else presses its button at the same moment waits."""
    query = select(PostInvitation).where(PostInvitation.token == _hash(token))
    return session.scalar(query.with_for_update() if hold else query)


def ended(invitation: PostInvitation, now: datetime) -> End | None:
    """Why it cannot be accepted any more; None while it can."""
    if invitation.accepted_at is not None:
        return End.USED
    if invitation.withdrawn_at is not None:
        return End.WITHDRAWN
    return End.EXPIRED if invitation.expires_at <= now else None


def withdraw(session: Session, invitation: PostInvitation, actor: Actor, now: datetime) -> None:
    """Take it back; one that is over stays as it is. Raises ``NotAllowed``. Those of organisations are checked by the caller."""
    if invitation.organisation_id is None and not post_rules.may_invite(actor, invitation):
        raise NotAllowed(action="withdraw")
    session.refresh(invitation, with_for_update=True)
    if ended(invitation, now) is None:
        invitation.withdrawn_at = now
        session.flush()
        _record(session, actor, now, audit.Act.WITHDRAWN, invitation)


def accept(session: Session, invitation: PostInvitation, user: User, now: datetime) -> None:
    """Give the account of the invited address what was offered, once.

    Raises ``InvitationOver``, ``NotAllowed`` for an account of another address, and what the giver refuses.
    """
    session.refresh(invitation, with_for_update=True)
    over = ended(invitation, now)
    if over is not None:
        raise InvitationOver(end=over)
    if user.email.lower() != invitation.email or user.confirmed_at is None or not user.active:
        raise NotAllowed(action="accept")
    actor = Actor(user.id, name=user.name)
    GIVERS["organisation" if invitation.organisation_id is not None else "post"](session, invitation, user, actor, now)
    invitation.accepted_at, invitation.accepted_by_id = now, user.id
    session.flush()
    _record(session, actor, now, audit.Act.ACCEPTED, invitation, about_user_id=user.id)


def _give_post(session: Session, invitation: PostInvitation, user: User, actor: Actor, now: datetime) -> None:
    inviter = actor_of(session, invitation.invited_by_id)
    if not post_rules.may_invite(inviter, invitation):  # who invited has left meanwhile
        raise InvitationOver(end=End.WITHDRAWN)
    _check_domain(session, invitation.email, invitation.body_id)  # an administrator may have changed them since
    role = RoleName(invitation.role)
    post = posts.give(session, user, role, inviter, now, body_id=invitation.body_id, city_id=invitation.city_id, title=invitation.title)
    if role is RoleName.HEAD and post.body_id is not None:
        _end_lower(session, user, post.body_id, now)


def actor_of(session: Session, user_id: int | None) -> Actor:
    """Somebody as they are now: what they began counts only while they still may."""
    user = session.get(User, user_id) if user_id is not None else None
    if user is None or not user.active:
        return ANONYMOUS
    return Actor(user.id, name=user.name,
                 posts=tuple(Post(RoleName(m.role), m.body_id, m.city_id) for m in user.memberships if m.ended_at is None))


def _end_lower(session: Session, user: User, body_id: int, now: datetime) -> None:
    """An official who becomes the head of the same body holds one post there."""
    for held in posts.posts_of_body(session, body_id):
        if held.user_id == user.id and held.role == RoleName.OFFICIAL:
            posts.end(session, held, SYSTEM, now)


GIVERS: dict[str, Giver] = {"post": _give_post}


def _record(session: Session, actor: Actor, now: datetime, act: audit.Act, row: PostInvitation, about_user_id: int | None = None) -> None:
    audit.record(session, actor, now, act, about_user_id=about_user_id, body_id=row.body_id, city_id=row.city_id,
                 organisation_id=row.organisation_id, facts={"role": row.role, "invitation": row.id})
