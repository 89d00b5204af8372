"""Pages of administration: cities, districts, bodies, categories, and the history of every row.

Days off, responsibilities and posts have their own modules.
"""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.bodies import day_views, post_views, reference, responsibility_views
from civic.bodies.blueprint import administrators_only, bp, chosen_city
from civic.bodies.forms import RowForm
from civic.bodies.history_words import told
from civic.bodies.kinds import KINDS, Kind, listed
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor
from civic.web.errors import on_form

__all__ = ["bp", "day_views", "post_views", "responsibility_views"]
_KIND = "<any(cities, districts, bodies, categories):path>"


@bp.route("/")
@administrators_only
def index() -> ResponseReturnValue:
    """What can be administered, and the latest changes."""
    session = db.session()
    return render_template("admin/index.html", kinds=list(KINDS.values()), changes=told(session, reference.changes(session, limit=5)))


@bp.route(f"/{_KIND}")
@administrators_only
def listing(path: str) -> ResponseReturnValue:
    """All rows of a kind; of one city where rows belong to cities."""
    kind, session = KINDS[path], db.session()
    city, cities = chosen_city(session)
    return render_template("admin/list.html", kind=kind, chosen=city, cities=cities if kind.per_city else [],
                           rows=listed(kind, kind.rows(session, city)))


@bp.route(f"/{_KIND}/new", methods=["GET", "POST"])
@administrators_only
def add(path: str) -> ResponseReturnValue:
    """A new row."""
    kind, session = KINDS[path], db.session()
    city, _ = chosen_city(session)
    form = kind.form()
    form.offer(session, city)
    if form.sent() and _done(form, lambda: kind.add(session, city, form.values(), current_actor().user_id, utc_now())):
        return _to_list(kind, city)
    return _form_page(kind, city, form, None)


@bp.route(f"/{_KIND}/<int:row_id>", methods=["GET", "POST"])
@administrators_only
def edit(path: str, row_id: int) -> ResponseReturnValue:
    """A row to change or to retire."""
    kind, session = KINDS[path], db.session()
    row = session.get(kind.model, row_id) or abort(404)
    city = session.get_one(City, row.city_id) if kind.per_city else None
    form = kind.form(row)
    form.offer(session, city)
    if form.sent() and _done(form, lambda: kind.edit(session, row, form.values(), current_actor().user_id, utc_now(), form.seen.data)):
        return _to_list(kind, city)
    return _form_page(kind, city, form, row)


@bp.route("/history")
@administrators_only
def history() -> ResponseReturnValue:
    """Who changed what, when: everything, or one row (``kind`` and ``key``)."""
    session, args = db.session(), request.args
    rows = reference.changes(session, args.get("kind"), args.get("key"), args.get("before", type=row_id))
    earlier = url_for(".history", kind=args.get("kind"), key=args.get("key"), before=rows[-1].id) if len(rows) == reference.HISTORY_PAGE else None
    return render_template("admin/history.html", changes=told(session, rows), earlier=earlier, one=bool(args.get("key")))


def _done(form: RowForm, act: Any) -> bool:
    """Act; what is refused stands beside its field."""
    try:
        act()
    except InputRefused as error:
        on_form(form, error)
        form.renew()
        return False
    flash(gettext("Saved."), "success")
    return True


def _to_list(kind: Kind, city: City | None) -> ResponseReturnValue:
    return redirect(url_for(".listing", path=kind.path, city=city.code if kind.per_city and city else None), 303)


def _form_page(kind: Kind, city: City | None, form: RowForm, row: Any) -> ResponseReturnValue:
    """The form; its fields in the order in which people think of them."""
    first = [n for n in ("code", "prefix", "name_kk", "name_ru", "name_en") if n in form]
    rest = [f.name for f in form if f.name not in (*first, "seen", "once", "csrf_token", "active")]
    names = first + rest + (["active"] if "active" in form else [])
    page = render_template("admin/edit.html", kind=kind, chosen=city if kind.per_city else None, form=form, row=row,
                           fields=[form[name] for name in names])
    return page, 422 if form.errors else 200
