"""What the desk and the link of a letter share: which steps are possible, their forms, and how one is taken."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.accounts.queries import officials
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.errors import InputRefused
from civic.events.states import EventState
from civic.invitations import rules, service
from civic.invitations.forms import DateWishForm, DelegateForm, VersionForm, WordsForm
from civic.invitations.models import Invitation
from civic.invitations.service import Said
from civic.invitations.states import ANSWERS, RECORDED, TRANSITIONS


@dataclass(frozen=True)
class Act:
    """A page on which one thing is done. words: what the field of the words is called, ``must`` they be there."""

    title: Any
    hint: Any
    button: Any
    words: Any
    must: bool = False
    danger: bool = False


ACTS = {
    "accept": Act(_l("We will come"), _l("It is shown on the page of the discussion at once. It may be changed until the discussion begins."),
                  _l("Accept the invitation"), _l("A word to the organiser")),
    "decline": Act(_l("We will not come"), _l("The reason is quoted in public, beside the name of the body."), _l("Decline with this reason"),
                   _l("The reason"), must=True, danger=True),
    "delegate": Act(_l("Somebody comes instead"), _l("The delegate gets a letter and confirms. The post is shown in public, the name and the address are not."),
                    _l("Send this delegate"), _l("A word to the delegate and the organiser")),
    "ask_date": Act(_l("Ask for another date"), _l("The organiser moves the discussion or says why the date stays. Your reason is shown in public."),
                    _l("Ask for another date"), _l("Why this date does not suit"), must=True),
    "delegate_confirm": Act(_l("I will come as the delegate"), _l("It is shown on the page of the discussion."), _l("Confirm"), _l("A word to the organiser")),
    "delegate_refuse": Act(_l("I will not come"), _l("The invitation is open again, and those who named you are told."), _l("Refuse"),
                           _l("Why, if you wish to say it"), danger=True),
    "contest": Act(_l("It was not so"), _l("Say what happened. Your words are shown in public; the organiser may correct the record."),
                   _l("Contest the record"), _l("What happened"), must=True),
}
FORMS: dict[str, type[WordsForm]] = {"delegate": DelegateForm, "ask_date": DateWishForm}
STEPS = f"<any({', '.join(ACTS)}):step>"


def possible(invitation: Invitation, actor: Actor, now: datetime) -> list[str]:
    """What the actor can do now with the invitation, in the order of the buttons."""
    event, steps = invitation.event, []
    if now < event.starts_at and event.state != EventState.CANCELLED and invitation.body.active:
        steps = [n for n in TRANSITIONS.possible(actor, invitation) if n in ANSWERS]
    if can_contest(invitation, actor, now):
        steps.append("contest")
    return steps


def can_contest(invitation: Invitation, actor: Actor, now: datetime) -> bool:
    """The record may be contested now."""
    until = invitation.contest_until
    return (invitation.state in RECORDED and until is not None and local_date(now, invitation.event.city.timezone) <= until
            and invitation.contested_at is None and rules.may_contest(actor, invitation))


def form_for(session: Session, step: str, invitation: Invitation, actor: Actor) -> WordsForm:
    """The form of a step, with the lists to choose from."""
    form = FORMS.get(step, WordsForm)(version=invitation.version)
    form.text.label.text = ACTS[step].words
    if isinstance(form, DelegateForm):
        form.offer(_colleagues(session, invitation, actor))
    return form


def _colleagues(session: Session, invitation: Invitation, actor: Actor) -> list[tuple[int, str]]:
    if not rules.may_send_colleague(actor, invitation):
        return []
    return [(u.id, u.name or u.email) for u in officials(session, invitation.body_id) if u.id != actor.user_id]


def said(form: VersionForm) -> dict[str, Any]:
    """What was typed, as plain values that can be kept."""
    values = {name: field.data for name, field in form._fields.items() if name in ("text", "name", "post", "email", "colleague")}
    wished = form.wished.data if "wished" in form._fields else None
    return values | {"wished": wished.isoformat() if wished else None}


def take(session: Session, invitation: Invitation, actor: Actor, now: datetime, step: str, typed: dict[str, Any]) -> None:
    """Take the step with what was typed."""
    if step == "contest":
        service.contest(session, invitation, actor, now, text=typed.get("text") or "")
        return
    wished = date.fromisoformat(typed["wished"]) if typed.get("wished") else None
    colleague = _colleague(session, invitation, typed.get("colleague"))
    service.ANSWER_STEPS[step](session, invitation, actor, now, Said(
        typed.get("text") or "", wished, typed.get("name") or "", typed.get("post") or "", typed.get("email") or "", colleague))


def _colleague(session: Session, invitation: Invitation, user_id: int | None) -> Contact | None:
    """The contact of a colleague in the body. Raises ``InputRefused`` for anybody else."""
    if not user_id:
        return None
    found = next((u for u in officials(session, invitation.body_id) if u.id == user_id), None)
    if not isinstance(found, User) or found.contact is None:
        raise InputRefused("colleague", "not_a_colleague")
    return found.contact
