"""The table of states of promises against a literal one, the clock, and what is refused."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.core.actor import ANONYMOUS, SYSTEM, Actor, Post, RoleName
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.events.states import EventState
from civic.invitations.service import record as record_attendance
from civic.places.models import City
from civic.promises import recording, service
from civic.promises.models import Promise, PromiseComplaint, PromiseStep
from civic.promises.queries import figures_of_body
from civic.promises.service import Evidence
from civic.promises.states import BROKEN_AFTER, TRANSITIONS, State, Wording
from civic.promises.sweep import sweep
from tests.support.complaints import Filed
from tests.support.people import People
from tests.support.promises import DUE, SAID, SEEN, Promised

#: state: (what the body may, the organiser, anybody with a proven address, the clock).
TABLE: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {
    "recorded": ({"confirm", "dispute", "take_back"}, {"retract"}, set(), {"silence"}),
    "disputed": ({"take_back"}, {"amend", "stand", "retract"}, set(), {"stand"}),
    "pending": ({"claim", "take_back"}, {"retract"}, set(), {"overdue"}),
    "late": ({"claim"}, set(), set(), {"lapse"}),
    "claimed": (set(), {"contest"}, {"contest"}, {"settle"}),
    "contested": (set(), {"contest", "find_kept", "find_broken", "find_open"}, {"contest"}, {"settle"}),
    "kept": (set(), set(), set(), set()),
    "broken": ({"claim"}, set(), set(), set()),
    "taken_back": (set(), set(), set(), set()),
    "in_error": (set(), set(), set(), set()),
}
TARGETS = {
    "confirm": "pending", "dispute": "disputed", "silence": "pending", "amend": "recorded", "stand": "pending", "claim": "claimed",
    "contest": "contested", "find_kept": "kept", "find_broken": "broken", "find_open": "pending", "settle": "kept", "overdue": "late",
    "lapse": "broken", "take_back": "taken_back", "retract": "in_error",
}


@dataclass
class _Member:
    user_id: int
    right: str
    ended_at: Any = None


@dataclass
class _Organisation:
    members: list[_Member] = field(default_factory=lambda: [_Member(1, "owner"), _Member(2, "organiser"), _Member(3, "door"),
                                                            _Member(4, "organiser", ended_at=1)])


@dataclass
class _Event:
    organisation: _Organisation = field(default_factory=_Organisation)


@dataclass
class _Promise:
    """As much of a promise as the table looks at."""

    state: str
    body_id: int = 7
    event: _Event = field(default_factory=_Event)


ACTORS = {
    "owner": Actor(1, 21), "organiser": Actor(2, 22), "door": Actor(3, 23), "organiser of the past": Actor(4, 24), "somebody": Actor(5, 25),
    "without account": Actor(None, 50), "system": SYSTEM, "visitor": ANONYMOUS,
    "official": Actor(6, 26, posts=(Post(RoleName.OFFICIAL, body_id=7),)), "head": Actor(8, 28, posts=(Post(RoleName.HEAD, body_id=7),)),
    "head of another body": Actor(9, 29, posts=(Post(RoleName.HEAD, body_id=1),)),
    "administrator": Actor(10, 30, posts=(Post(RoleName.ADMINISTRATOR),)),
}


def _expected(state: str, who: str) -> set[str]:
    body, organiser, anybody, clock = TABLE[state]
    if who in ("official", "head"):
        return body
    if who in ("owner", "organiser"):
        return organiser
    return clock if who == "system" else set() if who == "visitor" else anybody


def test_the_literal_table_knows_every_state_and_step() -> None:
    assert set(TABLE) == {s.value for s in State}
    assert {n: t.target.value for n, t in TRANSITIONS.by_name.items()} == TARGETS


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("state", TABLE)
def test_who_may_do_what(state: str, who: str) -> None:
    thing, actor, expected = _Promise(state), ACTORS[who], _expected(state, who)
    assert set(TRANSITIONS.possible(actor, thing)) == expected
    for name in TRANSITIONS.by_name:
        if name in expected:
            assert TRANSITIONS.check(name, actor, thing).target == TARGETS[name]
        else:
            with pytest.raises((TransitionForbidden, NotAllowed)):
                TRANSITIONS.check(name, actor, thing)


@pytest.fixture
def promised(session: Session, city: City, people: People, now: datetime) -> Promised:
    return Promised(session, city, people)


def _at(day: date, now: datetime) -> datetime:
    return now.replace(year=day.year, month=day.month, day=day.day)


def test_kept_in_time_with_its_history(promised: Promised, session: Session, now: datetime) -> None:
    promise = promised.confirmed()
    assert (promise.state, promise.wording, promise.respond_by) == (State.PENDING, Wording.CONFIRMED, None)
    service.claim(session, promise, promised.of_body, now, SEEN)
    assert promise.contest_until == date(2026, 5, 13)  # ten working days, the May holidays left out
    assert not any(sweep(session, _at(date(2026, 5, 13), now)).values())
    sweep(session, _at(date(2026, 5, 14), now))
    assert (promise.state, promise.claimed_on, promise.due_on) == (State.KEPT, now.date(), DUE)
    steps = session.scalars(select(PromiseStep).order_by(PromiseStep.id)).all()
    assert [(s.kind, s.role) for s in steps] == [("record", "organiser"), ("confirm", "body"), ("claim", "body"), ("settle", "system")]
    assert steps[2].links == ["https://example.kz/report"]
    assert figures_of_body(session, promise.body_id).kept_in_time == 1


def test_silence_lets_the_wording_stand_and_says_so(promised: Promised, session: Session, now: datetime) -> None:
    promise = promised()
    assert promise.respond_by == date(2026, 5, 4)  # five working days; 1 May is off
    assert not any(sweep(session, _at(date(2026, 5, 4), now)).values())
    sweep(session, _at(date(2026, 5, 5), now))
    assert (promise.state, promise.wording) == (State.PENDING, Wording.UNANSWERED)


@pytest.mark.parametrize("swept", [False, True])
def test_a_dispute_after_the_term_is_refused_and_a_statement_is_taken(promised: Promised, session: Session, now: datetime, swept: bool) -> None:
    promise, late = promised(), _at(date(2026, 5, 5), now)
    if swept:
        sweep(session, late)
    for step in (service.dispute, service.confirm):
        with pytest.raises(service.WordingTermPassed):
            step(session, promise, promised.of_body, late, SAID)
    with pytest.raises((NotAllowed, TransitionForbidden)):
        service.dispute(session, promise, promised.people.actor(promised.resident), late, SAID)
    service.make_statement(session, promise, promised.of_body, late, SAID)
    assert session.scalars(select(PromiseStep.kind).order_by(PromiseStep.id.desc())).first() == "state"


def test_a_disputed_wording_is_amended_or_stands(promised: Promised, session: Session, now: datetime) -> None:
    promise = promised()
    with pytest.raises(InputRefused):
        service.dispute(session, promise, promised.of_body, now, Evidence(""))
    service.dispute(session, promise, promised.of_body, now, SAID)
    with pytest.raises(InputRefused) as refused:
        recording.amend(session, promise, promised.organiser, now, words=promise.words, due_on=promise.due_on, text="Тыңдадық")
    assert refused.value.code == "promise_not_amended"
    recording.amend(session, promise, promised.organiser, now, words="Екі шам орнатамыз.", due_on=DUE + timedelta(days=3), text="Жазбаны тыңдадық")
    assert (promise.state, promise.wording, promise.words) == (State.RECORDED, Wording.ASKED, "Екі шам орнатамыз.")
    amended = session.scalars(select(PromiseStep).where(PromiseStep.kind == "amend")).one()
    assert amended.facts["before"] == "Мектеп жанына жарық орнатамыз." and amended.facts["due_before"] == DUE.isoformat()
    service.dispute(session, promise, promised.of_body, now, SAID)
    service.stand(session, promise, promised.organiser, now, SAID)
    assert (promise.state, promise.wording) == (State.PENDING, Wording.DISPUTED)


def test_the_clock_stands_by_the_wording_when_the_organiser_says_nothing(promised: Promised, session: Session, now: datetime) -> None:
    promise = promised()
    service.dispute(session, promise, promised.of_body, now, SAID)
    sweep(session, _at(date(2026, 5, 5), now))
    assert (promise.state, promise.wording) == (State.PENDING, Wording.DISPUTED)


def test_late_then_broken_then_kept_late(promised: Promised, session: Session, now: datetime) -> None:
    promise = promised.confirmed()
    assert not sweep(session, _at(DUE, now))["overdue"]
    sweep(session, _at(DUE + timedelta(days=1), now))
    assert promise.state == State.LATE
    assert figures_of_body(session, promise.body_id).overdue == 1
    with pytest.raises((service.PromiseDayPassed, TransitionForbidden)):
        service.take_back(session, promise, promised.of_body, _at(DUE + timedelta(days=1), now), SAID)
    assert not sweep(session, _at(DUE + timedelta(days=BROKEN_AFTER), now))["lapse"]
    sweep(session, _at(DUE + timedelta(days=BROKEN_AFTER + 1), now))
    assert promise.state == State.BROKEN
    after = _at(DUE + timedelta(days=BROKEN_AFTER + 10), now)
    service.claim(session, promise, promised.of_body, after, SEEN)
    sweep(session, after + timedelta(days=40))
    assert promise.state == State.KEPT
    figures = figures_of_body(session, promise.body_id)
    assert (figures.made, figures.kept_in_time, figures.kept_late, figures.broken) == (1, 0, 1, 0)


def test_a_contested_report_is_decided_by_the_organiser(promised: Promised, session: Session, now: datetime) -> None:
    promise, resident = promised.confirmed(), promised.people.actor(promised.resident)
    with pytest.raises(InputRefused) as refused:
        service.claim(session, promise, promised.of_body, now, SAID)
    assert refused.value.code == "evidence_missing"
    service.claim(session, promise, promised.of_body, now, SEEN)
    service.contest(session, promise, resident, now, SEEN)
    with pytest.raises(service.ContestedBefore):
        service.contest(session, promise, resident, now, SEEN)
    with pytest.raises(NotAllowed):
        service.contest(session, promise, promised.of_body, now, SEEN)
    service.contest(session, promise, promised.organiser, now, SEEN)
    service.decide(session, promise, promised.organiser, now, SAID, kept=False)
    assert (promise.state, promise.claimed_on) == (State.PENDING, None)  # there is time left
    late = _at(DUE + timedelta(days=1), now)
    sweep(session, late)
    service.claim(session, promise, promised.of_body, late, SEEN)
    service.contest(session, promise, resident, late, SEEN)  # a new report may be contested anew
    service.decide(session, promise, promised.organiser, late, SAID, kept=False)
    assert promise.state == State.BROKEN


def test_contests_end_with_the_term_and_an_undecided_one_settles(promised: Promised, session: Session, now: datetime) -> None:
    promise, resident = promised.confirmed(), promised.people.actor(promised.resident)
    service.claim(session, promise, promised.of_body, now, SEEN)
    service.contest(session, promise, resident, now, SEEN)
    with pytest.raises(service.ContestTermPassed):
        service.contest(session, promise, promised.people.actor(promised.people.contact()), _at(date(2026, 5, 14), now), SEEN)
    assert promise.decide_by == date(2026, 5, 28)
    assert not any(sweep(session, _at(date(2026, 5, 28), now)).values())
    sweep(session, _at(date(2026, 5, 29), now))
    assert promise.state == State.KEPT


@pytest.mark.parametrize(("changes", "field", "code"), [
    ({"due_on": date(2026, 4, 23)}, "due_on", "promise_due_past"), ({"due_on": None}, "due_on", "promise_due_missing"),
    ({"due_on": date(2046, 4, 23)}, "due_on", "promise_due_far"), ({"words": "  "}, "words", "promise_words_missing"),
    ({"words": "ә" * 501}, "words", "text_too_long"), ({"body_id": None}, "body_id", "body_missing"), ({"body_id": 2**31 - 1}, "body_id", "body_missing"),
    ({"post": ""}, "post", "promise_post_missing"), ({"name": "Бірақ келмеген"}, "name", "official_did_not_come"),
    ({"second": 90_000}, "second", "promise_second_wrong"), ({"complaints": ["SHY-1111-111"]}, "complaints", "promise_complaint_unknown"),
    ({"complaints": ["x"] * 21}, "complaints", "too_many_promise_complaints"),
])
def test_what_cannot_be_recorded(promised: Promised, session: Session, now: datetime, changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        promised(**changes)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert session.scalar(select(func.count()).select_from(Promise)) == 0


def test_due_today_is_possible_and_500_characters_are(promised: Promised, now: datetime) -> None:
    assert promised(due_on=now.date(), words="ә" * 500).state == State.RECORDED


def test_only_after_the_event_has_begun_and_only_by_its_organisers(promised: Promised, session: Session, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        recording.record(session, promised.event, promised.of_body, now, promised.typed())
    promised.event.state = EventState.ANNOUNCED
    with pytest.raises(InputRefused) as refused:
        promised()
    assert refused.value.code == "promise_event_not_begun"


def test_a_name_stays_when_the_body_came(promised: Promised, session: Session, now: datetime) -> None:
    promised.event.state = EventState.ANNOUNCED
    invitation = promised.host.invite(promised.event, promised.body)
    promised.event.state = EventState.LIVE
    record_attendance(session, invitation, promised.organiser, promised.event.starts_at, "record_present")
    assert promised(name="Асқар Сұлтан").official_name == "Асқар Сұлтан"


def test_complaints_are_tied_by_number_and_know_it(promised: Promised, session: Session, filed: Filed) -> None:
    complaint, private = filed(), filed(private=True)
    promise = promised(complaints=[complaint.number.lower().replace("-", " "), complaint.number])
    assert session.scalars(select(PromiseComplaint.complaint_id).where(PromiseComplaint.promise_id == promise.id)).all() == [complaint.id]
    session.refresh(complaint)
    assert complaint.discussed
    with pytest.raises(InputRefused):
        promised(complaints=[private.number])


def test_taken_back_and_recorded_in_error(promised: Promised, session: Session, now: datetime) -> None:
    taken, wrong = promised.confirmed(), promised()
    with pytest.raises(InputRefused):
        service.take_back(session, taken, promised.of_body, now, Evidence(""))
    service.take_back(session, taken, promised.of_body, _at(DUE, now), SAID)
    service.retract(session, wrong, promised.organiser, now, SAID)
    figures = figures_of_body(session, taken.body_id)
    assert (figures.made, figures.taken_back, figures.open) == (1, 1, 0)


@pytest.mark.parametrize(("with_", "code"), [
    (Evidence("Дәлел", "javascript:alert(1)"), "evidence_link_wrong"), (Evidence("Дәлел", "ftp://x.kz"), "evidence_link_wrong"),
    (Evidence("Дәлел", "\n".join(["https://x.kz"] * 6)), "too_many_links"), (Evidence("", "https://x.kz"), "promise_text_missing"),
    (Evidence("ә" * 2001, "https://x.kz"), "text_too_long"),
])
def test_bad_evidence(promised: Promised, session: Session, now: datetime, with_: Evidence, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        service.claim(session, promised.confirmed(), promised.of_body, now, with_)
    assert refused.value.code == code


def test_the_body_is_reminded_once_for_each_day(promised: Promised, session: Session, now: datetime) -> None:
    promised.confirmed()
    reminded = [sweep(session, _at(now.date() + timedelta(days=d), now))["reminded"] for d in range(1, 29) for _ in range(2)]
    assert sum(reminded) == 2
    assert [s.facts["days"] for s in session.scalars(select(PromiseStep).where(PromiseStep.kind == "remind"))] == [14, 3]


def test_a_reminder_says_the_days_that_are_left(promised: Promised, session: Session, now: datetime) -> None:
    promised.confirmed(due_on=now.date() + timedelta(days=11))
    for d in range(1, 12):
        sweep(session, _at(now.date() + timedelta(days=d), now))
    assert [s.facts["days"] for s in session.scalars(select(PromiseStep).where(PromiseStep.kind == "remind").order_by(PromiseStep.id))] == [10, 3]


def test_two_at_once_and_a_full_history(promised: Promised, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    promise = promised()
    with pytest.raises(service.PromiseChangedMeanwhile):
        service.lock(session, promise, promise.version + 1)
    monkeypatch.setattr(service, "MOST_STEPS", 1)
    service.make_statement(session, promise, promised.of_body, now, SAID)
    with pytest.raises(service.HistoryFull):
        service.make_statement(session, promise, promised.of_body, now, SAID)
    service.make_statement(session, promise, promised.organiser, now, SAID)  # a body that talks on keeps nobody from the own steps
    service.confirm(session, promise, promised.of_body, now)


@pytest.mark.parametrize("order", ["UPDATE promise_step SET kind = 'x'", "DELETE FROM promise_step", "DELETE FROM promise"])
def test_history_only_grows(promised: Promised, session: Session, order: str) -> None:
    promised()
    with pytest.raises(DBAPIError):
        session.execute(text(order))
