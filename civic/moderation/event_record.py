"""What stands on the record of a discussion besides what its organisers write of it: why it was moved or called off, recommendations with
their answers, requests to strike a speaker. Each is a row of its own with its own mark, and a part named by its row: ``step-7``.

Dates, states, who owes an answer and whether it came in time are the record, and stay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.events.models import Event, EventStep, Recommendation
from civic.events.queries import public_steps
from civic.invitations.models import StrikeRequest
from civic.invitations.queries import strike_requests
from civic.moderation.subjects import Mark, Part, marked

Authors = frozenset[int]


@dataclass(frozen=True)
class Place:
    """Where a kind of part stands. columns: with what stands in them while it is hidden. name: its own among the marks of the row."""

    model: type[Any]
    columns: Mapping[str, str | None]
    name: str = "text"


PLACES: dict[str, Place] = {
    "step": Place(EventStep, {"text": None}), "advice": Place(Recommendation, {"text": ""}),
    "answer": Place(Recommendation, {"answer": None}, "answer"), "strike": Place(StrikeRequest, {"whom": "", "requested_by": "", "text": ""}),
}


def parts(session: Session, event: Event, organisers: Authors) -> list[Part]:
    """Those that the page shows, or showed before they were hidden."""
    found = [_part("step", row, organisers, row.language, row.at) for row in _reasons(session, event)]
    for row in sorted(event.recommendations, key=lambda row: row.position):
        found.append(_part("advice", row, organisers, row.language, event.published_at, str(row.position)))
        found.append(_part("answer", row, _who_answered(session, row) if row.answered_at else frozenset(), row.answer_language, row.answered_at, str(row.position)))
    found += [_part("strike", row, organisers, row.language, row.at) for row in strike_requests(session, event.id)]
    return [part for part in found if part.text or part.hidden]


def _reasons(session: Session, event: Event) -> list[EventStep]:
    """Of moves the page tells the last one."""
    said = [step for step in public_steps(session, event.id) if step.kind in ("move", "cancel")]
    last = next((step for step in reversed(said) if step.kind == "move"), None)
    return [step for step in said if step.kind == "cancel" or step is last or step.hidden]


def _part(kind: str, row: Any, authors: Authors, language: str | None, at: Any, label: str = "") -> Part:
    place = PLACES[kind]
    text = "\n".join(words for column in place.columns if (words := getattr(row, column)))
    return Part(f"{kind}-{row.id}", text, language or "", hidden=place.name in (row.hidden or {}), authors=authors, at=at, label=label)


def _who_answered(session: Session, row: Recommendation) -> Authors:
    """Whoever answered for the body; its officials, where nobody is on record."""
    found = session.scalar(select(Contact.id).where(Contact.user_id == row.answered_by_id)) if row.answered_by_id else None
    return frozenset({found}) if found else frozenset(contact.id for contact in contacts_of(officials(session, row.body_id)))


def hide(session: Session, part: Part, mark: Mark, now: datetime) -> Any:
    """Take the words off their row; gives them, by column."""
    row, place = _row(session, part)
    content = {column: getattr(row, column) for column in place.columns}
    _write(row, place, place.columns.__getitem__, mark)
    return content


def restore(session: Session, part: Part, content: Mapping[str, str], now: datetime) -> None:
    """Put them back."""
    row, place = _row(session, part)
    _write(row, place, content.__getitem__, None)


def _write(row: Any, place: Place, value: Callable[[str], str | None], mark: Mark | None) -> None:
    """The mark goes with the words: the database refuses one without the other."""
    for column in place.columns:
        setattr(row, column, value(column))
    row.hidden = marked(row.hidden, place.name, mark)


def _row(session: Session, part: Part) -> tuple[Any, Place]:
    place = PLACES[part.kind]
    return session.get_one(place.model, part.row_id, with_for_update=True), place
