"""The country's and each city's front page."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from civic.bodies.directory import Known, directory
from civic.complaints.listing import Wanted, public_page
from civic.complaints.views import known_city
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.figures import blocks
from civic.figures.period import named
from civic.figures.queries import city_sums, most_overdue
from civic.figures.views import cities_table
from civic.web.access import public
from civic.web.locale import LANG, preferred_language
from civic.web.reading import reader

bp = Blueprint("places", __name__)
NEWEST, SUPPORTED, LATEST = 5, 3, 5


def no_event(here: Known) -> str:
    """Nothing is known of debates."""
    return ""


#: Further parts of a city's front page: each gives HTML, or nothing.
FRONT_BLOCKS: list[Callable[[Known], Markup | str]] = []
#: HTML of the block that tells of the city's next open debate, or nothing; the feature that knows of debates puts its own here.
NEXT_EVENT = no_event


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
    """The cities, and what each asked for and got this month."""
    table, with_sums = cities_table()
    return render_template("places/country.html", cities=with_sums, table=table, today=local_date(utc_now(), "Asia/Almaty"))


@bp.get(f"/{LANG}/<city>/")
@public
def front(city: str) -> ResponseReturnValue:
    """One city: report, find, the month's figures, the newest, the most supported, who is late most."""
    session = reader()
    known = directory(session)
    here = known_city(known, city)
    today = local_date(utc_now(), here.timezone)
    newest = public_page(session, here.id, Wanted(), today, limit=NEWEST, known=known).rows
    supported = public_page(session, here.id, Wanted(state="open", supported=True, sort="supported"), today, limit=SUPPORTED, known=known).rows
    sums = city_sums(session, here.id, named("month", today), today)
    late = [(known.bodies[body_id], overdue) for body_id, overdue in most_overdue(session, here.id, today, LATEST)]
    return render_template(
        "places/front.html", here=here, today=today, rows=list_rows(newest, known.calendar), supported=list_rows(supported, known.calendar),
        sums=sums, answers_bar=blocks.answers_bar(sums), late=late, next_event=NEXT_EVENT(here),
        further=[html for make in FRONT_BLOCKS if (html := make(here))])
