"""The public page of a programme, its calendar and its feed."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from civic.bodies.directory import directory
from civic.complaints.filing_views import load_city
from civic.core.clock import utc_now
from civic.events import feeds
from civic.events.calendar_views import answer
from civic.events.wording import event_rows
from civic.extensions import db
from civic.places.models import City
from civic.programmes import queries
from civic.programmes.models import Part, PartPerson, Programme
from civic.web.access import public
from civic.web.locale import LANG, local_name
from civic.web.navigation import Link
from civic.web.reading import reader, reading

bp = Blueprint("programmes", __name__, url_prefix=f"/{LANG}")


def programmes_of(city_id: int, code: str) -> list[Link]:
    """Ways to a city's programmes, for its list of discussions, by the session that the list reads with."""
    return [Link(url_for("programmes.page", city=code, code=row.code), local_name(row.name)) for row in queries.of_city(reading(), city_id)]


def _load(city: str, code: str) -> tuple[City, Programme]:
    here = load_city(city)
    programme = queries.by_code(db.session(), code)
    if programme is None or programme.city_id != here.id:
        abort(404)
    return here, programme


@dataclass
class DrawnPart:
    """A part as its pages show it: discussions to come and past as rows of lists, topics as name and address, people, subprojects."""

    part: Part
    ahead: list[Any]
    past: list[Any]
    topics: list[dict[str, str]]
    people: list[PartPerson]
    parts: list["DrawnPart"]


def drawn_parts(programme: Programme) -> list[DrawnPart]:
    """The directions of a programme with their subprojects."""
    now, known = utc_now(), directory(reader())
    ahead: dict[int, list[Any]] = defaultdict(list)
    past: dict[int, list[Any]] = defaultdict(list)
    topics: dict[int, list[dict[str, str]]] = defaultdict(list)
    people: dict[int, list[PartPerson]] = defaultdict(list)
    found = queries.events(db.session(), programme.id)
    for (part_id, raw), row in zip(found, event_rows([raw for _, raw in found]), strict=True):
        (past if raw.ends_at < now else ahead)[part_id].append(row)
    for topic in queries.topics(db.session(), programme.id):
        if category := known.categories.get(topic.category_id):
            topics[topic.part_id].append({"name": local_name(category.name),
                                          "href": url_for("figures.category", city=programme.city.code, code=category.code)})
    for person in queries.people(db.session(), programme.id):
        people[person.part_id].append(person)
    drawn = {p.id: DrawnPart(p, ahead[p.id][::-1], past[p.id], topics[p.id], people[p.id], []) for p in programme.parts}
    for one in drawn.values():
        if one.part.parent_id is not None:
            drawn[one.part.parent_id].parts.append(one)
    return [one for one in drawn.values() if one.part.parent_id is None]


@bp.get("/<city>/programmes/<code>")
@public
def page(city: str, code: str) -> ResponseReturnValue:
    """A programme: its directions and subprojects with their discussions, topics and people."""
    here, programme = _load(city, code)
    return render_template("programmes/page.html", here=here, programme=programme, parts=drawn_parts(programme))


@bp.get("/calendars/programme/<code>.ics")
@public
def calendar(code: str) -> Response:
    """All public discussions of a programme, to subscribe to."""
    programme = queries.by_code(db.session(), code)
    if programme is None:
        abort(404)
    ids = [row.id for _, row in queries.events(db.session(), programme.id)]
    return answer(local_name(programme.name), feeds.of_ids(db.session(), ids, utc_now()))


@bp.get("/<city>/programmes/<code>/feed.atom")
@public
def feed(city: str, code: str) -> ResponseReturnValue:
    """The newest discussions of a programme as an Atom feed (RFC 4287)."""
    here, programme = _load(city, code)
    rows = event_rows([row for _, row in queries.events(db.session(), programme.id)][:50])
    site = current_app.settings.public_url  # type: ignore[attr-defined]
    response = make_response(render_template("programmes/feed.xml", here=here, programme=programme, rows=rows, site=site,
                                             updated=max((r.raw.updated_at for r in rows), default=programme.created_at)))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response
