"""Public pages are read quickly: indexes, few statements, one drawing a second for a crowd; and nothing of a person is kept."""

from collections.abc import Callable
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from flask import url_for
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies import editing
from civic.bodies.models import Body, Category
from civic.complaints import map_counts, service
from civic.complaints.listing import Wanted, public_page
from civic.complaints.listing_indexes import INDEXES
from civic.complaints.models import Complaint
from civic.complaints.paths import complaint_path, feed_path, list_path, photo_path
from civic.complaints.refiling import refile
from civic.complaints.states import Outcome
from civic.figures import recount
from civic.figures.period import named
from civic.figures.queries import each
from civic.places.models import City, District
from civic.web.headers import SHARED
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People
from tests.test_listing import numbers
from tests.test_tracking import statements

LIST = "/kk/shymkent/complaints/"


# Addresses --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_written_addresses_are_those_of_the_routes(app: CivicFlask, lang: str) -> None:
    kept = {"q": "Тәуке хан & co", "state": "open"}
    with app.test_request_context(f"/{lang}/"):
        assert complaint_path(lang, "shymkent", "SHY-4K7M-2XN") == url_for("tracking.page", lang=lang, city="shymkent", number="SHY-4K7M-2XN")
        assert list_path(lang, "shymkent", {"state": "open"}) == url_for("complaints.listing", lang=lang, city="shymkent", state="open")
        assert list_path(lang, None) == url_for("complaints.national", lang=lang)
        assert feed_path(lang, "shymkent") == url_for("complaints.feed", lang=lang, city="shymkent")
        assert feed_path(lang, None, {"photo": "y"}) == url_for("complaints.national_feed", lang=lang, photo="y")
        assert photo_path("a" * 32, "thumb") == url_for("media.photo", photo_id="a" * 32, size="thumb")
        assert list_path(lang, "shymkent", kept).replace("+", "%20") == url_for("complaints.listing", lang=lang, city="shymkent", **kept).replace("+", "%20")


# The list ---------------------------------------------------------------------------------------------------------------

@pytest.fixture
def two_cities(session: Session, filed: Filed) -> tuple[Complaint, Complaint]:
    """A complaint of Shymkent and one of Astana."""
    astana = session.scalars(select(City).where(City.code == "astana")).one()
    return filed(category="waste.dump"), filed(city=astana)


def test_the_national_list_and_feed_hold_all_cities(client: Browser, two_cities: tuple[Complaint, Complaint]) -> None:
    page, feed = client.get("/en/complaints/"), client.get("/en/complaints/feed.atom")
    for complaint in two_cities:
        assert page.text.count(f"/complaints/{complaint.number}\"") == 1
        assert f"/complaints/{complaint.number}</id>" in feed.text
    assert "Complaints of all cities" in feed.text


def test_each_part_of_the_filter_can_be_taken_away(client: Browser, two_cities: tuple[Complaint, Complaint]) -> None:
    page = client.get("/en/shymkent/complaints/?state=open&direction=improvement&since=2026-04-01&until=2026-04-30")
    assert numbers(page.text) == [two_cities[0].number]
    assert "Waits for an answer · City improvement · from 1 April · until 30 April · Newest first" in page.text
    assert 'href="/en/shymkent/complaints/?direction=improvement&amp;since=2026-04-01&amp;until=2026-04-30"' in page.text


@pytest.mark.parametrize(("query", "found"), [
    ("direction=safety", False), ("direction=nonsense", True), ("photo=y", False), ("supported=y", False), ("since=2026-04-24", True),
    ("since=2026-04-25", False), ("until=2026-04-24", True), ("until=2026-04-23", False), ("since=yesterday&until=9999-99-99", True), ("limit=1000000&page=7", True),
    ("since=0001-01-01&until=9999-12-31", True), ("category=2147483647", False), ("state=overdue", False), ("sort=overdue", False), ("sort=supported", True),
])
def test_filters(client: Browser, two_cities: tuple[Complaint, Complaint], query: str, found: bool) -> None:
    assert numbers(client.get(f"{LIST}?{query}").text) == [two_cities[0].number] * found


def test_days_that_cross_are_said_and_filter_nothing(client: Browser, two_cities: tuple[Complaint, Complaint]) -> None:
    page = client.get("/en/shymkent/complaints/?since=2026-05-02&until=2026-05-01")
    assert numbers(page.text) == [two_cities[0].number]
    assert "This day is before the first one" in page.text and 'value="2026-05-02"' in page.text


