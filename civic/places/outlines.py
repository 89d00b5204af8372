"""Outlines of districts for a map: boundaries made light."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.places.models import District, ReferenceChange

TOLERANCE = 0.0012  # degrees: of a triangle that a line may lose, the root of its area; some 100 metres, what four pixels of a phone show
DIGITS = 4  # of a degree: 11 metres


def outlines_version(session: Session, city_id: int) -> str:
    """Changes whenever a district of any city may have changed."""
    changed = session.scalar(select(func.max(ReferenceChange.id)).where(ReferenceChange.kind == District.__tablename__))
    return f"{city_id}-{changed or 0}"


def outlines(session: Session, city_id: int) -> dict[str, Any]:
    """Active districts of a city that have a boundary, as a FeatureCollection; shared borders stay shared."""
    from shapely import coverage_simplify, set_precision  # heavy: only what draws outlines pays for it
    from shapely.geometry import mapping, shape

    rows = session.execute(
        select(District.id, District.name, District.boundary)
        .where(District.city_id == city_id, District.active, District.boundary.is_not(None)).order_by(District.id)
    ).all()
    light = coverage_simplify([shape(row.boundary) for row in rows], TOLERANCE) if rows else []
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": row.id, "properties": {"name": row.name},
         "geometry": mapping(set_precision(shape_, 10**-DIGITS))} for row, shape_ in zip(rows, light, strict=True)]}
