"""Everything that is held about a person, as one ZIP: ``data.json`` by table, complaints with their paths, and the photos."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.models import Applicant, Attachment, Complaint, ComplaintEvent, Draft
from civic.events.models import RegistrationRequest
from civic.media.service import path_of
from civic.moderation.models import Case
from civic.privacy.holdings import HOLDINGS
from civic.privacy.person import Person, rows_of
from civic.promises.models import Promise, PromisePhoto, PromiseStep

_OF_COMPLAINT = ("number", "text", "language", "address", "lat", "lon", "kind", "state", "private", "public_name", "registered_at", "due_on", "outcome", "supporters")
_OF_STEP = ("kind", "at", "role", "text", "from_state", "to_state")
_OF_DRAFT = ("created_at", "lat", "lon", "address", "text", "name", "email", "kind")
_OF_CASE = ("id", "kind", "key", "state", "parts", "reason", "words", "withheld", "appeal", "appealed_at", "resolution")
_OF_REQUEST = ("event_id", "email", "name", "needs", "asked_at")


def gather(session: Session, person: Person) -> dict[str, Any]:
    """Rows by table, and the person's own complaints whole."""
    found: dict[str, Any] = {}
    for name, holding in HOLDINGS.items():
        if holding.exported:
            table, mine = rows_of(person, name)
            rows = session.execute(select(*(table.c[column] for column in holding.exported)).where(mine)).mappings()
            found[name] = [dict(row) for row in rows]
    found["complaints"] = [_complaint(session, c) for c in complaints_of(session, person)]
    found["promise_photos"] = [{"promise": number, "photo": photo_id} for number, photo_id in contested_photos(session, person)]
    found["hidden_by_moderators"] = [_some(case, _OF_CASE) for case in hidden(session, person)]
    email = session.scalar(select(Contact.email).where(Contact.id == person.contact_id)) if person.contact_id else None
    if email:
        found["drafts"] = [_some(d, _OF_DRAFT) for d in session.scalars(select(Draft).where(Draft.email == email))]
        found["registration_requests"] = [_some(r, _OF_REQUEST) for r in session.scalars(select(RegistrationRequest).where(RegistrationRequest.email == email))]
    return {name: rows for name, rows in found.items() if rows}


def complaints_of(session: Session, person: Person) -> list[Complaint]:
    """What the person has filed."""
    if person.contact_id is None:
        return []
    return list(session.scalars(select(Complaint).join(Applicant, Applicant.complaint_id == Complaint.id)
                                .where(Applicant.contact_id == person.contact_id).order_by(Complaint.id)).unique())


def own_attachments(session: Session, complaint: Complaint) -> list[Attachment]:
    """Photos that the applicant gave, with the complaint or later; not those of the body's answers."""
    by_others = select(ComplaintEvent.id).where(ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.role != "applicant")
    others = set(session.scalars(by_others))
    return [a for a in complaint.attachments if a.event_id not in others]


def contested_photos(session: Session, person: Person) -> list[tuple[str, str]]:
    """Photos with which a resident contested promises: the promise's number, the photo's id."""
    if person.contact_id is None:
        return []
    query = (select(Promise.number, PromisePhoto.photo_id).join(PromiseStep, PromiseStep.promise_id == Promise.id)
             .join(PromisePhoto, PromisePhoto.step_id == PromiseStep.id)
             .where(PromiseStep.contact_id == person.contact_id, PromiseStep.role == "resident").order_by(PromiseStep.id, PromisePhoto.position))
    return [(number, photo_id) for number, photo_id in session.execute(query)]


def hidden(session: Session, person: Person) -> list[Case]:
    """Cases of which the person alone wrote what was hidden: what it said, and their appeal. ``authors`` is a JSON list of contacts."""
    if person.contact_id is None:
        return []
    alone = cast(Case.authors, Text) == json.dumps([person.contact_id])
    return list(session.scalars(select(Case).where(alone, or_(Case.withheld.is_not(None), Case.appeal != "")).order_by(Case.id)))


def _complaint(session: Session, complaint: Complaint) -> dict[str, Any]:
    steps = [_some(event, _OF_STEP) for event in complaint.events if event.public]
    return {**_some(complaint, _OF_COMPLAINT), "name": complaint.applicant.name, "path": steps, "photos": [a.photo_id for a in own_attachments(session, complaint)]}


def _some(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def write(session: Session, person: Person, media: Path, target: Path) -> int:
    """Make the archive; gives its size in bytes. It stands at ``target`` whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(gather(session, person), ensure_ascii=False, indent=1, default=_plain))
        for name, path in _photos(session, person, media):
            archive.write(path, name, zipfile.ZIP_STORED)
    unfinished.rename(target)
    return target.stat().st_size


def _photos(session: Session, person: Person, media: Path) -> Iterator[tuple[str, Path]]:
    own = [(c.number, attachment.photo_id) for c in complaints_of(session, person) for attachment in own_attachments(session, c)]
    for number, photo_id in [*own, *contested_photos(session, person)]:
        path = path_of(media, photo_id, "large")
        if path.exists():
            yield f"photos/{number}/{photo_id}.jpg", path


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
