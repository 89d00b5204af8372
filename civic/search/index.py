"""The one place that knows how each database keeps and asks the index: table ``search_index (rowid, terms)``, rowid is the complaint's id.

SQLite: an FTS5 table whose terms stand between blanks. PostgreSQL: a tsvector made of the terms as they are, without a dictionary; its GIN
index holds each term once for each block of ids (``12:жарык``), because GIN knows no order and would read a common word's whole list.
Terms are letters, digits and ``_``, so that nothing in them means anything to either.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, aggregate_order_by
from sqlalchemy.orm import Session

from civic.core.database import Reader, dialect_name

INDEX = table("search_index", column("rowid", Integer), column("terms"))
#: Ids of one block of PostgreSQL's index differ in so many bits, see migration 0003.
BLOCK = 15
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


def match(groups: Groups) -> ColumnElement[bool]:
    """SQLite's condition on ``search_index`` that all groups are met."""
    asked = " AND ".join(f"({' OR '.join(sorted(group))})" for group in _quoted(groups, '"', '"'))
    return text("search_index MATCH :asked").bindparams(bindparam("asked", asked, unique=True))  # type: ignore[return-value]


def has(session: Reader, groups: Groups) -> ColumnElement[bool]:
    """A row of ``search_index``, which was found by its id, meets all groups: by its terms, without the index."""
    if is_lite(session):
        row = literal(" ") + INDEX.c.terms + " "
        return and_(true(), *(or_(*(func.instr(row, f" {term} ") > 0 for term in sorted(group))) for group in groups))
    return INDEX.c.terms.op("@@")(cast(_query(groups, "'"), TSQUERY)) if groups else true()


def ids(session: Reader, groups: Groups, before: int | None = None, common: Groups = ()) -> Select[Any]:
    """A select of the ids below ``before`` of all complaints that meet the groups, ``common`` too. PostgreSQL gives the highest first, and does no
    more work than is asked of it: it goes from block to block."""
    if is_lite(session):
        return _bounded(select(INDEX.c.rowid).where(match(groups)), before)
    top = literal(before - 1) if before is not None else select(func.coalesce(func.max(INDEX.c.rowid), 0)).scalar_subquery()
    block = func.generate_series(top.op(">>")(BLOCK), 0, -1).table_valued("n").render_derived(name="block")
    of_block = cast(func.replace(_query(groups, "'#:"), "#", literal_column("CAST(block.n AS text)")), TSQUERY)
    inside = select(INDEX.c.rowid).where(func.search_blocks(INDEX.c.rowid, INDEX.c.terms).op("@@")(of_block), has(session, common))
    # «+ 0» keeps the planner from walking through the primary key, OFFSET from mixing this with what comes around it
    hit = _bounded(inside, before).order_by((INDEX.c.rowid + 0).desc()).offset(literal_column("0")).correlate(None).lateral("hit")
    return select(hit.c.rowid).select_from(block.join(hit, true()))


def walk(session: Reader, groups: Groups, before: int | None, rows: int) -> tuple[Sequence[int], Sequence[int], int, int]:
    """Look at the newest ``rows`` complaints below ``before``, without the index: ids of those that meet all groups, the highest first; how many
    meet each; how many there were, and the lowest id. Of PostgreSQL, which reads a row by the way in less than a microsecond."""
    newest = _bounded(select(INDEX.c.rowid, *(has(session, [group]).label(f"has{i}") for i, group in enumerate(groups))), before)
    seen = newest.order_by(INDEX.c.rowid.desc()).limit(rows).subquery()
    each = [seen.c[f"has{i}"] for i in range(len(groups))]
    found = func.array_agg(aggregate_order_by(seen.c.rowid, seen.c.rowid.desc())).filter(and_(*each))
    number, lowest, ids, *have = session.execute(
        select(func.count(), func.min(seen.c.rowid), found, *(func.count().filter(one) for one in each)).select_from(seen)).one()
    return ids or [], have, number, lowest


def _bounded(query: Select[Any], before: int | None) -> Select[Any]:
    return query if before is None else query.where(INDEX.c.rowid < before)


def _query(groups: Groups, opening: str) -> str:
    """A tsquery."""
    return " & ".join(f"({' | '.join(sorted(group))})" for group in _quoted(groups, opening, "'"))


def _quoted(groups: Groups, opening: str, closing: str) -> list[list[str]]:
    return [[f"{opening}{term}{closing}" for term in group] for group in groups]


def tidy(session: Session, step: int) -> bool:
    """Merge a part of SQLite's index, at most ``step`` pages; below zero it begins with all parts. False when nothing is left to do.
    PostgreSQL's needs none."""
    if not is_lite(session):
        return False
    before = session.scalar(select(literal_column("total_changes()")))
    session.execute(text("INSERT INTO search_index (search_index, rank) VALUES ('merge', :step)"), {"step": step})
    after = session.scalar(select(literal_column("total_changes()")))
    return int(after or 0) - int(before or 0) >= 2
