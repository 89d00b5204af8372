"""Pages of promises: recording, the desk, steps with evidence, following, and what other pages show."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.complaints.listing import Wanted
from civic.extensions import db
from civic.following.models import Kind, Rhythm
from civic.following.service import Target, follow
from civic.places.models import City
from civic.promises import service
from civic.promises.models import Promise, PromiseStep
from civic.promises.states import State
from civic.promises.sweep import sweep
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People
from tests.support.promises import DUE, SAID, SEEN, Promised

NewClient = Callable[[], Browser]


@pytest.fixture
def promised(session: Session, city: City, people: People, now: Any) -> Promised:
    return Promised(session, city, people)


def test_those_who_follow_where_its_complaint_lies_are_told_once(promised: Promised, session: Session, filed: Filed, people: People, mails: Mails, now: Any) -> None:
    complaint = filed()
    for email, target in (("category@example.test", Target(Kind.CATEGORY, complaint.city_id, category_id=complaint.category_id)),
                          ("body@example.test", Target(Kind.BODY, complaint.city_id, body_id=complaint.body_id))):
        follow(session, people.contact(email, locale="en").id, target, Wanted(), Rhythm.AT_ONCE, True, now)
    follow(session, people.contact("new@example.test").id, Target(Kind.CATEGORY, complaint.city_id, category_id=complaint.category_id), Wanted(), Rhythm.AT_ONCE, False, now)
    mails()
    promise = promised(complaints=[complaint.number])
    told = {str(letter["To"]): letter for letter in mails()}
    assert {"category@example.test", "body@example.test"} <= told.keys() and "new@example.test" not in told
    letter = told["category@example.test"]
    assert promise.number in letter["Subject"] and "List-Unsubscribe" in letter and "You follow" in words_of(letter)
    service.confirm(session, promise, promised.of_body, now)
    assert "category@example.test" not in {str(letter["To"]) for letter in mails()}  # further steps are told to those who follow the promise


def test_from_record_to_kept(promised: Promised, session: Session, people: People, new_client: NewClient, mails: Mails, filed: Filed,
                             picture: Callable[..., bytes], clock: Any) -> None:
    complaint = filed(by=people.contact("aigul@example.test", locale="ru"))
    mails()
    organiser, official = people.sign_in(new_client(), promised.host.user), people.sign_in(new_client(), promised.official)
    manage = organiser.get(f"/en/organise/events/{promised.event.code}").text
    assert f"/en/organise/events/{promised.event.code}/promise" in manage
    address = f"/en/organise/events/{promised.event.code}/promise"
    typed = {"body_id": promised.body.id, "post": "Басқарма басшысы", "words": "Көшеге 14 шам орнатамыз.", "due_on": "2026-04-23",
             "second": "12:75", "complaints": "SHY-1111-111", "name": "Келмеген Адам"}
    refused = send(organiser, address, typed)
    assert refused.status_code == 422
    for words in ("This day has passed", "such as 12:05", "no public complaint of this city", "It is not on record", "Көшеге 14 шам"):
        assert words in refused.text
    made = send(organiser, address, typed | {"due_on": "2026-05-22", "second": "12:05", "complaints": f"{complaint.number}\n", "name": ""})
    assert made.status_code == 303
    page = made.headers["Location"]
    promise = session.scalars(select(Promise)).one()
    assert promise.second == 725 and page == f"/en/promises/{promise.number}"

    letters = {m["To"]: m for m in mails()}
    assert set(letters) == {"official@example.test", "aigul@example.test"}
    assert promise.number in words_of(letters["official@example.test"])
    assert letters["official@example.test"]["Subject"] != letters["aigul@example.test"]["Subject"]  # what is asked, and not what was done
    assert page.replace("/en", "/ru") in words_of(letters["aigul@example.test"])

    assert promise.respond_by
    asked = official.get("/en/desk/promises").text
    assert "Көшеге 14 шам" in asked and f"a word on the wording by {promise.respond_by.day} " in asked
    shown = official.get(page).text
    assert f"{page}/confirm" in shown and f"{page}/dispute" in shown and "12:05 of the recording" in shown
    assert send(official, f"{page}/confirm", {}).status_code == 303
    assert "The body has confirmed the wording." in new_client().get(page).text

    bare = send(official, f"{page}/claim", {"text": "Орнаттық."})
    assert bare.status_code == 422 and "Show it" in bare.text and "Орнаттық." in bare.text
    with_photo = {"text": "Орнаттық.", "photos": (io.BytesIO(picture()), "after.jpg"), "links": "https://example.kz/akt"}
    assert send(official, f"{page}/claim", with_photo).status_code == 303
    mails()
    public = new_client().get(page).text
    assert 'href="https://example.kz/akt" rel="nofollow noopener ugc"' in public and "/photo/" in public and f"{page}/contest" in public
    clock.move_to(clock_at(date(2026, 5, 14)))
    sweep(session, clock_at(date(2026, 5, 14)))
    session.commit()
    kept = {m["To"] for m in mails()}
    assert {"official@example.test", "aigul@example.test"} <= kept
    assert "Kept in time" in new_client().get(page).text

    visitor = new_client()
    tracking = visitor.get(f"/en/shymkent/complaints/{complaint.number}").text
    assert "Көшеге 14 шам" in tracking and "Promised at the discussion" in tracking and "Kept in time" in tracking
    assert "Көшеге 14 шам" in visitor.get(f"/en/shymkent/events/{promised.event.code}").text
    body = visitor.get(f"/en/shymkent/bodies/{promised.body.code}").text
    assert "Promises given at discussions" in body and "kept in time" in body
    assert "What officials promised" in visitor.get("/en/shymkent/").text


def send(browser: Browser, address: str, fields: dict[str, Any], page: Any = None) -> Any:
    """Open the page at the address and send its form."""
    return browser.submit(page or browser.get(address), **fields)


def clock_at(day: date) -> Any:
    from tests.conftest import NOW

    return NOW.replace(year=day.year, month=day.month, day=day.day)


def test_a_body_that_comes_too_late_for_the_wording(promised: Promised, people: People, new_client: NewClient, clock: Any) -> None:
    promise, official = promised(), people.sign_in(new_client(), promised.official)
    open_page = official.get(f"/en/promises/{promise.number}/dispute")
    clock.move_to(clock_at(date(2026, 5, 5)))
    late = send(official, f"/en/promises/{promise.number}/dispute", {"text": "Біз олай айтқан жоқпыз."}, page=open_page)
    assert late.status_code == 422 and "for the wording are over" in late.text and "Біз олай айтқан жоқпыз." in late.text
    away = official.get(f"/en/promises/{promise.number}/dispute")
    assert away.status_code == 303 and away.headers["Location"].endswith("/state")
    assert send(official, f"/en/promises/{promise.number}/state", {"text": "Біз олай айтқан жоқпыз."}).status_code == 303
    page = new_client().get(f"/en/promises/{promise.number}").text
    assert "Біз олай айтқан жоқпыз." in page and f'data-clear-keep="promise-{promise.number}"' in page


def test_a_resident_contests_and_the_organiser_decides(promised: Promised, session: Session, people: People, new_client: NewClient, mails: Mails, now: Any) -> None:
    promise = promised.confirmed()
    service.claim(session, promise, promised.of_body, now, SEEN)
    neighbour = people.sign_in(new_client(), people.account("neighbour@example.test"))
    address = f"/en/promises/{promise.number}"
    assert new_client().get(f"{address}/contest").status_code == 303  # to sign in
    assert send(neighbour, f"{address}/contest", {"text": "Жарық жоқ.", "links": "javascript:alert(1)"}).status_code == 422
    assert send(neighbour, f"{address}/contest", {"text": "Жарық жоқ.", "links": "https://example.kz/photo"}).status_code == 303
    shown = new_client().get(address).text
    assert "Жарық жоқ." in shown and "Айгүл Серікқызы" not in shown  # who contests is not named
    assert "organiser@example.test" in {m["To"] for m in mails()}
    organiser = people.sign_in(new_client(), promised.host.user)
    assert "It is not kept" in organiser.get(address).text
    assert send(organiser, f"{address}/find_broken", {"text": "Екі шам ғана жанып тұр."}).status_code == 303
    session.refresh(promise)
    assert promise.state == State.PENDING  # its day is to come


def test_following_with_an_account_and_without(promised: Promised, session: Session, people: People, new_client: NewClient, mails: Mails, now: Any) -> None:
    promise = promised()
    mails()
    address = f"/en/promises/{promise.number}"
    reader = people.sign_in(new_client(), people.account("reader@example.test"))
    assert send(reader, f"{address}/follow", {}).status_code == 303
    assert "Unfollow" in reader.get(address).text
    stranger = new_client()
    assert send(stranger, f"{address}/follow", {"email": "new@mail.kz"}).status_code == 303
    letter = mails.to("new@mail.kz")[0]
    link = next(link for link in links_of(letter) if "confirm-following" in link)
    assert send(stranger, link, {}).status_code == 303
    service.dispute(session, promise, promised.of_body, now, SAID)
    session.commit()
    told = {m["To"]: m for m in mails()}
    assert set(told) == {"reader@example.test", "new@mail.kz", "organiser@example.test"}
    assert promise.respond_by and f"stands by it until {promise.respond_by:%-d %B}" in stranger.get(address).text
    gone = told["new@mail.kz"]["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    assert stranger.post(gone).status_code == 200
    assert send(reader, f"{address}/unfollow", {}).status_code == 303
    service.stand(session, promise, promised.organiser, now, SAID)
    session.commit()
    assert {m["To"] for m in mails()} == {"official@example.test"}


def test_the_list_its_filter_and_its_feed(promised: Promised, session: Session, client: Browser, now: Any) -> None:
    kept, open_, broken = promised.confirmed(words="Бірінші"), promised.confirmed(words="Екінші"), promised.confirmed(words="Үшінші")
    kept.state, kept.claimed_on, broken.state = State.KEPT, DUE, State.BROKEN
    session.commit()
    everything = client.get("/en/shymkent/promises").text
    assert all(words in everything for words in ("Бірінші", "Екінші", "Үшінші", "The rules of promises", "not ended yet"))
    for filter_, there in (("state=kept_in_time", "Бірінші"), ("state=open", "Екінші"), ("state=broken", "Үшінші"), (f"body={promised.body.id}&state=open", "Екінші")):
        shown = client.get(f"/en/shymkent/promises?{filter_}").text
        assert [w for w in ("Бірінші", "Екінші", "Үшінші") if w in shown] == [there]
    assert "No promise fits" in client.get("/en/shymkent/promises?state=taken_back").text
    for nonsense in ("state=%00x", "body=99999999999", "event=%27--", "after=x", "state=overdue&after=9999999999"):
        assert client.get(f"/en/shymkent/promises?{nonsense}").status_code == 200
    feed = client.get("/en/shymkent/promises/feed.atom?state=open").text
    assert "Екінші" in feed and "Бірінші" not in feed
    assert client.get(f"/en/promises/{open_.number}/card.png").mimetype == "image/png"
    assert 'property="og:image"' in client.get(f"/kk/promises/{open_.number}").text
    assert client.get("/en/promises/SHY-1111-111").status_code == 404


def test_the_day_of_a_discussion_is_that_of_its_city(promised: Promised, session: Session, filed: Filed, client: Browser, mails: Mails) -> None:
    complaint = filed()
    promised.event.starts_at = datetime(2026, 3, 30, 20, tzinfo=UTC)  # an hour after midnight there
    promised(complaints=[complaint.number])
    said = [client.get(address).text for address in ("/en/shymkent/promises", f"/en/shymkent/complaints/{complaint.number}")]
    said += [words_of(letter) for letter in mails() if letter["To"] == "official@example.test"]
    assert len(said) == 3
    for words in said:
        assert "31 March 2026" in words or "31 наурыз" in words


@pytest.mark.parametrize("address", ["/en/shymkent/promises", "/en/desk/promises"])
def test_as_many_statements_for_three_as_for_one(promised: Promised, session: Session, people: People, new_client: NewClient, address: str) -> None:
    browser = people.sign_in(new_client(), promised.official)
    promised()
    browser.get(address)
    one = _statements(browser, address)
    promised(), promised()
    assert _statements(browser, address) == one


def test_a_tracking_page_asks_nothing_more_without_links_and_one_statement_with(promised: Promised, session: Session, filed: Filed, client: Browser) -> None:
    plain, tied = filed(), filed()
    for _ in range(3):
        promised(complaints=[tied.number])
    address = "/en/shymkent/complaints/"
    client.get(address + plain.number), client.get(address + tied.number)
    assert _statements(client, address + tied.number) == _statements(client, address + plain.number) + 1


def _statements(browser: Browser, address: str) -> int:
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    with browser.application.app_context():
        engines = set(db.engines.values())
    for engine in engines:
        sql_events.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200
    finally:
        for engine in engines:
            sql_events.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_before_the_discussion_begins_nothing_can_be_recorded(promised: Promised, session: Session, people: People, new_client: NewClient) -> None:
    ahead = promised.host.event(starts=promised.event.starts_at + timedelta(days=3))
    organiser = people.sign_in(new_client(), promised.host.user)
    assert organiser.get(f"/en/organise/events/{ahead.code}/promise").headers["Location"].endswith(ahead.code)
    official = people.sign_in(new_client(), promised.official)
    assert official.get(f"/en/organise/events/{promised.event.code}/promise").status_code == 404
    assert not session.scalars(select(PromiseStep)).all()
