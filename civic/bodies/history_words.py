"""The history of reference data as people read it: who, when, which row, what from what to what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.accounts.posts import names_of
from civic.bodies.forms import DIRECTION_WORDS, ROLE_WORDS
from civic.bodies.models import Body, Category
from civic.bodies.reference import POINTS_TO, names_by_id
from civic.complaints.wording import KIND_WORDS
from civic.core.actor import RoleName
from civic.places.models import ReferenceChange
from civic.web.locale import day, local_name, long_moment

ROW_WORDS = {
    "city": _l("City"), "district": _l("District"), "body": _l("Body"), "category": _l("Category"), "day_edit": _l("Day"),
    "responsibility": _l("Who answers"), "membership": _l("Post"),
}
FIELD_WORDS = {
    "code": _l("Code"), "prefix": _l("Beginning of numbers"), "name.kk": _l("Name in Kazakh"), "name.ru": _l("Name in Russian"),
    "name.en": _l("Name in English"), "kato": _l("KATO"), "lat": _l("Latitude of the centre, degrees"),
    "lon": _l("Longitude of the centre, degrees"), "radius_km": _l("Radius, km"), "timezone": _l("Time zone"),
    "workday_ends": _l("The working day ends at"), "default_body_id": _l("Answers where nobody else does"), "active": _l("In use"),
    "city_id": _l("City"), "district_id": _l("District"), "parent_id": _l("The one above"), "body_id": _l("Body"),
    "category_id": _l("Category"), "direction": _l("Direction"), "emergency_phone": _l("Emergency number"),
    "danger": _l("Danger or crime"), "wants_after_photo": _l("Photo of the result"),
    "duplicate_radius_m": _l("Duplicates within, metres"), "appeal_kind": _l("Kind of appeal"), "position": _l("Place in the list"),
    "day": _l("Day"), "working": _l("Worked"), "reason": _l("Decree"), "boundary": _l("Boundary"), "user_id": _l("Person"), "domains": _l("Domains of its e-mail addresses"),
    "role": _l("Post"), "title": _l("Position, as it is written"), "began_at": _l("Began"), "ended_at": _l("Ended"),
}


@dataclass(frozen=True)
class Difference:
    """One column: its name, what it was and what it is; either may be empty."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Told:
    """One change. verb: added, changed or removed, in words."""

    title: str
    verb: str
    who: str
    when: str
    when_iso: str
    differences: list[Difference]


class Names:
    """Names behind the ids in a page of changes, in one query per table."""

    def __init__(self, session: Session, changes: Sequence[ReferenceChange]) -> None:
        wanted: dict[str, set[int]] = {}
        for change in changes:
            for state in (change.before or {}, change.after or {}):
                for field, value in state.items():
                    if field.endswith("_id") and value is not None:
                        wanted.setdefault(_table(change.kind, field), set()).add(value)
        people = wanted.pop("user", set()) | {c.user_id for c in changes if c.user_id is not None}
        models = {"parent_body": Body, "parent_category": Category, **{k.removesuffix("_id"): m for k, m in POINTS_TO.items()}}
        self.rows = {table: names_by_id(session, models[table], ids) for table, ids in wanted.items()}
        self.people = names_of(session, people)

    def of(self, kind: str, field: str, value: int) -> str:
        """The name of the row that a column points to."""
        if field == "user_id":
            return self.people.get(value, str(value))
        name = self.rows.get(_table(kind, field), {}).get(value)
        return local_name(name) if name else str(value)


def _table(kind: str, field: str) -> str:
    return f"parent_{kind}" if field == "parent_id" else field.removesuffix("_id")


def told(session: Session, changes: Sequence[ReferenceChange]) -> list[Told]:
    """Changes in words."""
    names = Names(session, changes)
    return [
        Told(title=f"{ROW_WORDS.get(c.kind, c.kind)}: {_title(c, names)}", verb=_verb(c),
             who=names.people.get(c.user_id or 0, gettext("from the command line")),
             when=long_moment(c.at), when_iso=c.at.isoformat(), differences=list(_differences(c, names)))
        for c in changes
    ]


def _verb(change: ReferenceChange) -> str:
    if change.before is None:
        return gettext("added")
    return gettext("removed") if change.after is None else gettext("changed")


def _title(change: ReferenceChange, names: Names) -> str:
    state: dict[str, Any] = change.after or change.before or {}
    if "name" in state:
        return local_name(state["name"])
    parts = [names.of(change.kind, field, state[field]) for field in ("category_id", "user_id", "district_id", "city_id") if state.get(field)]
    return ", ".join(parts) if parts else day(date.fromisoformat(change.row_key), year=True)


def _differences(change: ReferenceChange, names: Names) -> Iterable[Difference]:
    before, after = _flat(change.before), _flat(change.after)
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        was, became = _words(change.kind, field, old, names), _words(change.kind, field, new, names)
        if old != new and (was or became):  # an empty list in the place of nothing says nothing
            yield Difference(str(FIELD_WORDS.get(field, field)), was, became)


def _flat(state: dict[str, Any] | None) -> dict[str, Any]:
    """Names by language as columns of their own."""
    flat = {k: v for k, v in (state or {}).items() if k != "name"}
    return flat | {f"name.{code}": text for code, text in (state or {}).get("name", {}).items()}


def _words(kind: str, field: str, value: Any, names: Names) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field.endswith("_id"):
        return names.of(kind, field, value)
    if field.endswith("_at"):
        return long_moment(datetime.fromisoformat(value))
    if field == "day":
        return day(date.fromisoformat(value), year=True)
    if field == "role":
        return str(ROLE_WORDS[RoleName(value)])
    if field == "boundary":
        return gettext("%(number)s points", number=value.split(", ")[1])
    words: dict[str, dict[Any, Any]] = {"direction": DIRECTION_WORDS, "appeal_kind": dict(KIND_WORDS)}
    return str(words.get(field, {}).get(value, value))
