"""Jobs of complaints: who is told of a step, letters with buttons, what time does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import administrators, contacts_of, officials
from civic.bodies.models import Category
from civic.complaints.filing import forget_old_drafts
from civic.complaints.filing_views import signer
from civic.complaints.models import Complaint, ComplaintEvent, Draft, Follow
from civic.complaints.states import OPEN
from civic.complaints.sweep import sweep
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.media.service import delete_files
from civic.moderation.looking import look_for_signs
from civic.notifications.service import ask, tell
from civic.web.locale import LOCALES, local_name


def register(queue: Queue) -> None:
    """Bind the handlers and the sweep."""
    queue.handlers.update(complaint_event=complaint_event, due_notice=due_notice, respond_reminder=respond_reminder,
                          confirm_filing=confirm_filing, confirm_joining=confirm_joining)
    queue.sweeps.append(sweep)
    queue.sweeps.append(forget_drafts)


def forget_drafts(session: Session, now: datetime) -> None:
    """What was not confirmed in time goes, with its photos."""
    app: Any = current_app
    for photo_id in forget_old_drafts(session, now):
        delete_files(app.settings.media, photo_id)


def complaint_event(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the notices of one step: the ticket to the applicant, the step to followers, news to officials."""
    event = session.get_one(ComplaintEvent, payload["event_id"])
    complaint = session.get_one(Complaint, event.complaint_id)
    facts = {"event_id": event.id}
    followers = session.scalars(
        select(Contact).join(Follow, Follow.contact_id == Contact.id).where(Follow.complaint_id == complaint.id)
    )
    for contact in followers:
        if event.kind == "register":
            tell(session, contact, "ticket", f"event:{event.id}", facts, now)
        elif not _took_it(event, complaint, contact):
            tell(session, contact, "step", f"event:{event.id}", facts, now)
    for contact in _officials_concerned(session, event, complaint):
        if not _took_it(event, complaint, contact):
            tell(session, contact, "to_body", f"body:{event.id}", facts, now)
    if event.kind == "dispute" and not officials(session, event.to_body_id, heads_only=True):
        for contact in contacts_of(administrators(session)):
            tell(session, contact, "without_head", f"headless:{event.id}", {"complaint_id": complaint.id}, now)
    if event.facts.get("instead_of"):
        for contact in contacts_of(administrators(session)):
            missing = {"complaint_id": complaint.id, "body_id": event.facts["instead_of"]}
            tell(session, contact, "without_officials", f"instead:{event.id}", missing, now)
    if not complaint.private and (event.text or event.kind == "register"):
        look_for_signs(session, "complaint", complaint.number, now, once=event.id, event_id=event.id)
    if not complaint.private:  # after the letters above: whoever has one by the same key gets no second
        enqueue(session, "following", f"following:{event.id}", {"event_id": event.id}, now)


def _took_it(event: ComplaintEvent, complaint: Complaint, contact: Contact) -> bool:
    """Whether the contact belongs to whoever took the step; the applicant may have no account."""
    if event.user_id is not None:
        return contact.user_id == event.user_id
    return event.role == "applicant" and contact.id == complaint.applicant.contact_id


def _officials_concerned(session: Session, event: ComplaintEvent, complaint: Complaint) -> list[Contact]:
    if event.kind in ("register", "forward"):
        return contacts_of(officials(session, event.to_body_id))
    if event.kind == "dispute":
        heads = officials(session, event.to_body_id, heads_only=True)
        return contacts_of(heads or officials(session, event.to_body_id))
    if event.kind in ("information", "withdraw", "recomputed"):
        people = officials(session, event.to_body_id)
        assigned = [p for p in people if p.id == complaint.assignee_id]
        return contacts_of(assigned or people)
    return []


def due_notice(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To the assigned official, or to all of the body: due soon; overdue goes to the head as well."""
    complaint = session.get_one(Complaint, payload["complaint_id"])
    if complaint.state not in OPEN:
        return
    people = officials(session, complaint.body_id)
    told = [p for p in people if p.id == complaint.assignee_id] or list(people)
    if payload["kind"] == "overdue":
        told = list({p.id: p for p in [*told, *officials(session, complaint.body_id, heads_only=True)]}.values())
    facts = {"complaint_id": complaint.id, "kind": payload["kind"], "due_on": complaint.due_on.isoformat()}
    for contact in contacts_of(told):
        tell(session, contact, "due", f"{payload['kind']}:{complaint.id}:{complaint.body_id}:{complaint.due_on}", facts, now)
    if payload["kind"] == "overdue" and not complaint.private:
        became = {"complaint_id": complaint.id, "due_on": complaint.due_on.isoformat()}
        enqueue(session, "following", f"following:overdue:{complaint.id}:{complaint.due_on}", became, now)


def respond_reminder(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To the applicant, half-way through the days to respond."""
    complaint = session.get_one(Complaint, payload["complaint_id"])
    contact = session.get_one(Contact, complaint.applicant.contact_id)
    tell(session, contact, "respond", f"respond:{complaint.id}:{complaint.respond_by}",
         {"complaint_id": complaint.id, "respond_by": str(complaint.respond_by)}, now)


def confirm_filing(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that registers a draft."""
    draft = session.get_one(Draft, payload["draft_id"])
    if draft.complaint_id is not None or draft.email is None:
        return
    with writing_in(draft.locale):
        link = url_for("filing.confirm", lang=draft.locale, token=signer("filing").dumps([draft.id, draft.email]), _external=True)
        # nothing that was typed but the name: a stranger may have typed this address
        title = local_name(session.get_one(Category, draft.category_id).name)
        text = "\n\n".join((gettext("Hello, %(name)s!", name=draft.name), title,
                            gettext("One press is left: open the page and press the button. Then your complaint is registered and you get the ticket."),
                            link, gettext("The link works for 3 days. If it was not you who wrote this, do nothing: nothing will be registered.")))
        subject = gettext("Press the button and your complaint is registered")
    ask(session, draft.email, subject, text, draft.locale, now)


def confirm_joining(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that counts a support, or begins to follow."""
    complaint, what, email, locale = (session.get_one(Complaint, payload["complaint_id"]), payload["what"], payload["email"],
                                      payload["locale"])
    with writing_in(locale):
        token = signer("joining").dumps([complaint.id, what, email, locale])
        link = url_for("filing.confirm_joining", lang=locale, token=token, _external=True)
        number = complaint.number
        wish = gettext("You said that complaint %(number)s concerns you too. Open the page and press the button, and it counts.", number=number) \
            if what == "support" else gettext("You want to follow complaint %(number)s. Open the page and press the button.", number=number)
        text = "\n\n".join((wish, link, gettext("The link works for 3 days. If it was not you, do nothing.")))
        subject = gettext("One more press: %(number)s", number=number)
    ask(session, email, subject, text, locale, now)


@contextmanager
def writing_in(locale: str) -> Iterator[None]:
    """Write in a locale, with addresses of the public site."""
    app: Any = current_app
    with app.test_request_context(base_url=app.settings.public_url), force_locale(LOCALES[locale]):
        yield
