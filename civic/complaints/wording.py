"""What a complaint says to its reader: words, shapes and tones of states, rows of lists, steps of the path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.bodies.directory import Directory
from civic.bodies.models import Body
from civic.complaints.paths import complaint_path, photo_path
from civic.complaints.states import OPEN, AppealKind, Outcome, ReturnGround, State
from civic.core.clock import local_date, utc_now
from civic.core.database import Reader
from civic.core.text import pick
from civic.core.working_days import WorkCalendar
from civic.web.locale import day, local_name, moment
from civic.web.speech import Speech, gettext, ngettext, per_language, speech
from civic.web.term import Strip, term_strip, working_days

STATE_WORDS = {
    State.REGISTERED: _l("Registered"), State.IN_WORK: _l("In work"), State.HEARING: _l("Hearing"),
    State.FORWARDED: _l("Forwarded"), State.EXTENDED: _l("Term extended"), State.ANSWERED: _l("Answered"),
    State.CONFIRMED: _l("Confirmed by the resident"), State.DISPUTED: _l("Resident disagrees"),
    State.REOPENED: _l("Reopened"), State.UNCONFIRMED: _l("Not confirmed by the resident"),
    State.RETURNED: _l("Returned"), State.WITHDRAWN: _l("Withdrawn"), State.DUPLICATE: _l("Duplicate"),
}
#: Shape and colour of each state; the word always stands beside them.
STATE_LOOKS: dict[str, tuple[str, str]] = {
    State.REGISTERED: ("full", "registered"), State.IN_WORK: ("ring", "work"), State.HEARING: ("ring", "work"),
    State.FORWARDED: ("full", "forwarded"), State.EXTENDED: ("ring", "work"), State.ANSWERED: ("full", "answered"),
    State.CONFIRMED: ("check", "confirmed"), State.DISPUTED: ("exclaim", "overdue"), State.REOPENED: ("ring", "work"),
    State.UNCONFIRMED: ("dashed", "muted"), State.RETURNED: ("ring", "overdue"), State.WITHDRAWN: ("ring", "muted"),
    State.DUPLICATE: ("half", "muted"),
}
KIND_WORDS = {
    AppealKind.NOTICE: _l("Notice"), AppealKind.APPLICATION: _l("Application"), AppealKind.COMPLAINT: _l("Complaint against an act or inaction"),
    AppealKind.PROPOSAL: _l("Proposal"), AppealKind.RESPONSE: _l("Response"), AppealKind.REQUEST: _l("Information request"),
}
KIND_HINTS = {
    AppealKind.NOTICE: _l("Something is broken or a body works badly. Answer within 15 working days."),
    AppealKind.APPLICATION: _l("You ask for help with your rights. With a hearing, 15 working days."),
    AppealKind.COMPLAINT: _l("A decision or inaction has violated your rights. 20 working days, cannot be extended."),
    AppealKind.PROPOSAL: _l("You know how to make the city or the law better."),
    AppealKind.RESPONSE: _l("What you think of a policy or a public event."),
    AppealKind.REQUEST: _l("You need information."),
}
OUTCOME_WORDS = {Outcome.RESOLVED: _l("Solved"), Outcome.EXPLAINED: _l("Explained"), Outcome.REFUSED: _l("Refused with reasons")}
GROUND_WORDS = {
    ReturnGround.DEFECTS_NOT_MENDED: _l("Defects were not mended in the time given"),
    ReturnGround.REPEATED: _l("The same appeal was already decided by this body, and there is nothing new in it"),
    ReturnGround.OBSCENE: _l("Obscene or insulting language"),
}
STEP_WORDS = {
    "register": _l("Complaint received"), "accept": _l("Taken into work"), "answer": _l("Answered"), "forward": _l("Forwarded to the competent body"),
    "extend": _l("Term extended"), "hold_hearing": _l("Hearing appointed"), "return": _l("Returned"), "mark_duplicate": _l("Joined with another complaint"),
    "reopen": _l("Reopened"), "confirm": _l("The resident confirmed: solved"), "dispute": _l("The resident disagrees: not solved"),
    "withdraw": _l("Withdrawn by the resident"), "lapse": _l("The resident did not respond"), "information": _l("Information added"),
    "redacted": _l("The author removed personal data"), "covered": _l("Parts of a photo were covered"),
    "assigned": _l("Assigned inside the body"), "recomputed": _l("Due date recomputed after a change in days off"),
}
ROLE_WORDS = {
    "applicant": _l("the resident"), "official": _l("official"), "head": _l("head of the body"), "system": _l("the service"),
    "administrator": _l("administrator"), "moderator": _l("moderator"),
}
#: Kinds of steps that do not move the complaint.
QUIET_STEPS = frozenset({"information", "assigned", "recomputed", "redacted", "covered"})


_state_words = per_language(lambda: {str(state): str(word) for state, word in STATE_WORDS.items()})


def state_word(state: str) -> str:
    """«In work»."""
    word: str = _state_words()[state]
    return word


def is_overdue(state: str, due: date, today: date) -> bool:
    """The body has to act and the term is over: overdue from the next day on."""
    return state in OPEN and today > due


def state_icon(state: str, overdue: bool) -> str:
    """The rhombus of a state."""
    return "exclaim" if overdue else STATE_LOOKS[state][0]


def state_tone(state: str, overdue: bool) -> str:
    """The colour of a state."""
    return "overdue" if overdue else STATE_LOOKS[state][1]


def kind_word(kind: str) -> str:
    """«Notice»."""
    return str(KIND_WORDS[AppealKind(kind)])


_outcome_words = per_language(lambda: {outcome.value: str(word) for outcome, word in OUTCOME_WORDS.items()})


def outcome_word(outcome: str) -> str:
    """«Solved»."""
    return _outcome_words()[outcome]


def ground_word(ground: str) -> str:
    """The ground of a return."""
    return str(GROUND_WORDS[ReturnGround(ground)])


class ListRow(NamedTuple):
    """One complaint in a list, ready to be drawn."""

    number: str
    href: str
    title: str
    place: str
    thumb: str | None
    icon: str
    tone: str
    state_word: str
    term_words: str
    strip: Strip | None
    supporters_words: str
    raw: Any = None
    hidden: bool = False


def title_of(category: dict[str, str], address: str) -> str:
    """«Street lights are out, Ryskulov Street 14»."""
    return f"{local_name(category)}, {address}" if address else local_name(category)


def supporters_words(count: int) -> str:
    """«12 people supported», empty for nobody."""
    return ngettext("%(num)d person supported", "%(num)d people supported", count) if count else ""


def list_row(row: Any, calendar: WorkCalendar, today: date, *, show_body: bool = False, show_city: bool = False) -> ListRow:
    """A row of ``queries`` or ``listing`` ready to be drawn. today: the local date. Its place is told by the district, unless
    by the body or the city."""
    return _list_row(row, calendar, today, speech(), row.body if show_body else row.city if show_city else row.district)


def _list_row(row: Any, calendar: WorkCalendar, today: date, said: Speech, place: dict[str, str] | None) -> ListRow:
    overdue = is_overdue(row.state, row.due_on, today)
    strip, words = None, ""
    if row.state in OPEN:
        strip = term_strip(calendar, row.term_from, row.due_on, today, ended=False, language=said.code)
        words = strip.words
    elif row.answered_at is not None:
        days = working_days(calendar, row.term_from, local_date(row.answered_at, row.timezone))
        words = said.ngettext("answered in %(num)d working day", "answered in %(num)d working days", days)
    category, (icon, tone) = pick(row.category, said.code), STATE_LOOKS[row.state]
    return ListRow(
        row.number, complaint_path(said.code, row.city_code, row.number), f"{category}, {row.address}" if row.address else category,
        pick(place, said.code) if place else "", photo_path(row.photo_id, "thumb") if row.photo_id else None,
        "exclaim" if overdue else icon, "overdue" if overdue else tone,
        said.gettext("Overdue") if overdue else _state_words()[row.state], words, strip, supporters_words(row.supporters), row, bool(row.hidden) and set(row.hidden) != {"redacted"},
    )


def list_rows(rows: Iterable[Any], calendar: WorkCalendar, *, show_body: bool = False, show_city: bool = False) -> list[ListRow]:
    """Rows of a list, each by the local date of its city."""
    now, said, todays = utc_now(), speech(), {}
    made = []
    for row in rows:
        if row.timezone not in todays:
            todays[row.timezone] = local_date(now, row.timezone)
        place = row.body if show_body else row.city if show_city else row.district
        made.append(_list_row(row, calendar, todays[row.timezone], said, place))
    return made


@dataclass(frozen=True)
class ShownPhoto:
    """A photo in a page. cover: for those whose photo it is, the address at which parts of it can be covered."""

    id: str
    thumb: str
    large: str
    alt: str
    caption: str = ""
    medium: str = ""
    waiting: bool = False
    cover: str = ""


def shown_photo(attachment: Any, timezone: str) -> ShownPhoto | None:
    """The photo of an ``Attachment`` or of ``queries.attached``, once processed; None while it is not ready or could not be read."""
    if attachment.photo.state != "ready":
        return None
    before_or_after = {"before": gettext("Before"), "after": gettext("After"), "later": gettext("Added later")}[attachment.moment]
    caption = f"{before_or_after} · {moment(attachment.photo.uploaded_at, timezone)}"
    large, thumb = photo_path(attachment.photo_id, "large"), photo_path(attachment.photo_id, "thumb")
    return ShownPhoto(attachment.photo_id, thumb, large, gettext("Photo: %(what)s", what=caption), caption, large)


@dataclass(frozen=True)
class PathStep:
    """One step of the path, ready to be drawn. marks: of words that were taken out of it."""

    icon: str
    tone: str
    title: str
    when: str
    when_iso: str
    who: str
    text: str | None
    lang: str | None
    note: str
    photos: Sequence[ShownPhoto]
    marks: Any = None


def coverable(step: PathStep, address: str) -> PathStep:
    """The step for those whose photos it has. address: at which they cover parts of them, without the photo's own part."""
    return replace(step, photos=[replace(photo, cover=f"{address}/{photo.id}") for photo in step.photos])


