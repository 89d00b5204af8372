"""Tables of programmes: parts, and what belongs to each of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, Translated, UTCDateTime
from civic.events.models import Organisation
from civic.places.models import City


class Programme(Base):
    """A project of an organisation in one city. code: stands in addresses. copied_from: code of the programme it was taken over from.
    hidden: marks of the moderators, by part."""

    __tablename__ = "programme"
    __table_args__ = (Index("ix_programme_city", "city_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    about: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)
    copied_from: Mapped[str] = mapped_column(String(12), default="")
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    city: Mapped[City] = relationship(lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    parts: Mapped[list["Part"]] = relationship(order_by="Part.position", cascade="all, delete-orphan")


class Part(Base):
    """A direction of a programme, or a subproject of one (then parent_id names it): two levels."""

    __tablename__ = "programme_part"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("programme_part.id"))
    position: Mapped[int]
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    about: Mapped[dict[str, str]] = mapped_column(Translated, default=dict)


class PartEvent(Base):
    """A discussion of a part; a discussion belongs to one part at most."""

    __tablename__ = "programme_event"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("programme_part.id"), index=True)


class PartTopic(Base):
    """A category of complaints that a part is about."""

    __tablename__ = "programme_topic"

    part_id: Mapped[int] = mapped_column(ForeignKey("programme_part.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)


class PartPerson(Base):
    """Somebody who works in a part, as the organiser names them. role: what they do, in the organiser's words."""

    __tablename__ = "programme_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("programme_part.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(160), default="")
