"""What changes in a room, told through the real nginx and nchan."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from civic.app import CivicFlask
from civic.config import Settings, SettingWrong
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.places.models import City
from civic.questions import delivery, live, service, voting
from civic.questions.models import Room, RoomDelivery
from civic.questions.states import HiddenReason
from tests.support.live import Listener, Nginx
from tests.support.people import People
from tests.support.questions import Asking

AIR, DUMP, GAS = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді?", "Когда закроют свалку у Коянды?", "Сколько домов перевели на газ из обещанных?"
BESIDES = ("x-content-type-options", "x-frame-options", "cache-control", "x-accel-buffering", "content-type")


@pytest.fixture
def nginx() -> Iterator[Nginx]:
    """nginx, not started yet."""
    made = Nginx()
    yield made
    made.remove()


@pytest.fixture
def site(make_app: Callable[..., CivicFlask], nginx: Nginx) -> Iterator[CivicFlask]:
    """The application behind nginx; what the test's own session changes is told as if a page had changed it."""
    app = make_app(public_url=nginx.url, trusted_proxies=1, nchan_url=nginx.nchan_url)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    nginx.configure(server.server_port, app.settings.instance)
    nginx.start()
    with app.app_context():
        yield app
    server.shutdown()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(10)


@pytest.fixture
def asked(site: CivicFlask, session: Session, city: City, people: People) -> Asking:
    begin_write(session)
    return Asking(session, city, people, starts=utc_now() + timedelta(minutes=30))


@pytest.fixture
def change(session: Session) -> Callable[[Callable[[], Any]], Any]:
    """Does something in a transaction of its own, as a request does."""
    def do(act: Callable[[], Any]) -> Any:
        begin_write(session)
        done = act()
        session.commit()
        return done

    return do


def sent(session: Session, room: Room) -> RoomDelivery:
    """Waits until all is sent."""
    for _ in range(1200):
        session.rollback()
        row = session.get(RoomDelivery, room.id, populate_existing=True)
        if row is not None and row.due_at is None:
            return row
        time.sleep(0.05)
    raise AssertionError("a delivery is still due")


def test_the_first_change_of_a_quiet_room_is_told_at_once_and_further_ones_once_a_second(asked: Asking, session: Session, nginx: Nginx, change: Any) -> None:
    question = change(lambda: asked.ask(AIR))
    sent(session, asked.room)
    listener = Listener(nginx, f"/live/room/{asked.room.code}/kk")
    headers = {name.lower(): value for name, value in listener.answer.getheaders()}
    assert {name: headers.get(name) for name in BESIDES} == {
        "x-content-type-options": "nosniff", "x-frame-options": "DENY", "cache-control": "no-cache, no-store, no-transform", "x-accel-buffering": "no",
        "content-type": "text/event-stream; charset=utf-8"}
    assert not headers.get("access-control-allow-origin")
    first = listener.next()  # the last message of all, so that one who has just come knows how new the state is that he asked for
    assert first["questions"][0]["id"] == question.id and first["since"] < first["v"] == asked.room.version
    told, took = first, []
    for n in range(3):  # the quickest: the machine may be busy with something else
        time.sleep(1)
        before, began = told, time.monotonic()
        change(lambda: service.pin(session, question, asked.actor, utc_now(), pinned=not n % 2))  # noqa: B023  it is called at once
        told = listener.next()
        took.append(time.monotonic() - began)
        assert told["since"] == before["v"]
    assert min(took) < 0.9  # alone on the machine: 0.02 s
    messages = []
    for _ in range(3):  # the fewest, for the same reason
        for _ in range(5):
            change(lambda: voting.vote(session, asked.room, question, asked.registered(), utc_now()))
        messages.append(0)
        while told["v"] < asked.room.version:
            before, told = told, listener.next()
            messages[-1] += 1
            assert told["since"] == before["v"]
        session.refresh(question)
        assert told["questions"][0]["votes"] == question.votes
    assert min(messages) < 5
    with pytest.raises(TimeoutError):
        listener.next(1.5)
    listener.close()


def test_who_slept_gets_what_was_missed_and_who_slept_too_long_knows_it(asked: Asking, session: Session, nginx: Nginx, change: Any) -> None:
    question = change(lambda: asked.ask(AIR))
    sent(session, asked.room)
    path = f"/live/room/{asked.room.code}/ru"
    listener = Listener(nginx, path)
    first = listener.next()
    listener.close()
    for _ in range(2):
        change(lambda: voting.vote(session, asked.room, question, asked.registered(), utc_now()))
        sent(session, asked.room)
    again = Listener(nginx, path, listener.last)
    missed = [again.next()]
    while missed[-1]["v"] < asked.room.version:
        missed.append(again.next())
    assert [m["since"] for m in missed] == [first["v"], *(m["v"] for m in missed[:-1])]
    again.close()
    nginx.stop()
    nginx.start()  # nchan has forgotten everything
    change(lambda: voting.vote(session, asked.room, question, asked.registered(), utc_now()))
    sent(session, asked.room)
    late = Listener(nginx, path, listener.last)
    assert late.next()["since"] > first["v"]  # a gap: the view asks by its version
    late.close()


