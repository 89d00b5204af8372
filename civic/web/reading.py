"""The way public pages read the database."""

from flask import Flask, g
from sqlalchemy.orm import Session

from civic.core.database import Reader
from civic.extensions import db
from civic.web.access import knows_visitor

#: Name of the engine, see ``wiring``, whose connections of PostgreSQL are always in autocommit.
AUTOCOMMIT = "reading"


def reading() -> Session:
    """The request's session for a page that only reads objects.

    For a visitor whom nobody knows PostgreSQL is read in autocommit: each of the few selects is a transaction of its own,
    which saves two round trips on each page. SQLite, whose transactions cost nothing, shows one moment of the database.
    """
    session = db.session()
    if not knows_visitor() and not session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    return session


def reader() -> Reader:
    """The same for a page that only reads rows: for a visitor whom nobody knows a bare connection, kept until the request ends.

    A session costs as much again as one select; on PostgreSQL so does bringing a connection of its pool into autocommit and back.
    """
    if knows_visitor():
        return db.session()
    if "reader" not in g:
        g.reader = db.engines.get(AUTOCOMMIT, db.engine).connect()
    connection: Reader = g.reader
    return connection


def init_app(app: Flask) -> None:
    """Connections go back when the request ends."""

    @app.teardown_appcontext
    def give_back(_error: object) -> None:
        if "reader" in g:
            g.pop("reader").close()
