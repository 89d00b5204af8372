"""An organiser's pages: organisations and who is in them, making and changing events, their steps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts.invited import pending
from civic.accounts.invited_views import send
from civic.accounts.post_models import PostInvitation
from civic.complaints.filing_views import signer
from civic.complaints.uploads import keep_photos
from civic.core.clock import utc_now
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import LANGUAGES
from civic.events import organisations, queries, rules, series, service
from civic.events.blueprint import TOOLS, bp, load_organisation, load_own
from civic.events.conflict import differences
from civic.events.event_form import EventForm, known_event, new_event
from civic.events.formats import FORMATS
from civic.events.forms import ButtonForm, MemberForm, OrganisationForm, SeriesForm
from civic.events.law import checklist
from civic.events.models import Event, EventSeries, Organisation
from civic.events.states import EVENT_STEPS, EventState
from civic.events.wording import (
    FORMAT_HINTS,
    FORMAT_WORDS,
    RIGHT_WORDS,
    STATE_LOOKS,
    STATE_WORDS,
    STEP_WORDS,
    law_lines,
    when_words,
)
from civic.extensions import db
from civic.notifications.service import refuse_flood
from civic.places.models import City
from civic.places.queries import box_around, cities, work_calendar
from civic.web.access import allow, current_actor, signed_in
from civic.web.errors import on_form
from civic.web.locale import local_name, moment

#: So long before its time beginning a discussion is rarer than a slip: the button stands aside.
EARLY = timedelta(hours=3)


@bp.get("/organise/")
@allow(signed_in)
def organise() -> ResponseReturnValue:
    """One's organisations and their events, those to come first."""
    user_id, now = current_actor().user_id, utc_now()
    assert user_id is not None
    mine = queries.organisations_of(db.session(), user_id)
    ids = [o.id for o in mine]
    ahead, past = (queries.events_of(db.session(), ids, now, past=over) for over in (False, True))
    return render_template("events/organise.html", organisations=mine, ahead=[_listed(e) for e in ahead], past=[_listed(e) for e in past])


def _listed(event: Event) -> dict[str, Any]:
    icon, tone = STATE_LOOKS[EventState(event.state)]
    tools = "events.manage" if rules.may_organise(current_actor(), event) else "events.door"
    return {"title": local_name(event.title), "href": url_for(tools, code=event.code), "icon": icon, "tone": tone,
            "state": STATE_WORDS[EventState(event.state)], "when": when_words(event.starts_at, event.ends_at, event.city.timezone),
            "off_day": event.off_day and event.state == EventState.DRAFT, "event": event}


