"""Polls of a room: prepared, opened, closed; one ballot each. Every writer takes the room first (``rooms.touch``), so a ballot that
is under way while the poll is closed is counted or refused, never both."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.moderation.looking import look_for_signs
from civic.questions import rooms, rules
from civic.questions.models import Participant, Poll, PollBallot, PollOption, Room
from civic.questions.states import FOR_SCREEN, POLL_STEPS, PollState

MAX_TEXT, MAX_OPTION = 300, 120
LEAST_OPTIONS, MOST_OPTIONS = 2, 8
MOST_POLLS = 50


class PollNotOpen(DomainError):
    """The poll was closed, or has not begun."""

    code = "poll_not_open"


def prepare(session: Session, room: Room, actor: Actor, now: datetime, *, text: str, options: Sequence[str], several: bool = False) -> Poll:
    """Write a poll down for later. Raises ``poll_text_missing``, ``words_too_long``, ``poll_options_wrong``, ``too_many_items``."""
    if not rules.moderates(actor, room):
        raise NotAllowed(action="prepare")
    words, choices = clean(text), list(dict.fromkeys(" ".join(clean(option).split()) for option in options if clean(option)))
    if not words:
        raise InputRefused("text", "poll_text_missing")
    if len(words) > MAX_TEXT:
        raise InputRefused("text", "words_too_long", limit=MAX_TEXT)
    if not LEAST_OPTIONS <= len(choices) <= MOST_OPTIONS:
        raise InputRefused("options", "poll_options_wrong", least=LEAST_OPTIONS, most=MOST_OPTIONS)
    if any(len(choice) > MAX_OPTION for choice in choices):
        raise InputRefused("options", "words_too_long", limit=MAX_OPTION)
    version = rooms.touch(session, room, now)
    there = session.scalar(select(func.count()).select_from(Poll).where(Poll.room_id == room.id, Poll.state != PollState.DISCARDED)) or 0
    if there >= MOST_POLLS:
        raise InputRefused("text", "too_many_items", limit=MOST_POLLS)
    poll = Poll(room_id=room.id, room=room, state=PollState.PREPARED, text=words, language=detect_language(words, "kk"), several=several, made_at=now,
                options=[PollOption(position=place, text=choice) for place, choice in enumerate(choices, 1)])
    session.add(poll)
    session.flush()
    room.polls_changed = version
    rooms.record(session, room, "prepare", actor, now, poll=poll)
    return poll


def take_step(session: Session, poll: Poll, name: str, actor: Actor, now: datetime) -> None:
    """``open``, ``close`` or ``discard``. An opened one goes to the projector and stays there with its results."""
    version = _take(session, poll, now)
    transition, before = POLL_STEPS.check(name, actor, poll), poll.state
    poll.state = transition.target
    if name == "open":
        session.execute(update(Poll).where(Poll.room_id == poll.room_id).values(on_screen=False))
        poll.opened_at, poll.on_screen = now, True
        look_for_signs(session, "event", poll.room.event.code, now, once=f"poll-{poll.id}", parts=[f"poll-{poll.id}"])
    if name == "close":
        poll.closed_at = now
    poll.room.polls_changed = version
    rooms.record(session, poll.room, f"poll_{name}", actor, now, poll=poll, before=before)


def set_screen(session: Session, poll: Poll, actor: Actor, now: datetime, *, on_screen: bool) -> None:
    """Show the poll on the projector, or the questions again."""
    version = _take(session, poll, now)
    if not rules.may_moderate(actor, poll) or poll.state not in FOR_SCREEN:
        raise NotAllowed(action="set_screen")
    session.execute(update(Poll).where(Poll.room_id == poll.room_id).values(on_screen=False))
    poll.on_screen = on_screen
    poll.room.polls_changed = version


def cast(session: Session, poll: Poll, participant: Participant, now: datetime, *, choices: Collection[int]) -> bool:
    """One ballot. Returns whether it is the first of this voice: a second one changes nothing.

    Raises ``PollNotOpen``, ``choice_missing``, ``one_choice_only``.
    """
    version = _take(session, poll, now)
    if poll.state != PollState.OPEN or participant.room_id != poll.room_id:
        raise PollNotOpen()
    chosen = [option for option in poll.options if option.id in set(choices)]
    if not chosen:
        raise InputRefused("choices", "choice_missing")
    if len(chosen) > 1 and not poll.several:
        raise InputRefused("choices", "one_choice_only")
    given = _insert(session).values(poll_id=poll.id, participant_id=participant.id, choices=[o.id for o in chosen], at=now, suspect=participant.suspect)
    new = session.scalar(given.on_conflict_do_nothing().returning(PollBallot.poll_id)) is not None
    if new and not participant.suspect:
        poll.ballots += 1
        for option in chosen:
            option.votes += 1
        poll.room.polls_changed = version
        session.flush()
    return new


def _take(session: Session, poll: Poll, now: datetime) -> int:
    version = rooms.touch(session, poll.room, now)
    session.refresh(poll)
    for option in poll.options:
        session.refresh(option)
    return version


def _insert(session: Session) -> Any:
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(PollBallot)
