"""Registrations of the sample of ``civic.permissions``: in each state of their own, and in each state of their discussion."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from civic.complaints.filing_views import signer
from civic.events import organisations
from civic.events.models import Event, Registration
from civic.events.states import EventState, RegistrationState
from civic.places.models import City
from tests.support.events import Held
from tests.support.permission_states import Values

if TYPE_CHECKING:
    from tests.support.permissions import World

R = RegistrationState
REGISTRATIONS = ("registration", "registration where all is full", "request for a place", "offered place", "guest at the door")


def registrations(world: "World") -> dict[str, Values]:
    """By thing and state. Where all places are held, those offered and registered hold them."""
    small = sum(state in (R.OFFERED, R.REGISTERED) for state in R)
    made: dict[str, Values] = {
        "registration": _in_each_state(world, world.held(capacity=30)),
        "registration where all is full": _in_each_state(world, world.held(capacity=small)),
        "request for a place": {}, "offered place": {}, "guest at the door": {},
    }
    for state in EventState:
        event = world.held(capacity=30)
        waits, offered, comes = (_stands(world, event, at) for at in (R.PENDING, R.OFFERED, R.REGISTERED))
        event.state = state
        for thing, row in (("request for a place", waits), ("offered place", offered)):
            made[thing][state] = _parts(world, row)
        made["guest at the door"][state] = {"code": event.code, "fields": {"number": comes.number}}
    return made


def of_others(world: "World") -> Values:
    """Requests for places that are no business of the owner: of another organisation, and of one in another city."""
    far = world.session.scalars(select(City).where(City.code == "astana")).one()
    made = {}
    for thing, city in (("request of another organisation", world.city), ("request of another city", far)):
        held = Held.__new__(Held)
        held.session, held.city, held.people, held.owner = world.session, city, world.makes, world.people["other organiser"]
        held.organisation = organisations.found(world.session, city, held.actor, world.now, name={"kk": thing}, about={})
        row = held.come(held(capacity=30))
        row.state = R.PENDING
        made[thing] = _parts(world, row)
    return made


def _in_each_state(world: "World", event: Event) -> Values:
    return {state: _parts(world, _stands(world, event, state)) for state in R}


def _stands(world: "World", event: Event, state: RegistrationState) -> Registration:
    row = world.held.come(event)
    row.state = state
    row.offer_until = world.now + timedelta(hours=24) if state == R.OFFERED else None
    world.session.flush()
    return row


def _parts(world: "World", row: Registration) -> dict[str, object]:
    """With the link of the ticket."""
    with world.makes.app.app_context():
        token = signer("registration").dumps([row.id, row.contact_id])
    return {"code": row.event.code, "registration_id": row.id, "contact_id": row.contact_id, "token": token}