def test_nothing_is_lost_while_nchan_is_away(asked: Asking, session: Session, nginx: Nginx, change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "AGAIN", (0.2, 0.5, 1.0))
    change(lambda: asked.ask(AIR))
    before = sent(session, asked.room).version
    nginx.stop()
    change(lambda: asked.ask(DUMP))
    change(lambda: asked.ask(GAS))
    time.sleep(0.5)
    session.rollback()
    row = session.get_one(RoomDelivery, asked.room.id, populate_existing=True)
    assert (row.version, row.due_at is not None) == (before, True)
    nginx.start()
    listener = Listener(nginx, f"/live/room/{asked.room.code}/kk")
    told = listener.next()
    listener.close()
    assert told["since"] == before and [q["text"] for q in told["questions"]] == [DUMP, GAS]


def test_a_delivery_whose_process_died_is_made_by_the_minute(asked: Asking, session: Session, site: CivicFlask, nginx: Nginx, change: Any) -> None:
    change(lambda: asked.ask(AIR))
    before = sent(session, asked.room).version
    died = utc_now() - delivery.GIVEN_UP - timedelta(seconds=1)
    change(lambda: session.execute(update(RoomDelivery).values(due_at=died, version=before - 1)))
    site.extensions["civic_delivery"].sweep(session, utc_now())
    assert sent(session, asked.room).version == before


def test_a_change_taken_back_tells_nothing(asked: Asking, session: Session) -> None:
    begin_write(session)
    asked.ask(AIR)
    session.rollback()
    assert session.scalar(select(RoomDelivery.version)) is None and not session.info.get("rooms_to_deliver")


def test_messages_hold_what_everybody_may_see_and_are_small(asked: Asking, session: Session, site: CivicFlask, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    change(lambda: setattr(asked.room, "moderated", True))
    waiting = change(lambda: asked.ask(AIR))
    with site.test_request_context():
        told = live.messages(session, asked.room, asked.room.version - 1, utc_now())
        assert set(told) == {"kk", "ru", "en"} and AIR not in "".join(map(bytes.decode, told.values()))
        change(lambda: service.show(session, waiting, asked.actor, utc_now()))
        shown = live.messages(session, asked.room, asked.room.version - 1, utc_now())
        assert all(AIR in message.decode() for message in shown.values())
        change(lambda: service.hide(session, waiting, asked.actor, utc_now(), reason=HiddenReason.INSULT))
        hidden = live.messages(session, asked.room, asked.room.version - 1, utc_now())
        assert AIR not in "".join(map(bytes.decode, hidden.values())) and b'"gone":true' in hidden["kk"]
        monkeypatch.setattr(live, "LARGEST", 10)
        version = asked.room.version
        assert live.messages(session, asked.room, version - 1, utc_now())["kk"] == f'{{"v":{version},"since":{version}}}'.encode()


def test_nobody_publishes_or_listens_where_he_should_not(asked: Asking, nginx: Nginx) -> None:
    code = asked.room.code
    outside = [(method, path) for method in ("POST", "PUT", "DELETE") for path in (f"/live/room/{code}/kk", f"/publish/{code}/kk")]
    assert all(nginx.ask(nginx.port, method, path, b"x")[0] in (403, 404, 405) for method, path in outside)
    assert [nginx.ask(nginx.port, "GET", path)[0] for path in (f"/live/room/{code}/de", "/live/room/../../publish", f"/publish/{code}/kk", "/live/room/x/kk")] == [404] * 4
    assert [nginx.ask(nginx.publisher, method, path)[0] for method, path in (("GET", f"/publish/{code}/kk"), ("DELETE", f"/publish/{code}/kk"), ("POST", "/publish/x/kk"))] == [403, 403, 404]
    assert nginx.ask(nginx.publisher, "POST", f"/publish/{code}/kk", b"x" * 70_000)[0] == 413


def test_pages_name_the_stream_only_where_there_is_one(asked: Asking, site: CivicFlask, app: CivicFlask) -> None:
    for application, named in ((site, f'data-room-stream="/live/room/{asked.room.code}/ru"'), (app, 'data-room-stream=""')):
        page = application.test_client().get(f"/ru/room/{asked.room.code}/screen", headers={"Host": "127.0.0.1"})
        assert page.status_code == 200 and named in page.text


def test_the_address_of_nchan_is_never_a_public_one(tmp_path: Path) -> None:
    env = {"CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": "the tests sign with this one, nobody else does"}
    assert Settings.read({**env, "NCHAN_URL": "http://127.0.0.1:8081/publish/"}).nchan_url == "http://127.0.0.1:8081/publish"
    assert Settings.read({**env, "NCHAN_URL": "http://live.internal:8081/publish", "OUTGOING_PRIVATE_HOSTS": "live.internal:8081"}).nchan_url
    for wrong in ("https://nchan.example.kz/publish", "http://nchan.example.kz/publish", "127.0.0.1:8081", "file:///etc/passwd"):
        with pytest.raises(SettingWrong, match="NCHAN_URL"):
            Settings.read({**env, "NCHAN_URL": wrong})
