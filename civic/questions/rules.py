"""Who may do what in a room: small predicates of the actor and the thing (a room, or a question or poll of it)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from civic.core.actor import Actor
from civic.events.rules import may_organise

if TYPE_CHECKING:
    from civic.questions.models import Poll, Question, Room

Rule = Callable[[Actor, Any], bool]


def moderates(actor: Actor, room: "Room") -> bool:
    """An organiser of the event, or a person named moderator of its room."""
    named = actor.user_id is not None and any(m.user_id == actor.user_id and m.ended_at is None for m in room.moderators)
    return named or may_organise(actor, room.event)


def may_moderate(actor: Actor, thing: "Question | Poll") -> bool:
    """Looks after the room of the question or poll."""
    return moderates(actor, thing.room)


def may_moderate_or_is_system(actor: Actor, thing: "Question | Poll") -> bool:
    """The moderator, or the clock."""
    return actor.system or may_moderate(actor, thing)


@dataclass(frozen=True)
class Office(Actor):
    """The address that a body without accounts was invited at, acting through a letter about one question (``offices``)."""

    question_id: int | None = None


def may_answer(actor: Actor, question: "Question") -> bool:
    """An official of the body that the question was handed to, or its office through the letter about this question."""
    return actor.works_for(question.body_id) or (isinstance(actor, Office) and actor.question_id == question.id)


def is_system(actor: Actor, thing: object) -> bool:
    """The product's own job."""
    return actor.system
