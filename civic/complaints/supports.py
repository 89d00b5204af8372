"""Supports of complaints as votes that can be suspect (``limits.votes``)."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.complaints import rules
from civic.complaints.models import Complaint
from civic.core.actor import Actor
from civic.core.codes import read_number
from civic.limits.votes import Change, Moved, VoteKind


def count(session: Session, complaint_id: int, number: int) -> None:
    """Move the public number. Not through the object: its version stays, so nobody who is writing is turned away."""
    session.execute(update(Complaint).where(Complaint.id == complaint_id).values(supporters=Complaint.supporters + number))


def change(session: Session, moved: Moved) -> None:
    """See ``VoteKind``."""
    count(session, moved.subject_id, moved.step * len(moved.votes))


def preview(session: Session, complaint_id: int, votes: Sequence[int], step: int) -> list[Change]:
    """The number of supporters now and then."""
    number, supporters = session.execute(select(Complaint.number, Complaint.supporters).where(Complaint.id == complaint_id)).one()
    return [Change(number, supporters, supporters + step * len(votes))]


def _name(session: Session, complaint_id: int) -> str:
    return session.scalar(select(Complaint.number).where(Complaint.id == complaint_id)) or str(complaint_id)


def _find(session: Session, typed: str) -> int | None:
    return session.scalar(select(Complaint.id).where(Complaint.number == (read_number(typed) or "")))


def _city(session: Session, complaint_id: int) -> int:
    return session.execute(select(Complaint.city_id).where(Complaint.id == complaint_id)).scalar_one()


def _own(session: Session, complaint_id: int, actor: Actor) -> bool:
    return rules.is_applicant(actor, session.get_one(Complaint, complaint_id))


KIND = VoteKind(change, preview, _name, _find, _city, _own)
