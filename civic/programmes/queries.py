"""Reads of programmes."""

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from civic.core.database import Reader
from civic.events.models import Event
from civic.events.queries import Listed, public_rows
from civic.programmes.models import Part, PartEvent, PartPerson, PartTopic, Programme

MOST_EVENTS = 300


def by_code(session: Session, code: str) -> Programme | None:
    """The programme of an address."""
    return session.scalar(select(Programme).where(Programme.code == code))


def of_city(session: Reader, city_id: int) -> Sequence[Row[str, dict[str, str]]]:
    """(code, name) of a city's programmes, the oldest first."""
    return session.execute(select(Programme.code, Programme.name).where(Programme.city_id == city_id).order_by(Programme.id).limit(50)).all()


def of_organisation(session: Session, organisation_id: int) -> Sequence[Programme]:
    """Those of an organisation."""
    return session.scalars(select(Programme).where(Programme.organisation_id == organisation_id).order_by(Programme.id)).all()


def events(session: Session, programme_id: int) -> Sequence[tuple[int, Listed]]:
    """(part's id, row) of the public discussions of a programme, the latest first."""
    query = (public_rows().add_columns(PartEvent.part_id).join(PartEvent, PartEvent.event_id == Event.id).join(Part, Part.id == PartEvent.part_id)
             .where(Part.programme_id == programme_id).order_by(Event.starts_at.desc(), Event.id.desc()).limit(MOST_EVENTS))
    return [(row.part_id, row) for row in session.execute(query)]


def own_events(session: Session, programme_id: int) -> Sequence[tuple[int, Event]]:
    """(part's id, event) of all its discussions, drafts too, the latest first: for its organisers, and for copying."""
    query = (select(PartEvent.part_id, Event).join(Event, Event.id == PartEvent.event_id).join(Part, Part.id == PartEvent.part_id)
             .where(Part.programme_id == programme_id).order_by(Event.starts_at.desc(), Event.id.desc()).limit(MOST_EVENTS))
    return [(part_id, event) for part_id, event in session.execute(query).unique()]


def topics(session: Session, programme_id: int) -> Sequence[PartTopic]:
    """Categories of its parts."""
    return session.scalars(select(PartTopic).join(Part, Part.id == PartTopic.part_id).where(Part.programme_id == programme_id)).all()


def people(session: Session, programme_id: int) -> Sequence[PartPerson]:
    """Who works in its parts, in the order they were named."""
    return session.scalars(select(PartPerson).join(Part, Part.id == PartPerson.part_id).where(Part.programme_id == programme_id)
                           .order_by(PartPerson.id)).all()


def free_events(session: Session, organisation_id: int) -> Sequence[Event]:
    """The organisation's discussions that belong to no part yet, the latest first."""
    return session.scalars(select(Event).where(Event.organisation_id == organisation_id, ~Event.id.in_(select(PartEvent.event_id)))
                           .order_by(Event.starts_at.desc()).limit(100)).unique().all()
