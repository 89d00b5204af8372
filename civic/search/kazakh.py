"""A light stripper of Kazakh endings. It works on folded letters, since half of what people type has no Kazakh letters.

A Kazakh word is a stem with endings stuck to it in a fixed order (stem, plural, possessive, case), and the stem never changes
but for its last consonant. So endings are taken off from the right, each layer at most once:

1. verb: negative, tense, participle, converb, and then a passive (``тазаланбайды`` → ``тазала``);
2. or name: case or «which is in» (``-дағы``), possessive, plural, then «of such a kind» (``-лық``, ``-лы``) and «without» (``-сыз``).

An ending comes off only where the language would have put it:

- vowel harmony: endings with ``а ы`` follow a back stem, with ``е и`` (for ``і``) a front one. Folding has hidden half of this
  (``ә→а``, ``ө→о``, ``ұ ү→у``): only ``е`` is surely front and ``ы`` surely back, ``о у и`` may be either, and ``а`` is front (``ә``) only
  in stems of one syllable;
- assimilation: each variant of an ending follows certain sounds (``-лар`` a vowel, ``р`` or ``й``, ``-дар`` other voiced ones, ``-тар`` a voiceless
  one); ``у`` and ``и`` at the end are glides and take both (``суды``, ``сулар``);
- three letters with a vowel among them remain, or one of the known words of two (``су``, ``ит``).

Where the letters leave two readings, both are given: ``қоқысы`` is ``қоқыс-ы`` or ``қоқы-сы``, ``тазалады`` is ``тазала-ды`` or ``тазал-ады``.
The last ``г б`` of what remains is written ``к п``, as in the bare word: ``жарығы`` → ``жарық``, ``мектебі`` → ``мектеп``. What comes out need not be a
word: it is enough that the forms of one word meet in one of their stems. The rules are those of any school grammar (septik, täueldik, köptik).
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

VOWELS = frozenset("аеиоуыэюя")
_VOICELESS = frozenset("кпстфхцчшщ")
_SONANT = frozenset("рй")
_NASAL = frozenset("мн")  # and ң, folded to н
_GLIDES = frozenset("уи")
_VOICED = frozenset("лмнзжбвгд") | _SONANT | _GLIDES  # and what counts as one
_ANY = VOWELS | _VOICELESS | _VOICED | frozenset("ьъ")


class Ending(NamedTuple):
    """One variant of an ending: its letters, the sounds it follows, how many letters must remain."""

    letters: str
    after: frozenset[str]
    remain: int


def _variants(pattern: str, after: Iterable[str], remain: int = 3) -> list[Ending]:
    """Both harmonies of an ending: ``A`` stands for ``а`` or ``е``, ``Y`` for ``ы`` or ``и``."""
    sounds = frozenset(after)
    both = {pattern.replace("A", a).replace("Y", y) for a, y in ("аы", "еи")}
    return [Ending(letters, sounds, remain) for letters in sorted(both)]


def _table(*rows: tuple[str, Iterable[str]] | tuple[str, Iterable[str], int]) -> tuple[Ending, ...]:
    """Variants of all rows, the longest first."""
    made = {ending for row in rows for ending in _variants(*row)}
    return tuple(sorted(made, key=lambda e: (-len(e.letters), e.letters)))


_CLOSED = (_ANY - VOWELS) | _GLIDES
_OPEN = VOWELS | _SONANT
_GLIDE = VOWELS | frozenset("рйл")
_CASE = _table(
    ("дAгY", VOWELS | _VOICED), ("тAгY", _VOICELESS), ("ндAгY", "ыи"),          # which is in …
    ("нYн", VOWELS | _NASAL), ("дYн", _VOICED), ("тYн", _VOICELESS),              # of
    ("ндA", "ыи"), ("дA", VOWELS | _VOICED), ("тA", _VOICELESS),                # in
    ("нAн", VOWELS | _NASAL), ("дAн", VOWELS | _VOICED), ("тAн", _VOICELESS),     # from
    ("гA", VOWELS | _VOICED), ("кA", _VOICELESS), ("нA", "ыи"),                     # to
    ("нY", VOWELS), ("дY", _VOICED), ("тY", _VOICELESS),                          # the object
    ("мен", _GLIDE | _NASAL), ("бен", "зжбвгд"), ("пен", _VOICELESS),             # with
    ("дAй", VOWELS | _VOICED), ("тAй", _VOICELESS),                               # like
)
_POSSESSIVE = _table(
    ("YмYз", _CLOSED), ("мYз", VOWELS), ("YнYз", _CLOSED), ("нYз", VOWELS),
    ("Yм", _CLOSED), ("Yн", _CLOSED), ("сYн", VOWELS), ("сY", VOWELS), ("Y", _CLOSED),
)
_NO_HARMONY = ("мен", "бен", "пен")
_PLURAL = _table(("лAр", _OPEN), ("дAр", _VOICED - _SONANT - _GLIDES), ("тAр", _VOICELESS))
_KIND = _table(
    ("лYк", _OPEN), ("дYк", _VOICED), ("тYк", _VOICELESS), ("сYз", _ANY), ("лY", _GLIDE), ("дY", _VOICED), ("тY", _VOICELESS),
)
_VERB = _table(
    *((f"{n}A{end}", after) for n, after in (("м", VOWELS | frozenset("рйл")), ("б", "мнзж"), ("п", _VOICELESS))
      for end in ("йдY", "йтYн", "гAн", "дY", "й", "у", "сA", "птY", "ндAр", "нYз", "с", "стAн")),  # not …
    ("AдY", _ANY - VOWELS), ("йдY", VOWELS), ("AтYн", _ANY - VOWELS), ("йтYн", VOWELS),
    ("гAн", VOWELS | _VOICED), ("кAн", _VOICELESS), ("дY", VOWELS, 4), ("птY", VOWELS), ("YптY", _ANY - VOWELS),
    ("Yп", _ANY - VOWELS), ("п", "аеыи", 4), ("у", _ANY - frozenset("уо")), ("YнYз", _ANY - VOWELS), ("нYз", "ае", 4),
)
#: Words of two letters; nothing else so short is taken for a stem, or Russian «вода» would be «во» with an ending.
_SHORT = frozenset(re.findall(r"\w+", "су ит уй ет ас ат ай аз ак ок от ой ел ер ис ту ук ун он ор оз ул ши"))
#: Endings whose first letter may belong to the stem, which then has the possessive: қоқы-сы, қоқыс-ы.
_TWO_WAYS = frozenset(c + y for c in "стдн" for y in "ыи")
_PASSIVE = ("л", "н")


def _fits(stem: str, ending: Ending) -> bool:
    """The language would put this ending behind this stem."""
    if len(stem) < ending.remain and stem not in _SHORT or stem[-1] not in ending.after:
        return False
    sounds = [c for c in stem if c in VOWELS]
    wanted = next((c for c in ending.letters if c in VOWELS), "")
    if not sounds:
        return False
    if ending.letters in _NO_HARMONY or not wanted:
        return True
    if wanted in "аы":
        return sounds[-1] not in "еэ"
    return wanted not in "еи" or (sounds[-1] not in "ыя" and not (sounds[-1] == "а" and len(sounds) > 1))


def _strip(word: str, table: tuple[Ending, ...]) -> str:
    """The word without the longest ending of the table that fits."""
    for ending in table:
        if word.endswith(ending.letters) and len(word) > len(ending.letters):
            stem = word[: -len(ending.letters)]
            if _fits(stem, ending):
                return stem
    return word


def _verbs(word: str) -> set[str]:
    """The word without the endings of a verb, in one or two readings; empty when it has none."""
    stem = _strip(word, _VERB)
    if stem == word:
        return set()
    found = {stem}
    ending = word[len(stem):]
    if len(ending) == 3 and ending[0] in "ае" and ending[1] == "д":
        found.add(stem + ending[0])
    if len(stem) > 4 and stem[-1] in _PASSIVE and stem[-2] in "ае":
        found.add(stem[:-1])
    return found


def _names(word: str) -> set[str]:
    """The word without case, possessive, plural and kind, in one or two readings."""
    found, stem = set(), word
    for table in (_CASE, _POSSESSIVE, _PLURAL, _KIND):
        shorter = _strip(stem, table)
        if stem[len(shorter):] in _TWO_WAYS:
            found.add(stem[:-1])
        stem = _bare(shorter)
    return found | {stem}


def _bare(stem: str) -> str:
    return stem[:-1] + {"г": "к", "б": "п"}.get(stem[-1], stem[-1])


def stems(word: str) -> frozenset[str]:
    """Every stem that a folded word (``core.text.fold``) may have, as far as its endings tell."""
    found = {_bare(stem) for stem in _verbs(word) or _names(word)}
    return frozenset(found | {_bare(verb) for stem in found for verb in _verbs(stem)})
