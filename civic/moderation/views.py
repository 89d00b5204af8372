"""Public pages of moderation: flag, the codex, the log of a city, its entries, the appeal."""

import csv
import io
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.complaints.filing_views import load_city, signer
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.core.transitions import TransitionForbidden
from civic.events.registration_views import held_registration
from civic.extensions import db
from civic.figures.wording import month_name
from civic.moderation import owned, queries, rules, service
from civic.moderation.codex import CODEX, NEVER, Reason
from civic.moderation.forms import AppealForm, FlagForm, reason_hints
from civic.moderation.models import Case
from civic.moderation.subjects import SUBJECTS, Thing, load
from civic.moderation.wording import (
    ACT_WORDS,
    STATE_LOOKS,
    STATE_WORDS,
    hours_words,
    kind_word,
    log_lines,
    part_word,
    reason_word,
)
from civic.places.models import City
from civic.stage.queries import by_token
from civic.web.access import allow, current_actor, public, signed_in
from civic.web.errors import on_form
from civic.web.locale import LANG
from civic.web.navigation import use_city

bp = Blueprint("moderation", __name__, url_prefix=f"/{LANG}")


def path_of(kind: str, key: str, city: City) -> str:
    """The page of a thing."""
    endpoint, values = SUBJECTS[kind].endpoint(key, city.code)
    given: dict[str, Any] = dict(values)
    return url_for(endpoint, **given)


def load_thing(kind: str, key: str) -> tuple[Thing, City]:
    """The public thing of the address, and its city. 404 when there is none."""
    thing = load(db.session(), kind, key) or abort(404)
    city = db.session.get_one(City, thing.city_id)
    use_city(city)
    return thing, city


@bp.route("/flag/<kind>/<key>", methods=["GET", "POST"])
@allow(signed_in)
def flag(kind: str, key: str) -> ResponseReturnValue:
    """Say that something breaks the codex."""
    thing, city = load_thing(kind, key)
    form = FlagForm().offer(thing, city.timezone)
    if form.sent():
        try:
            service.flag(db.session(), thing, current_actor(), utc_now(), part=form.part.data, reason=Reason(form.reason.data),
                         words=form.words.data or "")
            flash(gettext("Thank you. A moderator will look at it. What is hidden, and why, stands in the public log."), "success")
            return redirect(path_of(kind, thing.key, city), 303)
        except InputRefused as error:
            on_form(form, error)
        except service.AlreadyFlagged:
            flash(gettext("You have flagged this already. A moderator looks at it."), "info")
            return redirect(path_of(kind, thing.key, city), 303)
    return render_template("moderation/flag.html", form=form, thing=thing, hints=reason_hints(), kind=kind_word(kind),
                           back=path_of(kind, thing.key, city), max_words=service.MAX_WORDS), 422 if form.errors else 200


@bp.get("/rules")
@public
def codex() -> ResponseReturnValue:
    """For which reasons something may be hidden, and for which never."""
    return render_template("moderation/rules.html", articles=CODEX.items(), never=NEVER)


@bp.get("/<city>/moderation/")
@public
def log(city: str) -> ResponseReturnValue:
    """Everything that moderators hid in this city: when, what kind of thing, why; never what it said or who decided."""
    here = load_city(city)
    rows = queries.log(db.session(), here.id, row_id(request.args.get("before", "")), queries.LOG + 1)
    further = url_for("moderation.log", city=here.code, before=rows[queries.LOG - 1].id) if len(rows) > queries.LOG else None
    figures = queries.counts(db.session(), here.id, here.timezone, utc_now())
    return render_template("moderation/log.html", here=here, lines=log_lines(rows[:queries.LOG], here.timezone), further=further, figures=figures,
                           reason_word=reason_word, month_word=lambda month: month_name(date.fromisoformat(f"{month}-01")), median=hours_words(figures.median_hours))


@bp.get("/<city>/moderation/log.csv")
@public
def log_csv(city: str) -> ResponseReturnValue:
    """The newest acts of the log as a table (RFC 4180)."""
    here, made = load_city(city), io.StringIO()
    table = csv.writer(made)
    table.writerow(["entry", "at", "act", "kind", "parts", "reason", "document", "words", "outcome", "page"])
    site = current_app.settings.public_url  # type: ignore[attr-defined]
    for row in queries.log(db.session(), here.id, limit=5000):
        table.writerow([row.case_id, row.at.isoformat(), row.kind, row.thing, " ".join(row.parts), row.reason, _plain(row.document), _plain(row.words),
                        row.state, site + path_of(row.thing, row.key, here)])
    response = make_response("\ufeff" + made.getvalue())
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="moderation-{here.code}.csv"'
    return response


