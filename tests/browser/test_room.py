"""One room in five browsers at once: the moderator, the projector, three phones, one of them asleep."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from civic.events import service as events
from civic.questions import polls, rooms
from tests.support.browser import assert_accessible, sign_in
from tests.support.invitations import Host
from tests.support.people import People

pytestmark = pytest.mark.browser
AIR, DRAFT = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді?", "Мен әлі жазып отырмын, бірақ"
ALIKE = "неге түнде ТЭЦ датчиктері деректі көрсетпейді"


def test_a_room_with_moderator_projector_and_three_phones(browsers: Any, session: Session, city: Any, people: People) -> None:
    host = Host(session, city, people)
    event = host.event(starts=utc_now() + timedelta(minutes=20))
    room = rooms.open_room(session, event, utc_now())
    polls.prepare(session, room, host.actor, utc_now(), text="Алдымен не істеу керек?", options=["Газ", "Сүзгі"])
    events.start(session, event, host.actor, utc_now())
    session.commit()
    moderator, projector = browsers(), browsers()
    asker, voter, sleeper = (browsers(phone=True) for _ in range(3))
    sign_in(moderator, host.user.email)
    moderator.goto(f"/kk/organise/events/{event.code}/room")
    projector.goto(f"/kk/room/{room.code}/screen")
    for phone in (asker, voter, sleeper):
        phone.goto(f"/r/{room.code}")
        phone.click("form[action$='/join'] button")
        phone.wait_for_selector("[data-room]")
    sleeper.context.set_offline(True)

    # one asks; the moderator sees it come and lets it through by the keyboard
    asker.fill("#text", AIR)
    asker.click("form[data-room-ask] button[type=submit]")
    asker.wait_for_url("**?sent=1")
    voter.fill("#text", DRAFT)
    moderator.wait_for_selector(f"[data-state=waiting] >> text={AIR}")
    assert_accessible(moderator)
    moderator.keyboard.press("j")
    moderator.keyboard.press("s")
    moderator.wait_for_selector(f"[data-state=shown] >> text={AIR}")

    # it comes to a phone on which somebody is typing, and takes nothing away
    voter.wait_for_selector(f".asked[data-state=shown] >> text={AIR}")
    assert voter.input_value("#text") == DRAFT
    assert_accessible(voter)

    # who begins to ask the same is shown it below the form, goes on typing, and gives it a voice instead; without a network it goes
    voter.fill("#text", ALIKE)
    voter.wait_for_selector(f"[data-alike]:not([hidden]) .asked >> text={AIR}")
    assert "1" in voter.inner_text("[data-alike-said]") and voter.evaluate("document.activeElement.id") == "text" and voter.input_value("#text") == ALIKE
    assert_accessible(voter)
    voter.click("[data-alike] [data-room-press=vote] button")
    for place in ("[data-alike]", "[data-room-list]"):
        voter.wait_for_selector(f"{place} .asked [data-voted-mark]:not([hidden])")
    voter.context.set_offline(True)
    voter.wait_for_selector("[data-alike]", state="hidden")
    voter.context.set_offline(False)
    voter.wait_for_selector("[data-alike] .asked [data-voted-mark]:not([hidden])")
    voter.fill("#text", DRAFT)
    voter.wait_for_selector("[data-alike]", state="hidden")
    moderator.wait_for_selector(".asked__number:text-is('2')")

    # it is answered: large on the wall
    moderator.click(".asked [value=take_up]")
    projector.wait_for_selector(f".screen__now:not([hidden]) >> text={AIR}")
    assert_accessible(projector)

    # a poll takes its place until the next question
    moderator.click("[data-poll] [value=open]")
    voter.wait_for_selector("[data-poll] [data-inputs] input")
    voter.click("[data-poll] [data-inputs] label >> nth=1")
    voter.click("[data-poll] [type=submit]")
    voter.wait_for_selector("[data-done-mark]:not([hidden])")
    projector.wait_for_selector(".screen__poll >> text=Сүзгі")
    moderator.click("[data-poll] [value=close]")
    projector.wait_for_selector(".screen__results >> text=100%")
    moderator.click(".asked [value=answer_live]")
    moderator.wait_for_selector("[data-state=answered_live]")

    # the one that slept knows all of it after one request
    assert AIR not in sleeper.inner_text("main")
    asked_for: list[str] = []
    sleeper.on("request", lambda request: asked_for.append(request.url) if "live.json" in request.url else None)
    sleeper.context.set_offline(False)
    sleeper.wait_for_selector(f".asked[data-state=answered_live] >> text={AIR}")
    sleeper.wait_for_selector("[data-poll] >> text=100%")
    assert len(asked_for) <= 2 and sleeper.locator("[data-room-lost]").is_hidden()

    # the wall keeps what it showed when the network drops; a half-typed question outlives a reload
    projector.context.set_offline(True)
    projector.wait_for_selector("[data-room-lost]:not([hidden])")
    assert "100%" in projector.inner_text("main")
    projector.context.set_offline(False)
    projector.wait_for_selector("[data-room-lost]", state="hidden")
    voter.reload()
    assert voter.input_value("#text") == DRAFT
