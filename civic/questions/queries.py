"""Reads of rooms: small frozen rows for the public and for the three views, ordered by votes and bounded."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload

from civic.accounts.models import Membership
from civic.bodies.models import Body
from civic.core.database import Reader
from civic.events.models import Event, EventStep
from civic.events.states import EventState
from civic.questions.models import Participant, Poll, PollBallot, Question, QuestionVote, Room, RoomStep
from civic.questions.states import ENDS, PUBLIC, HiddenReason, PollState, State

PAGE = 50
#: Of a whole state: those that are voted for, those that have their end, those that wait for the moderator, those out of sight.
MOST_SHOWN, MOST_ENDED, MOST_WAITING, MOST_ASIDE = 100, 30, 200, 50
#: More changed questions than this are sent as a whole state.
MOST_CHANGED = 200


@dataclass(frozen=True)
class Asked:
    """One question, as a list needs it. body: names in several languages, None when it is put to no body."""

    id: int
    state: State
    changed: int
    text: str
    language: str
    shown_name: str
    body: dict[str, str] | None
    body_id: int | None
    speaker: str
    votes: int
    pinned: bool
    answering: bool
    hidden_reason: HiddenReason | None
    merged_into_id: int | None
    asked_at: datetime
    shown_at: datetime | None
    second: int | None
    due_on: date | None
    answered_at: datetime | None
    late: bool

    @property
    def public(self) -> bool:
        """Everybody may read the text."""
        return self.state in PUBLIC and self.shown_at is not None


_COLUMNS = (
    Question.id, Question.state, Question.changed, Question.text, Question.language, Question.shown_name, Body.name.label("body"), Question.body_id,
    Question.speaker, Question.votes, Question.pinned, Question.answering, Question.hidden_reason, Question.merged_into_id, Question.asked_at,
    Question.shown_at, Question.second, Question.due_on, Question.answered_at, Question.late,
)


def _select(room_id: int) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).outerjoin(Body, Body.id == Question.body_id).where(Question.room_id == room_id)


def _rows(session: Reader, chosen: Select[*tuple[Any, ...]]) -> list[Asked]:
    return [Asked(**{**row._mapping, "state": State(row.state)}) for row in session.execute(chosen)]


def room_by_code(session: Session, code: str) -> Room | None:
    """The room with this code."""
    return session.scalar(select(Room).where(Room.code == code))


def room_of(session: Session, event_id: int) -> Room | None:
    """The room of an event."""
    return session.scalar(select(Room).where(Room.event_id == event_id))


def small_room(session: Reader, event_id: int) -> Row[int, str, int] | None:
    """Id, code and number of questions of an event's room, for the event's page."""
    return session.execute(select(Room.id, Room.code, Room.questions).where(Room.event_id == event_id)).first()


@dataclass(frozen=True)
class Page:
    """A page of the public list; after: where the next one begins, None on the last."""

    rows: Sequence[Asked]
    after: str | None


def public_page(session: Session, room_id: int, after: str | None) -> Page:
    """The questions that everybody may read, the most votes first. Nonsense in ``after`` is the first page."""
    chosen = _select(room_id).where(Question.state.in_(PUBLIC), Question.shown_at.is_not(None))
    votes, _, question_id = (after or "").partition("-")
    if votes.isdecimal() and question_id.isdecimal() and len(after or "") < 20:
        chosen = chosen.where(tuple_(Question.votes, Question.id) < (int(votes), int(question_id)))
    rows = _rows(session, chosen.order_by(Question.votes.desc(), Question.id.desc()).limit(PAGE + 1))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], f"{last.votes}-{last.id}" if last else None)


def top(session: Reader, room_id: int, limit: int) -> list[Asked]:
    """The first ones of the public list."""
    return _rows(session, _select(room_id).where(Question.state.in_(PUBLIC), Question.shown_at.is_not(None))
                 .order_by(Question.votes.desc(), Question.id.desc()).limit(limit))


def hidden_counts(session: Session, room_id: int) -> Counter[HiddenReason]:
    """How many questions are hidden, for which reason."""
    rows = session.execute(select(Question.hidden_reason, func.count()).where(Question.room_id == room_id, Question.state == State.HIDDEN)
                           .group_by(Question.hidden_reason))
    return Counter({HiddenReason(reason): n for reason, n in rows if reason is not None})


def one(session: Reader, question_id: int) -> Asked | None:
    """One question."""
    chosen = select(*_COLUMNS).outerjoin(Body, Body.id == Question.body_id).where(Question.id == question_id)
    return next(iter(_rows(session, chosen)), None)


def by_ids(session: Reader, question_ids: Sequence[int]) -> list[Asked]:
    """These questions, in this order."""
    chosen = select(*_COLUMNS).outerjoin(Body, Body.id == Question.body_id).where(Question.id.in_(question_ids))
    return sorted(_rows(session, chosen), key=lambda row: question_ids.index(row.id))


def whole(session: Reader, room_id: int, *, everything: bool) -> list[Asked]:
    """What the views show of a room. everything: also what waits for the moderator and what is out of sight."""
    shown = _select(room_id).where(Question.state == State.SHOWN).order_by(
        Question.answering.desc(), Question.pinned.desc(), Question.votes.desc(), Question.id).limit(MOST_SHOWN)
    ended = _select(room_id).where(Question.state.in_(ENDS | {State.FOR_WRITING}), true() if everything else Question.shown_at.is_not(None)).order_by(
        Question.changed.desc(), Question.id.desc()).limit(MOST_ENDED)
    found = _rows(session, shown) + _rows(session, ended)
    if everything:
        found += _rows(session, _select(room_id).where(Question.state == State.WAITING).order_by(Question.id).limit(MOST_WAITING))
        found += _rows(session, _select(room_id).where(Question.state.in_((State.HIDDEN, State.MERGED)))
                       .order_by(Question.changed.desc(), Question.id.desc()).limit(MOST_ASIDE))
    return found


def changed_since(session: Reader, room_id: int, version: int) -> list[Asked] | None:
    """What changed after ``version``; None when that is so much that the whole state is shorter."""
    rows = _rows(session, _select(room_id).where(Question.changed > version).order_by(Question.changed, Question.id).limit(MOST_CHANGED + 1))
    return None if len(rows) > MOST_CHANGED else rows


def counts(session: Reader, room_id: int) -> Counter[State]:
    """How many questions stand where."""
    rows = session.execute(select(Question.state, func.count()).where(Question.room_id == room_id).group_by(Question.state))
    return Counter({State(state): n for state, n in rows})


def polls(session: Session, room_id: int, *, everything: bool = False) -> Sequence[Poll]:
    """Polls that the room has seen, the newest first; everything: also the prepared ones."""
    states = [PollState.OPEN, PollState.CLOSED] + ([PollState.PREPARED] if everything else [])
    return session.scalars(select(Poll).where(Poll.room_id == room_id, Poll.state.in_(states)).order_by(Poll.id.desc()).limit(50)
                           .execution_options(populate_existing=True)).all()


def voted(session: Session, participant: Participant | None) -> set[int]:
    """Questions that this voice was given to."""
    if participant is None:
        return set()
    return set(session.scalars(select(QuestionVote.question_id).where(QuestionVote.participant_id == participant.id)))


def balloted(session: Session, participant: Participant | None) -> set[int]:
    """Polls in which this voice has its ballot."""
    if participant is None:
        return set()
    return set(session.scalars(select(PollBallot.poll_id).where(PollBallot.participant_id == participant.id)))


def own(session: Session, participant: Participant | None) -> list[Asked]:
    """The questions of one voice, the newest first."""
    if participant is None:
        return []
    chosen = _select(participant.room_id).where(Question.participant_id == participant.id).order_by(Question.id.desc()).limit(20)
    return _rows(session, chosen)


def path(session: Session, question_id: int) -> Sequence[RoomStep]:
    """A question's history, newest first."""
    return session.scalars(select(RoomStep).where(RoomStep.question_id == question_id).order_by(RoomStep.id.desc())).all()


