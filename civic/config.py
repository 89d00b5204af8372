"""Settings, read once from the environment. A wrong one stops the start and says which and why."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from click import ClickException

ROOT = Path(__file__).resolve().parent.parent


class SettingWrong(ClickException):
    """A setting cannot be used; the text says which one and what it should be. Commands print it without a traceback."""


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
    demo: bool

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
        secret = _secret(env, instance, demo)
        return cls(
            instance=instance, database_url=database_url, secret_key=secret, password_salt=f"salt-{secret}",
            public_url=env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/"),
            mail_url=mail_url, mail_from=env.get("MAIL_FROM", "Civic <civic@localhost.localdomain>"),
            queue_url=env.get("QUEUE_URL", f"sqlite:///{instance / 'queue.db'}"),
            tiles_url=env.get("TILES_URL", "https://tile.openstreetmap.org/{z}/{x}/{y}.png"),
            tiles_attribution=env.get("TILES_ATTRIBUTION", "© OpenStreetMap"),
            sqlite_synchronous=synchronous, trusted_proxies=_count(env, "TRUSTED_PROXIES"),
            page_cache_seconds=_count(env, "PAGE_CACHE_SECONDS", "1"), demo=demo,
        )

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


def _secret(env: Mapping[str, str], instance: Path, demo: bool) -> str:
    """The secret that signs links and sessions; the demonstration makes its own and keeps it."""
    given = env.get("SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise SettingWrong("SECRET_KEY must have at least 32 characters")
        return given
    if not demo:
        raise SettingWrong("SECRET_KEY is missing; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'")
    kept = instance / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text()
