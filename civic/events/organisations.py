"""Organisations: founding one, and who may do what in it."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts import audit, invited
from civic.accounts.invited import Offer
from civic.accounts.models import User
from civic.accounts.post_models import PostInvitation
from civic.core.actor import Actor
from civic.core.codes import new_short_code
from civic.core.database import lock_row
from civic.core.errors import InputRefused, NotAllowed
from civic.events import rules
from civic.events.inputs import names_and_words
from civic.events.models import Organisation, OrganisationMember
from civic.events.states import Right
from civic.moderation.looking import look_for_signs
from civic.places.models import City

MOST_OF_ONE = 5
MAX_NAME = 160
MAX_ABOUT = 2000
#: In the audit trail.
RENAMED = "organisation.renamed"


def found(session: Session, city: City, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str]) -> Organisation:
    """A new organisation, whose founder owns it. Raises ``NotAllowed``, ``organisation_name_missing``, ``title_too_long``,
    ``text_too_long``, ``too_many_organisations``."""
    if actor.user_id is None:
        raise NotAllowed(action="found")
    owned = select(func.count()).select_from(OrganisationMember).where(
        OrganisationMember.user_id == actor.user_id, OrganisationMember.right == Right.OWNER, OrganisationMember.ended_at.is_(None))
    if (session.scalar(owned) or 0) >= MOST_OF_ONE:
        raise InputRefused("name_kk", "too_many_organisations", limit=MOST_OF_ONE)
    organisation = Organisation(code=new_short_code(), city_id=city.id, created_at=now,
                                name={}, about={}, members=[OrganisationMember(user_id=actor.user_id, right=Right.OWNER, began_at=now)])
    parts = _write(organisation, name, about)
    session.add(organisation)
    session.flush()
    _look_at(session, organisation, parts, now)
    return organisation


def holds_guest_data(session: Session, user_id: int) -> bool:
    """Sees who registered: an owner or organiser of some organisation."""
    return session.scalar(select(OrganisationMember.id).where(
        OrganisationMember.user_id == user_id, OrganisationMember.ended_at.is_(None),
        OrganisationMember.right.in_((Right.OWNER, Right.ORGANISER))).limit(1)) is not None


def rename(session: Session, organisation: Organisation, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str]) -> None:
    """Name and words about it, by an owner. Raises what ``found`` raises."""
    _by_owner(organisation, actor)
    lock_row(session, organisation, columns=["name", "about", "hidden"])  # a moderator may hide them at the same moment
    parts = _write(organisation, name, about)
    session.flush()
    _look_at(session, organisation, parts, now)
    if parts:
        audit.record(session, actor, now, RENAMED, organisation_id=organisation.id)


def invite(session: Session, organisation: Organisation, actor: Actor, now: datetime, *, email: str,
           right: Right) -> tuple[PostInvitation, str] | None:
    """Offer a right to an address, by a letter; gives the row and what stands in the link. Nothing tells whether an account has
    the address. Whoever is in the organisation already has the other right at once: then None.

    Raises ``NotAllowed``, ``email_wrong``, ``last_owner``.
    """
    _by_owner(organisation, actor)
    address = invited.address_of(email)
    held = next((m for m in organisation.members if m.ended_at is None and m.user.email.lower() == address), None)
    if held is not None:
        give_right(session, organisation, held.user, actor, now, right)
        return None
    return invited.offer_to(session, actor, now, address, Offer(right, organisation_id=organisation.id))


def withdraw(session: Session, organisation: Organisation, actor: Actor, now: datetime, invitation: PostInvitation) -> None:
    """Take an invitation to the organisation back. Raises ``NotAllowed``."""
    _by_owner(organisation, actor)
    if invitation.organisation_id != organisation.id:
        raise NotAllowed(action="withdraw")
    invited.withdraw(session, invitation, actor, now)


def give_right(session: Session, organisation: Organisation, user: User, actor: Actor, now: datetime, right: Right) -> OrganisationMember:
    """Give somebody a right, or another one than they have. Raises ``NotAllowed``, ``last_owner``."""
    _by_owner(organisation, actor)
    held = next((m for m in organisation.members if m.user_id == user.id and m.ended_at is None), None)
    if held is not None:
        if held.right == right:
            return held
        end_member(session, organisation, actor, now, held)
    member = OrganisationMember(organisation_id=organisation.id, user_id=user.id, user=user, right=right, began_at=now)
    organisation.members.append(member)
    session.flush()
    _record(session, actor, now, audit.Act.GIVEN, member)
    return member


def accept(session: Session, invitation: PostInvitation, user: User, actor: Actor, now: datetime) -> None:
    """Give what the letter offered, in the name of the owner who invited, while they still own.

    Raises ``invited.InvitationOver`` when they do not any more.
    """
    organisation = session.get_one(Organisation, invitation.organisation_id)
    inviter = invited.actor_of(session, invitation.invited_by_id)
    if not rules.owns(inviter, organisation):
        raise invited.InvitationOver(end=invited.End.WITHDRAWN)
    give_right(session, organisation, user, inviter, now, Right(invitation.role))


def end_member(session: Session, organisation: Organisation, actor: Actor, now: datetime, member: OrganisationMember) -> None:
    """Take a right away; it stays as history. Raises ``NotAllowed``, ``last_owner``."""
    _by_owner(organisation, actor)
    session.refresh(organisation, attribute_names=["code"], with_for_update=True)  # one at a time, so that one owner stays
    session.refresh(organisation, attribute_names=["members"])
    others = [m for m in organisation.members if m.right == Right.OWNER and m.ended_at is None and m.user.active and m.id != member.id]
    if member.right == Right.OWNER and member.ended_at is None and not others:
        raise InputRefused("email", "last_owner")
    if member.ended_at is None:
        member.ended_at = now
        session.flush()
        _record(session, actor, now, audit.Act.ENDED, member)


def leave_all(session: Session, user: User, actor: Actor, now: datetime) -> None:
    """End every right of somebody whose account goes. An organisation that nobody else owns stays as it is, with nobody who can act."""
    current = select(OrganisationMember).where(OrganisationMember.user_id == user.id, OrganisationMember.ended_at.is_(None))
    for member in session.scalars(current.order_by(OrganisationMember.id)).all():
        member.ended_at = now
        session.flush()
        _record(session, actor, now, audit.Act.ENDED, member)


def _record(session: Session, actor: Actor, now: datetime, act: audit.Act, member: OrganisationMember) -> None:
    audit.record(session, actor, now, act, about_user_id=member.user_id, organisation_id=member.organisation_id,
                 facts={"role": str(member.right)})


def _by_owner(organisation: Organisation, actor: Actor) -> None:
    if not rules.owns(actor, organisation):
        raise NotAllowed(action="own")


def _write(organisation: Organisation, name: dict[str, str], about: dict[str, str]) -> list[str]:
    """Gives the columns that changed."""
    names, texts = names_and_words(name, about, missing="organisation_name_missing", most_name=MAX_NAME, most_about=MAX_ABOUT)
    off = organisation.hidden or {}  # what a moderator took off comes back by a moderator alone
    changed = {column: words for column, words in (("name", names), ("about", texts)) if column not in off and words != getattr(organisation, column)}
    for column, words in changed.items():
        setattr(organisation, column, words)
    return list(changed)


def _look_at(session: Session, organisation: Organisation, parts: list[str], now: datetime) -> None:
    """Have the rules look for signs of trouble in these parts, as moderation names them. An organisation is public at once."""
    if parts:
        look_for_signs(session, "organisation", organisation.code, now, once=f"{' '.join(parts)}:{now.isoformat()}", parts=parts)
