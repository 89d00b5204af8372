"""What residents do after the answer, and due dates that move when days off are edited."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.states import AppealKind, Outcome
from civic.complaints.terms import StepNotInProcedure
from civic.core.actor import Actor
from civic.core.errors import NotAllowed
from civic.jobs.models import Outbox
from civic.places.models import City, DayEdit
from civic.places.service import forget_day, set_day
from tests.support.complaints import Filed
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")


def local(day: str, at: str = "12:00") -> datetime:
    """A moment in Shymkent."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), ALMATY)


@dataclass
class Bodies:
    """A body with people, and the one above it without."""

    road: Body
    above: Body
    official: Actor
    head: Actor


@pytest.fixture
def bodies(session: Session, people: People, city: City) -> Bodies:
    road, above = (session.scalars(select(Body).where(Body.code == code, Body.city_id == city.id)).one() for code in ("road", "akimat"))
    return Bodies(road, above, people.actor(people.official(road)), people.actor(people.official(road, head=True)))


def answered(session: Session, filed: Filed, bodies: Bodies, at: datetime, kind: AppealKind = AppealKind.NOTICE) -> tuple[Complaint, Actor]:
    """An answered complaint and its applicant."""
    c = filed(body=bodies.road, kind=kind, at=at)
    service.answer(session, c, bodies.official, at, text="Жөнделді.", outcome=Outcome.EXPLAINED)
    return c, Actor(contact_id=c.applicant.contact_id)


def test_the_first_dispute_goes_to_the_head_of_the_same_body(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime) -> None:
    people.official(bodies.above)
    c, applicant = answered(session, filed, bodies, now)
    c.assignee_id = bodies.official.user_id
    event = service.dispute(session, c, applicant, local("2026-04-27"), text="Әлі қараңғы.")
    assert (c.state, c.body_id, c.disputes, c.assignee_id, c.respond_by) == ("disputed", bodies.road.id, 1, None, None)
    assert (c.term_from, c.due_on, event.role) == (date(2026, 4, 27), date(2026, 5, 21), "applicant")
    with pytest.raises(NotAllowed):
        service.answer(session, c, bodies.official, now, text="Жоқ", outcome=Outcome.REFUSED)
    assert service.reopen(session, c, bodies.head, now, text="Қайта қараймыз").to_state == "reopened"


@pytest.mark.parametrize(("officials_above", "kind"), [(True, "notice"), (False, "notice"), (True, "complaint")])
def test_the_second_dispute_goes_to_the_body_above_for_20_days(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime,
                                                              officials_above: bool, kind: str) -> None:
    if officials_above:
        people.official(bodies.above, head=True)
    c, applicant = answered(session, filed, bodies, now, AppealKind(kind))
    service.dispute(session, c, applicant, now, text="Жоқ")
    service.answer(session, c, bodies.head, now, text="Қайта тексерілді.", outcome=Outcome.REFUSED)
    event = service.dispute(session, c, applicant, local("2026-04-24", "18:31"), text="Бәрібір жоқ")
    to = bodies.above if officials_above else bodies.road
    assert (c.state, c.body_id, c.disputes, c.term_days) == ("disputed", to.id, 2, 20)
    assert (c.arrived_on, c.due_on) == (date(2026, 4, 27), date(2026, 5, 29))
    assert (event.from_body_id, event.to_body_id) == (bodies.road.id, to.id)


def test_a_dispute_in_a_body_without_a_head_goes_to_the_body_above(session: Session, filed: Filed, people: People, city: City, now: datetime) -> None:
    """A disputed answer is for a head: where there is none, nobody could act."""
    water, above = (session.scalars(select(Body).where(Body.code == code, Body.city_id == city.id)).one() for code in ("water", "akimat"))
    official, head = people.actor(people.official(water)), people.actor(people.official(above, head=True))
    c = filed(body=water, at=now)
    service.answer(session, c, official, now, text="Жөнделді.", outcome=Outcome.EXPLAINED)
    service.dispute(session, c, Actor(contact_id=c.applicant.contact_id), now, text="Жоқ")
    assert (c.body_id, c.disputes, c.due_on) == (above.id, 1, date(2026, 5, 20))
    service.answer(session, c, head, now, text="Тексердік.", outcome=Outcome.EXPLAINED)


def test_an_extension_does_not_outlive_a_dispute(session: Session, filed: Filed, bodies: Bodies, now: datetime) -> None:
    c = filed(body=bodies.road, at=now)
    service.extend(session, c, bodies.head, now, until=date(2026, 6, 24), text="Сараптама")
    service.answer(session, c, bodies.official, now, text="Жауап", outcome=Outcome.EXPLAINED)
    service.dispute(session, c, Actor(contact_id=c.applicant.contact_id), now, text="Жоқ")
    assert (c.term_until, c.due_on) == (None, date(2026, 5, 20))


@pytest.mark.parametrize("who", ["applicant", "link"])
@pytest.mark.parametrize(("step", "state"), [("confirm", "confirmed"), ("withdraw", "withdrawn"), ("dispute", "disputed")])
def test_the_applicant_and_the_holder_of_the_link_may(session: Session, filed: Filed, bodies: Bodies, now: datetime, who: str, step: str, state: str) -> None:
    c, applicant = answered(session, filed, bodies, now)
    actor = applicant if who == "applicant" else Actor(links=frozenset({c.id}))
    event = getattr(service, step)(session, c, actor, now, text="Рахмет")
    assert (c.state, event.role, event.text) == (state, "applicant", "Рахмет")


