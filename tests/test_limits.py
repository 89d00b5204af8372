"""Quotas of writing, the proof of work near a limit, the trap, disposable mail domains."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import two_factor
from civic.app import CivicFlask
from civic.complaints.models import Follow, Support
from civic.events.models import RegistrationRequest
from civic.jobs.models import Outbox
from civic.limits import disposable, proof, service
from civic.limits.models import DailyKey, QuotaUse, UsedProof
from civic.limits.quotas import ENDPOINTS, QUOTAS, SCOPES, quotas_of
from civic.limits.service import Sender, count, network_of
from civic.web.limits import TRAP
from tests.support.client import Browser, find_form, form_values
from tests.support.complaints import Filed
from tests.support.people import PASSWORD, People

Maker = Callable[..., CivicFlask]


@pytest.fixture
def strict(make_app: Maker, session: Session, clock: Any) -> Callable[[], Browser]:
    """Makes browsers before an application with the true limits."""
    app = make_app(limits_factor=1)

    def make() -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        browser.session_of_test = session
        return browser
    return make


@pytest.fixture(autouse=True)
def light_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof of 256 tries: the tests solve them in Python."""
    monkeypatch.setattr(proof, "PREFIX", "00")


def test_every_name_in_the_table_is_a_quota_and_each_quota_is_used() -> None:
    named = {name for names in ENDPOINTS.values() for name in names}
    assert named | {"write"} == set(QUOTAS)
    assert all(any(q.limit(scope) for scope in SCOPES) for q in QUOTAS.values())


def test_every_row_of_the_table_names_an_address_that_exists(app: CivicFlask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}
    assert [pattern for pattern in ENDPOINTS if not any(fnmatchcase(e, pattern) for e in endpoints)] == []


def test_every_address_that_writes_falls_under_a_quota(app: CivicFlask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.methods and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}:
            assert quotas_of(rule.endpoint), rule.endpoint


def test_many_behind_one_address_have_far_more_room_than_one_browser() -> None:
    for name, quota in QUOTAS.items():
        if quota.address and quota.device:
            assert quota.address >= 15 * quota.device, name


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
    ("2001:db8:1:2:3::4", f"{0x20010db800010002:x}/64"), ("2001:db8:1:2:ffff::9", f"{0x20010db800010002:x}/64"), ("rubbish", "unknown"),
])
def test_what_counts_as_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_nothing_stored_says_who_it_was(session: Session, now: Any) -> None:
    sender = Sender("203.0.113.7", "account 5", "mark", {"email": "a@b.kz"})
    count(session, QUOTAS, sender, 1, now)
    first = set(session.scalars(select(QuotaUse.key)))
    stored = repr([(u.key, u.quota, u.scope) for u in session.scalars(select(QuotaUse))])
    assert "203.0" not in stored and "a@b" not in stored and len(first) > 20
    count(session, QUOTAS, sender, 1, now + timedelta(days=1))
    assert len(set(session.scalars(select(QuotaUse.key)))) == 2 * len(first)  # the next day's hashes are others


def test_windows_end_and_the_sweep_forgets_them(session: Session, now: Any) -> None:
    sender = Sender("203.0.113.7", None, "mark", {})
    for _ in range(5):
        uses = count(session, ["sign_up"], sender, 1, now)
    assert {u.scope: (u.used, u.over, u.near) for u in uses} == {"address": (5, False, False), "device": (5, False, True)}
    later = uses[0].until + timedelta(seconds=1)
    assert [u.used for u in count(session, ["sign_up"], sender, 1, later)] == [1, 1]
    service.forget(session, now + timedelta(days=4))
    assert session.scalars(select(QuotaUse)).all() == [] == session.scalars(select(DailyKey)).all()


def _sign_up(page: Any, client: Browser, number: int, **more: Any) -> Any:
    return client.submit(page, name="Әсел", email=f"asel{number}@example.kz", password=f"қызыл алма {number} бақта", **more)


def test_a_flood_is_slowed_and_then_refused_and_nothing_typed_is_lost(strict: Callable[[], Browser], session: Session) -> None:
    client = strict()
    first = client.get("/en/account/reset")
    for number in range(11):
        assert client.submit(first, email=f"a{number}@example.kz", once=f"{number:032}").status_code == 303
    slowed = client.submit(first, email="nearly@example.kz", once="f" * 32)
    assert (slowed.status_code, "One moment" in slowed.text, slowed.headers["Retry-After"].isdecimal()) == (429, True, True)
    form = find_form(slowed.text, 0)
    assert form_values(form)["email"] == "nearly@example.kz"
    again = client.submit(slowed, altcha=proof.solve(unescape(form.get("data-proof") or "")))
    assert again.status_code == 303
    assert client.submit(slowed, altcha=proof.solve(unescape(form.get("data-proof") or ""))).status_code == 303  # the same form: taken before
    for number in range(3):
        page = client.submit(first, email=f"b{number}@example.kz", once=f"b{number:031}")
        client.submit(page, altcha=proof.solve(unescape(find_form(page.text, 0).get("data-proof") or "")))
    refused = client.submit(first, email="over@example.kz", once="e" * 32)
    assert refused.status_code == 429 and "You can send it again from" in refused.text and "data-proof" not in refused.text
    assert form_values(find_form(refused.text, 0))["email"] == "over@example.kz"
    assert strict().get("/en/account/reset").status_code == 200  # reading is never refused


