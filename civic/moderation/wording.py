"""What moderation says: tombstones, reasons, parts, acts and lines of the public log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from civic.core.clock import local_date
from civic.core.text import pick
from civic.moderation import signs
from civic.moderation.codex import CODEX, Reason
from civic.moderation.models import Case
from civic.moderation.sign_words import sign_word
from civic.moderation.states import State
from civic.moderation.subjects import Part
from civic.web.locale import day, language, long_moment, moment
from civic.web.speech import gettext, ngettext

KIND_WORDS: dict[str, Any] = {"complaint": _l("Complaint"), "event": _l("Discussion"), "organisation": _l("Organisation"),
                              "question": _l("Question"), "promise": _l("Promise"), "invitation": _l("Invitation"), "minutes": _l("Minutes of the discussion"), "talk": _l("Talk"),
                              "transcript": _l("Transcript"), "programme": _l("Programme")}
PART_WORDS: dict[str, Any] = {
    "text": _l("Text"), "name": _l("Author’s name"), "address": _l("Address"), "photo": _l("Photo"), "step": _l("Words of a step"), "title": _l("Title"),
    "document": _l("Final document"), "agenda": _l("Agenda and speakers"), "about": _l("About the organisation"), "answer": _l("Answer"), "links": _l("Links"),
    "version": _l("Text of a version"), "material": _l("Material"), "presenter": _l("Name of the presenter"), "slide": _l("Slide"),
    "line": _l("Line"), "pseudonym": _l("Pseudonym, age band and place"), "part": _l("Part of the programme"),
    "person": _l("Person"), "advice": _l("Recommendation"), "place": _l("Place"), "moderator": _l("Moderator"), "stream": _l("Stream"), "poll": _l("Poll"), "caption": _l("Caption of a photo"), "strike": _l("A request to strike a speaker"), "words": _l("From the organiser"),
    "official": _l("Name and post of the invited"), "post": _l("Post of the delegate"), "delegate": _l("Post of the delegate"), "reason": _l("Words of a step"),
}
STATE_WORDS: dict[State, Any] = {
    State.OPEN: _l("Waits for a decision"), State.LEFT: _l("Left as it is"), State.HIDDEN: _l("Hidden"), State.APPEALED: _l("Hidden, the author has appealed"),
    State.UPHELD: _l("Hidden, a second moderator agreed"), State.RESTORED: _l("Restored after an appeal"),
}
#: Shape and colour of a state, as everywhere.
STATE_LOOKS: dict[State, tuple[str, str]] = {
    State.OPEN: ("ring", "work"), State.LEFT: ("check", "confirmed"), State.HIDDEN: ("full", "registered"), State.APPEALED: ("exclaim", "overdue"),
    State.UPHELD: ("full", "registered"), State.RESTORED: ("check", "confirmed"),
}
ACT_WORDS: dict[str, Any] = {
    "flag": _l("Somebody flagged it"), "sign": _l("A rule found signs of trouble"), "leave": _l("Left as it is"), "hide": _l("Hidden"),
    "cover": _l("Parts of a photo were covered"), "appeal": _l("The author has appealed"), "uphold": _l("A second moderator agreed"), "restore": _l("Restored"),
}


def reason_word(code: str | None) -> str:
    """The title of a reason."""
    return pick(CODEX[Reason(code)].title, language()) if code in set(Reason) else ""


def part_word(kind: str) -> str:
    """«Photo»; of ``photo-12`` the same."""
    kind = kind.partition("-")[0]
    return str(PART_WORDS.get(kind, kind))


def words_in(content: Any) -> list[str]:
    """All words of what a hidden part was, as ``Subject.hide`` gave it."""
    if isinstance(content, str):
        return [content] if content else []
    inside = content.values() if isinstance(content, Mapping) else content if isinstance(content, list) else ()
    return [words for one in inside for words in words_in(one)]


def kind_word(kind: str) -> str:
    """«Complaint»."""
    return str(KIND_WORDS.get(kind, kind))


def part_label(part: Part, timezone: str) -> str:
    """«Photo, 24 April, 09:12»; «Slide 3»."""
    if part.label:
        return f"{part_word(part.kind)} {part.label}"
    return f"{part_word(part.kind)}, {moment(part.at, timezone)}" if part.at and part.kind in ("photo", "step", "links", "version", "material", "strike", "post", "poll", "caption") else part_word(part.kind)


@dataclass(frozen=True)
class Tombstone:
    """What stands where something was hidden. entry: its number in the public log, None for what its author removed.

    For its author alone: appeal, the address of the form; waits, that the appeal is made.
    """

    what: str
    words: str
    entry: int | None
    appeal: str = ""
    waits: str = ""


def tombstones(marks: Mapping[str, Any], *kinds: str) -> list[Tombstone]:
    """Of a row's marks, in a fixed order, each said once: of these parts, or kinds of parts, alone, when any are named."""
    chosen = [name for name in marks if not kinds or name in kinds or name.partition("-")[0] in kinds]
    return list(dict.fromkeys(tombstone(name, marks[name]) for name in sorted(chosen)))


