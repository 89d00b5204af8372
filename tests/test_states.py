"""The table of states against a literal one, and long walks through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints import service, terms
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.states import CLOSED, OPEN, TRANSITIONS, AppealKind, Outcome, ReturnGround, State
from civic.complaints.sweep import sweep
from civic.core.actor import ANONYMOUS, SYSTEM, Actor, Post, RoleName
from civic.core.errors import DomainError, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.jobs.models import Outbox
from tests.support.complaints import Filed
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")

#: state: (what an official may, what the head may besides, what the applicant may). Time may: lapse, when answered.
TABLE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "registered": ({"accept", "answer", "forward", "return", "mark_duplicate"}, {"extend"}, {"withdraw"}),
    "in_work": ({"answer", "forward", "hold_hearing", "mark_duplicate"}, {"extend"}, {"withdraw"}),
    "hearing": ({"answer"}, {"extend"}, {"withdraw"}),
    "forwarded": ({"accept", "answer", "forward", "return", "mark_duplicate"}, {"extend"}, {"withdraw"}),
    "extended": ({"answer", "hold_hearing", "mark_duplicate"}, {"extend"}, {"withdraw"}),
    "answered": (set(), set(), {"confirm", "dispute", "withdraw"}),
    "confirmed": (set(), set(), set()),
    "disputed": (set(), {"answer", "reopen"}, {"withdraw"}),
    "reopened": ({"accept", "answer", "hold_hearing", "mark_duplicate"}, {"extend"}, {"withdraw"}),
    "unconfirmed": (set(), set(), set()),
    "returned": (set(), set(), set()),
    "withdrawn": (set(), set(), set()),
    "duplicate": (set(), set(), set()),
}
TARGETS = {
    "accept": "in_work", "answer": "answered", "forward": "forwarded", "extend": "extended", "hold_hearing": "hearing", "return": "returned",
    "mark_duplicate": "duplicate", "reopen": "reopened", "confirm": "confirmed", "dispute": "disputed", "withdraw": "withdrawn", "lapse": "unconfirmed",
}


@dataclass(frozen=True)
class _Applicant:
    contact_id: int = 5


@dataclass
class _Thing:
    """As much of a complaint as the table looks at."""

    state: str
    id: int = 1
    body_id: int = 7
    private: bool = False
    applicant: _Applicant = _Applicant()


ACTORS = {
    "official": Actor(10, 20, posts=(Post(RoleName.OFFICIAL, body_id=7),)),
    "head": Actor(11, 21, posts=(Post(RoleName.HEAD, body_id=7),)),
    "applicant": Actor(12, 5),
    "holder of the link": Actor(links=frozenset({1})),
    "system": SYSTEM,
    "official of another body": Actor(13, 22, posts=(Post(RoleName.OFFICIAL, body_id=8), Post(RoleName.HEAD, body_id=9))),
    "moderator": Actor(14, 23, posts=(Post(RoleName.MODERATOR, city_id=1),)),
    "administrator": Actor(15, 24, posts=(Post(RoleName.ADMINISTRATOR),)),
    "holder of another link": Actor(links=frozenset({2})),
    "resident": Actor(16, 6),
    "visitor": ANONYMOUS,
}


def _expected(state: str, who: str) -> set[str]:
    official, head, applicant = TABLE[state]
    if who in ("applicant", "holder of the link"):
        return applicant
    return {"official": official, "head": official | head, "system": {"lapse"} if state == "answered" else set()}.get(who, set())


def test_the_literal_table_knows_every_state_and_step() -> None:
    assert set(TABLE) == {s.value for s in State}
    assert {name: str(t.target) for name, t in TRANSITIONS.by_name.items()} == TARGETS


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("state", TABLE)
def test_who_may_what_in_each_state(state: str, who: str) -> None:
    thing, actor = _Thing(state), ACTORS[who]
    assert set(TRANSITIONS.possible(actor, thing)) == _expected(state, who)
    for name, target in TARGETS.items():
        if name in _expected(state, who):
            assert TRANSITIONS.check(name, actor, thing).target == target
            continue
        somebody = any(name in _expected(state, other) for other in ACTORS)
        with pytest.raises(NotAllowed if somebody else TransitionForbidden):
            TRANSITIONS.check(name, actor, thing)


def test_open_and_closed_states_leave_one_over() -> None:
    assert {str(s) for s in CLOSED} == {"confirmed", "unconfirmed", "returned", "withdrawn", "duplicate"}
    assert set(State) - OPEN - CLOSED == {State.ANSWERED}
    assert {s for s in State if not any(s in t.sources for t in TRANSITIONS.by_name.values())} == CLOSED


@dataclass
class World:
    """Two bodies and the one above them, each with an official and a head; one applicant."""

    session: Session
    bodies: list[Body]
    officials: dict[int, Actor]
    heads: dict[int, Actor]
    applicant: Any
    others: list[Actor]
    filed: Filed

    def actors(self, complaint: Complaint) -> dict[str, Actor]:
        """Who is who for this complaint, wherever it is now."""
        far = next(b for b in self.bodies if b.id != complaint.body_id)
        return {
            "official": self.officials[complaint.body_id], "head": self.heads[complaint.body_id],
            "applicant": Actor(contact_id=complaint.applicant.contact_id), "holder of the link": Actor(links=frozenset({complaint.id})),
            "system": SYSTEM, "official of another body": self.heads[far.id], "resident": self.others[0], "visitor": ANONYMOUS,
        }


@pytest.fixture
def world(session: Session, filed: Filed, people: People, clock: Any) -> World:
    bodies = [b for code in ("road", "water", "akimat") if (b := session.scalar(select(Body).where(Body.code == code, Body.city_id == filed.city.id)))]
    officials = {b.id: people.actor(people.official(b)) for b in bodies}
    heads = {b.id: people.actor(people.official(b, head=True)) for b in bodies}
    return World(session, bodies, officials, heads, people.contact(), [people.actor(people.contact())], filed)


def _taken(world: World, complaint: Complaint, now: datetime, other: Complaint | None = None) -> dict[str, Callable[[Actor], ComplaintEvent]]:
    """Each step with arguments that hold whenever the step itself is allowed."""
    session, c = world.session, complaint
    target = next(b for b in world.bodies if b.id != c.body_id)
    last = service.months_later(now.astimezone(ALMATY).date(), 2)
    day = service.work_calendar(session).add(now.astimezone(ALMATY).date(), 3)
    return {
        "accept": lambda a: service.accept(session, c, a, now),
        "answer": lambda a: service.answer(session, c, a, now, text="Жарық қосылды.", outcome=Outcome.EXPLAINED),
        "forward": lambda a: service.forward(session, c, a, now, body_id=target.id, text="Құзыретіне жатпайды."),
        "extend": lambda a: service.extend(session, c, a, now, until=last, text="Сараптама керек."),
        "hold_hearing": lambda a: service.hold_hearing(session, c, a, now, on=day, text="Алдын ала шешім."),
        "return": lambda a: service.return_(session, c, a, now, ground=ReturnGround.REPEATED, text="Шешілген."),
        "mark_duplicate": lambda a: service.mark_duplicate(session, c, a, now, of=other),
        "reopen": lambda a: service.reopen(session, c, a, now, text="Қайта қараймыз."),
        "confirm": lambda a: service.confirm(session, c, a, now),
        "dispute": lambda a: service.dispute(session, c, a, now, text="Әлі қараңғы."),
        "withdraw": lambda a: service.withdraw(session, c, a, now),
        "lapse": lambda a: service.lapse(session, c, a, now),
    }


def _picture(session: Session, c: Complaint) -> tuple[Any, ...]:
    """All of a complaint that a refused step must leave as it was."""
    session.flush()
    session.refresh(c)
    columns = tuple(getattr(c, column.key) for column in Complaint.__table__.columns)
    rows = [session.scalar(select(func.count()).select_from(table)) for table in (ComplaintEvent, Outbox)]
    return (*columns, *rows)


#: Refusals by terms and procedures, which the table knows nothing of.
BY_TERM = (terms.TermPassed, terms.StepNotInProcedure)


def _walk(world: World, seed: int, kind: AppealKind) -> set[str]:
    """Random people take random steps at random times; returns the steps that were taken."""
    random, session, done = Random(seed), world.session, set()
    now = datetime(2026, random.randint(1, 12), random.randint(1, 28), random.randint(0, 23), random.randint(0, 59), tzinfo=ALMATY)
    other = world.filed(at=now)
    complaint = world.filed(by=world.applicant, kind=kind, at=now, body=world.bodies[0])
    for _ in range(25):
        now += timedelta(hours=random.choice([0, 0, 1, 5, 9, 30, 200]))
        before, state, events = _picture(session, complaint), str(complaint.state), _events(session, complaint)
        actors = world.actors(complaint)
        allowed = sorted((name, who) for who in actors for name in _expected(state, who) if name != "withdraw")  # which ends the walk
        anything = [(name, who) for name in TARGETS for who in actors]
        name, who = random.choice(allowed if allowed and random.random() < 0.75 else anything)
        wanted = _expected(state, who)
        try:
            event = _taken(world, complaint, now, other)[name](actors[who])
        except DomainError as error:
            assert name not in wanted or isinstance(error, BY_TERM) or getattr(error, "field", "") == "until", (state, name, who, error)
            assert _picture(session, complaint) == before
            if state in CLOSED and random.random() < 0.3:
                break
            continue
        assert name in wanted, f"{who} took {name} in {state}"
        _promises(world, complaint, event, before, state, events, now)
        done.add(name)
    return done


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(list(AppealKind)))
def test_walks_keep_what_every_step_promises(world: World, seed: int, kind: AppealKind) -> None:
    """What is allowed holds its promises, what is not changes nothing."""
    _walk(world, seed, kind)


def test_walks_reach_every_step(world: World) -> None:
    """So that the test above looks at all of them."""
    assert set().union(*(_walk(world, seed, AppealKind.APPLICATION) for seed in range(20))) >= set(TARGETS) - {"withdraw"}


def _events(session: Session, complaint: Complaint) -> int:
    return session.scalar(select(func.count()).where(ComplaintEvent.complaint_id == complaint.id)) or 0


def _promises(world: World, c: Complaint, event: ComplaintEvent, before: tuple[Any, ...], state: str, events: int, now: datetime) -> None:
    session = world.session
    session.flush()
    was = dict(zip((x.key for x in Complaint.__table__.columns), before, strict=False))
    assert (str(event.from_state), str(event.to_state)) == (state, str(c.state)) == (state, TARGETS[event.kind])
    assert (event.from_body_id, event.to_body_id) == (was["body_id"], c.body_id)
    assert (event.due_before, event.due_after, event.at) == (was["due_on"], c.due_on, now)
    assert _events(session, c) == events + 1
    assert c.version > was["version"]
    assert c.body_id in {b.id for b in world.bodies}
    assert isinstance(c.due_on, date) and service.work_calendar(session).is_working(c.due_on)
    assert session.scalar(select(Outbox.kind).where(Outbox.key == f"complaint_event:{event.id}")) == "complaint_event"
    anybody = {n for a in world.actors(c).values() for n in TRANSITIONS.possible(a, c)}
    assert bool(anybody) is (c.state not in CLOSED)
    assert (c.respond_by is not None) or c.state != State.ANSWERED


@pytest.mark.parametrize("statement", ["UPDATE complaint_event SET kind = 'answer'", "DELETE FROM complaint_event"])
def test_the_path_can_be_neither_changed_nor_shortened(session: Session, filed: Filed, statement: str) -> None:
    filed()
    with pytest.raises(DBAPIError):
        session.execute(text(statement))
    session.rollback()
    assert session.scalars(select(ComplaintEvent.kind)).all() == ["register"]


def test_the_database_refuses_a_state_that_is_none(session: Session, filed: Filed) -> None:
    filed()
    with pytest.raises(DBAPIError):
        session.execute(text("UPDATE complaint SET state = 'solved'"))
    session.rollback()


# What time does -----------------------------------------------------------------------------------------------------

def _orders(session: Session, kind: str) -> list[str]:
    return list(session.scalars(select(Outbox.key).where(Outbox.kind == kind).order_by(Outbox.id)))


def _local(day: str, at: time = time(12)) -> datetime:
    return datetime.combine(date.fromisoformat(day), at, ALMATY)


@pytest.fixture
def open_one(filed: Filed, now: datetime) -> Iterator[Complaint]:
    """Registered on 24 April 2026, due on 20 May: due soon from 15 May, overdue from 21 May."""
    yield filed(at=now)


@pytest.mark.parametrize(("at", "soon", "overdue"), [
    (_local("2026-05-14", time(23, 59, 59)), 0, 0), (_local("2026-05-15", time(0)), 1, 0), (_local("2026-05-20", time(23, 59, 59)), 1, 0),
    (_local("2026-05-21", time(0)), 0, 1), (_local("2026-12-31", time(23, 59, 59)), 0, 1), (_local("2027-01-01", time(0)), 0, 1),
])
def test_bodies_are_warned_once_however_often_time_is_swept(session: Session, open_one: Complaint, at: datetime, soon: int, overdue: int) -> None:
    for minutes in (0, 0, 0, 0.5):
        sweep(session, at + timedelta(seconds=minutes))
    keys = _orders(session, "due_notice")
    assert (sum(k.startswith("soon:") for k in keys), sum(k.startswith("overdue:") for k in keys)) == (soon, overdue)


def test_every_hour_of_a_term_gives_each_notice_once(session: Session, open_one: Complaint) -> None:
    at = _local("2026-05-13", time(0))
    for hour in range(0, 24 * 10, 5):
        sweep(session, at + timedelta(hours=hour))
    assert [k.split(":")[0] for k in _orders(session, "due_notice")] == ["soon", "overdue"]


@pytest.fixture
def answered(world: World, now: datetime) -> Complaint:
    """Answered on 24 April: to respond until 13 May (10 working days), reminded from 5 May (the 5th)."""
    complaint = world.filed(by=world.applicant, at=now, body=world.bodies[0])
    service.answer(world.session, complaint, world.officials[complaint.body_id], now, text="Жарық қосылды.", outcome=Outcome.EXPLAINED)
    world.session.commit()
    return complaint


def test_the_days_to_respond(answered: Complaint) -> None:
    assert answered.respond_by == date(2026, 5, 13)


@pytest.mark.parametrize(("at", "reminded", "state"), [
    (_local("2026-05-03", time(23, 59)), 0, "answered"), (_local("2026-05-04", time(0)), 1, "answered"),
    (_local("2026-05-13", time(23, 59, 59)), 1, "answered"), (_local("2026-05-14", time(0)), 0, "unconfirmed"),
    (_local("2027-01-01", time(0)), 0, "unconfirmed"),
])
def test_silence_is_reminded_once_and_lapses_after_ten_working_days(world: World, answered: Complaint, at: datetime, reminded: int, state: str) -> None:
    for _ in range(3):
        sweep(world.session, at)
    assert (len(_orders(world.session, "respond_reminder")), str(answered.state)) == (reminded, state)
    assert [str(e.kind) for e in answered.events if e.kind == "lapse"] == ["lapse"] * (state == "unconfirmed")


@pytest.mark.parametrize("step", ["confirm", "dispute", "withdraw"])
def test_after_a_lapse_nothing_is_possible(world: World, answered: Complaint, step: str) -> None:
    at = _local("2026-05-14")
    sweep(world.session, at)
    with pytest.raises(TransitionForbidden):
        _taken(world, answered, at)[step](world.actors(answered)["applicant"])


def test_answers_given_after_a_lapse_day_was_over_are_asked_about_again(world: World, answered: Complaint) -> None:
    """A second answer has a reminder of its own."""
    first, applicant = _local("2026-05-05"), world.actors(answered)["applicant"]
    sweep(world.session, first)
    service.dispute(world.session, answered, applicant, first, text="Әлі қараңғы.")
    service.answer(world.session, answered, world.heads[answered.body_id], first, text="Енді жанды.", outcome=Outcome.EXPLAINED)
    sweep(world.session, first)
    assert len(_orders(world.session, "respond_reminder")) == 1
    sweep(world.session, _local("2026-05-15"))
    assert len(_orders(world.session, "respond_reminder")) == 2
