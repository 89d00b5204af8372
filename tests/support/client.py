"""The browser of page tests: inspects every page, and fills in forms as a person does."""

from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.inspector import inspect_fragment, inspect_page, parse


class Browser(FlaskClient):
    """A test client with eyes. ``session_of_test`` is committed before each request, so the request sees its rows."""

    session_of_test: Session | None = None
    may_break = False  # set by tests that want to see the page of our own mistakes

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        if self.session_of_test is not None:
            self.session_of_test.commit()
        response = super().open(*args, **kwargs)
        response.request.environ["wsgi.input"].close()  # a large upload lies in a temporary file, which the garbage collector would complain of
        assert response.status_code != 500 or self.may_break, f"{response.request.path} broke; the log above says where"
        if response.mimetype == "text/html" and response.status_code not in range(300, 400) and response.data:
            path = response.request.path
            if response.text.lstrip().lower().startswith("<!doctype html>"):
                inspect_page(response.text, path)
            else:
                assert "live" in path, f"{path} answered a piece of a page"
                inspect_fragment(response.text, path)
        return response

    def submit(self, page: TestResponse, form: str | int = 0, /, button: str | None = None, follow: bool = False,
               **fields: Any) -> TestResponse:
        """Send a form of ``page`` with its present values, changed by ``fields``.

        form: its place in <main> (0 is the first), or a piece of its action. A field given as None is left out.
        button: value of the pressed button that has a name.
        """
        element = find_form(page.text, form)
        data = {**form_values(element, button), **fields}
        data = {name: value for name, value in data.items() if value is not None}
        action = unescape(element.get("action") or page.request.path)
        if (element.get("method") or "get").lower() == "get":
            return self.get(action, query_string=data, follow_redirects=follow)
        return self.post(action, data=data, follow_redirects=follow, content_type=element.get("enctype"))


def find_form(text: str, which: str | int) -> Element:
    """A form in <main>, by its place or by a piece of its action."""
    main = next(parse(text).iter("main"))
    forms = list(main.iter("form"))
    if isinstance(which, int):
        return forms[which]
    found = [f for f in forms if which in (f.get("action") or "")]
    assert len(found) == 1, f"{len(found)} forms with {which!r} in {[f.get('action') for f in forms]}"
    return found[0]


def form_values(form: Element, button: str | None = None) -> dict[str, Any]:
    """What a browser would send if nothing were changed. Several values of one name become a list."""
    pairs: list[tuple[str, str]] = []
    for element in form.iter():
        name = element.get("name")
        if not name or element.get("disabled") is not None:
            continue
        kind = element.get("type", "text")
        if element.tag == "textarea":
            pairs.append((name, (element.text or "").removeprefix("\n")))
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = next((o for o in options if o.get("selected") is not None), options[0] if options else None)
            if chosen is not None:
                pairs.append((name, chosen.get("value", chosen.text or "")))
        elif element.tag == "input" and kind in ("checkbox", "radio"):
            if element.get("checked") is not None:
                pairs.append((name, element.get("value") or "on"))
        elif element.tag == "input" and kind not in ("submit", "button", "file", "image"):
            pairs.append((name, element.get("value") or ""))
        elif (element.tag == "button" or kind == "submit") and button is not None and element.get("value") == button:
            pairs.append((name, button))
    values: dict[str, Any] = {}
    for name, value in pairs:
        values[name] = [*values[name], value] if isinstance(values.get(name), list) else [values[name], value] if name in values else value
    return values
