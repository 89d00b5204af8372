"""The tracking page, the ticket, and everything the resident does from there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import segno
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature
from markupsafe import Markup
from sqlalchemy import select

from civic.bodies.directory import Directory, directory
from civic.complaints import rules, service
from civic.complaints.filing import ask_to_join
from civic.complaints.filing_views import hold, load_city, signer
from civic.complaints.forms import ButtonForm, EmailForm, WordsForm
from civic.complaints.letter_links import ends_letters
from civic.complaints.models import Attachment, Complaint
from civic.complaints.queries import by_number, public_complaint
from civic.complaints.states import TRANSITIONS
from civic.complaints.tracking import possible, tracking
from civic.complaints.uploads import keep_photos
from civic.complaints.views import known_city
from civic.core.clock import local_date, utc_now
from civic.core.codes import read_number
from civic.core.database import Reader
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor, knows_visitor, public
from civic.web.errors import on_form
from civic.web.limits import origin
from civic.web.locale import LANG, language
from civic.web.reading import reader


def not_discussed(complaint: Any, known: Directory) -> str:
    """Nothing is known of discussions."""
    return ""


#: HTML of the block that tells where a complaint is discussed and what was promised about it; the feature that knows puts its own
#: here. Asked only for complaints that are ``discussed``.
DISCUSSED: Callable[[Any, Directory], Markup | str] = not_discussed
bp = Blueprint("tracking", __name__, url_prefix=f"/{LANG}")


def load(city: str, number: str) -> tuple[City, Complaint]:
    """The complaint of the address. 404 when there is none, or none that the actor may know of."""
    here = load_city(city)
    complaint = by_number(db.session(), read_number(number) or "")
    if complaint is None or complaint.city_id != here.id or not rules.may_see(current_actor(), complaint):
        abort(404)
    return here, complaint


@bp.get("/<city>/complaints/<number>")
@public
def page(city: str, number: str) -> ResponseReturnValue:
    """Where it stands. The same for every visitor without a cookie, with an ETag: the page follows itself."""
    rows = reader()
    known = directory(rows)
    here = known_city(known, city)
    complaint = _shown_to_actor(rows, read_number(number) or "", here.id)
    view = tracking(rows, complaint, current_actor(), known, local_date(utc_now(), here.timezone))
    settings = current_app.settings  # type: ignore[attr-defined]
    return render_template("tracking/page.html", t=view, c=complaint, here=here, tiles=settings.tiles_url,
                           attribution=settings.tiles_attribution, address=settings.public_url + request.path,
                           discussed=DISCUSSED(complaint, known) if complaint.discussed else "")


def _shown_to_actor(rows: Reader, number: str, city_id: int) -> Any:
    """The complaint: a small row for a visitor whom nobody knows, else the whole. 404 when there is none, or none that the
    actor may know of."""
    complaint: Any = by_number(db.session(), number) if knows_visitor() else public_complaint(rows, number)
    if complaint is None or complaint.city_id != city_id or not rules.may_see(current_actor(), complaint):
        abort(404)
    return complaint


@bp.get("/complaints/<number>")
@public
def find(number: str) -> ResponseReturnValue:
    """From a number alone to its page."""
    complaint = by_number(db.session(), read_number(number) or "")
    if complaint is None or not rules.may_see(current_actor(), complaint):
        abort(404)
    return redirect(url_for("tracking.page", city=db.session.get_one(City, complaint.city_id).code, number=complaint.number), 303)


@bp.get("/<city>/complaints/<number>/ticket")
@public
def ticket(city: str, number: str) -> ResponseReturnValue:
    """The ticket on screen, for its applicant (article 64(2))."""
    here, complaint = load(city, number)
    if not rules.is_applicant(current_actor(), complaint):
        return redirect(url_for("tracking.page", city=city, number=number), 303)
    view = tracking(db.session(), complaint, current_actor(), directory(db.session()), local_date(utc_now(), here.timezone))
    target = current_app.settings.public_url + url_for("tracking.page", city=city, number=number)  # type: ignore[attr-defined]
    return render_template("tracking/ticket.html", t=view, c=complaint, here=here, qr=segno.make(target, micro=False).svg_data_uri(scale=4))


@bp.get("/complaints/<number>/link/<token>")
@public
def personal_link(number: str, token: str) -> ResponseReturnValue:
    """The resident's own link from a letter: this browser may act for the applicant from now on."""
    try:
        complaint_id, contact_id = signer("link").loads(token)
    except BadSignature:
        return render_template("filing/link_failed.html"), 410
    complaint = db.session.get(Complaint, complaint_id)
    if complaint is None or complaint.applicant.contact_id != contact_id:
        return render_template("filing/link_failed.html"), 410
    hold(complaint.id)
    return redirect(url_for("tracking.page", city=db.session.get_one(City, complaint.city_id).code, number=complaint.number), 303)


@dataclass(frozen=True)
class Act:
    """A page on which the resident does one thing. words: ``must``, ``may`` or ``no``."""

    title: Any
    hint: Any
    button: Any
    words: str
    photos: bool = False
    danger: bool = False


ACTS = {
    "confirm": Act(_l("Yes, it is solved"), _l("You confirm that the matter is really solved. It closes, and counts as confirmed."),
                   _l("Yes, solved"), "may"),
    "dispute": Act(_l("No, it is not solved"), _l("Say what is still wrong. The first time it goes to the head of the body, the second time to the body above."),
                   _l("No, not solved"), "must", photos=True),
    "information": Act(_l("Add information or a photo"), _l("The body and everybody who follows will see it."), _l("Add"), "may", photos=True),
    "withdraw": Act(_l("Withdraw the complaint"), _l("It closes at once, and the body stops working on it. What was written stays on the record."),
                    _l("Withdraw"), "may", danger=True),
}


