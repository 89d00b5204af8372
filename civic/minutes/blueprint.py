"""The blueprint that the modules of pages share, and how they find what an address names."""

from flask import Blueprint, abort

from civic.events.blueprint import load_shown
from civic.events.models import Event
from civic.extensions import db
from civic.minutes import queries
from civic.minutes.models import Minutes, MinutesVersion
from civic.places.models import City
from civic.web.locale import LANG

bp = Blueprint("minutes", __name__, url_prefix=f"/{LANG}")


def load_public(city: str, code: str) -> tuple[City, Event, Minutes]:
    """The public minutes of an address. 404 when there are none, or none that are public."""
    here, event = load_shown(city, code)
    minutes = queries.of_event(db.session(), event.id)
    if event.announced_at is None or minutes is None or minutes.public_from is None:
        abort(404)
    return here, event, minutes


def load_version(minutes: Minutes, number: int) -> MinutesVersion:
    """A version that the public may read. 404 for others."""
    version = queries.version(db.session(), minutes, number)
    if version is None or minutes.public_from is None or number < minutes.public_from:
        abort(404)
    return version
