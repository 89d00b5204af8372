"""Tables of a discussion's room: its settings, who takes part, questions, votes, polls, and the log of what was done.

Whoever writes anything of a room raises ``Room.version`` first (``rooms.touch``): that takes the room's row for writing, so all
writers of one room go one after another, and each row that changed carries the version at which it did.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, UTCDateTime
from civic.questions.states import HiddenReason, NameShown, PollState, State

if TYPE_CHECKING:
    from civic.accounts.models import Contact, User
    from civic.bodies.models import Body
    from civic.events.models import Event


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    known = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({known})', name=column)


class Room(Base):
    """What a discussion's audience shares: settings of its questions, and the version of everything that the three views show.

    code: short enough to be read off a wall, «AUA417». version: rises with every change. changed, polls_changed: the versions of
    the last change of the settings or the number of people, and of the polls. opens_at, closes_at: when questions are taken; None
    means from the announcement, and until the end. moderated: a question is shown when the moderator lets it. people: how many take part.
    """

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    changed: Mapped[int] = mapped_column(default=1)
    polls_changed: Mapped[int] = mapped_column(default=0)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moderated: Mapped[bool] = mapped_column(default=True)
    people: Mapped[int] = mapped_column(default=0)
    questions: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    event: Mapped["Event"] = relationship("Event", lazy="joined", innerjoin=True)
    moderators: Mapped[list["RoomModerator"]] = relationship(order_by="RoomModerator.id", lazy="selectin")


class RoomDelivery(Base):
    """How far the open views of a room were told, where something tells them (``delivery``). Without that there is no row.

    version: the last one that was sent, as a whole. sent_at: when. due_at: somebody is going to send what came since then, at
    this moment; None: all is sent. A moment that has passed long ago: whoever was to send it has died.
    """

    __tablename__ = "room_delivery"
    __table_args__ = (Index("ix_room_delivery_due", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),)

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RoomModerator(Base):
    """Somebody besides the organisers who looks after the room. Ended ones stay as history."""

    __tablename__ = "room_moderator"
    __table_args__ = (
        Index("uq_room_moderator_current", "room_id", "user_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped["User"] = relationship("User", lazy="joined", innerjoin=True)


class Participant(Base):
    """One voice in a room: a proven address that is registered, or a device that joined by the code.

    device: a hash of the random mark that the browser keeps. address: a keyed hash of where it came from, to see votes of a
    script. suspect: it joined in such a burst; its votes are kept and not counted until the moderator says otherwise.
    """

    __tablename__ = "room_participant"
    __table_args__ = (
        UniqueConstraint("room_id", "contact_id"), UniqueConstraint("room_id", "device"),
        CheckConstraint("(contact_id IS NULL) <> (device IS NULL)", name="contact_or_device"),
        Index("ix_room_participant_address", "room_id", "address", "joined_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    device: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(16), default="")
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    suspect: Mapped[bool] = mapped_column(default=False)

    contact: Mapped["Contact | None"] = relationship("Contact")


class Question(Base):
    """One question. Never removed.

    changed: the room's version at which it last changed. shown_name: the name or the initials as the public sees them, empty
    for none. answering: it is being answered now, one of a room at most. body_id: to which invited body; speaker: or to which speaker, by name; neither: to all. words: how many words of
    the text are compared with others. shown_at: when the public saw it first; None means never. second: of the recording, at
    which it is answered. answered_at, answer, late: of the written answer. due_on: the local day by which that is due.
    hidden: by part the mark of what a moderator of the city took off the page.
    """

    __tablename__ = "question"
    __table_args__ = (
        _one_of("state", State), _one_of("name_shown", NameShown), _one_of("hidden_reason", HiddenReason),
        CheckConstraint("(state = 'hidden') = (hidden_reason IS NOT NULL)", name="reason_of_hidden"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="target_of_merged"),
        CheckConstraint("state <> 'for_writing' OR (body_id IS NOT NULL AND due_on IS NOT NULL)", name="due_in_writing"),
        Index("ix_question_by_votes", "room_id", "state", "votes", "id"),
        Index("ix_question_ranked", "room_id", "votes", "id"),
        Index("ix_question_changed", "room_id", "changed"),
        Index("ix_question_body", "body_id", "state", "late"),
        Index("ix_question_due", "state", "due_on"),
        Index("uq_question_answering", "room_id", unique=True, sqlite_where=text("answering"), postgresql_where=text("answering")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("room_participant.id"), index=True)
    state: Mapped[State] = mapped_column(String(20))
    changed: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(2))
    name_shown: Mapped[NameShown] = mapped_column(String(8))
    shown_name: Mapped[str] = mapped_column(String(120), default="")
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    speaker: Mapped[str] = mapped_column(String(120), default="")
    votes: Mapped[int] = mapped_column(default=0)
    words: Mapped[int] = mapped_column(default=0)
    pinned: Mapped[bool] = mapped_column(default=False)
    answering: Mapped[bool] = mapped_column(default=False)
    hidden_reason: Mapped[HiddenReason | None] = mapped_column(String(16))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second: Mapped[int | None]
    due_on: Mapped[date | None] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answer_language: Mapped[str | None] = mapped_column(String(2))
    late: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    room: Mapped[Room] = relationship()
    body: Mapped["Body | None"] = relationship("Body")
    participant: Mapped[Participant] = relationship()


class HeldAnswer(Base):
    """A written answer given through the link of a letter: it is public when the button in a second letter is pressed (``offices``).

    invitation_id, contact_id: of the body's address. step_id: of the step that the letter told of. taken_at: when the button was pressed.
    """

    __tablename__ = "question_held_answer"
    __table_args__ = (Index("ix_question_held_answer", "question_id", "contact_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("room_step.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class QuestionWord(Base):
    """One term of a question's text, as the search makes them, by which similar questions are found."""

    __tablename__ = "question_word"

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    term: Mapped[str] = mapped_column(String(30), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)


