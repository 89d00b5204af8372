"""An invitation in several browsers at once: the organiser, an official by link, another by account, a stranger, residents."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from tests.support.browser import assert_accessible, send, sign_in
from tests.support.invitations import Host
from tests.support.letters import Mails, links_of
from tests.support.people import People

pytestmark = pytest.mark.browser
REASON = "Жылыту маусымы, басшылық нысандарда; жазбаша жауап береміз"


def test_several_people_and_one_invitation(browsers: Any, session: Session, city: Any, people: People, mails: Mails) -> None:
    host = Host(session, city, people)
    road = host.body()
    head, colleague = people.official(road, head=True, email="head@example.test"), people.official(road, name="Айдос Ерланұлы", email="colleague@example.test")
    event = host.event(starts=utc_now() + timedelta(days=20))
    organiser, by_link, stranger, at_desk, resident = browsers(), browsers(phone=True, javascript=False), browsers(phone=True), browsers(), browsers(phone=True)

    # the organiser invites a named official and a body
    sign_in(organiser, host.user.email)
    manage = f"/kk/organise/events/{event.code}/invitations"
    organiser.goto(f"{manage}/invite")
    assert_accessible(organiser)
    organiser.select_option("#body_id", value=str(host.body("akimat").id))
    for name, value in (("post", "Басқарма басшысы"), ("name", "Серік Ахметұлы"), ("email", "named@example.org"), ("words", "Күл туралы")):
        organiser.fill(f"#{name}", value)
    send(organiser)
    organiser.wait_for_url(f"**{manage}")
    organiser.goto(f"{manage}/invite")
    organiser.select_option("#body_id", value=str(road.id))
    send(organiser)
    organiser.wait_for_url(f"**{manage}")
    assert_accessible(organiser)

    # the named one declines by the link of the letter, on a phone without JavaScript
    letter = mails.to("named@example.org")[0]
    link = next(x for x in links_of(letter) if x.startswith("/kk/invitations/link/"))
    by_link.goto(link)
    by_link.locator(f"a[href$='{link}/decline']").click()
    by_link.fill("#text", REASON)
    send(by_link)
    by_link.wait_for_url(f"**{link}")
    assert REASON in by_link.inner_text("main")

    # somebody to whom the letter was forwarded answers otherwise: nothing happens before the address says so
    stranger.goto(link)
    assert_accessible(stranger)
    stranger.goto(f"{link}/accept")
    send(stranger)
    stranger.wait_for_url(f"**{link}")
    assert REASON in stranger.inner_text("main")

    # the head sends a colleague from the desk, who confirms there
    sign_in(at_desk, head.email)
    at_desk.goto("/kk/desk/invitations/")
    assert_accessible(at_desk)
    at_desk.locator("main .invitation a").first.click()
    assert_accessible(at_desk)
    at_desk.locator("a[href$='/delegate']").click()
    at_desk.select_option("#colleague", value=str(colleague.id))
    at_desk.fill("#post", "Бас маман")
    send(at_desk)
    at_desk.wait_for_url("**/desk/invitations/SHY-*")
    theirs = browsers()
    sign_in(theirs, colleague.email)
    theirs.goto(at_desk.url + "/delegate_confirm")
    send(theirs)

    # residents see both fates, and the page fits a phone
    resident.goto(f"/kk/shymkent/events/{event.code}")
    words = resident.inner_text("main")
    assert REASON in words and "Бас маман" in words and "Айдос Ерланұлы" not in words
    assert resident.locator(".invitation use[href$='#ring']").count() == resident.locator(".invitation use[href$='#half']").count() == 1
    assert resident.evaluate("document.documentElement.scrollWidth") <= 360
    assert_accessible(resident)
    resident.goto(f"/kk/shymkent/bodies/{road.code}")
    assert resident.locator("#invitation-record").count() == 1 and resident.locator(".marks li").count() == 1
    assert_accessible(resident)
    assert resident.evaluate("document.documentElement.scrollWidth") <= 360
