"""Changes of cities, districts and days off. Every one leaves a line in the history of reference data."""

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, clean
from civic.places.history import remove, save
from civic.places.models import City, DayEdit, District

DATA = Path(__file__).parent / "data"
#: First parts of addresses that are not cities.
RESERVED = frozenset({"account", "admin", "api", "complaints", "confirm", "confirm-joining", "demo", "desk", "help", "mine", "my",
                      "photo", "search", "static", "track", "unfollow"})
MAX_NAME = 200
_KATO = re.compile("[0-9]{9}")
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

Row = Mapping[str, str]


def bundled(name: str) -> list[dict[str, str]]:
    """Rows of a table that the product ships: ``cities`` or ``districts``."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def name_of(row: Row) -> dict[str, str]:
    """The name in the languages that the row has, from its columns name_kk, name_ru, name_en."""
    return {code: clean(row[f"name_{code}"]) for code in LANGUAGES if clean(row.get(f"name_{code}"))}


def check_code(code: str, longest: int = 32) -> str:
    """The code when it can stand in an address. Raises ``InputRefused``."""
    if not _CODE.fullmatch(code) or len(code) > longest:
        raise InputRefused("code", "code_form", longest=longest)
    return code


def add_city(session: Session, values: Mapping[str, Any], user_id: int | None, now: datetime) -> City:
    """A new city without bodies; ``bodies.service.create_city`` makes one that can take complaints.

    values: columns of ``City``. Raises ``InputRefused`` for a code or prefix that is malformed or taken.
    """
    code, prefix = check_code(values["code"]), values["prefix"]
    if code in RESERVED or session.scalar(select(City.id).where(City.code == code)):
        raise InputRefused("code", "code_taken")
    if not re.fullmatch("[A-Z]{3}", prefix):
        raise InputRefused("prefix", "prefix_form")
    if session.scalar(select(City.id).where(City.prefix == prefix)):
        raise InputRefused("prefix", "prefix_taken")
    return edit_city(session, City(), values, user_id, now)


def edit_city(session: Session, city: City, values: Mapping[str, Any], user_id: int | None, now: datetime,
              seen: str | None = None) -> City:
    """Change a city's columns. Its code and prefix stay: addresses and numbers are made of them."""
    if not (-90 <= values["lat"] <= 90):
        raise InputRefused("lat", "degrees_wrong")
    if not (-180 <= values["lon"] <= 180):
        raise InputRefused("lon", "degrees_wrong")
    if values.get("timezone", "Asia/Almaty") not in available_timezones():
        raise InputRefused("timezone", "timezone_unknown")
    if not (1 <= values["radius_km"] <= 200):
        raise InputRefused("radius_km", "radius_wrong")
    if values.get("kato") and not _KATO.fullmatch(values["kato"]):
        raise InputRefused("kato", "kato_wrong")
    _check_name(values["name"])
    save(session, city, values, user_id, now, seen)
    return city


def _check_name(name: Mapping[str, str]) -> None:
    for code in LANGUAGES:
        if code != "en" and not clean(name.get(code)):
            raise InputRefused(f"name_{code}", "needed")
        if len(name.get(code) or "") > MAX_NAME:
            raise InputRefused(f"name_{code}", "name_too_long", limit=MAX_NAME)


def add_district(session: Session, city: City, values: Mapping[str, Any], user_id: int | None, now: datetime) -> District:
    """A new district of ``city``. Raises ``InputRefused`` for a code that is malformed or taken in this city."""
    code = check_code(values["code"])
    if session.scalar(select(District.id).where(District.city_id == city.id, District.code == code)):
        raise InputRefused("code", "code_taken")
    district = District(city_id=city.id)
    save(session, district, values, user_id, now)
    return district


def edit_district(session: Session, district: District, values: Mapping[str, Any], user_id: int | None, now: datetime,
                  seen: str | None = None) -> District:
    """Change a district's columns; its code stays."""
    save(session, district, values, user_id, now, seen)
    return district


def add_districts(session: Session, city: City, rows: Sequence[Row], user_id: int | None, now: datetime) -> list[District]:
    """Districts from a table with the columns code, kato, name_kk, name_ru, name_en."""
    return [
        add_district(session, city, {"code": row["code"], "kato": row.get("kato") or None, "name": name_of(row)}, user_id, now)
        for row in rows
    ]


def set_day(session: Session, day: date, *, working: bool, reason: str, user_id: int | None, now: datetime) -> bool:
    """Declare a day worked or off; False when it was declared so already.

    The caller then has open terms counted anew (``complaints.service.recompute_due_dates``).
    """
    if not clean(reason):
        raise InputRefused("reason", "decree_missing")
    row = session.get(DayEdit, day) or DayEdit(day=day)
    return save(session, row, {"working": working, "reason": clean(reason)[:300]}, user_id, now)


def forget_day(session: Session, row: DayEdit, user_id: int | None, now: datetime) -> None:
    """Let the public calendar decide about the day again."""
    remove(session, row, user_id, now)
