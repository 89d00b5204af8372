"""Jobs of promises: who is told of a step, the letter with the button that begins to follow, what time does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.complaints.filing_views import signer
from civic.complaints.models import Complaint, Follow
from civic.complaints.tasks import writing_in
from civic.following.matching import concerned_by_several
from civic.following.tasks import tell_concerned
from civic.invitations.tasks import organisers
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.notifications.service import Notice, ask, tell_all
from civic.promises.models import Promise, PromiseComplaint, PromiseFollow, PromiseStep
from civic.promises.sweep import sweep

#: Steps that the body has to know of: its official letters. Those that ask it for something go at once.
TO_BODY = frozenset({"record", "amend", "stand", "silence", "retract", "contest", "find_kept", "find_broken", "find_open", "settle", "overdue", "lapse", "remind"})
ASKS_BODY = frozenset({"record", "amend", "overdue", "remind"})
TO_ORGANISER = frozenset({"dispute", "claim", "contest", "take_back", "state"})
#: Steps that those who follow a complaint are told of, too: what was promised about it, and how it ended.
ON_COMPLAINT = frozenset({"record", "settle", "find_kept", "find_broken", "lapse", "take_back"})
#: Letters ordered in one statement.
BATCH = 500


def register(queue: Queue) -> None:
    """Bind the handlers and the sweep."""
    queue.handlers.update(promise_step=promise_step, promise_near=promise_near, promise_following=promise_following)
    queue.sweeps.append(sweep)


def promise_step(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the letters of one step. Whoever is told in two ways gets the first letter only: the key is the same."""
    step = session.get_one(PromiseStep, payload["step_id"])
    promise = session.get_one(Promise, step.promise_id)
    if step.kind in TO_BODY:
        _tell(session, contacts_of(officials(session, promise.body_id)), step, "body", now, at_once=step.kind in ASKS_BODY)
    if step.kind in TO_ORGANISER:
        _tell(session, organisers(session, promise.event), step, "organiser", now)
    if step.kind != "remind":
        _tell(session, session.scalars(select(Contact).join(PromiseFollow, PromiseFollow.contact_id == Contact.id)
                                       .where(PromiseFollow.promise_id == promise.id)), step, "follower", now)
    if step.kind in ON_COMPLAINT:
        _tell(session, session.scalars(
            select(Contact).join(Follow, Follow.contact_id == Contact.id).join(PromiseComplaint, PromiseComplaint.complaint_id == Follow.complaint_id)
            .where(PromiseComplaint.promise_id == promise.id).distinct()), step, "resident", now)
    if step.kind == "record":
        enqueue(session, "promise_near", f"promise_near:{step.id}", {"step_id": step.id}, now)


def promise_near(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Tell those who follow a place, category, body or list that the promise's complaints belong to: once, each in their rhythm."""
    session.rollback()
    step = session.get_one(PromiseStep, payload["step_id"])
    tied = select(Complaint).join(PromiseComplaint, PromiseComplaint.complaint_id == Complaint.id).where(PromiseComplaint.promise_id == step.promise_id)
    found = concerned_by_several(session, session.scalars(tied), "promise")
    tell_concerned(session, found, {"step_id": step.id, "audience": "near"}, "promise_step", f"promise:{step.id}", now)


def _tell(session: Session, contacts: Iterable[Contact], step: PromiseStep, audience: str, now: datetime, *, at_once: bool = False) -> None:
    """Each by the contact's own setting; what asks for something within days goes at once. Never to whoever took the step."""
    facts = {"step_id": step.id, "audience": audience}
    told = [Notice(c.id, "at_once" if at_once else c.delivery, facts, "at_once") for c in contacts if not _took_it(step, c)]
    for start in range(0, len(told), BATCH):
        tell_all(session, told[start:start + BATCH], "promise_step", f"promise:{step.id}", now)


def _took_it(step: PromiseStep, contact: Contact) -> bool:
    return contact.id == step.contact_id or (step.user_id is not None and contact.user_id == step.user_id)


def promise_following(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that begins to follow."""
    promise, email, locale = session.get_one(Promise, payload["promise_id"]), payload["email"], payload["locale"]
    with writing_in(locale):
        token = signer("promise-following").dumps([promise.number, email, locale])
        wish = gettext("You want to follow promise %(number)s. Open the page and press the button.", number=promise.number)
        text = "\n\n".join((wish, url_for("promises.confirm_following", lang=locale, token=token, _external=True),
                            gettext("The link works for 3 days. If it was not you, do nothing.")))
        subject = gettext("One more press, and we write to you")
    ask(session, email, subject, text, locale, now)
