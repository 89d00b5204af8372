"""The second factor: for whom it is required, the one sign-in without, codes of an app, recovery codes."""

import base64
import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from passlib.totp import TOTP
from sqlalchemy import select

from civic.accounts import two_factor
from civic.accounts.models import AccountSession, User
from civic.bodies.models import Body
from civic.config import Settings, SettingWrong
from civic.core.actor import RoleName
from civic.events import organisations
from civic.events.states import Right
from tests.support.people import PASSWORD

ADDRESS = "dana@example.test"
SECRET = "2c9a7e51f0b84d36a1e8c4709db35f62"  # of these tests only
DUE = "/en/account/second-factor/due"


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)


@pytest.fixture
def required(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    monkeypatch.setattr(app, "settings", replace(app.settings, two_factor=True))


def sign_in(client: Any, email: str = ADDRESS, query: str = "") -> Any:
    return client.submit(client.get(f"/en/account/login{query}"), email=email, password=PASSWORD)


def set_up_app(client: Any) -> tuple[TOTP, list[str]]:
    """Goes through the page as a person with a phone; gives the app and the recovery codes."""
    page = client.get("/en/account/second-factor/app")
    key = re.search(r'<code class="key">([A-Z2-7-]+)</code>', page.text)
    assert key is not None
    app = TOTP(key=key[1].replace("-", ""))
    shown = client.submit(page, code=app.generate().token)
    codes = re.findall(r"<code>([a-z0-9-]+)</code>", shown.text)
    assert (shown.status_code, len(codes)) == (200, 10)
    return app, codes


def is_signed_in(client: Any) -> bool:
    return bool(client.get("/en/account/settings").status_code == 200)


# For whom

def test_who_needs_a_second_factor(session: Any, people: Any, city: Any, now: Any) -> None:
    body = session.scalars(select(Body).limit(1)).one()
    resident, owner, door = people.account(), people.account(), people.account()
    group = organisations.found(session, city, people.actor(owner), now, name={"kk": "Орталық"}, about={})
    organisations.give_right(session, group, door, people.actor(owner), now, Right.DOOR)
    needed = {who: two_factor.needs_second_factor(session, user) for who, user in {
        "resident": resident, "owner": owner, "door": door, "official": people.official(body), "head": people.official(body, head=True),
        "moderator": people.moderator(city), "administrator": people.administrator()}.items()}
    assert needed == {"resident": False, "owner": True, "door": False, "official": True, "head": True, "moderator": True, "administrator": True}
    ended = people.administrator()
    ended.memberships[0].ended_at = now
    assert not two_factor.needs_second_factor(session, ended)


@pytest.mark.parametrize(("env", "on"), [({}, True), ({"TWO_FACTOR": "required"}, True), ({"CIVIC_DEMO": "1"}, False), ({"CIVIC_DEMO": "1", "TWO_FACTOR": "required"}, True)])
def test_the_setting(tmp_path: Any, env: dict[str, str], on: bool) -> None:
    assert Settings.read({"CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": SECRET, "PUBLIC_URL": "http://localhost", **env}).two_factor is on


@pytest.mark.parametrize("value", ["off", "no"])
def test_production_refuses_to_do_without(tmp_path: Any, value: str) -> None:
    with pytest.raises(SettingWrong, match="TWO_FACTOR"):
        Settings.read({"CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": SECRET, "PUBLIC_URL": "http://localhost", "TWO_FACTOR": value})


# Required: once without, then never

def test_the_first_sign_in_may_put_it_off_once(client: Any, new_client: Any, people: Any, required: None) -> None:
    user = people.administrator(ADDRESS)
    sign_in(client)
    answer = client.get("/en/admin/")
    assert (answer.status_code, answer.location) == (303, f"{DUE}?next=/en/admin/")
    page = client.get(answer.location)
    answer = client.submit(page)
    assert answer.location == "/en/admin/"
    assert client.get("/en/admin/").status_code == 200
    again = new_client()
    sign_in(again, user.email)
    assert again.get("/en/admin/").status_code == 303
    page = again.get(DUE)
    assert "This once without" not in page.text
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0] if 'name="csrf_token"' in page.text else ""
    again.post(DUE, data={"csrf_token": token})
    assert again.get("/en/admin/").status_code == 303
    set_up_app(again)
    assert again.get("/en/admin/").status_code == 200
    assert client.get("/en/admin/").status_code == 303  # the device of before has to sign in anew


