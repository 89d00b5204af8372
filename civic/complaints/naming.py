"""Where a text names somebody. Officials are used to address applicants by name, and what they write is public."""

import re
from itertools import pairwise

from civic.complaints.models import Complaint
from civic.core.text import fold

_WORD = re.compile(r"[^\W\d_]+")
#: What may stand between a name and a surname: blanks, the dot of an initial.
_BETWEEN = re.compile(r"[\s.]{1,3}")
#: So many letters an ending may add in Kazakh (Серікқызына) or change in Russian (Ивановой).
_ADDED, _CHANGED = 6, 2


def naming(name: str, text: str) -> list[tuple[int, int]]:
    """Places of the text, as indexes, in which two words of the name stand side by side, in any order and form, or one beside the initial of
    another. One word alone is no name: it may be a word like any other."""
    known = [fold(word[0]) for word in _WORD.finditer(name)]
    found = [(m.span(), fold(m[0])) for m in _WORD.finditer(text)] if len(known) > 1 else []
    places: list[tuple[int, int]] = []
    for (place, word), (following, other) in pairwise(found):
        near = _BETWEEN.fullmatch(text, place[1], following[0])
        if near and any(_pair(word, other, a, b) or _pair(other, word, a, b) for i, a in enumerate(known) for b in known[:i] + known[i + 1:]):
            joined = bool(places) and places[-1][1] >= place[0]
            places[-1:] = [(places[-1][0], following[1])] if joined else [*places[-1:], (place[0], following[1])]
    return places


def _pair(word: str, other: str, of: str, of_other: str) -> bool:
    """The first is one word of the name; the second is another one, or its initial."""
    return _is(word, of) and (other == of_other[:1] or _is(other, of_other))


def _is(word: str, of: str) -> bool:
    return word.startswith(of[:max(3, len(of) - _CHANGED)]) and len(word) <= len(of) + _ADDED


def is_secret(complaint: Complaint) -> bool:
    """The public may not learn who filed it."""
    return not complaint.private and complaint.public_name is None


def gives_away(complaint: Complaint, text: str) -> bool:
    """The text would tell the public who filed it, which the applicant did not choose, and did not say in the complaint either."""
    name = complaint.applicant.name
    return is_secret(complaint) and bool(naming(name, text)) and not naming(name, f"{complaint.text}\n{complaint.address}")


def without_name(name: str, text: str) -> str:
    """The text with a dash in place of the name."""
    for begins, ends in reversed(naming(name, text)):
        text = f"{text[:begins]}—{text[ends:]}"
    return text
