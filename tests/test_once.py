"""Forms that are pressed twice or sent again by a reload act once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.complaints import service
from civic.complaints.models import Complaint, ComplaintEvent, Draft, Follow, Support
from civic.complaints.states import Outcome
from civic.jobs.models import Outbox
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of
from tests.support.people import People

TABLES = (Complaint, ComplaintEvent, Draft, Follow, Support, Outbox)


def rows(session: Session) -> list[int]:
    """How many rows each table has."""
    session.rollback()
    return [session.scalar(select(func.count()).select_from(t)) or 0 for t in TABLES]


def press_twice(client: Browser, session: Session, page: Any, form: str | int = 0, **fields: Any) -> Any:
    """Send a form of a page, and again: the same answer, and nothing more in the database."""
    first = client.submit(page, form, **fields)
    assert first.status_code == 303
    after_first = rows(session)
    again = [client.submit(page, form, **fields) for _ in range(2)]
    assert [(a.status_code, a.headers["Location"]) for a in again] == [(303, first.headers["Location"])] * 2
    assert rows(session) == after_first
    return first


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_form_of_filing(client: Browser, session: Session, people: People, filed: Filed, mails: Mails, signed_in: bool) -> None:
    if signed_in:
        people.sign_in(client, people.account("aigul@example.org"))
    category = filed.category("energy.gas").id
    page = client.get("/kk/shymkent/report/")
    for fields in ({}, {"address": "Тәуке хан, 12"}):
        page = client.get(press_twice(client, session, page, **fields).headers["Location"])
    matter = {"category_id": str(category), "text": "Газ иісі шығады.", "name": "Айгүл", **({} if signed_in else {"email": "aigul@example.org"})}
    page = client.get(press_twice(client, session, page, **matter).headers["Location"])
    press_twice(client, session, page, "/send")
    letters = mails()
    if not signed_in:
        [letter] = letters
        press_twice(client, session, client.get(links_of(letter)[0]))
        letters = mails()
    assert (rows(session)[0], [letter["To"] for letter in letters]) == (1, ["aigul@example.org"])


@pytest.mark.parametrize("act", ["confirm", "dispute", "information", "withdraw", "unfollow"])
def test_every_form_of_the_applicant(client: Browser, session: Session, people: People, filed: Filed, now: Any, act: str) -> None:
    user = people.account()
    c = filed(by=user)
    official = people.official(session.get_one(service.Body, c.body_id), head=True)
    service.answer(session, c, people.actor(official), now, text="Жауап", outcome=Outcome.EXPLAINED)
    people.sign_in(client, user)
    press_twice(client, session, client.get(f"/kk/shymkent/complaints/{c.number}/{act}"), **({"text": "Рахмет"} if act != "unfollow" else {}))
    session.refresh(c)
    assert c.state == {"confirm": "confirmed", "dispute": "disputed", "withdraw": "withdrawn"}.get(act, "answered")


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("what", ["support", "follow"])
def test_every_form_of_a_neighbour(client: Browser, session: Session, people: People, filed: Filed, mails: Mails, what: str, signed_in: bool) -> None:
    c = filed()
    mails()
    if signed_in:
        people.sign_in(client, people.account("aigul@example.org"))
    page = client.get(f"/kk/shymkent/complaints/{c.number}/{what}")
    press_twice(client, session, page, **({} if signed_in else {"email": "aigul@example.org"}))
    if not signed_in:
        [letter] = mails()
        press_twice(client, session, client.get(links_of(letter)[0]))
    session.expire_all()
    assert (rows(session)[3:5], c.supporters) == ([2, int(what == "support")], int(what == "support"))


def test_a_form_that_was_refused_can_be_mended_and_sent(client: Browser, session: Session) -> None:
    """The key of a refused form stays free."""
    page = client.get(client.submit(client.get("/kk/shymkent/report/")).headers["Location"])
    assert client.submit(page, address="").status_code == 422
    assert client.submit(page, address="Тәуке хан, 12").status_code == 303
    session.rollback()
    assert session.scalars(select(Draft)).one().address == "Тәуке хан, 12"


def test_two_browsers_with_one_letter_register_once(client: Browser, new_client: Callable[[], Browser], session: Session, filed: Filed, mails: Mails) -> None:
    """Opened on the telephone and on the desk: two forms with keys of their own."""
    page = client.get(client.submit(client.get("/kk/shymkent/report/")).headers["Location"])
    page = client.get(client.submit(page, address="Тәуке хан, 12").headers["Location"])
    client.submit(page, category_id=str(filed.category("lighting.street").id), text="Жарық жоқ.", name="Айгүл", email="aigul@example.org")
    [letter] = mails()
    browsers = [client, new_client()]
    pages = [b.get(links_of(letter)[0]) for b in browsers]
    answers = [b.submit(p) for b, p in zip(browsers, pages, strict=True)]
    assert len({a.headers["Location"] for a in answers}) == 1
    assert (rows(session)[0], len(mails())) == (1, 1)
