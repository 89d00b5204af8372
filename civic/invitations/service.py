"""Every step of an invitation. One function per step; each goes through the table of states and into the history.

Actor and time are arguments; the caller's transaction is used and never committed here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.service import contact_for
from civic.core.actor import SYSTEM, Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.core.transitions import TransitionForbidden
from civic.events.models import Event
from civic.events.states import EventState
from civic.invitations import rules
from civic.invitations.models import Invitation, InvitationEvent
from civic.invitations.public_words import look_at, still_hidden
from civic.invitations.states import ANSWERS, RECORDED, TRANSITIONS, State
from civic.invitations.terms import answer_due, contest_until
from civic.jobs.service import enqueue
from civic.places.queries import work_calendar

MAX_WORDS = 2_000
MAX_NAME, MAX_POST = 120, 160  # as the columns are


class InvitationChangedMeanwhile(DomainError):
    """Somebody else took a step since the page was opened."""

    code = "invitation_changed"


class EventBegan(DomainError):
    """Answers, withdrawals and letters end with the beginning of the event."""

    code = "event_began"


class EventNotBegun(DomainError):
    """Who came is written down once the event has begun."""

    code = "event_not_begun"


class EventCalledOff(DomainError):
    """The event does not take place."""

    code = "event_called_off"


class InvitationWithdrawn(DomainError):
    """The organiser has withdrawn it."""

    code = "invitation_withdrawn"


class StepNotPossible(TransitionForbidden):
    """The table has no such step from the present state."""

    code = "invitation_step_impossible"


class BodyCeased(DomainError):
    """The body does not exist any more: nobody can answer in its name."""

    code = "body_ceased"


class ContestTooLate(DomainError):
    """The working days for contesting have passed, or it was contested already."""

    code = "contest_too_late"


@dataclass(frozen=True)
class Said:
    """What an answer says besides its step. colleague: an official of the body, as the delegate."""

    text: str = ""
    wished: date | None = None
    name: str = ""
    post: str = ""
    email: str = ""
    colleague: Contact | None = None


def lock(session: Session, invitation: Invitation, seen_version: int | None = None) -> None:
    """Take it for writing. Raises ``InvitationChangedMeanwhile`` when it is not what the actor saw."""
    if not lock_row(session, invitation, seen_version):
        raise InvitationChangedMeanwhile(number=invitation.number)


def accept(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said = Said()) -> InvitationEvent:
    """«We will come», with a word to the organiser if they like."""
    return _answer(session, invitation, "accept", actor, now, text=said.text)


def decline(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said) -> InvitationEvent:
    """«We will not come», never without a reason: it is quoted in public."""
    require(said.text, "text", "reason_missing")
    return _answer(session, invitation, "decline", actor, now, text=said.text, reason=clean(said.text))


def delegate(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said) -> InvitationEvent:
    """Somebody else comes, who is asked by letter. A head may choose a colleague who has an account."""
    if said.colleague is not None:
        if not rules.may_send_colleague(actor, invitation):
            raise NotAllowed(action="delegate")
        contact, name = said.colleague, said.colleague.user.name if said.colleague.user else said.name
    else:
        require(said.name, "name", "delegate_name_missing")
        require(said.email, "email", "delegate_email_missing")
        contact, name = contact_for(session, said.email, "kk"), clean(said.name)
    require(said.post, "post", "delegate_post_missing")
    for field, value, limit in (("name", name, MAX_NAME), ("post", clean(said.post), MAX_POST)):
        if len(value) > limit:
            raise InputRefused(field, "name_too_long", limit=limit)
    if contact.id in (invitation.contact_id, actor.contact_id):
        raise InputRefused("email", "delegate_is_invited")
    return _answer(session, invitation, "delegate", actor, now, text=said.text, facts={"post": clean(said.post)},
                   delegate_name=name, delegate_post=clean(said.post), delegate_contact_id=contact.id)


def ask_date(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said) -> InvitationEvent:
    """«Another day, please», with a reason and a day if they like; the organiser moves the event or keeps the date."""
    require(said.text, "text", "reason_missing")
    if said.wished is not None and said.wished <= _today(invitation, now):
        raise InputRefused("wished", "wished_in_the_past")
    facts = {"wished": said.wished.isoformat()} if said.wished else {}
    return _answer(session, invitation, "ask_date", actor, now, text=said.text, facts=facts, reason=clean(said.text))


def delegate_confirm(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said = Said()) -> InvitationEvent:
    """The delegate will come."""
    return _answer(session, invitation, "delegate_confirm", actor, now, text=said.text)


def delegate_refuse(session: Session, invitation: Invitation, actor: Actor, now: datetime, said: Said = Said()) -> InvitationEvent:
    """The delegate will not come: the invitation is open again, and the name of the delegate goes."""
    return _reopen(session, invitation, "delegate_refuse", actor, now, text=said.text)


#: Answers by the name of their step.
ANSWER_STEPS = {"accept": accept, "decline": decline, "delegate": delegate, "ask_date": ask_date,
                "delegate_confirm": delegate_confirm, "delegate_refuse": delegate_refuse}


def keep_date(session: Session, invitation: Invitation, actor: Actor, now: datetime, *, text: str) -> InvitationEvent:
    """The organiser cannot move the event, and says why: the invitation is open again."""
    require(text, "text", "reason_missing")
    return _reopen(session, invitation, "keep_date", actor, now, text=text)


def ask_again(session: Session, invitation: Invitation, now: datetime) -> InvitationEvent:
    """The event was put on another day or hour: everybody is asked anew, earlier answers stay in the history."""
    return _reopen(session, invitation, "ask_again", SYSTEM, now, facts={"before": invitation.asked_for.isoformat()})


def withdraw(session: Session, invitation: Invitation, actor: Actor, now: datetime, *, text: str) -> InvitationEvent:
    """The organiser takes it back, with a reason that stays on the record."""
    _begin(session, invitation, "withdraw", actor, now)
    require(text, "text", "reason_missing")
    event = write(session, invitation, "withdraw", actor, now, State.WITHDRAWN, text=text, reason=clean(text),
                    reason_language=detect_language(clean(text), "kk"))
    note_invited(session, invitation.event_id)
    return event


def record(session: Session, invitation: Invitation, actor: Actor, now: datetime, step: str, *, text: str = "") -> InvitationEvent:
    """Who came: ``record_present``, ``record_delegate`` or ``record_absent``; again to correct it."""
    transition = _begin(session, invitation, step, actor, now)
    if now < invitation.event.starts_at:
        raise EventNotBegun(number=invitation.number)
    until = contest_until(work_calendar(session), _today(invitation, now))
    return write(session, invitation, step, actor, now, transition.target, text=text, facts={"until": until.isoformat()},
                   recorded_at=now, contest_until=until, contested_at=None)


def contest(session: Session, invitation: Invitation, actor: Actor, now: datetime, *, text: str) -> InvitationEvent:
    """The body says that what was recorded is wrong: shown in public; the organiser may correct it."""
    if not rules.may_contest(actor, invitation) or invitation.state not in RECORDED:
        raise NotAllowed(action="contest")
    late = invitation.contest_until is None or _today(invitation, now) > invitation.contest_until
    if late or invitation.contested_at is not None:
        raise ContestTooLate(number=invitation.number)
    require(text, "text", "reason_missing")
    return write(session, invitation, "contest", actor, now, invitation.state, text=text, contested_at=now)


def remind(session: Session, invitation: Invitation, days: int, now: datetime) -> InvitationEvent:
    """A reminder, ``days`` before the answer is due; it stands in the history too."""
    return write(session, invitation, "remind", SYSTEM, now, invitation.state, facts={"days": days},
                   reminders=invitation.reminders + 1)


def _begin(session: Session, invitation: Invitation, name: str, actor: Actor, now: datetime) -> Any:
    """The transition, when table, actor and dates allow it. What the reader can understand is said before the rest."""
    event = invitation.event
    if invitation.state == State.WITHDRAWN:
        raise InvitationWithdrawn(number=invitation.number, reason=invitation.reason or "–")
    if event.state == EventState.CANCELLED and not actor.system:
        raise EventCalledOff(number=invitation.number)
    if name in ANSWERS | {"keep_date", "withdraw"} and now >= event.starts_at:
        raise EventBegan(number=invitation.number)
    if name in ANSWERS and not invitation.body.active:
        raise BodyCeased(number=invitation.number)
    try:
        return TRANSITIONS.check(name, actor, invitation)
    except TransitionForbidden as error:
        raise StepNotPossible(**error.facts) from error


def _answer(session: Session, invitation: Invitation, name: str, actor: Actor, now: datetime, *, text: str = "",
            facts: dict[str, Any] | None = None, **changes: Any) -> InvitationEvent:
    """An answer: the last one counts, each stays in the history."""
    transition = _begin(session, invitation, name, actor, now)
    gone = {} if name in ("delegate", "delegate_confirm") else _NO_DELEGATE
    reason = {"reason": None, "reason_language": None, **changes}
    if reason["reason"]:
        reason["reason_language"] = detect_language(reason["reason"], "kk")
    return write(session, invitation, name, actor, now, transition.target, text=text, facts=facts,
                   **{"answer": transition.target, "answered_at": now, **gone, **reason})


_NO_DELEGATE: dict[str, Any] = {"delegate_name": "", "delegate_post": "", "delegate_contact_id": None}


def _reopen(session: Session, invitation: Invitation, name: str, actor: Actor, now: datetime, *, text: str = "",
            facts: dict[str, Any] | None = None) -> InvitationEvent:
    """An answer is waited for again, with a new date by which it is due."""
    transition = _begin(session, invitation, name, actor, now)
    today, starts_at = _today(invitation, now), invitation.event.starts_at
    due = answer_due(work_calendar(session), today, local_date(starts_at, invitation.event.city.timezone))
    return write(session, invitation, name, actor, now, transition.target, text=text, facts=(facts or {}) | {"due": due.isoformat()},
                   asked_on=today, due_on=due, asked_for=starts_at, reminders=0, answer=None, answered_at=None, reason=None,
                   reason_language=None, **_NO_DELEGATE)


def write(session: Session, invitation: Invitation, kind: str, actor: Actor, now: datetime, state: State, *, text: str = "",
            facts: dict[str, Any] | None = None, **changes: Any) -> InvitationEvent:
    """The one way an invitation changes: write, append to the history, order the letters."""
    words = fits(text)
    event = InvitationEvent(
        invitation_id=invitation.id, kind=kind, at=now, role=_role(actor, invitation, kind), user_id=actor.user_id,
        contact_id=actor.contact_id, from_state=invitation.state, to_state=state, text=words or None,
        language=detect_language(words, "kk") if words else None, facts=facts or {},
    )
    invitation.state = state
    for attribute, value in changes.items():
        setattr(invitation, attribute, value)
    invitation.hidden = still_hidden(invitation, changes)
    session.add(event)
    session.flush()
    enqueue(session, "invitation_step", f"invitation_step:{event.id}", {"step_id": event.id}, now)
    look_at(session, invitation, event, now)
    return event


def _role(actor: Actor, invitation: Invitation, kind: str) -> str:
    if actor.system:
        return "system"
    if kind in ("delegate_confirm", "delegate_refuse"):
        return "delegate"
    if kind in ANSWERS | {"contest"}:
        named = invitation.official_name and rules.is_addressee(actor, invitation)
        return "invited" if named else "body"
    return "organiser"


def note_invited(session: Session, event_id: int) -> None:
    """Keep ``Event.invited_at``: when the first letter went out that still stands. Not through the object: an organiser
    who is editing the event is not turned away by it."""
    first = (select(Invitation.sent_at).where(Invitation.event_id == event_id, Invitation.state != State.WITHDRAWN)
             .order_by(Invitation.sent_at).limit(1).scalar_subquery())
    session.execute(update(Event).where(Event.id == event_id).values(invited_at=first).execution_options(synchronize_session=False))
    session.expire(session.get_one(Event, event_id), ["invited_at"])


def _today(invitation: Invitation, now: datetime) -> date:
    return local_date(now, invitation.event.city.timezone)


def fits(text: str) -> str:
    words = clean(text)
    if len(words) > MAX_WORDS:
        raise InputRefused("text", "text_too_long", limit=MAX_WORDS, length=len(words))
    return words


def require(text: str, field: str, code: str) -> None:
    if not clean(text):
        raise InputRefused(field, code)
