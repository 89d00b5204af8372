"""The picture of a complaint that messengers show beside a shared link, drawn in the reader's language."""

from dataclasses import astuple, dataclass

from civic.web.cards import MARGIN, MUTED, TONES, Sheet, digest_of, fitted

_SIZES = ((66, 3), (56, 3), (48, 4))


@dataclass(frozen=True)
class Card:
    """What a card says, in the reader's language. icon, tone: of the state, as in ``wording.STATE_LOOKS``."""

    title: str
    state: str
    icon: str
    tone: str
    city: str
    term: str
    number: str

    @property
    def digest(self) -> str:
        """The same for the same picture."""
        return digest_of("complaint", astuple(self))

    def draw(self) -> bytes:
        """The PNG."""
        return draw(self)


def draw(card: Card) -> bytes:
    """The card as a PNG."""
    sheet = Sheet(card.city, card.number)
    size, lines = fitted(card.title, _SIZES)
    sheet.lines(178 + (3 - min(3, len(lines))) * 24, size, lines)
    sheet.rule(452)
    tone = TONES[card.tone]
    sheet.rhombus(card.icon, tone, (MARGIN, 482), 52)
    sheet.write((MARGIN + 72, 508), card.state, 42, 700, tone)
    sheet.write((MARGIN, 572), card.term, 32, 500, MUTED)
    return sheet.png()
