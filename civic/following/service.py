"""Beginning, changing and ending to follow. The caller's transaction is used and never committed here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.complaints.listing import Wanted
from civic.core.errors import InputRefused, NotFound
from civic.core.text import clean
from civic.following import keys
from civic.following.models import Following, FollowingKey, Kind, Rhythm, kept_wanted
from civic.following.streets import street_key
from civic.jobs.service import enqueue, hash_of
from civic.limits.service import mark_of
from civic.notifications.service import refuse_flood
from civic.places.models import City, District
from civic.places.queries import locate

LEAST_RADIUS, MOST_RADIUS = 100, 5_000  # metres
MOST_FOLLOWINGS = 50  # of one address
LONGEST_WORDS = 200


@dataclass(frozen=True)
class Target:
    """What is to be followed in a city, or a list of all cities. Which fields count depends on ``kind``; ``Following`` says what they mean."""

    kind: Kind
    city_id: int | None
    district_id: int | None = None
    category_id: int | None = None
    body_id: int | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    words: str = ""
    query: str = ""

    @property
    def key(self) -> str:
        """The same for the same thing."""
        what = {
            Kind.PLACE: f"{self.lat}:{self.lon}:{self.radius_m}", Kind.STREET: street_key(self.words), Kind.DISTRICT: self.district_id,
            Kind.CATEGORY: self.category_id, Kind.BODY: self.body_id, Kind.SEARCH: hash_of(self.query),
        }[self.kind]
        return f"{self.kind}:{self.city_id or keys.ALL}:{what}"

    def facts(self) -> dict[str, Any]:
        """The same as plain values, for a link or an order."""
        return asdict(self)

    @classmethod
    def read(cls, facts: dict[str, Any]) -> "Target":
        """From ``facts``."""
        return cls(**{**facts, "kind": Kind(facts["kind"])})


def checked(session: Session, target: Target) -> Target:
    """The target as it can be followed. Raises ``NotFound`` for what the city does not have, and ``InputRefused``:
    ``pin_missing``, ``followed_pin_outside_city``, ``radius_out_of_range``, ``street_missing``, ``words_too_long``."""
    target = replace(target, words=clean(target.words))
    if len(target.words) > LONGEST_WORDS:
        raise InputRefused("words", "words_too_long", limit=LONGEST_WORDS)
    if target.city_id is None:
        if target.kind != Kind.SEARCH:
            raise NotFound
        return target
    city = session.get_one(City, target.city_id)
    if target.kind == Kind.PLACE:
        return _checked_place(session, city, target)
    if target.kind == Kind.STREET and not street_key(target.words):
        raise InputRefused("words", "street_missing")
    if target.kind in (Kind.DISTRICT, Kind.BODY):
        row = session.get(District, target.district_id or 0) if target.kind == Kind.DISTRICT else session.get(Body, target.body_id or 0)
        if row is None or row.city_id != city.id:
            raise NotFound
    if target.kind == Kind.CATEGORY and session.get(Category, target.category_id or 0) is None:
        raise NotFound
    return target


def _checked_place(session: Session, city: City, target: Target) -> Target:
    if target.lat is None or target.lon is None:
        raise InputRefused("lat", "pin_missing")
    if target.radius_m is None or not LEAST_RADIUS <= target.radius_m <= MOST_RADIUS:
        raise InputRefused("radius", "radius_out_of_range", least=LEAST_RADIUS, most=MOST_RADIUS // 1000)
    if not locate(session, city, target.lat, target.lon).inside:
        raise InputRefused("lat", "followed_pin_outside_city")
    return replace(target, lat=round(target.lat, 5), lon=round(target.lon, 5))


def follow(session: Session, contact_id: int, target: Target, wanted: Wanted, rhythm: Rhythm, steps: bool, now: datetime) -> Following:
    """Be told from now on; what is followed already takes the new rhythm and goes on when it was paused.

    wanted: of a search, what its ``query`` asks for. Raises what ``checked`` does, and ``InputRefused`` ``too_many_followings``.
    """
    target = checked(session, target)
    session.get_one(Contact, contact_id, with_for_update=True)  # two forms at once make one row, and the bound holds
    held = session.scalar(select(Following).where(Following.contact_id == contact_id, Following.target == target.key))
    if held is not None:
        held.rhythm, held.steps, held.paused_at, held.words = rhythm, steps, None, target.words
        session.flush()
        return held
    if (session.scalar(select(func.count()).where(Following.contact_id == contact_id)) or 0) >= MOST_FOLLOWINGS:
        raise InputRefused("rhythm", "too_many_followings", limit=MOST_FOLLOWINGS)
    following = Following(contact_id=contact_id, target=target.key, rhythm=rhythm, steps=steps, created_at=now, wanted=kept_wanted(wanted), **target.facts())
    session.add(following)
    session.flush()
    session.add_all(FollowingKey(key=key, following_id=following.id) for key in _keys(target, wanted))
    session.flush()
    return following


def _keys(target: Target, wanted: Wanted) -> list[str]:
    if target.kind == Kind.PLACE:
        assert target.lat is not None and target.lon is not None and target.radius_m is not None
        return keys.of_place(target.lat, target.lon, target.radius_m)
    if target.kind == Kind.SEARCH:
        return keys.of_search(target.city_id, wanted)
    return [{
        Kind.STREET: f"street:{target.city_id}:{street_key(target.words)}", Kind.DISTRICT: f"district:{target.district_id}",
        Kind.CATEGORY: f"category:{target.city_id}:{target.category_id}", Kind.BODY: f"body:{target.body_id}",
    }[target.kind]]


def ask_to_follow(session: Session, target: Target, rhythm: Rhythm, steps: bool, email: str, locale: str, now: datetime) -> None:
    """Order the letter with the button that begins to follow; once a day for each thing and address.

    Raises what ``checked`` and ``refuse_flood`` do.
    """
    target, address = checked(session, target), email.strip().lower()
    refuse_flood(session, address, now)
    facts = {"target": target.facts(), "rhythm": rhythm, "steps": steps, "email": address, "locale": locale}
    enqueue(session, "confirm_following", f"confirm_following:{mark_of(session, f'{target.key} {address}', now)}:{now.date()}", facts, now)


def change_rhythm(session: Session, following: Following, rhythm: Rhythm) -> None:
    """Be written to more or less often from the next news on."""
    following.rhythm = rhythm
    session.flush()


def pause(session: Session, following: Following, now: datetime) -> None:
    """Not be written to for a while."""
    following.paused_at = following.paused_at or now
    session.flush()


def resume(session: Session, following: Following) -> None:
    """Be written to again, about what happens from now on."""
    following.paused_at = None
    session.flush()


def end(session: Session, contact_id: int, following_ids: Sequence[int]) -> None:
    """Stop following; nothing happens to what was ended before, or is somebody else's."""
    own = select(Following.id).where(Following.contact_id == contact_id, Following.id.in_(following_ids))
    session.execute(delete(FollowingKey).where(FollowingKey.following_id.in_(own)).execution_options(synchronize_session=False))
    session.execute(delete(Following).where(Following.contact_id == contact_id, Following.id.in_(following_ids)))
    session.flush()