def test_a_proof_counts_once_for_one_kind_of_form_and_ten_minutes(session: Session, clock: Any, now: Any) -> None:
    made = proof.challenge("secret", "filing.send", now)
    answer = proof.solve(made)
    assert not proof.accepted(session, "secret", "tracking.join", answer, now)
    assert not proof.accepted(session, "another", "filing.send", answer, now)
    assert not proof.accepted(session, "secret", "filing.send", answer[:-9], now) and not proof.accepted(session, "secret", "filing.send", "", now)
    assert proof.accepted(session, "secret", "filing.send", answer, now)
    assert not proof.accepted(session, "secret", "filing.send", answer, now)
    late = proof.solve(proof.challenge("secret", "filing.send", now))
    clock.shift(timedelta(minutes=11))
    assert not proof.accepted(session, "secret", "filing.send", late, now + timedelta(minutes=11))
    assert session.scalars(select(UsedProof)).all() != []


def test_wrong_passwords_count_and_a_stranger_cannot_lock_somebody_out(strict: Callable[[], Browser], people: People, session: Session,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(QUOTAS, "sign_in_failure", replace(QUOTAS["sign_in_failure"], device=4, target=8))  # argon2 is slow on purpose
    people.account("victim@example.kz")
    attacker = strict()
    page = attacker.get("/en/account/login")
    answers = [attacker.submit(page, email="victim@example.kz", password=f"wrong guess {n}") for n in range(5)]
    assert [a.status_code for a in answers[:3]] == [422] * 3 and answers[-1].status_code == 429
    for n in range(4):  # from other browsers too
        other = strict()
        answer = other.submit(other.get("/en/account/login"), email="victim@example.kz", password=f"wrong guess again {n}")
    assert answer.status_code == 429
    assert "wrong guess" not in answer.text  # a password is typed again, never repeated
    owner = strict()
    answer = owner.submit(owner.get("/en/account/login"), email="victim@example.kz", password=PASSWORD)
    assert answer.status_code == 429
    assert "Write the password again meanwhile" in answer.text and "everything is sent by itself" not in answer.text
    solved = owner.submit(answer, password=PASSWORD, altcha=proof.solve(unescape(find_form(answer.text, 0).get("data-proof") or "")))
    assert solved.status_code in (302, 303) and "login" not in solved.headers["Location"]


def test_wrong_codes_count_whoever_they_are_tried_on(strict: Callable[[], Browser], people: People, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(QUOTAS, "code_failure", replace(QUOTAS["code_failure"], device=4))
    attacker, answers = strict(), []
    for number in range(4):
        user = people.account(f"victim{number}@example.kz")
        user.tf_primary_method, user.tf_totp_secret = "authenticator", two_factor.new_secret("k" * 40)
        attacker.submit(attacker.get("/en/account/login"), email=user.email, password=PASSWORD)
        answers.append(attacker.submit(attacker.get("/en/account/second-step"), code="000000").status_code)
    assert answers == [303, 303, 303, 429]


def test_a_filled_trap_has_to_work_first(client: Browser, session: Session, make_app: Maker, filed: Filed) -> None:
    complaint = filed()
    address = f"/en/shymkent/complaints/{complaint.number}/follow"
    page = client.get(address)
    assert f'name="{TRAP}"' in page.text
    caught = client.submit(page, email="bot@example.kz", contact_page="https://spam.example")
    assert caught.status_code == 429 and "spam.example" not in caught.text
    assert session.scalars(select(Outbox).where(Outbox.kind.like("%join%"))).all() == []
    person = client.submit(caught, altcha=proof.solve(unescape(find_form(caught.text, 0).get("data-proof") or "")))
    assert person.status_code == 303


def test_machines_get_json(strict: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch, session: Session, now: Any) -> None:
    client = strict()
    monkeypatch.setitem(QUOTAS, "machine", replace(QUOTAS["machine"], device=1))
    answers = [client.post("/kk/organise/events/none/door/readings.json", json={}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert json.loads(answers[-1].text)["error"] == "too_many" and int(answers[-1].headers["Retry-After"]) > 0


def test_pages_for_reading_set_no_mark_and_forms_do(client: Browser, filed: Filed) -> None:
    complaint = filed()
    for path in ("/kk/", "/kk/shymkent/", "/kk/shymkent/complaints/", f"/kk/shymkent/complaints/{complaint.number}"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers and "s-maxage" in answer.headers["Cache-Control"]
    answer = client.get(f"/kk/shymkent/complaints/{complaint.number}/support")
    marks = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("device=")]
    assert len(marks) == 1 and "HttpOnly" in marks[0] and "SameSite=Lax" in marks[0]
    assert not [c for c in client.get("/kk/account/login").headers.getlist("Set-Cookie") if "device=" in c]


@pytest.mark.parametrize("email", ["x@mailinator.com", "x@sub.mailinator.com", "X@MAILINATOR.COM"])
def test_disposable_addresses_are_refused_until_allowed(session: Session, now: Any, email: str) -> None:
    assert disposable.is_disposable(session, email)
    disposable.allow(session, "mailinator.com", "a school uses it", now)
    assert not disposable.is_disposable(session, email)
    assert disposable.forbid(session, "mailinator.com") and disposable.is_disposable(session, email)


@pytest.mark.parametrize("email", ["a@gmail.com", "a@mail.ru", "a@inbox.kz", "a@gov.kz", "a@shymkent.gov.kz", "nonsense", ""])
def test_ordinary_addresses_are_not(session: Session, email: str) -> None:
    assert not disposable.is_disposable(session, email)


def test_a_form_says_so_in_clear_words_whether_or_not_there_is_an_account(client: Browser, people: People, filed: Filed, session: Session) -> None:
    complaint = filed()
    people.account("known@mailinator.com")
    page = client.get(f"/en/shymkent/complaints/{complaint.number}/support")
    answers = [client.submit(page, email=email, once=None) for email in ("known@mailinator.com", "other@mailinator.com")]
    assert len({a.status_code for a in answers}) == 1
    assert all("work for a short time only" in a.text for a in answers)


def test_sign_up_refuses_disposable_addresses_of_the_known_and_of_strangers_alike(client: Browser, people: People) -> None:
    people.account("known@mailinator.com")
    answers = [client.submit(client.get("/en/account/register"), name="Әсел", email=email, password="қызыл алма бақта тұр")
               for email in ("known@mailinator.com", "stranger@mailinator.com")]
    assert [a.status_code for a in answers] == [422, 422]
    assert all("work for a short time only" in a.text for a in answers)


@pytest.mark.parametrize("what", ["support", "follow"])
def test_joining_tells_nobody_who_has_an_account(client: Browser, people: People, filed: Filed, session: Session, what: str) -> None:
    complaint = filed()
    people.account("known@example.kz")
    seen = set()
    for email in ("known@example.kz", "stranger@example.kz"):
        answer = client.submit(client.get(f"/en/shymkent/complaints/{complaint.number}/{what}"), email=email)
        after = client.get(answer.headers["Location"])
        seen.add((answer.status_code, answer.headers["Location"], after.text.count(email)))
    assert len(seen) == 1
    assert session.scalars(select(Support)).all() == [] == session.scalars(select(Follow).where(Follow.contact_id != complaint.applicant.contact_id)).all()


@pytest.mark.parametrize("path", ["/en/account/reset", "/en/account/confirm", "/en/account/register"])
def test_forms_of_accounts_answer_alike_for_every_address(client: Browser, people: People, session: Session, path: str) -> None:
    people.account("known@example.kz")
    people.account("waiting@example.kz", confirmed=False)
    seen = set()
    for email in ("known@example.kz", "waiting@example.kz", "stranger@example.kz"):
        page = client.get(path)
        fields: dict[str, Any] = {"email": email} | ({"name": "Әсел", "password": "қызыл алма бақта тұр"} if "register" in path else {})
        answer = client.submit(page, **fields)
        after = client.get(answer.headers.get("Location", path))
        seen.add((answer.status_code, answer.headers.get("Location"), len(after.text.replace(email, ""))))
    assert len(seen) == 1, seen


def test_one_script_does_not_close_an_event_for_others(strict: Callable[[], Browser], session: Session, city: Any) -> None:
    quota = QUOTAS["registration"]
    from civic.events.registration import REQUESTS_AN_HOUR
    assert quota.address and quota.address <= REQUESTS_AN_HOUR / 20
    assert quota.target and quota.target * 0.75 < REQUESTS_AN_HOUR / 4  # long before its end everybody's computer has to work
    assert session.scalars(select(RegistrationRequest)).all() == []