def path_steps(session: Reader, events: Sequence[Any], attachments: Sequence[Any], timezone: str,
               known: Directory | None = None) -> list[PathStep]:
    """Events as steps, in the given order. Names of bodies are those that are ``known``, else they are read once."""
    ids = {i for e in events for i in (e.body_id, e.from_body_id, e.to_body_id, e.facts.get("instead_of")) if i}
    if known is not None:
        names = {i: local_name(known.bodies[i].name) for i in ids}
    else:
        names = {b.id: local_name(b.name) for b in session.scalars(select(Body).where(Body.id.in_(ids)))}
    labels = _step_words()
    return [_path_step(event, attachments, names, timezone, labels) for event in events]


#: By kind the title of a step, and by role who takes it.
_step_words = per_language(lambda: {key: str(word) for key, word in (STEP_WORDS | ROLE_WORDS).items()})


def _path_step(event: Any, attachments: Sequence[Any], names: dict[int, str], timezone: str, labels: dict[str, str]) -> PathStep:
    icon, tone = STATE_LOOKS[event.to_state] if event.kind not in QUIET_STEPS else ("ring", "muted")
    # what came with the complaint stands above the path already
    photos = [p for a in attachments if a.event_id == event.id and a.moment != "before" and (p := shown_photo(a, timezone))]
    who = labels[event.role]
    if event.body_id:
        who = f"{names[event.body_id]}, {who}"
    return PathStep(
        icon=icon, tone=tone, title=labels[event.kind], when=moment(event.at, timezone), when_iso=event.at.isoformat(),
        who=who[:1].upper() + who[1:], text=event.text, lang=event.language, note=_note(event, names),
        photos=photos, marks=event.hidden,
    )


