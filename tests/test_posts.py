"""How people come into a post and leave it: letters, domains, the end, and to whom the work goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import handover, invited, posts
from civic.accounts.invited import Offer
from civic.accounts.models import Membership, User
from civic.accounts.post_models import Handover, PostInvitation
from civic.bodies.models import Body
from civic.complaints import desk, service
from civic.complaints.models import ComplaintEvent
from civic.complaints.states import Outcome
from civic.core.actor import SYSTEM, Actor, Post, RoleName
from civic.core.errors import InputRefused, NotAllowed
from civic.events.models import OrganisationMember
from civic.events.states import Right
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People


@pytest.fixture
def body(session: Session, city: City) -> Body:
    """The city's default body."""
    return session.get_one(Body, city.default_body_id)


@pytest.fixture
def head(people: People, body: Body) -> User:
    """Its head."""
    return people.official(body, head=True, name="Басшы")


def post_of(session: Session, user: User) -> Membership:
    """The one post that somebody holds."""
    return session.scalars(select(Membership).where(Membership.user_id == user.id, Membership.ended_at.is_(None))).one()


def invite(client: Browser, address: str, path: str = "/en/desk/people/") -> Any:
    """Send the form of a head's page."""
    return client.submit(client.get(path), "people/?body", email=address, title="Бас маман")


# --- coming in ---

def test_a_head_invites_and_the_letter_makes_an_account(client: Browser, new_client: Callable[[], Browser], session: Session, people: People,
                                                        head: User, body: Body, mails: Mails) -> None:
    people.sign_in(client, head)
    assert invite(client, "New.Official@shymkent.gov.kz").status_code == 303
    assert "new.official@shymkent.gov.kz" in client.get("/en/desk/people/").text
    (letter,) = mails.to("new.official@shymkent.gov.kz")
    assert "official" in words_of(letter) and "7 days" in words_of(letter)
    (link,) = links_of(letter)
    theirs = new_client()
    page = theirs.get(link)
    assert session.scalar(select(User.id).where(User.email == "new.official@shymkent.gov.kz")) is None  # opening a link makes nothing
    assert theirs.submit(page, name="Жаңа Маман", password="short").status_code == 422
    assert theirs.submit(page, name="", password="a password nobody guesses").status_code == 422
    answer = theirs.submit(page, name="Жаңа Маман", password="a password nobody guesses")
    assert answer.status_code == 303
    user = session.scalars(select(User).where(User.email == "new.official@shymkent.gov.kz")).one()
    post = post_of(session, user)
    assert (post.role, post.body_id, post.title, user.confirmed_at is not None) == (RoleName.OFFICIAL, body.id, "Бас маман", True)
    assert theirs.get("/en/desk/").status_code in (200, 303)  # 303: the second factor is asked for first
    assert new_client().get(link).status_code == 410
    assert "used already" in new_client().get(link).text
    assert "Жаңа Маман" in client.get("/en/desk/people/").text


def test_an_existing_account_accepts_with_a_button(client: Browser, session: Session, people: People, head: User, body: Body, mails: Mails,
                                                   new_client: Callable[[], Browser]) -> None:
    invitee, other = people.account("invitee@example.test"), people.account("other@example.test")
    people.sign_in(client, head)
    invite(client, "invitee@example.test")
    (link,) = links_of(mails.to("invitee@example.test")[0])
    stranger = new_client().get(link)
    assert stranger.status_code == 200 and "/account/login?next=" in stranger.text and "<form" not in stranger.text.split("<main")[1].split("</main>")[0]
    forwarded = people.sign_in(new_client(), other).get(link)
    assert forwarded.status_code == 403 and "invitee@example.test" not in forwarded.text
    theirs = people.sign_in(new_client(), invitee)
    page = theirs.get(link)
    assert theirs.submit(page).status_code == 303
    assert theirs.submit(page).status_code in (303, 410)  # pressed twice: once
    assert [m.body_id for m in session.scalars(select(Membership).where(Membership.user_id == invitee.id))] == [body.id]
    assert theirs.get(link).status_code == 410


