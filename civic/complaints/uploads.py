"""Photos that came with a form: inspected, kept, or refused one by one."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from civic.complaints.filing import MAX_PHOTOS
from civic.core.errors import InputRefused
from civic.media.models import Photo
from civic.media.service import inspect, take_in
from civic.web.errors import message


def chosen(files: Iterable[FileStorage] | None) -> list[FileStorage]:
    """The files that were really chosen: a browser sends one nameless empty file for none."""
    return [f for f in files or () if f.filename]


def keep_photos(session: Session, root: Path, files: Iterable[FileStorage], now: datetime, *, private: bool) -> list[Photo]:
    """Keep all photos of a form. Raises ``InputRefused`` for the first that cannot be taken, and keeps none."""
    wanted = chosen(files)
    if len(wanted) > MAX_PHOTOS:
        raise InputRefused("photos", "too_many_photos", limit=MAX_PHOTOS)
    for file in wanted:
        inspect(file.stream, file.filename or "")
    return [take_in(session, root, file.stream, now, private=private) for file in wanted]


def keep_good_photos(session: Session, root: Path, files: Iterable[FileStorage], room: int, now: datetime,
                     ) -> tuple[list[tuple[Photo, tuple[float, float] | None]], list[str]]:
    """Keep what can be kept, up to ``room`` photos: (photos with their positions, what was refused and why)."""
    kept: list[tuple[Photo, tuple[float, float] | None]] = []
    refused: list[str] = []
    for file in chosen(files):
        try:
            if len(kept) >= room:
                raise InputRefused("photos", "too_many_photos", limit=MAX_PHOTOS)
            position = inspect(file.stream, file.filename or "").position
            kept.append((take_in(session, root, file.stream, now), position))
        except InputRefused as error:
            refused.append(message(error))
    return kept, refused
