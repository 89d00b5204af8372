"""The ways in beside the password: whoever adds a channel adds its way here, and the sign-in page lists it."""

from collections.abc import Callable
from dataclasses import dataclass

from civic.config import Settings


@dataclass(frozen=True)
class Way:
    """One more way to sign in. label: words of its button; address: the page where it begins, which takes ``next``."""

    name: str
    label: str
    address: str


#: Each gives its way, or None where the settings do not have it.
WAYS: list[Callable[[Settings], Way | None]] = []


def add(way: Callable[[Settings], Way | None]) -> None:
    """Add a way once, however many applications are built."""
    if way not in WAYS:
        WAYS.append(way)


def ways_in(settings: Settings) -> list[Way]:
    """Those that are open here, in the order in which features were bound."""
    return [found for way in WAYS if (found := way(settings)) is not None]
