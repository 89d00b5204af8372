"""What was measured: a table in the terminal, and the same in files with a picture."""

import json
import platform
import re
import statistics
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.load import Sample
from civic.config import ROOT

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
LIBRARIES = ("flask", "sqlalchemy", "jinja2", "flask-babel", "gunicorn", "psycopg", "werkzeug")


@dataclass(frozen=True)
class Target:
    """What is to be reached. sqlite, postgresql: the most (or, with ``at_least``, the least) it may be; None is no target."""

    name: str
    sqlite: float | None
    postgresql: float | None
    at_least: bool = False

    def kept(self, kind: str, value: float) -> bool | None:
        """Whether ``value`` keeps it."""
        limit = self.limit(kind)
        if limit is None:
            return None
        return value >= limit if self.at_least else value <= limit

    def limit(self, kind: str) -> float | None:
        """Of this database."""
        return self.sqlite if kind == "sqlite" else self.postgresql


TARGETS = (
    Target("list, CPU against the reference", 0.4, 0.6),
    Target("tracking, CPU against the reference", 0.3, 0.4),
    Target("cached page, requests/s against hello", 0.7, 0.7, at_least=True),
    Target("304, requests/s against hello", 0.7, 0.7, at_least=True),
    Target("filing without a photo, complaints/s", None, None),
    Target("filing, CPU ms a complaint", None, None),
    Target("filing, SQLite against PostgreSQL", 1.2, None, at_least=True),
    Target("list p99 while people file, against quiet", 2, 2),
    Target("memory of the worker, MiB", 70, 70),
    Target("first visit to the front page, KB", 60, 60),
    Target("first visit to a tracking page, KB", 60, 60),
)
ROOM_TARGETS = (
    Target("room, p99 from shown to received, s", 0.3, 0.3),
    Target("room, median from shown to received, s", None, None),
    Target("room, deltas missed or doubled", 0, 0),
    Target("room, CPU ms of one broadcast", 100, 100),
    Target("room, polled: % of a core", 15, 15),
    Target("room, polled: answers a second", None, None),
    Target("event page, CPU against the reference", 0.4, 0.6),
    Target("event page, CPU against the reference, drawn anew", None, None),
)
GROWTH, GROWTH_OF_FILTERS = 1.2, 1.5


@dataclass
class Page:
    """One page on one database. Each list has a value for each round; times in milliseconds."""

    cpu: list[float] = field(default_factory=list)
    cpu_database: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)


class Result:
    """Everything that was measured, by round."""

    def __init__(self, sizes: tuple[int, ...], rounds: int, kinds: tuple[str, ...], targets: tuple[Target, ...] = TARGETS) -> None:
        self.sizes, self.rounds, self.kinds, self.targets = sizes, rounds, kinds, targets
        self.values: dict[str, dict[str, list[float]]] = {}
        self.pages: dict[str, dict[str, dict[int, Page]]] = {kind: {} for kind in kinds}
        self.missing: set[str] = set()
        self.at = datetime.now(UTC)

    def add(self, name: str, kind: str, value: float) -> None:
        """A value of one round."""
        self.values.setdefault(name, {}).setdefault(kind, []).append(value)

    def page(self, kind: str, size: int, name: str, cpu: float, database: float, sample: Sample) -> None:
        """A page of one round."""
        page = self.pages[kind].setdefault(name, {}).setdefault(size, Page())
        page.cpu.append(cpu)
        page.cpu_database.append(database)
        page.p50.append(sample.median * 1000)
        page.p99.append(sample.percentile(0.99) * 1000)
        page.per_second.append(sample.per_second)

    def growth(self, kind: str, name: str) -> float | None:
        """p99 on the largest database against the smallest, the median of the rounds; None with one size."""
        pages = self.pages[kind].get(name)
        if pages is None or len(self.sizes) < 2:
            return None
        small, large = pages[self.sizes[0]].p99, pages[self.sizes[-1]].p99
        return statistics.median(b / a for a, b in zip(small, large, strict=True))

    def median(self, name: str, kind: str) -> float | None:
        """The median of the rounds."""
        found = self.values.get(name, {}).get(kind)
        return statistics.median(found) if found else None

    def of_all_sizes(self) -> list[str]:
        """Pages that were measured on every size of the database; those of discussions have one of their own."""
        return list(dict.fromkeys(name for kind in self.kinds for name, pages in self.pages[kind].items() if set(self.sizes) <= set(pages)))

    def lines(self) -> list[tuple[Target, dict[str, float | None]]]:
        """All that has a target, with the values."""
        lines = [(target, {kind: self.median(target.name, kind) for kind in self.kinds}) for target in self.targets]
        for name in self.of_all_sizes() if len(self.sizes) > 1 else []:
            limit = GROWTH_OF_FILTERS if name.startswith(("filter", "search")) else GROWTH
            target = Target(f"p99 at {power(self.sizes[-1])} against {power(self.sizes[0])}: {name}", limit, limit)
            lines.append((target, {kind: self.growth(kind, name) for kind in self.kinds}))
        return lines