def test_complaints_follow_their_category(session: Session, filed: Filed, now: Any) -> None:
    complaint = filed(category="waste.dump")
    roads = session.scalars(select(Category).where(Category.code == "roads")).one()
    category = session.get_one(Category, complaint.category_id)
    before = category.direction
    editing.edit_category(session, category, {"parent_id": roads.id, "direction": "safety"}, None, now)
    assert (refile(session, category.id), refile(session)) == (1, 0)
    session.refresh(complaint)
    assert (complaint.root_id, complaint.direction, before != "safety") == (roads.id, "safety", True)


def test_counters_follow_a_category_to_another_root(session: Session, filed: Filed, people: People, city: City, now: Any) -> None:
    filed(category="waste.dump", lat=city.lat, lon=city.lon)
    answered, private = filed(category="waste.dump"), filed(category="waste.dump", private=True)
    service.answer(session, answered, people.actor(people.official(session.get_one(Body, answered.body_id))), now, text="Вывезли.", outcome=Outcome.EXPLAINED)
    filed(category="lighting.street")
    session.commit()
    roads = session.scalars(select(Category).where(Category.code == "roads")).one()
    editing.edit_category(session, session.get_one(Category, private.category_id), {"parent_id": roads.id}, None, now)
    assert refile(session) == 3
    session.commit()
    assert (recount.differences(session), map_counts.differences(session)) == ([], {})
    assert each(session, [city.id], "category", named("month", date(2026, 4, 24)), date(2026, 4, 24))[roads.id].of("received") == 3


# Statements and indexes -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("address", [LIST, "/kk/complaints/", f"{LIST}feed.atom", "/kk/complaints/feed.atom"])
def test_lists_cost_the_same_two_statements_with_any_number_of_rows(app: CivicFlask, client: Browser, filed: Filed, address: str) -> None:
    filed()
    client.get(address)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            filed()
        with statements(app) as seen:
            client.get(address)
        counts.append(len(seen))
    assert counts == [2, 2]


def filters(session: Session, city: City) -> list[Wanted]:
    """Each filter and sort alone, and each two of them."""
    leaf = session.scalars(select(Category).where(Category.parent_id.is_not(None))).first()
    district, body = session.scalars(select(District.id)).first(), session.scalars(select(Body.id)).first()
    assert leaf is not None
    one: list[dict[str, Any]] = [
        {"state": "confirmed"}, {"state": "open"}, {"state": "overdue"}, {"category_id": leaf.id}, {"category_id": leaf.parent_id}, {"district_id": district}, {"body_id": body},
        {"direction": "safety"}, {"photo": True}, {"supported": True}, {"since": date(2026, 1, 1), "until": date(2026, 2, 1)}, {"sort": "supported"}, {"sort": "overdue"},
    ]
    return [Wanted(), *(Wanted(**a) for a in one), *(Wanted(**{**a, **b}) for a, b in combinations(one, 2) if not a.keys() & b.keys())]


