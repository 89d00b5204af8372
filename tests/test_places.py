"""Distances on the ground, and the rectangle that a map calls the city."""

import math

import pytest

from civic.places.queries import EARTH_RADIUS_M, box_around, distance_m


@pytest.mark.parametrize(("lat", "lon"), [(51.17, 71.43), (42.32, 69.6), (43.24, 76.9), (-33.9, 18.4)])
@pytest.mark.parametrize("metres", [50, 34_000])
def test_the_rectangle_holds_the_whole_circle_and_little_more(lat: float, lon: float, metres: float) -> None:
    box = box_around(lat, lon, metres)
    for bearing in range(0, 360, 5):
        angle, turn, phi = metres / EARTH_RADIUS_M, math.radians(bearing), math.radians(lat)
        north = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(turn))
        east = math.radians(lon) + math.atan2(math.sin(turn) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(north))
        assert box.south - 1e-9 <= math.degrees(north) <= box.north + 1e-9
        assert box.west - 1e-9 <= math.degrees(east) <= box.east + 1e-9
    assert distance_m(lat, lon, lat, box.east) <= metres * 1.02
