"""Every main page as people see it: accessible, no wider than the phone, quiet in the console, light to load."""

import gzip
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from civic.config import ROOT
from tests.support.browser import Service, assert_accessible, bring_axe
from tests.support.pages import MainPage, main_pages, make_drafts, sign_in_all

pytestmark = pytest.mark.browser
FIRST_VISIT = 60_000  # bytes, compressed, without the map and the font
#: language, phone, dark: each page is seen in all three languages, at both widths, in both lights. The third look's structure is that
#: of the first, so only what differs is checked in it: colours in the dark, and how far the words reach.
LOOKS = (("kk", True, False), ("ru", False, True), ("en", True, True))
#: What a page says of itself: its headings, its title, whether it is wider than the window.
FACTS = "() => [[...document.querySelectorAll('h1')].map(e => e.innerText), document.title, document.scrollingElement.scrollWidth > innerWidth]"


@pytest.fixture(scope="module")
def pages(chromium: Any, live_server: Service) -> Iterator[tuple[list[MainPage], dict[str, Any]]]:
    """The pages, and the browser's state of each account."""
    contexts = []

    def context(**options: Any) -> Any:
        contexts.append(chromium.new_context(base_url=live_server.url, **options))
        return contexts[-1]

    drafts = make_drafts(live_server, lambda javascript: context(java_script_enabled=javascript).new_page())
    yield main_pages(live_server, drafts), sign_in_all(context)
    for opened in contexts:
        opened.close()


@pytest.mark.parametrize(("lang", "phone", "dark"), LOOKS)
def test_pages_are_accessible_and_fit(new_page: Any, pages: Any, lang: str, phone: bool, dark: bool) -> None:
    all_pages, states = pages
    opened = {who: new_page(phone=phone, dark=dark, locale=lang, storage_state=states.get(who)) for who in ("", *states)}
    for page in opened.values():
        bring_axe(page)
    wide = []
    for main_page in all_pages:
        page = opened[main_page.who]
        main_page.open(page, lang)
        headings, title, too_wide = page.evaluate(FACTS)
        assert len(headings) == 1, main_page.name
        assert headings[0].replace("\xa0", " ") in title.replace("\xa0", " "), main_page.name
        assert_accessible(page, colours_only=(lang, phone, dark) == LOOKS[-1])
        if too_wide:
            wide.append(main_page.name)
    assert wide == []


def _compressed(address: str) -> int:
    """Bytes after gzip, which nginx does in production."""
    with urllib.request.urlopen(address) as answer:
        return len(gzip.compress(answer.read(), 6))


@pytest.mark.parametrize("name", ["front", "tracking-overdue"])
def test_the_first_visit_is_light(live_server: Service, pages: Any, name: str) -> None:
    main_page = next(p for p in pages[0] if p.name == name)
    html = _compressed(live_server.url + main_page.path.format(lang="kk"))
    files = sum(len(gzip.compress((ROOT / "static/dist" / file).read_bytes(), 6)) for file in ("app.css", "app.js", "sprite.svg"))
    assert html + files <= FIRST_VISIT
