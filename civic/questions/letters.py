"""The words of letters about questions."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.core.clock import utc_now
from civic.invitations.letters import Words, in_their_languages
from civic.invitations.models import Invitation
from civic.invitations.wording import whom
from civic.notifications.tasks import BUILDERS, Letter
from civic.questions import offices
from civic.questions.models import HeldAnswer, Question, Room, RoomStep
from civic.questions.states import State
from civic.questions.wording import STEP_WORDS, said, step_note
from civic.web.locale import day, local_name


def register() -> None:
    """Make the builders known to the mail job."""
    BUILDERS.update(question_step=step, question_office=office, question_held=held, room_moderator=room_moderator)


def step(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """One step of a question, for who asked it, or for the body that has to answer. None for a reminder of what was answered meanwhile."""
    taken, asked = session.get_one(RoomStep, facts["step_id"]), session.get_one(Question, facts["asked_id"])
    question = session.get_one(Question, taken.question_id)
    if taken.kind == "remind" and question.state != State.FOR_WRITING:
        return None
    return (_to_body if facts["audience"] == "body" else _to_asker)(taken, question, asked)


def _title(question: Question) -> str:
    return gettext("Discussion: %(title)s", title=local_name(question.room.event.title))


def _to_asker(taken: RoomStep, question: Question, asked: Question) -> Letter:
    answer = question.answer if taken.kind == "answer_in_writing" else None
    public = question if taken.kind != "merge" else asked
    parts = [gettext("Your question: “%(text)s”", text=said(asked.text)), _title(question), f"{STEP_WORDS[taken.kind]}. {step_note(taken)}".strip(),
             local_name(question.body.name) + ":" if answer and question.body else "", f"«{answer}»" if answer else ""]
    if asked.shown_at is not None:
        parts.append(url_for("questions.question", question_id=public.id, _external=True))
    return Letter(gettext("Your question: %(what)s", what=str(STEP_WORDS[taken.kind]).lower()), "\n\n".join(p for p in parts if p))


def _to_body(taken: RoomStep, question: Question, asked: Question) -> Letter:
    due = _due(question)
    return Letter(_subject(due, again=taken.kind == "remind"), "\n\n".join((
        f"«{said(question.text)}»", _title(question),
        gettext("It was put to your body and not answered in the room. Answer in writing by %(date)s; the answer is public, and so is its absence.", date=due),
        url_for("questions_desk.item", question_id=question.id, _external=True))))


def _subject(due: str, *, again: bool) -> str:
    """again: it is a reminder."""
    if again:
        return gettext("Reminder: a question waits for a written answer by %(date)s", date=due)
    return gettext("A question waits for a written answer by %(date)s", date=due)


def office(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """The question that was handed over, for the address of a body without accounts, with the link to answer. None when it gives no right any more."""
    letter = offices.Letter(facts["question_id"], facts["invitation_id"], contact.id, facts["step_id"])
    try:
        given = offices.right(session, letter, utc_now())
    except offices.LinkOver:
        return None
    token = signer("question-answer").dumps([letter.question_id, letter.invitation_id, letter.contact_id, letter.step_id])

    def words(lang: str) -> Words:
        due = _due(given.question)
        return _subject(due, again=facts.get("again", False)), [
            f"«{said(given.question.text)}»", _title(given.question), gettext("Invited: %(who)s", who=whom(given.invitation)),
            gettext("It was put to your body and not answered in the room. Answer in writing by %(date)s; the answer is public, and so is its absence.", date=due),
            gettext("No account is needed: open the page, write the answer, and press the button in the letter that follows. The link is yours alone and works until the answer is public or its term is over."),
            url_for("question_link.page", lang=lang, token=token, _external=True)]

    return in_their_languages(contact, words)


def held(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """Somebody answered through the link: is it the body's answer?"""
    answer = session.get(HeldAnswer, facts["held_id"])
    if answer is None or answer.taken_at is not None:
        return None
    question, invitation = session.get_one(Question, answer.question_id), session.get_one(Invitation, answer.invitation_id)
    token = signer("question-held").dumps(answer.id)

    def words(lang: str) -> Words:
        return f"{gettext('Is this your answer?')} {_title(question)}", [
            f"«{said(question.text)}»",
            gettext("Somebody answered through the link that we sent to this address. In the name of %(body)s it is public only when you press the button on the page below:", body=local_name(invitation.body.name)),
            f"«{answer.text}»", url_for("question_link.confirm", lang=lang, token=token, _external=True),
            gettext("The link works for 3 days, and no longer than until %(date)s. On its page you can also put other words in the place of these. If you do nothing, the answer does not count.", date=_due(question))]

    return in_their_languages(contact, words)


def _due(question: Question) -> str:
    return day(question.due_on, year=True) if question.due_on else ""


def room_moderator(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """The way into the room, for who was named its moderator."""
    event = session.get_one(Room, facts["room_id"]).event
    title = local_name(event.title)
    return Letter(gettext("You moderate the room: %(title)s", title=title), "\n\n".join((
        gettext("The organisers ask you to look after the questions and polls of this discussion: %(title)s. Sign in and open the page:", title=title),
        url_for("room_desk.page", code=event.code, _external=True))))
