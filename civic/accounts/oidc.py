"""Signing in through a provider of OpenID Connect: the code flow with PKCE, state and nonce. Nothing here touches the database.

OpenID Connect Core 1.0 (section 3.1), Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from civic.config import OpenID
from civic.web.outgoing import Answer, Refused, fetch

#: Signatures by the provider's private key only: ``none`` and shared secrets are out.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
#: Seconds for which what the provider says of itself is kept, and by which clocks may differ.
KEPT, CLOCK_ERROR = 3600, 60


class ProviderFailed(Exception):
    """The provider does not answer, or not as the standard says. The text is for the log."""


@dataclass(frozen=True)
class Claims:
    """Whom the provider vouches for. verified: it has proven that the address is theirs."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str


@dataclass(frozen=True)
class Start:
    """Where the browser goes, and what it must bring back: kept in its session."""

    address: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider. private: hosts that may lie in the operator's own network."""

    def __init__(self, settings: OpenID, private: Collection[str] = ()) -> None:
        self.settings, self.private = settings, private
        self._kept: dict[str, tuple[float, Any]] = {}

    def start(self, redirect_uri: str, language: str) -> Start:
        """Begin. Raises ``ProviderFailed``."""
        made = Start("", secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(made.verifier.encode()).digest()).rstrip(b"=").decode()
        query = urlencode({
            "response_type": "code", "client_id": self.settings.client_id, "redirect_uri": redirect_uri, "scope": "openid email profile",
            "state": made.state, "nonce": made.nonce, "code_challenge": challenge, "code_challenge_method": "S256", "ui_locales": language})
        endpoint = self._about("authorization_endpoint")
        return Start(f"{endpoint}{'&' if '?' in endpoint else '?'}{query}", made.state, made.nonce, made.verifier)

    def finish(self, redirect_uri: str, code: str, verifier: str, nonce: str, issuer: str | None = None) -> Claims:
        """Who came back with this code. issuer: the answer's ``iss``, where it has one. Raises ``ProviderFailed``."""
        if issuer is not None and issuer != self.settings.issuer:
            raise ProviderFailed("the answer comes from another issuer")
        tokens = self._tokens(redirect_uri, code, verifier)
        claims = self._checked(str(tokens.get("id_token", "")), nonce)
        if "email" not in claims and "userinfo_endpoint" in self._discovered():
            claims = {**self._userinfo(str(tokens.get("access_token", "")), claims["sub"]), **claims}
        return Claims(self.settings.issuer, str(claims["sub"]), str(claims.get("email") or "").strip().lower(),
                      claims.get("email_verified") in (True, "true"), str(claims.get("name") or claims.get("given_name") or "")[:120])

    def _tokens(self, redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier,
                "client_id": self.settings.client_id}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        methods = self._discovered().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(self.settings.client_secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_secret"] = self.settings.client_secret
        answer = self._ask(self._about("token_endpoint"), method="POST", body=urlencode(form).encode(), headers=headers)
        return self._object(answer)

    def _userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        said = self._object(self._ask(self._about("userinfo_endpoint"), headers={"Authorization": f"Bearer {access_token}"}))
        if said.get("sub") != subject:
            raise ProviderFailed("userinfo is about somebody else")
        return said

    def _checked(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that is signed by the provider, for us, now, and for this visitor."""
        try:
            claims: dict[str, Any] = self._decoded(id_token)
            audience = claims.get("aud")
            jwt.JWTClaimsRegistry(leeway=CLOCK_ERROR, iss={"essential": True, "value": self.settings.issuer}, sub={"essential": True},
                                  exp={"essential": True}, iat={"essential": True}).validate(claims)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise ProviderFailed(f"the token is refused: {type(error).__name__}") from error
        ours = self.settings.client_id
        if audience != ours and not (isinstance(audience, list) and ours in audience and claims.get("azp", ours) == ours and len(audience) < 10):
            raise ProviderFailed("the token is for somebody else")
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != ours:
            raise ProviderFailed("the token is for somebody else")
        if not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
            raise ProviderFailed("the token is for another visit")
        if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
            raise ProviderFailed("the token names nobody")
        return claims

    def _decoded(self, id_token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(id_token, self._keys(), algorithms=list(ALGORITHMS)).claims)
        except (JoseError, ValueError):
            self._kept.pop(self._about("jwks_uri"), None)  # the provider may have changed its keys meanwhile
            return dict(jwt.decode(id_token, self._keys(), algorithms=list(ALGORITHMS)).claims)

    def _keys(self) -> KeySet:
        return KeySet.import_key_set({"keys": self._known(self._about("jwks_uri")).get("keys", [])})

    def _about(self, name: str) -> str:
        """An address that the provider says of itself."""
        address = self._discovered().get(name)
        if not isinstance(address, str) or not address:
            raise ProviderFailed(f"it does not say its {name}")
        return address

    def _discovered(self) -> dict[str, Any]:
        said = self._known(f"{self.settings.issuer}/.well-known/openid-configuration")
        if str(said.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ProviderFailed("it says to be another issuer")
        return said

    def _known(self, address: str) -> dict[str, Any]:
        at, said = self._kept.get(address, (0.0, None))
        if said is None or time.monotonic() - at > KEPT:
            said = self._object(self._ask(address, headers={"Accept": "application/json"}))
            self._kept[address] = (time.monotonic(), said)
        return dict(said)

    def _ask(self, address: str, **how: Any) -> Answer:
        try:
            return fetch(address, private=self.private, **how)
        except Refused as error:
            raise ProviderFailed(str(error)) from error

    @staticmethod
    def _object(answer: Answer) -> dict[str, Any]:
        if answer.status != 200:
            raise ProviderFailed(f"it answers {answer.status}")
        try:
            said = answer.json()
        except Refused as error:
            raise ProviderFailed(str(error)) from error
        if not isinstance(said, dict):
            raise ProviderFailed("it does not answer with an object")
        return said
