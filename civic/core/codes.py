"""Numbers that can be read aloud and typed again, with a character that tells a slip of the hand.

``SHY-4K7M-2XN``: the city's three letters, six random symbols, one check symbol. The alphabet has 31 symbols,
a prime, and each position has its own weight, so every single wrong symbol and every swap of two is recognised. For
swaps across the first dash a letter is worth the same in the city's part as behind it.
"""

import re
import secrets

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(ALPHABET)
#: Letters that only the city's part can have take the values of digits, which it cannot have.
_ONLY_IN_PREFIX = "ILOU"
_FORM = re.compile(r"[A-Z]{3}[1-9A-Z]{7}")
#: Blanks, dashes of every kind, and marks that copying leaves behind unseen.
_ASIDE = re.compile("[\\s\\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufe58\ufe63\ufeff\uff0d_.№#]+")


def _value(symbol: str) -> int:
    return _ONLY_IN_PREFIX.index(symbol) if symbol in _ONLY_IN_PREFIX else ALPHABET.index(symbol)


def _check_symbol(prefix: str, body: str) -> str:
    symbols = prefix + body
    total = sum((len(symbols) + 1 - place) * _value(symbol) for place, symbol in enumerate(symbols))
    return ALPHABET[-total % _BASE]


def new_number(prefix: str) -> str:
    """A random number for a city whose ``prefix`` is three Latin capitals."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return with_dashes(prefix + body + _check_symbol(prefix, body))


def new_short_code(length: int = 8) -> str:
    """A random code for addresses, of small letters and digits that cannot be taken for each other."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length)).lower()


def with_dashes(compact: str) -> str:
    """``SHY4K7M2XN`` → ``SHY-4K7M-2XN``."""
    return f"{compact[:3]}-{compact[3:7]}-{compact[7:]}"


def read_number(typed: str) -> str | None:
    """The number a person meant, with dashes, or None when it cannot be one (wrong length, symbol or check)."""
    typed = _ASIDE.sub("", typed)
    prefix, rest = typed[:3].upper(), typed[3:].replace("l", "1").upper()  # a capital L does not look like 1
    prefix = prefix.translate(str.maketrans("АВСЕНКМРТХУО", "ABCEHKMPTXYO"))
    rest = rest.translate(str.maketrans("АВСЕНКМРТХУІI", "ABCEHKMPTXY11"))
    compact = prefix + rest
    if not _FORM.fullmatch(compact) or any(s not in ALPHABET for s in rest):
        return None
    return with_dashes(compact) if _check_symbol(prefix, rest[:6]) == rest[6] else None


def row_id(value: object) -> int | None:
    """The id of a row as an address or a form sends it: ASCII digits without zeros in front, 1 to 2**31 - 1 (INTEGER of PostgreSQL).
    None for anything else."""
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and text[0] != "0"):
        return None
    return int(text) if 0 < int(text) < 2**31 else None
