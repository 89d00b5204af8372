"""Public pages of invitations, and what the pages of events and bodies show of them."""

from typing import Any

from flask import Blueprint, abort, g, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from civic.app import CivicFlask
from civic.bodies.directory import Known
from civic.bodies.models import Body
from civic.core.clock import utc_now
from civic.core.codes import read_number
from civic.events.calendar_views import page_of
from civic.events.models import Event
from civic.events.rules import may_organise
from civic.events.schema import event_schema
from civic.extensions import db
from civic.figures.views import BODY_BLOCKS
from civic.invitations.card import card_of
from civic.invitations.link_views import pdf
from civic.invitations.models import Invitation
from civic.invitations.queries import Invited, by_number, of_event, path, record_of_body, shown, strike_requests
from civic.invitations.rules import may_contest
from civic.invitations.wording import CardLine, card_lines, legend, marks, path_steps, record_sentence, row, rows
from civic.web.access import current_actor, public
from civic.web.locale import LANG, language
from civic.web.navigation import use_city

bp = Blueprint("invitations", __name__, url_prefix=f"/{LANG}/invitations")


def load(number: str) -> Invitation:
    """The invitation of the address, its city in the header. 404 when there is none."""
    invitation = by_number(db.session(), read_number(number) or "")
    if invitation is None:
        abort(404)
    use_city(invitation.event.city)
    return invitation


def _open_to_all(invitation: Invitation) -> bool:
    return invitation.event.announced_at is not None


@bp.get("/<number>")
@public
def page(number: str) -> ResponseReturnValue:
    """Where the QR of the letter leads: that it is genuine, and what became of it. Before the event is announced no more
    than that. The same for every visitor."""
    invitation = load(number)
    opened = _open_to_all(invitation)
    return render_template(
        "invitations/page.html", i=invitation, row=row(shown(db.session(), invitation.id, utc_now())), opened=opened,
        path=path_steps(path(db.session(), invitation.id), invitation.event.city.timezone) if opened else [])


@bp.get("/<number>/letter.pdf")
@public
def letter(number: str) -> ResponseReturnValue:
    """The letter: public with its event; before that, to the organisers and the invited."""
    invitation, actor = load(number), current_actor()
    if not (_open_to_all(invitation) or may_organise(actor, invitation.event) or may_contest(actor, invitation)):
        abort(404)
    return pdf(invitation)


def record_block(body: Known) -> Markup:
    """The part of a body's page."""
    return Markup(render_template("invitations/_record.html", body=body))


def register(app: CivicFlask) -> None:
    """What templates of other features show of invitations, without those features knowing them."""

    def invited_of(event_id: int) -> list[Invited]:
        """Read once for a page."""
        kept: dict[int, list[Invited]] = g.setdefault("invited_of", {})
        if event_id not in kept:
            kept[event_id] = of_event(db.session(), event_id, utc_now())
        return kept[event_id]

    def card_digest(event: Event) -> str:
        """For ``events/_share_head.html``: a card that says something else has another address."""
        return card_of(event, invited_of(event.id)).digest

    def invitations_of(event: Event) -> dict[str, Any]:
        """For ``events/_invitations.html``."""
        return {"rows": rows(invited_of(event.id)), "strikes": strike_requests(db.session(), event.id)}

    def invited_to(event_id: int) -> list[CardLine]:
        """For ``invitations/_on_card.html``."""
        return card_lines(invited_of(event_id))

    def invitation_record(body: Body | Known) -> dict[str, Any]:
        """For ``invitations/_record.html``."""
        record = record_of_body(db.session(), body.id, utc_now())
        return {"sentence": record_sentence(record), "marks": marks(record), "legend": legend(record), "count": len(record.rows)}

    def schema(event: Event) -> dict[str, Any]:
        """For ``events/_schema.html``."""
        return event_schema(event, app.settings.public_url + page_of(event), language())

    if record_block not in BODY_BLOCKS:
        BODY_BLOCKS.append(record_block)
    app.jinja_env.globals.update(card_digest=card_digest, invitations_of=invitations_of, invited_to=invited_to, invitation_record=invitation_record, event_schema=schema)
