"""Security headers and caching, the same for every answer."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask.globals import request_ctx

from civic.web.access import knows_visitor

#: Browsers ask again each time and mostly hear 304; nginx and other shared caches may answer a crowd for a second by
#: themselves. Longer would show somebody a step that was taken as not taken.
SHARED = "public, max-age=0, s-maxage=1"
_TEXTS = frozenset({"text/html", "application/atom+xml"})


def init_app(app: Flask, tiles_url: str) -> None:
    """Content-Security-Policy without inline scripts or styles; public pages may be cached, others not."""
    tiles = urlsplit(tiles_url)
    policy = "; ".join((
        "default-src 'self'", f"img-src 'self' data: blob: {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))

    @app.after_request
    def set_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"  # tile servers ask for the origin
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "geolocation=(self), camera=(self), microphone=()"
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" in headers:
            if knows_visitor():  # the answer may carry the visitor's cookie, which no proxy may hand on
                headers["Cache-Control"] = headers["Cache-Control"].replace("public", "private")
            return response
        if _same_for_all(response):
            return _share(response)
        headers["Cache-Control"] = "no-store" if knows_visitor() or _session().modified else "no-cache"
        return response


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
