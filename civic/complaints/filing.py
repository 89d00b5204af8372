"""From the first photo to the ticket: drafts, similar complaints, registration."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import has_officials
from civic.bodies.models import Category
from civic.bodies.queries import default_body, responsible_body
from civic.complaints.counting import count
from civic.complaints.map_cells import cell_at
from civic.complaints.models import Applicant, Attachment, Complaint, ComplaintEvent, Draft, Follow
from civic.complaints.searched import searched_words
from civic.complaints.service import MAX_TEXT
from civic.complaints.states import OPEN, PROCEDURES, AppealKind, State
from civic.core.codes import new_number
from civic.core.errors import DomainError, InputRefused
from civic.core.text import ADDRESS_IN_NAME, clean, detect_language
from civic.jobs.service import enqueue
from civic.limits.service import mark_of
from civic.media.models import Photo
from civic.notifications.service import refuse_flood
from civic.places.models import City, District
from civic.places.queries import box_around, distance_m, locate, work_calendar
from civic.search import service as search

MAX_PHOTOS = 5
MIN_TEXT = 5
MAX_NAME = 120
DRAFT_LIVES = timedelta(days=3)


class DraftExpired(DomainError):
    """A draft that nobody finished in time."""

    code = "draft_expired"


def new_draft(session: Session, city: City, locale: str, now: datetime) -> Draft:
    """Begin a complaint."""
    draft = Draft(id=secrets.token_hex(16), city_id=city.id, locale=locale, created_at=now)
    session.add(draft)
    session.flush()
    return draft


def attach_photo(session: Session, draft: Draft, photo: Photo) -> None:
    """Put a photo behind those the draft has. Raises ``InputRefused`` when it has ``MAX_PHOTOS``."""
    if len(draft.attachments) >= MAX_PHOTOS:
        raise InputRefused("photos", "too_many_photos", limit=MAX_PHOTOS)
    draft.attachments.append(Attachment(photo_id=photo.id, draft_id=draft.id, moment="before", position=len(draft.attachments)))
    session.flush()


def drop_photos(session: Session, draft: Draft) -> list[str]:
    """Take all photos out of a draft that is not registered; gives their ids, whose files are to be deleted."""
    if draft.complaint_id is not None:
        return []
    gone = [attachment.photo_id for attachment in draft.attachments]
    for attachment in list(draft.attachments):
        session.delete(attachment)
    session.flush()
    session.execute(delete(Photo).where(Photo.id.in_(gone)))
    session.expire(draft, ["attachments"])
    if draft.place_from_photo:
        draft.lat = draft.lon = None
        draft.place_from_photo = False
    return gone


def set_place(session: Session, draft: Draft, city: City, *, lat: float | None, lon: float | None, address: str,
              district_id: int | None) -> None:
    """Where it is: a pin, or an address. A pin inside an imported district decides the district.

    Raises ``InputRefused``: ``pin_outside_city``, ``place_missing``, ``address_too_long``, ``district_of_another_city``.
    """
    words = clean(address)
    if len(words) > 300:
        raise InputRefused("address", "address_too_long", limit=300)
    if lat is None or lon is None:
        lat = lon = None
        if not words:
            raise InputRefused("address", "place_missing")
    else:
        place = locate(session, city, lat, lon)
        if not place.inside:
            raise InputRefused("address", "pin_outside_city")
        district_id = place.district_id or district_id
    if district_id is not None and session.get_one(District, district_id).city_id != city.id:
        raise InputRefused("district_id", "district_of_another_city")
    draft.lat, draft.lon, draft.address, draft.district_id = lat, lon, words, district_id


def matter_problems(session: Session, category_id: int, text: str, name: str) -> list[InputRefused]:
    """Everything that stands against the third step, so that it can be said at once: ``choose_category``,
    ``text_too_short``, ``text_too_long``, ``name_missing``, ``name_too_long``, ``name_has_address``."""
    problems, words = [], clean(text)
    category = session.get(Category, category_id)
    if category is None or not category.active:
        problems.append(InputRefused("category_id", "choose_category"))
    if len(words) < MIN_TEXT:
        problems.append(InputRefused("text", "text_too_short", limit=MIN_TEXT))
    if len(words) > MAX_TEXT:
        problems.append(InputRefused("text", "text_too_long", limit=MAX_TEXT, length=len(words)))
    if not clean(name):
        problems.append(InputRefused("name", "name_missing"))
    if len(clean(name)) > MAX_NAME:
        problems.append(InputRefused("name", "name_too_long", limit=MAX_NAME))
    if ADDRESS_IN_NAME.search(name):
        problems.append(InputRefused("name", "name_has_address"))
    return problems


def set_matter(session: Session, draft: Draft, *, category_id: int, text: str, kind: AppealKind, show_name: bool,
               private: bool, name: str) -> None:
    """What is wrong. Raises the first of ``matter_problems``."""
    problems = matter_problems(session, category_id, text, name)
    if problems:
        raise problems[0]
    words = clean(text)
    draft.category_id, draft.text, draft.kind = category_id, words, kind
    draft.show_name, draft.private, draft.name = show_name, private, clean(name)


@dataclass(frozen=True)
class Similar:
    """An open complaint that may be the same matter. ``metres``: how far its pin is."""

    complaint: Complaint
    metres: int


def similar(session: Session, draft: Draft, limit: int = 5) -> list[Similar]:
    """Open public complaints of the draft's category within the category's distance, nearest first."""
    category = session.get_one(Category, draft.category_id)
    radius = category.duplicate_radius_m
    if not radius or draft.lat is None or draft.lon is None or draft.private:
        return []
    box = box_around(draft.lat, draft.lon, radius)
    near = session.scalars(
        select(Complaint).where(
            Complaint.category_id == category.id, Complaint.state.in_(OPEN), ~Complaint.private,
            Complaint.lat.between(box.south, box.north),
            Complaint.lon.between(box.west, box.east),
        )
    )
    found = []
    for complaint in near:
        assert complaint.lat is not None and complaint.lon is not None
        metres = distance_m(draft.lat, draft.lon, complaint.lat, complaint.lon)
        if metres <= radius:
            found.append(Similar(complaint, round(metres)))
    return sorted(found, key=lambda s: s.metres)[:limit]


def ask_to_confirm(session: Session, draft: Draft, email: str, now: datetime) -> None:
    """Order the letter with the button that registers the draft; once per draft and address. Raises what ``refuse_flood`` does."""
    refuse_flood(session, email, now)
    draft.email, draft.asked_at = email.strip().lower(), now
    enqueue(session, "confirm_filing", f"confirm_filing:{draft.id}:{mark_of(session, draft.email, now)}", {"draft_id": draft.id}, now)


def ask_to_join(session: Session, complaint: Complaint, what: str, email: str, locale: str, now: datetime) -> None:
    """Order the letter with the button for ``support`` or ``follow``; once a day per complaint and address. Raises what ``refuse_flood`` does."""
    address = email.strip().lower()
    refuse_flood(session, address, now)
    facts = {"complaint_id": complaint.id, "what": what, "email": address, "locale": locale}
    enqueue(session, "confirm_joining", f"confirm_{what}:{complaint.id}:{mark_of(session, address, now)}:{now.date()}", facts, now)


def register(session: Session, draft: Draft, contact: Contact, now: datetime) -> Complaint:
    """Register the draft for its applicant and order the ticket. A draft registered before gives the same complaint.

    Raises ``DraftExpired`` after ``DRAFT_LIVES``.
    """
    session.flush()  # refresh throws away what was not written yet
    session.refresh(draft, with_for_update=True)
    if draft.complaint_id is not None:
        return session.get_one(Complaint, draft.complaint_id)
    if now - (draft.asked_at or draft.created_at) > DRAFT_LIVES or draft.category_id is None:
        raise DraftExpired()
    city, category = session.get_one(City, draft.city_id), session.get_one(Category, draft.category_id)
    body = responsible_body(session, city, category, draft.district_id)
    facts: dict[str, Any] = {}
    if not has_officials(session, body.id):
        facts["instead_of"] = body.id  # nobody there to answer: the city's default body, and the administrator is told
        body = default_body(session, city)
    calendar = work_calendar(session)
    day = calendar.registration_day(now, city.timezone, city.workday_ends)
    kind = AppealKind(draft.kind or category.appeal_kind)
    term = PROCEDURES[kind].working_days
    number = _free_number(session, city)
    complaint = Complaint(
        number=number, city_id=city.id, district_id=draft.district_id, category_id=category.id,
        root_id=category.parent_id or category.id, direction=category.direction, with_photo=bool(draft.attachments), body_id=body.id,
        kind=kind, state=State.REGISTERED, text=draft.text, language=detect_language(draft.text, draft.locale),
        address=draft.address, lat=draft.lat, lon=draft.lon, cell=cell_at(draft.lat, draft.lon), private=draft.private,
        public_name=draft.name if draft.show_name else None,
        search=searched_words(number, draft.address, draft.text),
        registered_at=now, registered_on=day, arrived_on=day, term_from=day, term_days=term,
        due_on=calendar.add(day, term), updated_at=now,
        applicant=Applicant(contact_id=contact.id, name=draft.name),
    )
    session.add(complaint)
    session.flush()
    event = ComplaintEvent(
        complaint_id=complaint.id, kind="register", at=now, role="applicant", user_id=contact.user_id,
        to_state=State.REGISTERED, to_body_id=body.id, due_after=complaint.due_on, facts=facts | {"day": day.isoformat()},
    )
    session.add_all([event, Follow(complaint_id=complaint.id, contact_id=contact.id, at=now)])
    session.flush()
    for attachment in draft.attachments:
        attachment.complaint_id, attachment.event_id = complaint.id, event.id
        attachment.photo.private = draft.private
    draft.complaint_id = complaint.id
    count(session, complaint, event)
    search.add(session, complaint.id, city.id, category.id, number, draft.address, draft.text)
    enqueue(session, "complaint_event", f"complaint_event:{event.id}", {"event_id": event.id}, now)
    return complaint


def _free_number(session: Session, city: City) -> str:
    while True:
        number = new_number(city.prefix)
        if session.scalar(select(Complaint.id).where(Complaint.number == number)) is None:
            return number


def forget_old_drafts(session: Session, now: datetime) -> list[str]:
    """Delete drafts older than ``DRAFT_LIVES``: what nobody confirmed is not kept, and what was registered stands in the
    complaint. Returns the ids of photos that went with them, whose files are to be deleted."""
    return forget_drafts(session, session.scalars(select(Draft.id).where(func.coalesce(Draft.asked_at, Draft.created_at) < now - DRAFT_LIVES).limit(200)).all())


def forget_drafts(session: Session, ids: Sequence[str]) -> list[str]:
    """Delete these drafts. Returns the ids of photos that went with them, whose files are to be deleted."""
    gone: list[str] = []
    for draft in session.scalars(select(Draft).where(Draft.id.in_(ids))):
        for attachment in draft.attachments:
            attachment.draft_id = None
            if attachment.complaint_id is None:
                gone.append(attachment.photo_id)
                session.delete(attachment)
        session.flush()
        session.delete(draft)
    session.flush()
    session.execute(delete(Photo).where(Photo.id.in_(gone)))
    return gone