def test_without_it_nobody_acts_in_a_post_even_on_public_pages(client: Any, people: Any, filed: Any, session: Any, required: None) -> None:
    c = filed(private=True)
    official = people.official(session.get_one(Body, c.body_id))
    people.sign_in(client, official)
    assert client.get(f"/kk/shymkent/complaints/{c.number}").status_code == 404
    people.sign_in(client, official, second_factor=True)
    assert client.get(f"/kk/shymkent/complaints/{c.number}").status_code == 200


def test_organisers_are_asked_and_residents_are_not(client: Any, new_client: Any, people: Any, session: Any, city: Any, now: Any, required: None) -> None:
    owner = people.account()
    organisations.found(session, city, people.actor(owner), now, name={"kk": "Орталық"}, about={})
    assert people.sign_in(client, owner).get("/en/my/organise").status_code in (303, 404)
    assert client.get("/en/my").location.startswith(DUE)
    assert people.sign_in(new_client(), people.account()).get("/en/my").status_code == 200


def test_the_page_is_for_those_who_need_it(client: Any, people: Any, required: None) -> None:
    assert people.sign_in(client, people.account()).get(DUE).status_code == 404


def test_switched_off_nobody_is_asked(client: Any, people: Any) -> None:
    assert people.sign_in(client, people.administrator()).get("/en/admin/").status_code == 200


# An app

def test_sign_in_with_a_code(client: Any, new_client: Any, people: Any, session: Any, mails: Any, clock: Any) -> None:
    people.account(ADDRESS)
    sign_in(client)
    app, _ = set_up_app(client)
    assert len(mails.to(ADDRESS)) == 1
    other = new_client()
    answer = sign_in(other, query="?next=/en/shymkent/")
    assert answer.location == "/en/account/second-step"
    assert not is_signed_in(other)
    page = other.get(answer.location)
    assert other.submit(page, code="000000").location == "/en/account/second-step"
    assert not is_signed_in(other)
    clock.shift(timedelta(seconds=60))
    code = app.generate().token
    assert other.submit(other.get("/en/account/second-step"), code=f"{code[:3]} {code[3:]}").location == "/en/shymkent/"
    assert is_signed_in(other)
    third = new_client()  # somebody who looked over the shoulder
    sign_in(third)
    third.submit(third.get("/en/account/second-step"), code=code)
    assert not is_signed_in(third)


def test_a_secret_is_stored_encrypted(client: Any, people: Any, session: Any) -> None:
    people.sign_in(client, people.account(ADDRESS))
    app, codes = set_up_app(client)
    session.expire_all()
    user = session.scalars(select(User).where(User.email == ADDRESS)).one()
    stored = f"{user.tf_totp_secret} {user.mf_recovery_codes}"
    assert [x for x in (app.base32_key, *codes) if x in stored or x.replace("-", "") in stored] == []


def test_a_recovery_code_opens_once(client: Any, new_client: Any, people: Any, clock: Any) -> None:
    people.account(ADDRESS)
    sign_in(client)
    _, codes = set_up_app(client)
    for browser, opens in ((new_client(), True), (new_client(), False)):
        sign_in(browser)
        browser.submit(browser.get("/en/account/second-step"), code=codes[3].upper())
        assert is_signed_in(browser) is opens


def test_codes_cannot_be_guessed_one_after_the_other(client: Any, new_client: Any, people: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_factor, "WRONG_CODES", 4)
    people.account(ADDRESS)
    sign_in(client)
    app, codes = set_up_app(client)
    thief = new_client()
    for n in range(4):
        if n % 2 == 0:
            sign_in(thief)  # beginning anew does not help
        thief.submit(thief.get("/en/account/second-step"), code=f"{n:06}")
    for code in (app.generate().token, codes[0]):
        thief.submit(thief.get("/en/account/second-step"), code=code)
        assert not is_signed_in(thief)
    assert "too many wrong tries" in text_of(thief.get("/en/account/second-step"))
    clock.shift(timedelta(hours=1, seconds=1))
    sign_in(thief)
    thief.submit(thief.get("/en/account/second-step"), code=app.generate().token)
    assert is_signed_in(thief)


def test_half_way_is_nowhere_and_is_over_after_ten_minutes(client: Any, new_client: Any, people: Any, clock: Any, session: Any) -> None:
    user = people.account(ADDRESS)
    sign_in(client)
    app, _ = set_up_app(client)
    other = new_client()
    assert other.get("/en/account/second-step").location == "/en/account/login"
    sign_in(other)
    page = other.get("/en/account/second-step")
    clock.shift(timedelta(minutes=10, seconds=1))
    assert other.submit(page, code=app.generate().token).location == "/en/account/login"
    sign_in(other)
    session.expire_all()
    user.fs_uniquifier = "y" * 32  # the password was changed meanwhile
    assert other.submit(page, code=app.generate().token).location == "/en/account/login"
    assert not is_signed_in(other)


