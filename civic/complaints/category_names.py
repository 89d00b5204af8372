"""A complaint is found by the name of its category, in each language, whatever its own words are: the name stands as its title."""

from weakref import WeakKeyDictionary

from civic.bodies.directory import Directory
from civic.search.queries import Names
from civic.search.service import category_term
from civic.search.words import keys, tokens

_kept: WeakKeyDictionary[Directory, Names] = WeakKeyDictionary()


def category_names(known: Directory) -> Names:
    """Terms of the categories that have each term in their names. A category stands for itself, a root not for its leaves: it is nobody's title."""
    names = _kept.get(known)
    if names is None:
        made: dict[str, set[str]] = {}
        for category in known.categories.values():
            words = {match[0] for name in category.name.values() for match in tokens(name)}
            for term in frozenset().union(*map(keys, words)):
                made.setdefault(term, set()).add(category_term(category.id))
        names = _kept[known] = {term: frozenset(categories) for term, categories in made.items()}
    return names
