"""Lists of complaints: a city's, the country's, and one's own."""

from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.bodies.directory import Directory, Known, directory
from civic.complaints.forms import ListForm
from civic.complaints.listing import KAZAKHSTAN, public_page
from civic.complaints.paths import feed_path, list_path
from civic.complaints.queries import by_number, filed_by
from civic.complaints.rules import may_see
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.core.codes import read_number
from civic.core.text import clean
from civic.extensions import db
from civic.places.queries import work_calendar
from civic.search.queries import asked
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.locale import LANG, language
from civic.web.navigation import use_city
from civic.web.reading import reader, reading

bp = Blueprint("complaints", __name__, url_prefix=f"/{LANG}")


def known_city(known: Directory, code: str) -> Known:
    """The city of the address, shown in the header. 404 when there is none."""
    city = known.city(code) or abort(404)
    use_city(city)
    return city


@bp.get("/<city>/complaints/")
@public
def listing(city: str) -> ResponseReturnValue:
    """A city's complaints by the filter of the address; a number leads to its complaint."""
    known = directory(reader())
    return _list_page(known, known_city(known, city))


@bp.get("/complaints/")
@public
def national() -> ResponseReturnValue:
    """The complaints of all cities, by the same filters; districts and bodies are chosen in their city's list."""
    return _list_page(directory(reader()), None)


def _list_page(known: Directory, here: Known | None) -> ResponseReturnValue:
    typed = clean(request.args.get("number") or request.args.get("q"))
    number = read_number(typed) if typed else None
    complaint = by_number(reading(), number) if number else None
    if complaint is not None and may_see(current_actor(), complaint):
        return redirect(url_for("tracking.find", number=complaint.number), 303)
    problem = ("unknown" if number else "slip") if request.args.get("number") else None
    shown = _shown(known, here, request.args.get("after"))
    return render_template("complaints/list.html", problem=problem, typed=typed, cities=[] if here else _cities(known), **shown)


@bp.get("/<city>/complaints/feed.atom")
@public
def feed(city: str) -> ResponseReturnValue:
    """A city's list with the same filter as an Atom feed (RFC 4287)."""
    known = directory(reader())
    return _feed_page(known, known_city(known, city))


@bp.get("/complaints/feed.atom")
@public
def national_feed() -> ResponseReturnValue:
    """The country's list as an Atom feed."""
    return _feed_page(directory(reader()), None)


def _feed_page(known: Directory, here: Known | None) -> ResponseReturnValue:
    site, shown = current_app.settings.public_url, _shown(known, here)  # type: ignore[attr-defined]
    response = make_response(render_template(
        "complaints/feed.xml", site=site, alternate=site + shown["path"], self_address=site + shown["feed"],
        updated=max((row.raw.updated_at for row in shown["rows"]), default=None), **shown,
    ))
    response.mimetype = "application/atom+xml"
    return response


def _shown(known: Directory, here: Known | None, after: str | None = None) -> dict[str, Any]:
    """What the page and the feed of a list are drawn from."""
    lang, code = language(), here.code if here else None
    form = ListForm(request.args).offer_known(known, here.id if here else None)
    today = local_date(utc_now(), here.timezone if here else KAZAKHSTAN.key)
    page = public_page(reader(), here.id if here else None, form.wanted(), today, after, known=known)
    kept = form.kept()
    return {
        "here": here, "form": form, "kept": kept, "path": list_path(lang, code, kept), "feed": feed_path(lang, code, kept),
        "rows": list_rows(page.rows, known.calendar, show_city=here is None),
        "found": page.found, "wordless": "q" in kept and not asked(kept["q"]),
        "next_path": list_path(lang, code, kept | {"after": page.after}) if page.after else None,
        "parts": [(words, list_path(lang, code, {k: v for k, v in kept.items() if k != name})) for words, name in form.parts()],
    }


def _cities(known: Directory) -> list[Known]:
    return [city for city in known.cities.values() if city.active]


@bp.get("/my")
@allow(reachable_as_applicant)
def mine() -> ResponseReturnValue:
    """The submitter's own complaints and where each stands."""
    contact_id = current_actor().contact_id
    assert contact_id is not None
    rows = filed_by(db.session(), contact_id)
    return render_template("complaints/mine.html", rows=list_rows(rows, work_calendar(db.session()), show_body=True))
