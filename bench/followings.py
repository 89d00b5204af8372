"""How long it takes to find whom a new complaint concerns, among 100,000 followings of every kind: one number.

    DATABASE_URL=sqlite:////…/a-copy-of-kept_10000.db .venv/bin/python -m bench.followings [number]

What it adds is rolled back; still, ask a copy: SQLite's file grows.
"""

import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.words import KK_STEMS, RU_STEMS, STREETS
from civic import models
from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.complaints.listing import Wanted
from civic.complaints.models import Complaint
from civic.core.database import begin_write
from civic.following.matching import News, concerned
from civic.following.models import Following, FollowingKey, Kind, Rhythm, kept_wanted
from civic.following.service import Target, _keys
from civic.places.models import City, District
from tests.support.database import engine_for

SAMPLE = 200
AT_ONCE = 5_000


def targets(session: Session, number: int, rng: random.Random) -> list[tuple[Target, Wanted]]:
    """What people follow: half of it places, a fifth searches, the rest streets, districts, categories and bodies."""
    cities = {c.id: c for c in session.scalars(select(City).where(City.active))}
    own = {city: {Kind.DISTRICT: session.scalars(select(District.id).where(District.city_id == city)).all(),
                  Kind.BODY: session.scalars(select(Body.id).where(Body.city_id == city)).all()} for city in cities}
    categories = session.scalars(select(Category.id)).all()
    made = []
    for _ in range(number):
        city, kind = rng.choice(list(cities)), rng.choices(list(Kind), (50, 12, 5, 8, 5, 20))[0]
        here = cities[city]
        if kind == Kind.PLACE:
            target = Target(kind, city, lat=here.lat + rng.gauss(0, 0.04), lon=here.lon + rng.gauss(0, 0.05), radius_m=rng.choice((300, 500, 1_000, 2_000)))
        elif kind == Kind.STREET:
            target = Target(kind, city, words=rng.choice(STREETS).replace("_", " ") + " көшесі")
        elif kind == Kind.SEARCH:
            words = rng.choice(KK_STEMS + RU_STEMS)
            made.append((Target(kind, city, query=f"q={words}"), Wanted(words=words)))
            continue
        elif kind == Kind.CATEGORY:
            target = Target(kind, city, category_id=rng.choice(categories))
        else:
            target = Target(kind, city, **{f"{kind}_id": rng.choice(own[city][kind])})
        made.append((target, Wanted()))
    return made


def fill(session: Session, number: int, rng: random.Random) -> None:
    """Followings of as many addresses, as the service would have written them."""
    now = datetime.now(UTC)
    rows, keys, contacts = [], [], []
    for i, (target, wanted) in enumerate(targets(session, number, rng), 10_000_000):
        contacts.append({"id": i, "email": f"f{i}@example.kz", "locale": "kk", "created_at": now})
        rows.append({"id": i, "contact_id": i, "target": target.key, "rhythm": Rhythm.DAILY, "steps": False, "created_at": now,
                     "wanted": kept_wanted(wanted), "paused_at": None, **target.facts()})
        keys += [{"key": key, "following_id": i} for key in _keys(target, wanted)]
    for table, all_rows in ((Contact, contacts), (Following, rows), (FollowingKey, keys)):
        for start in range(0, len(all_rows), AT_ONCE):
            session.execute(insert(table), all_rows[start:start + AT_ONCE])


def main(number: int) -> None:
    """Print how long one complaint takes."""
    models.load_all()
    rng = random.Random(3)
    with Session(engine_for(os.environ["DATABASE_URL"])) as session, Flask("bench").test_request_context():
        begin_write(session)
        fill(session, number, rng)
        ids = session.scalars(select(Complaint.id).where(~Complaint.private).order_by(Complaint.id.desc()).limit(SAMPLE)).all()
        spent, found = [], []
        for complaint in session.scalars(select(Complaint).where(Complaint.id.in_(ids))).all():
            began = time.perf_counter()
            found.append(len(concerned(session, News(complaint, "register", complaint.state))))
            spent.append((time.perf_counter() - began) * 1000)
        spent.sort()
        print(f"{number} followings: a complaint concerns {statistics.median(found):.0f} addresses (at most {max(found)}), found in "
              f"{statistics.median(spent):.1f} ms (median), {spent[int(len(spent) * 0.99)]:.1f} ms (p99)")
        session.rollback()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