def test_an_unproven_account_is_not_whose_it_was(session: Session, people: People, client: Browser, head: User, mails: Mails,
                                                 new_client: Callable[[], Browser]) -> None:
    squatter = people.account("victim@example.test", confirmed=False)
    people.sign_in(client, head)
    invite(client, "victim@example.test")
    (link,) = links_of(mails.to("victim@example.test")[0])
    old_sign_in, old_password = squatter.fs_uniquifier, squatter.password
    theirs = new_client()
    assert theirs.submit(theirs.get(link), name="Иесі", password="a password nobody guesses").status_code == 303
    session.refresh(squatter)
    assert squatter.fs_uniquifier != old_sign_in and squatter.password != old_password and squatter.confirmed_at is not None


@pytest.mark.parametrize("how", ["expired", "withdrawn", "replaced", "inviter_gone", "nonsense"])
def test_links_that_lead_nowhere(client: Browser, new_client: Callable[[], Browser], session: Session, people: People, head: User, body: Body,
                                 mails: Mails, clock: Any, how: str, now: datetime) -> None:
    invitee = people.account("invitee@example.test")
    people.sign_in(client, head)
    invite(client, "invitee@example.test")
    (link,) = links_of(mails.to("invitee@example.test")[0])
    if how == "expired":
        clock.shift(timedelta(days=7, seconds=1))
    elif how == "withdrawn":
        row = session.scalars(select(PostInvitation)).one()
        assert client.submit(client.get("/en/desk/people/"), f"invitations/{row.id}/withdraw").status_code == 303
    elif how == "replaced":
        invite(client, "invitee@example.test")
    elif how == "inviter_gone":
        people.official(body, head=True)
        posts.end(session, post_of(session, head), SYSTEM, now)
    else:
        link = link[:-3] + "abc"
    theirs = people.sign_in(new_client(), invitee)
    page = theirs.get(link)
    answer = theirs.submit(page) if page.status_code == 200 else page
    assert answer.status_code == 410
    assert session.scalars(select(Membership).where(Membership.user_id == invitee.id)).all() == []


def test_only_addresses_of_the_bodys_domains(client: Browser, session: Session, people: People, head: User, body: Body,
                                             new_client: Callable[[], Browser]) -> None:
    admin = people.sign_in(new_client(), people.administrator())
    edit = f"/en/admin/bodies/{body.id}"
    assert admin.submit(admin.get(edit), domains="not a domain!").status_code == 422
    assert admin.submit(admin.get(edit), domains="@Shymkent.gov.kz, akimat.kz").status_code == 303
    session.refresh(body)
    assert body.domains == ["akimat.kz", "shymkent.gov.kz"]
    assert "akimat.kz, shymkent.gov.kz" in admin.get(f"/en/admin/history?kind=body&key={body.id}").text
    people.sign_in(client, head)
    refused = invite(client, "someone@evilakimat.kz")
    assert refused.status_code == 422 and "invites only addresses of: akimat.kz, shymkent.gov.kz" in refused.text and "someone@evilakimat.kz" in refused.text
    assert invite(client, "someone@road.shymkent.gov.kz").status_code == 303


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "a b@example.org", "a@example.org,b@example.org", "x" * 250 + "@example.org", "a@exa\nmple.org"])
def test_what_is_no_address(client: Browser, people: People, head: User, address: str) -> None:
    people.sign_in(client, head)
    assert invite(client, address).status_code == 422


