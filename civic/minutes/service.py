"""Writing minutes together, publishing them, and keeping materials. Nothing that was saved is ever lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.text import LANGUAGES, clean
from civic.events import rules
from civic.events.inputs import is_web_address
from civic.events.models import Event
from civic.events.service import lock
from civic.events.states import BEGUN, EventState
from civic.minutes.models import Minutes, MinutesVersion
from civic.minutes.queries import latest, of_event
from civic.minutes.recording import chapter_lines, read_chapters
from civic.moderation.looking import look_for_signs

MAX_TEXT = 30_000
MOST_PEOPLE = 100_000
#: Minutes are written from the beginning on (``BEGUN``), and published when it is over.
OVER = frozenset({EventState.FINISHED, EventState.PUBLISHED})


class MinutesChangedMeanwhile(DomainError):
    """Another organiser has saved since the page was opened."""

    code = "minutes_changed_meanwhile"


@dataclass(frozen=True)
class MinutesInput:
    """Minutes as typed. chapters: lines. came: None when nobody counted by hand, -1 for what is no number."""

    text: Mapping[str, str]
    recording_url: str = ""
    chapters: str = ""
    came: int | None = None
    counted_by: str = ""
    change: str = ""


def may_write(event: Event) -> bool:
    """It has begun, so that there is something to write down."""
    return event.state in BEGUN


def problems(typed: MinutesInput, *, public: bool) -> Iterable[InputRefused]:
    """Everything that stands against it: ``minutes_missing``, ``text_too_long``, ``recording_wrong``, ``chapter_wrong``,
    ``too_many_chapters``, ``came_wrong``, ``counted_by_missing``, ``too_many_characters``; ``change_missing`` once they are public."""
    if not any(clean(typed.text.get(code)) for code in LANGUAGES):
        yield InputRefused("text_kk", "minutes_missing")
    for code in LANGUAGES:
        if (length := len(clean(typed.text.get(code)))) > MAX_TEXT:
            yield InputRefused(f"text_{code}", "text_too_long", limit=MAX_TEXT, length=length)
    url = clean(typed.recording_url)
    if url and (not is_web_address(url) or len(url) > 500):
        yield InputRefused("recording_url", "recording_wrong")
    try:
        read_chapters(typed.chapters)
    except InputRefused as error:
        yield error
    if typed.came is not None and not 0 <= typed.came <= MOST_PEOPLE:
        yield InputRefused("came", "came_wrong", limit=MOST_PEOPLE)
    if typed.came is not None and not clean(typed.counted_by):
        yield InputRefused("counted_by", "counted_by_missing")
    for name, limit in (("counted_by", 160), ("change", 300)):
        if len(clean(getattr(typed, name))) > limit:
            yield InputRefused(name, "too_many_characters", limit=limit)
    if public and not clean(typed.change):
        yield InputRefused("change", "change_missing")


def save(session: Session, event: Event, actor: Actor, now: datetime, typed: MinutesInput, *, seen: int) -> MinutesVersion | None:
    """Append a version; None when it is the same as the last. seen: the number of the version that the editor began with, 0 for none.

    Raises ``NotAllowed``, ``minutes_too_early``, ``MinutesChangedMeanwhile`` and the first of ``problems``.
    """
    _check(event, actor)
    lock(session, event)
    minutes = of_event(session, event.id)
    if (minutes.number if minutes else 0) != seen:
        raise MinutesChangedMeanwhile()
    for problem in problems(typed, public=minutes is not None and minutes.public_from is not None):
        raise problem
    last = latest(session, minutes)
    if last is not None and snapshot(last) == snapshot_of(typed):
        return None
    if minutes is None:
        minutes = Minutes(event_id=event.id, number=0, made_at=now)
        session.add(minutes)
        session.flush()
    minutes.number += 1
    made = MinutesVersion(
        minutes_id=minutes.id, number=minutes.number, text={code: words for code in LANGUAGES if (words := clean(typed.text.get(code)))},
        recording_url=clean(typed.recording_url), chapters=read_chapters(typed.chapters), came=typed.came,
        counted_by=clean(typed.counted_by) if typed.came is not None else "", change=clean(typed.change), at=now, user_id=actor.user_id)
    session.add(made)
    session.flush()
    if minutes.public_from is not None:
        _look_at(session, event, now, f"version-{made.number}", [f"version-{made.number}"])
    return made


def publish(session: Session, event: Event, actor: Actor, now: datetime, *, seen: int) -> Minutes:
    """Show the last version, and every later one, to the public.

    Raises ``NotAllowed``, ``minutes_too_early``, ``minutes_missing``, ``MinutesChangedMeanwhile`` when it is not the version that was seen.
    """
    _check(event, actor)
    lock(session, event)
    minutes = of_event(session, event.id)
    if event.state not in OVER:
        raise InputRefused("publish", "minutes_too_early")
    if minutes is None:
        raise InputRefused("publish", "minutes_missing")
    if minutes.number != seen:
        raise MinutesChangedMeanwhile()
    if minutes.public_from is None:
        minutes.public_from, minutes.published_at = minutes.number, now
        session.flush()
        _look_at(session, event, now, "all")
    return minutes


def look_at_material(session: Session, event_id: int, material_id: int, now: datetime) -> None:
    """A material can be read now: have the rules look for signs of trouble in it. Those of minutes that nobody reads yet wait for their publication."""
    minutes = of_event(session, event_id)
    if minutes is not None and minutes.public_from is not None:
        names = [f"material-{material_id}", f"caption-{material_id}"]  # the one of a photo, the other of anything else
        _look_at(session, session.get_one(Event, event_id), now, f"{names[0]}:{now.isoformat()}", names)


def _look_at(session: Session, event: Event, now: datetime, once: str, parts: list[str] | None = None) -> None:
    """parts: as moderation names them; None: the first public version and the materials. once: tells this order from others."""
    look_for_signs(session, "minutes", event.code, now, once=once, parts=parts)


def snapshot(version: MinutesVersion) -> dict[str, Any]:
    """What editors write, by field: to find changes and to show both texts of a conflict."""
    return {f"text_{code}": version.text.get(code, "") for code in LANGUAGES} | {
        "recording_url": version.recording_url, "chapters": chapter_lines(version.chapters),
        "came": "" if version.came is None else str(version.came), "counted_by": version.counted_by}


def snapshot_of(typed: MinutesInput) -> dict[str, Any]:
    """The same of what is typed; chapters that cannot be read stay as they are."""
    try:
        chapters = chapter_lines(read_chapters(typed.chapters))
    except InputRefused:
        chapters = typed.chapters
    counted = typed.came is not None
    return {f"text_{code}": clean(typed.text.get(code)) for code in LANGUAGES} | {
        "recording_url": clean(typed.recording_url), "chapters": chapters,
        "came": str(typed.came) if counted else "", "counted_by": clean(typed.counted_by) if counted else ""}


def _check(event: Event, actor: Actor) -> None:
    if not rules.may_organise(actor, event):
        raise NotAllowed(action="minutes")
    if not may_write(event):
        raise InputRefused("text_kk", "minutes_too_early")
