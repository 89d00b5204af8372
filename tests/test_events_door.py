"""The door: tickets read by several devices, some of them without a network for a while."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.core.errors import NotAllowed
from civic.events.checkin import Entry, Reading, check_in, guest_list
from civic.events.models import CheckIn
from civic.events.states import Right
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.people import People


def _reading(number: str, device: str = "phone-a", key: str = "1", at: datetime | None = None) -> Reading:
    return Reading(number, device, key, at)


def test_two_devices_agree_and_sending_again_changes_nothing(session: Session, held: Held, people: People, now: datetime) -> None:
    event = held()
    guest, door = held.come(event), people.actor(held.member(Right.DOOR))
    wrong_clock = datetime(2031, 1, 1, tzinfo=UTC)
    first = check_in(session, event, door, _reading(guest.number.lower().replace("-", " "), at=wrong_clock), now)
    again = check_in(session, event, door, _reading(guest.number), now + timedelta(minutes=5))
    other = check_in(session, event, door, _reading(guest.number, "phone-b", "7", now - timedelta(hours=1)), now + timedelta(minutes=9))
    other_again = check_in(session, event, door, _reading(guest.number, "phone-b", "7"), now + timedelta(hours=1))
    same_phone = check_in(session, event, door, _reading(guest.number, key="2"), now + timedelta(hours=1))
    assert [(a.entry, a.came_at, a.here) for a in (first, again, other, other_again, same_phone)] == [
        (Entry.IN, now, True), (Entry.IN, now, True), (Entry.ALREADY, now, False), (Entry.ALREADY, now, True), (Entry.ALREADY, now, True)]
    assert session.scalar(select(func.count()).select_from(CheckIn)) == 3
    assert [tuple(row) for row in guest_list(session, event)] == [(guest.number, "Қонақ", now)]


def test_who_has_no_place_does_not_come_in(session: Session, held: Held, people: People, now: datetime) -> None:
    event, other = held(capacity=1), held()
    _, waiting = held.come(event), held.come(event)
    elsewhere = held.come(other)
    door = people.actor(held.member(Right.DOOR))
    assert check_in(session, event, door, _reading(waiting.number), now).entry == Entry.NO_PLACE
    assert check_in(session, event, door, _reading(elsewhere.number), now).entry == Entry.UNKNOWN
    assert check_in(session, event, door, _reading("no ticket"), now).entry == Entry.UNKNOWN
    with pytest.raises(NotAllowed):
        check_in(session, event, people.actor(people.account()), _reading(waiting.number), now)


def test_the_door_from_a_phone_online_and_back_from_offline(client: Browser, new_client: Any, session: Session, held: Held, people: People) -> None:
    event = held(capacity=5)
    first, second = held.come(event), held.come(event)
    people.sign_in(client, held.member(Right.DOOR))
    door = f"/kk/organise/events/{event.code}/door"
    page = client.get(f"{door}?ticket={first.number}")
    came = client.submit(page, door, follow=True)
    assert first.number in came.text
    assert client.submit(client.get(door), door, number=first.number, follow=True).status_code == 200
    listed = client.get(f"{door}/list.json").get_json()
    assert [g["number"] for g in listed["guests"] if g["came_at"]] == [first.number]
    sent = {"token": listed["token"], "device": "phone-b", "readings": [
        {"number": second.number, "key": "k1", "at": "2031-01-01T10:00:00+05:00"}, {"number": first.number, "key": "k2", "at": "nonsense"},
        {"number": "SHY-0", "key": "k3"}]}
    offline = new_client()  # no cookie any more: the token is the authority
    for _ in range(2):
        answers = offline.post(f"{door}/readings.json", json=sent).get_json()["answers"]
        assert [a["entry"] for a in answers] == ["in", "already", "unknown"]
    assert session.scalar(select(func.count()).select_from(CheckIn)) == 4


@pytest.mark.parametrize(("sent", "status"), [
    ([], 400), ({"token": "x"}, 403), ({"token": None, "device": "d", "readings": []}, 403), ("device", 400), ("many", 400), ("rows", 400), ("other", 403)])
def test_nonsense_at_the_door(client: Browser, session: Session, held: Held, people: People, sent: Any, status: int) -> None:
    event, other = held(), held()
    people.sign_in(client, held.owner)
    token = client.get(f"/kk/organise/events/{event.code}/door/list.json").get_json()["token"]
    bad = {"device": {"token": token, "device": "", "readings": []}, "many": {"token": token, "device": "d", "readings": [{}] * 501},
           "rows": {"token": token, "device": "d", "readings": [{"number": 5, "key": "k"}]}, "other": {"token": token, "device": "d", "readings": []}}
    body = bad[sent] if isinstance(sent, str) else sent
    code = other.code if sent == "other" else event.code
    assert client.post(f"/kk/organise/events/{code}/door/readings.json", json=body).status_code == status


@pytest.mark.parametrize("sent", ["[" * 100_000, '{"token":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_what_is_nested_too_deeply_is_no_reading(client: Browser, held: Held, sent: str) -> None:
    address = f"/kk/organise/events/{held().code}/door/readings.json"
    assert client.post(address, data=sent, content_type="application/json").status_code == 400


def test_what_a_phone_keeps_names_nobody_and_holds_no_key(client: Browser, session: Session, held: Held, people: People) -> None:
    event, keeper = held(), held.member(Right.DOOR)
    guest = held.come(event)
    door = f"/ru/organise/events/{event.code}/door"
    people.sign_in(client, keeper)
    bare, whole = client.get(f"{door}/page").text, client.get(door).text
    assert keeper.name in whole and "csrf_token" in whole
    assert [word for word in (keeper.name, keeper.email, guest.name, guest.number, "csrf_token") if word in bare] == []
    assert 'data-token=""' in bare
    worker = client.get(f"{door}/worker.js")
    assert (worker.mimetype, worker.headers["Service-Worker-Allowed"], worker.headers["Cache-Control"]) == ("text/javascript", door, "no-cache")
    assert f'"{door}/page"' in worker.text and keeper.name not in worker.text
    listed = client.get(f"{door}/list.json")
    assert (listed.headers["Cache-Control"], listed.json["until"]) == ("no-store", (event.ends_at + timedelta(days=1)).isoformat())


def test_strangers_get_neither_page_nor_worker(client: Browser, held: Held, people: People) -> None:
    event = held()
    paths = [f"/kk/organise/events/{event.code}/door/{what}" for what in ("page", "worker.js", "list.json")]
    assert [client.get(path).status_code for path in paths] == [303, 303, 303]
    people.sign_in(client, people.account())
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