def test_who_may_invite_whom(session: Session, people: People, head: User, body: Body, city: City, now: datetime) -> None:
    other = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    official, admin = people.official(body), people.administrator()
    for person, role, place in ((official, "official", body), (head, "head", body), (head, "official", other), (people.account(), "official", body)):
        with pytest.raises(NotAllowed):
            invited.invite(session, people.actor(person), now, "a@example.org", Offer(role, body_id=place.id))
    for role in ("moderator", "administrator"):
        with pytest.raises(NotAllowed):
            invited.invite(session, people.actor(head), now, "a@example.org", Offer(role, city_id=city.id))
    for offer in (Offer("head", body_id=body.id), Offer("moderator", city_id=city.id), Offer("administrator")):
        invited.invite(session, people.actor(admin), now, "a@example.org", offer)


# --- one person, one side ---

@pytest.mark.parametrize(("first", "second"), [("moderator", "official"), ("official", "moderator"), ("head", "moderator")])
def test_a_moderator_answers_for_no_body(session: Session, people: People, body: Body, city: City, now: datetime, first: str, second: str) -> None:
    person, admin = people.account(), people.actor(people.administrator())
    where = {"body_id": body.id, "city_id": city.id}
    posts.give(session, person, RoleName(first), admin, now, **where)
    with pytest.raises(InputRefused, match="moderator_and_official"):
        posts.give(session, person, RoleName(second), admin, now, **where)


def test_where_one_has_both_posts_all_the_same_only_the_moderator_counts(body: Body, city: City) -> None:
    both = Actor(1, posts=(Post(RoleName.HEAD, body.id), Post(RoleName.MODERATOR, None, city.id)))
    assert (both.works_for(body.id), both.heads(body.id), both.body_ids) == (False, False, frozenset())


# --- leaving ---

def test_a_removed_official_loses_the_rights_at_once_and_the_work_goes_on(client: Browser, new_client: Callable[[], Browser], session: Session,
                                                                          people: People, head: User, body: Body, filed: Filed, now: datetime) -> None:
    leaving, colleague = people.official(body, name="Кетуші"), people.official(body, name="Мұрагер")
    first, second, answered, other = filed(), filed(), filed(), filed()
    for complaint in (first, second, answered):
        desk.assign(session, complaint, people.actor(head), now, user_id=leaving.id)
    desk.assign(session, other, people.actor(head), now, user_id=colleague.id)
    service.answer(session, answered, people.actor(leaving), now, text="Жауап", outcome=Outcome.EXPLAINED)
    desk.add_note(session, first, people.actor(leaving), now, text="Ескерту")
    theirs = people.sign_in(new_client(), leaving)
    assert theirs.get("/en/desk/").status_code == 200
    people.sign_in(client, head)
    page = client.get(f"/en/desk/people/{post_of(session, leaving).id}/remove")
    assert "3 things are in their hands" in page.text
    assert client.submit(page, to_id=str(people.account().id)).status_code == 422
    assert client.submit(page, to_id=str(colleague.id)).status_code == 303
    assert theirs.get("/en/desk/").status_code == 403
    session.expire_all()
    assert [c.assignee_id for c in (first, second, answered, other)] == [colleague.id] * 4
    row = session.scalars(select(Handover)).one()
    assert (row.from_id, row.to_id, row.by_id, row.items) == (leaving.id, colleague.id, head.id, {"complaint": 3})
    events = session.scalars(select(ComplaintEvent).where(ComplaintEvent.complaint_id == first.id, ComplaintEvent.kind == "assigned").order_by(ComplaintEvent.id)).all()
    assert [(e.facts["user_id"], e.role, e.public) for e in events] == [(leaving.id, "head", False), (colleague.id, "head", False)]
    assert [note.text for note in desk.notes(session, first, people.actor(colleague))] == ["Ескерту"]


def test_without_a_colleague_the_work_goes_back_to_the_body(session: Session, people: People, head: User, body: Body, filed: Filed, now: datetime) -> None:
    leaving, complaint = people.official(body), filed()
    desk.assign(session, complaint, people.actor(head), now, user_id=leaving.id)
    assert handover.in_hand(session, body.id, leaving.id) == {"complaint": 1}
    posts.end(session, post_of(session, leaving), people.actor(people.administrator()), now)
    assert (complaint.assignee_id, session.scalars(select(Handover)).one().to_id) == (None, None)


