"""Tables of invitations, their history, answers that wait for a proof, and requests to strike a speaker.

What is public stands in ``invitation`` and ``invitation_event``; addresses stand in ``contact`` and are never shown.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, UTCDateTime
from civic.invitations.states import State

if TYPE_CHECKING:
    from civic.bodies.models import Body
    from civic.events.models import Event

#: What stands in place of a name and a post that a moderator took off: an invitation of the body as such it does not become.
HIDDEN_NAME = "–"
STATES = ", ".join(f"'{state}'" for state in State)


class Invitation(Base):
    """An invitation of a body, or of a named official of it, to one event. Never removed, only withdrawn.

    official_name, official_post: the named official; both empty for the body as such. contact_id: the address the
    letter goes to, of the named official or of an office without accounts here; None: to the body's officials.
    asked_for: the beginning of the event that the answer is asked for; after a move it differs, and it is asked again.
    sent_at: the first letter. asked_on, due_on: local dates of the last letter and by when it asks for an answer.
    answer: the last answer, kept when attendance is recorded: accepted, declined, delegate_named, delegated, date_asked.
    reason: of declining, of another date or of the withdrawal, in their own words.
    contest_until: the last local day on which the body may contest the recorded attendance.
    hidden: marks of every part that moderators hid, and of ``reason`` and ``delegate`` when the last answer's are among them.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("(official_name = '') = (official_post = '')", name="whole_official"),
        CheckConstraint("official_name = '' OR contact_id IS NOT NULL", name="named_has_address"),
        # one open invitation for a body as such, one for each address
        Index("uq_invitation_body", "event_id", "body_id", unique=True,
              sqlite_where=text("official_name = '' AND state <> 'withdrawn'"),
              postgresql_where=text("official_name = '' AND state <> 'withdrawn'")),
        Index("uq_invitation_official", "event_id", "contact_id", unique=True,
              sqlite_where=text("official_name <> '' AND state <> 'withdrawn'"),
              postgresql_where=text("official_name <> '' AND state <> 'withdrawn'")),
        Index("ix_invitation_body", "body_id", "id"),
        Index("ix_invitation_due", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    official_name: Mapped[str] = mapped_column(String(120), default="")
    official_post: Mapped[str] = mapped_column(String(160), default="")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[State] = mapped_column(String(16))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    asked_for: Mapped[datetime] = mapped_column(UTCDateTime)
    reminders: Mapped[int] = mapped_column(default=0)
    answer: Mapped[State | None] = mapped_column(String(16))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
    reason_language: Mapped[str | None] = mapped_column(String(2))
    delegate_name: Mapped[str] = mapped_column(String(120), default="")
    delegate_post: Mapped[str] = mapped_column(String(160), default="")
    delegate_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    recorded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    contest_until: Mapped[date | None] = mapped_column(Date)
    contested_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    event: Mapped["Event"] = relationship("Event")
    body: Mapped["Body"] = relationship("Body")
    events: Mapped[list["InvitationEvent"]] = relationship(back_populates="invitation", order_by="InvitationEvent.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once

    @property
    def shown_official(self) -> str:
        """«Post, name» of the named official; empty for the body as such, and while a moderator keeps them off every page."""
        return f"{self.official_post}, {self.official_name}" if self.official_name and "official" not in (self.hidden or {}) else ""


class InvitationEvent(Base):
    """One step of an invitation. Never changed, never deleted: the database refuses both.

    kind: the transition's name, or ``invite``, ``remind``, ``contest``. role: organiser, body, invited, delegate or
    system. facts: what else is public, as ``post`` of a delegate, ``wished`` date, ``due``, ``days`` of a reminder.
    user_id, contact_id: who it was, never shown. hidden: marks of ``text`` and ``post``, without which neither can go.
    """

    __tablename__ = "invitation_event"
    __table_args__ = (Index("ix_invitation_event_path", "invitation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    from_state: Mapped[State | None] = mapped_column(String(16))
    to_state: Mapped[State] = mapped_column(String(16))
    text: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(2))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    invitation: Mapped[Invitation] = relationship(back_populates="events")


class LinkUse(Base):
    """The browser that first answered through the link of one letter; from any other the link proves nothing.

    letter: which letter of the invitation. browser: a random mark that this browser keeps in its session.
    """

    __tablename__ = "invitation_link_use"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(40), primary_key=True)
    browser: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class HeldAnswer(Base):
    """An answer given through a forwarded link: it counts when the button in a new letter to the address is pressed.

    said: the step's fields as typed. taken_at: when the button was pressed.
    """

    __tablename__ = "invitation_held_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    step: Mapped[str] = mapped_column(String(16))
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class StrikeRequest(Base):
    """A request to strike a speaker or guest from the list of an event, on its record. Never changed, never deleted.

    requested_by: who asked, by post or name, as the organiser writes it; body_id: when it was a body known here.
    struck: whether the organiser did it. hidden: the mark of its words, without which they cannot go.
    """

    __tablename__ = "strike_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    requested_on: Mapped[date] = mapped_column(Date)
    requested_by: Mapped[str] = mapped_column(String(200))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    whom: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    struck: Mapped[bool]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class CalendarAddress(Base):
    """The secret address of a person's own calendar; a new one ends the old."""

    __tablename__ = "calendar_address"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
