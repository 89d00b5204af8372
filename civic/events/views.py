"""Public pages: the list of a city, its month, one event, an organisation."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature
from markupsafe import Markup

from civic.complaints.filing_views import load_city, signer
from civic.core.actor import Actor
from civic.core.clock import local_date, utc_now
from civic.core.errors import InputRefused
from civic.events import kept, queries, rules
from civic.events.blueprint import bp, event_blocks, load_shown
from civic.events.forms import AnswerForm, ButtonForm, FilterForm
from civic.events.models import Event, Recommendation, Speaker
from civic.events.page import event_view
from civic.events.service import answer_recommendation
from civic.events.states import EventState, Right
from civic.events.wording import event_rows, month_weeks, month_words, weekday_words
from civic.extensions import db
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.web.access import allow, current_actor, public, signed_in, works_in_a_body
from civic.web.errors import on_form
from civic.web.navigation import Link, use_city
from civic.web.reading import reader, reading

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@bp.get("/<city>/events/")
@public
def listing(city: str) -> ResponseReturnValue:
    """A city's discussions by the filter of the address."""
    session = reading()
    here = load_city(city)
    form = FilterForm(request.args).offer()
    page = queries.public_page(session, here.id, form.wanted(), utc_now(), request.args.get("after"))
    return render_template("events/list.html", here=here, rows=event_rows(page.rows), form=form, kept=form.kept(), after=page.after)


@bp.get("/<city>/events/month")
@public
def month(city: str) -> ResponseReturnValue:
    """The same filter as a month; ``at`` is 2026-12. Nonsense is the present month."""
    session = reading()
    here = load_city(city)
    form = FilterForm(request.args).offer()
    today = local_date(utc_now(), here.timezone)
    named = MONTH.fullmatch(request.args.get("at", ""))
    first = date(int(named[1]), int(named[2]), 1) if named else today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    zone = ZoneInfo(here.timezone)
    rows = queries.between(session, here.id, form.wanted(), datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))
    return render_template(
        "events/month.html", here=here, form=form, kept=form.kept(), weeks=month_weeks(first, event_rows(rows), today), weekdays=weekday_words(),
        title=month_words(first), at=f"{first:%Y-%m}", before=f"{first - timedelta(days=1):%Y-%m}", after=f"{after:%Y-%m}")


@bp.get("/<city>/events/<code>")
@public
def page(city: str, code: str) -> ResponseReturnValue:
    """One discussion: time, place, who was invited, agenda, what the law asks; afterwards its final document."""
    drawn = kept.find()
    if drawn is None:
        reading()
        drawn = kept.keep(_drawn(*load_shown(city, code)))
    return drawn


def _drawn(here: City, event: Event) -> str:
    settings = current_app.settings  # type: ignore[attr-defined]
    address = settings.public_url + url_for("events.page", city=here.code, code=event.code)
    return render_template(
        "events/page.html", v=event_view(db.session(), event, work_calendar(db.session()), utc_now()), e=event, event=event, here=here,
        address=address, tiles=settings.tiles_url, attribution=settings.tiles_attribution, draft=event.state == EventState.DRAFT,
        answers_for=current_actor().body_ids, event_blocks=event_blocks(event),
        coming=queries.is_coming(db.session(), event.id, current_actor().contact_id))


def way_of_organisers(actor: Actor) -> Link | None:
    """The way in the header of those who hold discussions."""
    organises = actor.user_id is not None and queries.organises(db.session(), actor.user_id)
    return Link(url_for("events.organise"), gettext("Organising")) if organises else None


def home_of_organisers(actor: Actor) -> str | None:
    """Where those who make discussions land when they have signed in; who only lets people in at the door does not."""
    makes = actor.user_id is not None and queries.organises(db.session(), actor.user_id, (Right.OWNER, Right.ORGANISER))
    return "events.organise" if makes else None


def next_on_front(here: Any) -> str:
    """The block of a city's front page that tells of its next discussion; nothing when none is announced."""
    rows = event_rows(queries.next_events(reader(), here.id, utc_now()))
    return Markup(render_template("events/_next.html", row=rows[0])) if rows else ""


@bp.get("/<city>/organisations/<code>")
@public
def organisation(city: str, code: str) -> ResponseReturnValue:
    """Who holds discussions, and which."""
    here = load_city(city)
    found = queries.organisation_by_code(db.session(), code)
    if found is None or found.city_id != here.id:
        abort(404)
    ahead, past = (queries.by_organisation(db.session(), found.id, utc_now(), past=past) for past in (False, True))
    return render_template("events/organisation.html", here=here, organisation=found, ahead=event_rows(ahead), past=event_rows(past))


@bp.route("/recommendations/<int:recommendation_id>/answer", methods=["GET", "POST"])
@allow(works_in_a_body)
def recommendation(recommendation_id: int) -> ResponseReturnValue:
    """The body answers one recommendation of a final document."""
    row = db.session.get(Recommendation, recommendation_id)
    if row is None or not rules.may_answer_recommendation(current_actor(), row):
        abort(404)
    event = db.session.get_one(Event, row.event_id)
    use_city(event.city)
    form = AnswerForm()
    if form.sent():
        try:
            answer_recommendation(db.session(), row, current_actor(), utc_now(), text=form.text.data or "")
            flash(gettext("The answer stands on the page of the discussion now."), "success")
            return redirect(url_for("events.page", city=event.city.code, code=event.code), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("events/recommendation.html", form=form, row=row, event=event), 422 if form.errors else 200


@bp.route("/events/speaker/<token>", methods=["GET", "POST"])
@allow(signed_in)
def claim(token: str) -> ResponseReturnValue:
    """A speaker whom the organiser named takes the place in the programme as their own, by the link that the organiser passed on."""
    try:
        speaker = db.session.get(Speaker, signer("speaker").loads(token))
    except BadSignature:
        speaker = None
    if speaker is None or speaker.user_id not in (None, current_actor().user_id):
        return render_template("filing/link_failed.html"), 410
    event = db.session.get_one(Event, speaker.item.event_id)
    use_city(event.city)
    form = ButtonForm()
    if form.sent():
        if speaker.user_id is None:
            speaker.user_id, speaker.claimed_at = current_actor().user_id, utc_now()
        flash(gettext("Your name in the programme is confirmed."), "success")
        return redirect(url_for("events.page", city=event.city.code, code=event.code), 303)
    return render_template("events/claim.html", form=form, speaker=speaker, event=event)

