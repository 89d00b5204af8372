"""Focus groups: consent before anything else, pseudonyms, what the public reads, and a withdrawal that leaves nothing."""

import re
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.errors import InputRefused
from civic.events.models import Event, Registration
from civic.events.registration import Wish, register
from civic.events.service import finish, start
from civic.events.states import Admission, RegistrationState
from civic.focus import groups
from civic.focus.consent import VERSION
from civic.focus.models import FocusGroup, Line, Participant
from civic.places.models import District
from civic.privacy.archive import gather
from civic.privacy.erasure import erase
from civic.privacy.person import Person
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.people import People
from tests.support.together import together


@pytest.fixture
def event(held: Held) -> Event:
    return held(format="focus_group", capacity=12, admission=Admission.APPROVAL)


def taking_part(held: Held, event: Event, now: datetime, band: str = "25-34", district: District | None = None) -> tuple[Registration, Participant]:
    """Somebody who agreed, was registered and has a pseudonym."""
    row = register(held.session, event, held.people.contact(), Wish("Қонақ", consent=True, informed=(VERSION, "kk")), now)
    row.state = RegistrationState.REGISTERED
    return row, groups.join(held.session, row, now, age_band=band, district_id=district.id if district else None)


def take_place(held: Held, event: Event) -> None:
    """The group meets and parts."""
    start(held.session, event, held.actor, event.starts_at)
    finish(held.session, event, held.actor, event.ends_at)
    held.session.commit()


def test_the_consent_stands_before_everything_else_and_its_version_is_kept(client: Browser, session: Session, event: Event, people: People) -> None:
    people.sign_in(client, people.account(name="Сәуле"))
    page = f"/ru/shymkent/events/{event.code}"
    answer = client.get(f"{page}/register")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page}/consent")
    assert client.submit(client.get(f"{page}/consent"), f"{page}/consent").headers["Location"] == f"{page}/register"
    client.submit(client.get(f"{page}/register"), f"{page}/register", name="Сәуле", consent="y")
    row = session.scalars(select(Registration)).one()
    assert (row.informed_version, row.informed_language, row.state) == (VERSION, "ru", "pending")


def test_a_form_sent_without_the_consent_is_refused(client: Browser, session: Session, held: Held, event: Event, now: datetime) -> None:
    with pytest.raises(InputRefused, match="informed_consent_missing"):
        register(session, event, held.people.contact(), Wish("Қонақ", consent=True), now)


def test_an_event_of_another_format_asks_for_none(client: Browser, held: Held) -> None:
    other = held(format="conference")
    assert client.get(f"/kk/shymkent/events/{other.code}/register").status_code == 200
    assert client.get(f"/kk/shymkent/events/{other.code}/consent").status_code == 404


def test_pseudonyms_are_given_by_the_product_and_never_twice(session: Session, held: Held, event: Event, now: datetime) -> None:
    rows = []
    for _ in range(8):
        row = register(session, event, held.people.contact(), Wish("Қонақ", consent=True, informed=(VERSION, "kk")), now)
        row.state = RegistrationState.REGISTERED
        rows.append(row.id)

    def join(own: Session) -> None:
        groups.join(own, own.get_one(Registration, rows.pop()), now, age_band="18-24", district_id=None)

    assert together(session, join, 8) == ["done"] * 8
    names = [p.pseudonym for p in groups.participants(session, event.id)]
    assert (len(names), len(set(names))) == (8, 8)
    assert set(names) <= set(groups.PSEUDONYMS)


def test_a_participant_gets_the_pseudonym_on_the_page_of_the_ticket(client: Browser, session: Session, held: Held, event: Event, now: datetime, people: People) -> None:
    user = people.account()
    row = register(session, event, user.contact, Wish("Айгүл", consent=True, informed=(VERSION, "kk")), now)  # type: ignore[arg-type]
    people.sign_in(client, user)
    ticket = client.get(f"/kk/shymkent/events/{event.code}/register").headers["Location"]
    assert "/group" not in client.get(ticket).text  # not approved yet
    row.state = RegistrationState.REGISTERED
    session.commit()
    place = re.search(r'href="([^"]*/group)"', client.get(ticket).text)[1]  # type: ignore[index]
    assert client.submit(client.get(place), place, age_band="nonsense").status_code == 422
    district = session.scalars(select(District).where(District.city_id == event.city_id)).first()
    assert client.submit(client.get(place), place, age_band="35-49", district=str(district.id)).status_code == 303  # type: ignore[union-attr]
    mine = session.scalars(select(Participant)).one()
    assert mine.pseudonym in client.get(place).text and (mine.age_band, mine.district_id) == ("35-49", district.id)  # type: ignore[union-attr]


