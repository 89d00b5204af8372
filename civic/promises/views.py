"""Public pages of promises: one, the list of a city, its feed, the card of messengers."""

from typing import Any

from flask import current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civic.bodies.directory import directory
from civic.complaints.cards import Card
from civic.complaints.queries import rows_by_id
from civic.complaints.views import known_city
from civic.complaints.wording import list_rows
from civic.core.clock import utc_now
from civic.extensions import db
from civic.promises import queries, wording
from civic.promises.acting import ACTS, possible
from civic.promises.blueprint import bp, load
from civic.promises.following import follows
from civic.promises.forms import ListFilter
from civic.promises.models import Promise
from civic.web import cards
from civic.web.access import current_actor, public
from civic.web.locale import local_name
from civic.web.reading import reader, reading


def _site() -> str:
    site: str = current_app.settings.public_url  # type: ignore[attr-defined]
    return site


@bp.get("/promises/<number>")
@public
def page(number: str) -> ResponseReturnValue:
    """One promise: what, who, by when, where it stands, its path, what it is about; and what the reader can do."""
    session = reading()
    promise = load(number)
    known, actor = directory(session), current_actor()
    tied = rows_by_id(session, queries.complaint_ids(session, promise.id))
    steps = wording.path_steps(queries.path(session, promise.id), queries.photos(session, promise.id), promise, actor)
    card = _card(promise)
    return render_template(
        "promises/page.html", p=promise, card=card, here=promise.event.city, sentence=wording.sentence(promise, card_body(promise)),
        wording=wording.wording_words(promise), at=wording.at_words(promise.second), path=steps, rules=wording.rule_lines(), due=wording.due_words(promise),
        complaints=list_rows(tied.values(), known.calendar), acts=[(name, ACTS[name]) for name in possible(promise, actor, utc_now())],
        follows=follows(session, promise.id, actor.contact_id) if actor.contact_id else False, address=_site() + wording.promise_path(promise.number))


def card_body(promise: Promise) -> str:
    """The name of the body in the reader's language."""
    return local_name(promise.body.name)


def _card(promise: Promise) -> Card:
    icon, tone = wording.STATE_LOOKS[promise.state]
    return Card(title=f"«{promise.words}»", state=wording.state_word(promise), icon=icon, tone=tone, city=local_name(promise.event.city.name),
                term=f"{card_body(promise)}, {wording.due_words(promise)}", number=promise.number)


@bp.get("/promises/<number>/card.png")
@public
def card(number: str) -> ResponseReturnValue:
    """The picture that messengers show beside the link; 503 when too many are asked for at once."""
    drawn = _card(load(number))
    db.session.rollback()  # nobody waits in the database for the drawing
    return cards.answer(cards.studio, drawn)


def _listed(city: str) -> dict[str, Any]:
    rows = reader()
    known = directory(rows)
    here = known_city(known, city)
    form = ListFilter(request.args, [b for b in known.bodies.values() if b.city_id == here.id])
    found = queries.public_page(rows, here.id, form.wanted(), request.args.get("after"))
    return {"here": here, "form": form, "rows": wording.rows(found.rows, known), "after": found.after}


@bp.get("/<city>/promises")
@public
def listing(city: str) -> ResponseReturnValue:
    """A city's promises by the filter of the address, with how all of them ended."""
    shown = _listed(city)
    figures = queries.figures_of_city(reader(), shown["here"].id)
    return render_template("promises/list.html", figures=figures, figure_rows=wording.figure_rows(figures), rules=wording.rule_lines(), **shown)


@bp.get("/<city>/promises/feed.atom")
@public
def feed(city: str) -> ResponseReturnValue:
    """The same list as an Atom feed (RFC 4287)."""
    shown = _listed(city)
    kept = shown["form"].kept()
    response = make_response(render_template(
        "promises/feed.xml", site=_site(), alternate=_site() + url_for("promises.listing", city=city, **kept),
        self_address=_site() + url_for("promises.feed", city=city, **kept), updated=max((r.raw.updated_at for r in shown["rows"]), default=None), **shown))
    response.mimetype = "application/atom+xml"
    return response
