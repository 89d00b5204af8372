"""Steps of bodies: forwarding, extending, hearings, answers, returns, duplicates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.answers import HOW_TO_COMPLAIN
from civic.complaints.models import Complaint, Follow
from civic.complaints.states import AppealKind, Outcome, ReturnGround
from civic.complaints.terms import TermPassed
from civic.core.actor import Actor
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.media.models import Photo
from civic.places.models import City
from tests.support.complaints import Filed
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")


def local(day: str, at: str = "12:00") -> datetime:
    """A moment in Shymkent."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), ALMATY)


@dataclass
class Desk:
    """Two bodies with an official and a head each."""

    road: Body
    water: Body
    official: Actor
    head: Actor
    next_official: Actor


@pytest.fixture
def desk(session: Session, people: People, city: City) -> Desk:
    road, water = (session.scalars(select(Body).where(Body.code == code, Body.city_id == city.id)).one() for code in ("road", "water"))
    made = [people.actor(people.official(b, head=h)) for b, h in ((road, False), (road, True), (water, False))]
    return Desk(road, water, *made)


@pytest.fixture
def complaint(filed: Filed, desk: Desk, now: datetime) -> Complaint:
    """A notice, registered on Friday 24 April 2026, due on 20 May."""
    return filed(body=desk.road, at=now)


def refusal(call: Callable[[], Any]) -> str:
    """The code with which a call is refused."""
    with pytest.raises(Exception) as caught:
        call()
    code: str = caught.value.code  # type: ignore[attr-defined]
    return code


# Registration -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("kind", "due"), [
    ("notice", "2026-05-20"), ("application", "2026-05-20"), ("complaint", "2026-05-28"), ("proposal", "2026-05-20"), ("response", "2026-05-20"),
    ("request", "2026-05-20"),
])
def test_each_kind_has_its_term(filed: Filed, now: datetime, kind: str, due: str) -> None:
    c = filed(kind=AppealKind(kind), at=now)
    assert (c.registered_on, c.arrived_on, c.term_from, c.due_on.isoformat(), c.state) == (date(2026, 4, 24),) * 3 + (due, "registered")


@pytest.mark.parametrize(("at", "registered", "due"), [
    (local("2026-04-24", "18:30"), "2026-04-24", "2026-05-20"), (local("2026-04-24", "18:31"), "2026-04-27", "2026-05-21"),
    (local("2026-04-25"), "2026-04-27", "2026-05-21"), (local("2025-12-31", "23:59"), "2026-01-05", "2026-01-27"),
    (local("2026-01-01", "00:00"), "2026-01-05", "2026-01-27"),
])
def test_what_arrives_late_counts_from_the_next_working_day(filed: Filed, at: datetime, registered: str, due: str) -> None:
    c = filed(at=at)
    assert (c.registered_on.isoformat(), c.due_on.isoformat(), c.registered_at) == (registered, due, at)


# Forwarding ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("at", "allowed"), [
    (local("2026-04-24"), True), (local("2026-04-29", "23:59"), True), (local("2026-04-30", "00:00"), False), (local("2026-05-20"), False),
])
def test_forwarding_within_three_working_days(session: Session, complaint: Complaint, desk: Desk, at: datetime, allowed: bool) -> None:
    def call() -> Any:
        return service.forward(session, complaint, desk.official, at, body_id=desk.water.id, text="Су жүйесі.")
    if allowed:
        call()
        assert complaint.body_id == desk.water.id
    else:
        assert refusal(call) == "term_passed"
        assert (complaint.body_id, complaint.state) == (desk.road.id, "registered")


