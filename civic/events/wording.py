"""What an event says to its reader: words of formats, states and dates, rows of lists, the month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import url_for
from flask_babel import lazy_gettext as _l

from civic.bodies.forms import DIRECTION_WORDS
from civic.core.text import FALLBACK
from civic.events.law import Kept, LawDate
from civic.events.states import Admission, Consent, EventState, Mode, RegistrationState, Right
from civic.web.locale import NAMES, day, language, local_name
from civic.web.speech import LOCALES, gettext, ngettext

FORMAT_WORDS = {
    "debate": _l("Open debate"), "utalk": _l("U:talk"), "round_table": _l("Round table or expert sitting"),
    "conference": _l("Conference"), "pechakucha": _l("PechaKucha Night"), "focus_group": _l("Public focus group"),
}
FORMAT_HINTS = {
    "debate": _l("Everybody may come and ask. At least one official is invited."),
    "utalk": _l("Pupils and students before officials. A parent agrees for a pupil."),
    "round_table": _l("A small circle of experts; you approve who comes."), "conference": _l("Talks and sections, for many."),
    "pechakucha": _l("Twenty pictures of twenty seconds each, many short talks."), "focus_group": _l("Ten people whom you choose and ask."),
}
STATE_WORDS = {
    EventState.DRAFT: _l("Draft"), EventState.ANNOUNCED: _l("Announced"), EventState.LIVE: _l("Going on now"),
    EventState.FINISHED: _l("Over"), EventState.PUBLISHED: _l("Final document published"), EventState.CANCELLED: _l("Cancelled"),
}
STATE_LOOKS = {
    EventState.DRAFT: ("dashed", "muted"), EventState.ANNOUNCED: ("ring", "answered"), EventState.LIVE: ("full", "work"),
    EventState.FINISHED: ("full", "registered"), EventState.PUBLISHED: ("check", "confirmed"), EventState.CANCELLED: ("exclaim", "overdue"),
}
STEP_WORDS = {
    "make": _l("Draft made"), "edit": _l("Changed"), "announce": _l("Announced"), "move": _l("Moved to another time"),
    "start": _l("Began"), "finish": _l("Ended"), "publish": _l("Final document published"), "cancel": _l("Cancelled"),
}
MODE_WORDS = {Mode.ROOM: _l("In a room"), Mode.ONLINE: _l("Online"), Mode.HYBRID: _l("In a room and online")}
ADMISSION_WORDS = {
    Admission.FREE: _l("Anybody comes, without registering"), Admission.OPEN: _l("By registration"),
    Admission.APPROVAL: _l("By registration, which you approve"),
}
CONSENT_WORDS = {
    Consent.NONE: _l("Nothing is recorded"), Consent.RECORDING: _l("People agree to be recorded"),
    Consent.MINORS: _l("People agree to be recorded; a parent agrees for a pupil"),
}
CONSENT_ASKED = {
    Consent.RECORDING: _l("I agree that the meeting is photographed and recorded"),
    Consent.MINORS: _l("I agree that the meeting is photographed and recorded; if I am under 18, a parent agrees"),
}
RIGHT_WORDS = {Right.OWNER: _l("owner: everything"), Right.ORGANISER: _l("organiser: makes events"), Right.DOOR: _l("door: lets people in")}
REGISTRATION_WORDS = {
    RegistrationState.PENDING: _l("Waits for approval"), RegistrationState.WAITING: _l("On the waiting list"),
    RegistrationState.OFFERED: _l("A place is offered"), RegistrationState.REGISTERED: _l("Has a place"),
    RegistrationState.DECLINED: _l("Not approved"), RegistrationState.CANCELLED: _l("Cancelled"), RegistrationState.LAPSED: _l("Did not accept in time"),
}
REGISTRATION_LOOKS = {
    RegistrationState.PENDING: ("ring", "work"), RegistrationState.WAITING: ("ring", "registered"), RegistrationState.OFFERED: ("half", "work"),
    RegistrationState.REGISTERED: ("check", "confirmed"), RegistrationState.DECLINED: ("ring", "overdue"),
    RegistrationState.CANCELLED: ("ring", "muted"), RegistrationState.LAPSED: ("dashed", "muted"),
}
AGENDA_WORDS = {
    "opening": _l("Opening"), "positions": _l("Positions of the sides"), "questions": _l("Questions from the room"),
    "summary": _l("Summary"), "stories": _l("Stories of young people"), "questions_of_pupils": _l("Questions of pupils and students"),
    "reports": _l("Reports"), "discussion": _l("Discussion"), "recommendations": _l("Recommendations"), "registration": _l("Registration of guests"),
    "plenary": _l("Plenary sitting"), "sections": _l("Sittings in groups"), "talks_20x20": _l("Talks, 20 × 20"),
}
SERIES_WORDS = {
    "weekly": _l("every week on this weekday"), "fortnightly": _l("every second week"), "monthly": _l("every month, on this weekday in order"),
    "monthly_last": _l("every month, on the last such weekday"), "quarterly": _l("every quarter, on this weekday in order"),
    "quarterly_last": _l("every quarter, on the last such weekday"),
}
_LAW_WORDS = {
    "announced": _l("Announced %(days)s working days before"), "invited": _l("Authorities invited %(days)s working days before"),
    "document": _l("Final document"), "answers": _l("Answers to recommendations"),
}
_LAW_LOOKS = {Kept.KEPT: ("check", "confirmed"), Kept.LATE: ("exclaim", "overdue"), Kept.MISSED: ("exclaim", "overdue"), Kept.OPEN: ("ring", "muted")}


def date_words(value: date, *, year: bool | None = None) -> str:
    """«Thursday, 3 December»."""
    weekday = format_date(value, "EEEE", locale=LOCALES[language()])
    return f"{weekday[:1].upper()}{weekday[1:]}, {day(value, year=year)}"


def when_words(starts_at: datetime, ends_at: datetime, timezone: str) -> str:
    """«Thursday, 3 December, 18:30–20:30», local time; both dates when it lasts over midnight."""
    zone = ZoneInfo(timezone)
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if first.date() == last.date():
        return f"{date_words(first.date())}, {first:%H:%M}–{last:%H:%M}"
    return f"{date_words(first.date())}, {first:%H:%M} – {date_words(last.date())}, {last:%H:%M}"


def language_words(codes: Iterable[str]) -> str:
    """«қаз, рус»."""
    return ", ".join(NAMES[code][0].lower() for code in codes if code in NAMES)


def shown_language(translated: dict[str, str]) -> str:
    """The language that ``pick`` shows: the reader's, else the next of its order. The reader's for no text at all."""
    return next((code for code in FALLBACK[language()] if translated.get(code)), language())


def access_words(event: Any) -> list[str]:
    """What the venue has for those who need it."""
    told = ((event.wheelchair, gettext("wheelchairs can get in")), (event.hearing_loop, gettext("hearing loop")),
            (event.sign_language, gettext("sign language")))
    return [words for has, words in told if has]


def places_words(event: Any) -> str:
    """«38 places left», «No places left, there is a waiting list»; empty where nobody counts."""
    if event.admission == Admission.FREE:
        return gettext("Free entry")
    if event.capacity is None:
        return ""
    left = max(0, event.capacity - event.taken)
    return ngettext("%(num)d place left", "%(num)d places left", left) if left else gettext("No places left, there is a waiting list")


@dataclass(frozen=True)
class EventRow:
    """One event in a list, ready to be drawn. lang: of the title, where it is not the reader's."""

    code: str
    href: str
    title: str
    lang: str
    kicker: str
    when: str
    when_iso: str
    place: str
    places: str
    icon: str
    tone: str
    state: str
    moved: bool
    thumb: str | None
    day: date
    time: str
    open: bool
    raw: Any


