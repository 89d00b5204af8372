"""Pages of filing: photos, place, matter; then what to consider; then the ticket or the letter with the button."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from civic.accounts.models import Contact
from civic.accounts.service import contact_for
from civic.bodies.directory import directory
from civic.bodies.models import Category
from civic.complaints import filing, service
from civic.complaints.forms import ButtonForm, MatterForm, PhotosForm, PlaceForm
from civic.complaints.models import Complaint, Draft
from civic.complaints.queries import by_number, rows_by_id
from civic.complaints.states import AppealKind
from civic.complaints.uploads import keep_good_photos
from civic.complaints.wording import KIND_HINTS, list_rows
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.media.service import MAX_BYTES, delete_files
from civic.moderation import signs
from civic.moderation.sign_words import personal_pieces
from civic.places.models import City
from civic.places.queries import box_around, city_by_code, districts, locate, work_calendar
from civic.web.access import current_actor, public
from civic.web.errors import on_form
from civic.web.limits import origin
from civic.web.locale import LANG, language
from civic.web.navigation import use_city

bp = Blueprint("filing", __name__, url_prefix=f"/{LANG}")
LINK_LIVES = int(filing.DRAFT_LIVES.total_seconds())


def load_city(code: str, *, active: bool = False) -> City:
    """The city of the address, shown in the header. active: it has to take complaints. 404 when there is none."""
    city = city_by_code(db.session(), code, active=active)
    if city is None:
        abort(404)
    use_city(city)
    return city


def load_draft(city: City, draft_id: str) -> Draft:
    """The draft of the address. 404 when there is none in this city."""
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.city_id != city.id:
        abort(404)
    return draft


def _at(endpoint: str, city: City, draft: Draft) -> str:
    return url_for(f"filing.{endpoint}", city=city.code, draft_id=draft.id)


@bp.route("/<city>/report/", methods=["GET", "POST"], defaults={"draft_id": None})
@bp.route("/<city>/report/<draft_id>/photos", methods=["GET", "POST"])
@public
def photos(city: str, draft_id: str | None) -> ResponseReturnValue:
    """Step 1."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id) if draft_id else None
    form = PhotosForm()
    if not form.sent():
        return render_template("filing/photos.html", form=form, draft=draft, max_photos=filing.MAX_PHOTOS, max_bytes=MAX_BYTES)
    now = utc_now()
    draft = draft or filing.new_draft(db.session(), here, language(), now)
    room = filing.MAX_PHOTOS - len(draft.attachments)
    kept, refused = keep_good_photos(db.session(), current_app.settings.media, form.photos.data, room, now)  # type: ignore[attr-defined]
    for photo, position in kept:
        filing.attach_photo(db.session(), draft, photo)
        if position and draft.lat is None and locate(db.session(), here, *position).inside:
            draft.lat, draft.lon, draft.place_from_photo = *position, True
    for words in refused:
        flash(words, "error")
    return redirect(_at("photos" if refused else "place", here, draft), 303)


@bp.post("/<city>/report/<draft_id>/photos/remove")
@public
def remove_photos(city: str, draft_id: str) -> ResponseReturnValue:
    """Take the photos back, before anything is sent."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    if ButtonForm().sent():
        for photo_id in filing.drop_photos(db.session(), draft):
            delete_files(current_app.settings.media, photo_id)  # type: ignore[attr-defined]
    return redirect(_at("photos", here, draft), 303)


@bp.route("/<city>/report/<draft_id>/place", methods=["GET", "POST"])
@public
def place(city: str, draft_id: str) -> ResponseReturnValue:
    """Step 2."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    form = PlaceForm(obj=draft).offer(districts(db.session(), here.id))
    if form.sent():
        try:
            filing.set_place(db.session(), draft, here, lat=form.lat.data, lon=form.lon.data,
                             address=form.address.data or "", district_id=form.district_id.data)
            return redirect(_at("matter", here, draft), 303)
        except InputRefused as error:
            on_form(form, error)
    settings = current_app.settings  # type: ignore[attr-defined]
    return render_template("filing/place.html", form=form, draft=draft, here=here, bounds=_bounds(here),
                           tiles=settings.tiles_url, attribution=settings.tiles_attribution), 422 if form.errors else 200


