"""Bringing reference data in: the table of categories, and whole cities with their usual bodies.

Rows are those of ``data/categories.csv``; a plain table without the last four columns is taken too.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category, Responsibility
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, clean
from civic.places.history import remove, save
from civic.places.models import City, District
from civic.places.service import Row, add_city, add_districts, bundled, name_of

DATA = Path(__file__).parent / "data"
APPEAL_KINDS = ("notice", "application", "complaint", "proposal", "response", "request")
DIRECTIONS = ("improvement", "safety", "education", "citizen_state", "charity", "culture", "tourism")
CATEGORY_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
EMERGENCY = re.compile(r"[0-9]{3,5}")
MAX_NAME = 200
MAX_RADIUS = 5000  # metres
AKIMAT = "akimat"
#: The code in the table that stands for the akim's office of each district.
DISTRICT = "district"
NAMES = tuple(f"{what}_{code}" for what in ("name", "body") for code in LANGUAGES)
_AKIMAT_NAME = {"kk": "Қала әкімінің аппараты", "ru": "Аппарат акима города", "en": "City akim’s office"}


def bundled_categories() -> list[dict[str, str]]:
    """The table of categories that the product ships."""
    return read_table(DATA / "categories.csv")


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def check_category_rows(rows: Sequence[Row]) -> None:
    """See that the table can be taken as a whole. Raises ``InputRefused`` naming the column and the line."""
    roots = {row.get("code") for row in rows if not row.get("parent")}
    codes: set[str] = set()
    for line, row in enumerate(rows, start=2):
        code = row.get("code") or ""
        wrong = next((column for column, holds in (
            ("code", CATEGORY_CODE.fullmatch(code) and code not in codes),
            ("parent", not row.get("parent") or row["parent"] in roots),
            ("name_kk", clean(row.get("name_kk"))), ("name_ru", clean(row.get("name_ru"))),
            *((name, len(row.get(name) or "") <= MAX_NAME) for name in NAMES),
            ("body_code", not row.get("body_code") or CATEGORY_CODE.fullmatch(row["body_code"])),
            ("body_kk", row.get("body_code") in (None, "", DISTRICT) or clean(row.get("body_kk"))),
            ("emergency_phone", not row.get("emergency_phone") or EMERGENCY.fullmatch(row["emergency_phone"])),
            ("direction", row.get("direction") in DIRECTIONS),
            ("appeal_kind", (row.get("appeal_kind") or "notice") in APPEAL_KINDS),
            ("duplicate_radius_m", _is_radius(row.get("duplicate_radius_m") or "0")),
        ) if not holds), None)
        if wrong:
            raise InputRefused("file", "table_row_wrong", line=line, column=wrong)
        codes.add(code)


def _is_radius(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MAX_RADIUS


def _check_levels(session: Session, rows: Sequence[Row]) -> None:
    """The tree has two levels: what has others below it goes below nothing."""
    below = select(Category.parent_id).where(Category.parent_id.is_not(None))
    above = set(session.scalars(select(Category.code).where(Category.id.in_(below))))
    for line, row in enumerate(rows, start=2):
        if row.get("parent") and row["code"] in above:
            raise InputRefused("file", "table_row_wrong", line=line, column="parent")


def import_categories(session: Session, rows: Sequence[Row], user_id: int | None, now: datetime, *,
                      keep: bool = False) -> dict[str, int]:
    """Take a table of categories: new ones are added, known ones brought to what it says (not with ``keep``), others left alone.

    Columns that are missing keep what a known category has. Returns how many were ``added``, ``changed`` and ``same``.
    Raises ``InputRefused`` before anything is written.
    """
    check_category_rows(rows)
    _check_levels(session, rows)
    known = {category.code: category for category in session.scalars(select(Category))}
    counts = {"added": 0, "changed": 0, "same": 0}
    ordered = sorted(enumerate(rows), key=lambda item: bool(item[1].get("parent")))
    for position, row in ordered:
        category = known.get(row["code"])
        parent = known[row["parent"]].id if row.get("parent") else None
        values = _category_values(row) | {"parent_id": parent, "position": position}
        target = known[row["code"]] = category or Category(code=row["code"])
        changed = (category is None or not keep) and save(session, target, values, user_id, now)
        counts["added" if category is None else "changed" if changed else "same"] += 1
    return counts


def _category_values(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {"name": name_of(row), "direction": row["direction"],
                              "emergency_phone": row.get("emergency_phone") or None}
    for flag in ("danger", "wants_after_photo"):
        if row.get(flag):
            values[flag] = row[flag] == "1"
    if row.get("duplicate_radius_m"):
        values["duplicate_radius_m"] = int(row["duplicate_radius_m"])
    if row.get("appeal_kind"):
        values["appeal_kind"] = row["appeal_kind"]
    return values


def create_city(session: Session, values: Mapping[str, Any], districts: Iterable[Row], categories: Sequence[Row],
                user_id: int | None, now: datetime) -> City:
    """A city that can take complaints: its districts, its bodies from the table of categories, who answers for what.

    values: columns of ``City``. The city's akim's office answers where nobody else does.
    """
    city = add_city(session, values, user_id, now)
    add_districts(session, city, list(districts), user_id, now)
    akimat = Body(city_id=city.id, code=AKIMAT)
    given = next((row for row in categories if row.get("body_code") == AKIMAT), None)
    save(session, akimat, {"name": _body_name(given) if given else _AKIMAT_NAME}, user_id, now)
    save(session, city, {"default_body_id": akimat.id}, user_id, now)
    assign_bodies(session, city, categories, user_id, now)
    return city


def assign_bodies(session: Session, city: City, rows: Sequence[Row], user_id: int | None, now: datetime) -> int:
    """Let the bodies named in a table of categories answer in ``city``; makes those that it lacks.

    Every root gets its body; a leaf only where its body is another one than the root's. Returns how many
    responsibilities changed. Categories that are not in the database are passed over.
    """
    bodies = _bodies_for(session, city, rows, user_id, now)
    ids = dict(session.execute(select(Category.code, Category.id)).all())
    root_body = {row["code"]: row.get("body_code") for row in rows if not row.get("parent")}
    changed = 0
    for row in rows:
        code, category_id = row.get("body_code"), ids.get(row["code"])
        if not code or category_id is None:
            continue
        differs = not row.get("parent") or code != root_body.get(row["parent"])
        wanted = bodies[code] if differs else {}
        changed += assign(session, city, category_id, wanted, user_id, now)
    return changed


def assign(session: Session, city: City, category_id: int, wanted: Mapping[int | None, int], user_id: int | None,
            now: datetime) -> int:
    """Make the category's responsibilities exactly ``wanted``: body by district, None for everywhere."""
    held = {row.district_id: row for row in session.scalars(select(Responsibility).where(
        Responsibility.city_id == city.id, Responsibility.category_id == category_id))}
    changed = 0
    for district_id in held.keys() - wanted.keys():
        remove(session, held[district_id], user_id, now)
        changed += 1
    for district_id, body_id in wanted.items():
        row = held.get(district_id) or Responsibility(city_id=city.id, category_id=category_id, district_id=district_id)
        changed += save(session, row, {"body_id": body_id}, user_id, now)
    return changed


