"""Every address says who may use it, and reading never writes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome
from civic.core.database import Base
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of
from tests.support.people import People

#: Flask-Security declares the access of its own pages itself.
OF_LIBRARIES = {
    "security.login", "security.register", "security.forgot_password", "security.reset_password", "security.change_password",
    "security.send_confirmation", "security.confirm_email",
}


def test_every_address_declares_who_may_use_it(app: CivicFlask) -> None:
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules() if not hasattr(app.view_functions[rule.endpoint], "access")}
    assert undeclared == OF_LIBRARIES & undeclared, f"without @public or @allow: {undeclared - OF_LIBRARIES}"
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")} == OF_LIBRARIES


def test_pages_of_bodies_and_administration_are_open_to_those_who_work_there(app: CivicFlask) -> None:
    declared = {(rule.endpoint.split(".")[0], app.view_functions[rule.endpoint].access) for rule in app.url_map.iter_rules()  # type: ignore[attr-defined]
                if rule.endpoint.split(".")[0] in ("desk", "admin")}
    assert [access for _, access in declared if access == "public"] == []


@pytest.mark.parametrize("path", ["/kk/desk/", "/kk/admin/", "/kk/my", "/kk/account/settings"])
def test_visitors_are_led_to_sign_in(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"].split("?")[0].endswith("/account/login")) == (303, True)


@pytest.mark.parametrize(("path", "who", "status"), [
    ("/kk/desk/", "resident", 403), ("/kk/desk/", "official", 200), ("/kk/desk/", "head", 200), ("/kk/desk/", "moderator", 403), ("/kk/desk/", "administrator", 403),
    ("/kk/admin/", "resident", 404), ("/kk/admin/", "official", 404), ("/kk/admin/", "head", 404), ("/kk/admin/", "administrator", 200),
    ("/kk/my", "resident", 200), ("/kk/account/settings", "official", 200),
])
def test_who_may_open_what(client: Browser, session: Session, people: People, city: Any, path: str, who: str, status: int) -> None:
    road = session.scalars(select(Body).where(Body.code == "road", Body.city_id == city.id)).one()
    made: dict[str, Callable[[], Any]] = {
        "resident": people.account, "official": lambda: people.official(road), "head": lambda: people.official(road, head=True),
        "moderator": lambda: people.moderator(city), "administrator": people.administrator,
    }
    assert people.sign_in(client, made[who]()).get(path).status_code == status


def _rows(session: Session) -> dict[str, list[str]]:
    """Everything in the database."""
    session.rollback()
    return {t.name: sorted(map(repr, session.execute(select(t)))) for t in Base.metadata.sorted_tables}


def _found_links(page: str) -> set[str]:
    return {link.replace("&amp;", "&") for link in re.findall(r'(?:href|src)="(/[^"#]*)"', page) if not link.startswith("/static/") and "/account/logout" not in link}


@pytest.mark.parametrize("who", ["visitor", "resident", "official", "administrator"])
def test_opening_every_page_that_can_be_found_writes_nothing(client: Browser, session: Session, filed: Filed, people: People, mails: Mails, who: str, now: Any) -> None:
    applicant, head, admin = people.account("applicant@example.org"), people.official(session.get_one(Body, filed.city.default_body_id), head=True), people.administrator()
    first, answered = filed(by=applicant, lat=42.34, lon=69.59), filed(by=applicant)
    filed(private=True)
    service.answer(session, answered, people.actor(head), now, text="Жауап", outcome=Outcome.EXPLAINED)
    found = {link for letter in mails() for link in links_of(letter)} if who == "visitor" else set()
    if who != "visitor":
        people.sign_in(client, {"resident": applicant, "official": head, "administrator": admin}[who])
    found |= {"/", "/kk/", "/kk/shymkent/", "/kk/shymkent/complaints/", "/kk/my", "/kk/desk/", "/kk/admin/", "/kk/account/settings", "/kk/shymkent/report/"}
    found |= {f"/kk/shymkent/complaints/{c.number}{end}" for c in (first, answered)
              for end in ("", "/ticket", "/confirm", "/dispute", "/withdraw", "/information", "/support", "/follow", "/unfollow")}
    session.commit()
    before, visited = _rows(session), set[str]()
    while len(visited) < 100 and (waiting := sorted(found - visited)[:50]):
        for path in waiting:
            visited.add(path)
            answer = client.get(path, buffered=True)
            assert answer.status_code in (200, 302, 303, 403, 404, 409), path
            if answer.mimetype == "text/html" and len(visited) < 70:
                found |= {x for x in _found_links(answer.text) if "/kk/" in x}
    assert len(visited) > 25
    assert _rows(session) == before


def test_the_walk_would_notice_a_write(session: Session, filed: Filed) -> None:
    before = _rows(session)
    filed()
    after = _rows(session)
    assert {name for name in before if before[name] != after[name]} >= {"complaint", "complaint_event", "applicant", "outbox", "follow"}


def test_the_path_of_a_complaint_shows_no_official_by_name(client: Browser, session: Session, filed: Filed, people: People, now: Any) -> None:
    c = filed()
    official = people.official(session.get_one(Body, c.body_id), name="Құпия Есімов")
    service.accept(session, c, people.actor(official), now)
    page = client.get(f"/kk/shymkent/complaints/{c.number}").text
    assert (page.count("Құпия Есімов"), page.count(official.email), isinstance(c, Complaint)) == (0, 0, True)
