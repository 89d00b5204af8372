"""The words of letters about invitations. To somebody without an account they are in Kazakh and in Russian."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.core.clock import utc_now
from civic.invitations.models import HeldAnswer, Invitation, InvitationEvent
from civic.invitations.pdf import letter_pdf
from civic.invitations.queries import shown
from civic.invitations.tasks import ASKS
from civic.invitations.wording import STEP_WORDS, fate_word, whom
from civic.notifications.tasks import BUILDERS, Attached, Letter
from civic.web.locale import LOCALES, day, local_name, long_moment

Words = tuple[str, list[str]]


def register() -> None:
    """Make the builders known to the mail job."""
    BUILDERS.update(invitation_step=step, invitation_held=held, invitation_called_off=called_off)


def link(invitation: Invitation, contact: Contact, letter: str, lang: str) -> str:
    """The personal link of one letter."""
    return url_for("invitation_link.page", lang=lang, token=signer("invitation").dumps([invitation.id, contact.id, letter]), _external=True)


def public_address(invitation: Invitation, lang: str = "kk") -> str:
    """The page of the QR code: what became of it, without any right to answer."""
    return url_for("invitations.page", lang=lang, number=invitation.number, _external=True)


def _languages(contact: Contact) -> tuple[str, ...]:
    return (contact.locale,) if contact.user_id is not None else ("kk", "ru")


def in_their_languages(contact: Contact, words: Callable[[str], Words], attachments: tuple[Attached, ...] = ()) -> Letter:
    """A letter to somebody invited: with an account in their language, else in Kazakh and in Russian. words: subject and paragraphs in one."""
    subjects, texts = [], []
    for lang in _languages(contact):
        with force_locale(LOCALES[lang]):
            subject, paragraphs = words(lang)
        subjects.append(subject)
        texts.append("\n\n".join(p for p in paragraphs if p))
    return Letter(" / ".join(subjects), "\n\n* * *\n\n".join(texts), attachments=attachments)


def step(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """One step, for the invited, the delegate or the organisers. What came later makes some letters pointless."""
    event, audience = session.get_one(InvitationEvent, facts["step_id"]), facts["audience"]
    invitation = session.get_one(Invitation, event.invitation_id)
    asks = event.kind in ASKS or (event.kind == "remind")
    if asks and audience == "invited" and invitation.state == "withdrawn" or audience == "delegate" and event.kind != "withdraw" \
            and invitation.delegate_contact_id != contact.id:
        return None
    pdf: tuple[Attached, ...] = ()
    if (audience == "invited" and event.kind in ASKS) or (audience == "delegate" and event.kind == "delegate"):
        pdf = (Attached(f"{invitation.number}.pdf", "application/pdf", letter_pdf(invitation, public_address(invitation))),)
    return in_their_languages(contact, lambda lang: _WORDS[audience](session, invitation, event, contact, lang), pdf)


def _title(invitation: Invitation) -> str:
    return local_name(invitation.event.title)


def _facts(invitation: Invitation) -> str:
    event = invitation.event
    place = ", ".join(p for p in (event.venue, event.address) if p) or event.stream_url
    return "\n".join((gettext("Number: %(number)s", number=invitation.number),
                      gettext("Invited: %(who)s", who=whom(invitation)),
                      gettext("Discussion: %(title)s", title=_title(invitation)),
                      gettext("When: %(when)s", when=long_moment(event.starts_at, event.city.timezone)),
                      gettext("Where: %(place)s", place=place)))


def _to_invited(session: Session, invitation: Invitation, event: InvitationEvent, contact: Contact, lang: str) -> Words:
    number, address = invitation.number, link(invitation, contact, str(event.id), lang)
    change = gettext("The answer may be changed until the discussion begins. If it was not you, open the page and answer.")
    if event.kind in ASKS or event.kind == "remind":
        subject = gettext("Invitation %(number)s: %(title)s", number=number, title=_title(invitation))
        why = "" if event.kind == "invite" else str(STEP_WORDS[event.kind]) + "."
        due = gettext("Answer by %(date)s: accept, decline with a reason, send a delegate or ask for another date. Whether and what you answered is shown in public.",
                      date=day(invitation.due_on, year=True))
        return subject, [why, f"«{event.text}»" if event.text else "", _facts(invitation), invitation.words, due,
                         gettext("No account is needed: open the page and press a button. The link is yours alone."), address]
    if event.kind == "withdraw":
        return gettext("Withdrawn: invitation %(number)s", number=number), [
            gettext("The organiser withdrew the invitation. No answer is needed."), f"«{event.text}»" if event.text else "", _facts(invitation)]
    if event.kind.startswith("record_"):
        until = day(date.fromisoformat(event.facts["until"]), year=True)
        return gettext("Recorded by the organiser: %(what)s, invitation %(number)s", what=STEP_WORDS[event.kind], number=number), [
            _facts(invitation), gettext("If it is not so, contest it until %(date)s: what you write is shown in public.", date=until), address]
    said = f"«{event.text}»" if event.text else ""
    return gettext("Your answer is on the record: %(number)s", number=number), [
        f"{STEP_WORDS[event.kind]}.", said, _facts(invitation), change, address]


def _to_delegate(session: Session, invitation: Invitation, event: InvitationEvent, contact: Contact, lang: str) -> Words:
    if event.kind == "withdraw":
        return gettext("Withdrawn: invitation %(number)s", number=invitation.number), [
            gettext("The organiser withdrew the invitation. No answer is needed."), _facts(invitation)]
    return gettext("You are named as a delegate: %(title)s", title=_title(invitation)), [
        gettext("Hello, %(name)s!", name=invitation.delegate_name),
        gettext("%(body)s sends you to this discussion in its place. Say whether you will come.", body=local_name(invitation.body.name)),
        _facts(invitation), invitation.words, f"«{event.text}»" if event.text else "", gettext("The link is yours alone."),
        link(invitation, contact, str(event.id), lang)]


def _to_organiser(session: Session, invitation: Invitation, event: InvitationEvent, contact: Contact, lang: str) -> Words:
    subject = f"{local_name(invitation.body.name)}: {str(STEP_WORDS[event.kind]).lower()}"
    wished = gettext("Wished date: %(date)s.", date=day(date.fromisoformat(event.facts["wished"]))) if event.facts.get("wished") else ""
    return subject, [_facts(invitation), f"«{event.text}»" if event.text else "", wished,
                     fate_word(shown(session, invitation.id, utc_now())) + ".",
                     url_for("invitations_organiser.manage", lang=lang, code=invitation.event.code, _external=True)]


_WORDS = {"invited": _to_invited, "delegate": _to_delegate, "organiser": _to_organiser}


def held(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """An answer came through a link that another browser used before: does it count?"""
    answer = session.get(HeldAnswer, facts["held_id"])
    if answer is None or answer.taken_at is not None:
        return None
    invitation = session.get_one(Invitation, answer.invitation_id)

    def words(lang: str) -> Words:
        address = url_for("invitation_link.confirm", lang=lang, token=signer("invitation-held").dumps(answer.id), _external=True)
        return gettext("Is this your answer? Invitation %(number)s", number=invitation.number), [
            gettext("Somebody answered through a link of yours on another device: “%(what)s”. It counts only when you press the button on this page.",
                    what=STEP_WORDS[answer.step]),
            f"«{answer.said['text']}»" if answer.said.get("text") else "", _facts(invitation), address,
            gettext("The link works for 3 days. If it was not you, do nothing: then the answer does not count.")]

    return in_their_languages(contact, words)


def called_off(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """The event does not take place."""
    invitation = session.get_one(Invitation, facts["invitation_id"])
    return in_their_languages(contact, lambda lang: (gettext("Called off: %(title)s", title=_title(invitation)), [
        gettext("The discussion that you were invited to does not take place. No answer is needed."), _facts(invitation)]))