@pytest.mark.parametrize(("at", "arrived", "due"), [
    (local("2026-04-28", "10:00"), "2026-04-28", "2026-05-22"), (local("2026-04-28", "18:31"), "2026-04-29", "2026-05-25"),
    (local("2026-04-25"), "2026-04-27", "2026-05-21"),
])
def test_the_term_begins_again_at_the_new_body(session: Session, complaint: Complaint, desk: Desk, people: People, at: datetime, arrived: str, due: str) -> None:
    complaint.assignee_id = desk.official.user_id
    event = service.forward(session, complaint, desk.official, at, body_id=desk.water.id, text="Су жүйесі.")
    assert (complaint.arrived_on.isoformat(), complaint.term_from.isoformat(), complaint.due_on.isoformat()) == (arrived, arrived, due)
    assert (complaint.registered_on, complaint.assignee_id) == (date(2026, 4, 24), None)
    assert (event.from_body_id, event.to_body_id, event.body_id) == (desk.road.id, desk.water.id, desk.road.id)
    with pytest.raises(NotAllowed):
        service.accept(session, complaint, desk.official, at)
    service.accept(session, complaint, desk.next_official, at)


@pytest.mark.parametrize(("where", "code"), [("itself", "choose_another_body"), ("other city", "choose_another_body"), ("retired", "choose_another_body"),
                                             ("nobody there", "body_without_officials"), ("nowhere", "choose_another_body")])
def test_bodies_that_cannot_be_forwarded_to(session: Session, complaint: Complaint, desk: Desk, now: datetime, where: str, code: str) -> None:
    other = session.scalars(select(Body).where(Body.city_id != complaint.city_id)).first()
    empty = session.scalars(select(Body).where(Body.city_id == complaint.city_id, Body.code == "gas")).one()
    assert other is not None
    if where == "retired":
        desk.water.active = False
    body_id = {"itself": desk.road.id, "other city": other.id, "retired": desk.water.id, "nobody there": empty.id, "nowhere": 999_999}[where]
    assert refusal(lambda: service.forward(session, complaint, desk.official, now, body_id=body_id, text="Себебі")) == code


# Extending ----------------------------------------------------------------------------------------------------------

def extend(session: Session, c: Complaint, actor: Actor, at: datetime, until: str) -> Any:
    return service.extend(session, c, actor, at, until=date.fromisoformat(until), text="Сараптама керек.")


def test_an_extension_moves_the_due_date_and_comes_once(session: Session, complaint: Complaint, desk: Desk) -> None:
    event = extend(session, complaint, desk.head, local("2026-05-20"), "2026-07-20")
    assert (complaint.due_on, event.due_before, event.due_after) == (date(2026, 7, 20), date(2026, 5, 20), date(2026, 7, 20))
    assert refusal(lambda: extend(session, complaint, desk.head, local("2026-05-21"), "2026-07-21")) == "not_in_procedure"


@pytest.mark.parametrize(("at", "until", "code"), [
    (local("2026-05-20"), "2026-05-20", "extension_out_of_range"), (local("2026-05-20"), "2026-07-21", "extension_out_of_range"),
    (local("2026-05-20"), "2026-04-01", "extension_out_of_range"), (local("2026-05-20"), "9999-12-31", "extension_out_of_range"),
    (local("2026-05-21"), "2026-06-01", "term_passed"),
])
def test_extensions_that_the_law_does_not_know(session: Session, complaint: Complaint, desk: Desk, at: datetime, until: str, code: str) -> None:
    assert refusal(lambda: extend(session, complaint, desk.head, at, until)) == code
    assert (complaint.due_on, complaint.state) == (date(2026, 5, 20), "registered")


def test_two_months_from_31_december_end_with_february(session: Session, filed: Filed, desk: Desk) -> None:
    c = filed(body=desk.road, at=local("2025-12-30"))
    decision = local("2025-12-31", "18:00")
    assert refusal(lambda: extend(session, c, desk.head, decision, "2026-03-01")) == "extension_out_of_range"
    extend(session, c, desk.head, decision, "2026-02-28")
    assert c.due_on == date(2026, 3, 2)  # 28 February 2026 is a Saturday: article 76(5)


def test_only_the_head_extends(session: Session, complaint: Complaint, desk: Desk) -> None:
    assert refusal(lambda: extend(session, complaint, desk.official, local("2026-05-20"), "2026-06-20")) == "not_allowed"


def test_a_complaint_against_an_act_is_never_extended(session: Session, filed: Filed, desk: Desk, now: datetime) -> None:
    c = filed(body=desk.road, kind=AppealKind.COMPLAINT, at=now)
    assert refusal(lambda: extend(session, c, desk.head, local("2026-05-20"), "2026-06-20")) == "not_in_procedure"


