"""Who may do what with an organisation, an event, a registration: small predicates of the actor and the thing."""

from typing import TYPE_CHECKING

from civic.core.actor import Actor

if TYPE_CHECKING:
    from civic.events.models import Event, Organisation, Recommendation, Registration


def _has_right(actor: Actor, organisation: "Organisation", *rights: str) -> bool:
    counting = {"door"} & set(rights) if actor.one_proof else rights
    return actor.user_id is not None and any(
        m.user_id == actor.user_id and m.ended_at is None and m.right in counting for m in organisation.members
    )


def owns(actor: Actor, organisation: "Organisation") -> bool:
    """Decides who else organises."""
    return _has_right(actor, organisation, "owner")


def may_organise_for(actor: Actor, organisation: "Organisation") -> bool:
    """Makes events of the organisation."""
    return _has_right(actor, organisation, "owner", "organiser")


def belongs_to(actor: Actor, organisation: "Organisation") -> bool:
    """Has any right in the organisation."""
    return _has_right(actor, organisation, "owner", "organiser", "door")


def may_organise(actor: Actor, event: "Event") -> bool:
    """An organiser of the event's organisation."""
    return may_organise_for(actor, event.organisation)


def may_organise_or_is_system(actor: Actor, event: "Event") -> bool:
    """An organiser, or the clock."""
    return actor.system or may_organise(actor, event)


def may_keep_the_door(actor: Actor, event: "Event") -> bool:
    """Lets people in."""
    return belongs_to(actor, event.organisation)


def may_approve(actor: Actor, registration: "Registration") -> bool:
    """An organiser of the event."""
    return may_organise(actor, registration.event)


def is_registered_person(actor: Actor, registration: "Registration") -> bool:
    """The one whose registration it is: by the account, or by the link sent to the address."""
    return actor.contact_id is not None and actor.contact_id == registration.contact_id


def is_system(actor: Actor, thing: object) -> bool:
    """The product's own job."""
    return actor.system


def may_answer_recommendation(actor: Actor, recommendation: "Recommendation") -> bool:
    """An official of the body that the recommendation is addressed to."""
    return actor.works_for(recommendation.body_id)
