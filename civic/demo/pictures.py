"""Calm flat pictures in place of photos, drawn: nobody's street, nobody's face."""

import io
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 960, 720
_FINER = 2  # drawn twice as large, then made smaller: smooth edges

NIGHT, NIGHT_GROUND, POLE, MOON = "#1f2b36", "#2d3a45", "#10181f", "#e6dfc6"
SKY, GROUND, ASPHALT, ASPHALT_DARK, KERB = "#cfdde0", "#a9b59b", "#6a7074", "#53585b", "#c9c4b8"
GRASS, LEAF, TRUNK, WATER, SAND = "#9fb58a", "#5f8560", "#7a6350", "#7fb2c4", "#d9c9a5"
BIN, BIN_DARK, PAPER, RUST, GOLD = "#3f6b52", "#2f513e", "#e9dcc0", "#a5653f", "#f2b01e"


class Canvas:
    """Draws in a plane of 960 × 720, x to the right, y down."""

    def __init__(self, sky: str, ground: str, horizon: int) -> None:
        self.image = Image.new("RGB", (WIDTH * _FINER, HEIGHT * _FINER), sky)
        self.pen = ImageDraw.Draw(self.image)
        self.box(0, horizon, WIDTH, HEIGHT, ground)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str, round_by: int = 0) -> None:
        self.pen.rounded_rectangle(self._all(left, top, right, bottom), round_by * _FINER, fill=colour)

    def oval(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self.pen.ellipse(self._all(left, top, right, bottom), fill=colour)

    def shape(self, points: Sequence[float], colour: str) -> None:
        self.pen.polygon(self._all(*points), fill=colour)

    def line(self, points: Sequence[float], colour: str, width: int) -> None:
        self.pen.line(self._all(*points), fill=colour, width=width * _FINER, joint="curve")

    def jpeg(self) -> bytes:
        """The picture as a camera would give it."""
        out = io.BytesIO()
        self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
        return out.getvalue()

    @staticmethod
    def _all(*numbers: float) -> list[float]:
        return [n * _FINER for n in numbers]


def _lamp(c: Canvas, lit: bool) -> None:
    c.oval(150, 70, 230, 150, MOON)
    if lit:
        c.shape((690, 170, 520, 720, 900, 720), "#4b4a3a")
        c.oval(640, 620, 800, 690, "#6d6747")
    c.line((590, 720, 590, 150, 600, 110, 640, 90, 720, 90), POLE, 26)
    c.box(660, 78, 770, 110, GOLD if lit else POLE, 12)
    c.box(90, 400, 330, 560, "#18222b")
    for x in (120, 190, 260):
        c.box(x, 440, x + 36, 490, GOLD if lit and x == 190 else "#22303b", 3)


def _road(c: Canvas, hole: bool, patch: bool = False) -> None:
    c.shape((330, 270, 630, 270, 930, 720, 30, 720), ASPHALT)
    for y, w in ((300, 6), (390, 9), (500, 13), (630, 18)):
        c.shape((480 - w, y, 480 + w, y, 480 + w * 1.4, y + w * 5, 480 - w * 1.4, y + w * 5), "#dfe2e0")
    if hole:
        c.oval(330, 470, 640, 600, ASPHALT_DARK)
        c.oval(365, 492, 605, 585, "#33383b")
        c.oval(420, 520, 560, 570, "#5c7885")
    if patch:
        c.shape((340, 470, 630, 470, 665, 600, 305, 600), ASPHALT_DARK)


def _pavement(c: Canvas, broken: bool) -> None:
    c.box(0, 560, WIDTH, 720, ASPHALT)
    c.box(0, 530, WIDTH, 565, KERB)
    for row in range(3):
        for column in range(8):
            x, y = column * 120 + (row % 2) * 60 - 60, 330 + row * 66
            missing = broken and (row, column) in ((0, 4), (1, 3), (1, 4), (2, 5))
            tilt = 14 if broken and (row + column) % 5 == 0 else 0
            colour = SAND if missing else "#c2b9a8" if (row + column) % 2 else "#b5ac9b"
            c.shape((x + 4, y + 4 + tilt, x + 116, y + 4, x + 116, y + 62, x + 4, y + 62 - tilt), colour)
    c.box(60, 90, 330, 330, "#b98d6f", 4)
    c.box(110, 150, 280, 250, "#8fb3bf", 4)


def _bin(c: Canvas, full: bool) -> None:
    if full:
        for x, y, r in ((250, 600, 46), (330, 640, 34), (660, 610, 56), (740, 650, 34), (580, 655, 28)):
            c.oval(x - r, y - r, x + r, y + r, PAPER if r % 4 else "#c6b190")
        for x, y, r in ((400, 285, 50), (480, 262, 62), (565, 290, 48)):
            c.oval(x - r, y - r, x + r, y + r, "#d8cbb0")
    c.shape((345, 320, 620, 320, 595, 620, 370, 620), BIN)
    c.box(330, 300 if full else 280, 635, 335, BIN_DARK, 8)
    for x in (420, 483, 545):
        c.line((x, 370, x, 580), BIN_DARK, 8)


def _rubbish(c: Canvas) -> None:
    for x, y, w, h, colour in ((240, 560, 260, 120, "#b9a88a"), (380, 500, 280, 180, "#a39274"), (560, 570, 230, 110, "#c4b496"),
                               (330, 590, 120, 80, PAPER), (500, 550, 110, 90, "#8aa0a5"), (620, 620, 90, 60, RUST)):
        c.oval(x, y, x + w, y + h, colour)
    c.line((420, 520, 330, 380), TRUNK, 10)
    c.line((600, 560, 700, 440), TRUNK, 8)


def _flood(c: Canvas) -> None:
    _house(c)
    c.shape((0, 520, 960, 470, 960, 720, 0, 720), WATER)
    for y in (540, 590, 640):
        c.line((120, y, 360, y - 8), "#a9cdd9", 6)
        c.line((520, y + 18, 800, y + 6), "#a9cdd9", 6)


def _leak(c: Canvas) -> None:
    _road(c, hole=False)
    c.oval(360, 500, 680, 650, WATER)
    for x, top in ((500, 330), (530, 290), (560, 340)):
        c.line((530, 560, x, top), "#a9cdd9", 14)
        c.oval(x - 16, top - 20, x + 16, top + 12, "#a9cdd9")


def _house(c: Canvas) -> None:
    c.box(120, 130, 560, 470, "#c9b79c")
    for x in range(160, 520, 90):
        for y in (170, 250, 330):
            c.box(x, y, x + 50, y + 50, "#8fb3bf", 3)
    c.box(310, 390, 370, 470, TRUNK)


def _swing(c: Canvas, good: bool) -> None:
    for foot in (220, 740):
        c.line((foot - 70, 640, foot, 200, foot + 70, 640), "#c9573f", 20)
    c.line((210, 200, 750, 200), "#c9573f", 20)
    for left in (330, 540):
        broken = not good and left == 540
        c.line((left, 200, left, 480), POLE, 7)
        c.line((left + 100, 200, left + 100, 300 if broken else 480), POLE, 7)
        c.line((left - 12, 480, left + 112, 600 if broken else 480), RUST, 18)


def _yard(c: Canvas) -> None:
    _house(c)
    c.shape((0, 560, 960, 520, 960, 600, 0, 650), SAND)
    _crown(c, 720, 330, 110)


def _crown(c: Canvas, x: int, y: int, r: int) -> None:
    c.line((x, y + 250, x, y), TRUNK, 26)
    for dx, dy in ((-r // 2, 0), (r // 2, 0), (0, -r // 2)):
        c.oval(x + dx - r, y + dy - r, x + dx + r, y + dy + r, LEAF)


def _tree(c: Canvas) -> None:
    c.box(0, 600, WIDTH, 720, KERB)
    c.line((330, 620, 420, 420, 560, 150), TRUNK, 38)
    for points in ((450, 350, 330, 250), (480, 290, 640, 260), (520, 220, 450, 110)):
        c.line(points, TRUNK, 16)
    _crown(c, 800, 380, 80)


def _manhole(c: Canvas, opened: bool) -> None:
    c.oval(290, 400, 670, 600, KERB)
    c.oval(320, 420, 640, 580, "#1d2225" if opened else "#575d60")
    if opened:
        c.shape((260, 470, 700, 430, 712, 470, 272, 512), TRUNK)
    else:
        for y in (455, 490, 525):
            c.line((380, y, 580, y), "#474c4f", 10)


def _crossing(c: Canvas) -> None:
    c.box(0, 420, WIDTH, 720, ASPHALT)
    for x in range(80, 900, 120):
        c.shape((x, 460, x + 60, 460, x + 40, 690, x - 40, 690), "#e7e7e0")
    c.line((800, 470, 800, 170), POLE, 18)
    c.box(765, 110, 835, 270, POLE, 12)
    for y, colour in ((125, "#b3261e"), (200, "#2d4034")):
        c.oval(778, y, 822, y + 44, colour)


def _stop(c: Canvas) -> None:
    c.box(0, 560, WIDTH, 720, ASPHALT)
    c.box(0, 530, WIDTH, 565, KERB)
    c.line((640, 540, 640, 190), POLE, 14)
    c.box(590, 150, 690, 250, "#0b6a86", 10)
    c.box(612, 178, 668, 222, "#e3f1f5", 6)


def _dogs(c: Canvas) -> None:
    for x, y, colour in ((250, 520, "#8a745c"), (470, 560, "#5d5348"), (690, 500, "#b39b78")):
        c.oval(x - 80, y - 40, x + 80, y + 40, colour)
        c.oval(x + 55, y - 85, x + 125, y - 20, colour)
        for leg in (-55, -25, 30, 55):
            c.line((x + leg, y + 20, x + leg, y + 85), colour, 14)
        c.line((x - 75, y - 15, x - 115, y - 60), colour, 12)


#: What a picture shows: its sky, its ground, where they meet, and what stands there.
SCENES: dict[str, tuple[str, str, int, Callable[[Canvas], None]]] = {
    "lamp_dark": (NIGHT, NIGHT_GROUND, 540, lambda c: _lamp(c, lit=False)),
    "lamp": ("#27323d", "#36424c", 540, lambda c: _lamp(c, lit=True)),
    "pothole": (SKY, "#98a19c", 270, lambda c: _road(c, hole=True)),
    "road": (SKY, "#98a19c", 270, lambda c: _road(c, hole=False, patch=True)),
    "pavement_broken": (SKY, GROUND, 320, lambda c: _pavement(c, broken=True)),
    "pavement": (SKY, GROUND, 320, lambda c: _pavement(c, broken=False)),
    "bin_full": ("#c3cfae", "#93a088", 520, lambda c: _bin(c, full=True)),
    "bin": ("#c9d8bd", "#93a088", 520, lambda c: _bin(c, full=False)),
    "rubbish": (SKY, "#b1ab8f", 470, _rubbish),
    "flood": ("#b9c7cc", GROUND, 470, _flood),
    "leak": (SKY, "#98a19c", 270, _leak),
    "swing": (SKY, SAND, 560, lambda c: _swing(c, good=False)),
    "swing_good": (SKY, SAND, 560, lambda c: _swing(c, good=True)),
    "yard": (SKY, GRASS, 470, _yard),
    "tree": (SKY, GRASS, 470, _tree),
    "manhole": (GROUND, ASPHALT, 300, lambda c: _manhole(c, opened=True)),
    "manhole_closed": (GROUND, ASPHALT, 300, lambda c: _manhole(c, opened=False)),
    "crossing": (SKY, GROUND, 380, _crossing),
    "stop": (SKY, GRASS, 480, _stop),
    "dogs": (SKY, GRASS, 430, _dogs),
}


@cache
def picture(name: str) -> bytes:
    """The JPEG of a scene."""
    sky, ground, horizon, draw = SCENES[name]
    canvas = Canvas(sky, ground, horizon)
    draw(canvas)
    return canvas.jpeg()
