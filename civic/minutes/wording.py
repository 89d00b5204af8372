"""What minutes say to a reader: the public page, and the same for the PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.core.text import LANGUAGES
from civic.events.models import Event
from civic.events.page import Advice, Words, advices, place_words, shown
from civic.events.wording import when_words
from civic.minutes import queries
from civic.minutes.differences import Piece, compare
from civic.minutes.materials import MOST_PAGES
from civic.minutes.models import Kind, Minutes, MinutesMaterial, MinutesVersion
from civic.minutes.recording import at_second, chapters_with_links, clock
from civic.minutes.service import MinutesInput, snapshot, snapshot_of
from civic.questions.wording import said
from civic.web.locale import language, local_name, long_moment
from civic.web.speech import gettext, ngettext

FIELD_WORDS = {
    "text_kk": _l("What was said and decided, in Kazakh"), "text_ru": _l("What was said and decided, in Russian"),
    "text_en": _l("What was said and decided, in English"), "recording_url": _l("Address of the recording"),
    "chapters": _l("Chapters of the recording"), "came": _l("How many came, if counted by hand"), "counted_by": _l("Who counted them"),
}
PROBLEM_WORDS = {
    "pdf_too_many_pages": _l("It has %(pages)s pages; at most %(limit)s are possible. Put up a shorter one, or a link."),
    "pdf_locked": _l("It is locked with a password. Put up one without."), "pdf_unreadable": _l("It cannot be read: it is damaged or no PDF."),
}


@dataclass(frozen=True)
class Difference:
    """A field that is saved otherwise than it was typed."""

    label: Any
    saved: str
    typed: str


@dataclass(frozen=True)
class Change:
    """A field that differs between two versions."""

    label: Any
    lang: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Shown:
    """A material as the page shows it."""

    kind: str
    title: str
    lang: str
    href: str
    thumb: str
    note: str


@dataclass(frozen=True)
class Question:
    """A question that was answered in the room. at: the address of that second, empty where there is none."""

    text: str
    lang: str
    href: str
    clock: str
    at: str


@dataclass(frozen=True)
class MinutesView:
    """Everything that the page shows. marks: of the moderators, for the text of this version."""

    event: Event
    version: MinutesVersion
    title: Words
    when: str
    place: str
    organisation: str
    text: Words
    saved: str
    marks: dict[str, Any]
    document: Words
    advices: list[Advice]
    attendance: list[tuple[int, str]]
    counted: str
    recording: str
    chapters: list[tuple[str, str, str]]
    questions: list[Question]
    photos: list[Shown]
    others: list[Shown]


def minutes_view(session: Session, event: Event, minutes: Minutes, version: MinutesVersion, now: datetime) -> MinutesView:
    """The page of one version, the same for every reader of one language. What a moderator hid is not in it."""
    zone, mark = event.city.timezone, (minutes.hidden or {}).get(f"version-{version.number}")
    materials = [material for row in queries.materials(session, event.id) if (material := shown_material(row, event)) is not None]
    url = "" if mark else version.recording_url
    return MinutesView(
        event=event, version=version, title=shown(event.title), when=when_words(event.starts_at, event.ends_at, zone), place=place_words(event),
        organisation=local_name(event.organisation.name), text=shown({} if mark else version.text), saved=long_moment(version.at, zone),
        marks={"version": mark} if mark else {}, document=shown(event.document), advices=advices(session, event, now) if event.published_at else [],
        attendance=attendance_rows(queries.attendance(session, event.id), version),
        counted=gettext("Counted by hand by: %(who)s", who=version.counted_by) if version.counted_by and not mark else "", recording=url,
        chapters=[] if mark else list(chapters_with_links(url, version.chapters)), questions=_questions(session, event, url),
        photos=[m for m in materials if m.thumb], others=[m for m in materials if not m.thumb])


def attendance_rows(there: queries.Attendance, version: MinutesVersion) -> list[tuple[int, str]]:
    """Numbers with their names; those that say nothing are left out."""
    rows = [(there.registered, gettext("signed up to come")), (there.came, gettext("checked in at the door"))]
    if version.came is not None:
        rows.append((version.came, gettext("came, counted by hand")))
    if there.officials_invited:
        rows += [(there.officials_invited, gettext("officials invited")), (there.officials_came, gettext("officials came"))]
    return rows


def _questions(session: Session, event: Event, url: str) -> list[Question]:
    return [Question(said(text), lang, url_for("questions.question", question_id=question_id), clock(second or 0), at_second(url, second or 0))
            for question_id, text, lang, second in queries.answered_live(session, event.id)]


def shown_material(row: MinutesMaterial, event: Event) -> Shown | None:
    """A material on the public page; None while it is not ready, or when it was hidden."""
    if row.hidden or row.state != "ready":
        return None
    if row.kind == Kind.PHOTO:
        if row.photo is None or row.photo.state != "ready":
            return None
        large, thumb = (url_for("media.photo", photo_id=row.photo_id, size=size) for size in ("large", "thumb"))
        return Shown(row.kind, row.title, row.language, large, thumb, "")
    if row.kind == Kind.FILE:
        href = url_for("minutes.file", city=event.city.code, code=event.code, material_id=row.id)
        pages = ngettext("%(num)d page", "%(num)d pages", row.pages or 0)
        return Shown(row.kind, row.title, row.language, href, "", f"PDF, {pages}, {megabytes(row.size or 0)}")
    return Shown(row.kind, row.title, row.language, row.url, "", "")


def megabytes(size: int) -> str:
    """«0.4 MB»."""
    number = f"{max(size, 50_000) / 1_000_000:.1f}"
    return gettext("%(number)s MB", number=number if language() == "en" else number.replace(".", ","))


def state_of(row: MinutesMaterial) -> tuple[str, str, str]:
    """(shape, colour, words) of a material for the organiser."""
    state = row.photo.state if row.photo is not None else row.state
    if row.hidden or state == "hidden":
        return "dashed", "muted", gettext("Hidden by a moderator")
    if state in ("pending", "covering"):
        return "ring", "work", gettext("Being looked at; it will be there in a moment")
    if state == "ready":
        return "check", "confirmed", gettext("On the page")
    problem = PROBLEM_WORDS.get(row.problem, PROBLEM_WORDS["pdf_unreadable"]) if row.kind == Kind.FILE else _l("This picture cannot be read: it is damaged.")
    return "exclaim", "overdue", str(problem) % {"pages": row.pages, "limit": MOST_PAGES} if "%" in str(problem) else str(problem)


def differences(saved: MinutesVersion, typed: MinutesInput) -> list[Difference]:
    """What the other organiser saved, beside what this one typed."""
    there, own = snapshot(saved), snapshot_of(typed)
    return [Difference(FIELD_WORDS[name], there[name] or "–", own[name] or "–") for name in FIELD_WORDS if there[name] != own[name]]


def changes(old: MinutesVersion, new: MinutesVersion) -> list[Change]:
    """What differs between two versions, field by field."""
    before, after = snapshot(old), snapshot(new)
    return [Change(word, name[-2:] if name[-2:] in LANGUAGES else "", compare(before[name], after[name]))
            for name, word in FIELD_WORDS.items() if before[name] != after[name]]


def version_rows(rows: Sequence[Any], minutes: Minutes, timezone: str) -> list[dict[str, Any]]:
    """The list of versions, the newest first; the first one has nothing before it to be compared with."""
    hidden = minutes.hidden or {}
    return [{"number": number, "at": long_moment(at, timezone), "change": "" if f"version-{number}" in hidden else change, "hidden": f"version-{number}" in hidden,
             "compared": number > (minutes.public_from or 1) and not {f"version-{number}", f"version-{number - 1}"} & hidden.keys()}
            for number, at, change in rows]
