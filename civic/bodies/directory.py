"""The reference data as public pages need it on every reading: small frozen rows in memory, read anew after a change.

Every change of reference data writes a row of its history (``places.history``), so the newest row of that history says
whether what is in memory is still true: one look into an index instead of eight joins and lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Row, func, select

from civic.bodies.models import Body, Category
from civic.core.database import Reader
from civic.core.working_days import WorkCalendar
from civic.places.models import City, District, ReferenceChange
from civic.places.queries import work_calendar

_CITY, _DISTRICT, _BODY, _CATEGORY = City.__table__.c, District.__table__.c, Body.__table__.c, Category.__table__.c
_NEWEST = select(func.max(ReferenceChange.__table__.c.id))
_CITIES = select(_CITY.id, _CITY.code, _CITY.prefix, _CITY.name, _CITY.timezone, _CITY.active, _CITY.lat, _CITY.lon, _CITY.radius_km).order_by(_CITY.id)
_DISTRICTS = select(_DISTRICT.id, _DISTRICT.city_id, _DISTRICT.name, _DISTRICT.active).order_by(_DISTRICT.id)
_BODIES = select(_BODY.id, _BODY.city_id, _BODY.code, _BODY.name, _BODY.active).order_by(_BODY.id)
_CATEGORIES = select(
    _CATEGORY.id, _CATEGORY.code, _CATEGORY.parent_id, _CATEGORY.name, _CATEGORY.direction, _CATEGORY.wants_after_photo, _CATEGORY.active,
    _CATEGORY.appeal_kind, _CATEGORY.emergency_phone,
).order_by(_CATEGORY.position, _CATEGORY.id)
Known = Row[Any]


@dataclass(frozen=True, eq=False)
class Directory:
    """All cities, districts, bodies and categories by id, retired ones too, in the order in which lists show them.

    version: the newest change that it knows. read_at: seconds of the monotonic clock. Rows have the columns of their tables
    that are named above.
    """

    version: int
    read_at: float
    cities: MappingProxyType[int, Known]
    districts: MappingProxyType[int, Known]
    bodies: MappingProxyType[int, Known]
    categories: MappingProxyType[int, Known]
    calendar: WorkCalendar

    def city(self, code: str) -> Known | None:
        """The city with this code, a retired one too."""
        return next((city for city in self.cities.values() if city.code == code), None)

    def tree(self) -> list[tuple[Known, list[Known]]]:
        """Active roots with their active leaves, in order. A root without leaves can itself be chosen."""
        active = [c for c in self.categories.values() if c.active]
        return [(root, [c for c in active if c.parent_id == root.id]) for root in active if root.parent_id is None]

    def districts_of(self, city_id: int) -> list[Known]:
        """Active districts of a city."""
        return [d for d in self.districts.values() if d.city_id == city_id and d.active]

    def bodies_of(self, city_id: int) -> list[Known]:
        """Active bodies of a city."""
        return [b for b in self.bodies.values() if b.city_id == city_id and b.active]


#: Seconds after which it is read anew in any case: of two changes that overlap, the one with the lower number may be
#: committed last.
LIVES = 60
#: Seconds for which strangers' pages take what is in memory for true without asking, which is a select less on each: a change
#: shows to them a second later, as it does behind a cache. Whom we know, the administrator who changed it too, sees it at once.
TRUSTED = 1.0
#: And when it was last seen to be the newest. One per pool of connections: an engine that was disposed of may lead to another database afterwards, and has a new pool.
_kept: WeakKeyDictionary[Any, tuple[Directory, float]] = WeakKeyDictionary()


def directory(session: Reader) -> Directory:
    """The reference data as this session sees it; by a connection, which is what strangers' pages read, as it was within ``TRUSTED``."""
    stranger, now = isinstance(session, Connection), monotonic()
    pool = (session if isinstance(session, Connection) else session.get_bind()).engine.pool
    known, asked_at = _kept.get(pool, (None, 0.0))
    if known is not None and stranger and now - asked_at < TRUSTED:
        return known
    version = session.execute(_NEWEST).scalar() or 0
    if known is None or known.version != version or now - known.read_at > LIVES:
        known = _read(session, version, now)
    _kept[pool] = known, now
    return known


def _read(session: Reader, version: int, now: float) -> Directory:
    def by_id(rows: Iterable[Known]) -> MappingProxyType[int, Known]:
        return MappingProxyType({row.id: row for row in rows})

    cities, districts, bodies, categories = (by_id(session.execute(query)) for query in (_CITIES, _DISTRICTS, _BODIES, _CATEGORIES))
    return Directory(version, now, cities, districts, bodies, categories, work_calendar(session))
