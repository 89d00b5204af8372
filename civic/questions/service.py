"""Every step of a question. One function per step; each goes through the table of states and into the log.

Actor and time are arguments; the caller's transaction is used and never committed.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.actor import SYSTEM, Actor
from civic.core.clock import local_date
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.places.queries import work_calendar
from civic.questions import rooms, rules, voting
from civic.questions.asking import invited_bodies
from civic.questions.models import Poll, Question, RoomStep
from civic.questions.states import ANSWER_DAYS, MARKABLE, RECORDED, TRANSITIONS, HiddenReason, PollState, State

MAX_ANSWER = 10_000
LONGEST_RECORDING = 24 * 3600


class QuestionElsewhere(DomainError):
    """The other question is of another room, or is this one itself, or is not shown."""

    code = "question_elsewhere"


def take(session: Session, question: Question, now: datetime) -> int:
    """Take the question for writing; gives the room's new version."""
    version = rooms.touch(session, question.room, now)
    session.refresh(question)
    return version


def show(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """The moderator lets it through."""
    return _apply(session, question, "show", actor, now, take(session, question, now), shown_at=question.shown_at or now)


def hide(session: Session, question: Question, actor: Actor, now: datetime, *, reason: HiddenReason) -> RoomStep:
    """Take it out of sight, for one of the reasons that there are. The reason is public, the text is not any more."""
    version = take(session, question, now)
    return _apply(session, question, "hide", actor, now, version, {"reason": reason}, hidden_reason=reason, answering=False, pinned=False)


def unhide(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """It was hidden wrongly."""
    return _apply(session, question, "unhide", actor, now, take(session, question, now), hidden_reason=None, shown_at=question.shown_at or now)


def merge(session: Session, question: Question, actor: Actor, now: datetime, *, into: Question) -> RoomStep:
    """It asks the same as another one: the voices are joined, each counted once. Raises ``QuestionElsewhere``."""
    version = take(session, question, now)
    into = voting.target_of(session, into)
    session.refresh(into)
    if into.room_id != question.room_id or into.id == question.id or into.state not in (State.SHOWN, State.FOR_WRITING):
        raise QuestionElsewhere()
    step = _apply(session, question, "merge", actor, now, version, {"into": into.id}, merged_into_id=into.id, answering=False, pinned=False)
    into.changed = version
    voting.join_votes(session, question, into)
    return step


def split(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """It was joined wrongly: it stands by itself again, with its own voices."""
    version = take(session, question, now)
    target = session.get(Question, question.merged_into_id) if question.merged_into_id else None
    step = _apply(session, question, "split", actor, now, version, merged_into_id=None, shown_at=question.shown_at or now)
    if target is not None:
        target.changed = version
        voting.part_votes(session, question, target)
    return step


def answer_live(session: Session, question: Question, actor: Actor, now: datetime, *, second: int | None = None) -> RoomStep:
    """It was answered in the room; ``second``: where in the recording. Raises ``second_wrong``."""
    if second is not None and not 0 <= second <= LONGEST_RECORDING:
        raise InputRefused("second", "second_wrong")
    version = take(session, question, now)
    return _apply(session, question, "answer_live", actor, now, version, {"second": second} if second is not None else {},
                  second=second, answered_at=now, answering=False, pinned=False)


def set_second(session: Session, question: Question, actor: Actor, now: datetime, *, second: int | None) -> RoomStep:
    """Where in the recording it was answered, known later."""
    if second is not None and not 0 <= second <= LONGEST_RECORDING:
        raise InputRefused("second", "second_wrong")
    version = take(session, question, now)
    if not rules.may_moderate(actor, question) or question.state not in RECORDED:
        raise NotAllowed(action="set_second")
    question.second, question.changed = second, version
    return rooms.record(session, question.room, "set_second", actor, now, question=question, before=question.state, second=second)


def reopen(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """«Answered» was pressed by mistake."""
    return _apply(session, question, "reopen", actor, now, take(session, question, now), second=None, answered_at=None)


def hand_over(session: Session, question: Question, actor: Actor, now: datetime, *, body_id: int | None = None) -> RoomStep:
    """To an invited body for a written answer, due ``ANSWER_DAYS`` working days after the event. Raises ``addressee_unknown``."""
    version = take(session, question, now)
    body_id = body_id or question.body_id
    body = session.get(Body, body_id) if body_id in invited_bodies(session, question.room.event_id) else None
    if body is None or not body.active:
        raise InputRefused("body_id", "addressee_unknown")
    due = due_on(session, question, now)
    return _apply(session, question, "hand_over", actor, now, version, {"due": due.isoformat(), "body": body.id},
                  body_id=body.id, due_on=due, answering=False, pinned=False)


def due_on(session: Session, question: Question, now: datetime) -> date:
    """The local day by which a written answer is due: counted from the event, or from today when that is later."""
    event = question.room.event
    since = max(local_date(event.ends_at, event.city.timezone), local_date(now, event.city.timezone))
    return work_calendar(session).add(since, ANSWER_DAYS)


def checked_answer(text: str) -> str:
    """The words of an answer. Raises ``answer_missing``, ``words_too_long``."""
    words = clean(text)
    if not words:
        raise InputRefused("text", "answer_missing")
    if len(words) > MAX_ANSWER:
        raise InputRefused("text", "words_too_long", limit=MAX_ANSWER)
    return words


def answer_in_writing(session: Session, question: Question, actor: Actor, now: datetime, *, text: str, through: str = "") -> RoomStep:
    """The body answers, in public. through: number of the invitation by whose address it was given. Raises what ``checked_answer`` does."""
    words = checked_answer(text)
    version = take(session, question, now)
    event = question.room.event
    late = question.due_on is not None and local_date(now, event.city.timezone) > question.due_on
    return _apply(session, question, "answer_in_writing", actor, now, version, {"late": late} | ({"invitation": through} if through else {}), role="body",
                  answer=words, answer_language=detect_language(words, question.language), answered_at=now, late=late)


def remind(session: Session, question: Question, now: datetime) -> RoomStep | None:
    """The day of the written answer is near; the history says that the body was reminded. None when it answered meanwhile, or was reminded
    by another worker since the question was handed over."""
    take(session, question, now)
    last = select(RoomStep.kind).where(RoomStep.question_id == question.id, RoomStep.kind.in_(("hand_over", "remind"))).order_by(RoomStep.id.desc())
    if question.state != State.FOR_WRITING or question.due_on is None or session.scalar(last.limit(1)) == "remind":
        return None
    return rooms.record(session, question.room, "remind", SYSTEM, now, question=question, before=question.state, due=question.due_on.isoformat())


def close(session: Session, question: Question, actor: Actor, now: datetime, *, why: str) -> RoomStep:
    """It was not answered. why: ``over`` (nobody took it up), ``term`` (the body kept silent), ``cancelled`` (no discussion)."""
    return _apply(session, question, "close", actor, now, take(session, question, now), {"why": why}, answering=False, pinned=False)


def pin(session: Session, question: Question, actor: Actor, now: datetime, *, pinned: bool) -> RoomStep:
    """Put it on top of the list, or let it go by its votes again."""
    return _flag(session, question, actor, now, "pin" if pinned else "unpin", pinned=pinned)


def make_current(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """It is being answered now: the projector shows it large, and no poll in its place."""
    version = take(session, question, now)
    _may_flag(question, actor)
    _clear_current(session, question, version)
    session.execute(update(Poll).where(Poll.room_id == question.room_id, Poll.state == PollState.CLOSED).values(on_screen=False))
    question.room.polls_changed = version
    return _flag(session, question, actor, now, "take_up", answering=True)


def let_go(session: Session, question: Question, actor: Actor, now: datetime) -> RoomStep:
    """It is not being answered any more, and was not answered."""
    return _flag(session, question, actor, now, "put_back", answering=False)


def _clear_current(session: Session, question: Question, version: int) -> None:
    for other in session.scalars(select(Question).where(Question.room_id == question.room_id, Question.answering.is_(True))).all():
        other.answering, other.changed = False, version
    session.flush()


def _may_flag(question: Question, actor: Actor) -> None:
    if not rules.may_moderate(actor, question) or question.state not in MARKABLE:
        raise NotAllowed(action="flag")


def _flag(session: Session, question: Question, actor: Actor, now: datetime, kind: str, **values: Any) -> RoomStep:
    version = take(session, question, now)
    _may_flag(question, actor)
    for name, value in values.items():
        setattr(question, name, value)
    question.changed = version
    return rooms.record(session, question.room, kind, actor, now, question=question, before=question.state)


def _apply(session: Session, question: Question, name: str, actor: Actor, now: datetime, version: int,
           facts: dict[str, Any] | None = None, *, role: str | None = None, **values: Any) -> RoomStep:
    transition, before = TRANSITIONS.check(name, actor, question), question.state
    question.state, question.changed = transition.target, version
    for field, value in values.items():
        setattr(question, field, value)
    return rooms.record(session, question.room, name, actor, now, question=question, before=before, role=role, **(facts or {}))
