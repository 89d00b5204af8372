"""An organiser's pages: writing the minutes together, publishing them, materials."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.complaints.uploads import chosen
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import DomainError, InputRefused
from civic.core.text import LANGUAGES
from civic.events.blueprint import load_own
from civic.events.forms import ButtonForm
from civic.events.models import Event
from civic.extensions import db
from civic.media.models import Photo
from civic.media.service import inspect, take_in
from civic.minutes import materials, queries, service
from civic.minutes.blueprint import bp
from civic.minutes.forms import MaterialForm, MinutesForm, PublishForm
from civic.minutes.models import MinutesVersion
from civic.minutes.recording import chapter_lines
from civic.minutes.views import draw
from civic.minutes.wording import differences, megabytes, state_of
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import message, on_form
from civic.web.navigation import Link


def offer(event: Event) -> Link | None:
    """The way from the organiser's page of an event that has begun."""
    return Link(url_for("minutes.edit", code=event.code), gettext("Minutes and materials")) if service.may_write(event) else None


def _too_early(event: Event) -> ResponseReturnValue:
    flash(gettext("Minutes are written once the discussion has begun."), "warning")
    return redirect(url_for("events.manage", code=event.code), 303)


@bp.route("/organise/events/<code>/minutes", methods=["GET", "POST"])
@allow(signed_in)
def edit(code: str) -> ResponseReturnValue:
    """Write them. Who comes second sees both texts, and nothing that was typed is lost."""
    event, session = load_own(code), db.session()
    if not service.may_write(event):
        return _too_early(event)
    minutes = queries.of_event(session, event.id)
    last = queries.latest(session, minutes)
    form, clash = MinutesForm(data=_known(last)), []
    whole = form.sent()
    if request.method == "POST":
        for problem in service.problems(form.typed(), public=minutes is not None and minutes.public_from is not None):
            on_form(form, problem)
    if whole and not form.errors:
        try:
            made = service.save(session, event, current_actor(), utc_now(), form.typed(), seen=form.seen())
            flash(gettext("Version %(number)s is saved.", number=made.number) if made else gettext("Nothing has changed."), "success")
            return redirect(url_for("minutes.edit", code=code), 303)
        except service.MinutesChangedMeanwhile:
            minutes = queries.of_event(session, event.id)
            last = queries.latest(session, minutes)
            clash = differences(last, form.typed()) if last is not None else []
            form.version.data = str(last.number if last is not None else 0)
            return _edit_page(event, form, clash, 409)
    return _edit_page(event, form, clash, 422 if form.errors else 200)


def _known(last: MinutesVersion | None) -> dict[str, Any]:
    """What the form begins with."""
    if last is None:
        return {"version": "0"}
    words = {f"text_{code}": last.text.get(code, "") for code in LANGUAGES}
    return words | {"version": str(last.number), "recording_url": last.recording_url, "chapters": chapter_lines(last.chapters),
                    "came": "" if last.came is None else str(last.came), "counted_by": last.counted_by}


def _edit_page(event: Event, form: MinutesForm, clash: Any, status: int) -> ResponseReturnValue:
    minutes = queries.of_event(db.session(), event.id)
    form.change.flags.required = minutes is not None and minutes.public_from is not None
    return render_template("minutes/edit.html", form=form, event=event, here=event.city, clash=clash, minutes=minutes, max_text=service.MAX_TEXT,
                           over=event.state in service.OVER, count=len(queries.materials(db.session(), event.id))), status


@bp.post("/organise/events/<code>/minutes/publish")
@allow(signed_in)
def publish(code: str) -> ResponseReturnValue:
    """Show them to the public."""
    event, form = load_own(code), PublishForm()
    if not service.may_write(event):
        return _too_early(event)
    if form.sent():
        try:
            service.publish(db.session(), event, current_actor(), utc_now(), seen=form.seen())
            flash(gettext("The minutes are public. Each version that is saved from now on can be read by everybody."), "success")
            return redirect(url_for("minutes.page", city=event.city.code, code=code), 303)
        except DomainError as error:
            flash(message(error), "error")
    return redirect(url_for("minutes.edit", code=code), 303)


@bp.get("/organise/events/<code>/minutes/preview")
@allow(signed_in)
def preview(code: str) -> ResponseReturnValue:
    """The page as the public will see it, with all versions."""
    event = load_own(code)
    minutes = queries.of_event(db.session(), event.id)
    last = queries.latest(db.session(), minutes)
    if minutes is None or last is None:
        return redirect(url_for("minutes.edit", code=code), 303)
    return draw(event, minutes, last, since=1, draft=True)


@bp.route("/organise/events/<code>/minutes/materials", methods=["GET", "POST"])
@allow(signed_in)
def material_list(code: str) -> ResponseReturnValue:
    """Photos, PDFs and links."""
    event, form = load_own(code), MaterialForm()
    if not service.may_write(event):
        return _too_early(event)
    whole = form.sent()
    if request.method == "POST":
        for problem in materials.words_problems(form.title.data or "", form.language.data or ""):
            on_form(form, problem)
    if whole and not form.errors:
        try:
            _add(event, form)
            flash(gettext("It is on the list."), "success")
            return redirect(url_for("minutes.material_list", code=code), 303)
        except InputRefused as error:
            on_form(form, InputRefused("photo", error.code, **error.facts) if error.field == "photos" else error)
    rows = [(row, *state_of(row), megabytes(row.size) if row.size else "") for row in queries.materials(db.session(), event.id)]
    return render_template("minutes/materials.html", form=form, event=event, here=event.city, rows=rows, most_pages=materials.MOST_PAGES,
                           megabytes=materials.MAX_BYTES // 1024 // 1024), 422 if form.errors else 200


def _add(event: Event, form: MaterialForm) -> None:
    """Keep the file that came, and the row. A file whose row is refused is an orphan, which the sweep of originals removes."""
    session, actor, now, root = db.session(), current_actor(), utc_now(), current_app.settings.media  # type: ignore[attr-defined]
    photo: Photo | None = None
    for sent in chosen([form.photo.data] if form.photo.data else []):
        inspect(sent.stream, sent.filename or "")
        photo = take_in(session, root, sent.stream, now, private=False)
        session.flush()
    files = chosen([form.file.data] if form.file.data and photo is None else [])
    file = materials.take_pdf(root, files[0].stream) if files else None
    materials.add(session, event, actor, now, title=form.title.data or "", language=form.language.data or "", photo=photo, file=file, url=form.url.data or "")


@bp.post("/organise/events/<code>/minutes/materials/remove")
@allow(signed_in)
def remove(code: str) -> ResponseReturnValue:
    """Take a material off the list."""
    event = load_own(code)
    if ButtonForm().sent() and materials.remove(db.session(), event, current_actor(), utc_now(), row_id(request.form.get("material", ""))):
        flash(gettext("It is off the list."), "success")
    return redirect(url_for("minutes.material_list", code=code), 303)
