"""Organisations: founding one, and who may do what in it."""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.core.actor import Actor
from civic.core.codes import ALPHABET
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import LANGUAGES, clean
from civic.events import rules
from civic.events.models import Organisation, OrganisationMember
from civic.events.states import Right
from civic.places.models import City

MOST_OF_ONE = 5
MAX_NAME = 160
MAX_ABOUT = 2000


def found(session: Session, city: City, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str]) -> Organisation:
    """A new organisation, whose founder owns it. Raises ``NotAllowed``, ``organisation_name_missing``, ``title_too_long``,
    ``text_too_long``, ``too_many_organisations``."""
    if actor.user_id is None:
        raise NotAllowed(action="found")
    owned = select(func.count()).select_from(OrganisationMember).where(
        OrganisationMember.user_id == actor.user_id, OrganisationMember.right == Right.OWNER, OrganisationMember.ended_at.is_(None))
    if (session.scalar(owned) or 0) >= MOST_OF_ONE:
        raise InputRefused("name_kk", "too_many_organisations", limit=MOST_OF_ONE)
    organisation = Organisation(code="".join(secrets.choice(ALPHABET) for _ in range(8)).lower(), city_id=city.id, created_at=now,
                                name={}, about={}, members=[OrganisationMember(user_id=actor.user_id, right=Right.OWNER, began_at=now)])
    _write(organisation, name, about)
    session.add(organisation)
    session.flush()
    return organisation


def rename(session: Session, organisation: Organisation, actor: Actor, *, name: dict[str, str], about: dict[str, str]) -> None:
    """Name and words about it, by an owner. Raises what ``found`` raises."""
    _by_owner(organisation, actor)
    _write(organisation, name, about)
    session.flush()


def add_member(session: Session, organisation: Organisation, actor: Actor, now: datetime, *, email: str, right: Right) -> OrganisationMember:
    """Give an existing account a right, or another one than it has. Raises ``NotAllowed``, ``account_unknown``, ``last_owner``."""
    _by_owner(organisation, actor)
    user = session.scalar(select(User).where(func.lower(User.email) == email.strip().lower(), User.active, User.confirmed_at.is_not(None)))
    if user is None:
        raise InputRefused("email", "account_unknown")
    held = next((m for m in organisation.members if m.user_id == user.id and m.ended_at is None), None)
    if held is not None:
        if held.right == right:
            return held
        end_member(session, organisation, actor, now, held)
    member = OrganisationMember(organisation_id=organisation.id, user_id=user.id, user=user, right=right, began_at=now)
    organisation.members.append(member)
    session.flush()
    return member


def end_member(session: Session, organisation: Organisation, actor: Actor, now: datetime, member: OrganisationMember) -> None:
    """Take a right away; it stays as history. Raises ``NotAllowed``, ``last_owner``."""
    _by_owner(organisation, actor)
    session.refresh(organisation, attribute_names=["code"], with_for_update=True)  # one at a time, so that one owner stays
    session.refresh(organisation, attribute_names=["members"])
    others = [m for m in organisation.members if m.right == Right.OWNER and m.ended_at is None and m.id != member.id]
    if member.right == Right.OWNER and member.ended_at is None and not others:
        raise InputRefused("email", "last_owner")
    member.ended_at = member.ended_at or now
    session.flush()


def _by_owner(organisation: Organisation, actor: Actor) -> None:
    if not rules.owns(actor, organisation):
        raise NotAllowed(action="own")


def _write(organisation: Organisation, name: dict[str, str], about: dict[str, str]) -> None:
    names = {code: words for code in LANGUAGES if (words := clean(name.get(code)))}
    if not names:
        raise InputRefused("name_kk", "organisation_name_missing")
    for code, words in names.items():
        if len(words) > MAX_NAME:
            raise InputRefused(f"name_{code}", "title_too_long", limit=MAX_NAME)
    texts = {code: words for code in LANGUAGES if (words := clean(about.get(code)))}
    for code, words in texts.items():
        if len(words) > MAX_ABOUT:
            raise InputRefused(f"about_{code}", "text_too_long", limit=MAX_ABOUT, length=len(words))
    organisation.name, organisation.about = names, texts