def _bodies_for(session: Session, city: City, rows: Sequence[Row], user_id: int | None,
                now: datetime) -> dict[str, dict[int | None, int]]:
    """By code in the table: the ids of the bodies that it means, by district (None for everywhere)."""
    known = {body.code: body for body in session.scalars(select(Body).where(Body.city_id == city.id))}
    found: dict[str, dict[int | None, int]] = {}
    for row in rows:
        code = row.get("body_code")
        if not code or code in found:
            continue
        if code == DISTRICT:
            districts = session.scalars(select(District).where(District.city_id == city.id, District.active).order_by(District.id))
            found[code] = {d.id: district_office(session, city, d, user_id, now).id for d in districts.all()}
            continue
        body = known.get(code) or Body(city_id=city.id, code=code)
        if code not in known:
            save(session, body, {"name": _body_name(row), "parent_id": city.default_body_id}, user_id, now)
        found[code] = {None: body.id}
    return found


def _body_name(row: Row) -> dict[str, str]:
    return {code: clean(row[f"body_{code}"]) for code in LANGUAGES if clean(row.get(f"body_{code}"))}


def district_office(session: Session, city: City, district: District, user_id: int | None, now: datetime) -> Body:
    """The akim's office of a district, made when there is none."""
    office = session.scalar(select(Body).where(Body.city_id == city.id, Body.district_id == district.id).order_by(Body.id))
    if office is None:
        office = Body(city_id=city.id, code=f"{DISTRICT}-{district.code}")
        save(session, office, {"name": office_name(district.name), "district_id": district.id,
                               "parent_id": city.default_body_id}, user_id, now)
    return office


def office_name(district: Mapping[str, str]) -> dict[str, str]:
    """How the akim's office of a district is called: «Туранский район» → «Аппарат акима Туранского района»."""
    name = {}
    if kk := district.get("kk"):
        name["kk"] = f"{kk} әкімінің аппараты"
    if ru := district.get("ru"):
        genitive = re.sub(r"[иы]й район$", "ого района", re.sub(r"^район ", "района ", ru))
        name["ru"] = f"Аппарат акима {genitive}"
    if en := district.get("en"):
        name["en"] = f"{en} akim’s office"
    return name


def open_office(session: Session, city: City, district: District, user_id: int | None, now: datetime) -> Body:
    """For a new district: its akim's office, answering for what the other districts' offices answer for in theirs."""
    usual = session.scalars(
        select(Responsibility.category_id).distinct()
        .join(Body, Body.id == Responsibility.body_id)
        .where(Responsibility.city_id == city.id, Responsibility.district_id == Body.district_id)
    ).all()
    office = district_office(session, city, district, user_id, now)
    for category_id in usual:
        row = session.scalar(select(Responsibility).where(
            Responsibility.city_id == city.id, Responsibility.category_id == category_id,
            Responsibility.district_id == district.id))
        if row is None:
            row = Responsibility(city_id=city.id, category_id=category_id, district_id=district.id)
            save(session, row, {"body_id": office.id}, user_id, now)
    return office


def seed(session: Session, user_id: int | None, now: datetime) -> dict[str, int]:
    """The shipped categories and cities, where they are missing. What is there already is never touched: it may have been edited.

    Returns how many ``categories`` and ``cities`` were added.
    """
    rows = bundled_categories()
    categories = import_categories(session, rows, user_id, now, keep=True)
    held, districts, added = set(session.scalars(select(City.code))), bundled("districts"), 0
    for city in bundled("cities"):
        if city["code"] in held:
            continue
        values = {"code": city["code"], "prefix": city["prefix"], "kato": city["kato"], "name": name_of(city),
                  "lat": float(city["lat"]), "lon": float(city["lon"]), "radius_km": float(city["radius_km"]),
                  "timezone": city["timezone"]}
        create_city(session, values, [d for d in districts if d["city"] == city["code"]], rows, user_id, now)
        added += 1
    return {"categories": categories["added"], "cities": added}
