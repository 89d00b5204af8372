"""The databases of the bench: filled once, kept in ``instance/bench``, and copied before they are changed.

A kept database is used again while the migrations and what fills it are the same; otherwise it is made anew.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
from flask_security.utils import hash_password
from sqlalchemy import Index, make_url
from sqlalchemy.orm import Session

from bench.filing import PASSWORD
from bench.people import make_people
from bench.seed import COLUMNS, Maker, Row, Take, check_columns
from civic import create_app
from civic.app import CivicFlask
from civic.cli import seed_reference
from civic.config import ROOT, Settings
from civic.core.database import Base
from civic.extensions import db
from tests.support.database import engine_for, free_port, migrate, order, postgresql_programs

KEPT = ROOT / "instance" / "bench"
#: Commands of the product that fill what is counted and searched, in this order.
FILLS = (("figures", "recount", "--mend"), ("map", "recount", "--mend"), ("search", "rebuild"))
SECRET = "the measurements sign with this one, nobody else does"
Say = Callable[[str], None]


def fingerprint() -> str:
    """Changes when a kept database must be made anew: tables, what fills them, what is counted and searched."""
    digest = hashlib.sha256()
    made_by = {"civic/search": ("index", "kazakh", "models", "service", "words"), "civic/figures": ("measures", "models", "recount", "service"),
               "civic/complaints": ("map_cells", "map_counts", "map_models"), "bench": ("words", "lives", "seed", "people")}
    files = [*(ROOT / "migrations" / "versions").glob("*.py"), *(ROOT / "civic" / "places" / "data").glob("*"),
             *(ROOT / "civic" / "bodies" / "data").glob("*"),
             *(ROOT / folder / f"{name}.py" for folder, names in made_by.items() for name in names)]
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def leave_memory(file: Path) -> None:
    """The system need not keep this file's pages: beside the originals the copies, which are measured, would not all fit."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def postgresql_server(folder: Path = KEPT) -> Iterator[tuple[str, psutil.Process]]:
    """PostgreSQL with its data in ``folder``, durable as in production, for as long as it is needed. Yields its address and its process."""
    programs = postgresql_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is missing: sudo apt-get install postgresql, or DB=sqlite make bench")
    home = folder / "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    as_user = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(home, "postgres")
    port, data = free_port(), home / "data"

    def call(*args: str) -> None:
        subprocess.run([*as_user, *args], check=True, cwd=home, stdout=subprocess.DEVNULL)

    if (data / "postmaster.pid").exists() and psutil.pid_exists(int((data / "postmaster.pid").read_text().split("\n", 1)[0])):
        raise SystemExit(f"another bench runs on {home}; wait for its end, or set KEPT to another folder")
    if not (data / "PG_VERSION").exists():
        call(str(programs / "initdb"), "-D", str(data), "-U", "civic", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
    options = f"-p {port} -k {home} -h 127.0.0.1 -c max_connections=100 -c shared_buffers=512MB -c max_wal_size=4GB -c random_page_cost=1.1"
    call(str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
    try:
        yield f"postgresql+psycopg://civic@127.0.0.1:{port}", postmaster
    finally:
        call(str(programs / "pg_ctl"), "-D", str(data), "-m", "fast", "-w", "stop")


class Store:
    """Kept databases of one kind. server: PostgreSQL's address, None for SQLite."""

    def __init__(self, server: str | None, folder: Path = KEPT) -> None:
        self.server, self.folder = server, folder
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return "postgresql" if self.server else "sqlite"

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"{self.server}/{name}" if self.server else f"sqlite:///{self.folder / name}.db"

    def filled(self, count: int, say: Say) -> str:
        """The name of a database with ``count`` complaints, made when it is missing or not fresh."""
        name, mark = f"kept_{count}", self.folder / f"{self.kind}-{count}.json"
        wanted = {"fingerprint": fingerprint(), "count": count}
        if not (mark.exists() and json.loads(mark.read_text()) == wanted and self._exists(name)):
            mark.unlink(missing_ok=True)
            self._fill(name, count, say)
            mark.write_text(json.dumps(wanted))
        return name

    def copy(self, source: str, name: str) -> str:
        """A copy that may be changed. Returns its address. Nobody may be connected to ``source``."""
        if self.server:
            order(self.server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        else:
            self._remove(name)
            shutil.copyfile(self.folder / f"{source}.db", self.folder / f"{name}.db")
        for file in self._files(source):
            leave_memory(file)
        return self.url(name)

    def _files(self, name: str) -> Iterable[Path]:
        if not self.server:
            return [self.folder / f"{name}.db"]
        url = make_url(self.server)
        with psycopg.connect(host=url.host, port=url.port, user=url.username, dbname="postgres") as connection:
            row = connection.execute("SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = %s", (name,)).fetchone()
        assert row is not None
        return (Path(row[0]) / "base" / str(row[1])).iterdir()

    def drop(self, name: str) -> None:
        """Away with a copy."""
        if self.server:
            order(self.server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        else:
            self._remove(name)

    def _exists(self, name: str) -> bool:
        if not self.server:
            return (self.folder / f"{name}.db").exists()
        url = make_url(self.server)
        with psycopg.connect(host=url.host, port=url.port, user=url.username, dbname="postgres") as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def _remove(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{suffix}").unlink(missing_ok=True)

    def _fill(self, name: str, count: int, say: Say) -> None:
        self.drop(name)
        if self.server:
            order(self.server, f"CREATE DATABASE {name} TEMPLATE template0")
        app = create_app(Settings.read(environment(self.url(name), self.folder / "filling")))
        check_columns()
        with app.app_context():
            password = hash_password(PASSWORD)
        engine = engine_for(self.url(name))
        migrate(engine)
        now = datetime.now(UTC)
        with Session(engine, expire_on_commit=False) as session:
            seed_reference(session, now)
            session.commit()
            make_people(session, password, now)
            session.commit()
            maker = Maker(session, count, now)
        began = time.monotonic()

        def progress(made: int) -> None:
            say(f"{self.kind}, {count:,}: {made:,} complaints, {time.monotonic() - began:.0f} s")

        indexes = bulk_indexes()
        for index in indexes:
            index.drop(engine)
        engine.dispose()  # SQLite lets nobody else in while it writes without a journal
        if self.server:
            with psycopg.connect(self._plain(name)) as connection:
                maker.fill(_postgresql(connection), progress)
        else:
            with closing(sqlite3.connect(self.folder / f"{name}.db", isolation_level=None)) as file:
                maker.fill(_sqlite(file), progress)
                file.execute("COMMIT")
        for index in indexes:
            index.create(engine)
        if self.server:
            self._set_sequences(name)
        say(f"{self.kind}, {count:,}: indexes are made, {time.monotonic() - began:.0f} s")
        engine.dispose()
        self._count_and_index(app, say)
        with app.app_context():
            db.engine.dispose()
        self._settle(name)

    def _plain(self, name: str) -> str:
        return self.url(name).replace("+psycopg", "")

    def _set_sequences(self, name: str) -> None:
        with psycopg.connect(self._plain(name)) as connection:
            for table, columns in COLUMNS.items():
                if columns[0] == "id" and table != "photo":
                    connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # type: ignore[arg-type]

    def _count_and_index(self, app: CivicFlask, say: Say) -> None:
        """What the product counts and searches, by its own commands."""
        for words in FILLS:
            if words[0] not in app.cli.commands:
                say(f"flask {' '.join(words)}: the product has no such command, so its pages are measured without it")
                continue
            began = time.monotonic()
            done = app.test_cli_runner().invoke(args=words)
            if done.exit_code:
                raise SystemExit(f"flask {' '.join(words)} ended with {done.exit_code}: {done.output}{done.exception!r}")
            say(f"{self.kind}: flask {' '.join(words)} took {time.monotonic() - began:.0f} s")

    def _settle(self, name: str) -> None:
        """Statistics for the planner; nothing left for later."""
        if self.server:
            with psycopg.connect(self._plain(name), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            return
        with closing(sqlite3.connect(self.folder / f"{name}.db", isolation_level=None)) as file:
            file.execute("ANALYZE")
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def environment(database_url: str, instance: Path) -> dict[str, str]:
    """The environment of the product's programs: as in production, letters to a folder."""
    instance.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "CIVIC_INSTANCE": str(instance), "DATABASE_URL": database_url.replace("+psycopg", ""), "SECRET_KEY": SECRET,
            "CIVIC_DEMO": "0", "LIMITS_FACTOR": "0", "FLASK_APP": "wsgi", "PUBLIC_URL": "http://127.0.0.1"}


def bulk_indexes() -> list[Index]:
    """Indexes that are quicker to make once than to keep while rows arrive; unique ones stay."""
    return [index for name in COLUMNS for index in Base.metadata.tables[name].indexes if not index.unique]


def _sqlite(file: sqlite3.Connection) -> Take:
    for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -600000", "temp_store = MEMORY"):
        file.execute(f"PRAGMA {setting}")
    file.execute("BEGIN")

    def take(table: str, rows: list[Row]) -> None:
        columns = COLUMNS[table]
        file.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)

    return take


def _postgresql(connection: psycopg.Connection[Any]) -> Take:
    connection.execute("SET session_replication_role = replica")  # foreign keys hold by construction
    connection.execute("SET timezone = 'UTC'")

    def take(table: str, rows: list[Row]) -> None:
        with connection.cursor().copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    return take
