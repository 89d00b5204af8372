"""What changed between two texts: lines, and words inside lines that were rewritten."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Longer than this, a text is not compared piece by piece: comparing costs up to the square of the pieces.
MOST_LINES = 300
MOST_WORDS = 400


@dataclass(frozen=True)
class Piece:
    """A stretch of text. kind: ``same``, ``added`` or ``removed``."""

    kind: str
    text: str


def compare(old: str, new: str) -> list[Piece]:
    """The way from ``old`` to ``new``: without the added pieces it is ``old``, without the removed ones ``new``."""
    return _joined(_compare(old.splitlines(keepends=True), new.splitlines(keepends=True), MOST_LINES, words=True))


def _compare(old: Sequence[str], new: Sequence[str], most: int, *, words: bool) -> Iterator[Piece]:
    if len(old) > most or len(new) > most:
        yield from _replaced("".join(old), "".join(new))
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield Piece("same", before)
        elif tag == "replace" and words:
            yield from _compare(re.findall(r"\S+|\s+", before), re.findall(r"\S+|\s+", after), MOST_WORDS, words=False)
        else:
            yield from _replaced(before, after)


def _replaced(before: str, after: str) -> Iterator[Piece]:
    if before == after:
        yield Piece("same", before)
        return
    yield Piece("removed", before)
    yield Piece("added", after)


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Each change as one stretch taken out and one put in; a blank between two changed words belongs to both."""
    found: list[Piece] = []
    text = {"same": "", "removed": "", "added": ""}

    def end_change() -> None:
        found.extend(Piece(kind, text[kind]) for kind in ("removed", "added"))
        text.update(removed="", added="")

    for piece in pieces:
        changing = text["removed"] or text["added"]
        if piece.kind == "same":
            if changing and text["same"] == "" and piece.text == " ":
                text["same"] = " "  # whether it belongs to the change is seen by what follows
                continue
            if changing:
                end_change()
            text["same"] += piece.text
            continue
        if changing and text["same"]:
            text.update(removed=text["removed"] + " ", added=text["added"] + " ")
        elif text["same"]:
            found.append(Piece("same", text["same"]))
        text["same"] = ""
        text[piece.kind] += piece.text
    end_change()
    found.append(Piece("same", text["same"]))
    return [piece for piece in found if piece.text]
