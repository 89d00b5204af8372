"""The programs that are measured, each with one threaded worker on a core of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from bench.load import Sample, ask_in_turn, get
from civic.cli import programs
from civic.config import ROOT
from tests.support.database import free_port

STARTS_WITHIN = 60.0


ALLOWED = sorted(os.sched_getaffinity(0))


def cores() -> tuple[int, int]:
    """The core of the servers and the core of the load. They are the same one on a machine with a single core."""
    return ALLOWED[0], ALLOWED[-1]


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """CPU that these processes have used, to the nanosecond where the kernel tells it."""
    total = 0.0
    for process in processes:
        for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            total += int(thread.read_text().split()[0]) / 1e9
    return total


def cpu_ms(server: "Server", helpers: list[psutil.Process], messages: Sequence[bytes], seconds: float, most: int = 300) -> tuple[float, float, Sample]:
    """Milliseconds of CPU for an answer: the worker's, that of the database's processes; and the times."""
    before, before_helpers = cpu_seconds([server.worker]), cpu_seconds(helpers)
    sample = ask_in_turn(server.port, messages, seconds, most)
    count = len(sample.times)
    return (cpu_seconds([server.worker]) - before) / count * 1000, (cpu_seconds(helpers) - before_helpers) / count * 1000, sample


class Server:
    """gunicorn with one threaded worker, as ``flask serve`` starts it, on the core of the servers."""

    def __init__(self, name: str, application: str, env: Mapping[str, str], log: Path) -> None:
        self.name, self.port = name, free_port()
        command = programs(self.port)["web server"]
        command[command.index("wsgi:app")] = application
        command[command.index("--workers") + 1] = "1"
        self.log = log.open("ab")
        self.process = subprocess.Popen(command, cwd=ROOT, env=dict(env), start_new_session=True, stdout=self.log, stderr=self.log)
        psutil.Process(self.process.pid).cpu_affinity([cores()[0]])  # before it has made its worker, which inherits it
        self._wait()
        self.worker = psutil.Process(self.process.pid).children()[0]

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until and self.process.poll() is None:
            try:
                get(self.port, "/")
                return
            except (ConnectionError, OSError):
                time.sleep(0.1)
        raise SystemExit(f"{self.name} does not start; see {self.log.name}")

    def unique_mib(self) -> float:
        """Memory that the worker alone uses (USS), in MiB."""
        return float(self.worker.memory_full_info().uss) / 2**20

    def stop(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()
