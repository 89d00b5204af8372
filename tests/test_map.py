"""The map: counters that are right after anything, frames whose marks are the rows of their list, addresses that bear nonsense."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain, count

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.bodies.queries import bodies_of_city
from civic.complaints import filing, service
from civic.complaints.listing import Wanted, filtered
from civic.complaints.map_cells import NEAREST_ZOOM, cell_at, cells_in, frame_of, parent, read_box, spans, write_box
from civic.complaints.map_counts import differences
from civic.complaints.map_models import cell_count
from civic.complaints.map_queries import LIVE, MARKS, look, rows_of
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome, State
from civic.core.actor import SYSTEM
from civic.core.errors import DomainError
from civic.extensions import db
from civic.places.boundaries import import_boundaries
from civic.places.models import City
from civic.places.queries import Box, box_around, districts
from tests.support.together import begin

WHOLE = "?box=-90,-180,90,180&zoom=11"
PAGE, JSON, LIST = "/en/shymkent/complaints/map", "/en/shymkent/complaints/map.json", "/en/shymkent/complaints/map/live"


def near(city, chance, km=8.0):
    """A pin in the city."""
    box = box_around(city.lat, city.lon, km * 1000)
    return {"lat": chance.uniform(box.south, box.north), "lon": chance.uniform(box.west, box.east)}


def resident_of(session, people, complaint):
    """Who filed it."""
    return people.actor(session.get_one(Contact, complaint.applicant.contact_id))


@pytest.fixture
def chance():
    """The same numbers on every run."""
    return random.Random(11)


@pytest.fixture
def many(session, filed, city, people, now, kept):
    """Sixty complaints of all sorts: with and without a pin, private ones, in several states, some at one place."""
    kept("many", lambda: make_many(session, filed, city, people, now))
    people.numbers = count(1000)
    return session.scalars(select(Complaint).order_by(Complaint.id)).all()


def make_many(session, filed, city, people, now):
    chance = random.Random(11)
    category = [filed.category(code) for code in ("waste.dump", None)] + [session.scalars(select(Category).where(Category.parent_id.is_(None))).first()]
    made = []
    for number in range(60):
        pin = {} if number % 7 == 0 else {"lat": city.lat, "lon": city.lon} if number % 5 == 0 else near(city, chance)
        complaint = filed(category=category[number % 3].code, private=number % 11 == 0, at=now - timedelta(days=number), **pin)
        made.append(complaint)
    for complaint in made[::4]:
        official = people.official(session.get_one(Body, complaint.body_id))
        service.accept(session, complaint, people.actor(official), now)
    for complaint in made[1::4]:
        service.withdraw(session, complaint, resident_of(session, people, complaint), now)
    session.execute(update(Complaint).where(Complaint.id.in_([c.id for c in made[::6]])).values(supporters=2))


def wrong(session):
    """Counters that differ from the complaints."""
    session.commit()
    return differences(session)


def test_cells_hold_one_another():
    chance = random.Random(3)
    for _ in range(200):
        cell = cell_at(chance.uniform(41, 55), chance.uniform(47, 87))
        for resolution in (5, 6, 7, 8):
            (first, last), = spans([parent(cell, resolution)], resolution)
            assert first <= cell <= last
            others = spans([parent(cell_at(43.2, 76.9), resolution)], resolution)[0]
            assert (others[0] <= cell <= others[1]) == (parent(cell_at(43.2, 76.9), resolution) == parent(cell, resolution))


def test_spans_of_neighbours_are_one():
    cells = cells_in(Box(42.2, 69.4, 42.5, 69.8), 8)
    whole = spans(cells, 8)
    assert len(whole) < len(cells) / 2
    assert all(any(first <= c <= last for first, last in whole) for c in chain.from_iterable(spans([cell], 8)[0] for cell in cells))


def test_the_counters_are_right_after_every_step(session, filed, many):
    assert wrong(session) == {}
    number = sum(cell_count.c[state] for state in State)
    stored = session.scalar(select(func.sum(number)).where(cell_count.c.category_id == 0, cell_count.c.block == 0))
    assert stored == sum(c.lat is None and not c.private for c in many)


#: By whom (an official; None is the service itself), and with what.
STEPS = {
    "accept": (True, lambda chance, bodies, made: {}),
    "answer": (True, lambda chance, bodies, made: {"text": "Жөнделді.", "outcome": Outcome.EXPLAINED}),
    "forward": (True, lambda chance, bodies, made: {"body_id": chance.choice(bodies).id, "text": "Сіздің құзырыңызда."}),
    "mark_duplicate": (True, lambda chance, bodies, made: {"of": chance.choice(made)}),
    "confirm": (False, lambda chance, bodies, made: {}),
    "dispute": (False, lambda chance, bodies, made: {"text": "Жөнделген жоқ."}),
    "reopen": (True, lambda chance, bodies, made: {"text": "Қайта қараймыз."}),
    "withdraw": (False, lambda chance, bodies, made: {}),
    "add_information": (False, lambda chance, bodies, made: {"text": "Тағы бір қадам."}),
    "lapse": (None, lambda chance, bodies, made: {}),
}


def test_the_counters_are_right_after_a_random_walk(session, filed, city, people, chance, now):
    bodies = bodies_of_city(session, city.id)
    head = {body.id: people.actor(people.official(body, head=True)) for body in bodies}
    residents = [people.contact() for _ in range(4)]
    made, at, taken = [], now, set()
    for _ in range(160):
        at += timedelta(hours=chance.choice((1, 5, 30)))
        if not made or chance.random() < 0.25:
            made.append(filed(by=chance.choice(residents), at=at, private=chance.random() < 0.15, **({} if chance.random() < 0.2 else near(city, chance))))
            continue
        complaint = chance.choice(made)
        official, resident = head[complaint.body_id], resident_of(session, people, complaint)
        name, (by_official, more) = chance.choice(sorted(STEPS.items(), key=lambda step: step[0]))
        facts = more(chance, bodies, made)
        try:
            with session.begin_nested():
                getattr(service, name)(session, complaint, {True: official, False: resident, None: SYSTEM}[by_official], at, **facts)
                taken.add(name)
        except DomainError:
            pass
        if chance.random() < 0.5:
            session.commit()
    assert taken >= {"accept", "answer", "confirm", "dispute", "withdraw", "forward"}
    assert wrong(session) == {}


def test_a_step_that_is_rolled_back_is_not_counted(session, filed, city, people, now):
    complaint = filed(lat=city.lat, lon=city.lon)
    actor = resident_of(session, people, complaint)
    session.commit()
    service.withdraw(session, complaint, actor, now)
    session.rollback()
    assert wrong(session) == {}


def test_writers_side_by_side_lose_nothing(app, session, filed, city, people, now):
    """Each files and withdraws in its own transactions, all in the same few cells."""
    filed()
    category, contacts = filed.category().id, [people.contact().id for _ in range(4)]
    session.commit()
    with app.app_context():
        engine = db.engine

    def work(number):
        with Session(engine) as own:
            for turn in range(3):
                begin(own)
                here, contact = own.get_one(City, city_id), own.get_one(Contact, contacts[number])
                pair = []
                for shift in ((0, 0.03) if (number + turn) % 2 else (0.03, 0)):  # two cells, in either order
                    draft = filing.new_draft(own, here, "kk", now)
                    filing.set_place(own, draft, here, lat=lat + shift, lon=lon, address="Аула", district_id=None)
                    draft.category_id, draft.text, draft.name = category, "Жарық жоқ, қараңғы.", "Айгүл"
                    pair.append(filing.register(own, draft, contact, now))
                if turn % 2:
                    service.withdraw(own, pair[0], people.actor(contact), now)
                own.commit()

    city_id, lat, lon = city.id, city.lat, city.lon
    session.commit()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert session.scalar(select(func.count()).select_from(Complaint)) == 25
    assert wrong(session) == {}


FILTERS = [{}, {"state": "open"}, {"state": "in_work"}, {"state": "overdue"}, {"sort": "supported"}, {"sort": "overdue"}, {"supported": True},
           {"state": "registered", "supported": True}, {"photo": True}]
FRAMES = [(None, 11), (0.5, 15), (3.0, 12), (3.0, 13), (3.0, 15), (9.0, 10), (9.0, 11), (9.0, 14), (1.0, 17), (0.2, 19)]


@pytest.mark.parametrize("frame", FRAMES)
def test_clusters_and_marks_are_the_rows_of_the_list(session, city, many, chance, now, frame, monkeypatch):
    km, zoom = frame
    root = session.scalar(select(Category.parent_id).where(Category.code == "waste.dump"))
    leaf = session.scalar(select(Category.id).where(Category.code == "waste.dump"))
    body = many[1].body_id
    filters = [*FILTERS, {"category_id": root}, {"category_id": leaf}, {"category_id": leaf, "state": "open"}, {"body_id": body}]
    for live in (LIVE, 3):  # with a small bound what is counted live is counted among the newest
        monkeypatch.setattr("civic.complaints.map_queries.LIVE", live)
        for given in filters:
            wanted = Wanted(**given)
            shift = {"lat": city.lat + chance.uniform(-0.03, 0.03), "lon": city.lon + chance.uniform(-0.03, 0.03)}
            box = None if km is None else box_around(shift["lat"], shift["lon"], km * 1000)
            view = look(session, city.id, wanted, frame_of(city, box, zoom), now.date())
            listed = session.scalars(filtered(select(Complaint.id).where(Complaint.city_id == city.id, ~Complaint.private, *view.within), wanted, now.date())).all()
            shown = len(view.marks) if view.marks is not None else sum(c.number for c in view.clusters)
            assert shown == len(listed) == view.total, (given, frame)
            assert [row.id for row in rows_of(session, city.id, wanted, view, now.date())] == [
                row.id for row in rows_of(session, city.id, wanted, view, now.date(), limit=100)][:20]
            if km is None and view.bound is None:
                fit = session.scalars(filtered(select(Complaint.id).where(Complaint.city_id == city.id, ~Complaint.private), wanted, now.date())).all()
                assert len(fit) == view.total + (view.without_place or 0)


def test_single_marks_are_those_inside_the_frame(session, city, many, now):
    box = box_around(city.lat, city.lon, 700)
    view = look(session, city.id, Wanted(), frame_of(city, box, 16), now.date())
    inside = {c.number for c in many if c.lat and not c.private and box.south <= c.lat <= box.north and box.west <= c.lon <= box.east}
    assert {mark.number for mark in view.marks} == inside != set()


def test_more_marks_than_can_be_shown_are_said(session, city, filed, now, monkeypatch, client):
    monkeypatch.setattr("civic.complaints.map_queries.MARKS", 2)
    for _ in range(3):
        filed(lat=city.lat, lon=city.lon)
    box = write_box(box_around(city.lat, city.lon, 300))
    answer = client.get(f"{JSON}?box={box}&zoom=18").json
    assert (len(answer["marks"]), answer["bound"]) == (2, 2)
    assert "The newest 2 of this part of the map are shown." in client.get(f"{LIST}?box={box}&zoom=18").text
    assert client.get(f"{JSON}?box={box}&zoom=16").json["marks"] is None  # as a cluster, all of them are counted
    assert MARKS == 100


def test_what_was_not_counted_is_said(session, city, filed, now, monkeypatch, client):
    monkeypatch.setattr("civic.complaints.map_queries.LIVE", 2)
    for _ in range(3):
        complaint = filed(lat=city.lat, lon=city.lon)
    text = client.get(f"{LIST}{WHOLE}&body={complaint.body_id}").text
    assert "2 complaints in this part of the map. Only the newest 2 that fit the filter were looked at." in text


def test_the_json_says_clusters_and_marks(client, session, city, filed, now):
    made = filed(lat=city.lat, lon=city.lon)
    filed()
    far = client.get(f"{JSON}{WHOLE}").json
    assert far["marks"] is None and [c[2:] for c in far["clusters"]] == [[1, 1]]
    close = client.get(f"{JSON}?box={write_box(box_around(city.lat, city.lon, 500))}&zoom=16").json
    mark, = close["marks"]
    assert (mark["number"], mark["icon"], mark["tone"]) == (made.number, "full", "registered")
    assert mark["title"].endswith("Тәуке хан даңғылы, 12 · Registered")
    assert client.get(close["base"] + mark["number"]).status_code == 200
    assert "1 complaint has an address and no pin." in client.get(f"{LIST}{WHOLE}").text


def test_private_ones_are_on_no_map(client, city, filed):
    number = filed(lat=city.lat, lon=city.lon, private=True).number
    box = write_box(box_around(city.lat, city.lon, 500))
    for address in (f"{JSON}{WHOLE}", f"{JSON}?box={box}&zoom=18", f"{LIST}?box={box}&zoom=18", f"{JSON}?box={box}&zoom=18&supported=y", PAGE):
        answer = client.get(address)
        assert number not in answer.text
        if answer.is_json:
            assert answer.json["total"] == 0


def test_a_frame_that_was_seen_costs_nothing(client, city, filed):
    filed(lat=city.lat, lon=city.lon)
    first = client.get(f"{JSON}{WHOLE}")
    assert "public" in first.headers["Cache-Control"]
    assert client.get(f"{JSON}{WHOLE}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    filed(lat=city.lat, lon=city.lon)
    assert client.get(f"{JSON}{WHOLE}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


BOXES = ["42,3;69,5;42,4;69,6", "42,3,69,5,42,4,69,6", "43,69,42,70", "42,70,43,69", "-90,-180,90,180", "nan,nan,nan,nan", "1e999,0,0,0", "a", "",
         "0,0,1,1", "42.3,69.6,42.3,69.6", "42.3000,69.6,42.3001,69.6000001", "42.3,69.6,42.30000000001,69.60000000001", "0,0,1e-320,1e-320", "%00", "٤٢,٦٩,٤٣,٧٠"]
ZOOMS = ["99", "-1", "0", "x", "1e9", "", "99999999999999999999", "13.5"]


@pytest.mark.parametrize("address", [PAGE, JSON, LIST])
def test_nonsense_in_the_address_is_no_error(client, filed, city, address):
    filed(lat=city.lat, lon=city.lon)
    for number, box in enumerate(BOXES * 2):
        assert client.get(f"{address}?box={box}&zoom={ZOOMS[number % len(ZOOMS)]}&category=x&state=y").status_code == 200, box


def test_another_city_s_frame_shows_this_city(client, city, filed):
    filed(lat=city.lat, lon=city.lon)
    assert client.get(f"{JSON}?box=0,0,1,1&zoom=10").json["total"] == 1
    assert client.get("/en/nowhere/complaints/map").status_code == 404


def queries_of(app, client, address):
    """How many statements an address costs."""
    said = []
    with app.app_context():
        engines = [*db.engines.values()]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    assert client.get(address).status_code == 200
    return len(said)


@pytest.mark.parametrize("address", [f"{JSON}{WHOLE}", f"{JSON}?box=42.2,69.4,42.5,69.8&zoom=17", f"{LIST}{WHOLE}", f"{PAGE}{WHOLE}"])
def test_the_number_of_queries_does_not_grow_with_the_rows(app, client, filed, city, address):
    filed(lat=city.lat, lon=city.lon)
    client.get(address)
    one = queries_of(app, client, address)
    for number in range(4):
        filed(lat=city.lat + number / 100, lon=city.lon)
    client.get(address)
    assert queries_of(app, client, address) == one


def test_the_page_is_the_list_for_whoever_has_no_map(client, session, city, filed):
    made = filed(lat=city.lat, lon=city.lon)
    page = client.get(f"{PAGE}?state=registered")
    assert f'href="/en/shymkent/complaints/{made.number}"' in page.text
    assert '</span>Registered <svg' in page.text
    for district in districts(session, city.id):
        assert f"district={district.id}" in page.text
    assert "map-failed" in page.text
    assert made.number not in client.get(f"{PAGE}?box={write_box(box_around(city.lat + 0.1, city.lon, 900))}").text


def test_outlines_are_light_and_remembered(client, session, city, now):
    assert client.get("/en/shymkent/districts.json").json["features"] == []
    square = [[69.5, 42.2], [69.6, 42.2], [69.6, 42.3], [69.55, 42.300001], [69.5, 42.3], [69.5, 42.2]]
    kato = districts(session, city.id)[0].kato
    import_boundaries(session, {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"kato": kato}, "geometry": {"type": "Polygon", "coordinates": [square]}}]}, city, None, now)
    answer = client.get("/en/shymkent/districts.json")
    feature, = answer.json["features"]
    assert len(feature["geometry"]["coordinates"][0]) == 5
    again = client.get("/en/shymkent/districts.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and "max-age" in again.headers["Cache-Control"]


def test_recount_finds_and_mends(app, session, city, many):
    session.execute(delete(cell_count).where(cell_count.c.category_id != 0))
    session.execute(update(cell_count).values(registered=cell_count.c.registered + 1))
    session.execute(update(Complaint).values(cell=None).where(Complaint.id.in_([c.id for c in many[:9]])))
    session.commit()
    runner = app.test_cli_runner()
    found = runner.invoke(args=["map", "recount"])
    assert found.exit_code == 1 and "counters differ" in found.output
    assert "Mended" in runner.invoke(args=["map", "recount", "--mend"]).output
    assert runner.invoke(args=["map", "recount"]).output.strip() == "The counters are right."
    assert wrong(session) == {}


def test_boxes_are_read_as_they_are_written():
    box = Box(42.25, 69.5, 42.375, 69.75)
    assert read_box(write_box(box)) == box
    assert NEAREST_ZOOM == 19
    assert State.REGISTERED.value in cell_count.c


def test_words_are_looked_for_on_the_map_too(client, city, filed):
    filed(lat=city.lat, lon=city.lon, text="Аулада жарық жанбайды.")
    made = filed(lat=city.lat, lon=city.lon, text="Су құбыры жарылып жатыр, көше су.")
    box = write_box(box_around(city.lat, city.lon, 500))
    assert [mark["number"] for mark in client.get(f"{JSON}?box={box}&zoom=16&q=құбыр").json["marks"]] == [made.number]
    assert client.get(f"{JSON}{WHOLE}&q=құбыр").json["total"] == 1
    assert made.number in client.get(f"{PAGE}?q=құбыр").text
