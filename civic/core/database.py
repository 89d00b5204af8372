"""Declarative base, column types and engine settings shared by SQLite and PostgreSQL."""

from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, FromClause, Integer, MetaData, Table, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

WRITES = "civic_writes"
#: Seconds for which a connection that has just answered is taken to be alive.
ALIVE = 1.0
#: What a public page reads rows from: the session, or, cheaper by all that an ORM is for, a bare connection.
Reader = Session | Connection


def dialect_name(reader: Reader) -> str:
    """``sqlite`` or ``postgresql``."""
    return (reader if isinstance(reader, Connection) else reader.get_bind()).dialect.name


class Base(DeclarativeBase):
    """Base of all models; constraints are named so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    @classmethod
    def __table_cls__(cls, name: str, metadata: MetaData, *parts: Any, **options: Any) -> Table:
        """A number is given to one row only, also after that row is gone: cases and entries of moderation, keys of jobs, signed links and
        the audit trail quote numbers without a foreign key. PostgreSQL keeps to it by itself, SQLite when it is told."""
        keys = [part for part in parts if isinstance(part, Column) and part.primary_key]
        if len(keys) == 1 and isinstance(keys[0].type, Integer) and not keys[0].foreign_keys:
            options["sqlite_autoincrement"] = True
        return Table(name, metadata, *parts, **options)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps no zone, so it is put back on reading.

    Raises ``ValueError`` for a naive datetime: it would mean another moment on another machine.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Translated(TypeDecorator[dict[str, str]]):
    """One text in up to three languages: ``{"kk": …, "ru": …, "en": …}``; read with ``text.pick``."""

    impl = JSON
    cache_ok = True


class HintingCompiler(SQLiteCompiler):
    """Writes ``with_hint(table, "INDEXED BY …", "sqlite")`` behind the table, which SQLAlchemy leaves out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def prepare_engine(engine: Engine, *, synchronous: str = "FULL") -> None:
    """Make SQLite keep what it acknowledged and never lose an update.

    pysqlite's own transaction handling is switched off; a reading transaction begins with BEGIN and a
    writing one (see ``begin_write``) with BEGIN IMMEDIATE, which waits its turn instead of losing updates.
    ``synchronous`` FULL keeps every acknowledged commit through a power cut.
    """
    if engine.dialect.name != "sqlite":
        _ask_seldom(engine)
        return
    engine.dialect.statement_compiler = HintingCompiler

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA cache_size=-512")  # KiB for each connection; the system keeps pages for all of them
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        driver: Any = connection.connection.driver_connection  # which never refuses this; by SQLAlchemy it costs as much as a select of one row
        driver.execute("BEGIN")


def _ask_seldom(engine: Engine) -> None:
    """Ask a connection of the pool whether its server still lives, but not again within ``ALIVE``: ``pool_pre_ping`` does so for
    each request, which is one round trip more on every page. When the server goes, a request of that second may fail."""

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: object) -> None:
        now = monotonic()
        if now - record.info.get("asked", -inf) < ALIVE:
            return
        record.info["asked"] = now
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("the server is gone") from error


def lock_row(session: Session, row: Any, seen_version: int | None = None, columns: list[str] | None = None) -> bool:
    """Take a row for writing, as it is now; False when it is not the version that was seen. columns: read these alone."""
    session.flush()  # refresh throws away what was not written yet
    session.refresh(row, attribute_names=columns, with_for_update={"of": type(row)})  # PostgreSQL locks nothing that a row may lack
    return seen_version is None or bool(row.version == seen_version)


def begin_write(session: Session) -> None:
    """Say that the session's transaction, not begun yet, is going to write.

    A reading transaction that is open already is ended first: SQLite cannot turn it into a writing one.
    """
    if session.in_transaction():
        session.rollback()
    session.connection(execution_options={WRITES: True})