def _note(event: Any, names: dict[int, str]) -> str:
    due = day(event.due_after)
    if event.kind == "register":
        counted = day(date.fromisoformat(event.facts["day"]))
        receiver = gettext("Received by: %(body)s. Counts as registered on: %(day)s. Answer due: %(date)s.",
                           body=names[event.to_body_id], day=counted, date=due)
        if event.facts.get("instead_of"):
            return receiver + " " + gettext("Nobody answers here yet for: %(body)s.", body=names[event.facts["instead_of"]])
        return receiver
    if event.kind == "forward":
        return gettext("%(old)s → %(new)s. The term begins again, answer due: %(date)s.",
                       old=names[event.from_body_id or 0], new=names[event.to_body_id], date=due)
    if event.kind == "dispute":
        return gettext("Now with the head: %(body)s. Answer due: %(date)s.", body=names[event.to_body_id], date=due)
    if event.kind in ("extend", "recomputed"):
        return gettext("Due before: %(old)s, now: %(new)s.", old=day(event.due_before or event.due_after), new=due)
    if event.kind == "hold_hearing":
        return gettext("Hearing: %(date)s. An objection can be made within 2 working days.", date=day(date.fromisoformat(event.facts["on"])))
    if event.kind == "answer":
        days = event.facts["days"]
        return ngettext("%(outcome)s. Answered in %(num)d working day.", "%(outcome)s. Answered in %(num)d working days.",
                        days, outcome=outcome_word(event.facts["outcome"]))
    if event.kind == "return":
        return ground_word(event.facts["ground"]) + "."
    if event.kind == "mark_duplicate":
        return gettext("Goes on as %(number)s.", number=event.facts["number"])
    return ""
