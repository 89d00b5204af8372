"""The shipped cities, bodies and categories: complete, named properly, and never overwritten."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category, Responsibility
from civic.bodies.service import assign_bodies, bundled_categories, import_categories, office_name, seed
from civic.places.models import City, District, ReferenceChange

TABLES = (City, District, Body, Category, Responsibility, ReferenceChange)


def counts(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_three_cities_with_districts_and_bodies(session: Session) -> None:
    assert session.execute(select(City.code, City.prefix)).all() == [
        ("shymkent", "SHY"), ("astana", "AST"), ("almaty", "ALA")]
    districts = select(City.code, func.count()).join(District, District.city_id == City.id).group_by(City.id).order_by(City.id)
    assert session.execute(districts).all() == [("shymkent", 5), ("astana", 6), ("almaty", 8)]
    assert session.scalar(select(func.count()).select_from(Category)) == 112
    for city in session.scalars(select(City)):
        assert session.get_one(Body, city.default_body_id).code == "akimat"


def test_seeding_again_changes_nothing(session: Session, now: datetime) -> None:
    before = counts(session)
    assert seed(session, None, now) == {"categories": 0, "cities": 0}
    assert counts(session) == before


def test_seeding_keeps_what_was_edited(session: Session, now: datetime) -> None:
    category = session.scalars(select(Category).where(Category.code == "roads.pothole")).one()
    category.name = {"kk": "Шұңқыр", "ru": "Яма"}
    seed(session, None, now)
    assert category.name == {"kk": "Шұңқыр", "ru": "Яма"}


def test_importing_again_changes_nothing_and_an_edit_is_noted(session: Session, now: datetime) -> None:
    rows = bundled_categories()
    assert import_categories(session, rows, None, now) == {"added": 0, "changed": 0, "same": 112}
    rows[1] = rows[1] | {"name_en": "Holes in the road"}
    assert import_categories(session, rows, None, now) == {"added": 0, "changed": 1, "same": 111}
    change = session.scalars(select(ReferenceChange).order_by(ReferenceChange.id.desc())).first()
    assert change is not None and change.before is not None and change.after is not None
    assert (change.before["name"]["en"], change.after["name"]["en"]) == ("Potholes and broken asphalt", "Holes in the road")


def test_a_plain_table_keeps_what_it_does_not_tell(session: Session, now: datetime) -> None:
    told = ("danger", "wants_after_photo", "duplicate_radius_m", "appeal_kind")
    plain = [{k: v for k, v in row.items() if k not in told} for row in bundled_categories()]
    assert import_categories(session, plain, None, now)["same"] == 112


def test_the_table_decides_who_answers(session: Session, city: City, now: datetime) -> None:
    assert assign_bodies(session, city, bundled_categories(), None, now) == 0
    row = session.scalars(select(Responsibility).where(Responsibility.city_id == city.id)).first()
    assert row is not None
    row.body_id = city.default_body_id or 0
    assert assign_bodies(session, city, bundled_categories(), None, now) == 1


def test_offices_are_named_as_people_write(session: Session) -> None:
    assert office_name({"kk": "Тұран ауданы", "ru": "Туранский район", "en": "Turan district"}) == {
        "kk": "Тұран ауданы әкімінің аппараты", "ru": "Аппарат акима Туранского района", "en": "Turan district akim’s office"}
    assert office_name({"ru": "район Есиль"}) == {"ru": "Аппарат акима района Есиль"}
