"""Every step of a promise after it was recorded. One function per step; each goes through the table and into the history.

Actor and time are arguments; the caller's transaction is used and never committed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM, Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.core.transitions import TransitionForbidden
from civic.events.inputs import is_web_address
from civic.jobs.service import enqueue
from civic.moderation.looking import look_for_signs
from civic.places.queries import work_calendar
from civic.promises import rules
from civic.promises.models import Promise, PromisePhoto, PromiseStep
from civic.promises.states import CONTEST_DAYS, TRANSITIONS, UP_TO_ITS_DAY, WORDING_DAYS, State, Wording

MAX_WORDS = 500
MAX_TEXT = 2_000
MOST_LINKS = 5
MOST_STEPS = 100  # of one kind and side: neither residents nor a body make a page endless, and neither keeps the others from their steps


class PromiseChangedMeanwhile(DomainError):
    """Somebody else took a step since the page was opened."""

    code = "promise_changed"


class StepNotPossible(TransitionForbidden):
    """The table has no such step from the present state."""

    code = "promise_step_impossible"


class WordingTermPassed(DomainError):
    """The working days for the wording are over: it stands as recorded; a statement is still possible."""

    code = "wording_term_passed"


class PromiseDayPassed(DomainError):
    """The day of the promise is over: nobody takes it back any more."""

    code = "promise_day_passed"


class PromiseDayNotPassed(DomainError):
    """There is time left to keep it, so it cannot be found broken."""

    code = "promise_day_ahead"


class ContestTermPassed(DomainError):
    """The working days for contesting are over."""

    code = "promise_contest_over"


class ContestedBefore(DomainError):
    """This person has contested this report already."""

    code = "promise_contested_before"


class HistoryFull(DomainError):
    """This side has taken as many steps of this kind as a page can bear."""

    code = "promise_history_full"


@dataclass(frozen=True)
class Evidence:
    """What comes with a step: words, addresses of pages (one in a line, as typed), photos that were taken in."""

    text: str = ""
    links: str = ""
    photo_ids: Sequence[str] = ()


def today_of(promise: Promise, now: datetime) -> date:
    """The city's local date."""
    return local_date(now, promise.event.city.timezone)


def lock(session: Session, promise: Promise, seen_version: int | None = None) -> None:
    """Take it for writing. Raises ``PromiseChangedMeanwhile`` when it is not what the actor saw."""
    if not lock_row(session, promise, seen_version):
        raise PromiseChangedMeanwhile(number=promise.number)


def confirm(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence = Evidence()) -> PromiseStep:
    """The body: yes, we said so. Raises ``WordingTermPassed``."""
    _in_wording_term(promise, actor, now)
    return _take(session, promise, "confirm", actor, now, with_, wording=Wording.CONFIRMED, respond_by=None)


