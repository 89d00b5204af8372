"""Blackening parts of a photo, for good: a face, a number plate. The result is a new photo, the files of the old one are deleted.

A photo's address may be kept by browsers for a year, so a changed picture needs another one.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from PIL import Image, ImageDraw
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from civic.core.database import Base, lock_row
from civic.core.errors import InputRefused
from civic.jobs.models import Outbox
from civic.jobs.service import enqueue
from civic.media.models import Photo
from civic.media.service import Encoded, path_of, write_sizes

#: Left, top, width, height, each in per cent of the picture.
Box = tuple[float, float, float, float]
MOST = 12
SMALLEST = 0.5
#: States of a photo that has its place on a page: shown, hidden by a moderator, or soon to be shown with parts covered.
IN_PLACE = ("ready", "hidden", "covering")


def order(session: Session, photo: Photo, boxes: Sequence[Box], now: datetime) -> None:
    """Take the photo off at once and order the covering. Raises ``InputRefused`` on ``boxes``: ``boxes_missing``, ``box_outside``,
    ``photo_not_shown``."""
    check(boxes)
    lock_row(session, photo)  # a moderator may hide it at the same moment
    if photo.state != "ready":
        raise InputRefused("boxes", "photo_not_shown")
    photo.state = "covering"
    enqueue(session, "cover_photo", _order_key(photo), {"photo_id": photo.id, "new_id": token_hex(16), "boxes": [list(box) for box in boxes]}, now)


def _order_key(photo: Photo) -> str:
    return f"cover_photo:{photo.id}"


def state_when_put_back(session: Session, photo: Photo) -> str:
    """What a hidden photo becomes when it is put back: a covering that was ordered before is never undone by that."""
    return "covering" if session.scalar(select(exists().where(Outbox.key == _order_key(photo)))) else "ready"


def check(boxes: Sequence[Box]) -> None:
    """See ``order``."""
    if not 0 < len(boxes) <= MOST:
        raise InputRefused("boxes", "boxes_missing", limit=MOST)
    for left, top, width, height in boxes:
        inside = min(left, top) >= 0 and left + width <= 100.5 and top + height <= 100.5
        if not (all(map(math.isfinite, (left, top, width, height))) and inside and min(width, height) >= SMALLEST):
            raise InputRefused("boxes", "box_outside")


def cover(root: Path, photo_id: str, new_id: str, boxes: Sequence[Box]) -> Encoded:
    """Draw every size of the new photo from the largest of the old one. Touches no database."""
    with Image.open(path_of(root, photo_id, "large"), formats=("JPEG",)) as image:
        picture = image.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for left, top, width, height in boxes:
        x, y = left * picture.width / 100, top * picture.height / 100
        draw.rectangle((math.floor(x), math.floor(y), math.ceil(x + width * picture.width / 100), math.ceil(y + height * picture.height / 100)), fill="black")
    return write_sizes(root, new_id, picture)


def replace(session: Session, photo: Photo, new_id: str, encoded: Encoded) -> bool:
    """Put the new photo in the place of the old one, wherever that is referred to, and forget the old one. False when nothing referred to
    it any more: then there is no new photo either. What a moderator has hidden meanwhile stays hidden."""
    lock_row(session, photo)
    session.add(Photo(id=new_id, state=photo.state if photo.state == "hidden" else encoded.state, private=photo.private, width=encoded.width, height=encoded.height, uploaded_at=photo.uploaded_at))
    session.flush()
    moved = 0
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is Photo.__table__.c.id:
                moved += session.connection().execute(update(table).where(key.parent == photo.id).values({key.parent: new_id})).rowcount
    session.expire_all()
    session.delete(photo)
    if not moved:
        session.delete(session.get_one(Photo, new_id))
    session.flush()
    return bool(moved)