def test_the_link_by_mail_asks_for_the_second_step_too(client: Any, new_client: Any, people: Any, mails: Any) -> None:
    from tests.support.letters import links_of

    people.account(ADDRESS)
    sign_in(client)
    set_up_app(client)
    mails()
    other = new_client()
    other.submit(other.get("/en/account/link"), email=ADDRESS)
    link = links_of(mails.to(ADDRESS)[0])[0]
    assert other.submit(other.get(link)).location == "/en/account/second-step"
    assert not is_signed_in(other)


def test_switching_off_signs_the_others_out_and_ends_the_recovery_codes(client: Any, new_client: Any, people: Any, session: Any, mails: Any, clock: Any) -> None:
    user = people.account(ADDRESS)
    sign_in(client)
    app, _ = set_up_app(client)
    other = new_client()
    sign_in(other)
    clock.shift(timedelta(minutes=2))
    other.submit(other.get("/en/account/second-step"), code=app.generate().token)
    assert is_signed_in(other)
    mails()
    assert client.submit(client.get("/en/account/second-factor/app/off")).location == "/en/account/second-factor"
    session.expire_all()
    assert (user.tf_totp_secret, user.mf_recovery_codes or [], two_factor.has_second_factor(session, user)) == (None, [], False)
    assert (is_signed_in(client), is_signed_in(other)) == (True, False)
    assert len(mails.to(ADDRESS)) == 1


def test_new_recovery_codes_replace_the_old(client: Any, people: Any, session: Any, now: Any) -> None:
    user = people.account(ADDRESS)
    people.sign_in(client, user)
    _, old = set_up_app(client)
    page = client.submit(client.get("/en/account/second-factor/codes"))
    new = re.findall(r"<code>([a-z0-9-]+)</code>", page.text)
    session.expire_all()
    assert not two_factor.use_recovery_code(session, user, old[0], now)
    assert two_factor.use_recovery_code(session, user, new[0], now)
    assert client.get("/en/account/second-factor").text.count(new[1]) == 0


def test_an_administrator_lets_somebody_in_who_lost_everything(app: Any, client: Any, people: Any, session: Any) -> None:
    user = people.account(ADDRESS)
    people.sign_in(client, user)
    set_up_app(client)
    session.commit()
    done = app.test_cli_runner().invoke(args=["accounts", "forget-second-factor", ADDRESS.upper()])
    assert done.exit_code == 0
    assert app.test_cli_runner().invoke(args=["accounts", "forget-second-factor", "nobody@example.test"]).exit_code == 1
    session.expire_all()
    assert (two_factor.has_second_factor(session, user), session.scalars(select(AccountSession)).all()) == (False, [])


# Passkeys: what no browser answered (the rest is tried in a browser)

_DEEP = base64.urlsafe_b64encode(b"[" * 20_000).rstrip(b"=").decode()
DEEP_INSIDE = json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": _DEEP, "attestationObject": "YQ"}, "clientExtensionResults": {}})


@pytest.mark.parametrize("answer", ["", "{", "[]", "null", '{"rawId": 5}', '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {}}', "x" * 30_000, "[" * 20_000, DEEP_INSIDE])
def test_what_is_no_passkey_opens_nothing(client: Any, people: Any, answer: str) -> None:
    user = people.account(ADDRESS)
    page = client.get("/en/account/login")
    assert client.submit(page, "/account/passkey", credential=answer).location.startswith("/en/account/login")
    assert not is_signed_in(client)
    people.sign_in(client, user)
    page = client.get("/en/account/passkeys/add")
    assert client.submit(page, name="Кілт", credential=answer).status_code == 422
    assert client.get("/en/account/second-factor").text.count("Кілт") == 0


def test_passkeys_of_others_are_not_found(client: Any, people: Any) -> None:
    people.sign_in(client, people.account())
    for path in ("1", "1/remove", "99999"):
        assert client.get(f"/en/account/passkeys/{path}").status_code == 404


def test_posts_given_later_are_noticed_at_once(client: Any, people: Any, city: Any, session: Any, required: None, now: Any) -> None:
    from civic.accounts.service import give_post

    user = people.account(ADDRESS)
    people.sign_in(client, user)
    assert client.get("/en/my").status_code == 200
    give_post(session, user, RoleName.MODERATOR, now, city_id=city.id)
    assert client.get("/en/my").location.startswith(DUE)
    for page in ("/en/account/settings", "/en/account/devices", "/en/account/sign-out", "/en/shymkent/"):
        assert client.get(page).status_code == 200
