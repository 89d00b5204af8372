"""What is shared of a discussion: the card of messengers and the words that they read."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageChops
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from civic.events import service
from civic.invitations import card_views
from civic.invitations import service as answers
from civic.invitations.card import EventCard
from civic.invitations.service import Said
from civic.places.models import City
from civic.web.cards import SIZE, Studio
from tests.support.client import Browser
from tests.support.invitations import Host
from tests.support.people import People

MARKS = (("check", "confirmed", "Басқарма – келеді"), ("half", "answered", "Департамент – өкіл"), ("ring", "work", "ЖЭО – бас тартты"), ("dashed", "overdue", "Әкімдік – жауап жоқ"))


@pytest.fixture
def host(session: Session, city: City, people: People, now: Any, built_front_end: Any, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(card_views, "studio", Studio(share=1.0))
    return Host(session, city, people)


def _picture(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", SIZE)
    return image.convert("RGB")


def _address(page: Any) -> str:
    (address,) = re.findall(r'property="og:image" content="http://localhost([^"]+)"', page.text)
    return str(address)


def test_a_card_is_a_small_picture_in_the_readers_language(client: Browser, host: Host) -> None:
    event = host.event()
    host.invite(event, email="office@example.test")
    pages = {lang: client.get(f"/{lang}/shymkent/events/{event.code}") for lang in ("kk", "ru", "en")}
    found = {lang: client.get(_address(page)) for lang, page in pages.items()}
    assert {(r.status_code, r.mimetype, "public" in r.headers["Cache-Control"], "Set-Cookie" in r.headers) for r in found.values()} == {(200, "image/png", True, False)}
    assert ImageChops.difference(_picture(found["kk"].data), _picture(found["ru"].data)).getbbox()
    assert max(len(r.data) for r in found.values()) < 60_000
    again = client.get(_address(pages["kk"]), headers={"If-None-Match": found["kk"].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_messengers_read_title_time_and_place(client: Browser, host: Host) -> None:
    event = host.event(title={"ru": 'Воздух "зимой" & <дым>'})
    page = client.get(f"/ru/shymkent/events/{event.code}")
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[a-z:_]+|description)" content="([^"]*)"', page.text))
    own = f"http://localhost/ru/shymkent/events/{event.code}"
    assert (tags["og:url"], tags["og:image"].startswith(f"{own}/card.png?v="), tags["og:locale"]) == (own, True, "ru_RU")
    assert "18:30" in tags["og:description"] and "Ұлттық кітапхана" in tags["og:description"] and tags["og:title"].startswith("Воздух")


def test_an_answer_and_a_move_change_the_card_and_its_address(client: Browser, session: Session, host: Host, people: People, clock: Any) -> None:
    event = host.event()
    road = host.body()
    head = people.official(road, head=True)
    invitation = host.invite(event)

    def seen() -> tuple[str, bytes]:
        address = _address(client.get(f"/kk/shymkent/events/{event.code}"))
        return address, client.get(address).data

    shown = [seen()]
    answers.decline(session, invitation, people.actor(head), utc_now(), Said("Іссапар"))
    shown.append(seen())
    service.move(session, event, host.actor, utc_now(), starts_at=event.starts_at + timedelta(days=1), ends_at=event.ends_at + timedelta(days=1), text="Зал")
    shown.append(seen())
    service.cancel(session, event, host.actor, utc_now(), text="Зал жабық")
    shown.append(seen())
    assert len({address for address, _ in shown}) == len({png for _, png in shown}) == 4


def test_a_draft_has_none(client: Browser, host: Host, people: People) -> None:
    event = host.event(announced=False)
    paths = [f"/kk/shymkent/events/{event.code}/card.png", "/kk/shymkent/events/nothing/card.png", f"/kk/astana/events/{event.code}/card.png"]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    people.sign_in(client, host.user)
    assert client.get(paths[0]).status_code == 404
    assert "og:image" not in client.get(f"/kk/shymkent/events/{event.code}").text


@pytest.mark.parametrize("title", ["", "x", "Ұ" * 300, "сөз " * 100, "🙂🙂", "Қысқы ауа: кім не уәде етті"])
@pytest.mark.parametrize("marks", [(), MARKS[:1], MARKS])
def test_any_words_make_a_card(built_front_end: Any, title: str, marks: Any) -> None:
    picture = _picture(EventCard(title, "Шымкент", "Ашық пікірталас", "Бейсенбі, 3 желтоқсан, 18:30–20:30", "Кітапхана " * 20, marks).draw())
    for x in (40, 1170):  # nothing runs into the margins
        assert len({picture.getpixel((x, y)) for y in range(124, 630)}) == 1
