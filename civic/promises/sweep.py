"""What time itself does to promises. Safe to run again."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from civic.core.actor import SYSTEM
from civic.core.clock import local_date
from civic.places.models import City
from civic.promises import service
from civic.promises.models import Promise, PromiseStep
from civic.promises.states import AHEAD, BROKEN_AFTER, REMINDER_DAYS, State

#: Of each sort: a run stays short, and the next minute takes the rest.
AT_ONCE = 200
Step = Callable[[Session, Promise, datetime], Any]


def sweep(session: Session, now: datetime) -> dict[str, int]:
    """Do what is due, in the order in which one thing leads to the next. Returns counts of what was done."""
    done = {"silence": 0, "stand": 0, "overdue": 0, "lapse": 0, "settle": 0, "reminded": 0}
    for city in session.scalars(select(City)).all():
        today = local_date(now, city.timezone)
        for name, which, step in _due_steps(today):
            chosen = _chosen(session, city.id, which)
            for promise in chosen:
                step(session, promise, now)
            done[name] += len(chosen)
        done["reminded"] += _remind(session, city.id, today, now)
    return done


def _due_steps(today: date) -> list[tuple[str, ColumnElement[bool], Step]]:
    return [
        ("silence", (Promise.state == State.RECORDED) & (Promise.respond_by < today), service.silence),
        ("stand", (Promise.state == State.DISPUTED) & (Promise.respond_by < today), lambda s, p, n: service.stand(s, p, SYSTEM, n)),
        ("overdue", (Promise.state == State.PENDING) & (Promise.due_on < today), service.overdue),
        ("lapse", (Promise.state == State.LATE) & (Promise.due_on < today - timedelta(days=BROKEN_AFTER)), service.lapse),
        ("settle", or_((Promise.state == State.CLAIMED) & (Promise.contest_until < today),
                       (Promise.state == State.CONTESTED) & (Promise.decide_by < today)), service.settle),
    ]


def _chosen(session: Session, city_id: int, which: ColumnElement[bool]) -> Sequence[Promise]:
    return session.scalars(
        select(Promise).where(Promise.city_id == city_id, which).order_by(Promise.due_on, Promise.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Promise).execution_options(populate_existing=True)).all()


def _remind(session: Session, city_id: int, today: date, now: datetime) -> int:
    """One reminder for each of REMINDER_DAYS; when two are due at once, the nearer one only."""
    near = or_(*((Promise.reminders == n) & (Promise.due_on <= today + timedelta(days=days)) for n, days in enumerate(REMINDER_DAYS)))
    count = 0
    for promise in _chosen(session, city_id, Promise.state.in_(AHEAD) & (Promise.due_on >= today) & near):
        days = min(d for d in REMINDER_DAYS if today >= promise.due_on - timedelta(days=d))
        if local_date(promise.recorded_at, promise.event.city.timezone) == today or _reminded(session, promise, days):
            continue  # nobody needs to be reminded of what was said today
        service.remind(session, promise, (promise.due_on - today).days, now)
        count += 1
    return count


def _reminded(session: Session, promise: Promise, days: int) -> bool:
    since = (select(PromiseStep.id).where(PromiseStep.promise_id == promise.id, PromiseStep.kind.in_(("record", "amend")))
             .order_by(PromiseStep.id.desc()).limit(1).scalar_subquery())
    sent = session.scalars(select(PromiseStep.facts).where(
        PromiseStep.promise_id == promise.id, PromiseStep.kind == "remind", PromiseStep.id > since))
    return any(facts.get("days", 0) <= days for facts in sent)
