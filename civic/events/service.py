"""Making an event and every step of it. Actor and time are arguments; the caller's transaction is used and never committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.codes import new_short_code
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import LANGUAGES, clean, detect_language
from civic.events import rules
from civic.events.formats import FORMATS
from civic.events.inputs import EventInput, ItemInput, is_web_address, problems, time_problems
from civic.events.law import ANSWER_WITHIN
from civic.events.models import AgendaItem, Event, EventStep, Organisation, Recommendation, Speaker
from civic.events.states import EVENT_STEPS, EventState
from civic.events.waiting import fill_places
from civic.jobs.service import enqueue
from civic.moderation.looking import look_for_signs
from civic.places.models import City
from civic.places.queries import work_calendar

#: What an organiser may still change by the form; the time of an announced event changes by ``move`` alone.
EDITABLE = frozenset({EventState.DRAFT, EventState.ANNOUNCED, EventState.LIVE})
#: Fields of the form that are kept as they are typed.
PLAIN = ("format", "direction", "mode", "venue", "address", "lat", "lon", "wheelchair", "hearing_loop", "sign_language", "access_notes",
         "stream_url", "capacity", "admission", "consent", "moderator")
#: Of them the words, by the part that moderation hides as one. A link is what a stream is made of: the rules do not look at it.
PLAIN_PARTS = {"place": ("venue", "address", "access_notes"), "moderator": ("moderator",), "stream": ("stream_url",)}
MAX_DOCUMENT = 50_000
#: The event's own columns: taking it for writing neither locks nor reads its city again.
COLUMNS = [attribute.key for attribute in Event.__mapper__.column_attrs]


class EventChangedMeanwhile(DomainError):
    """Another organiser has written since the page was opened."""

    code = "event_changed_meanwhile"


def new_code(session: Session) -> str:
    """A free code for an address: seven small letters and digits that cannot be taken for each other."""
    while True:
        code = new_short_code(7)
        if session.scalar(select(Event.id).where(Event.code == code)) is None:
            return code


def make(session: Session, organisation: Organisation, city: City, actor: Actor, now: datetime, typed: EventInput) -> Event:
    """A draft. Raises ``NotAllowed`` and the first of ``all_problems``."""
    if not rules.may_organise_for(actor, organisation):
        raise NotAllowed(action="make_event")
    _refuse(all_problems(session, city, typed, now))
    assert typed.starts_at is not None and typed.ends_at is not None
    event = Event(code=new_code(session), city_id=city.id, city=city, organisation_id=organisation.id, organisation=organisation,
                  state=EventState.DRAFT, starts_at=typed.starts_at, ends_at=typed.ends_at, created_by_id=actor.user_id,
                  created_at=now, updated_at=now, taken=0, revision=0, off_day=False)
    _write(event, typed)
    session.add(event)
    session.flush()
    record(session, event, "make", actor, now, EventState.DRAFT, public=False)
    return event


def all_problems(session: Session, city: City, typed: EventInput, now: datetime, event: Event | None = None) -> list[InputRefused]:
    """Everything that stands against what was typed, for a new event or for ``event``."""
    found = problems(session, city, typed, taken=event.taken if event else 0)
    if event is None or event.state == EventState.DRAFT:
        found += time_problems(typed.starts_at, typed.ends_at, now)
    return found


def lock(session: Session, event: Event, seen_version: int | None = None) -> None:
    """Take the event for writing. Raises ``EventChangedMeanwhile`` when it is not the version that was seen."""
    if not lock_row(session, event, seen_version, COLUMNS):
        raise EventChangedMeanwhile()


def edit(session: Session, event: Event, actor: Actor, now: datetime, typed: EventInput) -> list[str]:
    """Take over what was typed; gives the names of the fields that changed. The event has been taken by ``lock``.

    A larger room lets the waiting in. Raises ``NotAllowed``, ``event_closed`` and the first of ``all_problems``.
    """
    if not rules.may_organise(actor, event):
        raise NotAllowed(action="edit")
    if event.state not in EDITABLE:
        raise InputRefused("title_kk", "event_closed")
    _refuse(all_problems(session, event.city, typed, now, event))
    before = snapshot(event)
    _write(event, typed)
    if event.state == EventState.DRAFT and typed.starts_at and typed.ends_at:
        event.starts_at, event.ends_at = typed.starts_at, typed.ends_at
    changed = [name for name, value in snapshot(event).items() if value != before[name]]
    if changed:
        _revise(event, now)
        done = record(session, event, "edit", actor, now, event.state, facts={"fields": changed}, public=False)
        if event.announced_at is not None:
            enqueue(session, "event_step", f"event_step:{done.id}", {"step_id": done.id}, now)
        fill_places(session, event, now)
    return changed


def snapshot(event: Event) -> dict[str, Any]:
    """What organisers write, by field: to find changes and to show both texts of a conflict."""
    agenda = [(i.title, i.minutes, [(s.name, s.about) for s in i.speakers]) for i in event.items]
    words = {f"{name}_{code}": getattr(event, name).get(code, "") for name in ("title", "text") for code in LANGUAGES}
    return words | {name: getattr(event, name) for name in PLAIN} | {
        "languages": list(event.languages), "items": agenda, "starts_at": event.starts_at, "ends_at": event.ends_at}


def announce(session: Session, event: Event, actor: Actor, now: datetime) -> EventStep:
    """Open it to the public. Raises ``in_the_past``; ``official_not_invited`` where the format asks for an official."""
    EVENT_STEPS.check("announce", actor, event)
    _refuse(list(time_problems(event.starts_at, event.ends_at, now)))
    if FORMATS[event.format].needs_official and event.invited_at is None:
        raise InputRefused("announce", "official_not_invited")
    event.announced_at = now
    return step(session, event, "announce", actor, now)


def move(session: Session, event: Event, actor: Actor, now: datetime, *, starts_at: datetime | None, ends_at: datetime | None,
         text: str) -> EventStep:
    """To another time, with a reason; who is registered stays so and is told."""
    EVENT_STEPS.check("move", actor, event)
    found = list(time_problems(starts_at, ends_at, now))
    if not found and (starts_at, ends_at) == (event.starts_at, event.ends_at):
        found.append(InputRefused("date", "not_moved"))
    _refuse([*found, *reason_problems(text)])
    assert starts_at is not None and ends_at is not None
    facts = {"from": event.starts_at.isoformat(), "to": starts_at.isoformat()}
    event.moved_from, event.starts_at, event.ends_at, event.off_day = event.starts_at, starts_at, ends_at, False
    return step(session, event, "move", actor, now, text=text, facts=facts)


def start(session: Session, event: Event, actor: Actor, now: datetime) -> EventStep:
    """It begins: by hand, or when its time has come."""
    return step(session, event, "start", actor, now)


def finish(session: Session, event: Event, actor: Actor, now: datetime) -> EventStep:
    """It is over."""
    return step(session, event, "finish", actor, now)


def cancel(session: Session, event: Event, actor: Actor, now: datetime, *, text: str) -> EventStep:
    """Call it off, with a reason. Its page stays, everybody registered is told; a draft just goes."""
    EVENT_STEPS.check("cancel", actor, event)
    if event.state != EventState.DRAFT:
        _refuse(reason_problems(text))
    return step(session, event, "cancel", actor, now, text=text, public=event.state != EventState.DRAFT)


@dataclass(frozen=True)
class RecommendationInput:
    """One recommendation as typed."""

    body_id: int | None
    text: str


def publish(session: Session, event: Event, actor: Actor, now: datetime, *, document: Mapping[str, str], url: str = "",
            recommendations: Sequence[RecommendationInput] = ()) -> EventStep:
    """The final document with its recommendations, each of which one body has to answer (article 13)."""
    EVENT_STEPS.check("publish", actor, event)
    _refuse(document_problems(session, event, document, url, recommendations))
    due = work_calendar(session).add(local_date(now, event.city.timezone), ANSWER_WITHIN)
    event.document, event.document_url, event.published_at = _translated(document), clean(url), now
    for position, typed in enumerate(recommendations, 1):
        words = clean(typed.text)
        session.add(Recommendation(event_id=event.id, position=position, body_id=typed.body_id, text=words,
                                   language=detect_language(words, "kk"), due_on=due))
    return step(session, event, "publish", actor, now)


def document_problems(session: Session, event: Event, document: Mapping[str, str], url: str,
                      recommendations: Sequence[RecommendationInput]) -> list[InputRefused]:
    """``document_missing``, ``document_url_wrong``, ``recommendation_without_body``, ``text_too_long``."""
    found = []
    if not any(clean(words) for words in document.values()):
        found.append(InputRefused("document_kk", "document_missing"))
    found += [InputRefused(f"document_{code}", "text_too_long", limit=MAX_DOCUMENT, length=len(words))
              for code, words in document.items() if len(words) > MAX_DOCUMENT]
    if clean(url) and (not is_web_address(clean(url)) or len(clean(url)) > 500):
        found.append(InputRefused("document_url", "document_url_wrong"))
    for typed in recommendations:
        body = session.get(Body, typed.body_id) if typed.body_id else None
        if body is None or body.city_id != event.city_id:
            found.append(InputRefused("recommendations", "recommendation_without_body"))
        if len(typed.text) > 2000:
            found.append(InputRefused("recommendations", "text_too_long", limit=2000, length=len(typed.text)))
    return found


def answer_recommendation(session: Session, recommendation: Recommendation, actor: Actor, now: datetime, *, text: str) -> None:
    """The body's answer, once. Raises ``NotAllowed``, ``answer_missing``, ``answered_before``."""
    if not rules.may_answer_recommendation(actor, recommendation):
        raise NotAllowed(action="answer_recommendation")
    if recommendation.answered_at is not None:
        raise InputRefused("text", "answered_before")
    words = clean(text)
    if not words:
        raise InputRefused("text", "answer_missing")
    if len(words) > 10_000:
        raise InputRefused("text", "text_too_long", limit=10_000, length=len(words))
    recommendation.answer, recommendation.answer_language = words, detect_language(words, recommendation.language)
    recommendation.answered_at, recommendation.answered_by_id = now, actor.user_id
    session.flush()
    code = session.get_one(Event, recommendation.event_id).code
    look_for_signs(session, "event", code, now, once=f"answer-{recommendation.id}", parts=[f"answer-{recommendation.id}"])


