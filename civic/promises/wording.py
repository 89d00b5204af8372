"""What a promise says to its reader: words, shapes and tones of states, sentences, rows of lists, steps of the path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from civic.bodies.directory import Directory
from civic.complaints.paths import photo_path
from civic.complaints.wording import PathStep, ShownPhoto, coverable
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.minutes.recording import clock
from civic.promises import rules
from civic.promises.models import Promise
from civic.promises.queries import Figures
from civic.promises.states import BROKEN_AFTER, CONTEST_DAYS, WORDING_DAYS, State, Wording
from civic.web.locale import day, language, local_name, moment
from civic.web.speech import gettext, ngettext

STATE_WORDS = {
    State.RECORDED: _l("The body is asked about the wording"), State.DISPUTED: _l("The body disputes the wording"), State.PENDING: _l("Pending"),
    State.LATE: _l("Late"), State.CLAIMED: _l("Reported as kept"), State.CONTESTED: _l("Report contested"), State.KEPT: _l("Kept"),
    State.BROKEN: _l("Broken"), State.TAKEN_BACK: _l("Taken back"), State.IN_ERROR: _l("Recorded in error"),
}
KEPT_LATE, KEPT_IN_TIME = _l("Kept late"), _l("Kept in time")
#: Shape and colour of each state; the word always stands beside them.
STATE_LOOKS = {
    State.RECORDED: ("ring", "registered"), State.DISPUTED: ("ring", "work"), State.PENDING: ("full", "registered"), State.LATE: ("exclaim", "overdue"),
    State.CLAIMED: ("full", "answered"), State.CONTESTED: ("exclaim", "work"), State.KEPT: ("check", "confirmed"), State.BROKEN: ("exclaim", "overdue"),
    State.TAKEN_BACK: ("ring", "overdue"), State.IN_ERROR: ("dashed", "muted"),
}
WORDING_WORDS = {
    Wording.ASKED: _l("The body has until %(date)s to confirm or dispute the wording."), Wording.CONFIRMED: _l("The body has confirmed the wording."),
    Wording.DISPUTED: _l("The body disputes this wording; the organiser stands by it. Both stand in the path."),
    Wording.UNANSWERED: _l("It stands as recorded: the body said nothing of the wording in %(days)s working days."),
}
SENTENCES = {
    State.RECORDED: _l("%(body)s is asked whether it was said so."), State.DISPUTED: _l("%(body)s says that it was not said so. The organiser amends the wording or stands by it until %(respond)s; without a word it stands."),
    State.PENDING: _l("%(body)s has promised it, and its day is to come."), State.LATE: _l("%(date)s has passed, and %(body)s has not reported it as kept."),
    State.CLAIMED: _l("%(body)s says that it is kept. Whoever sees that it is not can contest it until %(until)s."),
    State.CONTESTED: _l("%(body)s says that it is kept, and somebody says that it is not. The organiser looks at both until %(decide)s."),
    State.KEPT: _l("%(body)s has kept its promise."), State.BROKEN: _l("%(body)s has not kept its promise."),
    State.TAKEN_BACK: _l("%(body)s has taken its promise back before its day."), State.IN_ERROR: _l("The organiser recorded it in error. It counts nowhere."),
}
STEP_WORDS = {
    "record": _l("Put on record"), "confirm": _l("The body confirms the wording"), "dispute": _l("The body disputes the wording"),
    "silence": _l("The body said nothing of the wording: it stands as recorded"), "amend": _l("The wording was amended"),
    "stand": _l("The wording stands, though the body disputes it"), "claim": _l("The body reports: kept"), "contest": _l("Contested: not kept"),
    "find_kept": _l("The organiser finds: kept"), "find_broken": _l("The organiser finds: not kept"), "find_open": _l("The organiser finds: not kept yet"),
    "settle": _l("The report stands: kept"), "overdue": _l("Its day has passed without a report"), "lapse": _l("Counts as broken"),
    "take_back": _l("The body takes it back"), "retract": _l("Recorded in error, says the organiser"), "state": _l("Statement"), "remind": _l("Reminder"),
}
#: Of steps that look otherwise than the state they lead to.
STEP_LOOKS = {"record": ("full", "registered"), "confirm": ("check", "answered"), "silence": ("dashed", "muted"), "state": ("ring", "muted"),
              "remind": ("full", "muted"), "contest": ("exclaim", "overdue"), "stand": ("full", "work")}
ROLE_WORDS = {"organiser": _l("the organiser"), "body": _l("the body"), "resident": _l("a resident"), "system": _l("the service")}


@dataclass(frozen=True)
class Row:
    """One promise in a list, ready to be drawn."""

    number: str
    href: str
    words: str
    lang: str
    body: str
    who: str
    icon: str
    tone: str
    state: str
    due: str
    event: str
    event_on: str
    note: str
    raw: Any


def rows(chosen: Iterable[Any], known: Directory) -> list[Row]:
    """Rows of ``queries`` ready to be drawn."""
    return [_row(row, known) for row in chosen]


def _row(row: Any, known: Directory) -> Row:
    icon, tone = STATE_LOOKS[State(row.state)]
    body = local_name(known.bodies[row.body_id].name)
    who = f"{body}, {row.official_post}" if getattr(row, "official_post", "") else body
    return Row(row.number, promise_path(row.number), row.words, row.language, body, who, icon, tone, state_word(row), due_words(row),
               local_name(row.title), day(local_date(row.starts_at, known.cities[row.city_id].timezone), year=True), _note(row), row)


def promise_path(number: str) -> str:
    """``promises.page``, without the cost of ``url_for``."""
    return f"/{language()}/promises/{number}"


def state_word(promise: Any) -> str:
    """«Pending»; a kept one says whether in time."""
    if promise.state == State.KEPT:
        return str(KEPT_LATE if promise.claimed_on and promise.claimed_on > promise.due_on else KEPT_IN_TIME)
    return str(STATE_WORDS[State(promise.state)])


def due_words(promise: Any) -> str:
    """«By 22 May»."""
    return gettext("by %(date)s", date=day(promise.due_on, year=True))


def _note(row: Any) -> str:
    """What of the wording has to be known beside the words."""
    return {Wording.UNANSWERED: gettext("as recorded: the body said nothing"), Wording.DISPUTED: gettext("the body disputes the wording"),
            }.get(Wording(row.wording), "")


def sentence(promise: Any, body: str) -> str:
    """Where it stands, in one sentence. promise: with all its dates."""
    facts = {"body": body, "date": day(promise.due_on), "until": _day(promise.contest_until), "decide": _day(promise.decide_by),
             "respond": _day(promise.respond_by)}
    return str(SENTENCES[State(promise.state)]) % facts


def _day(value: date | None) -> str:
    return day(value) if value else ""


def wording_words(promise: Any) -> str:
    """What the body said of the words."""
    if promise.state in (State.DISPUTED, State.IN_ERROR) or promise.wording == Wording.ASKED and promise.respond_by is None:
        return ""
    return str(WORDING_WORDS[Wording(promise.wording)]) % {"date": _day(promise.respond_by), "days": WORDING_DAYS}


def rule_lines() -> list[str]:
    """The rules, as the page states them."""
    return [
        ngettext("The body confirms or disputes the wording within %(num)d working day; if it says nothing, the promise stands as recorded.",
                 "The body confirms or disputes the wording within %(num)d working days; if it says nothing, the promise stands as recorded.", WORDING_DAYS),
        gettext("A disputed wording is amended, and the body is asked again; or it stands, and the page says that the body disputes it."),
        ngettext("When the body reports it as kept, with a photo or a link, anybody may contest that within %(num)d working day. Nobody does: it counts as kept.",
                 "When the body reports it as kept, with a photo or a link, anybody may contest that within %(num)d working days. Nobody does: it counts as kept.", CONTEST_DAYS),
        ngettext("A contested report is decided by the organiser within %(num)d more working day; without a decision it counts as kept, and what was said against it stays.",
                 "A contested report is decided by the organiser within %(num)d more working days; without a decision it counts as kept, and what was said against it stays.", CONTEST_DAYS),
        ngettext("Its day has passed without a report: late. %(num)d day later: broken. A report after that makes it kept late.",
                 "Its day has passed without a report: late. %(num)d days later: broken. A report after that makes it kept late.", BROKEN_AFTER),
        gettext("Up to its day the body may take it back, with the reason: that counts as taken back, not as kept."),
    ]


def at_words(second: int | None) -> str:
    """«1:02:05» of the recording."""
    return "" if second is None else clock(second)


def path_steps(steps: Sequence[Any], photos: Sequence[Any], promise: Promise, actor: Actor) -> list[PathStep]:
    """The history as the path of rhombi, in the given order; photos: rows of ``queries.photos``. Whose photos they are can cover them."""
    zone, address = promise.event.city.timezone, f"{promise_path(promise.number)}/cover"
    drawn = ((step, _path_step(step, [p for p in photos if p.step_id == step.id], zone)) for step in steps)
    return [coverable(shown, address) if rules.gave(actor, promise, step) else shown for step, shown in drawn]


def _path_step(step: Any, photos: Sequence[Any], timezone: str) -> PathStep:
    icon, tone = STEP_LOOKS.get(step.kind) or STATE_LOOKS[State(step.to_state)]
    who = str(ROLE_WORDS[step.role])
    return PathStep(icon=icon, tone=tone, title=str(STEP_WORDS[step.kind]), when=moment(step.at, timezone), when_iso=step.at.isoformat(),
                    who=who[:1].upper() + who[1:], text=step.text, lang=step.language, note=_step_note(step.facts, step.links),
                    photos=[_photo(p, timezone) for p in photos if p.state == "ready"], marks=step.hidden)


def _photo(row: Any, timezone: str) -> ShownPhoto:
    large = photo_path(row.photo_id, "large")
    return ShownPhoto(row.photo_id, photo_path(row.photo_id, "thumb"), large, gettext("Photo: %(what)s", what=moment(row.uploaded_at, timezone)), medium=large)


def _step_note(facts: dict[str, Any], links: Sequence[str]) -> Markup:
    words: list[str] = []
    if facts.get("before"):
        words.append(gettext("Before it was: «%(words)s», by %(date)s.", words=facts["before"], date=day(date.fromisoformat(facts["due_before"]), year=True)))
    if facts.get("until"):
        words.append(gettext("Until %(date)s.", date=day(date.fromisoformat(facts["until"]))))
    if facts.get("days"):
        words.append(ngettext("%(num)d day before its day.", "%(num)d days before its day.", facts["days"]))
    given = [Markup('<a href="{0}" rel="nofollow noopener ugc">{0}</a>').format(link) for link in links]
    return Markup(" ").join([*words, Markup("<br>").join(given)])


def figure_rows(figures: Figures) -> list[tuple[int, str, str]]:
    """Number, name and tone of how promises ended; each name stands behind its number."""
    return [
        (figures.kept_in_time, gettext("kept in time"), "confirmed"), (figures.kept_late, gettext("kept late"), "work"),
        (figures.broken, gettext("broken"), "overdue"), (figures.taken_back, gettext("taken back"), "overdue"),
        (figures.open, gettext("not ended yet"), ""), (figures.overdue, gettext("of them late"), "overdue"),
    ]
