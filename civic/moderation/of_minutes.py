"""Minutes and materials of discussions before the moderators."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.text import LANGUAGES
from civic.events.queries import by_code
from civic.media import covering
from civic.minutes.models import Kind, Minutes, MinutesMaterial, MinutesVersion
from civic.minutes.queries import materials, of_event
from civic.moderation.codex import HIDDEN_TITLE
from civic.moderation.of_events import Events, in_all_languages, organisers_of
from civic.moderation.subjects import Mark, Part, Thing, marked


class MinutesOfEvents:
    """See ``Subject``. The versions themselves cannot be changed, so the text of a hidden one stays where it is and a mark keeps it off
    every page; who reads versions for the public asks for it (``minutes.wording``)."""

    kind = "minutes"

    def load(self, session: Session, key: str) -> Thing | None:
        """Public minutes by the code of their event."""
        event = by_code(session, key)
        minutes = of_event(session, event.id) if event is not None and event.announced_at is not None else None
        if event is None or minutes is None or minutes.public_from is None:
            return None
        authors, marks = organisers_of(session, event.organisation), minutes.hidden or {}
        rows = session.scalars(select(MinutesVersion).where(MinutesVersion.minutes_id == minutes.id, MinutesVersion.number >= minutes.public_from)
                               .order_by(MinutesVersion.number.desc()))
        parts = [Part(f"version-{row.number}", _words(row), hidden=f"version-{row.number}" in marks, authors=authors, at=row.at) for row in rows]
        parts += [part for row in materials(session, event.id) for part in _parts(row, authors, marks)]
        return Thing(self.kind, event.code, minutes.id, event.city_id, event.title, tuple(parts))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Those of their events."""
        return Events().titles(session, keys)

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Their page."""
        return "minutes.page", {"city": city_code, "code": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        self._put(session, thing, part, mark)
        if part.kind == "caption":
            row = _row(session, part)
            row.title = HIDDEN_TITLE[row.language]
        return part.text or part.photo_id

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        self._put(session, thing, part, None)
        if part.kind == "caption":
            _row(session, part).title = content

    def _put(self, session: Session, thing: Thing, part: Part, mark: Mark | None) -> None:
        minutes = session.get_one(Minutes, thing.id, with_for_update=True)
        if part.kind not in ("version", "caption"):
            row = _row(session, part)
            if row.photo is not None:
                row.photo.state = "hidden" if mark else covering.state_when_put_back(session, row.photo)
            else:
                row.hidden = mark is not None
        minutes.hidden = marked(minutes.hidden, part.name, mark)
        session.flush()


def _words(row: MinutesVersion) -> str:
    said = [row.text[code] for code in LANGUAGES if row.text.get(code)]
    return "\n\n".join([*said, *(title for _, title in row.chapters), row.recording_url, row.change]).strip()


def _row(session: Session, part: Part) -> MinutesMaterial:
    return session.get_one(MinutesMaterial, part.row_id)


def _parts(row: MinutesMaterial, authors: frozenset[int], marks: Mapping[str, Any]) -> list[Part]:
    """A photo and its caption, each by itself, and the caption alone while the photo is not ready: the rules look at it once, maybe before that;
    a file or a link with its title, as one."""
    if row.kind == Kind.PHOTO:
        if row.photo is None or row.photo.state == "broken":
            return []
        photo = [Part(f"photo-{row.id}", photo_id=row.photo_id, hidden=row.photo.state == "hidden", authors=authors, at=row.added_at)]
        caption = f"caption-{row.id}"
        return [*(photo if row.photo.state in covering.IN_PLACE else ()),
                Part(caption, row.title, row.language, hidden=caption in marks, authors=authors, at=row.added_at)]
    return [Part(f"material-{row.id}", in_all_languages({row.language: f"{row.title} {row.url}".strip()}), row.language, hidden=row.hidden, authors=authors,
                 at=row.added_at)] if row.state == "ready" else []
