"""Reads of moderation: the moderators' queue, the public log, its counts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, extract, func, or_, select
from sqlalchemy.orm import Session, selectinload

from civic.accounts.models import Membership, User
from civic.core.actor import Actor, RoleName
from civic.core.clock import local_date
from civic.core.working_days import months_later
from civic.moderation import rules
from civic.moderation.models import Case, CaseAct, Flag
from civic.moderation.states import IS_HIDDEN, State

QUEUE = 100
LOG = 50
#: So long back the counts of the public log look.
COUNTED = timedelta(days=365)
#: Acts that the public log shows.
SHOWN = ("hide", "cover")


@dataclass(frozen=True)
class Wanted:
    """What of the queue a moderator wants to see; None filters nothing."""

    kind: str | None = None
    sign: str | None = None
    city_id: int | None = None
    appeals: bool = False


def queue(session: Session, actor: Actor, wanted: Wanted, limit: int = QUEUE) -> Sequence[Case]:
    """What waits for this moderator, the oldest first, with its flags."""
    cities = actor.city_ids
    mine = Case.city_id.in_(cities)
    appeals = (Case.state == State.APPEALED) & or_(mine, Case.for_administrator if actor.is_administrator else mine)
    query = select(Case).where(appeals if wanted.appeals else or_((Case.state == State.OPEN) & mine, appeals))
    if wanted.kind:
        query = query.where(Case.kind == wanted.kind)
    if wanted.sign:
        query = query.where(Case.signs.contains(f" {wanted.sign} ", autoescape=True))
    if wanted.city_id:
        query = query.where(Case.city_id == wanted.city_id)
    found = session.scalars(query.options(selectinload(Case.flags)).order_by(Case.opened_at, Case.id).limit(limit)).all()
    return [case for case in found if not rules.is_author(actor, case) and (case.state == State.OPEN or rules.may_resolve(actor, case))]


def following(cases: Sequence[Case], case: Case) -> Case | None:
    """Whom to take after this one: the next of the queue, at its end the oldest of those that were passed over; None when no other waits."""
    others = [other for other in cases if other.id != case.id]
    return next((other for other in others if (other.opened_at, other.id) > (case.opened_at, case.id)), others[0] if others else None)


def other_moderators(session: Session, city_id: int, but: int | None) -> Sequence[User]:
    """Active moderators of a city, but for this one."""
    query = select(User).join(Membership, Membership.user_id == User.id).where(
        Membership.role == RoleName.MODERATOR, Membership.city_id == city_id, Membership.ended_at.is_(None), User.active)
    return session.scalars(query.where(User.id != but) if but is not None else query).unique().all()


def history(session: Session, case_id: int) -> Sequence[CaseAct]:
    """Everything that was done, oldest first."""
    return session.scalars(select(CaseAct).where(CaseAct.case_id == case_id).order_by(CaseAct.id)).all()


def entry(session: Session, city_id: int, entry_id: int) -> Case | None:
    """A case that stands in the public log of this city."""
    case = session.get(Case, entry_id)
    shown = select(CaseAct.id).where(CaseAct.case_id == entry_id, CaseAct.kind.in_(SHOWN)).limit(1)
    return case if case is not None and case.city_id == city_id and session.scalar(shown) is not None else None


_LOG = (CaseAct.id, CaseAct.kind, CaseAct.at, CaseAct.reason, CaseAct.parts, CaseAct.words, CaseAct.document, CaseAct.case_id,
        Case.kind.label("thing"), Case.key, Case.state, Case.resolved_at)


def log(session: Session, city_id: int, before: int | None = None, limit: int = LOG) -> Sequence[Any]:
    """Acts of the public log, newest first. before: the id of the last one of the page before."""
    query = select(*_LOG).join(Case, Case.id == CaseAct.case_id).where(CaseAct.city_id == city_id, CaseAct.kind.in_(SHOWN))
    if before is not None:
        query = query.where(CaseAct.id < before)
    return session.execute(query.order_by(CaseAct.id.desc()).limit(limit)).all()


@dataclass(frozen=True)
class Counts:
    """Figures of a year. by_month: newest first, (month, {reason: number}). median_hours: from the first flag or sign to the decision."""

    by_month: Sequence[tuple[str, dict[str, int]]]
    by_reason: dict[str, int]
    left: int
    flags: int
    hidden: int
    appealed: int
    restored: int
    median_hours: float | None


def counts(session: Session, city_id: int, timezone: str, now: datetime) -> Counts:
    """The figures of the public log: hidings by reason and month, flags left without action, appeals, the median time."""
    since, months = now - COUNTED, _by_month(session, city_id, timezone, now)
    of_year = (Case.city_id == city_id, Case.decided_at >= since)
    decided, hidden, appealed, restored = session.execute(select(
        func.count(), func.count().filter(Case.state.in_(IS_HIDDEN)), func.count(Case.appealed_at),
        func.count().filter(Case.state == State.RESTORED)).where(*of_year)).one()
    flags = select(func.count()).select_from(Flag).join(Case, Case.id == Flag.case_id)
    return Counts(
        [(month, dict(months[month])) for month in sorted(months, reverse=True)], dict(sum(months.values(), Counter())),
        session.scalar(flags.where(*of_year, Case.state == State.LEFT)) or 0, session.scalar(flags.where(Case.city_id == city_id, Flag.at >= since)) or 0,
        hidden, appealed, restored, _median_hours(session, of_year, decided))


def _by_month(session: Session, city_id: int, timezone: str, now: datetime) -> dict[str, Counter[str]]:
    """How many acts of the log each month of the city's calendar has, by reason; the year begins in the twelfth month before this one."""
    this, zone = local_date(now, timezone).replace(day=1), ZoneInfo(timezone)
    earlier = [months_later(this, -back) for back in range(12, 0, -1)]
    # moments both databases compare alike; months of a timezone they do not
    ended = ((CaseAct.at < datetime.combine(months_later(month, 1), time(), zone), f"{month:%Y-%m}") for month in earlier)
    rows = session.execute(select(case(*ended, else_=f"{this:%Y-%m}").label("month"), CaseAct.reason, func.count())
                           .where(CaseAct.city_id == city_id, CaseAct.kind.in_(SHOWN), CaseAct.at >= now - COUNTED).group_by("month", CaseAct.reason))
    months: dict[str, Counter[str]] = defaultdict(Counter)
    for name, reason, number in rows:
        months[name][reason or ""] += number
    return months


def _median_hours(session: Session, of_year: Sequence[ColumnElement[bool]], decided: int) -> float | None:
    """The middle one of so many decisions; of an even number the mean of the middle two."""
    seconds = extract("epoch", Case.decided_at) - extract("epoch", Case.opened_at)
    middle = session.scalars(select(seconds).where(*of_year).order_by(seconds).offset((decided - 1) // 2).limit(2 - decided % 2)).all() if decided else ()
    return mean(map(float, middle)) / 3600 if middle else None


def withheld(session: Session, kind: str, key: str) -> dict[str, Any]:
    """By part the content that is off the page of a thing now: for the body that has to answer all the same."""
    cases = session.scalars(select(Case).where(Case.kind == kind, Case.key == key, Case.state.in_(IS_HIDDEN)))
    return {part: content for case in cases for part, content in (case.withheld or {}).items()}
