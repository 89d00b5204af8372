"""The map in a browser: from the filter to a mark, to the complaint and back; the list follows; keys, phones and no script."""

import re
from typing import Any

import pytest

from tests.support.browser import assert_accessible

pytestmark = pytest.mark.browser
MAP = "/en/shymkent/complaints/map"


def settled(page: Any) -> None:
    """The frame has been asked for and drawn."""
    page.wait_for_function("() => document.querySelector('[data-map-public]').getAttribute('aria-busy') === null && document.querySelector('.map-cluster, .map-mark, .empty')")
    page.wait_for_timeout(300)
    page.wait_for_function("() => document.querySelector('[data-map-public]').getAttribute('aria-busy') === null")


def zoom_to_marks(page: Any) -> None:
    """Press clusters until complaints stand singly."""
    for _ in range(8):
        if page.locator(".map-mark").count():
            return
        before = page.url
        page.locator(".map-cluster").first.click()
        page.wait_for_url(lambda address, before=before: address != before)
        settled(page)
    raise AssertionError("no cluster led to a mark")


def listed(page: Any) -> list[str]:
    """Addresses of the complaints in the list, in order."""
    return page.eval_on_selector_all("[data-map-list] h3 a", "links => links.map(a => a.getAttribute('href'))")


@pytest.mark.parametrize("phone", [False, True])
def test_from_the_filter_to_a_complaint_and_back(new_page: Any, phone: bool) -> None:
    page = new_page(phone=phone, locale="en")
    page.goto(MAP)
    settled(page)
    page.click("main details summary")
    page.select_option("#state", "open")
    page.click("main form[role=search] .filters button")
    page.wait_for_url("**/map?*state=open*")
    settled(page)
    assert "Waits for an answer" in page.locator("main").inner_text()
    assert_accessible(page)
    whole = listed(page)
    zoom_to_marks(page)
    assert "box=" in page.url and "state=open" in page.url
    near = listed(page)
    assert near and set(near) <= set(whole) | set(near) and len(near) == page.locator(".map-mark").count() <= len(whole)
    assert sorted(near) == sorted(page.eval_on_selector_all(".map-mark", "marks => marks.map(a => a.getAttribute('href'))"))
    assert_accessible(page)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    frame, chosen = page.url, page.locator(".map-mark").last
    title, target = chosen.get_attribute("title"), chosen.get_attribute("href")
    assert " · " in title
    chosen.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    page.go_back()
    settled(page)
    assert page.url == frame
    assert listed(page) == near
    shared = new_page(phone=phone, locale="en")
    shared.goto(frame)
    settled(shared)
    assert sorted(listed(shared)) == sorted(near)


def test_keys_reach_and_open_a_cluster(new_page: Any) -> None:
    page = new_page(locale="en")
    page.goto(MAP)
    settled(page)
    assert re.match(r"\d+ complaints?, waiting for an answer: \d+\. Zoom in", page.locator(".map-cluster").first.get_attribute("aria-label"))
    before = page.url
    page.locator("[data-map-public]").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('map-cluster')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address != before)
    settled(page)
    assert "box=" in page.url


def test_the_list_follows_the_arrows_and_does_without_the_picture(new_page: Any) -> None:
    page = new_page(phone=True, locale="en")
    page.goto(MAP)
    settled(page)
    assert page.locator("[data-map-failed]").is_visible(), "the tiles of this test are none, and nothing says so"
    zoom_to_marks(page)
    near, frame = listed(page), page.url
    page.locator("[data-map-public]").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(50)
    page.wait_for_url(lambda address: address != frame)
    script = "near => [...document.querySelectorAll('[data-map-list] h3 a')].map(a => a.getAttribute('href')).join() !== near"
    page.wait_for_function(script, arg=",".join(near))
    settled(page)
    assert listed(page) != near
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_without_a_script_it_is_the_list(new_page: Any) -> None:
    page = new_page(javascript=False, locale="en")
    page.goto(f"{MAP}?state=open")
    assert page.locator("[data-map-public]").is_hidden()
    assert len(listed(page)) == 20
    page.click("nav[aria-labelledby=map-districts] a >> nth=0")
    assert "district=" in page.url and "state=open" in page.url
    assert page.locator("h1").count() == 1


def test_the_list_leads_to_the_map_of_its_filter(new_page: Any) -> None:
    page = new_page(locale="en")
    page.goto("/en/shymkent/complaints/?state=open")
    page.click(".list-links a >> nth=0")
    page.wait_for_url("**/map?state=open")
    settled(page)
