"""A quick look while a page is being made: its CPU against the frozen reference page, in this process, without a server.

    DATABASE_URL=sqlite:///…/civic.db .venv/bin/python -m bench.quick /kk/shymkent/complaints/ [--profile]

``make bench`` is the measure that counts; this one leaves out the server and always asks for the same address.
"""

import cProfile
import os
import pstats
import statistics
import sys
import time
from typing import Any

from werkzeug.test import EnvironBuilder

from bench.reference import app as reference
from bench.store import SECRET
from civic import create_app
from civic.config import Settings


def cpu_ms(app: Any, path: str, times: int) -> float:
    """Mean milliseconds of CPU for one answer."""
    environ = EnvironBuilder(path=path.partition("?")[0], query_string=path.partition("?")[2]).get_environ()
    statuses = []
    began = time.process_time()
    for _ in range(times):
        answer = app.wsgi_app(dict(environ), lambda status, headers, *_: statuses.append(status))
        b"".join(answer)
        getattr(answer, "close", lambda: None)()
    spent = (time.process_time() - began) / times * 1000
    if set(statuses) - {"200 OK", "304 NOT MODIFIED"}:
        raise SystemExit(f"{path}: {set(statuses)}")
    return spent


def main(path: str, profile: bool) -> None:
    """Print the ratio of nine interleaved rounds, and what it is made of."""
    os.environ.setdefault("SECRET_KEY", SECRET)
    os.environ.setdefault("LIMITS_FACTOR", "0")  # all requests come from one address
    product = create_app(Settings.read())
    for app, warm in ((reference, "/kk/shymkent/complaints/"), (product, path)):
        cpu_ms(app, warm, 10)
    rounds = [(cpu_ms(reference, "/kk/shymkent/complaints/", 20), cpu_ms(product, path, 20)) for _ in range(9)]
    ratio = statistics.median(page / base for base, page in rounds)
    print(f"{path}: {statistics.median(page for _, page in rounds):.2f} ms of CPU, {ratio:.2f} of the reference page")
    if profile:
        with cProfile.Profile() as profiler:
            cpu_ms(product, path, 50)
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30).sort_stats("cumtime").print_stats(45)


if __name__ == "__main__":
    main(sys.argv[1], "--profile" in sys.argv[2:])
