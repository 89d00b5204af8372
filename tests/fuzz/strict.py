"""SQLite takes what PostgreSQL refuses: here it refuses as well, so that one run finds what would break on either."""

from typing import Any

from sqlalchemy import Integer, String, event
from sqlalchemy.orm import Mapper

from civic.core.database import Base


class PostgresRefuses(Exception):
    """A value that a column of PostgreSQL does not hold."""


def be_strict() -> None:
    """From now on, for every row that the session writes."""
    for when in ("before_insert", "before_update"):
        event.listen(Base, when, _check, propagate=True)


def _check(mapper: Mapper[Any], _connection: Any, row: Any) -> None:
    for attribute in mapper.column_attrs:
        column, value = attribute.columns[0], getattr(row, attribute.key)
        if isinstance(value, str) and isinstance(column.type, String) and column.type.length and len(value) > column.type.length:
            raise PostgresRefuses(f"{column} holds {column.type.length} characters, not {len(value)}")
        if isinstance(value, str) and "\x00" in value:
            raise PostgresRefuses(f"{column} holds no null byte")
        if isinstance(value, int) and type(column.type) is Integer and not -2**31 <= value < 2**31:
            raise PostgresRefuses(f"{column} holds no {value}")
        if isinstance(value, dict | list) and _has_null(value):
            raise PostgresRefuses(f"{column} holds no null byte, nor what is no number")


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_null, value))
    return (isinstance(value, str) and "\x00" in value) or (isinstance(value, float) and not abs(value) < float("inf"))
