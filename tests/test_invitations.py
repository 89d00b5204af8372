"""Invitations: the whole table of steps, the dates, what is derived from them, and who may do what."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.actor import ANONYMOUS, SYSTEM, Actor, Post, RoleName
from civic.core.errors import DomainError, InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.core.working_days import WorkCalendar
from civic.events import service as events
from civic.events.models import Event
from civic.invitations import service, strikes
from civic.invitations.fates import Facts, Fate, fate, silent_days
from civic.invitations.inviting import Invitee, invite
from civic.invitations.models import Invitation, InvitationEvent, StrikeRequest
from civic.invitations.queries import of_event, record_of_body, shown
from civic.invitations.service import Said
from civic.invitations.states import ANSWERABLE, ANSWERS, RECORDED, RECORDS, TRANSITIONS, State
from civic.invitations.sweep import sweep
from civic.invitations.terms import answer_due
from tests.support.invitations import STARTS, Host
from tests.support.together import together

S, F = State, Fate
ALMATY = ZoneInfo("Asia/Almaty")
CALENDAR = WorkCalendar()
SAYS = Said(text="Жылыту маусымы, басшылық нысандарда", name="Дәулет Сейітұлы", post="Бөлім басшысы", email="delegate@example.test")


@pytest.fixture
def host(session: Session, city: Any, people: Any, now: datetime) -> Host:
    return Host(session, city, people)


# --- the table -----------------------------------------------------------------------------------------------------

ALLOWED = {
    "accept": (ANSWERABLE - {S.ACCEPTED}, S.ACCEPTED), "decline": (ANSWERABLE, S.DECLINED),
    "delegate": (ANSWERABLE, S.DELEGATE_NAMED), "ask_date": (ANSWERABLE, S.DATE_ASKED),
    "delegate_confirm": ({S.DELEGATE_NAMED}, S.DELEGATED), "delegate_refuse": ({S.DELEGATE_NAMED, S.DELEGATED}, S.SENT),
    "keep_date": ({S.DATE_ASKED}, S.SENT), "ask_again": (ANSWERABLE, S.SENT), "withdraw": (ANSWERABLE, S.WITHDRAWN),
    "record_present": (ANSWERABLE | RECORDED - {S.PRESENT}, S.PRESENT),
    "record_delegate": (ANSWERABLE | RECORDED - {S.DELEGATE_PRESENT}, S.DELEGATE_PRESENT),
    "record_absent": (ANSWERABLE | RECORDED - {S.ABSENT}, S.ABSENT),
}
BODY, OTHER = 7, 8
ACTORS = {
    "anonymous": ANONYMOUS, "system": SYSTEM,
    "organiser": Actor(1), "of another organisation": Actor(2),
    "official": Actor(3, 30, "", (Post(RoleName.OFFICIAL, BODY),)), "head": Actor(4, 40, "", (Post(RoleName.HEAD, BODY),)),
    "head of another body": Actor(5, 50, "", (Post(RoleName.HEAD, OTHER),)),
    "administrator": Actor(6, 60, "", (Post(RoleName.ADMINISTRATOR),)),
    "addressee": Actor(contact_id=70), "delegate": Actor(contact_id=80), "contact": Actor(contact_id=90),
}
ANSWERERS = {"accept", "decline", "delegate", "ask_date"}


def may(step: str, who: str, named: bool) -> bool:
    if step in ANSWERERS:
        return who in {"head", "addressee"} | (set() if named else {"official"})
    if step in ("delegate_confirm", "delegate_refuse"):
        return who == "delegate"
    return who == "system" if step == "ask_again" else who == "organiser"


def thing(state: State, named: bool) -> Any:
    members = [SimpleNamespace(user_id=1, ended_at=None, right="organiser"), SimpleNamespace(user_id=2, ended_at=datetime.now(), right="owner")]
    return SimpleNamespace(state=state, body_id=BODY, contact_id=70, delegate_contact_id=80, official_name="Ә" if named else "",
                           event=SimpleNamespace(organisation=SimpleNamespace(members=members)))


def test_the_table_has_these_steps() -> None:
    assert set(TRANSITIONS.by_name) == set(ALLOWED)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("state", list(State))
def test_every_state_step_and_actor(state: State, who: str, named: bool) -> None:
    for step, (sources, target) in ALLOWED.items():
        invitation, actor = thing(state, named), ACTORS[who]
        if state not in sources:
            with pytest.raises(TransitionForbidden):
                TRANSITIONS.check(step, actor, invitation)
        elif not may(step, who, named):
            with pytest.raises(NotAllowed):
                TRANSITIONS.check(step, actor, invitation)
        else:
            assert TRANSITIONS.check(step, actor, invitation).target == target


# --- dates -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("asked", "event", "due"), [
    (date(2026, 4, 24), date(2026, 5, 14), date(2026, 5, 4)),  # five working days, 1 May is off
    (date(2026, 11, 18), date(2026, 12, 3), date(2026, 11, 25)),
    (date(2026, 4, 24), date(2026, 4, 30), date(2026, 4, 28)),  # two working days before the event
    (date(2026, 4, 24), date(2026, 4, 27), date(2026, 4, 25)),  # too late for both: the next day
    (date(2026, 4, 24), date(2026, 4, 24), date(2026, 4, 24)),  # today: today
])
def test_when_an_answer_is_due(asked: date, event: date, due: date) -> None:
    assert answer_due(CALENDAR, asked, event) == due


START = datetime(2026, 12, 3, 18, 30, tzinfo=ALMATY)


def facts(state: State, answer: State | None = None, cancelled: bool = False) -> Facts:
    return Facts(state, answer, date(2026, 11, 18), date(2026, 11, 25), START.date(), START, cancelled)


@pytest.mark.parametrize(("state", "answer", "before_due", "after_due", "after_event"), [
    (S.SENT, None, F.WAITING, F.SILENT, F.SILENT),
    (S.ACCEPTED, S.ACCEPTED, F.ACCEPTED, F.ACCEPTED, F.ACCEPTED), (S.DECLINED, S.DECLINED, F.DECLINED, F.DECLINED, F.DECLINED),
    (S.DELEGATE_NAMED, S.DELEGATE_NAMED, F.DELEGATE_NAMED, F.DELEGATE_NAMED, F.DELEGATE_NAMED),
    (S.DELEGATED, S.DELEGATED, F.DELEGATED, F.DELEGATED, F.DELEGATED), (S.DATE_ASKED, S.DATE_ASKED, F.DATE_ASKED, F.DATE_ASKED, F.DATE_ASKED),
    (S.WITHDRAWN, None, F.WITHDRAWN, F.WITHDRAWN, F.WITHDRAWN), (S.PRESENT, None, F.CAME, F.CAME, F.CAME),
    (S.DELEGATE_PRESENT, S.DELEGATED, F.DELEGATE_CAME, F.DELEGATE_CAME, F.DELEGATE_CAME),
    (S.ABSENT, None, F.SILENT, F.SILENT, F.SILENT), (S.ABSENT, S.DECLINED, F.DECLINED, F.DECLINED, F.DECLINED),
    (S.ABSENT, S.DATE_ASKED, F.DECLINED, F.DECLINED, F.DECLINED), (S.ABSENT, S.ACCEPTED, F.ABSENT, F.ABSENT, F.ABSENT),
    (S.ABSENT, S.DELEGATED, F.ABSENT, F.ABSENT, F.ABSENT), (S.ABSENT, S.DELEGATE_NAMED, F.ABSENT, F.ABSENT, F.ABSENT),
])
def test_fates_follow_from_what_was_done_and_the_dates(state: State, answer: State | None, before_due: Fate, after_due: Fate, after_event: Fate) -> None:
    at = {datetime(2026, 11, 25, 23, 59, tzinfo=ALMATY): before_due, datetime(2026, 11, 26, 0, 0, tzinfo=ALMATY): after_due, START: after_event}
    assert {moment: fate(facts(state, answer), moment.date(), moment) for moment in at} == at


def test_a_cancelled_event_accuses_nobody() -> None:
    assert fate(facts(S.SENT, cancelled=True), START.date(), START) == F.CALLED_OFF
    assert fate(facts(S.DECLINED, S.DECLINED, cancelled=True), START.date(), START) == F.DECLINED


def test_silence_is_counted_from_the_letter_to_the_event() -> None:
    assert silent_days(facts(S.SENT), date(2026, 11, 27)) == 9
    assert silent_days(facts(S.SENT), date(2027, 5, 1)) == 15


# --- inviting -----------------------------------------------------------------------------------------------------------

def test_an_invitation_has_number_date_and_a_day_for_the_answer(host: Host, session: Session, people: Any, now: datetime) -> None:
    people.official(host.body())
    event = host.event()

    made = host.invite(event)

    assert made.number.startswith("SHY-") and len(made.number) == 12
    assert (made.state, made.asked_on, made.due_on, made.asked_for) == (S.SENT, date(2026, 4, 24), date(2026, 5, 4), event.starts_at)
    assert [(s.kind, s.role, s.to_state) for s in session.scalars(select(InvitationEvent))] == [("invite", "organiser", S.SENT)]


def refused(call: Any) -> tuple[str, str]:
    with pytest.raises(InputRefused) as caught:
        call()
    return caught.value.field, caught.value.code


def test_whom_one_cannot_invite(host: Host, session: Session, people: Any, now: datetime) -> None:
    event, road = host.event(), host.body()

    def tried(body_id: int | None = road.id, **whom: str) -> tuple[str, str]:
        return refused(lambda: invite(session, event, host.actor, now, Invitee(body_id, **whom)))

    assert tried() == ("email", "body_without_accounts")
    assert tried(None) == ("body_id", "body_missing")
    assert tried(999_999) == ("body_id", "body_missing")
    assert tried(session.scalars(select(Body.id).where(Body.city_id != host.city.id)).first()) == ("body_id", "body_missing")
    assert tried(name="Серік Ахметұлы", email="a@example.test") == ("post", "official_post_missing")
    assert tried(post="Басшы", email="a@example.test") == ("name", "official_name_missing")
    assert tried(post="Басшы", name="Серік Ахметұлы") == ("email", "official_email_missing")
    assert tried(email="a@example.test", words="ә" * 2001) == ("text", "text_too_long")
    road.active = False
    assert tried(email="a@example.test") == ("body_id", "body_inactive")


def test_nobody_is_invited_twice_but_again_after_a_withdrawal(host: Host, session: Session, people: Any, now: datetime) -> None:
    event = host.event()
    first = host.invite(event, email="office@example.test")
    again = Invitee(host.body().id, email="other@example.test")
    assert refused(lambda: invite(session, event, host.actor, now, again)) == ("body_id", "invited_before")
    named = host.invite(event, name="Серік Ахметұлы")
    assert refused(lambda: host.invite(event, name="Басқа есім")) == ("email", "invited_before")

    service.withdraw(session, first, host.actor, now, text="Тақырып өзгерді")
    invite(session, event, host.actor, now, again)

    assert [r.fate for r in of_event(session, event.id, now)] == [F.WITHDRAWN, F.WAITING, F.WAITING]
    assert named.contact_id != first.contact_id


def test_only_organisers_invite_and_only_before_the_beginning(host: Host, session: Session, people: Any, now: datetime, clock: Any) -> None:
    event, whom = host.event(), Invitee(host.body().id, email="office@example.test")
    for person in (people.account(), people.administrator(), people.official(host.body(), head=True)):
        with pytest.raises(NotAllowed):
            invite(session, event, people.actor(person), now, whom)
    with pytest.raises(service.EventBegan):
        invite(session, event, host.actor, STARTS, whom)
    events.cancel(session, event, host.actor, now, text="Зал жабық")
    with pytest.raises(service.EventCalledOff):
        invite(session, event, host.actor, now, whom)


@pytest.mark.parametrize("format", ["debate", "utalk"])
def test_an_open_debate_needs_one_standing_invitation_to_be_announced(host: Host, session: Session, now: datetime, format: str) -> None:
    event = host.event(format=format, announced=False)
    announce = lambda: events.announce(session, event, host.actor, now)
    assert refused(announce) == ("announce", "official_not_invited")
    invitation = host.invite(event, email="office@example.test")
    service.withdraw(session, invitation, host.actor, now, text="Қате")
    assert refused(announce) == ("announce", "official_not_invited")
    version = event.version
    host.invite(event, host.body("akimat"), email="akimat@example.test")
    assert (event.invited_at, event.version) == (now, version)  # who is editing the event is not turned away

    announce()

    assert event.state == "announced"


# --- answering -------------------------------------------------------------------------------------------------------------

@pytest.fixture
def named(host: Host, people: Any) -> SimpleNamespace:
    """A named invitation with everybody around it."""
    road = host.body()
    head, official = people.official(road, head=True), people.official(road)
    event = host.event()
    invitation = host.invite(event, road, name="Серік Ахметұлы")
    return SimpleNamespace(event=event, i=invitation, head=people.actor(head), official=people.actor(official),
                           invited=Actor(contact_id=invitation.contact_id), organiser=host.actor)


def test_accepting_and_changing_ones_mind_keeps_each_answer(named: Any, session: Session, now: datetime) -> None:
    service.accept(session, named.i, named.invited, now)
    service.decline(session, named.i, named.invited, now + timedelta(hours=1), SAYS)
    service.accept(session, named.i, named.head, now + timedelta(hours=2), Said("Келеміз"))

    assert (named.i.state, named.i.answer, named.i.reason, named.i.delegate_contact_id) == (S.ACCEPTED, S.ACCEPTED, None, None)
    steps = session.scalars(select(InvitationEvent).order_by(InvitationEvent.id)).all()
    assert [(s.kind, s.role, s.text) for s in steps] == [
        ("invite", "organiser", None), ("accept", "invited", None), ("decline", "invited", SAYS.text), ("accept", "body", "Келеміз")]


@pytest.mark.parametrize("step", ["decline", "ask_date"])
def test_a_reason_has_to_be_given(named: Any, session: Session, now: datetime, step: str) -> None:
    assert refused(lambda: service.ANSWER_STEPS[step](session, named.i, named.invited, now, Said(text=" \n"))) == ("text", "reason_missing")
    assert refused(lambda: service.ANSWER_STEPS[step](session, named.i, named.invited, now, Said(text="ә" * 2001))) == ("text", "text_too_long")


def test_a_colleague_without_the_address_cannot_answer_for_the_named(named: Any, session: Session, now: datetime) -> None:
    for actor in (named.official, named.organiser, ANONYMOUS, Actor(contact_id=999)):
        with pytest.raises(NotAllowed):
            service.accept(session, named.i, actor, now)


def test_a_delegate_confirms_or_refuses_and_then_it_is_open_again(named: Any, session: Session, now: datetime) -> None:
    service.delegate(session, named.i, named.invited, now, SAYS)
    delegate = Actor(contact_id=named.i.delegate_contact_id)
    assert (named.i.state, named.i.delegate_name, named.i.delegate_post) == (S.DELEGATE_NAMED, SAYS.name, SAYS.post)
    with pytest.raises(NotAllowed):
        service.delegate_confirm(session, named.i, named.invited, now)

    service.delegate_confirm(session, named.i, delegate, now)
    assert (named.i.state, named.i.answer) == (S.DELEGATED, S.DELEGATED)
    later = now + timedelta(days=4)
    service.delegate_refuse(session, named.i, delegate, later, Said("Іссапар"))

    assert (named.i.state, named.i.answer, named.i.delegate_name, named.i.delegate_contact_id) == (S.SENT, None, "", None)
    assert (named.i.asked_on, named.i.due_on) == (date(2026, 4, 28), date(2026, 5, 6))
    with pytest.raises(TransitionForbidden):
        service.delegate_confirm(session, named.i, delegate, later)


@pytest.mark.parametrize(("changes", "answer"), [
    ({"name": ""}, ("name", "delegate_name_missing")), ({"post": " "}, ("post", "delegate_post_missing")),
    ({"email": ""}, ("email", "delegate_email_missing")), ({"email": "NAMED@example.test"}, ("email", "delegate_is_invited")),
    ({"name": "ә" * 121}, ("name", "name_too_long")), ({"post": "ә" * 161}, ("post", "name_too_long")),
])
def test_a_delegate_is_named_wholly(named: Any, session: Session, now: datetime, changes: dict[str, str], answer: Any) -> None:
    said = Said(**{"text": "", "name": SAYS.name, "post": SAYS.post, "email": SAYS.email} | changes)
    assert refused(lambda: service.delegate(session, named.i, named.invited, now, said)) == answer


def test_the_head_sends_a_colleague_who_confirms_in_the_account(named: Any, session: Session, people: Any, now: datetime) -> None:
    colleague = people.official(session.get_one(Body, named.i.body_id), name="Айдос Ерланұлы")
    with pytest.raises(NotAllowed):
        service.delegate(session, named.i, named.invited, now, Said(post="Маман", colleague=colleague.contact))
    service.delegate(session, named.i, named.head, now, Said(post="Маман", colleague=colleague.contact))
    service.delegate_confirm(session, named.i, people.actor(colleague), now)
    assert (named.i.state, named.i.delegate_name) == (S.DELEGATED, "Айдос Ерланұлы")


def test_another_date_is_asked_for_and_the_organiser_answers(named: Any, session: Session, now: datetime) -> None:
    assert refused(lambda: service.ask_date(session, named.i, named.invited, now, Said("Іссапар", wished=date(2026, 4, 24)))) == ("wished", "wished_in_the_past")
    service.ask_date(session, named.i, named.invited, now, Said("Іссапар", wished=date(2026, 5, 21)))
    assert (named.i.state, named.i.reason) == (S.DATE_ASKED, "Іссапар")
    assert refused(lambda: service.keep_date(session, named.i, named.organiser, now, text="")) == ("text", "reason_missing")
    with pytest.raises(NotAllowed):
        service.keep_date(session, named.i, named.invited, now, text="Зал")

    service.keep_date(session, named.i, named.organiser, now, text="Зал тек сол күні бос")

    assert (named.i.state, named.i.answer, named.i.reason) == (S.SENT, None, None)


def test_after_the_beginning_after_withdrawal_and_in_the_name_of_a_body_that_ceased(named: Any, session: Session, now: datetime) -> None:
    for step in sorted(ANSWERS):
        with pytest.raises(service.EventBegan):
            service.ANSWER_STEPS[step](session, named.i, named.invited, STARTS, SAYS)
    with pytest.raises(service.EventBegan):
        service.withdraw(session, named.i, named.organiser, STARTS, text="Кеш")
    body = session.get_one(Body, named.i.body_id)
    body.active = False
    with pytest.raises(service.BodyCeased):
        service.accept(session, named.i, named.invited, now)
    body.active = True
    assert refused(lambda: service.withdraw(session, named.i, named.organiser, now, text="")) == ("text", "reason_missing")
    service.withdraw(session, named.i, named.organiser, now, text="Тақырып өзгерді")
    assert (named.i.state, named.i.reason) == (S.WITHDRAWN, "Тақырып өзгерді")
    for step in sorted(ANSWERS):
        with pytest.raises(service.InvitationWithdrawn):
            service.ANSWER_STEPS[step](session, named.i, named.invited, now, SAYS)


def test_two_at_once_see_that_the_other_was_faster(named: Any, session: Session, now: datetime) -> None:
    seen = named.i.version
    service.lock(session, named.i, seen)
    service.withdraw(session, named.i, named.organiser, now, text="Бірінші")
    with pytest.raises(service.InvitationChangedMeanwhile):
        service.lock(session, named.i, seen)


# --- who came -------------------------------------------------------------------------------------------------------------

def test_who_came_is_recorded_contested_and_corrected(named: Any, session: Session, now: datetime) -> None:
    service.accept(session, named.i, named.invited, now)
    with pytest.raises(service.EventNotBegun):
        service.record(session, named.i, named.organiser, now, "record_absent")
    for actor in (named.invited, named.head, ANONYMOUS):
        with pytest.raises(NotAllowed):
            service.record(session, named.i, actor, STARTS, "record_absent")
    at = STARTS + timedelta(minutes=20)
    service.record(session, named.i, named.organiser, at, "record_absent")
    assert (named.i.state, named.i.answer, named.i.recorded_at, named.i.contest_until) == (S.ABSENT, S.ACCEPTED, at, date(2026, 5, 21))
    assert shown(session, named.i.id, at).fate == F.ABSENT

    assert refused(lambda: service.contest(session, named.i, named.official, at, text="")) == ("text", "reason_missing")
    with pytest.raises(NotAllowed):
        service.contest(session, named.i, named.organiser, at, text="Жоқ")
    service.contest(session, named.i, named.official, at, text="Басшы 18:40-тан бастап залда болды")
    with pytest.raises(service.ContestTooLate):
        service.contest(session, named.i, named.head, at, text="Тағы да")
    assert shown(session, named.i.id, at).contested

    service.record(session, named.i, named.organiser, at + timedelta(days=1), "record_present")

    assert (named.i.state, named.i.contested_at) == (S.PRESENT, None)
    assert [s.kind for s in session.scalars(select(InvitationEvent).order_by(InvitationEvent.id))] == [
        "invite", "accept", "record_absent", "contest", "record_present"]


@pytest.mark.parametrize(("day", "possible"), [(date(2026, 5, 21), True), (date(2026, 5, 22), False)])
def test_contesting_ends_after_five_working_days(named: Any, session: Session, day: date, possible: bool) -> None:
    service.record(session, named.i, named.organiser, STARTS, "record_absent")
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=ALMATY)
    if possible:
        service.contest(session, named.i, named.invited, at, text="Келдім")
        assert named.i.contested_at == at
    else:
        with pytest.raises(service.ContestTooLate):
            service.contest(session, named.i, named.invited, at, text="Келдім")


# --- on the record ----------------------------------------------------------------------------------------------------------

def test_the_record_of_a_body(host: Host, session: Session, people: Any, now: datetime) -> None:
    road = host.body()
    ends: list[tuple[str, Fate]] = [("came", F.CAME), ("delegate", F.DELEGATE_CAME), ("declined", F.DECLINED), ("silent", F.SILENT), ("absent", F.ABSENT), ("withdrawn", F.WITHDRAWN)]
    for days, (how, _) in enumerate(ends):
        event = host.event(starts=STARTS + timedelta(days=days))
        i = host.invite(event, road, email="office@example.test")
        office, at = Actor(contact_id=i.contact_id), event.starts_at
        if how in ("came", "absent"):
            service.accept(session, i, office, now)
        if how == "delegate":
            service.delegate(session, i, office, now, SAYS)
            service.delegate_confirm(session, i, Actor(contact_id=i.delegate_contact_id), now)
        if how == "declined":
            service.decline(session, i, office, now, SAYS)
        if how == "withdrawn":
            service.withdraw(session, i, host.actor, now, text="Қате")
            continue
        service.record(session, i, host.actor, at, {"came": "record_present", "delegate": "record_delegate"}.get(how, "record_absent"))
    host.invite(host.event(announced=False), road, email="office@example.test")  # not public yet: not told
    session.commit()

    record = record_of_body(session, road.id, STARTS + timedelta(days=30))

    assert [r.fate for r in record.rows] == [f for _, f in ends]
    assert (record.invited, dict(record.counts)) == (5, {F.CAME: 1, F.DELEGATE_CAME: 1, F.DECLINED: 1, F.SILENT: 1, F.ABSENT: 1})


def test_the_database_refuses_to_forget(named: Any, host: Host, session: Session, now: datetime) -> None:
    strikes.put_strike_request(session, named.event, host.actor, now, whom="Спикер", requested_by="Әкім аппараты", requested_on=now.date(), text="Тізімнен алып тастаңыз", struck=False)
    session.commit()
    for statement in (delete(Invitation), delete(InvitationEvent), update(InvitationEvent).values(kind="accept"), delete(StrikeRequest), update(StrikeRequest).values(text="басқа")):
        with pytest.raises(DBAPIError):
            session.execute(statement)
        session.rollback()
    assert session.scalar(text("SELECT count(*) FROM invitation")) == 1


def test_a_request_to_strike_a_speaker(named: Any, host: Host, session: Session, people: Any, now: datetime) -> None:
    said = {"whom": "Спикер", "requested_by": "Әкім аппараты", "requested_on": now.date(), "text": "Тізімнен алып тастаңыз", "struck": True}
    with pytest.raises(NotAllowed):
        strikes.put_strike_request(session, named.event, people.actor(people.account()), now, **said)
    assert refused(lambda: strikes.put_strike_request(session, named.event, host.actor, now, **said | {"requested_by": " "})) == ("requested_by", "words_missing")
    assert refused(lambda: strikes.put_strike_request(session, named.event, host.actor, now, **said | {"requested_on": date(2026, 4, 25)})) == ("requested_on", "date_in_the_future")
    for wrong in (999_999, session.scalars(select(Body.id).where(Body.city_id != host.city.id)).first()):
        assert refused(lambda body_id=wrong: strikes.put_strike_request(session, named.event, host.actor, now, **said | {"body_id": body_id})) == ("body_id", "body_missing")
    assert refused(lambda: strikes.put_strike_request(session, named.event, host.actor, now, **said | {"whom": "ә" * 201})) == ("whom", "name_too_long")
    made = strikes.put_strike_request(session, named.event, host.actor, now, **said)
    assert (made.whom, made.language, made.at) == ("Спикер", "kk", now)


# --- what time does ---------------------------------------------------------------------------------------------------------

def reminded(session: Session) -> list[int]:
    return [s.facts["days"] for s in session.scalars(select(InvitationEvent).where(InvitationEvent.kind == "remind").order_by(InvitationEvent.id))]


def test_reminders_go_out_three_days_and_one_day_before(named: Any, session: Session) -> None:
    due = named.i.due_on
    seen = {}
    for days in (5, 4, 3, 2, 1, 0, -1):
        at = datetime(due.year, due.month, due.day, 10, tzinfo=ALMATY) - timedelta(days=days)
        for _ in range(2):  # run again, it does nothing more
            sweep(session, at)
        seen[days] = reminded(session)
    assert seen == {5: [], 4: [], 3: [3], 2: [3], 1: [3, 1], 0: [3, 1], -1: [3, 1]}
    assert named.i.reminders == 2


def test_a_late_sweep_sends_the_nearer_reminder_only(named: Any, session: Session) -> None:
    sweep(session, datetime(2026, 5, 3, 10, tzinfo=ALMATY))
    sweep(session, datetime(2026, 5, 4, 10, tzinfo=ALMATY))
    assert reminded(session) == [1]


def test_who_has_answered_is_not_reminded_but_an_unconfirmed_delegate_is(named: Any, session: Session, now: datetime) -> None:
    service.accept(session, named.i, named.invited, now)
    sweep(session, datetime(2026, 5, 1, 10, tzinfo=ALMATY))
    assert reminded(session) == []
    service.delegate(session, named.i, named.invited, now, SAYS)
    sweep(session, datetime(2026, 5, 1, 10, tzinfo=ALMATY))
    assert reminded(session) == [3]


def test_a_moved_event_asks_everybody_anew_once(named: Any, session: Session, now: datetime) -> None:
    service.accept(session, named.i, named.invited, now)
    to = STARTS + timedelta(days=7)
    events.move(session, named.event, named.organiser, now, starts_at=to, ends_at=to + timedelta(hours=2), text="Зал бос емес")
    later = now + timedelta(minutes=1)

    assert [sweep(session, later)["asked_again"], sweep(session, later)["asked_again"]] == [1, 0]

    assert (named.i.state, named.i.answer, named.i.asked_for) == (S.SENT, None, to)
    last = session.scalars(select(InvitationEvent).order_by(InvitationEvent.id.desc())).first()
    assert last is not None and (last.kind, last.role, last.facts["before"]) == ("ask_again", "system", STARTS.astimezone(ZoneInfo("UTC")).isoformat())


def test_silence_is_never_stored(named: Any, session: Session) -> None:
    at = STARTS + timedelta(days=1)
    sweep(session, at)
    assert (named.i.state, shown(session, named.i.id, at).fate, shown(session, named.i.id, at).silent_days) == (S.SENT, F.SILENT, 20)


def test_everything_that_can_be_refused_has_a_message() -> None:
    import re
    from pathlib import Path

    from civic.web.errors import MESSAGES

    sources = "".join(p.read_text() for p in Path("civic/invitations").glob("*.py"))
    codes = set(re.findall(r'InputRefused\([^,()]+(?:\([^()]*\))?[^,()]*, "(\w+)"', sources)) | set(re.findall(r'^    code = "(\w+)"', sources, re.MULTILINE))
    codes |= set(re.findall(r'require\([^,]+, "\w+", "(\w+)"\)', sources)) | {"words_missing"}
    assert len(codes) > 20
    assert codes - set(MESSAGES) == set()


def test_domain_errors_are_domain_errors() -> None:
    assert all(issubclass(e, DomainError) for e in (service.EventBegan, service.InvitationWithdrawn, service.BodyCeased))
    assert RECORDS.isdisjoint(ANSWERS)
    assert Event.__tablename__ == "event"


def test_two_organisers_who_invite_the_same_body_at_once_make_one_invitation(host: Host, session: Session, now: datetime) -> None:
    event_id, body_id, actor = host.event().id, host.body().id, host.actor
    addresses = [f"office{n}@example.org" for n in range(6)]

    def one(own: Session) -> None:
        invite(own, own.get_one(Event, event_id), actor, now, Invitee(body_id, email=addresses.pop()))

    assert together(session, one) == ["done"] + ["invited_before"] * 5
    assert len(session.scalars(select(Invitation)).all()) == 1
