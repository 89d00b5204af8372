"""The audit trail: what lands there, who reads which part, and that nobody changes it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.accounts import audit, invited, posts
from civic.accounts.audit import Act, Position, Scope, page, read_position, record, written
from civic.accounts.audit_words import FACTS, ROLES, WORDS, lines
from civic.accounts.invited import Offer
from civic.accounts.models import Membership
from civic.accounts.post_models import AuditEntry, Handover
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.core.actor import SYSTEM, Actor, Post, RoleName
from civic.events.states import Right
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.people import People


@pytest.fixture
def body(session: Session, city: City) -> Body:
    """The city's default body."""
    return session.get_one(Body, city.default_body_id)


def test_what_happens_to_posts_lands_in_the_trail(session: Session, people: People, body: Body, now: datetime, filed: Filed) -> None:
    head, invitee, complaint = people.official(body, head=True), people.account(), filed()
    row, _ = invited.invite(session, people.actor(head), now, invitee.email, Offer("official", body_id=body.id))
    invited.accept(session, row, invitee, now)
    complaint.assignee_id = invitee.id
    posts.end(session, session.scalars(select(Membership).where(Membership.user_id == invitee.id)).one(), people.actor(head), now, to_id=head.id)
    told = [(e.act, e.role, e.actor_id, e.about_user_id, e.body_id) for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert told == [
        (Act.INVITED, "head", head.id, None, body.id), (Act.GIVEN, "head", head.id, invitee.id, body.id),
        (Act.ACCEPTED, "self", invitee.id, invitee.id, body.id), (Act.HANDED_OVER, "head", head.id, invitee.id, body.id),
        (Act.ENDED, "head", head.id, invitee.id, body.id)]
    assert not any("@" in repr(e.facts) for e in session.scalars(select(AuditEntry)))


@pytest.mark.parametrize("table", ["audit_entry", "handover"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_nobody_changes_it(session: Session, people: People, body: Body, now: datetime, table: str, change: str) -> None:
    person = people.account()
    record(session, SYSTEM, now, Act.ENDED, about_user_id=person.id)
    session.add(Handover(at=now, body_id=body.id, from_id=person.id, items={}))
    session.commit()
    with pytest.raises(DBAPIError, match="only grows"):
        session.execute(text(change.format(table)))
    session.rollback()


def test_an_invitation_is_never_removed(session: Session, people: People, now: datetime) -> None:
    invited.invite(session, people.actor(people.administrator()), now, "a@example.org", Offer("administrator"))
    session.commit()
    with pytest.raises(DBAPIError, match="only grows"):
        session.execute(text("DELETE FROM post_invitation"))
    session.rollback()


@pytest.mark.parametrize(("posts_held", "role"), [
    ((Post(RoleName.HEAD, 7),), "head"), ((Post(RoleName.OFFICIAL, 7),), "official"), ((Post(RoleName.MODERATOR, None, 3),), "moderator"),
    ((Post(RoleName.MODERATOR, None, 4),), "organiser"), ((Post(RoleName.ADMINISTRATOR),), "administrator"), ((), "organiser")])
def test_what_an_actor_acts_as(posts_held: tuple[Post, ...], role: str) -> None:
    assert audit.role_of(Actor(1, posts=posts_held), 7, 3, 5, 2) == role
    assert (audit.role_of(SYSTEM, 7, 3, 5, 2), audit.role_of(Actor(2), 7, 3, 5, 2), audit.role_of(Actor(9), None, None, None, 2)) == ("system", "self", "person")


def test_pages_of_both_histories_meet_without_a_gap(session: Session, people: People, body: Body, now: datetime) -> None:
    from civic.places.history import save

    admin = people.administrator()
    for number in range(9):
        moment = now + timedelta(minutes=number)
        if number % 3:
            record(session, people.actor(admin), moment, Act.INVITED, body_id=body.id, facts={"number": number})
        else:
            save(session, body, {"name": {**body.name, "en": f"Name {number}"}}, admin.id, moment)
    seen, before, pages = [], Position(), 0
    while before is not None:
        rows, following = page(session, Scope("body", body.id), before, limit=2)
        seen += [row.at for row in rows]
        before, pages = (read_position(written(following) or "") if following else None), pages + 1  # type: ignore[assignment]
    assert (seen, pages) == ([now + timedelta(minutes=n) for n in reversed(range(9))], 5)  # what the seed added is nobody's act
    assert read_position("x.y") == read_position("") == Position()


def test_each_reads_the_own_part(client: Browser, session: Session, people: People, body: Body, city: City, now: datetime,
                                 new_client: Callable[[], Browser]) -> None:
    other = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    head, person, held = people.official(body, head=True, name="Қарлығаш Басшы"), people.account(name="Тұрғын Тұрғынов"), Held(session, city, people)
    admin, moderator = people.administrator(), people.moderator(city)
    record(session, people.actor(head), now, Act.ENDED, about_user_id=person.id, body_id=body.id)
    record(session, people.actor(admin), now, Act.GIVEN, body_id=other.id, facts={"number": "OTHER-7"})
    record(session, people.actor(moderator), now, Act.GIVEN, city_id=city.id, facts={"number": "CITY-7"})
    record(session, people.actor(held.owner), now, Act.GIVEN, organisation_id=held.organisation.id, facts={"number": "GROUP-7"})
    mine = people.sign_in(client, person).get("/en/audit/mine").text
    assert "Post ended" in mine and "head of the body" in mine and "Қарлығаш" not in mine and not any(number in mine for number in ("OTHER-7", "CITY-7", "GROUP-7"))
    assert client.get("/en/audit/").status_code == 404 and client.get(f"/en/audit/?of=body-{body.id}").status_code == 404
    wanted = {head: (f"body-{body.id}", ""), moderator: (f"city-{city.id}", "CITY-7"), held.owner: (f"organisation-{held.organisation.id}", "GROUP-7")}
    for reader, (key, number) in wanted.items():
        browser = people.sign_in(new_client(), reader)
        text_ = browser.get(f"/en/audit/?of={key}").text.split("<main")[1]
        assert [n for n in ("OTHER-7", "CITY-7", "GROUP-7") if n in text_] == ([number] if number else [])
        for foreign in {k for k, _ in wanted.values()} - {key} | {"all", f"body-{other.id}", "nonsense"}:
            assert browser.get(f"/en/audit/?of={foreign}").status_code == 404, (key, foreign)
    of_head = people.sign_in(new_client(), head).get("/en/audit/").text
    assert "Қарлығаш Басшы" in of_head and "Тұрғын Тұрғынов" in of_head
    everything = people.sign_in(new_client(), admin).get("/en/audit/").text
    assert all(n in everything for n in ("OTHER-7", "CITY-7", "GROUP-7"))


def test_changes_of_reference_data_are_read_there_too(client: Browser, session: Session, people: People, body: Body) -> None:
    people.sign_in(client, people.administrator())
    assert client.submit(client.get(f"/en/admin/bodies/{body.id}"), name_en="Another name").status_code == 303
    trail = client.get("/en/audit/").text
    assert ("Another name" in trail, " – added" in trail) == (True, False)
    people.sign_in(client, people.official(body, head=True))
    assert "Another name" in client.get("/en/audit/").text


def test_opening_the_guests_is_told_to_the_owners_once_a_day(client: Browser, session: Session, people: People, city: City, clock: object) -> None:
    held = Held(session, city, people)
    event, organiser = held(), held.member(Right.ORGANISER)
    people.sign_in(client, organiser)
    for path in ("guests", "guests", "door/list.json"):
        assert client.get(f"/en/organise/events/{event.code}/{path}").status_code == 200
    session.rollback()
    told = session.scalars(select(AuditEntry).where(AuditEntry.act == "guests.read")).all()
    assert [(e.actor_id, e.organisation_id, e.facts["event"]) for e in told] == [(organiser.id, held.organisation.id, event.id)]
    assert "List of guests opened" in people.sign_in(client, held.owner).get("/en/audit/").text
    assert people.sign_in(client, people.account()).get(f"/en/organise/events/{event.code}/guests").status_code == 404
    session.rollback()
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.act == "guests.read")).all()) == 1


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_act_and_role_has_words(app: CivicFlask, session: Session, people: People, now: datetime, lang: str) -> None:
    for act in Act:
        record(session, SYSTEM, now, act, facts={"role": "head", "items": {"complaint": 2}})
    with app.test_request_context(f"/{lang}/"):
        told = lines(session, page(session, Scope("all"), Position())[0], named=True)
        assert [line.title for line in told[:len(Act)]] == [str(WORDS[act]) for act in reversed(Act)]
    assert {"role", "items"} <= FACTS.keys() and {"system", "self", "person"} <= ROLES.keys()
