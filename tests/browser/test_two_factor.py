"""The second factor in a browser, with a virtual authenticator in place of a finger: set up, used as both factors, removed."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from passlib.totp import TOTP
from werkzeug.serving import make_server

from tests.support.browser import PATIENCE, assert_accessible, send, sign_in
from tests.support.people import People

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(chromium: Any, make_app: Callable[..., Any], built_front_end: Any) -> Iterator[Callable[..., Any]]:
    """Pages of an application that requires a second factor. Passkeys need a name, so it is reached as localhost."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = make_app(two_factor=True, public_url=f"http://localhost:{port}")
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    contexts = []

    def make(*, phone: bool = False, javascript: bool = True) -> Any:
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(base_url=f"http://localhost:{port}", viewport=size, java_script_enabled=javascript, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    server.shutdown()


def with_finger(page: Any) -> None:
    """A device that knows its owner's finger, and finds it there each time."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True}})


def sign_out(page: Any) -> None:
    page.wait_for_load_state("networkidle")  # what a script has begun, such as going on after a passkey, ends first
    page.goto("/en/account/sign-out")
    send(page)
    page.wait_for_url("**/en/")


def test_an_administrator_with_a_passkey(open_page: Any, people: People, session: Any) -> None:
    email = people.administrator().email
    session.commit()
    page = open_page()
    with_finger(page)

    # the first sign-in may do without, the second may not
    sign_in(page, email, language="en")
    page.goto("/en/admin/")
    assert "/second-factor/due" in page.url
    assert_accessible(page)
    send(page)
    page.wait_for_url("**/en/admin/")
    sign_out(page)
    sign_in(page, email, language="en")
    page.goto("/en/admin/")
    assert page.get_by_role("button", name="This once without").count() == 0

    # a passkey is added, and the recovery codes are shown once
    page.get_by_role("link", name="Add a passkey").click()
    assert_accessible(page)
    page.fill("#name", "My laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_selector(".codes")
    assert page.locator(".codes code").count() == 10
    assert_accessible(page)
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/en/admin/")

    # it signs in alone, to the page that was asked for
    sign_out(page)
    page.goto("/en/admin/")
    assert_accessible(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/en/admin/")

    # and is the second step after a password
    sign_out(page)
    sign_in(page, email, language="en")
    page.wait_for_url("**/second-step")
    assert_accessible(page)
    page.get_by_role("button", name="Use the passkey").click()
    page.wait_for_url("**/en/admin/")

    # another name, and away with it
    page.goto("/en/account/second-factor")
    assert_accessible(page)
    page.get_by_role("link", name="Rename").click()
    page.fill("#name", "Old laptop")
    send(page)
    page.wait_for_url("**/second-factor")
    page.get_by_role("link", name=re.compile("Remove")).click()
    send(page)
    page.wait_for_url("**/second-factor")
    assert page.get_by_text("Old laptop").count() == 0


def test_a_resident_on_a_phone_without_scripts_sets_up_an_app(open_page: Any, people: People, session: Any) -> None:
    email = people.account().email
    session.commit()
    page = open_page(phone=True, javascript=False)
    sign_in(page, email, language="en")
    page.goto("/en/account/settings")
    page.get_by_role("link", name="Second step and passkeys").click()
    page.get_by_role("link", name="Set up an app").click()
    key = re.sub("-", "", page.inner_text("code.key"))
    page.fill("#code", TOTP(key=key).generate().token)
    send(page)
    page.wait_for_selector(".codes")
    codes = page.locator(".codes code").all_inner_texts()
    page.goto("/en/account/sign-out")
    send(page)
    sign_in(page, email, language="en")
    page.wait_for_url("**/second-step")
    page.fill("#code", codes[0])
    send(page)
    page.wait_for_url(lambda url: "second-step" not in url)
    page.goto("/en/account/devices")
    assert "this device" in page.inner_text("main")
