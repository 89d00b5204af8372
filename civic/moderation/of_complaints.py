"""Complaints before the moderators: the resident's words, name, address and photos, and every step's words."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Category
from civic.complaints.models import Attachment, Complaint, ComplaintEvent
from civic.complaints.queries import by_number
from civic.complaints.searched import words_changed
from civic.core.codes import read_number
from civic.media import covering
from civic.moderation.subjects import Mark, Part, Thing, marked

#: Parts that are columns of the complaint, and what stands in them while they are hidden.
COLUMNS: dict[str, tuple[str, str | None]] = {"text": ("text", ""), "address": ("address", ""), "name": ("public_name", None)}


class Complaints:
    """See ``Subject``."""

    kind = "complaint"

    def load(self, session: Session, key: str) -> Thing | None:
        """A public complaint by its number."""
        complaint = by_number(session, read_number(key) or "")
        if complaint is None or complaint.private:
            return None
        category = session.get_one(Category, complaint.category_id)
        parts = (*_own(complaint), *_photos(session, complaint), *_steps(session, complaint))
        return Thing(self.kind, complaint.number, complaint.id, complaint.city_id, category.name, parts, frozenset({complaint.body_id}), complaint.applicant.contact_id)

    def titles(self, session: Session, keys: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """What they are about."""
        rows = session.execute(select(Complaint.number, Category.name).join(Category, Category.id == Complaint.category_id)
                               .where(Complaint.number.in_(keys), ~Complaint.private))
        return {number: name for number, name in rows}

    def endpoint(self, thing_key: str, city_code: str) -> tuple[str, dict[str, str]]:
        """The tracking page."""
        return "tracking.page", {"city": city_code, "number": thing_key}

    def hide(self, session: Session, thing: Thing, part: Part, mark: Mark, now: datetime) -> Any:
        """Take it off; what is searched for, too."""
        complaint = session.get_one(Complaint, thing.id, with_for_update=True)
        if part.kind in COLUMNS:
            column, empty = COLUMNS[part.kind]
            content = getattr(complaint, column)
            setattr(complaint, column, empty)
            complaint.hidden = marked(complaint.hidden, part.name, mark)
        else:
            content = _swap(session, complaint, part, None, mark)
        words_changed(session, complaint, now)
        return content

    def restore(self, session: Session, thing: Thing, part: Part, content: Any, now: datetime) -> None:
        """Put it back where it stood."""
        complaint = session.get_one(Complaint, thing.id, with_for_update=True)
        if part.kind in COLUMNS:
            setattr(complaint, COLUMNS[part.kind][0], content)
            complaint.hidden = marked(complaint.hidden, part.name, None)
        else:
            _swap(session, complaint, part, content, None)
        words_changed(session, complaint, now)


def _own(complaint: Complaint) -> list[Part]:
    marks, author = complaint.hidden or {}, frozenset({complaint.applicant.contact_id})
    values = {name: getattr(complaint, column) for name, (column, _) in COLUMNS.items()}
    return [Part(name, values[name] or "", complaint.language, hidden=name in marks, authors=author, at=complaint.registered_at)
            for name in COLUMNS if values[name] or name in marks]


def _photos(session: Session, complaint: Complaint) -> list[Part]:
    by_event: dict[int | None, frozenset[int]] = {}
    events = {e.id: e for e in session.scalars(select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id))}
    parts = []
    for attachment in session.scalars(select(Attachment).where(Attachment.complaint_id == complaint.id).order_by(Attachment.id)):
        event = events.get(attachment.event_id or 0)
        if attachment.event_id not in by_event:
            by_event[attachment.event_id] = authors_of(session, complaint, event)
        if attachment.photo.state in covering.IN_PLACE:
            parts.append(Part(f"photo-{attachment.id}", photo_id=attachment.photo_id, hidden=attachment.photo.state == "hidden",
                              authors=by_event[attachment.event_id], at=attachment.photo.uploaded_at))
    return parts


def _steps(session: Session, complaint: Complaint) -> list[Part]:
    events = session.scalars(select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.public)
                             .order_by(ComplaintEvent.id))
    return [Part(f"step-{e.id}", e.text or "", e.language or "", hidden=bool(e.hidden and "text" in e.hidden),
                 authors=authors_of(session, complaint, e), at=e.at) for e in events if e.text or (e.hidden and "text" in e.hidden)]


def authors_of(session: Session, complaint: Complaint, event: ComplaintEvent | None) -> frozenset[int]:
    """Whose words a step is: the applicant's, or the official's who wrote it."""
    if event is None or event.role == "applicant":
        return frozenset({complaint.applicant.contact_id})
    contact = session.scalar(select(Contact.id).where(Contact.user_id == event.user_id)) if event.user_id else None
    return frozenset({contact} if contact else ())


def _swap(session: Session, complaint: Complaint, part: Part, content: Any, mark: Mark | None) -> Any:
    """Hide (with a mark) or put back (without) a photo or the words of a step; gives what was there."""
    if part.kind == "photo":
        photo = session.get_one(Attachment, part.row_id).photo
        photo.state, complaint.hidden = "hidden" if mark else covering.state_when_put_back(session, photo), marked(complaint.hidden, part.name, mark)
        return photo.id
    event = session.get_one(ComplaintEvent, part.row_id)
    before, event.text, event.hidden = event.text, content, marked(event.hidden, "text", mark)
    return before
