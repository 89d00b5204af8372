"""What may be cached, and where redirects may lead: the same for every answer. Headers of security are the gate's."""

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.globals import request_ctx

from civic.web.access import knows_visitor

log = structlog.get_logger()
#: Browsers ask again each time and mostly hear 304; nginx and other shared caches may answer a crowd for a second by
#: themselves. Longer would show somebody a step that was taken as not taken.
SHARED = "public, max-age=0, s-maxage=1"
_TEXTS = frozenset({"text/html", "application/atom+xml"})


def init_app(app: Flask) -> None:
    """Public pages may be cached, others not; nobody is led to another site."""

    @app.after_request
    def set_headers(response: Response) -> Response:
        headers = response.headers
        if response.location and not leads_inside(response.location) and g.get("leaves_for") != response.location:
            log.error("redirect_elsewhere", path=request.path)
            response = redirect(url_for("places.root"), 303)  # type: ignore[assignment]
            headers = response.headers
        if "token" in (request.view_args or ()):
            _behind_key(headers)
        if "Cache-Control" in headers:
            if knows_visitor():  # the answer may carry the visitor's cookie, which no proxy may hand on
                headers["Cache-Control"] = headers["Cache-Control"].replace("public", "private")
            return response
        if _same_for_all(response):
            return _share(response)
        headers["Cache-Control"] = "no-store" if knows_visitor() or _session().modified else "no-cache"
        return response


def _behind_key(headers: Any) -> None:
    """The address is a key from a letter: kept nowhere, told to no other site. To ourselves browsers do tell it: over TLS a form that is
    sent without a referring page is refused."""
    headers.setdefault("Cache-Control", "no-store")
    headers["Referrer-Policy"], headers["X-Robots-Tag"] = "same-origin", "noindex"


def leads_inside(location: str) -> bool:
    """Whether a browser that follows this address stays here. Browsers drop tabs and line ends, take a backslash for a slash,
    and ``https:evil.example`` for an address of that host: so nothing but a plain path passes, or our own full address."""
    own = request.host_url
    if location.startswith(own):
        location = "/" + location[len(own):]
    return (location.startswith("/") and not location.startswith("//") and "\\" not in location
            and all(" " < letter != "\x7f" for letter in location))


def leave_for(url: str) -> Response:
    """The one way to lead a browser to another site: for addresses that settings name, such as a provider of sign-in."""
    g.leaves_for = url
    return redirect(url, 303)  # type: ignore[return-value]


def _session() -> Any:
    """The session without touching it: ``flask.session`` notes each look as an access."""
    return request_ctx._session


def _same_for_all(response: Response) -> bool:
    """Whether every visitor without a cookie gets this answer: a public page in the language of its address that has not
    looked at the session, so holds nobody's data and no token of a form; nor was it asked for by a token."""
    if request.method not in ("GET", "HEAD") or response.status_code not in (200, 304) or knows_visitor() or _session().accessed:
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return (getattr(view, "access", None) == "public" and bool(g.get("lang")) and response.mimetype in _TEXTS
            and "token" not in (request.view_args or ()) and "Set-Cookie" not in response.headers and not response.is_streamed)


def _share(response: Response) -> Response:
    response.headers["Cache-Control"] = SHARED
    response.vary.add("Cookie")
    if response.status_code == 304:
        return response
    response.add_etag()
    if "HTTP_IF_NONE_MATCH" in request.environ:
        response.make_conditional(request)  # changes the answer itself
    return response
