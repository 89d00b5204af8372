"""One room behind nginx: what the moderator shows comes by itself, also after nchan was away, and takes nothing from whoever is typing."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from civic.app import CivicFlask
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.events import service as events
from tests.support.browser import PATIENCE, _is_error, sign_in
from tests.support.live import Nginx
from tests.support.people import People
from tests.support.questions import Asking

pytestmark = pytest.mark.browser
AIR, DUMP, GAS, DRAFT = "Неге ТЭЦ маңында түтін иісі шығады?", "Когда закроют свалку у Коянды?", "Қанша үй газға көшті?", "Мен әлі жазып отырмын, бірақ"


@pytest.fixture
def nginx() -> Iterator[Nginx]:
    made = Nginx()
    yield made
    made.remove()


@pytest.fixture
def browsers(chromium: Any, make_app: Callable[..., CivicFlask], nginx: Nginx, built_front_end: Path) -> Iterator[Callable[..., Any]]:
    """Makes browsers of different people before nginx; what their consoles call an error fails the test."""
    app = make_app(public_url=nginx.url, trusted_proxies=1, nchan_url=nginx.nchan_url)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nginx.configure(server.server_port, app.settings.instance)
    nginx.start()
    contexts, errors = [], []

    def make(*, phone: bool = False) -> Any:
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(base_url=nginx.url, viewport=size, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if _is_error(message) else None)
        page.asked_for = []
        page.on("request", lambda request: page.asked_for.append(request.url) if "/live" in request.url else None)
        return page

    with app.app_context():
        yield make
    for context in contexts:
        context.close()
    server.shutdown()
    assert not errors, f"the browser's console says: {errors}"


def test_a_room_by_stream_and_through_a_restart_of_nchan(browsers: Any, nginx: Nginx, session: Session, city: Any, people: People) -> None:
    begin_write(session)
    asked = Asking(session, city, people, moderated=True, starts=utc_now() + timedelta(minutes=20))
    begin_write(session)
    for text in (AIR, DUMP, GAS):
        asked.ask(text)
    events.start(session, asked.event, asked.actor, utc_now())
    session.commit()
    moderator, projector, phone = browsers(), browsers(), browsers(phone=True)
    sign_in(moderator, asked.host.user.email)
    moderator.goto(f"/kk/organise/events/{asked.event.code}/room")
    with projector.expect_response("**/live/room/**"):  # the stream is open
        projector.goto(f"/kk/room/{asked.room.code}/screen")
    phone.goto(f"/r/{asked.room.code}")
    phone.click("form[action$='/join'] button")
    phone.wait_for_selector("[data-room]")
    phone.fill("#text", DRAFT)
    outside = browsers()  # something on its way lets no streams through: it asks
    outside.route("**/live/room/**", lambda route: route.fulfill(status=403))
    outside.goto(f"/kk/room/{asked.room.code}/screen")
    show = "[data-state=waiting] >> nth=0 >> [value=show]"

    # shown by the moderator, it is on the phone and on the wall without their asking
    before = len(projector.asked_for)
    moderator.click(show)
    projector.wait_for_selector(f"[data-room-next-list] >> text={AIR}")
    phone.wait_for_selector(f".asked[data-state=shown] >> text={AIR}")
    outside.wait_for_selector(f"[data-room-next-list] >> text={AIR}")
    assert sum("live.json" in url for url in projector.asked_for[before:]) == 0 and any("/live/room/" in url for url in projector.asked_for)

    # nchan goes away and comes back with nothing in its memory; meanwhile the discussion goes on
    nginx.stop()
    begin_write(session)
    second = asked.ask("Су құбыры қашан жөнделеді?")
    session.commit()
    nginx.start()
    moderator.wait_for_selector(f"[data-state=waiting] >> text={second.text}")
    moderator.click(show)
    for page, place in ((projector, "[data-room-next-list]"), (phone, ".asked[data-state=shown]")):
        page.wait_for_selector(f"{place} >> text={DUMP}")
        assert page.locator(f"{place} >> text={AIR}").count() == page.locator(f"{place} >> text={DUMP}").count() == 1
        assert page.locator("[data-room-lost]").is_hidden()
    assert phone.input_value("#text") == DRAFT
