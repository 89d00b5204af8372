"""Signing in through the provider of OpenID Connect that the settings name."""

import time
from typing import Any

import structlog
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.accounts import identities, two_factor
from civic.accounts.forms import one_line
from civic.accounts.letters import tell
from civic.accounts.models import User
from civic.accounts.oidc import Claims, Provider, ProviderFailed
from civic.accounts.place import settings
from civic.accounts.signing_in import ask_second, enter
from civic.accounts.views import bp
from civic.accounts.way_forms import LinkForm
from civic.accounts.ways import Way
from civic.config import Settings
from civic.core.clock import utc_now
from civic.core.errors import DomainError
from civic.extensions import db
from civic.web import errors
from civic.web.access import public
from civic.web.headers import leave_for
from civic.web.locale import language

log = structlog.get_logger()
#: The address that is registered at the provider: one for all languages.
returns = Blueprint("oidc", __name__)
#: Seconds that somebody may stay at the provider, and then before our button.
TERM = 600


def way(known: Settings) -> Way | None:
    """For the sign-in page."""
    if known.oidc is None:
        return None
    return Way("oidc", gettext("Sign in with %(name)s", name=known.oidc.name), url_for("accounts.oidc_start"))


def bind(app: Flask, known: Settings) -> None:
    """The provider of these settings, when there is one."""
    app.register_blueprint(returns)
    app.extensions["civic_oidc"] = Provider(known.oidc, known.outgoing_private) if known.oidc else None


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions["civic_oidc"]
    if provider is None:
        raise ProviderFailed("no provider is set")
    return provider


def _redirect_uri() -> str:
    return settings().public_url + url_for("oidc.back")


@bp.get("/oidc")
@public
def oidc_start() -> ResponseReturnValue:
    """To the provider. What must come back is kept in the session; the database is not touched."""
    try:
        start = _provider().start(_redirect_uri(), language())
    except ProviderFailed as error:
        return _failed(error)
    session["oidc"] = {"state": start.state, "nonce": start.nonce, "verifier": start.verifier, "next": request.args.get("next", "")[:2000],
                       "lang": language(), "at": int(time.time())}
    return leave_for(start.address)  # the provider names it of itself


@returns.get("/oidc/return")
@public
def back() -> ResponseReturnValue:
    """From the provider to the page in the visitor's language."""
    lang = (session.get("oidc") or {}).get("lang", "kk")
    said: dict[str, Any] = {name: value for name, value in request.args.items() if name in ("code", "state", "iss", "error")}
    return redirect(url_for("accounts.oidc_return", lang=lang, **said), 303)


@bp.get("/oidc/return")
@public
def oidc_return() -> ResponseReturnValue:
    """Ask the provider who it is, before anything is written; then a page with a button."""
    begun, args = _begun(), request.args
    if begun is None or not args.get("state") or args["state"] != begun["state"] or not args.get("code"):
        log.info("oidc_not_finished", error=args.get("error", "")[:40])
        return _failed(None)
    try:
        claims = _provider().finish(_redirect_uri(), args["code"], begun["verifier"], begun["nonce"], args.get("iss"))
    except ProviderFailed as error:
        return _failed(error)
    session.pop("oidc")
    session["vouched"] = {"claims": [claims.issuer, claims.subject, claims.email, claims.verified, one_line(claims.name)],
                          "next": begun["next"], "at": int(time.time())}
    return redirect(url_for("accounts.oidc_enter"), 303)


@bp.route("/oidc/enter", methods=["GET", "POST"])
@public
def oidc_enter() -> ResponseReturnValue:
    """The button: nothing that a link leads to signs anybody in by itself."""
    kept = session.get("vouched")
    if not kept or time.time() - kept["at"] > TERM:
        return _failed(None)
    claims, form = Claims(*kept["claims"]), LinkForm()
    if form.sent():
        session.pop("vouched")
        try:
            return _enter(claims, kept["next"], remember=bool(form.remember.data))
        except DomainError as error:
            db.session.rollback()
            flash(errors.message(error), "warning")
            return redirect(url_for("security.login"), 303)
    provider = settings().oidc
    return render_template("accounts/oidc_enter.html", form=form, claims=claims, provider=provider.name if provider else ""), 422 if form.errors else 200


def _enter(claims: Claims, leads_to: str, *, remember: bool) -> ResponseReturnValue:
    now = utc_now()
    user = identities.known(db.session(), claims.issuer, claims.subject)
    joined = user is not None
    if user is None:
        user = identities.account_for(db.session(), claims.email, verified=claims.verified, name=claims.name, locale=language(), now=now)
    if not user.active:
        raise identities.IdentityRefused()
    if not joined and two_factor.has_second_factor(db.session(), user):  # the second factor decides, then they are joined
        answer = ask_second(user, "oidc", remember=remember, leads_to=leads_to, join=[claims.issuer, claims.subject])
        return answer or redirect(url_for("security.login"), 303)
    if not joined:
        _join(user, claims)
    return ask_second(user, "oidc", remember=remember, leads_to=leads_to) or enter(user, "oidc", remember=remember, leads_to=leads_to)


def _join(user: User, claims: Claims) -> None:
    provider = settings().oidc
    if identities.join(db.session(), user, claims.issuer, claims.subject, utc_now()) and provider is not None:
        tell(user, "joined", provider=provider.name)


def _begun() -> dict[str, Any] | None:
    begun = session.get("oidc")
    return begun if isinstance(begun, dict) and time.time() - begun["at"] <= TERM else None


def _failed(error: ProviderFailed | None) -> ResponseReturnValue:
    """Nothing has changed; why is in the log, which holds no token."""
    if error is not None:
        log.warning("oidc_failed", reason=str(error))
    provider = settings().oidc
    return render_template("accounts/oidc_failed.html", provider=provider.name if provider else ""), 404 if provider is None else 502 if error else 410
