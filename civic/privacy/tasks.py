"""Jobs: making archives, letters about them, deleting files of erased photos, the night's retention."""

from datetime import date, datetime, timedelta
from typing import Any

import structlog
from flask import Flask, current_app, url_for
from flask_babel import gettext
from huey import crontab
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.accounts.queries import administrators, contacts_of
from civic.app import CivicFlask
from civic.complaints.filing_views import signer
from civic.complaints.tasks import writing_in
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.media.service import delete_files
from civic.notifications.service import ZONE, ask, ask_nobody, tell
from civic.notifications.tasks import BUILDERS, Letter
from civic.privacy import archive, erasure, retention
from civic.privacy.models import Export, Withdrawal
from civic.privacy.person import Person, locale_of
from civic.search import service as search
from civic.web.locale import day

log = structlog.get_logger()
#: UTC; half past three at night in Kazakhstan.
NIGHT = crontab(hour="22", minute="30")
#: So long before the law's term is over the administrators are told again.
SOON = timedelta(days=3)


def folders(app: Flask) -> retention.Folders:
    """Where files lie."""
    settings = app.settings  # type: ignore[attr-defined]
    return retention.Folders(settings.media, settings.instance / "exports", settings.mail_folder)


def register(app: CivicFlask, queue: Queue) -> None:
    """Bind the handlers and the night."""
    queue.handlers.update(personal_export=personal_export, privacy_link=privacy_link, forget_files=forget_files)
    BUILDERS["withdrawal_waits"] = withdrawal_letter

    def nightly() -> None:
        from civic.extensions import db

        with app.app_context():
            tidy(db.session(), folders(app), utc_now())
            db.session.remove()

    queue.huey.periodic_task(NIGHT, name="retention_nightly")(nightly)


def tidy(session: Session, where: retention.Folders, now: datetime) -> dict[str, int]:
    """Every kind to its end, and the erasures whose obstacle is gone. A kind that fails stops no other. Commits."""
    removed: dict[str, int] = {}
    for name in retention.KINDS:
        try:
            while True:
                begin_write(session)
                number = retention.run(session, name, where, now)
                session.commit()
                removed[name] = removed.get(name, 0) + number
                if number < retention.AT_ONCE:
                    break
        except Exception:
            session.rollback()
            log.exception("retention_failed", kind=name)
    removed["letters"] = retention.forget_letters(where.letters)
    removed["withdrawals"] = erase_what_waits(session, now)
    remind_of_withdrawals(session, now)
    if retention.texts_taken_out(session, now):
        search.forget_removed(session)
    log.info("retention_run", removed=removed)
    return removed


def erase_what_waits(session: Session, now: datetime) -> int:
    """Open withdrawals of people who hold no post any more. Commits each."""
    done = 0
    for task_id in session.scalars(select(Withdrawal.id).where(Withdrawal.state == "open")).all():
        try:
            begin_write(session)
            task = session.get_one(Withdrawal, task_id)
            person = Person(task.user_id, task.contact_id)
            if task.state == "open" and not erasure.holds_post(session, person):
                erasure.erase(session, person, now)
                done += 1
            session.commit()
        except Exception:  # one that fails is tried again the next night, and stops no other
            session.rollback()
            log.exception("erasure_failed", withdrawal=task_id)
    return done


def remind_of_withdrawals(session: Session, now: datetime) -> None:
    """Tell the administrators what waits for a post to be handed over: at once, when ``SOON`` is left, and when it is too late. Commits."""
    begin_write(session)
    for task in session.scalars(select(Withdrawal).where(Withdrawal.state == "open")).all():
        left = task.due_on - now.astimezone(ZONE).date()
        stage = "late" if left < timedelta(0) else "soon" if left <= SOON else "open"
        for contact in contacts_of(administrators(session)):
            tell(session, contact, "withdrawal_waits", f"withdrawal:{task.id}:{stage}", {"until": task.due_on.isoformat(), "stage": stage}, now)
    session.commit()


def withdrawal_letter(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To administrators: somebody is to be erased and holds a post."""
    until = date.fromisoformat(facts["until"])
    subject = gettext("The term for deleting personal data is over") if facts["stage"] == "late" else gettext("Somebody who holds a post took the consent back")
    return Letter(subject, "\n\n".join((
        gettext("By the law everything of theirs has to be deleted by %(date)s. End the post, or have it handed over; the rest is done the night after.",
                date=day(until, year=True)),
        url_for("privacy.withdrawals", lang=contact.locale, _external=True))))


def personal_export(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Make one archive, then say so by letter."""
    export = session.get(Export, payload["export_id"])
    if export is None or export.ready_at is not None:
        return
    person, where = Person(export.user_id, export.contact_id), folders(current_app)
    session.rollback()  # packing photos takes seconds: nobody waits for it
    target = where.exports / f"{payload['export_id']}.zip"
    size = archive.write(session, person, where.media, target)
    begin_write(session)
    export = session.get(Export, payload["export_id"], with_for_update=True)
    if export is None:  # its owner was erased meanwhile
        target.unlink(missing_ok=True)
        return
    export.size, export.ready_at = size, now
    locale, to = locale_of(session, person), _address(session, person)
    if to:
        with writing_in(locale):
            text = "\n\n".join((gettext("The archive of your data is ready. Open the page and download it; it lies there for 7 days."),
                                url_for("privacy.data", lang=locale, _external=True),
                                gettext("It opens only where you are signed in. If you did not ask for it, sign out everywhere and choose a new password.")))
            subject = gettext("Your data is ready")
        enqueue(session, "plain_mail", f"export_ready:{export.id}", {"to": to, "subject": subject, "text": text, "locale": locale}, now)


def _address(session: Session, person: Person) -> str | None:
    contact = session.get(Contact, person.contact_id) if person.contact_id else None
    user = session.get(User, person.user_id) if person.user_id else None
    return contact.email if contact else user.email if user else None


def privacy_link(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the way to one's data; none where we know nothing of the address."""
    email, locale = payload["email"], payload["locale"]
    contact = session.scalar(select(Contact).where(Contact.email == email))
    if contact is None:
        ask_nobody(session, email, now)
        return
    with writing_in(locale):
        token = signer("privacy").dumps(contact.id)
        link = url_for("privacy.data", lang=locale, _external=True) if contact.user_id else url_for("privacy.ask_by_letter", lang=locale, token=token, _external=True)
        subject = gettext("Your data on Civic")
        text = "\n\n".join((gettext("Here you see what is held about you, download it, or have it deleted:"), link,
                            gettext("The link works for 2 hours. If it was not you, do nothing.")))
    ask(session, email, subject, text, locale, now)


def forget_files(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Files of photos and archives whose rows were erased."""
    where = folders(current_app)
    for photo_id in payload["photo_ids"]:
        delete_files(where.media, photo_id)
    for export_id in payload["export_ids"]:
        (where.exports / f"{export_id}.zip").unlink(missing_ok=True)
