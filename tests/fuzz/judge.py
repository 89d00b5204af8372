"""Counts cases, measures each one, keeps what went wrong."""

import resource
import time
from collections import defaultdict
from collections.abc import Callable

SECONDS, MEGABYTES = 2.0, 256


class Judge:
    """``outside``: seconds of the processor that the longest program for a PDF took. ``met``: the classes of status (2 for 200 …) that each method and address has answered with."""

    def __init__(self, cases: int, *, quiet: bool) -> None:
        self.cases, self.done, self.quiet, self.began = cases, 0, quiet, time.monotonic()
        self.slowest, self.hungriest, self.outside, self.problems = 0.0, 0, 0.0, dict[str, str]()
        self.met: dict[str, set[int]] = defaultdict(set)

    def try_out(self, what: str, act: Callable[[], str | None], spent: Callable[[], float] = time.process_time) -> None:
        """Run one case; ``act`` gives what is wrong with the answer. The same trouble is told once.

        spent: seconds of the processor until now that count; where the tests themselves read the answer, those of the product alone.
        """
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, spent()
        wrong = act()
        took, grown = spent() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        self.slowest, self.hungriest = max(self.slowest, took), max(self.hungriest, grown)
        if took > SECONDS:
            wrong = wrong or f"took {took:.1f} s"
        if grown > MEGABYTES:
            wrong = wrong or f"took {grown} MB"
        if wrong:
            told = wrong.splitlines()[-1][:200] if "Traceback" in wrong else wrong
            self.problems.setdefault(f"{what.split(' ')[:2]} {told}", f"{what}\n{wrong}")
        self.done += 1
        if not self.quiet and self.done % 250 == 0:
            print(f"  {self.done} of {self.cases} cases, {len(self.problems)} problems, {self.done / (time.monotonic() - self.began):.0f} a second", flush=True)

    def told(self) -> str:
        """The measurements in one line."""
        reached = sum(bool({2, 3} & met) for met in self.met.values())
        return (f"slowest {self.slowest:.2f} s of processor, most memory in one {self.hungriest} MB, "
                f"longest program for a PDF {self.outside:.2f} s, {reached} of {len(self.met)} addresses met with success, {len(self.problems)} problems")
