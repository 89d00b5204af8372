"""Signing in through a provider of OpenID Connect, a real one over HTTP; what it may and may not do; requests out of the house."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from passlib.totp import TOTP
from sqlalchemy import select

from civic.accounts.models import AccountIdentity, User
from civic.config import OpenID, Settings, SettingWrong
from civic.web.outgoing import Refused, fetch, is_public
from tests.support.client import Browser
from tests.support.people import PASSWORD
from tests.support.provider import CLIENT, CLIENT_SECRET, Provider

ADDRESS = "dana@example.test"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as made:
        yield made


@pytest.fixture
def browser(make_app: Callable[..., Any], provider: Provider, session: Any, clock: Any) -> Callable[[], Browser]:
    """Browsers before an application that knows the provider."""
    app = make_app(oidc=OpenID(provider.issuer, CLIENT, CLIENT_SECRET, "eGov"), outgoing_private=frozenset({provider.host}))
    app.config["ANSWER_TAKES"] = 0

    def make() -> Browser:
        made = app.test_client()
        assert isinstance(made, Browser)
        made.session_of_test = session
        return made
    return make


def go(client: Browser, provider: Provider, query: str = "", lang: str = "en") -> Any:
    """To the provider and back, up to our page with the button (or what stands in its place)."""
    start = client.get(f"/{lang}/account/oidc{query}")
    assert start.status_code == 303, start.text
    back = provider.authorize(start.location)
    answer = client.get(back.removeprefix("http://localhost"))
    assert answer.location.startswith(f"/{lang}/account/oidc/return?")
    answer = client.get(answer.location)
    return client.get(answer.location) if answer.status_code == 303 else answer


def is_signed_in(client: Any) -> bool:
    return bool(client.get("/en/account/settings").status_code == 200)


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)


def test_a_new_person_gets_an_account(browser: Any, provider: Provider, session: Any) -> None:
    client = browser()
    assert "Sign in with eGov" in client.get("/en/account/login").text
    page = go(client, provider, "?next=/en/shymkent/")
    assert "eGov says that you are dana@example.test" in text_of(page)
    assert (is_signed_in(client), session.scalars(select(User)).all()) == (False, [])  # no link signs anybody in
    assert client.submit(page).location == "/en/shymkent/"
    assert is_signed_in(client)
    user = session.scalars(select(User)).one()
    assert (user.email, user.name, user.password, user.confirmed_at is not None, user.contact.email) == (ADDRESS, "Дана Ерланқызы", None, True, ADDRESS)
    again = browser()
    provider.person = {"sub": provider.person["sub"], "email": "moved@example.test", "email_verified": False}  # known by its sub
    again.submit(go(again, provider))
    assert is_signed_in(again)
    assert session.scalars(select(User)).all() == [user]


def test_a_verified_address_joins_the_account_and_its_owner_is_told(browser: Any, provider: Provider, people: Any, session: Any, mails: Any) -> None:
    user = people.account(ADDRESS)
    client = browser()
    client.submit(go(client, provider))
    assert is_signed_in(client)
    [joined] = session.scalars(select(AccountIdentity)).all()
    assert (joined.user_id, joined.issuer, user.password is not None) == (user.id, provider.issuer, True)
    assert len(mails.to(ADDRESS)) == 1


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "yes"}, {"email": ""}, {"email": "nonsense"}])
def test_an_unverified_address_opens_nothing(browser: Any, provider: Provider, people: Any, session: Any, claims: dict[str, Any]) -> None:
    people.account(ADDRESS)
    provider.person |= claims
    client = browser()
    answer = client.submit(go(client, provider))
    assert answer.location == "/en/account/login"
    assert "did not confirm your address" in text_of(client.get(answer.location))
    assert not is_signed_in(client)
    assert (session.scalars(select(AccountIdentity)).all(), len(session.scalars(select(User)).all())) == ([], 1)


def test_a_strangers_password_for_an_unproven_address_is_gone(browser: Any, provider: Provider, people: Any, session: Any) -> None:
    user = people.account(ADDRESS, confirmed=False)
    client = browser()
    client.submit(go(client, provider))
    session.expire_all()
    assert (is_signed_in(client), user.password, user.confirmed_at is not None) == (True, None, True)


def test_an_account_with_a_second_factor_is_not_taken_over(browser: Any, provider: Provider, people: Any, session: Any, clock: Any) -> None:
    people.account(ADDRESS)
    owner = browser()
    owner.submit(owner.get("/en/account/login"), email=ADDRESS, password=PASSWORD)
    page = owner.get("/en/account/second-factor/app")
    app = TOTP(key=re.findall(r'<code class="key">([A-Z2-7-]+)<', page.text)[0].replace("-", ""))
    owner.submit(page, code=app.generate().token)
    client = browser()
    answer = client.submit(go(client, provider))
    assert answer.location == "/en/account/second-step"
    assert (is_signed_in(client), session.scalars(select(AccountIdentity)).all()) == (False, [])
    clock.shift(60)
    client.submit(client.get(answer.location), code=app.generate().token)
    assert (is_signed_in(client), len(session.scalars(select(AccountIdentity)).all())) == (True, 1)


def test_a_closed_account_stays_closed(browser: Any, provider: Provider, people: Any, session: Any) -> None:
    people.account(ADDRESS).active = False
    client = browser()
    assert client.submit(go(client, provider)).location == "/en/account/login"
    assert not is_signed_in(client)


@pytest.mark.parametrize("cheat", [
    {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["another", CLIENT]}, {"aud": [CLIENT, "x"], "azp": "x"}, {"exp": 1}, {"exp": None},
    {"nonce": "of another visit"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"sub": "x" * 300}, {"sub": 5},
])
def test_a_token_that_is_not_for_us_now_is_refused(browser: Any, provider: Provider, session: Any, cheat: dict[str, Any]) -> None:
    provider.cheat = cheat
    client = browser()
    assert go(client, provider).status_code == 502
    assert (is_signed_in(client), session.scalars(select(User)).all()) == (False, [])


def test_signatures_of_strangers_and_shared_secrets_are_refused(browser: Any, provider: Provider) -> None:
    client = browser()
    provider.signing = provider.stranger()
    assert go(client, provider).status_code == 502
    provider.signing, provider.alg = provider.shared(), "HS256"
    assert go(client, provider).status_code == 502
    assert not is_signed_in(client)


def test_new_keys_of_the_provider_are_fetched(browser: Any, provider: Provider) -> None:
    client = browser()
    client.submit(go(client, provider))
    provider.key = provider.stranger()
    other = browser()
    other.submit(go(other, provider))
    assert is_signed_in(other)
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_the_answer_of_another_visit_is_refused(browser: Any, provider: Provider) -> None:
    attacker, victim = browser(), browser()
    back = provider.authorize(attacker.get("/en/account/oidc").location).removeprefix("http://localhost")
    assert victim.get(victim.get(back).location).status_code == 410  # lured onto the attacker's answer without having begun
    victim.get("/en/account/oidc")
    assert victim.get(victim.get(back).location).status_code == 410  # having begun
    assert not is_signed_in(victim)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=access_denied&state=x", "?code=x&state=y&iss=z"])
def test_nonsense_coming_back_changes_nothing(browser: Any, query: str) -> None:
    client = browser()
    assert client.get(client.get(f"/oidc/return{query}").location).status_code == 410
    assert client.get("/en/account/oidc/enter").status_code == 410


def test_the_way_back_is_over_after_ten_minutes_and_a_code_is_good_once(browser: Any, provider: Provider, clock: Any) -> None:
    client = browser()
    back = provider.authorize(client.get("/en/account/oidc").location).removeprefix("http://localhost")
    clock.shift(601)
    assert client.get(client.get(back).location).status_code == 410
    page = go(client, provider)
    clock.shift(601)
    assert client.submit(page).status_code == 410
    assert not is_signed_in(client)


def test_claims_may_come_from_userinfo_about_the_same_person(browser: Any, provider: Provider, session: Any) -> None:
    provider.person = {"sub": "7"}
    client = browser()
    client.submit(go(client, provider))
    assert session.scalars(select(User.email)).all() == ["info@example.test"]
    provider.about["userinfo"] = {"sub": "8", "email": ADDRESS, "email_verified": True}
    assert go(browser(), provider).status_code == 502


def test_a_provider_that_is_down_or_lies_about_itself(browser: Any, provider: Provider) -> None:
    provider.about = {"issuer": "https://evil.example"}
    assert browser().get("/en/account/oidc").status_code == 502
    provider.about = {}
    provider.server.shutdown()
    provider.server.server_close()
    answer = browser().get("/kk/account/oidc")
    assert answer.status_code == 502


def test_without_settings_there_is_no_such_way(client: Any) -> None:
    assert client.get("/en/account/oidc").status_code == 404
    assert "/account/oidc" not in client.get("/en/account/login").text


def test_the_secret_goes_to_the_provider_only_and_the_address_asks_for_little(browser: Any, provider: Provider) -> None:
    address = browser().get("/ru/account/oidc").location
    query = parse_qs(urlsplit(address).query)
    assert (query["scope"], query["redirect_uri"], query["ui_locales"]) == (["openid email profile"], ["http://localhost/oidc/return"], ["ru"])
    assert CLIENT_SECRET not in address


@pytest.mark.parametrize("changes", [{"OIDC_NAME": ""}, {"OIDC_CLIENT_SECRET": ""}, {"OIDC_ISSUER": "http://sso.example"}, {"OIDC_ISSUER": "sso"}])
def test_half_of_the_settings_stops_the_start(tmp_path: Any, changes: dict[str, str]) -> None:
    env = {"CIVIC_INSTANCE": str(tmp_path), "SECRET_KEY": "2c9a7e51f0b84d36a1e8c4709db35f62", "PUBLIC_URL": "http://localhost", "OIDC_ISSUER": "https://sso.example",
           "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b", "OIDC_NAME": "c"}
    assert Settings.read(env).oidc is not None
    with pytest.raises(SettingWrong, match="OIDC"):
        Settings.read({**env, **changes})


# Requests out of the house

@pytest.mark.parametrize("url", [
    "http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest",
    "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/", "https://[fe80::1]/", "https://[fd00::1]/",
    "http://example.org/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://user:word@example.org/", "https:///x", "https://a b/", "https://example.org:99999/", "",
    "https://224.0.0.1/", "https://100.64.0.1/",
])
def test_private_addresses_are_not_asked(url: str) -> None:
    with pytest.raises(Refused):
        fetch(url)


def test_what_counts_as_public() -> None:
    assert [is_public(x) for x in ("8.8.8.8", "2001:4860:4860::8888", "127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::")] == [True, True, False, False, False]


def test_a_named_host_may_be_private_and_the_rest_of_the_house_not(provider: Provider) -> None:
    url = f"{provider.issuer}/.well-known/openid-configuration"
    assert fetch(url, private={provider.host}).json()["issuer"] == provider.issuer
    with pytest.raises(Refused):
        fetch(url, private={"127.0.0.1:1"})
    with pytest.raises(Refused, match="too much"):
        fetch(url, private={provider.host}, max_bytes=20)
