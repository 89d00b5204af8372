"""Calendars that people subscribe to: of an event, a city, an organisation."""

from collections.abc import Callable, Iterable

from flask import Blueprint, Response, abort, current_app, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.complaints.filing_views import load_city
from civic.core.clock import utc_now
from civic.events import feeds
from civic.events.calendar import calendar
from civic.events.models import Event
from civic.events.queries import by_code, organisation_by_code
from civic.extensions import db
from civic.web.access import public
from civic.web.locale import LANG, language, local_name

bp = Blueprint("calendars", __name__, url_prefix=f"/{LANG}/calendars")


def page_of(event: Event) -> str:
    """The path of the event's page."""
    return url_for("events.page", city=event.city.code, code=event.code)


def answer(name: str, events: Iterable[Event], *, path_of: Callable[[Event], str] = page_of, private: bool = False) -> Response:
    """The calendar as a file, with an ETag: a program that has it is told so in a few bytes."""
    settings = current_app.settings  # type: ignore[attr-defined]
    entries = [feeds.entry(event, settings.public_url + path_of(event), language()) for event in events]
    response = make_response(calendar(name, entries, settings.host or "civic", language()))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-cache" if private else "public, max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/event/<code>.ics")
@public
def event(code: str) -> ResponseReturnValue:
    """One event; called off, it says so."""
    found = by_code(db.session(), code)
    if found is None or found.announced_at is None:
        abort(404)
    return answer(local_name(found.title), [found])


@bp.get("/city/<city>.ics")
@public
def city(city: str) -> ResponseReturnValue:
    """All public events of a city."""
    here = load_city(city)
    return answer(gettext("Discussions: %(where)s", where=local_name(here.name)), feeds.of_city(db.session(), here.id, utc_now()))


@bp.get("/organisation/<code>.ics")
@public
def organisation(code: str) -> ResponseReturnValue:
    """All public events of an organisation."""
    found = organisation_by_code(db.session(), code)
    if found is None:
        abort(404)
    return answer(local_name(found.name), feeds.of_organisation(db.session(), found.id, utc_now()))
