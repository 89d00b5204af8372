"""Live rooms and the pages of discussions: ``python -m bench.run rooms``, and a part of ``make bench``.

Thousands of simulated viewers listen to one room through nginx and nchan while a moderator presses «shown»; hundreds ask by polling;
pages of discussions are set against the reference. The viewers are a process of their own on the core of the load; nginx, the service
and the database share the other one.
"""

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from sqlalchemy import select

from bench.load import Unanswered, Visitor, request
from bench.report import Result
from bench.servers import Server, cores, cpu_ms, cpu_seconds
from bench.store import Store, environment
from bench.viewers import ask_again, listen
from civic import create_app
from civic.app import CivicFlask
from civic.config import ROOT, Settings
from civic.core.clock import utc_now
from civic.core.text import LANGUAGES
from civic.extensions import db
from tests.support.database import order
from tests.support.live import Nginx

NAMES = ("room, p99 from shown to received, s", "room, deltas missed or doubled", "room, CPU ms of one broadcast", "room, polled: % of a core",
         "event page, CPU against the reference")
SPACING = 1.5  # seconds between two presses: each finds a quiet room
STATEMENT = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді, ал күндіз бәрі қалыпты деп айтылады? Сұрақ"


@dataclass(frozen=True)
class Amounts:
    """How much is simulated. presses: of «shown». seconds: of polling."""

    viewers: int
    presses: int
    pollers: int
    seconds: float
    page_seconds: float
    rounds: int

    @classmethod
    def read(cls, rounds: int, page_seconds: float, env: Any = os.environ) -> "Amounts":
        """From VIEWERS (5000), PRESSES (20), POLLERS (500), POLL_SECONDS (24)."""
        return cls(int(env.get("VIEWERS") or 5000), int(env.get("PRESSES") or 20), int(env.get("POLLERS") or 500),
                   float(env.get("POLL_SECONDS") or 24), page_seconds, rounds)


def measure(kind: str, store: Store, reference: Server, references: list[bytes], helpers: Callable[[], list[psutil.Process]], amounts: Amounts,
            result: Result, say: Callable[[str], None]) -> None:
    """All of it on one database, made for this and gone afterwards."""
    with _database(store) as url:
        say(f"{kind}: making the demonstration, for the pages of discussions")
        nginx = Nginx(files=2 * amounts.viewers + 512)
        env = environment(url, store.folder / f"instance-{kind}-rooms") | {"TRUSTED_PROXIES": "1", "NCHAN_URL": nginx.nchan_url}
        _demonstration(env)
        server = Server(f"{kind}-rooms", "wsgi:app", env, store.folder / f"{kind}-rooms.log")
        try:
            nginx.configure(server.port, Path(env["CIVIC_INSTANCE"]))
            nginx.start()
            assert nginx.process is not None
            for process in (master := psutil.Process(nginx.process.pid), *master.children()):
                process.cpu_affinity([cores()[0]])
            app = create_app(Settings.read(env))
            with app.app_context():
                hall = Hall(app, server.port, amounts)
                addresses = _event_pages()
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
            for number in range(1, amounts.rounds + 1):
                _pages(kind, server, reference, references, addresses, helpers, amounts, result)
                say(f"{kind}, round {number} of {amounts.rounds}: pages of discussions")
            _live(kind, server, nginx, hall, amounts, result, say)
            _polling(kind, server, hall, amounts, result, say)
        finally:
            nginx.remove()
            server.stop()


@contextmanager
def _database(store: Store) -> Iterator[str]:
    store.drop("run_rooms")
    if store.server:
        order(store.server, "CREATE DATABASE run_rooms TEMPLATE template0")
    yield store.url("run_rooms")
    store.drop("run_rooms")


def _demonstration(env: dict[str, str]) -> None:
    """Discussions as they are: a past one with all that came of it, those to come. The service itself then runs without CIVIC_DEMO."""
    for command in ("prepare", "demonstrate"):
        done = subprocess.run([sys.executable, "-m", "flask", command], cwd=ROOT, env=env | {"CIVIC_DEMO": "1", "NCHAN_URL": ""},
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"flask {command} ended with {done.returncode}: {done.stderr}")


def _event_pages() -> list[str]:
    from civic.events.models import Event
    from civic.events.states import EventState

    chosen = select(Event.code).where(Event.state.in_([EventState.PUBLISHED, EventState.ANNOUNCED])).order_by(Event.id)
    return [f"/{language}/shymkent/events/{code}" for code in db.session.scalars(chosen) for language in LANGUAGES]


