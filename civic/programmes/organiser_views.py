"""An organiser's pages of a programme: its words, its parts, and what belongs to each part."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.bodies.directory import directory
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES
from civic.events.blueprint import load_organisation
from civic.events.forms import ButtonForm, NameAndWordsForm
from civic.events.models import Event, Organisation
from civic.events.rules import may_organise_for
from civic.extensions import db
from civic.programmes import queries, service
from civic.programmes.forms import EventForm, PartForm, PersonForm, TopicForm
from civic.programmes.models import Part, PartPerson, Programme
from civic.programmes.views import drawn_parts
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import on_form
from civic.web.locale import LANG, local_name
from civic.web.navigation import Link, use_city
from civic.web.reading import reader

bp = Blueprint("programme", __name__, url_prefix=f"/{LANG}/organise/programmes")


def offer(event: Event) -> Link | None:
    """The way from a discussion to the programmes of its organisation."""
    held = queries.of_organisation(db.session(), event.organisation_id)
    return Link(url_for("programme.manage", code=held[0].code), gettext("Programme: %(name)s", name=local_name(held[0].name))) if held else None


def own_links(organisation: Organisation) -> list[Link]:
    """Ways to the programmes of an organisation: its organisers' tools; for those who only let people in, the public pages."""
    may = may_organise_for(current_actor(), organisation)
    return [Link(url_for("programme.manage", code=p.code) if may else url_for("programmes.page", city=p.city.code, code=p.code), local_name(p.name))
            for p in queries.of_organisation(db.session(), organisation.id)]


def _load(code: str) -> Programme:
    programme = queries.by_code(db.session(), code)
    if programme is None or not may_organise_for(current_actor(), programme.organisation):
        abort(404)
    use_city(programme.city)
    return programme


def _part(programme: Programme, part_id: int) -> Part:
    return next((p for p in programme.parts if p.id == part_id), None) or abort(404)


def _back(programme: Programme) -> ResponseReturnValue:
    return redirect(url_for(".manage", code=programme.code), 303)


def _known(thing: Any) -> dict[str, str]:
    return {f"{name}_{lang}": getattr(thing, name).get(lang, "") for name in ("name", "about") for lang in LANGUAGES}


def _words_page(form: NameAndWordsForm, heading: str, act: Callable[[], ResponseReturnValue], back: str) -> ResponseReturnValue:
    """A page whose form asks for a name and words."""
    if form.sent():
        try:
            return act()
        except InputRefused as error:
            on_form(form, error)
    return render_template("programmes/words.html", form=form, heading=heading, back=back), 422 if form.errors else 200


@bp.route("/of/<organisation>", methods=["GET", "POST"])
@allow(signed_in)
def found(organisation: str) -> ResponseReturnValue:
    """A new programme of an organisation."""
    group = load_organisation(organisation)
    if not may_organise_for(current_actor(), group):
        abort(404)
    form = NameAndWordsForm()

    def act() -> ResponseReturnValue:
        return _back(service.found(db.session(), group, current_actor(), utc_now(), name=form.words("name"), about=form.words("about")))

    return _words_page(form, gettext("New programme"), act, url_for("events.group", code=group.code))


@bp.route("/<code>/words", methods=["GET", "POST"])
@allow(signed_in)
def rename(code: str) -> ResponseReturnValue:
    """Name and words of a programme."""
    programme = _load(code)
    form = NameAndWordsForm(data=_known(programme))

    def act() -> ResponseReturnValue:
        service.rename(db.session(), programme, current_actor(), utc_now(), name=form.words("name"), about=form.words("about"))
        return _back(programme)

    return _words_page(form, gettext("Words of the programme"), act, url_for(".manage", code=code))


@bp.get("/<code>")
@allow(signed_in)
def manage(code: str) -> ResponseReturnValue:
    """The whole programme for its organisers."""
    programme = _load(code)
    own = queries.own_events(db.session(), programme.id)
    drafts = [(part_id, e) for part_id, e in own if e.announced_at is None]
    return render_template("programmes/manage.html", programme=programme, here=programme.city, parts=drawn_parts(programme), drafts=drafts, form=ButtonForm())


@bp.route("/<code>/parts", methods=["GET", "POST"])
@allow(signed_in)
def add_part(code: str) -> ResponseReturnValue:
    """One more direction or subproject."""
    programme = _load(code)
    form = PartForm().offer([(p.id, local_name(p.name)) for p in programme.parts if p.parent_id is None])

    def act() -> ResponseReturnValue:
        service.add_part(db.session(), programme, current_actor(), utc_now(), name=form.words("name"), about=form.words("about"),
                         parent_id=form.parent.data or None)
        return _back(programme)

    return _words_page(form, gettext("One more part"), act, url_for(".manage", code=code))


