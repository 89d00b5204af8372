"""What an invitation says to its reader: words, shapes and tones of fates, lines of lists, steps of the path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from civic.complaints.wording import PathStep
from civic.core.clock import local_date
from civic.invitations.fates import Fate
from civic.invitations.models import Invitation, InvitationEvent
from civic.invitations.queries import Invited, Record
from civic.invitations.states import State
from civic.web.locale import day, local_name, moment

FATE_WORDS = {
    Fate.WAITING: _l("Answer awaited"), Fate.SILENT: _l("No reply"), Fate.ACCEPTED: _l("Will come"),
    Fate.DECLINED: _l("Declined with a reason"), Fate.DELEGATE_NAMED: _l("Delegate not confirmed yet"), Fate.DELEGATED: _l("Delegate"),
    Fate.DATE_ASKED: _l("Asks for another date"), Fate.CAME: _l("Came"), Fate.DELEGATE_CAME: _l("Delegate came"),
    Fate.ABSENT: _l("Did not come"), Fate.WITHDRAWN: _l("Withdrawn by the organiser"), Fate.CALLED_OFF: _l("Discussion called off"),
}
#: Shape and colour of each fate; the word always stands beside them.
FATE_LOOKS = {
    Fate.WAITING: ("ring", "muted"), Fate.SILENT: ("dashed", "overdue"), Fate.ACCEPTED: ("check", "confirmed"),
    Fate.DECLINED: ("ring", "work"), Fate.DELEGATE_NAMED: ("half", "muted"), Fate.DELEGATED: ("half", "answered"),
    Fate.DATE_ASKED: ("ring", "forwarded"), Fate.CAME: ("check", "confirmed"), Fate.DELEGATE_CAME: ("half", "answered"),
    Fate.ABSENT: ("exclaim", "overdue"), Fate.WITHDRAWN: ("ring", "muted"), Fate.CALLED_OFF: ("ring", "muted"),
}
#: Order of the figures on a body's page.
FATE_ORDER = (Fate.CAME, Fate.ACCEPTED, Fate.DELEGATE_CAME, Fate.DELEGATED, Fate.DELEGATE_NAMED, Fate.DECLINED, Fate.DATE_ASKED,
              Fate.SILENT, Fate.ABSENT, Fate.WAITING)
STEP_WORDS = {
    "invite": _l("Invited"), "accept": _l("Accepted the invitation"), "decline": _l("Declined, with a reason"),
    "delegate": _l("Named a delegate"), "ask_date": _l("Asked for another date"), "delegate_confirm": _l("The delegate confirmed"),
    "delegate_refuse": _l("The delegate refused: the invitation is open again"), "keep_date": _l("The organiser keeps the date"),
    "ask_again": _l("The discussion was moved: the answer is asked for anew"), "withdraw": _l("The organiser withdrew the invitation"),
    "remind": _l("Reminder"), "record_present": _l("Present"), "record_delegate": _l("The delegate was present"),
    "record_absent": _l("Absent"), "contest": _l("The body contests what was recorded"),
}
STEP_LOOKS = {
    "invite": ("full", "registered"), "accept": ("check", "confirmed"), "decline": ("ring", "work"), "delegate": ("half", "muted"),
    "ask_date": ("ring", "forwarded"), "delegate_confirm": ("half", "answered"), "delegate_refuse": ("ring", "muted"),
    "keep_date": ("full", "registered"), "ask_again": ("full", "forwarded"), "withdraw": ("ring", "muted"), "remind": ("full", "muted"),
    "record_present": ("check", "confirmed"), "record_delegate": ("half", "answered"), "record_absent": ("exclaim", "overdue"),
    "contest": ("exclaim", "work"),
}
ROLE_WORDS = {"organiser": _l("the organiser"), "body": _l("the body"), "invited": _l("the invited official"),
              "delegate": _l("the delegate"), "system": _l("the service")}


#: Marks of what a line of a list would say.
_ON_ROW = frozenset({"official", "reason", "delegate"})


@dataclass(frozen=True)
class Row:
    """One invitation in a list, ready to be drawn. marks: of moderators, for what it does not say."""

    icon: str
    tone: str
    word: str
    body: str
    title: str
    when: str
    due: str
    href: str
    line: str
    quote: str | None
    quote_lang: str | None
    contested: bool
    marks: dict[str, Any]
    raw: Invited


def row(invited: Invited) -> Row:
    """«Invited on 18 November, answered in 1 day», with the reason where one was given."""
    icon, tone = FATE_LOOKS[invited.fate]
    return Row(icon, tone, fate_word(invited), local_name(invited.body), local_name(invited.title),
               moment(invited.starts_at, invited.timezone), day(invited.due_on),
               url_for("invitations.page", number=invited.number), line(invited), invited.reason, invited.reason_language,
               invited.contested, {name: mark for name, mark in invited.hidden.items() if name in _ON_ROW}, invited)


def rows(chosen: Sequence[Invited]) -> list[Row]:
    """Rows of a list."""
    return [row(invited) for invited in chosen]


@dataclass(frozen=True)
class CardLine:
    """One invitation on a card: «Department of roads – will come». fate: begins small, it stands after a dash."""

    icon: str
    tone: str
    body: str
    fate: str


def card_lines(chosen: Sequence[Invited]) -> list[CardLine]:
    """What a card says of the invited; of withdrawn invitations the page tells."""
    words = [(*FATE_LOOKS[i.fate], local_name(i.body), fate_word(i)) for i in chosen if i.fate != Fate.WITHDRAWN]
    return [CardLine(icon, tone, body, fate[:1].lower() + fate[1:]) for icon, tone, body, fate in words]


def fate_word(invited: Invited) -> str:
    """«Will come»; silence says for how long."""
    if invited.fate == Fate.SILENT and invited.silent_days:
        return ngettext("No reply for %(num)d day", "No reply for %(num)d days", invited.silent_days)
    return str(FATE_WORDS[invited.fate])


def line(invited: Invited) -> str:
    """Whom, when, and what came of it, in one line."""
    asked = day(invited.asked_on)
    words = [gettext("Invited on %(date)s: %(who)s", date=asked, who=invited.official_post) if invited.official_post
             else gettext("Invited on %(date)s", date=asked)]
    if invited.answered_at is not None and invited.state in (State.ACCEPTED, State.DECLINED, State.DATE_ASKED):
        days = max(0, (local_date(invited.answered_at, invited.timezone) - invited.asked_on).days)
        words.append(ngettext("answered in %(num)d day", "answered in %(num)d days", days) if days else gettext("answered the same day"))
    if invited.fate in (Fate.DELEGATED, Fate.DELEGATE_CAME) and invited.delegate_post:
        words = [gettext("Instead of the invited: %(post)s, has confirmed", post=invited.delegate_post)]
    if invited.fate == Fate.DELEGATE_NAMED and invited.delegate_post:
        words = [gettext("Instead of the invited: %(post)s, asked to confirm", post=invited.delegate_post)]
    if invited.fate in (Fate.SILENT, Fate.WAITING) and invited.reminders:
        words.append(ngettext("%(num)d reminder", "%(num)d reminders", invited.reminders))
    if invited.fate == Fate.WAITING:
        words.append(gettext("answer due by %(date)s", date=day(invited.due_on)))
    return ", ".join(words)


def record_sentence(record: Record) -> str:
    """«Of 12 invitations: came 6, delegate came 2, declined 2, no reply 1, did not come 1.»"""
    parts = [f"{str(FATE_WORDS[f]).lower()} – {record.counts[f]}" for f in FATE_ORDER if record.counts[f]]
    return ngettext("%(num)d invitation", "%(num)d invitations", record.invited) + (": " + ", ".join(parts) if parts else "")


def legend(record: Record) -> list[tuple[str, str, str]]:
    """Shape, tone and word of the fates that are there."""
    there = {r.fate for r in record.rows}
    return [(*FATE_LOOKS[f], str(FATE_WORDS[f])) for f in (*FATE_ORDER, Fate.WITHDRAWN, Fate.CALLED_OFF) if f in there]


def marks(record: Record) -> list[tuple[str, str, str, str]]:
    """Each invitation of a body in time: shape, tone, address, what it says to those who do not see it."""
    return [(*FATE_LOOKS[r.fate], url_for("invitations.page", number=r.number),
             f"{day(local_date(r.starts_at, r.timezone), year=True)}, {local_name(r.title)}: {fate_word(r)}") for r in record.rows]


def whom(invitation: Invitation) -> str:
    """«Head of the department, Name (Body)» or the body alone."""
    body = local_name(invitation.body.name)
    return f"{invitation.shown_official} ({body})" if invitation.shown_official else body


def path_steps(steps: Sequence[InvitationEvent], timezone: str) -> list[PathStep]:
    """The history as the path of rhombi, in the given order."""
    return [_path_step(step, timezone) for step in steps]


def _path_step(step: InvitationEvent, timezone: str) -> PathStep:
    icon, tone = STEP_LOOKS[step.kind]
    who = str(ROLE_WORDS[step.role])
    return PathStep(icon=icon, tone=tone, title=str(STEP_WORDS[step.kind]), when=moment(step.at, timezone), when_iso=step.at.isoformat(),
                    who=who[:1].upper() + who[1:], text=step.text, lang=step.language, note=_note(step, timezone), photos=(), marks=step.hidden)


def _note(step: InvitationEvent, timezone: str) -> str:
    facts: dict[str, Any] = step.facts
    words = []
    if facts.get("post"):
        words.append(gettext("Delegate: %(post)s.", post=facts["post"]))
    if facts.get("wished"):
        words.append(gettext("Wished date: %(date)s.", date=day(date.fromisoformat(facts["wished"]))))
    if facts.get("before"):
        words.append(gettext("Planned before for: %(when)s.", when=moment(datetime.fromisoformat(facts["before"]), timezone)))
    if facts.get("due"):
        words.append(gettext("Answer due: %(date)s", date=day(date.fromisoformat(facts["due"]))) + ".")
    if facts.get("until"):
        words.append(gettext("The body may contest it until %(date)s.", date=day(date.fromisoformat(facts["until"]))))
    if facts.get("days"):
        words.append(ngettext("%(num)d day before the answer is due.", "%(num)d days before the answer is due.", facts["days"]))
    return " ".join(words)
