"""Fills a database with believable complaints, quickly: whole rows in bulk, as the services would have written them.

Three cities, every category, five years that end now, states as lives end, ids that grow with time, a few names, private ones,
photos, supporters. The same ``count`` gives the same rows, but for the moment they end.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from bench.lives import WITH_WORDS, Life, live, moments
from bench.words import Writer
from civic.bodies.models import Body, Category
from civic.bodies.queries import responsible_body
from civic.complaints.searched import searched_words
from civic.complaints.states import AppealKind
from civic.core import codes
from civic.core.database import Base
from civic.places.models import City, District

CHUNK = 10_000
YEARS = 5
SHARES = {"almaty": 0.45, "astana": 0.35, "shymkent": 0.20}
PEOPLE_PER_COMPLAINT = 0.25
WITH_PHOTO, PRIVATE, NAMED, WITHOUT_PIN, KAZAKH = 0.3, 0.04, 0.2, 0.1, 0.55
HOT_SPOTS = 40
Row = Sequence[Any]
#: Columns that the rows below fill, in their order.
COLUMNS: dict[str, tuple[str, ...]] = {
    "contact": ("id", "email", "locale", "delivery", "confirmed_at"),
    "complaint": (
        "id", "number", "version", "city_id", "district_id", "category_id", "root_id", "direction", "with_photo", "body_id", "kind", "state",
        "text", "language", "address", "lat", "lon", "private", "public_name", "search", "registered_at", "registered_on", "arrived_on",
        "term_from", "term_days", "term_until", "due_on", "hearing_on", "outcome", "answered_at", "respond_by", "disputes", "supporters",
        "duplicate_of_id", "updated_at"),
    "applicant": ("complaint_id", "contact_id", "name"),
    "complaint_event": (
        "id", "complaint_id", "kind", "at", "role", "body_id", "from_state", "to_state", "from_body_id", "to_body_id", "due_before",
        "due_after", "text", "language", "facts", "public"),
    "photo": ("id", "state", "private", "width", "height", "uploaded_at"),
    "attachment": ("id", "photo_id", "complaint_id", "event_id", "moment", "position"),
    "support": ("id", "complaint_id", "contact_id", "at"),
    "follow": ("id", "complaint_id", "contact_id", "at"),
}
NAMES = ("Айгүл", "Нұрлан", "Динара", "Ерлан", "Светлана", "Асхат", "Гүлнар", "Бауыржан", "Ольга", "Марат", "Сәуле", "Тимур")
ANSWER = {"kk": "Өтінішіңіз қаралды. ", "ru": "Ваше обращение рассмотрено. "}
#: Takes rows of a table into the database.
Take = Callable[[str, list[Row]], None]


class SeedOutdated(Exception):
    """The models have a column that this module does not fill and that cannot be empty."""


def moment(value: datetime | None) -> str | None:
    """As both databases read it: UTC, without a zone."""
    return None if value is None else value.replace(tzinfo=None).isoformat(" ", "microseconds")


def day(value: date | None) -> str | None:
    """An ISO date."""
    return None if value is None else value.isoformat()


def check_columns() -> None:
    """Raises ``SeedOutdated``."""
    for name, known in COLUMNS.items():
        table = Base.metadata.tables[name]
        for column in table.columns:
            if column.name not in known and not column.nullable and column.server_default is None:
                raise SeedOutdated(f"bench/seed.py does not fill {name}.{column.name}")


@dataclass
class Place:
    """A city's part of the reference data, for quick choosing."""

    city: City
    districts: list[District]
    bodies: list[int]
    responsible: dict[tuple[int, int | None], int]
    spots: list[tuple[float, float]]
    twins: dict[int, tuple[int, str]] = field(default_factory=dict)  # of a category: id and number of the latest public one

    def position(self, rng: random.Random) -> tuple[float, float, int | None]:
        """Around one of the city's busy spots, with the district of its direction."""
        lat, lon = rng.choice(self.spots)
        lat, lon = round(lat + rng.gauss(0, 0.008), 6), round(lon + rng.gauss(0, 0.011), 6)
        if not self.districts:
            return lat, lon, None
        sector = int(lat > self.city.lat) * 2 + int(lon > self.city.lon) + int(abs(lat - self.city.lat) < 0.02) * 4
        return lat, lon, self.districts[sector % len(self.districts)].id


