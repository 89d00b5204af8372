"""What people, broken programs and strangers send: refused with a word, nothing lost, nothing written."""

import io

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from civic.bodies.models import Body, Category, Responsibility
from civic.complaints.models import Complaint, ComplaintEvent, Draft
from civic.media.models import Photo
from civic.places.models import City, District
from tests.support.client import Browser, find_form, form_values
from tests.support.complaints import Filed
from tests.support.letters import Mails, words_of
from tests.support.people import People
from tests.test_media import SVG, made, png_header


@pytest.fixture
def draft(client: Browser, session: Session) -> Draft:
    """A draft begun by the browser, with an address."""
    page = client.get("/ru/shymkent/report/")
    page = client.get(client.submit(page).headers["Location"])
    client.submit(page, address="ул. Рыскулова, 14")
    return session.scalars(select(Draft)).one()


def at(draft: Draft, step: str) -> str:
    """The address of a step."""
    return f"/ru/shymkent/report/{draft.id}/{step}"


# Photos ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("data", "name", "says"), [
    (png_header(50_000, 50_000), "bomb.png", "bomb.png"), (b"plain words", "text.jpg", "text.jpg"),
    (made()[:-2], "cut.jpg", "cut.jpg"), (SVG, "script.svg", "script.svg"), (b"", "empty.jpg", "empty.jpg"), (SVG, "<script>alert(1)</script>.jpg", "&lt;script&gt;"),
    (b"x", "я" * 300 + ".jpg", "я" * 300), (b"x", "../../../etc/passwd", "passwd"),
], ids=range(8))
def test_a_bad_photo_is_refused_by_name_and_the_good_one_beside_it_kept(client: Browser, session: Session, data: bytes, name: str, says: str) -> None:
    page = client.get("/ru/shymkent/report/")
    answer = client.submit(page, photos=[(io.BytesIO(data), name), (io.BytesIO(made()), "good.jpg")])
    assert (answer.status_code, answer.headers["Location"].endswith("/photos")) == (303, True)
    assert says in client.get(answer.headers["Location"]).text
    assert session.scalar(select(func.count()).select_from(Photo)) == 1
    files = list((client.application.settings.media / "incoming").iterdir())  # type: ignore[attr-defined]
    assert [f.name for f in files] == list(session.scalars(select(Photo.id)))


def test_a_photo_of_30_megabytes(client: Browser, session: Session) -> None:
    page = client.get("/ru/shymkent/report/")
    boundary, body = encode_multipart({**form_values(find_form(page.text, 0)), "photos": FileStorage(io.BytesIO(made() + b"\x00" * 30 * 1024 * 1024), "big.jpg", "photos")})
    answer = client.post("/ru/shymkent/report/", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    shown = client.get(answer.headers["Location"]).text
    assert ("big.jpg" in shown, "16" in shown, session.scalar(select(func.count()).select_from(Photo))) == (True, True, 0)


def test_no_more_than_five_photos(client: Browser, session: Session) -> None:
    answer = client.submit(client.get("/ru/shymkent/report/"), photos=[(io.BytesIO(made()), f"{n}.jpg") for n in range(7)])
    page = client.get(answer.headers["Location"])
    client.submit(page, photos=[(io.BytesIO(made()), "eighth.jpg")])
    assert session.scalar(select(func.count()).select_from(Photo)) == 5


def test_more_than_the_server_takes_at_once(client: Browser, session: Session) -> None:
    answer = client.post("/ru/shymkent/report/", content_type="multipart/form-data; boundary=x",
                         environ_overrides={"CONTENT_LENGTH": str(65 * 1024 * 1024)})
    assert (answer.status_code, session.scalar(select(func.count()).select_from(Draft))) == (413, 0)


# Places ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("lat", "lon"), [
    ("43.238", "76.945"), ("0", "0"), ("-42.3", "69.6"), ("91", "69.6"), ("200", "69.6"), ("42.3", "1e9"), ("nan", "69.6"), ("42.3", "nan"), ("inf", "inf"),
    ("42.3", "-inf"), ("1e308", "1e308"), ("north", "east"), ("42,3", "69,6"), ("42.3; DROP TABLE city", "69"), ("-42.3155", "-110.4131"),
])
def test_a_pin_outside_the_city_or_nowhere(client: Browser, session: Session, draft: Draft, lat: str, lon: str) -> None:
    answer = client.submit(client.get(at(draft, "place")), lat=lat, lon=lon, address="ул. Новая, 5")
    session.refresh(draft)
    assert (answer.status_code, draft.lat, draft.address) == (422, None, "ул. Рыскулова, 14")
    assert "ул. Новая, 5" in answer.text


