"""What time itself does to events: beginning and ending them, reminders, offers that lapse, needs that are forgotten, drafts of
series, warnings of the law's dates. Safe to run at any time, again."""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM
from civic.events.law import checklist
from civic.events.models import Event, Recommendation, Registration
from civic.events.registration import forget_requests, lapse_offers
from civic.events.series import keep_ready, running_series
from civic.events.service import finish, start
from civic.events.states import EventState
from civic.jobs.service import enqueue
from civic.places.queries import work_calendar

AT_ONCE = 200
NEEDS_LIVE = timedelta(days=1)
#: Reminders: (kind, how long before, until how long before it still makes sense).
REMINDERS = (
    ("week", timedelta(days=7), timedelta(days=6)),
    ("day", timedelta(days=1), timedelta(hours=12)),
    ("hours", timedelta(hours=2), timedelta(0)),
)


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due; returns how many of each."""
    return {
        "started": _pass_time(session, now), "reminded": _remind(session, now), "lapsed": lapse_offers(session, now),
        "forgotten": forget_needs(session, now), "made": _ready(session, now), "warned": _warn(session, now),
    }


def _pass_time(session: Session, now: datetime) -> int:
    """Begin what has begun, end what is over. One that an organiser holds is left to the next minute."""
    due = or_((Event.state == EventState.ANNOUNCED) & (Event.starts_at <= now), (Event.state == EventState.LIVE) & (Event.ends_at <= now))
    chosen = session.scalars(
        select(Event).where(due).order_by(Event.starts_at).limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Event).execution_options(populate_existing=True)
    ).unique().all()
    for event in chosen:
        if event.state == EventState.ANNOUNCED:
            start(session, event, SYSTEM, now)
        if event.ends_at <= now:
            finish(session, event, SYSTEM, now)
    return len(chosen)


def _remind(session: Session, now: datetime) -> int:
    """Order the reminders whose time has come; once for each beginning, so a moved event reminds anew."""
    ordered = 0
    for kind, before, until in REMINDERS:
        for event_id, starts_at in session.execute(
            select(Event.id, Event.starts_at).where(Event.state == EventState.ANNOUNCED, Event.starts_at <= now + before,
                                                    Event.starts_at > now + until)
        ).all():
            key = f"event_reminder:{event_id}:{kind}:{starts_at.isoformat()}"
            ordered += enqueue(session, "event_reminder", key, {"event_id": event_id, "kind": kind, "starts_at": starts_at.isoformat()}, now)
    return ordered


def forget_needs(session: Session, now: datetime) -> int:
    """What people need to take part is deleted a day after the event, and what nobody confirmed after two."""
    forget_requests(session, now)
    over = exists().where(Event.id == Registration.event_id, Event.ends_at < now - NEEDS_LIVE)
    done = session.scalars(update(Registration).where(Registration.needs.is_not(None), over)
                           .values(needs=None, needs_consent_at=None).returning(Registration.id).execution_options(synchronize_session=False))
    return len(done.all())


def _ready(session: Session, now: datetime) -> int:
    """Drafts of all series that go on."""
    calendar = work_calendar(session)
    return sum(len(keep_ready(session, series, calendar, now)) for series in running_series(session))


def _warn(session: Session, now: datetime) -> int:
    """Tell organisers of a date of the law that comes near or has passed; once for each date."""
    calendar, ordered = work_calendar(session), 0
    ahead = Event.state.in_([EventState.DRAFT, EventState.ANNOUNCED]) & Event.starts_at.between(now, now + timedelta(days=21))
    owing = (Event.state == EventState.FINISHED) & (Event.ends_at > now - timedelta(days=60))
    unanswered = exists().where(Recommendation.event_id == Event.id, Recommendation.answered_at.is_(None))
    asked = (Event.state == EventState.PUBLISHED) & (Event.published_at > now - timedelta(days=60)) & unanswered
    for event in session.scalars(select(Event).where(or_(ahead, owing, asked)).limit(AT_ONCE)).unique():
        for line in checklist(event, calendar, now):
            if not line.soon or line.due is None or (line.name == "document" and event.state != EventState.FINISHED):
                continue
            over = line.kept == "missed"
            ordered += enqueue(session, "event_law", f"event_law:{event.id}:{line.name}:{line.due}:{'over' if over else 'soon'}",
                               {"event_id": event.id, "name": line.name, "due": line.due.isoformat(), "over": over}, now)
    return ordered
