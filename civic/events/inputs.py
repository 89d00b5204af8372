"""What an organiser types for an event, and everything that stands against it, said at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from civic.bodies.service import DIRECTIONS
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, clean
from civic.events.formats import FORMATS
from civic.events.states import Admission, Consent, Mode
from civic.places.models import City
from civic.places.queries import locate

LONGEST_TITLE = 160
LONGEST_TEXT = 8000
MOST_PLACES = 100_000
MOST_ITEMS = 30
MOST_DAYS = 14


@dataclass(frozen=True)
class SpeakerInput:
    """Who speaks: a name, and what they are."""

    name: str
    about: str = ""


@dataclass(frozen=True)
class ItemInput:
    """An item of the agenda."""

    title: str
    minutes: int = 0
    speakers: Sequence[SpeakerInput] = ()


@dataclass(frozen=True)
class EventInput:
    """An event as typed. starts_at, ends_at: UTC, None when they could not be read. capacity: None for as many as come."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    format: str
    direction: str
    starts_at: datetime | None
    ends_at: datetime | None
    mode: Mode = Mode.ROOM
    venue: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    wheelchair: bool = False
    hearing_loop: bool = False
    sign_language: bool = False
    access_notes: str = ""
    stream_url: str = ""
    capacity: int | None = None
    admission: Admission = Admission.OPEN
    consent: Consent = Consent.NONE
    languages: Sequence[str] = ()
    moderator: str = ""
    items: Sequence[ItemInput] = field(default_factory=tuple)


def names_and_words(name: Mapping[str, str], about: Mapping[str, str], *, missing: str, most_name: int, most_about: int) -> tuple[dict[str, str], dict[str, str]]:
    """A name in at least one language and words about it, both cleaned.

    Raises ``InputRefused``: the code ``missing`` for no name at all, ``title_too_long``, ``text_too_long``.
    """
    names, words = ({code: text for code in LANGUAGES if (text := clean(typed.get(code)))} for typed in (name, about))
    if not names:
        raise InputRefused("name_kk", missing)
    for code, text in names.items():
        if len(text) > most_name:
            raise InputRefused(f"name_{code}", "title_too_long", limit=most_name)
    for code, text in words.items():
        if len(text) > most_about:
            raise InputRefused(f"about_{code}", "text_too_long", limit=most_about, length=len(text))
    return names, words


def is_web_address(typed: str) -> bool:
    """An address that a browser opens as a page and nothing else: http or https with a host."""
    try:
        parts = urlsplit(typed)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in typed)
    except ValueError:
        return False


def time_problems(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> Iterable[InputRefused]:
    """``time_missing``, ``end_before_start``, ``too_long``, ``in_the_past``."""
    if starts_at is None or ends_at is None:
        yield InputRefused("date", "time_missing")
        return
    if ends_at <= starts_at:
        yield InputRefused("ends", "end_before_start")
    elif (ends_at - starts_at).days >= MOST_DAYS:
        yield InputRefused("ends", "too_long", limit=MOST_DAYS)
    if starts_at <= now:
        yield InputRefused("date", "in_the_past")


def problems(session: Session, city: City, typed: EventInput, *, taken: int = 0) -> list[InputRefused]:
    """What stands against ``typed``, the time aside. taken: places that are held already."""
    return [*_words(typed), *_place(session, city, typed), *_room(typed, taken), *_agenda(typed.items)]


def _words(typed: EventInput) -> Iterable[InputRefused]:
    if not any(clean(t) for t in typed.title.values()):
        yield InputRefused("title_kk", "title_missing")
    for language in LANGUAGES:
        if len(clean(typed.title.get(language))) > LONGEST_TITLE:
            yield InputRefused(f"title_{language}", "title_too_long", limit=LONGEST_TITLE)
        if len(clean(typed.text.get(language))) > LONGEST_TEXT:
            yield InputRefused(f"text_{language}", "text_too_long", limit=LONGEST_TEXT, length=len(clean(typed.text.get(language))))
    if typed.format not in FORMATS:
        yield InputRefused("format", "format_missing")
    if typed.direction not in DIRECTIONS:
        yield InputRefused("direction", "direction_missing")
    if len(clean(typed.moderator)) > 120:
        yield InputRefused("moderator", "name_too_long", limit=120)


def _place(session: Session, city: City, typed: EventInput) -> Iterable[InputRefused]:
    if typed.mode != Mode.ONLINE and not clean(typed.venue):
        yield InputRefused("venue", "venue_missing")
    for name, limit in (("venue", 200), ("address", 300), ("access_notes", 500)):
        if len(clean(getattr(typed, name))) > limit:
            yield InputRefused(name, "too_many_characters", limit=limit)
    if typed.lat is not None and typed.lon is not None and not locate(session, city, typed.lat, typed.lon).inside:
        yield InputRefused("address", "pin_outside_city")
    stream = clean(typed.stream_url)
    if stream and (not is_web_address(stream) or len(stream) > 500):
        yield InputRefused("stream_url", "stream_wrong")


def _room(typed: EventInput, taken: int) -> Iterable[InputRefused]:
    if typed.capacity is None:
        return
    if not 0 < typed.capacity <= MOST_PLACES:
        yield InputRefused("capacity", "capacity_wrong", limit=MOST_PLACES)
    elif typed.capacity < taken:
        yield InputRefused("capacity", "places_taken", taken=taken)


def _agenda(items: Sequence[ItemInput]) -> Iterable[InputRefused]:
    if len(items) > MOST_ITEMS:
        yield InputRefused("items", "too_many_items", limit=MOST_ITEMS)
    for item in items:
        if not clean(item.title):
            yield InputRefused("items", "item_without_title")
        if len(clean(item.title)) > 300 or any(len(clean(s.name)) > 120 or len(clean(s.about)) > 200 for s in item.speakers):
            yield InputRefused("items", "item_too_long")
        if not 0 <= item.minutes <= 24 * 60:
            yield InputRefused("items", "minutes_wrong")
