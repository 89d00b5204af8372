"""A promise in several browsers at once: the organiser, the body's official, a resident who says that it is not kept."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM
from civic.core.clock import utc_now
from civic.events import service as events
from tests.support.browser import assert_accessible, send, sign_in
from tests.support.complaints import Filed
from tests.support.invitations import Host
from tests.support.people import People

pytestmark = pytest.mark.browser


def test_three_people_and_one_promise(browsers: Any, session: Session, city: Any, people: People, filed: Filed, picture: Any, tmp_path: Path) -> None:
    host, photo = Host(session, city, people), tmp_path / "photo.jpg"
    photo.write_bytes(picture())
    official, neighbour = people.official(host.body(), email="official@example.test"), people.account("neighbour@example.test")
    event, complaint = host.event(starts=utc_now() + timedelta(hours=1)), filed()
    events.start(session, event, SYSTEM, utc_now())
    session.commit()
    organiser, at_desk, resident = browsers(), browsers(phone=True), browsers(phone=True, javascript=False)

    sign_in(organiser, host.user.email)
    organiser.goto(f"/kk/organise/events/{event.code}")
    organiser.locator(f"a[href$='/events/{event.code}/promise']").click()
    assert_accessible(organiser)
    organiser.select_option("#body_id", value=str(host.body().id))
    due = (utc_now() + timedelta(days=30)).date().isoformat()
    for name, value in (("post", "Басқарма басшысы"), ("words", "Мектеп жанына 14 шам орнатамыз"), ("due_on", due), ("second", "12:05"), ("complaints", complaint.number)):
        organiser.fill(f"#{name}", value)
    send(organiser)
    organiser.wait_for_url("**/promises/SHY-*")
    page = organiser.url.split("/kk", 1)[1]
    assert_accessible(organiser)

    sign_in(at_desk, official.email)
    at_desk.goto("/kk/desk/promises")
    assert_accessible(at_desk)
    at_desk.locator("main .promise a").first.click()
    at_desk.locator("main a[href$='/confirm']").first.click()
    send(at_desk)
    at_desk.wait_for_url(f"**{page}")
    at_desk.locator("main a[href$='/claim']").first.click()
    assert_accessible(at_desk)
    at_desk.fill("#text", "Орнаттық")
    at_desk.set_input_files("#photos", str(photo))
    send(at_desk)
    at_desk.wait_for_url(f"**{page}")

    sign_in(resident, neighbour.email)
    resident.goto(f"/kk{page}/contest")
    resident.fill("#text", "Екі шам ғана жанып тұр")
    send(resident)  # nothing shows it
    assert resident.locator(".error-summary").is_visible() and resident.input_value("#text") == "Екі шам ғана жанып тұр"
    resident.fill("#links", "https://example.kz/two-lamps")
    send(resident)
    resident.wait_for_url(f"**{page}")
    assert "Екі шам ғана жанып тұр" in resident.inner_text("main")

    organiser.goto(f"/kk/shymkent/complaints/{complaint.number}")
    assert "Мектеп жанына 14 шам орнатамыз" in organiser.inner_text("main")
    assert_accessible(organiser)
