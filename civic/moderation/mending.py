"""What authors can take out of their own words after they sent them, and what can be covered in a photo.

The removed words are kept nowhere; the complaint's path says that it happened, and when.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.complaints import rules
from civic.complaints.models import Attachment, Complaint, ComplaintEvent, Draft
from civic.complaints.searched import words_changed
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import InputRefused, NotAllowed
from civic.media import covering
from civic.media.covering import Box
from civic.moderation.codex import REMOVED
from civic.moderation.subjects import marked
from civic.places.models import City


def own_texts(complaint: Complaint, actor: Actor) -> dict[str, str]:
    """The applicant's own words that can be mended, by part: ``text`` and ``step-…``. Empty for everybody else."""
    if not rules.is_applicant(actor, complaint):
        return {}
    texts = {"text": complaint.text, "address": complaint.address}
    texts |= {f"step-{e.id}": e.text or "" for e in complaint.events if e.role == "applicant"}
    return {name: text for name, text in texts.items() if text}


def redact(session: Session, complaint: Complaint, actor: Actor, now: datetime, removals: Mapping[str, Sequence[str]]) -> int:
    """Take pieces, each given as it stands in the text, out of the applicant's own words; gives how many places changed.

    Raises ``NotAllowed``, ``InputRefused`` on ``other`` when none of them is in the text.
    """
    lock_row(session, complaint)  # a moderator may hide them at the same moment
    session.expire_all()  # and the words of its steps
    texts, places = own_texts(complaint, actor), 0
    if not texts:
        raise NotAllowed(action="redact")
    on = local_date(now, session.get_one(City, complaint.city_id).timezone).isoformat()
    for part, pieces in removals.items():
        text = texts.get(part, "")
        for piece in sorted({p for p in pieces if p.strip()}, key=len, reverse=True):
            places += text.count(piece)
            text = text.replace(piece, REMOVED)
        if text != texts.get(part, ""):
            _write(session, complaint, part, text, on)
    if not places:
        raise InputRefused("other", "piece_not_found")
    words_changed(session, complaint, now)
    _step(session, complaint, "redacted", actor, now, "applicant")
    return places


def _write(session: Session, complaint: Complaint, part: str, text: str, on: str) -> None:
    if part in ("text", "address"):
        setattr(complaint, part, text)
        complaint.hidden = marked(complaint.hidden, "redacted", {"on": on})
        # the draft lies there for some days more
        session.execute(update(Draft).where(Draft.complaint_id == complaint.id).values({part: text}))
        return
    event = next(e for e in complaint.events if f"step-{e.id}" == part)
    times = (event.hidden or {}).get("redacted", {}).get("times", 0)
    event.text, event.hidden = text, marked(event.hidden, "redacted", {"on": on, "times": times + 1})


def cover_own(session: Session, complaint: Complaint, actor: Actor, now: datetime, photo_id: str, boxes: Sequence[Box]) -> None:
    """The applicant covers parts of a photo of their own, or a body of one that it answered with."""
    attachment = own_photo(complaint, actor, photo_id)
    if attachment is None:
        raise NotAllowed(action="cover")
    covering.order(session, attachment.photo, boxes, now)
    body_id = _body_of(complaint, attachment)
    _step(session, complaint, "covered", actor, now, "official" if body_id else "applicant", body_id)


def own_photo(complaint: Complaint, actor: Actor, photo_id: str) -> Attachment | None:
    """A photo of the applicant, for the applicant; one with which a body answered, for its officials; None for everybody else's."""
    attachment = next((a for a in complaint.attachments if a.photo_id == photo_id), None)
    if attachment is None:
        return None
    body_id = _body_of(complaint, attachment)
    return attachment if (actor.works_for(body_id) if body_id else rules.is_applicant(actor, complaint)) else None


def _body_of(complaint: Complaint, attachment: Attachment) -> int | None:
    """The body with whose step the photo came; None for the applicant's."""
    return next((e.body_id for e in complaint.events if e.id == attachment.event_id), None)


def cover_by_moderator(session: Session, complaint: Complaint, actor: Actor, now: datetime, attachment: Attachment, boxes: Sequence[Box]) -> None:
    """A moderator covers parts of any photo of a complaint; who may is for the case to say."""
    covering.order(session, attachment.photo, boxes, now)
    _step(session, complaint, "covered", actor, now, "moderator")


def _step(session: Session, complaint: Complaint, kind: str, actor: Actor, now: datetime, role: str, body_id: int | None = None) -> None:
    """A line of the path; nobody is written to about it. The complaint is taken after the photo, as whoever hides one does."""
    lock_row(session, complaint)  # somebody else may take a step at the same moment
    facts: dict[str, Any] = {}
    session.add(ComplaintEvent(
        complaint_id=complaint.id, kind=kind, at=now, role=role, user_id=actor.user_id, body_id=body_id, from_state=complaint.state, to_state=complaint.state,
        from_body_id=complaint.body_id, to_body_id=complaint.body_id, due_before=complaint.due_on, due_after=complaint.due_on, facts=facts))
    complaint.updated_at = now
    session.flush()
