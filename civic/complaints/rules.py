"""Who may do what with a complaint: small predicates of the actor and the complaint."""

from typing import TYPE_CHECKING

from civic.core.actor import Actor

if TYPE_CHECKING:
    from civic.complaints.models import Complaint


def is_applicant(actor: Actor, complaint: "Complaint") -> bool:
    """Filed it, or holds its personal link."""
    return complaint.id in actor.links or (
        actor.contact_id is not None and complaint.applicant.contact_id == actor.contact_id
    )


def is_official(actor: Actor, complaint: "Complaint") -> bool:
    """Works in the body that has the complaint now."""
    return actor.works_for(complaint.body_id)


def is_head(actor: Actor, complaint: "Complaint") -> bool:
    """Heads the body that has the complaint now."""
    return actor.heads(complaint.body_id)


def is_system(actor: Actor, complaint: "Complaint") -> bool:
    """The product's own job."""
    return actor.system


def may_answer(actor: Actor, complaint: "Complaint") -> bool:
    """An official of the body; a disputed answer is for its head."""
    return is_head(actor, complaint) if complaint.state == "disputed" else is_official(actor, complaint)


def may_see(actor: Actor, complaint: "Complaint") -> bool:
    """Public ones everybody; private ones the applicant and the body that has it."""
    return not complaint.private or is_applicant(actor, complaint) or is_official(actor, complaint)


def may_add_information(actor: Actor, complaint: "Complaint") -> bool:
    """The applicant, until it is closed."""
    from civic.complaints.states import CLOSED  # states imports this module for its table

    return is_applicant(actor, complaint) and complaint.state not in CLOSED
