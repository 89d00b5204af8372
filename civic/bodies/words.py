"""Everyday words for categories, so that a resident who types "лампа" is offered the street light."""

from functools import lru_cache

from civic.bodies.service import DATA, read_table


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {row["code"]: row["words"] for row in read_table(DATA / "synonyms.csv")}


def synonyms(code: str) -> str:
    """What people call the matters of a category, Kazakh and Russian, apart by spaces; empty when nothing is written down."""
    return _table().get(code, "")
