"""The words of letters about moderation. They never repeat what was hidden."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.moderation.codex import CODEX, Reason
from civic.moderation.models import Case, CaseAct
from civic.moderation.wording import kind_word, part_word, reason_word
from civic.notifications.tasks import BUILDERS, Letter
from civic.places.models import City
from civic.web.locale import local_name


def register() -> None:
    """Make the builders known to the mail job."""
    BUILDERS.update(moderation_decided=decided, moderation_appeal=appealed)


def decided(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To the author: hidden and why, or what the second moderator said."""
    act = session.get_one(CaseAct, facts["act_id"])
    case = session.get_one(Case, act.case_id)
    city = session.get_one(City, case.city_id)
    what = f"{kind_word(case.kind)} {case.key}: {', '.join(part_word(p) for p in act.parts).lower()}"
    log = f"{gettext('Entry %(number)s of the log', number=case.id)}: {url_for('moderation.entry', city=city.code, entry_id=case.id, _external=True)}"
    if act.kind == "hide":
        reason = Reason(act.reason or "")
        return _letter(gettext("A moderator has hidden a part of what you wrote: %(number)s", number=case.key), [
            what, gettext("Reason: %(reason)s", reason=reason_word(reason)) + "\n" + local_name(CODEX[reason].text),
            gettext("Document: %(number)s", number=act.document) if act.document else "", act.words,
            gettext("Everything else stays as it was: the number, the path, the term of the answer."),
            gettext("If you do not agree, appeal. Another moderator will look at it, not the same one:"), _appeal_link(case, contact),
            gettext("The rules: %(address)s", address=url_for("moderation.codex", _external=True)), log])
    subject = gettext("Your appeal was granted: %(number)s", number=case.key) if act.kind == "restore" \
        else gettext("Your appeal was not granted: %(number)s", number=case.key)
    done = gettext("What was hidden stands on the page again.") if act.kind == "restore" else gettext("It stays hidden.")
    return _letter(subject, [what, done, f"«{act.words}»", log])


def _appeal_link(case: Case, contact: Contact) -> str:
    return url_for("moderation.appeal_by_letter", token=signer("moderation-appeal").dumps([case.id, contact.id]), _external=True)


def appealed(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """To those who may resolve the appeal."""
    case = session.get_one(Case, session.get_one(CaseAct, facts["act_id"]).case_id)
    if case.state != "appealed":
        return None
    return _letter(gettext("An appeal waits for you: %(number)s", number=case.key), [
        gettext("The author does not agree that a part was hidden. You look at it as the second one."),
        gettext("Reason: %(reason)s", reason=reason_word(case.reason)), url_for("moderation_desk.case", case_id=case.id, _external=True)])


def _letter(subject: str, paragraphs: list[str]) -> Letter:
    return Letter(subject, "\n\n".join(p for p in paragraphs if p))
