"""The words of letters about complaints. Each builder runs in the reader's locale."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.complaints.filing_views import signer
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.states import OPEN
from civic.complaints.tracking import NEXT, SENTENCES
from civic.complaints.wording import path_steps, title_of
from civic.notifications.tasks import BUILDERS, Letter
from civic.places.models import City
from civic.web.locale import day, local_name, long_moment


def register() -> None:
    """Make the builders known to the mail job."""
    BUILDERS.update(ticket=ticket, step=step, to_body=to_body, due=due, respond=respond, without_officials=without_officials,
                    without_head=without_head)


def page_link(session: Session, complaint: Complaint, contact: Contact) -> str:
    """The tracking page; for the applicant the personal link, which also opens private ones."""
    if complaint.applicant.contact_id == contact.id:
        token = signer("link").dumps([complaint.id, contact.id])
        return url_for("tracking.personal_link", number=complaint.number, token=token, _external=True)
    city = session.get_one(City, complaint.city_id)
    return url_for("tracking.page", city=city.code, number=complaint.number, _external=True)


def _unfollow(complaint: Complaint, contact: Contact) -> str:
    return url_for("tracking.unfollow_by_letter", token=signer("unfollow").dumps([complaint.id, contact.id]), _external=True)


def _title(session: Session, complaint: Complaint) -> str:
    """Of a private complaint without the place: letters lie in mailboxes that are not ours."""
    return title_of(session.get_one(Category, complaint.category_id).name, "" if complaint.private else complaint.address)


def _body(session: Session, complaint: Complaint) -> str:
    return local_name(session.get_one(Body, complaint.body_id).name)


def _letter(subject: str, paragraphs: list[str], unsubscribe: str | None = None) -> Letter:
    return Letter(subject, "\n\n".join(p for p in paragraphs if p), unsubscribe)


def ticket(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """The ticket (article 64(2)): number, date and time, receiving body, due date."""
    event = session.get_one(ComplaintEvent, facts["event_id"])
    complaint = session.get_one(Complaint, event.complaint_id)
    city = session.get_one(City, complaint.city_id)
    return _letter(gettext("Ticket %(number)s: your complaint is registered", number=complaint.number), [
        gettext("Hello, %(name)s!", name=complaint.applicant.name),
        _title(session, complaint),
        gettext("Number: %(number)s", number=complaint.number) + "\n"
        + gettext("Received: %(when)s", when=long_moment(complaint.registered_at, city.timezone)) + "\n"
        + gettext("Counts as registered on: %(date)s", date=day(complaint.registered_on, year=True)) + "\n"
        + gettext("Received by: %(body)s", body=_body(session, complaint)) + "\n"
        + gettext("Answer due: %(date)s (%(days)s working days)", date=day(complaint.due_on, year=True), days=complaint.term_days),
        gettext("Follow each step here. This link is yours alone: with it you confirm, disagree or withdraw."),
        page_link(session, complaint, contact),
    ], _unfollow(complaint, contact))


def step(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """A step of the path, for the applicant and the followers."""
    event = session.get_one(ComplaintEvent, facts["event_id"])
    complaint = session.get_one(Complaint, event.complaint_id)
    city = session.get_one(City, complaint.city_id)
    shown = path_steps(session, [event], (), city.timezone)[0]
    mine = complaint.applicant.contact_id == contact.id
    ask = gettext("Was it really solved? Confirm or disagree until %(date)s.", date=day(complaint.respond_by)) \
        if event.kind == "answer" and mine and complaint.respond_by else ""
    body = local_name(session.get_one(Body, event.to_body_id).name)
    return _letter(f"{complaint.number}: {shown.title}", [
        _title(session, complaint),
        f"{shown.title}. {shown.who}, {shown.when}." + (f"\n{shown.note}" if shown.note else ""),
        f"«{shown.text}»" if shown.text else "",
        "" if event.kind in ("information", "recomputed") else str(SENTENCES[event.to_state]) % {"body": body} + "\n" + str(NEXT[event.to_state]),
        ask, page_link(session, complaint, contact),
    ], _unfollow(complaint, contact))


def to_body(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To officials: something new in the inbox, a dispute, added information, a withdrawal."""
    event = session.get_one(ComplaintEvent, facts["event_id"])
    complaint = session.get_one(Complaint, event.complaint_id)
    subjects = {
        "dispute": gettext("The resident disagrees: %(number)s", number=complaint.number),
        "information": gettext("Information added: %(number)s", number=complaint.number),
        "withdraw": gettext("Withdrawn: %(number)s", number=complaint.number),
        "recomputed": gettext("New due date: %(number)s", number=complaint.number),
    }
    return _letter(subjects.get(event.kind, gettext("New in the inbox: %(number)s", number=complaint.number)), [
        _title(session, complaint),
        gettext("Answer due: %(date)s (%(days)s working days)", date=day(complaint.due_on, year=True), days=complaint.term_days)
        if event.kind != "withdraw" else "",
        "" if complaint.private else event.text or complaint.text,
        url_for("desk.inbox", open=complaint.number, _external=True),
    ])


def due(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To officials: due in three working days, or overdue. Nothing when it was answered meanwhile."""
    complaint = session.get_one(Complaint, facts["complaint_id"])
    if complaint.state not in OPEN or complaint.due_on.isoformat() != facts["due_on"]:
        return None
    subject = gettext("Overdue: %(number)s", number=complaint.number) if facts["kind"] == "overdue" \
        else gettext("Due soon: %(number)s", number=complaint.number)
    return _letter(subject, [
        _title(session, complaint), gettext("Answer due: %(date)s", date=day(complaint.due_on, year=True)),
        gettext("By law, silence past the term counts as a refusal that can be complained about.") if facts["kind"] == "overdue" else "",
        url_for("desk.inbox", open=complaint.number, _external=True),
    ])


def respond(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To the applicant: the answer waits for a word. Nothing when it was given meanwhile."""
    complaint = session.get_one(Complaint, facts["complaint_id"])
    if complaint.respond_by is None or complaint.state != "answered":
        return None
    return _letter(gettext("Was it really solved? %(number)s", number=complaint.number), [
        _title(session, complaint),
        gettext("%(body)s has answered. Confirm or disagree until %(date)s.", body=_body(session, complaint), date=day(complaint.respond_by)),
        gettext("If you say nothing, it closes as not confirmed: silence is not consent."),
        page_link(session, complaint, contact),
    ], _unfollow(complaint, contact))


def without_officials(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To administrators: a body got a complaint and has nobody here; it went to the city's default body."""
    complaint = session.get_one(Complaint, facts["complaint_id"])
    missing = session.get_one(Body, facts["body_id"])
    if missing.id == complaint.body_id:
        words = gettext("Complaint %(number)s waits there: it is the city's default body. Invite its officials.", number=complaint.number)
    else:
        words = gettext("Complaint %(number)s went to the city's default body instead: %(body)s. Invite officials of the responsible body.",
                        number=complaint.number, body=_body(session, complaint))
    return _letter(gettext("Nobody answers for: %(body)s", body=local_name(missing.name)), [
        words, url_for("tracking.find", number=complaint.number, _external=True),
    ])


def without_head(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To administrators: a dispute waits for a head, and the body has none here."""
    complaint = session.get_one(Complaint, facts["complaint_id"])
    return _letter(gettext("No head to answer a dispute: %(body)s", body=_body(session, complaint)), [
        gettext("Complaint %(number)s was disputed and waits for the head of the body, who has no account. Name the head.", number=complaint.number),
        url_for("tracking.find", number=complaint.number, _external=True),
    ])