@bp.route("/<city>/complaints/<number>/<any(confirm, dispute, information, withdraw):act>", methods=["GET", "POST"])
@public
def act(city: str, number: str, act: str) -> ResponseReturnValue:
    """One step of the applicant."""
    here, complaint = load(city, number)
    actor = current_actor()
    if request.method == "POST" and not rules.is_applicant(actor, complaint):
        raise NotAllowed(action=act)
    form = WordsForm(version=complaint.version)
    if request.method == "GET" and act not in possible(actor, complaint):
        return _draw_act(None, form, here, complaint, 409)
    if form.sent():
        try:
            service.lock(db.session(), complaint, form.seen() if act != "information" else None)
            _take(act, complaint, form)
            flash(gettext("Done. Everybody concerned is told."), "success")
            return redirect(url_for("tracking.page", city=city, number=number), 303)
        except InputRefused as error:
            on_form(form, error)
        except (service.ComplaintChangedMeanwhile, TransitionForbidden):
            now_possible = possible(actor, complaint)
            # what was typed is worth keeping even when the step is not possible any more
            name = act if act in now_possible else next((n for n in now_possible if n == "information"), None)
            return _draw_act(name, form, here, complaint, 409)
    return _draw_act(act, form, here, complaint, 422 if form.errors else 200)


def _draw_act(name: str | None, form: WordsForm, here: City, complaint: Complaint, status: int) -> ResponseReturnValue:
    """The page of one act with what was typed; without a name, the page that says it is not possible now."""
    form.version.data = complaint.version
    if name is None:
        applicant = rules.is_applicant(current_actor(), complaint)
        return render_template("tracking/not_now.html", c=complaint, here=here, applicant=applicant, typed=form.text.data), status
    return render_template("tracking/act.html", form=form, act=ACTS[name], name=name, c=complaint, here=here, changed=status == 409,
                           max_text=service.MAX_TEXT), status


def _take(name: str, complaint: Complaint, form: WordsForm) -> None:
    db_session, actor, now = db.session(), current_actor(), utc_now()
    text = form.text.data or ""
    if name in ("confirm", "withdraw"):
        step = service.confirm if name == "confirm" else service.withdraw
        step(db_session, complaint, actor, now, text=text)
        return
    # refused before photos are kept: a file without its row would lie on disk for ever
    if name == "dispute":
        TRANSITIONS.check(name, actor, complaint)
    elif not rules.may_add_information(actor, complaint):
        raise NotAllowed(action=name)
    media = current_app.settings.media  # type: ignore[attr-defined]
    photos = keep_photos(db_session, media, form.photos.data, now, private=complaint.private)
    ids = [p.id for p in photos]
    add = service.dispute if name == "dispute" else service.add_information
    add(db_session, complaint, actor, now, text=text, photo_ids=ids)


@bp.route("/<city>/complaints/<number>/<any(support, follow, unfollow):what>", methods=["GET", "POST"])
@public
def join(city: str, number: str, what: str) -> ResponseReturnValue:
    """«It concerns me too», follow, unfollow: a button; without a proven address a letter with a button."""
    here, complaint = load(city, number)
    actor = current_actor()
    if what == "unfollow" and actor.contact_id is None:  # its way is the link under each letter
        return redirect(url_for("tracking.page", city=city, number=number), 303)
    form: Any = EmailForm() if actor.contact_id is None else ButtonForm()
    if form.sent():
        if actor.contact_id is None:
            ask_to_join(db.session(), complaint, "support" if what == "support" else "follow", form.email.data, language(), utc_now())
            flash(gettext("One more press: we have sent a letter with a button to %(email)s.", email=form.email.data), "success")
        else:
            flash(_join(what, complaint, actor.contact_id), "success")
        return redirect(url_for("tracking.page", city=city, number=number), 303)
    return render_template("tracking/join.html", form=form, what=what, c=complaint, here=here), 422 if form.errors else 200


def _join(what: str, complaint: Complaint, contact_id: int) -> str:
    if what == "support":
        new = service.support(db.session(), complaint, contact_id, utc_now(), origin(db.session()))
        return gettext("Thank you. Your support is counted, and we will write to you at each step.") if new else gettext("Your support was counted already.")
    if what == "follow":
        service.follow(db.session(), complaint, contact_id, utc_now())
        return gettext("We will write to you at each step.")
    service.unfollow(db.session(), complaint, contact_id)
    return gettext("We will not write to you about this complaint any more.")


@bp.route("/unfollow/<token>", methods=["GET", "POST"])
@public
@ends_letters("unfollow")
def unfollow_by_letter(complaint_id: int, contact_id: int, *, done: bool) -> ResponseReturnValue:
    """The link under every letter."""
    complaint = db.session.get_one(Complaint, complaint_id)
    if done:
        service.unfollow(db.session(), complaint, contact_id)
    return render_template("tracking/unfollow.html", number=complaint.number, done=done)


def may_see_photo(photo_id: str) -> bool:
    """Whether the actor may see the complaint that a private photo belongs to. Photos of drafts are shown to nobody."""
    complaint = db.session.scalar(
        select(Complaint).join(Attachment, Attachment.complaint_id == Complaint.id).where(Attachment.photo_id == photo_id)
    )
    return complaint is not None and rules.may_see(current_actor(), complaint)


