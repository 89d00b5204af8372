"""Boundaries from a GeoJSON file: matched by KATO or name, made sound, and told about where they fit nothing."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.places.boundaries import BoundariesUnreadable, full_name, import_boundaries
from civic.places.models import City, ReferenceChange
from civic.places.queries import locate

LAT, LON = 42.30, 69.55


def square(properties: dict[str, Any], *, lat: float = LAT, lon: float = LON, side: float = 0.05) -> dict[str, Any]:
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.mark.parametrize("properties", [
    {"KATO": "791910000"}, {"KATO": 791910000}, {"name": "Тұран ауданы"}, {"n": "туран"}, {"ADM2_RU": "Туранский"},
    {"label": "TURAN DISTRICT"},
])
def test_matches(session: Session, city: City, now: datetime, properties: dict[str, Any]) -> None:
    report = import_boundaries(session, collection(square(properties)), city, None, now)
    assert ([d.code for d in report.matched], report.unmatched) == (["turan"], [])
    turan = report.matched[0]
    assert turan.boundary is not None and turan.boundary["type"] == "Polygon"
    assert locate(session, city, LAT + 0.01, LON + 0.01).district_id == turan.id
    change = session.scalars(select(ReferenceChange).order_by(ReferenceChange.id.desc())).first()
    assert change is not None and change.before is not None and change.before["boundary"] is None


def test_a_hyphen_and_the_other_parts_of_a_name_do_not_matter(session: Session, city: City, now: datetime) -> None:
    report = import_boundaries(session, collection(square({"kk": "Әл Фараби"})), city, None, now)
    assert [d.code for d in report.matched] == ["al-farabi"]


def test_says_what_was_left_out(session: Session, city: City, now: datetime) -> None:
    file = collection(
        square({"name": "Тұран"}), square({"name": "Туранский район"}), square({"name": "Ешкім ауданы"}),
        square({"name": "Абай"}, lat=51.1), square({"a": "Абай", "b": "Қаратау"}),
        {"type": "Feature", "properties": {"name": "Қаратау"}, "geometry": {"type": "Point", "coordinates": [LON, LAT]}},
        {"type": "Feature", "properties": {"name": "Еңбекші"}, "geometry": None},
    )
    report = import_boundaries(session, file, city, None, now)
    assert [why for _, why in report.unmatched] == ["twice", "unknown", "elsewhere", "several", "not_polygon", "not_polygon"]
    assert [d.code for d in report.matched] == ["turan"]


def test_a_retired_district_is_not_where_a_pin_lies(session: Session, city: City, now: datetime) -> None:
    turan = import_boundaries(session, collection(square({"name": "Тұран"})), city, None, now).matched[0]
    turan.active = False
    session.flush()
    assert locate(session, city, LAT + 0.01, LON + 0.01).district_id is None


def test_a_bow_tie_is_mended_and_numbers_are_rounded(session: Session, city: City, now: datetime) -> None:
    tie = square({"name": "Тұран"})
    tie["geometry"]["coordinates"] = [[[LON, LAT], [LON + 0.0512345678, LAT + 0.05], [LON + 0.05, LAT], [LON, LAT + 0.05], [LON, LAT]]]
    boundary = import_boundaries(session, collection(tie), city, None, now).matched[0].boundary
    assert boundary is not None and boundary["type"] == "MultiPolygon"
    numbers = [n for polygon in boundary["coordinates"] for ring in polygon for point in ring for n in point]
    assert numbers == [round(n, 6) for n in numbers]


def test_creates_missing_districts_only_when_asked(session: Session, city: City, now: datetime) -> None:
    feature = square({"name_kk": "Самал", "name_ru": "Самальский", "name_en": "Samal", "KATO": "799990000"})
    assert import_boundaries(session, collection(feature), city, None, now).created == []
    made = import_boundaries(session, collection(feature), city, None, now, create_missing=True).created
    assert [(d.code, d.kato, d.name) for d in made] == [
        ("samal", "799990000", {"kk": "Самал ауданы", "ru": "Самальский район", "en": "Samal district"})]
    again = import_boundaries(session, collection(feature), city, None, now, create_missing=True)
    assert (again.created, [d.code for d in again.matched]) == ([], ["samal"])
    nameless = import_boundaries(session, collection(square({"x": "?"})), city, None, now, create_missing=True)
    assert nameless.unmatched == [("?", "nameless")]


@pytest.mark.parametrize("file", [{}, [], {"features": []}, {"features": {}}, collection(square({"n": "Тұран"}, lat=4_685_000.0))])
def test_refuses_what_is_no_map(session: Session, city: City, now: datetime, file: Any) -> None:
    with pytest.raises(BoundariesUnreadable):
        import_boundaries(session, file, city, None, now)


def test_importing_again_changes_nothing(session: Session, city: City, now: datetime) -> None:
    import_boundaries(session, collection(square({"name": "Тұран"})), city, None, now)
    last = session.scalar(select(ReferenceChange.id).order_by(ReferenceChange.id.desc()))
    import_boundaries(session, collection(square({"name": "Тұран"})), city, None, now)
    assert session.scalar(select(ReferenceChange.id).order_by(ReferenceChange.id.desc())) == last


def test_full_names() -> None:
    assert full_name("район Есиль", "ru") == "район Есиль"
    assert full_name("Есиль", "ru") == "район Есиль"
    assert full_name("Туранский", "ru") == "Туранский район"


