"""What authors mend themselves: personal data in their words, a face or a number plate in their photos, also in those of discussions and
in the evidence of promises."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.complaints import rules as complaint_rules
from civic.complaints.models import Complaint
from civic.complaints.tracking_views import load
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events.blueprint import load_own
from civic.extensions import db
from civic.media.covering import Box
from civic.media.models import Photo
from civic.moderation import covers, mending, signs
from civic.moderation.forms import CoverForm, MendForm
from civic.moderation.sign_words import sign_word
from civic.places.models import City
from civic.promises import rules as promise_rules
from civic.promises.blueprint import load as load_promise
from civic.stage.presenter_views import load as load_talk
from civic.web.access import allow, current_actor, public, reachable_as_applicant, signed_in
from civic.web.errors import on_form
from civic.web.locale import LANG

bp = Blueprint("mending", __name__, url_prefix=f"/{LANG}")


def _load_own(city: str, number: str) -> tuple[City, Complaint]:
    """The actor's own complaint. 404 for everybody else's."""
    here, complaint = load(city, number)
    if not complaint_rules.is_applicant(current_actor(), complaint):
        abort(404)
    return here, complaint


@bp.route("/<city>/complaints/<number>/mend", methods=["GET", "POST"])
@public
def mend(city: str, number: str) -> ResponseReturnValue:
    """Take personal data out of one's own words, also after they were sent."""
    here, complaint = _load_own(city, number)
    texts, form = mending.own_texts(complaint, current_actor()), MendForm()
    found = list(dict.fromkeys((text[s.start:s.end], s.name) for text in texts.values() for s in signs.personal(text)))
    form.pieces.choices = [(piece, f"{piece} ({sign_word(name)})") for piece, name in found]
    if form.sent():
        pieces = [*(form.pieces.data or []), (form.other.data or "").strip()]
        try:
            mending.redact(db.session(), complaint, current_actor(), utc_now(), {part: pieces for part in texts})
            flash(gettext("It is taken out, and kept nowhere. The page says that you removed personal data."), "success")
            return redirect(url_for("tracking.page", city=city, number=number), 303)
        except InputRefused as error:
            on_form(form, error)
    photos = [a.photo for a in complaint.attachments if a.photo.state == "ready" and mending.own_photo(complaint, current_actor(), a.photo_id)]
    return render_template("moderation/mend.html", form=form, c=complaint, here=here, texts=texts.values(), photos=photos), 422 if form.errors else 200


@bp.route("/<city>/complaints/<number>/cover/<string(length=32):photo_id>", methods=["GET", "POST"])
@public
def cover(city: str, number: str, photo_id: str) -> ResponseReturnValue:
    """Blacken parts of one's own photo, for good: of the applicant, or of the body that answered with it."""
    _, complaint = load(city, number)
    attachment = mending.own_photo(complaint, current_actor(), photo_id)
    if attachment is None or attachment.photo.state != "ready":
        abort(404)
    own = complaint_rules.is_applicant(current_actor(), complaint)
    back = url_for("tracking.page", city=city, number=number) if own else url_for("desk.inbox", open=number)
    return cover_page(attachment.photo, lambda boxes: mending.cover_own(db.session(), complaint, current_actor(), utc_now(), photo_id, boxes), back)


@bp.route("/organise/events/<code>/cover/<string(length=32):photo_id>", methods=["GET", "POST"])
@allow(signed_in)
def cover_of_event(code: str, photo_id: str) -> ResponseReturnValue:
    """The same in a photo of one's own discussion, or of one of its materials."""
    event = load_own(code)
    place = covers.place_of(db.session(), event, photo_id) or abort(404)
    back = "events.edit" if place.photo.id == event.photo_id else "minutes.material_list"
    return cover_page(place.photo, lambda boxes: covers.cover(db.session(), place, boxes, utc_now()), url_for(back, code=code))


@bp.route("/promises/<number>/cover/<string(length=32):photo_id>", methods=["GET", "POST"])
@allow(reachable_as_applicant)
def cover_of_promise(number: str, photo_id: str) -> ResponseReturnValue:
    """The same in evidence that one gave, or one's body, or the organisers."""
    promise = load_promise(number)
    place = covers.place_of_evidence(db.session(), promise, photo_id)
    if place is None or not promise_rules.gave(current_actor(), promise, place.owner):
        abort(404)
    return cover_page(place.photo, lambda boxes: covers.cover(db.session(), place, boxes, utc_now()), url_for("promises.page", number=promise.number))


@bp.route("/talk/<token>/cover/<string(length=32):photo_id>", methods=["GET", "POST"])
@public
def cover_slide(token: str, photo_id: str) -> ResponseReturnValue:
    """The same in a slide, for whoever holds the presenter's link."""
    talk = load_talk(token)
    place = covers.place_of(db.session(), talk.event, photo_id)
    if place is None or place.owner is not talk:
        abort(404)
    return cover_page(place.photo, lambda boxes: covers.cover(db.session(), place, boxes, utc_now()), url_for("presenter.slides", token=token))


def cover_page(photo: Photo, cover_boxes: Callable[[list[Box]], None], back: str, picture: str | None = None) -> ResponseReturnValue:
    """Mark rectangles on a photo and cover them. picture: its address, where it is not the public one."""
    form = CoverForm()
    if form.sent():
        try:
            cover_boxes(form.chosen())
            flash(gettext("The photo is being covered and appears again by itself."), "success")
            return redirect(back, 303)
        except InputRefused as error:
            on_form(form, error)
    return render_template("moderation/cover.html", form=form, picture=picture or url_for("media.photo", photo_id=photo.id, size="large"), photo=photo,
                           back=back, action=request.path), 422 if form.errors else 200
