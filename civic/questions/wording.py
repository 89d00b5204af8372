"""What a question says to its reader: words, shapes and tones of states and steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from civic.complaints.wording import PathStep
from civic.core.clock import local_date
from civic.moderation.codex import HIDDEN_TITLE
from civic.questions.models import Poll, Question, RoomStep
from civic.questions.queries import Asked, Record
from civic.questions.states import HiddenReason, NameShown, PollState, State
from civic.web.locale import day, language, local_name, moment
from civic.web.speech import gettext, ngettext

STATE_WORDS = {
    State.WAITING: _l("Waits for the moderator"), State.SHOWN: _l("Not answered yet"), State.FOR_WRITING: _l("Written answer awaited"),
    State.ANSWERED_LIVE: _l("Answered in the room"), State.ANSWERED_IN_WRITING: _l("Answered in writing"), State.NOT_ANSWERED: _l("Not answered"),
    State.HIDDEN: _l("Hidden"), State.MERGED: _l("Joined with another question"),
}
#: Shape and colour; the word always stands beside them.
STATE_LOOKS = {
    State.WAITING: ("ring", "muted"), State.SHOWN: ("ring", "registered"), State.FOR_WRITING: ("full", "work"), State.ANSWERED_LIVE: ("check", "confirmed"),
    State.ANSWERED_IN_WRITING: ("check", "answered"), State.NOT_ANSWERED: ("dashed", "overdue"), State.HIDDEN: ("ring", "muted"), State.MERGED: ("half", "forwarded"),
}
REASON_WORDS = {
    HiddenReason.INSULT: _l("insult"), HiddenReason.PERSONAL: _l("somebody’s personal data"), HiddenReason.OFF_TOPIC: _l("not about this discussion"),
    HiddenReason.ADVERTISING: _l("advertising"), HiddenReason.UNREADABLE: _l("cannot be understood"),
}
NAME_WORDS = {NameShown.NAME: _l("My name"), NameShown.INITIALS: _l("My initials"), NameShown.UNNAMED: _l("No name")}
STEP_WORDS = {
    "ask": _l("Asked"), "show": _l("Shown to everybody"), "hide": _l("Hidden by the moderator"), "unhide": _l("Shown again"), "merge": _l("Joined with another question"),
    "split": _l("Stands by itself again"), "answer_live": _l("Answered in the room"), "set_second": _l("Place in the recording noted"), "reopen": _l("Open again"),
    "hand_over": _l("Handed over for a written answer"), "remind": _l("Reminder"), "answer_in_writing": _l("Answered in writing"), "close": _l("Not answered"), "pin": _l("Put on top"),
    "unpin": _l("No longer on top"), "take_up": _l("Taken up in the room"), "put_back": _l("Put back"),
    "make": _l("The room was made"), "settings": _l("Settings changed"), "name_moderator": _l("A moderator was named"), "end_moderator": _l("A moderator left"),
    "prepare": _l("Poll prepared"), "poll_open": _l("Poll opened"), "poll_close": _l("Poll closed"), "poll_discard": _l("Poll discarded"),
    "set_aside": _l("Votes set aside"), "count_again": _l("Votes counted again"),
}
STEP_LOOKS = {
    "ask": ("full", "registered"), "show": ("full", "registered"), "hide": ("ring", "muted"), "unhide": ("full", "registered"), "merge": ("half", "forwarded"),
    "split": ("half", "forwarded"), "answer_live": ("check", "confirmed"), "hand_over": ("full", "work"), "remind": ("full", "muted"), "answer_in_writing": ("check", "answered"),
    "close": ("dashed", "overdue"), "take_up": ("full", "answered"),
}
ROLE_WORDS = {"participant": _l("the asker"), "moderator": _l("the moderator"), "body": _l("the body"), "system": _l("the service")}
WHY_WORDS = {
    "over": _l("Nobody answered it in the room, and it was handed over to nobody."), "term": _l("The body did not answer in its term."),
    "cancelled": _l("The discussion was called off."),
}
POLL_WORDS = {PollState.PREPARED: _l("Prepared"), PollState.OPEN: _l("Voting is open"), PollState.CLOSED: _l("Closed"), PollState.DISCARDED: _l("Discarded")}


@dataclass(frozen=True)
class Item:
    """One question ready to be drawn; ``as_json`` in ``live`` sends the same to views that are open already."""

    id: int
    state: str
    text: str
    lang: str
    votes: int
    noun: str
    meta: str
    to: str
    by: str
    icon: str
    tone: str
    word: str
    pinned: bool
    answering: bool
    href: str
    asked: str


#: What a page's script copies for a question that comes later, and fills.
BLANK = Item(0, "", "…", "kk", 0, "", "", "", "", "ring", "registered", "", pinned=False, answering=False, href="", asked="")


def item(row: Asked, zone: str) -> Item:
    """«To the department · Aigerim T.», with the word of its state."""
    icon, tone = STATE_LOOKS[row.state]
    return Item(id=row.id, state=row.state, text=said(row.text), lang=row.language if row.text else language(), votes=row.votes, noun=ngettext("vote", "votes", row.votes), meta=meta(row),
                to=addressee(row), by=asker(row), icon=icon, tone=tone, word=state_word(row), pinned=row.pinned, answering=row.answering,
                href=url_for("questions.question", question_id=row.id), asked=moment(row.asked_at, zone))


def said(text: str) -> str:
    """The words of a question, or that a moderator of the city took them off: then there are none."""
    return text or local_name(HIDDEN_TITLE)


def items(rows: Sequence[Asked], zone: str) -> list[Item]:
    """Items of a list."""
    return [item(row, zone) for row in rows]


def addressee(row: Asked) -> str:
    """To whom it is put; empty when to all."""
    return local_name(row.body) if row.body else row.speaker


def asker(row: Asked) -> str:
    """Who asks, as far as it is shown."""
    return row.shown_name or gettext("Unnamed")


def meta(row: Asked) -> str:
    """To whom and by whom, in one line."""
    to = addressee(row)
    parts = [gettext("To: %(who)s", who=to) if to else gettext("To everybody who speaks"), asker(row)]
    return " · ".join(parts)


def state_word(row: Asked) -> str:
    """The state, with what one wants to know of it: where in the recording, by when, why."""
    if row.state == State.ANSWERED_LIVE and row.second is not None:
        return gettext("Answered at %(time)s of the recording", time=clock_time(row.second))
    if row.state == State.FOR_WRITING and row.due_on:
        return gettext("Written answer due: %(date)s", date=day(row.due_on))
    if row.state == State.ANSWERED_IN_WRITING and row.late:
        return gettext("Answered in writing, late")
    if row.state == State.HIDDEN and row.hidden_reason:
        return gettext("Hidden: %(why)s", why=REASON_WORDS[row.hidden_reason])
    return gettext("Being answered now") if row.answering else str(STATE_WORDS[row.state])


def clock_time(seconds: int) -> str:
    """«00:41:20»."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def path_steps(steps: Sequence[RoomStep], zone: str) -> list[PathStep]:
    """The history as the path of rhombi; which questions were put on top is for the room alone. The answer stands beside it."""
    return [_path_step(step, zone) for step in steps if step.kind in STEP_LOOKS]


