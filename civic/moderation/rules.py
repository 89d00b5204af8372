"""Who may do what in moderation: small predicates of the actor and the case.

A moderator looks after a city, and never acts as an official: see ``Actor.body_ids``.
"""

from typing import TYPE_CHECKING

from civic.core.actor import Actor

if TYPE_CHECKING:
    from civic.moderation.models import Case


def moderates_somewhere(actor: Actor) -> bool:
    """Has a queue: a moderator, or an administrator, to whom appeals come where there is no second moderator."""
    return bool(actor.city_ids) or actor.is_administrator


def is_author(actor: Actor, case: "Case") -> bool:
    """Wrote any of it, with an account or without: who holds a complaint's personal link is its applicant, and another link of the author's own opens the case itself."""
    return case.id in actor.entries or (actor.contact_id is not None and actor.contact_id in case.authors) or (case.by_applicant and case.thing_id in actor.links)


def may_decide(actor: Actor, case: "Case") -> bool:
    """A moderator of the city, never of their own texts."""
    return case.city_id in actor.city_ids and not is_author(actor, case)


def may_decide_votes(actor: Actor, city_id: int, *, own: bool) -> bool:
    """A moderator of the city in which suspect votes were given; never about what is their own (``VoteKind.own``)."""
    return city_id in actor.city_ids and not own


def may_appeal(actor: Actor, case: "Case") -> bool:
    """The author, as long as there is something to put back: what was hidden is kept for a year."""
    return is_author(actor, case) and case.withheld is not None


def may_resolve(actor: Actor, case: "Case") -> bool:
    """A second moderator; an administrator where the city has only one. Never who hid it, never the author."""
    if actor.user_id is None or actor.user_id == case.decided_by_id or is_author(actor, case):
        return False
    return case.city_id in actor.city_ids or (case.for_administrator and actor.is_administrator)


def may_see_case(actor: Actor, case: "Case") -> bool:
    """Who may act on it now or may look at what they decided. An author reads no flags of their own text, moderator or not."""
    return may_decide(actor, case) or may_resolve(actor, case)