def test_an_account_that_goes_leaves_nothing_behind(session: Session, people: People, head: User, body: Body, filed: Filed, now: datetime) -> None:
    leaving, complaint = people.official(body), filed()
    desk.assign(session, complaint, people.actor(head), now, user_id=leaving.id)
    posts.leave_all(session, leaving, SYSTEM, now)
    assert (complaint.assignee_id, people.actor(leaving).posts) == (None, ())
    with pytest.raises(InputRefused, match="last_of_body"):
        posts.leave_all(session, head, SYSTEM, now)


def test_a_head_removes_officials_of_the_own_body_only(client: Browser, session: Session, people: People, head: User, body: Body, city: City) -> None:
    other = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == "water")).one()
    people.sign_in(client, head)
    for person in (head, people.official(body, head=True), people.official(other)):
        assert client.get(f"/en/desk/people/{post_of(session, person).id}/remove").status_code == 404
    people.sign_in(client, people.official(body))
    assert client.get("/en/desk/people/").status_code == 404


def test_an_official_who_becomes_head_keeps_the_work(session: Session, people: People, body: Body, head: User, filed: Filed, now: datetime) -> None:
    official, complaint, admin = people.official(body), filed(), people.actor(people.administrator())
    desk.assign(session, complaint, people.actor(head), now, user_id=official.id)
    row, _ = invited.invite(session, admin, now, official.email, Offer("head", body_id=body.id))
    invited.accept(session, row, official, now)
    session.expire_all()
    assert (post_of(session, official).role, complaint.assignee_id) == (RoleName.HEAD, official.id)


# --- organisations ---

def test_an_owner_invites_by_address_and_learns_nothing(client: Browser, new_client: Callable[[], Browser], session: Session, people: People,
                                                        city: City, mails: Mails) -> None:
    held = Held(session, city, people)
    friend = people.account("friend@example.test", name="Досы")
    people.sign_in(client, held.owner)
    address = f"/en/organise/{held.organisation.code}"
    texts = []
    for email in ("friend@example.test", "nobody@example.test"):
        answer = client.submit(client.get(address), -1, email=email, right="organiser", follow=True)
        texts.append(answer.text.count("The letter is on its way"))
    assert texts == [1, 1] and "Досы" not in client.get(address).text
    (link,) = links_of(next(m for m in mails() if m["To"] == "friend@example.test"))
    theirs = people.sign_in(new_client(), friend)
    assert theirs.submit(theirs.get(link)).status_code == 303
    member = session.scalars(select(OrganisationMember).where(OrganisationMember.user_id == friend.id)).one()
    assert member.right == Right.ORGANISER and theirs.get(address).status_code == 200
    waiting = session.scalars(select(PostInvitation).where(PostInvitation.email == "nobody@example.test")).one()
    assert theirs.post(f"{address}/members/invitations/{waiting.id}/withdraw").status_code in (400, 403, 404)
    assert client.submit(client.get(address), f"invitations/{waiting.id}/withdraw").status_code == 303
    assert "nobody@example.test" not in client.get(address).text


# --- the first administrator ---

def test_the_first_administrator_is_made_by_a_command(app: Any, session: Session, people: People) -> None:
    user = people.account("first@example.test")
    unproven = people.account("unproven@example.test")
    unproven.confirmed_at = None
    session.commit()
    run = app.test_cli_runner().invoke
    asked = ("nobody@example.test", "unproven@example.test", "FIRST@example.test", "first@example.test")
    assert [run(args=["accounts", "make-administrator", email]).exit_code for email in asked] == [1, 1, 0, 1]
    session.expire_all()
    held = session.scalars(select(Membership)).all()
    assert [(m.user_id, m.role, m.body_id, m.city_id) for m in held] == [(user.id, RoleName.ADMINISTRATOR, None, None)]
