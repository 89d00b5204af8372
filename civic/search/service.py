"""Writes of the search: what a complaint adds to the index, and its removal."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.search import index
from civic.search.models import ENOUGH, SearchWord
from civic.search.words import Added, terms

#: Of SQLite's index, in one step: others write in between.
PAGES_AT_ONCE = 500


class Document(NamedTuple):
    """What is indexed of one complaint."""

    complaint_id: int
    city_id: int
    category_id: int
    texts: tuple[str, ...]


def city_term(city_id: int) -> str:
    """The term that every complaint of a city has: it narrows the search inside the index."""
    return f"_c{city_id}"


def category_term(category_id: int) -> str:
    """The term that every complaint of a category has: by it a complaint is found by the name of its category, in any language, which may change."""
    return f"_k{category_id}"


def add(session: Session, complaint_id: int, city_id: int, category_id: int, *texts: str) -> None:
    """Index a complaint that is not in the index yet, by all its texts (number, address, words)."""
    found, vocabulary = terms(*texts)
    index.put(session, [(complaint_id, found | {city_term(city_id), category_term(category_id)})])
    _learn(session, vocabulary)


def remove(session: Session, complaint_id: int) -> None:
    """The complaint is found no more. Its words stay in the vocabulary, which is shown to nobody, until the index is rebuilt."""
    index.drop_between(session, complaint_id - 1, complaint_id)


def forget_removed(session: Session) -> None:
    """Write SQLite's index anew where something was taken out of it: until its parts are merged they hold the words, by complaint. Commits each
    step. PostgreSQL's own cleaning does it."""
    pages = -PAGES_AT_ONCE  # below zero: begin with all parts together
    begin_write(session)
    while index.tidy(session, pages):
        session.commit()
        begin_write(session)
        pages = PAGES_AT_ONCE
    session.commit()


def rebuild(session: Session, documents: Sequence[Document], after: int, seen: Counter[str], of_word: Callable[[str], Added]) -> None:
    """Index all complaints behind the id ``after`` up to the last document anew, and count into ``seen`` how many of them have each word.

    What is no document any more leaves the index. of_word: see ``words.terms``. The caller commits.
    """
    index.drop_between(session, after, documents[-1].complaint_id)
    rows = []
    for document in documents:
        found, vocabulary = terms(*document.texts, of_word=of_word)
        rows.append((document.complaint_id, found | {city_term(document.city_id), category_term(document.category_id)}))
        seen.update(vocabulary)
    index.put(session, rows)


def learn_anew(session: Session, seen: Counter[str], size: int = 20_000) -> Iterator[int]:
    """Put the counted words in place of the vocabulary, in parts; yields after each how many words it had. The caller commits each."""
    gone = sorted(set(session.scalars(select(SearchWord.word))) - seen.keys())
    for start in range(0, len(gone), size // 20):
        part = gone[start:start + size // 20]
        session.execute(delete(SearchWord).where(SearchWord.word.in_(part)))
        yield 0
    words = sorted(seen)
    for start in range(0, len(words), size):
        part = words[start:start + size]
        order = _insert(session)
        session.execute(order.on_conflict_do_update(index_elements=["word"], set_={"seen": order.excluded.seen}),
                        [{"word": word, "seen": min(seen[word], ENOUGH)} for word in part])
        yield len(part)


def _learn(session: Session, vocabulary: set[str]) -> None:
    """Count the words that were seldom seen. In order, so that two filings never wait for each other in a circle."""
    known = set(session.scalars(select(SearchWord.word).where(SearchWord.word.in_(vocabulary), SearchWord.seen >= ENOUGH)))
    rows = [{"word": word, "seen": 1} for word in sorted(vocabulary - known)]
    if rows:
        order = _insert(session).values(rows)
        session.execute(order.on_conflict_do_update(index_elements=["word"], set_={"seen": SearchWord.seen + 1}))


def _insert(session: Session) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(SearchWord) if index.is_lite(session) else postgresql.insert(SearchWord)
