"""Keys under which followings are looked for, so that one indexed question finds everybody whom a complaint may concern.

Each following stands under a few keys, each complaint has some; only followings that share one are looked at closely.
"""

from collections.abc import Iterable
from itertools import product

import h3

from civic.complaints.listing import Wanted
from civic.complaints.models import Complaint
from civic.following.streets import street_keys
from civic.following.words import beginnings, rarest

#: Stands for the city in keys of what is followed in all cities.
ALL = "all"
#: Radius in metres up to which a circle lies within the seven H3 cells of a resolution around its centre (an edge long, less distortion).
_RESOLUTIONS = ((400, 8), (1_000, 7), (2_800, 6), (7_000, 5))


def cells_around(lat: float, lon: float, radius_m: int) -> list[str]:
    """H3 cells, of the resolution that fits, which cover the circle around a WGS 84 point."""
    resolution = next(r for most, r in _RESOLUTIONS if radius_m <= most)
    return sorted(h3.grid_disk(h3.latlng_to_cell(lat, lon, resolution), 1))


def of_place(lat: float, lon: float, radius_m: int) -> list[str]:
    """Keys of a followed place."""
    return [f"cell:{cell}" for cell in cells_around(lat, lon, radius_m)]


def of_search(city_id: int | None, wanted: Wanted) -> list[str]:
    """Keys of a followed list: what it asks for that fewest complaints have. city_id: None for all cities."""
    city = city_id or ALL
    words = rarest(wanted.words)
    if words:
        return [f"word:{city}:{word}" for word in words]
    if wanted.district_id:
        return [f"district:{wanted.district_id}"]
    if wanted.body_id:
        return [f"body:{wanted.body_id}"]
    if wanted.category_id:
        return [f"category:{city}:{wanted.category_id}"]
    return [f"list:{city}"]


def of_topic(city_id: int, category_ids: Iterable[int], district_id: int | None, body_id: int | None) -> set[str]:
    """Keys of followings that a whole pile of complaints concerns: of its category and the category above, its district, its body."""
    found = {f"category:{where}:{category_id}" for where, category_id in product((city_id, ALL), category_ids)}
    return found | ({f"district:{district_id}"} if district_id else set()) | ({f"body:{body_id}"} if body_id else set())


def of_complaint(complaint: Complaint, terms: frozenset[str]) -> set[str]:
    """Every key that a following which this complaint concerns may stand under. terms: of ``words.terms``."""
    city = complaint.city_id
    found = {f"list:{city}", f"list:{ALL}", f"body:{complaint.body_id}"}
    found |= {f"category:{where}:{what}" for where, what in product((city, ALL), (complaint.category_id, complaint.root_id))}
    if complaint.district_id:
        found.add(f"district:{complaint.district_id}")
    if complaint.lat is not None and complaint.lon is not None:
        found |= {f"cell:{h3.latlng_to_cell(complaint.lat, complaint.lon, r)}" for _, r in _RESOLUTIONS}
    found |= {f"street:{city}:{key}" for key in street_keys(complaint.address)}
    return found | {f"word:{where}:{beginning}" for where, beginning in product((city, ALL), beginnings(terms))}
