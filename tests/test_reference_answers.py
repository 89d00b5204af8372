"""Who answers: five rules, and always exactly one body."""

from datetime import datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.bodies.editing import add_body, add_district_with_office
from civic.bodies.models import Body, Category, Responsibility
from civic.bodies.queries import responsible_body, who_answers
from civic.bodies.service import assign
from civic.core.errors import InputRefused
from civic.places.models import City, District


def category(session: Session, code: str) -> Category:
    return session.scalars(select(Category).where(Category.code == code)).one()


def make_body(session: Session, city: City, code: str, now: datetime) -> Body:
    return add_body(session, city, {"code": code, "name": {"kk": code, "ru": code}}, None, now)


def test_the_most_exact_row_decides(session: Session, city: City, now: datetime) -> None:
    session.execute(delete(Responsibility))
    district, other = session.scalars(select(District).where(District.city_id == city.id).limit(2)).all()
    leaf, root = category(session, "lighting.street"), category(session, "lighting")
    default = session.get_one(Body, city.default_body_id)
    bodies = {n: make_body(session, city, f"body-{n}", now) for n in (1, 2, 3, 4)}
    assert responsible_body(session, city, leaf, district.id) is default
    rows = ((4, root, None), (3, root, district.id), (2, leaf, None), (1, leaf, district.id))
    for n, of, where in rows:
        session.add(Responsibility(city_id=city.id, category_id=of.id, district_id=where, body_id=bodies[n].id))
        session.flush()
        assert responsible_body(session, city, leaf, district.id) is bodies[n]
        assert who_answers(session, city, leaf, district.id).rule == n
    assert responsible_body(session, city, leaf, other.id) is bodies[2]
    assert responsible_body(session, city, leaf, None) is bodies[2]
    assert responsible_body(session, city, root, district.id) is bodies[3]
    bodies[1].active = False
    session.flush()
    assert responsible_body(session, city, leaf, district.id) is bodies[2]


def test_the_question_page_agrees_with_the_rule(session: Session, city: City) -> None:
    places = [None, *session.scalars(select(District.id).where(District.city_id == city.id))]
    for one in session.scalars(select(Category)):
        for place in places:
            assert who_answers(session, city, one, place).body is responsible_body(session, city, one, place)


def test_the_shipped_table(session: Session, city: City) -> None:
    turan = session.scalars(select(District).where(District.code == "turan")).one()
    assert responsible_body(session, city, category(session, "lighting.street"), turan.id).code == "district-turan"
    assert responsible_body(session, city, category(session, "lighting.pole"), turan.id).code == "power"
    assert responsible_body(session, city, category(session, "roads.pothole"), turan.id).code == "road"
    assert responsible_body(session, city, category(session, "roads.pavement"), turan.id).code == "district-turan"
    assert responsible_body(session, city, category(session, "lighting.street"), None).code == "akimat"


def test_assigning_makes_the_rows_exactly_as_wanted(session: Session, city: City, now: datetime) -> None:
    leaf = category(session, "lighting.street")
    body = make_body(session, city, "lamps", now)
    assert assign(session, city, leaf.id, {None: body.id}, None, now) == 1
    assert assign(session, city, leaf.id, {None: body.id}, None, now) == 0
    assert responsible_body(session, city, leaf, None) is body
    assert assign(session, city, leaf.id, {}, None, now) == 1
    assert responsible_body(session, city, leaf, None) is not body


def test_a_new_district_gets_an_office_that_answers(session: Session, city: City, now: datetime) -> None:
    name = {"kk": "Жаңа ауданы", "ru": "Новый район", "en": "New district"}
    district = add_district_with_office(session, city, {"code": "zhana", "kato": None, "name": name}, None, now)
    office = responsible_body(session, city, category(session, "waste.street"), district.id)
    assert (office.code, office.name["ru"]) == ("district-zhana", "Аппарат акима Нового района")


def test_what_a_body_may_not_become(session: Session, city: City, now: datetime) -> None:
    from civic.bodies.editing import edit_body

    default = session.get_one(Body, city.default_body_id)
    below = make_body(session, city, "below", now)
    edit_body(session, below, {"parent_id": default.id}, None, now)
    with pytest.raises(InputRefused, match="body_above_itself"):
        edit_body(session, default, {"parent_id": below.id}, None, now)
    with pytest.raises(InputRefused, match="body_is_default"):
        edit_body(session, default, {"active": False}, None, now)
    with pytest.raises(InputRefused, match="code_taken"):
        make_body(session, city, "below", now)
