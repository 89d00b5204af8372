"""The indexes of the public list: one for each filter that it offers, in a city and in all, ending in the order of the list.

All leave out what is private. Those of filters without a value hold the filter as their condition; SQLite uses such an
index only when the query says the condition in the same words, without a bound value, so the words stand here for both.
"""

from collections.abc import Collection

from sqlalchemy import Index, text

from civic.complaints.states import OPEN

_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN)))
OPEN_ROWS, SUPPORTED_ROWS = text(f"complaint.{_OPEN}"), text("complaint.supporters > 0")
#: A moderator, or the author, took something off the page: few, and nobody looks for them but whoever leaves them out.
HIDDEN_ROWS = text("hidden IS NOT NULL")
_NEWEST = ("registered_at", "id")


def _index(name: str, *columns: str, where: str = "", flag: str = "") -> Index:
    """where: a condition in words that both databases know. flag: a column of truth values, which they write apart."""
    rest = f" AND {where}" if where else ""
    return Index(f"ix_list_{name}", *columns,
                 sqlite_where=text("private = 0" + (f" AND {flag} = 1" if flag else "") + rest),
                 postgresql_where=text("NOT private" + (f" AND {flag}" if flag else "") + rest))


def _both(name: str, *columns: str, **condition: str) -> tuple[Index, Index]:
    """In one city, and in all."""
    return _index(f"city_{name}", "city_id", *columns, **condition), _index(name, *columns, **condition)


INDEXES = (
    *_both("newest", *_NEWEST), *_both("state", "state", *_NEWEST), *_both("category", "category_id", *_NEWEST),
    *_both("root", "root_id", *_NEWEST), *_both("direction", "direction", *_NEWEST),
    *_both("photo", *_NEWEST, flag="with_photo"), *_both("supported", *_NEWEST, where="supporters > 0"),
    *_both("most_supported", "supporters", "id"),
    *(_index(f"{name}_supported", f"{name}_id", "supporters", "id") for name in ("body", "category", "root", "district")),
    # districts and bodies are of one city anyway
    _index("district", "district_id", *_NEWEST), _index("body", "body_id", *_NEWEST),
    # what is open is little; due_on lets the overdue ones be told without a look at the row
    *_both("open", *_NEWEST, "due_on", where=_OPEN), *_both("overdue", "due_on", "id", where=_OPEN),
    _index("open_category", "category_id", *_NEWEST, "due_on", where=_OPEN),
    _index("open_district", "district_id", *_NEWEST, "due_on", where=_OPEN),
    _index("open_body", "body_id", *_NEWEST, "due_on", where=_OPEN),
)


def best_index(sort: str, conditions: Collection[str]) -> str:
    """The index that a list in this order walks along, for the conditions of ``listing`` that hold: the narrowest one that has
    the order. SQLite is told so (INDEXED BY): without statistics of its own it would rather gather and sort a hundred thousand
    rows. PostgreSQL, which has them, finds it by itself."""
    city = "city_" if "city_id" in conditions else ""
    narrow = [name for name in ("body", "category", "root", "district") if f"{name}_id" in conditions]
    if sort == "overdue":
        return f"ix_list_{city}overdue"
    if sort == "supported":
        return f"ix_list_{narrow[0]}_supported" if narrow else f"ix_list_{city}most_supported"
    if "open" in conditions:
        return next((f"ix_list_open_{name}" for name in narrow if name != "root"), f"ix_list_{city}open")
    if narrow:
        return f"ix_list_{city if narrow[0] in ('category', 'root') else ''}{narrow[0]}"
    return f"ix_list_{city}" + next((name for name in ("state", "direction", "supported", "photo") if name in conditions), "newest")
