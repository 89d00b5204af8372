"""The pages on which one step of a promise is taken: what each is called, what it asks for, and how it is taken."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.promises import recording, rules, service
from civic.promises.forms import AmendForm, StepForm
from civic.promises.models import Promise
from civic.promises.service import Evidence, today_of
from civic.promises.states import TRANSITIONS, UP_TO_ITS_DAY


@dataclass(frozen=True)
class Act:
    """A page on which one thing is done. must: words are needed. evidence: links and photos may come along."""

    title: Any
    hint: Any
    button: Any
    must: bool = True
    evidence: bool = False
    danger: bool = False


ACTS = {
    "confirm": Act(_l("Yes, it was said so"), _l("The wording stands as recorded, and the page says that you confirmed it."), _l("Confirm the wording"), must=False),
    "dispute": Act(_l("It was not said so"), _l("Say what was said. The organiser amends the wording and asks you again, or stands by it; your words stay in public either way."),
                   _l("Dispute the wording"), evidence=True, danger=True),
    "amend": Act(_l("Amend the wording"), _l("The body is asked again. What stood before stays in the path."), _l("Amend the wording")),
    "stand": Act(_l("The wording stands"), _l("Say why, for example what the recording holds. The page will say that the body disputes it."), _l("Stand by the wording")),
    "claim": Act(_l("It is kept"), _l("Show it: a photo or a link is needed. Whoever sees that it is not so may contest it within 10 working days."),
                 _l("Report it as kept"), evidence=True),
    "contest": Act(_l("It is not kept"), _l("Show it: a photo or a link is needed. Your name is not shown. The organiser looks at both and decides."),
                   _l("Contest the report"), evidence=True),
    "find_kept": Act(_l("It is kept"), _l("You have looked at both sides. Say why."), _l("It is kept")),
    "find_broken": Act(_l("It is not kept"), _l("You have looked at both sides. Say why. Up to its day the promise stays open, after it it counts as broken."),
                       _l("It is not kept"), danger=True),
    "take_back": Act(_l("Take the promise back"), _l("It stays in public as taken back, with your reason, and counts so on the page of the body."),
                     _l("Take it back"), danger=True),
    "retract": Act(_l("Recorded in error"), _l("It stays on record with your reason, and counts nowhere."), _l("Recorded in error"), danger=True),
    "state": Act(_l("Add a statement"), _l("Your words, links and photos stand in the path for everybody to see."), _l("Add the statement"), evidence=True),
}
STEPS = f"<any({', '.join(ACTS)}):step>"


def form_for(step: str, promise: Promise) -> StepForm:
    """The form of a step, with what is known."""
    form: StepForm = AmendForm(version=promise.version, words=promise.words, due_on=promise.due_on) if step == "amend" else StepForm(version=promise.version)
    if not ACTS[step].evidence:
        del form.links, form.photos
    return form


def possible(promise: Promise, actor: Actor, now: datetime) -> list[str]:
    """What the actor can do now, in the order of the buttons."""
    over = today_of(promise, now) > promise.due_on
    steps = []
    for name in TRANSITIONS.possible(actor, promise):
        if name == "find_open":
            continue  # one page for both: the day decides which it is
        if name in UP_TO_ITS_DAY and over or name in ("confirm", "dispute") and promise.respond_by and today_of(promise, now) > promise.respond_by:
            continue
        if name == "contest" and promise.contest_until and today_of(promise, now) > promise.contest_until:
            continue
        steps.append(name)
    return steps + (["state"] if rules.may_state(actor, promise) else [])


def take(session: Session, promise: Promise, actor: Actor, now: datetime, step: str, form: Any, with_: Evidence) -> None:
    """Take one step. The promise has been taken by ``service.lock``."""
    if step == "amend":
        recording.amend(session, promise, actor, now, words=form.words.data or "", due_on=form.due_on.data, text=with_.text)
    elif step in ("find_kept", "find_broken"):
        service.decide(session, promise, actor, now, with_, kept=step == "find_kept")
    elif step == "state":
        service.make_statement(session, promise, actor, now, with_)
    else:
        _PLAIN[step](session, promise, actor, now, with_)


_PLAIN: dict[str, Any] = {"confirm": service.confirm, "dispute": service.dispute, "stand": service.stand, "claim": service.claim,
                          "contest": service.contest, "take_back": service.take_back, "retract": service.retract}
