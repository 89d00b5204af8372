"""The place of a text where the found words stand, cut into pieces that are marked or not."""

from collections.abc import Iterable
from typing import NamedTuple

from civic.search.words import folded, indexed, tokens

AROUND = 60  # characters before the first found word
LENGTH = 180


class Piece(NamedTuple):
    """A part of a text. found: it is a word that was looked for."""

    text: str
    found: bool


def marked(text: str, terms: frozenset[str]) -> list[Piece]:
    """The whole text in pieces."""
    pieces, at, firsts = [], 0, _firsts(terms)
    for match in tokens(text):
        if _found(match[0], terms, firsts):
            pieces += [Piece(text[at:match.start()], found=False), Piece(match[0], found=True)]
            at = match.end()
    return [piece for piece in (*pieces, Piece(text[at:], found=False)) if piece.text]


def excerpt(texts: Iterable[str], terms: frozenset[str]) -> list[Piece]:
    """The part of the first text that holds a found word, about ``LENGTH`` characters, cut between words. Empty when none holds one."""
    firsts = _firsts(terms)
    for text in texts:
        line = " ".join(text.split())
        first = next((m.start() for m in tokens(line) if _found(m[0], terms, firsts)), None)
        if first is not None:
            return marked(_cut(line, first), terms)
    return []


def _firsts(terms: frozenset[str]) -> frozenset[str]:
    return frozenset(term[:1] for term in terms)


def _found(word: str, terms: frozenset[str], firsts: frozenset[str]) -> bool:
    """The word has one of the terms. All terms of a word begin with its first letter, so most words need not be cut to their stems,
    which costs a tenth of a millisecond each."""
    return folded(word)[:1] in firsts and not terms.isdisjoint(indexed(word)[0])


def _cut(line: str, first: int) -> str:
    start = 0 if first <= AROUND else line.rfind(" ", 0, first - AROUND // 2) + 1
    end = start + LENGTH
    if end >= len(line):
        return ("… " if start else "") + line[start:]
    stop = line.rfind(" ", max(start, first), end)
    return ("… " if start else "") + line[start:stop if stop > first else end].rstrip(" ,;:") + " …"
