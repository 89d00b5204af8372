"""``make bench``: fills databases, starts the real application, measures it in rounds, writes what came out.

Settings from the environment: SIZES (10000,1000000), BIG=1 (ten million too), ROUNDS (5), DB (sqlite,postgresql), SECONDS for each
page in each round (1.2), RESULTS (the folder of the results). ``docs/speed.md`` says how each number is come by.
"""

import gzip
import multiprocessing
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psutil
from sqlalchemy import select

from bench import rooms
from bench.filing import Filing
from bench.load import Sample, Unanswered, ask_in_turn, flood, get, request
from bench.pages import Pages, unknown
from bench.plot import draw
from bench.report import ROOM_TARGETS, TARGETS, Result, write_report
from bench.servers import Server, cores, cpu_ms, cpu_seconds
from bench.store import KEPT, Store, environment, postgresql_server
from civic import create_app
from civic.bodies.models import Category
from civic.config import ROOT, Settings
from tests.support.database import engine_for

REFERENCE = [f"/{language}/shymkent/complaints/?from={first}" for first in range(0, 2000, 20) for language in ("kk", "ru", "en")]
WARM = 1.7  # times the seconds of a page, and a tenth of it for each page of the product
VISITS = 6  # times that each address is asked for before it comes again
MOST = 300  # answers of one page in one round
FILING_RATE = 3.0  # complaints a second while the list is watched: a quarter of a million a day
SIMPLE = 40  # categories to file in


@dataclass(frozen=True)
class Options:
    """What is to be measured. seconds: for each page in each round."""

    sizes: tuple[int, ...]
    rounds: int
    kinds: tuple[str, ...]
    seconds: float
    results: Path
    kept: Path = KEPT

    @classmethod
    def read(cls, env: Any = os.environ) -> "Options":
        """From the environment; ends with a message when a setting is wrong."""
        try:
            sizes = {int(size) for size in (env.get("SIZES") or "10000,1000000").split(",")}
            rounds, seconds = int(env.get("ROUNDS") or 5), float(env.get("SECONDS") or 1.2)
        except ValueError as error:
            raise SystemExit(f"SIZES, ROUNDS and SECONDS are numbers: {error}") from error
        kinds = tuple((env.get("DB") or "sqlite,postgresql").split(","))
        if not set(kinds) <= {"sqlite", "postgresql"}:
            raise SystemExit("DB is sqlite, postgresql, or both with a comma between them")
        if env.get("BIG") == "1":
            sizes.add(10_000_000)
        return cls(tuple(sorted(sizes)), rounds, kinds, seconds, Path(env.get("RESULTS") or ROOT / "bench" / "results"),
                   Path(env.get("KEPT") or KEPT))


@dataclass
class Product:
    """The real application on one database."""

    kind: str
    size: int
    server: Server
    pages: dict[str, list[bytes]]
    fronts: list[str]
    trackings: list[str]
    categories: list[int]
    helpers: Callable[[], list[psutil.Process]] = field(default=list)


def say(words: str) -> None:
    """Progress, at once."""
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)


def main() -> None:
    """Measure and report. ``rooms`` as an argument: live rooms and the pages of discussions alone."""
    signal.signal(signal.SIGTERM, _ended)
    options = Options.read()
    only_rooms = sys.argv[1:] == ["rooms"]
    result = Result(options.sizes, options.rounds, options.kinds, ROOM_TARGETS if only_rooms else (*TARGETS, *ROOM_TARGETS))
    if not only_rooms:
        _complaints(options, result)
    _rooms(options, result)
    stem = write_report(result, options.results)
    if not only_rooms:
        draw(result, stem.with_suffix(".svg"))


def _complaints(options: Options, result: Result) -> None:
    with ExitStack() as stack:
        bench = stack.enter_context(_started(options, result))
        for number in range(1, options.rounds + 1):
            bench.reading(number)
        for number in range(1, options.rounds + 1):
            bench.filing(number)
        bench.at_the_end()


def _rooms(options: Options, result: Result) -> None:
    with ExitStack() as stack:
        options.kept.mkdir(parents=True, exist_ok=True)
        here, there = cores()
        psutil.Process().cpu_affinity([there])
        reference = Server("reference", "bench.reference:app", dict(os.environ), options.kept / "reference.log")
        stack.callback(reference.stop)
        ask_in_turn(reference.port, [request(path) for path in REFERENCE], WARM * options.seconds)
        for kind in options.kinds:
            with ExitStack() as database:
                address, postmaster = database.enter_context(postgresql_server(options.kept)) if kind == "postgresql" else (None, None)
                if postmaster is not None:
                    postmaster.cpu_affinity([here])
                helpers = (lambda postmaster=postmaster: postmaster.children(recursive=True)) if postmaster is not None else list
                rooms.measure(kind, Store(address, options.kept), reference, [request(path) for path in REFERENCE], helpers,
                              rooms.Amounts.read(options.rounds, options.seconds), result, say)


