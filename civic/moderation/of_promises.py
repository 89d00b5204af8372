"""What was said of a promise, by either side, before the moderators: words, links and photos of each step.

The promise itself, its day and its state are the record of what an official said in public, and are not hidden; its wording is
disputed and amended by its own steps. A photo's name here is its step and its place there: ``photo-12-0``.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.codes import read_number
from civic.media import covering
from civic.moderation.subjects import Mark, Part, Thing, marked
from civic.promises.models import Promise, PromisePhoto, PromiseStep
from civic.promises.queries import by_number


class Promises:
    """See ``Subject``."""

    kind = "promise"

    def load(self, session: Session, key: str) -> Thing | None:
        """A promise by its number."""
        promise = by_number(session, read_number(key) or "")
        if promise is None:
            return None
        steps = session.scalars(select(PromiseStep).where(PromiseStep.promise_id == promise.id).order_by(PromiseStep.id)).all()
        authors = authors_of_steps(session, steps)
        parts = [part for step in steps for part in _words(step, authors[step.id])]
        by_id = {step.id: step for step in steps}
        photos = select(PromisePhoto).where(PromisePhoto.step_id.in_(by_id)).order_by(PromisePhoto.step_id, PromisePhoto.position)
        parts += [Part(f"photo-{p.step_id}-{p.position}", photo_id=p.photo_id, hidden=p.photo.state == "hidden", authors=authors[p.step_id],
                       at=by_id[p.step_id].at) for p in session.scalars(photos) if p.photo.state in covering.IN_PLACE]
        return Thing(self.kind, promise.number, promise.id, promise.city_id, {promise.language: promise.words}, tuple(parts), frozenset({promise.body_id}))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Their words."""
        rows = session.execute(select(Promise.number, Promise.language, Promise.words).where(Promise.number.in_(keys)))
        return {number: {language: words} for number, language, words in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "promises.page", {"number": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        step, name, photo = _place(session, thing, part)
        if photo is not None:
            content: Any = photo.photo_id
            photo.photo.state = "hidden"
        elif name == "links":
            content, step.links = "\n".join(step.links), []
        else:
            content, step.text = step.text, None
        self._marked(session, thing, step, name, mark, now)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        step, name, photo = _place(session, thing, part)
        if photo is not None:
            photo.photo.state = covering.state_when_put_back(session, photo.photo)
        elif name == "links":
            step.links = content.split("\n")
        else:
            step.text = content
        self._marked(session, thing, step, name, None, now)

    def _marked(self, session: Session, thing: Thing, step: PromiseStep, name: str, mark: Mark | None, now: datetime) -> None:
        """The mark goes with the words: the database refuses one without the other."""
        step.hidden = marked(step.hidden, name, mark)
        session.get_one(Promise, thing.id).updated_at = now
        session.flush()


def _words(step: PromiseStep, authors: frozenset[int]) -> list[Part]:
    """Words and links of a step, each by itself: a link is what evidence is made of, and no sign of trouble."""
    marks = step.hidden or {}
    said = (("step", "text", step.text or ""), ("links", "links", "\n".join(step.links)))
    return [Part(f"{kind}-{step.id}", text, step.language or "", hidden=name in marks, authors=authors, at=step.at)
            for kind, name, text in said if text or name in marks]


def authors_of_steps(session: Session, steps: Any) -> dict[int, frozenset[int]]:
    """Whose words each step is; nobody's when the service took it."""
    users = {s.user_id for s in steps if s.user_id and not s.contact_id}
    known = {user: contact for user, contact in session.execute(select(Contact.user_id, Contact.id).where(Contact.user_id.in_(users)))} if users else {}
    found = {s.id: s.contact_id or known.get(s.user_id) for s in steps}
    return {step_id: frozenset({contact} if contact else ()) for step_id, contact in found.items()}


def _place(session: Session, thing: Thing, part: Part) -> tuple[PromiseStep, str, PromisePhoto | None]:
    """The step of a part, the name of the part in the step's marks, and the photo, if it is one."""
    session.get_one(Promise, thing.id, with_for_update=True)
    _, step_id, *position = part.name.split("-")
    step = session.get_one(PromiseStep, int(step_id))
    if part.kind != "photo":
        return step, "text" if part.kind == "step" else "links", None
    row = session.get_one(PromisePhoto, part.photo_id)
    return step, f"photo-{position[0]}", row
