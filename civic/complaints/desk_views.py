"""The official's desk: list and item side by side, one step or several complaints at once."""

from datetime import date
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from civic.bodies.directory import directory
from civic.complaints import desk, desk_office_views
from civic.complaints.desk_forms import STEP_FORMS, BulkForm, FilterForm, StepForm
from civic.complaints.desk_page import body_choices, filters, inbox_rows, item, meanwhile
from civic.complaints.desk_steps import BULK, DONE, own_complaint, take, take_several
from civic.complaints.filing import MAX_PHOTOS
from civic.complaints.models import Complaint
from civic.complaints.queries import inbox as inbox_page
from civic.complaints.queries import load
from civic.complaints.rules import is_official
from civic.complaints.service import ComplaintChangedMeanwhile
from civic.complaints.terms import StepNotInProcedure, TermPassed
from civic.complaints.uploads import chosen
from civic.core.clock import local_date, utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.media.service import MAX_BYTES
from civic.places.models import City
from civic.places.queries import districts, work_calendar
from civic.web.access import allow, current_actor, works_in_a_body
from civic.web.errors import message, on_form
from civic.web.locale import LANG, local_name

bp = Blueprint("desk", __name__, url_prefix=f"/{LANG}/desk")
bp.register_blueprint(desk_office_views.bp)
STEP = f"<any({', '.join(STEP_FORMS)}):step>"


def _media() -> Path:
    media: Path = current_app.settings.media  # type: ignore[attr-defined]
    return media


def _after() -> tuple[date, int] | None:
    """Where the page begins, as ``2026-05-20_17``; the first page for anything else."""
    day, _, last = request.args.get("after", "").partition("_")
    last_id = row_id(last)
    try:
        return (date.fromisoformat(day), last_id) if last_id else None
    except ValueError:
        return None


def _filter(city_ids: list[int]) -> FilterForm:
    """What the address asks for, with the lists to choose from."""
    session = db.session()
    form = FilterForm(request.args)
    groups = {local_name(root.name): [(c.id, local_name(c.name)) for c in (root, *leaves)] for root, leaves in directory(session).tree()}
    form.category.choices = {gettext("All"): [("", gettext("Any"))], **groups}
    form.district.choices = [("", gettext("Any")), *((d.id, local_name(d.name)) for c in city_ids for d in districts(session, c))]
    return form


def _bulk(form: BulkForm | None, city_ids: list[int], body_ids: frozenset[int]) -> BulkForm:
    """The form for several, with the lists to choose from."""
    session = db.session()
    form = form or BulkForm(None)
    form.user_id.choices = [("", gettext("Nobody")), *desk.colleagues(session, body_ids)]
    form.body_id.choices = body_choices(desk.forward_targets(session, city_ids, body_ids if len(body_ids) == 1 else ()))
    return form


def _draw(complaint: Complaint | None = None, *, sent: StepForm | None = None, changed: bool = False,
          bulk: BulkForm | None = None, status: int = 200) -> ResponseReturnValue:
    """The desk with this complaint open. sent: its form that was refused. changed: refused since others were faster."""
    session, actor, kept = db.session(), current_actor(), filters()
    bodies = desk.bodies(session, actor.body_ids)
    city_ids = sorted({body.city_id for body in bodies})
    today = local_date(utc_now(), session.get_one(City, city_ids[0]).timezone)
    wanted = _filter(city_ids)
    page = inbox_page(session, actor.body_ids, actor.user_id or 0, wanted.wanted(), _after())
    shown = item(session, complaint, actor, sent) if complaint is not None else None
    return render_template(
        "desk/inbox.html", bodies=bodies, load=load(session, actor.body_ids, today), filter=wanted, kept=kept,
        bulk=_bulk(bulk, city_ids, actor.body_ids), rows=inbox_rows(session, page, actor, work_calendar(session), kept),
        item=shown, sent=sent, changed=changed, news=meanwhile(session, shown, sent) if shown and sent and changed else [],
        photos_lost=sent is not None and bool(chosen(request.files.getlist("photos"))),
        next_href=url_for("desk.inbox", **{**kept, "after": page.after}) if page.after else None,
        first_href=url_for("desk.inbox", **{k: v for k, v in kept.items() if k != "after"}) if "after" in kept else None,
        heads=any(actor.heads(body.id) for body in bodies), max_photos=MAX_PHOTOS, max_bytes=MAX_BYTES,
    ), status


@bp.get("/")
@allow(works_in_a_body)
def inbox() -> ResponseReturnValue:
    """What waits for the official's bodies, and the complaint that the address opens."""
    number = request.args.get("open")
    return _draw(own_complaint(db.session(), current_actor(), number) if number else None)


@bp.get("/<number>")
@allow(works_in_a_body)
def item_address(number: str) -> ResponseReturnValue:
    """The short address of a complaint at the desk."""
    return redirect(url_for("desk.inbox", open=number, **filters()), 303)


@bp.route(f"/<number>/{STEP}", methods=["GET", "POST"])
@allow(works_in_a_body)
def step(number: str, step: str) -> ResponseReturnValue:
    """One step with one complaint. Refused, it is drawn again with all that was typed; reloaded, it is the item."""
    if request.method == "GET":
        return item_address(number)
    session, actor = db.session(), current_actor()
    complaint = own_complaint(session, actor, number)
    form = STEP_FORMS[step](step, sent=True)
    if not form.sent():
        return _draw(complaint, sent=form, status=422)
    try:
        take(session, complaint, actor, utc_now(), step, form, _media())
    except ComplaintChangedMeanwhile:
        return _draw(complaint, sent=form, changed=True, status=409)
    except InputRefused as error:
        on_form(form, error)
    except (TermPassed, StepNotInProcedure) as error:
        form.form_errors = [*form.form_errors, message(error)]
    else:
        flash(DONE[step], "success")
        kept = filters() | ({"open": complaint.number} if is_official(actor, complaint) else {})
        return redirect(url_for("desk.inbox", **kept), 303)
    return _draw(complaint, sent=form, status=422)


@bp.route("/bulk", methods=["GET", "POST"])
@allow(works_in_a_body)
def bulk() -> ResponseReturnValue:
    """One step with all chosen complaints; says how many were done, and which were not and why."""
    if request.method == "GET":
        return redirect(url_for("desk.inbox", **filters()), 303)
    form = BulkForm()
    if not form.sent() or form.do.data not in BULK or not form.chosen():
        flash(gettext("Choose at least one complaint."), "error")
        return redirect(url_for("desk.inbox", **filters()), 303)
    if not form.is_whole():
        return _draw(bulk=form, status=422)
    done, refused = take_several(db.session(), current_actor(), utc_now(), form, _media())
    if done:
        flash(ngettext("Done: %(num)d complaint.", "Done: %(num)d complaints.", done), "success")
    for reason, numbers in refused.items():
        links = Markup(", ").join(Markup('<a href="{}">{}</a>').format(url_for("desk.inbox", open=n), n) for n in numbers)
        flash(Markup("{} {}").format(links, escape(reason)), "error")
    return redirect(url_for("desk.inbox", **filters()), 303)
