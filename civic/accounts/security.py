"""Flask-Security as the product uses it: own templates and words, letters through the outbox, no state changed by a link."""

import secrets
from datetime import timedelta
from time import perf_counter, sleep
from typing import Any

from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import format_timedelta, gettext
from flask_login import current_user
from flask_security.confirmable import confirm_user
from flask_security.mail_util import MailUtil
from flask_security.password_util import PasswordUtil
from flask_security.signals import password_reset, user_confirmed, user_registered
from wtforms import Form as AnyForm
from wtforms.form import BaseForm

from civic.accounts import forms
from civic.accounts.links import SELDOM
from civic.accounts.models import User
from civic.accounts.passwords import is_guessable
from civic.accounts.service import claim_contact
from civic.config import ROOT
from civic.core.clock import utc_now
from civic.core.text import mailbox_of
from civic.jobs.service import enqueue
from civic.limits.service import mark_of
from civic.web.access import sensitive, spare_strangers
from civic.web.locale import LANG, language

SECURITY: dict[str, object] = {
    "SECURITY_CLI_USERS_NAME": "", "SECURITY_CLI_ROLES_NAME": "",  # its commands would change accounts past the trail and leave work with who is gone
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
    "SECURITY_CACHE_CONTROL": {"no-store": None},  # its own default is written «no-store=True», which no browser knows
    "SECURITY_REDIRECT_BEHAVIOR": None,
    "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    "SECURITY_DEFAULT_REMEMBER_ME": True,
    "SESSION_REFRESH_EACH_REQUEST": False,  # the cookie is renewed once an hour, see signing_in: two answers at once would undo each other
    "ANSWER_TAKES": 0.25,
}
#: What is sent here tells nobody by its time whether an account exists: the answer takes ANSWER_TAKES seconds, or the next multiple.
SAME_TIME = frozenset({"security.login", "security.register", "security.forgot_password", "security.send_confirmation", "accounts.link_ask"})


#: Letters that anybody can order for anybody: of each kind a mailbox gets one in ``links.SELDOM`` seconds, as of links for signing in.
ORDERED = frozenset({"welcome_existing", "confirmation_instructions", "reset_instructions"})


class OutboxMail(MailUtil):
    """Letters of Flask-Security go through the outbox like all others; addresses are kept in lower case like those of contacts."""

    def normalize(self, email: str) -> str:
        return str(super().normalize(email)).lower()

    def validate(self, email: str) -> str:
        return str(super().validate(email)).lower()

    def send_mail(self, template: str, subject: str, recipient: str | tuple[str, str], sender: Any, body: str | None,
                  html: str | None, **kwargs: Any) -> None:
        from civic.extensions import db

        payload, now, mark = {"to": recipient, "subject": str(subject), "text": body, "locale": language()}, utc_now(), secrets.token_hex(12)
        if template in ORDERED:
            mark = f"{template}:{mark_of(db.session(), mailbox_of(str(recipient)), now)}:{int(now.timestamp()) // SELDOM}"
        enqueue(db.session(), "plain_mail", f"security:{mark}", payload, now)


class PasswordGuard(PasswordUtil):
    """Passwords that are tried first are refused, at sign-up and wherever one is changed."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        wrong, normal = super().validate(password, is_register, **kwargs)
        user = kwargs.get("user")
        own = (user.name, user.email) if user is not None else (str(kwargs.get("name") or ""), str(kwargs.get("email") or ""))
        if not wrong and is_guessable(normal, own):
            wrong = [gettext("This password is among those that are tried first. Take a few words that do not belong together.")]
        return wrong, normal


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


def _for_sign_in() -> dict[str, Any]:
    """What the sign-in page lists beside the password."""
    from civic.accounts.passkey_views import to_sign_in
    from civic.accounts.ways import ways_in

    return {"passkey_to_show": to_sign_in, "ways_in": lambda: ways_in(current_app.settings)}  # type: ignore[attr-defined]


def bind(app: Flask) -> None:
    """Flask-Security on the app, and contacts that follow its signals."""
    from civic.extensions import security, user_datastore

    security.init_app(
        app, user_datastore, render_template=render, login_form=forms.Login,
        register_form=forms.Register, forgot_password_form=forms.ForgotPassword, reset_password_form=forms.ResetPassword,
        change_password_form=forms.ChangePassword, send_confirmation_form=forms.SendConfirmation,
    )
    security.want_json(lambda _request: False)
    spare_strangers(app, security.principal)
    security.mail_context_processor(_for_letters)
    security.login_context_processor(_for_sign_in)
    _follow_signals(app)
    _guard(app)
    _take_same_time(app)

    from civic.accounts import signing_in

    signing_in.bind(app)


def _follow_signals(app: Flask) -> None:
    from civic.extensions import db

    @user_registered.connect_via(app)
    def remember_language(_app: Flask, user: User, **extra: Any) -> None:
        user.locale = g.get("lang") or language()

    @user_confirmed.connect_via(app)
    def claim(_app: Flask, user: User, **extra: Any) -> None:
        claim_contact(db.session(), user, utc_now())

    @password_reset.connect_via(app)
    def address_is_proven(_app: Flask, user: User, **extra: Any) -> None:
        confirm_user(user)


def _guard(app: Flask) -> None:
    """Pages of Flask-Security that would do more than ours allow."""

    @app.before_request
    def no_second_door() -> None:
        """Flask-Security would take JSON for a form, past what is counted of forms, and answer a sign-in in JSON with a token of its own."""
        if request.blueprint == "security" and request.is_json:
            abort(415)

    @app.before_request
    def no_state_by_link() -> None:
        """Flask-Security would confirm an address by GET; ours is a page with a button (``accounts.confirm``)."""
        if request.endpoint == "security.confirm_email":
            abort(404)

    @app.before_request
    def first_password() -> Response | None:
        """Who has no password yet gives none before the first one, so it takes another proof."""
        if request.endpoint == "security.change_password" and current_user.is_authenticated and current_user.password is None:
            return sensitive(lambda: None)()
        return None


def _take_same_time(app: Flask) -> None:
    @app.before_request
    def look_at_the_clock() -> None:
        g.began = perf_counter()

    @app.after_request
    def same_time(response: Response) -> Response:
        """The transaction is over by now, so nobody waits for the sleeper but who asked."""
        step = app.config["ANSWER_TAKES"] if "began" in g else 0  # a form without its token was refused before the clock was looked at
        if step and request.method == "POST" and request.endpoint in SAME_TIME:
            sleep(step - (perf_counter() - g.began) % step)
        return response