def _bounds(city: City) -> str:
    """What the map shows and calls inside, as its script reads it."""
    box = box_around(city.lat, city.lon, city.radius_km * 1000)
    return f"{box.south:.4f},{box.west:.4f},{box.north:.4f},{box.east:.4f}"


@bp.route("/<city>/report/<draft_id>/matter", methods=["GET", "POST"])
@public
def matter(city: str, draft_id: str) -> ResponseReturnValue:
    """Step 3."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    actor = current_actor()
    known = {"category_id": draft.category_id or request.args.get("category", type=int), "text": draft.text,
             "kind": draft.kind or AppealKind.NOTICE, "name": draft.name or actor.name, "show_name": draft.show_name,
             "private": draft.private, "email": draft.email}
    form = MatterForm(data=known).offer(directory(db.session()).tree(), known=actor.contact_id is not None)
    whole = form.sent()
    if request.method == "POST":  # all that is wrong is said at once
        for problem in filing.matter_problems(db.session(), form.category_id.data or 0, form.text.data or "", form.name.data or ""):
            on_form(form, problem)
    if whole and not form.errors:
        filing.set_matter(db.session(), draft, category_id=form.category_id.data, text=form.text.data or "",
                          kind=form.kind.data, show_name=form.show_name.data, private=form.private.data, name=form.name.data or "")
        if "email" in form:
            draft.email = form.email.data.strip().lower()
        return redirect(_at("check", here, draft), 303) if _to_consider(draft) else _send(here, draft)
    return render_template("filing/matter.html", form=form, draft=draft, hints=KIND_HINTS,
                           max_text=service.MAX_TEXT), 422 if form.errors else 200


def _to_consider(draft: Draft) -> bool:
    category = db.session.get_one(Category, draft.category_id)
    return bool(category.emergency_phone or (signs.personal(draft.text) and not draft.private) or filing.similar(db.session(), draft))


@bp.get("/<city>/report/<draft_id>/check")
@public
def check(city: str, draft_id: str) -> ResponseReturnValue:
    """Before sending: the number to call, personal data that everybody would see, and complaints that may be the same one."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    if draft.category_id is None:
        return redirect(_at("matter", here, draft), 303)
    found = filing.similar(db.session(), draft)
    rows = rows_by_id(db.session(), [s.complaint.id for s in found])
    shown = list_rows([rows[s.complaint.id] for s in found], work_calendar(db.session()))
    category = db.session.get_one(Category, draft.category_id)
    personal = [] if draft.private else personal_pieces(draft.text)
    return render_template("filing/check.html", form=ButtonForm(), draft=draft, here=here, category=category, personal=personal,
                           similar=list(zip(shown, (s.metres for s in found), strict=True)))


@bp.post("/<city>/report/<draft_id>/send")
@public
def send(city: str, draft_id: str) -> ResponseReturnValue:
    """Register, or ask to confirm the address first."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    if not ButtonForm().sent() or draft.category_id is None:
        return redirect(_at("check", here, draft), 303)
    return _send(here, draft)


def _send(city: City, draft: Draft) -> ResponseReturnValue:
    contact_id = current_actor().contact_id
    if contact_id is None and not draft.email:  # signed out between the steps: the address is asked for
        return redirect(_at("matter", city, draft), 303)
    if contact_id is None:
        filing.ask_to_confirm(db.session(), draft, draft.email or "", utc_now())
        return redirect(_at("sent", city, draft), 303)
    complaint = filing.register(db.session(), draft, db.session.get_one(Contact, contact_id), utc_now())
    return redirect(url_for("tracking.ticket", city=city.code, number=complaint.number), 303)


@bp.get("/<city>/report/<draft_id>/sent")
@public
def sent(city: str, draft_id: str) -> ResponseReturnValue:
    """Look into your mail. Before anything was sent there, the step that asks for the address."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    if draft.asked_at is None:
        return redirect(_at("matter", here, draft), 303)
    return render_template("filing/sent.html", draft=draft)


