"""Days declared worked or off. Open due dates follow at once."""

from datetime import date

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from civic.bodies import reference
from civic.bodies.blueprint import administrators_only, bp
from civic.bodies.forms import ButtonForm, DayForm
from civic.complaints.service import recompute_due_dates
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.places.models import DayEdit
from civic.places.service import forget_day, set_day
from civic.web.access import current_actor
from civic.web.errors import on_form


@bp.route("/days", methods=["GET", "POST"])
@administrators_only
def days() -> ResponseReturnValue:
    """All edits of the calendar, and a form for one more."""
    form, session = DayForm(), db.session()
    if form.sent():
        try:
            set_day(session, form.day.data, working=form.working.data == "working", reason=form.reason.data,
                    user_id=current_actor().user_id, now=utc_now())
            return _recomputed()
        except InputRefused as error:
            on_form(form, error)
    return render_template("admin/days.html", form=form, days=reference.day_edits(session)), 422 if form.errors else 200


@bp.route("/days/<day>/forget", methods=["GET", "POST"])
@administrators_only
def forget(day: str) -> ResponseReturnValue:
    """Let the public calendar decide again, by a button."""
    row = _edit_of(day)
    form = ButtonForm()
    if form.sent():
        forget_day(db.session(), row, current_actor().user_id, utc_now())
        return _recomputed()
    return render_template("admin/day_forget.html", form=form, edit=row)


def _edit_of(day: str) -> DayEdit:
    try:
        return db.session().get(DayEdit, date.fromisoformat(day)) or abort(404)
    except ValueError:
        abort(404)


def _recomputed() -> ResponseReturnValue:
    moved = recompute_due_dates(db.session(), current_actor(), utc_now())
    told = ngettext("%(num)d open due date has moved; those concerned are told.",
                    "%(num)d open due dates have moved; those concerned are told.", moved)
    flash(f"{gettext('Saved.')} {told}", "success")
    return redirect(url_for(".days"), 303)
