"""Pages of figures: a city, its bodies and categories; each table also as CSV at the same address with ``.csv``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from civic.bodies.directory import Directory, Known, directory
from civic.complaints.listing import Wanted, public_page
from civic.complaints.views import known_city
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.figures import blocks, tables
from civic.figures.period import CHOICES, Period, named, read_period
from civic.figures.queries import Sums, course, each
from civic.figures.wording import PROBLEMS
from civic.web.access import public
from civic.web.locale import LANG, local_name
from civic.web.reading import reader
from civic.web.speech import gettext

bp = Blueprint("figures", __name__, url_prefix=f"/{LANG}")
NEWEST = 5
#: Further parts of a body's page: each gives HTML, or nothing. Features that know more of a body (invitations, promises) add theirs.
BODY_BLOCKS: list[Callable[[Known], Markup | str]] = []


@dataclass(frozen=True)
class Subject:
    """Whom a page of figures is about. wanted: the same filter in the list of complaints; listing: as parameters of its address."""

    scope: str
    scope_id: int
    title: str
    path: str
    wanted: Wanted
    listing: dict[str, Any]
    parents: list[tuple[str, str]]


def _today(here: Known) -> date:
    return local_date(utc_now(), here.timezone)


@bp.get("/<city>/figures", endpoint="city")
@bp.get("/<city>/figures.csv", endpoint="city_csv")
@public
def of_city(city: str) -> ResponseReturnValue:
    """The whole city by month."""
    known = directory(reader())
    here = known_city(known, city)
    about = Subject("city", here.id, gettext("%(city)s in figures", city=local_name(here.name)), url_for(".city", city=city), Wanted(), {}, [])
    return _page(here, about, known)


@bp.get("/<city>/bodies/<code>", endpoint="body")
@bp.get("/<city>/bodies/<code>.csv", endpoint="body_csv")
@public
def of_body(city: str, code: str) -> ResponseReturnValue:
    """One body: how it answers."""
    known = directory(reader())
    here = known_city(known, city)
    body = next((b for b in known.bodies.values() if b.city_id == here.id and b.code == code), None) or abort(404)
    about = Subject("body", body.id, local_name(body.name), url_for(".body", city=city, code=code), Wanted(body_id=body.id), {"body": body.id},
                    [(gettext("Bodies"), url_for(".bodies", city=city))])
    return _page(here, about, known, body)


@bp.get("/<city>/categories/<code>", endpoint="category")
@bp.get("/<city>/categories/<code>.csv", endpoint="category_csv")
@public
def of_category(city: str, code: str) -> ResponseReturnValue:
    """One category: how it is answered in the city."""
    known = directory(reader())
    here = known_city(known, city)
    category = next((c for c in known.categories.values() if c.code == code), None) or abort(404)
    about = Subject("category", category.id, local_name(category.name), url_for(".category", city=city, code=code), Wanted(category_id=category.id),
                    {"category": category.id}, [(gettext("Categories"), url_for(".categories", city=city))])
    return _page(here, about, known)


@bp.get("/<city>/bodies/", endpoint="bodies")
@bp.get("/<city>/bodies.csv", endpoint="bodies_csv")
@public
def bodies(city: str) -> ResponseReturnValue:
    """All bodies of a city side by side."""
    known = directory(reader())
    here = known_city(known, city)
    period = read_period(request.args, _today(here))
    sums = each(reader(), [here.id], "body", period, _today(here))
    rows = [(local_name(b.name), sums.get(b.id, Sums()), url_for(".body", city=city, code=b.code, **period.address()), False)
            for b in known.bodies_of(here.id)]
    table = tables.compared("bodies", gettext("Bodies of the city"), gettext("Body"), tables.by_overdue(rows))
    return _comparison(here, table, period, gettext("Bodies: %(city)s", city=local_name(here.name)), url_for(".bodies", city=city))


@bp.get("/<city>/categories/", endpoint="categories")
@bp.get("/<city>/categories.csv", endpoint="categories_csv")
@public
def categories_of_city(city: str) -> ResponseReturnValue:
    """All categories of a city that anything happened in, each root above its leaves."""
    known = directory(reader())
    here = known_city(known, city)
    period = read_period(request.args, _today(here))
    sums = each(reader(), [here.id], "category", period, _today(here))
    rows = [(local_name(c.name), sums.get(c.id, Sums()), url_for(".category", city=city, code=c.code, **period.address()), c is root)
            for root, leaves in known.tree() for c in (root, *leaves) if c is root or c.id in sums]
    table = tables.compared("categories", gettext("Categories of complaints"), gettext("Category"), rows)
    return _comparison(here, table, period, gettext("Categories: %(city)s", city=local_name(here.name)), url_for(".categories", city=city))


@bp.get("/cities.csv", endpoint="cities")
@public
def cities_csv() -> ResponseReturnValue:
    """The table of the country's front page."""
    return _csv(cities_table()[0], "cities")


