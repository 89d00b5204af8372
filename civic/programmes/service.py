"""Writing programmes, and handing one to another city. Who may: organisers of its organisation, checked here."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.core.actor import Actor
from civic.core.codes import new_short_code
from civic.core.database import lock_row
from civic.core.errors import InputRefused, NotAllowed, NotFound
from civic.core.text import clean
from civic.events import series
from civic.events.inputs import names_and_words
from civic.events.models import Event, Organisation
from civic.events.rules import may_organise_for
from civic.moderation.looking import look_for_signs
from civic.places.models import City
from civic.programmes import queries
from civic.programmes.models import Part, PartEvent, PartPerson, PartTopic, Programme

MAX_NAME = 160
MAX_ABOUT = 4000
MAX_PERSON = 120
MOST_PARTS = 60
MOST_PEOPLE = 100
#: A copied discussion stands so long after the copy was made, at its weekday and hour, as a draft for the new city to date.
LATER = timedelta(weeks=4)


def texts(name: dict[str, str], about: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Cleaned name and words about it. Raises ``programme_name_missing``, ``title_too_long``, ``text_too_long``."""
    return names_and_words(name, about, missing="programme_name_missing", most_name=MAX_NAME, most_about=MAX_ABOUT)


def found(session: Session, organisation: Organisation, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str]) -> Programme:
    """A new programme in the organisation's city. Raises ``NotAllowed`` and what ``texts`` raises."""
    _allow(actor, organisation)
    names, abouts = texts(name, about)
    programme = Programme(code=new_short_code(), city_id=organisation.city_id, organisation_id=organisation.id, organisation=organisation, name=names,
                          about=abouts, copied_from="", created_at=now)
    session.add(programme)
    session.flush()
    _look_at(session, programme, now)
    return programme


def rename(session: Session, programme: Programme, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str]) -> None:
    """Other words. Raises ``NotAllowed`` and what ``texts`` raises."""
    _allow(actor, programme.organisation)
    names, abouts = texts(name, about)
    _lock(session, programme)
    off = programme.hidden or {}  # what a moderator took off comes back by a moderator alone
    written = []
    for part, column, words in (("title", "name", names), ("text", "about", abouts)):
        if part not in off and words != getattr(programme, column):
            setattr(programme, column, words)
            written.append(part)
    session.flush()
    if written:
        _look_at(session, programme, now, *written)


def add_part(session: Session, programme: Programme, actor: Actor, now: datetime, *, name: dict[str, str], about: dict[str, str],
             parent_id: int | None) -> Part:
    """A direction, or a subproject of one. Raises ``NotAllowed``, what ``texts`` raises, ``part_of_another``, ``too_many_parts``."""
    _allow(actor, programme.organisation)
    names, abouts = texts(name, about)
    _lock(session, programme)
    if len(programme.parts) >= MOST_PARTS:
        raise InputRefused("name_kk", "too_many_parts", limit=MOST_PARTS)
    if parent_id is not None and not any(p.id == parent_id and p.parent_id is None for p in programme.parts):
        raise InputRefused("parent", "part_of_another")
    part = Part(programme_id=programme.id, parent_id=parent_id, position=len(programme.parts), name=names, about=abouts)
    programme.parts.append(part)
    session.flush()
    _look_at(session, programme, now, f"part-{part.id}")
    return part


def change_part(session: Session, programme: Programme, actor: Actor, now: datetime, part: Part, *, name: dict[str, str], about: dict[str, str]) -> None:
    """Other words of a part. Raises ``NotAllowed``, ``NotFound`` and what ``texts`` raises."""
    _allow(actor, programme.organisation)
    names, abouts = texts(name, about)
    _lock(session, programme, part)
    session.refresh(part, ["name", "about"])
    if f"part-{part.id}" not in (programme.hidden or {}) and (names, abouts) != (part.name, part.about):
        part.name, part.about = names, abouts
        session.flush()
        _look_at(session, programme, now, f"part-{part.id}")


def remove_part(session: Session, programme: Programme, actor: Actor, part: Part) -> None:
    """Take out a part that nothing belongs to. Raises ``NotAllowed``, ``NotFound``, ``part_not_empty``."""
    _allow(actor, programme.organisation)
    _lock(session, programme, part)
    holds = any(p.parent_id == part.id for p in programme.parts) or any(
        session.scalar(select(func.count()).select_from(table).where(table.part_id == part.id)) for table in (PartEvent, PartTopic, PartPerson))
    if holds:
        raise InputRefused("part", "part_not_empty")
    programme.parts.remove(part)
    session.flush()


def put_event(session: Session, programme: Programme, actor: Actor, event: Event, part: Part | None) -> None:
    """Let a discussion of the same organisation belong to a part, or to none. Raises ``NotAllowed``, ``NotFound``, ``part_of_another``."""
    _allow(actor, programme.organisation)
    if event.organisation_id != programme.organisation_id:
        raise NotAllowed(action="put_event")
    _lock(session, programme, part)
    held = session.get(PartEvent, event.id)
    if held is not None:
        session.delete(held)
        session.flush()
    if part is not None:
        session.add(PartEvent(event_id=event.id, part_id=_own(programme, part).id))
    session.flush()


