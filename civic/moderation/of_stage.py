"""Talks of an evening before the moderators: who presents, what about, and each slide.

A presenter has no account here, and the address that the link went to is kept nowhere: the organisers are written to, and whoever
holds the link reads the reason on the page of the slides and may appeal there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.codes import row_id
from civic.events.models import Event
from civic.media import covering
from civic.moderation.codex import HIDDEN_TITLE, NOBODY
from civic.moderation.of_events import organisers_of
from civic.moderation.subjects import Mark, Part, Thing, marked
from civic.stage.models import Slide, Talk


class Talks:
    """See ``Subject``. A talk's key is the code of its evening and its own number: ``k3m9qt-12``."""

    kind = "talk"

    def load(self, session: Session, key: str) -> Thing | None:
        """A talk of an announced evening."""
        talk = session.get(Talk, _number(key) or 0)
        if talk is None or key != key_of(talk) or talk.event.announced_at is None:
            return None
        authors, marks = organisers_of(session, talk.event.organisation), talk.hidden or {}
        parts = [Part(name, words, talk.language, hidden=name in marks, authors=authors) for name, words in (("title", talk.title), ("presenter", talk.presenter))]
        parts += [Part(f"slide-{slide.id}", photo_id=slide.photo_id, hidden=slide.photo.state == "hidden", authors=authors, label=str(number))
                  for number, slide in enumerate(talk.slides, 1) if slide.photo.state in covering.IN_PLACE]
        return Thing(self.kind, key, talk.id, talk.event.city_id, {talk.language: talk.title}, tuple(parts))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Theirs."""
        rows = session.execute(select(Event.code, Talk.id, Talk.language, Talk.title).join(Event, Event.id == Talk.event_id)
                               .where(Talk.id.in_([n for key in keys if (n := _number(key))]), Event.announced_at.is_not(None)))
        return {f"{code}-{number}": {language: title} for code, number, language, title in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its place on the page of its evening."""
        code, _, number = thing_key.rpartition("-")
        return "events.page", {"city": city_code, "code": code, "_anchor": f"talk-{number}"}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off the page and the stage."""
        talk = session.get_one(Talk, thing.id, with_for_update=True)
        content: Any
        if part.kind == "slide":
            content, _photo(session, part).state = part.photo_id, "hidden"
        elif part.name == "title":
            content, talk.title = talk.title, HIDDEN_TITLE[talk.language]
        else:
            content, talk.presenter = talk.presenter, NOBODY
        _mark(session, talk, part, mark)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        talk = session.get_one(Talk, thing.id, with_for_update=True)
        if part.kind == "slide":
            photo = _photo(session, part)
            photo.state = covering.state_when_put_back(session, photo)
        else:
            setattr(talk, part.name, content)
        _mark(session, talk, part, None)


def key_of(talk: Talk) -> str:
    """The name that moderation gives a talk."""
    return f"{talk.event.code}-{talk.id}"


def _number(key: str) -> int | None:
    return row_id(key.rpartition("-")[2])


def _photo(session: Session, part: Part) -> Any:
    return session.get_one(Slide, part.row_id).photo


def _mark(session: Session, talk: Talk, part: Part, mark: Mark | None) -> None:
    """The revision says that the page of the evening has to be drawn anew."""
    talk.hidden, talk.revision = marked(talk.hidden, part.name, mark), talk.revision + 1
    session.flush()