def event_row(row: Any) -> EventRow:
    """A row of ``queries`` ready to be drawn."""
    icon, tone = STATE_LOOKS[EventState(row.state)]
    ahead = row.state in (EventState.ANNOUNCED, EventState.LIVE)
    local = row.starts_at.astimezone(ZoneInfo(row.timezone))
    place = row.venue if row.mode != Mode.ONLINE else str(MODE_WORDS[Mode.ONLINE])
    return EventRow(
        code=row.code, href=url_for("events.page", city=row.city_code, code=row.code), title=local_name(row.title),
        lang=shown_language(row.title), kicker=f"{FORMAT_WORDS[row.format]} · {DIRECTION_WORDS[row.direction]}",
        when=when_words(row.starts_at, row.ends_at, row.timezone), when_iso=row.starts_at.isoformat(), place=place,
        places=places_words(row) if ahead else "", icon=icon, tone=tone, state=str(STATE_WORDS[EventState(row.state)]),
        moved=row.moved_from is not None and row.state == EventState.ANNOUNCED,
        thumb=url_for("media.photo", photo_id=row.photo_id, size="thumb") if row.photo_id else None,
        day=local.date(), time=f"{local:%H:%M}", open=row.state == EventState.ANNOUNCED and row.admission != Admission.FREE, raw=row,
    )