@bp.route("/<code>/parts/<int:part_id>/words", methods=["GET", "POST"])
@allow(signed_in)
def change_part(code: str, part_id: int) -> ResponseReturnValue:
    """Name and words of a part."""
    programme = _load(code)
    part = _part(programme, part_id)
    form = NameAndWordsForm(data=_known(part))

    def act() -> ResponseReturnValue:
        service.change_part(db.session(), programme, current_actor(), utc_now(), part, name=form.words("name"), about=form.words("about"))
        return _back(programme)

    return _words_page(form, gettext("Words of the part"), act, url_for(".part", code=code, part_id=part_id))


@bp.get("/<code>/parts/<int:part_id>")
@allow(signed_in)
def part(code: str, part_id: int) -> ResponseReturnValue:
    """What belongs to a part, and what may be put into it."""
    programme = _load(code)
    return _part_page(programme, _part(programme, part_id), EventForm(prefix="e"), TopicForm(prefix="t"), PersonForm(prefix="p"))


def _part_page(programme: Programme, one: Part, event: EventForm, topic: TopicForm, person: PersonForm, status: int = 200) -> ResponseReturnValue:
    event.event.choices = [(e.code, local_name(e.title)) for e in queries.free_events(db.session(), programme.organisation_id)]
    topic.category.choices = {local_name(root.name): [(c.id, local_name(c.name)) for c in leaves or [root]] for root, leaves in directory(reader()).tree()}
    return render_template(
        "programmes/part.html", programme=programme, here=programme.city, part=one, event_form=event, topic_form=topic, person_form=person,
        events=[e for part_id, e in queries.own_events(db.session(), programme.id) if part_id == one.id],
        topics=[t.category_id for t in queries.topics(db.session(), programme.id) if t.part_id == one.id], categories=directory(reader()).categories,
        people=[p for p in queries.people(db.session(), programme.id) if p.part_id == one.id], form=ButtonForm()), status


@bp.post("/<code>/parts/<int:part_id>/<any(event, topic, person):what>")
@allow(signed_in)
def put(code: str, part_id: int, what: str) -> ResponseReturnValue:
    """Put a discussion, a topic or a person into a part."""
    programme = _load(code)
    one, session, actor = _part(programme, part_id), db.session(), current_actor()
    event, topic, person = EventForm(prefix="e"), TopicForm(prefix="t"), PersonForm(prefix="p")
    event.event.choices = [(e.code, "") for e in queries.free_events(session, programme.organisation_id)]
    form = {"event": event, "topic": topic, "person": person}[what]
    if form.sent():
        try:
            if what == "event":
                chosen = next(e for e in queries.free_events(session, programme.organisation_id) if e.code == event.event.data)
                service.put_event(session, programme, actor, chosen, one)
            elif what == "topic":
                service.put_topic(session, programme, actor, one, topic.category.data)
            else:
                service.add_person(session, programme, actor, utc_now(), one, name=person.name.data or "", role=person.role.data or "")
            return redirect(url_for(".part", code=code, part_id=part_id), 303)
        except InputRefused as error:
            on_form(form, error)
    return _part_page(programme, one, event, topic, person, 422)


@bp.post("/<code>/parts/<int:part_id>/out/<any(event, topic, person, part):what>/<key>")
@allow(signed_in)
def take_out(code: str, part_id: int, what: str, key: str) -> ResponseReturnValue:
    """Take a discussion, a topic or a person out of a part; or the empty part itself."""
    programme = _load(code)
    one, session, actor = _part(programme, part_id), db.session(), current_actor()
    if not ButtonForm().sent():
        abort(404)
    if what == "part":
        try:
            service.remove_part(session, programme, actor, one)
        except InputRefused:
            flash(gettext("Something still belongs to this part. Take it out first."), "error")
        return _back(programme)
    if what == "event":
        held = next((e for p, e in queries.own_events(session, programme.id) if p == one.id and e.code == key), None) or abort(404)
        service.put_event(session, programme, actor, held, None)
    elif what == "topic":
        topic = next((t for t in queries.topics(session, programme.id) if t.part_id == one.id and str(t.category_id) == key), None) or abort(404)
        service.put_topic(session, programme, actor, one, topic.category_id, out=True)
    else:
        person: PartPerson = next((p for p in queries.people(session, programme.id) if p.part_id == one.id and str(p.id) == key), None) or abort(404)
        service.remove_person(session, programme, actor, person)
    return redirect(url_for(".part", code=code, part_id=part_id), 303)