# Hearings -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def application(session: Session, filed: Filed, desk: Desk, now: datetime) -> Complaint:
    """An application at work: the kind with a hearing."""
    c = filed(body=desk.road, kind=AppealKind.APPLICATION, at=now)
    service.accept(session, c, desk.official, now)
    return c


def hold(session: Session, c: Complaint, actor: Actor, at: datetime, on: str) -> Any:
    return service.hold_hearing(session, c, actor, at, on=date.fromisoformat(on), text="Алдын ала шешім: бас тарту.")


@pytest.mark.parametrize(("on", "allowed"), [("2026-04-29", True), ("2026-05-04", True), ("2026-04-28", False), ("2026-04-24", False),
                                             ("2026-05-01", False), ("2026-05-02", False)])
def test_a_hearing_three_working_days_ahead(session: Session, application: Complaint, desk: Desk, now: datetime, on: str, allowed: bool) -> None:
    if allowed:
        event = hold(session, application, desk.official, now, on)
        assert (application.state, application.hearing_on, event.facts) == ("hearing", date.fromisoformat(on), {"on": on})
    else:
        assert refusal(lambda: hold(session, application, desk.official, now, on)) == "hearing_too_early"
        assert (application.state, application.hearing_on) == ("in_work", None)


@pytest.mark.parametrize(("kind", "has"), [("notice", False), ("application", True), ("complaint", True), ("proposal", False), ("response", False), ("request", False)])
def test_only_procedures_with_a_hearing_have_one(session: Session, filed: Filed, desk: Desk, now: datetime, kind: str, has: bool) -> None:
    c = filed(body=desk.road, kind=AppealKind(kind), at=now)
    service.accept(session, c, desk.official, now)
    if has:
        assert hold(session, c, desk.official, now, "2026-04-30").to_state == "hearing"
    else:
        assert refusal(lambda: hold(session, c, desk.official, now, "2026-04-30")) == "not_in_procedure"


@pytest.mark.parametrize(("at", "allowed"), [(local("2026-04-28", "23:59"), False), (local("2026-04-29", "00:00"), True), (local("2026-05-05"), True)])
def test_no_answer_before_the_day_of_the_hearing(session: Session, application: Complaint, desk: Desk, now: datetime, at: datetime, allowed: bool) -> None:
    hold(session, application, desk.official, now, "2026-04-29")
    if allowed:
        assert say(session, application, desk.official, at).to_state == "answered"
    else:
        assert refusal(lambda: say(session, application, desk.official, at)) == "term_passed"


# Answers ------------------------------------------------------------------------------------------------------------

def say(session: Session, c: Complaint, actor: Actor, at: datetime, text: str = "Жөнделді.", outcome: str = "explained", photos: tuple[str, ...] = ()) -> Any:
    return service.answer(session, c, actor, at, text=text, outcome=Outcome(outcome), photo_ids=photos)


@pytest.mark.parametrize("text", ["", "   ", "\n\t \n", "\x00\x01"])
def test_an_empty_answer_is_refused(session: Session, complaint: Complaint, desk: Desk, now: datetime, text: str) -> None:
    assert refusal(lambda: say(session, complaint, desk.official, now, text)) == "answer_missing"
    assert (complaint.state, complaint.answered_at) == ("registered", None)


def test_an_answer_says_how_many_working_days_it_took(session: Session, complaint: Complaint, desk: Desk) -> None:
    event = say(session, complaint, desk.official, local("2026-05-20", "23:00"))
    assert event.facts == {"outcome": "explained", "days": 15}
    assert (complaint.outcome, complaint.respond_by) == ("explained", date(2026, 6, 4))  # over 27 May