@pytest.mark.parametrize(("fields", "status"), [
    ({"lat": "42.3417", "lon": "", "address": ""}, 422), ({"lat": "42.3417", "lon": "", "address": "У парка"}, 303), ({"lat": "", "lon": "", "address": "  "}, 422),
    ({"lat": "42.3417", "lon": "69.5901", "address": ""}, 303), ({"address": "я" * 300}, 303), ({"address": "я" * 301}, 422), ({"address": "\x00\x01"}, 422),
    ({"address": "x", "district_id": "999999"}, 422), ({"address": "x", "district_id": "abc"}, 422), ({"address": "x", "district_id": "9" * 30}, 422), ({"address": "x", "district_id": "²"}, 422),
], ids=range(11))
def test_places(client: Browser, draft: Draft, fields: dict[str, str], status: int) -> None:
    assert client.submit(client.get(at(draft, "place")), **fields).status_code == status


def test_half_a_pin_is_no_pin(client: Browser, session: Session, draft: Draft) -> None:
    client.submit(client.get(at(draft, "place")), lat="42.3417", lon="", address="У парка")
    session.refresh(draft)
    assert (draft.lat, draft.lon, draft.address) == (None, None, "У парка")


def test_a_district_of_another_city(client: Browser, session: Session, draft: Draft) -> None:
    other = session.scalars(select(District).join(City, City.id == District.city_id).where(City.code == "almaty")).first()
    assert other is not None
    answer = client.submit(client.get(at(draft, "place")), address="x", district_id=str(other.id))
    session.refresh(draft)
    assert (answer.status_code, draft.district_id) == (422, None)


# Matters --------------------------------------------------------------------------------------------------------------

GOOD = {"text": "Не горит фонарь у дома.", "name": "Айгүл", "email": "aigul@example.org"}


def lamp(session: Session) -> str:
    """The category of a street lamp."""
    return str(session.scalars(select(Category.id).where(Category.code == "lighting.street")).one())


@pytest.mark.parametrize("wrong", [
    {"text": ""}, {"text": "   \n\t "}, {"text": "ә"}, {"text": "я" * 20_000}, {"text": "\x00\x01\x02\x03\x04\x05"}, {"name": ""}, {"name": " \x00 "},
    {"email": ""}, {"email": "nobody"}, {"email": "a@b"}, {"email": "a@example.org\nBcc: b@example.org"}, {"email": "я" * 300 + "@example.org"},
    {"category_id": ""}, {"category_id": "0"}, {"category_id": "999999"}, {"category_id": "-1"}, {"category_id": "abc"}, {"category_id": "9" * 30}, {"category_id": "²"},
    {"kind": "petition"}, {"kind": "' OR 1=1"},
], ids=lambda w: next(f"{k}-{len(v)}" for k, v in w.items()))
def test_a_matter_that_cannot_be_taken_keeps_what_was_typed(client: Browser, session: Session, draft: Draft, mails: Mails, wrong: dict[str, str]) -> None:
    sent = {"category_id": lamp(session), **GOOD, **wrong}
    answer = client.submit(client.get(at(draft, "matter")), **sent)
    assert answer.status_code == 422
    kept = [v for k, v in sent.items() if k in ("text", "name") and v.strip() and v.isprintable()]
    assert [v in answer.text for v in kept] == [True] * len(kept)
    session.refresh(draft)
    assert (draft.text, draft.category_id, mails()) == ("", None, [])


def test_a_retired_category_is_refused(client: Browser, session: Session, draft: Draft) -> None:
    category = session.get_one(Category, int(lamp(session)))
    page = client.get(at(draft, "matter"))
    category.active = False
    assert client.submit(page, category_id=str(category.id), **GOOD).status_code == 422