def put_topic(session: Session, programme: Programme, actor: Actor, part: Part, category_id: int, *, out: bool = False) -> None:
    """Let complaints of a category belong to a part; out: no longer. Raises ``NotAllowed``, ``NotFound``, ``choose_category``."""
    _allow(actor, programme.organisation)
    category = session.get(Category, category_id)
    if category is None or not category.active:
        raise InputRefused("category", "choose_category")
    _lock(session, programme, _own(programme, part))
    held = session.get(PartTopic, (part.id, category_id))
    if out and held is not None:
        session.delete(held)
    elif not out and held is None:
        session.add(PartTopic(part_id=part.id, category_id=category_id))
    session.flush()


def add_person(session: Session, programme: Programme, actor: Actor, now: datetime, part: Part, *, name: str, role: str) -> PartPerson:
    """Name somebody who works in a part. Raises ``NotAllowed``, ``NotFound``, ``person_name_missing``, ``title_too_long``,
    ``too_many_people``."""
    _allow(actor, programme.organisation)
    if not clean(name):
        raise InputRefused("name", "person_name_missing")
    for field, words, limit in (("name", clean(name), MAX_PERSON), ("role", clean(role), MAX_NAME)):
        if len(words) > limit:
            raise InputRefused(field, "title_too_long", limit=limit)
    _lock(session, programme, part)
    if len(queries.people(session, programme.id)) >= MOST_PEOPLE:
        raise InputRefused("name", "too_many_people", limit=MOST_PEOPLE)
    person = PartPerson(part_id=_own(programme, part).id, name=clean(name), role=clean(role))
    session.add(person)
    session.flush()
    _look_at(session, programme, now, f"person-{person.id}")
    return person


def remove_person(session: Session, programme: Programme, actor: Actor, person: PartPerson) -> None:
    """Somebody works there no more. Raises ``NotAllowed``."""
    _allow(actor, programme.organisation)
    session.delete(person)
    session.flush()


def copy(session: Session, programme: Programme, organisation: Organisation, now: datetime) -> Programme:
    """Hand the whole set-up to an organisation of another city: words, parts, topics, and of each part its latest discussion of every
    format as a draft without a place. People stay where they are. Raises ``InputRefused`` ``programme_hidden``, ``copied_already``."""
    if programme.hidden:  # the marks of the moderators would not go along
        raise InputRefused("organisation", "programme_hidden")
    there = session.scalar(select(Programme.code).where(Programme.organisation_id == organisation.id, Programme.copied_from == programme.code))
    if there is not None:
        raise InputRefused("organisation", "copied_already", there=there)
    city = session.get_one(City, organisation.city_id)
    made = Programme(code=new_short_code(), city_id=city.id, organisation_id=organisation.id, organisation=organisation, name=dict(programme.name),
                     about=dict(programme.about), copied_from=programme.code, created_at=now)
    session.add(made)
    session.flush()
    new: dict[int, Part] = {}
    for part in sorted(programme.parts, key=lambda p: (p.parent_id is not None, p.position)):
        new[part.id] = Part(programme_id=made.id, parent_id=new[part.parent_id].id if part.parent_id else None, position=part.position,
                            name=dict(part.name), about=dict(part.about))
        made.parts.append(new[part.id])
        session.flush()
    session.add_all([PartTopic(part_id=new[t.part_id].id, category_id=t.category_id) for t in queries.topics(session, programme.id)])
    seen: set[tuple[int, str]] = set()
    for part_id, event in queries.own_events(session, programme.id):
        if (part_id, event.format) not in seen:
            seen.add((part_id, event.format))
            draft = series.hand_over(session, event, organisation, city, now, starts_at=series.a_week_later(event, now + LATER))
            session.add(PartEvent(event_id=draft.id, part_id=new[part_id].id))
    session.flush()
    _look_at(session, made, now)
    return made


def _look_at(session: Session, programme: Programme, now: datetime, *parts: str) -> None:
    """Have the rules look for signs of trouble in these parts, as moderation names them; none named: in all. A programme is public at once."""
    look_for_signs(session, "programme", programme.code, now, once=f"{' '.join(parts)}:{now.isoformat()}", parts=parts or None)


def _lock(session: Session, programme: Programme, part: Part | None = None) -> None:
    """Two who add at once stay within the limits; whoever writes sees what a moderator has just hidden. Raises ``NotFound`` when
    somebody has just removed the part."""
    lock_row(session, programme, columns=["name", "about", "hidden"])
    session.expire(programme, ["parts"])
    if part is not None and part.programme_id == programme.id and part not in programme.parts:
        raise NotFound()


def _own(programme: Programme, part: Part) -> Part:
    if part.programme_id != programme.id:
        raise InputRefused("part", "part_of_another")
    return part


def _allow(actor: Actor, organisation: Organisation) -> None:
    if not may_organise_for(actor, organisation):
        raise NotAllowed(action="programme")
