"""Published transcripts of focus groups before the moderators: each line, and each pseudonym with its age band and place.

The words stay on their row, and a mark keeps them off every page: whoever withdraws takes along what was hidden, too. A case names the
organisers as authors and never a participant, so that nothing here ties a person to a pseudonym for longer than the group does; the
participant reads the reason on the page of the own ticket and may appeal there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.events.queries import by_code
from civic.focus import groups
from civic.focus.models import FocusGroup, Line, Participant
from civic.moderation.of_events import Events, organisers_of
from civic.moderation.subjects import Mark, Part, Thing, marked

#: So much of a line tells it from the others in a list.
BEGINNING = 60


class Transcripts:
    """See ``Subject``."""

    kind = "transcript"

    def load(self, session: Session, key: str) -> Thing | None:
        """A published transcript, by the code of its event."""
        event = by_code(session, key)
        group = session.get(FocusGroup, event.id) if event is not None and event.announced_at is not None else None
        if event is None or group is None or group.published_at is None:
            return None
        authors = organisers_of(session, event.organisation)
        parts = [Part(f"line-{line.id}", line.text, line.language, hidden=bool(line.hidden), authors=authors,
                      label=str(number) if line.hidden else f"{number} «{_beginning(line.text)}»")
                 for number, line in enumerate(groups.lines(session, event.id), 1)]
        parts += [Part(f"pseudonym-{p.id}", f"{p.pseudonym}, {p.age_band}", hidden=bool(p.hidden), authors=authors,
                       label="" if p.hidden else f"«{p.pseudonym}»") for p in groups.participants(session, event.id)]
        return Thing(self.kind, event.code, event.id, event.city_id, event.title, tuple(parts))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Those of their events."""
        return Events().titles(session, keys)

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "focus.transcript", {"city": city_code, "code": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Mark it; the case gets no copy of the words."""
        self._put(session, part, mark)
        return None

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Take the mark away."""
        self._put(session, part, None)

    def _put(self, session: Session, part: Part, mark: Mark | None) -> None:
        model: type[Any] = Line if part.kind == "line" else Participant
        row = session.get_one(model, part.row_id, with_for_update=True)
        row.hidden = marked(row.hidden, part.kind, mark)
        session.flush()


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else f"{line[:BEGINNING].rstrip()}…"
