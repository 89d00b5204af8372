"""Signs of likely trouble in a text: pure functions. They put a thing before a moderator and never hide anything themselves.

What is found is told by its place in the text, so that nobody has to keep a copy of it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import snowballstemmer

from civic.moderation.insults import KAZAKH, RUSSIAN
from civic.search import words


class Sign(NamedTuple):
    """What was found: name (one of ``NAMES``), and where, as indexes into the text."""

    name: str
    start: int
    end: int


NAMES = ("link", "iin", "phone", "card", "email", "insult", "flood")
#: What a person may not have meant to publish, and can mend before a moderator looks.
PERSONAL = frozenset({"iin", "phone", "card", "email"})
#: Prefixes of mobile numbers of Kazakhstan (numbering plan, 2026): operators' ranges for people, the small ones too.
MOBILE = frozenset(["700", "701", "702", "705", "706", "707", "708", "747", "771", "775", "776", "777", "778", "760", "761", "762", "763", "764", "785"])
#: Sites of the state: a link to a law or to an office is what a good complaint has.
TRUSTED = ("gov.kz", "egov.kz", "zan.kz")
FLOOD = 3  # as many equal texts before this one make a flood

_TWELVE = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){11}(?![\w-]|[.,]\d)")
_SIXTEEN = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){15}(?![\w-]|[.,]\d)")
_PHONE = re.compile(r"(?<![\w.,-])(?:\+?7|8)[ -]?\(?(\d{3})\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?![\w-]|[.,]\d)")
#: Without the country's code only as phones are grouped: ten digits in a row may be an account of a bill.
_LOCAL = re.compile(r"(?<![\w.,+()-])\(?(\d{3})\)?[ -]\d{3}[ -]\d{2}[ -]?\d{2}(?![\w-]|[.,]\d)")
#: Only from where a word begins: tried at each of its letters, a long word would take the square of its length.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_LINK = re.compile(r"(?<![\w@.-])(?:https?://|www\.)[^\s<>\"«»]+|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:kz|ru|com|org|net|me|info|shop|online|site)(?:/[^\s<>\"«»]*)?(?![\w@-])", re.IGNORECASE)


def find(text: str, *, own_host: str = "") -> list[Sign]:
    """Everything in one text, in its order; the first of two that overlap. own_host: of this service, whose links are no sign."""
    return _apart((*personal(text), *links(text, own_host), *insults(text)))


def personal(text: str) -> list[Sign]:
    """Personal data: IIN and cards by their check digits, mobile numbers by their prefix, addresses of mail."""
    found = [Sign("card", *m.span()) for m in _SIXTEEN.finditer(text) if is_card(_digits(m[0]))]
    found += [Sign("iin", *m.span()) for m in _TWELVE.finditer(text) if is_iin(_digits(m[0]))]
    found += [Sign("phone", *m.span()) for pattern in (_PHONE, _LOCAL) for m in pattern.finditer(text) if m[1] in MOBILE]
    found += [Sign("email", *m.span()) for m in _EMAIL.finditer(text) if not _trusted(m[1])]
    return _apart(found)


def _apart(found: Iterable[Sign]) -> list[Sign]:
    """Those that overlap none before them in ``found``, in the order of the text."""
    kept: list[Sign] = []
    for sign in found:
        place = bisect_left(kept, sign.start, key=lambda other: other.start)
        before, after = kept[max(0, place - 1):place], kept[place:place + 1]
        if all(other.end <= sign.start for other in before) and all(other.start >= sign.end for other in after):
            kept.insert(place, sign)
    return kept


def is_iin(digits: str) -> bool:
    """Twelve digits that begin with a date of birth, go on with century and sex, and end with the right check digit."""
    if len(digits) != 12 or digits[6] not in "123456":
        return False
    try:
        date(1800 + (int(digits[6]) - 1) // 2 * 100 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(1, 12), strict=False)) % 11
    if rest == 10:
        rest = sum(int(digit) * weight for digit, weight in zip(digits, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2), strict=False)) % 11
    return rest == int(digits[11])


def is_card(digits: str) -> bool:
    """Sixteen digits of a payment system, right by the rule of Luhn (ISO/IEC 7812-1)."""
    if len(digits) != 16 or digits[0] not in "2456":
        return False
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits)]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def links(text: str, own_host: str = "") -> Iterator[Sign]:
    """Addresses of the web, but for sites of the state and for our own."""
    for match in _LINK.finditer(text):
        host = _host(match[0])
        if not _trusted(host) and not (own_host and host == own_host.lower()):
            yield Sign("link", *match.span())


def _host(address: str) -> str:
    """Where a browser goes with an address: what stands before an ``@`` or behind ``#``, ``?`` and a backslash is no part of the name."""
    address = address.replace("\\", "/")
    try:
        name = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:  # brackets that are no address of IPv6
        return ""
    return name.removeprefix("www.")


def _trusted(host: str) -> bool:
    name = host.lower().rstrip(".,")
    return any(name == known or name.endswith("." + known) for known in TRUSTED)


def insults(text: str) -> Iterator[Sign]:
    """Words of abuse, whole and in any form, cut and folded as the search does it."""
    for match in words.tokens(text):
        if words.keys(match[0]) & _abuse():
            yield Sign("insult", *match.span())


@cache
def _abuse() -> frozenset[str]:
    """The words as they stand, and the stems of Russian ones, but for those of three letters, which may be anything. A Kazakh word
    stands in its basic form already, and what is left when one more ending is cut off is often another word."""
    stem = snowballstemmer.stemmer("russian").stemWord
    plain = {words.folded(word) for word in (*KAZAKH, *RUSSIAN)}
    return frozenset(plain | {s for word in RUSSIAN if len(s := stem(words.folded(word))) > 3})


def is_flood(text: str, earlier: Iterable[str]) -> bool:
    """Whether enough of the earlier texts have the very same words."""
    own = _plain(text)
    return bool(own) and sum(_plain(other) == own for other in earlier) >= FLOOD


def _plain(text: str) -> tuple[str, ...]:
    return tuple(words.folded(match[0]) for match in words.tokens(text))


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def pieces(text: str, found: Iterable[Sign]) -> list[tuple[str, str]]:
    """The text cut at the signs: (text, name of the sign or nothing)."""
    cut, at = [], 0
    for sign in sorted(found, key=lambda s: s.start):
        if sign.start >= at:
            cut += [(text[at:sign.start], ""), (text[sign.start:sign.end], sign.name)]
            at = sign.end
    return [piece for piece in [*cut, (text[at:], "")] if piece[0]]