def tombstone(name: str, mark: Mapping[str, Any]) -> Tombstone:
    """One of them: the part, the day and the reason."""
    on = day(date.fromisoformat(mark["on"]), year=True)
    if name == "redacted":
        return Tombstone("", gettext("The author removed personal data on %(date)s.", date=on), None)
    if name == "covered":
        return Tombstone("", gettext("Parts of a photo were covered on %(date)s.", date=on), None)
    what = part_word(name)
    return Tombstone(what, gettext("Hidden by a moderator on %(date)s. Reason: %(reason)s.", date=on, reason=reason_word(mark["reason"])), mark["entry"])


@dataclass(frozen=True)
class LogLine:
    """One act of the public log, ready to be drawn."""

    entry: int
    when: str
    when_iso: str
    title: str
    reason: str
    words: str
    document: str
    outcome: str
    raw: Any


def log_lines(rows: Sequence[Any], timezone: str) -> list[LogLine]:
    """Rows of ``queries.log``. A complaint is told by its number; the name of anything else may be what was hidden."""
    return [LogLine(row.case_id, moment(row.at, timezone), row.at.isoformat(),
                    f"{ACT_WORDS[row.kind]}: {kind_word(row.thing)}{f' {row.key}' if row.thing == 'complaint' else ''} ({', '.join(part_word(p) for p in row.parts).lower()})",
                    reason_word(row.reason), row.words, row.document, outcome_words(row.kind, row.state, row.resolved_at, timezone), row) for row in rows]


def outcome_words(act: str, state: str, resolved_at: datetime | None, timezone: str) -> str:
    """What came of an appeal; empty where there is none."""
    if act != "hide" or state not in (State.APPEALED, State.UPHELD, State.RESTORED):
        return ""
    if resolved_at is None:
        return gettext("The author has appealed")
    said = gettext("restored") if state == State.RESTORED else gettext("upheld")
    return gettext("Appeal, %(date)s: %(outcome)s", date=day(local_date(resolved_at, timezone)), outcome=said)


def hours_words(hours: float | None) -> str:
    """«6 hours»; days from two days on."""
    if hours is None:
        return "–"
    if hours >= 48:
        return ngettext("%(num)d day", "%(num)d days", round(hours / 24))
    return ngettext("%(num)d hour", "%(num)d hours", max(1, round(hours)))


@dataclass(frozen=True)
class QueueRow:
    """A case in the queue."""

    id: int
    title: str
    kind: str
    state: str
    icon: str
    tone: str
    signs: list[str]
    flags: int
    reasons: str
    since: str


def queue_row(case: Case, title: str) -> QueueRow:
    """title: of the thing."""
    icon, tone = STATE_LOOKS[case.state]
    reasons = sorted({reason_word(flag.reason) for flag in case.flags})
    return QueueRow(case.id, title, kind_word(case.kind), str(STATE_WORDS[case.state]), icon, tone, [sign_word(s) for s in case.signs.split()],
                    len(case.flags), ", ".join(reasons), moment(case.opened_at))


def marked_pieces(text: str, own_host: str) -> list[tuple[str, str]]:
    """A text cut at the signs of trouble: (text, what was found or nothing)."""
    return [(piece, sign_word(name) if name else "") for piece, name in signs.pieces(text, signs.find(text, own_host=own_host))]


def act_line(act: Any, timezone: str) -> str:
    """One line of a case's history."""
    return f"{long_moment(act.at, timezone)} – {ACT_WORDS[act.kind]}" + (f" ({reason_word(act.reason)})" if act.reason else "")
