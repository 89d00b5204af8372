"""Tables of focus groups: who takes part under which pseudonym, and what was said.

Who is behind a pseudonym is known to nobody but the participant: organisers see the list of guests and the list of pseudonyms, and
no page puts them side by side.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class FocusGroup(Base):
    """What an event has as a focus group. published_at: when the transcript became public, None before. withdrawn: how many
    people have withdrawn their words; nothing else is left of them here."""

    __tablename__ = "focus_group"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn: Mapped[int] = mapped_column(default=0)


class Participant(Base):
    """One person in a group. age_band: a key of ``groups.AGE_BANDS``. district_id: where they live, None for the city alone.

    hidden: the mark of a moderator who took pseudonym, age band and place off the public page.
    """

    __tablename__ = "focus_participant"
    __table_args__ = (UniqueConstraint("event_id", "pseudonym"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    pseudonym: Mapped[str] = mapped_column(String(40))
    age_band: Mapped[str] = mapped_column(String(8))
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Line(Base):
    """One thing that was said. participant_id: None for the moderator. hidden: the mark of a moderator of the city who took it off the page;
    the words stay here, so that they go when the participant does."""

    __tablename__ = "focus_line"
    __table_args__ = (Index("ix_focus_line_order", "event_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("focus_participant.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    hidden: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
