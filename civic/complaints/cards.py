"""The picture of a complaint that messengers show beside a shared link (Open Graph, 1200 × 630), drawn in the reader's language.

Drawing costs CPU (20 ms of a core), so each process keeps the last cards, draws one at a time, and spends no more
than a part of its time on it: beyond that ``StudioBusy`` is raised and the caller answers at once that it should be tried again.
"""

import hashlib
import io
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from civic.config import ROOT

SIZE = (1200, 630)
FONTS = ROOT / "static" / "dist" / "fonts"
#: The front end's files of Onest, one per script; a character is drawn with the first that has it.
SUBSETS = ("latin", "cyrillic", "cyrillic-ext", "latin-ext")
_NO_SUCH_CHARACTER = "\U0010fffd"
_DESIGN = "1"  # raised when the drawing changes, so that no old card is served
_SKY_DEEP, _GOLD, _PAGE, _PAPER, _INK, _MUTED, _LINE = "#083f52", "#f2b01e", "#faf7f0", "#ffffff", "#13222b", "#53646e", "#e5ddcd"
#: As in ``_tokens.scss``, light.
_TONES = {"registered": "#3d5a80", "work": "#9a5b00", "forwarded": "#6a4c9c", "answered": "#0b6a86", "confirmed": "#1b7145",
          "overdue": "#b3261e", "muted": _MUTED}
_MARGIN = 72


class StudioBusy(Exception):
    """No card is drawn now: pages go first."""


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
        return hashlib.sha256(repr((_DESIGN, astuple(self))).encode()).hexdigest()[:24]


class Studio:
    """Draws cards, one at a time, and keeps the last ``kept`` of them. share: the part of its time that it may draw, between 0 and 1."""

    def __init__(self, draw: Callable[[Card], bytes], *, kept: int = 64, share: float = 0.2, clock: Callable[[], float] = time.monotonic) -> None:
        self._draw, self._kept, self._share, self._clock = draw, kept, share, clock
        self._cards: OrderedDict[str, bytes] = OrderedDict()
        self._lock, self._free_at = threading.Lock(), 0.0

    def card(self, card: Card) -> bytes:
        """The PNG. Raises ``StudioBusy`` when it would have to be drawn and it is not the time for it."""
        ready = self._cards.get(card.digest)
        if ready is not None:
            return ready
        if not self._lock.acquire(blocking=False):
            raise StudioBusy
        try:
            began = self._clock()
            if began < self._free_at:
                raise StudioBusy
            drawn = self._draw(card)
            ended = self._clock()
            self._free_at = ended + (ended - began) * (1 / self._share - 1)
            self._cards[card.digest] = drawn
            while len(self._cards) > self._kept:
                self._cards.popitem(last=False)
            return drawn
        finally:
            self._lock.release()


def draw(card: Card) -> bytes:
    """The card as a PNG of ``SIZE``."""
    image = Image.new("RGB", SIZE, _PAGE)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, SIZE[0], 104), fill=_SKY_DEEP)
    for x in range(0, SIZE[0], 28):  # the rug border
        pen.rectangle((x, 104, x + 28, 120), fill=_GOLD)
        pen.polygon([(x + 14, 105), (x + 21, 112), (x + 14, 119), (x + 7, 112)], fill=_SKY_DEEP)
    _paste(image, "full", _GOLD, (_MARGIN, 30), 44)
    _write(pen, (_MARGIN + 62, 52), card.city, 38, 700, "#ffffff")
    _write(pen, (SIZE[0] - _MARGIN - _width(card.number, 34, 600), 52), card.number, 34, 600, "#cfe6ee")
    size, lines = _fitted(card.title)
    top = 178 + (3 - min(3, len(lines))) * 24
    for place, line in enumerate(lines):
        _write(pen, (_MARGIN, top + round((place + 0.5) * size * 1.2)), line, size, 700, _INK)
    pen.line((_MARGIN, 452, SIZE[0] - _MARGIN, 452), fill=_LINE, width=2)
    tone = _TONES[card.tone]
    _paste(image, card.icon, tone, (_MARGIN, 482), 52)
    _write(pen, (_MARGIN + 72, 508), card.state, 42, 700, tone)
    _write(pen, (_MARGIN, 572), card.term, 32, 500, _MUTED)
    out = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def _fitted(title: str) -> tuple[int, list[str]]:
    """The title in the largest size in which it has room, cut with an ellipsis at the smallest."""
    for size, most in ((66, 3), (56, 3), (48, 4)):
        lines = wrapped(title, size)
        if len(lines) <= most:
            return size, lines
    last = lines[most - 1]
    while last and _width(last + "…", size, 700) > SIZE[0] - 2 * _MARGIN:
        last = last[:-1]
    return size, [*lines[: most - 1], last.rstrip(" ,") + "…"]


