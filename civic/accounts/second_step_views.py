"""The second proof at sign-in, and the page for those who need a second factor and have none yet."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import NotFound

from civic.accounts import identities, passkeys, two_factor
from civic.accounts.forms import ButtonForm
from civic.accounts.models import User
from civic.accounts.place import place, secret
from civic.accounts.signing_in import enter, half_way, within
from civic.accounts.views import bp
from civic.accounts.way_forms import CodeForm, PasskeyForm
from civic.core.clock import utc_now
from civic.core.errors import DomainError
from civic.extensions import db
from civic.web import errors
from civic.web.access import allow, public, signed_in
from civic.web.limits import failed


@bp.route("/second-step", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    """Code of the app, or passkey. Who has given no password (or link) within ten minutes begins at the beginning."""
    found = half_way()
    if found is None:
        return redirect(url_for("security.login"), 303)
    user, half = found
    form = CodeForm()
    if form.sent():
        if _code_is_good(user, str(form.code.data)):
            return _complete(user, half)
        failed()
        return redirect(url_for("accounts.second_step"), 303)
    keys = passkeys.to_show(db.session(), place(), user) if two_factor.has_passkey(db.session(), user) else None
    return render_template("accounts/second_step.html", form=form, user=user, has_app=two_factor.has_app(user), challenge=keys,
                           recovery=bool(user.mf_recovery_codes), passkey_form=PasskeyForm(formdata=None)), 422 if form.errors else 200


@bp.post("/second-step/passkey")
@public
def second_step_passkey() -> ResponseReturnValue:
    """The same by a passkey."""
    found, form = half_way(), PasskeyForm()
    if found is None or not form.sent():
        return redirect(url_for("security.login"), 303)
    user, half = found
    try:
        passkeys.show(db.session(), place(), utc_now(), token=form.challenge.data or "", answer=form.credential.data or "", user=user)
    except DomainError as error:
        failed()
        flash(errors.message(error), "warning")
        return redirect(url_for("accounts.second_step"), 303)
    return _complete(user, half)


def _code_is_good(user: User, code: str) -> bool:
    """A code of the app or of the paper. A wrong one leads to the page anew, so that it is counted."""
    try:
        if two_factor.check_code(db.session(), user, code, secret(), utc_now()):
            return True
        if two_factor.is_recovery_code(code) and two_factor.use_recovery_code(db.session(), user, code, utc_now()):
            left = len(user.mf_recovery_codes or [])
            flash(gettext("The recovery code is used up. Codes left: %(count)s.", count=left), "info")
            return True
    except DomainError as error:
        flash(errors.message(error), "warning")
        return False
    flash(gettext("This code is not right. Take the one that the app shows now."), "warning")
    return False


def _complete(user: User, half: dict[str, object]) -> ResponseReturnValue:
    match half.get("join"):
        case [str(issuer), str(subject)]:
            identities.join(db.session(), user, issuer, subject, utc_now())
    return enter(user, str(half["way"]), remember=bool(half["remember"]), leads_to=str(half["next"]), second_factor=True)


@bp.route("/second-factor/due", methods=["GET", "POST"])
@allow(signed_in)
def second_factor_due() -> ResponseReturnValue:
    """Why a second factor is needed, and the ways to one. One sign-in is possible without."""
    if not current_app.settings.two_factor or not two_factor.needs_second_factor(db.session(), current_user):  # type: ignore[attr-defined]
        raise NotFound
    form, leads_to = ButtonForm(), request.args.get("next", "")
    if form.sent():
        two_factor.waive(db.session(), current_user._get_current_object(), utc_now())
        current_user.here.waived = True
        return redirect(within(leads_to), 303)
    session["after_factor"] = leads_to
    return render_template("accounts/second_factor_due.html", form=form, may_wait=current_user.second_factor_waived_at is None,
                           has_factor=two_factor.has_second_factor(db.session(), current_user)), 422 if form.errors else 200
