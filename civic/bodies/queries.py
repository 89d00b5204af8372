"""Reads of bodies and categories, and the rule of who answers for what."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category, Responsibility
from civic.core.errors import DomainError
from civic.places.models import City


class CityHasNoDefaultBody(DomainError):
    """A city without a default body cannot take complaints."""

    code = "city_has_no_default_body"


@dataclass(frozen=True)
class Answerer:
    """The body that answers. rule: which of the five rules chose it, 1 (category and district) to 5 (the city's default)."""

    body: Body
    rule: int


def who_answers(session: Session, city: City, category: Category, district_id: int | None) -> Answerer:
    """The one body that answers, and why: the most specific row whose body is in use.

    1 (category, district), 2 (category), 3 (parent category, district), 4 (parent category), 5 the city's default.
    """
    places = [(category.id, district_id), (category.id, None), (category.parent_id, district_id), (category.parent_id, None)]
    held = {(r.category_id, r.district_id): b for r, b in session.execute(
        select(Responsibility, Body).join(Body, Body.id == Responsibility.body_id).where(
            Responsibility.city_id == city.id, Body.active,
            Responsibility.category_id.in_([category.id, category.parent_id or category.id])))}
    for rule, place in enumerate(places, start=1):
        if place in held and not (place[1] is None and rule in (1, 3)):
            return Answerer(held[place], rule)
    return Answerer(default_body(session, city), 5)


def responsible_body(session: Session, city: City, category: Category, district_id: int | None) -> Body:
    """The one body that answers, by ``who_answers``."""
    return who_answers(session, city, category, district_id).body


def default_body(session: Session, city: City) -> Body:
    """The body that answers where nobody else does."""
    body = session.get(Body, city.default_body_id) if city.default_body_id else None
    if body is None:
        raise CityHasNoDefaultBody(city=city.code)
    return body


def body_above_id(session: Session, body: Body, city: City) -> int | None:
    """The body above: its parent, else the city's default, or None when it is at the top itself."""
    above = body.parent_id or city.default_body_id
    return above if above != body.id else None


def bodies_of_city(session: Session, city_id: int) -> list[Body]:
    """Active bodies of a city."""
    return list(session.scalars(select(Body).where(Body.city_id == city_id, Body.active).order_by(Body.id)))