def _ended(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit("ended")


@contextmanager
def _started(options: Options, result: Result) -> Iterator["Bench"]:
    """Databases filled, servers running."""
    options.kept.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        address, postmaster = stack.enter_context(postgresql_server(options.kept)) if "postgresql" in options.kinds else (None, None)
        stores = {kind: Store(address if kind == "postgresql" else None, options.kept) for kind in options.kinds}
        _fill(stores, options)
        here, there = cores()
        psutil.Process().cpu_affinity([there])
        if postmaster is not None:
            postmaster.cpu_affinity([here])

        def server(name: str, application: str, env: dict[str, str]) -> Server:
            made = Server(name, application, env, options.kept / f"{name}.log")
            stack.callback(made.stop)
            return made

        bench = Bench(options, result, server("reference", "bench.reference:app", dict(os.environ)),
                      server("hello", "bench.reference:hello", dict(os.environ)))
        for kind, store in stores.items():
            for size in options.sizes:
                say(f"{kind}, {size:,}: a copy, and the application on it")
                url = store.copy(f"kept_{size}", f"run_{size}")
                stack.callback(store.drop, f"run_{size}")
                product = _product(kind, size, url, server, options, result)
                if kind == "postgresql" and postmaster is not None:
                    product.helpers = lambda: postmaster.children(recursive=True)
                bench.products.append(product)
        bench.warm_up()
        yield bench


def _fill(stores: dict[str, Store], options: Options) -> None:
    """Both kinds at once: filling takes longest of all."""
    if len(stores) == 1:
        _fill_one(next(iter(stores.values())).server, options.kept, options.sizes)
        return
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_fill_one, args=(store.server, options.kept, options.sizes)) for store in stores.values()]
    for process in running:
        process.start()
    for process in running:
        process.join()
        if process.exitcode:
            raise SystemExit("a database could not be filled; see its message above")


def _fill_one(server: str | None, folder: Path, sizes: Sequence[int]) -> None:
    for size in sizes:
        Store(server, folder).filled(size, say)


def _product(kind: str, size: int, url: str, server: Callable[..., Server], options: Options, result: Result) -> Product:
    engine = engine_for(url)
    made = Pages(engine)
    pages = {**made.reading(), **made.filters(), **made.searches()}
    with engine.connect() as connection:
        categories = list(connection.scalars(
            select(Category.id).where(Category.parent_id.is_not(None), Category.emergency_phone.is_(None)).limit(SIMPLE)))
    engine.dispose()
    env = environment(url, options.kept / f"instance-{kind}-{size}")
    create_app(Settings.read(env)).extensions["civic_queue"].prepare()
    running = server(f"{kind}-{size}", "wsgi:app", env)
    for name, addresses in list(pages.items()):
        answer = get(running.port, addresses[0])
        if answer.status != 200:
            raise Unanswered(f"{answer.status} for {addresses[0]}; see {running.log.name}")
        if unknown(addresses[0], answer.body.decode()):
            result.missing.add(name)
            del pages[name]
    return Product(kind, size, running, {name: visits(addresses) for name, addresses in pages.items()},
                   made.fronts(), made.reading()["tracking"], categories)


def visits(addresses: Sequence[str]) -> list[bytes]:
    """Requests of which no two are the same, so that no page comes from the cache of pages."""
    return [request(f"{address}{'&' if '?' in address else '?'}visit={i}") for i, address in enumerate([*addresses] * VISITS)]


