"""Quotas at the door: before a write is begun it is counted; near a limit the browser has to work a second, over it one has to wait.

Counting is a transaction of its own, so that what is refused afterwards (a wrong password, a bad field) has counted too.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.limits import proof, service
from civic.limits.quotas import QUOTAS, quotas_of
from civic.limits.service import Sender, Use
from civic.limits.votes import Origin
from civic.web.access import current_actor
from civic.web.once import known

DEVICE = "device"
DEVICE_LIVES = timedelta(days=365)
#: A field that people do not see; what fills in everything fills it in too.
TRAP = "contact_page"
#: What is not repeated in the page that offers to send again.
_OWN = frozenset({TRAP, proof.FIELD, "csrf_token"})
_LONG = 40  # characters of a text that is shown again for reading


@dataclass(frozen=True)
class Typed:
    """A field that was sent. secret: a password, which no page repeats; it is typed again."""

    name: str
    value: str
    secret: bool


def gate(db_session: Session) -> Response | None:
    """Count this write. None: it may go on. Else the answer instead of it: a page or JSON with 429."""
    if request.endpoint is None or known(db_session):
        return None
    factor, now, names = _factor(), utc_now(), quotas_of(request.endpoint)
    if not factor:
        return None
    sender = _sender()
    begin_write(db_session)
    uses = service.count(db_session, [n for n in names if not QUOTAS[n].failures], sender, factor, now)
    uses += service.look(db_session, [n for n in names if QUOTAS[n].failures], sender, factor, now)
    over = [use for use in uses if use.over]
    slowed = [use for use in uses if use.near]
    trapped = bool(request.form.get(TRAP))
    if over or ((slowed or trapped) and not _proven(db_session, now)):
        db_session.rollback()
        return _refuse(over, slowed, now)
    db_session.commit()
    g.pop("actor", None)  # who it is, is read again inside the transaction that writes
    return None


def failed() -> None:
    """What was sent is wrong, though its answer leads on to a page: it counts as a failure all the same."""
    g.failed = True


def count_failure(db_session: Session) -> None:
    """What was sent was refused: where failures have quotas, it counts."""
    names = [name for name in quotas_of(request.endpoint or "") if QUOTAS[name].failures]
    if not names or not _factor():
        return
    sender = _sender()
    begin_write(db_session)
    service.count(db_session, names, sender, _factor(), utc_now())
    db_session.commit()


def origin(db_session: Session) -> Origin:
    """Where a vote of this request comes from, hashed. Called in a transaction that writes."""
    sender, key = _sender(), service.key_of_day(db_session, utc_now().date())
    return Origin(service.hashed(key, "address", service.network_of(sender.address)),
                  service.hashed(key, "device", sender.device) if sender.device else None, key)


def init_app(app: Flask) -> None:
    """Mark browsers that were given a form, and give templates the trap's name."""
    app.jinja_env.globals["trap_name"] = TRAP

    @app.after_request
    def mark_device(response: Response) -> Response:
        """Only with a form, never on a page for reading: those stay free of cookies."""
        if "csrf_token" in g and _device() is None:
            response.set_cookie(_cookie(), _signer().dumps(secrets.token_hex(8)), max_age=DEVICE_LIVES, httponly=True, samesite="Lax",
                                secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))
        return response


def _factor() -> int:
    factor: int = current_app.settings.limits_factor  # type: ignore[attr-defined]
    return factor


def _cookie() -> str:
    """Over TLS a name that browsers take from this host alone."""
    return f"__Host-{DEVICE}" if current_app.config["SESSION_COOKIE_SECURE"] else DEVICE


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="civic-device")


def _device() -> str | None:
    try:
        return str(_signer().loads(request.cookies.get(_cookie(), "")))
    except BadSignature:
        return None


def _sender() -> Sender:
    actor = current_actor()
    person = f"account {actor.user_id}" if actor.user_id else f"contact {actor.contact_id}" if actor.contact_id else None
    targets = {name: str(value) for name, value in {**request.form.to_dict(), **(request.view_args or {})}.items() if isinstance(value, str)}
    return Sender(request.remote_addr or "", person, _device(), targets)


def _proven(db_session: Session, now: datetime) -> bool:
    secret = current_app.config["SECRET_KEY"]
    return proof.accepted(db_session, secret, request.endpoint or "", request.form.get(proof.FIELD, ""), now)


def _refuse(over: Sequence[Use], slowed: Sequence[Use], now: datetime) -> Response:
    until = max((use.until for use in over or slowed), default=now + timedelta(minutes=1))
    wait = max(1, int((until - now).total_seconds()) + 1)
    if request.is_json or request.path.endswith(".json") or request.accept_mimetypes.best == "application/json":
        response = jsonify(error="too_many", message=gettext("Too many at once. Try again later."), retry_after=wait)
    else:
        response = make_response(_page(over[0] if over else None, until, now))
    response.status_code = 429
    response.headers["Retry-After"] = str(wait)
    return response


def _page(over: Use | None, until: datetime, now: datetime) -> str:
    """What was typed, with a button to send it again; ``over`` None: after a proof of work it may be sent at once."""
    typed = [Typed(name, value, "password" in name) for name, value in request.form.items(multi=True) if name not in _OWN]
    asked = None if over else proof.challenge(current_app.config["SECRET_KEY"], request.endpoint or "", now)
    return render_template(
        "limits/refused.html", over=over, until=until, asked=asked, typed=typed, texts=[t.value for t in typed if len(t.value) > _LONG and not t.secret],
        files=any(file.filename for file in request.files.values()), action=request.full_path.rstrip("?"),
        login=None if current_actor().user_id or request.endpoint == "security.login" else url_for("security.login"), why=_why(over))


def _why(over: Use | None) -> str:
    """Which limit it was, in words."""
    if over is None:
        return gettext("Very much is being sent right now. We make sure that people send it, and not a program.")
    words: dict[str, Any] = {
        "person": gettext("You have sent this %(limit)s times, the most that is possible in this time.", limit=over.limit),
        "device": gettext("From this browser it was sent %(limit)s times, the most that is possible in this time.", limit=over.limit),
        "address": gettext("Your network has sent very much in this time. Many people may share it; it need not have been you."),
    }
    if QUOTAS[over.quota].failures:
        return gettext("Too many attempts that failed.")
    return str(words[over.scope])

