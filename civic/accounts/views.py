"""Pages of one's own account beside those of Flask-Security."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security.confirmable import confirm_email_token_status, confirm_user
from flask_security.utils import logout_user

from civic.accounts import sessions
from civic.accounts.forms import ButtonForm, SettingsForm
from civic.accounts.service import save_settings
from civic.accounts.signing_in import enter
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.extensions import db
from civic.web.access import allow, current_actor, public, signed_in
from civic.web.locale import LANG

bp = Blueprint("accounts", __name__, url_prefix=f"/{LANG}/account")
#: Where the work of people without a post is, by the features that know of it: an endpoint, or None for somebody else.
HOMES: list[Callable[[Actor], str | None]] = []


def home_of(actor: Actor) -> str:
    """The endpoint where a person's work or matters are."""
    if actor.body_ids:
        return "desk.inbox"
    if actor.city_ids:
        return "moderation_desk.queue"
    if actor.is_administrator:
        return "admin.index"
    return next((home for of in HOMES if (home := of(actor))), "complaints.mine")


@bp.get("/")
@allow(signed_in)
def landing() -> ResponseReturnValue:
    """After signing in."""
    return redirect(url_for(home_of(current_actor())), 303)


@bp.route("/settings", methods=["GET", "POST"])
@allow(signed_in)
def settings() -> ResponseReturnValue:
    """Name, language and delivery of letters."""
    contact = current_user.contact
    form = SettingsForm(name=current_user.name, locale=current_user.locale, delivery=contact.delivery if contact else "at_once")
    if form.sent():
        save_settings(db.session(), current_user._get_current_object(), utc_now(),
                      name=form.name.data, locale=form.locale.data, delivery=form.delivery.data)
        flash(gettext("Saved."), "success")
        return redirect(url_for("accounts.settings"), 303)
    return render_template("accounts/settings.html", form=form, email=current_user.email), 422 if form.errors else 200


@bp.route("/sign-out", methods=["GET", "POST"])
@public
def sign_out() -> ResponseReturnValue:
    """A page with one button."""
    form = ButtonForm()
    if form.sent():
        sessions.end_token(db.session(), session.get("device", ""))
        session.clear()
        logout_user()  # after clearing: it leaves the order to forget the "stay signed in" cookie
        return redirect(url_for("places.country"), 303)
    return render_template("accounts/sign_out.html", form=form), 422 if form.errors else 200


@bp.get("/check-mail")
@public
def check_mail() -> ResponseReturnValue:
    """After signing up: what to do next."""
    return render_template("accounts/check_mail.html")


@bp.route("/confirm-address/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    """Proves the address of a new account, by a button: mail scanners follow links. A used link signs nobody in."""
    expired, invalid, user = confirm_email_token_status(token)
    if expired or invalid or user is None or not user.active:
        return render_template("accounts/confirm_failed.html"), 410
    if user.confirmed_at is not None:
        return render_template("accounts/confirmed_before.html"), 410
    form = ButtonForm()
    if form.sent():
        confirm_user(user)
        flash(gettext("Your address is confirmed, you are signed in."), "success")
        return enter(user, "confirm", remember=True)
    return render_template("accounts/confirm.html", form=form, user=user), 422 if form.errors else 200
