"""Words of a discussion's room before the moderators. Polls: the question and its choices; what was counted stays, each choice in its
place. And the speakers of the agenda, to whom questions were put by name."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.events.models import Event
from civic.moderation.codex import HIDDEN_TITLE, NOBODY
from civic.moderation.subjects import Mark, Part, marked
from civic.questions import rooms
from civic.questions.models import Poll, Question, Room, RoomStep
from civic.questions.states import PollState


def parts(session: Session, event: Event, organisers: frozenset[int]) -> list[Part]:
    """Polls that the room has seen; one that is prepared nobody has read."""
    rows = session.scalars(select(Poll).join(Room, Room.id == Poll.room_id).where(Room.event_id == event.id, Poll.opened_at.is_not(None)).order_by(Poll.id)).all()
    authors = _who_prepared(session, rows)
    return [Part(f"poll-{row.id}", "\n".join([row.text, *(option.text for option in row.options)]), row.language, hidden=row.hidden is not None,
                 authors=authors.get(row.id, organisers), at=row.opened_at) for row in rows if row.hidden or row.state != PollState.DISCARDED]


def _who_prepared(session: Session, rows: Sequence[Poll]) -> dict[int, frozenset[int]]:
    """A moderator of the room, who need not be an organiser."""
    known = (select(RoomStep.poll_id, Contact.id).join(Contact, Contact.user_id == RoomStep.user_id)
             .where(RoomStep.kind == "prepare", RoomStep.poll_id.in_([row.id for row in rows])))
    return {poll_id: frozenset({contact_id}) for poll_id, contact_id in session.execute(known) if poll_id is not None} if rows else {}


def hide(session: Session, part: Part, mark: Mark, now: datetime) -> Any:
    """Take it off phones and the screen."""
    poll = session.get_one(Poll, part.row_id)
    content = [poll.text, [[option.id, option.text] for option in poll.options]]
    _write(session, poll, [HIDDEN_TITLE[poll.language], [[option.id, NOBODY] for option in poll.options]], mark, now)
    return content


def restore(session: Session, part: Part, content: Any, now: datetime) -> None:
    """Put it back."""
    _write(session, session.get_one(Poll, part.row_id), content, None, now)


def _write(session: Session, poll: Poll, content: Any, mark: Mark | None, now: datetime) -> None:
    """The room is taken first, as by every writer; its open views are told by its version."""
    version = rooms.touch(session, poll.room, now)
    session.refresh(poll)
    poll.text, choices = content[0], dict(content[1])
    for option in poll.options:
        option.text = choices[option.id]
    poll.hidden, poll.room.polls_changed = marked(poll.hidden, "poll", mark), version
    session.flush()


def forget_speakers(session: Session, event: Event, names: Collection[str], now: datetime) -> dict[str, str]:
    """Take these names off the questions that were put to them. Gives who it was, by the id of the question."""
    asked = session.scalars(select(Question).join(Room, Room.id == Question.room_id).where(Room.event_id == event.id, Question.speaker.in_(names))).all()
    was = {str(question.id): question.speaker for question in asked}
    name_speakers(session, dict.fromkeys(was, NOBODY), now)
    return was


def name_speakers(session: Session, speakers: Mapping[str, str], now: datetime) -> None:
    """Write whom questions were put to. speakers: by the id of the question, all of one room."""
    asked = session.scalars(select(Question).where(Question.id.in_([int(question_id) for question_id in speakers]))).all()
    if asked:
        version = rooms.touch(session, asked[0].room, now)
        for question in asked:
            session.refresh(question)
            question.speaker, question.changed = speakers[str(question.id)], version
        session.flush()
