"""Voices for questions: one each, joined when questions are joined, set aside when they look like a script's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, false, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM, Actor
from civic.core.errors import DomainError, NotAllowed
from civic.limits import votes
from civic.limits.votes import Change, Moved, VoteKind
from civic.questions import rooms, rules
from civic.questions.models import Participant, Poll, PollBallot, PollOption, Question, QuestionVote, Room
from civic.questions.rooms import ROOM, RoomNotOpen
from civic.questions.states import OPEN, State

#: Questions of a preview.
PREVIEWED = 10


class NotForVoting(DomainError):
    """The question has its end, or is hidden."""

    code = "question_not_for_voting"


def vote(session: Session, room: Room, question: Question, participant: Participant, now: datetime) -> bool:
    """«Mine too». A joined question's voice goes to the one that it was joined with. Returns whether it is new.

    Raises ``RoomNotOpen``, ``NotForVoting``.
    """
    version = rooms.touch(session, room, now)
    if not rooms.is_going(room, now):
        raise RoomNotOpen()
    question = target_of(session, question)
    session.refresh(question)
    if question.room_id != room.id or question.state not in OPEN:
        raise NotForVoting()
    given = _insert(session).values(question_id=question.id, participant_id=participant.id, at=now, suspect=participant.suspect)
    new = session.scalar(given.on_conflict_do_nothing().returning(QuestionVote.question_id)) is not None
    if new and not participant.suspect:
        question.votes += 1
        question.changed = version
        session.flush()
    return new


def target_of(session: Session, question: Question) -> Question:
    """The question that this one was joined with, or itself."""
    seen = {question.id}
    while question.state == State.MERGED and question.merged_into_id not in seen:
        question = session.get_one(Question, question.merged_into_id)
        seen.add(question.id)
    return question


def join_votes(session: Session, source: Question, target: Question) -> None:
    """Whoever voted for ``source`` has voted for ``target``; who had voted for both counts once."""
    theirs = select(literal(target.id), QuestionVote.participant_id, literal(source.id), QuestionVote.suspect, QuestionVote.at).where(
        QuestionVote.question_id == source.id)
    session.execute(_insert(session).from_select(["question_id", "participant_id", "via_id", "suspect", "at"], theirs).on_conflict_do_nothing())
    recount(session, [target.id])


def part_votes(session: Session, source: Question, target: Question) -> None:
    """Take back what came to ``target`` through ``source``, but not from whom it came another way too."""
    session.execute(delete(QuestionVote).where(QuestionVote.question_id == target.id, QuestionVote.via_id == source.id))
    others = select(Question).where(Question.merged_into_id == target.id, Question.state == State.MERGED, Question.id != source.id)
    for other in session.scalars(others).all():
        join_votes(session, other, target)
    recount(session, [target.id, source.id])


def recount(session: Session, question_ids: Collection[int], changed: int | None = None) -> None:
    """Write the counted votes of these questions anew."""
    session.flush()
    counted = (select(func.count()).select_from(QuestionVote)
               .where(QuestionVote.question_id == Question.id, QuestionVote.suspect == false()).scalar_subquery())
    values: dict[str, Any] = {"votes": counted} | ({"changed": changed} if changed else {})
    session.execute(update(Question).where(Question.id.in_(question_ids)).values(values).execution_options(synchronize_session=False))
    for question_id in question_ids:
        if (held := session.identity_map.get(session.identity_key(Question, question_id))) is not None:
            session.refresh(held)


@dataclass(frozen=True)
class Group:
    """Devices of one address: how many, since when, how many votes they gave, whether they are set aside now."""

    address: str
    devices: int
    since: datetime
    votes: int
    suspect: bool


def groups(session: Session, room: Room, least: int = 10) -> list[Group]:
    """Addresses with many devices, or with devices that were set aside; the most devices first."""
    many = (select(Participant.address, func.count().label("devices"), func.min(Participant.joined_at).label("since"), Participant.suspect)
            .where(Participant.room_id == room.id, Participant.device.is_not(None)).group_by(Participant.address, Participant.suspect)
            .having((func.count() >= least) | (Participant.suspect.is_(True))).order_by(func.count().desc()).limit(20))
    return [Group(row.address, row.devices, row.since, _votes_of(session, room, row.address, row.suspect), bool(row.suspect)) for row in session.execute(many).all()]


def _votes_of(session: Session, room: Room, address: str, suspect: bool) -> int:
    given = (select(func.count()).select_from(QuestionVote).join(Participant, Participant.id == QuestionVote.participant_id)
             .where(Participant.room_id == room.id, Participant.address == address, Participant.suspect == suspect))
    return session.scalar(given) or 0


def preview(session: Session, room: Room, address: str, suspect: bool, limit: int = PREVIEWED) -> Sequence[tuple[Question, int]]:
    """The questions whose number would change most if the group were counted (or not): each with its number then."""
    theirs = (select(QuestionVote.question_id, func.count().label("n")).join(Participant, Participant.id == QuestionVote.participant_id)
              .where(Participant.room_id == room.id, Participant.address == address, Participant.device.is_not(None),
                     Participant.suspect == suspect)
              .group_by(QuestionVote.question_id).order_by(func.count().desc()).limit(limit)).subquery()
    rows = session.execute(select(Question, theirs.c.n).join(theirs, theirs.c.question_id == Question.id).order_by(theirs.c.n.desc()))
    return [(question, question.votes + (n if suspect else -n)) for question, n in rows]


def set_suspect(session: Session, room: Room, actor: Actor, now: datetime, *, address: str, suspect: bool) -> int:
    """Set the devices of an address aside, or count them again: both can be taken back. Returns how many devices."""
    if not rules.moderates(actor, room):
        raise NotAllowed(action="set_suspect")
    rooms.touch(session, room, now)
    chosen = list(session.scalars(select(Participant.id).where(
        Participant.room_id == room.id, Participant.address == address, Participant.device.is_not(None), Participant.suspect != suspect)))
    target, sources = ("invalid", ("cleared",)) if suspect else ("cleared", ("suspected", "invalid"))
    votes.mark(session, ROOM, room.id, {participant_id: {"by_hand"} for participant_id in chosen}, now, state=sources[0])
    return sum(votes.decide(session, ROOM, room.id, state, target, "", actor.user_id, now, only=chosen) for state in sources)


def change(session: Session, moved: Moved) -> None:
    """The votes and ballots of these participants count from now on, or do not; the room's log says so."""
    room, chosen, suspect = session.get_one(Room, moved.subject_id), list(moved.votes), moved.step < 0
    version = rooms.touch(session, room, moved.now)
    for table in (QuestionVote, PollBallot):
        session.execute(update(table).where(table.participant_id.in_(chosen)).values(suspect=suspect).execution_options(synchronize_session=False))
    session.execute(update(Participant).where(Participant.id.in_(chosen)).values(suspect=suspect).execution_options(synchronize_session="fetch"))
    touched = list(session.scalars(select(QuestionVote.question_id).where(QuestionVote.participant_id.in_(chosen)).distinct()))
    recount(session, touched, version)
    for poll_id in session.scalars(select(PollBallot.poll_id).where(PollBallot.participant_id.in_(chosen)).distinct()).all():
        recount_poll(session, session.get_one(Poll, poll_id))
        room.polls_changed = version
    actor = Actor(user_id=moved.user_id) if moved.user_id else SYSTEM
    rooms.record(session, room, "set_aside" if suspect else "count_again", actor, moved.now, devices=len(chosen))


