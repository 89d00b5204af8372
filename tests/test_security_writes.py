"""No write without the token of a form: every address that takes a POST is asked without one, by everybody."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.core.database import Base
from civic.extensions import csrf
from tests.support.client import Browser, find_form, form_values
from tests.support.complaints import Filed
from tests.support.people import PASSWORD, People
from tests.support.walk import WRITING, addresses, name_of

#: Addresses that need no token of a form, and what is their authority instead. Programs of mail press the button of a letter by themselves
#: (RFC 8058), and the door's page sends what it read while there was no network: neither has a session, so nobody's session can be misused.
WITHOUT_TOKEN = {
    "civic.complaints.tracking_views.unfollow_by_letter": "the signed link of a letter",
    "civic.following.views.end_by_letter": "the signed link of a letter",
    "civic.promises.step_views.unfollow_by_letter": "the signed link of a letter",
    "civic.events.door_views.door_readings": "the signed token of the door's page, sent in the body",
}


#: Tables that count what was tried, refused or not.
COUNTS = ("quota_use", "daily_key")


def rows(session: Session) -> dict[str, list[str]]:
    """Everything in the database."""
    session.rollback()
    found = {table.name: sorted(map(repr, session.execute(select(table)))) for table in Base.metadata.sorted_tables if table.name not in COUNTS}
    session.rollback()
    return found


@pytest.mark.parametrize("who", ["visitor", "resident", "official", "administrator"])
def test_no_address_writes_without_the_token_of_a_form(client: Browser, app: CivicFlask, session: Session, people: People, filed: Filed, who: str) -> None:
    complaint = filed()
    made: dict[str, Callable[[], Any]] = {"resident": people.account, "official": lambda: people.official(session.get_one(Body, complaint.body_id)), "administrator": people.administrator}
    if who in made:
        people.sign_in(client, made[who]())
    session.commit()
    before, taken = rows(session), []
    asked = 0
    for rule, method, path in addresses(app, WRITING):
        if name_of(app, rule) in WITHOUT_TOKEN:
            continue
        asked += 1
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "ImEi.aSG.forged"}):
            answer = client.open(path, method=method, data={"text": "x", "email": "a@example.test", **token})
            if answer.status_code != 400 and rule.endpoint != "security.confirm_email":  # which answers nobody at all
                taken.append((rule.endpoint, answer.status_code))
    assert (taken, asked > 50) == ([], True)
    assert rows(session) == before


def test_addresses_without_a_token_are_known_and_have_another_authority(app: CivicFlask, client: Browser, session: Session, filed: Filed) -> None:
    filed()
    assert csrf._exempt_blueprints == set()
    assert csrf._exempt_views == set(WITHOUT_TOKEN)
    before = rows(session)
    exempt = [(method, path) for rule, method, path in addresses(app, WRITING) if name_of(app, rule) in WITHOUT_TOKEN]
    assert len(exempt) == len(WITHOUT_TOKEN)
    for method, path in exempt:
        assert client.open(path, method=method, data={}).status_code in (400, 403, 404, 410)
        assert client.open(path, method=method, json={"token": "a.b.c", "readings": []}).status_code in (400, 403, 404, 410)
    assert rows(session) == before


def test_the_token_of_another_browser_is_none(client: Browser, new_client: Callable[[], Browser], people: People, session: Session) -> None:
    account = people.account("resident@example.test", name="Айгүл")
    people.sign_in(client, account)
    attacker = people.sign_in(new_client(), people.account())
    foreign = form_values(find_form(attacker.get("/kk/account/settings").text, "settings"))
    answer = client.post("/kk/account/settings", data={**foreign, "name": "Басқа"})
    session.expire_all()
    assert (answer.status_code, account.name) == (400, "Айгүл")


def test_nobody_is_signed_in_by_another_site(client: Browser, people: People) -> None:
    """Somebody signed in unawares as the attacker would file under the attacker's eyes."""
    people.account("attacker@example.test")
    answer = client.post("/kk/account/login", data={"email": "attacker@example.test", "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/kk/my").status_code == 303


def test_another_site_over_tls_is_refused_even_with_a_token(make_app: Callable[..., CivicFlask], session: Session, clock: Any) -> None:
    client, base = make_app(public_url="https://civic.example.kz").test_client(), "https://civic.example.kz"
    page = client.get("/kk/shymkent/report/", base_url=base)
    data = form_values(find_form(page.text, 0))
    for referer in (None, "https://evil.example/", "http://civic.example.kz/", "https://civic.example.kz.evil.example/"):
        headers = {"Referer": referer} if referer else {}
        assert client.post("/kk/shymkent/report/", base_url=base, data=data, headers=headers).status_code == 400
    assert "another browser" in client.post("/en/shymkent/report/", base_url=base, data=data).text  # which hides it by a setting: said, not «open too long»
    assert client.post("/kk/shymkent/report/", base_url=base, data=data, headers={"Referer": f"{base}/kk/shymkent/report/"}).status_code == 303


def test_a_form_sent_again_to_an_address_that_is_none_answers_as_any_other(client: Browser) -> None:
    page = client.get("/kk/shymkent/report/")
    fields = form_values(find_form(page.text, 0))
    assert client.submit(page).status_code == 303
    answer = client.post("//evil.example/", data={"once": fields["once"]}, base_url="http://localhost/")
    assert answer.status_code >= 400 or answer.headers["Location"] == "http://localhost/evil.example/"  # slashes made one, here
    assert client.post("/kk/no-such-page/at/all", data={"once": fields["once"]}).status_code in (400, 404)


def test_reading_never_needs_one_and_writes_nothing(app: CivicFlask) -> None:
    """A write by GET could be had from an <img>: tests/test_permissions.py walks all pages; here, that writing has its own method."""
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.split(".")[-1]
        if name in ("remove_photos", "send", "support", "step", "bulk", "retire", "add_member", "end_member", "copy", "approve"):
            assert "POST" in (rule.methods or ()), rule.endpoint
