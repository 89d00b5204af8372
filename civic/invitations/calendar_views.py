"""A person's own calendar: what they registered for and what they are invited to, at a secret address."""

import secrets
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.clock import utc_now
from civic.events import feeds
from civic.events.calendar_views import answer, page_of
from civic.events.models import Event
from civic.extensions import db
from civic.invitations.forms import ButtonForm
from civic.invitations.links import actor_of
from civic.invitations.models import CalendarAddress
from civic.invitations.queries import events_of_contact
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.locale import LANG

bp = Blueprint("my_calendar", __name__, url_prefix=f"/{LANG}")


@bp.route("/account/calendar", methods=["GET", "POST"])
@allow(reachable_as_applicant)
def address() -> ResponseReturnValue:
    """Shows the address; a button makes it, or makes a new one that ends the old."""
    form, contact_id = ButtonForm(), current_actor().contact_id or 0
    if form.sent():
        new_address(db.session(), contact_id, utc_now())
        flash(gettext("This is your new address. The old one does not work any more."), "success")
        return redirect(url_for("my_calendar.address"), 303)
    kept = db.session.get(CalendarAddress, contact_id)
    return render_template("invitations/calendar.html", form=form, token=kept.token if kept else None), 422 if form.errors else 200


def new_address(session: Session, contact_id: int, now: datetime) -> CalendarAddress:
    """A new secret address of the person's calendar."""
    kept = session.get(CalendarAddress, contact_id) or CalendarAddress(contact_id=contact_id)
    kept.token, kept.made_at = secrets.token_urlsafe(24), now
    session.add(kept)
    session.flush()
    return kept


@bp.get("/calendar/<token>.ics")
@public
def mine(token: str) -> ResponseReturnValue:
    """The feed: programs of calendars bring no cookie, so the address is the key."""
    session = db.session()
    contact = session.scalar(select(Contact).join(CalendarAddress, CalendarAddress.contact_id == Contact.id)
                             .where(CalendarAddress.token == token))
    if contact is None:
        abort(404)
    events = {e.id: e for e in (*feeds.registered(session, contact.id, utc_now()),
                                *events_of_contact(session, contact.id, actor_of(contact).body_ids))}
    response = answer(gettext("My discussions"), sorted(events.values(), key=_when), path_of=_path_of, private=True)
    return response


def _path_of(event: Event) -> str:
    """A draft has no page yet that the invited could open."""
    return page_of(event) if event.announced_at is not None else url_for("invitations_desk.inbox")


def _when(event: Event) -> tuple[datetime, int]:
    return event.starts_at, event.id
