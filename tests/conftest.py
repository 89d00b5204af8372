"""What every test stands on: a fresh database, the application, people, complaints, letters, a fixed time.

``CIVIC_TEST_DB`` chooses the database: ``sqlite`` (the default) or ``postgresql``; ``make test`` runs both.
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy.orm import Session

from civic import create_app
from civic.app import CivicFlask
from civic.bodies import directory
from civic.cli import seed_reference
from civic.config import Settings
from civic.extensions import db
from civic.places.models import City
from civic.places.queries import city_by_code
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.database import Store, engine_for, migrate, postgresql
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People

pytest_plugins = ["tests.support.browser"]

#: A Friday morning in Shymkent; a notice registered now is due on 20 May 2026.
NOW = datetime(2026, 4, 24, 9, 12, tzinfo=ZoneInfo("Asia/Almaty"))
KIND = os.environ.get("CIVIC_TEST_DB", "sqlite")


#: What takes longest begins first: at the end, when one process has nothing more to do, the others are nearly done.
LONG = frozenset({"test_bench", "test_permission_table", "test_operations", "test_fuzz", "test_pages", "test_journey"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What touches no database runs once, with SQLite."""
    items.sort(key=lambda item: item.path.stem not in LONG)
    if KIND == "postgresql":
        here = [item for item in items if "store" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if "store" not in getattr(item, "fixturenames", ())])
        items[:] = here


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """No test talks to the network: sockets reach 127.0.0.1 and files only."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a test wanted to reach {address}")
        real(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Store]:
    """Databases of this run; ``template`` is migrated and holds the reference data."""
    assert KIND in ("sqlite", "postgresql"), "CIVIC_TEST_DB must be sqlite or postgresql"
    folder = tmp_path_factory.mktemp("database")
    with ExitStack() as stack:
        server = stack.enter_context(postgresql()) if KIND == "postgresql" else None
        made = Store(folder, server, worker_id)
        engine = engine_for(made.create("template"))
        migrate(engine)
        with Session(engine) as session:
            seed_reference(session, datetime(2026, 1, 5, 9, tzinfo=UTC))
            session.commit()
        engine.dispose()
        yield made


@pytest.fixture(scope="session")
def settings(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a production-like installation in a folder of its own; letters go to a folder."""
    return replace(Settings.read({
        "CIVIC_INSTANCE": str(tmp_path_factory.mktemp("instance")), "DATABASE_URL": store.url("test"),
        "SECRET_KEY": "the tests sign with this one, nobody else does", "PUBLIC_URL": "http://localhost", "SQLITE_SYNCHRONOUS": "NORMAL",
        "PAGE_CACHE_SECONDS": "0",  # tests change things within a second; those of the cache switch it on
        "LIMITS_FACTOR": "100",  # those of the limits put it to 1
    }), two_factor=False)  # the tests of two-factor switch it on


@pytest.fixture(scope="session")
def built_app(settings: Settings) -> CivicFlask:
    """The application, built once: its database is changed under it for each test."""
    app = create_app(settings)
    directory.TRUSTED = 0  # tests change things within a second, see PAGE_CACHE_SECONDS
    app.testing = True
    app.config["ANSWER_TAKES"] = 0  # the test of equal times switches it on
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(built_app: CivicFlask, store: Store) -> Iterator[CivicFlask]:
    """The application with a fresh database (see ``Store`` for why copies) and empty folders."""
    store.copy("template", "test")
    for folder in (built_app.settings.media, built_app.settings.mail_folder):
        shutil.rmtree(folder, ignore_errors=True)
    yield built_app
    with built_app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def make_app(app: CivicFlask) -> Iterator[Callable[..., CivicFlask]]:
    """Makes further applications on the same database with other settings: ``make_app(mail_url="smtp://…")``."""
    made: list[CivicFlask] = []

    def make(**changes: Any) -> CivicFlask:
        other = create_app(replace(app.settings, **changes))
        other.testing, other.test_client_class = True, Browser
        made.append(other)
        return other

    yield make
    for other in made:
        with other.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def session(app: CivicFlask) -> Iterator[Session]:
    """A session of the test itself. ``client`` and ``mails`` commit it before they work, so both see the same."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def kept(app: CivicFlask, store: Store, session: Session) -> Callable[..., None]:
    """``kept("demo", make)`` gives what ``make()`` leaves in the database and in the folders. Only the first test of this process makes it,
    the others get a copy; so ``make`` returns nothing, and tests read their rows anew. others: further applications that ``make`` works with."""
    folders = {"media": app.settings.media, "mail": app.settings.mail_folder}

    def keep(name: str, make: Callable[[], object], *others: CivicFlask) -> None:
        aside = store.folder / f"{name}-folders"
        if first := name not in store.kept:
            make()
            session.commit()
        session.rollback()  # gives its connection back; what fixtures hold, such as the city, is read anew from the copy
        for one in (app, *others):
            with one.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()
        store.copy(*(("test", name) if first else (name, "test")))
        for what, folder in folders.items():
            source, target = (folder, aside / what) if first else (aside / what, folder)
            if source.exists():
                shutil.copytree(source, target, dirs_exist_ok=True)
        store.kept.add(name)

    return keep


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still at ``NOW``; move it with ``clock.shift(timedelta)`` or ``clock.move_to(moment)``."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def now(clock: Any) -> datetime:
    """24 April 2026, 09:12 in Shymkent: a Friday, worked."""
    return NOW


@pytest.fixture
def client(app: CivicFlask, session: Session, clock: Any) -> Browser:
    """A visitor's browser that inspects every page it gets."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.session_of_test = session
    return browser


@pytest.fixture
def new_client(app: CivicFlask, session: Session, clock: Any) -> Callable[[], Browser]:
    """Makes further browsers, for journeys of several people."""
    def make() -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        browser.session_of_test = session
        return browser
    return make


@pytest.fixture
def city(session: Session) -> City:
    """Shymkent, as seeded."""
    found = city_by_code(session, "shymkent")
    assert found is not None
    return found


@pytest.fixture
def people(app: CivicFlask, session: Session) -> People:
    """Makes accounts, contacts and posts, and signs people in."""
    return People(app, session)


@pytest.fixture
def filed(session: Session, city: City, people: People) -> Filed:
    """Files complaints: ``filed(text="…", category="…")`` gives a registered one."""
    return Filed(session, city, people)


@pytest.fixture
def held(session: Session, city: City, people: People, clock: Any) -> Held:
    """Makes discussions of one organisation: ``held()`` gives an announced one."""
    return Held(session, city, people)


@pytest.fixture
def mails(app: CivicFlask, session: Session) -> Mails:
    """``mails()`` delivers what waits and gives the letters that came of it."""
    return Mails(app, session)


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes the bytes of a picture."""
    from tests.support.pictures import picture as make

    return make


@pytest.fixture(scope="session")
def built_front_end() -> Path:
    """The built front end, which pages in a browser need."""
    from civic.config import ROOT

    folder = ROOT / "static" / "dist"
    assert (folder / "app.css").exists(), "static/dist is missing: run `make static/dist/app.css`"
    return folder