@pytest.mark.parametrize("text", [
    "Қараңғы 😱 көше — \u202ereversed\u202c \u200bzero\u200b width", "<script>alert(1)</script> <b>жирный</b> & \"кавычки\"", "й" + "̆" * 50 + " комбинирующие", "𝕷𝖆𝖒𝖕 не горит ﷽ 💡🏳️‍🌈",
    "{{ 7*7 }} %(name)s %s {0} ${x}", "тест \x00 ноль \x1b[31m красный", "'; DROP TABLE complaint; -- не горит", "line\r\nBcc: x@example.org\r\n\r\nтекст письма",
])
def test_any_words_come_through_whole_and_harmless(client: Browser, session: Session, draft: Draft, mails: Mails, people: People, text: str) -> None:
    people.sign_in(client, people.account("aigul@example.org"))
    sent = client.submit(client.get(at(draft, "matter")), category_id=lamp(session), text=text, name="Әлия O'Нил & «Co»")
    if sent.headers["Location"].endswith("/check"):  # an address in the text: the author is asked first
        client.submit(client.get(sent.headers["Location"]), client.get(sent.headers["Location"]).text.count("<form ") - 1)
    c = session.scalars(select(Complaint)).one()
    page = client.get(f"/ru/shymkent/complaints/{c.number}")
    assert (page.status_code, "<script>alert" in page.text, "<b>" in page.text, "\x00" in c.text, "\x1b" in c.text) == (200, False, False, False, False)
    assert [(letter["To"], letter["Bcc"]) for letter in mails()] == [("aigul@example.org", None)]


def test_a_body_without_officials_passes_to_the_default_body_and_the_administrator_is_told(
        session: Session, filed: Filed, people: People, mails: Mails, city: City) -> None:
    admin = people.administrator("admin@example.org")
    water = session.scalars(select(Body).where(Body.code == "water", Body.city_id == city.id)).one()
    chosen = session.scalars(select(Responsibility).where(Responsibility.city_id == city.id, Responsibility.category_id == filed.category("water.none").parent_id,
                                                          Responsibility.district_id.is_(None))).first()
    people.official(session.get_one(Body, city.default_body_id))
    c = filed(category="water.none")
    assert (chosen is None or chosen.body_id == water.id, c.body_id) == (True, city.default_body_id)
    assert session.scalars(select(ComplaintEvent)).one().facts == {"instead_of": water.id, "day": c.registered_on.isoformat()}
    told = [letter for letter in mails() if letter["To"] == admin.email]
    assert [c.number in words_of(letter) for letter in told] == [True]


# Numbers and addresses ------------------------------------------------------------------------------------------------

def test_a_slip_in_a_number_is_told_from_an_unknown_one(client: Browser, filed: Filed) -> None:
    number = filed().number
    slip = number[:-1] + ("2" if number[-1] != "2" else "3")
    unknown = client.get("/en/shymkent/complaints/", query_string={"number": "SHY-4K7M-2XN"}).text
    mistyped = client.get("/en/shymkent/complaints/", query_string={"number": slip}).text
    assert unknown.replace("SHY-4K7M-2XN", "") != mistyped.replace(slip, "")
    found = client.get("/en/shymkent/complaints/", query_string={"number": number.lower().replace("-", " ")})
    assert (found.status_code, found.headers["Location"]) == (303, f"/en/complaints/{number}")


def test_a_number_of_another_city(client: Browser, session: Session, filed: Filed) -> None:
    almaty = session.scalars(select(City).where(City.code == "almaty")).one()
    number = filed(city=almaty).number
    assert client.get(f"/ru/shymkent/complaints/{number}").status_code == 404
    found = client.get("/ru/shymkent/complaints/", query_string={"number": number}, follow_redirects=True)
    assert found.request.path == f"/ru/almaty/complaints/{number}"


@pytest.mark.parametrize("path", [
    "/ru/shymkent/complaints/SHY-4K7M-2XN", "/ru/shymkent/complaints/" + "A" * 5000, "/ru/shymkent/complaints/%00", "/ru/shymkent%00/", "/ru/%F0%9F%92%A9/complaints/",
    "/ru/complaints/%00%01", "/ru/shymkent/report/%00/place", "/ru/shymkent/report/" + "a" * 5000 + "/place", "/ru/nowhere/report/", "/de/shymkent/", "/ru/complaints/%ff%fe",
    "/photo/%00" + "a" * 31 + "/large.jpg", "/ru/shymkent/complaints/..%2f..%2fetc", "/ru/complaints/SHY-4K7M-2XN/link/x",
])
def test_addresses_that_name_nothing(client: Browser, path: str) -> None:
    assert client.get(path).status_code in (404, 410)


