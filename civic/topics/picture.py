"""Where piles lie, as small pictures drawn by the server: a mark for each place that has any of a pile, its shape telling how many still wait.

Where outlines of the city's districts are known, all pictures of a page show the city, so that they can be compared. Without them each
shows the frame of its own pile, with a scale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import cos, hypot, radians, sqrt
from typing import Any

from sqlalchemy.orm import Session

from civic.places.outlines import outlines, outlines_version

#: Width and height of a picture in its own units, about a pixel each; free space at the edges, where half a mark may lie.
WIDTH, HEIGHT, EDGE = 320, 200, 22
#: Half the width of a mark: of the smallest one, of the largest, and from where on its number fits on it.
SMALLEST, LARGEST, NUMBERED = 5, 17, 9
#: A pile in one place is shown with this much around it, in degrees of latitude: a kilometre.
LEAST_SPAN = 0.009
METRES_PER_DEGREE = 111_200
#: Lengths in metres that a scale may have; its longest line in the picture.
LENGTHS, LONGEST_LINE = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000), 90
MOST_KEPT = 50  # cities whose outlines stay in memory
#: (latitude, longitude, how many, how many of them are open): ``TopicCount.places``.
Place = Sequence[float]


@dataclass(frozen=True)
class Frame:
    """What of the earth a picture shows."""

    west: float
    north: float
    scale: float  # units for a degree of latitude
    squeeze: float  # a degree of longitude, of one of latitude

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """A WGS 84 point in units of the picture."""
        return round((lon - self.west) * self.squeeze * self.scale, 1), round((self.north - lat) * self.scale, 1)


def frame_of(points: Sequence[Sequence[float]]) -> Frame:
    """The frame that holds these (latitude, longitude, …) in its middle, as large as they allow."""
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    squeeze = cos(radians(lat))
    scale = min((HEIGHT - 2 * EDGE) / max(max(lats) - min(lats), LEAST_SPAN), (WIDTH - 2 * EDGE) / max((max(lons) - min(lons)) * squeeze, LEAST_SPAN))
    return Frame(lon - WIDTH / 2 / scale / squeeze, lat + HEIGHT / 2 / scale, scale, squeeze)


@dataclass(frozen=True)
class Mark:
    """One place: its middle, half its width, the shape of the sprite (``shape_of``), and the number where it fits."""

    x: float
    y: float
    half: float
    shape: str
    number: str


@dataclass(frozen=True)
class Picture:
    """The picture of one pile. metres: what the line of its scale stands for, ``line`` units long; 0 without a scale."""

    marks: list[Mark]
    line: float = 0
    metres: int = 0


@dataclass(frozen=True)
class Pictures:
    """The pictures of one page. ground: the districts as one path of SVG, empty without outlines. piles: None for one without a place."""

    ground: str
    piles: list[Picture | None]


def shape_of(place: Place) -> str:
    """All of it still waits, some, or nothing any more."""
    return "full" if place[3] >= place[2] else "half" if place[3] else "ring"


def pictures(session: Session, city_id: int, piles: Sequence[Sequence[Place]]) -> Pictures:
    """Draw the ``places`` of each pile. Nothing is read for a page without any."""
    if not any(piles):
        return Pictures("", [None for _ in piles])
    rings = _rings(session, city_id)
    if not rings:
        return Pictures("", [_alone(pile) if pile else None for pile in piles])
    frame = frame_of([*(p for pile in piles for p in pile), *(p for ring in rings for p in ring)])
    most = max(p[2] for pile in piles for p in pile)
    ground = "".join("M" + "L".join("{} {}".format(*frame.at(*p)) for p in ring) + "Z" for ring in rings)
    return Pictures(ground, [Picture(_marks(frame, pile, most)) if pile else None for pile in piles])


def _alone(pile: Sequence[Place]) -> Picture:
    frame = frame_of(pile)
    per_metre = frame.scale / METRES_PER_DEGREE
    metres = max((length for length in LENGTHS if length * per_metre <= LONGEST_LINE), default=LENGTHS[0])
    return Picture(_marks(frame, pile, max(p[2] for p in pile)), round(metres * per_metre, 1), metres)


def _marks(frame: Frame, pile: Sequence[Place], most: float) -> list[Mark]:
    """The larger first, so that a smaller one lies upon it. Neighbours do not cover each other much."""
    middles = [frame.at(lat, lon) for lat, lon, *_ in pile]
    apart = min((hypot(a[0] - b[0], a[1] - b[1]) for a, b in combinations(middles, 2)), default=2 * LARGEST)
    widest = min(max(0.6 * apart, SMALLEST), LARGEST)
    found = []
    for (x, y), place in zip(middles, pile, strict=True):
        half = round(max(SMALLEST, widest * sqrt(place[2] / most)), 1)
        found.append(Mark(x, y, half, shape_of(place), f"{place[2]:g}" if half >= NUMBERED else ""))
    return sorted(found, key=lambda mark: -mark.half)


def _rings(session: Session, city_id: int) -> Sequence[Sequence[tuple[float, float]]]:
    """The outer lines of the districts, (latitude, longitude); simplified once for each version of them."""
    version = outlines_version(session, city_id)
    if version not in _drawn:
        if len(_drawn) > MOST_KEPT:
            _drawn.clear()
        _drawn[version] = [[(lat, lon) for lon, lat in ring] for shape in outlines(session, city_id)["features"] for ring in _outer(shape["geometry"])]
    return _drawn[version]


_drawn: dict[str, Sequence[Sequence[tuple[float, float]]]] = {}


def _outer(geometry: dict[str, Any]) -> Iterable[Any]:
    return [geometry["coordinates"][0]] if geometry["type"] == "Polygon" else [polygon[0] for polygon in geometry["coordinates"]]
