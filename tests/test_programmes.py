"""Programmes: parts with discussions, topics and people; their page, calendar and feed; handing one to another city."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Category
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import InputRefused, NotAllowed, NotFound
from civic.events import organisations
from civic.events.models import Event
from civic.places.models import City
from civic.programmes import queries, service
from civic.programmes.models import Part, PartEvent, Programme
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.people import People
from tests.support.together import together, waiting

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def programme(session: Session, held: Held, now: Any) -> Programme:
    made = service.found(session, held.organisation, held.actor, now, name={"kk": "U:жобалар", "ru": "U:проекты"}, about={})
    direction = service.add_part(session, made, held.actor, now, name={"kk": "Қауіпсіз көше"}, about={"kk": "Мектеп жолы туралы."}, parent_id=None)
    service.add_part(session, made, held.actor, now, name={"kk": "Бағдаршамдар"}, about={}, parent_id=direction.id)
    return made


def test_the_limits_hold_however_many_add_at_once(session: Session, held: Held, programme: Programme, monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr(service, "MOST_PARTS", 4)
    monkeypatch.setattr(service, "MOST_PEOPLE", 2)
    programme_id, part_id, actor = programme.id, programme.parts[0].id, held.actor

    def part(own: Session) -> None:
        there = own.get_one(Programme, programme_id)
        assert len(there.parts) <= 4  # as the page has looked at them
        service.add_part(own, there, actor, now, name={"kk": "Жаңа"}, about={}, parent_id=None)

    def person(own: Session) -> None:
        service.add_person(own, own.get_one(Programme, programme_id), actor, now, own.get_one(Part, part_id), name="Әсел", role="")

    assert together(session, part) == ["done"] * 2 + ["too_many_parts"] * 4
    assert [p.position for p in session.get_one(Programme, programme_id).parts] == [0, 1, 2, 3]
    assert together(session, person) == ["done"] * 2 + ["too_many_people"] * 4


def test_a_part_that_somebody_has_just_removed_is_not_there(session: Session, held: Held, programme: Programme, now: Any) -> None:
    programme_id, part_id, category_id, actor = programme.id, programme.parts[1].id, category(session).id, held.actor
    session.commit()

    def on_its_page(own: Session, act: Callable[[Programme, Part], object]) -> None:
        there = own.get_one(Programme, programme_id)
        part = next((part for part in there.parts if part.id == part_id), None)
        if part is None:  # as the page says
            raise NotFound()
        act(there, part)

    assert together(session, lambda own: on_its_page(own, lambda there, part: service.remove_part(own, there, actor, part))) == ["done"] + ["not_found"] * 5
    for act in (lambda own, there, part: service.put_topic(own, there, actor, part, category_id),
                lambda own, there, part: service.change_part(own, there, actor, now, part, name={"kk": "Басқа"}, about={})):
        begin_write(session)
        part_id = service.add_part(session, programme, actor, now, name={"kk": "Уақытша"}, about={}, parent_id=None).id
        session.commit()
        begin_write(session)
        service.remove_part(session, programme, actor, session.get_one(Part, part_id))
        with waiting(session, lambda own: on_its_page(own, lambda there, part: act(own, there, part))) as other:  # noqa: B023  it is over before the next
            session.commit()
        assert other.result() == "not_found"


def category(session: Session) -> Category:
    return session.scalars(select(Category).where(Category.code == "lighting")).one()


def test_an_organiser_builds_a_programme_through_its_pages(client: Browser, session: Session, held: Held, people: People) -> None:
    people.sign_in(client, held.owner)
    event = held()
    start = f"/kk/organise/programmes/of/{held.organisation.code}"
    assert start in client.get(f"/kk/organise/{held.organisation.code}").text
    home = client.submit(client.get(start), start, name_kk="U:жобалар").headers["Location"]
    client.submit(client.get(f"{home}/parts"), f"{home}/parts", name_kk="Қауіпсіз көше")
    part = session.scalars(select(Programme)).one().parts[0]
    page = f"{home}/parts/{part.id}"
    for what, typed in (("event", {"e-event": event.code}), ("topic", {"t-category": str(category(session).id)}), ("person", {"p-name": "Әсел Нұр", "p-role": "үйлестіруші"})):
        assert client.submit(client.get(page), f"{page}/{what}", **typed).status_code == 303, what
    public = client.get(f"/kk/shymkent/programmes/{home.rsplit('/', 1)[1]}").text
    assert all(words in public for words in ("Қауіпсіз көше", "Қысқы ауа: кім не уәде етті", "Әсел Нұр", "/kk/shymkent/categories/lighting"))
    assert f"/kk/shymkent/programmes/{home.rsplit('/', 1)[1]}" in client.get("/kk/shymkent/events/").text
    client.submit(client.get(page), f"{page}/out/event/{event.code}")
    assert session.scalars(select(PartEvent)).all() == []


def test_a_part_that_holds_something_stays(client: Browser, session: Session, held: Held, programme: Programme) -> None:
    direction, subproject = programme.parts
    with pytest.raises(InputRefused, match="part_not_empty"):
        service.remove_part(session, programme, held.actor, direction)
    service.remove_part(session, programme, held.actor, subproject)
    service.remove_part(session, programme, held.actor, direction)
    assert programme.parts == []


@pytest.mark.parametrize(("typed", "code"), [({}, "programme_name_missing"), ({"kk": "А" * 161}, "title_too_long")])
def test_a_name_that_cannot_be_taken(session: Session, held: Held, now: Any, typed: dict[str, str], code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        service.found(session, held.organisation, held.actor, now, name=typed, about={})
    assert (refused.value.field, refused.value.code) == ("name_kk", code)


def test_there_are_two_levels_of_parts(session: Session, held: Held, programme: Programme, now: Any) -> None:
    with pytest.raises(InputRefused, match="part_of_another"):
        service.add_part(session, programme, held.actor, now, name={"kk": "Тереңірек"}, about={}, parent_id=programme.parts[1].id)


def test_others_change_nothing(client: Browser, session: Session, held: Held, programme: Programme, people: People, now: Any) -> None:
    other = people.account()
    with pytest.raises(NotAllowed):
        service.rename(session, programme, people.actor(other), now, name={"kk": "Басқа"}, about={})
    foreign = organisations.found(session, held.city, people.actor(other), now, name={"kk": "Басқалар"}, about={})
    people.sign_in(client, other)
    assert client.get(f"/kk/organise/programmes/{programme.code}").status_code == 404
    assert client.get(f"/kk/organise/programmes/of/{held.organisation.code}").status_code == 404
    assert client.get(f"/kk/organise/programmes/of/{foreign.code}").status_code == 200
    event = held()
    with pytest.raises(NotAllowed):
        service.put_event(session, service.found(session, foreign, people.actor(other), now, name={"kk": "Ж"}, about={}), people.actor(other), event, None)


def test_calendar_and_feed_hold_the_public_discussions_alone(client: Browser, session: Session, held: Held, programme: Programme) -> None:
    shown, draft = held(), held.draft(title={"kk": "Жоба нобайы"})
    for event in (shown, draft):
        service.put_event(session, programme, held.actor, event, programme.parts[1])
    calendar = icalendar.Calendar.from_ical(client.get(f"/ru/calendars/programme/{programme.code}.ics").data)
    assert [str(e["SUMMARY"]) for e in calendar.walk("VEVENT")] == ["Воздух зимой: кто и что обещал"]
    feed = ElementTree.fromstring(client.get(f"/ru/shymkent/programmes/{programme.code}/feed.atom").data)
    assert [e.findtext(f"{ATOM}title") for e in feed.iter(f"{ATOM}entry")] == ["Воздух зимой: кто и что обещал"]
    assert "Жоба нобайы" not in client.get(f"/kk/shymkent/programmes/{programme.code}").text


def test_the_page_costs_the_same_with_one_and_with_three_discussions(app: CivicFlask, client: Browser, session: Session, held: Held, programme: Programme) -> None:
    from sqlalchemy import event as listen

    from civic.extensions import db

    asked: list[str] = []
    with app.app_context():
        for engine in db.engines.values():
            listen.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for _ in range(2):
        for _ in range(1 + len(counts)):
            service.put_event(session, programme, held.actor, held(), programme.parts[0])
        session.commit()
        client.get(f"/kk/shymkent/programmes/{programme.code}")
        asked.clear()
        client.get(f"/kk/shymkent/programmes/{programme.code}")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_another_city_takes_the_whole_set_up_over_with_one_command(app: CivicFlask, client: Browser, session: Session, held: Held, programme: Programme, people: People) -> None:
    direction, subproject = programme.parts
    first, second = held(format="conference"), held(format="pechakucha", title={"kk": "20 × 20"})
    for event in (first, second, held.draft(format="conference", title={"kk": "Ескі"}, starts_at=utc_now().replace(year=2027))):
        service.put_event(session, programme, held.actor, event, subproject)
    service.put_topic(session, programme, held.actor, direction, category(session).id)
    service.add_person(session, programme, held.actor, utc_now(), direction, name="Әсел", role="")
    astana = session.scalars(select(City).where(City.code == "astana")).one()
    owner = people.account()
    target = organisations.found(session, astana, people.actor(owner), utc_now(), name={"kk": "Астана тобы"}, about={})
    session.commit()
    run = app.test_cli_runner()
    assert run.invoke(args=["programme", "copy", programme.code, "--to", target.code], input="n\n").exit_code == 1
    done = run.invoke(args=["programme", "copy", programme.code, "--to", target.code, "--yes"])
    assert done.exit_code == 0, done.output
    session.rollback()
    made = session.scalars(select(Programme).where(Programme.organisation_id == target.id)).one()
    assert [(p.name, p.parent_id is not None) for p in made.parts] == [(p.name, p.parent_id is not None) for p in programme.parts]
    drafts: list[Event] = [e for _, e in queries.own_events(session, made.id)]
    assert sorted((e.format, e.state, e.city_id, e.venue, e.starts_at > utc_now()) for e in drafts) == [("conference", "draft", astana.id, "", True), ("pechakucha", "draft", astana.id, "", True)]
    assert [t.category_id for t in queries.topics(session, made.id)] == [category(session).id]
    assert queries.people(session, made.id) == []
    again = run.invoke(args=["programme", "copy", programme.code, "--to", target.code, "--yes"])
    assert (again.exit_code, made.code in again.output) == (1, True)
    people.sign_in(client, owner)
    assert client.get(f"/kk/organise/programmes/{made.code}").status_code == 200


def test_what_moderators_hid_is_not_handed_on(app: CivicFlask, session: Session, programme: Programme) -> None:
    programme.hidden = {"title": {"on": "2026-04-24", "reason": "insult", "entry": 1}}
    session.commit()
    done = app.test_cli_runner().invoke(args=["programme", "copy", programme.code, "--to", programme.organisation.code, "--yes"])
    assert (done.exit_code, "moderators have hidden" in done.output) == (1, True)


@pytest.mark.parametrize("args", [["nothing", "--to", "x"], ["nothing"]])
def test_the_command_says_what_is_missing(app: CivicFlask, session: Session, args: list[str]) -> None:
    done = app.test_cli_runner().invoke(args=["programme", "copy", *args, "--yes"])
    assert done.exit_code != 0 and "Traceback" not in done.output