def test_the_public_reads_pseudonym_band_and_place_and_nothing_before_it_is_published(client: Browser, new_client: object, session: Session, held: Held, event: Event, now: datetime, people: People) -> None:
    district = session.scalars(select(District).where(District.city_id == event.city_id)).first()
    _, first = taking_part(held, event, now, "18-24", district)
    _, second = taking_part(held, event, now, "65+")
    people.sign_in(client, held.owner)
    own, public = f"/kk/organise/events/{event.code}/group/", f"/en/shymkent/events/{event.code}/transcript"
    spoken = f"Модератор: Не өзгерді?\n{first.pseudonym}: Автобус кешігеді.\nЕкі күн қатарынан.\n{second.pseudonym.upper()}: Меня услышали."
    assert client.submit(client.get(own), own, text=spoken).status_code == 303
    assert client.get(public).status_code == 404
    assert "The discussion is not over yet" in client.submit(client.get(own.replace("/kk/", "/en/")), f"{own}publish".replace("/kk/", "/en/"), follow=True).text
    assert client.get(public).status_code == 404
    take_place(held, event)
    client.submit(client.get(own), f"{own}publish")
    text = re.sub(r"<[^>]+>", "|", client.get(public).text)
    assert f"{first.pseudonym}, 18–24, {district.name['en']}" in text  # type: ignore[union-attr]
    assert f"{second.pseudonym}, 65+, Shymkent" in text and "Автобус кешігеді.\nЕкі күн қатарынан." in text
    assert f"/en/shymkent/events/{event.code}/transcript" in client.get(f"/en/shymkent/events/{event.code}").text


@pytest.mark.parametrize(("text", "code"), [("", "transcript_empty"), ("Жоқ: сөз", "speaker_unknown"), ("сөз", "speaker_unknown"), ("Модератор:", "transcript_empty"), ("Модератор: " + "ә" * 200_001, "transcript_too_long")])
def test_a_transcript_that_cannot_be_read_is_refused(held: Held, event: Event, now: datetime, text: str, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        groups.write_transcript(held.session, event, now, text)
    assert (refused.value.field, refused.value.code) == ("text", code)


def test_nothing_is_published_before_it_was_said(held: Held, event: Event, now: datetime) -> None:
    groups.write_transcript(held.session, event, now, "Модератор: Бастайық")
    for step in (None, start):
        if step is not None:
            step(held.session, event, held.actor, event.starts_at)
        with pytest.raises(InputRefused, match="transcript_before_end"):
            groups.publish(held.session, event, now)
    finish(held.session, event, held.actor, event.ends_at)
    groups.publish(held.session, event, event.ends_at)
    assert held.session.get_one(FocusGroup, event.id).published_at == event.ends_at


@pytest.mark.parametrize("before", [True, False])
def test_withdrawal_removes_everything_that_the_person_left(client: Browser, session: Session, held: Held, event: Event, now: datetime, people: People, before: bool) -> None:
    user = people.account()
    row = register(session, event, user.contact, Wish("Айгүл", consent=True, informed=(VERSION, "kk")), now)  # type: ignore[arg-type]
    row.state = RegistrationState.REGISTERED
    event.taken = 1
    mine = groups.join(session, row, now, age_band="50-64", district_id=None)
    _, other = taking_part(held, event, now)
    pseudonym = mine.pseudonym
    spoken = f"Модератор: Бастайық\n{pseudonym}: Айтпас сөзім\n{other.pseudonym}: Менің сөзім\n{pseudonym}: Тағы да айтпас сөз"
    groups.write_transcript(session, event, now, spoken)
    if not before:
        take_place(held, event)
        groups.publish(session, event, now)
    people.sign_in(client, user)
    ticket = client.get(f"/kk/shymkent/events/{event.code}/register").headers["Location"]
    out = f"{ticket}/group/withdraw"
    assert client.submit(client.get(out), out).status_code == 303
    session.expire_all()
    if before:
        take_place(held, event)
        groups.publish(session, event, now)
        session.commit()
    text = client.get(f"/kk/shymkent/events/{event.code}/transcript").text
    assert ("айтпас" in text.casefold(), pseudonym in text, "Менің сөзім" in text) == (False, False, True)
    assert [len(session.scalars(select(table)).all()) for table in (Participant, Line)] == [1, 2]
    assert (session.get_one(FocusGroup, event.id).withdrawn, row.informed_version, row.state) == (1, None, "cancelled" if before else "registered")
    with pytest.raises(InputRefused, match="speaker_unknown"):  # the organiser's open page cannot bring the words back
        groups.write_transcript(session, event, now, f"{pseudonym}: Айтпас сөзім")
    with pytest.raises(InputRefused, match="speaker_unknown"):  # nor under the name of who spoke before
        groups.write_transcript(session, event, now, spoken)


def test_erasing_a_person_takes_what_they_said_along(session: Session, held: Held, event: Event, now: datetime) -> None:
    row, mine = taking_part(held, event, now)
    _, other = taking_part(held, event, now)
    event.taken = 2
    groups.write_transcript(session, event, now, f"{mine.pseudonym}: Айтпас сөзім\n{other.pseudonym}: Менің сөзім")
    person = Person(None, row.contact_id)
    assert [line["text"] for line in gather(session, person)["focus_line"]] == ["Айтпас сөзім"]
    erase(session, person, now)
    assert [p.id for p in session.scalars(select(Participant))] == [other.id]
    assert [line.text for line in session.scalars(select(Line))] == ["Менің сөзім"]


def test_strangers_see_no_group(client: Browser, event: Event, people: People) -> None:
    people.sign_in(client, people.account())
    assert client.get(f"/kk/organise/events/{event.code}/group/").status_code == 404
    assert client.get("/kk/registration/nonsense/group").status_code == 404
