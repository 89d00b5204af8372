"""Jobs of questions: who is told of a step, what time does."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import contacts_of, officials
from civic.app import CivicFlask
from civic.jobs.queue import Queue
from civic.jobs.service import enqueue
from civic.notifications.service import tell
from civic.questions import offices
from civic.questions.models import HeldAnswer, Participant, Question, RoomStep
from civic.questions.states import State
from civic.questions.sweep import sweep


def register(app: CivicFlask, queue: Queue) -> None:
    """Bind the handlers and the sweep."""
    queue.handlers.update(question_step=question_step, question_held=question_held, room_moderator=room_moderator)
    queue.sweeps.append(sweep)


def question_step(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Order the letters of one step: to whoever asked, also in the words of a joined question; to the body that has to answer."""
    step = session.get_one(RoomStep, payload["step_id"])
    question = session.get_one(Question, step.question_id)
    askers = _askers(session, question, alone=step.kind in ("merge", "hide", "unhide")) if step.kind != "remind" else ()
    for asked, contact in askers:
        tell(session, contact, "question_step", f"question:{step.id}:asker", {"step_id": step.id, "asked_id": asked.id, "audience": "asker"}, now)
    if step.kind in ("hand_over", "remind") and question.body_id is not None:
        for contact in contacts_of(officials(session, question.body_id)):
            tell(session, contact, "question_step", f"question:{step.id}:body", {"step_id": step.id, "asked_id": question.id, "audience": "body"}, now)
        for invitation in offices.addressed(session, question):  # a body without accounts
            _at_once(session, invitation.contact_id, "question_office", f"question:{step.id}:office",
                     {"question_id": question.id, "invitation_id": invitation.id, "step_id": offices.handed_over_by(session, question),
                      "again": step.kind == "remind"}, now)


def question_held(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The letter with the button that makes an answer through a link public."""
    held = session.get(HeldAnswer, payload["held_id"])
    if held is not None:
        _at_once(session, held.contact_id, "question_held", f"question_held_mail:{held.id}", {"held_id": held.id}, now)


def _at_once(session: Session, contact_id: int | None, template: str, key: str, facts: dict[str, Any], now: datetime) -> None:
    """An official letter, however gathered other mail is."""
    enqueue(session, "mail", f"mail:{key}:{contact_id}", {"contact_id": contact_id, "template": template, **facts}, now)


def room_moderator(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """To somebody who was named moderator of a room: where it is."""
    contact = session.scalar(select(Contact).where(Contact.user_id == payload["user_id"]))
    if contact is not None:
        tell(session, contact, "room_moderator", f"room_moderator:{payload['step_id']}", {"room_id": payload["room_id"]}, now)


def _askers(session: Session, question: Question, *, alone: bool) -> list[tuple[Question, Contact]]:
    """Who asked it, and who asked what was joined with it; those who came by a device have no address."""
    mine = Question.id == question.id
    if not alone:
        mine = or_(mine, (Question.merged_into_id == question.id) & (Question.state == State.MERGED))
    rows = session.execute(select(Question, Contact).join(Participant, Participant.id == Question.participant_id)
                           .join(Contact, Contact.id == Participant.contact_id).where(mine).order_by(Question.id))
    return [(asked, contact) for asked, contact in rows]
