"""Accounts: signing up, confirming, signing in and out, passwords, settings, in three languages."""

import html
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel.messages.pofile import read_po
from flask_security.utils import verify_password
from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from civic.accounts.forms import NO_ADDRESS, one_line
from civic.accounts.models import Contact, User
from civic.config import ROOT
from civic.jobs.models import Outbox
from tests.support.letters import links_of, words_of
from tests.support.people import PASSWORD

NEW = "a quite different password"
ADDRESS = "dana@example.test"


def sign_up(client: Any, email: str = ADDRESS, lang: str = "kk", **fields: Any) -> Any:
    page = client.get(f"/{lang}/account/register")
    return client.submit(page, name=fields.pop("name", "Дана"), email=email, password=fields.pop("password", PASSWORD), **fields)


def sign_in(client: Any, email: str, password: str = PASSWORD, query: str = "", lang: str = "kk") -> Any:
    return client.submit(client.get(f"/{lang}/account/login{query}"), email=email, password=password)


def is_signed_in(client: Any) -> bool:
    return client.get("/kk/account/settings").status_code == 200


def text_of(response: Any) -> str:
    return html.unescape(response.text)


def user_of(session: Any, email: str) -> User:
    session.expire_all()
    return session.scalars(select(User).where(User.email == email)).one()


# Signing up and confirming

def test_sign_up_confirm_and_be_signed_in(client: Any, session: Any, mails: Any) -> None:
    answer = sign_up(client, name="  Дана \n Ерланқызы ")
    assert answer.location == "/kk/account/check-mail"
    assert ADDRESS in client.get(answer.location).text
    [letter] = mails.to(ADDRESS)
    [link] = [x for x in links_of(letter) if "confirm-address" in x]
    assert "Дана Ерланқызы" in words_of(letter)
    page = client.get(link)
    assert (page.status_code, user_of(session, ADDRESS).confirmed_at) == (200, None)  # a scanner followed the link
    answer = client.submit(page)
    assert (answer.status_code, answer.location) == (303, "/kk/account/")
    assert user_of(session, ADDRESS).confirmed_at is not None
    assert is_signed_in(client)


def test_a_used_link_signs_nobody_in(client: Any, new_client: Any, mails: Any) -> None:
    sign_up(client)
    link = links_of(mails.to(ADDRESS)[0])[0]
    client.submit(client.get(link))
    stranger = new_client()
    assert (stranger.get(link).status_code, stranger.post(link).status_code) == (410, 400)
    assert not is_signed_in(stranger)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_an_expired_link_says_what_to_do(client: Any, mails: Any, clock: Any, lang: str) -> None:
    sign_up(client, lang=lang)
    link = links_of(mails.to(ADDRESS)[0])[0]
    clock.shift(timedelta(days=2, minutes=1))
    page = client.get(link)
    assert page.status_code == 410
    assert f"/{lang}/account/confirm" in page.text


def test_the_address_of_a_closed_account_cannot_be_confirmed(client: Any, session: Any, mails: Any) -> None:
    sign_up(client)
    link = links_of(mails.to(ADDRESS)[0])[0]
    user_of(session, ADDRESS).active = False
    assert client.get(link).status_code == 410


def test_the_confirming_address_of_the_library_is_closed(client: Any, mails: Any, session: Any) -> None:
    sign_up(client)
    token = links_of(mails.to(ADDRESS)[0])[0].rpartition("/")[2]
    assert client.get(f"/kk/account/confirm/{token}").status_code == 404
    assert user_of(session, ADDRESS).confirmed_at is None


def test_complaints_filed_before_are_claimed_at_confirmation(client: Any, session: Any, people: Any, mails: Any) -> None:
    contact_id = people.contact(ADDRESS).id
    sign_up(client, email=ADDRESS.title())
    assert session.get(Contact, contact_id).user_id is None
    letter = mails()[-1]
    client.submit(client.get(links_of(letter)[0]))
    session.expire_all()
    contact = session.get(Contact, contact_id)
    assert contact.user.name == "Дана"
    assert session.scalars(select(Contact)).all() == [contact]


