"""The words of letters about promises. Each builder runs in the reader's locale."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints.filing_views import signer
from civic.core.clock import local_date
from civic.following.letters import all_of_mine, ending, told_by
from civic.following.naming import target_name
from civic.notifications.tasks import BUILDERS, Letter
from civic.promises.models import Promise, PromiseStep
from civic.promises.states import ASKED, OPEN, State
from civic.promises.wording import STEP_WORDS, due_words, sentence, state_word
from civic.web.locale import day, local_name


def register() -> None:
    """Make the builder known to the mail job."""
    BUILDERS["promise_step"] = step


def step(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """One step. None when a reminder, or the question about the wording, is pointless by now."""
    done = session.get_one(PromiseStep, facts["step_id"])
    promise = session.get_one(Promise, done.promise_id)
    if done.kind == "remind" and promise.state not in OPEN or done.kind in ("record", "amend") and facts["audience"] == "body" and promise.state not in ASKED:
        return None
    followings = told_by(session, contact, facts.get("following_ids", []))
    if facts["audience"] == "near" and not followings:
        return None
    body = local_name(promise.body.name)
    return Letter(_subject(promise, done, facts["audience"]), "\n\n".join(part for part in (
        gettext("You follow: %(what)s.", what="; ".join(target_name(session, f) for f in followings)) if followings else "",
        f"«{promise.words}»\n{body}, {due_words(promise)}",
        gettext("Promised at the discussion “%(title)s” on %(date)s", title=local_name(promise.event.title), date=day(local_date(promise.event.starts_at, promise.event.city.timezone), year=True)) + ".",
        f"{STEP_WORDS[done.kind]}." + (f"\n«{done.text}»" if done.text else ""), f"{state_word(promise)}. {sentence(promise, body)}",
        _asked(promise, done, facts["audience"]), url_for("promises.page", number=promise.number, _external=True),
        all_of_mine(contact) if followings else "",
    ) if part), ending(contact, followings) if followings else _unfollow(promise, contact) if facts["audience"] == "follower" else None)


def _subject(promise: Promise, done: PromiseStep, audience: str) -> str:
    if audience == "body" and promise.state == State.RECORDED and promise.respond_by and done.kind in ("record", "amend"):
        return gettext("Confirm the wording of a promise by %(date)s: %(number)s", date=day(promise.respond_by), number=promise.number)
    if done.kind == "remind":
        return gettext("A promise comes due on %(date)s: %(number)s", date=day(promise.due_on), number=promise.number)
    return f"{promise.number}: {STEP_WORDS[done.kind]}"


def _asked(promise: Promise, done: PromiseStep, audience: str) -> str:
    """What the reader is asked to do."""
    if audience == "body" and promise.state == State.RECORDED and promise.respond_by:
        return gettext("Was it said so? Confirm or dispute the wording until %(date)s. If you say nothing, it stands as recorded.", date=day(promise.respond_by))
    if audience == "body" and promise.state in (State.PENDING, State.LATE):
        return gettext("When it is kept, report it with a photo or a link.")
    if audience == "organiser" and promise.state == State.DISPUTED and promise.respond_by:
        return gettext("Amend the wording or stand by it until %(date)s.", date=day(promise.respond_by))
    if audience == "organiser" and promise.state == State.CONTESTED and promise.decide_by:
        return gettext("Look at both sides and decide until %(date)s.", date=day(promise.decide_by))
    return gettext("To be told of each further step, follow the promise on its page.") if audience in ("resident", "near") else ""


def _unfollow(promise: Promise, contact: Contact) -> str:
    return url_for("promises.unfollow_by_letter", token=signer("promise-unfollow").dumps([promise.number, contact.id]), _external=True)