@bp.post("/<city>/report/<draft_id>/support/<number>")
@public
def support(city: str, draft_id: str, number: str) -> ResponseReturnValue:
    """«This is it»: support and follow that one in one press, without a new complaint."""
    here = load_city(city, active=True)
    draft = load_draft(here, draft_id)
    complaint = by_number(db.session(), number)
    if complaint is None or complaint.private or complaint.city_id != here.id or not ButtonForm().sent():
        abort(404)
    contact_id = current_actor().contact_id
    if contact_id is None and not draft.email:
        return redirect(_at("matter", here, draft), 303)
    if contact_id is None:
        filing.ask_to_join(db.session(), complaint, "support", draft.email or "", language(), utc_now())
        flash(gettext("One more press: we have sent a letter with a button to %(email)s.", email=draft.email), "success")
    else:
        service.support(db.session(), complaint, contact_id, utc_now(), origin(db.session()))
        flash(gettext("Thank you. Your support is counted, and we will write to you at each step."), "success")
    return redirect(url_for("tracking.page", city=here.code, number=number), 303)


def signer(purpose: str) -> URLSafeTimedSerializer:
    """Signs links of letters; ``purpose`` keeps a link of one kind from working as another."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"civic-{purpose}")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The button that registers a complaint filed without an account."""
    try:
        draft_id, email = signer("filing").loads(token, max_age=LINK_LIVES)
    except BadSignature:
        return render_template("filing/link_failed.html"), 410
    draft = db.session.get(Draft, draft_id)
    if draft is None or draft.email != email:
        return render_template("filing/link_failed.html"), 410
    city = db.session.get_one(City, draft.city_id)
    use_city(city)
    if draft.complaint_id is not None and request.method == "GET":
        complaint = db.session.get_one(Complaint, draft.complaint_id)
        return render_template("filing/already.html", number=complaint.number, here=city)
    form = ButtonForm()
    if not form.sent():
        return render_template("filing/confirm.html", form=form, draft=draft, category=db.session.get(Category, draft.category_id))
    contact = prove(email, draft.locale)
    complaint = filing.register(db.session(), draft, contact, utc_now())
    hold(complaint.id)
    return redirect(url_for("tracking.ticket", city=city.code, number=complaint.number), 303)


@bp.route("/confirm-joining/<token>", methods=["GET", "POST"])
@public
def confirm_joining(token: str) -> ResponseReturnValue:
    """The button that counts a support given without an account, or begins to follow."""
    try:
        complaint_id, what, email, locale = signer("joining").loads(token, max_age=LINK_LIVES)
    except BadSignature:
        return render_template("filing/link_failed.html"), 410
    complaint = db.session.get_one(Complaint, complaint_id)
    city = db.session.get_one(City, complaint.city_id)
    use_city(city)
    form = ButtonForm()
    if not form.sent():
        return render_template("filing/confirm_joining.html", form=form, number=complaint.number, what=what)
    contact = prove(email, locale)
    if what == "support":
        service.support(db.session(), complaint, contact.id, utc_now(), origin(db.session()))
    else:
        service.follow(db.session(), complaint, contact.id, utc_now())
    flash(gettext("Thank you. We will write to you at each step."), "success")
    return redirect(url_for("tracking.page", city=city.code, number=complaint.number), 303)


def prove(email: str, locale: str) -> Contact:
    """The contact behind an address whose owner has just pressed the button."""
    contact = contact_for(db.session(), email, locale)
    contact.confirmed_at = contact.confirmed_at or utc_now()
    if not current_user.is_authenticated and contact.user_id is None:
        session["contact"] = contact.id
    return contact


def hold(complaint_id: int) -> None:
    """This browser may act for the applicant of this complaint."""
    held: list[Any] = session.get("links", [])
    session["links"] = [*[x for x in held if x != complaint_id], complaint_id][-50:]
