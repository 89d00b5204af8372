"""Copying an event, and repeating it by a rule of RFC 5545: the next three are kept ready as drafts.

A date of the rule that is a day off is not lost: its draft stands on the next working day, marked, for the organiser to
decide. Saturdays and Sundays are days off for those series only that are not held on them.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM, Actor
from civic.core.clock import local_date
from civic.core.errors import InputRefused, NotAllowed
from civic.core.working_days import SATURDAY, WorkCalendar, public_holidays
from civic.events import rules
from civic.events.models import AgendaItem, Event, EventSeries, Organisation, Speaker
from civic.events.service import PLAIN, new_code, record
from civic.events.states import EventState
from civic.places.models import City
from civic.places.queries import work_calendar

READY = 3
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: What another city has otherwise.
OF_A_PLACE = frozenset({"venue", "address", "lat", "lon", "wheelchair", "hearing_loop", "sign_language", "access_notes", "stream_url", "moderator"})
#: What an organiser can choose: (name, months between, None for a number of weeks).
RULES = ("weekly", "fortnightly", "monthly", "monthly_last", "quarterly", "quarterly_last")


def copy(session: Session, event: Event, actor: Actor, now: datetime, *, starts_at: datetime, series: EventSeries | None = None,
         series_on: date | None = None, off_day: bool = False) -> Event:
    """A draft with everything of ``event`` but its time, its people and its history. Raises ``NotAllowed``."""
    if not (actor.system or rules.may_organise(actor, event)):
        raise NotAllowed(action="copy")
    items = [AgendaItem(position=i.position, minutes=i.minutes, title=i.title, language=i.language, speakers=[
        Speaker(position=s.position, name=s.name, about=s.about, user_id=s.user_id, claimed_at=s.claimed_at) for s in i.speakers
    ]) for i in event.items]
    made = Event(code=new_code(session), city_id=event.city_id, city=event.city, organisation_id=event.organisation_id,
                 organisation=event.organisation, state=EventState.DRAFT, title=dict(event.title), text=dict(event.text),
                 languages=list(event.languages), photo_id=event.photo_id, starts_at=starts_at,
                 ends_at=starts_at + (event.ends_at - event.starts_at), items=items, created_by_id=actor.user_id, created_at=now,
                 updated_at=now, taken=0, revision=0, series_id=series.id if series else None, series_on=series_on, off_day=off_day,
                 **{name: getattr(event, name) for name in PLAIN})
    session.add(made)
    session.flush()
    record(session, made, "make", actor, now, EventState.DRAFT, facts={"copy_of": event.code}, public=False)
    return made


def hand_over(session: Session, event: Event, organisation: Organisation, city: City, now: datetime, *, starts_at: datetime) -> Event:
    """A draft of ``event`` for an organisation of another city: what it is about and how it goes, without place, stream or people."""
    items = [AgendaItem(position=i.position, minutes=i.minutes, title=i.title, language=i.language) for i in event.items]
    made = Event(code=new_code(session), city_id=city.id, city=city, organisation_id=organisation.id, organisation=organisation,
                 state=EventState.DRAFT, title=dict(event.title), text=dict(event.text), languages=list(event.languages), starts_at=starts_at,
                 ends_at=starts_at + (event.ends_at - event.starts_at), items=items, created_at=now, updated_at=now, taken=0, revision=0,
                 **{name: getattr(event, name) for name in PLAIN if name not in OF_A_PLACE})
    session.add(made)
    session.flush()
    record(session, made, "make", SYSTEM, now, EventState.DRAFT, facts={"copy_of": event.code}, public=False)
    return made


def a_week_later(event: Event, now: datetime) -> datetime:
    """The same weekday and local hour in the first week that is still to come."""
    zone = ZoneInfo(event.city.timezone)
    local = event.starts_at.astimezone(zone)
    day = local.date() + timedelta(days=7)
    while datetime.combine(day, local.time(), zone) <= now:
        day += timedelta(days=7)
    return datetime.combine(day, local.time(), zone)


def rule_for(name: str, day: date) -> str:
    """The RRULE of one of ``RULES`` for an event on ``day``: «every last Thursday» → ``FREQ=MONTHLY;BYDAY=-1TH``.

    A fifth weekday of a month counts as the last. Raises ``InputRefused`` for a name that is none.
    """
    if name not in RULES:
        raise InputRefused("rule", "rule_missing")
    weekday, place = DAYS[day.weekday()], (day.day - 1) // 7 + 1
    if name in ("weekly", "fortnightly"):
        return f"FREQ=WEEKLY;INTERVAL={1 if name == 'weekly' else 2};BYDAY={weekday}"
    nth = -1 if name.endswith("_last") or place == 5 else place
    return f"FREQ=MONTHLY;INTERVAL={3 if name.startswith('quarterly') else 1};BYDAY={nth}{weekday}"


def dates_after(rule: str, first: date, after: date, count: int) -> list[date]:
    """The next dates of a rule that began on ``first``, later than ``after``."""
    found = rrulestr(rule, dtstart=datetime.combine(first, time())).xafter(datetime.combine(max(first, after), time()))
    return [moment.date() for moment in islice(found, count)]


def is_day_off(calendar: WorkCalendar, day: date) -> bool:
    """A holiday, also by decree; a plain Saturday or Sunday is none."""
    if day.weekday() >= SATURDAY:
        return calendar.edits.get(day) is not True and day in public_holidays(day.year)
    return not calendar.is_working(day)


def begin_series(session: Session, event: Event, actor: Actor, now: datetime, *, rule: str) -> EventSeries:
    """Repeat ``event`` by one of ``RULES``; the next three are made at once. Raises ``NotAllowed``, ``rule_missing``, ``in_series``."""
    if not rules.may_organise(actor, event):
        raise NotAllowed(action="repeat")
    if event.series_id is not None:
        raise InputRefused("rule", "in_series")
    day = local_date(event.starts_at, event.city.timezone)
    series = EventSeries(organisation_id=event.organisation_id, rule=rule_for(rule, day), created_by_id=actor.user_id, created_at=now)
    session.add(series)
    session.flush()
    event.series_id, event.series_on = series.id, day
    session.flush()
    keep_ready(session, series, work_calendar(session), now)
    return series


def end_series(session: Session, series: EventSeries, event: Event, actor: Actor, now: datetime) -> None:
    """No more are made; what is there stays. Raises ``NotAllowed``."""
    if not rules.may_organise(actor, event) or series.id != event.series_id:
        raise NotAllowed(action="repeat")
    series.ended_at = series.ended_at or now
    session.flush()


def keep_ready(session: Session, series: EventSeries, calendar: WorkCalendar, now: datetime) -> list[Event]:
    """Make the drafts that are missing of the next three dates. One that was thrown away stays away."""
    first = session.scalars(select(Event).where(Event.series_id == series.id).order_by(Event.series_on, Event.id).limit(1)).one()
    assert first.series_on is not None
    zone = ZoneInfo(first.city.timezone)
    there = set(session.scalars(select(Event.series_on).where(Event.series_id == series.id)))
    made = []
    for day in dates_after(series.rule, first.series_on, local_date(now, first.city.timezone), READY):
        if day in there:
            continue
        off = is_day_off(calendar, day)
        held_on = calendar.on_or_after(day) if off else day
        begins = datetime.combine(held_on, first.starts_at.astimezone(zone).time(), zone)
        made.append(copy(session, first, SYSTEM, now, starts_at=begins, series=series, series_on=day, off_day=off))
    return made


def running_series(session: Session, limit: int = 200) -> Sequence[EventSeries]:
    """Series that go on."""
    return session.scalars(select(EventSeries).where(EventSeries.ended_at.is_(None)).order_by(EventSeries.id).limit(limit)).all()
