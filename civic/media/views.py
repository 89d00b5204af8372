"""Serving photos: public ones to everybody, private ones after the permission check of their owner."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, send_file

from civic.extensions import db
from civic.media.models import Photo
from civic.media.service import SIZES, path_of
from civic.web.access import public

bp = Blueprint("media", __name__)
#: Asked for private photos; set by the feature that owns them.
MaySee = Callable[[str], bool]


@bp.get("/photo/<string(length=32):photo_id>/<any(large, thumb):size>.jpg")
@public
def photo(photo_id: str, size: str) -> Response:
    """One processed version of a photo."""
    row = db.session.get(Photo, photo_id)
    if row is None or row.state != "ready" or size not in SIZES:
        abort(404)
    may_see: MaySee = current_app.extensions["civic_may_see_photo"]
    if row.private and not may_see(photo_id):
        abort(404)
    response = send_file(path_of(current_app.settings.media, photo_id, size), mimetype="image/jpeg")  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "private, no-store" if row.private else "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
