"""The audit trail of privileged acts: one function that writes it, and what its readers may read.

What administrators change in reference data (bodies, categories, responsibilities, days off) is written by ``places.history``;
pages read both, so it is not written here again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from civic.accounts.post_models import AuditEntry
from civic.core.actor import Actor, RoleName
from civic.places.models import ReferenceChange

PAGE = 30


class Act(StrEnum):
    """Acts of accounts and posts. Other features name theirs ``feature.act`` and say them in ``audit_words.WORDS``."""

    INVITED = "post.invited"
    WITHDRAWN = "post.withdrawn"
    ACCEPTED = "post.accepted"
    GIVEN = "post.given"
    ENDED = "post.ended"
    HANDED_OVER = "post.handed_over"
    FACTOR_FORGOTTEN = "account.factor_forgotten"


def record(session: Session, actor: Actor, now: datetime, act: str, *, about_user_id: int | None = None, body_id: int | None = None,
           city_id: int | None = None, organisation_id: int | None = None, facts: dict[str, Any] | None = None) -> AuditEntry:
    """Write that ``actor`` did ``act``, in the same transaction as the act itself.

    about_user_id: the person it concerns, who can read it. facts: ids, codes and counts only; erasing a person must not have to
    change the trail.
    """
    entry = AuditEntry(at=now, act=str(act), role=role_of(actor, body_id, city_id, organisation_id, about_user_id), actor_id=actor.user_id,
                       about_user_id=about_user_id, body_id=body_id, city_id=city_id, organisation_id=organisation_id, facts=facts or {})
    session.add(entry)
    session.flush()
    return entry


def read_today(session: Session, actor: Actor, now: datetime, act: str, organisation_id: int, facts: dict[str, Any]) -> bool:
    """Whether the trail has this act of this actor, with the same facts, from the last 24 hours."""
    query = select(AuditEntry.facts).where(AuditEntry.organisation_id == organisation_id, AuditEntry.act == act,
                                           AuditEntry.actor_id == actor.user_id, AuditEntry.at > now - timedelta(days=1))
    return facts in session.scalars(query.order_by(AuditEntry.id.desc())).all()


def role_of(actor: Actor, body_id: int | None, city_id: int | None, organisation_id: int | None, about_user_id: int | None) -> str:
    """What the actor acts as: what those who read about themselves are told instead of a name."""
    if actor.system:
        return "system"
    if actor.user_id is not None and actor.user_id == about_user_id:
        return "self"
    if actor.heads(body_id):
        return RoleName.HEAD
    if actor.works_for(body_id):
        return RoleName.OFFICIAL
    if city_id in actor.city_ids:
        return RoleName.MODERATOR
    if actor.is_administrator:
        return RoleName.ADMINISTRATOR
    return "organiser" if organisation_id is not None else "person"


@dataclass(frozen=True)
class Scope:
    """What a reader looks at: entries about one person, of one body, one city, one organisation, or everything."""

    kind: str  # "me", "body", "city", "organisation", "all"
    id: int = 0

    def entries(self) -> ColumnElement[bool] | None:
        """Which rows of the trail belong to it; None: all."""
        columns = {"me": AuditEntry.about_user_id, "body": AuditEntry.body_id, "city": AuditEntry.city_id,
                   "organisation": AuditEntry.organisation_id}
        return None if self.kind == "all" else columns[self.kind] == self.id

    def changes(self) -> ColumnElement[bool] | None:
        """Which changes of reference data belong to it; None: none. Posts are in the trail already."""
        if self.kind == "all":
            return ReferenceChange.kind != "membership"
        if self.kind in ("body", "city"):
            return and_(ReferenceChange.kind == self.kind, ReferenceChange.row_key == str(self.id))
        return None


@dataclass(frozen=True)
class Position:
    """Where a page ends in each of the two histories that it is read from: the ids read last, None at the beginning."""

    entry: int | None = None
    change: int | None = None


def page(session: Session, scope: Scope, before: Position, limit: int = PAGE) -> tuple[list[AuditEntry | ReferenceChange], Position | None]:
    """The newest rows of both histories before ``before``, and where the next page begins (None: nothing earlier)."""
    entries, changes = _entries(session, scope, before.entry, limit + 1), _changes(session, scope, before.change, limit + 1)
    merged: list[AuditEntry | ReferenceChange] = sorted([*entries, *changes], key=lambda row: (row.at, row.id), reverse=True)
    shown = merged[:limit]
    if len(merged) <= limit:
        return shown, None
    last_entry = min((row.id for row in shown if isinstance(row, AuditEntry)), default=before.entry)
    last_change = min((row.id for row in shown if isinstance(row, ReferenceChange)), default=before.change)
    return shown, Position(last_entry, last_change)


def _entries(session: Session, scope: Scope, before: int | None, limit: int) -> Sequence[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    conditions = [c for c in (scope.entries(), AuditEntry.id < before if before is not None else None) if c is not None]
    return session.scalars(query.where(*conditions)).all()


def _changes(session: Session, scope: Scope, before: int | None, limit: int) -> Sequence[ReferenceChange]:
    wanted = scope.changes()
    if wanted is None:
        return []
    # what a command added to begin with is no act of anybody; a JSON column holds the word null where there was no row before
    changed = cast(ReferenceChange.before, String) != "null"
    query = select(ReferenceChange).where(wanted, or_(ReferenceChange.user_id.is_not(None), changed))
    if before is not None:
        query = query.where(ReferenceChange.id < before)
    return session.scalars(query.order_by(ReferenceChange.id.desc()).limit(limit)).all()


def read_position(text: str) -> Position:
    """A position as an address carries it, ``12.34``; the beginning for anything else."""
    first, _, second = text.partition(".")
    numbers = [int(part) if part.isascii() and part.isdecimal() and len(part) < 10 else None for part in (first, second)]
    return Position(*numbers)


def written(position: Position | None) -> str | None:
    """A position for an address."""
    return f"{position.entry or ''}.{position.change or ''}" if position else None
