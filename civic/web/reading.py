"""The way public pages read the database."""

from sqlalchemy.orm import Session

from civic.extensions import db
from civic.web.access import knows_visitor


def reading() -> Session:
    """The request's session for a page that only reads.

    For a visitor whom nobody knows PostgreSQL is read in autocommit: each of the few selects is a transaction of its own,
    which saves two round trips on each page. SQLite, whose transactions cost nothing, shows one moment of the database.
    """
    session = db.session()
    if not knows_visitor() and not session.in_transaction() and session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    return session