def test_a_double_press_makes_one_account_and_one_letter(client: Any, session: Any, mails: Any) -> None:
    page = client.get("/kk/account/register")
    answers = [client.submit(page, name="Дана", email=ADDRESS, password=PASSWORD) for _ in range(2)]
    assert {a.location for a in answers} == {"/kk/account/check-mail"}
    assert len(mails.to(ADDRESS)) == 1


@pytest.mark.parametrize("fields", [
    {"name": "  "}, {"name": "x" * 121}, {"name": "Подарок на gift.example"}, {"name": "http:win"},
    {"email": "dana"}, {"email": ""}, {"password": "short"}, {"password": ""},
])
def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(client: Any, session: Any, fields: dict[str, str]) -> None:
    answer = sign_up(client, **fields)
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text
    assert session.scalars(select(User)).all() == []
    if "password" in fields:
        assert f'value="{ADDRESS}"' in answer.text


@pytest.mark.parametrize("name", ["Дана Ә.", "А.Серік", "Anne-Marie O’Neill", "Серік (Сәкен) А. Қ."])
def test_names_that_people_have(name: str) -> None:
    assert NO_ADDRESS.match(one_line(name))


# Nobody learns who has an account

def test_signing_up_again_looks_the_same_and_writes_to_the_owner(client: Any, people: Any, mails: Any) -> None:
    people.account(ADDRESS)
    known, unknown = sign_up(client), sign_up(client, email="other@example.test")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    letters = mails()
    assert {x["To"] for x in letters} == {ADDRESS, "other@example.test"}
    assert {x["Subject"] for x in letters} == {"Civic-тегі тіркелгіңіз"}


@pytest.mark.parametrize("path", ["reset", "confirm"])
def test_asking_for_a_letter_says_the_same_for_every_address(client: Any, people: Any, mails: Any, path: str) -> None:
    people.account(ADDRESS, confirmed=path == "reset")
    pages = []
    for address in (ADDRESS, "nobody@example.test"):
        answer = client.submit(client.get(f"/ru/account/{path}"), email=address)
        assert (answer.status_code, answer.location) == (303, f"/ru/account/{path}")
        pages.append(client.get(answer.location).text.split("<form")[0].replace(address, "…"))
    assert pages[0] == pages[1]
    assert [x["To"] for x in mails()] == [ADDRESS]


@pytest.mark.parametrize("path", ["reset", "confirm"])
def test_a_mistyped_address_is_said(client: Any, path: str) -> None:
    answer = client.submit(client.get(f"/ru/account/{path}"), email="dana@")
    assert answer.status_code == 422
    assert "Это не похоже на адрес" in answer.text


def test_wrong_password_unknown_and_unconfirmed_look_the_same(client: Any, people: Any) -> None:
    people.account("known@example.test")
    people.account("waiting@example.test", confirmed=False)
    answers = [sign_in(client, "known@example.test", "wrong"), sign_in(client, "nobody@example.test"), sign_in(client, "waiting@example.test")]
    assert [a.status_code for a in answers] == [422, 422, 422]
    messages = {a.text.split("data-error-summary")[1].split("</div>")[0] for a in answers}
    assert len(messages) == 1
    assert not is_signed_in(client)


# Signing in and out

def test_everybody_lands_where_their_work_is(new_client: Any, people: Any, city: Any, session: Any) -> None:
    from civic.bodies.models import Body

    body = session.scalars(select(Body).limit(1)).one()
    homes = [(people.account(), "/kk/my"), (people.official(body), "/kk/desk"), (people.administrator(), "/kk/admin")]
    for user, home in homes:
        client, email = new_client(), user.email
        assert sign_in(client, email).location == "/kk/account/"
        assert home in client.get("/kk/account/").location


