"""Reads of the search: from typed words to what is looked for, and the newest complaints that have it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, func, literal, select, type_coerce

from civic.core.database import Reader
from civic.core.text import clean
from civic.search import index
from civic.search.models import ENOUGH, SearchWord
from civic.search.words import folded, joined, keys, tokens

LONGEST_QUERY = 200  # characters; what follows is not looked for
MOST_WORDS = 8
BEGINNING = 3  # letters from which on a word is also taken for the beginning of others
MOST_BEGINNINGS = 50
MISTAKE = 4  # letters from which on a word may hold one mistake
#: How many of the newest rows are looked at, step by step, before the index is asked for all.
STEPS = (80, 1_000, 8_000)
FEW = 8_000  # ids that SQLite looks up one by one
_ALPHABETS = ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True)
class Looked:
    """What is looked for: every group must be met by one of its terms. A group without terms is met by nothing."""

    groups: tuple[frozenset[str], ...]

    @property
    def possible(self) -> bool:
        """Something may be found."""
        return all(self.groups)

    @property
    def terms(self) -> frozenset[str]:
        """All terms, to mark what was found."""
        return frozenset().union(*self.groups)


def asked(typed: str) -> list[str]:
    """The words of a question that can be looked for; empty when there is none (a single letter, signs, «и»)."""
    words = dict.fromkeys(match[0] for match in tokens(joined(clean(typed[:LONGEST_QUERY])).casefold()) if keys(match[0]))
    return list(words)[:MOST_WORDS]


def look(session: Reader, typed: str) -> Looked | None:
    """What the words mean in this base's vocabulary; None when there is no word to look for.

    A word is looked for by its stems. Where these are in fewer than ``ENOUGH`` complaints, longer words that begin with it join. Where there is nothing
    of either, it holds a mistake: a letter too much, too few, another one, or two that changed places.
    """
    words = asked(typed)
    if not words:
        return None
    seen = _seen(session, frozenset().union(*map(keys, words)))
    return Looked(tuple(dict.fromkeys(_group(session, word, seen) for word in words)))


def _group(session: Reader, word: str, seen: dict[str, int]) -> frozenset[str]:
    plain, terms = folded(word), keys(word)
    if any(c.isdecimal() for c in plain):
        return terms
    found = frozenset(terms & seen.keys())
    if len(plain) >= BEGINNING and max((seen[term] for term in found), default=0) < ENOUGH:
        found |= _beginning_with(session, plain)
    return found or _mistaken(session, plain, terms)


def _seen(session: Reader, terms: Iterable[str]) -> dict[str, int]:
    """Those of the terms that occur, and how often. They are sent as one value: a word has some hundreds of neighbours."""
    if index.is_lite(session):
        given = func.json_each(json.dumps(sorted(terms))).table_valued("value")
        condition: ColumnElement[bool] = SearchWord.word.in_(select(given.c.value))
    else:
        condition = SearchWord.word == any_(literal(sorted(terms), ARRAY(Text)))
    rows = session.execute(select(SearchWord.word, SearchWord.seen).where(condition))
    return {row.word: row.seen for row in rows}


def _beginning_with(session: Reader, plain: str) -> frozenset[str]:
    end = plain[:-1] + chr(ord(plain[-1]) + 1)
    query = select(SearchWord.word).where(SearchWord.word >= plain, SearchWord.word < end)
    order = (SearchWord.seen.desc(), func.length(SearchWord.word), SearchWord.word)
    return frozenset(session.scalars(query.order_by(*order).limit(MOST_BEGINNINGS)))


def _mistaken(session: Reader, plain: str, terms: frozenset[str]) -> frozenset[str]:
    """Terms one mistake away from the word as typed, else from its stems."""
    for meant in ({plain}, terms - {plain}):
        near = {other for word in meant if len(word) >= MISTAKE for other in neighbours(word)}
        known = _seen(session, near) if near else {}
        if known:
            return frozenset().union(*(keys(word) | {word} for word in known))
    return frozenset()


def neighbours(word: str) -> set[str]:
    """All words one mistake of typing away from this one (Damerau's four kinds), in its own script."""
    alphabet = next((letters for letters in _ALPHABETS if word[0] in letters), _ALPHABETS[0])
    parts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    less = {a + b[1:] for a, b in parts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    other = {a + c + b[1:] for a, b in parts if b for c in alphabet}
    more = {a + c + b for a, b in parts for c in alphabet}
    return (less | swapped | other | more) - {word}


def found_in(session: Reader, looked: Looked, column: ColumnElement[int], city: str | None = None) -> ColumnElement[bool]:
    """The condition that the complaint whose id is in ``column`` is found. city: ``service.city_term``, where only one city's are wanted."""
    return _among(session, column, looked, city)


def newest(session: Reader, looked: Looked, rows: Select[Any], column: ColumnElement[int], limit: int, *,
           city: str | None = None, before: int | None = None) -> Sequence[int]:
    """The highest ids among ``rows`` (a select of ``column`` alone, with other filters) that are found, below ``before``, highest first.

    Quick for a word that every third complaint has, as for one that no complaint has: the newest rows are looked at first, and only
    when too few of them fit is the index asked for everything that fits.
    """
    if not looked.possible:
        return []
    groups = _groups(looked, city)
    rows = rows.order_by(None)
    step = _newest_on_lite if index.is_lite(session) else _newest_on_postgresql
    for size in STEPS:
        found, whole = step(session, groups, rows, column, limit, before, size)
        if len(found) >= limit or whole:
            return found
    if before is not None:
        rows = rows.where(column < before)
    all_of_them = rows.where(_among(session, column, looked, city))
    return session.scalars(all_of_them.order_by(_unindexed(column).desc()).limit(limit)).all()


def _newest_on_lite(session: Reader, groups: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int,
                    before: int | None, size: int) -> tuple[Sequence[int], bool]:
    """Among the ``size`` newest that have the words; FTS5 gives them in order. The second: these were all."""
    having = index.ids(session, groups).order_by(index.INDEX.c.rowid.desc()).limit(size)
    if before is not None:
        having = having.where(index.INDEX.c.rowid < before)
    ids = session.scalars(having).all()
    if not ids:
        return [], True
    wanted = func.json_each(json.dumps(list(ids))).table_valued("value")
    fits = rows.where(column == wanted.c.value).exists()  # so each is looked up by its id, whatever other index there is
    return session.scalars(select(wanted.c.value).where(fits).order_by(wanted.c.value.desc()).limit(limit)).all(), len(ids) < size


def _newest_on_postgresql(session: Reader, groups: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int,
                          before: int | None, size: int) -> tuple[Sequence[int], bool]:
    """Among the ``size`` newest complaints; GIN knows no order. The second: these were all."""
    if before is None:
        before = (session.scalar(select(func.max(index.INDEX.c.rowid))) or 0) + 1
    having = index.ids(session, groups).where(index.INDEX.c.rowid < before, index.INDEX.c.rowid >= before - size)
    fitting = rows.where(column.in_(having), column < before, column >= before - size).order_by(column.desc()).limit(limit)
    return session.scalars(fitting).all(), before - size <= 1


def _among(session: Reader, column: ColumnElement[int], looked: Looked, city: str | None) -> ColumnElement[bool]:
    """The id is among all that have the words. PostgreSQL knows by its statistics where to begin; SQLite is told: with few ids by them,
    with many by whatever index the other filters or the order have."""
    ids = index.ids(session, _groups(looked, city), blind=len(looked.groups) > 1)
    if not index.is_lite(session) or len(session.scalars(ids.limit(FEW + 1)).all()) <= FEW:
        return column.in_(ids)
    return _unindexed(column).in_(ids)


def _groups(looked: Looked, city: str | None) -> index.Groups:
    return (*looked.groups, frozenset({city})) if city else looked.groups


def _unindexed(column: ColumnElement[int]) -> ColumnElement[int]:
    """The column so that neither database walks its index for the order: it would walk a million rows for a word that few have."""
    return type_coerce(column + 0, column.type)
