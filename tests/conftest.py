"""What every test stands on: a fresh database, the application, people, complaints, letters, a fixed time.

``CIVIC_TEST_DB`` chooses the database: ``sqlite`` (the default) or ``postgresql``; ``make test`` runs both.
"""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from jinja2 import FileSystemBytecodeCache
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
from tests.support.people import People, cheap_passwords
from tests.support.shared import Shared

pytest_plugins = ["tests.support.browser"]

hypothesis.settings.register_profile("busy machine", deadline=None)  # how long one example takes says more of the machine than of the code
hypothesis.settings.load_profile("busy machine")

#: A Friday morning in Shymkent; a notice registered now is due on 20 May 2026.
NOW = datetime(2026, 4, 24, 9, 12, tzinfo=ZoneInfo("Asia/Almaty"))
KIND = os.environ.get("CIVIC_TEST_DB", "sqlite")


#: What takes longest begins first, each line of it in a process of its own: at the end, when one has nothing more to do, the others are nearly done.
LONG = (("test_pages", "test_journey"), ("test_permission_table",), ("test_operations", "test_demo"), ("test_bench", "test_fuzz", "test_figures_counting"))


@pytest.hookimpl(trylast=True)  # after what -m leaves out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What touches no database runs once, with SQLite."""
    if KIND == "postgresql":
        here = [item for item in items if "store" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if "store" not in getattr(item, "fixturenames", ())])
        items[:] = here
    items[:] = spread(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def spread(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """The order in which each process, which gets an equal piece of it at first, begins with its share of what is ``LONG``."""
    heads: list[list[pytest.Item]] = [[] for _ in range(processes)]
    for number, stems in enumerate(LONG):
        heads[number % processes] += [item for item in items if item.path.stem in stems]
    others = [item for item in items if not any(item.path.stem in stems for stems in LONG)]
    ordered: list[pytest.Item] = []
    for number, head in enumerate(heads):
        piece = (len(items) - len(ordered)) // (processes - number)  # as xdist reckons it
        more = max(piece - len(head), 0)
        ordered += [*head, *others[:more]]
        del others[:more]
    return ordered + others


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
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Shared:
    """``shared("name", make)``: a folder that one process of this run has filled for all."""
    own = tmp_path_factory.getbasetemp()
    return Shared(own if worker_id == "master" else own.parent)


def fill(url: str) -> None:
    """Migrate a database, and put the reference data into it."""
    engine = engine_for(url)
    migrate(engine)
    with Session(engine) as session:
        seed_reference(session, datetime(2026, 1, 5, 9, tzinfo=UTC))
        session.commit()
    engine.dispose()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, shared: Shared) -> Iterator[Store]:
    """Databases of this process; ``template`` is migrated and holds the reference data."""
    assert KIND in ("sqlite", "postgresql"), "CIVIC_TEST_DB must be sqlite or postgresql"
    folder = tmp_path_factory.mktemp("database")
    if KIND == "sqlite":
        filled = shared("template", lambda half: fill(Store(half, None).create("template")))
        shutil.copyfile(filled / "template.db", folder / "template.db")
        yield Store(folder, None)
    else:
        def make(half: Path) -> None:
            with postgresql(kept_in=half) as server, closing(Store(half, server)) as first:
                fill(first.create("template"))

        with postgresql(copy_of=shared("postgresql", make)) as server, closing(Store(folder, server)) as made:
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
def templates_kept(shared: Shared) -> FileSystemBytecodeCache:
    """Templates that some application of this run has translated to Python: all of them take more than a second of the processor."""
    folder = shared.root / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def built_app(settings: Settings, templates_kept: FileSystemBytecodeCache) -> CivicFlask:
    """The application, built once: its database is changed under it for each test."""
    app = create_app(settings)
    directory.TRUSTED = 0  # tests change things within a second, see PAGE_CACHE_SECONDS
    app.testing = True
    app.config["ANSWER_TAKES"] = 0  # the test of equal times switches it on
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = templates_kept
    cheap_passwords(app)
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


@pytest.fixture(scope="session")
def same_apps() -> dict[str, CivicFlask]:
    """What ``make_app(same=True)`` has made in this process, by settings."""
    return {}


@pytest.fixture
def make_app(app: CivicFlask, templates_kept: FileSystemBytecodeCache, same_apps: dict[str, CivicFlask]) -> Iterator[Callable[..., CivicFlask]]:
    """Makes further applications on the same database with other settings: ``make_app(mail_url="smtp://…")``.

    same: an application that an earlier test made with the same settings will do; for tests that change nothing of the application itself.
    """
    made: list[CivicFlask] = []

    def make(*, same: bool = False, **changes: Any) -> CivicFlask:
        known = same_apps.get(repr(changes)) if same else None
        other = known or create_app(replace(app.settings, **changes))
        other.testing, other.test_client_class, other.jinja_env.bytecode_cache = True, Browser, templates_kept
        cheap_passwords(other)
        if same:
            same_apps[repr(changes)] = other
        made.append(other)
        return other

    yield make
    for other in made:
        with other.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def true_passwords(app: CivicFlask) -> Iterator[None]:
    """Passwords cost what they cost in production."""
    security = app.extensions["security"]
    before = security.pwd_context.copy()
    security.pwd_context.load(create_app(app.settings).extensions["security"].pwd_context.to_string())
    yield
    security.pwd_context.load(before.to_string())


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


@pytest.fixture(autouse=True)
def no_day_of_the_calendar(request: pytest.FixtureRequest) -> None:
    """Tests with a database say the same at night, on holidays and next year: ``NOW`` is their time, but where other programs take part."""
    if "session" in request.fixturenames and not {"chromium", "nginx"} & set(request.fixturenames):
        request.getfixturevalue("clock")


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
