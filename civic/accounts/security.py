"""Flask-Security as the product uses it: own templates and words, letters through the outbox, no state changed by a link."""

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import format_timedelta
from flask_security.confirmable import confirm_user
from flask_security.mail_util import MailUtil
from flask_security.signals import password_reset, user_confirmed, user_registered
from wtforms import Form as AnyForm
from wtforms.form import BaseForm

from civic.accounts import forms
from civic.accounts.models import User
from civic.accounts.service import claim_contact
from civic.config import ROOT
from civic.core.clock import utc_now
from civic.jobs.service import enqueue
from civic.web.access import spare_strangers
from civic.web.locale import LANG, language

SECURITY: dict[str, object] = {
    "SECURITY_URL_PREFIX": f"/{LANG}/account", "SECURITY_STATIC_FOLDER": None,
    "SECURITY_REGISTERABLE": True, "SECURITY_CONFIRMABLE": True, "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True, "SECURITY_TRACKABLE": False,
    "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=2), "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
    "SECURITY_FRESHNESS": timedelta(minutes=-1),  # closes /verify: whoever changes a password gives the present one
    "SECURITY_LOGOUT_METHODS": None,  # ours is accounts.sign_out
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_PASSWORD_HASH": "argon2", "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
    # what stands in links: signed anyway, so the default of half a million rounds would only cost time
    "SECURITY_HASHING_SCHEMES": ["hex_sha256"], "SECURITY_DEPRECATED_HASHING_SCHEMES": [],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
    "SECURITY_I18N_DIRNAME": [str(ROOT / "civic" / "translations"), "builtin"],
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_POST_LOGIN_VIEW": "accounts.landing", "SECURITY_POST_REGISTER_VIEW": "accounts.check_mail",
    "SECURITY_POST_CHANGE_VIEW": "accounts.settings",
    "SECURITY_REDIRECT_BEHAVIOR": None,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_DEFAULT_REMEMBER_ME": True,
}


class OutboxMail(MailUtil):
    """Letters of Flask-Security go through the outbox like all others; addresses are kept in lower case like those of contacts."""

    def normalize(self, email: str) -> str:
        return str(super().normalize(email)).lower()

    def validate(self, email: str) -> str:
        return str(super().validate(email)).lower()

    def send_mail(self, template: str, subject: str, recipient: str | tuple[str, str], sender: Any, body: str | None,
                  html: str | None, **kwargs: Any) -> None:
        from civic.extensions import db

        payload = {"to": recipient, "subject": str(subject), "text": body, "locale": language()}
        enqueue(db.session(), "plain_mail", f"security:{secrets.token_hex(12)}", payload, utc_now())


def render(template: str, **context: Any) -> str | Response:
    """A page or a letter of Flask-Security; pages know their form as ``form``.

    Drawing a page again after POST means one of two: errors, then the status is 422; or a letter that was ordered, then
    the browser is led to the page anew, so that a reload orders nothing.
    """
    if template.endswith(".txt"):
        return render_template(template, **context)
    form = next(value for value in context.values() if isinstance(value, BaseForm | AnyForm))
    if request.method == "POST" and not form.errors:
        return redirect(request.path, 303)  # type: ignore[return-value]
    form.form_errors = list(dict.fromkeys(form.form_errors))
    return make_response(render_template(template, form=form, **context), 422 if form.errors else 200)


def _for_letters() -> dict[str, Any]:
    """What letters use: addresses under the configured host (never the one that the request names), and terms in words."""

    def link(endpoint: str, **values: Any) -> str:
        return str(current_app.settings.public_url) + url_for(endpoint, **values)  # type: ignore[attr-defined]

    def term(setting: str) -> str:
        return format_timedelta(current_app.config[f"SECURITY_{setting}"])

    return {"link": link, "term": term}


def bind(app: Flask) -> None:
    """Flask-Security on the app, and contacts that follow its signals."""
    from civic.extensions import db, security, user_datastore

    security.init_app(
        app, user_datastore, render_template=render, login_form=forms.Login,
        register_form=forms.Register, forgot_password_form=forms.ForgotPassword, reset_password_form=forms.ResetPassword,
        change_password_form=forms.ChangePassword, send_confirmation_form=forms.SendConfirmation,
    )
    spare_strangers(app, security.principal)
    security.mail_context_processor(_for_letters)

    @user_registered.connect_via(app)
    def remember_language(_app: Flask, user: User, **extra: Any) -> None:
        user.locale = g.get("lang") or language()

    @user_confirmed.connect_via(app)
    def claim(_app: Flask, user: User, **extra: Any) -> None:
        claim_contact(db.session(), user, utc_now())

    @password_reset.connect_via(app)
    def address_is_proven(_app: Flask, user: User, **extra: Any) -> None:
        confirm_user(user)

    @app.before_request
    def no_state_by_link() -> None:
        """Flask-Security would confirm an address by GET; ours is a page with a button (``accounts.confirm``)."""
        if request.endpoint == "security.confirm_email":
            abort(404)
