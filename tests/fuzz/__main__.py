"""``python -m tests.fuzz --cases 10000 [--seed N] [--what pages|files|data]``: sends nonsense and says what broke.

A program of its own, so that it can bound its memory and measure it. Each case is one request, one command, or one file through the
parser that reads it: it must not answer 500, nor take more than SECONDS of the processor, nor let the memory grow by more than MEGABYTES.
"""

import argparse
import logging
import random
import resource
import sys
import warnings

from tests.fuzz.data import data
from tests.fuzz.files import files
from tests.fuzz.judge import Judge
from tests.fuzz.pages import pages
from tests.fuzz.world import World

FENCE = 4 * 1024**3  # bytes of memory at which the program is stopped by the system
MANY = 1000  # cases from which on the demonstration is worth its seconds
#: What part of the cases each kind gets.
SHARES = {"pages": 0.75, "files": 0.15, "data": 0.1}
KINDS = {"pages": pages, "files": files, "data": data}


def main() -> None:
    """Run, and end with 1 when something broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    parser.add_argument("--what", choices=(*KINDS, "all"), default="all")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--unmet", action="store_true", help="also name the addresses that never answered with success")
    wanted = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (FENCE, FENCE))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    world = World(demonstration=wanted.cases >= MANY)
    judge = Judge(wanted.cases, quiet=wanted.quiet)
    try:
        for kind, run in KINDS.items():
            if wanted.what in (kind, "all"):
                world.again()
                run(world, judge, wanted.cases if wanted.what == kind else round(wanted.cases * SHARES[kind]), wanted.seed)
    finally:
        world.end()
    print(f"{judge.done} cases, seed {wanted.seed}: {judge.told()}")
    for told in judge.problems.values():
        print(f"\n--- {told}")
    if wanted.unmet:
        print("\n".join(f"{name} {sorted(met)}" for name, met in sorted(judge.met.items()) if not {2, 3} & met))
    sys.exit(bool(judge.problems))


if __name__ == "__main__":
    main()
