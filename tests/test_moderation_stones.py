"""The way to appeal stands beside the tombstone, for its author alone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import service as complaints
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome
from civic.extensions import db
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.subjects import load
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.letters import Mails, links_of
from tests.support.people import People
from tests.support.questions import Asking

WAITS = "Your appeal is with a second moderator"


@pytest.fixture
def author(people: People) -> User:
    return people.account("author@example.test", locale="en")


@pytest.fixture
def complaint(filed: Filed, author: User) -> Complaint:
    return filed(text="Көрші кінәлі", by=author.contact, show_name=True, name="Айгүл")


def hide(session: Session, people: People, city: City, kind: str, key: str, now: datetime, *parts: str) -> Case:
    thing = load(session, kind, key)
    assert thing is not None
    case = service.flag(session, thing, people.actor(people.account()), now, part=parts[0], reason=Reason.PERSONAL_DATA)
    service.hide(session, case, people.actor(people.moderator(city)), now, parts=parts, reason=Reason.PERSONAL_DATA)
    session.commit()
    return case


def test_the_author_of_a_complaint_and_nobody_else(client: Browser, new_client: Callable[[], Browser], session: Session, complaint: Complaint, people: People,
                                                 author: User, city: City, mails: Mails, now: datetime) -> None:
    case = hide(session, people, city, "complaint", complaint.number, now, "text", "name")
    page, way = f"/en/shymkent/complaints/{complaint.number}", f'href="/en/shymkent/moderation/{case.id}/appeal"'
    stranger = people.sign_in(new_client(), people.account())
    official = people.sign_in(new_client(), people.official(session.get_one(Body, complaint.body_id)))
    assert [browser.get(page).text.count(way) for browser in (client, stranger, official)] == [0, 0, 0]
    own = people.sign_in(new_client(), author)
    assert own.get(page).text.count(way) == 1  # the two were hidden at once
    link = next(link for letter in mails() for link in links_of(letter) if "/link/" in link)
    holder = new_client()
    holder.get(link)
    assert way in holder.get(page).text
    own.submit(own.get(f"/en/shymkent/moderation/{case.id}/appeal"), text="Көрші емес, мен")
    assert [(way in text, WAITS in text) for text in (own.get(page).text, holder.get(page).text, client.get(page).text)] == [(False, True)] * 2 + [(False, False)]
    service.resolve(session, case, people.actor(people.moderator(city)), now, restore=False, text="Жасырын қалады")
    text = own.get(page).text
    assert (way in text, WAITS in text, "Hidden by a moderator on" in text) == (False, False, True)


def test_an_official_appeals_for_the_own_answer(client: Browser, session: Session, filed: Filed, people: People, city: City, now: datetime) -> None:
    complaint = filed()
    official = people.official(session.get_one(Body, complaint.body_id))
    step = complaints.answer(session, complaint, people.actor(official), now, text="ЖСН-і: 900101300017", outcome=Outcome.EXPLAINED)
    case = hide(session, people, city, "complaint", complaint.number, now, f"step-{step.id}")
    way = f'href="/en/shymkent/moderation/{case.id}/appeal"'
    assert way in people.sign_in(client, official).get(f"/en/shymkent/complaints/{complaint.number}").text


def test_who_asked_a_question_and_who_holds_a_discussion(client: Browser, new_client: Callable[[], Browser], session: Session, people: People, city: City,
                                                       clock: Any, held: Held, author: User, now: datetime) -> None:
    asked = Asking(session, city, people)
    question = asked.ask("Неге көшеде жарық жоқ?", asked.registered(author))
    case = hide(session, people, city, "question", str(question.id), now, "text")
    event = held()
    other = hide(session, people, city, "event", event.code, now, "title")
    own, host = people.sign_in(client, author), people.sign_in(new_client(), held.owner)
    ways = [f'href="/en/shymkent/moderation/{one.id}/appeal"' for one in (case, other)]
    pages = (f"/en/questions/{question.id}", f"/en/shymkent/events/{event.code}")
    assert [[way in browser.get(page).text for page, way in zip(pages, ways, strict=True)] for browser in (own, host, new_client())] == [
        [True, False], [False, True], [False, False]]


def test_visitors_without_a_cookie_cost_no_query_and_see_the_same_page(app: CivicFlask, client: Browser, new_client: Callable[[], Browser], session: Session,
                                                                    complaint: Complaint, people: People, city: City, now: datetime) -> None:
    page, statements = f"/en/shymkent/complaints/{complaint.number}", [""]

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    hide(session, people, city, "complaint", complaint.number, now, "text")
    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        sql_event.listen(engine, "before_cursor_execute", note)
    try:
        first = client.get(page)
    finally:
        for engine in engines:
            sql_event.remove(engine, "before_cursor_execute", note)
    assert [s for s in statements if "moderation_case" in s] == []
    assert (first.headers.get("Set-Cookie"), new_client().get(page).headers["ETag"]) == (None, first.headers["ETag"])
