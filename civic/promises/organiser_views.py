"""The organiser's page on which a promise is put on record."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.bodies.models import Body
from civic.bodies.queries import bodies_of_city
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.events.blueprint import load_own
from civic.events.models import Event
from civic.events.states import BEGUN
from civic.extensions import db
from civic.invitations.queries import of_event
from civic.promises import recording, service
from civic.promises.blueprint import bp
from civic.promises.forms import RecordForm, warned_of
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import on_form
from civic.web.navigation import Link


def offer(event: Event) -> Link | None:
    """The way from the organiser's page of an event that has begun."""
    return Link(url_for("promises.record", code=event.code), gettext("Record a promise")) if event.state in BEGUN else None


@bp.route("/organise/events/<code>/promise", methods=["GET", "POST"])
@allow(signed_in)
def record(code: str) -> ResponseReturnValue:
    """Put a promise on record; everything that stands against it is said at once."""
    event, session = load_own(code), db.session()
    if not recording.may_record(current_actor(), event):
        flash(gettext("Something can be promised there once the discussion has begun."), "warning")
        return redirect(url_for("events.manage", code=code), 303)
    form = RecordForm(complaints=request.args.get("complaints", ""), body_id=row_id(request.args.get("body"))).offer(_bodies(event))
    personal: list[tuple[str, str]] = []
    if request.method == "POST":
        whole = form.sent()
        for problem in recording.problems(session, event, utc_now(), form.typed(_source())):
            if not getattr(form, problem.field).errors:
                on_form(form, problem)
        personal = warned_of(form, form.words.data) if whole and not form.errors else []
        if whole and not form.errors and not personal:
            made = recording.record(session, event, current_actor(), utc_now(), form.typed(_source()))
            flash(gettext("It is on record: %(number)s. The body is asked about the wording.", number=made.number), "success")
            return redirect(url_for("promises.page", number=made.number), 303)
    return render_template("promises/record.html", form=form, personal=personal, event=event, max_words=service.MAX_WORDS, action=request.full_path.rstrip("?")), \
        422 if form.errors or personal else 200


def _source() -> tuple[str, str] | None:
    """Another place where it was said, as the pages that lead here name it: ``question`` and its key."""
    kind, key = request.args.get("source", ""), request.args.get("key", "")
    return (kind, key) if kind == "question" and key.isalnum() and len(key) <= 40 else None


def _bodies(event: Event) -> list[Body]:
    """The bodies of the city, those that were invited first."""
    invited: dict[Any, int] = {i.body_id: n for n, i in enumerate(of_event(db.session(), event.id, utc_now()))}
    return sorted(bodies_of_city(db.session(), event.city_id), key=lambda body: (invited.get(body.id, len(invited)), body.id))
