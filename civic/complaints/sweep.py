"""What time itself does to complaints: reminders, overdue notices, closing in silence. Safe to run at any time, again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.complaints.models import Complaint
from civic.complaints.service import lapse
from civic.complaints.states import DUE_SOON_DAYS, OPEN, RESPONSE_REMINDER_DAYS, State
from civic.core.actor import SYSTEM
from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.jobs.service import enqueue
from civic.places.models import City
from civic.places.queries import cities, work_calendar


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due in every city; returns counts by what was done. Each notice has a key, so none goes out twice."""
    calendar, done = work_calendar(session), {"soon": 0, "overdue": 0, "reminded": 0, "lapsed": 0}
    for city in cities(session):
        _warn_bodies(session, city, calendar, now, done)
        _ask_residents(session, city, calendar, now, done)
    return done


def _warn_bodies(session: Session, city: City, calendar: WorkCalendar, now: datetime, done: dict[str, int]) -> None:
    today = local_date(now, city.timezone)
    horizon = calendar.add(today, DUE_SOON_DAYS)
    open_ones = select(Complaint).where(Complaint.city_id == city.id, Complaint.state.in_(OPEN), Complaint.due_on <= horizon)
    for complaint in session.scalars(open_ones):
        kind = "overdue" if complaint.due_on < today else "soon"
        key = f"{kind}:{complaint.id}:{complaint.body_id}:{complaint.due_on}"
        enqueue(session, "due_notice", key, {"complaint_id": complaint.id, "kind": kind}, now)
        done[kind] += 1


def _ask_residents(session: Session, city: City, calendar: WorkCalendar, now: datetime, done: dict[str, int]) -> None:
    today = local_date(now, city.timezone)
    answered = select(Complaint).where(Complaint.city_id == city.id, Complaint.state == State.ANSWERED)
    for complaint in session.scalars(answered.with_for_update()):
        assert complaint.answered_at is not None and complaint.respond_by is not None
        if today > complaint.respond_by:
            lapse(session, complaint, SYSTEM, now)
            done["lapsed"] += 1
        elif calendar.between(local_date(complaint.answered_at, city.timezone), today) >= RESPONSE_REMINDER_DAYS:
            key = f"respond:{complaint.id}:{complaint.respond_by}"
            enqueue(session, "respond_reminder", key, {"complaint_id": complaint.id}, now)
            done["reminded"] += 1
