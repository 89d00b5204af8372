"""An organiser's steps with an event: announce, move, begin, end, publish, cancel."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from civic.bodies.queries import bodies_of_city
from civic.core.clock import utc_now
from civic.core.errors import DomainError, InputRefused
from civic.core.transitions import TransitionForbidden
from civic.events import service
from civic.events.blueprint import bp, load_own
from civic.events.event_form import MoveForm, known_event
from civic.events.forms import ButtonForm, DocumentForm, ReasonForm
from civic.events.models import Event
from civic.events.states import EVENT_STEPS
from civic.events.wording import when_words
from civic.extensions import db
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import message, on_form
from civic.web.locale import local_name

_SAID = {"announce": _l("It is announced. Its page is public now."), "start": _l("It has begun."), "finish": _l("It is over. The final document comes next.")}


def _back(event: Event) -> ResponseReturnValue:
    return redirect(url_for("events.manage", code=event.code), 303)


@bp.post("/organise/events/<code>/<any(announce, start, finish):name>")
@allow(signed_in)
def step(code: str, name: str) -> ResponseReturnValue:
    """A step that needs no words. What stands against it is said on the event's page."""
    event = load_own(code)
    if ButtonForm().sent():
        try:
            service.lock(db.session(), event)
            {"announce": service.announce, "start": service.start, "finish": service.finish}[name](db.session(), event, current_actor(), utc_now())
            flash(str(_SAID[name]), "success")
        except TransitionForbidden:
            flash(gettext("This step is not possible now: the discussion is in another state."), "error")
        except DomainError as error:
            flash(message(error), "error")
    return _back(event)


@bp.route("/organise/events/<code>/move", methods=["GET", "POST"])
@allow(signed_in)
def move(code: str) -> ResponseReturnValue:
    """Another time, with a reason."""
    event = load_own(code)
    if "move" not in EVENT_STEPS.possible(current_actor(), event):
        return _back(event)
    known = known_event(event)
    form = MoveForm(data={name: known[name] for name in ("date", "starts", "ends", "ends_on")})

    def act() -> None:
        begins, ends = form.typed(event.city.timezone)
        service.move(db.session(), event, current_actor(), utc_now(), starts_at=begins, ends_at=ends, text=form.text.data or "")

    return _words_page(event, form, "events/move.html", act, gettext("It is moved. Everybody registered is told."))


@bp.route("/organise/events/<code>/cancel", methods=["GET", "POST"])
@allow(signed_in)
def cancel(code: str) -> ResponseReturnValue:
    """Call it off."""
    event = load_own(code)
    if "cancel" not in EVENT_STEPS.possible(current_actor(), event):
        return _back(event)
    form = ReasonForm()

    def act() -> None:
        service.cancel(db.session(), event, current_actor(), utc_now(), text=form.text.data or "")

    return _words_page(event, form, "events/cancel.html", act, gettext("It is called off. Everybody registered is told."))


@bp.route("/organise/events/<code>/publish", methods=["GET", "POST"])
@allow(signed_in)
def publish(code: str) -> ResponseReturnValue:
    """The final document and its recommendations."""
    event = load_own(code)
    if "publish" not in EVENT_STEPS.possible(current_actor(), event):
        return _back(event)
    bodies = [(b.id, local_name(b.name)) for b in bodies_of_city(db.session(), event.city_id)]
    form = DocumentForm().offer(bodies)
    whole = form.sent()
    if request.method == "POST":
        for problem in service.document_problems(db.session(), event, form.document(), form.document_url.data or "", form.typed()):
            on_form(form, problem)
    if whole and not form.errors:
        service.lock(db.session(), event)
        service.publish(db.session(), event, current_actor(), utc_now(), document=form.document(), url=form.document_url.data or "",
                        recommendations=form.typed())
        flash(gettext("The final document is public. The bodies are told of their recommendations."), "success")
        return _back(event)
    return render_template("events/publish.html", form=form, event=event, here=event.city), 422 if form.errors else 200


def _words_page(event: Event, form: Any, template: str, act: Any, done: str) -> ResponseReturnValue:
    if form.sent():
        try:
            service.lock(db.session(), event)
            act()
            flash(done, "success")
            return _back(event)
        except InputRefused as error:
            on_form(form, error)
    when = when_words(event.starts_at, event.ends_at, event.city.timezone)
    return render_template(template, form=form, event=event, here=event.city, when=when), 422 if form.errors else 200
