"""In front of everything, static files and errors included: only our own names are answered, and every answer carries the
headers that keep a browser from being turned against its owner."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from werkzeug.sansio.utils import host_is_trusted

from civic.config import Settings

Headers = list[tuple[str, str]]
Application = Callable[..., Iterable[bytes]]

YEAR = 365 * 24 * 3600
#: Said by a service that is asked for under a name which is not its own; no page, since pages hold links to that name.
NOT_OURS = ("Бұл қызметтің мұндай атауы жоқ.\nУ этого сервиса нет такого имени.\nThis service has no such name.\n").encode()


def content_policy(tiles_url: str) -> str:
    """Scripts, styles and data of our own only, none of them inline; pictures of the map from where its tiles come."""
    tiles = urlsplit(tiles_url)
    return "; ".join((
        "default-src 'self'", f"img-src 'self' data: blob: {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))


def headers_of(settings: Settings) -> dict[str, str]:
    """What every answer carries unless it says something stricter itself."""
    found = {
        "Content-Security-Policy": content_policy(settings.tiles_url),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",  # tile servers ask for the origin
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    }
    if settings.secure:
        found["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return found


class Gate:
    """A WSGI application around the whole product."""

    def __init__(self, inner: Application, settings: Settings) -> None:
        self.inner, self.hosts = inner, settings.trusted_hosts
        self.always = headers_of(settings)
        self.names = {name.lower(): name for name in self.always}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def begin(status: str, headers: Headers, problem: Any = None) -> Any:
            headers = [_whole_cookie(name, value) for name, value in headers]
            given = {name.lower() for name, _ in headers}
            missing = [(name, self.always[name]) for lower, name in self.names.items() if lower not in given]
            return start_response(status, [*headers, *missing], problem)

        if not host_is_trusted((environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")).lower(), self.hosts):
            begin("400 BAD REQUEST", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(NOT_OURS))), ("Cache-Control", "no-store")])
            return [NOT_OURS]
        return self.inner(environ, begin)


def _whole_cookie(name: str, value: str) -> tuple[str, str]:
    """Browsers take no ``__Host-`` cookie without ``Secure``, not even the order to forget it, which Flask-Login gives without."""
    if name.lower() == "set-cookie" and value.startswith("__Host-") and "; secure" not in value.lower():
        return name, f"{value}; Secure"
    return name, value
