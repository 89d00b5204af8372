"""What a story of the demonstration is made of. Days are counted in working days back from today."""

from collections.abc import Sequence
from dataclasses import dataclass

from civic.complaints.states import AppealKind


@dataclass(frozen=True)
class Step:
    """One step. do: name of the transition, or ``information``, ``assign``, ``note``. ago: working days back; at: local time.

    to: the body's code (forward), the story's key (mark_duplicate), the ground (return) or the account's name before @ (assign).
    outcome: of an answer. picture: what the photo shows. later: working days after the step (extend, hold_hearing).
    """

    do: str
    ago: int
    text: str = ""
    at: str = "10:15"
    to: str = ""
    outcome: str = "resolved"
    picture: str = ""
    later: int = 0


@dataclass(frozen=True)
class Story:
    """One complaint and what became of it. by: the account's name before @, or an invented neighbour's name."""

    category: str
    place: tuple[float, float]
    address: str
    district: str
    text: str
    ago: int
    at: str = "09:40"
    by: str = "Гүлнар Әбдірова"
    steps: Sequence[Step] = ()
    picture: str = ""
    supporters: int = 0
    key: str = ""
    city: str = "shymkent"
    kind: AppealKind = AppealKind.NOTICE
    private: bool = False
    show_name: bool = False
