"""How Alembic runs here: on SQLite and PostgreSQL, whole or not at all, one process at a time.

The connection comes from ``config.attributes["connection"]`` (tests, ``first.py``) or from the running application
(``flask db upgrade``).
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.types import TypeEngine

from civic import models
from civic.core.database import WRITES, Base

#: Any number, the same for all: whoever migrates PostgreSQL holds this lock.
LOCK = 7_010_101


def render_item(kind: str, item: Any, _context: object) -> str | bool:
    """Our column types as the plain ones they store, so that an old migration never needs today's code."""
    if kind != "type" or not isinstance(item, TypeEngine) or type(item).__module__.startswith("sqlalchemy."):
        return False
    return f"sa.{getattr(item, 'impl_instance', item)!r}"


def run(connection: Connection) -> None:
    """Run what was asked for in one transaction. SQLite checks foreign keys after it, since tables may be rebuilt."""
    lite = connection.dialect.name == "sqlite"
    raw: Any = connection.connection.driver_connection
    if lite:
        raw.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    try:
        with connection.begin():
            if not lite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            # told of the connection only now, Alembic leaves the transaction to us
            context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=lite, compare_type=True,
                              render_item=render_item, transactional_ddl=True)
            with context.begin_transaction():
                context.run_migrations()
            if lite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError("a migration broke a foreign key; nothing was changed")
    finally:
        if lite:
            raw.execute("PRAGMA foreign_keys=ON")


def main() -> None:
    """Find the connection and run."""
    models.load_all()
    given = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    from civic.extensions import db

    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        run(connection)


main()
