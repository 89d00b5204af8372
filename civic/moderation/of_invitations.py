"""Invitations of officials before the moderators: the organiser's words in the letter, name and post of the invited and of a delegate, and
what either side said in each step.

Who was invited, what became of it, and when, are the record, and are not hidden. The reason of a refusal and the post of a delegate stand
on the invitation, too, while the answer that they came with is the last one: they go and come back with their step.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.codes import read_number
from civic.events.models import Event
from civic.invitations.models import HIDDEN_NAME, Invitation, InvitationEvent
from civic.invitations.public_words import OF_LAST_ANSWER
from civic.invitations.queries import by_number, path
from civic.invitations.states import ANSWERS
from civic.moderation.of_events import organisers_of
from civic.moderation.of_promises import authors_of_steps
from civic.moderation.subjects import Mark, Part, Thing, marked

#: Steps that say whether there is an answer, and which; the words of some of them are its reason.
_ANSWERED = ANSWERS | {"keep_date", "ask_again", "withdraw"}
_WITH_REASON = frozenset({"decline", "ask_date", "withdraw"})


class Invitations:
    """See ``Subject``. Parts: ``words``, ``official``; of each step ``step-7`` for what was said and ``post-7`` for a delegate's post."""

    kind = "invitation"

    def load(self, session: Session, key: str) -> Thing | None:
        """An invitation to an announced event, by its number."""
        invitation = by_number(session, read_number(key) or "")
        if invitation is None or invitation.event.announced_at is None:
            return None
        marks, organisers = invitation.hidden or {}, organisers_of(session, invitation.event.organisation)
        official = ", ".join(words for words in (invitation.official_post, invitation.official_name) if words)
        parts = [Part(name, words, hidden=name in marks, authors=organisers, at=invitation.sent_at)
                 for name, words in (("words", invitation.words), ("official", official)) if words or name in marks]
        steps = path(session, invitation.id)[::-1]
        authors = authors_of_steps(session, steps)
        parts += [part for step in steps for part in _said(step, authors[step.id])]
        return Thing(self.kind, invitation.number, invitation.id, invitation.event.city_id, invitation.event.title, tuple(parts), frozenset({invitation.body_id}))

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Those of their events."""
        rows = session.execute(select(Invitation.number, Event.title).join(Event, Event.id == Invitation.event_id)
                               .where(Invitation.number.in_(keys), Event.announced_at.is_not(None)))
        return {number: title for number, title in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """Its page."""
        return "invitations.page", {"number": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off."""
        invitation, step = _place(session, thing, part)
        if step is None:
            content: Any = {name: getattr(invitation, name) for name in _columns(part)}
            _write(invitation, {"words": ""} if part.name == "words" else dict.fromkeys(_columns(part), HIDDEN_NAME))
        elif part.kind == "step":
            content, step.text = step.text, None
        else:
            content, step.facts = step.facts["post"], {name: fact for name, fact in step.facts.items() if name != "post"}
        _mark(session, invitation, step, part, None, mark)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back."""
        invitation, step = _place(session, thing, part)
        if step is None:
            _write(invitation, content)
        elif part.kind == "step":
            step.text = content
        else:
            step.facts = step.facts | {"post": content}
        _mark(session, invitation, step, part, content, None)


def _said(step: InvitationEvent, authors: frozenset[int]) -> list[Part]:
    marks = step.hidden or {}
    said = (("step", "text", step.text), ("post", "post", step.facts.get("post")))
    return [Part(f"{kind}-{step.id}", words or "", step.language or "", hidden=name in marks, authors=authors, at=step.at)
            for kind, name, words in said if words or name in marks]


def _place(session: Session, thing: Thing, part: Part) -> tuple[Invitation, InvitationEvent | None]:
    invitation = session.get_one(Invitation, thing.id, with_for_update=True)
    return invitation, session.get_one(InvitationEvent, part.row_id) if part.kind in ("step", "post") else None


def _columns(part: Part) -> tuple[str, ...]:
    return ("words",) if part.name == "words" else ("official_name", "official_post")


def _write(invitation: Invitation, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        setattr(invitation, name, value)


def _mark(session: Session, invitation: Invitation, step: InvitationEvent | None, part: Part, words: str | None, mark: Mark | None) -> None:
    """The mark goes with the words, on the step and on the invitation, whose version says that a page has to be drawn anew."""
    invitation.hidden = marked(invitation.hidden, part.name, mark)
    if step is not None:
        step.hidden = marked(step.hidden, "text" if part.kind == "step" else "post", mark)
        column = _of_last_answer(session, invitation, step, part)
        if column is not None:
            setattr(invitation, column, words if words is not None else None if column == "reason" else "")
            invitation.hidden = marked(invitation.hidden, OF_LAST_ANSWER[column], mark)
    session.flush()


def _of_last_answer(session: Session, invitation: Invitation, step: InvitationEvent, part: Part) -> str | None:
    """The column of the invitation that says the same as this part: the answer of this step is the last one."""
    answers = [later for later in path(session, invitation.id) if later.kind in _ANSWERED]
    if part.kind == "step":
        return "reason" if step.kind in _WITH_REASON and answers[0].id == step.id else None
    named = next(answer for answer in answers if answer.kind == "delegate")
    return "delegate_post" if named.id == step.id and invitation.delegate_contact_id is not None else None