def test_organisers_land_at_their_discussions_and_who_minds_the_door_does_not(new_client: Any, people: Any, held: Any, session: Any) -> None:
    from civic.events.states import Right

    people_of = {right: held.member(right) for right in Right}
    session.commit()
    led = {right: people.sign_in(new_client(), user).get("/kk/account/").location for right, user in people_of.items()}
    assert led == {Right.OWNER: "/kk/organise/", Right.ORGANISER: "/kk/organise/", Right.DOOR: "/kk/my"}


@pytest.mark.parametrize(("asked", "led"), [
    ("/kk/account/settings", "/kk/account/settings"), ("https://evil.example/", "/kk/account/"), ("//evil.example/", "/kk/account/"),
    ("///evil.example", "/kk/account/"), ("javascript:alert(1)", "/kk/account/"), ("", "/kk/account/"),
])
def test_next_leads_within_the_site_only(client: Any, people: Any, asked: str, led: str) -> None:
    email = people.account().email
    answer = sign_in(client, email, query=f"?next={asked}")
    assert (answer.status_code, answer.location) == (302, led)


def test_a_next_put_into_the_form_is_checked_too(client: Any, people: Any) -> None:
    email = people.account().email
    page = client.get("/kk/account/login")
    answer = client.submit(page, email=email, password=PASSWORD, next="/\\evil.example")
    assert not urlsplit(answer.location.replace("\\", "/")).netloc


def test_links_opened_before_stay_after_signing_in(client: Any, people: Any) -> None:
    email = people.account().email
    with client.session_transaction() as held:
        held["links"] = [7, 9]
    sign_in(client, email)
    with client.session_transaction() as held:
        assert held["links"] == [7, 9]


def test_signing_out_needs_the_button_and_forgets_everything(client: Any, people: Any) -> None:
    sign_in(client, people.account().email)
    with client.session_transaction() as held:
        held["links"] = [7]
    page = client.get("/kk/account/sign-out")
    assert is_signed_in(client)
    assert client.submit(page).status_code == 303
    assert not is_signed_in(client)  # neither the session nor the "stay signed in" cookie is left
    assert client.get_cookie("remember_token") is None
    with client.session_transaction() as held:
        assert "links" not in held


@pytest.mark.parametrize("path", ["logout", "verify", "fs-static/js/webauthn.js"])
def test_pages_of_the_library_that_we_do_not_use_are_closed(client: Any, people: Any, path: str) -> None:
    people.sign_in(client, people.account())
    assert client.get(f"/kk/account/{path}").status_code == 404


# Passwords

def test_a_forgotten_password_is_replaced(client: Any, new_client: Any, people: Any, session: Any, mails: Any, app: Any) -> None:
    elsewhere = people.sign_in(new_client(), people.account(ADDRESS))
    client.submit(client.get("/ru/account/reset"), email=ADDRESS)
    [letter] = mails.to(ADDRESS)
    [link] = [x for x in links_of(letter) if "/account/reset/" in x]
    assert client.submit(client.get(link), password="short").status_code == 422
    answer = client.submit(client.get(link), password=NEW)
    assert answer.location == "/ru/account/login"
    assert "Новый пароль сохранён" in client.get(answer.location).text
    assert not is_signed_in(elsewhere)
    with app.test_request_context():
        assert verify_password(NEW, user_of(session, ADDRESS).password)
    assert [x["Subject"] for x in mails.to(ADDRESS)] == ["Ваш пароль заменён"]
    again = client.get(link)
    assert again.location == "/ru/account/reset"
    assert "уже использована" in client.get(again.location).text


def test_an_old_reset_link_says_what_to_do(client: Any, people: Any, mails: Any, clock: Any) -> None:
    people.account(ADDRESS)
    client.submit(client.get("/kk/account/reset"), email=ADDRESS)
    link = links_of(mails.to(ADDRESS)[0])[0]
    clock.shift(timedelta(days=1, minutes=1))
    answer = client.get(link)
    assert answer.location == "/kk/account/reset"
    assert "Бұл сілтеме ескірген" in client.get(answer.location).text


