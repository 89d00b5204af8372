"""The kinds of rows that an administrator looks after, each as one small table of what it is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.bodies import editing, reference
from civic.bodies.forms import BodyForm, CategoryForm, CityForm, DistrictForm, RowForm
from civic.bodies.models import Body, Category
from civic.bodies.service import bundled_categories, create_city
from civic.complaints.refiling import refile
from civic.places.models import City, District
from civic.places.service import edit_city, edit_district
from civic.web.locale import local_name

Column = tuple[Any, Callable[[Any], Any]]


@dataclass(frozen=True)
class Kind:
    """path: its place in addresses. add, edit: the services, called as (session, city, values, user_id, now) and
    (session, row, values, user_id, now, seen). per_city: the rows are those of one city. columns: heading and text."""

    path: str
    model: Any
    title: Any
    adding: Any
    form: type[RowForm]
    rows: Callable[[Session, City], Sequence[Any]]
    add: Callable[..., Any]
    edit: Callable[..., Any]
    columns: tuple[Column, ...]
    per_city: bool = True
    hint: Any = ""


def _yes(value: object) -> str:
    return gettext("yes") if value else "–"


def _edit_category(session: Session, category: Category, *how: Any) -> Category:
    """Change a category; its complaints follow it to another root or direction."""
    changed = editing.edit_category(session, category, *how)
    refile(session, changed.id)
    return changed


KINDS = {kind.path: kind for kind in (
    Kind("cities", City, _l("Cities"), _l("Add a city"), CityForm, lambda session, city: reference.all_cities(session),
         lambda session, city, values, by, now: create_city(session, values, [], bundled_categories(), by, now),
         edit_city, per_city=False, hint=_l("A new city gets an akim’s office and the usual bodies; then add its districts."),
         columns=((_l("Beginning of numbers"), lambda c: c.prefix), (_l("KATO"), lambda c: c.kato or "–"),
                  (_l("Radius, km"), lambda c: f"{c.radius_km:g}"))),
    Kind("districts", District, _l("Districts"), _l("Add a district"), DistrictForm, reference.all_districts,
         editing.add_district_with_office, edit_district,
         hint=_l("A new district gets its akim’s office. Boundaries come from a GeoJSON file: flask places import."),
         columns=((_l("KATO"), lambda d: d.kato or "–"), (_l("Boundary"), lambda d: _yes(d.boundary)))),
    Kind("bodies", Body, _l("Bodies"), _l("Add a body"), BodyForm, reference.all_bodies, editing.add_body, editing.edit_body,
         columns=((_l("Akim’s office of a district"), lambda b: _yes(b.district_id)),)),
    Kind("categories", Category, _l("Categories"), _l("Add a category"), CategoryForm,
         lambda session, city: reference.all_categories(session),
         lambda session, city, values, by, now: editing.add_category(session, values, by, now), _edit_category,
         per_city=False,
         columns=((_l("Upper one"), lambda c: _yes(c.parent_id is None)), (_l("Danger or crime"), lambda c: _yes(c.danger)),
                  (_l("Photo of the result"), lambda c: _yes(c.wants_after_photo)),
                  (_l("Duplicates within, metres"), lambda c: str(c.duplicate_radius_m or "–")))),
)}


@dataclass(frozen=True)
class Listed:
    """One row of a list, as the template shows it."""

    id: int
    name: str
    code: str
    active: bool
    cells: tuple[str, ...]


def listed(kind: Kind, rows: Sequence[Any]) -> list[Listed]:
    """Rows of a kind for its list."""
    return [Listed(r.id, local_name(r.name), r.code, r.active, tuple(cell(r) for _, cell in kind.columns)) for r in rows]
