"""Tables of complaints, their drafts, history and followers.

What is public stands in ``complaint`` and ``complaint_event``; who the applicant is stands apart, in ``applicant``.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.complaints.listing_indexes import HIDDEN_ROWS, INDEXES
from civic.complaints.states import AppealKind, State
from civic.core.database import Base, UTCDateTime

if TYPE_CHECKING:
    from civic.media.models import Photo

#: As both databases write it: SQLAlchemy's own is 0 for SQLite, which PostgreSQL does not take.
FALSE = text("false")
STATES = ", ".join(f"'{state}'" for state in State)


class Draft(Base):
    """A complaint being written, kept on the server between the steps of filing.

    id: random; it stands in the address of each step, and whoever has it may go on. complaint_id: set once registered; a draft registers once.
    asked_at: when the letter that asks to confirm the e-mail address was ordered.
    """

    __tablename__ = "draft"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    place_from_photo: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(300), default="")
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str | None] = mapped_column(String(16))
    show_name: Mapped[bool] = mapped_column(default=False)
    private: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str | None] = mapped_column(String(255))
    locale: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), unique=True)

    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.position", lazy="selectin")


class Complaint(Base):
    """A registered appeal and where it stands.

    registered_on: the working day it counts as registered. arrived_on: the day it reached its present body.
    term_from, term_days: due_on is term_days working days after term_from; term_until: the date an extension set
    instead. respond_by: until when the resident may confirm or dispute an answer. All days are local dates.
    root_id, direction: of the category, with_photo: came with one; kept here because lists are filtered by them.
    cell: of the map, that the pin lies in (``map_cells.cell_at``).
    hidden: by part the mark of what a moderator took off the page. discussed: an event carries it or a promise is about it, so that its
    page asks for them.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_position"),
        Index("ix_complaint_body_due", "body_id", "state", "due_on"),
        Index("ix_complaint_category_state", "category_id", "state"),
        # the newest of a cell that lie in a frame are told by the index alone
        Index("ix_complaint_cell", "cell", "id", "lat", "lon", sqlite_where=text("private = 0"), postgresql_where=text("NOT private")),
        Index("ix_complaint_hidden", "city_id", "registered_at", sqlite_where=HIDDEN_ROWS, postgresql_where=HIDDEN_ROWS),
        *INDEXES,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    root_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    direction: Mapped[str] = mapped_column(String(32))
    with_photo: Mapped[bool]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[AppealKind] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(300), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    private: Mapped[bool]
    public_name: Mapped[str | None] = mapped_column(String(120))
    search: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    registered_on: Mapped[date] = mapped_column(Date)
    arrived_on: Mapped[date] = mapped_column(Date)
    term_from: Mapped[date] = mapped_column(Date)
    term_days: Mapped[int]
    term_until: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    hearing_on: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str | None] = mapped_column(String(16))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    respond_by: Mapped[date | None] = mapped_column(Date)
    disputes: Mapped[int] = mapped_column(default=0)
    supporters: Mapped[int] = mapped_column(default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"))
    discussed: Mapped[bool] = mapped_column(default=False, server_default=FALSE)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    applicant: Mapped["Applicant"] = relationship(back_populates="complaint", lazy="joined", innerjoin=True)
    events: Mapped[list["ComplaintEvent"]] = relationship(back_populates="complaint", order_by="ComplaintEvent.id")
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.position")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once


class Applicant(Base):
    """Who filed a complaint. Apart from the public record; officials see the name, never the address."""

    __tablename__ = "applicant"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))

    complaint: Mapped[Complaint] = relationship(back_populates="applicant")


class ComplaintEvent(Base):
    """One step of a complaint's path. Never changed, never deleted: the database refuses both.

    kind: the transition's name, or ``information``, ``assigned``, ``recomputed``. role and body are public, the
    person inside stays inside. public: False for steps that only the body sees. hidden: says that the words were taken out (``text``, by a
    moderator) or lost personal data (``redacted``, by their author); only together with it can the words change.
    """

    __tablename__ = "complaint_event"
    __table_args__ = (Index("ix_complaint_event_path", "complaint_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    from_state: Mapped[State | None] = mapped_column(String(16))
    to_state: Mapped[State] = mapped_column(String(16))
    from_body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    to_body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    due_before: Mapped[date | None] = mapped_column(Date)
    due_after: Mapped[date] = mapped_column(Date)
    text: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(2))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    public: Mapped[bool] = mapped_column(default=True)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    complaint: Mapped[Complaint] = relationship(back_populates="events")


class Attachment(Base):
    """A photo's place: in a draft, then in the complaint, at the step that brought it.

    moment: ``before`` (with the complaint), ``after`` (with an answer) or ``later`` (with added information).
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("moment IN ('before', 'after', 'later')", name="moment"),
        # only those that are in a draft: with all the empty ones SQLite's statistics call the index useless, and it reads the whole table
        Index("ix_attachment_draft_id", "draft_id", sqlite_where=text("draft_id IS NOT NULL"), postgresql_where=text("draft_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"), unique=True)
    draft_id: Mapped[str | None] = mapped_column(ForeignKey("draft.id"))
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_event.id"), index=True)
    moment: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(default=0)

    photo: Mapped["Photo"] = relationship("Photo", lazy="joined", innerjoin=True)


class Support(Base):
    """«It concerns me too»: one per person and complaint."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("complaint_id", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Follow(Base):
    """Who is told of each step."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("complaint_id", "contact_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Note(Base):
    """A note inside a body, never seen by the public."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    text: Mapped[str] = mapped_column(Text)


class AnswerTemplate(Base):
    """A ready answer of a body, or of everybody (no body). ``text`` may hold the fields of ``desk.FIELDS``."""

    __tablename__ = "answer_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(default=True)
