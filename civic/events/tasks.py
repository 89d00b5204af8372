"""Jobs of events: who is told of a step, the letter with the button, reminders, warnings of the law's dates."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.complaints.filing_views import signer
from civic.complaints.tasks import writing_in
from civic.events.models import Event, EventStep, Recommendation, Registration, RegistrationRequest
from civic.events.states import AHEAD, ALIVE, EventState, RegistrationState, Right
from civic.events.sweep import sweep
from civic.events.waiting import tell as tell_registered
from civic.events.wording import when_words
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.moderation.looking import look_for_signs
from civic.notifications.service import ask, tell
from civic.web.locale import local_name

TOLD = frozenset({"move", "cancel", "publish"})
#: Steps that bring words of the organisers to the public, which moderation looks at.
WRITTEN = frozenset({"announce", "edit", "move", "cancel", "publish"})
#: Fields of an edit that are words, and which part of the event moderation calls them.
PARTS = {"title": "title", "text": "text", "items": "agenda", "venue": "place", "address": "place", "access": "place", "moderator": "moderator"}
#: Called with an event that has been announced, by features whose words become public with it.
ON_ANNOUNCEMENT: list[Callable[[Session, Event, datetime], None]] = []


def register(queue: Queue) -> None:
    """Bind the handlers and the sweep."""
    queue.handlers.update(event_step=event_step, confirm_registration=confirm_registration, event_reminder=event_reminder, event_law=event_law)
    queue.sweeps.append(sweep)


def event_step(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Tell everybody registered of a move, a cancellation, a final document; bodies of their recommendations."""
    step = session.get_one(EventStep, payload["step_id"])
    if step.kind in WRITTEN:
        event, parts = session.get_one(Event, step.event_id), _written(session, step)
        if parts != []:
            look_for_signs(session, "event", event.code, now, once=step.id, parts=parts)
        for follow in ON_ANNOUNCEMENT if step.kind == "announce" else ():
            follow(session, event, now)
    if step.kind not in TOLD:
        return
    for row in _registrations(session, step.event_id, ALIVE):
        facts = {"contact_id": row.contact_id, "template": "event_news", "step_id": step.id, "registration_id": row.id}
        enqueue(session, "mail", f"mail:event_step:{step.id}:{row.id}", facts, now)
    if step.kind == "publish":
        for advice in session.scalars(select(Recommendation).where(Recommendation.event_id == step.event_id)):
            for contact in contacts_of(officials(session, advice.body_id)):
                tell(session, contact, "event_recommendation", f"recommendation:{advice.id}", {"recommendation_id": advice.id}, now)


def _written(session: Session, step: EventStep) -> list[str] | None:
    """The parts of the event whose words are new with this step; None: all of them."""
    if step.kind == "edit":
        return sorted({PARTS[word] for field in step.facts["fields"] if (word := field.partition("_")[0]) in PARTS})
    if step.kind in ("move", "cancel"):
        return [f"step-{step.id}"] if step.public else []
    if step.kind == "publish":
        return ["document", *(f"advice-{i}" for i in session.scalars(select(Recommendation.id).where(Recommendation.event_id == step.event_id)))]
    return None


def _registrations(session: Session, event_id: int, states: Iterable[RegistrationState]) -> Iterable[Registration]:
    return session.scalars(select(Registration).where(Registration.event_id == event_id, Registration.state.in_(list(states)))
                           .order_by(Registration.id)).all()


def event_reminder(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To those who have a place. Nothing when the event was moved or called off meanwhile."""
    event = session.get_one(Event, payload["event_id"])
    if event.state not in AHEAD or event.starts_at.isoformat() != payload["starts_at"]:
        return
    for row in _registrations(session, event.id, [RegistrationState.REGISTERED]):
        tell_registered(session, row, f"reminder_{payload['kind']}", now, key=f"{row.id}:{payload['kind']}:{payload['starts_at']}")


def event_law(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To the organisers: a date of the law comes near, or has passed."""
    event = session.get_one(Event, payload["event_id"])
    if event.state == EventState.CANCELLED:
        return
    for contact in organisers(event):
        facts = {"event_id": event.id, "name": payload["name"], "due": payload["due"], "over": payload["over"]}
        tell(session, contact, "event_law", f"event_law:{event.id}:{payload['name']}:{payload['due']}:{payload['over']}", facts, now)


def organisers(event: Event) -> list[Contact]:
    """The addresses of those who may change the event."""
    members = event.organisation.members
    return contacts_of([m.user for m in members if m.ended_at is None and m.right in (Right.OWNER, Right.ORGANISER)])


def confirm_registration(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that registers. It carries nothing that was typed: a stranger may have typed this address."""
    row = session.get(RegistrationRequest, payload["request_id"])
    if row is None:
        return
    event = session.get_one(Event, row.event_id)
    with writing_in(row.locale):
        link = url_for("events.confirm", lang=row.locale, token=signer("event").dumps([row.id, row.email]), _external=True)
        title = local_name(event.title)
        text = "\n\n".join((
            gettext("Hello!"), title + "\n" + when_words(event.starts_at, event.ends_at, event.city.timezone),
            gettext("One press is left: open the page and press the button. Until then no place is held for you."), link,
            gettext("If it was not you, do nothing: nobody is registered without the button."),
        ))
        subject = gettext("Press the button to come: %(title)s", title=title)
    ask(session, row.email, subject, text, row.locale, now)
