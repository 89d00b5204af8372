"""Public pages: the minutes, their versions, what changed between them, the PDF, the materials."""

from flask import Response, abort, current_app, make_response, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from civic.core.clock import utc_now
from civic.events.models import Event
from civic.extensions import db
from civic.minutes import queries
from civic.minutes.blueprint import bp, load_public, load_version
from civic.minutes.materials import file_of
from civic.minutes.models import Kind, Minutes, MinutesMaterial, MinutesVersion
from civic.minutes.pdf import minutes_pdf
from civic.minutes.service import OVER
from civic.minutes.wording import changes, minutes_view, shown_material, version_rows
from civic.web.access import public
from civic.web.locale import long_moment
from civic.web.reading import reading

#: nginx gives out files below this address only when an answer of ours names them (deploy/nginx/civic.conf).
ACCEL = "/_files/"


@bp.get("/<city>/events/<code>/minutes")
@public
def page(city: str, code: str) -> ResponseReturnValue:
    """The last version, with recommendations, recording, materials and numbers."""
    reading()
    _, event, minutes = load_public(city, code)
    return draw(event, minutes, load_version(minutes, minutes.number), since=minutes.public_from or 1)


def draw(event: Event, minutes: Minutes, version: MinutesVersion, *, since: int, draft: bool = False) -> str:
    """The page of the last version. since: the first version of the list."""
    session = db.session()
    rows = version_rows(queries.versions(session, minutes, since), minutes, event.city.timezone)
    return render_template("minutes/page.html", v=minutes_view(session, event, minutes, version, utc_now()), event=event, here=event.city, rows=rows, draft=draft,
                           marks=minutes.hidden or {})


@bp.get("/<city>/events/<code>/minutes/<int:number>")
@public
def version(city: str, code: str, number: int) -> ResponseReturnValue:
    """One version as it was."""
    reading()
    here, event, minutes = load_public(city, code)
    view = minutes_view(db.session(), event, minutes, load_version(minutes, number), utc_now())
    return render_template("minutes/version.html", v=view, event=event, here=here, minutes=minutes)


@bp.get("/<city>/events/<code>/minutes/<int:number>/changes")
@public
def changed(city: str, code: str, number: int) -> ResponseReturnValue:
    """What is new in a version, beside the one before it."""
    reading()
    here, event, minutes = load_public(city, code)
    new, old = load_version(minutes, number), load_version(minutes, number - 1)
    if {f"version-{number}", f"version-{number - 1}"} & (minutes.hidden or {}).keys():
        abort(404)
    return render_template("minutes/changes.html", event=event, here=here, old=old, new=new, changes=changes(old, new),
                           saved=long_moment(new.at, here.timezone))


@bp.get("/<city>/events/<code>/minutes-<any(kk, ru):written>.pdf")
@public
def pdf(city: str, code: str, written: str) -> Response:
    """The last version as a document in Kazakh or in Russian."""
    reading()
    _, event, minutes = load_public(city, code)
    address = current_app.settings.public_url + url_for("minutes.page", lang=written, city=city, code=code)  # type: ignore[attr-defined]
    response = make_response(minutes_pdf(db.session(), event, minutes, written, address, utc_now()))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{code}-{minutes.number}-{written}.pdf"'
    return response


@bp.get("/<city>/events/<code>/minutes/files/<int:material_id>.pdf")
@public
def file(city: str, code: str, material_id: int) -> Response:
    """A PDF that organisers put up: always a download, never opened as a page of this site."""
    _, event, _ = load_public(city, code)
    row = db.session.get(MinutesMaterial, material_id)
    if row is None or row.event_id != event.id or row.kind != Kind.FILE or shown_material(row, event) is None:
        abort(404)
    settings = current_app.settings  # type: ignore[attr-defined]
    path, name = file_of(settings.media, row.file_key), f"{code}-{material_id}.pdf"
    if settings.media_accel:
        response = Response(mimetype="application/pdf", headers={"X-Accel-Redirect": ACCEL + path.relative_to(settings.media / "files").as_posix()})
    elif path.exists():
        response = send_file(path, mimetype="application/pdf")
    else:  # a database restored without its files
        abort(404)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-cache"  # a moderator may take it off
    return response


def event_block(event: Event) -> Markup | str:
    """The part of an event's page; nothing before the minutes are public."""
    if event.state not in OVER:
        return ""
    session = reading()
    minutes = queries.of_event(session, event.id)
    if minutes is None or minutes.public_from is None:
        return ""
    last = queries.latest(session, minutes)
    assert last is not None
    return Markup(render_template("minutes/_event.html", event=event, number=last.number, saved=long_moment(last.at, event.city.timezone),
                                  recording="" if minutes.hidden and f"version-{last.number}" in minutes.hidden else last.recording_url))