def dispute(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """The body: it was not said so. The organiser amends the wording or stands by it. Raises ``WordingTermPassed``."""
    _in_wording_term(promise, actor, now)
    require_text(with_)
    return _take(session, promise, "dispute", actor, now, with_, wording=Wording.DISPUTED, respond_by=_later(session, promise, now, WORDING_DAYS))


def _in_wording_term(promise: Promise, actor: Actor, now: datetime) -> None:
    """Only somebody of the body is told of its term; the table answers the others."""
    silent = promise.wording == Wording.UNANSWERED
    over = promise.state == State.RECORDED and promise.respond_by is not None and today_of(promise, now) > promise.respond_by
    if rules.is_of_body(actor, promise) and (silent or over):
        raise WordingTermPassed(number=promise.number, days=WORDING_DAYS)


def silence(session: Session, promise: Promise, now: datetime) -> PromiseStep:
    """The body said nothing of the wording: it stands as recorded, and says so."""
    return _take(session, promise, "silence", SYSTEM, now, wording=Wording.UNANSWERED, respond_by=None)


def stand(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence = Evidence()) -> PromiseStep:
    """The wording stays; that the body disputes it is shown with it. The clock does it when the organiser says nothing."""
    if not actor.system:
        require_text(with_)
    return _take(session, promise, "stand", actor, now, with_, respond_by=None)


def claim(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """The body reports it as kept, with a photo or a link. Raises ``evidence_missing``."""
    require_evidence(with_)
    until = _later(session, promise, now, CONTEST_DAYS)
    return _take(session, promise, "claim", actor, now, with_, facts={"until": until.isoformat()}, claimed_on=today_of(promise, now),
                 contest_until=until, decide_by=None)


def contest(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """A resident or the organiser: it is not kept, with a photo or a link. The organiser decides."""
    if promise.contest_until is not None and today_of(promise, now) > promise.contest_until:
        raise ContestTermPassed(number=promise.number)
    require_evidence(with_)
    last = select(func.max(PromiseStep.id)).where(PromiseStep.promise_id == promise.id, PromiseStep.kind == "claim").scalar_subquery()
    if session.scalar(select(PromiseStep.id).where(PromiseStep.promise_id == promise.id, PromiseStep.kind == "contest",
                                                   PromiseStep.contact_id == actor.contact_id, PromiseStep.id > last).limit(1)):
        raise ContestedBefore(number=promise.number)
    until = promise.contest_until or today_of(promise, now)
    return _take(session, promise, "contest", actor, now, with_, decide_by=work_calendar(session).add(until, CONTEST_DAYS))


def decide(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence, *, kept: bool) -> PromiseStep:
    """The organiser, after a contested report, with reasons: kept; or not, which before its day leaves it open and later is broken."""
    require_text(with_)
    gone = {"contest_until": None, "decide_by": None}
    if kept:
        return _take(session, promise, "find_kept", actor, now, with_, **gone)
    over = today_of(promise, now) > promise.due_on
    return _take(session, promise, "find_broken" if over else "find_open", actor, now, with_, claimed_on=None, **gone)


def settle(session: Session, promise: Promise, now: datetime) -> PromiseStep:
    """Nobody contested the report, or the organiser did not decide: it counts as kept, with everything that was said beside it."""
    return _take(session, promise, "settle", SYSTEM, now, contest_until=None, decide_by=None)


def overdue(session: Session, promise: Promise, now: datetime) -> PromiseStep:
    """Its day has passed."""
    return _take(session, promise, "overdue", SYSTEM, now)


def lapse(session: Session, promise: Promise, now: datetime) -> PromiseStep:
    """So long after its day nobody has reported it as kept: broken."""
    return _take(session, promise, "lapse", SYSTEM, now)


def take_back(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """The body takes its word back in public, before its day, with the reason. Raises ``PromiseDayPassed``."""
    require_text(with_)
    return _take(session, promise, "take_back", actor, now, with_, respond_by=None)


def retract(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """The organiser: it was recorded in error. It stays on record with the reason, and counts nowhere."""
    require_text(with_)
    return _take(session, promise, "retract", actor, now, with_, respond_by=None)


def make_statement(session: Session, promise: Promise, actor: Actor, now: datetime, with_: Evidence) -> PromiseStep:
    """Words and evidence of either side, at any time. Raises ``NotAllowed``."""
    if not rules.may_state(actor, promise):
        raise NotAllowed(action="state")
    require_text(with_)
    return write(session, promise, "state", actor, now, promise.state, with_)


def remind(session: Session, promise: Promise, days: int, now: datetime) -> PromiseStep:
    """A reminder, so many ``days`` before its day; it stands in the history too."""
    return write(session, promise, "remind", SYSTEM, now, promise.state, facts={"days": days}, reminders=promise.reminders + 1)


def _take(session: Session, promise: Promise, name: str, actor: Actor, now: datetime, with_: Evidence = Evidence(), *,
          facts: dict[str, Any] | None = None, **changes: Any) -> PromiseStep:
    """One transition: the table and the dates are asked, then it is written."""
    try:
        transition = TRANSITIONS.check(name, actor, promise)
    except TransitionForbidden as error:
        raise StepNotPossible(**error.facts) from error
    if name in UP_TO_ITS_DAY and today_of(promise, now) > promise.due_on:
        raise PromiseDayPassed(number=promise.number)
    if name == "find_broken" and today_of(promise, now) <= promise.due_on:
        raise PromiseDayNotPassed(number=promise.number)
    return write(session, promise, name, actor, now, transition.target, with_, facts=facts, **changes)


def write(session: Session, promise: Promise, kind: str, actor: Actor, now: datetime, state: State, with_: Evidence = Evidence(), *,
          facts: dict[str, Any] | None = None, **changes: Any) -> PromiseStep:
    """The one way a promise changes: write, append to the history, order the letters."""
    role, words = _role(actor, promise, kind), text_of(with_)
    same = select(func.count()).where(PromiseStep.promise_id == promise.id, PromiseStep.kind == kind, PromiseStep.role == role)
    if not actor.system and (session.scalar(same) or 0) >= MOST_STEPS:
        raise HistoryFull(number=promise.number)
    step = PromiseStep(
        promise_id=promise.id, kind=kind, at=now, role=role, user_id=actor.user_id, contact_id=actor.contact_id,
        from_state=None if kind == "record" else promise.state, to_state=state, text=words or None,
        language=detect_language(words, "kk") if words else None, links=links_of(with_), facts=facts or {})
    promise.state, promise.updated_at = state, now
    for attribute, value in changes.items():
        setattr(promise, attribute, value)
    session.add(step)
    session.flush()
    session.add_all(PromisePhoto(photo_id=photo_id, step_id=step.id, position=n) for n, photo_id in enumerate(with_.photo_ids))
    session.flush()
    enqueue(session, "promise_step", f"promise_step:{step.id}", {"step_id": step.id}, now)
    if words:
        look_for_signs(session, "promise", promise.number, now, once=step.id, parts=[f"step-{step.id}"])
    return step


def _role(actor: Actor, promise: Promise, kind: str) -> str:
    if actor.system:
        return "system"
    if rules.is_of_body(actor, promise) and kind in ("confirm", "dispute", "claim", "take_back", "state"):
        return "body"
    return "organiser" if rules.is_organiser(actor, promise) else "resident"


def text_of(with_: Evidence) -> str:
    """The words. Raises ``text_too_long``."""
    words = clean(with_.text)
    if len(words) > MAX_TEXT:
        raise InputRefused("text", "text_too_long", limit=MAX_TEXT, length=len(words))
    return words


def links_of(with_: Evidence) -> list[str]:
    """The addresses. Raises ``evidence_link_wrong``, ``too_many_links``."""
    links = [line.strip() for line in clean(with_.links).splitlines() if line.strip()]
    if len(links) > MOST_LINKS:
        raise InputRefused("links", "too_many_links", limit=MOST_LINKS)
    if any(not is_web_address(link) or len(link) > 500 for link in links):
        raise InputRefused("links", "evidence_link_wrong")
    return links


def require_text(with_: Evidence) -> None:
    """Raises ``promise_text_missing``."""
    if not text_of(with_):
        raise InputRefused("text", "promise_text_missing")


def require_evidence(with_: Evidence) -> None:
    """Words, and a photo or a link. Raises ``promise_text_missing``, ``evidence_missing``."""
    require_text(with_)
    if not with_.photo_ids and not links_of(with_):
        raise InputRefused("photos", "evidence_missing")


def _later(session: Session, promise: Promise, now: datetime, working_days: int) -> date:
    return work_calendar(session).add(today_of(promise, now), working_days)
