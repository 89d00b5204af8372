"""Tables of promises, their history, their evidence, the complaints they are tied to, and who follows them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, UTCDateTime
from civic.promises.states import State, Wording

if TYPE_CHECKING:
    from civic.bodies.models import Body
    from civic.events.models import Event
    from civic.media.models import Photo

STATES = ", ".join(f"'{state}'" for state in State)
WORDINGS = ", ".join(f"'{wording}'" for wording in Wording)


class Promise(Base):
    """What a body promised at an event. Never removed.

    official_name: only when somebody of the body came, as it is on record; official_post: who spoke. words: at most 500 characters.
    due_on: the local day by which it is to be kept. second: of the event's recording. source_kind, source_key: of another place
    where it was said, as a written answer (``question`` and its id). respond_by: until when the body may say something of the
    wording; after a dispute, until when the organiser decides. contest_until: until when a report may be contested; once it is
    contested, decide_by: until when the organiser decides. claimed_on: the local day of the last report: with it a kept one is
    in time or late. All days are local dates, each the last on which the step is possible.
    """

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"), CheckConstraint(f"wording IN ({WORDINGS})", name="wording"),
        CheckConstraint("second IS NULL OR second >= 0", name="second"),
        CheckConstraint("(source_kind IS NULL) = (source_key IS NULL)", name="whole_source"),
        Index("ix_promise_city", "city_id", "id"), Index("ix_promise_city_state", "city_id", "state"),
        Index("ix_promise_body", "body_id", "id"), Index("ix_promise_state_due", "state", "due_on"),
        Index("ix_promise_updated", "city_id", "updated_at", "id"), Index("ix_promise_source", "source_kind", "source_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    source_kind: Mapped[str | None] = mapped_column(String(16))
    source_key: Mapped[str | None] = mapped_column(String(40))
    official_name: Mapped[str] = mapped_column(String(120), default="")
    official_post: Mapped[str] = mapped_column(String(160), default="")
    words: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(2))
    due_on: Mapped[date] = mapped_column(Date)
    second: Mapped[int | None]
    state: Mapped[State] = mapped_column(String(12))
    wording: Mapped[Wording] = mapped_column(String(12))
    respond_by: Mapped[date | None] = mapped_column(Date)
    contest_until: Mapped[date | None] = mapped_column(Date)
    decide_by: Mapped[date | None] = mapped_column(Date)
    claimed_on: Mapped[date | None] = mapped_column(Date)
    reminders: Mapped[int] = mapped_column(default=0)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    event: Mapped["Event"] = relationship("Event")
    body: Mapped["Body"] = relationship("Body")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once


class PromiseStep(Base):
    """One step of a promise. Never deleted, and never changed but that a moderator takes words or links off the page: the database
    refuses everything else.

    kind: the transition's name, or ``record``, ``state``, ``remind``. role: organiser, body, resident or system; who it was
    is never shown. links: addresses of pages that were given as evidence. facts: what else is public: ``before`` (words or due
    day before an amendment), ``until`` (a term that begins), ``days`` of a reminder.
    hidden: marks of what was taken out, ``text``, ``links``, ``photo-0``.
    """

    __tablename__ = "promise_step"
    __table_args__ = (Index("ix_promise_step_path", "promise_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    from_state: Mapped[State | None] = mapped_column(String(12))
    to_state: Mapped[State] = mapped_column(String(12))
    text: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(2))
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class PromisePhoto(Base):
    """A photo that came with a step, as evidence."""

    __tablename__ = "promise_photo"

    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"), primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("promise_step.id"), index=True)
    position: Mapped[int]

    photo: Mapped["Photo"] = relationship("Photo")


class PromiseComplaint(Base):
    """A public complaint that a promise is about."""

    __tablename__ = "promise_complaint"

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True, index=True)


class PromiseFollow(Base):
    """Who is told of each step."""

    __tablename__ = "promise_follow"
    __table_args__ = (UniqueConstraint("promise_id", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