class Bench:
    """The rounds. Everything of one round is measured in turn, and ratios are made inside it."""

    def __init__(self, options: Options, result: Result, reference: Server, hello: Server) -> None:
        self.options, self.result, self.reference, self.hello = options, result, reference, hello
        self.products: list[Product] = []

    def warm_up(self) -> None:
        """First answers load templates, calendars and pages of the database; nobody measures them."""
        for server, messages in ((self.reference, [request(path) for path in REFERENCE]), (self.hello, [request("/")])):
            ask_in_turn(server.port, messages, WARM * self.options.seconds)
        for product in self.products:
            for messages in product.pages.values():
                ask_in_turn(product.server.port, messages[::-1], WARM * self.options.seconds / 10)

    def reading(self, number: int) -> None:
        """One round of pages, the smallest and the largest database by turns."""
        for kind in self.options.kinds:
            products = [product for product in self.products if product.kind == kind]
            for name in products[0].pages:
                reference = None
                if name in ("list", "tracking"):
                    reference = self._cpu_ms(self.reference, [], [request(path) for path in REFERENCE])[0]
                    self.result.add("reference page, CPU ms", kind, reference)
                for product in products:
                    self._page(product, name, reference)
            self._cached(kind, products[-1])
            say(f"round {number} of {self.options.rounds}, {kind}: pages are measured")

    def _page(self, product: Product, name: str, reference: float | None) -> None:
        messages = list(product.pages[name])
        random.shuffle(messages)
        own, helpers, sample = self._cpu_ms(product.server, product.helpers(), messages)
        self.result.page(product.kind, product.size, name, own, helpers, sample)
        if reference is not None and product.size == self.options.sizes[-1]:
            self.result.add(f"{name}, CPU against the reference", product.kind, own / reference)

    def _cpu_ms(self, server: Server, helpers: list[psutil.Process], messages: Sequence[bytes]) -> tuple[float, float, Sample]:
        """Milliseconds of CPU for an answer: the worker's, that of the database's processes; and the times."""
        return cpu_ms(server, helpers, messages, self.options.seconds, MOST)

    def _cached(self, kind: str, product: Product) -> None:
        """One address again and again, as a whole and when it has not changed, against a bare hello."""
        path = product.trackings[0]
        etag = get(product.server.port, path).headers.get("etag", "")
        conditional = request(path, [("If-None-Match", etag)])
        if get(product.server.port, path, [("If-None-Match", etag)]).status != 304:
            raise Unanswered(f"no 304 for {path}")
        hello = flood(self.hello.port, [request("/")], self.options.seconds).per_second
        cached = flood(product.server.port, [request(path)], self.options.seconds).per_second
        unchanged = flood(product.server.port, [conditional], self.options.seconds).per_second
        self.result.add("hello, requests/s", kind, hello)
        self.result.add("cached page, requests/s against hello", kind, cached / hello)
        self.result.add("304, requests/s against hello", kind, unchanged / hello)

    def filing(self, number: int) -> None:
        """One round of filing on the largest databases: the list quiet, while people file, and as much filing as goes."""
        most: dict[str, float] = {}
        for product in (p for p in self.products if p.size == self.options.sizes[-1]):
            seconds, port, kind = self.options.seconds * 4, product.server.port, product.kind
            quiet = ask_in_turn(port, product.pages["list"], seconds).percentile(0.99)
            going = Filing(port, product.categories, seconds, FILING_RATE)
            busy = ask_in_turn(port, product.pages["list"], seconds).percentile(0.99)
            self.result.add("filing while the list was watched, complaints/s", kind, going.result()[0])
            writing = Filing(port, product.categories, seconds)  # what it took to sign in is not counted
            before = cpu_seconds([product.server.worker])
            most[kind], count = writing.result()
            self.result.add("filing, CPU ms a complaint", kind, (cpu_seconds([product.server.worker]) - before) / count * 1000)
            self.result.add("list p99 while people file, against quiet", kind, busy / quiet)
            self.result.add("filing without a photo, complaints/s", kind, most[kind])
            say(f"round {number} of {self.options.rounds}, {kind}: {most[kind]:.1f} complaints filed a second")
        if len(most) == 2:
            self.result.add("filing, SQLite against PostgreSQL", "sqlite", most["sqlite"] / most["postgresql"])

    def at_the_end(self) -> None:
        """Memory after all of it, and what a first visit weighs."""
        for product in self.products:
            if product.size == self.options.sizes[-1]:
                self.result.add("memory of the worker, MiB", product.kind, product.server.unique_mib())
                self.result.add("first visit to the front page, KB", product.kind, weight_kb(product.server.port, product.fronts[0]))
                self.result.add("first visit to a tracking page, KB", product.kind, weight_kb(product.server.port, product.trackings[0]))


def weight_kb(port: int, path: str) -> float:
    """Compressed HTML, styles and scripts of one page, in kilobytes; the map and its styles load later and are left out."""
    answer = get(port, path)
    zipped = answer.headers.get("content-encoding") == "gzip"
    html = gzip.decompress(answer.body) if zipped else answer.body
    total = len(answer.body) if zipped else len(gzip.compress(html, 6))
    for asset in set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)"', html.decode())):
        if "/map." in asset:
            continue
        got = get(port, asset)
        total += len(got.body) if got.headers.get("content-encoding") == "gzip" else len(gzip.compress(got.body, 6))
    return total / 1000


if __name__ == "__main__":
    main()
