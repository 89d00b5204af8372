"""The official's side: the promises of one's bodies with their days."""

from dataclasses import replace

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.bodies.directory import directory
from civic.core.actor import Actor
from civic.extensions import db
from civic.promises.blueprint import bp
from civic.promises.queries import for_desk
from civic.promises.states import OPEN, State
from civic.promises.wording import rows
from civic.web.access import allow, current_actor, works_in_a_body
from civic.web.locale import day
from civic.web.navigation import Link


def way_of_officials(actor: Actor) -> Link | None:
    """The way in the header of those who answer for a body."""
    return Link(url_for("promises.desk"), gettext("Promises")) if actor.body_ids else None


@bp.get("/desk/promises")
@allow(works_in_a_body)
def desk() -> ResponseReturnValue:
    """What waits for a word on the wording first; then what is late and what comes due, by day; then the record."""
    session = db.session()
    found = rows(for_desk(session, current_actor().body_ids), directory(session))
    asked = sorted((r for r in found if r.raw.state == State.RECORDED), key=lambda r: r.raw.respond_by)
    due = [r for r in found if r.raw.state in OPEN and r.raw.state != State.RECORDED]
    asked = [replace(r, note=gettext("a word on the wording by %(date)s", date=day(r.raw.respond_by))) for r in asked]
    return render_template("promises/desk.html", asked=asked, due=due, past=[r for r in found if r.raw.state not in OPEN])
