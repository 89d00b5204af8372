"""The place of a text where the found words stand, cut into pieces that are marked or not."""

from collections.abc import Iterable
from typing import NamedTuple

from civic.search.words import indexed, tokens

AROUND = 60  # characters before the first found word
LENGTH = 180


class Piece(NamedTuple):
    """A part of a text. found: it is a word that was looked for."""

    text: str
    found: bool


def marked(text: str, terms: frozenset[str]) -> list[Piece]:
    """The whole text in pieces."""
    pieces, at = [], 0
    for match in tokens(text):
        if indexed(match[0])[0] & terms:
            pieces += [Piece(text[at:match.start()], found=False), Piece(match[0], found=True)]
            at = match.end()
    return [piece for piece in (*pieces, Piece(text[at:], found=False)) if piece.text]


def excerpt(texts: Iterable[str], terms: frozenset[str]) -> list[Piece]:
    """The part of the first text that holds a found word, about ``LENGTH`` characters, cut between words. Empty when none holds one."""
    for text in texts:
        line = " ".join(text.split())
        first = next((m.start() for m in tokens(line) if indexed(m[0])[0] & terms), None)
        if first is not None:
            return marked(_cut(line, first), terms)
    return []


def _cut(line: str, first: int) -> str:
    start = 0 if first <= AROUND else line.rfind(" ", 0, first - AROUND // 2) + 1
    end = start + LENGTH
    if end >= len(line):
        return ("… " if start else "") + line[start:]
    stop = line.rfind(" ", max(start, first), end)
    return ("… " if start else "") + line[start:stop if stop > first else end].rstrip(" ,;:") + " …"
