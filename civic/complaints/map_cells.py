"""Cells of the map: hexagons of H3 as whole numbers, coarser ones for far zooms.

Everything inside one cell lies between two numbers (``span``), so an ordinary index finds it on any database.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from civic.places.queries import Box, box_around

#: H3 resolutions that are counted; cells are 17 km, 6.4 km, 2.4 km, 920 m and 350 m from centre to centre.
RESOLUTIONS = (5, 6, 7, 8, 9)
FINEST = RESOLUTIONS[-1]
#: From this zoom of the map on, the cells of a resolution lie at least 55 pixels apart at the latitudes of the country.
_FROM_ZOOM = {10: 6, 12: 7, 14: 8, 15: 9}
NEAREST_ZOOM, FARTHEST_ZOOM = 19, 3
_WIDEST = 4096  # pixels of a screen
MOST_CELLS = 500  # in one frame; a wider one is given coarser cells
_CELL_KM2 = {5: 252.9, 6: 36.13, 7: 5.161, 8: 0.7373, 9: 0.1053}
_KM_PER_DEGREE = 111.2
#: The farthest corner of a cell from its middle, against the root of the mean area: up to 0.68 in Kazakhstan, where cells are larger than the mean.
_CORNER = 0.72
_MODE_BIT, _RESOLUTION_BIT, _DIGIT_BITS, _DIGITS = 59, 52, 3, 15  # of an H3 index


def cell_at(lat: float | None, lon: float | None) -> int | None:
    """The finest cell of a WGS 84 point, None for no point."""
    import h3.api.basic_int as h3  # loads a library of 9 MB: only what files complaints or draws maps pays for it

    return None if lat is None or lon is None else int(h3.latlng_to_cell(lat, lon, FINEST))


def parent(cell: int, resolution: int) -> int:
    """The coarser cell that ``cell`` belongs to."""
    return from_key(cell, resolution) | open_digits(resolution)


def open_digits(resolution: int) -> int:
    """The bits that a cell of this resolution has set and its descendants use: ``cell | open_digits`` is the same for all of them."""
    return (1 << _DIGIT_BITS * (_DIGITS - resolution)) - 1


def finest_key(cell: int) -> int:
    """What ``finest | open_digits(resolution)`` gives for every finest cell inside ``cell``."""
    return cell & ~(0xF << _RESOLUTION_BIT) | FINEST << _RESOLUTION_BIT


def from_key(key: int, resolution: int) -> int:
    """The cell that has this ``finest_key``."""
    return key & ~(0xF << _RESOLUTION_BIT) | resolution << _RESOLUTION_BIT


def all_of(resolution: int) -> tuple[int, int]:
    """First and last number that a cell of this resolution can have."""
    first = 1 << _MODE_BIT | resolution << _RESOLUTION_BIT
    return first, first | (1 << _RESOLUTION_BIT) - 1


def block_of(cell: int, resolution: int) -> int:
    """The cell two steps coarser, by which counters are found."""
    return parent(cell, resolution - 2)


def centre(cell: int) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle."""
    import h3.api.basic_int as h3

    lat, lon = h3.cell_to_latlng(cell)
    return float(lat), float(lon)


def spans(cells: Iterable[int], resolution: int) -> list[tuple[int, int]]:
    """First and last number that finest cells inside ``cells`` (all of one resolution) can have; neighbours in one."""
    tail = open_digits(resolution) ^ open_digits(FINEST)
    found: list[tuple[int, int]] = []
    for cell in sorted(cells):
        last = finest_key(cell)
        first = last & ~tail
        if found and first <= found[-1][1] + open_digits(FINEST) + 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def resolution_for(zoom: int, box: Box) -> int:
    """The resolution that a zoom shows, coarser when the box holds too many of its cells."""
    wanted = max((r for z, r in _FROM_ZOOM.items() if z <= zoom), default=RESOLUTIONS[0])
    area = _KM_PER_DEGREE**2 * (box.north - box.south) * (box.east - box.west)  # too much by the cosine, which is on the safe side
    return next((r for r in range(wanted, RESOLUTIONS[0], -1) if area / _CELL_KM2[r] <= MOST_CELLS), RESOLUTIONS[0])


@dataclass(frozen=True)
class Frame:
    """What the map shows: a rectangle of a city at a zoom. whole: it holds all of the city, so nothing is left out."""

    box: Box
    zoom: int
    whole: bool

    @cached_property
    def resolution(self) -> int:
        """Of the clusters."""
        return resolution_for(self.zoom, self.box)

    @cached_property
    def cells(self) -> frozenset[int]:
        """Cells of the resolution whose middle lies in the frame: those whose cluster is seen."""
        return cells_in(self.box, self.resolution)

    @cached_property
    def touched(self) -> frozenset[int]:
        """Cells that may hold a point of the frame."""
        box, north = self.box, _CORNER * _CELL_KM2[self.resolution] ** 0.5 / _KM_PER_DEGREE
        east = north / math.cos(math.radians(max(abs(box.south), abs(box.north)) + north))
        return cells_in(Box(box.south - north, box.west - east, box.north + north, box.east + east), self.resolution)


def cells_in(box: Box, resolution: int) -> frozenset[int]:
    """Cells whose middle lies in the box."""
    import h3.api.basic_int as h3

    corners = [(box.south, box.west), (box.south, box.east), (box.north, box.east), (box.north, box.west)]
    return frozenset(int(cell) for cell in h3.h3shape_to_cells(h3.LatLngPoly(corners), resolution))


def city_box(city: Any) -> Box:
    """The rectangle that a city (a row with lat, lon and radius_km) is looked at in: generous, since districts may reach beyond the radius."""
    return box_around(city.lat, city.lon, 2 * city.radius_km * 1000)


def frame_of(city: Any, asked: Box | None, zoom: int) -> Frame:
    """The frame for what was asked: cut to the city, as near as the widest screen shows the box. No box, or one outside the city, is
    the whole city."""
    most = city_box(city)
    if asked is None:
        return Frame(most, _zoom(zoom, most), whole=True)
    box = Box(max(asked.south, most.south), max(asked.west, most.west), min(asked.north, most.north), min(asked.east, most.east))
    if box.south >= box.north or box.west >= box.east:
        return Frame(most, _zoom(zoom, most), whole=True)
    return Frame(box, _zoom(zoom, box), whole=box == most)


def _zoom(zoom: int, box: Box) -> int:
    side = max(box.east - box.west, box.north - box.south)
    return min(max(zoom, FARTHEST_ZOOM), NEAREST_ZOOM, zoom_of(side, _WIDEST))


def zoom_of(degrees: float, pixels: int) -> int:
    """The zoom at which so many degrees of longitude fill so many pixels."""
    return int(math.log2(360 * pixels / 256 / max(degrees, 1e-9)))


def read_box(text: str | None) -> Box | None:
    """«south,west,north,east» in degrees; None for what is none (commas inside numbers, crossed sides, no numbers)."""
    try:
        south, west, north, east = (float(part) for part in (text or "").split(","))
    except ValueError:
        return None
    if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
        return None
    return Box(south, west, north, east)


def write_box(box: Box) -> str:
    """As ``read_box`` reads it, to about a metre."""
    return ",".join(f"{side:.5f}" for side in (box.south, box.west, box.north, box.east))


def across_m(resolution: int) -> int:
    """About how many metres a cell is wide."""
    return round(1300 * math.sqrt(_CELL_KM2[resolution]))
