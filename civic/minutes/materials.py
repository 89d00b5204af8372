"""Materials of an event: photos, PDFs and links, each with a title in one language."""

import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import LANGUAGES, clean
from civic.events import rules
from civic.events.inputs import is_web_address
from civic.events.models import Event
from civic.events.service import lock
from civic.jobs.service import enqueue
from civic.media.models import Photo
from civic.media.pdf import PdfRefused, count_pages, publishable
from civic.media.service import delete_files
from civic.minutes.models import Kind, MinutesMaterial
from civic.minutes.service import look_at_material, may_write

MOST = 60
MAX_BYTES = 50 * 1024 * 1024
MOST_PAGES = 400


def words_problems(title: str, language: str) -> Iterator[InputRefused]:
    """``material_title_missing``, ``title_too_long``, ``language_missing``."""
    if not clean(title):
        yield InputRefused("title", "material_title_missing")
    elif len(clean(title)) > 200:
        yield InputRefused("title", "title_too_long", limit=200)
    if language not in LANGUAGES:
        yield InputRefused("language", "language_missing")


def add(session: Session, event: Event, actor: Actor, now: datetime, *, title: str, language: str, photo: Photo | None = None,
        file: tuple[str, int] | None = None, url: str = "") -> MinutesMaterial:
    """Add one. photo: kept by ``media``. file: key and bytes of a PDF, as ``take_pdf`` gave them.

    Raises ``NotAllowed``, ``minutes_too_early``, ``too_many_materials``, ``material_missing``, ``material_link_wrong``, those of ``words_problems``.
    """
    if not rules.may_organise(actor, event):
        raise NotAllowed(action="minutes")
    if not may_write(event):
        raise InputRefused("title", "minutes_too_early")
    for problem in words_problems(title, language):
        raise problem
    lock(session, event)  # two at once stay within the limit
    if (session.scalar(select(func.count()).where(MinutesMaterial.event_id == event.id)) or 0) >= MOST:
        raise InputRefused("title", "too_many_materials", limit=MOST)
    made = MinutesMaterial(event_id=event.id, kind=Kind.LINK, title=clean(title), language=language, added_at=now, added_by_id=actor.user_id)
    if file is not None:
        made.kind, made.state, (made.file_key, made.size) = Kind.FILE, "pending", file
    elif photo is not None:
        made.kind, made.photo_id = Kind.PHOTO, photo.id
    elif not clean(url):
        raise InputRefused("url", "material_missing")
    elif not is_web_address(clean(url)) or len(clean(url)) > 500:
        raise InputRefused("url", "material_link_wrong")
    else:
        made.url = clean(url)
    session.add(made)
    session.flush()
    if made.kind == Kind.FILE:
        enqueue(session, "material_pdf", f"material_pdf:{made.file_key}", {"material_id": made.id}, now)
    else:
        look_at_material(session, event.id, made.id, now)
    return made


def take_pdf(root: Path, stream: IO[bytes]) -> tuple[str, int]:
    """Keep a PDF on disk, synced: its key and its bytes. What it holds is looked at by the job.

    Raises ``material_not_pdf``, ``material_pdf_too_big`` on field ``file``.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise InputRefused("file", "material_not_pdf")
    if size > MAX_BYTES:
        raise InputRefused("file", "material_pdf_too_big", megabytes=MAX_BYTES // 1024 // 1024)
    if stream.read(5) != b"%PDF-":
        raise InputRefused("file", "material_not_pdf")
    stream.seek(0)
    key = secrets.token_hex(16)
    path = incoming_of(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        while chunk := stream.read(1 << 20):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return key, size


def incoming_of(root: Path, key: str) -> Path:
    """Where a PDF waits until it was looked at."""
    return root / "incoming" / key


def file_of(root: Path, key: str) -> Path:
    """Where a good one lies."""
    return root / "files" / key[:2] / f"{key}.pdf"


def look_at(root: Path, key: str) -> tuple[str, int]:
    """Count the pages of a PDF that waits, and put what may be published of a good one where it is served from: (what is wrong with it or
    nothing, pages)."""
    waiting, target = incoming_of(root, key), file_of(root, key)
    if not waiting.exists() and target.exists():  # done before, and not written down
        waiting = target
    clean = waiting.with_suffix(".clean")
    try:
        pages = count_pages(waiting)
        if pages <= MOST_PAGES:
            publishable(waiting, clean)
    except PdfRefused as error:
        clean.unlink(missing_ok=True)
        waiting.unlink(missing_ok=True)
        return error.code, 0
    if pages > MOST_PAGES:
        waiting.unlink(missing_ok=True)
        return "pdf_too_many_pages", pages
    target.parent.mkdir(parents=True, exist_ok=True)
    clean.replace(target)
    incoming_of(root, key).unlink(missing_ok=True)
    return "", pages


def remove(session: Session, event: Event, actor: Actor, now: datetime, material_id: int | None) -> bool:
    """Take one off the list; its file goes after the commit. False when there is none. Raises ``NotAllowed``."""
    if not rules.may_organise(actor, event):
        raise NotAllowed(action="minutes")
    row = session.get(MinutesMaterial, material_id) if material_id else None
    if row is None or row.event_id != event.id:
        return False
    enqueue(session, "material_forget", f"material_forget:{row.id}", {"photo_id": row.photo_id, "file_key": row.file_key}, now)
    session.delete(row)
    session.flush()
    return True


def forget(session: Session, root: Path, photo_id: str | None, file_key: str) -> None:
    """Delete what no material shows any more."""
    if photo_id and (photo := session.get(Photo, photo_id)) is not None:
        session.delete(photo)
        delete_files(root, photo_id)
    if file_key:
        incoming_of(root, file_key).unlink(missing_ok=True)
        file_of(root, file_key).unlink(missing_ok=True)
