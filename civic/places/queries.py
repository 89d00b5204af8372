"""Reads of places: which city, which district a point lies in, which days are worked."""

import math
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.database import Reader
from civic.core.working_days import WorkCalendar
from civic.places.models import City, DayEdit, District

EARTH_RADIUS_M = 6_371_000


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres between two WGS 84 points in degrees (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_dphi, half_dlambda = (phi2 - phi1) / 2, math.radians(lon2 - lon1) / 2
    a = math.sin(half_dphi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


@dataclass(frozen=True)
class Box:
    """A rectangle in WGS 84 degrees."""

    south: float
    west: float
    north: float
    east: float


def box_around(lat: float, lon: float, metres: float) -> Box:
    """The rectangle that holds every point within ``metres`` of a WGS 84 point (degrees of longitude shrink with the latitude)."""
    dlat = math.degrees(metres / EARTH_RADIUS_M)
    dlon = dlat / max(0.01, math.cos(math.radians(abs(lat) + dlat)))
    return Box(lat - dlat, lon - dlon, lat + dlat, lon + dlon)


@dataclass(frozen=True)
class PointPlace:
    """What is known of a point: whether it lies in the city, and in which district (None when not known)."""

    inside: bool
    district_id: int | None


def locate(session: Session, city: City, lat: float, lon: float) -> PointPlace:
    """Place a WGS 84 point in ``city``: by its districts' boundaries where imported, else by its radius."""
    from shapely.geometry import Point, shape  # heavy: only processes that file complaints pay for it

    if not (abs(lat) <= 90 and abs(lon) <= 180):  # also what is no number
        return PointPlace(False, None)
    point = Point(lon, lat)
    for district_id, boundary in session.execute(
        select(District.id, District.boundary)
        .where(District.city_id == city.id, District.active, District.boundary.is_not(None))
    ):
        if shape(boundary).covers(point):
            return PointPlace(True, district_id)
    return PointPlace(distance_m(city.lat, city.lon, lat, lon) <= city.radius_km * 1000, None)


def work_calendar(session: Reader) -> WorkCalendar:
    """The public calendar with the administrators' edits."""
    return WorkCalendar({day: working for day, working in session.execute(select(DayEdit.day, DayEdit.working))})


def city_by_code(session: Session, code: str, *, active: bool = False) -> City | None:
    """The city with this code, a retired one too: its record stays readable. active: only one that takes complaints."""
    city = session.scalar(select(City).where(City.code == code))
    return None if city is None or (active and not city.active) else city


def cities(session: Session) -> list[City]:
    """Active cities in the order they were added."""
    return list(session.scalars(select(City).where(City.active).order_by(City.id)))


def districts(session: Session, city_id: int) -> list[District]:
    """Active districts of a city."""
    return list(session.scalars(select(District).where(District.city_id == city_id, District.active).order_by(District.id)))
