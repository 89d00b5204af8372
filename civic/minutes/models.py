"""Tables of minutes: their state, every saved version of them, and the materials of an event."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, Translated, UTCDateTime

if TYPE_CHECKING:
    from civic.events.models import Event
    from civic.media.models import Photo


class Kind(StrEnum):
    """What a material is. FILE: a PDF."""

    PHOTO = "photo"
    FILE = "file"
    LINK = "link"


class Minutes(Base):
    """The minutes of one event. Never removed.

    number: of the last saved version; an editor who saw another one wrote at the same time as somebody else. public_from: the
    first version that the public reads, None until they are published. hidden: marks of the moderators, by part.
    """

    __tablename__ = "minutes"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    version: Mapped[int] = mapped_column()
    number: Mapped[int] = mapped_column(default=0)
    public_from: Mapped[int | None]
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the ORM reads it once


class MinutesVersion(Base):
    """One saved version, whole. Never changed, never deleted: the database refuses both.

    chapters: pairs of a second of the recording and a title, in order. came, counted_by: how many came and who counted them, when
    that was typed by hand. change: what is new in it, in the editor's words.
    """

    __tablename__ = "minutes_version"
    __table_args__ = (UniqueConstraint("minutes_id", "number"), CheckConstraint("came IS NULL OR came >= 0", name="came"))

    id: Mapped[int] = mapped_column(primary_key=True)
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id"))
    number: Mapped[int]
    text: Mapped[dict[str, str]] = mapped_column(Translated)
    recording_url: Mapped[str] = mapped_column(String(500), default="")
    chapters: Mapped[list[tuple[int, str]]] = mapped_column(JSON, default=list)
    came: Mapped[int | None]
    counted_by: Mapped[str] = mapped_column(String(160), default="")
    change: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class MinutesMaterial(Base):
    """A photo, a PDF or a link that belongs to an event. language: of the title.

    file_key: random name of the PDF on disk. state: pending until its pages are counted, then ready, or refused for ``problem``
    (``pdf_too_many_pages``, ``pdf_locked``, ``pdf_unreadable``). size: in bytes. hidden: a moderator took it off the page.
    """

    __tablename__ = "minutes_material"
    __table_args__ = (CheckConstraint("kind IN ('photo', 'file', 'link')", name="kind"),
                      CheckConstraint("state IN ('pending', 'ready', 'refused')", name="state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    kind: Mapped[Kind] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    file_key: Mapped[str] = mapped_column(String(32), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(8), default="ready")
    problem: Mapped[str] = mapped_column(String(24), default="")
    pages: Mapped[int | None]
    size: Mapped[int | None]
    hidden: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    event: Mapped["Event"] = relationship("Event")
    photo: Mapped["Photo | None"] = relationship("Photo", lazy="joined")
