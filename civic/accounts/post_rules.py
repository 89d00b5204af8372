"""Who may bring people into a post and out of it: small predicates of the actor and the post."""

from typing import TYPE_CHECKING, Protocol

from civic.core.actor import Actor, RoleName

if TYPE_CHECKING:
    from civic.accounts.models import Membership


class Place(Protocol):
    """What a post or an invitation to one tells of its place."""

    @property
    def role(self) -> str: ...
    @property
    def body_id(self) -> int | None: ...


def heads_a_body(actor: Actor) -> bool:
    """Head of some body."""
    return any(actor.heads(body_id) for body_id in actor.body_ids)


def may_invite(actor: Actor, place: Place) -> bool:
    """An administrator anybody; the head of a body its officials."""
    return actor.is_administrator or (place.role == RoleName.OFFICIAL and actor.heads(place.body_id))


def may_end(actor: Actor, post: "Membership") -> bool:
    """Whoever may invite to such a post."""
    return may_invite(actor, post)
