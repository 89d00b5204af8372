"""What pages of the ways in take from the settings."""

from flask import current_app

from civic.accounts.passkeys import Place
from civic.config import Settings


def settings() -> Settings:
    """The settings of this application."""
    return current_app.settings  # type: ignore[attr-defined]


def secret() -> str:
    """What signs and encrypts."""
    return settings().secret_key


def place() -> Place:
    """The site as passkeys know it."""
    return Place(settings().public_url, secret())
