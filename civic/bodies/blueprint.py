"""The blueprint of the pages of administration, and what its view modules share."""

from collections.abc import Sequence

from flask import Blueprint, abort, request
from sqlalchemy.orm import Session

from civic.bodies import reference
from civic.places.models import City
from civic.web.access import administrator, allow
from civic.web.locale import LANG

bp = Blueprint("admin", __name__, url_prefix=f"/{LANG}/admin")
#: Every page here is for administrators; others are not told that it exists.
administrators_only = allow(administrator, hidden=True)


def chosen_city(session: Session) -> tuple[City, Sequence[City]]:
    """The city that ``?city=`` names, by default the first one, and all cities. 404 for an unknown one."""
    cities = reference.all_cities(session)
    code = request.args.get("city", cities[0].code if cities else "")
    return next((city for city in cities if city.code == code), None) or abort(404), cities
