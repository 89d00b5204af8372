"""In real browsers: somebody flags, a moderator hides, the author appeals, another moderator restores, and all of it is public."""

from typing import Any

import pytest

from tests.support.browser import Service, assert_accessible, sign_in

pytestmark = pytest.mark.browser


def test_flag_hide_appeal_restore_and_the_public_log(new_page: Any, live_server: Service) -> None:
    neighbour, moderator, author, second, public = (new_page(locale="en") for _ in range(5))
    for page, name in ((neighbour, "organiser"), (moderator, "moderator"), (author, "resident"), (second, "second-moderator")):
        sign_in(page, f"{name}@demo.test", language="en")
    author.goto("/en/my")
    path = author.locator("main .complaint a").first.get_attribute("href")
    number = path.rsplit("/", 1)[1]
    public.goto(path)
    words = public.locator("main blockquote").first.inner_text()
    # somebody flags
    neighbour.goto(path)
    neighbour.get_by_role("link", name="Something here breaks the rules").click()
    neighbour.locator("label", has_text="Text").first.click()
    neighbour.locator("label", has_text="Personal data").first.click()
    assert_accessible(neighbour)
    neighbour.get_by_role("button", name="Send to a moderator").click()
    # a moderator hides, with a reason
    moderator.goto("/en/moderation/")
    assert_accessible(moderator)
    moderator.get_by_role("link", name=number).click()
    assert_accessible(moderator)
    moderator.locator("label[for^=hide-parts]", has_text="Text").first.click()
    moderator.keyboard.press("h")
    moderator.locator("#hide-reason").select_option("personal_data")
    here = moderator.url
    moderator.get_by_role("button", name="Hide, with this reason").click()
    moderator.wait_for_url(lambda address: address != here)
    public.goto(path)
    stone = public.locator(".tombstone").first
    assert ("Personal data" in stone.inner_text(), words in public.locator("main").inner_text()) == (True, False)
    assert_accessible(public)
    # the author appeals from the tombstone
    author.goto(path)
    assert_accessible(author)
    assert public.locator(".tombstone").get_by_role("link", name="Appeal").count() == 0
    author.locator(".tombstone").get_by_role("link", name="Appeal").click()
    author.fill("#text", "It is my own name.")
    assert_accessible(author)
    author.get_by_role("button", name="Appeal").click()
    entry = author.url
    # the first moderator may not judge it, another one restores
    moderator.goto("/en/moderation/?show=appeals")
    assert number not in moderator.locator("main").inner_text()
    second.goto("/en/moderation/?show=appeals")
    second.get_by_role("link", name=number).click()
    second.locator("#restore-text").fill("The author's own name may stand there.")
    second.get_by_role("button", name="Restore").click()
    public.goto(path)
    assert words in public.locator("main").inner_text()
    public.goto(entry)
    assert "The author's own name may stand there." in public.locator("main").inner_text()
    public.goto("/en/shymkent/moderation/")
    assert_accessible(public)
    assert "restored" in public.locator("main").inner_text()
