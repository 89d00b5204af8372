"""Databases for tests: a file for SQLite, a server of our own for PostgreSQL, both filled by the migrations."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, make_url

from civic.config import ROOT
from civic.core.database import WRITES, prepare_engine

MIGRATIONS = ROOT / "migrations"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def engine_for(url: str) -> Engine:
    """An engine set up as the product's own."""
    engine = create_engine(url)
    prepare_engine(engine, synchronous="NORMAL")
    return engine


def alembic_config() -> Config:
    """The product's migrations."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(engine: Engine, revision: str = "head", *, down: bool = False) -> None:
    """Bring a database to ``revision``."""
    config = alembic_config()
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


def postgresql_programs() -> Path | None:
    """Where Debian keeps initdb and pg_ctl, the newest version first."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))
    return Path(found[-1]) if found else None


@contextmanager
def postgresql(kept_in: Path | None = None, copy_of: Path | None = None) -> Iterator[str]:
    """A PostgreSQL server on a free port, gone afterwards. Yields the address without a database's name.

    kept_in: a folder that gets its data at the end. copy_of: such a folder, with which it begins.

    PostgreSQL refuses to run as root, so root hands it to the user ``postgres`` that its Debian package makes. Its folder
    is not below pytest's own, which only root may enter.
    """
    programs = postgresql_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL is missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="civic-postgresql-"))
    as_user = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"
    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200,
                "autovacuum": "off", "checkpoint_timeout": "1h", "wal_level": "minimal", "max_wal_senders": 0, "max_wal_size": "512MB"}
    options = f"-p {port} -k {folder} -h 127.0.0.1 " + " ".join(f"-c {name}={value}" for name, value in settings.items())

    def call(*args: str) -> None:
        subprocess.run([*as_user, *args], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    if copy_of is None:
        call(str(programs / "initdb"), "-D", str(data), "-U", "civic", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
    else:
        subprocess.run(["cp", "-a", str(copy_of / "data"), str(folder)], check=True)  # with its owner
    call(str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://civic@127.0.0.1:{port}"
    finally:
        call(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate" if kept_in is None else "fast", "-w", "stop")
        if kept_in is not None:
            subprocess.run(["cp", "-a", str(data), str(kept_in)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def order(server: str, *statements: str) -> None:
    """Run statements that stand outside transactions (CREATE DATABASE) on the server's maintenance database."""
    with maintenance(server) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]


def maintenance(server: str) -> psycopg.Connection:
    """A connection to the server's maintenance database, outside transactions."""
    url = make_url(server)
    return psycopg.connect(host=url.host, port=url.port, user=url.username, dbname="postgres", autocommit=True)


class Store:
    """Makes fresh copies of one filled database: of the file ``template.db``, or of the database ``template``.

    Copying was chosen over rolling back: the product commits inside requests and jobs and begins its transactions
    itself (BEGIN IMMEDIATE), and a copy costs about 1 ms on SQLite and 30 ms on PostgreSQL. There the last copy is taken again when nothing was
    written to the server since it was made, which the place in its log tells.
    """

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder, self.server = folder, server
        self.orders = maintenance(server) if server else None  # one for all: a connection costs the server a process
        self.kept: set[str] = set()  # what the fixture of this name has made
        self._unchanged: tuple[object, ...] = ()  # the last copy and the place in the server's log

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"{self.server}/{name}" if self.server else f"sqlite:///{self.folder / name}.db"

    def create(self, name: str) -> str:
        """An empty database; whatever had its name is gone. Returns its address."""
        if self.orders:
            self._make_anew(name, "TEMPLATE template0")
        else:
            self._remove(name)
        return self.url(name)

    def copy(self, source: str, name: str) -> str:
        """A copy of ``source``, to which nobody may be connected. Returns its address."""
        if self.orders:
            if self._unchanged != (source, name, self._place_in_log()):
                self._make_anew(name, f"TEMPLATE {source} STRATEGY FILE_COPY")
                self._unchanged = source, name, self._place_in_log()
        else:
            self._remove(name)
            shutil.copyfile(self.folder / f"{source}.db", self.folder / f"{name}.db")
        return self.url(name)

    def close(self) -> None:
        """End it: nothing is copied any more."""
        if self.orders:
            self.orders.close()

    def _make_anew(self, name: str, how: str) -> None:
        assert self.orders is not None
        self.orders.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]
        self.orders.execute(f"CREATE DATABASE {name} {how}")  # type: ignore[arg-type]

    def _place_in_log(self) -> str:
        """How far the server's log of writes has come."""
        assert self.orders is not None
        (place,) = self.orders.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone() or ("",)
        return str(place)

    def _remove(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            (self.folder / f"{name}.db{suffix}").unlink(missing_ok=True)
