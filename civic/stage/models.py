"""Tables of talks and their slides."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, UTCDateTime

if TYPE_CHECKING:
    from civic.events.models import Event
    from civic.media.models import Photo


class Talk(Base):
    """One talk of an evening. token: stands in the presenter's own address, which lets whoever has it change the slides.

    pdf: name of an uploaded PDF that a job takes apart now, empty otherwise. problem: why the last one could not be taken, a code of
    ``slides.PROBLEMS``, with pages as the number it had; earlier slides stay then. hidden: marks of the moderators, by part. revision: rises with each change of them.
    """

    __tablename__ = "talk"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    position: Mapped[int]
    presenter: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    pdf: Mapped[str] = mapped_column(String(40), default="")
    problem: Mapped[str] = mapped_column(String(20), default="")
    pages: Mapped[int] = mapped_column(default=0)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    event: Mapped["Event"] = relationship("Event")
    slides: Mapped[list["Slide"]] = relationship(order_by="Slide.position", cascade="all, delete-orphan")


class Slide(Base):
    """One picture of a talk; positions count from 0 without gaps."""

    __tablename__ = "slide"
    __table_args__ = (UniqueConstraint("photo_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talk.id"), index=True)
    position: Mapped[int]
    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"))

    photo: Mapped["Photo"] = relationship("Photo", lazy="joined", innerjoin=True)
