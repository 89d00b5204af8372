"""Complaints in the hands of an official who leaves the body: they go to a colleague or back to the body.

What is closed stays with who had it, as history. Notes belong to the body and stay where they are.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from civic.accounts import handover
from civic.complaints.desk import give_to
from civic.complaints.models import Complaint
from civic.complaints.queries import has_open
from civic.complaints.states import CLOSED
from civic.core.actor import Actor


def in_hand(session: Session, body_id: int, user_id: int) -> int:
    """How many complaints of the body that are not closed this person has."""
    return session.scalar(select(func.count()).select_from(Complaint).where(_held(body_id, user_id))) or 0


def give_on(session: Session, body_id: int, from_id: int, to_id: int | None, actor: Actor, now: datetime) -> int:
    """Assign them all to ``to_id``, or to nobody; each complaint's history says so inside the body."""
    role = "head" if actor.heads(body_id) else "system" if actor.system else "administrator"
    held = session.scalars(select(Complaint).where(_held(body_id, from_id)).order_by(Complaint.id).with_for_update(of=Complaint)).all()
    for complaint in held:
        give_to(session, complaint, actor, now, user_id=to_id, role=role)
    return len(held)


def _held(body_id: int, user_id: int) -> ColumnElement[bool]:
    return and_(Complaint.body_id == body_id, Complaint.assignee_id == user_id, Complaint.state.not_in(CLOSED))


def register() -> None:
    """Name this work to whoever ends posts."""
    handover.WORK["complaint"] = handover.Work(in_hand, has_open, give_on)