def test_who_owns_the_mailbox_gets_the_account_that_a_stranger_began(client: Any, session: Any, people: Any, mails: Any, app: Any) -> None:
    """The stranger's password must not live on: the letter leads to a new one, and that confirms the address."""
    people.account(ADDRESS, confirmed=False)
    sign_up(client, password=NEW)
    [letter] = mails.to(ADDRESS)
    assert not [x for x in links_of(letter) if "confirm-address" in x]
    [link] = [x for x in links_of(letter) if "/account/reset/" in x]
    client.submit(client.get(link), password=NEW)
    user = user_of(session, ADDRESS)
    assert user.confirmed_at is not None
    assert user.contact.email == ADDRESS
    with app.test_request_context():
        assert not verify_password(PASSWORD, user.password)


def test_an_unconfirmed_account_can_get_a_new_password(client: Any, people: Any, mails: Any) -> None:
    people.account(ADDRESS, confirmed=False)
    client.submit(client.get("/kk/account/reset"), email=ADDRESS)
    link = links_of(mails.to(ADDRESS)[0])[0]
    client.submit(client.get(link), password=NEW)
    assert sign_in(client, ADDRESS, NEW).status_code == 302


def test_links_in_letters_do_not_follow_the_host_that_a_request_names(client: Any, people: Any, mails: Any) -> None:
    people.account(ADDRESS)
    page = client.get("/kk/account/reset")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post("/kk/account/reset", headers={"X-Forwarded-Host": "evil.example"}, data={"email": ADDRESS, "csrf_token": token})
    assert answer.status_code == 303
    assert "evil.example" not in words_of(mails.to(ADDRESS)[0])
    assert client.post("/kk/account/reset", base_url="http://evil.example", data={"email": ADDRESS, "csrf_token": token}).status_code == 400


def test_a_known_password_is_changed(client: Any, new_client: Any, people: Any, mails: Any) -> None:
    user = people.account(ADDRESS)
    elsewhere = people.sign_in(new_client(), user)
    people.sign_in(client, user)
    page = client.get("/kk/account/change")
    assert client.submit(page, password="wrong wrong wrong", new_password=NEW).status_code == 422
    assert client.submit(page, password=PASSWORD, new_password=PASSWORD).status_code == 422
    assert client.submit(page, password=PASSWORD, new_password=NEW).location == "/kk/account/settings"
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert [x["Subject"] for x in mails.to(ADDRESS)] == ["Құпиясөзіңіз өзгертілді"]


# Settings

def test_settings_are_kept(client: Any, people: Any, session: Any) -> None:
    people.sign_in(client, people.account(ADDRESS))
    answer = client.submit(client.get("/ru/account/settings"), name=" Дана  Қ. ", locale="en", delivery="daily")
    assert answer.status_code == 303
    user = user_of(session, ADDRESS)
    assert (user.name, user.locale, user.contact.locale, user.contact.delivery) == ("Дана Қ.", "en", "en", "daily")


@pytest.mark.parametrize("wrong", [{"name": " "}, {"locale": "fr"}, {"delivery": "never"}])
def test_wrong_settings_are_refused(client: Any, people: Any, session: Any, wrong: dict[str, str]) -> None:
    people.sign_in(client, people.account(ADDRESS, name="Дана"))
    answer = client.submit(client.get("/kk/account/settings"), **wrong)
    assert answer.status_code == 422
    assert user_of(session, ADDRESS).name == "Дана"


def test_settings_ask_a_stranger_to_sign_in_first(client: Any) -> None:
    answer = client.get("/ru/account/settings")
    assert (answer.status_code, answer.location) == (303, "/ru/account/login?next=/ru/account/settings")


# Languages, letters, errors