def log(session: Session, room_id: int, limit: int = 100) -> Sequence[RoomStep]:
    """The newest steps of a whole room."""
    return session.scalars(select(RoomStep).where(RoomStep.room_id == room_id).order_by(RoomStep.id.desc()).limit(limit)).all()


def joined_with(session: Reader, question_id: int) -> list[str]:
    """The texts of the questions that were joined with this one and that the public had seen, but for those that are hidden."""
    return list(session.execute(select(Question.text).where(Question.merged_into_id == question_id, Question.shown_at.is_not(None), Question.text != "")
                                .order_by(Question.id)).scalars())


def second_of_recording(session: Session, question: Question, now: datetime) -> int | None:
    """Seconds from the beginning of the discussion to the moment the question was taken up; None when it is not going on."""
    began = session.scalar(select(EventStep.at).where(EventStep.event_id == question.room.event_id, EventStep.kind == "start")
                           .order_by(EventStep.id.desc()).limit(1))
    taken_up = session.scalar(select(RoomStep.at).where(RoomStep.question_id == question.id, RoomStep.kind == "take_up")
                              .order_by(RoomStep.id.desc()).limit(1))
    at = taken_up if taken_up is not None and question.answering else now
    if began is None or question.room.event.state != EventState.LIVE:
        return None
    return max(0, (at - began) // timedelta(seconds=1))


@dataclass(frozen=True)
class Record:
    """What became of the questions put to a body. on_time, late: answered in writing; waiting: the answer is not due yet."""

    live: int
    on_time: int
    late: int
    not_answered: int
    waiting: int

    @property
    def asked(self) -> int:
        """All that have an end or a term."""
        return self.live + self.on_time + self.late + self.not_answered + self.waiting


def record_of_body(session: Reader, body_id: int) -> Record:
    """Counted over all discussions that took place or are taking place."""
    rows = session.execute(
        select(Question.state, Question.late, func.count()).join(Room, Room.id == Question.room_id).join(Event, Event.id == Room.event_id)
        .where(Question.body_id == body_id, Question.state.in_(ENDS | {State.FOR_WRITING}), Question.shown_at.is_not(None), _held())
        .group_by(Question.state, Question.late)).all()
    sums: Counter[tuple[str, bool]] = Counter({(str(state), bool(late)): n for state, late, n in rows})
    return Record(live=sums[State.ANSWERED_LIVE, False], on_time=sums[State.ANSWERED_IN_WRITING, False], late=sums[State.ANSWERED_IN_WRITING, True],
                  not_answered=sums[State.NOT_ANSWERED, False], waiting=sums[State.FOR_WRITING, False])


def _held() -> ColumnElement[bool]:
    return Event.state != EventState.CANCELLED


def answers_here(session: Session, body_id: int) -> bool:
    """Whether anybody has a post in the body, so that a question can reach it."""
    held = select(Membership.id).where(Membership.body_id == body_id, Membership.ended_at.is_(None))
    return session.scalar(held.limit(1)) is not None


def for_desk(session: Session, body_ids: Collection[int], limit: int = 200) -> Sequence[Question]:
    """What bodies have to answer in writing and what they have answered: what is due first stands first, then the newest."""
    mine = select(Question).join(Room, Room.id == Question.room_id).where(
        Question.body_id.in_(body_ids), Question.due_on.is_not(None),
        or_(Question.state == State.FOR_WRITING, Question.state.in_((State.ANSWERED_IN_WRITING, State.NOT_ANSWERED))))
    order = (Question.state != State.FOR_WRITING, Question.due_on, Question.id)
    return session.scalars(mine.options(joinedload(Question.room), joinedload(Question.body)).order_by(*order).limit(limit)).all()
