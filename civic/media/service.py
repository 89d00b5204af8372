"""Taking photos in and making them safe to show.

In the request only the header is read: type by content, pixels, completeness, position. The original waits on disk,
synced, until ``process`` has re-encoded it without metadata; then it is deleted.
"""

import errno
import math
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.errors import InputRefused
from civic.jobs.service import enqueue
from civic.media.models import Photo

pillow_heif.register_heif_opener()

MAX_BYTES = 16 * 1024 * 1024
MAX_PIXELS = 60_000_000
#: A JPEG is decoded small; the others unfold whole in the job's memory, with copies of their decoders': about 260 MB each at these
#: bounds, 360 MB for a HEIC of 50 megapixels, which telephones do make.
MAX_PIXELS_OF = {"JPEG": MAX_PIXELS, "PNG": 50_000_000, "HEIF": 50_000_000, "WEBP": 16_500_000}
MAX_PIXELS_COPIED = 25_000_000  # of a PNG with transparency or a palette, which Pillow copies whole once more
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
SIZES = {"large": 1600, "thumb": 360}
ORPHAN_AGE = timedelta(days=3)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class Inspected:
    """What the header of a picture told: its position in WGS 84 degrees, or None."""

    position: tuple[float, float] | None


def inspect(stream: IO[bytes], filename: str) -> Inspected:
    """Read a picture's header without decoding it.

    Raises ``InputRefused`` on field ``photos``: ``photo_empty``, ``photo_too_big``, ``photo_not_a_picture``,
    ``photo_too_many_pixels``, ``photo_cut_short``.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise InputRefused("photos", "photo_empty", name=filename)
    if size > MAX_BYTES:
        raise InputRefused("photos", "photo_too_big", name=filename, megabytes=MAX_BYTES // 1024 // 1024)
    try:
        with Image.open(stream, formats=FORMATS) as image:
            if image.width * image.height > _most_pixels(image):
                raise InputRefused("photos", "photo_too_many_pixels", name=filename)
            found = Inspected(_position(image))
            kind = image.format
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputRefused("photos", "photo_too_many_pixels", name=filename) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputRefused("photos", "photo_not_a_picture", name=filename) from error
    if not _is_whole(stream, size, kind):
        raise InputRefused("photos", "photo_cut_short", name=filename)
    stream.seek(0)
    return found


def _most_pixels(image: Image.Image) -> int:
    most = MAX_PIXELS_OF[image.format or ""]
    return min(most, MAX_PIXELS_COPIED) if image.format == "PNG" and image.mode not in ("RGB", "L") else most


def _is_whole(stream: IO[bytes], size: int, kind: str | None) -> bool:
    stream.seek(max(0, size - 4096))
    tail = stream.read()
    if kind == "JPEG":
        return b"\xff\xd9" in tail
    if kind == "PNG":
        return b"IEND" in tail
    if kind == "WEBP":
        stream.seek(4)
        return int.from_bytes(stream.read(4), "little") + 8 <= size
    return True  # HEIF keeps its index in front; a cut one is found by the job


def _position(image: Image.Image) -> tuple[float, float] | None:
    if image.format == "PNG" and "exif" not in image.info:
        return None  # Pillow would unfold the whole picture to look behind it: a small file made the request take 227 MB
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps[ExifTags.GPS.GPSLatitudeRef]), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps[ExifTags.GPS.GPSLongitudeRef]), "W")
    except (KeyError, ValueError, TypeError, ZeroDivisionError, IndexError, OSError, SyntaxError):
        return None
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0) else None


def _degrees(parts: tuple[float, float, float], ref: str, negative: str) -> float:
    value = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
    if math.isnan(value):
        raise ValueError("not a number")
    return -value if ref == negative else value


def take_in(session: Session, root: Path, stream: IO[bytes], now: datetime, *, private: bool = True) -> Photo:
    """Keep an inspected original on disk, synced, and order its processing."""
    photo = Photo(id=secrets.token_hex(16), private=private, uploaded_at=now, state="pending")
    incoming = root / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    with (incoming / photo.id).open("wb") as target:
        while chunk := stream.read(1 << 20):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    session.add(photo)
    enqueue(session, "photo", f"photo:{photo.id}", {"photo_id": photo.id}, now)
    return photo


def path_of(root: Path, photo_id: str, size: str) -> Path:
    """Where a processed version lies. ``size``: a key of SIZES."""
    return root / "photos" / photo_id[:2] / f"{photo_id}-{size}.jpg"


def delete_files(root: Path, photo_id: str) -> None:
    """Remove every file of a photo that nothing refers to any more."""
    for path in (root / "incoming" / photo_id, *(path_of(root, photo_id, size) for size in SIZES)):
        path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Encoded:
    """What came of an original: ``ready`` with the pixels of the large version, or ``broken``."""

    state: str
    width: int | None = None
    height: int | None = None


def encode(root: Path, photo_id: str) -> Encoded:
    """Re-encode the original as JPEG in all SIZES, turned upright, without metadata. Touches no database.

    Raises ``OSError`` when the disk failed (not there, unreadable, too many open files): that is no broken picture.
    """
    try:
        with Image.open(root / "incoming" / photo_id, formats=FORMATS) as image:
            image.draft("RGB", (SIZES["large"], SIZES["large"]))
            small = _reduced(image)
            small.getexif()
            upright = ImageOps.exif_transpose(small).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        # Pillow's own OSErrors carry no number; a damaged picture that points before its beginning gives EINVAL
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        return Encoded("broken")
    upright.info.clear()
    return write_sizes(root, photo_id, upright)


def write_sizes(root: Path, photo_id: str, picture: Image.Image) -> Encoded:
    """Write the picture as JPEG in all SIZES."""
    pixels = {}
    for size, edge in SIZES.items():
        version = picture.copy()
        version.thumbnail((edge, edge))
        target = path_of(root, photo_id, size)
        target.parent.mkdir(parents=True, exist_ok=True)
        version.save(target, "JPEG", quality=80, optimize=True, progressive=True)
        pixels[size] = version.size
    return Encoded("ready", *pixels["large"])


def _reduced(image: Image.Image) -> Image.Image:
    """A large picture, made smaller at once by a whole factor: each further step would copy all of it. Stays larger than SIZES."""
    factor = min(image.width, image.height) // SIZES["large"]
    if factor < 2 or image.mode not in ("RGB", "L", "CMYK", "RGBA"):
        return image
    small = image.reduce(factor)
    small.info = image.info
    return small


def settle(session: Session, root: Path, photo_id: str, encoded: Encoded) -> None:
    """Write down what came of it. The original is let go of after the commit: see ``forget_original``."""
    photo = session.get(Photo, photo_id)
    if photo is None:  # its draft was forgotten while it was encoded
        delete_files(root, photo_id)
    elif photo.state == "pending":
        photo.state, photo.width, photo.height = encoded.state, encoded.width, encoded.height


def forget_original(root: Path, photo_id: str) -> None:
    """Remove the original, which nobody needs once its photo is settled and committed."""
    (root / "incoming" / photo_id).unlink(missing_ok=True)


def forget_orphans(session: Session, root: Path, now: datetime) -> int:
    """Remove originals older than ORPHAN_AGE that no pending photo needs: of requests that failed. Returns how many."""
    incoming, before = root / "incoming", (now - ORPHAN_AGE).timestamp()
    if not incoming.is_dir():
        return 0
    with os.scandir(incoming) as entries:
        old = [entry.name for entry in entries if entry.stat().st_mtime < before]
    if not old:
        return 0
    needed = set(session.scalars(select(Photo.id).where(Photo.state == "pending")))
    orphans = [name for name in old if name not in needed]
    for name in orphans:
        forget_original(root, name)
    return len(orphans)
