"""What can be flagged and hidden. A feature registers a ``Subject`` for each kind of public thing when the application is wired.

Hiding takes the content off its row and hands it over: no page, search, feed, card or letter can show what is not there. What
stays on the row is a mark, by part, from which every page draws the tombstone without another query.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy.orm import Session

#: By part: {"on": ISO date, "reason": code of the codex, "entry": number in the public log}.
Mark = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A piece that can be hidden by itself. name: ``text``, ``name``, ``photo-12``, ``step-7``; before the dash stands its kind.

    text: in the language ``language``; None for a photo. hidden: it is off the page now. authors: ids of contacts. at: when it was said.
    label: what tells it from others of its kind in a list, nothing of what is hidden.
    """

    name: str
    text: str | None = None
    language: str = ""
    photo_id: str | None = None
    hidden: bool = False
    authors: frozenset[int] = frozenset()
    at: datetime | None = None
    label: str = ""

    @property
    def kind(self) -> str:
        """``photo`` of ``photo-12``."""
        return self.name.partition("-")[0]

    @property
    def row_id(self) -> int:
        """12 of ``step-12``: where a row of its own holds the part. Raises ``ValueError`` where none does."""
        return int(self.name.partition("-")[2])


@dataclass(frozen=True)
class Thing:
    """A public thing with its parts. title: what a list calls it. body_ids: the bodies whose work it is about. applicant_id: the contact for
    whom a personal link opens it (complaints alone)."""

    kind: str
    key: str
    id: int
    city_id: int
    title: Mapping[str, str]
    parts: tuple[Part, ...]
    body_ids: frozenset[int] = field(default_factory=frozenset)
    applicant_id: int | None = None

    def part(self, name: str) -> Part | None:
        """The part of this name."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def authors(self) -> frozenset[int]:
        """Everybody who wrote any of it."""
        return frozenset().union(*(part.authors for part in self.parts))


class Subject(Protocol):
    """How moderation deals with one kind of public thing. None of it commits."""

    kind: str

    def load(self, session: Session, key: str) -> Thing | None:
        """The thing with this public key; None when there is none, or none that is public."""

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """By key what a list calls these things, read at once; those that are not public any more may be missing."""

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page, for ``url_for``."""

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take the part off its row, leave the mark, and give what was there, as JSON can hold it."""

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put back what ``hide`` gave, and take the mark away."""


SUBJECTS: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Make things of this kind known to moderation."""
    SUBJECTS[subject.kind] = subject


def load(session: Session, kind: str, key: str) -> Thing | None:
    """The public thing; None for an unknown kind, too."""
    return SUBJECTS[kind].load(session, key) if kind in SUBJECTS else None


def titles(session: Session, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, str]]:
    """What a list calls things, by kind and key: one query for each kind."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for kind, pairs in groupby(sorted(set(wanted)), lambda pair: pair[0]):
        if kind in SUBJECTS:
            found |= {(kind, key): title for key, title in SUBJECTS[kind].titles(session, [key for _, key in pairs]).items()}
    return found


def marked(marks: Mapping[str, Any] | None, name: str, mark: Mark | None) -> dict[str, Any] | None:
    """The marks of a row with one added (or, for None, taken away); None when none is left."""
    rest = {key: value for key, value in (marks or {}).items() if key != name}
    if mark is not None:
        rest[name] = mark
    return rest or None
