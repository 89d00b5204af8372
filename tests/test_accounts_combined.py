"""Ways into accounts in combination: what one of them leaves behind for another."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import identities, invited, posts, two_factor
from civic.accounts.audit import Act
from civic.accounts.invited import Offer
from civic.accounts.models import AccountIdentity, AccountSession, Contact, Membership, User
from civic.accounts.post_models import AuditEntry, PostInvitation
from civic.accounts.service import claim_contact
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import desk
from civic.complaints.models import Complaint
from civic.core.actor import RoleName
from civic.core.errors import InputRefused
from civic.core.text import MAX_ADDRESS, mailbox_of
from civic.events import organisations
from civic.events.states import Right
from civic.limits.quotas import QUOTAS
from civic.limits.service import Sender, count
from civic.limits.votes import shape
from civic.notifications.service import MOST_ASKED, ask, refuse_flood
from civic.privacy import erasure
from civic.privacy.person import person_of
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.invitations import Host
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import PASSWORD, People
from tests.support.together import together, waiting
from tests.test_accounts_two_factor import DUE, is_signed_in, set_up_app, sign_in

ADDRESS = "dana@example.test"
BY_JSON = {"Accept": "application/json"}
Browsers = Callable[[], Browser]


@pytest.fixture
def required(app: CivicFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    monkeypatch.setattr(app, "settings", replace(app.settings, two_factor=True))


def sign_in_with(client: Browser, word: str) -> Any:
    return client.submit(client.get("/en/account/login"), email=ADDRESS, password=word)


# Tokens of the library, beside the sign-ins that are kept here

def test_signing_in_gives_no_token_that_would_outlive_it(client: Browser, people: People) -> None:
    people.account(ADDRESS)
    page = client.get("/en/account/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    path, sent = "/en/account/login?include_auth_token", {"email": ADDRESS, "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post(path, json=sent, headers={"X-CSRFToken": token[1]})
    assert (answer.status_code, "authentication_token" in answer.text, is_signed_in(client)) == (415, False, False)
    assert client.post(path, data=sent, headers=BY_JSON).status_code == 302
    for answer in (client.get(path, headers=BY_JSON), client.get("/en/account/change?include_auth_token", headers=BY_JSON)):
        assert "authentication_token" not in answer.text


def test_a_token_that_was_given_before_opens_nothing(app: CivicFlask, client: Browser, people: People, session: Session, filed: Any, required: None) -> None:
    complaint = filed(private=True)
    official = people.official(session.get_one(Body, complaint.body_id))
    session.commit()
    with app.test_request_context():
        token = official.get_auth_token()
    client.set_cookie("session", "x")
    for how in ({"headers": {"Authentication-Token": token}}, {"query_string": {"auth_token": token}}):
        assert client.get(f"/en/shymkent/complaints/{complaint.number}", **how).status_code == 404
        assert client.get("/en/account/settings", **how).status_code == 303
    assert session.scalars(select(AccountSession)).all() == []


# The second factor

def test_the_one_sign_in_without_it_lasts_a_day(client: Browser, people: People, clock: Any, required: None) -> None:
    people.administrator(ADDRESS)
    sign_in(client)
    client.submit(client.get(DUE))
    clock.shift(timedelta(hours=23))
    assert client.get("/en/admin/").status_code == 200
    clock.shift(timedelta(hours=2))
    assert client.get("/en/admin/").location.startswith(DUE)
    assert "This once without" not in client.get(DUE).text
    assert is_signed_in(client)


def test_of_two_devices_at_once_one_may_put_it_off(session: Session, people: People, now: datetime) -> None:
    user_id = people.administrator().id
    assert together(session, lambda own: two_factor.waive(own, own.get_one(User, user_id), now), 3) == ["done", "second_factor_due", "second_factor_due"]


def test_who_needs_it_and_takes_the_last_one_away_is_asked_for_another(client: Browser, people: People, required: None) -> None:
    people.administrator(ADDRESS)
    sign_in(client)
    set_up_app(client)
    assert client.get("/en/admin/").status_code == 200
    client.submit(client.get("/en/account/second-factor/app/off"))
    assert client.get("/en/admin/").location.startswith(DUE)


def test_without_it_an_organiser_sees_no_draft_and_who_is_at_the_door_does(client: Browser, new_client: Browsers, people: People, session: Session, city: Any,
                                                                          required: None) -> None:
    held = Held(session, city, people)
    path = f"/en/shymkent/events/{held.draft().code}"
    assert people.sign_in(client, held.owner).get(path).status_code == 404
    assert people.sign_in(client, held.owner, second_factor=True).get(path).status_code == 200
    assert people.sign_in(new_client(), held.member(Right.DOOR)).get(path).status_code == 200


def test_an_app_that_somebody_else_began_to_set_up_here_is_not_the_next_ones(client: Browser, people: People, session: Session) -> None:
    people.sign_in(client, people.account())
    shown = client.get("/en/account/second-factor/app").text
    session.execute(AccountSession.__table__.delete())  # signed out elsewhere: the browser keeps its cookie
    people.account(ADDRESS)
    sign_in(client)
    keys = [re.findall(r'<code class="key">([A-Z2-7-]+)</code>', page) for page in (shown, client.get("/en/account/second-factor/app").text)]
    assert len(keys[0]) == len(keys[1]) == 1 and keys[0] != keys[1]


def test_the_letter_about_a_first_factor_takes_it_back_once(client: Browser, new_client: Browsers, people: People, mails: Mails) -> None:
    people.account(ADDRESS)
    thief, owner = client, new_client()
    sign_in(thief)
    set_up_app(thief)
    link = next(link for link in links_of(mails.to(ADDRESS)[0]) if "/undo/" in link)
    thief.submit(thief.get("/en/account/change"), password=PASSWORD, new_password="сары алма бақта өсті")
    page = owner.get(link)
    assert is_signed_in(thief)  # opening it changes nothing
    assert owner.submit(page).location == "/kk/account/reset"
    assert (is_signed_in(thief), owner.get(link).status_code, owner.submit(page, once="f" * 32).status_code) == (False, 410, 410)
    for word in (PASSWORD, "сары алма бақта өсті"):
        assert sign_in_with(thief, word).status_code == 422
    owner.submit(owner.get("/en/account/reset"), email=ADDRESS)
    reset = next(link for letter in mails.to(ADDRESS) for link in links_of(letter) if "/reset/" in link)
    owner.submit(owner.get(reset), password="қызыл алма бақта өсті")
    assert sign_in_with(owner, "қызыл алма бақта өсті").location == "/en/account/"  # no second step


def test_a_letter_about_another_factor_takes_nothing_back_and_no_link_does_after_two_days(client: Browser, people: People, mails: Mails, clock: Any) -> None:
    people.sign_in(client, people.account(ADDRESS))
    set_up_app(client)
    link = next(link for link in links_of(mails.to(ADDRESS)[0]) if "/undo/" in link)
    client.submit(client.get("/en/account/second-factor/codes"))
    assert [link for letter in mails.to(ADDRESS) for link in links_of(letter) if "/undo/" in link] == []
    clock.shift(timedelta(days=2, seconds=2))
    assert client.get(link).status_code == 410


def test_an_operator_who_removes_it_leaves_a_line_and_a_letter(app: CivicFlask, client: Browser, people: People, session: Session, mails: Mails) -> None:
    user = people.account(ADDRESS)
    people.sign_in(client, user)
    set_up_app(client)
    mails()
    assert app.test_cli_runner().invoke(args=["accounts", "forget-second-factor", ADDRESS]).exit_code == 0
    session.expire_all()
    line = session.scalars(select(AuditEntry).where(AuditEntry.act == Act.FACTOR_FORGOTTEN)).one()
    assert (line.role, line.about_user_id) == ("system", user.id)
    assert len(mails.to(ADDRESS)) == 1
    people.sign_in(client, user)
    assert "Second step removed by an operator" in client.get("/en/audit/mine").text


# Passwords

def test_a_password_in_cyrillic_proves_who_is_there(client: Browser, people: People, session: Session, clock: Any) -> None:
    word = "ёжик сидит на йоге 71"  # kept as ё and й are taken apart
    client.submit(client.get("/en/account/register"), name="Дана", email=ADDRESS, password=word)
    session.scalars(select(User)).one().confirmed_at = datetime.now(UTC).replace(tzinfo=None)
    assert client.submit(client.get("/en/account/login"), email=ADDRESS, password=word).location == "/en/account/"
    clock.shift(timedelta(hours=1))
    page = client.get("/en/account/prove?next=/en/account/second-factor/app")
    assert client.submit(page, "prove/password", password=word).location == "/en/account/second-factor/app"


def test_a_password_chosen_by_a_letter_ends_what_a_provider_opened(client: Browser, people: People, session: Session, mails: Mails, now: datetime) -> None:
    user = people.account(ADDRESS)
    identities.join(session, user, "https://id.example", "somebody", now)
    client.submit(client.get("/en/account/reset"), email=ADDRESS)
    link = next(link for link in links_of(mails.to(ADDRESS)[0]) if "/reset/" in link)
    client.submit(client.get(link), password="сары алма бақта өсті")
    session.expire_all()
    assert session.scalars(select(AccountIdentity)).all() == []


def test_two_windows_that_come_from_a_provider_at_once_make_one_account(session: Session, now: datetime) -> None:
    def come(own: Session) -> None:
        user = identities.account_for(own, "Dana@example.test", verified=True, name="Дана", locale="kk", now=now)
        identities.join(own, user, "https://id.example", "dana", now)

    assert together(session, come, 4) == ["done"] * 4
    user = session.scalars(select(User).where(User.email == "dana@example.test")).one()
    assert [i.user_id for i in session.scalars(select(AccountIdentity))] == [user.id]


def test_there_are_no_commands_that_change_accounts_past_the_trail(app: CivicFlask) -> None:
    assert {"users", "roles"} & set(app.cli.commands) == set()


def test_letters_for_a_password_do_not_flood_a_mailbox(client: Browser, people: People, mails: Mails, clock: Any) -> None:
    people.account(ADDRESS)
    for _ in range(3):
        client.submit(client.get("/en/account/reset"), email=ADDRESS)
    assert len(mails.to(ADDRESS)) == 1
    clock.shift(timedelta(minutes=2))
    client.submit(client.get("/en/account/reset"), email=ADDRESS)
    assert len(mails.to(ADDRESS)) == 1


# Addresses

def test_a_browser_that_proved_an_address_speaks_for_it_no_more_once_it_has_an_account(client: Browser, people: People, session: Session, filed: Any, now: datetime) -> None:
    complaint = filed(private=True)
    contact = session.get_one(Contact, complaint.applicant.contact_id)
    with client.session_transaction() as held:
        held["contact"] = contact.id
    path = f"/en/shymkent/complaints/{complaint.number}"
    assert (client.get(path).status_code, client.get("/en/account/data").status_code) == (200, 200)
    user = people.account(contact.email, confirmed=False)
    claim_contact(session, user, now)
    assert (client.get(path).status_code, client.get("/en/account/data").status_code) == (404, 303)


@pytest.mark.parametrize(("typed", "mailbox"), [
    ("Dana@Example.KZ ", "dana@example.kz"), ("dana+1@example.kz", "dana@example.kz"), ("dana@ｅxample.kz", "dana@example.kz"),
    ("dana@example。kz", "dana@example.kz"), ("dana@пошта.қаз", "dana@xn--80a1acn3a.xn--80ao21a"), ("dana@xn--80a1acn3a.xn--80ao21a", "dana@xn--80a1acn3a.xn--80ao21a"),
    ("", ""), ("ABC-123", "abc-123"), ("@", "@"), ("a@..", "a@.."), ("x" * 100_000, "x" * MAX_ADDRESS),
])
def test_what_counts_as_one_mailbox(typed: str, mailbox: str) -> None:
    assert mailbox_of(typed) == mailbox


def test_another_way_of_writing_an_address_is_no_way_around_what_is_counted(session: Session, now: datetime) -> None:
    ways = [f"dana+{'abcdefghi'[number]}@example.kz" for number in range(MOST_ASKED - 1)] + ["dana@ｅxample.kz"]
    for number, address in enumerate(ways, 1):
        uses = count(session, ["sign_in_failure"], Sender(f"203.0.113.{number}", targets={"email": address}), 1, now)
        assert next(use.used for use in uses if use.scope == "target") == number
        assert shape(address) == shape("dana@example.kz")
        ask(session, address, "Тақырып", "Мәтін", "kk", now)
    with pytest.raises(InputRefused, match="too_many_letters"):
        refuse_flood(session, "dana@example.kz", now)
    assert QUOTAS["sign_in_failure"].target


def test_asking_for_ones_data_tells_nobody_whom_we_know(client: Browser, people: People, session: Session, mails: Mails) -> None:
    people.contact("known@example.kz")
    said = {}
    for address in ("known@example.kz", "nobody@example.kz"):
        answers = []
        for _ in range(MOST_ASKED + 1):
            answers.append(client.submit(client.get("/en/privacy/my-data"), email=address).status_code)
            assert [words_of(letter) for letter in mails.to(address) if address == "nobody@example.kz"] == []
        said[address] = answers
    assert said["known@example.kz"] == said["nobody@example.kz"] == [303] * MOST_ASKED + [422]


# Posts and rights

@pytest.mark.parametrize(("role", "path"), [(RoleName.ADMINISTRATOR, "/en/admin/posts"), (RoleName.HEAD, "/en/desk/people/")])
def test_a_device_that_was_left_open_gives_no_posts(client: Browser, people: People, session: Session, clock: Any, role: RoleName, path: str) -> None:
    user = people.administrator() if role == RoleName.ADMINISTRATOR else people.official(session.scalars(select(Body).limit(1)).one(), head=True)
    people.sign_in(client, user)
    page = client.get(path)
    clock.shift(timedelta(minutes=31))
    assert client.get(path).location == f"/en/account/prove?next={path}"
    assert client.submit(page, path, email="wrong").status_code == 422  # what was being typed is still taken
    clock.shift(timedelta(minutes=30))
    assert client.submit(page, path, email="thief@example.kz", once="f" * 32).location.startswith("/en/account/prove")
    assert session.scalars(select(PostInvitation)).all() == []


def test_an_invitation_to_a_domain_that_the_body_has_left_gives_no_post(session: Session, people: People, now: datetime) -> None:
    body = session.scalars(select(Body).limit(1)).one()
    body.domains = ["old.kz"]
    user = people.account("nurlan@old.kz")
    row, _ = invited.invite(session, people.actor(people.official(body, head=True)), now, user.email, Offer(RoleName.OFFICIAL, body_id=body.id))
    body.domains = ["new.kz"]
    session.flush()
    with pytest.raises(InputRefused, match="email_of_another_domain"):
        invited.accept(session, row, user, now)
    assert user.memberships == []


def test_another_name_of_an_organisation_is_in_its_trail(session: Session, people: People, city: Any, now: datetime) -> None:
    held = Held(session, city, people)
    for name in ("Жаңа орталық", "Жаңа орталық"):
        organisations.rename(session, held.organisation, held.actor, now, name={"kk": name}, about={})
    lines = session.scalars(select(AuditEntry).where(AuditEntry.organisation_id == held.organisation.id, AuditEntry.act == organisations.RENAMED)).all()
    assert [(line.role, line.actor_id) for line in lines] == [("organiser", held.owner.id)]


def test_whoever_is_erased_leaves_the_organisations_and_is_nobody_to_fall_back_on(session: Session, people: People, city: Any, now: datetime) -> None:
    held = Held(session, city, people)
    second = held.member(Right.OWNER)
    erasure.erase(session, person_of(people.actor(second)), now)
    rights = {m.user_id: m for m in held.organisation.members}
    assert rights[second.id].ended_at == now
    with pytest.raises(InputRefused, match="last_owner"):
        organisations.end_member(session, held.organisation, held.actor, now, rights[held.owner.id])


def test_an_account_that_was_closed_is_no_other_administrator(session: Session, people: People, now: datetime) -> None:
    closed, last = people.administrator(), people.administrator()
    closed.active = False
    session.flush()
    with pytest.raises(InputRefused, match="last_administrator"):
        posts.end(session, last.memberships[0], people.actor(last), now)


def test_who_just_leaves_is_given_no_work(session: Session, people: People, filed: Any, now: datetime) -> None:
    complaint = filed()
    body = session.get_one(Body, complaint.body_id)
    head, leaving = people.official(body, head=True), people.official(body)
    chief, gone, post_id, number = people.actor(head), leaving.id, leaving.memberships[0].id, complaint.id
    session.commit()
    posts.end(session, session.get_one(Membership, post_id), chief, now)
    with waiting(session, lambda own: desk.assign(own, own.get_one(Complaint, number), chief, now, user_id=gone)) as other:
        session.commit()
    assert (other.result(), session.get_one(Complaint, number).assignee_id) == ("not_a_colleague", None)


def test_an_official_who_was_removed_answers_for_the_body_by_no_letter(client: Browser, new_client: Browsers, people: People, session: Session, city: Any, mails: Mails, now: datetime) -> None:
    host = Host(session, city, people)
    body = host.body()
    head, named = people.official(body, head=True), people.official(body, email="named@example.test")
    invitation = host.invite(host.event(), body, name="Нұрлан Ахметұлы", email=named.email)
    link = next(x for letter in mails.to(named.email) for x in links_of(letter) if x.startswith("/kk/invitations/link/") and "pdf" not in x)
    page = client.get(f"{link}/decline")
    inside = people.sign_in(new_client(), named)
    own = f"/kk/desk/invitations/{invitation.number}"
    assert inside.get(own).status_code == 200
    posts.end(session, named.memberships[0], people.actor(head), now)
    assert [client.submit(page, text="Біз келмейміз, бізге бәрібір.").status_code, client.get(link).status_code] == [410, 410]
    assert inside.get(own).status_code == 404
    session.refresh(invitation)
    assert invitation.state == "sent"
