"""The public list in a browser: search, filter, chips and the back button; a phone sees results at once."""

from typing import Any

import pytest

from tests.support.browser import assert_accessible

pytestmark = pytest.mark.browser
LIST = "/en/shymkent/complaints/"


def listed(page: Any) -> list[str]:
    """Addresses of the complaints in the list, in order."""
    return page.eval_on_selector_all(".complaint h2 a", "links => links.map(a => a.getAttribute('href'))")


def chosen(page: Any) -> list[str]:
    """The chips of the filter."""
    return [" ".join(words.split()) for words in page.locator(".chosen li:not(.chosen__all)").all_inner_texts()]


@pytest.mark.parametrize(("phone", "javascript"), [(True, True), (False, True), (True, False)])
def test_filter_and_back(new_page: Any, phone: bool, javascript: bool) -> None:
    page = new_page(phone=phone, javascript=javascript, locale="en")
    page.goto(LIST)
    whole = listed(page)
    page.click(".filter__more summary")
    page.select_option("#state", "open")
    page.select_option("#sort", "supported")
    page.click("label[for=photo]")
    page.click(".filters button")
    page.wait_for_url("**/complaints/?*state=open*")
    first, filtered = page.url, listed(page)
    assert filtered and filtered != whole
    assert [words.removeprefix("Take away: ") for words in chosen(page)] == ["Waits for an answer", "With a photo"]
    assert page.locator(".filter__count").inner_text() == "3"
    assert "Most supported first" in page.locator("main").inner_text()
    assert not page.locator("#state").is_visible(), "the filter is in the way of what it found"
    assert page.locator(".complaint h2").first.bounding_box()["y"] < 740
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert_accessible(page) if javascript else None
    page.click(".chosen li:nth-child(2) a")
    page.wait_for_url(lambda address: "photo" not in address)
    assert [words.removeprefix("Take away: ") for words in chosen(page)] == ["Waits for an answer"]
    second, wider = page.url, listed(page)
    page.click(".complaint h2 a >> nth=0")
    page.wait_for_url(f"**{wider[0]}")
    page.go_back()
    assert (page.url, listed(page)) == (second, wider)
    page.go_back()
    assert (page.url, listed(page)) == (first, filtered)
    page.click(".filter__more summary")
    assert page.locator("#state").input_value() == "open"
    assert page.locator("#photo").is_checked()
    page.go_back()
    assert listed(page) == whole
    assert not chosen(page)


def test_the_next_page_and_back(new_page: Any) -> None:
    page = new_page(phone=True, locale="en")
    page.goto(LIST)
    first = listed(page)
    page.click(".pagination [rel=next]")
    page.wait_for_url("**after=*")
    assert not set(listed(page)) & set(first)
    page.go_back()
    assert listed(page) == first


def test_search_marks_what_it_found_and_keeps_the_filter(new_page: Any) -> None:
    page = new_page(phone=True, locale="en")
    page.goto(f"{LIST}?state=open")
    page.fill("#q", "көше")
    page.press("#q", "Enter")
    page.wait_for_url("**q=*")
    assert "state=open" in page.url
    assert listed(page) and page.locator("mark").count()
    page.go_back()
    assert page.locator("#q").input_value() == ""
