"""Consent that is written down with the act it goes with, and asking for an archive."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.complaints.models import Applicant
from civic.core.clock import utc_now
from civic.events.models import Registration
from civic.jobs.service import enqueue
from civic.privacy.documents import PRIVACY
from civic.privacy.models import Consent, Export, Withdrawal
from civic.privacy.person import Person, hold

EXPORT_LIVES = timedelta(days=7)
#: Acts by which people agree: each of their forms says so in one line above its button, with a link to the document.
_PURPOSES: dict[type[Any], str] = {Applicant: "filing", Registration: "registration", User: "sign_up"}


def remember_consent(session: Session, _context: Any) -> None:
    """Write a consent for each act of this flush, in its transaction: no act without, whichever page or job it came from."""
    rows = []
    for made in session.new:
        purpose = _PURPOSES.get(type(made))
        if purpose is not None:
            user_id, contact_id = (made.id, None) if isinstance(made, User) else (None, made.contact_id)
            rows.append({"user_id": user_id, "contact_id": contact_id, "purpose": purpose, "document": PRIVACY.name, "version": PRIVACY.version,
                         "locale": _locale(session, made), "at": utc_now()})
    if rows:
        session.execute(insert(Consent), rows)


def _locale(session: Session, made: Any) -> str:
    if isinstance(made, User):
        return made.locale
    return session.scalar(select(Contact.locale).where(Contact.id == made.contact_id)) or "kk"


def listen() -> None:
    """Begin to write consents."""
    if not event.contains(Session, "after_flush", remember_consent):
        event.listen(Session, "after_flush", remember_consent)


def consents_of(session: Session, person: Person) -> list[Consent]:
    """What the person agreed to, the newest first."""
    return [c for c in session.scalars(select(Consent).where(_mine(Consent, person)).order_by(Consent.id.desc()).limit(50))]


def withdrawal_of(session: Session, person: Person) -> Withdrawal | None:
    """The open task, if consent was taken back and something stands against erasing."""
    return session.scalar(select(Withdrawal).where(_mine(Withdrawal, person), Withdrawal.state == "open").limit(1))


def withdrawals(session: Session) -> Sequence[Withdrawal]:
    """Consents that were taken back, for administrators: what is open first, by the day until which the law gives time."""
    return session.scalars(select(Withdrawal).order_by(Withdrawal.state.desc(), Withdrawal.due_on).limit(200)).all()


def who_waits(session: Session, tasks: Sequence[Withdrawal]) -> dict[int, str]:
    """By account the names of those who are not erased yet, so that an administrator finds their posts."""
    ids = {task.user_id for task in tasks if task.state == "open" and task.user_id is not None}
    return {user.id: user.name or user.email for user in session.scalars(select(User).where(User.id.in_(ids))).unique()} if ids else {}


def order_export(session: Session, person: Person, now: datetime) -> Export:
    """Order an archive; the job makes it and writes a letter. One that is being made already is not ordered again."""
    hold(session, person)
    waiting = session.scalar(select(Export).where(_mine(Export, person), Export.ready_at.is_(None), Export.asked_at > now - timedelta(hours=1)).limit(1))
    if waiting is not None:
        return waiting
    export = Export(id=secrets.token_hex(16), user_id=person.user_id, contact_id=person.contact_id, asked_at=now)
    session.add(export)
    session.flush()
    enqueue(session, "personal_export", f"personal_export:{export.id}", {"export_id": export.id}, now)
    return export


def exports_of(session: Session, person: Person, now: datetime) -> list[Export]:
    """Archives that can be fetched or are being made, the newest first."""
    return list(session.scalars(select(Export).where(_mine(Export, person), Export.asked_at > now - EXPORT_LIVES).order_by(Export.asked_at.desc())))


def ready_export(session: Session, export_id: str, person: Person, now: datetime) -> Export | None:
    """The archive with this id when it is this person's, made, and not older than ``EXPORT_LIVES``."""
    export = session.get(Export, export_id)
    if export is None or export.ready_at is None or not person.owns(export) or now - export.asked_at > EXPORT_LIVES:
        return None
    return export


def ask_erasure(session: Session, email: str, locale: str, now: datetime) -> None:
    """Order the letter with the link by which somebody without an account reaches their data; nothing says whether we know the address."""
    enqueue(session, "privacy_link", f"privacy_link:{secrets.token_hex(12)}", {"email": email.strip().lower(), "locale": locale}, now)


def _mine(table: Any, person: Person) -> Any:
    own = []
    if person.user_id is not None:
        own.append(table.user_id == person.user_id)
    if person.contact_id is not None:
        own.append(table.contact_id == person.contact_id)
    return own[0] if len(own) == 1 else own[0] | own[1]


