"""Who may do what with a promise: small predicates of the actor and the promise."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from civic.core.actor import Actor
from civic.events.rules import may_organise

if TYPE_CHECKING:
    from civic.promises.models import Promise

Rule = Callable[[Actor, "Promise"], bool]


def is_of_body(actor: Actor, promise: "Promise") -> bool:
    """An official or the head of the body that promised."""
    return actor.works_for(promise.body_id)


def is_organiser(actor: Actor, promise: "Promise") -> bool:
    """An organiser of the event at which it was given."""
    return may_organise(actor, promise.event)


def is_system(actor: Actor, promise: "Promise") -> bool:
    """The clock."""
    return actor.system


def is_organiser_or_system(actor: Actor, promise: "Promise") -> bool:
    """An organiser, or the clock in the organiser's stead."""
    return actor.system or is_organiser(actor, promise)


def may_contest(actor: Actor, promise: "Promise") -> bool:
    """Anybody with a proven address, but for the body itself."""
    return actor.contact_id is not None and not is_of_body(actor, promise)


def gave(actor: Actor, promise: "Promise", step: Any) -> bool:
    """On whose side a step was taken, with its evidence: the body, the organisers, the resident; nobody for those of the clock.
    step: a ``PromiseStep`` or a row of ``queries.path``."""
    if step.role == "resident":
        return actor.contact_id is not None and step.contact_id == actor.contact_id
    return {"body": is_of_body, "organiser": is_organiser}.get(step.role, _nobody)(actor, promise)


def _nobody(actor: Actor, promise: "Promise") -> bool:
    return False


def may_state(actor: Actor, promise: "Promise") -> bool:
    """Either side may put a statement with its evidence on the record at any time."""
    return is_of_body(actor, promise) or is_organiser(actor, promise)
