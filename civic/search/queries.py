"""Reads of the search: from typed words to what is looked for, and the newest complaints that have it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Text, any_, func, literal, literal_column, select, type_coerce

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
FEW = 8_000  # ids that SQLite looks up one by one
SAMPLE = 500  # so many of the newest that have a word tell SQLite how common it is
WALK = 500  # complaints that PostgreSQL walks through
#: Entries of a word's list that the index reads in the time in which one complaint is looked up (measured).
READ_ON_LITE, READ_ON_POSTGRESQL = 150, 30
TRIED = 2_500  # ids that SQLite looks up for common words before it asks the index for them after all
_ALPHABETS = ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz")


#: Terms that stand for things with names, by each term of these names: ``{"жарык": {"_k12"}}``.
Names = Mapping[str, frozenset[str]]
NO_NAMES: Names = {}


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


def look(session: Reader, typed: str, names: Names = NO_NAMES) -> Looked | None:
    """What the words mean in this base's vocabulary; None when there is no word to look for. names: what a complaint is found by besides its words.

    A word is looked for by its stems. Where these are in fewer than ``ENOUGH`` complaints, longer words that begin with it join. Where there is nothing
    of either, it holds a mistake: a letter too much, too few, another one, or two that changed places.
    """
    words = asked(typed)
    if not words:
        return None
    seen = _seen(session, frozenset().union(*map(keys, words)))
    return Looked(tuple(dict.fromkeys(_group(session, word, seen, names) for word in words)))


def _group(session: Reader, word: str, seen: dict[str, int], names: Names) -> frozenset[str]:
    plain, terms = folded(word), keys(word)
    if any(c.isdecimal() for c in plain):
        return terms
    found = frozenset(terms & seen.keys())
    if len(plain) >= BEGINNING and max((seen[term] for term in found), default=0) < ENOUGH:
        found |= _beginning_with(session, plain)
    found |= frozenset().union(*(names.get(term, ()) for term in terms))
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
    """The condition that the complaint whose id is in ``column`` is found. city: ``service.city_term``, where only one city's are wanted.

    PostgreSQL knows by its statistics where to begin; SQLite is told: with few ids by them, with many by whatever index the other
    filters or the order have.
    """
    ids = index.ids(session, _groups(looked, city))
    if not index.is_lite(session) or len(session.scalars(ids.limit(FEW + 1)).all()) <= FEW:
        return column.in_(ids)
    return _unindexed(column).in_(ids)


def newest(session: Reader, looked: Looked, rows: Select[Any], column: ColumnElement[int], limit: int, *,
           city: str | None = None, before: int | None = None) -> Sequence[int]:
    """The highest ids among ``rows`` (a select of ``column`` alone, with other filters, the city's among them) that are found, below
    ``before``, highest first. Quick for a word that every third complaint has, as for one that no complaint has."""
    if not looked.possible:
        return []
    seek = _newest_on_lite if index.is_lite(session) else _newest_on_postgresql
    return seek(session, _groups(looked, city), rows.order_by(None), column, limit, before)


def _newest_on_postgresql(session: Reader, groups: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int,
                          before: int | None) -> Sequence[int]:
    """The newest complaints are walked through, which is enough for everyday words; and tells how common each group is. Then the
    index gives the newest first, and ends when there are enough."""
    def fits(id_: ColumnElement[int]) -> ColumnElement[bool]:
        one = literal_column("1", Integer)
        return rows.with_only_columns(one).where(column == id_).scalar_subquery() == one  # never a join, which would sort

    have, counts, number, lowest = index.walk(session, groups, before, WALK)
    near = func.unnest(literal(have, ARRAY(Integer))).column_valued("near")
    found = sorted(session.scalars(select(near).where(fits(near)).limit(limit)), reverse=True) if have else []
    if len(found) >= limit or number < WALK:
        return found
    shares = {group: max(count, 0.5) / number for group, count in zip(groups, counts, strict=True)}
    rare, common, _ = _split(shares, READ_ON_POSTGRESQL)
    further = index.ids(session, rare, lowest, common).subquery()
    more = select(further.c.rowid).where(fits(further.c.rowid)).limit(limit - len(found))
    return found + sorted(session.scalars(more), reverse=True)


def _split(shares: dict[frozenset[str], float], read: float) -> tuple[index.Groups, index.Groups, float]:
    """The groups that the index is asked for, and the common ones that are cheaper looked up in what it has found, with the share of all complaints that
    have these. shares: of each group. read: entries of its list that the index reads in the time in which one complaint is looked up."""
    rare: list[frozenset[str]] = []
    common: list[frozenset[str]] = []
    together = passing = 1.0
    for group in sorted(shares, key=lambda group: (shares[group], sorted(group))):
        if rare and shares[group] / together > read:
            common.append(group)
            passing *= shares[group]
        else:
            rare.append(group)
            together *= shares[group]
    return rare, common, passing


def _newest_on_lite(session: Reader, groups: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int,
                    before: int | None) -> Sequence[int]:
    """FTS5 gives the newest first, but reads the whole list of a common word to meet a rare one. So it is asked for the rare
    words, and whether what they find has the common ones too is looked up there."""
    rare, common, passing = _split(_shares(session, groups, before), READ_ON_LITE)
    found: list[int] = []
    tried, size = 0, min(int(2 * limit / passing), TRIED)
    while True:
        ids = session.scalars(index.ids(session, rare, before).order_by(index.INDEX.c.rowid.desc()).limit(size)).all()
        found += _fitting(session, ids, common, rows, column, limit - len(found))
        if len(found) >= limit or len(ids) < size:
            return found
        before, tried, size = ids[-1], tried + size, 2 * size
        if tried >= TRIED:  # these words seldom meet
            rare, common = groups, ()
        if tried >= FEW:  # or another filter takes nearly nothing
            return found + _by_other_filters(session, groups, rows.where(column < before), column, limit - len(found))


def _shares(session: Reader, groups: index.Groups, before: int | None) -> dict[frozenset[str], float]:
    """How many of all complaints have each group, told by how far back the newest ``SAMPLE`` that have it reach."""
    top = before or (session.scalar(select(func.max(index.INDEX.c.rowid))) or 0) + 1
    shares = {}
    for group in groups:
        having = index.ids(session, [group], top).order_by(index.INDEX.c.rowid.desc())
        last = session.scalar(having.limit(1).offset(SAMPLE - 1)) or 0
        shares[group] = min(1.0, SAMPLE / (top - last))
    return shares


def _fitting(session: Reader, ids: Sequence[int], common: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int) -> Sequence[int]:
    """Those of the ids that are among the rows and have the common words, the highest first."""
    wanted = func.json_each(json.dumps(list(ids))).table_valued("value")
    fits = [rows.where(column == wanted.c.value).exists()]  # so each is looked up by its id, whatever other index there is
    if common:
        fits.append(select(index.INDEX.c.rowid).where(index.INDEX.c.rowid == wanted.c.value, index.has(session, common)).exists())
    return session.scalars(select(wanted.c.value).where(*fits).order_by(wanted.c.value.desc()).limit(limit)).all()


def _by_other_filters(session: Reader, groups: index.Groups, rows: Select[Any], column: ColumnElement[int], limit: int) -> list[int]:
    """What is left when many have the words and few of them pass the other filters: by whatever index these have."""
    among = _unindexed(column).in_(index.ids(session, groups))
    return list(session.scalars(rows.where(among).order_by(_unindexed(column).desc()).limit(limit)))


def _groups(looked: Looked, city: str | None) -> index.Groups:
    return (*looked.groups, frozenset({city})) if city else looked.groups


def _unindexed(column: ColumnElement[int]) -> ColumnElement[int]:
    """The column so that SQLite does not walk its index for the order: it would walk a million rows for a word that few have."""
    return type_coerce(column + 0, column.type)
