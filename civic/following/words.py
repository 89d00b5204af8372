"""Whether a complaint has the words of a followed search. The words' forms are those of the search itself; its guesses at
mistakes are not taken over: what comes by mail unasked should be meant."""

from civic.search.queries import BEGINNING, asked
from civic.search.words import folded
from civic.search.words import keys as keys_of_word
from civic.search.words import terms as terms_of

#: Letters of a term that decide where a following is looked for; what it asks for is then compared closely.
_KEY = 3


def terms(*texts: str) -> frozenset[str]:
    """All words of a complaint in the forms that a search may ask for."""
    return frozenset(terms_of(*texts)[0])


def rarest(typed: str) -> list[str]:
    """Beginnings under which a search is looked for: those of its longest word, most likely the rarest. Empty without words."""
    longest = max(asked(typed), key=len, default="")
    return sorted({key[:_KEY] for key in keys_of_word(longest)}) if longest else []


def beginnings(found: frozenset[str]) -> set[str]:
    """Beginnings of a complaint's terms."""
    return {term[:_KEY] for term in found}


def fit(typed: str, found: frozenset[str]) -> bool:
    """Every word typed is among the terms by one of its forms, or begins one."""
    return all(_there(word, found) for word in asked(typed))


def _there(word: str, found: frozenset[str]) -> bool:
    plain = folded(word)
    return bool(keys_of_word(word) & found) or (len(plain) >= BEGINNING and any(term.startswith(plain) for term in found))
