"""What is shared of a complaint: the card of messengers, the words that they read, the poster."""

import io
import re
import threading
from typing import Any

import pytest
from PIL import Image, ImageChops
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints import cards, service, sharing_views
from civic.complaints.cards import Card
from civic.complaints.states import Outcome
from civic.following.links import follow_link
from civic.web import cards as paper
from civic.web.cards import SIZE, Studio, StudioBusy
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People

KAZAKH = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя₸№«»—–…0123456789"
A_CARD = Card("Көше шамдары жанбайды, Рысқұлов көшесі, 14", "Жұмыста", "ring", "work", "Шымкент", "Жауап мерзімі: 20 мамыр.", "SHY-4K7M-2XN")


@pytest.fixture(autouse=True)
def fresh_studio(monkeypatch: pytest.MonkeyPatch, built_front_end: Any) -> None:
    """Each test draws with its own, and is not kept waiting by the others."""
    monkeypatch.setattr(sharing_views, "studio", Studio(cards.draw, share=1.0))


def _picture(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", SIZE)
    image.load()
    return image.convert("RGB")


def _differ(one: bytes, other: bytes) -> bool:
    return ImageChops.difference(_picture(one), _picture(other)).getbbox() is not None


def test_a_card_is_a_small_picture_in_the_readers_language(client: Browser, filed: Filed) -> None:
    c = filed()
    found = {lang: client.get(f"/{lang}/shymkent/complaints/{c.number}/card.png") for lang in ("kk", "ru", "en")}
    assert {(r.status_code, r.mimetype, "public" in r.headers["Cache-Control"], "Set-Cookie" in r.headers) for r in found.values()} == {(200, "image/png", True, False)}
    assert all(_differ(found[one].data, found[other].data) for one, other in (("kk", "ru"), ("ru", "en")))
    assert max(len(r.data) for r in found.values()) < 60_000
    again = client.get(f"/kk/shymkent/complaints/{c.number}/card.png", headers={"If-None-Match": found["kk"].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_step_changes_the_card_and_its_address(client: Browser, session: Session, filed: Filed, people: People, now: Any) -> None:
    c = filed()
    seen = []
    for step in (None, "accept", "answer"):
        if step == "accept":
            service.accept(session, c, people.actor(people.official(session.get_one(Body, c.body_id))), now)
        if step == "answer":
            service.answer(session, c, people.actor(people.official(session.get_one(Body, c.body_id))), now, text="Жауап", outcome=Outcome.RESOLVED)
        page = client.get(f"/ru/shymkent/complaints/{c.number}").text
        (address,) = re.findall(r'property="og:image" content="http://localhost([^"]+)"', page)
        seen.append((address, client.get(address).data))
    assert len({address for address, _ in seen}) == 3
    assert _differ(seen[0][1], seen[1][1])
    assert _differ(seen[1][1], seen[2][1])


@pytest.mark.parametrize("what", ["card.png", "poster"])
def test_private_and_unknown_complaints_have_none(client: Browser, people: People, filed: Filed, what: str) -> None:
    applicant = people.account()
    private = filed(private=True, by=applicant)
    people.sign_in(client, applicant)
    assert client.get(f"/kk/shymkent/complaints/{private.number}").status_code == 200
    assert [client.get(f"/kk/shymkent/complaints/{number}/{what}").status_code for number in (private.number, "SHY-1111-111", "x")] == [404, 404, 404]
    assert "og:image" not in client.get(f"/kk/shymkent/complaints/{private.number}").text


def test_what_messengers_read_is_there_with_whole_addresses(client: Browser, filed: Filed) -> None:
    c = filed(address='Көше "А" & <Б>, 5')
    page = client.get(f"/ru/shymkent/complaints/{c.number}")
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[a-z:_]+|description)" content="([^"]*)"', page.text))
    own = f"http://localhost/ru/shymkent/complaints/{c.number}"
    assert tags["og:url"] == own
    assert tags["og:image"].startswith(f"{own}/card.png?v=")
    assert (tags["og:locale"], tags["twitter:card"], tags["og:image:width"], tags["og:image:height"]) == ("ru_RU", "summary_large_image", "1200", "630")
    assert all(tags[name] for name in ("og:title", "og:description", "description"))
    assert sorted(re.findall(r'og:locale:alternate" content="([^"]+)"', page.text)) == ["en_GB", "kk_KZ"]
    links = re.findall(r'href="(https://(?:wa\.me|t\.me)[^"]+)"', page.text)
    assert len(links) == 3
    assert all("localhost%2Fru" in link or "localhost/ru" in link for link in links)
    assert all(" " not in link and '"' not in link for link in links)
    assert f'data-copy="{own}"' in page.text


def test_every_kazakh_letter_has_a_shape_of_its_own(built_front_end: Any) -> None:
    assert {c: paper.subset_of(c) for c in KAZAKH if paper.subset_of(c) is None} == {}
    for weight in (500, 700):
        for character in KAZAKH:
            shape = paper.font(paper.subset_of(character) or "", 48, weight)
            mask = shape.getmask(character)
            assert mask.getbbox() is not None
            assert bytes(mask) != bytes(shape.getmask("\U0010fffd"))
    pairs = [("ә", "а"), ("қ", "к"), ("ң", "н"), ("ө", "о"), ("ұ", "ү"), ("і", "и"), ("һ", "х"), ("ғ", "г")]
    for one, other in pairs:
        assert bytes(paper.font(paper.subset_of(one) or "", 48, 500).getmask(one)) != bytes(paper.font(paper.subset_of(other) or "", 48, 500).getmask(other))
    assert paper.subset_of("🙂") is None


@pytest.mark.parametrize("title", ["", "x", "Ұ" * 300, "сөз " * 100, "🙂🙂", "a\u00a0b " * 90, "Жол\nжабыны\tбұзылған"])
def test_any_title_makes_a_card(title: str) -> None:
    picture = _picture(cards.draw(Card(title, "Registered", "full", "registered", "Astana", "", "AST-1111-111")))
    assert picture.getpixel((40, 300)) == picture.getpixel((1170, 300))  # nothing runs into the margins


def test_a_cut_title_says_so() -> None:
    size, lines = paper.fitted("жол жабыны бұзылған " * 30, cards._SIZES)
    assert (len(lines), lines[-1][-1], size) == (4, "…", 48)
    assert all(paper.width(line, size, 700) <= SIZE[0] - 2 * paper.MARGIN for line in lines)


@pytest.mark.parametrize("icon", ["full", "ring", "half", "dashed", "check", "exclaim"])
def test_each_state_has_its_shape(icon: str) -> None:
    shape = paper.rhombus(icon, 48)
    assert shape.getbbox() is not None
    assert [other for other in ("full", "ring", "half", "dashed", "check", "exclaim") if paper.rhombus(other, 48).tobytes() == shape.tobytes()] == [icon]


def test_a_card_is_drawn_once_and_few_are_kept() -> None:
    drawn: list[str] = []
    studio = Studio(lambda card: drawn.append(card.title) or card.title.encode(), kept=2, share=1.0)  # type: ignore[func-returns-value]
    made = [Card(title, "", "full", "work", "", "", "") for title in "ab"]
    assert [studio.card(made[0]), studio.card(made[0]), studio.card(made[1])] == [b"a", b"a", b"b"]
    studio.card(Card("c", "", "full", "work", "", "", ""))
    studio.card(made[0])
    assert drawn == ["a", "b", "c", "a"]


def test_a_flood_of_cards_leaves_most_of_the_time_to_pages(client: Browser, filed: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]

    def draw(card: Card) -> bytes:
        seconds[0] += 0.02
        return b"png"

    monkeypatch.setattr(sharing_views, "studio", Studio(draw, share=0.2, clock=lambda: seconds[0]))
    numbers = [filed(address=f"Абай көшесі, {house}").number for house in range(4)]
    first, second = (client.get(f"/kk/shymkent/complaints/{number}/card.png") for number in numbers[:2])
    assert (first.status_code, second.status_code, second.headers["Retry-After"], second.headers["Cache-Control"]) == (200, 503, "2", "no-store")
    assert client.get(f"/kk/shymkent/complaints/{numbers[0]}/card.png").status_code == 200  # is kept
    seconds[0] += 0.079
    assert client.get(f"/kk/shymkent/complaints/{numbers[1]}/card.png").status_code == 503
    seconds[0] += 0.002
    assert client.get(f"/kk/shymkent/complaints/{numbers[1]}/card.png").status_code == 200


def test_two_at_once_are_not_drawn_together() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def draw(card: Card) -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"png"

    studio = Studio(draw, share=1.0)
    worker = threading.Thread(target=studio.card, args=(A_CARD,))
    worker.start()
    assert begun.wait(10)
    with pytest.raises(StudioBusy):
        studio.card(Card("other", "", "full", "work", "", "", ""))
    go_on.set()
    worker.join()
    assert studio.card(A_CARD) == b"png"


def test_a_poster_has_the_way_to_the_page_in_one_language_or_two(client: Browser, filed: Filed) -> None:
    c = filed(address="Рысқұлов көшесі, 14")
    page = client.get(f"/en/shymkent/complaints/{c.number}/poster")
    assert (page.status_code, "See what happens with it" in page.text, f"localhost/en/complaints/{c.number}" in page.text, "data:image/svg+xml" in page.text) == (200, True, True, True)
    both = client.get(f"/en/shymkent/complaints/{c.number}/poster?both").text
    assert (both.count('class="poster__see" lang="kk"'), both.count('class="poster__see" lang="ru"'), f"localhost/kk/complaints/{c.number}" in both) == (1, 1, True)
    assert client.get(f"/en/complaints/{c.number}", follow_redirects=True).status_code == 200


def test_the_tracking_page_and_the_list_offer_to_follow(client: Browser, session: Session, filed: Filed) -> None:
    c = filed(lat=42.3155, lon=69.5869, address="Рысқұлов көшесі, 14")
    page = client.get(f"/en/shymkent/complaints/{c.number}")
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/en/shymkent/follow[^"]+)"', page.text)]
    assert [re.search(r"kind=(\w+)", link)[1] for link in links] == ["place", "street", "category", "body"]  # type: ignore[index]
    assert [client.get(link).status_code for link in links] == [200] * 4
    (link,) = re.findall(r'href="(/en/shymkent/follow\?kind=search[^"]*)"', client.get("/en/shymkent/complaints/?state=open&q=жарық").text)
    assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_follow_link_is_the_address_of_the_page(app: Any) -> None:
    with app.test_request_context("/ru/"):
        from flask import url_for

        assert follow_link("search", "shymkent", q="жарық & су", state=None, photo="y") == url_for("following.begin", lang="ru", city="shymkent", kind="search", q="жарық & су", photo="y").replace("%20", "+")