@bp.route("/organise/new", methods=["GET", "POST"])
@allow(signed_in)
def found() -> ResponseReturnValue:
    """Found an organisation."""
    offered = cities(db.session())
    form = OrganisationForm(city=offered[0].id if offered else 0).offer([(c.id, local_name(c.name)) for c in offered])
    if form.sent():
        city = next((c for c in offered if c.id == form.city.data), None)
        try:
            if city is None:
                raise InputRefused("city", "city_missing")
            made = organisations.found(db.session(), city, current_actor(), utc_now(), name=form.words("name"), about=form.words("about"))
            flash(gettext("The organisation is there. Now you can make its first discussion."), "success")
            return redirect(url_for("events.group", code=made.code), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("events/found.html", form=form, organisation=None), 422 if form.errors else 200


@bp.get("/organise/<code>")
@allow(signed_in)
def group(code: str) -> ResponseReturnValue:
    """One organisation: who is in it, with which right."""
    organisation = load_organisation(code)
    return _group(organisation, MemberForm())


def _group(organisation: Organisation, form: MemberForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    owns = rules.owns(actor, organisation)
    waiting = pending(db.session(), utc_now(), organisation_id=organisation.id) if owns else []
    return render_template("events/group.html", organisation=organisation, form=form, end=ButtonForm(), owns=owns, waiting=waiting,
                           here=db.session.get_one(City, organisation.city_id), right_words=RIGHT_WORDS, formats=list(FORMATS), format_words=FORMAT_WORDS,
                           may_organise=rules.may_organise_for(actor, organisation),
                           members=[m for m in organisation.members if m.ended_at is None]), status


@bp.route("/organise/<code>/change", methods=["GET", "POST"])
@allow(signed_in)
def rename(code: str) -> ResponseReturnValue:
    """Name and words of an organisation."""
    organisation = load_organisation(code)
    if not rules.owns(current_actor(), organisation):
        raise NotAllowed(action="rename")
    known = {f"{name}_{lang}": getattr(organisation, name).get(lang, "") for name in ("name", "about") for lang in LANGUAGES}
    form = OrganisationForm(data=known)
    del form.city
    if form.sent():
        try:
            organisations.rename(db.session(), organisation, current_actor(), utc_now(), name=form.words("name"), about=form.words("about"))
            flash(gettext("Saved."), "success")
            return redirect(url_for("events.group", code=code), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("events/found.html", form=form, organisation=organisation), 422 if form.errors else 200


@bp.post("/organise/<code>/members")
@allow(signed_in)
def add_member(code: str) -> ResponseReturnValue:
    """Offer somebody a right, by a letter; whoever is in the organisation already has another one at once."""
    organisation = load_organisation(code)
    form = MemberForm()
    if form.sent():
        try:
            refuse_flood(db.session(), form.email.data, utc_now())
            made = organisations.invite(db.session(), organisation, current_actor(), utc_now(), email=form.email.data, right=form.right.data)
            if made is not None:
                send(db.session(), *made)
            flash(gettext("The letter is on its way. The link in it works for 7 days.") if made else gettext("Saved."), "success")
            return redirect(url_for("events.group", code=code), 303)
        except InputRefused as error:
            on_form(form, error)
    return _group(organisation, form, 422)


@bp.post("/organise/<code>/members/invitations/<int:invitation_id>/withdraw")
@allow(signed_in)
def withdraw_member(code: str, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation to the organisation back."""
    organisation = load_organisation(code)
    row = db.session.get(PostInvitation, invitation_id)
    if row is None or row.organisation_id != organisation.id or not ButtonForm().sent():
        abort(404)
    organisations.withdraw(db.session(), organisation, current_actor(), utc_now(), row)
    flash(gettext("The invitation is withdrawn: its link does not work any more."), "success")
    return redirect(url_for("events.group", code=code), 303)


@bp.post("/organise/<code>/members/<int:member_id>/end")
@allow(signed_in)
def end_member(code: str, member_id: int) -> ResponseReturnValue:
    """Take a right away."""
    organisation = load_organisation(code)
    member = next((m for m in organisation.members if m.id == member_id), None)
    if member is None or not ButtonForm().sent():
        abort(404)
    try:
        organisations.end_member(db.session(), organisation, current_actor(), utc_now(), member)
    except InputRefused as error:
        form = MemberForm()
        on_form(form, error)
        return _group(organisation, form, 422)
    return redirect(url_for("events.group", code=code), 303)


@bp.route("/organise/<code>/event", methods=["GET", "POST"])
@allow(signed_in)
def make(code: str) -> ResponseReturnValue:
    """A new event, with the defaults of the format in the address."""
    chosen = request.args.get("format", "")
    return making(code, new_event(chosen if chosen in FORMATS else next(iter(FORMATS))))


def making(code: str, known: dict[str, Any], made: Callable[[Event, datetime], object] | None = None) -> ResponseReturnValue:
    """The page on which an organisation makes an event. known: what the form begins with. made: called with the new event."""
    organisation = load_organisation(code)
    if not rules.may_organise_for(current_actor(), organisation):
        abort(404)
    here = db.session.get_one(City, organisation.city_id)
    form = EventForm(data=known)
    whole = form.sent()
    if request.method == "POST":
        _say_problems(form, here, None)
    if whole and not form.errors:
        now = utc_now()
        event = service.make(db.session(), organisation, here, current_actor(), now, form.typed(here.timezone))
        if _picture_kept(form, event, now):
            if made is not None:
                made(event, now)
            flash(gettext("The draft is saved. Look at it, then announce it."), "success")
            return redirect(url_for("events.manage", code=event.code), 303)
        db.session.rollback()
    return _form_page(form, here, request.path, None, 422 if form.errors else 200)


@bp.route("/organise/events/<code>/edit", methods=["GET", "POST"])
@allow(signed_in)
def edit(code: str) -> ResponseReturnValue:
    """Change an event. Who comes second sees both texts, and nothing that was typed is lost."""
    event = load_own(code)
    if event.state not in service.EDITABLE:
        return redirect(url_for("events.manage", code=code), 303)
    form = EventForm(data=known_event(event))
    whole, here, clash = form.sent(), event.city, []
    if request.method == "POST":
        if event.state != EventState.DRAFT:  # its time changes by moving it alone
            form.date.data = form.starts.data = form.ends.data = None
        _say_problems(form, here, event)
    if whole and not form.errors:
        now = utc_now()
        try:
            service.lock(db.session(), event, form.seen())
            service.edit(db.session(), event, current_actor(), now, form.typed(here.timezone))
            if _picture_kept(form, event, now):
                flash(gettext("Saved."), "success")
                return redirect(url_for("events.manage", code=code), 303)
            db.session.rollback()
        except service.EventChangedMeanwhile:
            db.session.expire(event, ["items"])
            clash = differences(event, form.typed(here.timezone))
            form.version.data = str(event.version)
    return _form_page(form, here, request.path, event, 409 if clash else 422 if form.errors else 200, clash)


def _say_problems(form: EventForm, here: City, event: Event | None) -> None:
    for problem in service.all_problems(db.session(), here, form.typed(here.timezone), utc_now(), event):
        on_form(form, problem)


def _picture_kept(form: EventForm, event: Event, now: datetime) -> bool:
    """Keep the picture when one was sent. False, with words beside the field, when it is none."""
    if not form.picture.data:
        return True
    try:
        service.check_picture(event)
        media = current_app.settings.media  # type: ignore[attr-defined]
        for photo in keep_photos(db.session(), media, [form.picture.data], now, private=False):
            db.session.flush()
            event.photo_id = photo.id
        return True
    except InputRefused as error:
        on_form(form, InputRefused("picture", error.code, **error.facts))
        return False


def _form_page(form: EventForm, here: City, action: str, event: Event | None, status: int, clash: Any = ()) -> ResponseReturnValue:
    form.add_rows()
    settings = current_app.settings  # type: ignore[attr-defined]
    box = box_around(here.lat, here.lon, here.radius_km * 1000)
    return render_template(
        "events/form.html", form=form, here=here, action=action, event=event, clash=clash, hints=FORMAT_HINTS,
        timed=event is None or event.state == EventState.DRAFT, bounds=f"{box.south:.4f},{box.west:.4f},{box.north:.4f},{box.east:.4f}",
        tiles=settings.tiles_url, attribution=settings.tiles_attribution), status


@bp.get("/organise/events/<code>")
@allow(signed_in)
def manage(code: str) -> ResponseReturnValue:
    """One event for its organisers: where it stands, what the law asks by when, what can be done."""
    event = load_own(code)
    actor, now = current_actor(), utc_now()
    steps = [(STEP_WORDS[s.kind], moment(s.at, event.city.timezone), s.text, s.language, s.hidden) for s in queries.history(db.session(), event.id)]
    claims = [(s.name, s.user_id is not None, url_for("events.claim", token=signer("speaker").dumps(s.id), _external=True))
              for item in event.items for s in item.speakers]
    repeats = db.session.get(EventSeries, event.series_id) if event.series_id else None
    return render_template(
        "events/manage.html", e=event, event=event, here=event.city, listed=_listed(event), possible=EVENT_STEPS.possible(actor, event), steps=steps,
        claims=claims, law=law_lines(checklist(event, work_calendar(db.session()), now)), counts=queries.counts(db.session(), event.id),
        form=ButtonForm(), early=now < event.starts_at - EARLY, tools=[link for offer in TOOLS if (link := offer(event))], series=repeats, editable=event.state in service.EDITABLE, owed_official=_owes_official(event))


def _owes_official(event: Event) -> bool:
    """The event cannot be announced before an official is invited."""
    return event.state == EventState.DRAFT and FORMATS[event.format].needs_official and event.invited_at is None


@bp.post("/organise/events/<code>/copy")
@allow(signed_in)
def copy(code: str) -> ResponseReturnValue:
    """A draft with everything of this one, a week later."""
    event, now = load_own(code), utc_now()
    if not ButtonForm().sent():
        return redirect(url_for("events.manage", code=code), 303)
    made = series.copy(db.session(), event, current_actor(), now, starts_at=series.a_week_later(event, now))
    flash(gettext("This is the copy. Set its date and what is new."), "success")
    return redirect(url_for("events.edit", code=made.code), 303)


@bp.route("/organise/events/<code>/repeat", methods=["GET", "POST"])
@allow(signed_in)
def repeat(code: str) -> ResponseReturnValue:
    """Make it a series, or end the series."""
    event, now = load_own(code), utc_now()
    held = db.session.get(EventSeries, event.series_id) if event.series_id else None
    form = SeriesForm()
    if form.sent():
        try:
            if held is not None:
                series.end_series(db.session(), held, event, current_actor(), now)
                flash(gettext("No more are made. What is there stays."), "success")
            else:
                series.begin_series(db.session(), event, current_actor(), now, rule=form.rule.data or "")
                flash(gettext("The next three stand ready as drafts."), "success")
            return redirect(url_for("events.organise"), 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("events/repeat.html", form=form, event=event, here=event.city, held=held), 422 if form.errors else 200
