"""The addresses that are measured: many different ones for each page, so that each answer is really built.

They come from the database itself: keys from everywhere in the lists, numbers, busy and quiet corners of the map, words by rank.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import Engine, func, select

from bench.words import Writer
from civic.bodies.models import Category
from civic.complaints.listing import SORTS
from civic.complaints.models import Complaint
from civic.complaints.states import State
from civic.core.text import LANGUAGES
from civic.places.models import City

SAMPLE = 400
#: Zoom of the map and how much of the city's breadth, in degrees, its frame shows there.
ZOOMS = ((11, 0.3), (13, 0.08), (15, 0.02), (17, 0.005))


@dataclass(frozen=True)
class Some:
    """A complaint that addresses are made from."""

    id: int
    number: str
    city: str
    registered_at: datetime
    category_id: int
    root_id: int
    district_id: int | None
    body_id: int
    direction: str
    lat: float | None
    lon: float | None
    supporters: int
    due_on: date


class Pages:
    """Lists of addresses by the name of what is measured, for one database."""

    def __init__(self, engine: Engine, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        self.some = _sample(engine, self.rng)
        self.writers = {language: Writer(random.Random(1)) for language in ("kk", "ru")}

    def reading(self) -> dict[str, list[str]]:
        """The pages whose cost is set against the reference."""
        return {
            "list": self._many(lambda c: {"after": _key("newest", c.registered_at, c.id)}),
            "tracking": [f"/{self._language()}/{c.city}/complaints/{c.number}" for c in self.some],
            "map.json": [self._map(c) for c in self.some if c.lat is not None],
        }

    def filters(self) -> dict[str, list[str]]:
        """The list by each filter and order that it offers."""
        def newest(c: Some) -> dict[str, str]:
            return {"after": _key("newest", c.registered_at, c.id)}

        def month(c: Some) -> dict[str, str]:
            day = c.registered_at.date()
            return {"since": (day - timedelta(days=30)).isoformat(), "until": day.isoformat()}

        by: dict[str, Callable[[Some], dict[str, Any]]] = {
            **{f"state={state}": lambda c, state=state: {"state": state, **newest(c)}  # type: ignore[misc]
               for state in (State.ANSWERED, State.CONFIRMED, State.RETURNED)},
            "state=open": lambda c: {"state": "open"}, "state=overdue": lambda c: {"state": "overdue"},
            "category (leaf)": lambda c: {"category": c.category_id, **newest(c)},
            "category (root)": lambda c: {"category": c.root_id, **newest(c)},
            "district": lambda c: {"district": c.district_id, **newest(c)},
            "body": lambda c: {"body": c.body_id, **newest(c)},
            "direction": lambda c: {"direction": c.direction, **newest(c)},
            "period": month,
            "photo": lambda c: {"photo": "y", **newest(c)},
            "supported": lambda c: {"supported": "y", **newest(c)},
            "sort=supported": lambda c: {"sort": "supported", "after": _key("supported", c.supporters, c.id)},
            "sort=overdue": lambda c: {"sort": "overdue", "district": c.district_id},
            "category and state": lambda c: {"category": c.category_id, "state": "confirmed", **newest(c)},
            "district and category": lambda c: {"district": c.district_id, "category": c.root_id},
        }
        return {f"filter {name}": self._many(make) for name, make in by.items()}

    def searches(self) -> dict[str, list[str]]:
        """The list by words: common and rare ones, two, the beginning of one, one with a slip."""
        def word(language: str, first: int, last: int) -> str:
            return self.rng.choice(self.writers[language].sample(language, first, last))

        by: dict[str, Callable[[str], str]] = {
            "common word": lambda language: word(language, 0, 30),
            "rare word": lambda language: word(language, 6000, 12000),
            "two words": lambda language: f"{word(language, 40, 400)} {word(language, 40, 400)}",
            "beginning": lambda language: word(language, 60, 2000)[:4],
            "slip": lambda language: _slip(word(language, 60, 1500), self.rng),
            "address": lambda language: self.writers[language].address(language),
        }
        return {f"search {name}": [self._list(c.city, q=make(self.rng.choice(("kk", "ru")))) for c in self.some] for name, make in by.items()}

    def fronts(self) -> list[str]:
        """Front pages of the cities, in each language."""
        return [f"/{language}/{city}/" for city in sorted({c.city for c in self.some}) for language in LANGUAGES]

    def _many(self, query: Callable[[Some], dict[str, Any]]) -> list[str]:
        return [self._list(c.city, **query(c)) for c in self.some if None not in query(c).values()]

    def _list(self, city: str, **query: Any) -> str:
        return f"/{self._language()}/{city}/complaints/?{urlencode(query)}"

    def _language(self) -> str:
        return self.rng.choices(("kk", "ru", "en"), (45, 45, 10))[0]

    def _map(self, c: Some) -> str:
        zoom, across = self.rng.choice(ZOOMS)
        assert c.lat is not None and c.lon is not None
        box = ",".join(f"{side:.5f}" for side in (c.lat - across / 3, c.lon - across / 2, c.lat + across / 3, c.lon + across / 2))
        return f"/{self._language()}/{c.city}/complaints/map.json?{urlencode({'box': box, 'zoom': zoom})}"


def unknown(address: str, html: str) -> set[str]:
    """What the address asks for and the list did not take up, by the address of its feed: it would be the plain list that is measured."""
    asked = set(parse_qs(urlsplit(address).query)) - {"after", "box", "zoom"}
    feed = re.search(r'type="application/atom\+xml"[^>]* href="([^"]+)"', html)
    return asked - set(parse_qs(urlsplit(unescape(feed[1])).query)) if feed and asked else set()


def _key(sort: str, value: Any, last_id: int) -> str:
    return f"{SORTS[sort].to_number(value)}_{last_id}"


def _slip(word: str, rng: random.Random) -> str:
    """One letter left out, in the middle."""
    place = rng.randrange(1, max(2, len(word) - 1))
    return word[:place] + word[place + 1:]


def _sample(engine: Engine, rng: random.Random) -> list[Some]:
    with engine.connect() as connection:
        last = connection.scalar(select(func.max(Complaint.id))) or 0
        ids = rng.sample(range(1, last + 1), min(last, SAMPLE * 2))
        columns = (Complaint.id, Complaint.number, City.code, Complaint.registered_at, Complaint.category_id, Complaint.root_id,
                   Complaint.district_id, Complaint.body_id, Complaint.direction, Complaint.lat, Complaint.lon, Complaint.supporters,
                   Complaint.due_on)
        found = [Some(*row) for row in connection.execute(
            select(*columns).join(City, City.id == Complaint.city_id).join(Category, Category.id == Complaint.category_id)
            .where(Complaint.id.in_(ids), ~Complaint.private))]
    rng.shuffle(found)
    return found[:SAMPLE]
