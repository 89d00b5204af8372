"""Where one is signed in; and showing again who is there, before sensitive steps."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security.utils import verify_and_update_password

from civic.accounts import links, passkeys, sessions, two_factor
from civic.accounts.factor_views import person
from civic.accounts.forms import ButtonForm
from civic.accounts.place import place, secret
from civic.accounts.signing_in import leave_others, within
from civic.accounts.signing_in import prove as note_proof
from civic.accounts.views import bp
from civic.accounts.way_forms import CodeForm, PasskeyForm, PasswordProofForm
from civic.core.clock import utc_now
from civic.core.errors import DomainError
from civic.extensions import db, security
from civic.web import errors
from civic.web.access import allow, signed_in
from civic.web.limits import failed
from civic.web.locale import language


@bp.get("/devices")
@allow(signed_in)
def devices() -> ResponseReturnValue:
    """Where one is signed in."""
    return render_template("accounts/devices.html", devices=sessions.current(db.session(), current_user.id, utc_now()), here=current_user.here.id,
                           form=ButtonForm(formdata=None))


@bp.post("/devices/<int:session_id>/end")
@allow(signed_in)
def device_end(session_id: int) -> ResponseReturnValue:
    """Sign one device out. This one has a page of its own for it."""
    if ButtonForm().sent() and session_id != current_user.here.id:
        sessions.end(db.session(), current_user.id, session_id)
        flash(gettext("That device is signed out."), "success")
    return redirect(url_for("accounts.devices"), 303)


@bp.post("/devices/end-others")
@allow(signed_in)
def devices_end() -> ResponseReturnValue:
    """Sign all others out."""
    if ButtonForm().sent():
        leave_others()
        flash(gettext("All other devices are signed out."), "success")
    return redirect(url_for("accounts.devices"), 303)


@bp.get("/prove")
@allow(signed_in)
def prove() -> ResponseReturnValue:
    """The ways in which this person can show who is there."""
    user = person()
    keys = passkeys.to_show(db.session(), place(), user) if two_factor.has_passkey(db.session(), user) else None
    return render_template(
        "accounts/prove.html", password_form=PasswordProofForm(formdata=None) if user.password else None, challenge=keys,
        code_form=CodeForm(formdata=None) if two_factor.has_app(user) else None, passkey_form=PasskeyForm(formdata=None),
        letter_form=None if two_factor.has_second_factor(db.session(), user) else ButtonForm(formdata=None), leads_to=request.args.get("next", ""))


@bp.post("/prove/<any(password, code, passkey, letter):how>")
@allow(signed_in)
def prove_by(how: str) -> ResponseReturnValue:
    """One of them. A wrong one leads back, so that it is counted."""
    leads_to = request.args.get("next", "")
    try:
        two_factor.refuse_guessing(db.session(), person(), utc_now())
        if how == "letter":
            return _order_letter(leads_to)
        if {"password": _by_password, "code": _by_code, "passkey": _by_passkey}[how]():
            note_proof()
            return redirect(within(leads_to), 303)
    except DomainError as error:
        flash(errors.message(error), "warning")
    else:
        flash(gettext("That was not right. Please try again."), "warning")
    failed()
    return redirect(url_for("accounts.prove", next=leads_to or None), 303)


@bp.route("/prove/link/<token>", methods=["GET", "POST"])
@allow(signed_in)
def prove_link(token: str) -> ResponseReturnValue:
    """The page of the link in the letter: good for the device that asked for it."""
    found = links.person(db.session(), token, secret(), "prove")
    if found is None or found[0].id != current_user.id or found[2] != current_user.here.id or two_factor.has_second_factor(db.session(), person()):
        return render_template("accounts/prove_failed.html"), 410
    form = ButtonForm()
    if form.sent():
        if not links.use(db.session(), found[0], token, utc_now()):
            return render_template("accounts/prove_failed.html"), 410
        note_proof()
        return redirect(within(found[1]), 303)
    return render_template("accounts/prove_link.html", form=form), 422 if form.errors else 200


def _order_letter(leads_to: str) -> ResponseReturnValue:
    user = person()
    if ButtonForm().sent() and not two_factor.has_second_factor(db.session(), user):
        links.order(db.session(), user.email, language(), utc_now(), purpose="prove", leads_to=leads_to, device=user.here.id)
        flash(gettext("We have sent a letter. Open its link on this device, within 15 minutes."), "success")
    return redirect(url_for("accounts.prove", next=leads_to or None), 303)


def _by_password() -> bool:
    form, user = PasswordProofForm(), person()
    good = bool(form.sent() and user.password and verify_and_update_password(security.password_util.normalize(form.password.data), user))
    two_factor.count_proof(user, good, utc_now())
    return good


def _by_code() -> bool:
    form = CodeForm()
    return form.sent() and two_factor.has_app(person()) and two_factor.check_code(db.session(), person(), str(form.code.data), secret(), utc_now())


def _by_passkey() -> bool:
    form = PasskeyForm()
    if not form.sent():
        return False
    passkeys.show(db.session(), place(), utc_now(), token=form.challenge.data or "", answer=form.credential.data or "", user=person())
    return True