def wrapped(text: str, size: int) -> list[str]:
    """Lines that fit between the margins; a word that is too long for a line is broken."""
    room, lines = SIZE[0] - 2 * _MARGIN, [""]
    for word in re.split(r"[ \t\n]+", text.strip()):  # a no-break space breaks no line
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, size, 700) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if _width(lines[-1] + character, size, 700) > room:
                lines.append("")
            lines[-1] += character
    return lines


@lru_cache(maxsize=64)
def font(subset: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Onest for one script, from the built front end. size: pixels."""
    path: Path = FONTS / f"onest-{subset}-wght-normal.woff2"
    loaded = ImageFont.truetype(str(path), size)
    loaded.set_variation_by_axes([weight])
    return loaded


@lru_cache(maxsize=4096)
def subset_of(character: str) -> str | None:
    """The script's file that has the character; None when none has: what would be an empty box is left out."""
    for subset in SUBSETS:
        shape = font(subset, 40, 500)
        if bytes(shape.getmask(character)) != bytes(shape.getmask(_NO_SUCH_CHARACTER)):
            return subset
    return None


@lru_cache(maxsize=1024)
def runs(text: str) -> tuple[tuple[str, str], ...]:
    """The text in pieces that one file each can draw: (subset, piece)."""
    pieces: list[tuple[str, str]] = []
    for character in text:
        subset = subset_of(character)
        if subset is None:
            continue
        if pieces and pieces[-1][0] == subset:
            pieces[-1] = (subset, pieces[-1][1] + character)
        else:
            pieces.append((subset, character))
    return tuple(pieces)


def _width(text: str, size: int, weight: int) -> float:
    return sum(font(subset, size, weight).getlength(piece) for subset, piece in runs(text))


def _write(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, weight: int, colour: str) -> None:
    """One line of text; ``at`` is its left end, in the middle of its height."""
    x, y = at
    for subset, piece in runs(text):
        shape = font(subset, size, weight)
        pen.text((x, y + size * 0.36), piece, font=shape, fill=colour, anchor="ls")
        x += shape.getlength(piece)


def _paste(image: Image.Image, icon: str, colour: str, at: tuple[int, int], side: int) -> None:
    """The rhombus of a state, as in ``sprite.svg``."""
    image.paste(Image.new("RGB", (side, side), colour), at, _rhombus(icon, side))


@lru_cache(maxsize=16)
def _rhombus(icon: str, side: int) -> Image.Image:
    """The shape as a mask, drawn on the sprite's 24 × 24 at four times its size, so that its edges are smooth."""
    unit = side * 4 / 24
    mask = Image.new("L", (side * 4, side * 4), 0)
    pen = ImageDraw.Draw(mask)

    def shape(points: list[tuple[float, float]], fill: int) -> None:
        pen.polygon([(x * unit, y * unit) for x, y in points], fill=fill)

    def rhombus(inset: float, fill: int) -> None:
        shape([(12, inset), (24 - inset, 12), (12, 24 - inset), (inset, 12)], fill)

    rhombus(1.2, 255)
    if icon in ("ring", "half", "dashed"):
        rhombus(5.2, 0)
    if icon == "half":
        shape([(12, 3), (12, 21), (3, 12)], 255)
    if icon == "dashed":
        for start in range(2, 24, 5):
            pen.rectangle((start * unit, 0, (start + 2) * unit, 24 * unit), fill=0)
    if icon == "check":
        shape([(7.4, 11), (5.8, 12.6), (10.3, 17.1), (18.2, 9.2), (16.6, 7.6), (10.3, 13.9)], 0)
    if icon == "exclaim":
        shape([(10.7, 6.4), (11, 13.6), (13, 13.6), (13.3, 6.4)], 0)
        shape([(10.6, 15.2), (10.6, 17.8), (13.4, 17.8), (13.4, 15.2)], 0)
    return mask.resize((side, side), Image.Resampling.LANCZOS)
