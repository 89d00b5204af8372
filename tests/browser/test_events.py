"""Discussions in real browsers: a phone at the door that loses the network, and the pages as assistive programs see them."""

import re
from typing import Any

import pytest

from tests.support.browser import assert_accessible, sign_in

pytestmark = pytest.mark.browser
TICKET = re.compile(r"SHY-\w{4}-\w{3}")


def _debate(page: Any) -> str:
    """The code of the open debate of the demonstration, which the organiser finds among the own ones."""
    page.goto("/en/organise/")
    href = page.locator("h3 a").first.get_attribute("href")
    return str(href).rsplit("/", 1)[1]


def test_the_door_from_two_phones_one_offline_and_back(new_page: Any) -> None:
    offline, other = new_page(phone=True), new_page(phone=True)
    for page in (offline, other):
        sign_in(page, "organiser@demo.test", language="en")
    code = _debate(other)
    other.goto(f"/en/organise/events/{code}/guests")
    first, second = TICKET.findall(other.locator("main").inner_text())[:2]
    other.goto(f"/en/organise/events/{code}/door")
    with offline.expect_response("**/door/list.json"):
        offline.goto(f"/en/organise/events/{code}/door")
    offline.wait_for_function("code => (JSON.parse(localStorage.getItem(`civic-door-list-${code}`)) ?? {guests: []}).guests.length > 1", arg=code)

    offline.context.set_offline(True)
    for number in (first, second):
        offline.fill("#number", number.lower().replace("-", " "))
        offline.press("#number", "Enter")
        offline.wait_for_selector("[data-entry=in]")
    assert second.lower().replace("-", " ") in offline.locator("[data-door-queue]").inner_text()

    other.fill("#number", first)  # meanwhile the same person shows the ticket at the other phone, which has a network
    other.press("#number", "Enter")
    other.wait_for_selector("[data-entry=in]")
    other.wait_for_function("document.querySelector('[data-door-queue]').textContent.includes('sent')")

    offline.context.set_offline(False)
    offline.wait_for_function("code => JSON.parse(localStorage.getItem(`civic-door-queue-${code}`)).length === 0", arg=code)
    offline.fill("#number", second)  # a second reading of the same ticket
    offline.press("#number", "Enter")
    offline.wait_for_selector("[data-entry=already]")
    other.goto(f"/en/organise/events/{code}/guests")
    assert other.locator("td", has_text="came ").count() >= 2


@pytest.mark.parametrize("phone", [True, False])
def test_pages_of_discussions_are_accessible(new_page: Any, phone: bool) -> None:
    page = new_page(phone=phone)
    sign_in(page, "organiser@demo.test", language="ru")
    code = _debate(page)
    for path in ("/ru/shymkent/events/", "/ru/shymkent/events/month", f"/ru/shymkent/events/{code}", f"/ru/shymkent/events/{code}/register", "/ru/organise/",
                 f"/ru/organise/events/{code}", f"/ru/organise/events/{code}/edit", f"/ru/organise/events/{code}/guests", f"/ru/organise/events/{code}/door"):
        page.goto(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
