"""An event as schema.org says it, for search engines and assistants: data in the page, never run."""

from typing import Any
from zoneinfo import ZoneInfo

from civic.core.text import pick
from civic.events.models import Event
from civic.events.states import EventState, Mode

_MODES = {Mode.ROOM: "Offline", Mode.ONLINE: "Online", Mode.HYBRID: "Mixed"}


def event_schema(event: Event, url: str, lang: str) -> dict[str, Any]:
    """A schema.org Event. url: of its page, absolute."""
    zone = ZoneInfo(event.city.timezone)
    status = "EventCancelled" if event.state == EventState.CANCELLED else "EventRescheduled" if event.moved_from else "EventScheduled"
    said: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "Event", "name": pick(event.title, lang), "description": pick(event.text, lang),
        "url": url, "startDate": event.starts_at.astimezone(zone).isoformat(), "endDate": event.ends_at.astimezone(zone).isoformat(),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": f"https://schema.org/{_MODES[Mode(event.mode)]}EventAttendanceMode",
        "location": _location(event, url), "inLanguage": list(event.languages), "isAccessibleForFree": True,
        "organizer": {"@type": "Organization", "name": pick(event.organisation.name, lang)},
    }
    if event.moved_from is not None:
        said["previousStartDate"] = event.moved_from.astimezone(zone).isoformat()
    if event.capacity is not None:
        said["maximumAttendeeCapacity"] = event.capacity
    return {name: value for name, value in said.items() if value not in ("", [])}


def _location(event: Event, url: str) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = []
    if event.mode != Mode.ONLINE:
        place: dict[str, Any] = {"@type": "Place", "name": event.venue or event.address, "address": event.address or event.venue}
        if event.lat is not None:
            place["geo"] = {"@type": "GeoCoordinates", "latitude": event.lat, "longitude": event.lon}
        places.append(place)
    if event.mode != Mode.ROOM:
        places.append({"@type": "VirtualLocation", "url": event.stream_url or url})
    return places
