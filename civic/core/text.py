"""Texts in several languages, folding for search, and telling which language a text is in."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

LANGUAGES = ("kk", "ru", "en")
FALLBACK = {"kk": ("kk", "ru", "en"), "ru": ("ru", "kk", "en"), "en": ("en", "ru", "kk")}
#: Letters greet people by the name that was typed, so a name may carry nothing that a stranger wants somebody to open. Two letters on each
#: side of a dot are enough: with ``\w{2,}`` a name of a hundred thousand letters would be read to its end from each of them.
ADDRESS_IN_NAME = re.compile(r"[:/@<>]|\w\w\.\w\w|www\.", re.IGNORECASE)
#: More than anybody piles up for fun, and few enough to be put in order a megabyte long.
MARKS_IN_A_ROW = 200
#: Longer is no e-mail address (RFC 5321: 64, an @, 255).
MAX_ADDRESS = 320
_FOLD = str.maketrans("әғқңөұүһіё", "агкноуухие")


def pick(translated: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in the next one of its fallback order, else an empty string."""
    return translated.get(language) or next((translated[code] for code in FALLBACK[language] if translated.get(code)), "")


def fold(text: str) -> str:
    """Lower case, NFC, Kazakh letters as people type them without a Kazakh keyboard (ә→а, ё→е)."""
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_FOLD)
    return re.sub(r"\s+", " ", lowered).strip()


def without_controls(text: str) -> str:
    """The text without control characters, which neither PostgreSQL nor HTML takes; line ends and tabs stay."""
    return "".join(c for c in text if c in "\r\n\t" or unicodedata.category(c) != "Cc")


def piles_marks(text: str) -> bool:
    """Whether more than ``MARKS_IN_A_ROW`` accents stand on one letter. No language writes so, and putting them in order, as every
    normalisation does, takes their number squared: sixty thousand hold a process for half a minute."""
    if text.isascii():
        return False
    marks = re.escape("".join(filter(_is_mark, set(text))))
    return bool(marks) and re.search(f"[{marks}](?<![{marks}]{{2}})[{marks}]{{{MARKS_IN_A_ROW}}}", text) is not None  # from where each pile begins


@lru_cache(maxsize=4096)
def _is_mark(letter: str) -> bool:
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", letter)))


def clean(text: str | None) -> str:
    """What a person typed, without invisible control characters and outer blanks, in NFC."""
    kept = without_controls(unicodedata.normalize("NFC", text or "")).replace("\r", "")
    return "\n".join(line.rstrip(" \t") for line in kept.split("\n")).strip()


def mailbox_of(address: str) -> str:
    """What is counted as one mailbox, however its address is typed: in small letters, the domain as the network knows it, without what
    stands behind a plus, which reaches the same reader. For counting alone: letters go to the address as it was typed."""
    local, at, domain = unicodedata.normalize("NFKC", address[:MAX_ADDRESS]).strip().lower().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:  # no domain at all: it stays as it is
        pass
    return f"{local.partition('+')[0]}{at}{domain}"


def detect_language(text: str, default: str) -> str:
    """``kk``, ``ru`` or ``en``; ``default`` when the text is too short to tell (under 12 letters)."""
    words = re.findall(r"\w+", text.casefold())
    kazakh = sum(bool(set(word) & set("әғқңөұүһі")) for word in words)
    short = sum(c.isalpha() for c in text) < 12
    if kazakh and (short or kazakh * 4 >= len(words)):  # one Kazakh name of a street makes no Kazakh text
        return "kk"
    if short:
        return default
    language: str = _identifier().classify(text)[0]
    return language


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid  # loads a 4 MB model: only processes that file complaints pay for it

    langid.set_languages(list(LANGUAGES))
    return langid