def _path_step(step: RoomStep, zone: str) -> PathStep:
    icon, tone = STEP_LOOKS[step.kind]
    who = str(ROLE_WORDS[step.role])
    return PathStep(icon=icon, tone=tone, title=str(STEP_WORDS[step.kind]), when=moment(step.at, zone), when_iso=step.at.isoformat(),
                    who=who[:1].upper() + who[1:], text=None, lang=None, note=step_note(step), photos=())


def step_note(step: RoomStep) -> str:
    """What else is public of a step."""
    facts: dict[str, Any] = step.facts
    words = []
    if facts.get("reason"):
        words.append(gettext("Reason: %(why)s.", why=REASON_WORDS[HiddenReason(facts["reason"])]))
    if facts.get("second") is not None:
        words.append(gettext("At %(time)s of the recording.", time=clock_time(facts["second"])))
    if facts.get("due"):
        words.append(gettext("Answer due: %(date)s", date=day(date.fromisoformat(facts["due"]))) + ".")
    if facts.get("late"):
        words.append(gettext("After the term."))
    if facts.get("invitation"):
        words.append(gettext("Through the letter to the address of invitation %(number)s.", number=facts["invitation"]))
    if facts.get("why"):
        words.append(str(WHY_WORDS[facts["why"]]))
    if facts.get("devices"):
        words.append(ngettext("%(num)d device.", "%(num)d devices.", facts["devices"]))
    return " ".join(words)


def record_parts(record: Record) -> list[tuple[str, str, str, int]]:
    """Shape, tone, word and number of what became of a body's questions; what did not happen is left out."""
    parts = (("check", "confirmed", gettext("answered in the room"), record.live), ("check", "answered", gettext("in writing, on time"), record.on_time),
             ("exclaim", "work", gettext("in writing, late"), record.late), ("dashed", "overdue", gettext("not answered"), record.not_answered),
             ("full", "work", gettext("answer awaited"), record.waiting))
    return [part for part in parts if part[3]]


def poll_results(poll: Poll) -> list[tuple[str, int, int]]:
    """Each option with its votes and its percent of the ballots."""
    return [(option.text, option.votes, round(100 * option.votes / poll.ballots) if poll.ballots else 0) for option in poll.options]


def overdue(question: Question, today: date) -> bool:
    """The written answer is not there and its day has passed."""
    return question.due_on is not None and question.answered_at is None and question.due_on < today


def local_today(question: Question, now: Any) -> date:
    """Today, where the discussion is."""
    return local_date(now, question.room.event.city.timezone)