class Hall(Visitor):
    """A discussion that is going on, with questions that wait, and its moderator at work."""

    def __init__(self, app: CivicFlask, port: int, amounts: Amounts) -> None:
        from civic.core.database import begin_write  # models are all there only after the application has been made
        from civic.events import service as events
        from civic.places.queries import city_by_code
        from tests.support.people import People
        from tests.support.questions import Asking

        session = db.session()
        begin_write(session)
        people, city = People(app, session), city_by_code(session, "shymkent")
        assert city is not None
        asked = Asking(session, city, people, moderated=True, starts=utc_now() + timedelta(minutes=30))
        begin_write(session)
        self.waiting = [asked.ask(f"{STATEMENT} {n}").id for n in range(2 * amounts.presses + int(amounts.seconds) + 20)]
        events.start(session, asked.event, asked.actor, utc_now())
        session.commit()
        self.code, self.desk = asked.room.code, f"/ru/organise/events/{asked.event.code}/room"
        client = people.sign_in(app.test_client(), asked.host.user, second_factor=True)  # type: ignore[arg-type]
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        super().__init__(port, {cookie.key: cookie.value})
        self.read_token(self.desk)

    def show(self) -> float:
        """Press «shown» at the next question; the moment at which it was pressed."""
        body = urlencode({"csrf_token": self.token, "step": "show"})
        began = time.perf_counter()
        answer = self.ask("POST", f"{self.desk}/questions/{self.waiting.pop()}", body, ["Accept: application/json"])
        if answer.status != 200:
            raise Unanswered(f"{answer.status} for «shown»: {answer.body[:300]!r}")
        return began


def _pages(kind: str, server: Server, reference: Server, references: list[bytes], addresses: list[str], helpers: Callable[[], list[psutil.Process]],
           amounts: Amounts, result: Result) -> None:
    """Pages of discussions against the reference page: as residents ask for them, and each drawn anew.

    The first ones are asked for around the micro-cache of pages (it leaves requests with Range alone), but not around ``events.kept``,
    which looks each time whether anything of the discussion has changed. An address with a query is always drawn.
    """
    base = cpu_ms(reference, [], references, amounts.page_seconds)[0]
    as_asked = [request(address, [("Range", "bytes=0-")]) for address in addresses] * 40
    anew = [request(f"{address}?visit={random.randrange(10**9)}") for address in addresses * 40]
    for name, label, messages in (("discussion", NAMES[4], as_asked), ("discussion, drawn anew", f"{NAMES[4]}, drawn anew", anew)):
        random.shuffle(messages)
        own, of_database, sample = cpu_ms(server, helpers(), messages, amounts.page_seconds)
        result.page(kind, 0, name, own, of_database, sample)
        result.add(label, kind, own / base)


def _live(kind: str, server: Server, nginx: Nginx, hall: Hall, amounts: Amounts, result: Result, say: Callable[[str], None]) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    viewers = context.Process(target=listen, args=(nginx.port, f"/live/room/{hall.code}/ru", amounts.viewers, there))
    hall.show()  # whoever comes has a last message to get
    time.sleep(SPACING)
    viewers.start()
    there.close()
    say(f"{kind}: {here.recv()} viewers listen")
    assert nginx.process is not None
    working = [server.worker, *psutil.Process(nginx.process.pid).children()]
    before = cpu_seconds(working)
    pressed = []
    for _ in range(amounts.presses):
        pressed.append(hall.show())
        time.sleep(SPACING)
    spent = cpu_seconds(working) - before
    for _ in range(amounts.presses):  # and as fast as it goes: one delta a second, nothing lost
        hall.show()
    time.sleep(2 * SPACING)
    here.send("enough")
    received, wrong = here.recv()
    viewers.join(30)
    moments = sorted((sorted(times) for times in received.values()), key=lambda times: times[0])
    late = [at - start for start, times in zip(pressed, moments, strict=False) for at in times]
    wrong += sum(abs(amounts.viewers - len(times)) for times in moments)
    ordered = sorted(late)
    result.add(NAMES[0], kind, ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))])
    result.add("room, median from shown to received, s", kind, ordered[len(ordered) // 2])
    result.add(NAMES[1], kind, wrong)
    result.add(NAMES[2], kind, spent / amounts.presses * 1000)
    result.add("room, deltas of presses in a row", kind, len(moments) - amounts.presses)
    say(f"{kind}: {len(late)} of {amounts.presses * amounts.viewers} received, {wrong} missed or doubled")


def _polling(kind: str, server: Server, hall: Hall, amounts: Amounts, result: Result, say: Callable[[str], None]) -> None:
    """Viewers without nginx ask every three seconds while one question after the other is shown."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    pollers = context.Process(target=ask_again, args=(server.port, f"/ru/room/{hall.code}/live.json", amounts.pollers, amounts.seconds, there))
    pollers.start()
    here.recv()
    before, began = cpu_seconds([server.worker]), time.perf_counter()
    while not here.poll(2.0):
        hall.show()
    took = time.perf_counter() - began
    share = (cpu_seconds([server.worker]) - before) / took * 100
    answers = here.recv()
    pollers.join(30)
    result.add(NAMES[3], kind, share)
    result.add("room, polled: answers a second", kind, answers / took)
    say(f"{kind}: {amounts.pollers} by polling, {answers / took:.0f} answers a second, {share:.1f} % of a core")
