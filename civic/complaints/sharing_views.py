"""The card and the poster of a public complaint."""

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.complaints import sharing
from civic.complaints.models import Complaint
from civic.complaints.tracking_views import load
from civic.core.clock import local_date, utc_now
from civic.extensions import db
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.web import cards
from civic.web.access import public
from civic.web.locale import LANG, language

bp = Blueprint("sharing", __name__, url_prefix=f"/{LANG}")
studio = cards.studio


def load_public(city: str, number: str) -> tuple[City, Complaint]:
    """The complaint of the address. 404 for private ones, their applicant included: what is shared is seen by all."""
    here, complaint = load(city, number)
    if complaint.private:
        abort(404)
    return here, complaint


@bp.get("/<city>/complaints/<number>/card.png")
@public
def card(city: str, number: str) -> ResponseReturnValue:
    """The picture that messengers show beside the link; 503 when too many are asked for at once."""
    here, complaint = load_public(city, number)
    shown = sharing.card_of(db.session(), complaint, here, work_calendar(db.session()), local_date(utc_now(), here.timezone))
    db.session.rollback()  # nobody waits in the database for the drawing
    return cards.answer(studio, shown)


@bp.get("/<city>/complaints/<number>/poster")
@public
def poster(city: str, number: str) -> ResponseReturnValue:
    """A page to print and hang beside the matter, in the reader's language, or in Kazakh and Russian together."""
    here, complaint = load_public(city, number)
    both = "both" in request.args
    codes = ("kk", "ru") if both else (language(),)
    address = current_app.settings.public_url + url_for("tracking.find", lang=codes[0], number=complaint.number)  # type: ignore[attr-defined]
    texts = [sharing.poster_text(db.session(), complaint, here, code) for code in codes]
    return render_template("tracking/poster.html", c=complaint, here=here, texts=texts, both=both, qr=sharing.qr(address),
                           short=address.partition("://")[2])
