"""Pages of discussions in three languages: lists, the month, one event, an organiser's pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.events import queries, service
from civic.events.inputs import ItemInput, SpeakerInput
from civic.events.states import Mode, Right
from civic.events.sweep import sweep
from civic.places.models import City
from tests.support.client import Browser
from tests.support.events import ALMATY, Held
from tests.support.people import People
from tests.support.statements import statements

LANGUAGES = ("kk", "ru", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_public_pages(client: Browser, held: Held, lang: str) -> None:
    event = held()
    for path in ("events/", "events/?when=past", "events/month", "events/month?at=2026-05", f"events/{event.code}", f"events/{event.code}/register",
                 f"organisations/{held.organisation.code}"):
        page = client.get(f"/{lang}/shymkent/{path}")
        assert page.status_code == 200, path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_organisers_pages(client: Browser, held: Held, people: People, lang: str) -> None:
    event = held()
    held.come(event)
    draft = held.draft()
    people.sign_in(client, held.owner)
    for path in ("organise/", "organise/new", f"organise/{held.organisation.code}", f"organise/{held.organisation.code}/change",
                 f"organise/{held.organisation.code}/event?format=debate", f"organise/events/{event.code}", f"organise/events/{event.code}/edit",
                 f"organise/events/{event.code}/move", f"organise/events/{event.code}/cancel", f"organise/events/{event.code}/repeat",
                 f"organise/events/{event.code}/guests", f"organise/events/{event.code}/door", f"organise/events/{draft.code}", "my/events",
                 f"shymkent/events/{draft.code}"):
        assert client.get(f"/{lang}/{path}").status_code == 200, path


def test_a_visitors_page_touches_no_cookie_and_has_an_etag(client: Browser, held: Held) -> None:
    event = held()
    for path in (f"/kk/shymkent/events/{event.code}", "/kk/shymkent/events/", "/kk/shymkent/events/month"):
        page = client.get(path)
        assert "Set-Cookie" not in page.headers
        assert client.get(path, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def _statements(app: Any, client: Browser, path: str) -> int:
    with statements(app) as said:
        assert client.get(path).status_code == 200
    return len(said)


def test_pages_ask_the_database_little_and_not_more_for_more(app: Any, client: Browser, held: Held) -> None:
    first = held(items=[ItemInput("А", 10, [SpeakerInput("Б"), SpeakerInput("В")])])
    held.come(first)
    lists = [_statements(app, client, f"/kk/shymkent/events/{end}") for end in ("", "month?at=2026-05")]
    own = _statements(app, client, f"/kk/shymkent/events/{first.code}")
    for _ in range(3):
        held()
    held.come(first)
    assert [_statements(app, client, f"/kk/shymkent/events/{end}") for end in ("", "month?at=2026-05")] == lists
    assert _statements(app, client, f"/kk/shymkent/events/{first.code}") == own
    assert lists == [3, 2]  # the list names the programmes of the city, too
    assert own <= 13  # one for each feature that has something to show there


def test_who_is_coming_finds_the_ticket_on_the_page(client: Browser, held: Held, people: People) -> None:
    event, guest = held(), people.account()
    people.sign_in(client, guest)
    page = f"/en/shymkent/events/{event.code}"
    assert "Your ticket" not in client.get(page).text
    held.come(event, guest.contact)
    assert "Your ticket" in client.get(page).text
    assert "/registration/" in client.get(f"{page}/register").headers["Location"]


def test_a_draft_is_known_to_its_organisers_alone(client: Browser, new_client: Any, held: Held, people: People) -> None:
    draft = held.draft()
    path = f"/kk/shymkent/events/{draft.code}"
    assert client.get(path).status_code == 404
    assert people.sign_in(new_client(), people.account()).get(path).status_code == 404
    assert people.sign_in(new_client(), held.member(Right.DOOR)).get(path).status_code == 200
    assert draft.code not in client.get("/kk/shymkent/events/").text


@pytest.mark.parametrize("path", ["organise/", "organise/new", "organise/{org}", "organise/{org}/event", "organise/events/{code}", "organise/events/{code}/edit",
                                  "organise/events/{code}/guests", "organise/events/{code}/door", "organise/events/{code}/door/list.json", "my/events"])
def test_organisers_pages_are_closed_to_others(client: Browser, new_client: Any, held: Held, people: People, path: str) -> None:
    event = held()
    address = "/kk/" + path.format(org=held.organisation.code, code=event.code)
    assert client.get(address).status_code == 303
    assert people.sign_in(new_client(), people.account()).get(address).status_code == (200 if path in ("organise/", "organise/new", "my/events") else 404)


@pytest.mark.parametrize("path", ["events/nothing", "events/%00", "events/" + "x" * 500, "organisations/none"])
def test_what_is_not_there_is_not_found(client: Browser, path: str) -> None:
    assert client.get(f"/kk/shymkent/{path}").status_code == 404


@pytest.mark.parametrize("query", ["after=x", "after=99999999999999999_1", "after=1_99999999999", "direction=up&format=fight&when=never", "when=past&after=-1_1"])
def test_nonsense_in_the_address_of_a_list_filters_nothing(client: Browser, held: Held, query: str) -> None:
    held()
    assert client.get(f"/kk/shymkent/events/?{query}").status_code == 200
    assert client.get(f"/kk/shymkent/events/month?at=2026-13&{query}").status_code == 200


def test_lists_by_direction_format_and_time_page_by_page(client: Browser, session: Session, held: Held, city: City, now: datetime) -> None:
    begins = now + timedelta(days=10)
    codes = [held(starts_at=begins + timedelta(days=n), direction="safety" if n % 2 else "culture", format="conference" if n < 3 else "pechakucha").code for n in range(5)]
    first = queries.public_page(session, city.id, queries.Wanted(), now, limit=3)
    second = queries.public_page(session, city.id, queries.Wanted(), now, first.after, limit=3)
    assert ([r.code for r in first.rows], [r.code for r in second.rows], second.after) == (codes[:3], codes[3:], None)
    over = now + timedelta(days=30)
    past = queries.public_page(session, city.id, queries.Wanted(past=True), over, limit=2)
    assert [r.code for r in past.rows] == codes[:2:-1]
    assert [r.code for r in queries.public_page(session, city.id, queries.Wanted(past=True), over, past.after, limit=9).rows] == codes[2::-1]
    assert [r.code for r in queries.public_page(session, city.id, queries.Wanted("culture", "conference"), now).rows] == [codes[0], codes[2]]
    shown = client.get("/kk/shymkent/events/?direction=safety").text
    assert [code in shown for code in codes] == [False, True, False, True, False]


def test_a_called_off_discussion_keeps_its_page(client: Browser, session: Session, held: Held, now: datetime) -> None:
    event = held()
    service.cancel(session, event, held.actor, now, text="Баяндамашы ауырып қалды")
    page = client.get(f"/kk/shymkent/events/{event.code}")
    assert (page.status_code, "Баяндамашы ауырып қалды" in page.text) == (200, True)
    assert client.get(f"/kk/shymkent/events/{event.code}/register").status_code == 409
    assert event.code in client.get("/kk/shymkent/events/").text
    thrown = held.draft()
    service.cancel(session, thrown, held.actor, now, text="")
    assert client.get(f"/kk/shymkent/events/{thrown.code}").status_code == 404


def test_a_moved_discussion_says_when_it_was_to_be(client: Browser, session: Session, held: Held, now: datetime) -> None:
    event = held(starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY))
    later = event.starts_at + timedelta(days=7)
    service.move(session, event, held.actor, now, starts_at=later, ends_at=later + timedelta(hours=2), text="Зал бос емес")
    page = client.get(f"/en/shymkent/events/{event.code}").text
    for words in ("Moved: it was to be on Thursday, 11 June at 18:30", "Зал бос емес", "Thursday, 18 June"):
        assert words in page, words


def test_a_missing_language_falls_back_in_order_and_says_so(client: Browser, held: Held) -> None:
    event = held(title={"ru": "Только по-русски"}, text={"kk": "Тек қазақша мәтін"})
    pages = {lang: client.get(f"/{lang}/shymkent/events/{event.code}").text for lang in LANGUAGES}
    assert all("Только по-русски" in page and "Тек қазақша мәтін" in page for page in pages.values())
    assert 'lang="ru">Только' in pages["kk"]
    assert 'lang="ru">Только' not in pages["ru"]
    assert "Shown instead: Русский" in pages["en"]


def test_the_stream_is_offered_until_the_discussion_is_over(client: Browser, session: Session, held: Held, clock: Any) -> None:
    event = held(mode=Mode.HYBRID, stream_url="https://stream.example.org/live")
    path = f"/en/shymkent/events/{event.code}"
    assert 'href="https://stream.example.org/live"' in client.get(path).text
    clock.move_to(event.ends_at)
    sweep(session, event.ends_at)
    assert 'href="https://stream.example.org/live"' not in client.get(path).text


def test_the_front_page_of_the_city_tells_of_the_next(client: Browser, held: Held) -> None:
    assert client.get("/kk/shymkent/").status_code == 200
    event = held()
    assert event.code in client.get("/kk/shymkent/").text


def test_the_whole_way_of_the_final_document(client: Browser, new_client: Any, session: Session, held: Held, people: People, clock: Any) -> None:
    event = held()
    body = session.scalars(select(Body).where(Body.city_id == held.city.id, Body.code == "road")).one()
    official = people.official(body)
    clock.move_to(event.ends_at + timedelta(minutes=1))
    sweep(session, event.ends_at + timedelta(minutes=1))
    assert event.state == "finished"
    people.sign_in(client, held.owner)
    page = client.get(f"/en/organise/events/{event.code}/publish")
    bad = client.submit(page, **{"recommendations-0-text": "Жарық орнату"})
    assert bad.status_code == 422
    assert "Жарық орнату" in bad.text
    done = client.submit(bad, document_kk="Қорытынды мәтін", **{"recommendations-0-body_id": str(body.id)}, follow=True)
    assert done.status_code == 200
    public, desk = new_client(), people.sign_in(new_client(), official)
    path = f"/en/shymkent/events/{event.code}"
    assert "Қорытынды мәтін" in public.get(path).text
    link = next(part.split('"')[0] for part in desk.get(path).text.split('href="') if "/recommendations/" in part)
    assert "/recommendations/" not in public.get(path).text
    assert people.sign_in(new_client(), people.account()).get(link).status_code == 403
    assert desk.submit(desk.get(link), text="").status_code == 422
    desk.submit(desk.get(link), text="Қазанға дейін орнатамыз")
    assert "Қазанға дейін орнатамыз" in public.get(path).text
