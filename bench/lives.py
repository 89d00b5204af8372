"""How a made-up complaint lives: the steps it takes until now, in the order and with the dates that the rules give.

Nothing here is random but the choice of a story and its days; the rows are those the services would have written.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from civic.complaints.states import OPEN, PROCEDURES, RESPONSE_DAYS, SECOND_DISPUTE_DAYS, AppealKind, State
from civic.core.working_days import WorkCalendar

S = State
LOCAL = timedelta(hours=5)  # of Kazakhstan, for dates; what a day's border would change does not matter here
CALENDAR = WorkCalendar()
#: share: steps after registration. Each step: its name, and the days after the step before, from and to.
STORIES: tuple[tuple[float, tuple[tuple[str, int, int], ...]], ...] = (
    (0.34, (("accept", 0, 3), ("answer", 1, 18), ("confirm", 0, 8))),
    (0.26, (("accept", 0, 3), ("answer", 1, 18), ("lapse", 14, 15))),
    (0.05, (("accept", 0, 3), ("answer", 19, 45), ("lapse", 14, 15))),
    (0.05, (("answer", 0, 4), ("confirm", 0, 8))),
    (0.07, (("forward", 0, 3), ("accept", 0, 3), ("answer", 2, 20), ("confirm", 0, 8))),
    (0.05, (("accept", 0, 3), ("extend", 8, 14), ("answer", 5, 40), ("lapse", 14, 15))),
    (0.03, (("accept", 0, 2), ("hold_hearing", 2, 8), ("answer", 4, 8), ("confirm", 1, 9))),
    (0.04, (("accept", 0, 3), ("answer", 2, 18), ("dispute", 1, 9), ("reopen", 0, 4), ("accept", 0, 2), ("answer", 2, 14), ("confirm", 0, 8))),
    (0.01, (("accept", 0, 3), ("answer", 2, 18), ("dispute", 1, 9), ("answer", 2, 14), ("dispute", 1, 5), ("answer", 5, 30), ("lapse", 14, 15))),
    (0.03, (("return", 1, 3),)),
    (0.03, (("accept", 0, 3), ("withdraw", 0, 12))),
    (0.03, (("mark_duplicate", 0, 5),)),
    (0.008, (("accept", 0, 3),)),  # nobody answers: overdue for good
    (0.002, ()),
)
TARGETS = {
    "accept": S.IN_WORK, "answer": S.ANSWERED, "forward": S.FORWARDED, "extend": S.EXTENDED, "hold_hearing": S.HEARING, "return": S.RETURNED,
    "mark_duplicate": S.DUPLICATE, "reopen": S.REOPENED, "confirm": S.CONFIRMED, "dispute": S.DISPUTED, "withdraw": S.WITHDRAWN, "lapse": S.UNCONFIRMED,
}
RESIDENTS = frozenset({"confirm", "dispute", "withdraw"})
WITH_WORDS = frozenset({"answer", "forward", "extend", "hold_hearing", "return", "dispute", "reopen"})
_SHARES = [share for share, _ in STORIES]
_STEPS = [steps for _, steps in STORIES]


@cache
def working_day(day: date) -> date:
    """``day`` or the next one worked."""
    return CALENDAR.on_or_after(day)


@cache
def later(day: date, days: int) -> date:
    """``days`` working days after ``day``."""
    return CALENDAR.add(day, days)


@cache
def between(start: date, end: date) -> int:
    """Working days after ``start`` up to ``end``."""
    return CALENDAR.between(start, end)


@dataclass
class Step:
    """One row of the path."""

    kind: str
    at: datetime
    role: str
    from_state: State | None
    to_state: State
    from_body_id: int | None
    to_body_id: int
    due_before: date | None
    due_after: date
    facts: dict[str, Any]


@dataclass
class Life:
    """A complaint as it stands now, and the steps that led there. Fields are named as the columns."""

    kind: AppealKind
    body_id: int
    registered_at: datetime
    state: State = S.REGISTERED
    disputes: int = 0
    term_until: date | None = None
    hearing_on: date | None = None
    outcome: str | None = None
    answered_at: datetime | None = None
    respond_by: date | None = None
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registered_on = self.arrived_on = self.term_from = working_day((self.registered_at + LOCAL).date())
        self.term_days = PROCEDURES[self.kind].working_days
        self.due_on = later(self.term_from, self.term_days)
        self.updated_at = self.registered_at
        facts = {"day": self.registered_on.isoformat()}
        self.steps.append(Step("register", self.registered_at, "applicant", None, self.state, None, self.body_id, None, self.due_on, facts))

    def take(self, name: str, at: datetime, other_body: int, rng: random.Random) -> None:
        """One step more."""
        before, body_before, due_before, day = self.state, self.body_id, self.due_on, (at + LOCAL).date()
        facts: dict[str, Any] = {}
        if name == "answer":
            self.outcome = rng.choices(("resolved", "explained", "refused"), (75, 18, 7))[0]
            self.answered_at, self.respond_by = at, later(working_day(day), RESPONSE_DAYS)
            facts = {"outcome": self.outcome, "days": between(self.term_from, day)}
        elif name in ("forward", "dispute"):
            self._begin_again(name, day, other_body)
        elif name == "extend":
            self.term_until = self.due_on = working_day(self.due_on + timedelta(days=rng.randint(10, 40)))
        elif name == "hold_hearing":
            self.hearing_on = later(working_day(day), 3)
            facts = {"on": self.hearing_on.isoformat()}
        elif name == "return":
            facts = {"ground": rng.choice(("defects_not_mended", "repeated", "obscene"))}
        self.state, self.updated_at = TARGETS[name], at
        role = "applicant" if name in RESIDENTS else "system" if name == "lapse" else "head" if name in ("extend", "reopen") else "official"
        self.steps.append(Step(name, at, role, before, self.state, body_before, self.body_id, due_before, self.due_on, facts))

    def _begin_again(self, name: str, day: date, other_body: int) -> None:
        self.arrived_on = self.term_from = working_day(day)
        self.term_until = self.hearing_on = None
        self.term_days = PROCEDURES[self.kind].working_days
        if name == "forward":
            self.body_id = other_body
        else:
            self.term_days = SECOND_DISPUTE_DAYS if self.disputes else self.term_days
            self.disputes += 1
            self.outcome = self.answered_at = self.respond_by = None
        self.due_on = later(self.term_from, self.term_days)

    @property
    def is_open(self) -> bool:
        """The body has to act."""
        return self.state in OPEN


def live(kind: AppealKind, body_id: int, other_body: int, began: datetime, now: datetime, rng: random.Random, *, with_twin: bool) -> Life:
    """A life from ``began`` until ``now``. with_twin: there is an earlier complaint that this one may be joined with."""
    life = Life(kind, body_id, began)
    at = began
    for name, least, most in _story(rng, with_twin=with_twin):
        at += timedelta(days=rng.randint(least, most), seconds=rng.randint(1800, 30000))
        if at > now:
            break
        life.take(name, at, other_body, rng)
    return life


def _story(rng: random.Random, *, with_twin: bool) -> tuple[tuple[str, int, int], ...]:
    steps = rng.choices(_STEPS, _SHARES)[0]
    return steps if with_twin or "mark_duplicate" not in (name for name, *_ in steps) else _STEPS[0]


def moments(first: datetime, last: datetime, count: int, rng: random.Random) -> Iterator[datetime]:
    """``count`` moments from ``first`` to ``last`` that only grow, spread as chance spreads them."""
    step = (last - first) / count
    return (first + step * (place + rng.random()) for place in range(count))
