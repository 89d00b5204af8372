"""What an event's public page says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from civic.bodies.forms import DIRECTION_WORDS
from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.events.law import checklist
from civic.events.models import Event
from civic.events.queries import public_steps, recommendations
from civic.events.registration import is_open
from civic.events.states import Admission, EventState, Mode
from civic.events.wording import (
    FORMAT_WORDS,
    MODE_WORDS,
    STATE_LOOKS,
    STATE_WORDS,
    LawLine,
    access_words,
    date_words,
    language_words,
    law_lines,
    places_words,
    shown_language,
    when_words,
)
from civic.web.locale import NAMES, day, language, local_name, moment
from civic.web.speech import gettext


@dataclass(frozen=True)
class Words:
    """A text in the language that is shown. fallback: that language's name, when it is not the reader's."""

    text: str
    lang: str
    fallback: str


@dataclass(frozen=True)
class Item:
    """An item of the agenda: its hour, where minutes are known, and who speaks."""

    time: str
    title: str
    lang: str
    speakers: Sequence[Any]


@dataclass(frozen=True)
class Advice:
    """A recommendation and what became of it. marks: of moderators, for ``text`` and ``answer``."""

    id: int
    body: str
    body_id: int
    text: str
    lang: str
    icon: str
    tone: str
    note: str
    answer: str | None
    answer_lang: str | None
    answered: bool
    marks: dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """What stands on top of the page: moved, cancelled, going on now. marks: of moderators, for the words."""

    kind: str
    title: str
    text: str
    marks: dict[str, Any] | None = None


@dataclass(frozen=True)
class EventView:
    """Everything that the page shows."""

    event: Event
    title: Words
    text: Words
    format: str
    direction: str
    icon: str
    tone: str
    state: str
    when: str
    place: str
    facts: list[str]
    organisation: str
    places: str
    percent: int | None
    may_register: bool
    stream: str
    law: list[LawLine]
    items: list[Item]
    notices: list[Notice]
    document: Words
    advices: list[Advice]
    photo: str | None


def shown(translated: dict[str, str]) -> Words:
    """A text in the reader's language or the next of its order."""
    lang = shown_language(translated)
    return Words(local_name(translated), lang, "" if lang == language() or not translated else NAMES[lang][1])


def event_view(session: Session, event: Event, calendar: WorkCalendar, now: datetime) -> EventView:
    """The page of one event, the same for every reader of one language."""
    zone = event.city.timezone
    icon, tone = STATE_LOOKS[EventState(event.state)]
    ahead = event.state in (EventState.ANNOUNCED, EventState.LIVE)
    counted = ahead and event.capacity is not None and event.admission != Admission.FREE
    return EventView(
        event=event, title=shown(event.title), text=shown(event.text), format=str(FORMAT_WORDS[event.format]),
        direction=str(DIRECTION_WORDS[event.direction]), icon=icon, tone=tone, state=str(STATE_WORDS[EventState(event.state)]),
        when=when_words(event.starts_at, event.ends_at, zone), place=place_words(event), facts=_facts(event),
        organisation=local_name(event.organisation.name), places=places_words(event) if ahead else "",
        percent=min(100, round(100 * event.taken / event.capacity)) if counted and event.capacity else None,
        may_register=is_open(event, now), stream=event.stream_url if ahead else "",
        law=law_lines(checklist(event, calendar, now)), items=agenda(event), notices=_notices(session, event),
        document=shown(event.document), advices=advices(session, event, now) if event.state == EventState.PUBLISHED else [],
        photo=url_for("media.photo", photo_id=event.photo_id, size="large") if event.photo and event.photo.state == "ready" else None,
    )


def place_words(event: Event) -> str:
    """«National library, hall 2, Dostyk street 5», or that it is online."""
    if event.mode == Mode.ONLINE:
        return str(MODE_WORDS[Mode.ONLINE])
    return ", ".join(part for part in (event.venue, event.address) if part)


def _facts(event: Event) -> list[str]:
    """What stands under the title besides time and place."""
    said = [str(MODE_WORDS[Mode.HYBRID])] if event.mode == Mode.HYBRID else []
    if event.languages:
        said.append(gettext("languages: %(list)s", list=language_words(event.languages)))
    return said + access_words(event)


def agenda(event: Event) -> list[Item]:
    """The items with their hours, as long as the minutes before them are known."""
    at: datetime | None = event.starts_at.astimezone(ZoneInfo(event.city.timezone))
    items = []
    for item in event.items:
        items.append(Item(f"{at:%H:%M}" if at else "", item.title, item.language, item.speakers))
        at = at + timedelta(minutes=item.minutes) if at and item.minutes else None
    return items


def _notices(session: Session, event: Event) -> list[Notice]:
    steps = public_steps(session, event.id) if event.moved_from or event.state == EventState.CANCELLED else []
    notices = []
    for step in steps:
        if step.kind == "cancel":
            notices.append(Notice("emergency", gettext("Cancelled on %(date)s", date=moment(step.at, event.city.timezone)), step.text or "", step.hidden))
    moved = [step for step in steps if step.kind == "move"]
    if moved and event.state == EventState.ANNOUNCED:
        before = datetime.fromisoformat(moved[-1].facts["from"])
        local = before.astimezone(ZoneInfo(event.city.timezone))
        notices.append(Notice("warning", gettext("Moved: it was to be on %(date)s at %(time)s",
                                                 date=date_words(local.date()), time=f"{local:%H:%M}"), moved[-1].text or "", moved[-1].hidden))
    return notices


def advices(session: Session, event: Event, now: datetime) -> list[Advice]:
    """The recommendations with their answers."""
    found = []
    for row, body in recommendations(session, event.id):
        if row.answered_at is not None:
            on = local_date(row.answered_at, event.city.timezone)
            icon, tone = ("check", "confirmed") if on <= row.due_on else ("exclaim", "overdue")
            note = gettext("Answered on %(date)s", date=day(on))
        else:
            over = local_date(now, event.city.timezone) > row.due_on
            icon, tone = ("exclaim", "overdue") if over else ("ring", "muted")
            note = gettext("No answer, was due by %(date)s", date=day(row.due_on)) if over else gettext("Answer due: %(date)s", date=day(row.due_on))
        found.append(Advice(row.id, local_name(body), row.body_id, row.text, row.language, icon, tone, note, row.answer, row.answer_language,
                            row.answered_at is not None, row.hidden or {}))
    return found