def _plain(text: str) -> str:
    """Words in a table that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" and text else text


@bp.get("/<city>/moderation/feed.atom")
@public
def feed(city: str) -> ResponseReturnValue:
    """The newest acts as an Atom feed (RFC 4287)."""
    here = load_city(city)
    rows = queries.log(db.session(), here.id)
    response = make_response(render_template(
        "moderation/feed.xml", here=here, lines=log_lines(rows, here.timezone), site=current_app.settings.public_url,  # type: ignore[attr-defined]
        updated=rows[0].at if rows else None))
    response.mimetype = "application/atom+xml"
    return response


@bp.get("/moderation/entry/<int:entry_id>")
@public
def find(entry_id: int) -> ResponseReturnValue:
    """From the number of an entry to its page: tombstones know no city."""
    known = db.session.get(Case, entry_id)
    case = queries.entry(db.session(), known.city_id, entry_id) if known is not None else None
    if case is None:  # neither is a case told of that nobody has decided
        abort(404)
    return redirect(url_for("moderation.entry", city=db.session.get_one(City, case.city_id).code, entry_id=case.id), 303)


def load_entry(city: str, entry_id: int) -> tuple[City, Case]:
    """The case of a public entry. 404 when it is none, or of another city."""
    here = load_city(city)
    return here, queries.entry(db.session(), here.id, entry_id) or abort(404)


@bp.get("/<city>/moderation/<int:entry_id>")
@public
def entry(city: str, entry_id: int) -> ResponseReturnValue:
    """One entry: what kind of thing, which parts, why, and what came of an appeal."""
    here, case = load_entry(city, entry_id)
    acts = [act for act in queries.history(db.session(), case.id) if act.kind not in ("flag", "sign", "leave")]
    may = case.state == "hidden" and rules.may_appeal(current_actor(), case)
    return render_template("moderation/entry.html", here=here, case=case, acts=acts, kind=kind_word(case.kind), page=path_of(case.kind, case.key, here),
                           parts=sorted({part_word(name) for name in case.parts}), reason=CODEX[Reason(case.reason)] if case.reason else None,
                           state=STATE_WORDS[case.state], looks=STATE_LOOKS[case.state], may_appeal=may,
                           act_words=ACT_WORDS)


@bp.route("/<city>/moderation/<int:entry_id>/appeal", methods=["GET", "POST"])
@public
def appeal(city: str, entry_id: int) -> ResponseReturnValue:
    """The author asks a second moderator: signed in, or through the personal link of the complaint. 404 for everybody else."""
    here, case = load_entry(city, entry_id)
    return _appeal(here, case, current_actor(), url_for("moderation.appeal", city=city, entry_id=entry_id))


@bp.route("/moderation/appeal/<token>", methods=["GET", "POST"])
@public
def appeal_by_letter(token: str) -> ResponseReturnValue:
    """The same through the link of the letter, without an account."""
    try:
        case_id, contact_id = signer("moderation-appeal").loads(token)
    except BadSignature:
        return render_template("filing/link_failed.html", elsewhere=True), 410
    case = db.session.get_one(Case, case_id)
    here = db.session.get_one(City, case.city_id)
    use_city(here)
    return _appeal(here, case, Actor(contact_id=contact_id), url_for("moderation.appeal_by_letter", token=token))


@bp.route("/moderation/held/<token>/<int:entry_id>", methods=["GET", "POST"])
@public
def appeal_by_holder(token: str, entry_id: int) -> ResponseReturnValue:
    """The same for who spoke without an account: a presenter by the link of the slides, a participant of a focus group by that of the ticket."""
    talk, row = by_token(db.session(), token), held_registration(token)
    own = owned.of_talk(db.session(), talk) if talk is not None else owned.of_ticket(db.session(), row) if row is not None else ()
    case = next((case for case in own if case.id == entry_id), None) or abort(404)
    here = db.session.get_one(City, case.city_id)
    use_city(here)
    return _appeal(here, case, Actor(entries=frozenset({case.id})), url_for("moderation.appeal_by_holder", token=token, entry_id=entry_id))


def _appeal(here: City, case: Case, actor: Actor, action: str) -> ResponseReturnValue:
    if not rules.may_appeal(actor, case):
        abort(404)
    form = AppealForm()
    if form.sent():
        try:
            service.lock(db.session(), case, None)
            service.appeal(db.session(), case, actor, utc_now(), text=form.text.data or "")
            flash(gettext("Your appeal is with a second moderator. The decision will stand here.") if actor.entries else
                  gettext("Your appeal is with a second moderator. We will write to you."), "success")
            return redirect(url_for("moderation.entry", city=here.code, entry_id=case.id), 303)
        except InputRefused as error:
            on_form(form, error)
        except TransitionForbidden:
            return redirect(url_for("moderation.entry", city=here.code, entry_id=case.id), 303)
    if case.state != "hidden":
        return redirect(url_for("moderation.entry", city=here.code, entry_id=case.id), 303)
    return render_template("moderation/appeal.html", form=form, case=case, here=here, action=action, reason=CODEX[Reason(case.reason or "")],
                           kind=kind_word(case.kind), max_words=service.MAX_WORDS), 422 if form.errors else 200


def withheld_of(kind: str, key: str) -> list[tuple[str, Any]]:
    """For the desk of the body that has to answer: the words that the public does not see, by part."""
    return [(part_word(name), content) for name, content in sorted(queries.withheld(db.session(), kind, key).items())
            if not name.startswith("photo") and isinstance(content, str)]


def withheld_parts(kind: str, key: str) -> list[tuple[str, Any]]:
    """The same by the names of parts, as ``Subject.hide`` gave each."""
    return sorted(queries.withheld(db.session(), kind, key).items())


def never_cached(response: Response) -> Response:
    """For pages and pictures that only moderators see."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
