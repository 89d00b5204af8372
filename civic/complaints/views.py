"""Lists of complaints: a city's, and one's own."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.complaints.filing_views import load_city
from civic.complaints.queries import by_number, city_page, filed_by
from civic.complaints.rules import may_see
from civic.complaints.wording import list_rows
from civic.core.codes import read_number
from civic.extensions import db
from civic.places.queries import work_calendar
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.locale import LANG

bp = Blueprint("complaints", __name__, url_prefix=f"/{LANG}")


def _read_key(text: str | None) -> tuple[datetime, int] | None:
    """The place in the list that ``after`` names; None for the beginning, also when it makes no sense."""
    try:
        moment, _, row_id = (text or "").partition("_")
        return datetime.fromtimestamp(float(moment), UTC), int(row_id)
    except (ValueError, OverflowError, OSError):
        return None


@bp.get("/<city>/complaints/")
@public
def listing(city: str) -> ResponseReturnValue:
    """A city's complaints, newest first; a number leads to its complaint."""
    here = load_city(city)
    typed = request.args.get("number", "").strip()
    problem = None
    if typed:
        number = read_number(typed)
        complaint = by_number(db.session(), number) if number else None
        if complaint is not None and may_see(current_actor(), complaint):
            return redirect(url_for("tracking.find", number=complaint.number), 303)
        problem = "unknown" if number else "slip"
    page = city_page(db.session(), here.id, _read_key(request.args.get("after")))
    return render_template("complaints/list.html", here=here, rows=list_rows(page.rows, work_calendar(db.session())),
                           after=page.after, typed=typed, problem=problem)


@bp.get("/my")
@allow(reachable_as_applicant)
def mine() -> ResponseReturnValue:
    """The submitter's own complaints and where each stands."""
    contact_id = current_actor().contact_id
    assert contact_id is not None
    rows = filed_by(db.session(), contact_id)
    return render_template("complaints/mine.html", rows=list_rows(rows, work_calendar(db.session()), show_body=True))
