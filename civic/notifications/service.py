"""Ordering letters to contacts: at once, or gathered once a day or once a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.errors import InputRefused
from civic.core.text import mailbox_of
from civic.jobs.models import Outbox
from civic.jobs.service import Order, enqueue, enqueue_all
from civic.limits.disposable import refuse_disposable
from civic.limits.service import mark_of

DIGEST_AT = time(8, 0)
ZONE = ZoneInfo("Asia/Almaty")
#: Letters with a button that an address gets in one day before it is proven: anybody may type anybody's address.
MOST_ASKED = 10

#: The slowest last. Gathered notices wait in the outbox as rows of a kind of their own until the letter goes.
RHYTHMS = ("at_once", "daily", "weekly")
GATHERED = {"daily": "digest_item", "weekly": "weekly_item"}


def tell(session: Session, contact: Contact, template: str, key: str, facts: dict[str, Any], now: datetime, *,
         rhythm: str = "at_once") -> None:
    """Order one notice for one contact. ``key`` makes it once, whatever the rhythm.

    template: name of a builder of letters; facts: ids that it needs (never text of people). rhythm: what this notice was asked
    for; the contact's own ``delivery`` slows it down, never speeds it up.
    """
    tell_all(session, [Notice(contact.id, contact.delivery, facts, rhythm)], template, key, now)


@dataclass(frozen=True)
class Notice:
    """One contact's part of something that many are told; delivery: the contact's own."""

    contact_id: int
    delivery: str
    facts: dict[str, Any]
    rhythm: str


def tell_all(session: Session, notices: Sequence[Notice], template: str, key: str, now: datetime) -> None:
    """Like ``tell``, for many contacts at once."""
    when = {"at_once": None, "daily": next_digest(now), "weekly": next_weekly(now)}
    orders = []
    for notice in notices:
        slower = max(notice.rhythm, notice.delivery, key=RHYTHMS.index)
        kind = GATHERED.get(slower)
        payload = {"contact_id": notice.contact_id, "template": template, **notice.facts}
        orders.append(Order(kind or "mail", f"mail:{key}:{notice.contact_id}", payload, when[slower],
                            together(kind, notice.contact_id) if kind else None))
    enqueue_all(session, orders, now)


def refuse_flood(session: Session, email: str, now: datetime) -> None:
    """Raises ``InputRefused``: ``disposable_address``; ``too_many_letters`` when the address has had ``MOST_ASKED`` letters with a
    button today. Neither says who has an account."""
    refuse_disposable(session, email)
    if session.scalar(select(exists().where(Outbox.key == _asked_keys(session, email, now)[-1]))):
        raise InputRefused("email", "too_many_letters", limit=MOST_ASKED)


def ask(session: Session, email: str, subject: str, text: str, locale: str, now: datetime) -> None:
    """Order a letter with a button to an address that somebody typed; none beyond ``MOST_ASKED`` a day, whoever asks for whatever."""
    _take_place(session, email, "plain_mail", {"to": email, "subject": subject, "text": text, "locale": locale}, now)


def ask_nobody(session: Session, email: str, now: datetime) -> None:
    """Count a letter that is not written, since we know nothing of the address: or ``too_many_letters`` would tell which ones we know."""
    _take_place(session, email, "no_letter", {}, now)


def _take_place(session: Session, email: str, kind: str, facts: dict[str, Any], now: datetime) -> None:
    for key in _asked_keys(session, email, now):
        if enqueue(session, kind, key, facts, now):
            return


def _asked_keys(session: Session, email: str, now: datetime) -> list[str]:
    """Each letter of a day takes the next of these keys."""
    address = mark_of(session, mailbox_of(email), now)
    return [f"asked:{address}:{now.date()}:{place}" for place in range(MOST_ASKED)]


def together(kind: str, contact_id: int) -> str:
    """What the rows of one gathered letter share."""
    return f"{kind}:{contact_id}"


def next_digest(now: datetime) -> datetime:
    """The next eight o'clock in the morning, local time."""
    local = now.astimezone(ZONE)
    day = local.date() if local.time() < DIGEST_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DIGEST_AT, ZONE)


def next_weekly(now: datetime) -> datetime:
    """The next Monday, eight o'clock in the morning, local time."""
    morning = next_digest(now)
    return morning + timedelta(days=-morning.weekday() % 7)
