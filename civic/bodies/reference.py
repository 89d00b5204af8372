"""Reads for the pages of administration: retired rows too, who answers where, and the history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category, Responsibility
from civic.places.models import City, DayEdit, District, ReferenceChange

HISTORY_PAGE = 50


def all_cities(session: Session) -> Sequence[City]:
    """All cities, retired ones too."""
    return session.scalars(select(City).order_by(City.id)).all()


def all_districts(session: Session, city: City) -> Sequence[District]:
    """All districts of a city."""
    return session.scalars(select(District).where(District.city_id == city.id).order_by(District.id)).all()


def all_bodies(session: Session, city: City) -> Sequence[Body]:
    """All bodies of a city."""
    return session.scalars(select(Body).where(Body.city_id == city.id).order_by(Body.id)).all()


def all_categories(session: Session) -> list[Category]:
    """All categories, each root followed by its leaves."""
    rows = session.scalars(select(Category).order_by(Category.position, Category.id)).all()
    return [category for root in rows if root.parent_id is None
            for category in (root, *(c for c in rows if c.parent_id == root.id))]


def day_edits(session: Session) -> Sequence[DayEdit]:
    """Days declared worked or off, the latest first."""
    return session.scalars(select(DayEdit).order_by(DayEdit.day.desc())).all()


@dataclass(frozen=True)
class Line:
    """Who answers for one category by its own rows. everywhere: None when it follows its root, or the city's default."""

    category: Category
    everywhere: Body | None
    by_district: dict[int, Body] = field(default_factory=dict)

    @property
    def own_offices(self) -> bool:
        """In each district named here its own akim's office answers."""
        return bool(self.by_district) and all(body.district_id == district for district, body in self.by_district.items())


def responsibilities(session: Session, city: City) -> list[Line]:
    """Every category in use with its own responsibilities in a city, in three queries."""
    bodies = {body.id: body for body in all_bodies(session, city)}
    own: dict[int, dict[int | None, Body]] = {}
    for row in session.scalars(select(Responsibility).where(Responsibility.city_id == city.id).order_by(Responsibility.district_id)):
        own.setdefault(row.category_id, {})[row.district_id] = bodies[row.body_id]
    return [
        Line(category, own.get(category.id, {}).get(None), {d: b for d, b in own.get(category.id, {}).items() if d is not None})
        for category in all_categories(session) if category.active
    ]


def changes(session: Session, kind: str | None = None, key: str | None = None, before_id: int | None = None,
            limit: int = HISTORY_PAGE) -> Sequence[ReferenceChange]:
    """The history, newest first: of everything, of a kind, or of a row (``key``; with a dot after it, of what is in it)."""
    query = select(ReferenceChange)
    if kind:
        query = query.where(ReferenceChange.kind == kind)
    if key:
        query = query.where(or_(ReferenceChange.row_key == key, ReferenceChange.row_key.startswith(f"{key}.", autoescape=True)))
    if before_id:
        query = query.where(ReferenceChange.id < before_id)
    return session.scalars(query.order_by(ReferenceChange.id.desc()).limit(limit)).all()


#: Which table a column of ids points to.
POINTS_TO: dict[str, Any] = {"city_id": City, "district_id": District, "body_id": Body, "category_id": Category, "default_body_id": Body}


def names_by_id(session: Session, model: Any, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The names of cities, districts, bodies or categories with these ids."""
    wanted = set(ids)
    return dict(session.execute(select(model.id, model.name).where(model.id.in_(wanted))).all()) if wanted else {}
