"""Words of invitations that everybody can read from now on: the rules look at them. Before its event is announced nobody reads an invitation."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.events.models import Event
from civic.invitations.models import Invitation, InvitationEvent
from civic.moderation.looking import look_for_signs

#: Columns that say what the last answer said, and the names of their marks.
OF_LAST_ANSWER = {"reason": "reason", "delegate_post": "delegate"}


def still_hidden(invitation: Invitation, changed: Collection[str]) -> dict[str, Any] | None:
    """The marks that stay when a step writes these columns: a new answer is not hidden with the one before."""
    gone = {mark for column, mark in OF_LAST_ANSWER.items() if column in changed}
    return {name: mark for name, mark in (invitation.hidden or {}).items() if name not in gone} or None


def look_at(session: Session, invitation: Invitation, step: InvitationEvent, now: datetime) -> None:
    """At what is said with a step; with the first one at the letter and whom it names, too."""
    parts = [f"{part}-{step.id}" for part, words in (("step", step.text), ("post", step.facts.get("post"))) if words]
    parts += ["words", "official"] if step.kind == "invite" else []
    if parts and invitation.event.announced_at is not None:
        look_for_signs(session, "invitation", invitation.number, now, once=step.id, parts=parts)


def look_at_all(session: Session, event: Event, now: datetime) -> None:
    """At everything that was said until the event was announced."""
    for number in session.scalars(select(Invitation.number).where(Invitation.event_id == event.id).order_by(Invitation.id)):
        look_for_signs(session, "invitation", number, now, once="announced")
