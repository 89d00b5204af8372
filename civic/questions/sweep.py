"""What time does: rooms of announced discussions, reminders of answers, and the end of every question whose time is over."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select, update
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM
from civic.core.clock import local_date
from civic.core.errors import InputRefused
from civic.core.transitions import TransitionForbidden
from civic.events.models import Event
from civic.events.states import EventState
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.questions import offices, polls, rooms, service
from civic.questions.models import Poll, Question, Room, RoomStep
from civic.questions.states import GRACE_DAYS, REMIND_DAYS, PollState, State

#: Of each sort: a run stays short, and the next minute takes the rest.
AT_ONCE = 200
_OVER = (EventState.FINISHED, EventState.PUBLISHED, EventState.CANCELLED)


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due. Returns counts of what was done."""
    offices.forget(session, now)
    return {"opened": rooms.open_announced(session, now), "polls": _close_polls(session, now), "handed_over": _hand_over(session, now),
            "not_answered": _cancelled(session, now) + _nobody_took_up(session, now) + _term_passed(session, now), "reminded": _remind(session, now)}


def _close_polls(session: Session, now: datetime) -> int:
    """A poll does not outlive its discussion."""
    left = session.scalars(select(Poll).join(Room, Room.id == Poll.room_id).join(Event, Event.id == Room.event_id)
                           .where(Poll.state == PollState.OPEN, Event.state.in_(_OVER)).limit(AT_ONCE)).all()
    return _each(session, left, lambda poll: polls.take_step(session, poll, "close", SYSTEM, now))


def _each(session: Session, chosen: Sequence[Any], act: Callable[[Any], object]) -> int:
    """Each by itself; what another worker has done meanwhile is left alone. Returns how many were done."""
    done = 0
    for row in chosen:
        try:
            with session.begin_nested():
                act(row)
        except TransitionForbidden:
            continue
        done += 1
    return done


def _hand_over(session: Session, now: datetime) -> int:
    """What was put to an invited body and not answered in the room goes to its desk."""
    left = session.scalars(
        select(Question).join(Room, Room.id == Question.room_id).join(Event, Event.id == Room.event_id)
        .where(Question.state == State.SHOWN, Question.body_id.is_not(None), Event.state.in_((EventState.FINISHED, EventState.PUBLISHED)))
        .order_by(Question.id).limit(AT_ONCE)).all()

    def hand_over(question: Question) -> None:
        try:
            with session.begin_nested():
                service.hand_over(session, question, SYSTEM, now)
        except InputRefused:  # the invitation was withdrawn, or the body ceased: nobody is asked any more
            session.execute(update(Question).where(Question.id == question.id).values(body_id=None))
            session.refresh(question)

    return _each(session, left, hand_over)


def _cancelled(session: Session, now: datetime) -> int:
    left = session.scalars(
        select(Question).join(Room, Room.id == Question.room_id).join(Event, Event.id == Room.event_id)
        .where(Question.state.in_((State.WAITING, State.SHOWN)), Event.state == EventState.CANCELLED).order_by(Question.id).limit(AT_ONCE)).all()
    return _each(session, left, lambda question: service.close(session, question, SYSTEM, now, why="cancelled"))


def _nobody_took_up(session: Session, now: datetime) -> int:
    """GRACE_DAYS after the discussion the moderator has handed over what should be."""
    calendar, unsettled = work_calendar(session), (State.WAITING, State.SHOWN)
    ended = session.execute(
        select(Room.id, Event.ends_at, City.timezone).join(Event, Event.id == Room.event_id).join(City, City.id == Event.city_id)
        .where(Event.state.in_((EventState.FINISHED, EventState.PUBLISHED)), Event.ends_at < now,
               Room.id.in_(select(Question.room_id).where(Question.state.in_(unsettled)))))
    over = [row.id for row in ended
            if local_date(now, row.timezone) > calendar.add(local_date(row.ends_at, row.timezone), GRACE_DAYS)]
    left = session.scalars(select(Question).where(Question.room_id.in_(over), Question.state.in_(unsettled))
                           .order_by(Question.id).limit(AT_ONCE)).all() if over else []
    return _each(session, left, lambda question: service.close(session, question, SYSTEM, now, why="over"))


def _term_passed(session: Session, now: datetime) -> int:
    done = 0
    for city in session.scalars(select(City)).all():
        left = _awaited(session, city, Question.due_on < local_date(now, city.timezone))
        done += _each(session, left, lambda question: service.close(session, question, SYSTEM, now, why="term"))
    return done


def _remind(session: Session, now: datetime) -> int:
    """Once since the question was handed over."""
    calendar, done = work_calendar(session), 0
    handed, reminded = (_last(kind) for kind in ("hand_over", "remind"))
    for city in session.scalars(select(City)).all():
        today = local_date(now, city.timezone)
        near = Question.due_on.between(today, calendar.add(today, REMIND_DAYS))
        for question in _awaited(session, city, near, or_(reminded.is_(None), reminded < handed)):
            if offices.reached(session, question):  # else the history would tell of a letter that nobody got
                done += service.remind(session, question, now) is not None
    return done


def _last(kind: str) -> ScalarSelect[int]:
    return select(func.max(RoomStep.id)).where(RoomStep.question_id == Question.id, RoomStep.kind == kind).correlate(Question).scalar_subquery()


def _awaited(session: Session, city: City, *which: ColumnElement[bool]) -> Sequence[Question]:
    """Questions put in a city whose written answer is awaited."""
    return session.scalars(
        select(Question).join(Room, Room.id == Question.room_id).join(Event, Event.id == Room.event_id)
        .where(Question.state == State.FOR_WRITING, Event.city_id == city.id, *which).order_by(Question.due_on, Question.id).limit(AT_ONCE)).all()
