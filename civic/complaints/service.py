"""Every step of a complaint after its registration. One function per step; each goes through the table of states.

Actor and time are arguments; the caller's transaction is used and never committed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import has_officials, officials
from civic.bodies.models import Body, Category
from civic.bodies.queries import body_above_id
from civic.complaints import rules, supports
from civic.complaints.answers import with_how_to_complain
from civic.complaints.counting import count
from civic.complaints.models import Attachment, Complaint, ComplaintEvent, Follow, Support
from civic.complaints.naming import gives_away
from civic.complaints.states import (
    EXTENSION_MONTHS,
    HEARING_NOTICE_DAYS,
    OPEN,
    PROCEDURES,
    RESPONSE_DAYS,
    SECOND_DISPUTE_DAYS,
    TRANSITIONS,
    Outcome,
    ReturnGround,
    State,
)
from civic.complaints.terms import due_date, refusal
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.core.working_days import WorkCalendar, months_later
from civic.jobs.service import enqueue
from civic.limits import votes
from civic.limits.votes import Origin
from civic.places.models import City
from civic.places.queries import work_calendar

MAX_TEXT = 10_000
RESIDENTS_STEPS = frozenset({"confirm", "dispute", "withdraw", "information"})


class ComplaintChangedMeanwhile(DomainError):
    """Somebody else took a step since the page was opened."""

    code = "changed_meanwhile"


@dataclass(frozen=True)
class Today:
    """The day of a step: its city, the calendar, the local date."""

    city: City
    calendar: WorkCalendar
    date: date


def _begin(session: Session, complaint: Complaint, name: str, actor: Actor, now: datetime) -> Today:
    """The day of the step, when the table, the actor and the law's terms allow it. Raises what stands against it."""
    TRANSITIONS.check(name, actor, complaint)
    city, calendar = session.get_one(City, complaint.city_id), work_calendar(session)
    today = Today(city, calendar, local_date(now, city.timezone))
    against = refusal(name, complaint, session.get_one(Category, complaint.category_id), today.date, calendar)
    if against is not None:
        raise against
    return today


def lock(session: Session, complaint: Complaint, seen_version: int | None) -> None:
    """Take the complaint for writing and see that it is still what the actor saw.

    Raises ``ComplaintChangedMeanwhile`` when ``seen_version`` is not the present one.
    """
    if not lock_row(session, complaint, seen_version):
        raise ComplaintChangedMeanwhile(number=complaint.number)


def accept(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str = "") -> ComplaintEvent:
    """The body takes it into work, with a word to the resident if it likes."""
    return _step(session, complaint, "accept", actor, now, text=text)


def forward(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, body_id: int, text: str) -> ComplaintEvent:
    """Not competent: to the competent body, within 3 working days of arrival; the term restarts (article 65)."""
    today = _begin(session, complaint, "forward", actor, now)
    target = session.get(Body, body_id)
    if target is None or target.city_id != complaint.city_id or not target.active or target.id == complaint.body_id:
        raise InputRefused("body_id", "choose_another_body")
    if not has_officials(session, target.id):
        raise InputRefused("body_id", "body_without_officials")
    _require(text, "text", "reason_missing")
    arrived = today.calendar.registration_day(now, today.city.timezone, today.city.workday_ends)
    return _step(session, complaint, "forward", actor, now, text=text, body_id=target.id, assignee_id=None,
                 arrived_on=arrived, term_from=arrived, term_until=None,
                 term_days=PROCEDURES[complaint.kind].working_days)


def extend(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, until: date, text: str) -> ComplaintEvent:
    """One reasoned extension by the head, at most 2 months from the decision (article 76(3))."""
    today = _begin(session, complaint, "extend", actor, now)
    _require(text, "text", "reason_missing")
    last = months_later(today.date, EXTENSION_MONTHS)
    if not complaint.due_on < until <= last:
        raise InputRefused("until", "extension_out_of_range", first=complaint.due_on, last=last)
    return _step(session, complaint, "extend", actor, now, text=text, term_until=today.calendar.on_or_after(until))


def hold_hearing(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, on: date, text: str) -> ComplaintEvent:
    """The preliminary decision and the day of the hearing, at least 3 working days ahead (article 73(1))."""
    today = _begin(session, complaint, "hold_hearing", actor, now)
    _require(text, "text", "preliminary_decision_missing")
    earliest = today.calendar.add(today.date, HEARING_NOTICE_DAYS)
    if on < earliest or not today.calendar.is_working(on):
        raise InputRefused("on", "hearing_too_early", earliest=earliest)
    if on > complaint.due_on:
        raise InputRefused("on", "hearing_after_term", due=complaint.due_on)
    return _step(session, complaint, "hold_hearing", actor, now, text=text, hearing_on=on, facts={"on": on.isoformat()})