class QuestionVote(Base):
    """One voice for one question. via_id: the question that it was given to before that one was joined with this. suspect: not counted."""

    __tablename__ = "question_vote"

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("room_participant.id"), primary_key=True, index=True)
    via_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    suspect: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Poll(Base):
    """A question with choices, put to the room. several: more than one may be chosen. ballots: how many are counted.

    on_screen: the projector shows it instead of the questions. hidden: the mark of a moderator of the city, for its words.
    """

    __tablename__ = "poll"
    __table_args__ = (_one_of("state", PollState), Index("ix_poll_room", "room_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    state: Mapped[PollState] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(2))
    several: Mapped[bool] = mapped_column(default=False)
    ballots: Mapped[int] = mapped_column(default=0)
    on_screen: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    room: Mapped[Room] = relationship()
    options: Mapped[list["PollOption"]] = relationship(order_by="PollOption.position", lazy="selectin")


class PollOption(Base):
    """One choice of a poll and how many chose it."""

    __tablename__ = "poll_option"

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(120))
    votes: Mapped[int] = mapped_column(default=0)


class PollBallot(Base):
    """What one voice chose. choices: ids of options."""

    __tablename__ = "poll_ballot"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("room_participant.id"), primary_key=True, index=True)
    choices: Mapped[list[int]] = mapped_column(JSON)
    suspect: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class RoomStep(Base):
    """One thing done in a room. Never changed, never deleted: the database refuses both.

    kind: the transition's name, or ``ask``, ``pin``, ``settings`` and the like. role: participant, moderator, body or system.
    facts: what else is public, as ``reason``, ``into``, ``second``, ``due``. user_id: who it was, never shown.
    """

    __tablename__ = "room_step"
    __table_args__ = (Index("ix_room_step_question", "question_id", "id"), Index("ix_room_step_room", "room_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    poll_id: Mapped[int | None] = mapped_column(ForeignKey("poll.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
