"""Following a place, a street, a district, a category, a body, a search: who is told what, how often, and never twice."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.app import CivicFlask
from civic.bodies.models import Body, Category
from civic.complaints import service
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome
from civic.complaints.sweep import sweep
from civic.core.errors import InputRefused
from civic.following import keys
from civic.following import service as following
from civic.following.matching import News, concerned
from civic.following.models import Following, FollowingKey, Kind, Rhythm
from civic.following.naming import read_query
from civic.following.streets import street_key, street_keys
from civic.following.words import fit, terms
from civic.jobs.models import Outbox
from civic.notifications.service import MOST_ASKED
from civic.places.models import City, District
from civic.places.queries import distance_m
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People

CENTRE = (42.3155, 69.5869)
STREETLIGHT = "lighting"


class Follows:
    """Calling it makes somebody follow something of Shymkent."""

    def __init__(self, app: CivicFlask, session: Session, city: City, now: datetime) -> None:
        self.app, self.session, self.city, self.now = app, session, city, now

    def __call__(self, who: Contact, kind: Kind, *, rhythm: Rhythm = Rhythm.AT_ONCE, steps: bool = False, **what: Any) -> Following:
        target = following.Target(kind, self.city.id, **what)
        with self.app.test_request_context():
            wanted = read_query(target.query)
        return following.follow(self.session, who.id, target, wanted, rhythm, steps, self.now)


@pytest.fixture
def follows(app: CivicFlask, session: Session, city: City, now: datetime) -> Follows:
    return Follows(app, session, city, now)


@pytest.fixture
def reader(people: People) -> Contact:
    return people.contact("reader@x.kz", locale="en")


def _filed(filed: Filed, session: Session, **changes: Any) -> Complaint:
    """A complaint in the first district of the city, at its centre, unless said otherwise; nobody has been told yet."""
    district_id = changes.pop("district_id", session.scalars(select(District.id).where(District.city_id == filed.city.id).order_by(District.id)).first())
    complaint = filed(**{"lat": CENTRE[0], "lon": CENTRE[1], "address": "Рысқұлов көшесі, 14", **changes})
    complaint.district_id = district_id
    session.commit()
    return complaint


def _targets(session: Session, filed: Filed, c: Complaint) -> dict[Kind, list[dict[str, Any]]]:
    """For each kind, what such a complaint concerns, and then what it does not."""
    other_district = session.scalars(select(District.id).where(District.city_id == filed.city.id, District.id != c.district_id)).first()
    other_leaf = session.scalars(select(Category).where(Category.parent_id.is_not(None), Category.parent_id != c.root_id)).first()
    other_body = session.scalars(select(Body.id).where(Body.city_id == filed.city.id, Body.id != c.body_id)).first()
    assert other_leaf is not None
    return {
        Kind.PLACE: [{"lat": CENTRE[0] + 0.004, "lon": CENTRE[1], "radius_m": 500}, {"lat": CENTRE[0] + 0.005, "lon": CENTRE[1], "radius_m": 500}],
        Kind.STREET: [{"words": "ул. Рыскулова"}, {"words": "Тәуке хан"}],
        Kind.DISTRICT: [{"district_id": c.district_id}, {"district_id": other_district}],
        Kind.CATEGORY: [{"category_id": c.category_id}, {"category_id": other_leaf.id}],
        Kind.BODY: [{"body_id": c.body_id}, {"body_id": other_body}],
        Kind.SEARCH: [{"query": urlencode({"district": c.district_id, "category": c.root_id})}, {"query": urlencode({"category": other_leaf.parent_id})}],
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("concerned", [True, False])
def test_a_new_complaint_is_told_to_whom_it_concerns(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, reader: Contact,
                                                     kind: Kind, concerned: bool) -> None:
    pattern = _filed(filed, session)
    mails()
    follows(reader, kind, **_targets(session, filed, pattern)[kind][0 if concerned else 1])
    c = _filed(filed, session, body=session.get_one(Body, pattern.body_id))
    letters = mails.to("reader@x.kz")
    assert len(letters) == concerned
    if letters:
        assert (c.number in words_of(letters[0]), f"/en/shymkent/complaints/{c.number}" in links_of(letters[0])) == (True, True)
        assert letters[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_root_category_holds_its_leaves(session: Session, filed: Filed, follows: Follows, mails: Mails, reader: Contact) -> None:
    leaf = filed.category()
    follows(reader, Kind.CATEGORY, category_id=leaf.parent_id)
    _filed(filed, session)
    assert len(mails.to("reader@x.kz")) == 1


@pytest.mark.parametrize(("query", "text", "told"), [
    ("q=жарық", "Аулада жарығы жанбайды, қараңғы", True), ("q=жарык аула", "Ауладағы жарық өшті", True), ("q=жарық су", "Аулада жарық жоқ", False),
    ("q=ит", "Көшеде иттер көп", True), ("photo=y", "Фотосыз өтініш осы", False), ("", "Кез келген өтініш", True), ("state=open", "Кез келген өтініш", True),
    ("state=answered", "Кез келген өтініш", False), ("q=жарық&sort=supported&supported=y", "Аулада жарық жоқ", True),
])
def test_a_search_tells_of_what_its_list_would_show(session: Session, filed: Filed, follows: Follows, mails: Mails, reader: Contact,
                                                    query: str, text: str, told: bool) -> None:
    follows(reader, Kind.SEARCH, query=query)
    _filed(filed, session, text=text)
    assert len(mails.to("reader@x.kz")) == told


def test_a_list_by_state_tells_when_a_complaint_comes_to_that_state(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails,
                                                                    reader: Contact, now: datetime) -> None:
    follows(reader, Kind.SEARCH, query="state=in_work")
    c = _filed(filed, session)
    assert mails.to("reader@x.kz") == []
    official = people.official(session.get_one(Body, c.body_id))
    service.accept(session, c, people.actor(official), now)
    letters = mails.to("reader@x.kz")
    assert [c.number in words_of(letter) for letter in letters] == [True]


def test_a_list_of_overdue_ones_tells_once_when_one_becomes_overdue(session: Session, filed: Filed, follows: Follows, mails: Mails, reader: Contact,
                                                                    clock: Any, now: datetime) -> None:
    follows(reader, Kind.SEARCH, query="state=overdue")
    c = _filed(filed, session)
    mails()
    for days in (30, 1):
        clock.shift(timedelta(days=days))
        sweep(session, now + timedelta(days=30))
        letters = mails.to("reader@x.kz")
        assert [letter["Subject"].startswith("Overdue: ") and c.number in words_of(letter) for letter in letters] == [True] * (days == 30)


def test_steps_are_told_to_those_who_asked_for_them(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, now: datetime) -> None:
    c = _filed(filed, session)
    all_steps, new_only = people.contact("all@x.kz", locale="en"), people.contact("new@x.kz")
    follows(all_steps, Kind.STREET, words="Рыскулов", steps=True)
    follows(new_only, Kind.STREET, words="Рыскулов")
    mails()
    official = people.official(session.get_one(Body, c.body_id))
    service.accept(session, c, people.actor(official), now)
    assert {letter["To"] for letter in mails()} & {"all@x.kz", "new@x.kz"} == set()
    service.answer(session, c, people.actor(official), now, text="Шам ауыстырылды.", outcome=Outcome.RESOLVED)
    told = [letter for letter in mails() if letter["To"] in ("all@x.kz", "new@x.kz")]
    assert [(letter["To"], "Шам ауыстырылды." in words_of(letter)) for letter in told] == [("all@x.kz", True)]


def test_what_is_forwarded_is_new_to_the_body_it_comes_to(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, reader: Contact, now: datetime) -> None:
    c = _filed(filed, session)
    water = session.scalars(select(Body).where(Body.code == "water", Body.city_id == filed.city.id)).one()
    people.official(water)
    follows(reader, Kind.BODY, body_id=water.id)
    mails()
    service.forward(session, c, people.actor(people.official(session.get_one(Body, c.body_id))), now, body_id=water.id, text="Су құбыры")
    assert len(mails.to("reader@x.kz")) == 1


def test_whoever_follows_it_in_three_ways_and_by_itself_gets_one_letter(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails,
                                                                        reader: Contact, now: datetime) -> None:
    c = _filed(filed, session)
    mails()
    service.follow(session, c, reader.id, now)
    follows(reader, Kind.STREET, words="Рыскулов", steps=True)
    follows(reader, Kind.DISTRICT, district_id=c.district_id, steps=True, rhythm=Rhythm.DAILY)
    follows(reader, Kind.SEARCH, query="", steps=True, rhythm=Rhythm.WEEKLY)
    official = people.official(session.get_one(Body, c.body_id))
    service.answer(session, c, people.actor(official), now, text="Жауап", outcome=Outcome.EXPLAINED)
    assert len(mails.to("reader@x.kz")) == 1
    second = _filed(filed, session)
    letters = mails.to("reader@x.kz")
    assert [second.number in words_of(letter) for letter in letters] == [True]
    for key in session.scalars(select(Outbox).where(Outbox.kind == "following")):
        key.done_at = None  # a worker was killed before it could mark them
    assert mails.to("reader@x.kz") == []
    assert session.scalar(select(func.count()).select_from(Outbox).where(Outbox.kind.in_(("digest_item", "weekly_item")))) == 0


def test_own_complaints_private_ones_and_those_one_answers_for_are_not_told(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, reader: Contact) -> None:
    pattern = _filed(filed, session)
    official = people.official(session.get_one(Body, pattern.body_id), email="official@x.kz")
    assert official.contact is not None
    for who in (reader, official.contact):
        follows(who, Kind.SEARCH, query="")
    mails()
    _filed(filed, session, by=reader)
    assert [letter["Subject"][:6] for letter in mails() if letter["To"] in ("reader@x.kz", "official@x.kz")] .count("New: ") == 0
    _filed(filed, session, private=True)
    assert mails.to("reader@x.kz") == []
    _filed(filed, session)
    assert sorted(letter["To"] for letter in mails() if letter["To"] in ("reader@x.kz", "official@x.kz")) == ["official@x.kz", "reader@x.kz"]


@pytest.mark.parametrize(("delivery", "rhythm", "subject", "comes"), [
    ("at_once", Rhythm.AT_ONCE, "New: ", timedelta()), ("at_once", Rhythm.DAILY, "Your day on Civic", timedelta(days=1)),
    ("daily", Rhythm.AT_ONCE, "Your day on Civic", timedelta(days=1)), ("at_once", Rhythm.WEEKLY, "Your week on Civic", timedelta(days=3)),
    ("daily", Rhythm.WEEKLY, "Your week on Civic", timedelta(days=3)),
])
def test_letters_come_as_often_as_asked(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, clock: Any,
                                        delivery: str, rhythm: Rhythm, subject: str, comes: timedelta) -> None:
    reader = people.contact("reader@x.kz", locale="en", delivery=delivery)
    follows(reader, Kind.STREET, words="Рыскулов", rhythm=rhythm)
    follows(reader, Kind.CATEGORY, category_id=filed.category().id, rhythm=Rhythm.WEEKLY)
    made = [_filed(filed, session, address=f"Рысқұлов көшесі, {house}") for house in (1, 2)]
    assert len(mails.to("reader@x.kz")) == (2 if not comes else 0)
    clock.shift(comes - timedelta(hours=2))  # 24 April, a Friday, is 09:12 now: the next letters are at 8
    before = mails.to("reader@x.kz")
    clock.shift(timedelta(hours=2))
    after = mails.to("reader@x.kz")
    if comes:
        assert ([], [subject]) == (before, [letter["Subject"] for letter in after])
        words = words_of(after[0])
        assert [words.count(c.number) for c in made] == [1, 1]
        assert (words.count("◆ "), "Registered" in words, "?" not in words.split("http")[0]) == (1, True, True)
    clock.shift(timedelta(days=14))
    assert mails.to("reader@x.kz") == []


def test_a_gathered_letter_names_each_thing_followed_and_each_complaint_once(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, clock: Any, now: datetime) -> None:
    reader = people.contact("reader@x.kz", locale="en")
    street = follows(reader, Kind.STREET, words="Рысқұлов көшесі", rhythm=Rhythm.DAILY, steps=True)
    follows(reader, Kind.PLACE, lat=CENTRE[0], lon=CENTRE[1], radius_m=300, words="Үй", rhythm=Rhythm.DAILY)
    both = _filed(filed, session)
    near = _filed(filed, session, address="Байтұрсынов көшесі, 3")
    service.answer(session, both, people.actor(people.official(session.get_one(Body, both.body_id))), now, text="Жауап", outcome=Outcome.EXPLAINED)
    mails()
    clock.shift(timedelta(days=1))
    (letter,) = mails.to("reader@x.kz")
    words = words_of(letter)
    assert words.index("◆ Street: Рысқұлов көшесі") < words.index(both.number) < words.index("◆ Үй, within 300 m") < words.index(near.number)
    assert (words.count(both.number), words.count("Answered"), words.count("Registered")) == (1, 1, 1)
    assert letter["List-Unsubscribe"] and "/following/letter/" in words
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'/en/shymkent/complaints/{near.number}"' in html
    assert "Байтұрсынов көшесі, 3 – Registered</a>" in html
    assert street.paused_at is None


def test_paused_and_ended_followings_are_silent_even_for_what_waits(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails, clock: Any, now: datetime) -> None:
    reader, other = people.contact("reader@x.kz"), people.contact("other@x.kz")
    paused, ended = (follows(who, Kind.SEARCH, query="", rhythm=Rhythm.DAILY) for who in (reader, other))
    _filed(filed, session)
    mails()
    following.pause(session, paused, now)
    following.end(session, other.id, [ended.id])
    _filed(filed, session)
    clock.shift(timedelta(days=1))
    assert {letter["To"] for letter in mails()} & {"reader@x.kz", "other@x.kz"} == set()
    following.resume(session, paused)
    _filed(filed, session)
    mails()
    clock.shift(timedelta(days=1))
    assert len(mails.to("reader@x.kz")) == 1
    assert session.scalar(select(func.count()).select_from(FollowingKey)) == 1


def test_the_same_thing_twice_is_one_following(session: Session, follows: Follows, reader: Contact) -> None:
    first = follows(reader, Kind.STREET, words="Рысқұлов көшесі", rhythm=Rhythm.DAILY)
    again = follows(reader, Kind.STREET, words="ул. Рыскулова", rhythm=Rhythm.WEEKLY)
    assert (first.id, session.scalar(select(func.count()).select_from(Following)), again.rhythm) == (again.id, 1, "weekly")


def test_nobody_follows_more_than_can_be_read(session: Session, follows: Follows, reader: Contact) -> None:
    for n in range(following.MOST_FOLLOWINGS):
        follows(reader, Kind.STREET, words=f"Ата{n}")
    with pytest.raises(InputRefused, match="too_many_followings"):
        follows(reader, Kind.STREET, words="Абай")


@pytest.mark.parametrize(("one", "other"), [
    ("Рысқұлов көшесі, 14", "ул. Рыскулова 14а"), ("Рысқұлов", "улица Рыскулова, д. 5"), ("Тәуке хан даңғылы, 12", "пр. Тауке хана"),
    ("Абай көшесінде", "ул.Абая"), ("әл-Фараби даңғылы 7", "проспект Аль-Фараби"), ("Шымкент, Рыскулова 14", "рыскулов көшесі"),
    ("Нұрсат шағын ауданы, 15", "мкр Нурсат"), ("1 Мамыр көшесі", "1 мамыр 5"),
])
def test_one_street_is_one_however_it_is_typed(one: str, other: str) -> None:
    assert street_key(one) == street_key(other) != ""
    assert street_key(one) in street_keys(other)
    assert street_key(other) in street_keys(one)


@pytest.mark.parametrize("typed", ["", "  ", "12", "улица", "көшесі 5", "🙂", "Абай ауданы"])
def test_what_names_no_street_is_none(typed: str) -> None:
    assert (street_key(typed), street_keys(typed) - {"улица"}) == ("", set())


@pytest.mark.parametrize(("typed", "text", "there"), [("яма", "Яманы жабыңдар", True), ("лампалар", "лампа жоқ", True), ("", "кез келген", True), ("су", "иттер", False)])
def test_words_of_a_search_begin_words_of_the_text(typed: str, text: str, there: bool) -> None:
    assert fit(typed, terms(text)) == there


def test_every_filter_of_the_list_is_known_here() -> None:
    from dataclasses import fields

    from civic.complaints.listing import Wanted

    known = {"state", "category_id", "district_id", "body_id", "photo", "words", "direction", "since", "until"}
    assert {f.name for f in fields(Wanted)} == known | {"sort", "supported"}  # these two are left out: see ``naming.LEFT_OUT``


@pytest.mark.parametrize("radius", [100, 400, 401, 1000, 1001, 2800, 2801, 5000])
def test_the_cells_of_a_place_hold_its_whole_circle(radius: int) -> None:
    import math

    import h3

    for lat, lon in (CENTRE, (42.3411, 69.5333), (51.13, 71.43), (43.2389, 76.8897)):
        cells = keys.cells_around(lat, lon, radius)
        for turn in range(0, 360, 10):
            dlat = math.degrees(radius / 6_371_000) * math.cos(math.radians(turn)) * 0.999
            dlon = math.degrees(radius / 6_371_000) * math.sin(math.radians(turn)) / math.cos(math.radians(lat)) * 0.999
            assert distance_m(lat, lon, lat + dlat, lon + dlon) <= radius
            assert h3.latlng_to_cell(lat + dlat, lon + dlon, h3.get_resolution(cells[0])) in cells


# The pages


def _begin(client: Browser, path: str, **fields: Any) -> Any:
    page = client.get(path)
    assert page.status_code == 200
    return client.submit(page, **fields)


def test_with_an_account_one_form_is_enough(client: Browser, session: Session, people: People, filed: Filed, city: City) -> None:
    people.sign_in(client, people.account(locale="en"))
    district = session.scalars(select(District).where(District.city_id == city.id)).first()
    assert district is not None
    answer = _begin(client, f"/en/shymkent/follow?kind=district&district={district.id}", rhythm="weekly", steps="y")
    made = session.scalars(select(Following)).one()
    assert (answer.headers["Location"].endswith("/en/following"), made.kind, made.district_id, made.rhythm, made.steps) == (True, "district", district.id, "weekly", True)
    page = client.get("/en/following")
    assert district.name["en"] in page.text
    client.submit(page, f"/following/{made.id}", button="pause")
    session.expire_all()
    assert made.paused_at is not None
    client.submit(client.get("/en/following"), f"/following/{made.id}", button="resume")
    client.submit(client.get("/en/following"), f"/following/{made.id}", button="save", rhythm="daily")
    session.expire_all()
    assert (made.paused_at, made.rhythm) == (None, "daily")
    client.submit(client.get("/en/following"), f"/following/{made.id}", button="end")
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Following)) == 0
    assert "You follow nothing yet" in client.get("/en/following").text


def test_without_an_account_the_button_of_a_letter_begins(client: Browser, session: Session, mails: Mails, filed: Filed) -> None:
    answer = _begin(client, "/en/shymkent/follow?kind=street&street=Рысқұлов+көшесі,+14", email="Somebody@X.kz")
    assert (answer.status_code, session.scalar(select(func.count()).select_from(Following))) == (303, 0)
    (letter,) = mails.to("somebody@x.kz")
    assert "Рысқұлов" not in words_of(letter)  # a stranger may have typed both
    (link,) = links_of(letter)
    page = client.get(link)
    assert session.scalar(select(func.count()).select_from(Following)) == 0
    assert "Рысқұлов" in client.submit(page, follow=True).text
    made = session.scalars(select(Following)).one()
    assert (made.kind, made.words, made.rhythm) == ("street", "Рысқұлов көшесі, 14", "at_once")
    _filed(filed, session)
    (letter,) = mails.to("somebody@x.kz")
    end = letter["List-Unsubscribe"].strip("<>").removeprefix("http://localhost")
    assert session.scalar(select(func.count()).select_from(Following)) == 1
    assert "Рысқұлов" in client.get(end).text
    assert client.post(end, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert session.scalar(select(func.count()).select_from(Following)) == 0
    assert client.get(end).status_code == 200


def test_an_address_that_is_typed_again_and_again_gets_few_letters(client: Browser, filed: Filed, mails: Mails, clock: Any) -> None:
    complaint = filed()
    for number in range(MOST_ASKED - 1):
        assert _begin(client, f"/en/shymkent/follow?kind=street&street=Street+{chr(97 + number) * 4}", email="Somebody@x.kz").status_code == 303
    assert len(mails.to("somebody@x.kz")) == MOST_ASKED - 1
    path = f"/en/shymkent/complaints/{complaint.number}"
    assert _begin(client, f"{path}/support", email="somebody@X.kz").status_code == 303
    assert len(mails.to("somebody@x.kz")) == 1
    refused = _begin(client, "/en/shymkent/follow?kind=street&street=One+more", email="SOMEBODY@x.kz")
    assert (refused.status_code, "10 letters with a button to this address today" in refused.text, 'value="One more"' in refused.text) == (422, True, True)
    assert _begin(client, f"{path}/follow", email="somebody@x.kz").status_code == 429
    assert mails.to("somebody@x.kz") == []
    assert _begin(client, f"{path}/follow", email="other@x.kz").status_code == 303
    clock.shift(timedelta(days=1))
    assert _begin(client, f"{path}/follow", email="somebody@x.kz").status_code == 303


def test_the_longest_search_can_be_followed(client: Browser, session: Session, people: People) -> None:
    people.sign_in(client, people.account(locale="en"))
    for words in ("ұ" * 300, "🦄" * 300, "ұ" * 300):
        answer = _begin(client, "/en/shymkent/follow?" + urlencode({"kind": "search", "q": words, "state": "open"}))
        assert (answer.status_code, words[:200] in client.get("/en/following").text) == (303, True)
    assert session.scalar(select(func.count()).select_from(Following)) == 2


def test_the_link_of_a_letter_opens_what_is_followed_and_nothing_else(new_client: Any, session: Session, people: People, filed: Filed, follows: Follows, mails: Mails) -> None:
    reader, other = people.contact("reader@x.kz", locale="en"), people.contact("other@x.kz")
    mine, theirs = (follows(who, Kind.SEARCH, query="state=open") for who in (reader, other))
    _filed(filed, session)
    (letter,) = mails.to("reader@x.kz")
    link = next(x for x in links_of(letter) if "/following/letter/" in x)
    browser = new_client()
    page = browser.get(link)
    assert browser.get("/en/my").status_code == 303
    token = link.rsplit("/", 1)[1]
    browser.submit(page, f"/following/{mine.id}/", button="end")
    browser.post(f"/en/following/{theirs.id}/letter/{token}", data={"act": "end"})
    assert session.scalars(select(Following.id)).all() == [theirs.id]
    assert (browser.get(link.replace(token, "x" + token)).status_code, browser.get("/en/following/end/nonsense").status_code) == (410, 410)


@pytest.mark.parametrize(("fields", "says"), [
    ({"radius": "3000000"}, "Choose a radius from 100 m to 5 km"), ({"radius": "99"}, "Choose a radius"), ({"radius": "very far"}, "Choose a radius"),
    ({"radius": "9" * 500}, "Choose a radius"), ({"radius": "-500"}, "Choose a radius"), ({"lat": ""}, "Put the pin on the map"), ({"lat": "nan"}, "Put the pin"),
    ({"lat": "51.1", "lon": "71.4"}, "The pin is outside the city"), ({"lat": "1e9"}, "Put the pin"), ({"words": "ұ" * 201}, "No more than 200"),
    ({"rhythm": "hourly"}, ""),
])
def test_bad_input_for_a_place_gets_a_clear_answer_and_loses_nothing(client: Browser, session: Session, people: People, fields: dict[str, str], says: str) -> None:
    people.sign_in(client, people.account(locale="en"))
    good = {"lat": "42,3155", "lon": "69,5869", "radius": "700", "words": "Home"}
    answer = _begin(client, "/en/shymkent/follow?kind=place", **{**good, **fields})
    assert (answer.status_code, says in answer.text, session.scalar(select(func.count()).select_from(Following))) == (422, True, 0)
    for name, value in {**good, **fields}.items():
        assert name in ("lat", "lon", "rhythm") or f'value="{value}"' in answer.text


def test_degrees_with_commas_are_degrees(client: Browser, session: Session, people: People) -> None:
    people.sign_in(client, people.account(locale="en"))
    _begin(client, "/en/shymkent/follow?kind=place&lat=42,3&lon=69,6", radius="5 000")
    made = session.scalars(select(Following)).one()
    assert (made.lat, made.lon, made.radius_m, made.rhythm) == (42.3, 69.6, 5000, "at_once")


@pytest.mark.parametrize("path", [
    "kind=nonsense", "kind=district", "kind=district&district=999999", "kind=district&district=abc", "kind=body&body=99999999999999", "kind=category&category=-1",
])
def test_what_the_city_does_not_have_is_not_found(client: Browser, path: str) -> None:
    assert client.get(f"/en/shymkent/follow?{path}").status_code == 404


@pytest.mark.parametrize("path", ["kind=search&category=999999&state=nonsense&sort=x&q=%22%27(*", "kind=search&q=" + "а" * 5000, "kind=street&street=%F0%9F%99%82", "", "kind=place&lat=x&lon=%00"])
def test_nonsense_in_the_address_is_no_mistake_of_ours(client: Browser, path: str) -> None:
    assert client.get(f"/en/shymkent/follow?{path}").status_code == 200


def test_a_street_without_a_name_is_asked_for_again(client: Browser, people: People, session: Session) -> None:
    people.sign_in(client, people.account(locale="en"))
    answer = _begin(client, "/en/shymkent/follow?kind=street", words="улица 5")
    assert (answer.status_code, "Write the name of the street" in answer.text, 'value="улица 5"' in answer.text) == (422, True, True)


def test_finding_whom_it_concerns_asks_as_often_for_a_thousand_as_for_one(session: Session, filed: Filed, people: People, follows: Follows, mails: Mails) -> None:
    from sqlalchemy import event

    from civic.following.matching import News, concerned

    c = _filed(filed, session)
    counts = []
    for amount in (1, 40):
        for n in range(amount):
            follows(people.contact(f"p{amount}-{n}@x.kz"), Kind.DISTRICT, district_id=c.district_id)
            follows(people.contact(f"p{amount}-{n}@x.kz"), Kind.SEARCH, query="state=open")
        session.commit()
        asked: list[str] = []
        listen = lambda *args, asked=asked: asked.append(args[2])
        event.listen(session.get_bind(), "before_cursor_execute", listen)
        found = concerned(session, News(c, "register", "registered"))
        event.remove(session.get_bind(), "before_cursor_execute", listen)
        counts.append((len(asked), len(found)))
    assert counts[0][1] + 40 == counts[1][1]
    assert abs(counts[1][0] - counts[0][0]) <= 4  # rows read again after the commit


# All cities -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("query", "told"), [("", True), ("q=жарық", True), ("q=мектеп", False), ("photo=y", False)])
def test_a_list_of_all_cities_tells_of_each_city(app, session, filed, reader, now, query, told):
    with app.test_request_context():
        following.follow(session, reader.id, following.Target(Kind.SEARCH, None, query=query), read_query(query), Rhythm.AT_ONCE, False, now)
    complaint = _filed(filed, session, text="Аулада жарық жоқ")
    assert (reader.id in concerned(session, News(complaint, "register", complaint.state))) == told


def test_the_list_of_all_cities_is_followed_by_its_page(client):
    page = client.get("/en/complaints/?q=жарық")
    assert 'href="/en/follow?kind=search&amp;q=' in page.text
    assert client.get("/en/follow?kind=street").status_code == 404
    asked = client.get("/en/follow?kind=search&q=жарық")
    assert asked.status_code == 200 and "Complaints of all cities · " in asked.text
