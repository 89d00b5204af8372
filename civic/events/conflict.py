"""Two organisers wrote at once: what each of them has, field by field."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from civic.core.text import LANGUAGES
from civic.events.inputs import EventInput
from civic.events.models import Event
from civic.events.service import PLAIN, snapshot

FIELD_WORDS = {
    "title_kk": _l("Title in Kazakh"), "title_ru": _l("Title in Russian"), "title_en": _l("Title in English"),
    "text_kk": _l("Text in Kazakh"), "text_ru": _l("Text in Russian"), "text_en": _l("Text in English"),
    "format": _l("Format"), "direction": _l("Direction"), "mode": _l("Where"), "venue": _l("Venue"), "address": _l("Address or landmark"),
    "lat": _l("Latitude"), "lon": _l("Longitude"), "wheelchair": _l("Wheelchairs can get in"), "hearing_loop": _l("There is a hearing loop"),
    "sign_language": _l("There is a sign language interpreter"), "access_notes": _l("How to get in, where the lift is"),
    "stream_url": _l("Address of the stream"), "capacity": _l("How many places"), "admission": _l("How people come in"),
    "consent": _l("Recording"), "moderator": _l("Who moderates"), "languages": _l("Languages spoken"), "items": _l("Agenda"),
    "starts_at": _l("Begins at"), "ends_at": _l("Ends at"),
}


@dataclass(frozen=True)
class Difference:
    """A field that is saved otherwise than it was typed."""

    field: str
    label: Any
    saved: str
    typed: str


def differences(event: Event, typed: EventInput) -> list[Difference]:
    """What the other organiser saved, beside what this one typed."""
    saved, own = snapshot(event), _as_snapshot(typed)
    return [Difference(name, FIELD_WORDS[name], _said(value), _said(own[name])) for name, value in saved.items()
            if name in own and _said(value) != _said(own[name])]


def _as_snapshot(typed: EventInput) -> dict[str, Any]:
    words = {f"{name}_{code}": getattr(typed, name).get(code, "") for name in ("title", "text") for code in LANGUAGES}
    items = [(i.title, i.minutes, [(s.name, s.about) for s in i.speakers]) for i in typed.items]
    times = {"starts_at": typed.starts_at, "ends_at": typed.ends_at} if typed.starts_at else {}
    return words | {name: getattr(typed, name) for name in PLAIN} | {"languages": list(typed.languages), "items": items} | times


def _said(value: Any) -> str:
    if value is None or value is False:
        return "–"
    if value is True:
        return "✓"
    if isinstance(value, list):
        return "\n".join(_line(row) for row in value)
    return str(value).strip()


def _line(row: Any) -> str:
    if isinstance(row, str):
        return row
    title, minutes, speakers = row
    return f"{minutes or ''} {title}: {'; '.join(', '.join(part for part in pair if part) for pair in speakers)}".strip(" :")
