"""What an official does inside the body: assign, note, templates of answers. None of it changes the state."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Membership, User
from civic.bodies.models import Body, Category
from civic.complaints import rules
from civic.complaints.models import AnswerTemplate, Complaint, ComplaintEvent, Note
from civic.complaints.naming import is_secret
from civic.complaints.service import MAX_TEXT
from civic.complaints.states import TRANSITIONS
from civic.complaints.terms import refusal
from civic.core.actor import Actor
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean
from civic.core.working_days import WorkCalendar

#: Fields that an answer template may hold, and what fills them.
FIELDS: dict[str, Callable[[Complaint], str]] = {
    "number": lambda c: c.number,
    "address": lambda c: c.address,
    "name": lambda c: c.applicant.name,
}
_FIELD = re.compile(r"\{([^{}]*)\}")
#: How an answer addresses somebody who does not show the name.
UNNAMED = {"kk": "арыз иесі", "ru": "заявитель", "en": "applicant"}

def steps_now(complaint: Complaint, category: Category, actor: Actor, today: date, calendar: WorkCalendar) -> list[str]:
    """The steps that ``actor`` may take today: those of the table whose term and procedure, too, allow it."""
    return [name for name in TRANSITIONS.possible(actor, complaint) if refusal(name, complaint, category, today, calendar) is None]


def assign(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, user_id: int | None) -> None:
    """Give it to one colleague of the body, or to nobody. The step stays inside the body."""
    if not rules.is_official(actor, complaint):
        raise NotAllowed(action="assign")
    if complaint.assignee_id == user_id:
        return
    if user_id is not None and not _works_in(session, user_id, complaint.body_id):
        raise InputRefused("user_id", "not_a_colleague")
    give_to(session, complaint, actor, now, user_id=user_id, role="head" if rules.is_head(actor, complaint) else "official")


def give_to(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, user_id: int | None, role: str) -> None:
    """Write that it is this colleague's now, or nobody's. role: what ``actor`` is to the body; who may is checked by the caller."""
    complaint.assignee_id, complaint.updated_at = user_id, now
    session.add(ComplaintEvent(
        complaint_id=complaint.id, kind="assigned", at=now, role=role,
        user_id=actor.user_id, body_id=complaint.body_id, from_state=complaint.state, to_state=complaint.state,
        from_body_id=complaint.body_id, to_body_id=complaint.body_id, due_before=complaint.due_on,
        due_after=complaint.due_on, facts={"user_id": user_id}, public=False,
    ))
    session.flush()


def add_note(session: Session, complaint: Complaint, actor: Actor, now: datetime, *, text: str) -> Note:
    """An internal note."""
    if not rules.is_official(actor, complaint) or actor.user_id is None:
        raise NotAllowed(action="note")
    words = clean(text)
    if not words:
        raise InputRefused("text", "note_missing")
    if len(words) > MAX_TEXT:
        raise InputRefused("text", "text_too_long", limit=MAX_TEXT, length=len(words))
    note = Note(complaint_id=complaint.id, body_id=complaint.body_id, user_id=actor.user_id, at=now, text=words)
    session.add(note)
    session.flush()
    return note


def notes(session: Session, complaint: Complaint, actor: Actor) -> list[Note]:
    """Notes of the actor's own bodies only, oldest first: a forwarded complaint does not carry another body's notes."""
    query = select(Note).where(Note.complaint_id == complaint.id, Note.body_id.in_(actor.body_ids))
    return list(session.scalars(query.order_by(Note.id)))


def bodies(session: Session, body_ids: Collection[int]) -> list[Body]:
    """The bodies with these ids, in the order they were added."""
    return list(session.scalars(select(Body).where(Body.id.in_(body_ids)).order_by(Body.id)))


def colleagues(session: Session, body_ids: Collection[int]) -> list[tuple[int, str]]:
    """(account id, name) of everybody who works in one of these bodies now, by name."""
    current = select(Membership.user_id).where(Membership.body_id.in_(body_ids), Membership.ended_at.is_(None))
    query = select(User.id, User.name).where(User.id.in_(current), User.active)
    return [(user_id, name) for user_id, name in session.execute(query.order_by(User.name, User.id))]


def names_of(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """Names of accounts, those of former colleagues too."""
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(user_ids))).all())


def forward_targets(session: Session, city_ids: Collection[int], apart_from: Collection[int]) -> list[Body]:
    """Bodies of these cities in which somebody answers, apart from the given ones."""
    staffed = (select(Membership.body_id).join(User, User.id == Membership.user_id)
               .where(Membership.ended_at.is_(None), Membership.body_id.is_not(None), User.active))
    query = select(Body).where(Body.city_id.in_(city_ids), Body.active, Body.id.in_(staffed), Body.id.not_in(apart_from))
    return list(session.scalars(query.order_by(Body.id)))


def templates(session: Session, body_ids: Collection[int]) -> list[AnswerTemplate]:
    """Templates in use of these bodies and those for everybody."""
    mine = AnswerTemplate.body_id.in_(body_ids) | AnswerTemplate.body_id.is_(None)
    return list(session.scalars(select(AnswerTemplate).where(mine, AnswerTemplate.active).order_by(AnswerTemplate.id)))


def fill_in(template: AnswerTemplate, complaint: Complaint, language: str) -> str:
    """The template's text in the complaint's language (Kazakh when it has no such text), fields filled in. The answer is public: an
    applicant who does not show the name is not named in it."""
    chosen = next((code for code in (language, "kk", *template.text) if template.text.get(code)), "kk")
    fields = FIELDS | ({"name": lambda _: UNNAMED[chosen]} if is_secret(complaint) else {})
    text = _FIELD.sub(lambda m: fields[m[1]](complaint) if m[1] in fields else m[0], template.text.get(chosen, ""))
    return text[:1].upper() + text[1:]


def save_template(session: Session, actor: Actor, template: AnswerTemplate | None, *, body_id: int,
                  title: dict[str, str], text: dict[str, str]) -> AnswerTemplate:
    """Make or change a template of one of the actor's bodies. Titles and texts by language, ``kk`` and ``ru``.

    Raises ``InputRefused`` on ``title_kk``, ``text_ru`` and so on: ``template_empty``, ``template_field_unknown``.
    """
    if not actor.works_for(body_id) or (template is not None and not actor.works_for(template.body_id)):
        raise NotAllowed(action="template")
    for kind, texts in (("title", title), ("text", text)):
        for language, words in texts.items():
            _check_template(f"{kind}_{language}", words)
    template = template or AnswerTemplate()
    template.body_id, template.title, template.text = body_id, _cleaned(title), _cleaned(text)
    session.add(template)
    session.flush()
    return template


def retire_template(session: Session, actor: Actor, template: AnswerTemplate) -> None:
    """Offer it no more."""
    if not actor.works_for(template.body_id):
        raise NotAllowed(action="template")
    template.active = False
    session.flush()


def _check_template(field: str, words: str) -> None:
    if not clean(words):
        raise InputRefused(field, "template_empty")
    if len(words) > MAX_TEXT:
        raise InputRefused(field, "text_too_long", limit=MAX_TEXT, length=len(words))
    unknown = next((name for name in _FIELD.findall(words) if name not in FIELDS), None)
    if unknown is not None:
        raise InputRefused(field, "template_field_unknown", name="{" + unknown + "}")


def _cleaned(texts: dict[str, str]) -> dict[str, str]:
    return {language: clean(words) for language, words in texts.items()}


def _works_in(session: Session, user_id: int, body_id: int) -> bool:
    """Works there, and goes on to until this transaction is over: who ends the post hands over what is given here, too."""
    query = select(Membership.id).where(Membership.user_id == user_id, Membership.body_id == body_id, Membership.ended_at.is_(None))
    return session.scalar(query.limit(1).with_for_update(read=True)) is not None