@pytest.mark.parametrize(("outcome", "photo", "allowed"), [("resolved", False, False), ("resolved", True, True), ("explained", False, True), ("refused", False, True)])
def test_solved_wants_a_photo_where_the_category_asks_for_one(session: Session, filed: Filed, desk: Desk, now: datetime, outcome: str, photo: bool, allowed: bool) -> None:
    c = filed(category="lighting.street", body=desk.road, at=now)
    session.add(Photo(id="a" * 32, uploaded_at=now))
    session.flush()
    photos = ("a" * 32,) if photo else ()
    if allowed:
        say(session, c, desk.official, now, outcome=outcome, photos=photos)
        session.expire(c)
        assert [(a.photo_id, a.moment) for a in c.attachments] == [(p, "after") for p in photos]
    else:
        assert refusal(lambda: say(session, c, desk.official, now, outcome=outcome)) == "after_photo_missing"


def test_solved_needs_no_photo_elsewhere(session: Session, complaint: Complaint, desk: Desk, now: datetime) -> None:
    assert say(session, complaint, desk.official, now, outcome="resolved").facts["outcome"] == "resolved"


# Returns ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("ground", ["defects_not_mended", "repeated", "obscene"])
@pytest.mark.parametrize(("at", "allowed"), [(local("2026-04-29", "23:59"), True), (local("2026-04-30", "00:00"), False)])
def test_returns_within_three_working_days(session: Session, complaint: Complaint, desk: Desk, ground: str, at: datetime, allowed: bool) -> None:
    def call() -> Any:
        return service.return_(session, complaint, desk.official, at, ground=ReturnGround(ground), text="Себебі жазылған.")
    if allowed:
        assert (call().facts, complaint.state) == ({"ground": ground}, "returned")
    else:
        assert (refusal(call), complaint.state) == ("term_passed", "registered")


def test_the_law_knows_three_grounds() -> None:
    assert {g.value for g in ReturnGround} == {"defects_not_mended", "repeated", "obscene"}


@pytest.mark.parametrize("category", ["energy.gas", "safety.fire", "state.corruption"])
def test_danger_is_never_returned(session: Session, filed: Filed, desk: Desk, now: datetime, category: str) -> None:
    c = filed(category=category, body=desk.road, at=now)
    call = lambda: service.return_(session, c, desk.official, now, ground=ReturnGround.OBSCENE, text="Себебі")
    assert (refusal(call), c.state) == ("not_in_procedure", "registered")


@pytest.mark.parametrize("step", ["forward", "extend", "return", "reopen", "dispute", "hearing"])
def test_steps_that_need_a_reason_are_refused_without_one(session: Session, complaint: Complaint, application: Complaint, desk: Desk, now: datetime, step: str) -> None:
    applicant = Actor(contact_id=complaint.applicant.contact_id)
    if step in ("dispute", "reopen"):
        say(session, complaint, desk.official, now)
    if step == "reopen":
        service.dispute(session, complaint, applicant, now, text="Жоқ")
    codes = {
        "forward": lambda: service.forward(session, complaint, desk.official, now, body_id=desk.water.id, text=" "),
        "extend": lambda: service.extend(session, complaint, desk.head, now, until=date(2026, 6, 1), text=""),
        "return": lambda: service.return_(session, complaint, desk.official, now, ground=ReturnGround.OBSCENE, text="\n"),
        "reopen": lambda: service.reopen(session, complaint, desk.head, now, text=""),
        "dispute": lambda: service.dispute(session, complaint, applicant, now, text=" \t"),
        "hearing": lambda: service.hold_hearing(session, application, desk.official, now, on=date(2026, 4, 30), text=""),
    }
    assert refusal(codes[step]) == ("preliminary_decision_missing" if step == "hearing" else "reason_missing")


# Duplicates ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("which", ["none", "itself", "other city", "private", "duplicate", "withdrawn"])
def test_what_a_complaint_cannot_be_a_duplicate_of(session: Session, complaint: Complaint, filed: Filed, desk: Desk, people: People, now: datetime, which: str) -> None:
    almaty = session.scalars(select(City).where(City.code == "almaty")).one()
    original = filed(body=desk.road)
    other = filed(city=almaty) if which == "other city" else filed(private=which == "private", body=desk.road)
    if which == "duplicate":
        service.mark_duplicate(session, other, desk.official, now, of=original)
    if which == "withdrawn":
        service.withdraw(session, other, Actor(contact_id=other.applicant.contact_id), now)
    of = {"none": None, "itself": complaint}.get(which, other)
    assert refusal(lambda: service.mark_duplicate(session, complaint, desk.official, now, of=of)) == "duplicate_target_wrong"
    assert (complaint.state, complaint.duplicate_of_id) == ("registered", None)


