"""Registering, the button of the letter, the ticket, accepting an offered place, leaving."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import segno
from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature
from sqlalchemy import select

from civic.accounts.models import Contact
from civic.complaints.filing_views import prove, signer
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.core.transitions import TransitionForbidden
from civic.events import queries, registration
from civic.events.blueprint import bp, load_shown
from civic.events.forms import ButtonForm, RegistrationForm
from civic.events.models import Event, Registration, RegistrationRequest
from civic.events.page import place_words
from civic.events.states import ALIVE, Consent, RegistrationState
from civic.events.wording import CONSENT_ASKED, REGISTRATION_LOOKS, REGISTRATION_WORDS, event_rows, when_words
from civic.extensions import db
from civic.places.models import City
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.errors import on_form
from civic.web.locale import language
from civic.web.navigation import Link, use_city

#: What stands before the form of registering: an answer instead of it, None to go on.
BEFORE_REGISTERING: list[Callable[[Event], ResponseReturnValue | None]] = []
#: Further ways from a ticket, each from the registration and its token; None where it does not apply.
ON_TICKET: list[Callable[[Registration, str], Link | None]] = []


def ticket_link(row: Registration, **values: Any) -> str:
    """The address of a person's own page of a registration; whoever has it acts for the person."""
    return url_for("events.ticket", token=signer("registration").dumps([row.id, row.contact_id]), **values)


def _own(event: Event, contact_id: int | None) -> Registration | None:
    if contact_id is None:
        return None
    return db.session.scalar(select(Registration).where(Registration.event_id == event.id, Registration.contact_id == contact_id))


@bp.route("/<city>/events/<code>/register", methods=["GET", "POST"])
@public
def register(city: str, code: str) -> ResponseReturnValue:
    """Ask for a place; without a proven address a letter with a button comes first."""
    here, event = load_shown(city, code)
    actor, now = current_actor(), utc_now()
    held = _own(event, actor.contact_id)
    if held is not None and held.state in ALIVE:
        return redirect(ticket_link(held), 303)
    if not registration.is_open(event, now):
        return render_template("events/closed.html", here=here, event=event), 409
    for before in BEFORE_REGISTERING:
        if (answer := before(event)) is not None:
            return answer
    form = RegistrationForm(name=actor.name).offer(known=actor.contact_id is not None, asks_consent=event.consent != Consent.NONE)
    whole = form.sent()
    if request.method == "POST":  # all that is wrong is said at once
        for problem in registration.wish_problems(event, _wish(event, form)):
            on_form(form, problem)
    if whole and not form.errors:
        try:
            return _register(here, event, form, actor)
        except InputRefused as error:
            on_form(form, error)
    return render_template("events/register.html", here=here, event=event, form=form, when=when_words(event.starts_at, event.ends_at, here.timezone),
                           place=place_words(event), consent_words=CONSENT_ASKED.get(event.consent, ""),
                           max_needs=registration.MAX_NEEDS), 422 if form.errors else 200


def _wish(event: Event, form: RegistrationForm) -> registration.Wish:
    """What was typed, with the informed consent that this browser has given for the event."""
    version, read_in = session.get("informed", {}).get(event.code, (None, ""))
    return replace(form.wish(), informed=(version, read_in) if version else None)


def _register(here: City, event: Event, form: RegistrationForm, actor: Actor) -> ResponseReturnValue:
    if actor.contact_id is None:
        registration.request(db.session(), event, form.email.data, language(), _wish(event, form), utc_now())
        return redirect(url_for("events.asked", city=here.code, code=event.code), 303)
    row = registration.register(db.session(), event, db.session.get_one(Contact, actor.contact_id), _wish(event, form), utc_now())
    return redirect(ticket_link(row), 303)


@bp.get("/<city>/events/<code>/asked")
@public
def asked(city: str, code: str) -> ResponseReturnValue:
    """Look into your mail."""
    here, event = load_shown(city, code)
    return render_template("events/asked.html", here=here, event=event)


