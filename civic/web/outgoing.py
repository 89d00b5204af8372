"""The one way out: requests to addresses that settings or strangers name, such as a provider of sign-in or a push service.

An address that somebody else chose could lead to the database's host or to the cloud's own pages of secrets. So the name is resolved
first, every address that it gives must be a public one, and the connection is made to exactly that address: asking again could
give another. Redirects are checked the same way. Time and size are bounded in whole, so that nobody holds a thread by dripping.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from civic.core.json_input import read_json

TIMEOUT = 5.0
MAX_BYTES = 1024 * 1024
REDIRECTS = 3
_AGENT = "Civic"


class Refused(Exception):
    """The address may not be asked, or what answered is not what was promised. The text is for the log."""


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ``Refused``."""
        try:
            return read_json(self.body)
        except ValueError as error:
            raise Refused("not JSON") from error


def fetch(url: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None,
          private: Collection[str] = (), timeout: float = TIMEOUT, max_bytes: int = MAX_BYTES, redirects: int = REDIRECTS) -> Answer:
    """Ask one address. Raises ``Refused``, also when it cannot be reached in ``timeout`` seconds or sends more than ``max_bytes``.

    private: hosts (``name`` or ``name:port``) that may lie at private addresses and speak plain HTTP: those that the operator
    names in OUTGOING_PRIVATE_HOSTS. Only a GET follows redirects, and none of them into another host with the headers given.
    """
    target, began = _parsed(url, private), monotonic()
    answer = _ask(target, method, body, dict(headers or {}), private, timeout, max_bytes)
    location = answer.headers.get("location")
    if answer.status not in (301, 302, 303, 307, 308) or not location or method != "GET":
        return answer
    if redirects <= 0:
        raise Refused("too many redirects")
    onward = urljoin(url, location)
    same, left = urlsplit(onward).netloc == target.netloc, timeout - (monotonic() - began)
    if left <= 0:
        raise Refused("too slow")
    return fetch(onward, headers=headers if same else None, private=private, timeout=left, max_bytes=max_bytes, redirects=redirects - 1)


def public_address(host: str, port: int, *, allow_private: bool = False) -> str:
    """The address that a name leads to. Raises ``Refused`` when it has none or any of its addresses is not a public one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{host} is not known") from error
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    if not allow_private and not all(map(is_public, addresses)):
        raise Refused(f"{host} leads to a private address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether anybody on the internet could be behind an IP address; one that wraps another counts as that one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _parsed(url: str, private: Collection[str]) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("not an address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise Refused("not an address of http or https")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise Refused("not an address")
    if parts.scheme == "http" and not _named(parts.hostname, port, private):
        raise Refused("not over TLS")
    return parts


def _named(host: str, port: int | None, private: Collection[str]) -> bool:
    return host in private or f"{host}:{port}" in private


def _ask(parts: SplitResult, method: str, body: bytes | None, headers: dict[str, str], private: Collection[str], timeout: float,
         max_bytes: int) -> Answer:
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = public_address(host, port, allow_private=_named(host, port, private))
    connection = (http.client.HTTPSConnection(host, port, timeout=timeout, context=ssl.create_default_context())
                  if parts.scheme == "https" else http.client.HTTPConnection(host, port, timeout=timeout))
    # the name stays for the certificate and the Host header, the connection goes to the address that was checked
    connection._create_connection = lambda _name, *rest: socket.create_connection((address, port), *rest)  # type: ignore[attr-defined]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    watch, until = Timer(timeout, _cut, [connection]), monotonic() + timeout
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, path, body, {"User-Agent": _AGENT, "Accept-Encoding": "identity", **headers})
        response = connection.getresponse()
        content = response.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise Refused(f"{host} sent too much")
        if monotonic() >= until:  # what was cut looks like the end of the answer
            raise Refused(f"{host} is too slow")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:  # AttributeError: cut while it was reading
        raise Refused(f"{host} does not answer: {type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """The whole time is over: whoever drips a byte now and then does not hold the thread."""
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
