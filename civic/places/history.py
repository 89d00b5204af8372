"""The one way reference data changes: write the row, and who changed what, when, from what to what, beside it."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from civic.core.database import Base
from civic.core.errors import InputRefused
from civic.places.models import ReferenceChange


def key_of(row: Base) -> str:
    """What the history calls the row: its place among responsibilities, else its primary key."""
    if row.__tablename__ == "responsibility":
        return f"{row.city_id}.{row.category_id}.{row.district_id or 0}"  # type: ignore[attr-defined]
    return str(inspect(row).identity[0])  # type: ignore[index]


def snapshot(row: Base) -> dict[str, Any]:
    """The row's columns as JSON. A boundary is told by its kind, number of points and digest: it may be megabytes."""
    return {c.key: _plain(getattr(row, c.key)) for c in inspect(type(row)).column_attrs if c.key != "id"}


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict) and "coordinates" in value:
        text = json.dumps(value["coordinates"])
        points = len(re.findall(r"\[-?\d", text))
        return f"{value['type']}, {points}, {hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return value


def version(row: Base) -> str:
    """A digest of the row as it is now, which a form carries to notice that somebody else changed it meanwhile."""
    return hashlib.sha256(json.dumps(snapshot(row), sort_keys=True).encode()).hexdigest()[:16]


def save(session: Session, row: Base, values: Mapping[str, Any], user_id: int | None, now: datetime,
         seen: str | None = None) -> bool:
    """Set ``values`` on a new or an old row and note the change; False when nothing differs.

    Raises ``InputRefused`` (``changed_meanwhile``) when ``seen`` is not the row's present version.
    """
    before = snapshot(row) if inspect(row).persistent else None
    if before is not None and seen is not None and seen != version(row):
        raise InputRefused("seen", "changed_meanwhile")
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    session.add(row)
    session.flush()
    after = snapshot(row)
    if before == after:
        return False
    _note(session, row, key_of(row), before, after, user_id, now)
    return True


def note(session: Session, row: Base, before: dict[str, Any] | None, user_id: int | None, now: datetime) -> None:
    """Note a change that was made elsewhere. before: the row's ``snapshot``, None when it is new."""
    _note(session, row, key_of(row), before, snapshot(row), user_id, now)


def remove(session: Session, row: Base, user_id: int | None, now: datetime) -> None:
    """Delete a row that nothing points to (a day off, a responsibility) and note what it was."""
    key, before = key_of(row), snapshot(row)
    session.delete(row)
    session.flush()
    _note(session, row, key, before, None, user_id, now)


def _note(session: Session, row: Base, key: str, before: dict[str, Any] | None, after: dict[str, Any] | None,
          user_id: int | None, now: datetime) -> None:
    session.add(ReferenceChange(at=now, user_id=user_id, kind=row.__tablename__, row_key=key, before=before, after=after))
    session.flush()
