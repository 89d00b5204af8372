"""Requests to strike a speaker or guest from the list of an event: who asked, when, in which words. Public and for good."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.events.models import Event
from civic.events.rules import may_organise
from civic.invitations.models import StrikeRequest
from civic.invitations.service import fits, require
from civic.moderation.looking import look_for_signs

MAX_NAME = 200


def put_strike_request(session: Session, event: Event, actor: Actor, now: datetime, *, whom: str, requested_by: str,
                       requested_on: date, text: str, struck: bool, body_id: int | None = None) -> StrikeRequest:
    """Put on the record that somebody asked to strike a speaker or guest from the list."""
    if not may_organise(actor, event):
        raise NotAllowed(action="strike")
    for field, value in (("whom", whom), ("requested_by", requested_by), ("text", text)):
        require(value, field, "words_missing")
        if field != "text" and len(clean(value)) > MAX_NAME:
            raise InputRefused(field, "name_too_long", limit=MAX_NAME)
    body = session.get(Body, body_id) if body_id else None
    if body_id and (body is None or body.city_id != event.city_id):
        raise InputRefused("body_id", "body_missing")
    if requested_on > local_date(now, event.city.timezone):
        raise InputRefused("requested_on", "date_in_the_future")
    row = StrikeRequest(event_id=event.id, whom=clean(whom), requested_by=clean(requested_by), requested_on=requested_on,
                        text=fits(text), language=detect_language(clean(text), "kk"), struck=struck, body_id=body_id,
                        user_id=actor.user_id, at=now)
    session.add(row)
    session.flush()
    if event.announced_at is not None:  # before, it is looked at together with the rest when the event is announced
        look_for_signs(session, "event", event.code, now, once=f"strike-{row.id}", parts=[f"strike-{row.id}"])
    return row
