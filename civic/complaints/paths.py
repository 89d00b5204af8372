"""Addresses of the pages that lists link to by the dozen; the same as ``url_for`` gives, at a twentieth of its cost."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def complaint_path(lang: str, city: str, number: str) -> str:
    """``tracking.page``."""
    return f"/{lang}/{city}/complaints/{number}"


def list_path(lang: str, city: str | None, kept: Mapping[str, Any] | None = None) -> str:
    """``complaints.listing`` of a city, ``complaints.national`` without one. kept: the filter, as ``ListForm.kept`` says it."""
    path = f"/{lang}/{city}/complaints/" if city else f"/{lang}/complaints/"
    return f"{path}?{urlencode(kept)}" if kept else path


def feed_path(lang: str, city: str | None, kept: Mapping[str, Any] | None = None) -> str:
    """``complaints.feed`` of a city, ``complaints.national_feed`` without one."""
    path = f"/{lang}/{city}/complaints/feed.atom" if city else f"/{lang}/complaints/feed.atom"
    return f"{path}?{urlencode(kept)}" if kept else path


def photo_path(photo_id: str, size: str) -> str:
    """``media.photo``."""
    return f"/photo/{photo_id}/{size}.jpg"
