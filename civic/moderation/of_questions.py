"""Questions of a room before the moderators of the city.

Two people may hide a question, and neither undoes the other. The room's own moderator takes the question out of the room, for one
of the reasons that a room has: it stops where it stands, the reason is public, the words stay on the row, and «show again» brings
it back. The moderator of the city takes off the words, the name or the body's answer, by the codex: they leave the row, a tombstone
with the reason stands in their place, and the question itself goes on (its votes, its addressee, its end), as a complaint does.
A question that the room has hidden or joined with another can be before the city's moderator all the same; one that the room never
showed cannot: nobody has read it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.codes import row_id
from civic.events.models import Event
from civic.moderation.subjects import Mark, Part, Thing, marked
from civic.questions import asking, rooms
from civic.questions.models import Question, Room, RoomStep

#: Parts that are columns, and what stands in them while they are hidden.
COLUMNS: dict[str, tuple[str, str | None]] = {"text": ("text", ""), "name": ("shown_name", ""), "answer": ("answer", None)}


class Questions:
    """See ``Subject``. Who asked by a device has no address: nobody is told, and nobody appeals."""

    kind = "question"

    def load(self, session: Session, key: str) -> Thing | None:
        """A question that was shown, by its number."""
        question = session.get(Question, row_id(key) or 0)
        if question is None or question.shown_at is None:
            return None
        event, marks, asker = question.room.event, question.hidden or {}, question.participant.contact_id
        asked = frozenset({asker} if asker else ())
        of = {"text": (question.language, asked, question.asked_at), "name": (question.language, asked, question.asked_at),
              "answer": (question.answer_language or "", _who_answered(session, question), question.answered_at)}
        parts = tuple(Part(name, getattr(question, column) or "", language, hidden=name in marks, authors=authors, at=at)
                      for name, (column, _) in COLUMNS.items() for language, authors, at in [of[name]]
                      if getattr(question, column) or name in marks)
        return Thing(self.kind, str(question.id), question.id, event.city_id, event.title, parts,
                     frozenset({question.body_id} if question.body_id else ()))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Those of their events."""
        rows = session.execute(select(Question.id, Event.title).join(Room, Room.id == Question.room_id).join(Event, Event.id == Room.event_id)
                               .where(Question.id.in_([n for key in keys if (n := row_id(key))]), Question.shown_at.is_not(None)))
        return {str(question_id): title for question_id, title in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "questions.question", {"question_id": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off; what similar questions are found by, too."""
        question, (column, empty) = session.get_one(Question, thing.id), COLUMNS[part.name]
        content = getattr(question, column)
        self._write(session, question, now, part, empty, mark)
        if part.name == "text":
            asking.forget_words(session, question)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        question = session.get_one(Question, thing.id)
        self._write(session, question, now, part, content, None)
        if part.name == "text":
            asking.keep_words(session, question)

    def _write(self, session: Session, question: Question, now: datetime, part: Part, value: str | None, mark: Mark | None) -> None:
        """The room's open views are told by its version."""
        version = rooms.touch(session, question.room, now)
        session.refresh(question)
        setattr(question, COLUMNS[part.name][0], value)
        question.hidden, question.changed = marked(question.hidden, part.name, mark), version
        session.flush()


def _who_answered(session: Session, question: Question) -> frozenset[int]:
    last = (select(Contact.id).join(RoomStep, RoomStep.user_id == Contact.user_id)
            .where(RoomStep.question_id == question.id, RoomStep.kind == "answer_in_writing").order_by(RoomStep.id.desc()).limit(1))
    found = session.scalar(last) if question.answer_language else None
    return frozenset({found} if found else ())