def power(size: int) -> str:
    """10000 → «10⁴»; 0: the demonstration city."""
    if not size:
        return "demonstration"
    exponent = len(str(size)) - 1
    return "10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(c)] for c in str(exponent)) if size == 10**exponent else f"{size:,}"


def write_report(result: Result, folder: Path) -> Path:
    """Print the tables, write the files. Gives their path without the ending."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = _machine()
    stem = folder / f"{result.at:%Y-%m-%d-%H%M}-{_word(machine['machine'])}"
    raw = {"at": result.at.isoformat(timespec="seconds"), **machine, "sizes": result.sizes, "rounds": result.rounds, "values": result.values,
           "missing": sorted(result.missing),
           "pages": {kind: {name: {str(size): vars(page) for size, page in sizes.items()} for name, sizes in pages.items()}
                     for kind, pages in result.pages.items()}}
    stem.with_suffix(".json").write_text(json.dumps(raw, ensure_ascii=False, indent=1))
    stem.with_suffix(".md").write_text(_markdown(result, machine, stem.name))
    console = Console(width=150)
    console.print(_targets(result))
    console.print(_pages(result))
    for name in sorted(result.missing):
        console.print(f"not measured, the product has no such filter: {name}")
    console.print(f"Written: {stem}.json, .md" + (", .svg" if result.of_all_sizes() else ""))
    return stem


def _targets(result: Result) -> Table:
    table = Table(title="What is to be reached", title_justify="left")
    table.add_column("measure")
    for kind in result.kinds:
        table.add_column("target", justify="right")
        table.add_column(NAMES[kind], justify="right")
        table.add_column("")
    for target, values in result.lines():
        cells: list[str] = []
        for kind in result.kinds:
            cells += _cells(target, kind, values[kind])
        table.add_row(target.name, *cells)
    return table


def _cells(target: Target, kind: str, value: float | None) -> tuple[str, str, str]:
    limit = target.limit(kind)
    aim = "" if limit is None else f"{'≥' if target.at_least else '≤'} {limit:g}"
    if value is None:
        return aim, "–", "" if limit is None else "not measured"
    kept = target.kept(kind, value)
    return aim, f"{value:.2f}", {None: "", True: "[green]kept[/]", False: "[red]missed[/]"}[kept]


def _pages(result: Result) -> Table:
    table = Table(title="Pages: milliseconds, medians of the rounds", title_justify="left")
    for heading in ("page", "database", "complaints", "CPU", "CPU of the database", "p50", "p99", "requests/s"):
        table.add_column(heading, justify="left" if heading in ("page", "database") else "right")
    for row in _page_rows(result):
        table.add_row(*row)
    return table


def _page_rows(result: Result) -> list[tuple[str, ...]]:
    return [(name, NAMES[kind], power(size), *(f"{statistics.median(v):.2f}" for v in (p.cpu, p.cpu_database, p.p50, p.p99, p.per_second)))
            for kind in result.kinds for name, sizes in result.pages[kind].items() for size, p in sizes.items()]


def _markdown(result: Result, machine: dict[str, Any], stem: str) -> str:
    made_with = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; Python {machine['python']}, "
        f"{machine['libraries']}; SQLite {machine['sqlite']}, PostgreSQL {machine['postgresql']}; commit {machine['commit']}. "
        f"Medians of {result.rounds} rounds.")
    lines = [f"# Speed, {result.at:%d %B %Y}", "", made_with, ""]
    lines += [f"![]({stem}.svg)", ""] if result.of_all_sizes() else []
    lines.append("| measure |" + "".join(f" target | {NAMES[kind]} | |" for kind in result.kinds))
    lines.append("|---|" + "---|---|---|" * len(result.kinds))
    for target, values in result.lines():
        cells = [re.sub(r"\[/?\w*\]", "", cell) for kind in result.kinds for cell in _cells(target, kind, values[kind])]
        lines.append(f"| {target.name} | " + " | ".join(cells) + " |")
    lines += ["", "| page | database | complaints | CPU ms | CPU ms of the database | p50 ms | p99 ms | requests/s |", "|---|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in _page_rows(result)]
    lines += ["", *(f"Not measured, the product has no such filter: {name}." for name in sorted(result.missing))]
    return "\n".join(lines) + "\n"


def _machine() -> dict[str, Any]:
    import sqlite3

    from tests.support.database import postgresql_programs

    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    programs = postgresql_programs()
    return {
        "machine": platform.node() or "machine", "processor": found[1] if found else platform.machine(), "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30), "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        "postgresql": _said(str(programs / "postgres"), "--version").split()[-1] if programs else "none",
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "commit": _said("git", "describe", "--always", "--dirty", "--abbrev=10") or "unknown",
    }


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "machine"
