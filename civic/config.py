"""Settings, read once from the environment. A wrong one stops the start and says which and why."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from click import ClickException

from civic import refusals

ROOT = Path(__file__).resolve().parent.parent
HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_hex(32))'"


class SettingWrong(ClickException):
    """A setting cannot be used; the text says which one and what it should be. Commands print it without a traceback."""


@dataclass(frozen=True)
class OpenID:
    """A provider of OpenID Connect that people may sign in with. name: as the sign-in page calls it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True)
class Settings:
    """Everything that differs between a laptop and a nation. ``docs/operating.md`` explains each."""

    instance: Path
    database_url: str
    secret_key: str
    password_salt: str
    public_url: str
    mail_url: str
    mail_from: str
    queue_url: str
    tiles_url: str
    tiles_attribution: str
    sqlite_synchronous: str
    trusted_proxies: int
    page_cache_seconds: int
    limits_factor: int
    demo: bool
    other_hosts: tuple[str, ...]
    media_accel: bool
    security_contact: str
    two_factor: bool
    oidc: "OpenID | None"
    outgoing_private: frozenset[str]
    nchan_url: str

    @classmethod
    def read(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from environment variables. Raises ``SettingWrong``."""
        instance = Path(env.get("CIVIC_INSTANCE", ROOT / "instance")).resolve()
        instance.mkdir(parents=True, exist_ok=True)
        demo = _flag(env, "CIVIC_DEMO")
        database_url = env.get("DATABASE_URL", f"sqlite:///{instance / 'civic.db'}")
        if database_url.startswith("postgresql://"):
            database_url = database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        if urlsplit(database_url).scheme not in ("sqlite", "postgresql+psycopg"):
            raise SettingWrong("DATABASE_URL must begin with sqlite:/// or postgresql://")
        synchronous = env.get("SQLITE_SYNCHRONOUS", "FULL").upper()
        if synchronous not in ("FULL", "NORMAL", "EXTRA"):
            raise SettingWrong("SQLITE_SYNCHRONOUS must be FULL, NORMAL or EXTRA")
        mail_url = env.get("MAIL_URL", "")
        if mail_url and urlsplit(mail_url).scheme not in ("smtp", "smtps", "smtp+starttls"):
            raise SettingWrong("MAIL_URL must begin with smtp://, smtps:// or smtp+starttls://")
        for name in refusals.known_passwords(DATABASE_URL=database_url, MAIL_URL=mail_url, QUEUE_URL=env.get("QUEUE_URL", "")):
            raise SettingWrong(f"{name} holds a password that everybody tries first; choose another one")
        secret = _secret(env, instance, demo)
        return cls(
            instance=instance, database_url=database_url, secret_key=secret, password_salt=f"salt-{secret}",
            public_url=_public_url(env, demo),
            mail_url=mail_url, mail_from=env.get("MAIL_FROM", "Civic <civic@localhost.localdomain>"),
            queue_url=env.get("QUEUE_URL", f"sqlite:///{instance / 'queue.db'}"),
            tiles_url=_tiles(env),
            tiles_attribution=env.get("TILES_ATTRIBUTION", "© OpenStreetMap"),
            sqlite_synchronous=synchronous, trusted_proxies=_count(env, "TRUSTED_PROXIES"),
            page_cache_seconds=_count(env, "PAGE_CACHE_SECONDS", "1"),
            limits_factor=_count(env, "LIMITS_FACTOR", "1"), demo=demo,
            two_factor=_two_factor(env, demo), oidc=_oidc(env),
            outgoing_private=frozenset(_words(env, "OUTGOING_PRIVATE_HOSTS")),
            other_hosts=_words(env, "TRUSTED_HOSTS"), media_accel=_flag(env, "MEDIA_ACCEL"), security_contact=_contact(env),
            nchan_url=_nchan(env),
        )

    @property
    def secure(self) -> bool:
        """Whether people come over TLS: cookies are then for TLS alone, and browsers told never to come without."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """The name of the service, as links to it have it."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Names under which the service answers. On a laptop every name of the machine itself is one."""
        local = refusals.LOOPBACK if self.demo or refusals.is_local(self.public_url) else ()
        return (self.host, *self.other_hosts, *local)

    @property
    def media(self) -> Path:
        """Where photos lie."""
        return self.instance / "media"

    @property
    def mail_folder(self) -> Path:
        """Where letters are written when no mail server is set."""
        return self.instance / "mail"


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0")
    if value not in ("0", "1"):
        raise SettingWrong(f"{name} must be 0 or 1")
    return value == "1"


def _count(env: Mapping[str, str], name: str, default: str = "0") -> int:
    value = env.get(name, default)
    if not value.isdecimal():
        raise SettingWrong(f"{name} must be a whole number, 0 or more")
    return int(value)


def _two_factor(env: Mapping[str, str], demo: bool) -> bool:
    """Whether posts need a second factor; only the demonstration may do without."""
    value = env.get("TWO_FACTOR", "off" if demo else "required")
    if value not in ("required", "off"):
        raise SettingWrong("TWO_FACTOR must be required or off")
    if value == "off" and not demo:
        raise SettingWrong("TWO_FACTOR=off is for the demonstration only (CIVIC_DEMO=1): leave it out")
    return value == "required"


def _oidc(env: Mapping[str, str]) -> OpenID | None:
    """The provider, when all four settings of it are there."""
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME")
    given = [env.get(name, "").strip() for name in names]
    if not any(given):
        return None
    missing = [name for name, value in zip(names, given, strict=True) if not value]
    if missing:
        raise SettingWrong(f"{missing[0]} is missing: OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_NAME belong together")
    parts = urlsplit(given[0])
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise SettingWrong("OIDC_ISSUER must begin with https://")
    return OpenID(given[0].rstrip("/"), *given[1:])


def _words(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Names separated by commas or blanks."""
    found = tuple(env.get(name, "").replace(",", " ").lower().split())
    if any("*" in word or "/" in word for word in found):
        raise SettingWrong(f"{name} must be names of hosts, separated by commas, without http:// and without *")
    return found


def _public_url(env: Mapping[str, str], demo: bool) -> str:
    url = env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/")
    if wrong := refusals.of_public_url(url, demo=demo):
        raise SettingWrong(f"PUBLIC_URL {wrong}")
    return url


def _tiles(env: Mapping[str, str]) -> str:
    """Where the map's pictures are; its host stands in the policy that every page carries."""
    url = env.get("TILES_URL", "https://tile.openstreetmap.org/{z}/{x}/{y}.png")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or set(parts.netloc) & set(" ;,'\""):
        raise SettingWrong("TILES_URL must be an address such as https://tiles.example.kz/{z}/{x}/{y}.png")
    return url


def _nchan(env: Mapping[str, str]) -> str:
    """Where deltas of live rooms are published; empty: rooms poll. Whoever may publish may put words into every room, so it is never public."""
    url = env.get("NCHAN_URL", "").strip().rstrip("/")
    parts = urlsplit(url)
    near = refusals.is_local(url) or {parts.hostname, parts.netloc} & set(_words(env, "OUTGOING_PRIVATE_HOSTS"))
    if url and (parts.scheme != "http" or not near):
        raise SettingWrong("NCHAN_URL must be an http:// address of this machine, such as http://127.0.0.1:8081/publish, or of a host named in OUTGOING_PRIVATE_HOSTS")
    return url


def _contact(env: Mapping[str, str]) -> str:
    """Whom to tell of a hole: an address that /.well-known/security.txt names (RFC 9116)."""
    contact = env.get("SECURITY_CONTACT", "").strip()
    if contact and not (contact.startswith(("mailto:", "https://", "tel:")) and contact.isprintable() and " " not in contact):
        raise SettingWrong("SECURITY_CONTACT must begin with mailto:, https:// or tel:")
    return contact


def _secret(env: Mapping[str, str], instance: Path, demo: bool) -> str:
    """The secret that signs links and sessions; the demonstration makes its own and keeps it."""
    given = env.get("SECRET_KEY", "")
    if given:
        if weak := refusals.weak_secret(given):
            raise SettingWrong(f"SECRET_KEY {weak}; make one with: {HOW_TO_MAKE_ONE}")
        return given
    if not demo:
        raise SettingWrong(f"SECRET_KEY is missing; make one with: {HOW_TO_MAKE_ONE}")
    kept = instance / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text()