class Maker:
    """Makes the rows of ``count`` complaints until ``now``."""

    def __init__(self, session: Session, count: int, now: datetime, seed: int = 1) -> None:
        self.count, self.now, self.rng = count, now, random.Random(seed)
        self.writer = Writer(self.rng)
        leaves = list(session.scalars(select(Category).where(Category.parent_id.is_not(None)).order_by(Category.id)))
        self.rng.shuffle(leaves)
        self.leaves, self.leaf_weights = leaves, list(accumulate(1 / (rank + 2) for rank in range(len(leaves))))
        self.places = [self._place(session, city) for city in session.scalars(select(City).order_by(City.id))]
        self.shares = list(accumulate(SHARES[place.city.code] for place in self.places))
        self.people = max(50, int(count * PEOPLE_PER_COMPLAINT))
        self.first = {name: _last_id(session, name) for name in ("contact", "complaint", "complaint_event", "attachment", "support", "follow")}
        self.rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.ids = dict(self.first)

    def _place(self, session: Session, city: City) -> Place:
        districts = list(session.scalars(select(District).where(District.city_id == city.id).order_by(District.id)))
        responsible = {(leaf.id, district_id): responsible_body(session, city, leaf, district_id).id
                       for leaf in self.leaves for district_id in (None, *(d.id for d in districts))}
        spots = [(city.lat + self.rng.gauss(0, 0.045), city.lon + self.rng.gauss(0, 0.06)) for _ in range(HOT_SPOTS)]
        bodies = list(session.scalars(select(Body.id).where(Body.city_id == city.id)))
        return Place(city, districts, bodies, responsible, spots)

    def fill(self, take: Take, progress: Callable[[int], None]) -> None:
        """Hand all rows over, a chunk at a time. progress: told how many complaints are made."""
        for contact in self._contacts():
            self.rows["contact"].append(contact)
        self._hand_over(take)
        for made, at in enumerate(moments(self.now - timedelta(days=365 * YEARS), self.now, self.count, self.rng), 1):
            self._complaint(at)
            if made % CHUNK == 0 or made == self.count:
                self._hand_over(take)
                progress(made)

    def _hand_over(self, take: Take) -> None:
        for name, rows in self.rows.items():
            if rows:
                take(name, rows)
                rows.clear()

    def _contacts(self) -> Iterator[Row]:
        confirmed = moment(self.now - timedelta(days=365 * YEARS))
        for i in range(self.people):
            contact_id = self._next("contact")
            yield contact_id, f"resident{i}@example.test", "kk" if i % 2 else "ru", "at_once", confirmed

    def _next(self, name: str) -> int:
        self.ids[name] += 1
        return self.ids[name]

    def _complaint(self, at: datetime) -> None:
        rng = self.rng
        place = rng.choices(self.places, cum_weights=self.shares)[0]
        leaf: Category = rng.choices(self.leaves, cum_weights=self.leaf_weights)[0]
        lat, lon, district_id = place.position(rng)
        language = "kk" if rng.random() < KAZAKH else "ru"
        private, photo = rng.random() < PRIVATE, rng.random() < WITH_PHOTO
        body_id = place.responsible[leaf.id, district_id]
        twin = place.twins.get(leaf.id)
        life = live(AppealKind(leaf.appeal_kind), body_id, rng.choice(place.bodies), at, self.now, rng, with_twin=twin is not None)
        complaint_id, name = self._next("complaint"), rng.choice(NAMES)
        number = self._number(place.city.prefix, complaint_id)
        address, text = self.writer.address(language), self.writer.text(language, leaf.name[language])
        pin = (None, None) if rng.random() < WITHOUT_PIN else (lat, lon)
        supporters = 0 if private else self._supporters(complaint_id, at)
        duplicate = twin if twin and life.steps[-1].kind == "mark_duplicate" else (None, None)
        self.rows["complaint"].append((
            complaint_id, number, len(life.steps), place.city.id, district_id, leaf.id, leaf.parent_id, leaf.direction, photo, life.body_id,
            life.kind.value, life.state.value, text, language, address, *pin, private, name if rng.random() < NAMED else None,
            searched_words(number, address, text), moment(at), day(life.registered_on), day(life.arrived_on),
            day(life.term_from), life.term_days, day(life.term_until), day(life.due_on), day(life.hearing_on), life.outcome,
            moment(life.answered_at), day(life.respond_by), life.disputes, supporters, duplicate[0], moment(life.updated_at)))
        contact_id = self.first["contact"] + 1 + int(rng.random() ** 2 * self.people)
        self.rows["applicant"].append((complaint_id, contact_id, name))
        self.rows["follow"].append((self._next("follow"), complaint_id, contact_id, moment(at)))
        first_event = self._events(complaint_id, life, language, duplicate[1])
        if photo:
            self._photos(complaint_id, first_event, life, private=private)
        if not private and life.is_open:
            place.twins[leaf.id] = (complaint_id, number)

    def _number(self, prefix: str, complaint_id: int) -> str:
        """A number that looks drawn and occurs once: multiplying by a number without common factors shuffles."""
        value, symbols = complaint_id * 516_391_177 % 31**6, ""
        for _ in range(6):
            value, place = divmod(value, 31)
            symbols += codes.ALPHABET[place]
        return codes.with_dashes(prefix + symbols + codes._check_symbol(prefix, symbols))

    def _events(self, complaint_id: int, life: Life, language: str, twin: str | None) -> int:
        first = self.ids["complaint_event"] + 1
        for step in life.steps:
            words = self.writer.text(language, ANSWER[language]) if step.kind in WITH_WORDS else None
            facts = {"number": twin} if step.kind == "mark_duplicate" else step.facts
            self.rows["complaint_event"].append((
                self._next("complaint_event"), complaint_id, step.kind, moment(step.at), step.role,
                step.from_body_id if step.role in ("official", "head") else None, step.from_state, step.to_state, step.from_body_id,
                step.to_body_id, day(step.due_before), day(step.due_after), words, language if words else None, json.dumps(facts), True))
        return first

    def _photos(self, complaint_id: int, first_event: int, life: Life, *, private: bool) -> None:
        answers = [place for place, step in enumerate(life.steps) if step.kind == "answer"]
        for kind, place in (("before", 0), *(("after", place) for place in answers[-1:])):
            photo_id = f"{self.rng.getrandbits(128):032x}"
            self.rows["photo"].append((photo_id, "ready", private, 1600, 1200, moment(life.steps[place].at)))
            self.rows["attachment"].append((self._next("attachment"), photo_id, complaint_id, first_event + place, kind, 0))

    def _supporters(self, complaint_id: int, at: datetime) -> int:
        if self.rng.random() > 0.12:
            return 0
        count = min(40, int(self.rng.paretovariate(1.2)))
        start = self.rng.randrange(self.people)
        for i in range(count):
            contact_id = self.first["contact"] + 1 + (start + i) % self.people
            self.rows["support"].append((self._next("support"), complaint_id, contact_id, moment(at)))
        return count


def _last_id(session: Session, name: str) -> int:
    table: Table = Base.metadata.tables[name]
    return session.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1)) or 0
