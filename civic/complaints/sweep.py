"""What time itself does to complaints: reminders, overdue notices, closing in silence. Safe to run at any time, again."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, exists, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from civic.complaints.models import Complaint
from civic.complaints.service import lapse
from civic.complaints.states import DUE_SOON_DAYS, OPEN, RESPONSE_REMINDER_DAYS, State
from civic.core.actor import SYSTEM
from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.jobs.models import Outbox
from civic.jobs.service import enqueue
from civic.places.models import City
from civic.places.queries import work_calendar

#: Of each sort, in each city: a run stays short, and the next minute takes the rest.
AT_ONCE = 200


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due in every city, retired ones too: their complaints still have terms.

    Returns counts of what was newly ordered or done. Each notice has a key, so none goes out twice.
    """
    calendar, done = work_calendar(session), {"soon": 0, "overdue": 0, "reminded": 0, "lapsed": 0}
    for city in session.scalars(select(City).order_by(City.id)).all():
        today = local_date(now, city.timezone)
        horizon = calendar.add(today, DUE_SOON_DAYS)
        done["soon"] += _warn(session, "soon", city, now, Complaint.due_on.between(today, horizon))
        done["overdue"] += _warn(session, "overdue", city, now, Complaint.due_on < today)
        done["lapsed"] += _lapse(session, city, today, now)
        done["reminded"] += _remind(session, city, today, calendar, now)
    return done


def _warn(session: Session, kind: str, city: City, now: datetime, due: ColumnElement[bool]) -> int:
    """Order the notices of one kind to bodies; once for each body and due date."""
    key = literal(f"{kind}:") + _text(Complaint.id) + ":" + _text(Complaint.body_id) + ":" + _text(Complaint.due_on)
    chosen = (
        select(Complaint.id, key).where(Complaint.city_id == city.id, Complaint.state.in_(OPEN), due, _not_ordered(key))
        .order_by(Complaint.due_on, Complaint.id).limit(AT_ONCE)
    )
    return sum(enqueue(session, "due_notice", ordered, {"complaint_id": complaint_id, "kind": kind}, now)
               for complaint_id, ordered in session.execute(chosen).all())


def _lapse(session: Session, city: City, today: date, now: datetime) -> int:
    """Close what nobody responded to. One that a request holds is left to the next minute."""
    silent = (
        select(Complaint).where(Complaint.city_id == city.id, Complaint.state == State.ANSWERED, Complaint.respond_by < today)
        .order_by(Complaint.respond_by, Complaint.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Complaint).execution_options(populate_existing=True)
    )
    chosen = session.scalars(silent).all()
    for complaint in chosen:
        lapse(session, complaint, SYSTEM, now)
    return len(chosen)


def _remind(session: Session, city: City, today: date, calendar: WorkCalendar, now: datetime) -> int:
    """Ask residents half-way through the days to respond; once for each answer."""
    day = today
    while calendar.between(day, today) < RESPONSE_REMINDER_DAYS:
        day -= timedelta(days=1)
    day_over = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(city.timezone))
    key = literal("respond:") + _text(Complaint.id) + ":" + _text(Complaint.respond_by)
    chosen = (
        select(Complaint.id, key)
        .where(Complaint.city_id == city.id, Complaint.state == State.ANSWERED, Complaint.respond_by >= today,
               Complaint.answered_at < day_over, _not_ordered(key))
        .order_by(Complaint.answered_at, Complaint.id).limit(AT_ONCE)
    )
    return sum(enqueue(session, "respond_reminder", ordered, {"complaint_id": complaint_id}, now)
               for complaint_id, ordered in session.execute(chosen).all())


def _text(column: InstrumentedAttribute[int] | InstrumentedAttribute[date] | InstrumentedAttribute[date | None]) -> ColumnElement[str]:
    """A number or a day (2026-05-20 on both databases) as text."""
    return cast(column, String)


def _not_ordered(key: ColumnElement[str]) -> ColumnElement[bool]:
    """One question for all: the outbox keeps the keys of what was done, too."""
    return ~exists().where(Outbox.key == key)
