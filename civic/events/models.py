"""Tables of organisations, events, their agenda, history, registrations and check-ins."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, Translated, UTCDateTime
from civic.events.states import Admission, Consent, EventState, Mode, RegistrationState, Right

if TYPE_CHECKING:
    from civic.accounts.models import Contact, User
    from civic.media.models import Photo
    from civic.places.models import City


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    known = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f'"{column}" IN ({known})', name=column)


class Organisation(Base):
    """Who holds events: a centre, a group of volunteers. ``code`` stands in addresses."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    about: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    members: Mapped[list["OrganisationMember"]] = relationship(back_populates="organisation", order_by="OrganisationMember.id",
                                                               lazy="selectin")


class OrganisationMember(Base):
    """A person's right in an organisation. Ended ones stay as history."""

    __tablename__ = "organisation_member"
    __table_args__ = (
        _one_of("right", Right),
        Index("uq_organisation_member_current", "organisation_id", "user_id", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    right: Mapped[Right] = mapped_column(String(12))
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    organisation: Mapped[Organisation] = relationship(back_populates="members")
    user: Mapped["User"] = relationship("User", lazy="joined", innerjoin=True)


class EventSeries(Base):
    """An event that repeats: the first one of the series is copied. rule: an RRULE of RFC 5545, in local time of the city.

    The date of the rule is kept in ``Event.series_on``, also when the event itself was put on another day.
    """

    __tablename__ = "event_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    rule: Mapped[str] = mapped_column(String(200))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Event(Base):
    """One discussion.

    code: stands in addresses, never changes. version: guards against two organisers writing at once. revision: rises with each
    change that the public sees (SEQUENCE of RFC 5545). taken: places held now, kept by ``registration``; None as capacity
    means as many as come. moved_from: the beginning before it was last moved. invited_at: when the first official was
    invited, set by the invitations. series_on, off_day: the date that the series' rule gave, and whether it was a day off.
    """

    __tablename__ = "event"
    __table_args__ = (
        _one_of("state", EventState), _one_of("mode", Mode), _one_of("admission", Admission), _one_of("consent", Consent),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_position"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        CheckConstraint("taken >= 0", name="taken"),
        Index("ix_event_city_starts", "city_id", "state", "starts_at", "id"),
        Index("ix_event_organisation_starts", "organisation_id", "starts_at"),
        Index("ix_event_state_starts", "state", "starts_at"),
        UniqueConstraint("series_id", "series_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    version: Mapped[int] = mapped_column()
    revision: Mapped[int] = mapped_column(default=0)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    format: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(32))
    state: Mapped[EventState] = mapped_column(String(12))
    title: Mapped[dict[str, str]] = mapped_column(Translated)
    text: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    mode: Mapped[Mode] = mapped_column(String(8))
    venue: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    wheelchair: Mapped[bool] = mapped_column(default=False)
    hearing_loop: Mapped[bool] = mapped_column(default=False)
    sign_language: Mapped[bool] = mapped_column(default=False)
    access_notes: Mapped[str] = mapped_column(String(500), default="")
    stream_url: Mapped[str] = mapped_column(String(500), default="")
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    admission: Mapped[Admission] = mapped_column(String(12))
    consent: Mapped[Consent] = mapped_column(String(12))
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    moderator: Mapped[str] = mapped_column(String(120), default="")
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    announced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    invited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moved_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    document: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    document_url: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id"))
    series_on: Mapped[date | None] = mapped_column(Date)
    off_day: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    city: Mapped["City"] = relationship("City", lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    photo: Mapped["Photo | None"] = relationship("Photo")
    items: Mapped[list["AgendaItem"]] = relationship(order_by="AgendaItem.position", cascade="all, delete-orphan")
    steps: Mapped[list["EventStep"]] = relationship(order_by="EventStep.id")
    recommendations: Mapped[list["Recommendation"]] = relationship(order_by="Recommendation.position")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once

    @property
    def shown_document_url(self) -> str:
        """The address of the signed copy of the final document; empty while a moderator keeps the document off the page."""
        return self.document_url if "document" not in (self.hidden or {}) else ""


class AgendaItem(Base):
    """One item of the agenda. minutes: how long it lasts, 0 when nobody said. language: of the title."""

    __tablename__ = "agenda_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(2))

    speakers: Mapped[list["Speaker"]] = relationship(back_populates="item", order_by="Speaker.position", cascade="all, delete-orphan",
                                                     lazy="selectin")


class Speaker(Base):
    """Who speaks to an item. user_id: the account that claimed it by the link the organiser passed on."""

    __tablename__ = "speaker"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    item: Mapped[AgendaItem] = relationship(back_populates="speakers")


class EventStep(Base):
    """One step of an event's history. Never changed, never deleted: the database refuses both.

    kind: the transition's name, or ``make``, ``edit``. facts of a move: ``from`` and ``to``, ISO moments in UTC;
    of an edit: ``fields`` that changed. hidden: the mark of ``text``, without which the words cannot go.
    """

    __tablename__ = "event_step"
    __table_args__ = (Index("ix_event_step_path", "event_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    role: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    from_state: Mapped[EventState | None] = mapped_column(String(12))
    to_state: Mapped[EventState] = mapped_column(String(12))
    text: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(2))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    public: Mapped[bool] = mapped_column(default=True)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Recommendation(Base):
    """One recommendation of the final document, to one body, which answers it separately. due_on: a local date.

    hidden: marks of ``text`` and ``answer``, without which words that are public cannot change. Whether it was answered says ``answered_at``.
    """

    __tablename__ = "recommendation"
    __table_args__ = (UniqueConstraint("event_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    due_on: Mapped[date] = mapped_column(Date)
    answer: Mapped[str | None] = mapped_column(Text)
    answer_language: Mapped[str | None] = mapped_column(String(2))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class RegistrationRequest(Base):
    """A registration without an account whose address waits for the press of the button. id: random, stands in the letter's link."""

    __tablename__ = "registration_request"
    __table_args__ = (UniqueConstraint("event_id", "email"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2))
    needs: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[bool] = mapped_column(default=False)
    informed_version: Mapped[int | None]
    informed_language: Mapped[str | None] = mapped_column(String(2))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Registration(Base):
    """One person's place in an event, or the wish for it. One row per address and event, also after it was cancelled.

    number: the ticket's, short enough to be read aloud. queued_at: its place in the waiting list. offer_until: until when an
    offered place waits for a yes. needs: what helps the person to take part; seen by organisers only, deleted after the event.
    informed_version, informed_language: which informed consent was agreed to, where the format asks for one.
    """

    __tablename__ = "registration"
    __table_args__ = (
        _one_of("state", RegistrationState), UniqueConstraint("event_id", "contact_id"),
        Index("ix_registration_queue", "event_id", "state", "queued_at", "id"),
        Index("ix_registration_offers", "state", "offer_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    state: Mapped[RegistrationState] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    needs: Mapped[str | None] = mapped_column(Text)
    needs_consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    informed_version: Mapped[int | None]
    informed_language: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    offer_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    came_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    event: Mapped[Event] = relationship()
    contact: Mapped["Contact"] = relationship("Contact")


class CheckIn(Base):
    """One reading of a ticket by one device. The first to arrive counts; later ones are told of it.

    device, client_key: random names made by the device, so that what it sends again is the same reading.
    at: when it arrived here; device_at: what the device's clock said, which may be wrong.
    """

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("registration_id", "device", "client_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    device: Mapped[str] = mapped_column(String(40))
    client_key: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    device_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    first: Mapped[bool]
