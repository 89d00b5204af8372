"""Programmes before the moderators: name, words, each direction or subproject, and each person who is named there."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.text import LANGUAGES
from civic.moderation.codex import HIDDEN_TITLE, NOBODY
from civic.moderation.of_events import in_all_languages, organisers_of
from civic.moderation.subjects import Mark, Part, Thing, marked
from civic.programmes import queries
from civic.programmes.models import Part as Direction
from civic.programmes.models import PartPerson, Programme

#: Parts that are columns of the programme: the column, and what stands in it while it is hidden.
COLUMNS: dict[str, tuple[str, Mapping[str, str]]] = {"title": ("name", HIDDEN_TITLE), "text": ("about", {})}


class Programmes:
    """See ``Subject``. A name that is hidden says so in its place, so that lists, calendars and feeds need not know."""

    kind = "programme"

    def load(self, session: Session, key: str) -> Thing | None:
        """A programme by its code."""
        found = queries.by_code(session, key)
        if found is None:
            return None
        authors, marks = organisers_of(session, found.organisation), found.hidden or {}
        parts = [Part(name, in_all_languages(getattr(found, column)), hidden=name in marks, authors=authors)
                 for name, (column, _) in COLUMNS.items() if getattr(found, column) or name in marks]
        for one in found.parts:
            name = f"part-{one.id}"
            parts.append(Part(name, "\n\n".join(filter(None, (in_all_languages(one.name), in_all_languages(one.about)))), hidden=name in marks, authors=authors,
                              label=f"«{_first(one.name)}»"))
        for person in queries.people(session, found.id):
            name = f"person-{person.id}"
            parts.append(Part(name, ", ".join(filter(None, (person.name, person.role))), hidden=name in marks, authors=authors, label=f"«{person.name}»"))
        return Thing(self.kind, found.code, found.id, found.city_id, found.name, tuple(parts))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Their names."""
        return {code: name for code, name in session.execute(select(Programme.code, Programme.name).where(Programme.code.in_(keys)))}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "programmes.page", {"city": city_code, "code": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        found = session.get_one(Programme, thing.id, with_for_update=True)
        content: Any
        if part.kind == "part":
            direction = session.get_one(Direction, part.row_id)
            content = [dict(direction.name), dict(direction.about)]
            direction.name, direction.about = dict(HIDDEN_TITLE), {}
        elif part.kind == "person":
            person = session.get_one(PartPerson, part.row_id)
            content, (person.name, person.role) = [person.name, person.role], (NOBODY, "")
        else:
            column, empty = COLUMNS[part.name]
            content = dict(getattr(found, column))
            setattr(found, column, dict(empty))
        found.hidden = marked(found.hidden, part.name, mark)
        session.flush()
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        found = session.get_one(Programme, thing.id, with_for_update=True)
        if part.kind == "part":
            direction = session.get_one(Direction, part.row_id)
            direction.name, direction.about = content
        elif part.kind == "person":
            person = session.get_one(PartPerson, part.row_id)
            person.name, person.role = content
        else:
            setattr(found, COLUMNS[part.name][0], content)
        found.hidden = marked(found.hidden, part.name, None)
        session.flush()


def _first(name: Mapping[str, str]) -> str:
    """In the first language that it has."""
    return next((name[code] for code in LANGUAGES if name.get(code)), "")
