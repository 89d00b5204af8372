"""The one place that knows how each database keeps and asks the index: table ``search_index (rowid, terms)``, rowid is the complaint's id.

SQLite: an FTS5 table whose terms stand between blanks. PostgreSQL: a tsvector made of the terms as they are, without a dictionary. Terms are
letters, digits and ``_``, so that nothing in them means anything to either.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, column, delete, literal_column, select, table, text
from sqlalchemy.orm import Session

from civic.core.database import Reader, dialect_name

INDEX = table("search_index", column("rowid"), column("terms"))
#: All of these groups must be met, each by one of its terms.
Groups = Sequence[frozenset[str]]


def is_lite(session: Reader) -> bool:
    """The database is SQLite."""
    return dialect_name(session) == "sqlite"


def put(session: Session, documents: Iterable[tuple[int, Iterable[str]]]) -> None:
    """Write the terms of complaints that are not in the index."""
    rows = [(row, sorted(terms)) for row, terms in documents]
    if is_lite(session):
        order = text("INSERT INTO search_index (rowid, terms) VALUES (:row, :terms)")
        session.execute(order, [{"row": row, "terms": " ".join(terms)} for row, terms in rows])
    else:
        order = text("INSERT INTO search_index (rowid, terms) VALUES (:row, array_to_tsvector(CAST(:terms AS text[])))")
        session.execute(order, [{"row": row, "terms": terms} for row, terms in rows])


def drop_between(session: Session, after: int, until: int) -> None:
    """Take complaints with ids behind ``after`` up to ``until`` out of the index."""
    session.execute(delete(INDEX).where(INDEX.c.rowid > after, INDEX.c.rowid <= until))


def match(session: Reader, groups: Groups, *, blind: bool = False) -> ColumnElement[bool]:
    """The condition on ``search_index`` that all groups are met.

    blind: PostgreSQL's planner does not see the words. It would take them for independent of each other, expect a quarter of all rows of two common
    words that never meet, and read the whole table; so it uses the index.
    """
    if is_lite(session):
        asked = " AND ".join(f"({' OR '.join(sorted(group))})" for group in _quoted(groups, '"'))
        return text("search_index MATCH :asked").bindparams(bindparam("asked", asked, unique=True))  # type: ignore[return-value]
    asked = " & ".join(f"({' | '.join(sorted(group))})" for group in _quoted(groups, "'"))
    query = "(SELECT CAST(:asked AS tsquery))" if blind else "CAST(:asked AS tsquery)"
    return text(f"search_index.terms @@ {query}").bindparams(bindparam("asked", asked, unique=True))  # type: ignore[return-value]


def _quoted(groups: Groups, mark: str) -> list[list[str]]:
    return [[f"{mark}{term}{mark}" for term in group] for group in groups]


def ids(session: Reader, groups: Groups, *, blind: bool = False) -> Select[Any]:
    """A select of the ids of all complaints that meet the groups. blind: see ``match``."""
    return select(INDEX.c.rowid).select_from(INDEX).where(match(session, groups, blind=blind))


def tidy(session: Session, step: int) -> bool:
    """Merge a part of SQLite's index, at most ``step`` pages; False when nothing is left to do. PostgreSQL's needs none."""
    if not is_lite(session):
        return False
    before = session.scalar(select(literal_column("total_changes()")))
    session.execute(text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :step)"), {"step": step})
    after = session.scalar(select(literal_column("total_changes()")))
    return int(after or 0) - int(before or 0) >= 2
