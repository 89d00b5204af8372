"""Who may do what with an invitation: small predicates of the actor and the invitation.

Whoever answers through the link of a letter acts as the contact of that address (``Actor.contact_id``); what makes a
link a proof of the address is decided in ``links``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from civic.core.actor import Actor
from civic.events.rules import may_organise

if TYPE_CHECKING:
    from civic.invitations.models import Invitation

Rule = Callable[[Actor, "Invitation"], bool]


def is_organiser(actor: Actor, invitation: "Invitation") -> bool:
    """An organiser of the event."""
    return may_organise(actor, invitation.event)


def is_system(actor: Actor, invitation: "Invitation") -> bool:
    """The product's own job."""
    return actor.system


def is_addressee(actor: Actor, invitation: "Invitation") -> bool:
    """Has proven the address that the letter went to."""
    return actor.contact_id is not None and actor.contact_id == invitation.contact_id


def is_delegate(actor: Actor, invitation: "Invitation") -> bool:
    """Has proven the address of the named delegate."""
    return actor.contact_id is not None and actor.contact_id == invitation.delegate_contact_id


def may_answer(actor: Actor, invitation: "Invitation") -> bool:
    """The addressee or the head of the body; any official of it, when nobody is named."""
    return (is_addressee(actor, invitation) or actor.heads(invitation.body_id)
            or (not invitation.official_name and actor.works_for(invitation.body_id)))


def may_contest(actor: Actor, invitation: "Invitation") -> bool:
    """The body, or who was invited in its name, in person or as a delegate."""
    return is_addressee(actor, invitation) or is_delegate(actor, invitation) or actor.works_for(invitation.body_id)


def may_send_colleague(actor: Actor, invitation: "Invitation") -> bool:
    """Who chooses a delegate among the officials of the body: its head."""
    return actor.heads(invitation.body_id)
