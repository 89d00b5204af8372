"""Changes of single bodies and categories by an administrator. Nothing is deleted: what is out of use is retired."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.bodies.service import CATEGORY_CODE, open_office
from civic.core.errors import InputRefused
from civic.places.history import save
from civic.places.models import City, District
from civic.places.service import add_district, check_code


def add_body(session: Session, city: City, values: Mapping[str, Any], user_id: int | None, now: datetime) -> Body:
    """A new body of ``city``. Raises ``InputRefused`` for a code that is malformed or taken in this city."""
    code = check_code(values["code"], 64)
    if session.scalar(select(Body.id).where(Body.city_id == city.id, Body.code == code)):
        raise InputRefused("code", "code_taken")
    return edit_body(session, Body(city_id=city.id), values, user_id, now)


def edit_body(session: Session, body: Body, values: Mapping[str, Any], user_id: int | None, now: datetime,
              seen: str | None = None) -> Body:
    """Change a body. A body that the city falls back on cannot be retired; the body above must not be below it."""
    city = session.get_one(City, body.city_id)
    if body.id is not None and body.id == city.default_body_id and not values.get("active", True):
        raise InputRefused("active", "body_is_default")
    above, passed = values.get("parent_id"), {body.id}
    while above is not None:
        if above in passed:
            raise InputRefused("parent_id", "body_above_itself")
        passed.add(above)
        above = session.get_one(Body, above).parent_id
    save(session, body, values, user_id, now, seen)
    return body


def add_category(session: Session, values: Mapping[str, Any], user_id: int | None, now: datetime) -> Category:
    """A new category. Raises ``InputRefused`` for a code that is malformed or taken."""
    if not CATEGORY_CODE.fullmatch(values["code"]):
        raise InputRefused("code", "code_form", longest=64)
    if session.scalar(select(Category.id).where(Category.code == values["code"])):
        raise InputRefused("code", "code_taken")
    return edit_category(session, Category(), values, user_id, now)


def edit_category(session: Session, category: Category, values: Mapping[str, Any], user_id: int | None, now: datetime,
                  seen: str | None = None) -> Category:
    """Change a category. The tree has two levels: a category with others below it cannot go below one itself."""
    parent_id = values.get("parent_id")
    if parent_id is not None:
        above = session.get_one(Category, parent_id)
        has_leaves = category.id and session.scalar(select(Category.id).where(Category.parent_id == category.id).limit(1))
        if above.parent_id is not None or above.id == category.id or has_leaves:
            raise InputRefused("parent_id", "two_levels")
    save(session, category, values, user_id, now, seen)
    return category


def add_district_with_office(session: Session, city: City, values: Mapping[str, Any], user_id: int | None,
                             now: datetime) -> District:
    """A new district, and its akim's office answering for what those of the other districts answer for."""
    district = add_district(session, city, values, user_id, now)
    open_office(session, city, district, user_id, now)
    return district
