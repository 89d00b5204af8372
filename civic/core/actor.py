"""Who does something: given to every rule and every service, never looked up by them."""

from dataclasses import dataclass, field
from enum import StrEnum


class RoleName(StrEnum):
    """What a person is in a body or a city."""

    OFFICIAL = "official"
    HEAD = "head"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Post:
    """One role held by a person: in a body (official, head), a city (moderator) or everywhere (both None)."""

    role: RoleName
    body_id: int | None = None
    city_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A person, or the product itself, in the moment of acting.

    user_id: the account, None without one. contact_id: the proven e-mail address, None when not proven.
    links: ids of complaints whose personal link this browser has opened. entries: of the moderators' log, whose author's own link (a
    presenter's, a ticket's) this request came by. one_proof: signed in without the second factor that whoever acts for others needs:
    ``posts`` is empty then, and rights in an organisation but those at the door do not count. system: the product's own jobs.
    """

    user_id: int | None = None
    contact_id: int | None = None
    name: str = ""
    posts: tuple[Post, ...] = ()
    links: frozenset[int] = field(default_factory=frozenset)
    entries: frozenset[int] = field(default_factory=frozenset)
    system: bool = False
    one_proof: bool = False

    def works_for(self, body_id: int | None) -> bool:
        """Official or head of the body."""
        return body_id is not None and body_id in self.body_ids

    def heads(self, body_id: int | None) -> bool:
        """Head of the body."""
        return self.works_for(body_id) and any(p.body_id == body_id and p.role == RoleName.HEAD for p in self.posts)

    @property
    def body_ids(self) -> frozenset[int]:
        """The bodies this person answers for. None for a moderator, who may not judge words about a body and answer for it:
        both posts are not given to one person, and where it happened all the same, only the moderator's counts."""
        if any(p.role == RoleName.MODERATOR for p in self.posts):
            return frozenset()
        return frozenset(p.body_id for p in self.posts if p.body_id is not None)

    @property
    def city_ids(self) -> frozenset[int]:
        """The cities that this person moderates."""
        return frozenset(p.city_id for p in self.posts if p.role == RoleName.MODERATOR and p.city_id is not None)

    @property
    def is_administrator(self) -> bool:
        return any(p.role == RoleName.ADMINISTRATOR for p in self.posts)


ANONYMOUS = Actor()
SYSTEM = Actor(system=True)
