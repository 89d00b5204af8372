"""Pages of following: begin, confirm by a letter, what I follow, end."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadSignature

from civic.complaints.filing_views import LINK_LIVES, load_city, prove, signer
from civic.complaints.forms import ButtonForm
from civic.complaints.letter_links import ends_letters
from civic.core.clock import utc_now
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.extensions import db
from civic.following import queries, service
from civic.following.forms import FORMS, RHYTHM_WORDS, ChangeForm, FollowForm
from civic.following.models import Kind, Rhythm
from civic.following.naming import list_form, query_of, read_query, target_name
from civic.following.page import shown
from civic.following.service import Target
from civic.places.models import City
from civic.places.queries import box_around, districts
from civic.web.access import allow, current_actor, public, reachable_as_applicant
from civic.web.errors import on_form
from civic.web.locale import LANG, language

bp = Blueprint("following", __name__, url_prefix=f"/{LANG}")


@bp.route("/<city>/follow", methods=["GET", "POST"])
@public
def begin(city: str) -> ResponseReturnValue:
    """Follow what the address names; without a kind, choose what."""
    return _begin_page(load_city(city))


@bp.route("/follow", methods=["GET", "POST"])
@public
def begin_everywhere() -> ResponseReturnValue:
    """Follow a list of all cities."""
    if request.args.get("kind") != Kind.SEARCH:
        abort(404)
    return _begin_page(None)


def _begin_page(here: City | None) -> ResponseReturnValue:
    asked = request.args.get("kind", "")
    if here and not asked:
        return render_template("following/choose.html", here=here, districts=districts(db.session(), here.id))
    if asked not in set(Kind):
        abort(404)
    kind, actor = Kind(asked), current_actor()
    form = _form(kind).offer(known=actor.contact_id is not None)
    if form.sent():
        try:
            return _begin(form, _target(kind, here, form), here)
        except InputRefused as error:
            on_form(form, error)
    name = _name(kind, here)
    settings = current_app.settings  # type: ignore[attr-defined]
    box = box_around(here.lat, here.lon, here.radius_km * 1000) if here else None
    return render_template(
        "following/begin.html", form=form, kind=kind, here=here, name=name, limits=service, list_url=_list_url(here),
        bounds=f"{box.south:.4f},{box.west:.4f},{box.north:.4f},{box.east:.4f}" if box else "",
        tiles=settings.tiles_url, attribution=settings.tiles_attribution,
    ), 422 if form.errors else 200


def _list_url(here: City | None) -> str:
    return url_for("complaints.listing", city=here.code) if here else url_for("complaints.national")


def _form(kind: Kind) -> FollowForm:
    """The form with what the address says of a place or a street; close things are told at once unless chosen otherwise."""
    if kind not in FORMS:
        return FollowForm()
    known: dict[str, Any] = {"words": request.args.get("words") or request.args.get("street", ""), "rhythm": Rhythm.AT_ONCE}
    if kind == Kind.PLACE:
        known |= {name: _degrees(request.args.get(name, "")) for name in ("lat", "lon")}
    return FORMS[kind](data=known)


def _degrees(typed: str) -> float | None:
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) <= 180 else None


def _target(kind: Kind, here: City | None, form: Any) -> Target:
    """What the address, and for a place or a street the form, asks to follow."""
    if here is None:
        return Target(kind, None, query=query_of(list_form(db.session(), None, request.args)))
    if kind == Kind.PLACE:
        return Target(kind, here.id, lat=form.lat.data, lon=form.lon.data, radius_m=form.metres(), words=form.words.data or "")
    if kind == Kind.STREET:
        return Target(kind, here.id, words=form.words.data or "")
    if kind == Kind.SEARCH:
        return Target(kind, here.id, query=query_of(list_form(db.session(), here.id, request.args)))
    chosen: Any = {f"{kind}_id": row_id(request.args.get(kind.value, ""))}
    return Target(kind, here.id, **chosen)


def _name(kind: Kind, here: City | None) -> str:
    """What is to be followed, where the address says it whole. 404 when it names nothing of this city."""
    if kind in FORMS:
        return ""
    return target_name(db.session(), service.checked(db.session(), _target(kind, here, None)))


def _begin(form: FollowForm, target: Target, here: City | None) -> ResponseReturnValue:
    contact_id, rhythm, now = current_actor().contact_id, Rhythm(form.rhythm.data), utc_now()
    if contact_id is None:
        service.ask_to_follow(db.session(), target, rhythm, form.steps.data, form.email.data, language(), now)
        flash(gettext("One more press: we have sent a letter with a button to %(email)s.", email=form.email.data), "success")
        return redirect(_list_url(here), 303)
    following = service.follow(db.session(), contact_id, target, read_query(target.query), rhythm, form.steps.data, now)
    flash(gettext("You follow: %(what)s.", what=target_name(db.session(), following)), "success")
    return redirect(url_for("following.mine"), 303)


@bp.route("/following/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """The button in the letter that begins to follow without an account."""
    try:
        facts, rhythm, steps, email, locale = signer("following").loads(token, max_age=LINK_LIVES)
    except BadSignature:
        return render_template("filing/link_failed.html"), 410
    target, form = Target.read(facts), ButtonForm()
    if form.sent():
        contact = prove(email, locale)
        try:
            service.follow(db.session(), contact.id, target, read_query(target.query), Rhythm(rhythm), steps, utc_now())
        except InputRefused as error:
            on_form(form, error)
        else:
            flash(gettext("You follow: %(what)s.", what=target_name(db.session(), target)), "success")
            return redirect(url_for("following.by_letter", token=letter_token(contact.id)), 303)
    return render_template("following/confirm.html", form=form, name=target_name(db.session(), target),
                           rhythm=RHYTHM_WORDS[Rhythm(rhythm)]), 422 if form.errors else 200


def letter_token(contact_id: int) -> str:
    """Opens what an address follows to whoever gets its letters; it opens nothing else."""
    token: str = signer("followings").dumps(contact_id)
    return token


@bp.get("/following")
@allow(reachable_as_applicant)
def mine() -> ResponseReturnValue:
    """What I follow."""
    contact_id = current_actor().contact_id
    assert contact_id is not None
    return _page(contact_id, "")


@bp.get("/following/letter/<token>")
@public
def by_letter(token: str) -> ResponseReturnValue:
    """The same by the link of a letter, for those without an account."""
    contact_id = _contact_of(token)
    if contact_id is None:
        return render_template("filing/link_failed.html"), 410
    return _page(contact_id, token)


def _contact_of(token: str) -> int | None:
    try:
        contact_id: int = signer("followings").loads(token)
    except BadSignature:
        return None
    return contact_id


def _page(contact_id: int, token: str) -> ResponseReturnValue:
    followings = [shown(db.session(), f) for f in queries.of_contact(db.session(), contact_id)]
    return render_template("following/mine.html", followings=followings, token=token, form=ChangeForm(), rhythms=RHYTHM_WORDS)


@bp.post("/following/<int:following_id>", defaults={"token": ""})
@bp.post("/following/<int:following_id>/letter/<token>")
@public
def change(following_id: int, token: str) -> ResponseReturnValue:
    """Another rhythm, pause, resume, end."""
    contact_id = _contact_of(token) if token else current_actor().contact_id
    following = queries.own(db.session(), contact_id, following_id) if contact_id is not None else None
    back = url_for("following.by_letter", token=token) if token else url_for("following.mine")
    form = ChangeForm()
    if following is None or not form.sent():
        return redirect(back, 303)  # ended before, in another window
    name = target_name(db.session(), following)
    if form.act.data == "pause":
        service.pause(db.session(), following, utc_now())
        flash(gettext("Paused: %(what)s.", what=name), "success")
    elif form.act.data == "resume":
        service.resume(db.session(), following)
        flash(gettext("We write to you again: %(what)s.", what=name), "success")
    elif form.act.data == "end":
        service.end(db.session(), following.contact_id, [following.id])
        flash(gettext("You do not follow any more: %(what)s.", what=name), "success")
    elif form.rhythm.data in set(Rhythm):
        service.change_rhythm(db.session(), following, Rhythm(form.rhythm.data))
        flash(gettext("Saved."), "success")
    return redirect(back, 303)


@bp.route("/following/end/<token>", methods=["GET", "POST"])
@public
@ends_letters("end-following")
def end_by_letter(contact_id: int, following_ids: list[int], *, done: bool) -> ResponseReturnValue:
    """The link under each letter."""
    names = [target_name(db.session(), f) for f in queries.chosen(db.session(), contact_id, following_ids)]
    if done:
        service.end(db.session(), contact_id, following_ids)
    return render_template("following/end.html", names=names, done=done, others=url_for("following.by_letter", token=letter_token(contact_id)))
