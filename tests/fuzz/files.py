"""Every parser of files, by files that are broken: photos, boundaries of districts, PDFs of slides and of materials.

A photo goes through ``inspect`` (the request) and ``encode`` (the job), boundaries through their command, a PDF through the forms that
take one and the jobs that look into it. Those open it in a process of its own: it may take long, but its bounds must hold.
"""

import io
import json
import resource
import traceback
from typing import Any

from hypothesis import given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from sqlalchemy import select

from civic.core.errors import DomainError
from civic.media import pdf as reader
from civic.media.service import encode, inspect
from civic.minutes.materials import MOST_PAGES
from civic.minutes.models import MinutesMaterial
from civic.stage.models import Talk
from civic.stage.pdf import SLIDES
from tests.fuzz.judge import Judge
from tests.fuzz.words import HOSTILE, QUIET, damage, damaged
from tests.fuzz.world import World
from tests.test_media import heic, made, png_header
from tests.test_stage import locked, pdf

#: Of sixty cases: five PDFs, ten of boundaries, the others photos.
SHARES = ["pdf"] * 5 + ["boundaries"] * 10 + ["picture"] * 45


def files(world: World, judge: Judge, cases: int, seed: int) -> None:
    """Run them."""
    pictures, papers = _pictures(), _papers()
    incoming = world.app.settings.media / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)

    def picture(sent: bytes) -> str | None:
        try:
            inspect(io.BytesIO(sent), "photo")
        except DomainError:
            return None
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return traceback.format_exc()
        (incoming / "x").write_bytes(sent)
        try:
            encode(world.app.settings.media, "x")
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return traceback.format_exc()
        return None

    @with_seed(seed)
    @settings(QUIET, max_examples=cases)
    @given(st.data())
    def one(data: Any) -> None:
        kind = data.draw(st.sampled_from(SHARES))
        steps = data.draw(damage()) if kind == "picture" or data.draw(st.booleans()) else []
        if kind == "picture":
            sent = damaged(data.draw(st.sampled_from(pictures)), steps)
            judge.try_out(f"picture {sent[:12]!r} {len(sent)} bytes", lambda: picture(sent))
        elif kind == "boundaries":
            text = damaged(_boundaries(data), steps)
            judge.try_out(f"boundaries {text[:300]!r}", lambda: _import(world, text))
        else:
            name, whole = data.draw(st.sampled_from(papers))
            sent, act = damaged(whole, steps), data.draw(st.sampled_from([_slides, _material]))
            judge.try_out(f"pdf {name} {act.__name__} {steps} {len(sent)} bytes", lambda: _bounded(judge, lambda: act(world, sent)))

    one()


def _pictures() -> list[bytes]:
    place = {1: "N", 2: (42.0, 19.0, 0.0), 3: "E", 4: (69.0, 35.0, 0.0)}
    return [made(kind, size=(64, 48), gps=place) for kind in ("JPEG", "PNG", "WEBP")] + [heic(size=(64, 48)), png_header(50_000, 50_000), png_header(6_000, 6_000)]


def _papers() -> list[tuple[str, bytes]]:
    """PDFs as they come, and such as nobody makes by mistake."""
    twenty, said = pdf(SLIDES), {"lang": "kk", "title": "Хаттама"}
    return [
        ("whole", twenty), ("whole", twenty), ("few", pdf(3)), ("most", pdf(MOST_PAGES, (100, 100))), ("more", pdf(MOST_PAGES + 1, (100, 100))), ("huge", pdf(SLIDES, (14_400, 14_400))),
        ("thin", pdf(SLIDES, (1, 14_400))), ("tiny", pdf(SLIDES, (0.001, 0.001))), ("locked", locked(twenty)), ("empty", pdf(0)), ("negative", twenty.replace(b"/Count 20", b"/Count -1")),
        ("lying", twenty.replace(b"/Count 20", b"/Count 999999999")), ("flat", twenty.replace(b"960 540", b"0 0 0 0")), ("endless", twenty.replace(b"960 540", b"1e38 1e38")),
        ("head", b"%PDF-1.7\n"), ("tail", b"%PDF-1.7\n%%EOF" * 3000), ("nests", b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000), ("picture", made()), ("nothing", b""), ("behind", b"x" * 900 + twenty), (str(said["title"]), b"%PDF-" + json.dumps(said).encode()),
    ]


