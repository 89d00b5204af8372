"""Passkeys: signing in by one, adding, renaming, removing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from civic.accounts import passkeys
from civic.accounts.factor_views import after_passkey, new_passkey_page, person
from civic.accounts.forms import ButtonForm
from civic.accounts.letters import tell
from civic.accounts.models import WebAuthn
from civic.accounts.place import place
from civic.accounts.signing_in import enter, factor_removed
from civic.accounts.views import bp
from civic.accounts.way_forms import NameForm, NewPasskeyForm, PasskeySignInForm
from civic.core.clock import utc_now
from civic.core.errors import DomainError, InputRefused
from civic.extensions import db
from civic.web import errors
from civic.web.access import allow, public, sensitive, signed_in
from civic.web.limits import failed


def to_sign_in() -> dict[str, object]:
    """For the sign-in page: a challenge for any passkey of this site, and the form of its answer."""
    form = PasskeySignInForm(formdata=None, next=request.args.get("next", "")[:2000])
    return {"form": form, "challenge": passkeys.to_show(db.session(), place())}


@bp.post("/passkey")
@public
def passkey_sign_in() -> ResponseReturnValue:
    """Sign in by a passkey, which has asked for a finger or a PIN: both factors at once."""
    form = PasskeySignInForm()
    try:
        if not form.sent():
            raise InputRefused("seen", "passkey_failed")
        user = passkeys.show(db.session(), place(), utc_now(), token=form.challenge.data or "", answer=form.credential.data or "")
    except DomainError as error:
        failed()
        flash(errors.message(error), "warning")
        return redirect(url_for("security.login", next=form.next.data or None), 303)
    return enter(user, "passkey", remember=True, leads_to=form.next.data or "", second_factor=True)


@bp.route("/passkeys/add", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def passkey_add() -> ResponseReturnValue:
    """Add one, under a name."""
    form = NewPasskeyForm()
    if form.sent():
        try:
            passkeys.add(db.session(), place(), person(), utc_now(), name=str(form.name.data), token=form.challenge.data or "", answer=form.credential.data or "")
        except InputRefused as error:
            errors.on_form(form, error)
        else:
            return after_passkey()
    return new_passkey_page(form)


@bp.route("/passkeys/<int:passkey_id>", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def passkey_rename(passkey_id: int) -> ResponseReturnValue:
    """Another name."""
    passkey = _mine(passkey_id)
    form = NameForm(name=passkey.name)
    if form.sent():
        try:
            passkeys.rename(db.session(), person(), passkey, str(form.name.data))
        except InputRefused as error:
            errors.on_form(form, error)
        else:
            flash(gettext("Saved."), "success")
            return redirect(url_for("accounts.second_factor"), 303)
    return render_template("accounts/passkey_rename.html", form=form, passkey=passkey), 422 if form.errors else 200


@bp.route("/passkeys/<int:passkey_id>/remove", methods=["GET", "POST"])
@allow(signed_in)
@sensitive
def passkey_remove(passkey_id: int) -> ResponseReturnValue:
    """It opens the account no more."""
    passkey, form = _mine(passkey_id), ButtonForm()
    if form.sent():
        passkeys.remove(db.session(), person(), passkey)
        factor_removed()
        tell(person(), "factor_off")
        flash(gettext("The passkey is removed."), "success")
        return redirect(url_for("accounts.second_factor"), 303)
    return render_template("accounts/passkey_remove.html", form=form, passkey=passkey), 422 if form.errors else 200


def _mine(passkey_id: int) -> WebAuthn:
    passkey = passkeys.one_of(db.session(), person(), passkey_id)
    if passkey is None:
        raise NotFound
    return passkey
