"""Jobs that write and send letters. What a letter says is built by the feature that ordered it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import Any

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.app import CivicFlask
from civic.core.database import begin_write
from civic.jobs.models import Outbox
from civic.jobs.queue import Queue
from civic.jobs.service import CLAIM, TakenElsewhere
from civic.notifications.mailer import FolderMailer, Mailer, SmtpMailer
from civic.notifications.service import together
from civic.web.locale import LOCALES

#: How long a gathered letter is left alone. Not CLAIM: a worker tells by the difference that its row was taken along.
DIGEST_CLAIM = 2 * CLAIM


@dataclass(frozen=True)
class Attached:
    """A file that goes along, made when the letter is built. kind: ``application/pdf``, ``text/calendar``."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A letter's words. unsubscribe: address of the page that ends such letters, if they can be ended.

    A gathered letter carries no attachments: what needs them is ordered at once.
    """

    subject: str
    text: str
    unsubscribe: str | None = None
    attachments: tuple[Attached, ...] = ()


#: What is given raw is left as it is. Python 3.11 folds long headers itself by losing spaces between two encoded words of a
#: subject, and by encoding a long address of ``List-Unsubscribe``, which mail programs then do not understand.
_POLICY = default.clone(refold_source="none")
#: Builds the letter of one notice in the locale that is set; None when there is nothing to say any more.
Builder = Callable[[Session, Contact, dict[str, Any]], Letter | None]
BUILDERS: dict[str, Builder] = {}
#: Writes all notices of one template as one part of a gathered letter, shorter than their letters one by one would be.
#: ``unsubscribe`` of what it gives ends them.
Gatherer = Callable[[Session, Contact, list[dict[str, Any]]], Letter | None]
GATHERERS: dict[str, Gatherer] = {}


def mailer_for(app: CivicFlask) -> Mailer:
    """SMTP when set, a folder otherwise."""
    return SmtpMailer(app.settings.mail_url) if app.settings.mail_url else FolderMailer(app.settings.mail_folder)


def compose(app: CivicFlask, to: str, letter: Letter, key: str, now: datetime) -> EmailMessage:
    """A message whose Message-ID follows from ``key``: sent again after a crash, mail programs see the same letter."""
    message = EmailMessage(_POLICY)
    message["From"], message["To"] = app.settings.mail_from, to
    message.set_raw("Subject", Header(" ".join(letter.subject.split()), header_name="Subject", maxlinelen=74).encode())
    message["Date"] = format_datetime(now)
    domain = app.settings.mail_from.rpartition("@")[2].strip("> ")
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
    if letter.unsubscribe:
        message.set_raw("List-Unsubscribe", f"<{letter.unsubscribe}>")
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(render_template("email/frame.html", letter=letter), subtype="html", cte="quoted-printable")
    for file in letter.attachments:
        maintype, subtype = file.kind.split("/")
        message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.name)
    return message


def _waiting(session: Session, contact: Contact, kind: str) -> Sequence[Row[int, str, dict[str, Any], datetime]]:
    """What waits for the contact's daily or weekly letter, in the order it came. Columns: never stale rows."""
    return session.execute(
        select(Outbox.id, Outbox.key, Outbox.payload, Outbox.not_before)
        .where(Outbox.together == together(kind, contact.id), Outbox.done_at.is_(None)).order_by(Outbox.id)
    ).all()


def _gathered(session: Session, contact: Contact, subject: str, payloads: list[dict[str, Any]]) -> Letter | None:
    """One letter of many notices, in the order they came; those that are written together stand at its end. None: nothing to say."""
    alone = [p for p in payloads if p["template"] not in GATHERERS]
    letters = [x for p in alone if (x := BUILDERS[p["template"]](session, contact, p))]
    parts, unsubscribe = [f"* {x.subject}\n\n{x.text}" for x in letters], None
    for template, gatherer in GATHERERS.items():
        some = [p for p in payloads if p["template"] == template]
        part = gatherer(session, contact, some) if some else None
        if part:
            parts.append(part.text)
            unsubscribe = part.unsubscribe
    return Letter(subject, "\n\n".join(parts), unsubscribe) if parts else None


def register(app: CivicFlask, queue: Queue) -> None:
    """Bind the handlers of ``mail``, ``plain_mail``, ``digest_item`` (daily) and ``weekly_item`` rows."""
    mailer = mailer_for(app)

    def build(session: Session, payload: dict[str, Any]) -> tuple[Contact, Letter | None]:
        contact = session.get_one(Contact, payload["contact_id"])
        return contact, BUILDERS[payload["template"]](session, contact, payload)

    def mail(session: Session, payload: dict[str, Any], now: datetime) -> None:
        locale = session.get_one(Contact, payload["contact_id"]).locale
        with app.test_request_context(base_url=app.settings.public_url), force_locale(LOCALES[locale]):
            contact, letter = build(session, payload)
            message = compose(app, contact.email, letter, repr(sorted(payload.items())), now) if letter and not contact.erased else None
        session.rollback()  # nobody waits for the mail server
        if message:
            mailer.send(message)

    def plain_mail(session: Session, payload: dict[str, Any], now: datetime) -> None:
        with app.test_request_context(base_url=app.settings.public_url), force_locale(LOCALES[payload["locale"]]):
            letter = Letter(payload["subject"], payload["text"])
            message = compose(app, payload["to"], letter, repr(sorted(payload.items())), now)
        session.rollback()
        mailer.send(message)

    def gather(kind: str, contact_id: int, session: Session, now: datetime) -> None:
        contact = session.get_one(Contact, contact_id, with_for_update=True)
        waiting = _waiting(session, contact, kind)
        if all(row.not_before != now + CLAIM for row in waiting):
            raise TakenElsewhere  # while this worker waited for the contact's lock, another gathered the same letter
        with app.test_request_context(base_url=app.settings.public_url), force_locale(LOCALES[contact.locale]):
            subject = gettext("Your day on Civic") if kind == "digest_item" else gettext("Your week on Civic")
            whole = _gathered(session, contact, subject, [row.payload for row in waiting])
            message = compose(app, contact.email, whole, f"digest:{waiting[0].key}", now) if whole and not contact.erased else None
        ids = [row.id for row in waiting]
        session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(not_before=now + DIGEST_CLAIM))
        session.commit()  # others see that these are taken; nobody waits for the mail server
        if message:
            mailer.send(message)
        begin_write(session)
        session.execute(update(Outbox).where(Outbox.id.in_(ids)).values(done_at=now, last_error=None, payload={}))

    def digest_item(session: Session, payload: dict[str, Any], now: datetime) -> None:
        gather("digest_item", payload["contact_id"], session, now)

    def weekly_item(session: Session, payload: dict[str, Any], now: datetime) -> None:
        gather("weekly_item", payload["contact_id"], session, now)

    def no_letter(_session: Session, _payload: dict[str, Any], _now: datetime) -> None:
        """Nothing: the row was counted when it was ordered (``service.ask_nobody``)."""

    queue.handlers.update(mail=mail, plain_mail=plain_mail, no_letter=no_letter, digest_item=digest_item, weekly_item=weekly_item)
