"""Calendars read by three programs to the same times, before and after a move; the long lines; what a subscriber asks again."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.config import ROOT
from civic.events import service as events
from civic.events.calendar import Entry, calendar
from civic.events.models import Event
from civic.events.service import lock
from civic.invitations import service
from civic.invitations.models import Invitation
from tests.support.client import Browser
from tests.support.invitations import STARTS, Host

ALMATY = ZoneInfo("Asia/Almaty")
NODE = ROOT / ".venv" / "bin" / "node"


@pytest.fixture
def host(session: Session, city: Any, people: Any, now: Any) -> Host:
    return Host(session, city, people)


def entry(starts: datetime, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "key": f"event-{starts:%Y%m%d%H}", "revision": 0, "title": "Қыстағы ауа: кім не уәде етті", "text": "Мәтін, үтір; нүктелі\nжаңа жол",
        "starts_at": starts, "ends_at": starts + timedelta(hours=2), "timezone": "Asia/Almaty", "place": "Ұлттық кітапхана, 2-зал",
        "position": (42.3, 69.6), "url": "http://localhost/kk/shymkent/events/x", "organiser": "Пікірталас орталығы", "cancelled": False,
        "made_at": datetime(2026, 4, 1, tzinfo=UTC), "changed_at": datetime(2026, 4, 2, tzinfo=UTC)}
    return Entry(**values | changes)


def read_by_icalendar(data: bytes) -> dict[str, tuple[datetime, datetime]]:
    cal = icalendar.Calendar.from_ical(data)
    return {str(e["uid"]): (e.decoded("dtstart").astimezone(UTC), e.decoded("dtend").astimezone(UTC)) for e in cal.walk("VEVENT")}


def read_by_recurring(data: bytes) -> dict[str, tuple[datetime, datetime]]:
    cal = icalendar.Calendar.from_ical(data)
    found = recurring_ical_events.of(cal).between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    return {str(e["uid"]): (e.decoded("dtstart").astimezone(UTC), e.decoded("dtend").astimezone(UTC)) for e in found}


def by_ical_js(data: bytes) -> dict[str, Any]:
    done = subprocess.run([NODE, "tests/js/read_calendar.mjs"], input=data, capture_output=True, check=True, cwd=ROOT, timeout=60)
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def read_by_ical_js(data: bytes) -> dict[str, tuple[datetime, datetime]]:
    return {e["uid"]: (datetime.fromisoformat(e["starts"]), datetime.fromisoformat(e["ends"])) for e in by_ical_js(data)["events"]}


READERS = {"icalendar": read_by_icalendar, "recurring-ical-events": read_by_recurring, "ical.js": read_by_ical_js}


@pytest.mark.parametrize("reader", READERS)
def test_all_programs_read_the_same_times_also_of_years_with_another_offset(reader: str) -> None:
    # not in the hour before midnight of 29 February 2024: it came twice, and RFC 5545 cannot say which is meant
    moments = [datetime(2019, 12, 31, 20, tzinfo=UTC), datetime(2024, 2, 29, 14, 30, tzinfo=UTC), datetime(2024, 2, 29, 19, 30, tzinfo=UTC),
               datetime(2024, 3, 1, 12, tzinfo=UTC), datetime(2026, 12, 3, 13, 30, tzinfo=UTC)]
    data = calendar("Шымкент", [entry(m) for m in moments], "civic.example", "kk")
    assert READERS[reader](data) == {f"event-{m:%Y%m%d%H}@civic.example": (m, m + timedelta(hours=2)) for m in moments}


@settings(max_examples=60, deadline=None)
@given(title=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=300),
       text=st.text(st.sampled_from("әғқңөұүһі ЁжШ₸№,;:\\\n🙂x"), max_size=600))
def test_long_lines_fold_without_breaking_a_letter_and_say_the_same(title: str, text: str) -> None:
    title = title.strip() or "x"
    data = calendar("Ө" * 200, [entry(STARTS, title=title, text=text)], "civic.example", "kk")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert [line.decode() for line in lines][:1] == ["BEGIN:VCALENDAR"]
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert str(event["summary"]) == title
    assert str(event["description"]).startswith(text.strip()[:20])


def test_folded_words_reach_ical_js_whole() -> None:
    title = "Қоғамдық тыңдау: «Әуе сапасы, күл-қоқыс; жылу» " * 6
    read = by_ical_js(calendar("Ө" * 120, [entry(STARTS, title=title.strip())], "civic.example", "kk"))
    assert (read["name"], read["events"][0]["summary"]) == ("Ө" * 120, title.strip())


def first(data: bytes) -> Any:
    return icalendar.Calendar.from_ical(data).walk("VEVENT")[0]


@pytest.mark.parametrize("reader", READERS)
def test_a_moved_event_keeps_its_uid_and_rises_in_sequence(host: Host, client: Browser, session: Session, now: Any, clock: Any, reader: str) -> None:
    event = host.event()
    address = f"/kk/calendars/event/{event.code}.ics"
    before = client.get(address)
    clock.shift(timedelta(hours=1))
    to = STARTS + timedelta(days=7, hours=1)
    events.move(session, event, host.actor, now + timedelta(hours=1), starts_at=to, ends_at=to + timedelta(hours=3), text="Зал бос емес")
    after = client.get(address)

    uid = f"event-{event.code}@localhost"
    assert READERS[reader](before.data) == {uid: (STARTS, STARTS + timedelta(hours=2))}
    assert READERS[reader](after.data) == {uid: (to, to + timedelta(hours=3))}
    old, new = first(before.data), first(after.data)
    assert new["sequence"] > old["sequence"]
    assert new.decoded("last-modified") == now + timedelta(hours=1) > old.decoded("last-modified")
    assert (str(new["status"]), str(new["url"])) == ("CONFIRMED", f"http://localhost/kk/shymkent/events/{event.code}")


def test_a_cancelled_event_stays_as_cancelled(host: Host, client: Browser, session: Session, now: Any) -> None:
    event = host.event()
    events.cancel(session, event, host.actor, now, text="Зал жабық")
    for address in (f"/kk/calendars/event/{event.code}.ics", "/ru/calendars/city/shymkent.ics", f"/en/calendars/organisation/{host.organisation.code}.ics"):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype, str(first(answer.data)["status"])) == (200, "text/calendar", "CANCELLED")


def test_a_draft_is_in_no_public_calendar(host: Host, client: Browser) -> None:
    event = host.event(announced=False)
    assert client.get(f"/kk/calendars/event/{event.code}.ics").status_code == 404
    assert b"VEVENT" not in client.get("/kk/calendars/city/shymkent.ics").data
    for nowhere in ("event/none", "city/none", "organisation/none"):
        assert client.get(f"/kk/calendars/{nowhere}.ics").status_code == 404


def test_who_has_it_already_is_told_so(host: Host, client: Browser, session: Session, now: Any) -> None:
    event = host.event()
    address = "/kk/calendars/city/shymkent.ics"
    answer = client.get(address)
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(address).data == answer.data
    lock(session, event)
    events.cancel(session, event, host.actor, now, text="Зал жабық")
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_the_words_are_in_the_language_of_the_address(host: Host, client: Browser) -> None:
    event = host.event()
    titles = {lang: str(first(client.get(f"/{lang}/calendars/event/{event.code}.ics").data)["summary"]) for lang in ("kk", "ru", "en")}
    assert titles == {"kk": "Қыстағы ауа: кім не уәде етті", "ru": "Воздух зимой: кто и что обещал", "en": "Воздух зимой: кто и что обещал"}


def test_ones_own_calendar_has_a_secret_address_that_can_be_changed(host: Host, new_client: Callable[[], Browser], people: Any, session: Session, now: Any) -> None:
    official = people.official(host.body(), head=True)
    at_desk, program = people.sign_in(new_client(), official), new_client()
    event, declined, other = host.event(), host.event(starts=STARTS + timedelta(days=1)), host.event(starts=STARTS + timedelta(days=2), announced=False)
    for e in (event, declined, other):
        host.invite(e)
    assert "calendar/" not in at_desk.get("/kk/account/calendar").text.split("<main")[1].replace("account/calendar", "")
    page = at_desk.submit(at_desk.get("/kk/account/calendar"), follow=True)
    address = next(x for x in page.text.split('"') if x.endswith(".ics")).replace("http://localhost", "")
    invitation = select(Invitation).where(Invitation.event_id == declined.id)
    service.decline(session, session.scalars(invitation).one(), people.actor(official), now, service.Said("Іссапар"))
    feed = program.get(address)
    assert set(read_by_icalendar(feed.data)) == {f"event-{e.code}@localhost" for e in (event, other)}
    assert "private" in feed.headers["Cache-Control"]

    again = at_desk.submit(page, follow=True)

    fresh = next(x for x in again.text.split('"') if x.endswith(".ics")).replace("http://localhost", "")
    assert fresh != address and (program.get(address).status_code, program.get(fresh).status_code) == (404, 200)
    assert program.get("/kk/calendar/x.ics").status_code == 404
    assert new_client().get("/kk/account/calendar").status_code == 303
    for page_of_the_same in ("/kk/desk/invitations/", "/kk/my/events"):
        assert 'href="/kk/account/calendar"' in at_desk.get(page_of_the_same).text


def test_the_page_says_the_event_as_data(host: Host, client: Browser, session: Session, now: Any) -> None:
    event = host.event(title={"kk": "Ауа </script><script>alert(1)</script>"}, capacity=120)
    said = schema_of(client, event)
    assert (said["@type"], said["startDate"], said["eventStatus"]) == ("Event", "2026-05-14T18:30:00+05:00", "https://schema.org/EventScheduled")
    assert said["name"] == "Ауа </script><script>alert(1)</script>" and said["maximumAttendeeCapacity"] == 120
    to = STARTS + timedelta(days=1)
    events.move(session, event, host.actor, now, starts_at=to, ends_at=to + timedelta(hours=1), text="Зал")
    moved = schema_of(client, event)
    assert (moved["eventStatus"], moved["previousStartDate"]) == ("https://schema.org/EventRescheduled", "2026-05-14T18:30:00+05:00")
    events.cancel(session, event, host.actor, now, text="Зал")
    assert schema_of(client, event)["eventStatus"] == "https://schema.org/EventCancelled"


def schema_of(client: Browser, event: Event) -> dict[str, Any]:
    page = client.get(f"/kk/shymkent/events/{event.code}").text
    said: dict[str, Any] = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    return said
