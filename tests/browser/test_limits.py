"""Near a limit the browser works a second and sends by itself; without JavaScript the page says when to come back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from civic.limits.quotas import QUOTAS
from civic.web import limits
from tests.support.browser import assert_accessible
from tests.support.complaints import Filed

pytestmark = pytest.mark.browser


def test_a_busy_moment_costs_a_browser_a_second_and_the_reader_nothing(browsers: Callable[..., Any], filed: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_factor", lambda: 1)
    monkeypatch.setitem(QUOTAS, "letter", replace(QUOTAS["letter"], device=1))
    address = f"/en/shymkent/complaints/{filed().number}/follow"
    page = browsers(phone=True)
    page.goto(address)
    assert page.locator("input[name=contact_page]").is_hidden()
    page.fill("main input[type=email]", "reader@example.kz")
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/follow" not in url)
    assert page.get_by_text("reader@example.kz").is_visible()
    plain = browsers(phone=True, javascript=False)
    plain.goto(address)
    plain.fill("main input[type=email]", "other@example.kz")
    plain.click("main form button[type=submit]")
    assert plain.get_by_text("Send it again from").is_visible()
    page.goto(address)
    page.fill("main input[type=email]", "reader@example.kz")
    page.click("main form button[type=submit]")
    assert page.get_by_role("heading", name="Please wait").is_visible()
    assert_accessible(page)
