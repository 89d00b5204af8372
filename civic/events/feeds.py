"""Which events a calendar holds: one event, those of a city, of an organisation, of a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, lazyload

from civic.core.text import pick
from civic.events.calendar import Entry
from civic.events.models import Event, Organisation, Registration
from civic.events.queries import IS_SHOWN
from civic.events.states import ALIVE, EventState

#: What is over stays in a calendar for this long.
KEPT = timedelta(days=366)
MOST = 500
#: Characters of the text that go into a calendar; the whole stands on the event's page.
LONGEST = 1_500


def of_city(session: Session, city_id: int, now: datetime) -> Sequence[Event]:
    """Public events of a city, the latest of them and all that is to come; called off ones too."""
    return _latest(session, _public().where(Event.city_id == city_id), now)


def of_organisation(session: Session, organisation_id: int, now: datetime) -> Sequence[Event]:
    """Public events of an organisation."""
    return _latest(session, _public().where(Event.organisation_id == organisation_id), now)


def of_ids(session: Session, event_ids: Sequence[int], now: datetime) -> Sequence[Event]:
    """Public events among these."""
    return _latest(session, _public().where(Event.id.in_(event_ids)), now)


def registered(session: Session, contact_id: int, now: datetime) -> Sequence[Event]:
    """Events that a person has a place in, or waits for one."""
    mine = select(Registration.event_id).where(Registration.contact_id == contact_id, Registration.state.in_(ALIVE))
    return _latest(session, _public().where(Event.id.in_(mine)), now)


def _public() -> Select[Any]:
    whole = (joinedload(Event.organisation).lazyload(Organisation.members), lazyload(Event.items))
    return select(Event).where(IS_SHOWN).options(*whole)


def _latest(session: Session, chosen: Select[Any], now: datetime) -> Sequence[Event]:
    rows = session.scalars(chosen.where(Event.starts_at > now - KEPT).order_by(Event.starts_at.desc(), Event.id.desc()).limit(MOST))
    return rows.all()[::-1]


def entry(event: Event, url: str, lang: str) -> Entry:
    """The event in one language. url: of its page."""
    text = pick(event.text, lang)
    return Entry(
        key=f"event-{event.code}", revision=event.revision, title=pick(event.title, lang),
        text=text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …", starts_at=event.starts_at, ends_at=event.ends_at,
        timezone=event.city.timezone, place=", ".join(p for p in (event.venue, event.address) if p) or event.stream_url,
        position=(event.lat, event.lon) if event.lat is not None and event.lon is not None else None, url=url,
        organiser=pick(event.organisation.name, lang), cancelled=event.state == EventState.CANCELLED, made_at=event.created_at,
        changed_at=event.updated_at,
    )
