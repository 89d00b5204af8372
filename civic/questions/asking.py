"""Asking a question, and finding the ones that ask the same.

Two texts are compared by the words that they share, in the forms that the search knows (``search.words``): so the same question in
another grammatical form, and loanwords in the other language, are found.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM, Actor
from civic.core.errors import InputRefused
from civic.core.text import clean, detect_language
from civic.events.models import AgendaItem, Speaker
from civic.invitations.models import Invitation
from civic.invitations.states import State as InvitationState
from civic.questions import queries, rooms
from civic.questions.models import Participant, Question, QuestionVote, QuestionWord, Room
from civic.questions.rooms import RoomNotOpen
from civic.questions.states import PUBLIC, NameShown, State
from civic.search.words import joined, keys, tokens

MAX_TEXT, MIN_TEXT, MAX_NAME = 300, 8, 120
ASKED_AN_HOUR = 5  # by one person in one room
MOST_IN_ROOM = 5_000
#: Shared words of all words of both texts, from which on a question is offered as a similar one; and the same one.
SIMILAR, SAME = 0.5, 0.999
OFFERED = 4
LIKELY = 50  # of those with the most shared words are looked at closely
#: Words from which on similar ones are looked for while somebody is still typing.
LEAST_WORDS = 3


@dataclass(frozen=True)
class Asked:
    """What a person typed. name: as they call themselves. body_id, speaker: to whom, one of them or none."""

    text: str
    name_shown: NameShown = NameShown.UNNAMED
    name: str = ""
    body_id: int | None = None
    speaker: str = ""
    language: str = "kk"


@dataclass(frozen=True)
class Similar:
    """A question like the one that was typed. share: of the words of both that they have in common, 1 for the same."""

    question: Question
    share: float


def ask(session: Session, room: Room, participant: Participant, asked: Asked, now: datetime) -> Question:
    """Put a question; its asker's voice is its first. It is shown at once where the room is not moderated.

    Raises ``RoomNotOpen`` and ``InputRefused``: ``question_missing``, ``question_too_long``, ``visitor_name_missing``,
    ``name_too_long``, ``addressee_unknown``, ``too_many_questions``, ``room_full``, ``question_asked_before``.
    """
    text = clean(" ".join(asked.text.split()))
    _check_words(asked, text)
    version = rooms.touch(session, room, now)
    if not rooms.takes_questions(room, now):
        raise RoomNotOpen()
    _check_addressee(session, room, asked)
    _check_measure(session, room, participant, now)
    if any(found.share >= SAME for found in similar(session, room, text)):
        raise InputRefused("text", "question_asked_before")
    words = _words(text)
    question = Question(
        room_id=room.id, room=room, participant_id=participant.id, participant=participant, state=State.WAITING, changed=version, text=text,
        language=detect_language(text, asked.language), name_shown=asked.name_shown, shown_name=shown_name(asked), body_id=asked.body_id,
        speaker=asked.speaker, votes=0 if participant.suspect else 1, words=len(words), asked_at=now)
    session.add(question)
    session.flush()
    _keep_words(session, question, words)
    session.execute(insert(QuestionVote).values(question_id=question.id, participant_id=participant.id, at=now, suspect=participant.suspect))
    room.questions += 1
    rooms.record(session, room, "ask", Actor(), now, question=question, role="participant")
    if not room.moderated and not participant.suspect:
        question.state, question.shown_at = State.SHOWN, now
        rooms.record(session, room, "show", SYSTEM, now, question=question, before=State.WAITING)
    return question


def _check_words(asked: Asked, text: str) -> None:
    if len(text) < MIN_TEXT or not _words(text):
        raise InputRefused("text", "question_missing")
    if len(text) > MAX_TEXT:
        raise InputRefused("text", "question_too_long", limit=MAX_TEXT, length=len(text))
    if asked.name_shown != NameShown.UNNAMED and not clean(asked.name):
        raise InputRefused("name", "visitor_name_missing")
    if len(clean(asked.name)) > MAX_NAME:
        raise InputRefused("name", "name_too_long", limit=MAX_NAME)
    if "://" in asked.name or "@" in asked.name:
        raise InputRefused("name", "name_has_address")


def _check_addressee(session: Session, room: Room, asked: Asked) -> None:
    if asked.body_id is not None and asked.body_id not in invited_bodies(session, room.event_id):
        raise InputRefused("to", "addressee_unknown")
    if asked.speaker and asked.speaker not in speakers(session, room.event_id):
        raise InputRefused("to", "addressee_unknown")


def _check_measure(session: Session, room: Room, participant: Participant, now: datetime) -> None:
    recent = select(func.count()).select_from(Question).where(
        Question.participant_id == participant.id, Question.asked_at > now - timedelta(hours=1))
    if (session.scalar(recent) or 0) >= ASKED_AN_HOUR:
        raise InputRefused("text", "too_many_questions", limit=ASKED_AN_HOUR)
    if room.questions >= MOST_IN_ROOM:
        raise InputRefused("text", "room_full", limit=MOST_IN_ROOM)


def invited_bodies(session: Session, event_id: int) -> list[int]:
    """Ids of the bodies that a question of the event may be put to, in the order of their invitations."""
    chosen = select(Invitation.body_id).where(Invitation.event_id == event_id, Invitation.state != InvitationState.WITHDRAWN)
    return list(dict.fromkeys(session.scalars(chosen.order_by(Invitation.id))))


def speakers(session: Session, event_id: int) -> list[str]:
    """Names of the speakers in the order of the agenda."""
    chosen = (select(Speaker.name).join(AgendaItem, AgendaItem.id == Speaker.item_id).where(AgendaItem.event_id == event_id)
              .order_by(AgendaItem.position, Speaker.position))
    return list(dict.fromkeys(session.scalars(chosen)))


def shown_name(asked: Asked) -> str:
    """What the public sees of the name."""
    name = " ".join(clean(asked.name).split())
    if asked.name_shown == NameShown.UNNAMED:
        return ""
    return name if asked.name_shown == NameShown.NAME else " ".join(f"{part[0].upper()}." for part in name.split()[:3])


def similar(session: Session, room: Room, text: str) -> list[Similar]:
    """Questions that share most words with the text, the most alike first. One that waits for the moderator is among them only
    when it is the same: nothing is shown of it that was not just typed."""
    words = _words(text)
    if not words:
        return []
    shared = _sharing(session, room, words)
    found = session.scalars(select(Question).where(Question.id.in_(shared), Question.state.in_(PUBLIC | {State.WAITING})))
    alike = [Similar(q, _share(shared[q.id], len(words), q.words)) for q in found]
    alike = [s for s in alike if s.share >= SAME or s.share >= SIMILAR and s.question.state != State.WAITING]
    return sorted(alike, key=lambda s: (-s.share, -s.question.votes, s.question.id))[:OFFERED]


def similar_shown(session: Session, room: Room, typed: str) -> list[queries.Asked]:
    """For a text that is still being typed: the similar ones, as far as everybody may read them. Nothing for less than
    ``LEAST_WORDS`` words; of a text that is longer than a question may be, its beginning counts."""
    text = clean(" ".join(typed[:2 * MAX_TEXT].split()))[:MAX_TEXT]
    if len(text.split()) < LEAST_WORDS:
        return []
    rows = queries.by_ids(session, [s.question.id for s in similar(session, room, text)])
    return [row for row in rows if row.public]


def _sharing(session: Session, room: Room, words: list[frozenset[str]]) -> dict[int, int]:
    """How many of the words some questions have: those that have most of them, and at least as many as ``SIMILAR`` asks for.
    The database counts: a usual word is in thousands of questions."""
    place = case({term: place for place, found in enumerate(words) for term in found}, value=QuestionWord.term)
    common = func.count(place.distinct())
    rows = session.execute(
        select(QuestionWord.question_id, common)
        .where(QuestionWord.room_id == room.id, QuestionWord.term.in_(set().union(*words)))
        .group_by(QuestionWord.question_id).having(common >= SIMILAR * len(words)).order_by(common.desc(), QuestionWord.question_id).limit(LIKELY))
    return {question_id: number for question_id, number in rows}


def _share(common: int, mine: int, theirs: int) -> float:
    common = min(common, theirs)
    return common / (mine + theirs - common)


def _words(text: str) -> list[frozenset[str]]:
    """The words of a text that say something, each as its terms, once."""
    return list(dict.fromkeys(found for match in tokens(joined(text).casefold()) if (found := keys(match[0]))))


def keep_words(session: Session, question: Question) -> None:
    """What similar questions are found by, from its text."""
    if words := _words(question.text):
        _keep_words(session, question, words)


def forget_words(session: Session, question: Question) -> None:
    """It is found by its words no more."""
    session.execute(delete(QuestionWord).where(QuestionWord.room_id == question.room_id, QuestionWord.question_id == question.id))


def _keep_words(session: Session, question: Question, words: list[frozenset[str]]) -> None:
    rows = [{"room_id": question.room_id, "term": term, "question_id": question.id} for term in sorted(set().union(*words))]
    session.execute(insert(QuestionWord), rows)
