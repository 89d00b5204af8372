"""Civic: where a city talks with itself and gets answers. ``create_app`` wires the parts; nothing else happens here."""

from civic.app import CivicFlask
from civic.config import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> CivicFlask:
    """The WSGI application for ``settings`` (by default those of the environment)."""
    from civic.wiring import build

    return build(settings or Settings.read())
