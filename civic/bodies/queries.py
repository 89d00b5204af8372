"""Reads of bodies and categories, and the rule of who answers for what."""

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category, Responsibility
from civic.core.errors import DomainError
from civic.places.models import City


class CityHasNoDefaultBody(DomainError):
    """A city without a default body cannot take complaints."""

    code = "city_has_no_default_body"


def responsible_body(session: Session, city: City, category: Category, district_id: int | None) -> Body:
    """The one body that answers: most specific first.

    (category, district), (category), (parent category, district), (parent category), the city's default.
    """
    category_ids = [category.id] + ([category.parent_id] if category.parent_id else [])
    row = session.scalar(
        select(Body)
        .join(Responsibility, Responsibility.body_id == Body.id)
        .where(
            Responsibility.city_id == city.id,
            Responsibility.category_id.in_(category_ids),
            Responsibility.district_id.is_(None) | (Responsibility.district_id == district_id),
            Body.active,
        )
        .order_by(
            case((Responsibility.category_id == category.id, 0), else_=1),
            case((Responsibility.district_id.is_(None), 1), else_=0),
        )
        .limit(1)
    )
    return row or default_body(session, city)


def default_body(session: Session, city: City) -> Body:
    """The body that answers where nobody else does."""
    body = session.get(Body, city.default_body_id) if city.default_body_id else None
    if body is None:
        raise CityHasNoDefaultBody(city=city.code)
    return body


def categories(session: Session) -> list[tuple[Category, list[Category]]]:
    """Active roots with their active leaves, in order. A root without leaves can itself be chosen."""
    rows = list(session.scalars(select(Category).where(Category.active).order_by(Category.position, Category.id)))
    return [(root, [c for c in rows if c.parent_id == root.id]) for root in rows if root.parent_id is None]


def body_above_id(session: Session, body: Body, city: City) -> int | None:
    """The body above: its parent, else the city's default, or None when it is at the top itself."""
    above = body.parent_id or city.default_body_id
    return above if above != body.id else None


def bodies_of_city(session: Session, city_id: int) -> list[Body]:
    """Active bodies of a city."""
    return list(session.scalars(select(Body).where(Body.city_id == city_id, Body.active).order_by(Body.id)))
