"""Boundaries of districts from a GeoJSON file: which feature is which district, and its geometry made sound."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.core.errors import DomainError, InputRefused
from civic.core.text import fold
from civic.places.history import save
from civic.places.models import City, District
from civic.places.queries import distance_m, districts
from civic.places.service import add_district

DIGITS = 6  # of a degree: 11 cm
_DISTRICT_WORDS = re.compile(r"\b(ауданы|аудан|район|district|rayon)\b")
_NAME_KEYS = re.compile(r"(?:.*[_:])?(?:name)?[_:]?(kk|kz|ru|en)", re.IGNORECASE)


class BoundariesUnreadable(DomainError):
    """The file holds no polygons in WGS 84 degrees."""

    code = "boundaries_unreadable"


@dataclass
class BoundaryReport:
    """matched: names of districts that have got a boundary. created: districts that were made. unmatched: (what the
    feature calls itself, why it was left out: ``not_polygon``, ``elsewhere``, ``unknown``, ``several``, ``twice``, ``nameless``)."""

    matched: list[District] = field(default_factory=list)
    created: list[District] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)


def import_boundaries(session: Session, geojson: Mapping[str, Any], city: City, user_id: int | None, now: datetime, *,
                      properties: Sequence[str] = (), create_missing: bool = False) -> BoundaryReport:
    """Give the districts of ``city`` the geometries of a FeatureCollection in WGS 84.

    A feature belongs to the district whose KATO or name, in any language, is among its text properties (of those in
    ``properties`` when given). One that lies outside the city is left out. create_missing: make a district of a feature
    that fits none, when it says its name. Raises ``BoundariesUnreadable``.
    """
    features = geojson.get("features") if isinstance(geojson, Mapping) else None
    if not isinstance(features, list) or not features:
        raise BoundariesUnreadable()
    report, known = BoundaryReport(), districts(session, city.id)
    for feature in features:
        feature = feature if isinstance(feature, Mapping) else {}
        texts = _texts(feature, properties)
        label = " / ".join(texts.values())[:120] or "?"
        boundary, why = _sound(feature.get("geometry"), city)
        found = [] if why else [d for d in known if _fits(d, texts)]
        if not why:
            why = "several" if len(found) > 1 else "twice" if found and found[0] in report.matched else ""
        if not why and not found:
            made = _create(session, city, texts, user_id, now) if create_missing else None
            why = "" if made else "nameless" if create_missing else "unknown"
            found, report.created = [made] if made else [], report.created + ([made] if made else [])
        if why:
            report.unmatched.append((label, why))
            continue
        save(session, found[0], {"boundary": boundary}, user_id, now)
        report.matched.append(found[0])
    return report


def _texts(feature: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, str]:
    """The feature's properties that are text or whole numbers."""
    given = feature.get("properties")
    given = given if isinstance(given, Mapping) else {}
    return {k: str(v).strip() for k, v in given.items()
            if isinstance(v, str | int) and not isinstance(v, bool) and str(v).strip() and (not wanted or k in wanted)}


def _fits(district: District, texts: Mapping[str, str]) -> bool:
    """By KATO when the feature tells one that is like a KATO, else by name."""
    katos = {text for text in texts.values() if re.fullmatch(r"\d{9}", text)}
    if district.kato and katos:
        return district.kato in katos
    names = {_bare(name) for name in district.name.values()}
    return any(_bare(text) in names for text in texts.values())


def _bare(name: str) -> str:
    """A name without «район», quotes and hyphens, folded: «Әл-Фараби ауданы» → «ал фараби»."""
    return " ".join(re.sub(r"[^\w]+", " ", _DISTRICT_WORDS.sub(" ", fold(name))).split())


def _sound(geometry: Any, city: City) -> tuple[dict[str, Any] | None, str]:
    """The geometry as a valid polygon in rounded degrees, or why not. Raises ``BoundariesUnreadable``."""
    from shapely import make_valid, set_precision  # heavy: only imports of boundaries pay for it
    from shapely.errors import ShapelyError
    from shapely.geometry import MultiPolygon, mapping, shape

    try:
        whole = set_precision(make_valid(shape(geometry)), 10**-DIGITS)
    except (ShapelyError, AttributeError, LookupError, TypeError, ValueError):
        return None, "not_polygon"
    parts = [p for part in getattr(whole, "geoms", [whole]) for p in getattr(part, "geoms", [part])
             if p.geom_type == "Polygon" and not p.is_empty]
    if not parts:
        return None, "not_polygon"
    polygon = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    west, south, east, north = polygon.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BoundariesUnreadable()
    inside = polygon.representative_point()
    if distance_m(city.lat, city.lon, inside.y, inside.x) > city.radius_km * 1000:
        return None, "elsewhere"
    found = mapping(polygon)
    return {"type": found["type"], "coordinates": _rounded(found["coordinates"])}, ""


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(coordinates, DIGITS)
    return [_rounded(part) for part in coordinates]


def _create(session: Session, city: City, texts: Mapping[str, str], user_id: int | None, now: datetime) -> District | None:
    """A district named as the feature says, or None when it does not say its name or its code is taken."""
    name: dict[str, str] = {}
    for key, text in texts.items():
        if (told := _NAME_KEYS.fullmatch(key)) and not text.isdigit():
            language = told[1].lower().replace("kz", "kk")
            name.setdefault(language, full_name(text, language))
    english = _bare(name.get("en", ""))
    kato = next((text for text in texts.values() if re.fullmatch(r"\d{9}", text)), None)
    code = re.sub(r"[^a-z0-9]+", "-", english).strip("-") or (f"kato-{kato}" if kato else "")
    if not code or not name:
        return None
    try:
        return add_district(session, city, {"code": code[:32], "kato": kato, "name": name}, user_id, now)
    except InputRefused:
        return None


def full_name(name: str, language: str) -> str:
    """A district's name as it is written in full: «Тұран» → «Тұран ауданы», «Туранский» → «Туранский район»."""
    if _DISTRICT_WORDS.search(fold(name)):
        return name
    if language == "ru":
        return f"{name} район" if name.endswith("ий") else f"район {name}"
    return f"{name} ауданы" if language == "kk" else f"{name} district"
