"""An official's whole time in real browsers: invited by the head, two-factor, an answer, the removal, the work handed over."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.accounts.post_models import Handover
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.places.models import City
from tests.support.browser import assert_accessible, send, sign_in
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser


def set_up_app(page: Any) -> TOTP:
    """Joins an app of one-time codes as a person does, from the page that says it is due."""
    page.goto("/en/account/second-factor/app")
    app = TOTP(key=page.locator("code.key").inner_text().replace("-", "").replace(" ", ""))
    page.fill("input[name=code]", app.generate().token)
    send(page)
    assert page.locator("main code").count() >= 10  # the recovery codes
    return app


def test_an_official_comes_answers_and_leaves(app: CivicFlask, session: Session, city: City, people: People, filed: Filed, mails: Mails,
                                              browsers: Callable[..., Any], address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "settings", replace(app.settings, two_factor=True))
    body = session.get_one(Body, city.default_body_id)
    boss, colleague = people.official(body, head=True, name="Бақыт Басшы", locale="en"), people.official(body, name="Гаухар Әріптес")
    first, second = filed(text="Көшеде шам жанбайды, үш апта болды."), filed(text="Ауладағы су құбыры ағып жатыр.")
    numbers = (first.number, second.number)
    session.commit()
    # the head comes in with a second factor, and invites
    head = browsers()
    sign_in(head, boss.email, PASSWORD, "en")
    set_up_app(head)
    head.goto("/en/desk/people/")
    assert_accessible(head)
    head.fill("input[name=email]", "new@example.test")
    head.fill("input[name=title]", "Chief specialist")
    send(head)
    head.get_by_text("The letter is on its way").wait_for()
    (letter,) = mails.to("new@example.test")
    # the invited makes an account with the link, is asked for a second factor, and works
    official = browsers(phone=True)
    official.goto(links_of(letter)[0])
    assert_accessible(official)
    official.fill("input[name=name]", "Жаңа Маман")
    official.fill("input[name=password]", "four words nobody guesses")
    send(official)
    official.goto("/en/desk/")
    official.wait_for_url("**/second-factor/due**")
    set_up_app(official)
    official.goto(f"/en/desk/?open={numbers[0]}")
    for number in numbers:
        head.goto(f"/en/desk/?open={number}")
        form = head.locator("form[action*='/assign']")
        head.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        form.locator("select[name=user_id]").select_option(label="Жаңа Маман")
        form.locator("button[type=submit]").click()
        head.get_by_text("Saved.").first.wait_for()
    official.goto(f"/en/desk/?open={numbers[0]}")
    official.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    answer = official.locator("form[action*='/answer']")
    answer.locator("label[for=answer-outcome-0]").click()
    answer.locator("textarea[name=text]").fill("Шам ауыстырылды, рақмет.")
    answer.locator("button[type=submit]").last.click()
    official.get_by_text("The answer is sent to the resident").wait_for()
    # the head removes them, the rest goes to a colleague
    head.goto("/en/desk/people/")
    head.get_by_role("link", name=re.compile("Remove.*Жаңа Маман")).click()
    assert "2 things are in their hands" in head.locator("main").inner_text()
    head.select_option("select[name=to_id]", label="Гаухар Әріптес")
    send(head)
    head.get_by_text("cannot act for the body any more").wait_for()
    assert official.goto("/en/desk/").status == 403
    head.goto("/en/audit/")
    trail = head.locator("main").inner_text()
    assert all(word in trail for word in ("Post ended", "Work handed over", "2 complaints", "Гаухар Әріптес", "Invitation accepted", "new@example.test"))
    session.expire_all()
    gone = session.scalars(select(User).where(User.email == "new@example.test")).one()
    row = session.scalars(select(Handover)).one()
    assert (row.from_id, row.to_id, row.items, first.assignee_id, second.assignee_id) == (gone.id, colleague.id, {"complaint": 2}, colleague.id, colleague.id)
