"""Who is asking, and the declaration that every route must carry."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user
from flask_principal import AnonymousIdentity, Principal
from werkzeug.exceptions import NotFound as PageNotFound

from civic.core.actor import ANONYMOUS, Actor, Post, RoleName
from civic.core.clock import utc_now
from civic.core.errors import NotAllowed

View = TypeVar("View", bound=Callable[..., Any])
#: How long a proof of who is there is enough for sensitive steps, and, so that nothing typed is lost, for sending their forms.
PROOF = timedelta(minutes=30)
PROOF_TO_SEND = timedelta(hours=1)
#: What has to be done before any page that needs an account; gives the answer that leads there, or None. Filled by accounts.
BARRIERS: list[Callable[[], Any]] = []
#: Whether an address that this browser has proven by a letter still needs no more than that. Filled by accounts.
STILL_ALONE: list[Callable[[int], bool]] = []


def current_actor() -> Actor:
    """The actor of this request; looks at the session only when asked."""
    if "actor" not in g:
        g.actor = _read_actor()
    actor: Actor = g.actor
    return actor


def knows_visitor() -> bool:
    """Whether the browser brought a cookie: public pages of all others stay free of the session."""
    if "HTTP_COOKIE" not in request.environ:  # asked several times on each page
        return False
    names = current_app.config
    return names["SESSION_COOKIE_NAME"] in request.cookies or names["REMEMBER_COOKIE_NAME"] in request.cookies


#: Names of our cookies, over TLS behind ``__Host-``.
SESSION, REMEMBER = "session", "remember_token"


def cookies(*, secure: bool) -> dict[str, object]:
    """Settings of our cookies: for this host alone, hidden from scripts, not sent with what other sites post. Over TLS their
    names begin with ``__Host-``, so that browsers take them from no other host and no subdomain."""
    prefix = "__Host-" if secure else ""
    return {f"{kind}_COOKIE_{setting}": value for kind, name in (("SESSION", SESSION), ("REMEMBER", REMEMBER)) for setting, value in (
        ("NAME", prefix + name), ("SECURE", secure), ("HTTPONLY", True), ("SAMESITE", "Lax"), ("PATH", "/"))}


class QuietSessions(SecureCookieSessionInterface):
    """Flask's sessions; for a visitor who brings none and gets none nothing is prepared to read or to sign one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie, or an empty one."""
        return super().open_session(app, request) if self.get_cookie_name(app) in request.cookies else self.session_class()

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Into the cookie, unless it is empty and nobody has touched it."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)


def spare_strangers(app: Flask, principal: Principal) -> None:
    """Flask-Principal asks before each request who is signed in, and Flask-Login before each template: that opens the session.
    Of a visitor without a cookie it is known that nobody is, so the session stays closed and the page can be the same for all."""
    app.session_interface = QuietSessions()
    ask = principal._on_before_request
    functions = app.before_request_funcs[None]

    def identify() -> None:
        if knows_visitor():
            ask()
        else:
            g.identity, g._login_user = AnonymousIdentity(), app.login_manager.anonymous_user()  # type: ignore[attr-defined]

    functions[functions.index(ask)] = identify


def _read_actor() -> Actor:
    if not knows_visitor():
        return ANONYMOUS
    links = frozenset(session.get("links", ()))
    if not current_user.is_authenticated:
        return Actor(contact_id=_proven_here(), links=links)
    posts = () if current_user.one_proof else tuple(Post(RoleName(m.role), m.body_id, m.city_id) for m in current_user.memberships if m.ended_at is None)
    contact = current_user.contact
    return Actor(current_user.id, contact.id if contact else None, current_user.name, posts, links, one_proof=current_user.one_proof)


def _proven_here() -> int | None:
    """The contact whose address this browser has proven by a letter, and that has no account: who has one signs in."""
    contact_id = session.get("contact")
    return contact_id if contact_id is not None and all(alone(contact_id) for alone in STILL_ALONE) else None


def public(view: View) -> View:
    """Open to everybody."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def allow(predicate: Callable[[Actor], bool], *, hidden: bool = False) -> Callable[[View], View]:
    """Open to actors for whom ``predicate`` holds. Others sign in first, or get 403 (404 when ``hidden``)."""
    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            for barrier in BARRIERS:
                if (answer := barrier()) is not None:
                    return answer
            if not predicate(current_actor()):
                if not current_user.is_authenticated:
                    return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
                raise PageNotFound if hidden else NotAllowed
            return view(*args, **kwargs)

        guarded.access = predicate.__name__  # type: ignore[attr-defined]
        guarded.predicate = predicate  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def sensitive(view: View) -> View:
    """Under ``@allow``: needs a fresh proof of who is there, within PROOF. Else it leads to the page that asks for one, and back.

    Put on the page of a form, so that the form is reached after it; what is typed then may be sent until PROOF_TO_SEND.
    """
    @wraps(view)
    def proven(*args: Any, **kwargs: Any) -> Any:
        last = getattr(getattr(current_user, "here", None), "proven_at", None)
        enough = PROOF if request.method in ("GET", "HEAD") else PROOF_TO_SEND
        if last is None or utc_now() - last > enough:
            return redirect(url_for("accounts.prove", next=request.full_path.rstrip("?")), 303)
        return view(*args, **kwargs)

    proven.sensitive = True  # type: ignore[attr-defined]
    return proven  # type: ignore[return-value]


def signed_in(actor: Actor) -> bool:
    """Has an account."""
    return actor.user_id is not None


def administrator(actor: Actor) -> bool:
    """Looks after reference data."""
    return actor.is_administrator


def works_in_a_body(actor: Actor) -> bool:
    """Official or head of some body."""
    return bool(actor.body_ids)


def reachable_as_applicant(actor: Actor) -> bool:
    """Has a proven address, with or without an account."""
    return actor.contact_id is not None
