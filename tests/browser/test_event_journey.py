"""A discussion from its draft to its final document, each person in a browser of their own."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from tests.support.browser import assert_accessible, send, sign_in
from tests.support.invitations import Host
from tests.support.letters import Mails, links_of
from tests.support.people import People

pytestmark = pytest.mark.browser
TICKET = re.compile(r"SHY-\w{4}-\w{3}")
REASON = "Іссапарда боламыз, сұрақтарға жазбаша жауап береміз"


def _link(letters: list[Any], to: str, part: str) -> str:
    """The last letter's link to ``part`` for this address."""
    found = [link for letter in letters if letter["To"] == to for link in links_of(letter) if part in link]
    assert found, f"no link to {part} for {to} in {[(x['To'], x['Subject']) for x in letters]}"
    return found[-1]


def _press(page: Any, path: str) -> None:
    page.locator(f"main form[action$='{path}'] button").click()
    page.wait_for_load_state()


def test_from_the_draft_to_the_final_document(browsers: Any, session: Session, city: Any, people: People, mails: Mails) -> None:
    host = Host(session, city, people)
    road, akimat = host.body(), host.body("akimat")
    head = people.official(road, head=True, email="head@example.test")
    known = people.account("aigul@example.test", name="Айгүл Серікқызы")
    session.commit()
    organiser, by_link, at_desk, first, second, door = browsers(), browsers(phone=True, javascript=False), browsers(), browsers(phone=True), browsers(phone=True), browsers(phone=True)
    starts = utc_now().replace(hour=13, minute=30, second=0, microsecond=0) + timedelta(days=25)

    # a draft, which cannot be announced before an official is invited
    sign_in(organiser, host.user.email, language="en")
    organiser.goto(f"/en/organise/{host.organisation.code}/event?format=debate")
    organiser.check("input[name=format][value=debate]")
    for name, value in (("title_kk", "Ашық пікірталас: аула жарығы"), ("text_kk", "Ауланы кім жарықтандырады"), ("date", f"{starts:%Y-%m-%d}"),
                        ("starts", "18:30"), ("ends", "20:30"), ("venue", "Қалалық кітапхана"), ("capacity", "1")):
        organiser.fill(f"#{name}", value)
    send(organiser)
    organiser.wait_for_url(re.compile(r"/en/organise/events/\w+$"))
    code = organiser.url.rsplit("/", 1)[1]
    manage = f"/en/organise/events/{code}"
    _press(organiser, f"{manage}/announce")
    assert "at least one official" in organiser.inner_text("main")

    # a named official answers by the link of the letter, a body from its desk
    organiser.goto(f"{manage}/invitations/invite")
    organiser.select_option("#body_id", value=str(akimat.id))
    for name, value in (("post", "Бөлім басшысы"), ("name", "Серік Ахметұлы"), ("email", "named@example.org")):
        organiser.fill(f"#{name}", value)
    send(organiser)
    organiser.wait_for_url(f"**{manage}/invitations")
    organiser.goto(f"{manage}/invitations/invite")
    organiser.select_option("#body_id", value=str(road.id))
    send(organiser)
    organiser.wait_for_url(f"**{manage}/invitations")
    link = _link(mails(), "named@example.org", "/kk/invitations/link/")
    by_link.goto(f"{link}/decline")
    by_link.fill("#text", REASON)
    send(by_link)
    by_link.wait_for_url(f"**{link}")
    sign_in(at_desk, head.email)
    at_desk.goto("/kk/desk/invitations/")
    at_desk.locator("main .invitation a").first.click()
    at_desk.locator("main a[href$='/accept']").click()
    send(at_desk)
    at_desk.wait_for_url("**/desk/invitations/SHY-*")
    organiser.goto(manage)
    _press(organiser, f"{manage}/announce")

    # one place: the first has it, the second waits, and gets it when the first cannot come
    page = f"/kk/shymkent/events/{code}"
    sign_in(first, known.email)
    first.goto(f"{page}/register")
    first.click("label[for=consent]")  # the format records
    send(first)
    first.wait_for_url("**/registration/**")
    ticket = first.url
    assert TICKET.search(first.inner_text("main"))
    second.goto(f"{page}/register")
    assert_accessible(second)
    second.fill("#name", "Тимур")
    second.fill("#email", "timur@example.org")
    second.click("label[for=consent]")
    send(second)
    second.wait_for_url("**/asked")
    second.goto(_link(mails(), "timur@example.org", "/events/confirm/"))
    send(second)
    second.wait_for_url("**/registration/**")
    assert not TICKET.search(second.inner_text("main"))
    first.goto(f"{ticket}/leave")
    send(first)
    first.wait_for_url(ticket)
    second.goto(_link(mails(), "timur@example.org", "/registration/"))
    _press(second, "/accept")
    number = TICKET.search(second.inner_text("main"))
    assert number
    assert_accessible(second)

    # everybody reads both fates
    first.goto(page)
    assert REASON in first.inner_text("main") and first.locator(".invitation use[href$='#check']").count() == 1

    with time_machine.travel(starts + timedelta(minutes=5), tick=True):
        organiser.goto(manage)
        _press(organiser, f"{manage}/start")
        sign_in(door, host.user.email, language="en")
        door.goto(f"{manage}/door")
        door.fill("#number", number[0])
        door.press("#number", "Enter")
        door.wait_for_selector("[data-entry=in]")
        organiser.goto(f"{manage}/invitations")
        for step in ("record_absent", "record_present"):  # in the order of the letters
            organiser.locator(f"form[action$='{step}'] button").nth(0 if step == "record_absent" else -1).click()
            organiser.wait_for_load_state()
        organiser.goto(manage)
        _press(organiser, f"{manage}/finish")
        organiser.goto(f"{manage}/publish")
        organiser.fill("#document_kk", "Ауланы жарықтандыру кестесі келісілді.")
        organiser.select_option("#recommendations-0-body_id", value=str(road.id))
        organiser.fill("#recommendations-0-text", "Кестені сайтқа жариялау.")
        send(organiser)
        organiser.wait_for_url(f"**{manage}")
        second.goto(page)
        words = second.inner_text("main")
        assert "кестесі келісілді" in words and "Кестені сайтқа жариялау." in words and REASON in words
        assert [second.locator(f".invitation use[href$='#{shape}']").count() for shape in ("check", "ring")] == [1, 1]
        assert_accessible(second)
        second.goto(f"/kk/shymkent/bodies/{road.code}")
        assert second.locator(".marks use[href$='#check']").count() == 1