def answer(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str, outcome: Outcome,
           photo_ids: Sequence[str] = ()) -> ComplaintEvent:
    """The body's answer. Never without text; «resolved» wants a photo after where the category asks for one."""
    today = _begin(session, complaint, "answer", actor, now)
    _require(text, "text", "answer_missing")
    _fits(text)
    if outcome is Outcome.RESOLVED and session.get_one(Category, complaint.category_id).wants_after_photo and not photo_ids:
        raise InputRefused("photos", "after_photo_missing")
    return _step(session, complaint, "answer", actor, now, text=with_how_to_complain(text, complaint.language), photo_ids=photo_ids, moment="after",
                 facts={"outcome": outcome.value, "days": today.calendar.between(complaint.term_from, today.date)},
                 outcome=outcome.value, answered_at=now, respond_by=today.calendar.add(today.date, RESPONSE_DAYS))


def return_(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, ground: ReturnGround, text: str) -> ComplaintEvent:
    """Back to the applicant, only on the law's grounds, within 3 working days, never for danger or crime (article 64(7))."""
    _begin(session, complaint, "return", actor, now)
    _require(text, "text", "reason_missing")
    return _step(session, complaint, "return", actor, now, text=text, facts={"ground": ground.value})


def mark_duplicate(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, of: Complaint | None, text: str = "") -> ComplaintEvent:
    """The same matter as ``of``; the applicant and followers follow that one from now on."""
    TRANSITIONS.check("mark_duplicate", actor, complaint)
    if (of is None or of.id == complaint.id or of.city_id != complaint.city_id or of.private
            or of.state not in OPEN | {State.ANSWERED}):  # a finished one would end this one too, and nobody would owe anything
        raise InputRefused("number", "duplicate_target_wrong")
    contacts = set(session.scalars(select(Follow.contact_id).where(Follow.complaint_id == complaint.id)))
    for contact_id in contacts | {complaint.applicant.contact_id}:
        follow(session, of, contact_id, now)
    return _step(session, complaint, "mark_duplicate", actor, now, text=text, duplicate_of_id=of.id,
                 facts={"number": of.number})


def reopen(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str) -> ComplaintEvent:
    """The head agrees with the dispute and takes it up again."""
    TRANSITIONS.check("reopen", actor, complaint)
    _require(text, "text", "reason_missing")
    return _step(session, complaint, "reopen", actor, now, text=text)


def confirm(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str = "") -> ComplaintEvent:
    """The resident: yes, solved."""
    return _step(session, complaint, "confirm", actor, now, text=text)


def dispute(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str,
            photo_ids: Sequence[str] = ()) -> ComplaintEvent:
    """The resident: no, not solved. First to the head of the body, from the second on to the head of the body above."""
    today = _begin(session, complaint, "dispute", actor, now)
    _require(text, "text", "reason_missing")
    arrived = today.calendar.registration_day(now, today.city.timezone, today.city.workday_ends)
    days = SECOND_DISPUTE_DAYS if complaint.disputes else PROCEDURES[complaint.kind].working_days
    return _step(session, complaint, "dispute", actor, now, text=text, photo_ids=photo_ids, moment="later",
                 body_id=_disputed_to(session, complaint, today.city), assignee_id=None, disputes=complaint.disputes + 1, arrived_on=arrived,
                 term_from=arrived, term_days=days, term_until=None, respond_by=None, hearing_on=None, answered_at=None, outcome=None)


def _disputed_to(session: Session, complaint: Complaint, city: City) -> int:
    """The body itself the first time, the one above after that; but never past a head, since a dispute is for a head alone."""
    above = body_above_id(session, session.get_one(Body, complaint.body_id), city)
    wanted = (above, complaint.body_id) if complaint.disputes else (complaint.body_id, above)
    return next((b for b in wanted if b is not None and officials(session, b, heads_only=True)), complaint.body_id)


def withdraw(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str = "") -> ComplaintEvent:
    """The applicant takes it back."""
    return _step(session, complaint, "withdraw", actor, now, text=text)


def lapse(session: Session, complaint: Complaint, actor: Actor, now: datetime) -> ComplaintEvent:
    """The resident kept silent past the term to respond: closed as unconfirmed."""
    return _step(session, complaint, "lapse", actor, now)


def add_information(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str,
                    photo_ids: Sequence[str] = ()) -> ComplaintEvent:
    """Words or photos that the applicant adds; also an objection before a hearing (article 73(3))."""
    if not rules.may_add_information(actor, complaint):
        raise NotAllowed(action="add_information")
    if not photo_ids:
        _require(text, "text", "text_missing")
    _fits(text)
    return _record(session, complaint, "information", actor, now, complaint.state, complaint.body_id, complaint.due_on,
                   text=text, photo_ids=photo_ids, moment="later")


