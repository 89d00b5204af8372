"""Pages of administration: for administrators alone; every change is checked, works at once and stays in the history."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Membership
from civic.bodies.models import Body, Category
from civic.bodies.queries import responsible_body
from civic.complaints.models import ComplaintEvent
from civic.core.actor import RoleName
from civic.places.models import City, DayEdit, District, ReferenceChange
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People

PAGES = ("", "cities", "cities/1", "cities/new", "districts", "districts/new?city=astana", "bodies", "bodies/new", "bodies/2",
         "categories", "categories/new", "categories/2", "responsibilities", "responsibilities?category=2&district=1",
         "responsibilities/2?city=almaty", "days", "posts", "history", "history?kind=body&key=2", "history?kind=responsibility&key=1")


@pytest.fixture
def admin(client: Browser, people: People) -> Browser:
    """The browser of an administrator."""
    return people.sign_in(client, people.administrator("admin@example.test"))


def last_change(session: Session) -> ReferenceChange:
    session.expire_all()
    return session.scalars(select(ReferenceChange).order_by(ReferenceChange.id.desc())).first()  # type: ignore[return-value]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_page_shows(admin: Browser, lang: str) -> None:
    for page in PAGES:
        assert admin.get(f"/{lang}/admin/{page}").status_code == 200, page


def test_nobody_else_learns_that_it_exists(app: Flask, client: Browser, people: People, session: Session, city: City) -> None:
    head = people.official(session.get_one(Body, city.default_body_id), head=True)
    assert client.get("/kk/admin/").status_code == 303
    people.sign_in(client, head)
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("admin.")]
    assert len(rules) >= 10
    with app.test_request_context():
        for rule in rules:
            values = {"lang": "kk", "path": "bodies", "row_id": 1, "category_id": 2, "post_id": 1, "invitation_id": 1, "day": "2026-05-05"}
            address = rule.build({k: values[k] for k in rule.arguments}, append_unknown=False)[1]  # type: ignore[index]
            assert client.get(address).status_code == (404 if "GET" in (rule.methods or ()) else 405), address
            assert client.post(address).status_code in (400, 404, 405), address


def test_a_body_is_added_changed_and_retired(admin: Browser, session: Session, city: City) -> None:
    answer = admin.submit(admin.get("/en/admin/bodies/new?city=shymkent"), code="parks", name_kk="Саябақтар", name_ru="Парки", name_en="Parks")
    assert (answer.status_code, answer.location) == (303, "/en/admin/bodies?city=shymkent")
    body = session.scalars(select(Body).where(Body.code == "parks")).one()
    assert (body.city_id, body.name, body.active) == (city.id, {"kk": "Саябақтар", "ru": "Парки", "en": "Parks"}, True)
    page = admin.get(f"/en/admin/bodies/{body.id}")
    assert admin.submit(page, name_en="City parks", active=None).status_code == 303
    change = last_change(session)
    assert change.before is not None and change.after is not None
    assert (change.kind, change.row_key, change.before["active"], change.after["active"]) == ("body", str(body.id), True, False)
    history = admin.get(f"/en/admin/history?kind=body&key={body.id}").text
    assert "Parks → City parks" in history and "Администратор" in history


def test_what_is_wrong_is_said_and_what_was_typed_stays(admin: Browser, session: Session) -> None:
    page = admin.submit(admin.get("/en/admin/bodies/new?city=shymkent"), code="akimat", name_kk="Екінші", name_ru="Второй")
    assert page.status_code == 422
    assert "This code is taken" in page.text and "Екінші" in page.text
    assert admin.submit(page, code="Big Letters").status_code == 422
    assert admin.submit(admin.get("/en/admin/cities/1"), lat="north").status_code == 422
    assert admin.submit(admin.get("/en/admin/cities/1"), radius_km="7,5").status_code == 303
    assert session.get_one(City, 1, populate_existing=True).radius_km == 7.5


def test_two_administrators_do_not_overwrite_each_other(admin: Browser, session: Session) -> None:
    first, second = admin.get("/en/admin/categories/2"), admin.get("/en/admin/categories/2")
    assert admin.submit(first, name_en="Holes").status_code == 303
    refused = admin.submit(second, name_en="Pits")
    assert refused.status_code == 422 and "Pits" in refused.text
    assert session.get_one(Category, 2, populate_existing=True).name["en"] == "Holes"
    assert admin.submit(refused).status_code == 303
    assert session.get_one(Category, 2, populate_existing=True).name["en"] == "Pits"


def test_a_city_can_take_complaints_at_once(admin: Browser, session: Session) -> None:
    answer = admin.submit(admin.get("/en/admin/cities/new"), code="taraz", prefix="TRZ", name_kk="Тараз", name_ru="Тараз", lat="42.9", lon="71.4")
    assert answer.status_code == 303
    city = session.scalars(select(City).where(City.code == "taraz")).one()
    pothole = session.scalars(select(Category).where(Category.code == "roads.pothole")).one()
    assert responsible_body(session, city, pothole, None).code == "road"
    assert admin.submit(admin.get("/en/admin/cities/new"), code="admin", prefix="ADM", name_kk="А", name_ru="А", lat="42", lon="71").status_code == 422
    assert admin.submit(admin.get("/en/admin/districts/new?city=taraz"), code="tolebi", name_kk="Төле би ауданы", name_ru="район Толе би").status_code == 303
    district = session.scalars(select(District).where(District.code == "tolebi")).one()
    assert session.scalars(select(Body.code).where(Body.district_id == district.id)).one() == "district-tolebi"


def test_who_answers_is_changed_and_asked(admin: Browser, session: Session, city: City) -> None:
    leaf = session.scalars(select(Category).where(Category.code == "lighting.street")).one()
    water = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    turan = session.scalars(select(District).where(District.code == "turan")).one()
    address = f"/en/admin/responsibilities/{leaf.id}?city=shymkent"
    stale = admin.get(address)
    assert admin.submit(admin.get(address), **{f"body_{turan.id}": str(water.id)}).status_code == 303
    assert responsible_body(session, city, leaf, turan.id).id == water.id
    asked = admin.get(f"/en/admin/responsibilities?city=shymkent&category={leaf.id}&district={turan.id}").text
    assert "by the row of this category in this district" in asked
    assert admin.submit(stale, body_0=str(water.id)).status_code == 422
    assert admin.submit(admin.get(address), **{f"body_{turan.id}": ""}).status_code == 303
    assert responsible_body(session, city, leaf, turan.id).code == "district-turan"
    assert "Water utility" in admin.get(f"/en/admin/history?kind=responsibility&key={city.id}.{leaf.id}").text


def test_a_day_off_moves_due_dates_and_undoing_moves_them_back(admin: Browser, session: Session, filed: Filed, now: datetime) -> None:
    complaint = filed()
    assert complaint.due_on == date(2026, 5, 20)
    answer = admin.submit(admin.get("/en/admin/days"), day="2026-05-05", reason="Decree 1", working="off", follow=True)
    assert "1 open due date has moved" in answer.text and "Decree 1" in answer.text
    session.refresh(complaint)
    assert complaint.due_on == date(2026, 5, 21)
    moved = select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.kind == "recomputed")
    assert len(session.scalars(moved).all()) == 1
    assert admin.submit(admin.get("/en/admin/days/2026-05-05/forget")).status_code == 303
    session.refresh(complaint)
    assert complaint.due_on == date(2026, 5, 20)
    assert session.scalar(select(DayEdit)) is None
    assert last_change(session).kind == "day_edit"
    assert "5 May 2026" in admin.get("/en/admin/history?kind=day_edit&key=2026-05-05").text
    assert admin.get("/en/admin/days/2026-05-05/forget").status_code == 404
    assert admin.get("/en/admin/days/never/forget").status_code == 404
    assert admin.submit(admin.get("/en/admin/days"), day="", reason="").status_code == 422


def test_posts_are_offered_and_ended(admin: Browser, session: Session, people: People, city: City) -> None:
    body = session.get_one(Body, city.default_body_id)
    page = admin.get("/en/admin/posts?city=shymkent")
    assert admin.submit(page, email="NURLAN@example.test", role="head", body_id=str(body.id), title="Head").status_code == 303
    assert "nurlan@example.test" in admin.get("/en/admin/posts?city=shymkent").text
    page = admin.get("/en/admin/posts?city=shymkent")
    for wrong in ({"role": "official", "body_id": ""}, {"role": "administrator", "email": "nobody"}):
        assert admin.submit(page, page.text.count("<form ") - 1, **{"email": "nurlan@example.test", "role": "moderator", **wrong}).status_code == 422
    person = people.official(body, head=True, name="Нұрлан")
    post = session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    people.official(body)
    assert admin.submit(admin.get(f"/en/admin/posts/{post.id}/end")).status_code == 303
    session.refresh(post)
    assert post.ended_at is not None
    assert "Нұрлан" in admin.get("/en/admin/history?kind=membership").text


def test_the_last_administrator_stays(admin: Browser, session: Session) -> None:
    post = session.scalars(select(Membership).where(Membership.role == RoleName.ADMINISTRATOR)).one()
    refused = admin.submit(admin.get(f"/en/admin/posts/{post.id}/end"))
    assert refused.status_code == 422 and "last administrator" in refused.text
    session.refresh(post)
    assert post.ended_at is None


@pytest.mark.parametrize(("which", "open_one", "status"), [("default", False, 422), ("other", False, 303), ("other", True, 422)])
def test_the_last_one_stays_where_somebody_has_to_answer(admin: Browser, session: Session, people: People, city: City, filed: Filed,
                                                         which: str, open_one: bool, status: int) -> None:
    default = session.get_one(Body, city.default_body_id)
    body = default if which == "default" else session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    person = people.official(body)
    if open_one:
        filed(body=body)
    post = session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    answer = admin.submit(admin.get(f"/en/admin/posts/{post.id}/end"))
    assert (answer.status_code, "Nobody would be left" in answer.text) == (status, status == 422)
    people.official(body)
    assert admin.submit(admin.get(f"/en/admin/posts/{post.id}/end")).status_code == 303


def test_the_question_page_tells_of_a_body_without_anybody(admin: Browser, session: Session, people: People, city: City) -> None:
    water = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    category = session.scalars(select(Category).where(Category.code == "water.none")).one()
    address = f"/en/admin/responsibilities?city=shymkent&category={category.id}&district="
    assert "Nobody has a post there yet" in admin.get(address).text
    people.official(water)
    assert "Nobody has a post there yet" not in admin.get(address).text


def test_a_retired_city_stays_readable(client: Browser, session: Session, filed: Filed, city: City) -> None:
    number = filed().number
    city.active = False
    session.commit()
    for page in ("", "complaints/", "complaints/feed.atom", f"complaints/{number}"):
        answer = client.get(f"/en/shymkent/{page}")
        assert (answer.status_code, "/report/" in answer.text) == (200, False)
    assert client.get("/en/shymkent/report/").status_code == 404


@pytest.mark.parametrize("address", ["posts/99999999999/end", "bodies/99999999999", "responsibilities/" + "9" * 30])
def test_ids_that_no_row_can_have(admin: Browser, address: str) -> None:
    assert admin.get(f"/en/admin/{address}").status_code == 404
    assert admin.get("/en/admin/history?before=" + "9" * 30).status_code == 200


def test_pages_ask_as_often_for_many_rows_as_for_few(admin: Browser, session: Session) -> None:
    from sqlalchemy import Engine, event

    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        counts = []
        for page in ("history?kind=responsibility", "history?kind=responsibility&key=1.1", "responsibilities?city=shymkent", "bodies"):
            asked.clear()
            admin.get(f"/en/admin/{page}")
            counts.append(len(asked))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert max(counts) <= 14 and abs(counts[0] - counts[1]) <= 2, counts


@pytest.mark.parametrize(("page", "field", "value"), [
    ("categories/2", "emergency_phone", "1234567890"), ("categories/2", "emergency_phone", "١١٢"), ("cities/1", "kato", "7911100001"), ("districts/1", "kato", "79111000x"),
])
def test_a_number_that_only_begins_well_is_refused(admin: Browser, page: str, field: str, value: str) -> None:
    answer = admin.submit(admin.get(f"/en/admin/{page}"), **{field: value})
    assert (answer.status_code, "digits" in answer.text) == (422, True)
