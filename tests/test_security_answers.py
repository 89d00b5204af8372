"""What every answer carries, under which names we answer, what cookies are like, where redirects may lead."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import redirect, url_for
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.web.headers import leads_inside, leave_for
from tests.support.client import Browser, find_form, form_values
from tests.support.letters import words_of
from tests.support.people import PASSWORD, People

ALWAYS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}
SECURE = {"public_url": "https://civic.example.kz"}


def policy(answer: Any) -> dict[str, str]:
    """The directives of an answer's Content-Security-Policy."""
    return dict((part.strip().split(" ", 1) + [""])[:2] for part in answer.headers["Content-Security-Policy"].split(";"))  # type: ignore[misc]


# -- headers

@pytest.mark.parametrize(("path", "status"), [
    ("/", 302), ("/kk/", 200), ("/kk/shymkent/complaints/", 200), ("/kk/shymkent/complaints/map.json", 200), ("/kk/shymkent/complaints/feed.atom", 200), ("/kk/shymkent/figures.csv", 200),
    ("/kk/account/login", 200), ("/kk/my", 303), ("/kk/nothing/at/all", 404), ("/photo/" + "a" * 32 + "/large.jpg", 404), ("/static/dist/app.css", 200), ("/static/dist/nothing.css", 404),
    ("/kk/confirm/nonsense", 410), ("/kk//shymkent/", 308),
])
def test_every_answer_carries_the_headers(client: Browser, built_front_end: Any, path: str, status: int) -> None:
    answer = client.get(path, buffered=True)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == {**ALWAYS, **({"Referrer-Policy": "same-origin"} if "confirm" in path else {})}
    said = policy(answer)
    assert (said["default-src"], said["object-src"], said["base-uri"], said["form-action"], said["frame-ancestors"]) == ("'self'", "'none'", "'none'", "'self'", "'none'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"] and "Strict-Transport-Security" not in answer.headers


def test_errors_of_ours_carry_them_too(make_app: Callable[..., CivicFlask], clock: Any) -> None:
    app = make_app()
    app.testing = app.config["PROPAGATE_EXCEPTIONS"] = False

    def break_down() -> str:
        raise RuntimeError("on purpose")

    app.view_functions["places.country"] = break_down
    client = app.test_client()
    client.may_break = True  # type: ignore[attr-defined]
    answer = client.get("/kk/")
    assert (answer.status_code, {name: answer.headers.get(name) for name in ALWAYS}) == (500, ALWAYS)
    assert "on purpose" not in answer.text and "Traceback" not in answer.text


