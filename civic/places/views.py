"""The country's and each city's front page."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from civic.complaints.filing_views import load_city
from civic.complaints.listing import Wanted, public_page
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.extensions import db
from civic.places.queries import cities, work_calendar
from civic.web.access import public
from civic.web.locale import LANG, preferred_language

bp = Blueprint("places", __name__)
NEWEST = 5


@bp.get("/")
@public
def root() -> ResponseReturnValue:
    """To the front page in the language that the browser asks for."""
    response = redirect(url_for("places.country", lang=preferred_language()), 302)
    response.headers["Vary"] = "Accept-Language"
    return response


@bp.get(f"/{LANG}/")
@public
def country() -> ResponseReturnValue:
    """The cities."""
    return render_template("places/country.html", cities=cities(db.session()))


@bp.get(f"/{LANG}/<city>/")
@public
def front(city: str) -> ResponseReturnValue:
    """One city: report, find, the newest."""
    here = load_city(city)
    rows = public_page(db.session(), here.id, Wanted(), local_date(utc_now(), here.timezone), limit=NEWEST).rows
    return render_template("places/front.html", here=here, rows=list_rows(rows, work_calendar(db.session())))