def reason_problems(text: str) -> list[InputRefused]:
    """``reason_missing``, ``text_too_long``."""
    if not clean(text):
        return [InputRefused("text", "reason_missing")]
    return [InputRefused("text", "text_too_long", limit=2000, length=len(clean(text)))] if len(clean(text)) > 2000 else []


def step(session: Session, event: Event, name: str, actor: Actor, now: datetime, *, text: str = "",
         facts: dict[str, Any] | None = None, public: bool = True) -> EventStep:
    """The one way a state changes: check, write, append to the history, order the notices."""
    transition = EVENT_STEPS.check(name, actor, event)
    _revise(event, now)
    done = record(session, event, name, actor, now, transition.target, text=text, facts=facts, public=public)
    enqueue(session, "event_step", f"event_step:{done.id}", {"step_id": done.id}, now)
    return done


def check_picture(event: Event) -> None:
    """Whether another picture may stand there. Raises ``picture_hidden``: what a moderator took off comes back by a moderator alone."""
    if "photo" in (event.hidden or {}):
        raise InputRefused("picture", "picture_hidden")


def record(session: Session, event: Event, kind: str, actor: Actor, now: datetime, state: EventState, *, text: str = "",
           facts: dict[str, Any] | None = None, public: bool = True) -> EventStep:
    """Append to the history."""
    words = clean(text)
    done = EventStep(event_id=event.id, kind=kind, at=now, role="system" if actor.system else "organiser", user_id=actor.user_id,
                     from_state=None if kind == "make" else event.state, to_state=state, text=words or None,
                     language=detect_language(words, "kk") if words else None, facts=facts or {}, public=public)
    event.state = state
    session.add(done)
    session.flush()
    return done


