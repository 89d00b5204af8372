"""From text to terms: the one pipeline behind both databases. What is indexed and what is asked for goes through it alike.

Text is cut into words of letters and digits; each is folded (lower case, Kazakh letters as typed without them) and gives its *keys*: itself
and every stem it may have. The language of one word is not known, so a Cyrillic word has Kazakh and Russian stems (with a
Kazakh letter only Kazakh ones), a Latin word an English stem. Two words meet when they share a key; loanwords, the same in
Kazakh and Russian, so meet across the languages.

When what comes out here changes, ``flask search rebuild`` has to follow.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import snowballstemmer

from civic.core.text import fold
from civic.search import kazakh

LONGEST = 30  # letters of a word; what is longer is no word, and its beginning stands for it
_WORD = re.compile(r"[^\W_]+")
#: A house number and its letter are one word however they are written: «12 А», «12-а», «12а».
_HOUSE = re.compile(r"(?<!\w)(\d{1,4})(?:[ \-](?=[абгде](?!\w))|-(?=[авabc](?!\w)))", re.IGNORECASE)
_DIGITS_FIRST = re.compile(r"(\d+)[^\W\d_]")
_CYRILLIC = re.compile("[а-яё]")
_LATIN = re.compile("[a-z]")
_KAZAKH = re.compile("[әғқңөұүһі]")
#: Latin letters that look like Cyrillic ones and stand inside Cyrillic words by mistake; i and h are the old way to type і and һ.
_LOOKALIKES = str.maketrans("aeopcxyikmhtb", "аеорсхуикмхтв")
#: Words that every other text has and that say nothing about the matter, folded. «Жоқ» and «нет» are not among them.
STOP = frozenset(_WORD.findall("""
    и в во на с со к ко у о об от до из за по под при для не но а же ли бы то это как что где или мы вы он она они я нас нам вас еще уже там тут так
    жане мен бен пен да де та те бул осы сол ол биз сиз сен олар ушин гой деп бир ал туралы
    the a an and or of to in on at is are was be it its we you i they our your this that there for with by from as not
"""))

_snowball = {language: snowballstemmer.stemmer(language) for language in ("russian", "english")}
_one_at_a_time = threading.Lock()  # a stemmer keeps its word in itself


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The words of a text where they stand in it. A house's letter that stands apart is found by ``joined`` first."""
    return _WORD.finditer(text)


def joined(text: str) -> str:
    """The text in NFC with the letters of houses joined to their numbers: «12 А» → «12А»."""
    return _HOUSE.sub(r"\1", unicodedata.normalize("NFC", text))


def folded(word: str) -> str:
    """One word as it is compared: folded, of one script, no longer than ``LONGEST``."""
    plain = fold(word)[:LONGEST]
    if _LATIN.search(plain) and (_CYRILLIC.search(plain) or re.fullmatch(r"\d+[aceopx]", plain)):
        return plain.translate(_LOOKALIKES)
    return plain


def keys(word: str) -> frozenset[str]:
    """The terms of one word of a text, as typed. Empty for a word that says nothing: a stop word, a single letter."""
    plain = folded(word)
    if plain in STOP or (len(plain) == 1 and not plain.isdecimal()):
        return frozenset()
    if any(c.isdecimal() for c in plain):
        return frozenset({plain})
    if not _CYRILLIC.search(plain):
        return frozenset({plain, _stem("english", plain)})
    found = {plain} | kazakh.stems(plain)
    if not _KAZAKH.search(word.casefold()):
        found.add(_stem("russian", plain))
    return frozenset(found)


def _stem(language: str, word: str) -> str:
    with _one_at_a_time:
        return str(_snowball[language].stemWord(word)) or word


Added = tuple[frozenset[str], frozenset[str]]


def added(word: str) -> Added:
    """What one word of a text adds to the index, and what to the vocabulary: all forms and stems of letters alone."""
    terms, plain = keys(word), folded(word)
    if not terms:
        return frozenset(), frozenset()
    if any(c.isdecimal() for c in plain):  # a number is found as it is; «12» finds «12а» too
        digits = _DIGITS_FIRST.match(plain)
        return terms | ({digits[1]} if digits else set()), frozenset()
    return terms, terms


#: ``added`` with the usual words remembered: a word and its terms take about a kilobyte in each process.
indexed = lru_cache(maxsize=2_048)(added)


def terms(*texts: str, of_word: Callable[[str], Added] = indexed) -> tuple[set[str], set[str]]:
    """All terms of the texts of one complaint, for the index and for the vocabulary. of_word: ``added``, as well remembered as the caller likes."""
    found: set[str] = set()
    vocabulary: set[str] = set()
    for word in {match[0] for text in texts for match in tokens(joined(text).casefold())}:
        of_index, of_vocabulary = of_word(word)
        found |= of_index
        vocabulary |= of_vocabulary
    return found, vocabulary
