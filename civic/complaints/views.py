"""Lists of complaints: a city's, and one's own."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.bodies.queries import bodies_of_city, categories
from civic.complaints.filing_views import load_city
from civic.complaints.forms import ListForm
from civic.complaints.listing import public_page
from civic.complaints.queries import by_number, filed_by
from civic.complaints.rules import may_see
from civic.complaints.wording import list_rows
from civic.core.clock import local_date, utc_now
from civic.core.codes import read_number
from civic.core.text import clean
from civic.extensions import db
from civic.places.models import City
from civic.places.queries import districts, work_calendar
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.locale import LANG

bp = Blueprint("complaints", __name__, url_prefix=f"/{LANG}")


def _wanted(here: City) -> ListForm:
    """What the address asks for, with the lists to choose from."""
    session = db.session()
    return ListForm(request.args).offer(categories(session), districts(session, here.id), bodies_of_city(session, here.id))


@bp.get("/<city>/complaints/")
@public
def listing(city: str) -> ResponseReturnValue:
    """A city's complaints by the filter of the address; a number leads to its complaint."""
    here = load_city(city)
    typed = clean(request.args.get("number"))
    problem = None
    if typed:
        number = read_number(typed)
        complaint = by_number(db.session(), number) if number else None
        if complaint is not None and may_see(current_actor(), complaint):
            return redirect(url_for("tracking.find", number=complaint.number), 303)
        problem = "unknown" if number else "slip"
    form = _wanted(here)
    today = local_date(utc_now(), here.timezone)
    page = public_page(db.session(), here.id, form.wanted(), today, request.args.get("after"))
    return render_template("complaints/list.html", here=here, rows=list_rows(page.rows, work_calendar(db.session())), form=form,
                           words=form.words(), kept=form.kept(), after=page.after, typed=typed, problem=problem)


@bp.get("/<city>/complaints/feed.atom")
@public
def feed(city: str) -> ResponseReturnValue:
    """The same filter as an Atom feed (RFC 4287)."""
    here = load_city(city)
    form = _wanted(here)
    page = public_page(db.session(), here.id, form.wanted(), local_date(utc_now(), here.timezone))
    site = current_app.settings.public_url  # type: ignore[attr-defined]
    response = make_response(render_template(
        "complaints/feed.xml", here=here, rows=list_rows(page.rows, work_calendar(db.session())), words=form.words(), site=site,
        alternate=site + url_for("complaints.listing", city=city, **form.kept()), self_address=site + request.full_path.rstrip("?"),
        updated=max((row.updated_at for row in page.rows), default=None),
    ))
    response.mimetype = "application/atom+xml"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/my")
@allow(reachable_as_applicant)
def mine() -> ResponseReturnValue:
    """The submitter's own complaints and where each stands."""
    contact_id = current_actor().contact_id
    assert contact_id is not None
    rows = filed_by(db.session(), contact_id)
    return render_template("complaints/mine.html", rows=list_rows(rows, work_calendar(db.session()), show_body=True))
