"""What the link of a letter proves.

A letter goes to one address, so its link proves that address; but people forward letters. The rule:
- the page behind the link changes nothing and names the invited, so that everybody sees whose it is;
- the first browser that answers through the link of a letter is taken for the invited's, and is remembered;
- an answer from any other browser through the same link is kept aside, and counts when the button in a new letter to the
  invited address is pressed, within ``HELD_LIVES``;
- of every answer the invited address is told, and it may be changed until the event begins.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.actor import Actor, Post, RoleName
from civic.core.errors import DomainError, InputRefused
from civic.invitations.models import HeldAnswer, Invitation, LinkUse
from civic.jobs.service import enqueue

HELD_LIVES = timedelta(days=3)
#: Letters with a button per address and invitation in ``HELD_LIVES``: nobody is flooded by a link that got around.
MOST_HELD = 5


class HeldAnswerUsed(DomainError):
    """The button was pressed already."""

    code = "held_answer_used"


def actor_of(contact: Contact) -> Actor:
    """Who acts through a link: the holder of the address, with the posts of their account if there is one."""
    user = contact.user
    if user is None or not user.active:
        return Actor(contact_id=contact.id)
    posts = tuple(Post(RoleName(m.role), m.body_id, m.city_id) for m in user.memberships if m.ended_at is None)
    return Actor(user.id, contact.id, user.name, posts)


def has_left(contact: Contact, body_id: int) -> bool:
    """Held a post in the body and holds none there now: the letter was written to an official, and its link speaks for the body no more."""
    held = [m for m in contact.user.memberships if m.body_id == body_id] if contact.user is not None else []
    return bool(held) and all(m.ended_at is not None for m in held)


def proves(session: Session, invitation: Invitation, contact: Contact, letter: str, browser: str, now: datetime) -> bool:
    """Whether an answer through the link of ``letter`` from this browser is the addressee's. The first one binds the link."""
    key = (invitation.id, contact.id, letter)
    use = session.get(LinkUse, key)
    if use is None:
        session.add(LinkUse(invitation_id=invitation.id, contact_id=contact.id, letter=letter, browser=browser, at=now))
        session.flush()
        return True
    return use.browser == browser


def hold(session: Session, invitation: Invitation, contact: Contact, step: str, said: dict[str, Any], now: datetime) -> HeldAnswer:
    """Keep an answer aside until the address confirms it; a letter with a button goes there."""
    waiting = select(func.count()).select_from(HeldAnswer).where(
        HeldAnswer.invitation_id == invitation.id, HeldAnswer.contact_id == contact.id, HeldAnswer.at > now - HELD_LIVES)
    if (session.scalar(waiting) or 0) >= MOST_HELD:
        raise InputRefused("text", "too_many_held")
    held = HeldAnswer(invitation_id=invitation.id, contact_id=contact.id, step=step, said=said, at=now)
    session.add(held)
    session.flush()
    enqueue(session, "invitation_held", f"invitation_held:{held.id}", {"held_id": held.id}, now)
    return held


def take(session: Session, held: HeldAnswer, now: datetime) -> None:
    """The button was pressed; once. Raises ``HeldAnswerUsed``."""
    session.refresh(held, with_for_update=True)
    if held.taken_at is not None:
        raise HeldAnswerUsed()
    held.taken_at = now
    session.flush()


def forget(session: Session, now: datetime) -> None:
    """Answers that nobody confirmed go; what was confirmed stands in the history anyway."""
    for held in session.scalars(select(HeldAnswer).where(HeldAnswer.at < now - 2 * HELD_LIVES).limit(200)):
        session.delete(held)
