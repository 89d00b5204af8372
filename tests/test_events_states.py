"""The tables of states of events and registrations against literal ones, and the history that only grows."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.core.actor import ANONYMOUS, SYSTEM, Actor, Post, RoleName
from civic.core.errors import NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.events import service
from civic.events.models import Event, EventStep
from civic.events.states import EVENT_STEPS, REGISTRATION_STEPS, EventState, RegistrationState
from tests.support.events import Held

#: state: steps an organiser may take. The clock may: start, finish.
EVENTS = {
    "draft": {"announce", "cancel"}, "announced": {"move", "start", "cancel"}, "live": {"finish", "cancel"}, "finished": {"publish"},
    "published": set(), "cancelled": set(),
}
BY_CLOCK = {"announced": {"start"}, "live": {"finish"}}
TARGETS = {"announce": "announced", "move": "announced", "start": "live", "finish": "finished", "publish": "published", "cancel": "cancelled"}
#: state: (what an organiser may, what the person may, what the clock may).
REGISTRATIONS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "pending": ({"approve", "queue", "decline"}, {"cancel"}, set()), "waiting": ({"decline"}, {"cancel"}, {"offer"}),
    "offered": (set(), {"accept", "cancel"}, {"lapse"}), "registered": (set(), {"cancel"}, set()),
    "declined": (set(), set(), set()), "cancelled": (set(), set(), set()), "lapsed": (set(), set(), set()),
}


@dataclass
class _Member:
    user_id: int
    right: str
    ended_at: Any = None


@dataclass
class _Organisation:
    members: list[_Member] = field(default_factory=lambda: [
        _Member(1, "owner"), _Member(2, "organiser"), _Member(3, "door"), _Member(4, "organiser", ended_at=1)])


@dataclass
class _Thing:
    """As much of an event, or of a registration, as the tables look at."""

    state: str
    organisation: _Organisation = field(default_factory=_Organisation)
    contact_id: int = 50
    event: Any = None


ACTORS = {
    "owner": Actor(1, 21), "organiser": Actor(2, 22), "door": Actor(3, 23), "organiser of the past": Actor(4, 24), "somebody": Actor(5, 25),
    "the person": Actor(None, 50), "system": SYSTEM, "visitor": ANONYMOUS, "administrator": Actor(6, 26, posts=(Post(RoleName.ADMINISTRATOR),)),
    "head of a body": Actor(7, 27, posts=(Post(RoleName.HEAD, body_id=1),)),
}


def _event_steps(state: str, who: str) -> set[str]:
    return EVENTS[state] if who in ("owner", "organiser") else BY_CLOCK.get(state, set()) if who == "system" else set()


def _registration_steps(state: str, who: str) -> set[str]:
    organiser, person, clock = REGISTRATIONS[state]
    return {"owner": organiser, "organiser": organiser, "the person": person, "system": clock}.get(who, set())


def test_the_literal_tables_know_every_state_and_step() -> None:
    assert set(EVENTS) == {s.value for s in EventState}
    assert set(REGISTRATIONS) == {s.value for s in RegistrationState}
    assert {n: t.target.value for n, t in EVENT_STEPS.by_name.items()} == TARGETS


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("state", EVENTS)
def test_who_may_do_what_with_an_event(state: str, who: str) -> None:
    thing, actor = _Thing(state), ACTORS[who]
    assert set(EVENT_STEPS.possible(actor, thing)) == _event_steps(state, who)
    for name in EVENT_STEPS.by_name:
        if name in _event_steps(state, who):
            assert EVENT_STEPS.check(name, actor, thing).target == TARGETS[name]
        else:
            with pytest.raises((NotAllowed, TransitionForbidden)):
                EVENT_STEPS.check(name, actor, thing)


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("state", REGISTRATIONS)
def test_who_may_do_what_with_a_registration(state: str, who: str) -> None:
    thing = _Thing(state, event=_Thing("announced"))
    assert set(REGISTRATION_STEPS.possible(ACTORS[who], thing)) == _registration_steps(state, who)


def test_an_event_lives_its_whole_life_and_keeps_its_history(session: Session, held: Held, now: Any) -> None:
    event = held()
    later = event.starts_at + timedelta(days=1)
    service.move(session, event, held.actor, now, starts_at=later, ends_at=later + timedelta(hours=2), text="Зал жөнделуде")
    service.start(session, event, held.actor, later)
    service.finish(session, event, held.actor, later + timedelta(hours=2))
    service.publish(session, event, held.actor, later + timedelta(days=1), document={"ru": "Итог"})
    path = session.execute(select(EventStep.kind, EventStep.from_state, EventStep.to_state).where(EventStep.event_id == event.id).order_by(EventStep.id)).all()
    assert [tuple(row) for row in path] == [
        ("make", None, "draft"), ("announce", "draft", "announced"), ("move", "announced", "announced"), ("start", "announced", "live"),
        ("finish", "live", "finished"), ("publish", "finished", "published")]
    assert (event.revision, event.moved_from is not None) == (5, True)


@pytest.mark.parametrize("statement", ["UPDATE event_step SET kind = 'x'", "DELETE FROM event_step"])
def test_the_database_refuses_to_change_the_history(session: Session, held: Held, statement: str) -> None:
    held()
    session.commit()
    before = session.scalar(select(func.count()).select_from(EventStep))
    with pytest.raises(DBAPIError):
        session.execute(text(statement))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(EventStep)) == before


@pytest.mark.parametrize(("column", "value"), [("state", "gone"), ("mode", "moon"), ("admission", "bribe"), ("capacity", 0), ("taken", -1)])
def test_the_database_refuses_what_is_no_event(session: Session, held: Held, column: str, value: Any) -> None:
    event = held()
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(text(f"UPDATE event SET {column} = :value WHERE id = :id"), {"value": value, "id": event.id})
    session.rollback()
    assert session.get_one(Event, event.id).state == "announced"
