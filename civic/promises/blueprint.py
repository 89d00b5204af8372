"""The blueprint that the modules of pages share, and how they find what an address names."""

from flask import Blueprint, abort

from civic.core.codes import read_number
from civic.extensions import db
from civic.promises.models import Promise
from civic.promises.queries import by_number
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("promises", __name__, url_prefix=f"/{LANG}")


def load(number: str) -> Promise:
    """The promise of the address, its city in the header. 404 when there is none."""
    promise = by_number(db.session(), read_number(number) or "")
    if promise is None:
        abort(404)
    use_city(promise.event.city)
    return promise
