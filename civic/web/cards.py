"""Pictures that messengers show beside a shared link (Open Graph, 1200 × 630): the paper, the pen, and the bound on drawing.

Drawing costs CPU (20 ms of a core), so each process has one studio for all of them: it keeps the last cards, draws one at a time,
and spends no more than a part of its time on it: beyond that the answer is at once that it should be tried again.
"""

import hashlib
import io
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from flask import Response, request
from PIL import Image, ImageDraw, ImageFont

from civic.config import ROOT

SIZE = (1200, 630)
FONTS = ROOT / "static" / "dist" / "fonts"
#: The front end's files of Onest, one per script; a character is drawn with the first that has it.
SUBSETS = ("latin", "cyrillic", "cyrillic-ext", "latin-ext")
#: Seconds that messengers and proxies keep a card without asking: its address changes with what it says.
KEPT_SECONDS = 3600
_NO_SUCH_CHARACTER = "\U0010fffd"
_DESIGN = "2"  # raised when a drawing changes, so that no old card is served
SKY_DEEP, GOLD, PAGE, INK, MUTED, LINE = "#083f52", "#f2b01e", "#faf7f0", "#13222b", "#53646e", "#e5ddcd"
#: As in ``_tokens.scss``, light.
TONES = {"registered": "#3d5a80", "work": "#9a5b00", "forwarded": "#6a4c9c", "answered": "#0b6a86", "confirmed": "#1b7145",
         "overdue": "#b3261e", "muted": MUTED}
MARGIN = 72


class Card(Protocol):
    """What can be drawn. ``digest``: the same for the same picture."""

    @property
    def digest(self) -> str: ...

    def draw(self) -> bytes: ...


def digest_of(*facts: Any) -> str:
    """The digest of a card that shows these facts."""
    return hashlib.sha256(repr((_DESIGN, facts)).encode()).hexdigest()[:24]


class StudioBusy(Exception):
    """No card is drawn now: pages go first."""


class Studio:
    """Draws cards, one at a time, and keeps the last ``kept`` of them. share: the part of its time that it may draw, between 0 and 1."""

    def __init__(self, draw: Callable[[Any], bytes] | None = None, *, kept: int = 64, share: float = 0.2, clock: Callable[[], float] = time.monotonic) -> None:
        self._draw, self._kept, self._share, self._clock = draw or (lambda card: card.draw()), kept, share, clock
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


#: The one of this process.
studio = Studio()


def answer(of: Studio, card: Card) -> Response:
    """The picture; 503 when too many are asked for at once."""
    if request.if_none_match.contains(card.digest):
        return _kept(Response(status=304), card.digest)
    try:
        return _kept(Response(of.card(card), mimetype="image/png"), card.digest)
    except StudioBusy:
        return Response(status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"})


def _kept(response: Response, digest: str) -> Response:
    response.set_etag(digest)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


class Sheet:
    """The paper of a card with the band that all have: the city at its left, ``corner`` at its right."""

    def __init__(self, city: str, corner: str) -> None:
        self.image = Image.new("RGB", SIZE, PAGE)
        self.pen = ImageDraw.Draw(self.image)
        self.pen.rectangle((0, 0, SIZE[0], 104), fill=SKY_DEEP)
        for x in range(0, SIZE[0], 28):  # the rug border
            self.pen.rectangle((x, 104, x + 28, 120), fill=GOLD)
            self.pen.polygon([(x + 14, 105), (x + 21, 112), (x + 14, 119), (x + 7, 112)], fill=SKY_DEEP)
        self.rhombus("full", GOLD, (MARGIN, 30), 44)
        self.write((MARGIN + 62, 52), city, 38, 700, "#ffffff")
        self.write((SIZE[0] - MARGIN - width(corner, 34, 600), 52), corner, 34, 600, "#cfe6ee")

    def write(self, at: tuple[float, float], text: str, size: int, weight: int, colour: str) -> None:
        """One line of text; ``at`` is its left end, in the middle of its height."""
        x, y = at
        for subset, piece in runs(text):
            shape = font(subset, size, weight)
            self.pen.text((x, y + size * 0.36), piece, font=shape, fill=colour, anchor="ls")
            x += shape.getlength(piece)

    def lines(self, top: float, size: int, lines: Sequence[str]) -> float:
        """Lines of a title from ``top``; gives where they end."""
        for place, line in enumerate(lines):
            self.write((MARGIN, top + round((place + 0.5) * size * 1.2)), line, size, 700, INK)
        return top + len(lines) * size * 1.2

    def rule(self, y: float) -> None:
        """A thin line between the margins."""
        self.pen.line((MARGIN, y, SIZE[0] - MARGIN, y), fill=LINE, width=2)

    def rhombus(self, icon: str, colour: str, at: tuple[int, int], side: int) -> None:
        """The rhombus of a state, as in ``sprite.svg``."""
        self.image.paste(Image.new("RGB", (side, side), colour), at, rhombus(icon, side))

    def png(self) -> bytes:
        """The finished picture."""
        out = io.BytesIO()
        self.image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG")
        return out.getvalue()


def fitted(title: str, sizes: Sequence[tuple[int, int]]) -> tuple[int, list[str]]:
    """The title in the largest size in which it has room, cut with an ellipsis at the smallest. sizes: (size, most lines)."""
    for size, most in sizes:
        lines = wrapped(title, size)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], cut(f"{lines[most - 1]} {lines[most]}", size, 700, SIZE[0] - 2 * MARGIN)]


def cut(text: str, size: int, weight: int, room: float) -> str:
    """The text, with an ellipsis at its end when it has no room."""
    if width(text, size, weight) <= room:
        return text
    while text and width(text + "…", size, weight) > room:
        text = text[:-1]
    return text.rstrip(" ,") + "…"


def wrapped(text: str, size: int) -> list[str]:
    """Lines that fit between the margins; a word that is too long for a line is broken."""
    room, lines = SIZE[0] - 2 * MARGIN, [""]
    for word in re.split(r"[ \t\n]+", text.strip()):  # a no-break space breaks no line
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, 700) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if width(lines[-1] + character, size, 700) > room:
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


def width(text: str, size: int, weight: int) -> float:
    """Pixels that the text takes."""
    return sum(font(subset, size, weight).getlength(piece) for subset, piece in runs(text))


@lru_cache(maxsize=16)
def rhombus(icon: str, side: int) -> Image.Image:
    """The shape as a mask, drawn on the sprite's 24 × 24 at four times its size, so that its edges are smooth."""
    unit = side * 4 / 24
    mask = Image.new("L", (side * 4, side * 4), 0)
    pen = ImageDraw.Draw(mask)

    def shape(points: list[tuple[float, float]], fill: int) -> None:
        pen.polygon([(x * unit, y * unit) for x, y in points], fill=fill)

    def diamond(inset: float, fill: int) -> None:
        shape([(12, inset), (24 - inset, 12), (12, 24 - inset), (inset, 12)], fill)

    diamond(1.2, 255)
    if icon in ("ring", "half", "dashed"):
        diamond(5.2, 0)
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
