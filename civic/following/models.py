"""Tables of what people follow beyond single complaints: places, streets, districts, categories, bodies, searches."""

from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civic.complaints.listing import Wanted
from civic.core.database import Base, UTCDateTime


class Kind(StrEnum):
    """What can be followed."""

    PLACE = "place"
    STREET = "street"
    DISTRICT = "district"
    CATEGORY = "category"
    BODY = "body"
    SEARCH = "search"


class Rhythm(StrEnum):
    """How often somebody is written to, the quickest first."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(v)) for v in values)})", name=column)


class Following(Base):
    """One thing that one address follows. It ends by being deleted: what nobody follows is not kept.

    target: what is followed, as ``service.Target.key`` writes it; the same thing twice is one row. place: ``lat``, ``lon`` (WGS 84
    degrees), ``radius_m``; street: ``words`` as typed; search: ``query``, the list's own address parameters, and
    ``wanted``, what they ask for (``kept_wanted``): reading it is quicker.
    words: of a place, how its owner calls it. steps: told also of answers and ends, not of new complaints alone.
    """

    __tablename__ = "following"
    __table_args__ = (UniqueConstraint("contact_id", "target"), _one_of("kind", Kind), _one_of("rhythm", Rhythm))

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[Kind] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(120))
    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id"))  # None: all cities, of a list alone
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    radius_m: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(200), default="")
    query: Mapped[str] = mapped_column(Text, default="")
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    steps: Mapped[bool]
    rhythm: Mapped[Rhythm] = mapped_column(String(8))
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


def kept_wanted(wanted: Wanted) -> dict[str, Any]:
    """What a list asks for, as JSON keeps it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(wanted).items() if value}


def read_wanted(kept: dict[str, Any]) -> Wanted:
    """From ``kept_wanted``."""
    facts: dict[str, Any] = {name: date.fromisoformat(value) if name in ("since", "until") else value for name, value in kept.items()}
    return Wanted(**facts)


class FollowingKey(Base):
    """Where a following is looked for: the keys of a complaint that may concern it (see ``keys``)."""

    __tablename__ = "following_key"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    following_id: Mapped[int] = mapped_column(ForeignKey("following.id", ondelete="CASCADE"), primary_key=True, index=True)