def _bounded(judge: Judge, act: Any) -> str | None:
    """The program that looks into a PDF stays within what it was given."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wrong: str | None = act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    judge.outside = max(judge.outside, took)
    return wrong or (f"its program took {took:.1f} s" if took > reader.SECONDS + 5 else f"its program took {after.ru_maxrss // 1024} MB" if after.ru_maxrss * 1024 > reader.MEMORY else None)


def _slides(world: World, sent: bytes) -> str | None:
    with world.session() as session:
        talk = session.scalars(select(Talk).order_by(Talk.id.desc())).first()
        assert talk is not None
    answer = world.browser("visitor").post(f"/kk/talk/{talk.token}/", data={"pdf": (io.BytesIO(sent), "talk.pdf")})
    wrong = world.after(answer.status_code, (303, 422))
    with world.session() as session:
        talk = session.get_one(Talk, talk.id)
        settled = talk.pdf == "" and (answer.status_code == 422 or bool(talk.problem) or len(talk.slides) == SLIDES)
    return wrong or (None if settled else f"the talk is left with {talk.pdf!r}, {talk.problem!r}")


def _material(world: World, sent: bytes) -> str | None:
    address = f"/kk/organise/events/{world.live}/minutes/materials"
    answer = world.browser("organiser").post(address, data={"title": "Құжат", "language": "kk", "file": (io.BytesIO(sent), "paper.pdf")})
    wrong = world.after(answer.status_code, (303, 422))
    with world.session() as session:
        row = session.scalars(select(MinutesMaterial).order_by(MinutesMaterial.id.desc())).first()
        if wrong or row is None or answer.status_code == 422:  # refused: there is no row of it
            return wrong
        settled = (row.state == "ready" and 0 < (row.pages or 0) <= MOST_PAGES) or (row.state == "refused" and bool(row.problem))
        session.delete(row)
        session.commit()
    return None if settled else f"the material is left {row.state!r} {row.problem!r} with {row.pages} pages"


def _boundaries(data: Any) -> bytes:
    number = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-10**20, 10**20), st.sampled_from([69.5, 42.3, None, "x", True, []]))
    ring = st.lists(st.lists(number, max_size=4), max_size=6)
    geometry = st.fixed_dictionaries({"type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "GeometryCollection", "", None]), "coordinates": st.one_of(st.just([]), ring, st.lists(ring, max_size=2), st.lists(st.lists(ring, max_size=2), max_size=2))})
    feature = st.fixed_dictionaries({"type": st.just("Feature"), "geometry": st.one_of(st.none(), geometry, geometry, st.just("x")), "properties": st.one_of(st.none(), st.just([]), st.just("x"), st.dictionaries(
        st.sampled_from(["name", "kato", "name:kk"]), st.sampled_from([*HOSTILE[:40], "Абай ауданы", "791110000", None, 1, 2.5])))})
    if data.draw(st.integers(0, 20)) == 0:
        return b'{"features":' * 50_000
    return json.dumps({"type": "FeatureCollection", "features": data.draw(st.lists(st.one_of(feature, feature, feature, st.sampled_from([None, 1, "x", []])), max_size=3))}).encode()


def _import(world: World, text: bytes) -> str | None:
    """As ``flask places import`` does: unreadable is said, never a traceback."""
    path = world.folder / "boundaries.geojson"
    path.write_bytes(text)
    return world.command("places", "import", str(path), "--city", "shymkent")
