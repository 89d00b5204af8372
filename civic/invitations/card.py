"""The picture of a discussion that messengers show beside a shared link: when, where, and who of the authorities is invited."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from flask_babel import ngettext

from civic.events.models import Event
from civic.events.page import place_words
from civic.events.states import EventState
from civic.events.wording import FORMAT_WORDS, STATE_LOOKS, STATE_WORDS, when_words
from civic.invitations.queries import Invited
from civic.invitations.wording import card_lines
from civic.web.cards import INK, MARGIN, MUTED, SIZE, TONES, Sheet, cut, digest_of, fitted
from civic.web.locale import local_name

_SIZES = ((60, 2), (50, 2), (44, 3))
_ROOM = SIZE[0] - 2 * MARGIN
#: Lines below the rule: what became of the discussion, and the invited.
MOST_LINES = 4


@dataclass(frozen=True)
class EventCard:
    """What a card says, in the reader's language. marks: (shape, tone, words) of the lines below."""

    title: str
    city: str
    format: str
    when: str
    place: str
    marks: tuple[tuple[str, str, str], ...]

    @property
    def digest(self) -> str:
        """The same for the same picture."""
        return digest_of("event", astuple(self))

    def draw(self) -> bytes:
        """The PNG."""
        sheet = Sheet(self.city, self.format)
        size, lines = fitted(self.title, _SIZES)
        end = sheet.lines(146, size, lines)
        sheet.write((MARGIN, end + 36), cut(self.when, 36, 700, _ROOM), 36, 700, TONES["answered"])
        sheet.write((MARGIN, end + 84), cut(self.place, 30, 500, _ROOM), 30, 500, MUTED)
        pitch, top = 44, 630 - 24 - 44 * len(self.marks)
        if self.marks:
            sheet.rule(top - 14)
        for n, (icon, tone, words) in enumerate(self.marks):
            y = top + n * pitch
            sheet.rhombus(icon, TONES[tone], (MARGIN, y + 7), 30)
            sheet.write((MARGIN + 46, y + 22), cut(words, 28, 600, _ROOM - 46), 28, 600, INK)
        return sheet.png()


def card_of(event: Event, invited: Sequence[Invited]) -> EventCard:
    """The card in the reader's language."""
    state = EventState(event.state)
    marks = [] if state == EventState.ANNOUNCED else [(*STATE_LOOKS[state], str(STATE_WORDS[state]))]
    lines = [(line.icon, line.tone, f"{line.body} – {line.fate}") for line in card_lines(invited)]
    room = MOST_LINES - len(marks)
    if len(lines) > room:
        more = len(lines) - room + 1
        lines = [*lines[:room - 1], ("full", "muted", ngettext("and %(num)d more", "and %(num)d more", more))]
    return EventCard(
        title=local_name(event.title), city=local_name(event.city.name), format=str(FORMAT_WORDS[event.format]),
        when=when_words(event.starts_at, event.ends_at, event.city.timezone), place=place_words(event), marks=(*marks, *lines))
