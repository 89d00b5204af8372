"""What one step of a complaint adds to which counters: pure functions, for the live counting and for the recount alike.

Who gets what, when bodies differ: what a body did, or failed to do, counts for the body that had the complaint before the
step (``from_body_id``); what arrived counts for the body that has it after the step (``to_body_id``), and so does the open one.
A city and a category count each step once. Private complaints count too: a number names nobody.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from civic.complaints.states import OPEN, State


class Measure(StrEnum):
    """RECEIVED: filed; for a body whatever arrived there. ON_TIME, LATE: answers, by the working days they took. BROKEN: ended
    without an answer after the due date. OPEN: waits for an answer, by due date. All others: steps of that name."""

    RECEIVED = "received"
    ON_TIME = "on_time"
    LATE = "late"
    BROKEN = "broken"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    UNCONFIRMED = "unconfirmed"
    REOPENED = "reopened"
    FORWARDED = "forwarded"
    EXTENDED = "extended"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"
    OPEN = "open"


#: Steps that are counted as they are.
STEPS = {
    "confirm": Measure.CONFIRMED, "dispute": Measure.DISPUTED, "lapse": Measure.UNCONFIRMED, "reopen": Measure.REOPENED,
    "forward": Measure.FORWARDED, "extend": Measure.EXTENDED, "return": Measure.RETURNED, "withdraw": Measure.WITHDRAWN,
    "mark_duplicate": Measure.JOINED,
}
#: With these a body's term ends without its answer.
ENDINGS = frozenset({"forward", "return", "withdraw", "mark_duplicate"})
COUNTED = frozenset(STEPS) | {"register", "answer"}


class Place(NamedTuple):
    """Where a complaint counts besides its body."""

    city_id: int
    category_id: int
    root_id: int


class Step(NamedTuple):
    """One step, as far as it is counted. month: first day of the month in which it was taken, by the city's clock. past_due:
    taken after the due date that held before it. days: working days that an answer took."""

    kind: str
    from_state: str | None
    from_body_id: int | None
    to_body_id: int
    month: date
    past_due: bool
    days: int


class Key(NamedTuple):
    """Names one counter; the order of fields is the order in which counters are written."""

    city_id: int
    scope: str
    measure: str
    scope_id: int
    day: date
    days: int


def steps_counters(place: Place, step: Step) -> list[Key]:
    """The counters of what happened that a step adds one to."""
    keys: list[Key] = []
    if step.kind == "register":
        keys = _keys(place, Measure.RECEIVED, step.to_body_id, step.month)
    elif step.from_body_id != step.to_body_id:
        keys = [Key(place.city_id, "body", Measure.RECEIVED, step.to_body_id, step.month, 0)]
    if step.from_body_id is None:
        return keys
    if step.kind == "answer":
        keys += _keys(place, Measure.LATE if step.past_due else Measure.ON_TIME, step.from_body_id, step.month, step.days)
    if step.kind in STEPS:
        keys += _keys(place, STEPS[step.kind], step.from_body_id, step.month)
    if step.kind in ENDINGS and step.past_due and is_open(step.from_state):
        keys += _keys(place, Measure.BROKEN, step.from_body_id, step.month)
    return keys


def open_counters(place: Place, body_id: int, due_on: date) -> list[Key]:
    """The counters of an open complaint: its body, by its due date."""
    return _keys(place, Measure.OPEN, body_id, due_on)


def is_open(state: str | None) -> bool:
    """The body has to act."""
    return state is not None and State(state) in OPEN


def _keys(place: Place, measure: Measure, body_id: int, day: date, days: int = 0) -> list[Key]:
    categories = sorted({place.category_id, place.root_id})  # a root without leaves is both
    return [
        Key(place.city_id, "body", measure, body_id, day, days),
        *(Key(place.city_id, "category", measure, category_id, day, days) for category_id in categories),
        Key(place.city_id, "city", measure, place.city_id, day, days),
    ]
