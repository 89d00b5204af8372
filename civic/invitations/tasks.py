"""Jobs of invitations: who is told of a step, and what time does."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.events.models import Event, OrganisationMember
from civic.events.states import Right
from civic.invitations.models import HeldAnswer, Invitation, InvitationEvent
from civic.invitations.states import ANSWERS, RECORDS, State
from civic.invitations.sweep import sweep
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.notifications.service import tell

#: Steps after which an answer of the invited is waited for: their letter has the PDF.
ASKS = frozenset({"invite", "ask_again", "keep_date", "delegate_refuse"})


def register(queue: Queue) -> None:
    """Bind the handlers and the sweep."""
    queue.handlers.update(invitation_step=invitation_step, invitation_held=invitation_held, invitation_called_off=invitation_called_off)
    queue.sweeps.append(sweep)


def invitation_step(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the letters of one step. Those to the invited are official: they go at once, however gathered other mail is."""
    step = session.get_one(InvitationEvent, payload["step_id"])
    invitation = session.get_one(Invitation, step.invitation_id)
    for audience, contacts in _told(session, invitation, step):
        for contact in contacts:
            key, facts = f"invitation:{step.id}:{audience}", {"step_id": step.id, "audience": audience}
            if audience == "organiser":
                tell(session, contact, "invitation_step", key, facts, now)
            else:
                _at_once(session, contact, "invitation_step", key, facts, now)


def _told(session: Session, invitation: Invitation, step: InvitationEvent) -> list[tuple[str, list[Contact]]]:
    told = []
    to_delegate = step.kind in ("delegate", "withdraw") or (step.kind == "remind" and step.to_state == State.DELEGATE_NAMED)
    if to_delegate and invitation.delegate_contact_id is not None:
        told.append(("delegate", [session.get_one(Contact, invitation.delegate_contact_id)]))
    if step.kind in ASKS | ANSWERS | RECORDS | {"withdraw"} or (step.kind == "remind" and not to_delegate):
        told.append(("invited", invited_contacts(session, invitation)))
    if step.kind in ANSWERS | {"contest"}:
        told.append(("organiser", organisers(session, invitation.event)))
    return told


def invited_contacts(session: Session, invitation: Invitation) -> list[Contact]:
    """The address of the letter, else the officials of the body."""
    if invitation.contact_id is not None:
        return [session.get_one(Contact, invitation.contact_id)]
    return contacts_of(officials(session, invitation.body_id))


def organisers(session: Session, event: Event) -> list[Contact]:
    """Who organises the event."""
    chosen = select(Contact).join(OrganisationMember, OrganisationMember.user_id == Contact.user_id).where(
        OrganisationMember.organisation_id == event.organisation_id, OrganisationMember.ended_at.is_(None),
        OrganisationMember.right.in_([Right.OWNER, Right.ORGANISER]))
    return list(session.scalars(chosen))


def invitation_held(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that makes a forwarded link's answer count."""
    held = session.get_one(HeldAnswer, payload["held_id"])
    contact = session.get_one(Contact, held.contact_id)
    _at_once(session, contact, "invitation_held", f"invitation_held_mail:{held.id}", {"held_id": held.id}, now)


def invitation_called_off(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To the invited and the delegate: the event does not take place."""
    invitation = session.get_one(Invitation, payload["invitation_id"])
    contacts = invited_contacts(session, invitation)
    if invitation.delegate_contact_id is not None:
        contacts.append(session.get_one(Contact, invitation.delegate_contact_id))
    for contact in contacts:
        _at_once(session, contact, "invitation_called_off", f"called_off:{invitation.id}", {"invitation_id": invitation.id}, now)


def _at_once(session: Session, contact: Contact, template: str, key: str, facts: dict[str, Any], now: datetime) -> None:
    enqueue(session, "mail", f"mail:{key}:{contact.id}", {"contact_id": contact.id, "template": template, **facts}, now)
