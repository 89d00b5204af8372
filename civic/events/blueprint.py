"""The blueprint that the modules of pages share, and how they find what an address names."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort
from markupsafe import Markup
from sqlalchemy import Select

from civic.complaints.filing_views import load_city
from civic.events import rules
from civic.events.models import Event, Organisation
from civic.events.queries import by_code, organisation_by_code
from civic.events.states import EventState
from civic.extensions import db
from civic.places.models import City
from civic.web.access import current_actor
from civic.web.locale import LANG
from civic.web.navigation import Link, use_city

#: What features above this one offer an organiser for an event: links on its page, each from the event; None where it does not apply.
TOOLS: list[Callable[[Event], Link | None]] = []
#: What features above this one show on the page of an event: each gives HTML, or nothing.
EVENT_BLOCKS: list[Callable[[Event], Markup | str]] = []
#: What of a feature above this one changes whenever its part of an event's page does, by feature: one value of ``Event.id``, see ``kept``.
EVENT_STAMPS: dict[str, Select[Any]] = {}
#: In which order the page shows them, by feature; one that is not named here stands last. Invitations come before, text and agenda after.
BLOCK_ORDER = ("minutes", "focus", "stage", "questions", "promises", "topics")
bp = Blueprint("events", __name__, url_prefix=f"/{LANG}")


def event_blocks(event: Event) -> list[Markup | str]:
    """What other features show of an event, in the order of the page."""
    def place(make: Callable[[Event], Markup | str]) -> int:
        feature = make.__module__.split(".")[1]
        return BLOCK_ORDER.index(feature) if feature in BLOCK_ORDER else len(BLOCK_ORDER)

    return [html for make in sorted(EVENT_BLOCKS, key=place) if (html := make(event))]


def load_shown(city: str, code: str) -> tuple[City, Event]:
    """The event of a public address. 404 when there is none, or only a draft of others."""
    here = load_city(city)
    event = by_code(db.session(), code)
    if event is None or event.city_id != here.id:
        abort(404)
    if event.announced_at is None and not (event.state == EventState.DRAFT and rules.belongs_to(current_actor(), event.organisation)):
        abort(404)
    return here, event


def load_own(code: str, *, door: bool = False) -> Event:
    """The event of an organiser's address. 404 for everybody else. door: those who let people in may, too."""
    event = by_code(db.session(), code)
    may = rules.may_keep_the_door if door else rules.may_organise
    if event is None or not may(current_actor(), event):
        abort(404)
    use_city(event.city)
    return event


def load_organisation(code: str) -> Organisation:
    """The organisation of an organiser's address. 404 for those who have no right in it."""
    organisation = organisation_by_code(db.session(), code)
    if organisation is None or not rules.belongs_to(current_actor(), organisation):
        abort(404)
    use_city(db.session.get_one(City, organisation.city_id))
    return organisation