def _revise(event: Event, now: datetime) -> None:
    event.revision, event.updated_at = event.revision + 1, now


def _write(event: Event, typed: EventInput) -> None:
    off = event.hidden or {}  # what a moderator took off comes back by a moderator alone
    taken = {column for part, columns in PLAIN_PARTS.items() if part in off for column in columns}
    for name in (name for name in PLAIN if name not in taken):
        value = getattr(typed, name)
        setattr(event, name, clean(value) if type(value) is str else value)
    for name, words in (("title", typed.title), ("text", typed.text)):
        if name not in off:
            setattr(event, name, _translated(words))
    event.languages = [code for code in LANGUAGES if code in typed.languages]
    written = [(i.title, i.minutes, [(s.name, s.about) for s in i.speakers]) for i in event.items]
    if "agenda" not in off and written != [(clean(i.title), i.minutes, [(clean(s.name), clean(s.about)) for s in i.speakers]) for i in typed.items]:
        event.items = _agenda(event, typed.items)


def _agenda(event: Event, items: Sequence[ItemInput]) -> list[AgendaItem]:
    """New items. A speaker of the same name keeps the profile that claimed it."""
    claimed = {s.name: s for i in event.items for s in i.speakers if s.user_id is not None}
    default = next(iter(event.title), "kk")
    made = []
    for position, item in enumerate(items):
        speakers = [Speaker(position=n, name=(name := clean(s.name)), about=clean(s.about),
                            user_id=claimed[name].user_id if name in claimed else None,
                            claimed_at=claimed[name].claimed_at if name in claimed else None) for n, s in enumerate(item.speakers)]
        made.append(AgendaItem(position=position, title=clean(item.title), minutes=item.minutes, speakers=speakers,
                               language=detect_language(item.title, default)))
    return made


def _translated(typed: Mapping[str, str]) -> dict[str, str]:
    return {code: words for code in LANGUAGES if (words := clean(typed.get(code)))}


def _refuse(found: list[InputRefused]) -> None:
    if found:
        raise found[0]