def event_rows(rows: Iterable[Any]) -> list[EventRow]:
    """Rows of a list."""
    return [event_row(row) for row in rows]


@dataclass(frozen=True)
class LawLine:
    """One line of the law's checklist, ready to be drawn. ``note``: when it was done, or until when it is to be."""

    icon: str
    tone: str
    words: str
    note: str
    soon: bool


def law_lines(lines: Iterable[LawDate]) -> list[LawLine]:
    """The checklist in words."""
    return [LawLine(*_LAW_LOOKS[line.kept], str(_LAW_WORDS[line.name]) % {"days": line.days}, _law_note(line), line.soon) for line in lines]


def _law_note(line: LawDate) -> str:
    if line.due is None:
        return gettext("within %(days)s working days of the document", days=line.days)
    if line.done is None:
        return gettext("not done, was due by %(date)s", date=day(line.due)) if line.kept == Kept.MISSED else gettext("by %(date)s", date=day(line.due))
    if line.kept == Kept.LATE:
        return gettext("late: %(done)s, was due by %(date)s", done=day(line.done), date=day(line.due))
    return gettext("done on %(date)s", date=day(line.done))


@dataclass(frozen=True)
class MonthDay:
    """A day of the month's table. ``inside``: of this month."""

    date: date
    words: str
    inside: bool
    today: bool
    rows: Sequence[EventRow]


def month_weeks(first: date, rows: Sequence[EventRow], today: date) -> list[list[MonthDay]]:
    """The weeks of a month, Monday to Sunday, each day with its events."""
    by_day: dict[date, list[EventRow]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    at, weeks = first - timedelta(days=first.weekday()), []
    while at <= first or at.month == first.month:
        week = [at + timedelta(days=n) for n in range(7)]
        weeks.append([MonthDay(d, date_words(d, year=False), d.month == first.month, d == today, by_day.get(d, [])) for d in week])
        at += timedelta(days=7)
    return weeks


def month_words(first: date) -> str:
    """«December 2026», «2026 ж. желтоқсан»: it stands within a line."""
    return format_date(first, "y 'ж'. LLLL" if language() == "kk" else "LLLL y", locale=LOCALES[language()])


def weekday_words() -> list[str]:
    """Short names of Monday to Sunday."""
    monday = date(2024, 1, 1)
    return [format_date(monday + timedelta(days=n), "EEEEEE" if language() == "ru" else "EEE", locale=LOCALES[language()]) for n in range(7)]