def preview_of(session: Session, room_id: int, chosen: Sequence[int], step: int) -> list[Change]:
    """The questions whose number would change most."""
    theirs = (select(QuestionVote.question_id, func.count().label("n")).where(QuestionVote.participant_id.in_(chosen))
              .group_by(QuestionVote.question_id).order_by(func.count().desc()).limit(PREVIEWED)).subquery()
    rows = session.execute(select(Question, theirs.c.n).join(theirs, theirs.c.question_id == Question.id).order_by(theirs.c.n.desc()))
    return [Change(question.text, question.votes, question.votes + step * n) for question, n in rows]


def _name(session: Session, room_id: int) -> str:
    return session.scalar(select(Room.code).where(Room.id == room_id)) or str(room_id)


def _find(session: Session, typed: str) -> int | None:
    return session.scalar(select(Room.id).where(Room.code == typed.strip().upper()))


def _city(session: Session, room_id: int) -> int:
    return session.get_one(Room, room_id).event.city_id


def _own(session: Session, room_id: int, actor: Actor) -> bool:
    return rules.moderates(actor, session.get_one(Room, room_id))


#: A mark is of a participant: all that one device says in a room counts or does not.
KIND = VoteKind(change, preview_of, _name, _find, _city, _own, counts=False)


def recount_poll(session: Session, poll: Poll) -> None:
    """Write the counted ballots of a poll anew."""
    session.flush()
    counted = list(session.scalars(select(PollBallot.choices).where(PollBallot.poll_id == poll.id, PollBallot.suspect == false())))
    poll.ballots = len(counted)
    for option in session.scalars(select(PollOption).where(PollOption.poll_id == poll.id)):
        option.votes = sum(option.id in choices for choices in counted)
    session.flush()


def _insert(session: Session) -> Any:
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(QuestionVote)