def test_information_is_added_without_a_new_state(session: Session, filed: Filed, bodies: Bodies, now: datetime) -> None:
    c = filed(body=bodies.road, at=now)
    applicant, seen = Actor(contact_id=c.applicant.contact_id), (c.state, c.due_on)
    event = service.add_information(session, c, applicant, now, text="Бүгін де жанбады.")
    assert ((c.state, c.due_on), event.kind, event.due_before, event.due_after) == (seen, "information", c.due_on, c.due_on)
    with pytest.raises(NotAllowed):
        service.add_information(session, c, bodies.head, now, text="Мен емес")
    service.withdraw(session, c, applicant, now)
    with pytest.raises(NotAllowed):
        service.add_information(session, c, applicant, now, text="Кеш")


# Days off edited ------------------------------------------------------------------------------------------------------

def recomputed(session: Session, c: Complaint) -> list[tuple[Any, Any]]:
    rows = session.execute(select(ComplaintEvent.due_before, ComplaintEvent.due_after)
                           .where(ComplaintEvent.complaint_id == c.id, ComplaintEvent.kind == "recomputed"))
    return [tuple(r) for r in rows]


def test_a_day_off_moves_open_due_dates_and_orders_notices(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime) -> None:
    running, later = filed(body=bodies.road, at=now), filed(body=bodies.road, at=now + timedelta(days=30))
    closed, _ = answered(session, filed, bodies, now)
    actor = people.actor(people.administrator())
    set_day(session, date(2026, 5, 18), working=False, reason="Қаулы № 1", user_id=actor.user_id, now=now)
    assert service.recompute_due_dates(session, actor, now) == 1
    assert (running.due_on, closed.due_on) == (date(2026, 5, 21), date(2026, 5, 20))
    assert (recomputed(session, running), recomputed(session, closed), recomputed(session, later)) == ([(date(2026, 5, 20), date(2026, 5, 21))], [], [])
    event = running.events[-1]
    assert (event.role, event.from_state, event.to_state, event.public) == ("administrator", "registered", "registered", True)
    assert session.scalar(select(Outbox.kind).where(Outbox.key == f"complaint_event:{event.id}")) == "complaint_event"
    assert service.recompute_due_dates(session, actor, now) == 0


def test_a_decree_taken_back_moves_due_dates_back(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime) -> None:
    c, actor = filed(body=bodies.road, at=now), people.actor(people.administrator())
    set_day(session, date(2026, 5, 20), working=False, reason="Қаулы № 1", user_id=actor.user_id, now=now)
    service.recompute_due_dates(session, actor, now)
    assert c.due_on == date(2026, 5, 21)
    forget_day(session, session.get_one(DayEdit, date(2026, 5, 20)), actor.user_id, now)
    service.recompute_due_dates(session, actor, now)
    assert c.due_on == date(2026, 5, 20)


def test_an_extended_term_moves_only_when_its_last_day_is_off(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime) -> None:
    c, actor = filed(body=bodies.road, at=now), people.actor(people.administrator())
    service.extend(session, c, bodies.head, now, until=date(2026, 6, 24), text="Сараптама")
    set_day(session, date(2026, 6, 10), working=False, reason="Қаулы № 1", user_id=actor.user_id, now=now)
    assert (service.recompute_due_dates(session, actor, now), c.due_on) == (0, date(2026, 6, 24))
    set_day(session, date(2026, 6, 24), working=False, reason="Қаулы № 2", user_id=actor.user_id, now=now)
    assert (service.recompute_due_dates(session, actor, now), c.due_on) == (1, date(2026, 6, 25))


def test_with_the_body_above_it_is_neither_extended_nor_sent_back_down(session: Session, filed: Filed, bodies: Bodies, people: People, now: datetime) -> None:
    """A second dispute is a complaint: 20 working days that nobody extends (article 99)."""
    above = people.actor(people.official(bodies.above, head=True))
    c, applicant = answered(session, filed, bodies, now)
    service.dispute(session, c, applicant, now, text="Жоқ")
    service.answer(session, c, bodies.head, now, text="Тексерілді.", outcome=Outcome.REFUSED)
    service.dispute(session, c, applicant, now, text="Бәрібір жоқ")
    service.reopen(session, c, above, now, text="Қараймыз.")
    with pytest.raises(StepNotInProcedure):
        service.extend(session, c, above, now, until=date(2026, 6, 10), text="Уақыт керек.")
    service.accept(session, c, above, now)
    with pytest.raises(StepNotInProcedure):
        service.forward(session, c, above, now, body_id=bodies.road.id, text="Өзіңіз қараңыз.")


def test_a_dispute_takes_the_old_answer_away(session: Session, filed: Filed, bodies: Bodies, now: datetime) -> None:
    c, applicant = answered(session, filed, bodies, now)
    service.dispute(session, c, applicant, now, text="Жоқ")
    assert (c.answered_at, c.outcome) == (None, None)


def test_an_official_who_filed_confirms_as_a_resident(session: Session, filed: Filed, bodies: Bodies, now: datetime) -> None:
    c, applicant = answered(session, filed, bodies, now)
    both = replace(bodies.official, contact_id=applicant.contact_id)
    event = service.confirm(session, c, both, now)
    assert (event.role, event.body_id) == ("applicant", None)