def test_every_filter_has_an_index_that_gives_the_order(app: CivicFlask, session: Session, city: City) -> None:
    """On SQLite the plan of each filter, and of each two, for the first page and a later one: walked along an index, never sorted."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the rows that there are; the indexes are the same")
    said: list[tuple[str, Any]] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
    keys = {"newest": "1700000000000000_5", "supported": "3_5", "overdue": "739000_5"}
    for wanted in filters(session, city):
        for city_id in (city.id, None):
            for after in (None, keys[wanted.sort]):
                public_page(session, city_id, wanted, date(2026, 4, 24), after)
                query, values = said[-1]
                plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
                assert "USING INDEX ix_list_" in plan[0], (wanted, plan)
                sorts = [i for i, step in enumerate(plan) if "TEMP B-TREE" in step]
                assert all(i > plan.index(next(s for s in plan if "SUBQUERY" in s)) for i in sorts), (wanted, plan)


def test_the_indexes_leave_out_what_is_private() -> None:
    for index in INDEXES:
        assert str(index.dialect_options["sqlite"]["where"]).startswith("private = 0")
        assert str(index.dialect_options["postgresql"]["where"]).startswith("NOT private")


# What is kept for a moment ----------------------------------------------------------------------------------------------

@pytest.fixture
def crowd(make_app: Callable[..., CivicFlask], session: Session, clock: Any) -> Callable[[], Browser]:
    """Makes browsers of an application that keeps its pages."""
    app = make_app(page_cache_seconds=60)  # longer than a test may stand still on a busy machine

    def make() -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        browser.session_of_test = session
        return browser
    return make


def test_a_page_is_drawn_once_for_a_crowd_and_asked_for_again_by_its_mark(crowd: Callable[[], Browser], filed: Filed) -> None:
    c = filed()
    address = complaint_path("kk", "shymkent", c.number)
    first = crowd().get(address)
    assert first.headers["Cache-Control"] == SHARED and "Set-Cookie" not in first.headers
    browser = crowd()
    with statements(browser.application) as seen:  # type: ignore[arg-type]
        second = browser.get(address)
        again = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
        other = browser.get(address, headers={"If-None-Match": '"another"'})
    assert (seen, second.data, again.status_code, again.data, other.status_code) == ([], first.data, 304, b"", 200)
    assert (again.headers["ETag"], again.headers["Vary"]) == (first.headers["ETag"], "Cookie")


def test_somebody_with_a_cookie_neither_gets_nor_fills_it(crowd: Callable[[], Browser], session: Session, filed: Filed, people: People, now: Any) -> None:
    user = people.account()
    c = filed(by=user)
    address = complaint_path("en", "shymkent", c.number)
    applicant = people.sign_in(crowd(), user)
    assert "Withdraw the complaint" in applicant.get(address).text
    stranger = crowd().get(address)
    assert "Withdraw the complaint" not in stranger.text and user.name not in stranger.text
    assert "Withdraw the complaint" in applicant.get(address).text
    service.accept(session, c, people.actor(people.official(session.get_one(Body, c.body_id))), now)
    session.commit()
    assert "In work" in applicant.get(address).text and "In work" not in crowd().get(address).text


def test_a_private_one_is_on_no_public_page(client: Browser, session: Session, filed: Filed, city: City) -> None:
    hidden = filed(private=True, text="Құпиялы сөз осында тұр.", address="Құпия көшесі, 7", lat=city.lat, lon=city.lon)
    filed(lat=city.lat, lon=city.lon)
    body, category = session.get_one(Body, hidden.body_id), session.get_one(Category, hidden.category_id)
    here, words, box = "/en/shymkent", "q=құпиялы", f"box={city.lat - .01},{city.lon - .01},{city.lat + .01},{city.lon + .01}&zoom=18"
    for path in ("/en/", f"{here}/", f"{here}/figures", f"{here}/bodies/{body.code}", f"{here}/categories/{category.code}", "/en/complaints/", "/en/complaints/feed.atom",
                 *(f"{here}/complaints/{name}?{query}" for name in ("", "feed.atom", "map", "map/live", "map.json")
                   for query in ("", words, box, f"{box}&{words}", "photo=&state=open&sort=supported", f"body={body.id}&category={category.id}&{box}"))):
        page = client.get(path)
        assert (page.status_code, hidden.number in page.text, "Құпия көшесі" in page.text, "осында" in page.text) == (200, False, False, False), path


def test_a_lasting_session_is_not_handed_out_with_what_proxies_keep(client: Browser, filed: Filed) -> None:
    filed()
    client.get("/kk/shymkent/report/")
    with client.session_transaction() as kept:
        kept["invited"], kept.permanent = "x", True
    answer = client.get("/kk/shymkent/complaints/map.json")
    assert (answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == ("private, no-cache", False)


@pytest.mark.parametrize("path", ["/kk/shymkent/report/", "/kk/account/login", "/nothing", "/kk/shymkent/complaints/{number}/follow", "/kk/unfollow/token", "/",
                                  "/kk/shymkent/complaints/{private}"])
def test_forms_errors_and_private_ones_are_not_kept(crowd: Callable[[], Browser], filed: Filed, path: str) -> None:
    address = path.format(number=filed().number, private=filed(private=True).number)
    answer = crowd().get(address)
    assert "s-maxage" not in answer.headers.get("Cache-Control", "")


def test_words_of_the_address_are_part_of_what_is_kept(crowd: Callable[[], Browser], filed: Filed) -> None:
    filed()
    assert crowd().get("/kk/shymkent/complaints/").data != crowd().get("/kk/shymkent/complaints/?state=confirmed").data
    assert crowd().get("/kk/shymkent/complaints/").data != crowd().get("/ru/shymkent/complaints/").data
