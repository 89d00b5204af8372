"""Where piles lie, as small pictures drawn by the server: the districts of the city, and a dot for each square kilometre that has any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from typing import Any

from sqlalchemy.orm import Session

from civic.places.outlines import outlines, outlines_version

#: Width and height of the picture in its own units; the radius of the dot of the largest number; free space at the edges.
SIDE, LARGEST, EDGE = 100, 5, 6
MOST_KEPT = 50  # cities whose outlines stay in memory


@dataclass(frozen=True)
class Frame:
    """What of the earth the pictures of one page show: the same for all of them, so that they can be compared."""

    west: float
    north: float
    scale: float  # units for a degree of latitude
    squeeze: float  # a degree of longitude, of one of latitude

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """A WGS 84 point in units of the picture."""
        return round(EDGE + (lon - self.west) * self.squeeze * self.scale, 1), round(EDGE + (self.north - lat) * self.scale, 1)


def frame_of(points: Sequence[Sequence[float]]) -> Frame:
    """The smallest frame that holds these (latitude, longitude, …)."""
    lats, lons = [p[0] for p in points], [p[1] for p in points]
    squeeze = cos(radians((min(lats) + max(lats)) / 2))
    size = max(max(lats) - min(lats), (max(lons) - min(lons)) * squeeze, 0.05)
    return Frame((min(lons) + max(lons)) / 2 - size / squeeze / 2, (min(lats) + max(lats)) / 2 + size / 2, (SIDE - 2 * EDGE) / size, squeeze)


@dataclass(frozen=True)
class Pictures:
    """The pictures of one page. ground: the districts as one path of SVG. dots: by place in the page (x, y, radius)."""

    ground: str
    dots: list[list[tuple[float, float, float]]]


def pictures(session: Session, city_id: int, piles: Sequence[Sequence[Sequence[float]]]) -> Pictures:
    """Draw the ``places`` of each pile. Nothing is read for a page without any; without outlines of districts the page draws none."""
    if not any(piles):
        return Pictures("", [[] for _ in piles])
    rings = _rings(session, city_id)
    frame = frame_of([*(p for pile in piles for p in pile), *(p for ring in rings for p in ring)])
    most = max(p[2] for pile in piles for p in pile)
    ground = "".join("M" + "L".join("{} {}".format(*frame.at(*p)) for p in ring) + "Z" for ring in rings)
    return Pictures(ground, [[(*frame.at(lat, lon), round(max(1.2, LARGEST * sqrt(n / most)), 1)) for lat, lon, n in pile] for pile in piles])


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
