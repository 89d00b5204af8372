"""Pages of topics: those of a city, the organiser's choice of what an event carries, and making a discussion of one."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from markupsafe import Markup

from civic.bodies.directory import Directory, directory
from civic.complaints.queries import rows_by_id
from civic.complaints.views import known_city
from civic.complaints.wording import ListRow, list_rows
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.database import Reader
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, pick
from civic.events.blueprint import load_organisation, load_own, load_shown
from civic.events.event_form import new_event
from civic.events.models import Event
from civic.events.organiser_views import making
from civic.events.queries import organisations_of
from civic.events.rules import may_organise_for
from civic.extensions import db
from civic.places.models import City
from civic.topics import queries, service
from civic.topics.beginning import agenda, opening_words
from civic.topics.forms import FilterForm, NumbersForm, PutDownForm
from civic.topics.models import WHOLE_CITY
from civic.topics.picture import pictures
from civic.topics.wording import legend, row, rows, rule_words, scale_words, standings, still_open
from civic.web.access import allow, current_actor, public, signed_in
from civic.web.errors import on_form
from civic.web.locale import LANG, local_name
from civic.web.navigation import Link
from civic.web.reading import reader, reading

bp = Blueprint("topics", __name__, url_prefix=f"/{LANG}")
FORMAT = "conference"
ON_PAGE = 5


@bp.get("/<city>/topics")
@public
def listing(city: str) -> ResponseReturnValue:
    """What grows in a city, and its largest piles; with the rule."""
    session = reader()
    known = directory(session)
    here = known_city(known, city)
    growing, largest = queries.growing(session, here.id), queries.largest(session, here.id)
    drawn = pictures(reading(), here.id, [topic.places for topic in growing])
    return render_template("topics/list.html", here=here, growing=rows(growing, known, here), drawn=drawn, legend=legend(drawn), scale=scale_words, largest=rows(largest, known, here),
                           rule=rule_words(), counted_on=next((t.counted_on for t in (*growing, *largest)), None))


@bp.get("/organise/topics/<city>/<int:category>/<int:district>")
@allow(signed_in)
def choose(city: str, category: int, district: int) -> ResponseReturnValue:
    """For which organisation; straight on when there is one, and to founding one when there is none."""
    known = directory(db.session())
    here = known_city(known, city)
    actor = current_actor()
    assert actor.user_id is not None
    own = [o for o in organisations_of(db.session(), actor.user_id) if o.city_id == here.id and may_organise_for(actor, o)]
    ways = [(local_name(o.name), url_for("topics.make", code=o.code, category=category, district=district)) for o in own]
    if not ways:
        flash(gettext("Found an organisation first: discussions are held in its name."), "info")
        return redirect(url_for("events.found"), 303)
    return redirect(ways[0][1], 303) if len(ways) == 1 else render_template("topics/choose.html", ways=ways, here=here)


@bp.route("/organise/<code>/topics/<int:category>/<int:district>", methods=["GET", "POST"])
@allow(signed_in)
def make(code: str, category: int, district: int) -> ResponseReturnValue:
    """A new event about a topic: the form knows title, direction and agenda, and the event carries the topic and its complaints."""
    organisation = load_organisation(code)
    known = directory(db.session())
    here, chosen = known.cities[organisation.city_id], known.categories.get(category)
    if chosen is None or (district != WHOLE_CITY and (district not in known.districts or known.districts[district].city_id != here.id)):
        abort(404)

    def carry(event: Event, now: Any) -> None:
        service.carry_topic(db.session(), event, current_actor(), now, category, district)

    return making(code, _prefilled(known, here, chosen, district), carry)


def _prefilled(known: Directory, here: Any, category: Any, district: int) -> dict[str, Any]:
    place = known.districts[district].name if district != WHOLE_CITY else here.name
    titles = {f"title_{code}": f"{pick(category.name, code)}: {pick(place, code)}" for code in LANGUAGES}
    begin = new_event(FORMAT)
    body = service.body_of_topic(db.session(), db.session.get_one(City, here.id), category.id, district)
    pile = queries.counted(db.session(), here.id, category.id, district)
    return begin | titles | opening_words(pile, body) | {"direction": category.direction or begin.get("direction"), "items": agenda(body)}


@bp.route("/organise/events/<code>/complaints", methods=["GET", "POST"])
@allow(signed_in)
def carried(code: str) -> ResponseReturnValue:
    """What an event carries; more is taken up by number or by a whole filter."""
    event, session = load_own(code), db.session()
    known = directory(session)
    pressed = request.form.get("act", "")
    numbers, filter_ = NumbersForm(), FilterForm().offer(known, event.city_id)
    form = {"numbers": numbers, "filter": filter_, "down": PutDownForm()}.get(pressed)
    if form is not None and form.sent():
        try:
            _act(event, form)
            return redirect(url_for("topics.carried", code=code), 303)
        except InputRefused as error:
            on_form(form if error.field in form else numbers, error)
    failed = bool(numbers.errors or filter_.errors) and request.method == "POST"
    ids, after = queries.carried_ids(session, event.id, request.args.get("after"))
    here, states = known.cities[event.city_id], queries.states_of(session, event.id)
    page = render_template(
        "topics/carried.html", event=event, here=here, numbers=numbers, filter=filter_, open=event.state in service.CARRIES, after=after,
        topics=[(row(t, known, here)) for t in queries.topics_of(session, event.id)], count=sum(states.values()), limit=service.MOST_CARRIED,
        complaints=_drawn(session, ids, known), standings=standings(states), draft=event.announced_at is None,
        proposed=[(local_name(b.name), url_for("invitations_organiser.new", code=code, body=b.id)) for b in service.proposed_bodies(session, event)])
    return page, 422 if failed else 200


def _act(event: Event, form: Any) -> None:
    session, actor, now = db.session(), current_actor(), utc_now()
    if isinstance(form, PutDownForm):
        service.put_down(session, event, actor, row_id(form.complaint.data) or 0)
        flash(gettext("It is carried no more."), "success")
        return
    if isinstance(form, FilterForm) and form.whole_city:
        raise InputRefused("category", "filter_missing")
    taken = service.carry_filter(session, event, actor, now, form.wanted()) if isinstance(form, FilterForm) else \
        service.carry_numbers(session, event, actor, now, form.typed())
    words = ngettext("%(num)d complaint taken up.", "%(num)d complaints taken up.", taken.added)
    if taken.left_out:
        words += " " + ngettext("%(num)d more did not fit.", "%(num)d more did not fit.", taken.left_out)
    flash(words, "success")


def _drawn(session: Reader, ids: Sequence[int], known: Directory) -> list[ListRow]:
    held: Any = rows_by_id(session, ids) if ids else {}  # type: ignore[arg-type]  # it asks for rows alone
    return list_rows([held[i] for i in ids if i in held], known.calendar)


@bp.get("/<city>/events/<code>/complaints")
@public
def of_event(city: str, code: str) -> ResponseReturnValue:
    """All complaints that an event carries, with where each stands now."""
    session = reading()
    here, event = load_shown(city, code)
    known = directory(session)
    ids, after = queries.carried_ids(session, event.id, request.args.get("after"))
    states = queries.states_of(session, event.id)
    return render_template("topics/of_event.html", event=event, here=here, complaints=_drawn(session, ids, known), after=after,
                           standings=standings(states), count=sum(states.values()))


def block(event: Event) -> Markup | str:
    """What an event carries, for its page; nothing when it carries nothing."""
    session = reading()
    states, topics = queries.states_of(session, event.id), queries.topics_of(session, event.id)
    if not states and not topics:
        return ""
    known = directory(session)
    here = known.cities[event.city_id]
    ids, after = queries.carried_ids(session, event.id, limit=ON_PAGE)
    return Markup(render_template(
        "topics/_event.html", event=event, here=here, topics=rows(topics, known, here), standings=standings(states), count=sum(states.values()),
        waiting=still_open(states), complaints=_drawn(session, ids, known), more=after is not None))


def offer(event: Event) -> Link:
    """The way from the organiser's page of an event."""
    return Link(url_for("topics.carried", code=event.code), gettext("Complaints and topics it carries"))
