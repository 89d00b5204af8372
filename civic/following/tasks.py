"""Jobs of following: who is told of a step, and the letter with the button that begins."""

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.complaints.filing_views import signer
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.tasks import writing_in
from civic.core.database import begin_write
from civic.following.matching import Concerned, News, concerned
from civic.following.naming import target_name
from civic.following.service import Target
from civic.jobs.models import Outbox
from civic.jobs.queue import Queue
from civic.notifications.service import Notice, ask, tell_all

#: Addresses told in one transaction: others get to write in between.
BATCH = 500


def register(queue: Queue) -> None:
    """Bind the handlers."""
    queue.handlers.update(following=tell_followers, confirm_following=confirm_following)


def tell_followers(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the letters about one step, or about a complaint that became overdue, to all who follow where it belongs.

    Reads first, outside of a writing transaction, then writes in batches: ten thousand letters hold nobody up. A killed worker's
    row comes again, and the keys leave out who was told. A follower of the complaint itself has the same key already.
    """
    session.rollback()
    event = session.get_one(ComplaintEvent, payload["event_id"]) if "event_id" in payload else None
    complaint = session.get_one(Complaint, event.complaint_id if event else payload["complaint_id"])
    found = concerned(session, News.of(complaint, event))
    if event is None:
        key, facts = f"overdue_list:{complaint.id}:{payload['due_on']}", {"complaint_id": complaint.id}
    else:
        key, facts = f"event:{event.id}", {"event_id": event.id}
        found = _without_those_who_know(session, found, event)
    tell_concerned(session, found, facts, "followed", key, now)


def tell_concerned(session: Session, found: dict[int, Concerned], facts: dict[str, Any], template: str, key: str, now: datetime) -> None:
    """Order the letters in batches, each a transaction of its own; whoever has a letter with this key already gets no second one.

    facts: of every letter; ``following_ids`` comes along, for the line that says why it came.
    """
    session.rollback()
    ids = sorted(found)
    for start in range(0, len(ids), BATCH):
        begin_write(session)
        contacts = session.execute(select(Contact.id, Contact.delivery).where(Contact.id.in_(ids[start:start + BATCH]))).all()
        notices = [Notice(contact_id, delivery, {**facts, "following_ids": sorted(found[contact_id].following_ids)}, found[contact_id].rhythm)
                   for contact_id, delivery in contacts]
        tell_all(session, notices, template, key, now)
        session.commit()


def _without_those_who_know(session: Session, found: dict[int, Concerned], event: ComplaintEvent) -> dict[int, Concerned]:
    """Without whoever took the step, and officials who were told of it as officials."""
    prefix = f"mail:body:{event.id}:"
    possible = [f"{prefix}{contact.id}" for contact in contacts_of(officials(session, event.to_body_id))]
    told = {int(key.removeprefix(prefix)) for key in session.scalars(select(Outbox.key).where(Outbox.key.in_(possible)))}
    taker = session.scalar(select(Contact.id).where(Contact.user_id == event.user_id)) if event.user_id else None
    return {contact_id: news for contact_id, news in found.items() if contact_id not in told and contact_id != taker}


def confirm_following(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that begins to follow."""
    target, email, locale = Target.read(payload["target"]), payload["email"], payload["locale"]
    with writing_in(locale):
        token = signer("following").dumps([payload["target"], payload["rhythm"], payload["steps"], email, locale])
        link = url_for("following.confirm", token=token, _external=True)
        wish = gettext("You want to follow: %(what)s. Open the page and press the button.", what=target_name(session, target, typed=False))
        text = "\n\n".join((wish, link, gettext("The link works for 3 days. If it was not you, do nothing.")))
        subject = gettext("One more press, and we write to you")
    ask(session, email, subject, text, locale, now)