def test_followers_of_a_duplicate_follow_the_other_one(session: Session, complaint: Complaint, filed: Filed, desk: Desk, people: People, now: datetime) -> None:
    original = filed(body=desk.road)
    follower, both = people.contact(), people.contact()
    service.follow(session, complaint, follower.id, now)
    for c in (complaint, original):
        service.follow(session, c, both.id, now)
    event = service.mark_duplicate(session, complaint, desk.official, now, of=original)
    told = session.scalars(select(Follow.contact_id).where(Follow.complaint_id == original.id)).all()
    assert sorted(told) == sorted([original.applicant.contact_id, both.id, complaint.applicant.contact_id, follower.id])
    assert (event.facts, complaint.duplicate_of_id, complaint.state, original.state) == ({"number": original.number}, original.id, "duplicate", "registered")


# Versions -----------------------------------------------------------------------------------------------------------

def test_a_step_on_a_page_that_is_out_of_date_is_refused(session: Session, complaint: Complaint, desk: Desk, now: datetime) -> None:
    seen = complaint.version
    service.accept(session, complaint, desk.official, now)
    with pytest.raises(service.ComplaintChangedMeanwhile):
        service.lock(session, complaint, seen)
    service.lock(session, complaint, complaint.version)
    service.lock(session, complaint, None)


def test_support_leaves_the_version(session: Session, complaint: Complaint, people: People, now: datetime) -> None:
    seen, contact = complaint.version, people.contact()
    assert [service.support(session, complaint, contact.id, now) for _ in range(3)] == [True, False, False]
    session.refresh(complaint)
    assert (complaint.supporters, complaint.version) == (1, seen)


@pytest.mark.parametrize("length", [10_000, 10_001])
def test_texts_of_steps_have_a_limit(session: Session, complaint: Complaint, desk: Desk, now: datetime, length: int) -> None:
    if length <= service.MAX_TEXT:
        said = say(session, complaint, desk.official, now, "ә" * length).text
        assert said == "ә" * length + "\n\n" + HOW_TO_COMPLAIN["kk"]  # the law's paragraph does not count
        return
    with pytest.raises(InputRefused) as caught:
        say(session, complaint, desk.official, now, "ә" * length)
    assert (caught.value.code, caught.value.facts["length"]) == ("text_too_long", length)
    session.expire(complaint)
    assert complaint.state == "registered"


def test_an_answered_complaint_is_not_answered_twice(session: Session, complaint: Complaint, desk: Desk, now: datetime) -> None:
    say(session, complaint, desk.official, now)
    with pytest.raises(TransitionForbidden):
        say(session, complaint, desk.official, now)


def test_extending_does_not_skip_the_hearing(session: Session, application: Complaint, desk: Desk, now: datetime) -> None:
    hold(session, application, desk.official, now, "2026-04-30")
    extend(session, application, desk.head, now, "2026-06-10")
    with pytest.raises(TermPassed):
        say(session, application, desk.official, now)
    assert say(session, application, desk.official, local("2026-04-30")).to_state == "answered"


def test_a_hearing_after_the_term_is_refused(session: Session, application: Complaint, desk: Desk, now: datetime) -> None:
    assert refusal(lambda: hold(session, application, desk.official, now, "2026-05-21")) == "hearing_after_term"


def test_a_finished_complaint_takes_no_duplicates(session: Session, filed: Filed, complaint: Complaint, desk: Desk, now: datetime) -> None:
    old = filed(body=desk.road, at=now)
    say(session, old, desk.official, now)
    service.confirm(session, old, Actor(contact_id=old.applicant.contact_id), now)
    assert refusal(lambda: service.mark_duplicate(session, complaint, desk.official, now, of=old)) == "duplicate_target_wrong"
