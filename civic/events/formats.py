"""Kinds of discussions as data: what a new event of a kind begins with. No code asks which format an event has."""

from dataclasses import dataclass

from civic.events.states import Admission, Consent


@dataclass(frozen=True)
class Format:
    """Defaults of one format; all of them can be changed in an event, except ``needs_official``.

    agenda: the usual items, as (key of their words, minutes). minutes: how long the whole usually lasts. capacity: places,
    None for as many as come. needs_official: cannot be announced before an official was invited. informed: who registers
    agrees to the informed consent of a focus group first.
    """

    agenda: tuple[tuple[str, int], ...]
    admission: Admission = Admission.OPEN
    consent: Consent = Consent.RECORDING
    capacity: int | None = 100
    needs_official: bool = False
    informed: bool = False

    @property
    def minutes(self) -> int:
        return sum(minutes for _, minutes in self.agenda)


FORMATS: dict[str, Format] = {
    "debate": Format((("opening", 10), ("positions", 40), ("questions", 60), ("summary", 10)), capacity=120, needs_official=True),
    "utalk": Format((("opening", 10), ("stories", 30), ("questions_of_pupils", 40), ("summary", 10)), consent=Consent.MINORS,
                    capacity=80, needs_official=True),
    "round_table": Format((("opening", 10), ("reports", 60), ("discussion", 40), ("recommendations", 10)), Admission.APPROVAL,
                          capacity=25),
    "conference": Format((("registration", 30), ("plenary", 90), ("sections", 120), ("recommendations", 30)), capacity=300),
    "pechakucha": Format((("opening", 5), ("talks_20x20", 80), ("questions", 35)), capacity=150),
    "focus_group": Format((("opening", 10), ("discussion", 70), ("summary", 10)), Admission.APPROVAL, capacity=12, informed=True),
}
