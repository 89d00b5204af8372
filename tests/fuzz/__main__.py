"""``python -m tests.fuzz --cases 10000 [--seed N] [--what pages|files]``: sends nonsense and says what broke.

A program of its own, so that it can bound its memory and measure it. Each case is one request, or one file through the parsers of uploads:
it must not answer 500, nor take more than SECONDS of the processor, nor let the memory grow by more than MEGABYTES.
"""

import argparse
import io
import json
import logging
import random
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from civic.core.errors import DomainError
from civic.media.service import encode, inspect
from tests.fuzz.words import HOSTILE, damage, damaged, picks, values
from tests.fuzz.world import ROLES, World
from tests.support.client import find_form, form_values
from tests.support.walk import choices
from tests.test_media import heic, made, png_header

SECONDS, MEGABYTES = 2.0, 256
FENCE = 4 * 1024**3  # bytes of memory at which the program is stopped by the system
QUIET = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))


class Broken(Exception):
    """A case that the product did not stand."""


class Judge:
    """Counts cases and measures each one."""

    def __init__(self, cases: int, *, quiet: bool) -> None:
        self.cases, self.done, self.quiet, self.began = cases, 0, quiet, time.monotonic()
        self.slowest, self.hungriest, self.problems = 0.0, 0, dict[str, str]()

    def try_out(self, what: str, act: Callable[[], str | None]) -> None:
        """Run one case; ``act`` gives what is wrong with the answer. The same trouble is told once."""
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        wrong = act()
        took, grown = time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        self.slowest, self.hungriest = max(self.slowest, took), max(self.hungriest, grown)
        if took > SECONDS:
            wrong = wrong or f"took {took:.1f} s"
        if grown > MEGABYTES:
            wrong = wrong or f"took {grown} MB"
        if wrong:
            self.problems.setdefault(wrong.splitlines()[-1][:200] if "Traceback" in wrong else f"{what.split(' ')[:3]} {wrong}", f"{what}\n{wrong}")
        self.done += 1
        if not self.quiet and self.done % 250 == 0:
            print(f"  {self.done} of {self.cases} cases, {len(self.problems)} problems, {self.done / (time.monotonic() - self.began):.0f} a second", flush=True)


def pages(world: World, judge: Judge, cases: int, seed: int) -> None:
    """Every address and every form, as everybody."""
    failures: list[str] = []

    def grab(_logger: Any, _method: str, told: Any) -> str:
        """What the product logs with an exception is one that it did not expect."""
        if told.get("exc_info"):
            failures.append("".join(traceback.format_exc().splitlines(keepends=True)[-12:]))
        return str(told)

    structlog.configure(processors=[grab], logger_factory=structlog.ReturnLoggerFactory())
    rules = [(rule, method) for rule in world.app.url_map.iter_rules() for method in sorted(set(rule.methods or ()) & {"GET", "POST"})]
    adapter = world.app.url_map.bind("localhost")
    every = [value for held in world.known.values() for value in held]

    def address(rule: Any, data: Any) -> str | None:
        parts = {}
        for name in rule.arguments - set(rule.defaults or ()):
            few = choices(rule, name)
            known = world.known.get(name, ["1", "2"])
            parts[name] = data.draw(st.sampled_from(few) if few else st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(known), values(known)))
        try:
            return adapter.build(rule.endpoint, parts | dict(rule.defaults or {}))
        except Exception:  # noqa: BLE001 - not something that such an address can hold
            return None

    @with_seed(seed)
    @settings(QUIET, max_examples=cases)
    @given(st.data())
    def one(data: Any) -> None:
        (rule, method), who = data.draw(st.sampled_from(rules)), data.draw(st.sampled_from(ROLES))
        path = address(rule, data)
        if path is None:
            return
        client, query = world.browser(who), data.draw(picks(every))
        sent = _form(client, path, data, every) if method == "POST" else None

        def act() -> str | None:
            failures.clear()
            try:
                answer = client.open(path, method=method, query_string=query, data=sent, buffered=True)
            except AssertionError as error:  # the browser of the tests looks at every page
                if "invalid-codepoint" in str(error):  # letters that are none, given back to who sent them
                    return None
                return f"a page that is none: {str(error)[:300]}"
            if failures:
                return f"Traceback (its end)\n{failures[0]}"
            return f"answered {answer.status_code}" if answer.status_code == 500 or (answer.status_code == 503 and "card" not in path) else None

        judge.try_out(f"{method} {rule.rule} as {who}: {path} {query} {sent}"[:1500], act)
        if judge.done % 100 == 0:
            world.again()

    one()


