"""Commands for places and categories."""

import json
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.places.models import City, DayEdit, District
from tests.support.complaints import Filed
from tests.test_reference_boundaries import collection, square


def run(app: Flask, *args: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == code, result.output
    return result.output


def test_seed_again(app: Flask) -> None:
    assert run(app, "places", "seed") == "added: 0 categories, 0 cities\n"


def test_add_city_and_import(app: Flask, session: Session, tmp_path: Path) -> None:
    options = ["--prefix", "TRZ", "--kk", "Тараз", "--ru", "Тараз", "--en", "Taraz", "--lat", "42.9", "--lon", "71.37"]
    run(app, "places", "add-city", "taraz", *options)
    assert "code: This code is taken" in run(app, "places", "add-city", "taraz", *options, code=1)
    file = tmp_path / "districts.geojson"
    feature = square({"name_kk": "Төле би", "name_ru": "Толе би", "name_en": "Tole bi"}, lat=42.9, lon=71.37)
    file.write_text(json.dumps(collection(feature)), encoding="utf-8")
    assert "fits no district: Төле би" in run(app, "places", "import", str(file), "--city", "taraz")
    assert "1 boundaries taken, 1 districts made" in run(app, "places", "import", str(file), "--city", "taraz", "--create-missing")
    district = session.scalars(select(District).where(District.code == "tole-bi")).one()
    assert district.boundary is not None
    assert session.scalars(select(Body.name).where(Body.district_id == district.id)).one()["ru"] == "Аппарат акима района Толе би"
    assert "1 districts, 1 with a boundary" in run(app, "places", "list")


def test_import_says_what_is_wrong(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "wrong.geojson"
    file.write_text("no json")
    assert "is not JSON" in run(app, "places", "import", str(file), "--city", "shymkent", code=1)
    file.write_text("{}")
    assert "no polygons" in run(app, "places", "import", str(file), "--city", "shymkent", code=1)
    assert "there is no city" in run(app, "places", "import", str(file), "--city", "nowhere", code=2)


def test_day_off(app: Flask, session: Session, filed: Filed, now: object) -> None:
    complaint = filed()
    assert "1 due dates moved" in run(app, "places", "day-off", "2026-05-05", "--reason", "Decree 1")
    session.refresh(complaint)
    assert complaint.due_on == date(2026, 5, 21)
    assert session.get_one(DayEdit, date(2026, 5, 5)).working is False
    assert "1 due dates moved" in run(app, "places", "day-off", "2026-05-05", "--forget")
    assert "not edited" in run(app, "places", "day-off", "2026-05-05", "--forget", code=1)
    assert "decree" in run(app, "places", "day-off", "2026-05-05", code=1)


def test_categories(app: Flask, session: Session, tmp_path: Path) -> None:
    head = "code,parent,name_kk,name_ru,name_en,direction,body_code,body_kk,body_ru,body_en,emergency_phone\n"
    file = tmp_path / "categories.csv"
    file.write_text(head + "bees,,Аралар,Пчёлы,Bees,improvement,apiary,Омарта,Пасека,Apiary,\n", encoding="utf-8")
    output = run(app, "categories", "import", str(file), "--city", "all")
    assert output.splitlines()[:2] == ["categories: 1 added, 0 changed, 0 same", "shymkent: 1 responsibilities changed"]
    assert session.scalars(select(Category).where(Category.code == "bees")).one().appeal_kind == "notice"
    assert len(session.scalars(select(Body).where(Body.code == "apiary")).all()) == len(session.scalars(select(City)).all())


@pytest.mark.parametrize(("row", "column"), [
    ("Bees,,Аралар,Пчёлы,Bees,improvement,,,,,", "code"), ("bees,nothing,Аралар,Пчёлы,Bees,improvement,,,,,", "parent"),
    ("bees,,Аралар,Пчёлы,Bees,nowhere,,,,,", "direction"), ("bees,,,Пчёлы,Bees,improvement,,,,,", "name_kk"), ("bees,,  ,Пчёлы,Bees,improvement,,,,,", "name_kk"),
    (f"bees,,Аралар,Пчёлы,{'B' * 201},improvement,,,,,", "name_en"), ("bees,,Аралар,Пчёлы,Bees,improvement,../apiary,Омарта,,,", "body_code"),
    (f"bees,,Аралар,Пчёлы,Bees,improvement,{'a' * 65},Омарта,,,", "body_code"), ("bees,,Аралар,Пчёлы,Bees,improvement,apiary,,,,", "body_kk"),
    ("bees,,Аралар,Пчёлы,Bees,improvement,,,,,112345678", "emergency_phone"), ("lighting,wasps,Жарық,Свет,Light,improvement,,,,,", "parent"),
])
def test_a_wrong_table_is_refused_as_a_whole(app: Flask, session: Session, tmp_path: Path, row: str, column: str) -> None:
    head = "code,parent,name_kk,name_ru,name_en,direction,body_code,body_kk,body_ru,body_en,emergency_phone\n"
    file = tmp_path / "categories.csv"
    file.write_text(f"{head}wasps,,Сонар,Осы,Wasps,improvement,,,,,\n{row}\n", encoding="utf-8")
    assert f"line 3, column {column}" in run(app, "categories", "import", str(file), code=1)
    assert session.scalar(select(Category).where(Category.code == "wasps")) is None


@pytest.mark.parametrize("radius", ["9" * 20, "5001", "٣", "-1", "50.5"])
def test_a_radius_that_is_none_is_refused(app: Flask, tmp_path: Path, radius: str) -> None:
    file = tmp_path / "categories.csv"
    file.write_text(f"code,parent,name_kk,name_ru,direction,duplicate_radius_m\nbees,,Аралар,Пчёлы,improvement,{radius}\n", encoding="utf-8")
    assert "line 2, column duplicate_radius_m" in run(app, "categories", "import", str(file), code=1)


def test_files_that_cannot_be_read_are_refused_in_words(app: Flask, tmp_path: Path) -> None:
    table, boundaries = tmp_path / "categories.csv", tmp_path / "deep.geojson"
    table.write_text("code,parent\n" + "x" * 200_000 + ",\n")
    assert "is not a CSV table" in run(app, "categories", "import", str(table), code=1)
    boundaries.write_text('{"features":' * 50_000)
    assert "is not JSON" in run(app, "places", "import", str(boundaries), "--city", "shymkent", code=1)


@pytest.mark.parametrize(("option", "value", "told"), [
    ("--radius", "nan", "From 1 to 200 km."), ("--kato", "3" * 10, "nine digits"), ("--kk", " ", "name_kk: Fill this in."), ("--en", "T" * 201, "name_en: The name is too long"),
])
def test_a_city_that_cannot_be_is_refused(app: Flask, option: str, value: str, told: str) -> None:
    options = {"--prefix": "TRZ", "--kk": "Тараз", "--ru": "Тараз", "--en": "Taraz", "--lat": "42.9", "--lon": "71.37"} | {option: value}
    assert told in run(app, "places", "add-city", "taraz", *(word for pair in options.items() for word in pair), code=1)


@pytest.mark.parametrize("domain", ["", "x", "a b.kz", "x\ny.kz", "a" * 250 + ".kz.kz"])
def test_what_is_no_domain_is_not_allowed(app: Flask, domain: str) -> None:
    assert "is no domain" in run(app, "limits", "domains", "--allow", domain, code=1)
