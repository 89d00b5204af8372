"""Photos: what is taken, what is refused, and that nothing hidden in them is shown."""

import errno
import io
import os
import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.database import begin_write
from civic.core.errors import InputRefused
from civic.media.models import Photo
from civic.media.service import MAX_BYTES, Encoded, encode, forget_orphans, inspect, path_of, take_in

SECRET = b"A telephone"


def made(kind: str = "JPEG", size: tuple[int, int] = (320, 240), gps: dict[int, Any] | None = None, orientation: int | None = None, mode: str = "RGB") -> bytes:
    """A picture with the name of a camera inside. The upper left quarter is red."""
    image = Image.new("RGB", size, "white")
    image.paste((220, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    if orientation:
        exif[0x0112] = orientation
    if gps:
        exif[0x8825] = gps
    out = io.BytesIO()
    image.convert(mode).save(out, kind, exif=exif.tobytes(), **({"comment": SECRET} if kind == "JPEG" else {}))
    return out.getvalue()


def heic(**options: Any) -> bytes:
    """A HEIC as telephones make them."""
    image = Image.open(io.BytesIO(made(**options)))
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, exif=image.info["exif"])
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A tiny file that says it is an enormous PNG."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def code_of(data: bytes) -> str:
    """How inspecting ends: the code of a refusal, or ``taken``."""
    try:
        inspect(io.BytesIO(data), "photo.jpg")
    except InputRefused as error:
        assert error.field == "photos"
        return error.code
    return "taken"


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(("data", "code"), [
    (b"", "photo_empty"), (b"Not a picture at all", "photo_not_a_picture"), (SVG, "photo_not_a_picture"), (b"\x00" * 1000, "photo_not_a_picture"),
    (b"GIF89a" + b"\x01\x00\x01\x00" + b"\x00" * 50, "photo_not_a_picture"), (b"%PDF-1.7", "photo_not_a_picture"), (b"\xff\xd8\xff", "photo_not_a_picture"),
    (made()[:-2], "photo_cut_short"), (made(size=(900, 900))[:-600], "photo_cut_short"), (made()[:600], "photo_not_a_picture"), (made("PNG")[:-12], "photo_cut_short"), (made("WEBP")[:-20], "photo_not_a_picture"),
    (png_header(50_000, 50_000), "photo_too_many_pixels"), (png_header(8_000, 8_000), "photo_too_many_pixels"), (png_header(2**31 - 1, 2**31 - 1), "photo_too_many_pixels"),
    (made() + b"\x00" * 30 * 1024 * 1024, "photo_too_big"), (made() + b"\x00" * (MAX_BYTES - len(made()) + 1), "photo_too_big"),
    (made(), "taken"), (made("PNG"), "taken"), (made("WEBP"), "taken"), (heic(), "taken"), (made("JPEG", mode="CMYK"), "taken"), (made("PNG", mode="RGBA"), "taken"),
    (made("PNG", mode="P"), "taken"), (made(size=(1, 1)), "taken"),
], ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_taken_and_why_not(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it warns of damaged EXIF, and goes on
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_damaged_pictures_are_refused_or_found_broken_and_never_an_error(kind: str, tmp_path: Path) -> None:
    """Whatever the bytes, inspecting answers and the job settles: an exception would bring the row back for ever."""
    random, whole = Random(7), heic(size=(64, 48)) if kind == "HEIF" else made(kind, size=(64, 48), gps={1: "N", 2: (42.0, 19.0, 0.0), 3: "E", 4: (69.0, 35.0, 0.0)})
    (tmp_path / "incoming").mkdir()
    seen = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(random.randint(1, 12)):
            data[random.randrange(len(data))] = random.randrange(256)
        seen.add(code_of(bytes(data)))
        (tmp_path / "incoming" / "x").write_bytes(data)
        assert encode(tmp_path, "x").state in ("ready", "broken")
    assert "taken" in seen


NAN = IFDRational(0, 0)
NORTH = (42.0, 20.0, 30.12)
EAST = (69.0, 35.0, 24.36)


@pytest.mark.parametrize(("gps", "position"), [
    ({1: "N", 2: NORTH, 3: "E", 4: EAST}, (42.3417, 69.5901)), ({1: "S", 2: NORTH, 3: "W", 4: EAST}, (-42.3417, -69.5901)),
    ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, None), ({1: "N", 2: (NAN, 0.0, 0.0), 3: "E", 4: EAST}, None),
    ({1: "N", 2: NORTH, 3: "E", 4: (69.0, NAN, 0.0)}, None), ({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: EAST}, None),
    ({1: "N", 2: NORTH, 3: "E", 4: (181.0, 0.0, 0.0)}, None), ({1: "N", 2: NORTH}, None), ({2: NORTH, 4: EAST}, None), ({1: "N", 2: (42.0,), 3: "E", 4: (69.0,)}, None),
    ({29: "2026:04:24"}, None), (None, None),
], ids=range(12))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_position_of_a_photo(kind: str, gps: dict[int, Any] | None, position: tuple[float, float] | None) -> None:
    data = heic(gps=gps) if kind == "HEIF" else made(kind, gps=gps)
    found = inspect(io.BytesIO(data), "photo").position
    assert (found and tuple(round(x, 6) for x in found)) == position


@pytest.fixture
def kept(app: CivicFlask, session: Session, now: datetime) -> Callable[[bytes], Photo]:
    """Takes a picture in and processes it, as the job does."""
    def keep(data: bytes) -> Photo:
        stream = io.BytesIO(data)
        inspect(stream, "photo")
        photo = take_in(session, app.settings.media, stream, now)
        session.commit()
        app.extensions["civic_queue"].deliver_all()
        session.expire_all()
        return photo
    return keep


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_everything_hidden_is_gone_from_what_is_shown(app: CivicFlask, kept: Callable[[bytes], Photo], kind: str) -> None:
    gps = {1: "N", 2: NORTH, 3: "E", 4: EAST}
    data = heic(gps=gps) if kind == "HEIF" else made(kind, gps=gps)
    assert SECRET in data
    photo = kept(data)
    assert (photo.state, photo.width, photo.height) == ("ready", 320, 240)
    for size in ("large", "thumb"):
        shown = path_of(app.settings.media, photo.id, size).read_bytes()
        assert [mark in shown for mark in (SECRET, b"Exif", b"http://ns.adobe.com", b"GPS", b"ICC_PROFILE", b"\xff\xfe")] == [False] * 6
        with Image.open(io.BytesIO(shown)) as image:
            assert (image.format, dict(image.getexif()), set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}) == ("JPEG", {}, set())
    assert list((app.settings.media / "incoming").iterdir()) == []


@pytest.mark.parametrize(("orientation", "red"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1)), (2, (1, 0)), (5, (0, 0))])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])  # HEIC says it in another way, which its decoder obeys
def test_photos_taken_sideways_stand_upright(app: CivicFlask, kept: Callable[[bytes], Photo], kind: str, orientation: int, red: tuple[int, int]) -> None:
    photo = kept(made(kind, orientation=orientation))
    assert (photo.width, photo.height) == ((240, 320) if orientation > 4 else (320, 240))
    with Image.open(path_of(app.settings.media, photo.id, "large")) as image:
        quarters = {(x, y): image.getpixel((int((x + 0.5) * image.width / 2), int((y + 0.5) * image.height / 2))) for x in (0, 1) for y in (0, 1)}
    assert [place for place, (_, green, _) in quarters.items() if green < 100] == [red]


