"""Tables of cities, districts, days off, and the history of all reference data."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from civic.core.database import Base, Translated, UTCDateTime


class City(Base):
    """A city that the service works in. ``prefix`` begins the numbers of its complaints.

    A pin is taken as inside when it lies within ``radius_km`` of the centre (``lat``, ``lon``, WGS 84 degrees)
    or in an imported district. ``workday_ends`` is local time; what arrives later counts for the next working day.
    """

    __tablename__ = "city"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    prefix: Mapped[str] = mapped_column(String(3), unique=True)
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    kato: Mapped[str | None] = mapped_column(String(9))
    lat: Mapped[float]
    lon: Mapped[float]
    radius_km: Mapped[float]
    timezone: Mapped[str] = mapped_column(String(64), default="Asia/Almaty")
    workday_ends: Mapped[time] = mapped_column(Time, default=time(18, 30))
    default_body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id", use_alter=True))
    active: Mapped[bool] = mapped_column(default=True)

    districts: Mapped[list["District"]] = relationship(back_populates="city", order_by="District.id")


class District(Base):
    """A district of a city. ``boundary`` is a GeoJSON geometry (Polygon or MultiPolygon), when imported."""

    __tablename__ = "district"
    __table_args__ = (UniqueConstraint("city_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    kato: Mapped[str | None] = mapped_column(String(9))
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    boundary: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(default=True)

    city: Mapped[City] = relationship(back_populates="districts")


class DayEdit(Base):
    """A day declared worked or off by decree, on top of the public calendar."""

    __tablename__ = "day_edit"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))


class ReferenceChange(Base):
    """One edit of reference data: who changed which row, when, from what to what. Append-only."""

    __tablename__ = "reference_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(32))
    row_key: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
