"""A discussion's page is drawn once until something of it changes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import template_rendered
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.clock import utc_now
from civic.events import kept, service
from civic.events.blueprint import EVENT_BLOCKS, EVENT_STAMPS
from civic.places.models import City
from tests.support.people import People
from tests.support.questions import Asking

AROUND = {"Range": "bytes=0-", "Host": "localhost"}  # the micro-cache of pages leaves such a request alone


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


def test_it_is_drawn_again_when_something_of_it_changed(asked: Asking, session: Session, make_app: Callable[..., CivicFlask], people: People) -> None:
    app, drawn = make_app(page_cache_seconds=60), []
    template_rendered.connect(lambda _app, template, **_: drawn.append(template.name) if template.name == "events/page.html" else None, app, weak=False)
    path = f"/ru/shymkent/events/{asked.event.code}"

    def look(where: str = path, cookie: str = "") -> tuple[int, str]:
        """How many times it was drawn for this, and what it says."""
        before, client = len(drawn), app.test_client()
        if cookie:
            client.set_cookie(cookie, "somebody", domain="localhost")
        answer = client.get(where, headers=AROUND)
        assert answer.status_code == 200
        return len(drawn) - before, answer.text

    assert [look()[0], look()[0]] == [1, 0]
    steps = (lambda: asked.registered(), lambda: asked.ask("Когда закроют свалку?"), lambda: asked.host.invite(asked.event, asked.host.body(), email="office@example.test"),
             lambda: service.cancel(session, asked.event, asked.actor, utc_now(), text="Зал закрыт"))
    for act in steps:
        act()
        session.commit()
        assert [look()[0], look()[0]] == [1, 0]
    assert "Зал закрыт" in look()[1] and "Когда закроют свалку?" in look()[1]
    assert look(path + "?x=1")[0] == 1 and look(cookie=app.config["SESSION_COOKIE_NAME"])[0] == 1
    assert look(path.replace("/ru/", "/kk/"))[0] == 1
    assert app.test_client().get(path, headers={**AROUND, "If-None-Match": app.test_client().get(path, headers=AROUND).headers["ETag"]}).status_code == 304


def test_every_feature_that_shows_something_says_when_it_changes() -> None:
    shows = {make.__module__.split(".")[1] for make in EVENT_BLOCKS}
    assert shows <= set(EVENT_STAMPS) and kept.MOST > 0
