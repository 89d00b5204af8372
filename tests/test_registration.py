"""Coming to an event: places that hold, the waiting list, offers, approval, the button of the letter, the door."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.events import registration, service
from civic.events.models import Event, Registration, RegistrationRequest
from civic.events.registration import RegistrationClosed, RequestExpired, Wish
from civic.events.states import Admission, Consent, Right
from civic.events.sweep import forget_needs, sweep
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People
from tests.support.together import begin, together

WISH = Wish("Айгүл", consent=True)


def _states(session: Session, event: Event) -> list[str]:
    return list(session.scalars(select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id)))


def _of(row: Registration) -> Actor:
    return Actor(contact_id=row.contact_id)


@pytest.mark.parametrize("crowd", [200])
def test_exactly_as_many_as_there_are_places_get_one_at_once(app: Any, session: Session, held: Held, people: People, now: datetime, crowd: int) -> None:
    """200 people at the same moment, each in a transaction of their own, as requests are."""
    from civic.extensions import db

    event = held(capacity=50)
    contacts = [people.contact(f"crowd{n}@example.test").id for n in range(crowd)]
    event_id = event.id
    session.commit()
    ready = threading.Barrier(20)

    def come(contact_id: int) -> str:
        if contact_id in contacts[:20]:
            ready.wait(30)
        with Session(db_engine) as own:
            begin(own)
            row = registration.register(own, own.get_one(Event, event_id), own.get_one(Contact, contact_id), WISH, now)
            own.commit()
            return str(row.state)

    with app.app_context():
        db_engine = db.engine
        with ThreadPoolExecutor(20) as pool:
            states = list(pool.map(come, contacts))
    session.expire_all()
    assert (states.count("registered"), states.count("waiting")) == (50, crowd - 50)
    assert session.get_one(Event, event_id).taken == 50
    assert len(set(session.scalars(select(Registration.number)))) == crowd


def test_one_person_gets_one_place_however_often_the_button_is_pressed(session: Session, held: Held, people: People, now: datetime) -> None:
    event_id, contact_id = held(capacity=50).id, people.contact().id
    ids = []

    def come(own: Session) -> None:
        ids.append(registration.register(own, own.get_one(Event, event_id), own.get_one(Contact, contact_id), WISH, now).id)

    assert together(session, come, 12) == ["done"] * 12
    assert (len(set(ids)), session.get_one(Event, event_id).taken) == (1, 1)


def test_the_waiting_are_offered_places_in_order_with_a_deadline(session: Session, held: Held, now: datetime, mails: Mails) -> None:
    event = held(capacity=1)
    first, second, third = held.come(event), held.come(event), held.come(event)
    assert [first.state, second.state, third.state] == ["registered", "waiting", "waiting"]
    mails()
    registration.leave(session, first, _of(first), now)
    assert [first.state, second.state, third.state] == ["cancelled", "offered", "waiting"]
    assert second.offer_until == now + timedelta(hours=24)
    session.refresh(event)
    assert event.taken == 1  # an offered place is held
    letters = {str(m["To"]): words_of(m) for m in mails()}
    assert len(letters) == 2
    later = now + timedelta(hours=25)
    assert registration.lapse_offers(session, later) == 1
    assert [second.state, third.state] == ["lapsed", "offered"]
    registration.accept(session, third, _of(third), later)
    registration.accept(session, third, _of(third), later)  # pressed twice
    session.refresh(event)
    assert (third.state, event.taken) == ("registered", 1)
    with pytest.raises(TransitionForbidden):
        registration.accept(session, second, _of(second), later)


def test_a_larger_room_lets_the_waiting_in_and_a_smaller_one_throws_nobody_out(session: Session, held: Held, now: datetime) -> None:
    event = held(capacity=1)
    rows = [held.come(event) for _ in range(4)]
    service.lock(session, event)
    service.edit(session, event, held.actor, now, held.typed(capacity=3))
    assert [r.state for r in rows] == ["registered", "offered", "offered", "waiting"]
    with pytest.raises(InputRefused) as refused:
        service.edit(session, event, held.actor, now, held.typed(capacity=2))
    assert (refused.value.code, refused.value.facts) == ("places_taken", {"taken": 3})


def test_an_offer_never_outlives_the_beginning_and_none_is_made_after_it(session: Session, held: Held, clock: Any) -> None:
    event = held(capacity=1)
    first, second, third = held.come(event), held.come(event), held.come(event)
    late = event.starts_at - timedelta(hours=3)
    registration.leave(session, first, _of(first), late)
    assert second.offer_until == event.starts_at
    registration.leave(session, second, _of(second), event.starts_at + timedelta(minutes=1))
    assert third.state == "waiting"


def test_approval(session: Session, held: Held, people: People, now: datetime) -> None:
    event = held(capacity=1, admission=Admission.APPROVAL)
    first, second, third = held.come(event), held.come(event), held.come(event)
    assert _states(session, event) == ["pending"] * 3
    with pytest.raises(NotAllowed):
        registration.approve(session, first, people.actor(held.member(Right.DOOR)), now)
    organiser = people.actor(held.member(Right.ORGANISER))
    for row in (first, second):
        registration.approve(session, row, organiser, now)
    registration.decline(session, third, organiser, now)
    assert _states(session, event) == ["registered", "waiting", "declined"]
    assert held.come(event, session.get_one(Contact, third.contact_id)).state == "declined"  # asking again changes nothing


def test_once_it_is_over_or_called_off_registrations_stay_as_they_are(client: Browser, session: Session, held: Held, people: People, mails: Mails) -> None:
    event = held(admission=Admission.APPROVAL)
    row = held.come(event)
    guests = f"/en/organise/events/{event.code}/guests"
    listed = people.sign_in(client, held.owner).get(guests)
    assert listed.text.count("/approve") == 1
    with client.application.app_context():
        ticket = f"/en/registration/{signer('registration').dumps([row.id, row.contact_id])}"
    leave = client.get(f"{ticket}/leave")
    session.rollback()
    service.cancel(session, event, held.actor, utc_now(), text="Ауырып қалды")
    mails()
    said = "its registrations stay as they are"
    assert said in client.submit(listed, "/approve", follow=True).text  # pressed on a page that was opened before
    left = client.submit(leave)
    assert (left.status_code, said in left.text) == (409, True)
    assert "/approve" not in client.get(guests).text
    session.refresh(row)
    assert (row.state, mails()) == ("pending", [])


@pytest.mark.parametrize(("wish", "field", "code"), [
    (Wish("", consent=True), "name", "visitor_name_missing"), (Wish("А" * 121, consent=True), "name", "name_too_long"),
    (Wish("А", "рампа", consent=True), "needs_consent", "needs_without_consent"), (Wish("А"), "consent", "consent_missing"),
    (Wish("А", "р" * 501, True, True), "needs", "too_many_characters"),
])
def test_what_is_missing_is_said_beside_its_field(session: Session, held: Held, people: People, now: datetime, wish: Wish, field: str, code: str) -> None:
    event = held(consent=Consent.RECORDING)
    with pytest.raises(InputRefused) as refused:
        registration.register(session, event, people.contact(), wish, now)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_nobody_registers_for_what_takes_nobody(session: Session, held: Held, people: People, now: datetime) -> None:
    free, called_off, over, draft = held(admission=Admission.FREE), held(), held(), held.draft()
    service.cancel(session, called_off, held.actor, now, text="Ауырып қалды")
    for event, moment in ((free, now), (called_off, now), (over, over.ends_at), (draft, now)):
        with pytest.raises(RegistrationClosed):
            registration.register(session, event, people.contact(), WISH, moment)


def test_needs_are_deleted_after_the_event_and_when_somebody_leaves(session: Session, held: Held, now: datetime) -> None:
    event = held()
    stays, leaves = held.come(event, needs="Рампа"), held.come(event, needs="Ымдау тілі")
    registration.leave(session, leaves, _of(leaves), now)
    assert leaves.needs is None
    assert forget_needs(session, event.ends_at + timedelta(hours=23)) == 0
    assert forget_needs(session, event.ends_at + timedelta(hours=25)) == 1
    session.refresh(stays)
    assert stays.needs is None


def test_requests_of_a_script_hold_no_place_and_are_bounded(session: Session, held: Held, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registration, "REQUESTS_AN_HOUR", 20)
    event = held(capacity=2)
    for n in range(20):
        registration.request(session, event, f"script{n}@example.test", "kk", WISH, now)
    with pytest.raises(InputRefused) as refused:
        registration.request(session, event, "one.more@example.test", "kk", WISH, now)
    session.refresh(event)
    assert (refused.value.code, event.taken) == ("too_many_requests", 0)
    registration.request(session, event, "script3@example.test", "kk", WISH, now)  # the same again is no new one
    registration.request(session, event, "one.more@example.test", "kk", WISH, now + timedelta(minutes=61))
    sweep(session, now + timedelta(days=4))
    assert session.scalar(select(func.count()).select_from(RegistrationRequest)) == 0


def test_a_button_pressed_too_late(session: Session, held: Held, people: People, now: datetime) -> None:
    row = registration.request(session, held(), "late@example.test", "kk", WISH, now)
    with pytest.raises(RequestExpired):
        registration.confirm(session, row, people.contact("late@example.test"), now + timedelta(days=3))


def test_by_mail_without_an_account(client: Browser, session: Session, held: Held, mails: Mails) -> None:
    event = held(capacity=1, consent=Consent.MINORS)
    page = client.get(f"/ru/shymkent/events/{event.code}/register")
    bad = client.submit(page, name="", email="aigul@", needs="Пандус")
    assert bad.status_code == 422
    assert all(words in bad.text for words in ("Пандус", "aigul@"))
    sent = client.submit(bad, name="Айгүл", email="Aigul@example.org", needs="Пандус", needs_consent="y", consent="y", follow=True)
    assert sent.request.path.endswith("/asked")
    session.refresh(event)
    assert event.taken == 0
    link = links_of(mails.to("aigul@example.org")[0])[0]
    button = client.get(link)
    session.refresh(event)
    assert (button.status_code, event.taken) == (200, 0)  # a link registers nobody
    ticket = client.submit(button, follow=True)
    session.refresh(event)
    row = session.scalars(select(Registration)).one()
    assert (event.taken, row.needs, row.number in ticket.text, "data:image/svg" in ticket.text) == (1, "Пандус", True, True)
    assert client.get(link, follow_redirects=True).request.path.endswith("/my/events")  # pressed before, in this browser
    letter = mails.to("aigul@example.org")[0]
    assert row.number in str(letter["Subject"])
    leave = client.get(links_of(letter)[-1] + "/leave")
    assert client.submit(leave, follow=True).status_code == 200
    session.refresh(event)
    assert event.taken == 0


def test_with_an_account_and_seen_by_organisers_only(client: Browser, new_client: Any, session: Session, held: Held, people: People) -> None:
    event, user = held(capacity=2), people.account(name="Қонақ Қонақов")
    people.sign_in(client, user)
    ticket = client.submit(client.get(f"/kk/shymkent/events/{event.code}/register"), needs="Арба", needs_consent="y", follow=True)
    assert "/registration/" in ticket.request.path
    assert client.get(f"/kk/shymkent/events/{event.code}/register").status_code == 303  # to the ticket
    assert "Қонақ" in client.get("/kk/my/events").text or event.code in client.get("/kk/my/events").text
    public = new_client().get(f"/kk/shymkent/events/{event.code}")
    assert "Арба" not in public.text
    assert "Қонақов" not in public.text
    for person, status in ((held.owner, 200), (held.member(Right.ORGANISER), 200), (held.member(Right.DOOR), 404), (people.account(), 404)):
        assert people.sign_in(new_client(), person).get(f"/kk/organise/events/{event.code}/guests").status_code == status
    assert "Арба" in people.sign_in(new_client(), held.owner).get(f"/kk/organise/events/{event.code}/guests").text


def test_reminders_a_week_a_day_and_two_hours_before(session: Session, held: Held, clock: Any, mails: Mails, people: People) -> None:
    event = held()
    guest = people.contact("guest@example.test", delivery="daily")
    held.come(event, guest)
    mails()
    got = []
    for before in (timedelta(days=8), timedelta(days=7), timedelta(days=6, hours=12), timedelta(days=2), timedelta(days=1), timedelta(hours=20), timedelta(hours=3),
                   timedelta(hours=2), timedelta(hours=1)):
        moment = event.starts_at - before
        clock.move_to(moment)
        sweep(session, moment)
        got.append(len(mails.to("guest@example.test")))
    assert got == [0, 1, 0, 0, 1, 0, 0, 1, 0]


def test_everybody_is_told_of_a_move_and_a_cancellation(session: Session, held: Held, now: datetime, mails: Mails, people: People) -> None:
    event = held(capacity=1)
    held.come(event, people.contact("a@example.test", locale="ru"))
    held.come(event, people.contact("b@example.test"))
    mails()
    later = event.starts_at + timedelta(days=7)
    service.move(session, event, held.actor, now, starts_at=later, ends_at=later + timedelta(hours=2), text="Ремонт в зале")
    moved = mails()
    assert {str(m["To"]) for m in moved} == {"a@example.test", "b@example.test"}
    assert all("Ремонт в зале" in words_of(m) for m in moved)
    service.cancel(session, event, held.actor, now, text="Баяндамашы ауырды")
    assert {str(m["To"]) for m in mails()} == {"a@example.test", "b@example.test"}
