"""A little of `make fuzz`, in a program of its own with bounded memory: no 500, nothing over 2 s, no request over 256 MB."""

import os
import subprocess
import sys

import pytest

from civic.config import ROOT


@pytest.mark.skipif(os.environ.get("CIVIC_TEST_DB") == "postgresql", reason="runs a program of its own, on SQLite")
def test_nonsense_breaks_nothing() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", "--quiet", "--seed", "7", "--cases", "250"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_the_judge_would_notice() -> None:
    import time

    from tests.fuzz.judge import MEGABYTES, SECONDS, Judge

    judge, held = Judge(3, quiet=True), []

    def hang() -> None:
        until = time.process_time() + SECONDS + 0.2
        while time.process_time() < until:
            pass

    judge.try_out("hang", hang)
    judge.try_out("hunger", lambda: held.append(b"x" * (MEGABYTES * 3 * 1024 * 1024)))
    judge.try_out("answer", lambda: "answered 500")
    assert [("took" in problem and " s" in problem, "MB" in problem, "500" in problem) for problem in judge.problems.values()] == [(True, False, False), (False, True, False), (False, False, True)]
