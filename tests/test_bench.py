"""The bench runs whole, its reference stays what it was, and what it seeds is what the services would have written."""

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bench.report import ROOM_TARGETS, TARGETS
from bench.seed import COLUMNS, Maker, check_columns
from civic.complaints.states import CLOSED, TRANSITIONS, State
from civic.config import ROOT
from civic.core.codes import read_number
from tests.conftest import KIND

FROZEN = "6daa5d9940f96051a16c106ae9c49100059037012b7e7686441f26ffe6d66f83"


def test_the_reference_page_is_frozen() -> None:
    assert hashlib.sha256((ROOT / "bench" / "reference.py").read_bytes()).hexdigest() == FROZEN, "numbers of different days could not be compared"


@pytest.fixture
def seeded(session: Session, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The rows of 400 complaints by table, each as a mapping of its columns."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    Maker(session, 400, now).fill(lambda table, made: rows[table].extend(dict(zip(COLUMNS[table], row, strict=True)) for row in made), lambda _: None)
    return rows


def test_seeded_complaints_stand_where_their_last_step_led(seeded: dict[str, list[dict[str, Any]]]) -> None:
    check_columns()
    paths = defaultdict(list)
    for event in seeded["complaint_event"]:
        paths[event["complaint_id"]].append(event)
    for complaint in seeded["complaint"]:
        first, *later = paths[complaint["id"]]
        assert (first["kind"], first["at"]) == ("register", complaint["registered_at"])
        for before, step in zip(paths[complaint["id"]], later, strict=False):
            assert step["from_state"] == before["to_state"] and step["from_state"] in TRANSITIONS.by_name[step["kind"]].sources
            assert step["at"] > before["at"] and (step["from_body_id"], step["due_before"]) == (before["to_body_id"], before["due_after"])
        last = paths[complaint["id"]][-1]
        assert (complaint["state"], complaint["body_id"], complaint["due_on"]) == (last["to_state"], last["to_body_id"], last["due_after"])
        assert read_number(complaint["number"]) == complaint["number"]
        assert complaint["supporters"] == sum(s["complaint_id"] == complaint["id"] for s in seeded["support"])
    numbers = [complaint["number"] for complaint in seeded["complaint"]]
    assert len(set(numbers)) == 400
    moments = [complaint["registered_at"] for complaint in seeded["complaint"]]
    assert moments == sorted(moments)


def test_seeded_cities_are_believable(seeded: dict[str, list[dict[str, Any]]]) -> None:
    states = [complaint["state"] for complaint in seeded["complaint"]]
    assert len(set(states)) > 5 and sum(State(s) in CLOSED for s in states) > 300
    assert {complaint["language"] for complaint in seeded["complaint"]} == {"kk", "ru"}
    assert len({complaint["city_id"] for complaint in seeded["complaint"]}) == 3
    assert 0 < sum(complaint["private"] for complaint in seeded["complaint"]) < 60


@pytest.mark.skipif(KIND != "sqlite", reason="runs both databases by itself when it is asked to; once is enough")
def test_the_bench_runs_whole(tmp_path: Path, built_front_end: Path) -> None:
    env = {**os.environ, "SIZES": "300", "ROUNDS": "1", "DB": "sqlite", "SECONDS": "0.1", "VIEWERS": "40", "PRESSES": "2", "POLLERS": "20", "POLL_SECONDS": "4", "KEPT": str(tmp_path / "kept"), "RESULTS": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "bench.run"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = tmp_path.glob("*.json")
    measured = json.loads(written.read_text())
    for target in TARGETS:
        assert target.postgresql is None or measured["values"][target.name]["sqlite"][0] > 0, target.name
    told = {target.name: measured["values"][target.name]["sqlite"][0] for target in ROOM_TARGETS}
    assert told.pop("room, deltas missed or doubled") == 0 and min(told.values()) > 0
    assert measured["pages"]["sqlite"]["list"]["300"]["p99"][0] > 0
    assert written.with_suffix(".svg").exists() and "| measure |" in written.with_suffix(".md").read_text()
