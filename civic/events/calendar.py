"""Events as calendars that programs subscribe to (RFC 5545), by ``icalendar``.

An event keeps its UID for ever; SEQUENCE rises with each change that the public sees; a cancelled one stays, as CANCELLED,
so that it goes out of people's calendars. Times are local with a VTIMEZONE that knows the city's past: Asia/Almaty was
UTC+6 until 1 March 2024 and is UTC+5 since. The same events give the same bytes, so an ETag can be made of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vUri

#: How often programs that follow RFC 7986 ask again.
REFRESH = timedelta(hours=4)
#: The zone's rules are told from the year before the first event to this one.
RULES_UNTIL = date(2038, 1, 1)
PRODUCT = "-//Civic//Discussions//KK"


@dataclass(frozen=True)
class Entry:
    """One event of a calendar, its words already in the reader's language.

    key: what the UID is made of, never changes. place: venue and address. changed_at: of the last change.
    """

    key: str
    revision: int
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    position: tuple[float, float] | None
    url: str
    organiser: str
    cancelled: bool
    made_at: datetime
    changed_at: datetime


def calendar(name: str, entries: Iterable[Entry], host: str, lang: str) -> bytes:
    """The calendar file. host: ends the UIDs, the public name of this installation."""
    entries = list(entries)
    cal = Calendar()
    cal.add("prodid", PRODUCT)
    cal.add("version", "2.0")
    cal.add("calscale", "GREGORIAN")
    cal.add("method", "PUBLISH")
    cal.add("name", name)
    cal.add("x-wr-calname", name)
    cal.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    cal.add("x-published-ttl", "PT4H")
    for zone in sorted({entry.timezone for entry in entries}):
        first = min(entry.starts_at for entry in entries if entry.timezone == zone)
        cal.add_component(_timezone(zone, first.year - 1))
    for entry in entries:
        cal.add_component(_event(entry, host, lang))
    made: bytes = cal.to_ical()
    return made


@lru_cache(maxsize=64)
def _timezone(zone: str, first_year: int) -> Timezone:
    rules = Timezone.from_tzid(zone, first_date=date(first_year, 1, 1), last_date=RULES_UNTIL)
    rules.pop("comment", None)  # the library's note on itself
    return rules


def _event(entry: Entry, host: str, lang: str) -> Event:
    event, zone = Event(), ZoneInfo(entry.timezone)
    event.add("uid", f"{entry.key}@{host}")
    event.add("sequence", entry.revision)
    event.add("dtstamp", entry.changed_at)
    event.add("created", entry.made_at)
    event.add("last-modified", entry.changed_at)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.title, parameters={"LANGUAGE": lang})
    event.add("description", f"{entry.text}\n\n{entry.url}".strip())
    if entry.place:
        event.add("location", entry.place)
    if entry.position is not None:
        event.add("geo", entry.position)
    event.add("url", vUri(entry.url))
    event.add("contact", entry.organiser)
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    return event
