"""A provider of OpenID Connect that speaks real HTTP on this machine, and can be told to cheat."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

CLIENT, CLIENT_SECRET = "civic-client", "a secret: with/signs"


class Provider:
    """``person`` is who sits before its page; ``cheat`` changes the claims of the next token. Use as a context."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.person: dict[str, Any] = {"sub": "248289761001", "email": "dana@example.test", "email_verified": True, "name": "Дана Ерланқызы"}
        self.cheat: dict[str, Any] = {}
        self.signing: Any = None
        self.alg = "ES256"
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.about: dict[str, Any] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *rest: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def issuer(self) -> str:
        return f"http://{self.host}"

    def configuration(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys", "userinfo_endpoint": f"{self.issuer}/userinfo", "response_types_supported": ["code"],
                "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"], **self.about}

    def authorize(self, address: str) -> str:
        """The person agrees: gives the address that the browser is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}
        assert (query["response_type"], query["client_id"], query["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert "openid" in query["scope"].split() and len(query["state"]) > 20 and len(query["nonce"]) > 20
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def tokens(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The exchange; None is a refusal. Each code is good once."""
        begun = self.codes.pop(form.get("code", ""), None)
        pair = "civic-client:a%20secret%3A%20with%2Fsigns"  # form-encoded first, as RFC 6749 asks
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if begun is None or authorization != "Basic " + base64.b64encode(pair.encode()).decode():
            return None
        if challenge != begun["code_challenge"] or form.get("redirect_uri") != begun["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"], **self.person, **self.cheat}
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": self.alg, "kid": "one"}, claims, self.signing or self.key, algorithms=[self.alg])
        return {"access_token": "seen", "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def stranger(self) -> ECKey:
        """A key that is not published."""
        return ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})

    def shared(self) -> OctKey:
        """The client's secret as a key, which the provider must not sign with."""
        return OctKey.import_key(CLIENT_SECRET.ljust(32, "x"), {"kid": "one"})


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _say(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self._say(200, provider.configuration())
            elif self.path == "/keys":
                self._say(200, KeySet([provider.key]).as_dict(private=False))
            elif self.path == "/userinfo" and self.headers["Authorization"] == "Bearer seen":
                self._say(200, provider.about.get("userinfo", {"sub": provider.person["sub"], "email": "info@example.test", "email_verified": True}))
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = provider.tokens({name: values[0] for name, values in sent.items()}, self.headers.get("Authorization", ""))
            self._say(200, answer) if answer else self._say(400, {"error": "invalid_grant"})

        def log_message(self, *words: object) -> None:
            pass

    return Handler
