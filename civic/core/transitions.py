"""State changes as data: a table of transitions, and the check that a wanted one is in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from civic.core.actor import Actor
from civic.core.errors import DomainError, NotAllowed

State = TypeVar("State", bound=StrEnum)


class TransitionForbidden(DomainError):
    """The table has no such step from the present state."""

    code = "transition_forbidden"


@dataclass(frozen=True)
class Transition(Generic[State]):
    """One allowed step.

    name: what the history calls it. sources: the states it may start from (empty: the thing is being made).
    target: the state after it. allowed: who may, as a predicate of actor and thing.
    """

    name: str
    sources: frozenset[State]
    target: State
    allowed: Callable[[Actor, Any], bool]


class TransitionTable(Generic[State]):
    """All transitions of one kind of thing, by name."""

    def __init__(self, transitions: Iterable[Transition[State]]) -> None:
        self.by_name = {t.name: t for t in transitions}

    def check(self, name: str, actor: Actor, thing: Any) -> Transition[State]:
        """The transition, when ``thing.state`` and ``actor`` permit it.

        Raises ``TransitionForbidden`` for the state and ``NotAllowed`` for the actor.
        """
        transition = self.by_name[name]
        if thing.state not in transition.sources:
            raise TransitionForbidden(action=name, state=thing.state)
        if not transition.allowed(actor, thing):
            raise NotAllowed(action=name)
        return transition

    def possible(self, actor: Actor, thing: Any) -> list[str]:
        """Names of the steps that ``actor`` may take now, in the table's order."""
        return [n for n, t in self.by_name.items() if thing.state in t.sources and t.allowed(actor, thing)]
