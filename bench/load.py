"""The client of the bench: raw sockets that stay open, so that the server is what takes the time.

One loop keeps several connections busy; it asked a bare Flask on the other core about three times as fast as that could answer.
"""

import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import cycle
from types import MappingProxyType

TIMEOUT = 60.0  # seconds until an answer is given up
GOOD = frozenset({200, 304})
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Unanswered(Exception):
    """A page did not come as it should: the bench stops instead of measuring something else."""


@dataclass
class Sample:
    """What was measured. times: seconds of each answer. took: seconds of all together."""

    times: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times) / self.took

    def percentile(self, share: float) -> float:
        """The time, in seconds, that ``share`` of the answers did not exceed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, round(share * len(ordered)))]

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.times)


def request(path: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """A GET as a browser without cookies sends it."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Answer:
    """One answer as it came."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes


class Connection:
    """One connection that stays open, and opens again when the server closed it while idle."""

    def __init__(self, port: int) -> None:
        self.port, self.got = port, b""
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def ask(self, message: bytes) -> Answer:
        """Send one request and wait for its answer."""
        self.send(message)
        for again in (True, False):
            try:
                while (answer := self.taken()) is None:
                    self.receive()
                return answer
            except ConnectionError:
                if not again:
                    raise
                self.again(message)
        raise Unanswered(message.decode())

    def send(self, message: bytes) -> None:
        """Send; the server may have closed the connection in the meantime."""
        try:
            self.socket.sendall(message)
        except ConnectionError:
            self.again(message)

    def again(self, message: bytes) -> None:
        """Open anew and send."""
        self.socket.close()
        self.socket, self.got = self._open(), b""
        self.socket.sendall(message)

    def receive(self) -> None:
        """Read what has come. Raises ``ConnectionError`` when the other side has closed."""
        more = self.socket.recv(262_144)
        if not more:
            raise ConnectionError("closed")
        self.got += more

    def taken(self) -> Answer | None:
        """The answer when it is there as a whole."""
        head, divider, body = self.got.partition(b"\r\n\r\n")
        if not divider:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ", 2)[1])
        parts = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        headers = dict(parts)
        length = 0 if status in (204, 304) else int(headers["content-length"])
        if len(body) < length:
            return None
        self.got = body[length:]
        if headers.get("connection") == "close":
            self.socket.close()
            self.socket = self._open()
        return Answer(status, headers, [value for name, value in parts if name == "set-cookie"], body[:length])


class Visitor:
    """A browser without its pages: a connection that stays open, cookies, and the token of its forms."""

    def __init__(self, port: int, cookies: Mapping[str, str] = MappingProxyType({})) -> None:
        self.connection, self.cookies, self.token = Connection(port), dict(cookies), ""

    def ask(self, method: str, path: str, body: str = "", headers: Iterable[str] = ()) -> Answer:
        """Send a request, with a form for ``body``; cookies of the answer are kept."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()), *headers]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        answer = self.connection.ask(("\r\n".join([*lines, "", ""]) + body).encode())
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def read_token(self, path: str) -> None:
        """Take the token of a page's forms. Raises ``Unanswered`` for a page without any."""
        answer = self.ask("GET", path, headers=["Accept: text/html"])
        found = TOKEN.search(answer.body.decode())
        if answer.status != 200 or found is None:
            raise Unanswered(f"{answer.status} for {path}: no form")
        self.token = unescape(found[1])


def get(port: int, path: str, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """One answer on a connection of its own."""
    connection = Connection(port)
    try:
        return connection.ask(request(path, headers))
    finally:
        connection.socket.close()


def ask_in_turn(port: int, messages: Sequence[bytes], seconds: float, most: int = 100_000) -> Sample:
    """One after the other on one connection, around ``messages`` until ``seconds`` are over or ``most`` answers came."""
    connection, sample = Connection(port), Sample()
    began = time.perf_counter()
    for message in cycle(messages):
        start = time.perf_counter()
        answer = connection.ask(message)
        end = time.perf_counter()
        if answer.status not in GOOD:
            raise Unanswered(f"{answer.status} for {message.decode()}")
        sample.times.append(end - start)
        if end - began > seconds or len(sample.times) >= most:
            break
    sample.took = time.perf_counter() - began
    connection.socket.close()
    return sample


def flood(port: int, messages: Sequence[bytes], seconds: float, connections: int = 4) -> Sample:
    """As many answers as the server gives on several connections at once."""
    sample, source, chosen = Sample(), cycle(messages), selectors.DefaultSelector()
    began = time.perf_counter()
    for _ in range(connections):
        connection, message = Connection(port), next(source)
        chosen.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(message)
        connection.sent = time.perf_counter()  # type: ignore[attr-defined]
    while (now := time.perf_counter()) - began < seconds:
        for key, _ in chosen.select(TIMEOUT):
            connection = key.data
            connection.receive()
            answer = connection.taken()
            if answer is None:
                continue
            if answer.status not in GOOD:
                raise Unanswered(f"{answer.status} for {messages[0].decode()}")
            now = time.perf_counter()
            sample.times.append(now - connection.sent)
            connection.send(next(source))
            connection.sent = now
    sample.took = time.perf_counter() - began
    for key in list(chosen.get_map().values()):
        key.data.socket.close()
    return sample
