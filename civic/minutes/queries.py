"""Reads of minutes, materials and who came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from civic.events.queries import counts
from civic.events.states import RegistrationState
from civic.invitations.models import Invitation
from civic.invitations.states import State as Invited
from civic.minutes.models import Minutes, MinutesMaterial, MinutesVersion
from civic.questions.models import Question, Room
from civic.questions.states import State as Asked

MOST_QUESTIONS = 200


@dataclass(frozen=True)
class Attendance:
    """Who came, as the registrations, the door and the invitations have it."""

    registered: int
    came: int
    officials_invited: int
    officials_came: int


def of_event(session: Session, event_id: int) -> Minutes | None:
    """The minutes of an event, as they are in the database now."""
    return session.scalar(select(Minutes).where(Minutes.event_id == event_id).execution_options(populate_existing=True))


def version(session: Session, minutes: Minutes | None, number: int) -> MinutesVersion | None:
    """One saved version."""
    if minutes is None:
        return None
    return session.scalar(select(MinutesVersion).where(MinutesVersion.minutes_id == minutes.id, MinutesVersion.number == number))


def latest(session: Session, minutes: Minutes | None) -> MinutesVersion | None:
    """The version that was saved last."""
    return version(session, minutes, minutes.number) if minutes is not None else None


def versions(session: Session, minutes: Minutes, since: int) -> Sequence[Row[int, datetime, str]]:
    """(number, when it was saved, what is new) of all versions from ``since`` on, the newest first."""
    return session.execute(
        select(MinutesVersion.number, MinutesVersion.at, MinutesVersion.change)
        .where(MinutesVersion.minutes_id == minutes.id, MinutesVersion.number >= since).order_by(MinutesVersion.number.desc())).all()


def materials(session: Session, event_id: int) -> Sequence[MinutesMaterial]:
    """All materials of an event, in the order in which they were added."""
    return session.scalars(select(MinutesMaterial).where(MinutesMaterial.event_id == event_id).order_by(MinutesMaterial.id)).all()


def attendance(session: Session, event_id: int) -> Attendance:
    """The numbers of an event. An invitation that was taken back is not counted."""
    people = counts(session, event_id)
    rows = session.execute(select(Invitation.state, func.count()).where(Invitation.event_id == event_id).group_by(Invitation.state))
    officials = {Invited(state): number for state, number in rows}
    return Attendance(people.get(RegistrationState.REGISTERED, 0), people["came"],
                      sum(officials.values()) - officials.get(Invited.WITHDRAWN, 0),
                      officials.get(Invited.PRESENT, 0) + officials.get(Invited.DELEGATE_PRESENT, 0))


def answered_live(session: Session, event_id: int) -> Sequence[Row[int, str, str, int | None]]:
    """(id, text, language, second of the recording) of the public questions that were answered in the room, in that order."""
    return session.execute(
        select(Question.id, Question.text, Question.language, Question.second).join(Room, Room.id == Question.room_id)
        .where(Room.event_id == event_id, Question.state == Asked.ANSWERED_LIVE, Question.shown_at.is_not(None), Question.second.is_not(None))
        .order_by(Question.second, Question.id).limit(MOST_QUESTIONS)).all()