@bp.route("/events/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The button that proves the address and registers: mail scanners follow links, so no link registers."""
    try:
        request_id, email = signer("event").loads(token, max_age=int(registration.REQUEST_LIVES.total_seconds()))
    except BadSignature:
        return render_template("events/link_over.html"), 410
    row = db.session.get(RegistrationRequest, request_id)
    if row is None:
        return _confirmed_before(request_id, email)
    event = db.session.get_one(Event, row.event_id)
    use_city(event.city)
    form = ButtonForm()
    if not form.sent():
        return render_template("events/confirm.html", form=form, event=event, name=row.name,
                               when=when_words(event.starts_at, event.ends_at, event.city.timezone))
    made = registration.confirm(db.session(), row, prove(email, row.locale), utc_now())
    return redirect(ticket_link(made), 303)


def _confirmed_before(request_id: str, email: str) -> ResponseReturnValue:
    """The button was pressed already: the letter that came then has the ticket. Who pressed it in this browser sees it."""
    contact_id = current_actor().contact_id
    contact = db.session.scalar(select(Contact).where(Contact.email == email))
    if contact is not None and contact.id == contact_id:
        return redirect(url_for("events.mine"), 303)
    return render_template("events/link_over.html"), 410


def held_registration(token: str) -> Registration | None:
    """The registration of a ticket's link, None when it is no link."""
    try:
        registration_id, contact_id = signer("registration").loads(token)
    except BadSignature:
        return None
    row = db.session.get(Registration, registration_id)
    if row is None or row.contact_id != contact_id:
        return None
    use_city(row.event.city)
    return row


@bp.get("/registration/<token>")
@public
def ticket(token: str) -> ResponseReturnValue:
    """One's own registration: the ticket with its QR, or where it stands, and what one can do."""
    row = held_registration(token)
    if row is None:
        return render_template("filing/link_failed.html"), 410
    return _draw(row, token)


def _draw(row: Registration, token: str, problem: str = "", status: int = 200) -> ResponseReturnValue:
    event = row.event
    target = current_app.settings.public_url + url_for("events.door", code=event.code, ticket=row.number)  # type: ignore[attr-defined]
    icon, tone = REGISTRATION_LOOKS[RegistrationState(row.state)]
    waiting = row.state == RegistrationState.WAITING
    ahead = registration.is_open(event, utc_now())
    response = render_template(
        "events/ticket.html", row=row, event=event, here=event.city, token=token, form=ButtonForm(), problem=problem, icon=icon, tone=tone,
        state=REGISTRATION_WORDS[RegistrationState(row.state)], when=when_words(event.starts_at, event.ends_at, event.city.timezone),
        place=place_words(event), before=queries.waiting_before(db.session(), row) if waiting else None,
        qr=segno.make(target, micro=False).svg_data_uri(scale=4) if row.state == RegistrationState.REGISTERED else None,
        ways=[link for way in ON_TICKET if (link := way(row, token))], may_leave=row.state in ALIVE and ahead, may_accept=row.state == RegistrationState.OFFERED and ahead)
    return response, status


@bp.route("/registration/<token>/<any(accept, leave):act>", methods=["GET", "POST"])
@public
def ticket_act(token: str, act: str) -> ResponseReturnValue:
    """Accept an offered place, or give it up: the signed link is the authority, the button acts."""
    row = held_registration(token)
    if row is None:
        return render_template("filing/link_failed.html"), 410
    form = ButtonForm()
    if not form.sent():
        return render_template("events/ticket_act.html", form=form, act=act, row=row, event=row.event, token=token,
                               when=when_words(row.event.starts_at, row.event.ends_at, row.event.city.timezone))
    step = registration.accept if act == "accept" else registration.leave
    try:
        step(db.session(), row, Actor(contact_id=row.contact_id), utc_now())
    except (InputRefused, TransitionForbidden):
        return _draw(row, token, gettext("This offer is over: the place went to the next in the list."), 409)
    except registration.RegistrationClosed:
        return _draw(row, token, gettext("This discussion is over or was called off: its registrations stay as they are."), 409)
    flash(gettext("Done. A letter with this has been sent to you."), "success")
    return redirect(url_for("events.ticket", token=token), 303)


@bp.get("/my/events")
@allow(reachable_as_applicant)
def mine() -> ResponseReturnValue:
    """Discussions that one has registered for."""
    contact_id = current_actor().contact_id
    assert contact_id is not None
    rows = queries.registered_by(db.session(), contact_id)
    links = [url_for("events.ticket", token=signer("registration").dumps([r.registration_id, contact_id])) for r in rows]
    words = [(REGISTRATION_LOOKS[RegistrationState(r.registration_state)], REGISTRATION_WORDS[RegistrationState(r.registration_state)]) for r in rows]
    return render_template("events/mine.html", rows=list(zip(event_rows(rows), links, words, strict=True)))
