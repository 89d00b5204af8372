"""Whom a step of a complaint concerns: candidates by their keys, then each looked at closely."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session, object_session

from civic.bodies.models import Category
from civic.complaints.listing import Wanted
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.states import State
from civic.core.clock import local_date
from civic.following import keys, words
from civic.following.models import Kind, Rhythm, read_wanted
from civic.following.queries import candidates
from civic.places.queries import distance_m

#: Steps that are told to whoever asked for more than new complaints: what the body says, what the resident says of it, what
#: was promised about it in public, and that a discussion takes up the pile that it is in.
TOLD_STEPS = frozenset({"answer", "return", "confirm", "dispute", "promise", "discussion"})
#: Events that stand in the path and change nothing.
_NO_MOVE = frozenset({"information", "assigned", "recomputed", "promise", "discussion"})
#: Days of a list's period are told by one zone.
_ZONE = "Asia/Almaty"

@dataclass(frozen=True)
class News:
    """What happened to a complaint. kind: of its event, or ``overdue``. to_state: where it stands then, ``overdue`` for that."""

    complaint: Complaint
    kind: str
    to_state: str

    @classmethod
    def of(cls, complaint: Complaint, event: ComplaintEvent | None) -> "News":
        """Of an event; without one, that it has become overdue."""
        return cls(complaint, event.kind, event.to_state) if event else cls(complaint, "overdue", "overdue")

    @cached_property
    def terms(self) -> frozenset[str]:
        """The complaint's words and its category's names, as searches ask for them."""
        session = object_session(self.complaint)
        assert session is not None
        category = session.get_one(Category, self.complaint.category_id)
        return words.terms(self.complaint.text, self.complaint.address, *category.name.values())


@dataclass
class Concerned:
    """One address that the news concerns: by which followings, and the quickest rhythm that one of them asks for."""

    following_ids: list[int]
    rhythm: Rhythm


def concerned(session: Session, news: News) -> dict[int, Concerned]:
    """Addresses (ids of contacts) that are to be told, never the applicant's. Nobody for a private complaint."""
    if news.complaint.private:
        return {}
    looked_at: dict[tuple[int | None, str, bool], bool] = {}
    found: dict[int, Concerned] = {}
    for row in candidates(session, keys.of_complaint(news.complaint, news.terms)):
        if row.contact_id == news.complaint.applicant.contact_id or not _tells(row, news, looked_at):
            continue
        _add(found, row)
    return found


def concerned_by_topic(session: Session, wanted: set[str]) -> dict[int, Concerned]:
    """Addresses that follow the category, district or body of a pile, under ``keys.of_topic``, and asked for more than new complaints."""
    found: dict[int, Concerned] = {}
    for row in candidates(session, wanted):
        if row.steps and row.kind in (Kind.CATEGORY, Kind.DISTRICT, Kind.BODY):
            _add(found, row)
    return found


def concerned_by_several(session: Session, complaints: Iterable[Complaint], kind: str) -> dict[int, Concerned]:
    """Addresses that are to be told of something that happened to several complaints at once, each with all the followings that it concerns."""
    found: dict[int, Concerned] = {}
    for complaint in complaints:
        for contact_id, news in concerned(session, News(complaint, kind, complaint.state)).items():
            join(found, contact_id, news)
    return found


def join(found: dict[int, Concerned], contact_id: int, news: Concerned) -> None:
    """Put together what concerns an address in several ways."""
    known = found.setdefault(contact_id, news)
    known.following_ids = sorted({*known.following_ids, *news.following_ids})
    known.rhythm = min(known.rhythm, news.rhythm, key=list(Rhythm).index)


def _add(found: dict[int, Concerned], row: Row[Any]) -> None:
    known = found.setdefault(row.contact_id, Concerned([], row.rhythm))
    known.following_ids.append(row.id)
    known.rhythm = min(known.rhythm, row.rhythm, key=list(Rhythm).index)


def _tells(row: Row[Any], news: News, looked_at: dict[tuple[int | None, str, bool], bool]) -> bool:
    """Whether a candidate asked for this news. looked_at: searches that were asked already; many people follow the same list."""
    if row.kind == Kind.SEARCH:
        if (row.city_id, row.query, row.steps) not in looked_at:
            looked_at[row.city_id, row.query, row.steps] = _search_tells(read_wanted(row.wanted), row.steps, news)
        return looked_at[row.city_id, row.query, row.steps]
    new = news.kind == "register" or (news.kind == "forward" and row.kind == Kind.BODY)  # it is new to the body that it came to
    if not (new or (row.steps and news.kind in TOLD_STEPS)):
        return False
    c = news.complaint
    return row.kind != Kind.PLACE or bool(distance_m(row.lat, row.lon, c.lat or 0, c.lon or 0) <= row.radius_m)


def _search_tells(wanted: Wanted, steps: bool, news: News) -> bool:
    """A list with a state tells when a complaint comes to that state; others tell of new complaints, and of steps if asked for."""
    if wanted.state in (*State, "overdue"):
        moment = news.to_state == wanted.state and news.kind not in _NO_MOVE
    else:
        moment = news.kind == "register" or (steps and news.kind in TOLD_STEPS)
    return moment and _in_list(wanted, news.complaint) and words.fit(wanted.words, news.terms)


def _in_list(wanted: Wanted, c: Complaint) -> bool:
    """Whether the list shows the complaint, whatever its state, its order and how many support it: nothing new has support."""
    day = local_date(c.registered_at, _ZONE)
    return (
        wanted.category_id in (None, c.category_id, c.root_id) and wanted.district_id in (None, c.district_id)
        and wanted.body_id in (None, c.body_id) and wanted.direction in (None, c.direction) and (c.with_photo or not wanted.photo)
        and (wanted.since is None or day >= wanted.since) and (wanted.until is None or day <= wanted.until)
    )
