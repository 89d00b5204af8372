"""Writing to the outbox, and delivering from it.

One row at a time is claimed by moving its ``not_before`` ahead in a transaction of its own; then the handler works; then
the row is marked done in the handler's own transaction. A worker killed in between leaves the row to come back after the
claim ends. A handler that works long or over the network ends the transaction first, so that nobody waits for it.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.core.masking import mask_text
from civic.jobs.models import Outbox

log = structlog.get_logger()
CLAIM = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=1)
#: What payloads call the e-mail address that something goes to, where they name one at all.
ADDRESS_FIELDS = ("to", "email")
Handler = Callable[[Session, dict[str, Any], datetime], None]


class TakenElsewhere(Exception):
    """Raised by a handler when another worker took its row along: the row is left as it is."""


def enqueue(session: Session, kind: str, key: str, payload: dict[str, Any], now: datetime,
            not_before: datetime | None = None, together: str | None = None) -> bool:
    """Order one thing, in the caller's transaction. The same ``key`` again is no new order: then False.

    together: shared by the rows that one handler gathers.
    """
    order = _insert(session).values(kind=kind, key=key, payload=payload, created_at=now, not_before=not_before or now, attempts=0,
                                    together=together)
    session.flush()
    return session.scalar(order.on_conflict_do_nothing(index_elements=["key"]).returning(Outbox.id)) is not None


def hash_of(words: str) -> str:
    """A short name for words of any length. Of an address see ``limits.service.mark_of``."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Order:
    """One thing to order among many; the fields are those of ``enqueue``."""

    kind: str
    key: str
    payload: dict[str, Any]
    not_before: datetime | None = None
    together: str | None = None


def enqueue_all(session: Session, orders: Sequence[Order], now: datetime) -> None:
    """Order many things in one statement; a ``key`` that is known already is left out."""
    session.flush()
    rows = [{"kind": o.kind, "key": o.key, "payload": o.payload, "created_at": now, "not_before": o.not_before or now, "attempts": 0,
             "together": o.together} for o in orders]
    if rows:
        session.execute(_insert(session).on_conflict_do_nothing(index_elements=["key"]), rows)


def give_up(session: Session, which: ColumnElement[bool], now: datetime, why: str) -> None:
    """End orders that nobody has carried out yet: what they hold goes, their keys stay. why: for the operator, without words of people."""
    ended = update(Outbox).where(Outbox.done_at.is_(None), which).values(done_at=now, payload={}, last_error=why)
    session.execute(ended.execution_options(synchronize_session=False))


def give_up_letters(session: Session, addresses: Collection[str], now: datetime) -> None:
    """End what was to go to these e-mail addresses: whoever read there is erased. Orders that name a contact find none by themselves."""
    give_up(session, or_(*(Outbox.payload[field].as_string().in_(addresses) for field in ADDRESS_FIELDS)), now, "the reader was erased")


def _insert(session: Session) -> Any:
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(Outbox)


def claim(session: Session, now: datetime) -> int | None:
    """Take the row that waits longest for this worker; others leave it alone until ``now + CLAIM``. None: nothing waits."""
    begin_write(session)
    outbox_id = session.scalar(
        select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.not_before <= now)
        .order_by(Outbox.not_before, Outbox.id).limit(1).with_for_update(skip_locked=True)
    )
    if outbox_id is not None:
        session.execute(update(Outbox).where(Outbox.id == outbox_id).values(not_before=now + CLAIM))
    session.commit()
    return outbox_id


def deliver(session: Session, handlers: dict[str, Handler], now: datetime) -> bool:
    """Deliver one row that is due; False when there is none. A failed row waits longer after each attempt.

    now: the present moment, asked for anew for each row: claims begin with the work and not with the batch.
    """
    outbox_id = claim(session, now)
    if outbox_id is None:
        return False
    _deliver_one(session, handlers, outbox_id, now)
    return True


def _deliver_one(session: Session, handlers: dict[str, Handler], outbox_id: int, now: datetime) -> None:
    begin_write(session)
    row = session.get_one(Outbox, outbox_id)
    if row.done_at is not None or row.not_before != now + CLAIM:  # a sibling took it along, as a digest does
        session.rollback()
        return
    attempts = row.attempts + 1
    try:
        handlers[row.kind](session, dict(row.payload), now)
        # The payload may hold a person's words or a token: it goes when it is not needed any more.
        values: dict[str, Any] = {"done_at": now, "last_error": None, "payload": {}}
    except TakenElsewhere:
        session.rollback()
        return
    except Exception as error:  # noqa: BLE001 - one bad row must not stop the others
        session.rollback()
        log.warning("outbox_row_failed", outbox_id=outbox_id, error=type(error).__name__)
        wait = min(timedelta(seconds=15) * 2 ** min(attempts, 10), LONGEST_WAIT)
        values = {"attempts": attempts, "last_error": mask_text(repr(error))[:500], "not_before": now + wait}
    if not session.in_transaction():
        begin_write(session)
    session.execute(update(Outbox).where(Outbox.id == outbox_id, Outbox.done_at.is_(None)).values(**values))
    session.commit()
