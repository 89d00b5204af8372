"""Writing talks and slides. Who may is checked by the pages: an organiser of the event, or whoever holds the presenter's link."""

import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.core.database import lock_row
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, clean
from civic.events.models import Event
from civic.events.service import lock
from civic.jobs.service import enqueue
from civic.media.models import Photo
from civic.media.service import SIZES, delete_files, path_of
from civic.moderation.looking import look_for_signs
from civic.stage.models import Slide, Talk
from civic.stage.pdf import SLIDES
from civic.stage.queries import talks_of

MOST_TALKS = 20
MAX_NAME = 120
MAX_TITLE = 200
MAX_PDF = 50 * 1024 * 1024


def add_talk(session: Session, event: Event, now: datetime, *, presenter: str, title: str, language: str) -> Talk:
    """Put a talk at the evening's end. Raises ``presenter_missing``, ``talk_title_missing``, ``title_too_long``, ``too_many_talks``."""
    name, words = clean(presenter), clean(title)
    for field, value, code, limit in (("presenter", name, "presenter_missing", MAX_NAME), ("title", words, "talk_title_missing", MAX_TITLE)):
        if not value:
            raise InputRefused(field, code)
        if len(value) > limit:
            raise InputRefused(field, "title_too_long", limit=limit)
    lock(session, event)  # two at once stay within the limit, each in a place of its own
    there = session.scalar(select(func.count()).select_from(Talk).where(Talk.event_id == event.id)) or 0
    if there >= MOST_TALKS:
        raise InputRefused("presenter", "too_many_talks", limit=MOST_TALKS)
    talk = Talk(event_id=event.id, position=there, presenter=name, title=words, language=language if language in LANGUAGES else "kk",
                token=secrets.token_urlsafe(32), pdf="", problem="", pages=0, created_at=now)
    session.add(talk)
    session.flush()
    if event.announced_at is not None:
        _look_at(session, event, talk, now)
    return talk


def look_at_talks(session: Session, event: Event, now: datetime) -> None:
    """The evening has been announced: have the rules look for signs of trouble in talks that were on its list before."""
    for talk in talks_of(session, event.id):
        _look_at(session, event, talk, now)


def _look_at(session: Session, event: Event, talk: Talk, now: datetime) -> None:
    """Once for each talk: its words never change."""
    look_for_signs(session, "talk", f"{event.code}-{talk.id}", now, once="made")


def move_talk(session: Session, talks: Sequence[Talk], talk: Talk, step: int) -> None:
    """Put a talk one place earlier (-1) or later (1)."""
    order = list(talks)
    place = order.index(talk)
    other = min(max(place + step, 0), len(order) - 1)
    order[place], order[other] = order[other], order[place]
    for position, one in enumerate(order):
        one.position = position
    session.flush()


def remove_talk(session: Session, talks: Sequence[Talk], talk: Talk, now: datetime) -> None:
    """Take a talk out of the evening, with its slides."""
    _forget(session, [s.photo_id for s in talk.slides], now)
    for position, one in enumerate(t for t in talks if t is not talk):
        one.position = position
    session.delete(talk)
    session.flush()


def add_slides(session: Session, talk: Talk, photos: Sequence[Photo]) -> None:
    """Put pictures at the end. Raises ``too_many_slides``."""
    lock_row(session, talk)  # whoever has the link can be there twice
    if len(talk.slides) + len(photos) > SLIDES:
        raise InputRefused("photos", "too_many_slides", limit=SLIDES, there=len(talk.slides))
    talk.slides += [Slide(photo_id=photo.id, position=len(talk.slides) + n) for n, photo in enumerate(photos)]
    talk.problem = ""
    session.flush()


def reorder(session: Session, talk: Talk, wanted: dict[int, float]) -> None:
    """Put slides in the order of the numbers wished for (slide id → number); what has none keeps its own, equals keep their order."""
    lock_row(session, talk)
    ordered = sorted(talk.slides, key=lambda s: (wanted.get(s.id, s.position + 1), s.position))
    for position, slide in enumerate(ordered):
        slide.position = position
    session.flush()
    session.expire(talk, ["slides"])


def remove_slides(session: Session, talk: Talk, ids: set[int], now: datetime) -> None:
    """Take slides out; the others close up."""
    lock_row(session, talk)
    _forget(session, [s.photo_id for s in talk.slides if s.id in ids], now)
    talk.slides = [s for s in talk.slides if s.id not in ids]
    for position, slide in enumerate(talk.slides):
        slide.position = position
    session.flush()


def keep_pdf(session: Session, root: Path, talk: Talk, stream: IO[bytes], size: int, now: datetime) -> None:
    """Keep a PDF until the job has drawn its pages. Raises ``pdf_too_big``, ``pdf_unreadable``."""
    if size > MAX_PDF:
        raise InputRefused("pdf", "pdf_too_big", megabytes=MAX_PDF // 1024 // 1024)
    if b"%PDF-" not in stream.read(1024):
        raise InputRefused("pdf", "pdf_unreadable")
    stream.seek(0)
    name = f"{secrets.token_hex(16)}.pdf"
    incoming = root / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    with (incoming / name).open("wb") as target:
        shutil.copyfileobj(stream, target)
    talk.pdf, talk.problem = name, ""
    session.flush()
    enqueue(session, "talk_pdf", f"talk_pdf:{name}", {"talk_id": talk.id, "pdf": name}, now)


def take_pages(session: Session, root: Path, talk: Talk, pages: Sequence[tuple[Path, Path]], size: tuple[int, int], now: datetime) -> None:
    """Make the drawn pages of a PDF, each a large and a small picture, the talk's slides in place of those before."""
    lock_row(session, talk)
    _forget(session, [s.photo_id for s in talk.slides], now)
    talk.slides = []
    session.flush()
    for position, versions in enumerate(pages):
        photo = Photo(id=secrets.token_hex(16), private=False, uploaded_at=now, state="ready", width=size[0], height=size[1])
        for name, version in zip(SIZES, versions, strict=True):
            target = path_of(root, photo.id, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(version, target)
        session.add(photo)
        session.flush()
        talk.slides.append(Slide(photo_id=photo.id, position=position))
    talk.pdf, talk.problem, talk.pages = "", "", 0
    session.flush()


def forget_photos(session: Session, root: Path, photo_ids: Sequence[str]) -> None:
    """Delete pictures that no slide shows any more, rows and files."""
    session.execute(delete(Photo).where(Photo.id.in_(photo_ids), ~Photo.id.in_(select(Slide.photo_id))))
    for photo_id in photo_ids:
        delete_files(root, photo_id)


def _forget(session: Session, photo_ids: list[str], now: datetime) -> None:
    """Order the deletion of pictures, which happens after the commit."""
    if photo_ids:
        enqueue(session, "slides_forget", f"slides_forget:{photo_ids[0]}", {"photo_ids": photo_ids}, now)