def catalogue(lang: str) -> dict[str, str]:
    with Path(ROOT / "civic" / "translations" / lang / "LC_MESSAGES" / "flask_security.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def test_the_three_catalogues_say_the_same_things() -> None:
    kk, ru, en = catalogue("kk"), catalogue("ru"), catalogue("en")
    assert kk.keys() == ru.keys() == en.keys()
    assert all(all(c.values()) for c in (kk, ru, en))


@pytest.mark.parametrize(("lang", "label", "required"), [
    ("kk", "Электрондық пошта", "Құпиясөзді жазыңыз."), ("ru", "Электронная почта", "Напишите пароль."), ("en", "E-mail address", "Write the password."),
])
def test_the_library_speaks_the_language_of_the_page(client: Any, lang: str, label: str, required: str) -> None:
    page = client.get(f"/{lang}/account/register", headers={"Accept-Language": "de"})
    assert label in page.text
    assert required in client.submit(page, name="Дана", email=ADDRESS, password="").text


@pytest.mark.parametrize(("lang", "words"), [("kk", "Жарамды таңдау емес."), ("ru", "Not a valid choice."), ("en", "Not a valid choice.")])
def test_form_messages_speak_the_language_of_the_page(client: Any, people: Any, lang: str, words: str) -> None:
    people.sign_in(client, people.account())
    answer = client.submit(client.get(f"/{lang}/account/settings"), locale="fr")
    assert (words in text_of(answer)) == (lang != "ru")


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", ["login", "register", "reset", "confirm", "check-mail", "sign-out", "confirm-address/broken", "reset/broken"])
def test_every_page_holds_in_every_language(client: Any, lang: str, page: str) -> None:
    answer = client.get(f"/{lang}/account/{page}", follow_redirects=True)
    assert answer.status_code == (410 if page.startswith("confirm-address") else 200)
    assert f'lang="{lang}"' in answer.text


def test_letters_have_a_text_and_a_page_whose_links_are_ours_only(client: Any, mails: Any) -> None:
    sign_up(client, name="<b>Дана</b> A", email=ADDRESS)  # refused: < and >
    sign_up(client, name="Дана & Co", email=ADDRESS)
    [letter] = mails.to(ADDRESS)
    part = letter.get_body(("html",))
    assert part is not None
    frame = part.get_content()
    assert "Дана &amp; Co" in frame
    assert frame.count("<a ") == 2  # the service, and the link of the letter
    assert 'href="http://localhost/kk/account/confirm-address/' in frame


def test_tokens_do_not_stay_in_the_outbox(client: Any, session: Any, mails: Any) -> None:
    sign_up(client)
    mails()
    session.expire_all()
    assert [row.payload for row in session.scalars(select(Outbox))] == [{}]


@pytest.mark.parametrize(("path", "lang"), [("/ru/nothing/at/all/here", "ru"), ("/en/nothing/at/all/here", "en"), ("/nothing", "kk")])
def test_an_error_page_needs_no_city_and_speaks_the_language_of_the_path(client: Any, path: str, lang: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert f'<html lang="{lang}">' in answer.text
    assert f'href="/{lang}/"' in answer.text


def test_an_error_page_stands_when_the_database_does_not(client: Any, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.engine import Connection

    people.sign_in(client, people.account())
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))
    monkeypatch.setattr(Connection, "_execute_clauseelement", broken)
    answer = client.get("/kk/account/settings")
    assert answer.status_code == 503


@pytest.mark.parametrize("kind", [IntegrityError, DataError, ProgrammingError])
def test_what_the_database_refuses_is_our_mistake_and_is_not_called_overload(
        client: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: type[DBAPIError]) -> None:
    from sqlalchemy.engine import Connection

    def broken(*args: Any, **kwargs: Any) -> None:
        monkeypatch.undo()  # the page of the error may ask again
        raise kind("SELECT 1", {}, Exception("refused"))
    monkeypatch.setattr(Connection, "execute", broken)
    with pytest.raises(AssertionError, match="broke"):  # what the browser of the tests makes of a 500
        client.get("/kk/shymkent/")
    said = capfd.readouterr()
    assert "unexpected_error" in said.out + said.err and "database_unavailable" not in said.out + said.err