@pytest.mark.parametrize("query", [
    "after=nan_1", "after=inf_1", "after=1e400_1", "after=_", "after=1_" + "9" * 40, "after=" + "9" * 400, "after=-1_-1", "after=%00", "number=%00", "number=" + "9" * 5000, "number=%F0%9F%92%A9",
    "after=1_99999999999", "sort=supported&after=99999999999_1", "after=²_²", "category=²&district=99999999999&body=" + "9" * 30, "after=1e18_1", "after=1700000000_1e5", "after=-1e11_5",
])
def test_questions_that_make_no_sense_show_the_list(client: Browser, query: str) -> None:
    assert client.get(f"/ru/shymkent/complaints/?{query}").status_code == 200


@pytest.mark.parametrize("words", ["a", "а" * 10_000, '"', "мектеп OR NOT *", "🦄", "%", "'; DROP TABLE complaint; --"], ids=range(7))
@pytest.mark.parametrize("place", ["complaints/", "complaints/feed.atom", "shymkent/complaints/feed.atom", "shymkent/complaints/map", "shymkent/complaints/map/live",
                                   "shymkent/complaints/map.json"])
def test_words_that_cannot_be_looked_for_find_nothing_anywhere(client: Browser, filed: Filed, city: City, place: str, words: str) -> None:
    complaint = filed(lat=city.lat, lon=city.lon)
    answer = client.get(f"/ru/{place}", query_string={"q": words, "sort": "supported", "after": "3_1", "limit": 10**6})
    assert (answer.status_code, complaint.number in answer.text) == (200, False)


@pytest.mark.parametrize("category", ["abc", "-5", "999999", "9" * 40, "%00"])
def test_a_category_of_the_address_that_is_none(client: Browser, draft: Draft, category: str) -> None:
    assert client.get(f"{at(draft, 'matter')}?category={category}").status_code == 200


# Requests made by hand ------------------------------------------------------------------------------------------------

def send_by_hand(browser: Browser, number: str, act: str, **fields: str) -> int:
    """The status of a step that no page offered."""
    page = browser.get("/ru/account/settings")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return browser.post(f"/ru/shymkent/complaints/{number}/{act}", data={"csrf_token": token, "text": "Силой", "once": "f" * 32, **fields}).status_code


@pytest.mark.parametrize(("act", "owner", "stranger"), [("confirm", 409, 403), ("dispute", 409, 403), ("withdraw", 303, 403), ("information", 303, 403)])
@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_steps_sent_by_hand(client: Browser, session: Session, filed: Filed, people: People, act: str, owner: int, stranger: int, who: str) -> None:
    user = people.account()
    c = filed(by=user)
    before = len(c.events)
    people.sign_in(client, user if who == "owner" else people.account())
    expected = owner if who == "owner" else stranger
    assert send_by_hand(client, c.number, act, version=str(c.version)) == expected
    session.expire_all()
    assert len(c.events) - before == (expected == 303)


@pytest.mark.parametrize(("version", "status"), [("", 303), ("0", 409), ("-1", 409), ("abc", 409), ("²", 409), ("9" * 40, 409)])
def test_versions_sent_by_hand(client: Browser, filed: Filed, people: People, version: str, status: int) -> None:
    user = people.account()
    c = filed(by=user)
    assert send_by_hand(people.sign_in(client, user), c.number, "withdraw", version=version) == status


def test_a_form_without_its_token_does_nothing(client: Browser, session: Session, draft: Draft) -> None:
    answer = client.post(at(draft, "place"), data={"address": "Чужая улица"})
    session.refresh(draft)
    assert (answer.status_code, draft.address) == (400, "ул. Рыскулова, 14")


@pytest.mark.parametrize("once", ["", "x", "' OR 1=1", "9" * 33, "я" * 32])
def test_forms_with_a_key_that_is_none_are_taken(client: Browser, session: Session, draft: Draft, once: str) -> None:
    answer = client.submit(client.get(at(draft, "place")), address="Другая", once=once)
    session.refresh(draft)
    assert (answer.status_code, draft.address) == (303, "Другая")


@pytest.mark.parametrize(("method", "path"), [("PUT", "/ru/shymkent/complaints/"), ("DELETE", "/ru/shymkent/"), ("POST", "/ru/shymkent/complaints/"), ("PATCH", "/kk/")])
def test_methods_that_pages_do_not_have(client: Browser, path: str, method: str) -> None:
    assert client.open(path, method=method).status_code in (400, 405)
