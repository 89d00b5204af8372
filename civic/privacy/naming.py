"""Taking an applicant's name off the public record of a complaint, and what bodies noted about it for themselves."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civic.complaints.models import Complaint, ComplaintEvent, Note
from civic.complaints.naming import without_name
from civic.moderation.models import Case
from civic.moderation.subjects import marked


def forget_name(session: Session, complaint: Complaint, mark: dict[str, Any]) -> None:
    """Where the name was shown, where the applicant or a body wrote it, and where a moderator has hidden it."""
    name = complaint.applicant.name
    complaint.public_name = None
    said: list[Complaint | ComplaintEvent] = [complaint, *complaint.events]
    for row in said:
        kept = without_name(name, row.text or "")
        if row.text and kept != row.text:
            row.text, row.hidden = kept, marked(row.hidden, "redacted", mark)
    for case in session.scalars(select(Case).where(Case.kind == "complaint", Case.key == complaint.number, Case.withheld.is_not(None))):
        case.withheld = {part: without_name(name, content) if isinstance(content, str) else content for part, content in (case.withheld or {}).items()
                         if part != "name"} or None
    session.execute(delete(Note).where(Note.complaint_id == complaint.id))
    session.flush()
