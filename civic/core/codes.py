"""Numbers that can be read aloud and typed again, with a character that tells a slip of the hand.

``SHY-4K7M-2XD``: the city's three letters, six random symbols, one check symbol. The alphabet has 31 symbols,
a prime, and each position has its own weight, so every single wrong symbol and every swap of two is recognised.
"""

import re
import secrets

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(ALPHABET)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(r"[A-Z]{3}[1-9A-Z]{7}")
_ASIDE = re.compile(r"[\s\-–—_.№#]+")  # noqa: RUF001 - dashes that phones put in


def _value(symbol: str, place: int) -> int:
    return _LETTERS.index(symbol) if place < 3 else ALPHABET.index(symbol)


def _check_symbol(prefix: str, body: str) -> str:
    symbols = prefix + body
    total = sum((len(symbols) + 1 - place) * _value(symbol, place) for place, symbol in enumerate(symbols))
    return ALPHABET[-total % _BASE]


def new_number(prefix: str) -> str:
    """A random number for a city whose ``prefix`` is three Latin capitals."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return with_dashes(prefix + body + _check_symbol(prefix, body))


def with_dashes(compact: str) -> str:
    """``SHY4K7M2XD`` → ``SHY-4K7M-2XD``."""
    return f"{compact[:3]}-{compact[3:7]}-{compact[7:]}"


def read_number(typed: str) -> str | None:
    """The number a person meant, with dashes, or None when it cannot be one (wrong length, symbol or check)."""
    compact = _ASIDE.sub("", typed).upper()
    prefix, rest = compact[:3].translate(str.maketrans("АВСЕНКМРТХУО", "ABCEHKMPTXYO")), compact[3:]
    rest = rest.translate(str.maketrans("АВСЕНКМРТХУІIL", "ABCEHKMPTXY111"))
    compact = prefix + rest
    if not _FORM.fullmatch(compact) or any(s not in ALPHABET for s in rest):
        return None
    return with_dashes(compact) if _check_symbol(prefix, rest[:6]) == rest[6] else None
