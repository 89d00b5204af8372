"""Counting what is written, in a short transaction of its own, so that what is refused later has counted too."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.database import dialect_name
from civic.core.text import mailbox_of
from civic.limits.models import DailyKey, QuotaUse, UsedProof
from civic.limits.quotas import NEAR, QUOTAS, SCOPES

#: Keys of past days are kept so long that windows and signals which began under them can end.
KEYS_LIVE = timedelta(days=2)


@dataclass(frozen=True)
class Sender:
    """Who sends, as far as one can tell. Nothing here is stored as it is.

    person: a key of account or contact, None without either. address: network address as text. device: random mark of the browser,
    None when it brought none. targets: by name of field, what the form or its address named.
    """

    address: str
    person: str | None = None
    device: str | None = None
    targets: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Use:
    """How much of one quota is used, this time included, and when it begins anew."""

    quota: str
    scope: str
    used: int
    limit: int
    until: datetime

    @property
    def over(self) -> bool:
        """More than is possible. A target is never refused, or a stranger could lock somebody out: its senders only have to work."""
        return self.used > self.limit and self.scope != "target"

    @property
    def near(self) -> bool:
        """In the last quarter."""
        return self.used > self.limit * NEAR


def network_of(address: str) -> str:
    """What counts as one address: IPv4 whole, IPv6 by its first 64 bits, which one household or phone has for itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return f"{int(found) >> 64:x}/64"
    return str(found)


def key_of_day(session: Session, day: date) -> str:
    """The key of a day, made when it is asked for first. Writes."""
    held = session.scalar(select(DailyKey.secret).where(DailyKey.day == day))
    if held is None:
        session.execute(_insert(session, DailyKey).values(day=day, secret=secrets.token_hex(32)).on_conflict_do_nothing(index_elements=["day"]))
        held = session.scalar(select(DailyKey.secret).where(DailyKey.day == day))
    assert held is not None
    return held


def hashed(key: str, *parts: object) -> str:
    """A keyed hash, 32 hexadecimal digits."""
    return hmac.new(bytes.fromhex(key), "|".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()[:32]


def mark_of(session: Session, words: str, now: datetime) -> str:
    """A short name for an address in the key of an order, which stays in the table: once the key of the day is gone, nobody can tell whose it
    was. Another one on another day. Writes."""
    return hashed(key_of_day(session, now.astimezone(UTC).date()), words)


def _whose(sender: Sender, quota: str, scope: str) -> str | None:
    if scope == "person":
        return sender.person
    if scope == "address":
        return network_of(sender.address)
    if scope == "device":  # who throws the mark away shares one with all others of the address who do
        return sender.device or f"none at {network_of(sender.address)}"
    return mailbox_of((sender.targets or {}).get(QUOTAS[quota].target_field, "")) or None


def _window(length: timedelta, now: datetime) -> tuple[int, datetime]:
    """Number and end of the window that ``now`` is in. Windows lie side by side from the beginning of 1970."""
    seconds = int(length.total_seconds())
    number = int(now.timestamp()) // seconds
    return number, datetime.fromtimestamp((number + 1) * seconds, UTC)


def _rows(session: Session, names: Iterable[str], sender: Sender, now: datetime) -> dict[str, Use]:
    """The counters that one sending concerns, unused, by their keys and in their order: two transactions never wait for each other crosswise."""
    key = key_of_day(session, now.astimezone(UTC).date())
    found = {}
    for name in names:
        quota = QUOTAS[name]
        number, until = _window(quota.window, now)
        for scope in SCOPES:
            limit, whose = quota.limit(scope), _whose(sender, name, scope)
            if limit is not None and whose is not None and not (quota.unproven and sender.person):
                found[hashed(key, name, scope, number, whose)] = Use(name, scope, 0, limit, until)
    return dict(sorted(found.items()))


def count(session: Session, names: Iterable[str], sender: Sender, factor: int, now: datetime) -> list[Use]:
    """Count one more of the quotas ``names``; gives how much is used then. factor: multiplies all limits. The caller commits."""
    rows = _rows(session, names, sender, now)
    if not rows:
        return []
    insert = _insert(session, QuotaUse)
    more = insert.on_conflict_do_update(index_elements=["key"], set_={"used": QuotaUse.used + 1}).returning(QuotaUse.key, QuotaUse.used)
    values = [{"key": key, "quota": u.quota, "scope": u.scope, "used": 1, "until": u.until} for key, u in rows.items()]
    used = session.execute(more.values(values))
    return [_with(rows[key], number, factor) for key, number in used]


def look(session: Session, names: Iterable[str], sender: Sender, factor: int, now: datetime) -> list[Use]:
    """How much would be used with one more; counts nothing."""
    rows = _rows(session, names, sender, now)
    used: dict[str, int] = {key: number for key, number in session.execute(select(QuotaUse.key, QuotaUse.used).where(QuotaUse.key.in_(rows)))}
    return [_with(use, used.get(key, 0) + 1, factor) for key, use in rows.items()]


def _with(use: Use, used: int, factor: int) -> Use:
    return Use(use.quota, use.scope, used, use.limit * factor, use.until)


def take_proof(session: Session, signature: str, until: datetime) -> bool:
    """Use up an answered challenge; False when it was used before."""
    taken = _insert(session, UsedProof).values(signature=signature, until=until).on_conflict_do_nothing(index_elements=["signature"])
    return session.scalar(taken.returning(UsedProof.signature)) is not None


def forget(session: Session, now: datetime) -> None:
    """Delete windows that are over, proofs that have expired, and keys whose day is long past."""
    session.execute(delete(QuotaUse).where(QuotaUse.until < now))
    session.execute(delete(UsedProof).where(UsedProof.until < now))
    session.execute(delete(DailyKey).where(DailyKey.day < (now.astimezone(UTC) - KEYS_LIVE).date()))


def _insert(session: Session, table: Any) -> Any:
    return (postgresql.insert if dialect_name(session) == "postgresql" else sqlite.insert)(table)
