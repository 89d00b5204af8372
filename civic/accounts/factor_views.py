"""One's own second factor: switching codes of an app on and off, recovery codes."""

from typing import Any

import segno
from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from civic.accounts import passkeys, two_factor, undoing
from civic.accounts.forms import ButtonForm
from civic.accounts.letters import tell
from civic.accounts.place import place, secret, settings
from civic.accounts.signing_in import factor_removed, leave_others, within
from civic.accounts.views import bp
from civic.accounts.way_forms import CodeForm, NewPasskeyForm
from civic.core.clock import utc_now
from civic.core.errors import DomainError
from civic.extensions import db
from civic.web import errors
from civic.web.access import allow, public, sensitive, signed_in
from civic.web.limits import failed


def person() -> Any:
    """The account itself, not Flask-Login's stand-in."""
    return current_user._get_current_object()


@bp.get("/second-factor")
@allow(signed_in)
def second_factor() -> ResponseReturnValue:
    """What there is: app, passkeys, recovery codes."""
    user = person()
    return render_template(
        "accounts/second_factor.html", has_app=two_factor.has_app(user), keys=passkeys.of(db.session(), user), left=len(user.mf_recovery_codes or []),
        required=settings().two_factor and two_factor.needs_second_factor(db.session(), user))


@bp.route("/second-factor/app", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def app_on() -> ResponseReturnValue:
    """The secret as a QR code and as words; a code of the app shows that it has it."""
    user, form = person(), CodeForm()
    kept = session.setdefault("new_app", two_factor.new_secret(secret()))
    if form.sent():
        try:
            good = two_factor.check_code(db.session(), user, str(form.code.data), secret(), utc_now(), secret=kept)
        except DomainError as error:
            flash(errors.message(error), "warning")
            return redirect(url_for("accounts.app_on"), 303)
        if good:
            session.pop("new_app")
            first = not two_factor.has_second_factor(db.session(), user)
            return _codes_once(two_factor.switch_on(db.session(), user, kept), first=first)
        failed()
        flash(gettext("This code is not right. Take the one that the app shows now."), "warning")
        return redirect(url_for("accounts.app_on"), 303)
    app = two_factor.app_of(secret()).from_source(kept)
    qr = segno.make(app.to_uri(user.email), error="m").svg_data_uri(scale=5, border=2, dark="#000", light="#fff")
    return render_template("accounts/app_on.html", form=form, qr=qr, key=app.pretty_key(), uri=app.to_uri(user.email)), 422 if form.errors else 200


@bp.route("/second-factor/app/off", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def app_off() -> ResponseReturnValue:
    """No codes of an app any more."""
    user, form = person(), ButtonForm()
    if form.sent():
        two_factor.switch_off(db.session(), user)
        factor_removed()
        tell(user, "factor_off")
        flash(gettext("Codes of the app are switched off."), "success")
        return redirect(url_for("accounts.second_factor"), 303)
    return render_template("accounts/app_off.html", form=form, keys=passkeys.of(db.session(), user)), 422 if form.errors else 200


@bp.route("/second-factor/codes", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def recovery_codes() -> ResponseReturnValue:
    """New recovery codes instead of those before; they are shown once."""
    user, form = person(), ButtonForm()
    if not two_factor.has_second_factor(db.session(), user):
        return redirect(url_for("accounts.second_factor"), 303)
    if form.sent():
        return _codes_once(two_factor.new_recovery_codes(db.session(), user))
    return render_template("accounts/recovery_codes.html", form=form, left=len(user.mf_recovery_codes or [])), 422 if form.errors else 200


def _codes_once(codes: list[str], *, first: bool = False) -> ResponseReturnValue:
    """The page with the codes: the only one that ever shows them. A new factor counts at this device from now on. first: there was none."""
    current_user.here.second_factor = True
    leave_others()
    tell(person(), "first_factor" if first else "factor_on")
    onward = session.pop("after_factor", "")
    return render_template("accounts/codes.html", codes=codes, onward=within(onward) if onward else url_for("accounts.second_factor"))


@bp.route("/second-factor/undo/<token>", methods=["GET", "POST"])
@public
def factor_undo(token: str) -> ResponseReturnValue:
    """The link of the letter about a first factor: a button takes it back."""
    user, form = undoing.person(db.session(), token, secret()), ButtonForm()
    sent = form.sent()
    if user is None or (sent and not undoing.undo(db.session(), user, token, utc_now())):
        return errors.page(410, gettext("This link does not work any more"), gettext("It is too old, was used already, or was not copied whole."))
    if sent:
        flash(gettext("It is undone. Now choose a new password: we send the link to your address."), "success")
        return redirect(url_for("security.forgot_password"), 303)
    return render_template("accounts/factor_undo.html", form=form, user=user), 422 if form.errors else 200


def after_passkey() -> ResponseReturnValue:
    """A first passkey brings recovery codes too."""
    if not person().mf_recovery_codes:
        first = not two_factor.has_app(person()) and len(passkeys.of(db.session(), person())) == 1
        return _codes_once(two_factor.new_recovery_codes(db.session(), person()), first=first)
    current_user.here.second_factor = True
    leave_others()
    tell(person(), "factor_on")
    flash(gettext("The passkey is added."), "success")
    return redirect(url_for("accounts.second_factor"), 303)


def new_passkey_page(form: NewPasskeyForm) -> ResponseReturnValue:
    """The page where a passkey is added."""
    challenge = passkeys.to_add(db.session(), place(), person())
    return render_template("accounts/passkey_add.html", form=form, challenge=challenge), 422 if form.errors else 200
