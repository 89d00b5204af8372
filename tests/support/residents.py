"""A resident over real HTTP, who sends again when the connection breaks, as browsers and people do."""

import http.client
import re
import secrets
import time
from html import unescape
from urllib.parse import urlencode


class Resident:
    """Signed in on one running service. Each form carries its own ``once`` key, kept when it is sent again."""

    def __init__(self, port: int, email: str, password: str) -> None:
        self.port, self.cookies = port, dict[str, str]()
        page = self.ask("GET", "/kk/account/login")[1]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, page
        self.token = unescape(token[1])
        status, body, _ = self.post("/kk/account/login", email=email, password=password)
        assert status in (302, 303), body
        self.token = unescape(re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", "/kk/account/settings")[1])[1])  # type: ignore[index]

    def file(self, category_id: int, text: str) -> str:
        """File one complaint; gives its number as soon as the service has acknowledged it."""
        start = self.post("/kk/shymkent/report/")[2]
        draft = start.rsplit("/", 1)[0]
        self.post(f"{draft}/place", address="Рысқұлов көшесі, 14", lat="", lon="", district_id="")
        to = self.post(f"{draft}/matter", category_id=category_id, text=text, kind="notice", name="Айгүл")[2]
        if to.endswith("/check"):
            to = self.post(f"{draft}/send")[2]
        number = re.search(r"SHY-\w{4}-\w{3}", to)
        assert number, to
        return number[0]

    def post(self, path: str, **fields: object) -> tuple[int, str, str]:
        """Send a form until it is answered: (status, body, address it leads to)."""
        fields = {"csrf_token": self.token, "once": secrets.token_hex(16), **fields} if self.cookies else fields
        for _ in range(60):
            try:
                status, body, location = self.ask("POST", path, urlencode(fields))
            except (OSError, http.client.HTTPException):
                time.sleep(0.3)
                continue
            if status != 503:
                assert status < 400, (status, path, body[:2000])
                return status, body, re.sub(r"^https?://[^/]+", "", location)
            time.sleep(0.3)
        raise AssertionError(f"{path} was never answered")

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        """One request: (status, body, Location)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, text, response.headers.get("Location", "")
