"""The preview card of a discussion, beside its page."""

from flask import Blueprint, Response, abort

from civic.core.clock import utc_now
from civic.events.blueprint import load_shown
from civic.events.states import EventState
from civic.extensions import db
from civic.invitations.card import card_of
from civic.invitations.queries import of_event
from civic.web import cards
from civic.web.access import public
from civic.web.locale import LANG

bp = Blueprint("event_card", __name__, url_prefix=f"/{LANG}")
studio = cards.studio


@bp.get("/<city>/events/<code>/card.png")
@public
def card(city: str, code: str) -> Response:
    """The picture; 503 when too many are asked for at once. A draft has none, for its organisers neither."""
    _, event = load_shown(city, code)
    if event.state == EventState.DRAFT:
        abort(404)
    shown = card_of(event, of_event(db.session(), event.id, utc_now()))
    db.session.rollback()  # nobody waits in the database for the drawing
    return cards.answer(studio, shown)