def _form(client: Any, path: str, data: Any, every: list[str]) -> dict[str, Any]:
    """What the page's own form would send, with some of it changed; nonsense alone where there is no such page."""
    fields: dict[str, Any] = {}
    try:
        page = client.get(path, buffered=True)
        if page.status_code == 200 and page.mimetype == "text/html" and "<form" in page.text.partition("<main")[2]:
            fields = form_values(find_form(page.text, 0))
    except (AssertionError, StopIteration, IndexError):
        pass
    names = sorted(fields) or ["text", "name", "email"]
    # places and not names: what is drawn must not depend on the page, which another case may have changed
    changed = data.draw(st.lists(st.tuples(st.integers(0, 99), st.one_of(values(every), st.lists(values(every), max_size=3))), max_size=5))
    sent = {**fields, **{names[place % len(names)]: value for place, value in changed}}
    if data.draw(st.integers(0, 5)) == 0:
        sent["photos"] = (io.BytesIO(data.draw(st.sampled_from([b"", b"x", made(size=(8, 8))]))), data.draw(values(every))[:100] or "x")
    return sent


def files(world: World, judge: Judge, cases: int, seed: int) -> None:
    """Every parser of uploads: photos by ``inspect`` (the request) and ``encode`` (the job), boundaries, reference tables."""
    pictures = [made(kind, size=(64, 48), gps={1: "N", 2: (42.0, 19.0, 0.0), 3: "E", 4: (69.0, 35.0, 0.0)}) for kind in ("JPEG", "PNG", "WEBP")] + [heic(size=(64, 48)), png_header(50_000, 50_000), png_header(6_000, 6_000)]
    incoming = world.folder / "media" / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)

    def picture(data: bytes) -> str | None:
        try:
            inspect(io.BytesIO(data), "photo")
        except DomainError:
            return None
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return traceback.format_exc()
        (incoming / "x").write_bytes(data)
        try:
            encode(world.folder / "media", "x")
        except Exception:  # noqa: BLE001 - whatever it is, it is a finding
            return traceback.format_exc()
        return None

    @with_seed(seed)
    @settings(QUIET, max_examples=cases)
    @given(st.data())
    def one(data: Any) -> None:
        if data.draw(st.integers(0, 4)):
            whole = data.draw(st.sampled_from(pictures))
            sent = damaged(whole, data.draw(damage()))
            judge.try_out(f"picture {whole[:12]!r} {len(sent)} bytes", lambda: picture(sent))
        else:
            text = damaged(_boundaries(data), data.draw(damage()) if data.draw(st.booleans()) else [])
            judge.try_out(f"boundaries {text[:300]!r}", lambda: _import(world, text))

    one()


def _boundaries(data: Any) -> bytes:
    number = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.integers(-10**20, 10**20), st.sampled_from([69.5, 42.3, None, "x", True, []]))
    ring = st.lists(st.lists(number, max_size=4), max_size=6)
    geometry = st.fixed_dictionaries({"type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "GeometryCollection", "", None]), "coordinates": st.one_of(st.just([]), ring, st.lists(ring, max_size=2), st.lists(st.lists(ring, max_size=2), max_size=2))})
    feature = st.fixed_dictionaries({"type": st.just("Feature"), "geometry": st.one_of(st.none(), geometry, geometry, st.just("x")), "properties": st.one_of(st.none(), st.just([]), st.just("x"), st.dictionaries(
        st.sampled_from(["name", "kato", "name:kk"]), st.sampled_from([*HOSTILE[:40], "Абай ауданы", "791110000", None, 1, 2.5])))})
    return json.dumps({"type": "FeatureCollection", "features": data.draw(st.lists(st.one_of(feature, feature, feature, st.sampled_from([None, 1, "x", []])), max_size=3))}).encode()


def _import(world: World, text: bytes) -> str | None:
    """As ``flask places import`` does: unreadable is said, never a traceback."""
    path = world.folder / "boundaries.geojson"
    path.write_bytes(text)
    result = world.app.test_cli_runner().invoke(args=["places", "import", str(path), "--city", "shymkent"])
    if result.exception is None or isinstance(result.exception, SystemExit):
        return None
    return "".join(traceback.format_exception(result.exception)[-6:])


def main() -> None:
    """Run, and end with 1 when something broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    parser.add_argument("--what", choices=("pages", "files", "all"), default="all")
    parser.add_argument("--quiet", action="store_true")
    wanted = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (FENCE, FENCE))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    world = World()
    judge = Judge(wanted.cases, quiet=wanted.quiet)
    try:
        share = {"pages": 1.0, "files": 0.0, "all": 0.8}[wanted.what]
        if share:
            pages(world, judge, int(wanted.cases * share), wanted.seed)
        if share < 1:
            files(world, judge, wanted.cases - int(wanted.cases * share), wanted.seed)
    finally:
        world.end()
    print(f"{judge.done} cases, seed {wanted.seed}: slowest {judge.slowest:.2f} s of processor, most memory in one {judge.hungriest} MB, {len(judge.problems)} problems")
    for told in judge.problems.values():
        print(f"\n--- {told}")
    sys.exit(bool(judge.problems))


if __name__ == "__main__":
    main()