def test_over_tls_browsers_are_told_to_stay_there(make_app: Callable[..., CivicFlask], clock: Any) -> None:
    client = make_app(**SECURE).test_client()
    for path in ("/kk/", "/kk/nothing", "/static/dist/app.css"):
        answer = client.get(path, base_url="https://civic.example.kz", buffered=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


# -- the names under which we answer

@pytest.mark.parametrize("host", ["evil.example", "civic.example.kz.evil.example", "evil.example#civic.example.kz", "civic.example.kz@evil.example", "127.0.0.1", "localhost", "civic.example.kz/evil",
                                  "", "civic.example.kz:99999", "civic.example.kz:80:80", "xcivic.example.kz", "civic.example.kz,evil.example", "sub.civic.example.kz", "[::1]"])
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_other_names_are_not_answered(make_app: Callable[..., CivicFlask], clock: Any, host: str, header: str) -> None:
    client = make_app(**SECURE, other_hosts=("www.civic.example.kz",), trusted_proxies=1, same=True).test_client()
    if header == "X-Forwarded-Host" and not host:
        return  # the same as none
    given = {"Host": "civic.example.kz", header: host, "X-Forwarded-Proto": "https"}
    answer = client.get("/kk/", headers=given)
    assert (answer.status_code, answer.mimetype, b"evil" in answer.data) == (400, "text/plain", False)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize(("host", "changes", "status"), [
    ("civic.example.kz", SECURE, 200), ("CIVIC.example.kz", SECURE, 200), ("civic.example.kz:443", SECURE, 200), ("www.civic.example.kz", {**SECURE, "other_hosts": ("www.civic.example.kz",)}, 200),
    ("www.civic.example.kz", SECURE, 400), ("127.0.0.1:8000", {"public_url": "http://127.0.0.1:8000"}, 200), ("localhost", {"public_url": "http://127.0.0.1:8000"}, 200),
    ("localhost:8000", {"public_url": "http://civic.example.kz", "demo": True}, 200), ("evil.example", {"public_url": "http://127.0.0.1:8000", "demo": True}, 400),
])
def test_our_own_names_are_answered(make_app: Callable[..., CivicFlask], clock: Any, host: str, changes: dict[str, Any], status: int) -> None:
    assert make_app(**changes, same=True).test_client().get("/kk/", headers={"Host": host}).status_code == status


def test_a_forwarded_host_of_somebody_counts_nothing_without_a_proxy(client: Browser) -> None:
    answer = client.get("/kk/my", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1", "Forwarded": "host=evil.example"})
    assert (answer.status_code, "evil" in answer.headers["Location"]) == (303, False)


def test_letters_name_the_configured_host_whatever_the_request_said(client: Browser, mails: Any, people: People) -> None:
    people.account("resident@example.test")
    page = client.get("/kk/account/reset")
    client.submit(page, email="resident@example.test")
    assert ["http://localhost/" in words_of(letter) for letter in mails.to("resident@example.test")] == [True]


# -- cookies

def cookies_of(answer: Any) -> dict[str, str]:
    """Cookies that an answer sets, by name, with all that stands behind."""
    return {value.split("=", 1)[0]: value for value in answer.headers.getlist("Set-Cookie")}


def _signed_in(client: Any, base: str) -> Any:
    page = client.get("/kk/account/login", base_url=base)
    data = {**form_values(find_form(page.text, 0)), "email": "resident@example.test", "password": PASSWORD, "remember": "y"}
    return client.post("/kk/account/login", base_url=base, data=data, headers={"Referer": base + "/kk/account/login"})


def test_cookies_over_tls_are_for_this_host_alone_and_hidden_from_scripts(make_app: Callable[..., CivicFlask], session: Session, people: People, clock: Any) -> None:
    people.account("resident@example.test")
    session.commit()
    client, base = make_app(**SECURE).test_client(), "https://civic.example.kz"
    answer = _signed_in(client, base)
    found = cookies_of(answer)
    assert answer.status_code in (302, 303)
    assert set(found) <= {"__Host-session", "__Host-remember_token"} and "__Host-session" in found
    for value in found.values():
        parts = {part.strip().lower() for part in value.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts and not any(part.startswith("domain") for part in parts)
    page = client.get("/kk/account/sign-out", base_url=base)
    out = client.post("/kk/account/sign-out", base_url=base, data=form_values(find_form(page.text, 0)), headers={"Referer": base + "/kk/account/sign-out"})
    for name, value in cookies_of(out).items():  # a browser takes no order to forget a __Host- cookie that is not Secure
        assert "Secure" in value, name


# -- redirects

#: Addresses by which people were led astray on other sites.
TRICKS = ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example", "http://evil.example", "///evil.example", "////evil.example",
          "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/%09/evil.example", "/%5cevil.example", "/%2f/evil.example", "%2f%2fevil.example", "//evil%E3%80%82example",
          "//evil。example", "／／evil.example", "/／evil.example", "https://localhost@evil.example", "https://localhost:pass@evil.example/", "https://localhost.evil.example", "https://evil.example\\@localhost",
          "https://evil.example#@localhost/", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "ftp://evil.example", "//localhost@evil.example",
          "http:\\\\evil.example", "/\x00/evil.example", "//[::1]", "https://[::ffff:1.2.3.4]/", ".evil.example", "@evil.example", "http://localhost:80@evil.example", "?next=//evil.example", "/kk/\r\nLocation: https://evil.example"]


def lands(location: str, base: str = "http://localhost/kk/account/login") -> str:
    """The host where a browser lands: as the URL standard reads it (tabs and line ends dropped, backslashes are slashes)."""
    cleaned = "".join(c for c in location.strip(" ") if c not in "\t\r\n").replace("\\", "/")
    scheme, colon, rest = cleaned.partition(":")
    if colon and scheme.lower() in ("http", "https"):
        return urlsplit("//" + rest.lstrip("/")).hostname or ""
    if colon and scheme.isalpha():
        return scheme
    if cleaned.startswith("//"):
        return urlsplit("//" + cleaned.lstrip("/")).hostname or ""
    return urlsplit(base).hostname or ""


@pytest.mark.parametrize("sent_in", ["query", "form"])
def test_signing_in_leads_nobody_to_another_site(new_client: Callable[[], Browser], people: People, sent_in: str) -> None:
    people.account("resident@example.test")
    landed = {}
    for trick in TRICKS if sent_in == "form" else TRICKS[::4]:  # a password takes a tenth of a second to check, on purpose
        client = new_client()
        page = client.get("/kk/account/login", query_string={"next": trick} if sent_in == "query" else {})
        answer = client.submit(page, email="resident@example.test", password=PASSWORD, **({"next": trick} if sent_in == "form" else {}))
        landed[trick] = lands(answer.headers["Location"]) if answer.status_code in (302, 303) else f"answered {answer.status_code}"
    assert landed == dict.fromkeys(landed, "localhost")


def test_signing_in_still_leads_back(client: Browser, people: People) -> None:
    people.account("resident@example.test")
    page = client.get("/ru/my", follow_redirects=True)
    answer = client.submit(page, email="resident@example.test", password=PASSWORD)
    assert answer.headers["Location"] == "/ru/my"


ADDRESSES = ("next", "back", "return", "return_to", "redirect", "redirect_uri", "url", "to", "continue", "r", "location", "ref", "came_from")


def test_no_page_follows_an_address_that_it_is_given(client: Browser, app: CivicFlask, people: People) -> None:
    """Every page that can be asked for without an id, as a resident, with an address in every usual parameter."""
    people.sign_in(client, people.account())
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments - {"lang", "city"}:
            continue
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, {name: known for name, known in (("lang", "kk"), ("city", "shymkent")) if name in rule.arguments})
        answer = client.get(path, query_string=dict.fromkeys(ADDRESSES, "https://evil.example/"), buffered=True)
        assert lands(answer.headers.get("Location", "/")) == "localhost", path
        assert 'href="https://evil.example' not in answer.get_data(as_text=True) or answer.mimetype != "text/html", path


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/%2e%2e", "/kk//evil.example", "/%5cevil.example/", "//evil.example/kk/..", "/kk/shymkent//evil.example/", "/\\evil.example", "/kk//", "///evil.example/kk/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_path_leads_to_another_site(client: Browser, path: str, method: str) -> None:
    answer = client.open(path, method=method, data={"once": "a" * 32} if method == "POST" else None, base_url="http://localhost/")
    assert lands(answer.headers.get("Location", "/")) == "localhost"


@pytest.mark.parametrize(("location", "inside"), [*((trick, False) for trick in TRICKS if not trick.startswith(("/%", "/／"))), ("/kk/", True), ("/kk/my?next=%2F%2Fevil", True), ("http://localhost/kk/", True), ("/", True),
                                                  ("/%5cevil.example", True), ("", False), ("kk/", False), ("http://localhost", False), ("http://localhost.evil.example/", False), ("https://localhost/", False)], ids=repr)
def test_which_addresses_stay_here(built_app: CivicFlask, location: str, inside: bool) -> None:
    with built_app.test_request_context("/", base_url="http://localhost/"):
        assert leads_inside(location) is inside


def test_a_view_that_would_lead_elsewhere_is_led_home_unless_it_says_so(make_app: Callable[..., CivicFlask], clock: Any) -> None:
    app = make_app()
    app.view_functions["places.country"] = lambda: redirect("https://evil.example/")
    app.view_functions["complaints.national"] = lambda: leave_for("https://login.example.kz/authorize")
    client = app.test_client()
    assert [client.get(path).headers["Location"] for path in ("/kk/", "/kk/complaints/")] == ["/", "https://login.example.kz/authorize"]


# -- whom to tell

def test_security_txt_names_whom_to_tell(make_app: Callable[..., CivicFlask], client: Browser) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    answer = make_app(security_contact="mailto:security@civic.example.kz", **SECURE).test_client().get("/.well-known/security.txt", base_url="https://civic.example.kz")
    assert (answer.mimetype, answer.text) == ("text/plain", "Contact: mailto:security@civic.example.kz\nExpires: 2026-10-21T00:00:00Z\nPreferred-Languages: kk, ru, en\nCanonical: https://civic.example.kz/.well-known/security.txt\n")


@pytest.mark.parametrize("page", ["login", "register", "reset", "link", "reset/WzEsIjIiXQ.aaaaaa.bbbbbb", "change"])
def test_pages_of_passwords_stay_in_no_cache(client: Browser, new_client: Callable[[], Browser], people: People, page: str) -> None:
    browser = people.sign_in(client, people.account()) if page == "change" else new_client()
    assert browser.get(f"/kk/account/{page}").headers["Cache-Control"] == "no-store"


# -- pages behind the link of a letter

def test_an_address_that_is_a_key_is_kept_nowhere_and_told_to_no_other_site(app: CivicFlask, new_client: Callable[[], Browser], clock: Any) -> None:
    values = {"lang": "kk", "token": "x", "number": "SHY-2026-000001", "event_id": 1, "entry_id": 1, "following_id": 1, "photo_id": "0" * 32, "act": "leave", "step": "accept"}
    ways = [rule for rule in app.url_map.iter_rules() if "token" in rule.arguments and "GET" in (rule.methods or ())]
    assert len(ways) > 25
    for rule in ways:
        with app.test_request_context():
            path = url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        headers = new_client().get(path).headers
        assert (headers["Referrer-Policy"], headers["X-Robots-Tag"], headers["Cache-Control"]) == ("same-origin", "noindex", "no-store"), path