def cities_table() -> tuple[tables.Table, list[tuple[Known, Sums]]]:
    """The present month of all cities side by side, and each city with its figures."""
    known = directory(reader())
    everywhere = [c for c in known.cities.values() if c.active]
    today = local_date(utc_now(), "Asia/Almaty")
    sums = each(reader(), [c.id for c in everywhere], "city", named("month", today), today)
    with_sums = [(c, sums.get(c.id, Sums())) for c in everywhere]
    rows = [(local_name(c.name), s, url_for("places.front", city=c.code), False) for c, s in with_sums]
    rows.append((gettext("All cities"), sum(sums.values(), Sums()), "", True))
    return tables.compared("cities", gettext("Cities, this month"), gettext("City"), rows), with_sums


def _page(here: Known, about: Subject, known: Directory, body: Known | None = None) -> ResponseReturnValue:
    session, today = reader(), _today(here)
    period = read_period(request.args, today)
    found = course(session, here.id, about.scope, about.scope_id, period, today)
    made = tables.month_tables(found)
    if request.path.endswith(".csv"):
        table = next((t for t in made if t.name == request.args.get("table", "answers")), None) or abort(404)
        return _csv(table, f"{about.path.rsplit('/', 1)[-1]}-{table.name}")
    newest = public_page(session, here.id, about.wanted, today, limit=NEWEST, known=known).rows
    return render_template(
        "figures/subject.html", here=here, about=about, period=period, today=today, tables=made, sums=found.whole,
        charts=blocks.course_charts(found) if len(found.months) > 1 else {}, answers_bar=blocks.answers_bar(found.whole),
        residents_bar=blocks.residents_bar(found.whole), shares=blocks.residents_shares(found.whole), choice=_choice(period, today),
        rows=list_rows(newest, known.calendar), further=[html for make in BODY_BLOCKS if body is not None and (html := make(body))])


def _comparison(here: Known, table: tables.Table, period: Period, title: str, path: str) -> ResponseReturnValue:
    if request.path.endswith(".csv"):
        return _csv(table, f"{here.code}-{table.name}")
    return render_template("figures/comparison.html", here=here, table=table, period=period, title=title, path=path, today=_today(here),
                           choice=_choice(period, _today(here)))


def _choice(period: Period, today: date) -> dict[str, Any]:
    """What the choice of a period is drawn from: the ready ones, the months, and what was asked for."""
    months = [m for year in range(today.year - 2, today.year + 1) for k in range(1, 13) if (m := date(year, k, 1)) <= today]
    asked = {name: request.args.get(name, "") for name in ("from", "to")}
    if period.problem == "" and not asked["from"]:
        asked = {"from": f"{period.first:%Y-%m}", "to": f"{min(period.last, today):%Y-%m}"}
    return {"ready": [name for name in CHOICES if name != "own"], "months": months[::-1], "asked": asked, "problem": PROBLEMS.get(period.problem)}


def _csv(table: tables.Table, name: str) -> ResponseReturnValue:
    response = make_response(tables.as_csv(table))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
