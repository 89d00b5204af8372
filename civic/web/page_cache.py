"""Pages that are the same for everybody, kept for a moment in front of Flask: a crowd on one page costs one drawing a second.

Kept is what ``headers`` has marked with ``s-maxage``: an answer 200 of a public page, asked for without a cookie of ours,
that has not looked at the session and sets no cookie. Nothing of a person and nothing with a token is ever marked.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from civic.web.access import REMEMBER, SESSION

#: Bytes of all pages together, in one process.
MOST_BYTES = 4 * 1024 * 1024
_OURS = (f"{SESSION}=", f"{REMEMBER}=")
_NOT_IN_304 = frozenset({"content-length", "content-type"})
Headers = list[tuple[str, str]]


class Kept(NamedTuple):
    """One answer. until: seconds of the monotonic clock."""

    until: float
    headers: Headers
    headers_304: Headers
    etag: str
    body: bytes


class PageCache:
    """A WSGI application around another one."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], seconds: float) -> None:
        self.inner, self.seconds = inner, seconds
        self.pages: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self.bytes, self.lock = 0, Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self.inner(environ, start_response)
        page = self.pages.get(key)
        if page is None or page.until < monotonic():
            return self._ask(key, environ, start_response)
        return _answer(page, environ.get("HTTP_IF_NONE_MATCH"), start_response)

    def _ask(self, key: tuple[str, ...], environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Draw the page; whether the browser has it already is told here, so that it can be kept."""
        seen = environ.pop("HTTP_IF_NONE_MATCH", None)
        began: list[Any] = []

        def begin(status: str, headers: Headers, problem: Any = None) -> Callable[[bytes], object]:
            began[:] = [status, headers]
            return lambda _piece: None

        pieces = self.inner(environ, begin)
        try:
            body = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        status, headers = began
        page = _shared(status, headers, body, monotonic() + self.seconds)
        if page is None:
            start_response(status, headers)
            return [body]
        self._keep(key, page)
        return _answer(page, seen, start_response)

    def _keep(self, key: tuple[str, ...], page: Kept) -> None:
        with self.lock:
            old = self.pages.pop(key, None)
            self.pages[key] = page
            self.bytes += len(page.body) - (len(old.body) if old else 0)
            now = monotonic()
            while self.bytes > MOST_BYTES or next(iter(self.pages.values())).until < now:  # the oldest one; this page is not over
                _, gone = self.pages.popitem(last=False)
                self.bytes -= len(gone.body)


def _key(environ: dict[str, Any]) -> tuple[str, ...] | None:
    """What tells pages apart; None for a request whose answer is nobody else's."""
    cookies = environ.get("HTTP_COOKIE", "")
    if environ["REQUEST_METHOD"] != "GET" or "HTTP_RANGE" in environ or "HTTP_AUTHORIZATION" in environ or any(name in cookies for name in _OURS):
        return None
    path = environ.get("PATH_INFO", "")
    if path.startswith("/static/"):
        return None
    language = environ.get("HTTP_ACCEPT_LANGUAGE", "") if path == "/" else ""
    return environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), path, environ.get("QUERY_STRING", ""), language


def _shared(status: str, headers: Headers, body: bytes, until: float) -> Kept | None:
    """The answer, when it may be kept."""
    said = {name.lower(): value for name, value in headers}
    if not status.startswith("200") or "s-maxage" not in said.get("cache-control", "") or "set-cookie" in said or "etag" not in said:
        return None
    return Kept(until, headers, [(name, value) for name, value in headers if name.lower() not in _NOT_IN_304], said["etag"], body)


def _answer(page: Kept, seen: str | None, start_response: Callable[..., Any]) -> Iterable[bytes]:
    if seen is not None and (page.etag in seen or seen.strip() == "*"):
        start_response("304 NOT MODIFIED", list(page.headers_304))
        return []
    start_response("200 OK", list(page.headers))
    return [page.body]
