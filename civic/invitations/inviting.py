"""Making an invitation: whom, with which address, and by when an answer is asked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.queries import has_officials
from civic.accounts.service import contact_for
from civic.bodies.models import Body
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.codes import new_number
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean
from civic.events.models import Event
from civic.events.rules import may_organise
from civic.events.service import lock
from civic.events.states import EventState
from civic.invitations.models import Invitation
from civic.invitations.service import MAX_NAME, MAX_POST, EventBegan, EventCalledOff, fits, note_invited, require, write
from civic.invitations.states import State
from civic.invitations.terms import answer_due
from civic.places.queries import work_calendar


@dataclass(frozen=True)
class Invitee:
    """Whom to invite, as typed. name and post: of a named official; both empty for the body as such. email: of the named
    official, or of the office when nobody of the body has an account here. words: the organiser's own, in the letter."""

    body_id: int | None
    name: str = ""
    post: str = ""
    email: str = ""
    words: str = ""


def invite(session: Session, event: Event, actor: Actor, now: datetime, whom: Invitee) -> Invitation:
    """Invite; the letter goes out after the commit. Raises ``NotAllowed`` and ``InputRefused`` for what stands against it.

    The event is taken for writing, so that two organisers who invite the same body at once become one invitation.
    """
    if not may_organise(actor, event):
        raise NotAllowed(action="invite")
    lock(session, event)
    if event.state == EventState.CANCELLED:
        raise EventCalledOff()
    if event.state not in (EventState.DRAFT, EventState.ANNOUNCED) or now >= event.starts_at:
        raise EventBegan()
    body = _body(session, event, whom.body_id)
    contact_id = _address(session, body, whom)
    _not_invited_yet(session, event, body, contact_id if clean(whom.name) else None)
    today = local_date(now, event.city.timezone)
    invitation = Invitation(
        number=_new_number(session, event), event_id=event.id, event=event, body_id=body.id, body=body, official_name=clean(whom.name),
        official_post=clean(whom.post) if clean(whom.name) else "", contact_id=contact_id, words=fits(whom.words), state=State.SENT,
        sent_at=now, asked_on=today, asked_for=event.starts_at,
        due_on=answer_due(work_calendar(session), today, local_date(event.starts_at, event.city.timezone)),
    )
    session.add(invitation)
    session.flush()
    write(session, invitation, "invite", actor, now, State.SENT, facts={"due": invitation.due_on.isoformat()})
    note_invited(session, event.id)
    return invitation


def _body(session: Session, event: Event, body_id: int | None) -> Body:
    body = session.get(Body, body_id) if body_id else None
    if body is None or body.city_id != event.city_id:
        raise InputRefused("body_id", "body_missing")
    if not body.active:
        raise InputRefused("body_id", "body_inactive")
    return body


def _address(session: Session, body: Body, whom: Invitee) -> int | None:
    """The contact of the letter, None when it goes to the officials of the body who have accounts."""
    name, post, email = clean(whom.name), clean(whom.post), clean(whom.email)
    for field, value, limit in (("name", name, MAX_NAME), ("post", post, MAX_POST)):
        if len(value) > limit:
            raise InputRefused(field, "name_too_long", limit=limit)
    if name or post:
        require(name, "name", "official_name_missing")
        require(post, "post", "official_post_missing")
        require(email, "email", "official_email_missing")
    elif not email:
        if not has_officials(session, body.id):
            raise InputRefused("email", "body_without_accounts")
        return None
    return contact_for(session, email, "kk").id


def _not_invited_yet(session: Session, event: Event, body: Body, named_contact_id: int | None) -> None:
    """One standing invitation for a body as such, one for each named official's address."""
    who = ((Invitation.contact_id == named_contact_id) & (Invitation.official_name != "") if named_contact_id
           else (Invitation.body_id == body.id) & (Invitation.official_name == ""))
    standing = select(Invitation.number).where(Invitation.event_id == event.id, Invitation.state != State.WITHDRAWN, who)
    number = session.scalar(standing.limit(1))
    if number is not None:
        raise InputRefused("email" if named_contact_id else "body_id", "invited_before", number=number)


def _new_number(session: Session, event: Event) -> str:
    while True:
        number = new_number(event.city.prefix)
        if session.scalar(select(Invitation.id).where(Invitation.number == number)) is None:
            return number
