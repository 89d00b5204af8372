"""Making events: what is refused and how, copies, series, two organisers at once, rights."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.errors import InputRefused, NotAllowed
from civic.core.working_days import WorkCalendar
from civic.events import organisations, series, service
from civic.events.formats import FORMATS
from civic.events.inputs import ItemInput, SpeakerInput, is_web_address
from civic.events.models import Event, EventStep
from civic.events.series import dates_after, is_day_off, rule_for
from civic.events.states import Mode, Right
from civic.events.sweep import sweep
from civic.places.models import DayEdit
from tests.support.client import Browser
from tests.support.events import ALMATY, Held
from tests.support.people import People

EVENING = datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY)


@pytest.mark.parametrize(("changes", "field", "code"), [
    ({"title": {}}, "title_kk", "title_missing"), ({"title": {"ru": "Т" * 161}}, "title_ru", "title_too_long"), ({"text": {"kk": "М" * 8001}}, "text_kk", "text_too_long"),
    ({"format": "fight"}, "format", "format_missing"), ({"direction": "up"}, "direction", "direction_missing"),
    ({"starts_at": EVENING, "ends_at": EVENING - timedelta(hours=1)}, "ends", "end_before_start"), ({"starts_at": EVENING, "ends_at": EVENING}, "ends", "end_before_start"),
    ({"starts_at": EVENING, "ends_at": EVENING + timedelta(days=15)}, "ends", "too_long"),
    ({"starts_at": datetime(2026, 4, 23, 18, tzinfo=ALMATY)}, "date", "in_the_past"), ({"ends_at": None}, "date", "time_missing"),
    ({"venue": " "}, "venue", "venue_missing"), ({"stream_url": "javascript:alert(1)", "mode": Mode.HYBRID}, "stream_url", "stream_wrong"),
    ({"stream_url": "https://"}, "stream_url", "stream_wrong"), ({"lat": 51.1, "lon": 71.4}, "address", "pin_outside_city"),
    ({"capacity": 0}, "capacity", "capacity_wrong"), ({"capacity": 10**6}, "capacity", "capacity_wrong"),
    ({"items": [ItemInput("", 10, [SpeakerInput("Айдос")])]}, "items", "item_without_title"), ({"items": [ItemInput("А", 1)] * 31}, "items", "too_many_items"),
    ({"items": [ItemInput("А", 2000)]}, "items", "minutes_wrong"), ({"items": [ItemInput("А", 10, [SpeakerInput("Б" * 121)])]}, "items", "item_too_long"),
])
def test_what_cannot_be_taken_is_refused_beside_its_field(held: Held, changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        held.draft(**changes)
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.parametrize(("typed", "good"), [
    ("https://stream.example.org/a?b=1", True), ("http://127.0.0.1:80/x", True), ("javascript:alert(1)", False), ("JAVASCRIPT://x", False), ("data:text/html,x", False),
    ("//example.org", False), ("https://exa mple.org", False), ("https:///x", False), ("http://[", False), ("ftp://example.org", False)])
def test_addresses_of_streams(typed: str, good: bool) -> None:
    assert is_web_address(typed) is good


@pytest.mark.parametrize("code", FORMATS)
def test_a_format_is_data_and_gives_a_whole_event(client: Browser, session: Session, held: Held, people: People, code: str) -> None:
    people.sign_in(client, held.owner)
    page = client.get(f"/kk/organise/{held.organisation.code}/event?format={code}")
    made = client.submit(page, title_kk="Ауа", date="11.06.2026", starts="18:30", ends="21:00", venue="Зал", follow=True)
    assert made.status_code == 200, made.text
    event = session.scalars(select(Event)).one()
    assert (event.format, event.admission, event.consent, event.capacity) == (code, FORMATS[code].admission, FORMATS[code].consent, FORMATS[code].capacity)
    assert [i.minutes for i in event.items] == [minutes for _, minutes in FORMATS[code].agenda]
    assert event.starts_at == datetime(2026, 6, 11, 13, 30, tzinfo=UTC)  # typed in local time, kept in UTC


def test_beginning_days_before_its_time_stands_aside(client: Browser, held: Held, people: People, clock: Any) -> None:
    event = held()
    people.sign_in(client, held.owner)
    address, button = f"/en/organise/events/{event.code}", f'action="/en/organise/events/{event.code}/start"'
    first, aside = client.get(address).text.split("<h2>More</h2>")
    assert button not in first and button in aside and "Begin now, before its time" in aside
    clock.move_to(event.starts_at - timedelta(hours=2))
    people.sign_in(client, held.owner)
    first, aside = client.get(address).text.split("<h2>More</h2>")
    assert button in first and button not in aside


def test_an_open_debate_is_not_announced_before_an_official_is_invited(client: Browser, session: Session, held: Held, people: People, now: datetime) -> None:
    event = held.draft(format="debate")
    people.sign_in(client, held.owner)
    manage = f"/ru/organise/events/{event.code}"
    client.submit(client.get(manage), "/announce", follow=True)
    session.refresh(event)
    assert event.state == "draft"
    event.invited_at = now
    client.submit(client.get(manage), "/announce", follow=True)
    session.refresh(event)
    assert event.state == "announced"


def test_a_form_that_is_refused_keeps_what_was_typed(client: Browser, session: Session, held: Held, people: People) -> None:
    people.sign_in(client, held.owner)
    page = client.get(f"/en/organise/{held.organisation.code}/event")
    sent = {"title_ru": "Воздух", "text_ru": "Много слов", "date": "11.06.2026", "starts": "18:30", "ends": "17:00", "venue": "", "stream_url": "javascript:alert(1)", "capacity": "many",
            "items-0-title": "Открытие", "items-0-speakers": "Айдос, эколог"}
    bad = client.submit(page, **sent)
    assert bad.status_code == 422
    for words in ("Воздух", "Много слов", "Открытие", "Айдос, эколог", "The end is before the beginning.", "Write where people meet.", "must begin with https://"):
        assert words in bad.text, words
    assert session.scalar(select(Event.id)) is None
    good = client.submit(bad, ends="20:00", venue="Зал", stream_url="", capacity="50", follow=True)
    assert good.status_code == 200
    event = session.scalars(select(Event)).one()
    assert [(s.name, s.about) for i in event.items for s in i.speakers] == [("Айдос", "эколог")]


def test_two_organisers_at_once_the_second_sees_both_texts(client: Browser, new_client: Any, session: Session, held: Held, people: People) -> None:
    event = held()
    first, second = people.sign_in(client, held.owner), people.sign_in(new_client(), held.member(Right.ORGANISER))
    path = f"/en/organise/events/{event.code}/edit"
    page_of_first, page_of_second = first.get(path), second.get(path)
    assert first.submit(page_of_first, venue="Шам орталығы").status_code == 303
    clash = second.submit(page_of_second, venue="Оқушылар сарайы", title_ru="Новый заголовок")
    assert clash.status_code == 409
    for words in ("Шам орталығы", "Оқушылар сарайы", "Новый заголовок"):
        assert words in clash.text
    session.refresh(event)
    assert event.venue == "Шам орталығы"
    assert second.submit(clash).status_code == 303
    session.refresh(event)
    assert (event.venue, event.title["ru"]) == ("Оқушылар сарайы", "Новый заголовок")


def test_a_change_raises_the_revision_and_nothing_changed_does_not(session: Session, held: Held, now: datetime) -> None:
    event = held()
    before = event.revision
    typed = held.typed(starts_at=event.starts_at)
    assert service.edit(session, event, held.actor, now, typed) == []
    assert event.revision == before
    assert service.edit(session, event, held.actor, now, replace(typed, venue="Басқа зал", text={"ru": "Иначе"})) == ["text_ru", "venue"]
    assert event.revision == before + 1


def test_the_time_of_an_announced_event_is_moved_not_edited(session: Session, held: Held, now: datetime) -> None:
    event = held()
    begins = event.starts_at
    service.edit(session, event, held.actor, now, held.typed(starts_at=begins + timedelta(days=1), venue="Басқа"))
    assert event.starts_at == begins
    for text, starts, code in (("", begins + timedelta(days=1), "reason_missing"), ("Себеп", begins, "not_moved"), ("Себеп", now - timedelta(days=1), "in_the_past")):
        with pytest.raises(InputRefused) as refused:
            service.move(session, event, held.actor, now, starts_at=starts, ends_at=starts + timedelta(hours=2), text=text)
        assert refused.value.code == code


def test_a_speaker_claims_the_place_and_keeps_it_when_the_agenda_changes(client: Browser, new_client: Any, session: Session, held: Held, people: People, now: datetime) -> None:
    items = [ItemInput("Баяндама", 20, [SpeakerInput("Айдос", "эколог")])]
    event = held(items=items)
    people.sign_in(client, held.owner)
    manage = client.get(f"/en/organise/events/{event.code}").text
    link = next(part.split('"')[0] for part in manage.split('href="') if "/events/speaker/" in part).replace("http://localhost", "")
    speaker, stranger = people.account(), people.account()
    page = people.sign_in(new_client(), speaker)
    assert page.submit(page.get(link), follow=True).status_code == 200
    assert people.sign_in(new_client(), stranger).get(link).status_code == 410
    service.edit(session, event, held.actor, now, held.typed(items=[ItemInput("Жаңа баяндама", 20, [SpeakerInput("Айдос", "ғалым"), SpeakerInput("Дана")])]))
    session.commit()
    session.expire_all()
    found = session.scalars(select(Event)).one().items[0].speakers
    assert [(s.name, s.about, s.user_id) for s in found] == [("Айдос", "ғалым", speaker.id), ("Дана", "", None)]


def test_a_picture_comes_with_the_form_and_a_broken_one_loses_nothing(client: Browser, session: Session, held: Held, people: People, picture: Any, mails: Any) -> None:
    people.sign_in(client, held.owner)
    page = client.get(f"/en/organise/{held.organisation.code}/event?format=conference")
    fields = {"title_ru": "Воздух", "date": "11.06.2026", "starts": "18:30", "ends": "20:00", "venue": "Зал"}
    bad = client.submit(page, **fields, picture=(BytesIO(b"not a picture"), "a.jpg"))
    assert (bad.status_code, "Воздух" in bad.text, session.scalar(select(Event.id))) == (422, True, None)
    assert client.submit(bad, picture=(BytesIO(picture()), "b.jpg")).status_code == 303
    mails()
    event = session.scalars(select(Event)).one()
    event.announced_at = event.created_at
    event.state = "announced"
    assert event.photo_id is not None
    assert client.get(f"/photo/{event.photo_id}/large.jpg", buffered=True).status_code == 200
    assert f"/photo/{event.photo_id}/large.jpg" in client.get(f"/en/shymkent/events/{event.code}").text


# --- copies and series ---

@pytest.mark.parametrize(("name", "day", "rule"), [
    ("weekly", date(2026, 6, 11), "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH"), ("fortnightly", date(2026, 6, 11), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
    ("monthly", date(2026, 6, 11), "FREQ=MONTHLY;INTERVAL=1;BYDAY=2TH"), ("monthly_last", date(2026, 6, 25), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1TH"),
    ("quarterly", date(2026, 6, 11), "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TH"), ("monthly", date(2026, 7, 30), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1TH")])
def test_rules(name: str, day: date, rule: str) -> None:
    assert rule_for(name, day) == rule


def test_every_last_thursday() -> None:
    rule = rule_for("monthly_last", date(2026, 6, 25))
    assert dates_after(rule, date(2026, 6, 25), date(2026, 6, 25), 3) == [date(2026, 7, 30), date(2026, 8, 27), date(2026, 9, 24)]


def test_days_off_of_a_series() -> None:
    calendar = WorkCalendar({date(2026, 6, 12): False, date(2026, 12, 26): True})
    assert [is_day_off(calendar, d) for d in (date(2026, 6, 12), date(2026, 6, 13), date(2026, 12, 16), date(2026, 6, 11))] == [True, False, True, False]


def test_a_series_keeps_three_ready_moves_days_off_and_marks_them(session: Session, held: Held, now: datetime) -> None:
    session.add(DayEdit(day=date(2026, 6, 25), working=False, reason="Қаулы"))
    event = held(starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY), items=[ItemInput("Ашылу", 10, [SpeakerInput("Айдос")])])
    made = series.begin_series(session, event, held.actor, now, rule="fortnightly")
    rows = session.scalars(select(Event).where(Event.series_id == made.id).order_by(Event.series_on)).all()
    local = [(e.starts_at.astimezone(ALMATY).strftime("%d.%m %H:%M"), e.state, e.off_day) for e in rows]
    assert local == [("11.06 18:30", "announced", False), ("26.06 18:30", "draft", True), ("09.07 18:30", "draft", False), ("23.07 18:30", "draft", False)] or local == [
        ("11.06 18:30", "announced", False), ("26.06 18:30", "draft", True), ("09.07 18:30", "draft", False)]
    service.cancel(session, rows[1], held.actor, now, text="")  # a draft that is thrown away is not made again
    sweep(session, datetime(2026, 6, 27, 9, tzinfo=ALMATY))
    sweep(session, datetime(2026, 6, 27, 9, 1, tzinfo=ALMATY))
    ahead = session.scalars(select(Event).where(Event.series_id == made.id, Event.starts_at > datetime(2026, 6, 27, tzinfo=ALMATY))).all()
    assert len(ahead) == 3
    assert {e.items[0].speakers[0].name for e in ahead} == {"Айдос"}
    series.end_series(session, made, event, held.actor, now)
    assert series.running_series(session) == []
    with pytest.raises(InputRefused):
        series.begin_series(session, event, held.actor, now, rule="weekly")


def test_a_copy_has_everything_but_people_and_history(client: Browser, session: Session, held: Held, people: People) -> None:
    event = held(items=[ItemInput("Ашылу", 10)])
    held.come(event)
    people.sign_in(client, held.owner)
    page = client.submit(client.get(f"/kk/organise/events/{event.code}"), "/copy", follow=True)
    assert page.request.path.endswith("/edit")
    copied = session.scalars(select(Event).where(Event.id != event.id)).one()
    assert (copied.state, copied.taken, copied.title, copied.venue, [i.title for i in copied.items]) == ("draft", 0, event.title, event.venue, ["Ашылу"])
    assert copied.starts_at - event.starts_at == timedelta(days=7)
    assert len(session.scalars(select(EventStep).where(EventStep.event_id == copied.id)).all()) == 1


# --- organisations ---

def test_rights_in_an_organisation(session: Session, held: Held, people: People, now: datetime) -> None:
    organiser, door = people.actor(held.member(Right.ORGANISER)), people.actor(held.member(Right.DOOR))
    service.make(session, held.organisation, held.city, organiser, now, held.typed())
    for actor in (door, people.actor(people.account())):
        with pytest.raises(NotAllowed):
            service.make(session, held.organisation, held.city, actor, now, held.typed())
    with pytest.raises(NotAllowed):
        organisations.give_right(session, held.organisation, held.owner, organiser, now, Right.DOOR)
    own = next(m for m in held.organisation.members if m.user_id == held.owner.id)
    with pytest.raises(InputRefused) as refused:
        organisations.end_member(session, held.organisation, held.actor, now, own)
    assert refused.value.code == "last_owner"
    other = held.member(Right.OWNER)
    organisations.end_member(session, held.organisation, people.actor(other), now, own)
    with pytest.raises(NotAllowed):
        service.make(session, held.organisation, held.city, held.actor, now, held.typed())


def test_founding_and_filling_an_organisation_by_its_pages(client: Browser, session: Session, people: People, now: object) -> None:
    owner, friend = people.account(), people.account("friend@example.org", name="Досы")
    people.sign_in(client, owner)
    page = client.submit(client.get("/kk/organise/new"), name_kk="Ашық алаң", follow=True)
    assert page.status_code == 200
    assert client.submit(page, 1, email="nobody").status_code == 422
    asked = client.submit(page, 1, email="Friend@example.org", right="door", follow=True)
    assert "friend@example.org" in asked.text and "Досы" not in asked.text
    assert client.submit(client.get("/kk/organise/new"), name_kk="").status_code == 422
    assert people.sign_in(client, friend).get(f"{page.request.path}/event").status_code == 404


