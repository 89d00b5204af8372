"""Discussions in real browsers: a phone at the door that loses the network."""

import re
from datetime import UTC, datetime, timedelta
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


def test_a_phone_at_the_door_reloads_without_a_network(new_page: Any) -> None:
    offline, other = new_page(phone=True), new_page(phone=True)
    for page in (offline, other):
        sign_in(page, "organiser@demo.test", language="en")
    code = _debate(other)
    other.goto(f"/en/organise/events/{code}/guests")
    first, second = TICKET.findall(other.locator("main").inner_text())[4:6]
    offline.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=40))  # its clock is wrong by more than the list is kept
    with offline.expect_response("**/door/list.json"):
        offline.goto(f"/en/organise/events/{code}/door")
    offline.wait_for_function("name => caches.keys().then((keys) => keys.some((key) => key.startsWith(name)))", arg=f"civic-door-{code}-")
    offline.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for path in (f"/en/organise/events/{code}/guests", "/en/shymkent/"):  # the worker looks after one address only
        other.goto(path)
        assert other.evaluate("navigator.serviceWorker.controller") is None

    offline.context.set_offline(True)
    offline.reload()
    assert offline.locator("h1").inner_text() == "At the door"
    assert "Дана" not in offline.content(), "the kept page names the organiser"
    assert_accessible(offline)
    offline.fill("#number", first)
    offline.press("#number", "Enter")
    offline.wait_for_selector("[data-entry=in]")
    offline.goto(f"/en/organise/events/{code}/door?ticket={second}")  # as the camera opens it
    assert offline.input_value("#number") == second
    offline.press("#number", "Enter")
    offline.wait_for_selector("[data-entry=in]")
    offline.reload()
    assert all(number in offline.locator("[data-door-queue]").inner_text() for number in (first, second))
    kept = offline.evaluate("caches.keys().then((keys) => Promise.all(keys.map((key) => caches.open(key).then((one) => one.keys()))))"
                            ".then((all) => all.flat().map((request) => new URL(request.url).pathname))")
    assert sorted(path.rsplit("/", 1)[1] for path in kept) == ["app.css", "app.js", "favicon.svg", "page", "sprite.svg"]

    offline.context.set_offline(False)
    offline.wait_for_function("code => JSON.parse(localStorage.getItem(`civic-door-queue-${code}`)).length === 0", arg=code)
    other.goto(f"/en/organise/events/{code}/door")
    other.fill("#number", first)  # the second device agrees
    other.press("#number", "Enter")
    other.wait_for_selector("[data-entry=already]")

    # the list goes a day after the discussion, and the worker with it, whatever page is opened
    offline.evaluate("""code => {
      const name = `civic-door-list-${code}`
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name)), until: '2020-01-01T00:00:00Z' }))
    }""", code)
    offline.goto("/en/shymkent/")
    offline.wait_for_function("name => caches.keys().then((keys) => !keys.some((key) => key.startsWith(name)))", arg=f"civic-door-{code}-")
    assert offline.evaluate("code => localStorage.getItem(`civic-door-list-${code}`)", code) is None
    assert offline.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
