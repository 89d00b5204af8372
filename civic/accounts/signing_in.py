"""From a first proof to a signed-in browser: the second step between them, the sign-in kept on the server, who may go where."""

import time
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, user_logged_in
from flask_security.signals import password_changed, password_reset
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user, set_request_attr, validate_redirect_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from civic.accounts import identities, sessions, two_factor
from civic.accounts.devices import browser_of, system_of
from civic.accounts.models import User
from civic.accounts.queries import is_alone
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.extensions import db
from civic.web import access

#: Seconds between the first proof and the second.
HALF_WAY = 600
#: Pages that lead to a second factor must be open without one.
_OPEN = frozenset({"accounts", "passkeys"})


class SecondStep(TfPlugin):
    """Flask-Security asks it after a good password."""

    def tf_enter(self, user: Any, remember_me: bool | None, primary_authn_via: str, next_loc: str | None) -> Any:
        """Lead to the second step, or None when there is none."""
        return ask_second(user, primary_authn_via, remember=bool(remember_me), leads_to=request.form.get("next", ""))


def ask_second(user: User, way: str, *, remember: bool, leads_to: str = "", **kept: Any) -> ResponseReturnValue | None:
    """Remember who is half-way and lead to the page of the second proof; None for one who has no second factor.

    kept: what the browser carries to the end, such as the identity of a provider that is to be joined.
    """
    if not two_factor.has_second_factor(db.session(), user):
        g.way = way
        return None
    session["half"] = {"user": user.id, "key": user.fs_uniquifier, "way": way, "remember": remember, "next": leads_to, "at": int(time.time()), **kept}
    return redirect(url_for("accounts.second_step"), 303)


def half_way() -> tuple[User, dict[str, Any]] | None:
    """Who has given the first proof within HALF_WAY and not the second, and what was kept; None for anybody else."""
    half = session.get("half")
    if not isinstance(half, dict) or not 0 <= time.time() - half["at"] <= HALF_WAY:
        return None
    user = db.session.get(User, half["user"])
    return (user, half) if user is not None and user.active and user.fs_uniquifier == half["key"] else None


def enter(user: User, way: str, *, remember: bool, leads_to: str = "", second_factor: bool = False) -> ResponseReturnValue:
    """Sign in and go where the visitor wanted, within the site."""
    session.pop("half", None)
    g.way, g.second_factor = way, second_factor
    login_user(user, remember=remember, authn_via=[way])
    return redirect(within(leads_to), 303)


def within(address: str) -> str:
    """An address that came from outside: within the site it stays, else it is the landing page."""
    plain = address[:1] == "/" and address[:2] != "//" and address.isprintable() and "\\" not in address and len(address) < 2000
    good = plain and validate_redirect_url(address)
    return address if good else url_for("accounts.landing")


def prove() -> None:
    """Somebody has just shown again who they are."""
    current_user.here.proven_at = utc_now()


def leave_others() -> None:
    """Sign all other devices of the person out."""
    sessions.end_others(db.session(), current_user.id, current_user.here.id)


def factor_removed() -> None:
    """The last factor gone, this device has none either: who needs one is asked for it at the next page. All others sign in anew."""
    if not two_factor.has_second_factor(db.session(), current_user):
        current_user.here.second_factor = False
    leave_others()


def bind(app: Flask) -> None:
    """Sessions of Flask-Login are ours: kept on the server, ended there."""
    app.extensions["security"].two_factor_plugins = SecondStep()
    app.login_manager.user_loader(_load)  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]  # Flask-Security's tokens outlive the sign-in and know no second factor
    app.login_manager.session_protection = None  # type: ignore[attr-defined]  # a phone changes its address all day
    user_logged_in.connect(_remember_device, app)
    password_changed.connect(_end_others, app)
    password_reset.connect(_end_all, app)
    if _barrier not in access.BARRIERS:
        access.BARRIERS.append(_barrier)
    if _alone not in access.STILL_ALONE:
        access.STILL_ALONE.append(_alone)
    app.after_request(_note_seen)


def _load(uniquifier: str) -> User | None:
    found = sessions.find(db.session(), uniquifier, str(session.get("device", "")), utc_now())
    if found is None:
        return None
    user, here = found
    user.here = here
    set_request_attr("fs_authn_via", "session")
    user.one_proof = bool(current_app.settings.two_factor) and not _enough(user)  # type: ignore[attr-defined]
    if user.here.seen_at < sessions.hour(utc_now()):
        g.seen_anew = user.here.id
    return user


def _remember_device(_app: Flask, user: User, **extra: Any) -> None:
    """Flask-Login has put the account into the cookie; here its own token joins it. Its "remember me" cookie is not used."""
    remember = session.pop("_remember", None) == "set"
    session.pop("_remember_seconds", None)
    agent = request.user_agent.string
    sign_in = sessions.SignIn(g.get("way", "password"), g.get("second_factor", False), remember, browser_of(agent), system_of(agent))
    here = getattr(user, "here", None)
    if here is not None and "way" not in g:  # a changed password: the same person at the same device
        sign_in = sessions.SignIn(here.way, here.second_factor, here.remembered, here.browser, here.system)
    waived = here is not None and here.waived
    session.pop("new_app", None)  # an app that somebody else began to set up in this browser
    if former := session.get("device"):
        sessions.end_token(db.session(), former)
    session.permanent = sign_in.remembered
    session["device"], user.here = sessions.begin(db.session(), user, sign_in, utc_now())
    user.here.waived, user.one_proof = waived, False


def _end_others(_app: Flask, user: User, **extra: Any) -> None:
    """A changed password signs everybody else out."""
    sessions.end_others(db.session(), user.id, user.here.id)


def _end_all(_app: Flask, user: User, **extra: Any) -> None:
    """A password chosen by a letter ends everything that somebody else may have begun: a provider is joined anew at its next sign-in."""
    sessions.end_others(db.session(), user.id)
    identities.leave(db.session(), user)


def _alone(contact_id: int) -> bool:
    return is_alone(db.session(), contact_id)


def _enough(user: User) -> bool:
    """This device came in with a second proof, or by the one sign-in without, which lasts ``two_factor.GRACE``."""
    put_off = user.second_factor_waived_at
    return user.here.second_factor or (user.here.waived and put_off is not None and utc_now() - put_off < two_factor.GRACE)


def _barrier() -> ResponseReturnValue | None:
    """Who needs a second factor sets it up before anything else that needs an account; once it can be put off."""
    if not current_app.settings.two_factor or request.blueprint in _OPEN or not access.knows_visitor():  # type: ignore[attr-defined]
        return None
    if not current_user.is_authenticated or _enough(current_user):
        return None
    if not two_factor.needs_second_factor(db.session(), current_user):
        return None
    return redirect(url_for("accounts.second_factor_due", next=request.full_path.rstrip("?") if request.method == "GET" else None), 303)


def _note_seen(response: Response) -> Response:
    """Once in an hour the device is noted as seen, beside the request's own transaction; while others write it waits for the next page."""
    if (session_id := g.pop("seen_anew", None)) is not None:
        session.modified = True  # the cookie's term begins anew too
        try:
            with Session(db.engine) as own:
                begin_write(own)
                sessions.touch(own, session_id, utc_now())
                own.commit()
        except OperationalError:
            pass
    return response
