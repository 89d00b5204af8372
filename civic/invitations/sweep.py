"""What time itself does to invitations: reminders, and asking anew when an event was moved. Safe to run again."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.core.clock import local_date
from civic.events.models import Event
from civic.events.states import EventState
from civic.invitations.links import forget
from civic.invitations.models import Invitation, InvitationEvent
from civic.invitations.service import ask_again, remind
from civic.invitations.states import ANSWERABLE, REMINDER_DAYS, WAITING
from civic.jobs.service import enqueue
from civic.places.models import City

#: Of each sort: a run stays short, and the next minute takes the rest.
AT_ONCE = 200
_STILL_ON = (EventState.DRAFT, EventState.ANNOUNCED)


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due. Returns counts of what was done."""
    done = {"asked_again": _ask_again(session, now), "reminded": _remind(session, now), "called_off": _called_off(session, now)}
    forget(session, now)
    return done


def _ask_again(session: Session, now: datetime) -> int:
    moved = (select(Invitation).join(Event, Event.id == Invitation.event_id)
             .where(Invitation.state.in_(ANSWERABLE), Event.state.in_(_STILL_ON), Event.starts_at > now,
                    Invitation.asked_for != Event.starts_at)
             .order_by(Invitation.id).limit(AT_ONCE).with_for_update(skip_locked=True, of=Invitation)
             .execution_options(populate_existing=True))
    chosen = session.scalars(moved).all()
    for invitation in chosen:
        ask_again(session, invitation, now)
    return len(chosen)


def _remind(session: Session, now: datetime) -> int:
    """One reminder for each of REMINDER_DAYS; when two are due at once, the nearer one only."""
    count = 0
    for city in session.scalars(select(City)).all():
        today = local_date(now, city.timezone)
        due = (select(Invitation).join(Event, Event.id == Invitation.event_id)
               .where(Event.city_id == city.id, Event.state.in_(_STILL_ON), Event.starts_at > now, Invitation.state.in_(WAITING),
                      Invitation.due_on >= today, Invitation.asked_on < today,
                      or_(*((Invitation.reminders == n) & (Invitation.due_on <= today + timedelta(days=days))
                            for n, days in enumerate(REMINDER_DAYS))))
               .order_by(Invitation.due_on, Invitation.id).limit(AT_ONCE).with_for_update(skip_locked=True, of=Invitation)
               .execution_options(populate_existing=True))
        for invitation in session.scalars(due).all():
            days = min(d for d in REMINDER_DAYS if today >= invitation.due_on - timedelta(days=d))
            if not _reminded(session, invitation, days):
                remind(session, invitation, days, now)
                count += 1
    return count


def _reminded(session: Session, invitation: Invitation, days: int) -> bool:
    """Whether this reminder went out since the answer was asked for the last time."""
    since = (select(InvitationEvent.id).where(InvitationEvent.invitation_id == invitation.id, InvitationEvent.kind.in_(_ASKS))
             .order_by(InvitationEvent.id.desc()).limit(1).scalar_subquery())
    sent = session.scalars(select(InvitationEvent.facts).where(
        InvitationEvent.invitation_id == invitation.id, InvitationEvent.kind == "remind", InvitationEvent.id > since))
    return any(facts.get("days", 0) <= days for facts in sent)


_ASKS = ("invite", "ask_again", "keep_date", "delegate_refuse")


def _called_off(session: Session, now: datetime) -> int:
    """Tell the invited of an event that was called off before its time, once."""
    gone = (select(Invitation.id).join(Event, Event.id == Invitation.event_id)
            .where(Event.state == EventState.CANCELLED, Event.starts_at > now, Invitation.state.in_(ANSWERABLE))
            .order_by(Invitation.id).limit(AT_ONCE))
    return sum(enqueue(session, "invitation_called_off", f"invitation_called_off:{i}", {"invitation_id": i}, now)
               for i in session.scalars(gone))
