"""What a following is called, in the reader's language, and how the stored address of a list is read."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from civic.bodies.directory import directory
from civic.bodies.models import Body, Category
from civic.bodies.queries import bodies_of_city
from civic.complaints.forms import ListForm
from civic.complaints.listing import Wanted
from civic.following.models import Following, Kind
from civic.following.service import Target
from civic.places.models import City, District
from civic.places.queries import districts
from civic.web.locale import local_name

#: Parameters of a list that say how it is shown, or that nothing new can have: a following does without them.
LEFT_OUT = frozenset({"sort", "supported", "after", "number", "page"})


def list_form(session: Session, city_id: int | None, parameters: Any) -> ListForm:
    """The filter that address parameters (a ``MultiDict``) ask for, with its words in the reader's language."""
    own = (districts(session, city_id), bodies_of_city(session, city_id)) if city_id else ([], [])  # which a list of all cities has none of
    return ListForm(parameters).offer(directory(session).tree(), *own)


def query_of(form: ListForm) -> str:
    """A list's filter as it is stored: what the list knows, in one order. A list of overdue ones is one by its state."""
    kept = form.kept()
    if kept.get("sort") == "overdue" and not kept.get("state"):
        kept["state"] = "overdue"
    return urlencode(sorted((name, value) for name, value in kept.items() if name not in LEFT_OUT))


def read_query(query: str) -> Wanted:
    """What a stored filter asks for."""
    return ListForm(MultiDict(parse_qsl(query))).offer([], [], []).wanted()


def query_words(session: Session, city_id: int | None, query: str, *, typed: bool = True) -> str:
    """A stored filter said in words, without an order. typed: False leaves out the words searched for."""
    form = list_form(session, city_id, MultiDict(pair for pair in parse_qsl(query) if typed or pair[0] != "q"))
    return form.words(order=False)


def target_name(session: Session, target: Target | Following, *, typed: bool = True) -> str:
    """«Turan district», «Street: Рысқұлов көшесі», «Home, within 500 m». typed: False leaves out what was typed into a free field,
    for a letter to an address that somebody else may have typed."""
    if target.kind == Kind.SEARCH:
        words = query_words(session, target.city_id, target.query, typed=typed)
        return _list_name(session, target.city_id) + (f" · {words}" if words else "")
    city = session.get_one(City, target.city_id)
    if target.kind == Kind.PLACE:
        where = target.words if typed and target.words else f"{target.lat}, {target.lon}"
        return gettext("%(place)s, within %(metres)s m", place=where, metres=target.radius_m)
    if target.kind == Kind.STREET:
        return gettext("Street: %(street)s", street=target.words) if typed else gettext("A street of %(city)s", city=local_name(city.name))
    if target.kind == Kind.DISTRICT:
        return f"{local_name(session.get_one(District, target.district_id).name)}, {local_name(city.name)}"
    if target.kind == Kind.CATEGORY:
        return f"{local_name(session.get_one(Category, target.category_id).name)}, {local_name(city.name)}"
    return local_name(session.get_one(Body, target.body_id).name)


def _list_name(session: Session, city_id: int | None) -> str:
    if city_id is None:
        return gettext("Complaints of all cities")
    return gettext("Complaints: %(city)s", city=local_name(session.get_one(City, city_id).name))