def support(session: Session, complaint: Complaint, contact_id: int, now: datetime, origin: Origin | None = None) -> bool:
    """«It concerns me too», counted once per person, and follow; False when it was counted already.

    The applicant's own is not counted. origin: where it comes from, for finding fraud. Raises ``NotAllowed`` for a private one.
    """
    if complaint.private:
        raise NotAllowed(action="support")
    session.flush()  # refresh throws away what was not written yet
    session.refresh(complaint, with_for_update=True)
    follow(session, complaint, contact_id, now)
    held = select(Support.id).where(Support.complaint_id == complaint.id, Support.contact_id == contact_id)
    if complaint.applicant.contact_id == contact_id or session.scalar(held) is not None:
        return False
    row = Support(complaint_id=complaint.id, contact_id=contact_id, at=now)
    session.add(row)
    session.flush()
    supports.count(session, complaint.id, 1)
    contact = session.get_one(Contact, contact_id)
    votes.record(session, "support", complaint.id, row.id, origin, contact.email, contact.confirmed_at, now)
    return True


def follow(session: Session, complaint: Complaint, contact_id: int, now: datetime) -> None:
    """Be told of each step from now on."""
    held = select(Follow.id).where(Follow.complaint_id == complaint.id, Follow.contact_id == contact_id)
    if session.scalar(held) is None:
        session.add(Follow(complaint_id=complaint.id, contact_id=contact_id, at=now))
        session.flush()


def unfollow(session: Session, complaint: Complaint, contact_id: int) -> None:
    """Not be told any more; nothing happens when it was not followed."""
    row = session.scalar(select(Follow).where(Follow.complaint_id == complaint.id, Follow.contact_id == contact_id))
    if row is not None:
        session.delete(row)
        session.flush()


def recompute_due_dates(session: Session, actor: Actor, now: datetime) -> int:
    """After days off were edited: move every open due date that changed, and tell those concerned."""
    calendar, moved = work_calendar(session), 0
    for complaint in session.scalars(select(Complaint).where(Complaint.state.in_(OPEN)).with_for_update()):
        due = due_date(complaint, calendar)
        if due != complaint.due_on:
            _record(session, complaint, "recomputed", actor, now, complaint.state, complaint.body_id, due)
            moved += 1
    return moved


def _step(session: Session, complaint: Complaint, name: str, actor: Actor, now: datetime, *, text: str = "",
          photo_ids: Sequence[str] = (), moment: str = "later", facts: dict[str, Any] | None = None,
          body_id: int | None = None, **changes: Any) -> ComplaintEvent:
    """The one way a state changes: check, write, append to the path, order the notices."""
    transition = TRANSITIONS.check(name, actor, complaint)
    if name != "answer":  # which has checked its own words before the law's paragraph came behind them
        _fits(text)
    if name not in RESIDENTS_STEPS and text and gives_away(complaint, clean(text)):
        raise InputRefused("text", "names_the_applicant")
    for attribute, value in changes.items():
        setattr(complaint, attribute, value)
    due = due_date(complaint, work_calendar(session)) if {"term_from", "term_until"} & set(changes) else complaint.due_on
    return _record(session, complaint, name, actor, now, transition.target, body_id or complaint.body_id, due,
                   text=text, photo_ids=photo_ids, moment=moment, facts=facts)


def _record(session: Session, complaint: Complaint, kind: str, actor: Actor, now: datetime, state: State, body_id: int,
            due: date, *, text: str = "", photo_ids: Sequence[str] = (), moment: str = "later",
            facts: dict[str, Any] | None = None) -> ComplaintEvent:
    words = clean(text)
    role = _role(actor, complaint, kind)
    event = ComplaintEvent(
        complaint_id=complaint.id, kind=kind, at=now, role=role, user_id=actor.user_id,
        body_id=complaint.body_id if role in ("official", "head") else None,
        from_state=complaint.state, to_state=state, from_body_id=complaint.body_id, to_body_id=body_id,
        due_before=complaint.due_on, due_after=due, text=words or None,
        language=detect_language(words, complaint.language) if words else None, facts=facts or {},
    )
    complaint.state, complaint.body_id, complaint.due_on, complaint.updated_at = state, body_id, due, now
    session.add(event)
    session.flush()
    for place, photo_id in enumerate(photo_ids):
        session.add(Attachment(photo_id=photo_id, complaint_id=complaint.id, event_id=event.id, moment=moment, position=place))
    session.flush()
    count(session, complaint, event)
    enqueue(session, "complaint_event", f"complaint_event:{event.id}", {"event_id": event.id}, now)
    return event


def _role(actor: Actor, complaint: Complaint, kind: str) -> str:
    """In which role the step was taken: an official who files for themselves confirms as a resident."""
    if actor.system:
        return "system"
    if kind in RESIDENTS_STEPS:
        return "applicant"
    if rules.is_head(actor, complaint):
        return "head"
    if rules.is_official(actor, complaint):
        return "official"
    return "applicant" if rules.is_applicant(actor, complaint) else "administrator"


def _fits(text: str) -> None:
    if len(clean(text)) > MAX_TEXT:
        raise InputRefused("text", "text_too_long", limit=MAX_TEXT, length=len(clean(text)))


def _require(text: str, field: str, code: str) -> None:
    if not clean(text):
        raise InputRefused(field, code)
