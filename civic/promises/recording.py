"""Putting a promise on record, and amending its wording after the body disputed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints.models import Complaint
from civic.complaints.queries import public_ids
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.codes import new_number
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.events.models import Event
from civic.events.rules import may_organise
from civic.events.states import BEGUN
from civic.invitations.models import Invitation
from civic.invitations.states import State as Invited
from civic.places.queries import work_calendar
from civic.promises.models import Promise, PromiseComplaint, PromiseStep
from civic.promises.service import MAX_WORDS, Evidence, StepNotPossible, require_text, write
from civic.promises.states import TRANSITIONS, WORDING_DAYS, State, Wording

MAX_NAME, MAX_POST = 120, 160  # as the columns are
MOST_COMPLAINTS = 20
FARTHEST = timedelta(days=3653)


@dataclass(frozen=True)
class PromiseInput:
    """A promise as typed. complaints: numbers, as people write them. second: of the recording. source: kind and key of another
    place where it was said, as a written answer."""

    body_id: int | None
    words: str
    due_on: date | None
    post: str = ""
    name: str = ""
    second: int | None = None
    complaints: Sequence[str] = ()
    source: tuple[str, str] | None = None


def record(session: Session, event: Event, actor: Actor, now: datetime, typed: PromiseInput) -> Promise:
    """Put it on record and ask the body for its word. Raises ``NotAllowed`` and the first of ``problems``."""
    if not may_organise(actor, event):
        raise NotAllowed(action="record")
    found = problems(session, event, now, typed)
    if found:
        raise found[0]
    today, words = local_date(now, event.city.timezone), clean(typed.words)
    until = work_calendar(session).add(today, WORDING_DAYS)
    kind, key = typed.source or (None, None)
    assert typed.due_on is not None
    promise = Promise(
        number=_free_number(session, event), city_id=event.city_id, body_id=typed.body_id, event_id=event.id, event=event, source_kind=kind,
        source_key=key, official_name=clean(typed.name), official_post=clean(typed.post), words=words, language=detect_language(words, "kk"),
        due_on=typed.due_on, second=typed.second, state=State.RECORDED, wording=Wording.ASKED, respond_by=until, recorded_at=now, updated_at=now)
    session.add(promise)
    session.flush()
    session.refresh(promise, ["body"])
    _tie(session, promise, _complaints(session, event, typed.complaints))
    write(session, promise, "record", actor, now, State.RECORDED, facts={"until": until.isoformat()})
    return promise


def amend(session: Session, promise: Promise, actor: Actor, now: datetime, *, words: str, due_on: date | None, text: str) -> PromiseStep:
    """Other words or another day, with the reason: the body is asked again, and what stood before stays in the history."""
    if promise.state != State.DISPUTED:
        raise StepNotPossible(action="amend", state=promise.state)
    TRANSITIONS.check("amend", actor, promise)
    found = [*_words(words), *_due(due_on, promise.event, now)]
    if found:
        raise found[0]
    assert due_on is not None
    new = clean(words)
    if (new, due_on) == (promise.words, promise.due_on):
        raise InputRefused("words", "promise_not_amended")
    require_text(Evidence(text))
    until = work_calendar(session).add(local_date(now, promise.event.city.timezone), WORDING_DAYS)
    facts = {"before": promise.words, "due_before": promise.due_on.isoformat(), "until": until.isoformat()}
    return write(session, promise, "amend", actor, now, State.RECORDED, Evidence(text), facts=facts, words=new, due_on=due_on,
                 language=detect_language(new, "kk"), wording=Wording.ASKED, respond_by=until, reminders=0)


def problems(session: Session, event: Event, now: datetime, typed: PromiseInput) -> list[InputRefused]:
    """Everything that stands against it: ``promise_event_not_begun``, ``body_missing``, ``promise_words_missing``, ``text_too_long``,
    ``promise_due_missing``, ``promise_due_past``, ``promise_due_far``, ``promise_post_missing``, ``name_too_long``,
    ``official_did_not_come``, ``promise_second_wrong``, ``promise_complaint_unknown``, ``too_many_promise_complaints``."""
    found = list(_event(event))
    body = session.get(Body, typed.body_id) if typed.body_id else None
    if body is None or body.city_id != event.city_id:
        found.append(InputRefused("body_id", "body_missing"))
    found += [*_words(typed.words), *_due(typed.due_on, event, now)]
    found += _official(typed, came(session, event.id, typed.body_id))
    if typed.second is not None and not 0 <= typed.second < 24 * 3600:
        found.append(InputRefused("second", "promise_second_wrong"))
    try:
        _complaints(session, event, typed.complaints)
    except InputRefused as error:
        found.append(error)
    return found


def may_record(actor: Actor, event: Event) -> bool:
    """An organiser, once the event has begun."""
    return may_organise(actor, event) and event.state in BEGUN


def came(session: Session, event_id: int, body_id: int | None) -> bool:
    """Whether it is on record that somebody of the body, or its delegate, came."""
    there = select(Invitation.id).where(Invitation.event_id == event_id, Invitation.body_id == body_id,
                                        Invitation.state.in_([Invited.PRESENT, Invited.DELEGATE_PRESENT]))
    return session.scalar(there.limit(1)) is not None


def _event(event: Event) -> Iterable[InputRefused]:
    if event.state not in BEGUN:
        yield InputRefused("words", "promise_event_not_begun")


def _words(words: str) -> Iterable[InputRefused]:
    length = len(clean(words))
    if not length:
        yield InputRefused("words", "promise_words_missing")
    if length > MAX_WORDS:
        yield InputRefused("words", "text_too_long", limit=MAX_WORDS, length=length)


def _due(due_on: date | None, event: Event, now: datetime) -> Iterable[InputRefused]:
    today = local_date(now, event.city.timezone)
    if due_on is None:
        yield InputRefused("due_on", "promise_due_missing")
    elif due_on < today:
        yield InputRefused("due_on", "promise_due_past")
    elif due_on > today + FARTHEST:
        yield InputRefused("due_on", "promise_due_far")


def _official(typed: PromiseInput, came_: bool) -> Iterable[InputRefused]:
    if not clean(typed.post):
        yield InputRefused("post", "promise_post_missing")
    for field, value, limit in (("post", typed.post, MAX_POST), ("name", typed.name, MAX_NAME)):
        if len(clean(value)) > limit:
            yield InputRefused(field, "name_too_long", limit=limit)
    if clean(typed.name) and not came_:
        yield InputRefused("name", "official_did_not_come")


def _complaints(session: Session, event: Event, typed: Sequence[str]) -> list[int]:
    """Ids of the public complaints of the city with these numbers."""
    asked = [word for word in typed if clean(word)]
    if len(asked) > MOST_COMPLAINTS:
        raise InputRefused("complaints", "too_many_promise_complaints", limit=MOST_COMPLAINTS)
    known = public_ids(session, event.city_id, asked)
    for word in asked:
        if word not in known:
            raise InputRefused("complaints", "promise_complaint_unknown", number=word)
    return sorted(set(known.values()))


def _tie(session: Session, promise: Promise, complaint_ids: Sequence[int]) -> None:
    session.add_all(PromiseComplaint(promise_id=promise.id, complaint_id=complaint_id) for complaint_id in complaint_ids)
    session.flush()
    session.execute(update(Complaint).where(Complaint.id.in_(complaint_ids)).values(discussed=True))


def _free_number(session: Session, event: Event) -> str:
    while True:
        number = new_number(event.city.prefix)
        if session.scalar(select(Promise.id).where(Promise.number == number)) is None:
            return number
