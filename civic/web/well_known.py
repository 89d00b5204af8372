"""What programs look for at a fixed address of every site (RFC 8615)."""

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, url_for

from civic.core.clock import utc_now
from civic.web.access import public

bp = Blueprint("well_known", __name__, url_prefix="/.well-known")


@bp.get("/security.txt")
@public
def security_txt() -> Response:
    """Whom to tell of a hole (RFC 9116). It expires half a year ahead, always: the setting is read anew at each start."""
    settings = current_app.settings  # type: ignore[attr-defined]
    if not settings.security_contact:
        abort(404)
    ends = (utc_now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (f"Contact: {settings.security_contact}", f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: kk, ru, en",
             f"Canonical: {settings.public_url}{url_for('.security_txt')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})
