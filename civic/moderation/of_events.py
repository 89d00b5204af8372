"""Discussions and organisations before the moderators."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.text import LANGUAGES
from civic.events.models import AgendaItem, Event, Organisation, Speaker
from civic.events.queries import by_code, organisation_by_code
from civic.events.service import PLAIN_PARTS
from civic.events.states import EventState, Right
from civic.media import covering
from civic.moderation import event_record, event_room
from civic.moderation.codex import HIDDEN_TITLE, NOBODY
from civic.moderation.subjects import Mark, Part, Thing, marked


def in_all_languages(translated: Mapping[str, str]) -> str:
    """All languages of a text, one under the other, as a moderator reads it."""
    return "\n\n".join(translated[code] for code in LANGUAGES if translated.get(code))


def organisers_of(session: Session, organisation: Organisation) -> frozenset[int]:
    """Contacts of who writes in its name: owners and organisers."""
    users = [m.user_id for m in organisation.members if m.ended_at is None and m.right in (Right.OWNER, Right.ORGANISER)]
    return frozenset(session.scalars(select(Contact.id).where(Contact.user_id.in_(users))))


#: Kinds of parts that are rows of their own, and who hides and restores them.
_ROWS: dict[str, Any] = {**dict.fromkeys(event_record.PLACES, event_record), "poll": event_room}


class Events:
    """See ``Subject``. The title of a hidden one says so in its place, so that lists, calendars and cards need not know."""

    kind = "event"
    #: Parts that are columns, and what stands in them while they are hidden.
    columns: Mapping[str, Mapping[str, str]] = {"title": HIDDEN_TITLE, "text": {}, "document": {}}

    def load(self, session: Session, key: str) -> Thing | None:
        """An announced event by its code."""
        event = by_code(session, key)
        if event is None or event.state == EventState.DRAFT or event.announced_at is None:
            return None
        authors, marks = organisers_of(session, event.organisation), event.hidden or {}
        parts = [Part(name, in_all_languages(getattr(event, name)), hidden=name in marks, authors=authors, at=event.created_at)
                 for name in self.columns if getattr(event, name) or name in marks]
        parts += [Part(name, words, hidden=name in marks, authors=authors, at=event.created_at) for name, columns in PLAIN_PARTS.items()
                  if (words := "\n".join(getattr(event, column) for column in columns if getattr(event, column))) or name in marks]
        if event.items or "agenda" in marks:
            parts.append(Part("agenda", "\n".join(_agenda_words(item) for item in event.items), hidden="agenda" in marks, authors=authors))
        if event.photo is not None and event.photo.state in covering.IN_PLACE:
            parts.append(Part("photo", photo_id=event.photo_id, hidden=event.photo.state == "hidden", authors=authors))
        parts += [*event_record.parts(session, event, authors), *event_room.parts(session, event, authors)]
        return Thing(self.kind, event.code, event.id, event.city_id, event.title, tuple(parts))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Their titles."""
        rows = session.execute(select(Event.code, Event.title).where(Event.code.in_(keys), Event.announced_at.is_not(None)))
        return {code: title for code, title in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "events.page", {"city": city_code, "code": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        event = session.get_one(Event, thing.id, with_for_update=True)
        if part.kind in _ROWS:
            content: Any = _ROWS[part.kind].hide(session, part, mark, now)
            self._seen_anew(session, event, now)
            return content
        if part.name == "photo":
            assert event.photo is not None
            event.photo.state, content = "hidden", event.photo_id
        elif part.name in PLAIN_PARTS:
            content = {column: getattr(event, column) for column in PLAIN_PARTS[part.name]}
            for column in content:
                setattr(event, column, "")
        elif part.name == "agenda":
            items: list[Any] = [[i.id, i.title, [[s.id, s.name, s.about] for s in i.speakers]] for i in event.items]
            _write_agenda(session, [[i, HIDDEN_TITLE.get("kk", ""), [[s[0], NOBODY, ""] for s in speakers]] for i, _, speakers in items])
            content = {"items": items, "asked": event_room.forget_speakers(session, event, {name for _, _, speakers in items for _, name, _ in speakers if name}, now)}
        else:
            content = dict(getattr(event, part.name))
            setattr(event, part.name, dict(self.columns[part.name]))
        event.hidden = marked(event.hidden, part.name, mark)
        self._seen_anew(session, event, now)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        event = session.get_one(Event, thing.id, with_for_update=True)
        if part.kind in _ROWS:
            _ROWS[part.kind].restore(session, part, content, now)
        elif part.name == "photo":
            assert event.photo is not None
            event.photo.state = covering.state_when_put_back(session, event.photo)
        elif part.name in PLAIN_PARTS:
            for column, words in content.items():
                setattr(event, column, words)
        elif part.name == "agenda":
            _write_agenda(session, content["items"])
            event_room.name_speakers(session, content["asked"], now)
        else:
            setattr(event, part.name, content)
        event.hidden = marked(event.hidden, part.name, None)
        self._seen_anew(session, event, now)

    def _seen_anew(self, session: Session, event: Event, now: datetime) -> None:
        """Whoever kept its page or its calendar entry learns from the revision that it says something else."""
        event.updated_at, event.revision = now, event.revision + 1
        session.flush()


def _agenda_words(item: AgendaItem) -> str:
    return "; ".join([item.title, *(f"{s.name} {s.about}".strip() for s in item.speakers)])


def _write_agenda(session: Session, rows: list[Any]) -> None:
    """Titles and speakers of items that are still there."""
    for item_id, title, speakers in rows:
        item = session.get(AgendaItem, item_id)
        if item is not None:
            item.title = title
        for speaker_id, name, about in speakers:
            speaker = session.get(Speaker, speaker_id)
            if speaker is not None:
                speaker.name, speaker.about = name, about


class Organisations:
    """See ``Subject``."""

    kind = "organisation"
    columns: Mapping[str, Mapping[str, str]] = {"name": HIDDEN_TITLE, "about": {}}

    def load(self, session: Session, key: str) -> Thing | None:
        """An organisation by its code."""
        found = organisation_by_code(session, key)
        if found is None:
            return None
        authors, marks = organisers_of(session, found), found.hidden or {}
        parts = tuple(Part(name, in_all_languages(getattr(found, name)), hidden=name in marks, authors=authors)
                      for name in self.columns if getattr(found, name) or name in marks)
        return Thing(self.kind, found.code, found.id, found.city_id, found.name, parts)

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Their names."""
        rows = session.execute(select(Organisation.code, Organisation.name).where(Organisation.code.in_(keys)))
        return {code: name for code, name in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "events.organisation", {"city": city_code, "code": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        found = session.get_one(Organisation, thing.id, with_for_update=True)
        content = dict(getattr(found, part.name))
        setattr(found, part.name, dict(self.columns[part.name]))
        found.hidden = marked(found.hidden, part.name, mark)
        session.flush()
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        found = session.get_one(Organisation, thing.id, with_for_update=True)
        setattr(found, part.name, content)
        found.hidden = marked(found.hidden, part.name, None)
        session.flush()
