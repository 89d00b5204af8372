"""The words of letters about events. Each builder runs in the reader's locale."""

from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.events.models import Event, EventStep, Recommendation, Registration
from civic.events.page import place_words
from civic.events.registration_views import ticket_link
from civic.events.states import EventState, RegistrationState
from civic.events.wording import when_words
from civic.notifications.tasks import BUILDERS, Letter
from civic.web.locale import day, local_name, moment

#: What is said of a registration, by the state the letter was ordered for; nothing when it has changed meanwhile.
_STATES = frozenset(RegistrationState)


def register() -> None:
    """Make the builders known to the mail job."""
    BUILDERS.update(event_registration=event_registration, event_news=event_news, event_law=event_law, event_recommendation=event_recommendation)


def _letter(subject: str, paragraphs: list[str]) -> Letter:
    return Letter(subject, "\n\n".join(p for p in paragraphs if p))


def _about(event: Event) -> str:
    return "\n".join((local_name(event.title), when_words(event.starts_at, event.ends_at, event.city.timezone), place_words(event)))


def event_registration(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """Where a registration stands now, or a reminder. Nothing when it has changed since the letter was ordered."""
    row = session.get_one(Registration, facts["registration_id"])
    kind, event = facts["kind"], row.event
    if kind in _STATES and row.state != kind:
        return None
    if kind not in _STATES and (row.state != RegistrationState.REGISTERED or event.state != EventState.ANNOUNCED):
        return None
    title = local_name(event.title)
    subject, words = _said(kind, row, event, title)
    stream = gettext("The stream: %(address)s", address=event.stream_url) if kind == "reminder_hours" and event.stream_url else ""
    return _letter(subject, [_about(event), words, stream, ticket_link(row, _external=True)])


def _said(kind: str, row: Registration, event: Event, title: str) -> tuple[str, str]:
    """(subject, what it is about) of a letter about a registration."""
    if kind == RegistrationState.OFFERED:
        until = moment(row.offer_until, event.city.timezone) if row.offer_until else ""
        return (gettext("A place is free for you: %(title)s", title=title),
                gettext("Accept it until %(until)s by the button on the page. After that it goes to the next in the list.", until=until))
    known = {
        RegistrationState.REGISTERED: (gettext("Your ticket %(number)s: %(title)s", number=row.number, title=title),
                                       gettext("A place is held for you. The page below has the ticket; with it you can also give the place up, and somebody else comes.")),
        RegistrationState.WAITING: (gettext("You are on the waiting list: %(title)s", title=title),
                                    gettext("All places are taken. When one is free and it is your turn, we write to you, and you accept it by a button.")),
        RegistrationState.PENDING: (gettext("The organisers have your request: %(title)s", title=title),
                                    gettext("They decide who comes. We write to you as soon as they have.")),
        RegistrationState.DECLINED: (gettext("The organisers could not give you a place: %(title)s", title=title), gettext("The discussion has its limits of space. Its final document will be public.")),
        RegistrationState.CANCELLED: (gettext("You have given up your place: %(title)s", title=title), gettext("If you change your mind, register again on the page of the discussion.")),
        RegistrationState.LAPSED: (gettext("The offered place went to the next: %(title)s", title=title), gettext("You did not accept it in time. You can register again, at the end of the list.")),
        "reminder_week": (gettext("In a week: %(title)s", title=title), gettext("If you cannot come, give your place up: somebody is waiting for it.")),
        "reminder_day": (gettext("Tomorrow: %(title)s", title=title), gettext("Have the ticket at hand, on the phone or on paper.")),
        "reminder_hours": (gettext("In two hours: %(title)s", title=title), gettext("Have the ticket at hand, on the phone or on paper.")),
    }
    return known[kind]


def event_news(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To those who registered: moved, cancelled, the final document."""
    step, row = session.get_one(EventStep, facts["step_id"]), session.get_one(Registration, facts["registration_id"])
    event, title = row.event, local_name(row.event.title)
    page = url_for("events.page", city=event.city.code, code=event.code, _external=True)
    if step.kind == "cancel":
        return _letter(gettext("Cancelled: %(title)s", title=title), [
            gettext("The organisers have called this discussion off:"), _about(event), f"«{step.text}»" if step.text else "", page])
    if step.kind == "move":
        before = moment(datetime.fromisoformat(step.facts["from"]), event.city.timezone)
        return _letter(gettext("Moved to another time: %(title)s", title=title), [
            gettext("It was to be on %(before)s. Now it is:", before=before), _about(event), f"«{step.text}»" if step.text else "",
            gettext("Your registration stays as it is. If the new time does not suit you, give the place up."), ticket_link(row, _external=True)])
    return _letter(gettext("The final document is there: %(title)s", title=title), [
        _about(event), gettext("Read what was recommended, and watch what the bodies answer."), page])


def event_law(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To organisers: a date of the law that comes near or has passed. Nothing when it was kept meanwhile."""
    event, due, over = session.get_one(Event, facts["event_id"]), date.fromisoformat(facts["due"]), facts["over"]
    done = {"announced": event.announced_at, "invited": event.invited_at, "document": event.published_at, "answers": None}[facts["name"]]
    if done is not None or event.state == EventState.CANCELLED:
        return None
    soon = {
        "announced": gettext("Announce it by %(date)s", date=day(due)), "invited": gettext("Invite officials by %(date)s", date=day(due)),
        "document": gettext("Publish the final document by %(date)s", date=day(due)),
        "answers": gettext("Bodies have to answer the recommendations by %(date)s", date=day(due)),
    }
    title = local_name(event.title)
    subject = gettext("A date of the law has passed: %(title)s", title=title) if over else f"{soon[facts['name']]}: {title}"
    return _letter(subject, [
        _about(event), soon[facts["name"]] + ".",
        gettext("The page of the discussion shows in public which dates of the law were kept."),
        url_for("events.manage", code=event.code, _external=True)])


def event_recommendation(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To officials: a recommendation to their body."""
    row = session.get_one(Recommendation, facts["recommendation_id"])
    if row.answered_at is not None:
        return None
    event = session.get_one(Event, row.event_id)
    return _letter(gettext("A recommendation to your body, answer due by %(date)s", date=day(row.due_on)), [
        local_name(event.title), f"«{row.text}»" if row.text else "",
        gettext("By law each recommendation of a final document is answered separately within 10 working days."),
        url_for("events.recommendation", recommendation_id=row.id, _external=True)])
