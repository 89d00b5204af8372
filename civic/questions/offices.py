"""A written answer of a body in which nobody has an account, through the link of the letter that hands the question over.

The letter goes to the address at which the body was invited. The rule of ``invitations.links`` with one step more: an answer that is
public cannot be taken back, so here no browser is trusted. Each answer is kept aside, and counts when the button in a second
letter to that address is pressed: within ``HELD_LIVES``, within the term of the answer, and once. That letter proves the address, so
on its page other words may be put in the place of those that came: whoever uses up the day's letters with the forwarded link
keeps nobody at the address from answering. From the moment that somebody of the body has an account, neither letter gives a right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import has_officials
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused
from civic.invitations.links import HELD_LIVES, HeldAnswerUsed
from civic.invitations.models import Invitation
from civic.invitations.states import State as InvitationState
from civic.jobs.service import enqueue
from civic.questions import service
from civic.questions.models import HeldAnswer, Question, RoomStep
from civic.questions.rules import Office
from civic.questions.states import State

DAY = timedelta(days=1)
#: Letters with a button that the address gets in a ``DAY`` about one question, however many hold the link.
MOST_LETTERS = 5


class LinkOver(DomainError):
    """The question is answered, its term has passed, or the letter gives no right any more."""

    code = "question_link_over"


class AnswersByAccounts(LinkOver):
    """Somebody of the body has an account by now: the body answers at its desk."""

    code = "question_answers_by_accounts"


@dataclass(frozen=True)
class Letter:
    """What the link of a letter names: the step that handed the question over, and the address that it was written to."""

    question_id: int
    invitation_id: int
    contact_id: int
    step_id: int


@dataclass(frozen=True)
class Right:
    """What a link that still works gives: one answer to one question, in the name of the invited body."""

    question: Question
    invitation: Invitation
    contact: Contact
    office: Office


def addressed(session: Session, question: Question) -> Sequence[Invitation]:
    """Standing invitations of the body with an address: that of its office, or without one those of its named officials. None while
    somebody of the body has an account: then it answers at its desk."""
    if question.body_id is None or has_officials(session, question.body_id):
        return []
    found = session.scalars(select(Invitation).where(
        Invitation.event_id == question.room.event_id, Invitation.body_id == question.body_id, Invitation.contact_id.is_not(None),
        Invitation.state != InvitationState.WITHDRAWN).order_by(Invitation.id)).all()
    return [i for i in found if not i.official_name] or found


def reached(session: Session, question: Question) -> bool:
    """Whether a letter about the question finds anybody: somebody with an account for the body, or an address at which it was invited."""
    return question.body_id is not None and (has_officials(session, question.body_id) or bool(addressed(session, question)))


def right(session: Session, letter: Letter, now: datetime) -> Right:
    """What the link gives now. Raises ``LinkOver``, ``AnswersByAccounts``."""
    question, invitation = session.get(Question, letter.question_id), session.get(Invitation, letter.invitation_id)
    contact = session.get(Contact, letter.contact_id)
    if question is None or invitation is None or contact is None or not _stands(invitation, question, contact):
        raise LinkOver()
    today = local_date(now, question.room.event.city.timezone)
    if question.state != State.FOR_WRITING or question.due_on is None or today > question.due_on or handed_over_by(session, question) != letter.step_id:
        raise LinkOver()
    if has_officials(session, invitation.body_id):
        raise AnswersByAccounts()
    return Right(question, invitation, contact, Office(contact_id=contact.id, question_id=question.id))


def _stands(invitation: Invitation, question: Question, contact: Contact) -> bool:
    """The invitation is of this body to this discussion, not withdrawn, and its letter goes to this address."""
    same = (invitation.event_id, invitation.body_id, invitation.contact_id) == (question.room.event_id, question.body_id, contact.id)
    return same and invitation.state != InvitationState.WITHDRAWN and invitation.body.active


def handed_over_by(session: Session, question: Question) -> int | None:
    """The last step that handed it over: older letters about it give no right."""
    return session.scalar(select(func.max(RoomStep.id)).where(RoomStep.question_id == question.id, RoomStep.kind == "hand_over"))


def hold(session: Session, letter: Letter, now: datetime, *, text: str) -> HeldAnswer:
    """Keep an answer aside; a letter with a button goes to the address. Raises what ``right`` and ``service.checked_answer`` do, and
    ``office_letters_sent`` after ``MOST_LETTERS``."""
    words = service.checked_answer(text)
    given = right(session, letter, now)
    lock_row(session, given.invitation)  # who sends many at the same moment waits here, and is counted
    sent = select(func.count()).select_from(HeldAnswer).where(
        HeldAnswer.question_id == given.question.id, HeldAnswer.contact_id == given.contact.id, HeldAnswer.at > now - DAY)
    if (session.scalar(sent) or 0) >= MOST_LETTERS:
        raise InputRefused("text", "office_letters_sent", limit=MOST_LETTERS)
    held = HeldAnswer(question_id=given.question.id, invitation_id=given.invitation.id, contact_id=given.contact.id, step_id=letter.step_id,
                      text=words, at=now)
    session.add(held)
    session.flush()
    enqueue(session, "question_held", f"question_held:{held.id}", {"held_id": held.id}, now)
    return held


def waits(session: Session, letter: Letter, now: datetime) -> datetime | None:
    """When the newest answer that waits for the button was written; None when none does."""
    return session.scalar(select(func.max(HeldAnswer.at)).where(
        HeldAnswer.question_id == letter.question_id, HeldAnswer.contact_id == letter.contact_id, HeldAnswer.at > now - HELD_LIVES))


def letter_of(held: HeldAnswer) -> Letter:
    """The letter through whose link it came."""
    return Letter(held.question_id, held.invitation_id, held.contact_id, held.step_id)


def confirm(session: Session, held: HeldAnswer, now: datetime, *, text: str) -> RoomStep:
    """The button was pressed: the answer is public. text: as it came, or what the address puts in its place.

    Raises ``HeldAnswerUsed`` and what ``right`` and ``service.checked_answer`` do."""
    service.take(session, session.get_one(Question, held.question_id), now)  # who presses at the same moment waits here
    session.refresh(held, with_for_update=True)
    if held.taken_at is not None:
        raise HeldAnswerUsed()
    given = right(session, letter_of(held), now)
    step = service.answer_in_writing(session, given.question, given.office, now, text=text, through=given.invitation.number)
    held.taken_at = now
    return step


def forget(session: Session, now: datetime) -> None:
    """Answers that nobody confirmed go; what was confirmed is public."""
    for held in session.scalars(select(HeldAnswer).where(HeldAnswer.at < now - 2 * HELD_LIVES).limit(200)):
        session.delete(held)