def test_large_pictures_are_made_smaller_and_small_ones_left(kept: Callable[[bytes], Photo]) -> None:
    assert [(p.width, p.height) for p in (kept(made(size=(4000, 1000))), kept(made(size=(100, 80))))] == [(1600, 400), (100, 80)]


def test_a_cut_heic_is_refused() -> None:
    whole = heic(size=(640, 480))
    assert code_of(whole[: len(whole) * 2 // 3]) == "photo_not_a_picture"


def test_what_only_decoding_shows_is_found_by_the_job(app: CivicFlask, kept: Callable[[bytes], Photo]) -> None:
    damaged = bytearray(made("PNG"))
    damaged[damaged.index(b"IDAT") + 30] ^= 0xFF
    photo = kept(bytes(damaged))
    assert (photo.state, photo.width) == ("broken", None)
    assert list((app.settings.media / "incoming").iterdir()) == []


def _waiting(app: CivicFlask, session: Session, now: datetime) -> Photo:
    photo = take_in(session, app.settings.media, io.BytesIO(made()), now)
    session.commit()
    return photo


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ENOENT])
def test_a_failing_disk_makes_no_broken_picture(app: CivicFlask, session: Session, now: datetime, clock: Any, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    photo = _waiting(app, session, now)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", fail)
        app.extensions["civic_queue"].deliver_all()
    session.expire_all()
    assert photo.state == "pending"
    session.rollback()
    clock.shift(timedelta(minutes=1))
    app.extensions["civic_queue"].deliver_all()
    session.expire_all()
    assert photo.state == "ready"


def test_a_worker_killed_after_the_commit_leaves_a_good_photo_and_no_original(
        app: CivicFlask, session: Session, now: datetime, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = _waiting(app, session, now)
    original, seen = app.settings.media / "incoming" / photo.id, []
    session.rollback()

    def killed(root: Path, photo_id: str) -> None:
        with Session(session.get_bind()) as other:
            seen.append(other.get_one(Photo, photo_id).state)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("civic.media.tasks.forget_original", killed)
        with pytest.raises(KeyboardInterrupt):
            app.extensions["civic_queue"].deliver_all()
    assert (seen, original.exists()) == (["ready"], True)
    clock.shift(timedelta(minutes=3))
    app.extensions["civic_queue"].deliver_all()
    session.expire_all()
    assert (photo.state, original.exists()) == ("ready", False)


def test_a_photo_forgotten_while_it_is_encoded_leaves_no_files(app: CivicFlask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    photo_id = _waiting(app, session, now).id
    session.rollback()

    def slow(root: Path, photo_id: str) -> Encoded:
        result = encode(root, photo_id)
        begin_write(session)
        session.execute(delete(Photo).where(Photo.id == photo_id))
        session.commit()
        return result

    monkeypatch.setattr("civic.media.tasks.encode", slow)
    app.extensions["civic_queue"].deliver_all()
    assert [p.name for p in app.settings.media.rglob("*") if p.name.startswith(photo_id)] == []


def test_originals_of_failed_requests_go_after_three_days(app: CivicFlask, session: Session, now: datetime) -> None:
    assert forget_orphans(session, app.settings.media, now) == 0
    waiting, settled = _waiting(app, session, now).id, _waiting(app, session, now)
    settled.state = "ready"
    incoming = app.settings.media / "incoming"
    for name in ("a" * 32, "b" * 32):
        (incoming / name).write_bytes(b"x")
    for name, age in ((waiting, 9), (settled.id, 9), ("a" * 32, 4), ("b" * 32, 2)):
        at = (now - timedelta(days=age)).timestamp()
        os.utime(incoming / name, (at, at))
    assert forget_orphans(session, app.settings.media, now) == 2
    assert {x.name for x in incoming.iterdir()} == {waiting, "b" * 32}


def test_a_photo_without_a_complaint_is_shown_to_nobody(client: Any, kept: Callable[[bytes], Photo]) -> None:
    photo = kept(made())
    assert [client.get(f"/photo/{photo.id}/{size}.jpg").status_code for size in ("large", "thumb", "original")] == [404] * 3
    assert client.get("/photo/" + "a" * 32 + "/large.jpg").status_code == 404


def test_a_public_photo_is_served_as_a_picture_and_nothing_else(client: Any, session: Session, kept: Callable[[bytes], Photo]) -> None:
    photo = kept(made())
    photo.private = False
    answer = client.get(f"/photo/{photo.id}/thumb.jpg", buffered=True)
    headers = [answer.headers[x] for x in ("Content-Type", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options")]
    assert headers == ["image/jpeg", "public, max-age=86400, s-maxage=60", "default-src 'none'; sandbox", "nosniff"]


def test_a_large_picture_is_made_smaller_upright(app: CivicFlask, kept: Callable[[bytes], Photo]) -> None:
    photo = kept(made("PNG", size=(4000, 3600), orientation=6))
    assert (photo.width, photo.height) == (1440, 1600)
    with Image.open(path_of(app.settings.media, photo.id, "large")) as image:
        assert image.getpixel((1300, 100))[1] < 100 < image.getpixel((100, 100))[1]  # type: ignore[index]


@pytest.mark.parametrize(("kind", "mode", "size", "code"), [
    ("PNG", "RGB", (7000, 7000), "taken"), ("PNG", "RGB", (7100, 7100), "photo_too_many_pixels"), ("PNG", "RGBA", (4900, 5000), "taken"), ("PNG", "RGBA", (5100, 5000), "photo_too_many_pixels"),
    ("PNG", "P", (5100, 5000), "photo_too_many_pixels"),
])
def test_the_bound_of_memory_is_a_bound_of_pixels(kind: str, mode: str, size: tuple[int, int], code: str) -> None:
    """A file of some kilobytes that unfolds to hundreds of megabytes; looking at it in the request unfolds nothing."""
    import resource

    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, compress_level=1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code_of(out.getvalue()) == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
