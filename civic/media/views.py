"""Serving photos: public ones to everybody, private ones after the permission check of their owner."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, send_file

from civic.config import Settings
from civic.extensions import db
from civic.media.models import Photo
from civic.media.service import SIZES, path_of
from civic.web.access import public

bp = Blueprint("media", __name__)
#: Asked for private photos; set by the feature that owns them.
MaySee = Callable[[str], bool]
#: nginx gives out files below this address only when an answer of ours names them (deploy/nginx/civic.conf).
ACCEL = "/_photos/"


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
    response = _file(current_app.settings, photo_id, size)  # type: ignore[attr-defined]
    # what a moderator hides or its author covers is gone from shared caches in a minute, from a browser that has it in a day
    response.headers["Cache-Control"] = "private, no-store" if row.private else "public, max-age=86400, s-maxage=60"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _file(settings: Settings, photo_id: str, size: str) -> Response:
    """The picture itself, or the word to nginx which one to send."""
    path = path_of(settings.media, photo_id, size)
    if not settings.media_accel:
        if not path.exists():  # a database restored without its photos
            abort(404)
        return send_file(path, mimetype="image/jpeg")
    return Response(mimetype="image/jpeg", headers={"X-Accel-Redirect": ACCEL + path.relative_to(settings.media / "photos").as_posix()})
