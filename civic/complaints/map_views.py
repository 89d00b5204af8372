"""The public map: its page, what a frame shows (for the script and for the list beside it), outlines of districts."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.bodies.directory import Directory, Known, directory
from civic.complaints.forms import ListForm
from civic.complaints.listing import public_page
from civic.complaints.map_cells import FARTHEST_ZOOM, NEAREST_ZOOM, Frame, across_m, frame_of, read_box, write_box, zoom_of
from civic.complaints.map_queries import look, rows_of
from civic.complaints.map_words import mark, plural_forms, seen_words, without_place_words
from civic.complaints.paths import list_path
from civic.complaints.views import known_city
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.core.codes import row_id
from civic.places.outlines import outlines, outlines_version
from civic.places.queries import box_around
from civic.web.access import public
from civic.web.locale import LANG, language
from civic.web.reading import reading

bp = Blueprint("map", __name__, url_prefix=f"/{LANG}/<city>")
_WIDTH = 800  # pixels of a usual map, to guess the zoom of a box that came without one


def _frame(here: Known) -> tuple[Frame, bool]:
    """The frame of the address, and whether it names one. Nonsense is the whole city."""
    box = read_box(request.args.get("box"))
    zoom = row_id(request.args.get("zoom", ""))
    if zoom is None:
        zoom = FARTHEST_ZOOM if box is None else zoom_of(box.east - box.west, _WIDTH)
    return frame_of(here, box, min(zoom, NEAREST_ZOOM)), box is not None


def _list(known: Directory, here: Known, form: ListForm, frame: Frame | None) -> dict[str, Any]:
    """What the list beside the map is drawn from. No frame: the first page of the whole list, with those that have no pin."""
    wanted, today, kept = form.wanted(), local_date(utc_now(), here.timezone), form.kept()
    path = list_path(language(), here.code, kept)
    if frame is None:
        found = public_page(reading(), here.id, wanted, today)
        following = list_path(language(), here.code, kept | {"after": found.after}) if found.after else None
        return {"rows": list_rows(found.rows, known.calendar), "path": path, "next_path": following}
    view = look(reading(), here.id, wanted, frame, today)
    rows = list_rows(rows_of(reading(), here.id, wanted, view, today), known.calendar)
    return {"rows": rows, "path": path, "more": view.total > len(rows), "without": without_place_words(view.without_place),
            "seen": seen_words(view.total, view.bound, single=view.marks is not None)}


@bp.get("/complaints/map")
@public
def page(city: str) -> ResponseReturnValue:
    """The map and the list of its frame; without a script, the list and the districts."""
    known = directory(reading())
    here = known_city(known, city)
    form, settings = ListForm(request.args).offer_known(known, here.id), current_app.settings  # type: ignore[attr-defined]
    (frame, named), kept = _frame(here), form.kept()
    parts = [(words, url_for("map.page", city=city, **{k: v for k, v in kept.items() if k != name})) for words, name in form.parts()]
    return render_template(
        "complaints/map.html", here=here, form=form, kept=kept, parts=parts, districts=known.districts_of(here.id), forms=plural_forms(),
        box=write_box(frame.box) if named else "", home=write_box(box_around(here.lat, here.lon, here.radius_km * 1000)),
        tiles=settings.tiles_url, attribution=settings.tiles_attribution,
        **_list(known, here, form, frame if named or form.wanted().words else None))


@bp.get("/complaints/map/live")
@public
def live(city: str) -> ResponseReturnValue:
    """The list of a frame, for the script."""
    known = directory(reading())
    here = known_city(known, city)
    return render_template("complaints/_map_list.html", **_list(known, here, ListForm(request.args), _frame(here)[0]))


@bp.get("/complaints/map.json")
@public
def data(city: str) -> ResponseReturnValue:
    """Clusters ``[lat, lon, number, waiting]`` or marks of a frame. across: how many metres a cluster stands for."""
    known = directory(reading())
    here = known_city(known, city)
    frame, _ = _frame(here)
    today = local_date(utc_now(), here.timezone)
    view = look(reading(), here.id, ListForm(request.args).wanted(), frame, today)
    answer = {
        "total": view.total, "bound": view.bound, "across": across_m(frame.resolution), "base": list_path(language(), here.code),
        "clusters": [[round(c.lat, 5), round(c.lon, 5), c.number, c.waiting] for c in view.clusters],
        "marks": None if view.marks is None else [mark(row, known.categories[row.category_id].name, today) for row in view.marks],
    }
    response = jsonify(answer)
    response.add_etag()
    return _kept(response, "public, no-cache")


@bp.get("/districts.json")
@public
def district_outlines(city: str) -> ResponseReturnValue:
    """Boundaries of the city's districts, simplified, as GeoJSON; empty when none was imported."""
    here = known_city(directory(reading()), city)
    version = outlines_version(reading(), here.id)
    unchanged = version in request.if_none_match
    response = Response(status=304) if unchanged else jsonify(outlines(reading(), here.id))
    response.set_etag(version)
    return _kept(response, "public, max-age=86400")


def _kept(response: Response, caching: str) -> ResponseReturnValue:
    response.headers["Cache-Control"] = caching
    return response.make_conditional(request)
