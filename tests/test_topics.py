"""Growing piles: the rule, the counting; what events carry, who is told, and the pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.app import CivicFlask
from civic.complaints.listing import Wanted
from civic.complaints.map_cells import cell_at
from civic.complaints.models import Complaint, Follow
from civic.core.errors import InputRefused, NotAllowed
from civic.events import service as events
from civic.events.models import Event
from civic.figures.period import named
from civic.figures.queries import city_sums
from civic.following.models import Kind, Rhythm
from civic.following.service import Target, follow
from civic.places.models import City, District
from civic.topics import counting, picture, service
from civic.topics.models import WHOLE_CITY, EventComplaint, EventTopic, TopicCount
from civic.topics.rules import growing
from civic.topics.tasks import count, tell_followers, tell_of_topics
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.invitations import Host
from tests.support.letters import Mails, words_of
from tests.support.people import People

NewClient = Callable[[], Browser]


@pytest.mark.parametrize(("pile", "recent", "before", "expected"), [
    (10, 5, 0, True), (9, 9, 0, False), (10, 4, 0, False), (30, 15, 30, True), (30, 14, 30, False), (100, 10, 20, True), (100, 10, 21, False),
    (0, 0, 0, False), (2000, 3, 0, False),
])
def test_the_rule(pile: int, recent: int, before: int, expected: bool) -> None:
    assert growing(pile, recent, before) is expected


@pytest.fixture
def pile(session: Session, city: City, people: People, filed: Filed, now: Any) -> list[Complaint]:
    """Twelve complaints of one category in one district: two old, ten of the last days; the first is long answered."""
    district = session.scalars(select(District).where(District.city_id == city.id)).first()
    assert district is not None
    first = filed()
    made = [first, filed(), *(filed(by=first.applicant and people.contact()) for _ in range(10))]
    for n, complaint in enumerate(made):
        complaint.district_id = district.id
        complaint.registered_at = now - timedelta(days=50 if n < 2 else n)
    made[0].state = "confirmed"  # type: ignore[assignment]
    session.commit()
    return made


def test_counting_by_city_and_district(pile: list[Complaint], session: Session, city: City, filed: Filed, now: Any) -> None:
    filed(private=True)
    assert counting.recount(session, now) == 2
    counted = session.scalars(select(TopicCount).where(TopicCount.city_id == city.id, TopicCount.grows)).all()
    assert {(t.district_id, t.pile, t.recent, t.before) for t in counted} == {(WHOLE_CITY, 11, 10, 2), (pile[0].district_id, 11, 10, 2)}
    assert counting.recount(session, now) == 2  # again the same


def test_counts_agree_with_the_figures(pile: list[Complaint], session: Session, city: City, now: Any) -> None:
    counting.recount(session, now)
    sums = city_sums(session, city.id, named("month", now.date()), now.date())
    counted = session.scalar(select(func.sum(TopicCount.pile)).where(TopicCount.city_id == city.id, TopicCount.district_id == WHOLE_CITY))
    assert counted == sums.waiting - 1  # one was set to confirmed behind the counters' back


def test_counted_once_a_night(app: CivicFlask, pile: list[Complaint], session: Session, city: City, now: Any) -> None:
    assert not counting.is_due(session, city, now.replace(hour=2))
    count(session, now)
    session.commit()
    app.extensions["civic_queue"].deliver_all()
    assert not counting.is_due(session, city, now)
    assert counting.is_due(session, city, now + timedelta(days=1))


def test_a_city_with_nothing_to_count_is_counted_once_a_night_too(app: CivicFlask, session: Session, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    real = counting.recount_city
    monkeypatch.setattr(counting, "recount_city", lambda session, city, now: counted.append(city.id) or real(session, city, now))
    for _ in range(3):
        app.extensions["civic_queue"].minute()
    assert counted.count(city.id) == 1 and session.scalar(select(func.count()).select_from(TopicCount)) == 0


@pytest.fixture
def host(session: Session, city: City, people: People, now: Any) -> Host:
    return Host(session, city, people)


def _carried(session: Session, event: Event) -> set[int]:
    return set(session.scalars(select(EventComplaint.complaint_id).where(EventComplaint.event_id == event.id)))


def test_a_topic_is_frozen_with_its_complaints(pile: list[Complaint], host: Host, session: Session, filed: Filed, now: Any) -> None:
    counting.recount(session, now)
    event, category = host.event(announced=False), pile[0].category_id
    taken = service.carry_topic(session, event, host.actor, now, category, pile[0].district_id or 0)
    assert taken == service.Taken(11, 0) and _carried(session, event) == {c.id for c in pile[1:]}
    kept = session.scalars(select(EventTopic)).one()
    assert (kept.pile, kept.recent, kept.before) == (11, 10, 2)
    later = filed()
    later.district_id = pile[0].district_id
    session.commit()
    assert later.id not in _carried(session, event)
    assert service.carry_topic(session, event, host.actor, now, category, pile[0].district_id or 0).added == 1  # taken up anew by hand
    session.refresh(later)
    assert later.discussed and not session.get_one(Complaint, pile[0].id).discussed


def test_what_cannot_be_carried(pile: list[Complaint], host: Host, session: Session, filed: Filed, people: People, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    event, private = host.event(announced=False), filed(private=True)
    for numbers, code in (([private.number], "promise_complaint_unknown"), (["x"], "promise_complaint_unknown"), ([], "complaint_missing"),
                          (["x"] * 51, "too_many_promise_complaints")):
        with pytest.raises(InputRefused) as refused:
            service.carry_numbers(session, event, host.actor, now, numbers)
        assert refused.value.code == code
    with pytest.raises(InputRefused):
        service.carry_topic(session, event, host.actor, now, 2**31 - 1, WHOLE_CITY)
    with pytest.raises(NotAllowed):
        service.carry_numbers(session, event, people.actor(people.account()), now, [pile[0].number])
    monkeypatch.setattr(service, "MOST_CARRIED", 3)
    assert service.carry_filter(session, event, host.actor, now, Wanted(category_id=pile[0].category_id)) == service.Taken(3, 9)
    assert service.carry_filter(session, event, host.actor, now, Wanted(category_id=pile[0].category_id)) == service.Taken(0, 9)
    service.put_down(session, event, host.actor, min(_carried(session, event)))
    assert len(_carried(session, event)) == 2
    events.announce(session, event, host.actor, now)
    with pytest.raises(InputRefused):
        service.put_down(session, event, host.actor, min(_carried(session, event)))
    assert len(_carried(session, event)) == 2
    events.cancel(session, event, host.actor, now, text="Зал жабық")
    with pytest.raises(InputRefused) as refused:
        service.carry_filter(session, event, host.actor, now, Wanted(category_id=pile[0].category_id))
    assert refused.value.code == "event_carries_no_more"


def test_followers_are_told_once_and_only_when_it_is_announced(session: Session, host: Host, filed: Filed, people: People, mails: Mails, now: Any) -> None:
    aigul, berik = people.contact("aigul@example.test"), people.contact("berik@example.test", delivery="daily")
    several = [filed(by=aigul), filed(by=aigul), filed(by=berik)]
    mails()
    event = host.event(announced=False)
    service.carry_numbers(session, event, host.actor, now, [c.number for c in several])
    session.commit()
    assert tell_followers(session, now) == 0
    events.announce(session, event, host.actor, now)
    assert tell_followers(session, now) == 3
    assert tell_followers(session, now) == 0
    letters = [m for m in mails() if m["To"] != "organiser@example.test"]
    assert [m["To"] for m in letters] == ["aigul@example.test"]  # the other gets it with the morning's letter
    assert f"/kk/shymkent/events/{event.code}" in words_of(letters[0])


def test_from_topic_to_announced_discussion(pile: list[Complaint], host: Host, session: Session, people: People, new_client: NewClient, now: Any) -> None:
    counting.recount(session, now)
    visitor, organiser = new_client(), people.sign_in(new_client(), host.user)
    listing = visitor.get("/en/shymkent/topics").text
    assert "10 new in 30 days" in listing and "at least 10 public complaints" in listing and "/en/shymkent/complaints/map?" in listing
    address = f"/en/organise/topics/shymkent/{pile[0].category_id}/{pile[0].district_id}"
    assert address in listing
    chosen = organiser.get(address)
    assert chosen.status_code == 303
    form = organiser.get(chosen.headers["Location"])
    assert 'name="title_kk"' in form.text
    made = organiser.submit(form, date="2026-05-28", starts="18:30", ends="20:30", venue="Ұлттық кітапхана")
    assert made.status_code == 303
    event = session.scalars(select(Event)).one()
    assert event.title["ru"] and event.direction == pile[0].direction and len(_carried(session, event)) == 11
    carried = organiser.get(f"/en/organise/events/{event.code}/complaints")
    assert "Invite:" in carried.text and f"/en/organise/events/{event.code}/invitations/invite?body=" in carried.text
    assert organiser.submit(carried, 0).status_code == 303  # the newest is put down again
    refused = organiser.submit(carried, _form(carried.text, "By number"), numbers="SHY-0000-000")
    assert refused.status_code == 422 and "no public complaint" in refused.text
    host.invite(event, service.proposed_bodies(session, event)[0], email="body@example.test")
    assert "Invite:" not in organiser.get(f"/en/organise/events/{event.code}/complaints").text
    events.announce(session, event, host.actor, now)
    session.commit()
    page = visitor.get(f"/en/shymkent/events/{event.code}").text
    assert "Complaints it is about" in page and "10 complaints" in page and "10 still wait" in page
    assert visitor.get(f"/en/shymkent/events/{event.code}/complaints").status_code == 200
    assert f"/en/shymkent/events/{event.code}" in visitor.get(f"/en/shymkent/complaints/{pile[3].number}").text


def _form(text: str, heading: str) -> int:
    """The place of the form under a heading in <main>."""
    main = text[text.index("<main"):]
    return main[:main.index(f"<h2>{heading}</h2>")].count("<form")


def test_somebody_without_an_organisation_and_nonsense(pile: list[Complaint], people: People, host: Host, new_client: NewClient) -> None:
    somebody = people.sign_in(new_client(), people.account())
    assert somebody.get(f"/en/organise/topics/shymkent/{pile[0].category_id}/0").headers["Location"].endswith("/organise/new")
    organiser = people.sign_in(new_client(), host.user)
    for address in ("/en/organise/topics/shymkent/99999/0", "/en/organise/topics/shymkent/1/99999", "/en/organise/topics/atlantis/1/0"):
        assert organiser.get(address, follow_redirects=True).status_code == 404
    assert new_client().get("/en/atlantis/topics").status_code == 404
    assert "Nothing grows now" in new_client().get("/en/astana/topics").text


def test_those_who_follow_a_topic_are_told_once_of_the_discussion(pile: list[Complaint], session: Session, city: City, people: People, mails: Mails, now: Any) -> None:
    host, category, district = Host(session, city, people), pile[0].category_id, pile[0].district_id
    body = service.body_of_topic(session, city, category, district or 0)
    assert body is not None
    wishes = {"category@example.test": (Target(Kind.CATEGORY, city.id, category_id=category), True), "district@example.test": (Target(Kind.DISTRICT, city.id, district_id=district), True),
              "body@example.test": (Target(Kind.BODY, city.id, body_id=body.id), True), "new@example.test": (Target(Kind.CATEGORY, city.id, category_id=category), False)}
    for email, (target, steps) in wishes.items():
        follow(session, people.contact(email, locale="en").id, target, Wanted(), Rhythm.AT_ONCE, steps, now)
    twice = session.scalars(select(Contact).where(Contact.email == "category@example.test")).one()
    session.add(Follow(complaint_id=pile[5].id, contact_id=twice.id, at=now))
    event = host.event()
    service.carry_topic(session, event, host.actor, now, category, district or 0)
    mails()
    for _ in range(2):
        tell_followers(session, now)
        tell_of_topics(session, now)
        session.commit()
    told = [letter for letter in mails() if "takes up what you follow" in letter["Subject"]]
    assert sorted(str(letter["To"]) for letter in told) == ["body@example.test", "category@example.test", "district@example.test"]
    assert all("List-Unsubscribe" in letter for letter in told if letter["To"] != "category@example.test")


def test_who_follows_a_place_a_street_or_a_search_of_the_pile_is_told_once(pile: list[Complaint], session: Session, city: City, people: People, mails: Mails, now: Any) -> None:
    host, category, district = Host(session, city, people), pile[0].category_id, pile[0].district_id or 0
    for n, complaint in enumerate(pile[1:]):
        complaint.lat, complaint.lon, complaint.address = 42.34 + n / 5_000, 69.59, f"Рысқұлов көшесі, {n + 1}"
    elsewhere = pile[0]  # answered, so the discussion does not carry it
    elsewhere.lat, elsewhere.lon, elsewhere.address = 42.40, 69.70, "Абай даңғылы, 5"
    near, far = ({"lat": lat, "lon": lon, "radius_m": 300} for lat, lon in ((42.34, 69.59), (42.40, 69.70)))
    light, gas = Wanted(words="жарық"), Wanted(words="газ")
    wishes: dict[str, list[tuple[Target, Wanted, bool]]] = {
        "place@": [(Target(Kind.PLACE, city.id, **near), Wanted(), True)], "street@": [(Target(Kind.STREET, city.id, words="ул. Рыскулова"), Wanted(), True)],
        "search@": [(Target(Kind.SEARCH, city.id, query="q=жарық"), light, True)], "everywhere@": [(Target(Kind.SEARCH, None, query="q=жарық"), light, True)],
        "several@": [(Target(Kind.CATEGORY, city.id, category_id=category), Wanted(), True), (Target(Kind.PLACE, city.id, **near), Wanted(), True),
                     (Target(Kind.STREET, city.id, words="Рысқұлов көшесі"), Wanted(), True)],
        "far@": [(Target(Kind.PLACE, city.id, **far), Wanted(), True)], "other-street@": [(Target(Kind.STREET, city.id, words="Абай даңғылы"), Wanted(), True)],
        "other-words@": [(Target(Kind.SEARCH, city.id, query="q=газ"), gas, True)], "only-new@": [(Target(Kind.PLACE, city.id, **near), Wanted(), False)]}
    for who, things in wishes.items():
        for target, wanted, steps in things:
            follow(session, people.contact(f"{who}example.test", locale="en").id if target == things[0][0] else
                   session.scalars(select(Contact.id).where(Contact.email == f"{who}example.test")).one(), target, wanted, Rhythm.AT_ONCE, steps, now)
    event = host.event(announced=False)
    service.carry_topic(session, event, host.actor, now, category, district)
    service.carry_topic(session, event, host.actor, now, category, WHOLE_CITY)
    session.commit()
    mails()
    tell_of_topics(session, now)
    assert mails() == []  # a draft is nobody's business
    events.announce(session, event, host.actor, now)
    for _ in range(2):
        tell_followers(session, now)
        tell_of_topics(session, now)
        session.commit()
    told = [letter for letter in mails() if "takes up what you follow" in letter["Subject"]]
    assert sorted(str(letter["To"]).removesuffix("example.test") for letter in told) == ["everywhere@", "place@", "search@", "several@", "street@"]
    words = {str(letter["To"]): words_of(letter) for letter in told}
    assert "You follow: " in words["street@example.test"] and "Рыскулова" in words["street@example.test"]
    assert words["several@example.test"].count("Рысқұлов көшесі") == 1 and all("List-Unsubscribe" in letter for letter in told)


def test_what_is_hidden_is_in_no_pile_and_is_not_taken_up(pile: list[Complaint], session: Session, city: City, people: People, client: Browser, now: Any) -> None:
    pile[3].text, pile[3].hidden = "", {"text": {"on": "2026-04-24", "reason": "insult", "entry": 1}}
    pile[4].hidden = {"redacted": {"on": "2026-04-24"}}  # its author mended it: the words are there
    session.commit()
    counting.recount(session, now)
    assert session.scalars(select(TopicCount.pile).where(TopicCount.district_id == WHOLE_CITY, TopicCount.grows)).all() == [10]
    host = Host(session, city, people)
    event = host.event()
    assert service.carry_topic(session, event, host.actor, now, pile[0].category_id, WHOLE_CITY).added == 10
    service.carry_numbers(session, event, host.actor, now, [pile[3].number])
    session.commit()
    assert "A moderator has hidden a part of it" in client.get(f"/en/shymkent/events/{event.code}/complaints").text


@pytest.mark.parametrize(("step", "many", "most"), [(0.0001, 40, 7), (0.004, 40, 30), (0.1, 4, 4), (0.05, 40, 30)])
def test_however_far_a_pile_lies_it_is_drawn_by_few_marks(session: Session, city: City, filed: Filed, now: Any, step: float, many: int, most: int) -> None:
    complaint = filed()
    columns = {c.key: getattr(complaint, c.key) for c in Complaint.__mapper__.column_attrs if c.key not in ("id", "number", "cell", "registered_at")}
    session.execute(insert(Complaint), [columns | {"number": f"X{n}", "registered_at": now, "cell": cell_at(42.2 + n * step, 69.5 + (n % 7) * step)} for n in range(many)])
    session.commit()
    counting.recount(session, now)
    places = session.scalars(select(TopicCount.places).where(TopicCount.district_id == WHOLE_CITY, TopicCount.grows)).all()
    for found in places:
        assert 1 <= len(found) <= most and sum(n for _, _, n, _ in found) == many
    assert len(places) == (many >= 10)


def test_marks_lie_in_the_picture_and_tell_their_state_by_their_shape() -> None:
    for pile in ([[42.3, 69.5, 3, 3]], [[42.3, 69.5, 9, 9], [42.3, 69.9, 1, 0], [42.8, 69.7, 4, 1]]):
        drawn = picture._alone(pile)
        assert all(m.half <= m.x <= picture.WIDTH - m.half and m.half <= m.y <= picture.HEIGHT - m.half for m in drawn.marks)
        assert [m.half for m in drawn.marks] == sorted((m.half for m in drawn.marks), reverse=True) and 0 < drawn.line <= picture.LONGEST_LINE
    assert {(m.shape, m.number) for m in drawn.marks} == {("full", "9"), ("half", "4"), ("ring", "")}
    one = picture._alone([[42.3, 69.5, 3, 3]])
    assert (one.marks[0].x, one.marks[0].y, one.marks[0].number, one.metres) == (picture.WIDTH / 2, picture.HEIGHT / 2, "3", 500)


def test_a_topic_shows_where_it_lies_and_begins_with_its_own_agenda(pile: list[Complaint], session: Session, city: City, people: People, client: Browser, now: Any) -> None:
    for n, complaint in enumerate(pile):
        complaint.lat, complaint.lon = 42.32 + n / 200, 69.59
        complaint.cell = cell_at(complaint.lat, complaint.lon)
    host = Host(session, city, people)
    session.commit()
    pile[5].state = "answered"  # type: ignore[assignment]
    session.commit()
    counting.recount(session, now)
    alone = client.get("/en/shymkent/topics").text
    places = session.scalars(select(TopicCount.places).where(TopicCount.grows, TopicCount.district_id == WHOLE_CITY)).one()
    assert sum(n for _, _, n, _ in places) == 11 and sum(still_open for *_, still_open in places) == 10 and len(places) > 1
    assert alone.count('class="topic__mark"') == len(places) and f"{len(places)} places, 2 complaints in the fullest one." in alone
    assert "#full" in alone.split("topic__map")[1] and "#ring" in alone.split("topic__map")[1]
    assert "topic__scale" in alone and ">2 km<" in alone and "topic__districts" not in alone and "none open any more" in alone
    session.get_one(District, pile[0].district_id).boundary = {"type": "Polygon", "coordinates": [[[69.5, 42.3], [69.7, 42.3], [69.7, 42.4], [69.5, 42.3]]]}
    session.commit()
    picture._drawn.clear()  # boundaries are changed through the reference, which gives outlines a new version
    page = client.get("/en/shymkent/topics").text
    assert page.count('class="topic__mark"') == len(places) and "topic__districts" in page and "topic__scale" not in page
    people.sign_in(client, host.user)
    form = client.get(f"/en/organise/{host.organisation.code}/topics/{pile[0].category_id}/0").text
    body = service.body_of_topic(session, city, pile[0].category_id, WHOLE_CITY)
    assert body is not None
    for words in ("What the complaints say", "What was promised, and what came of it: ", "who does what, by when", "11 public complaints about it are open or new"):
        assert words in form
    assert body.name["ru"] in form
