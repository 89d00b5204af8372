"""Coming to an event: asking for a place, confirming the address, waiting, accepting, leaving, being approved."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.core.actor import SYSTEM, Actor
from civic.core.codes import new_number
from civic.core.errors import DomainError, InputRefused
from civic.core.text import clean
from civic.events.formats import FORMATS
from civic.events.models import Event, Registration, RegistrationRequest
from civic.events.service import lock
from civic.events.states import AHEAD, ALIVE, HOLDING, REGISTRATION_STEPS, Admission, Consent, RegistrationState
from civic.events.waiting import change, fill_places, give_back, take_place
from civic.jobs.service import enqueue
from civic.notifications.service import refuse_flood
from civic.places.models import City

R = RegistrationState
MAX_NEEDS = 500
MAX_NAME = 120
REQUEST_LIVES = timedelta(days=2)
#: A script fills no room: what is not confirmed holds no place, and there is an end to what may wait for confirmation. From 375 an hour
#: on each request costs a proof of work, from one network come no more than 250 (``limits.quotas``): a script does not get here alone.
REQUESTS_AN_HOUR = 5000
REQUESTS_OF_ONE_ADDRESS = 10


class RegistrationClosed(DomainError):
    """The event takes nobody any more, or never took registrations; once it is over or called off, those it has stay as they are."""

    code = "registration_closed"


class RequestExpired(DomainError):
    """The button of the letter was pressed too late, or the event is gone."""

    code = "registration_request_expired"


@dataclass(frozen=True)
class Wish:
    """What a person types. needs: what helps them to take part; needs_consent: that it may be kept until the event is over.

    informed: version of the informed consent that was agreed to, and the language it was read in, where the format asks for one.
    """

    name: str
    needs: str = ""
    needs_consent: bool = False
    consent: bool = False
    informed: tuple[int, str] | None = None


def wish_problems(event: Event, wish: Wish) -> list[InputRefused]:
    """``name_missing``, ``name_too_long``, ``needs_too_long``, ``needs_without_consent``, ``consent_missing``,
    ``informed_consent_missing``."""
    found = []
    if not clean(wish.name):
        found.append(InputRefused("name", "visitor_name_missing"))
    if len(clean(wish.name)) > MAX_NAME:
        found.append(InputRefused("name", "name_too_long", limit=MAX_NAME))
    if len(clean(wish.needs)) > MAX_NEEDS:
        found.append(InputRefused("needs", "too_many_characters", limit=MAX_NEEDS))
    if clean(wish.needs) and not wish.needs_consent:
        found.append(InputRefused("needs_consent", "needs_without_consent"))
    if event.consent != Consent.NONE and not wish.consent:
        found.append(InputRefused("consent", "consent_missing"))
    if FORMATS[event.format].informed and wish.informed is None:
        found.append(InputRefused("name", "informed_consent_missing"))
    return found


def is_open(event: Event, now: datetime) -> bool:
    """Whether one can register now (for a place or for the waiting list)."""
    return event.admission != Admission.FREE and event.state in AHEAD and now < event.ends_at


def request(session: Session, event: Event, email: str, locale: str, wish: Wish, now: datetime) -> RegistrationRequest:
    """Keep the wish until the address is confirmed, and order the letter with the button; once a day per address and event.

    It holds no place. Raises ``RegistrationClosed``, ``too_many_requests``, and what ``wish_problems`` and ``refuse_flood`` do.
    """
    _check(event, wish, now)
    address = email.strip().lower()
    refuse_flood(session, address, now)
    hour = select(func.count()).select_from(RegistrationRequest).where(
        RegistrationRequest.event_id == event.id, RegistrationRequest.asked_at > now - timedelta(hours=1))
    of_one = select(func.count()).select_from(RegistrationRequest).where(RegistrationRequest.email == address)
    row = session.scalar(select(RegistrationRequest).where(RegistrationRequest.event_id == event.id, RegistrationRequest.email == address))
    if row is None:
        if (session.scalar(hour) or 0) >= REQUESTS_AN_HOUR or (session.scalar(of_one) or 0) >= REQUESTS_OF_ONE_ADDRESS:
            raise InputRefused("email", "too_many_requests")
        row = RegistrationRequest(id=secrets.token_hex(16), event_id=event.id, email=address)
        session.add(row)
    row.name, row.locale, row.asked_at, row.consent = clean(wish.name), locale, now, wish.consent
    row.needs = clean(wish.needs) or None
    row.informed_version, row.informed_language = wish.informed or (None, None)
    session.flush()
    enqueue(session, "confirm_registration", f"confirm_registration:{row.id}:{now.date()}", {"request_id": row.id}, now)
    return row


def confirm(session: Session, row: RegistrationRequest, contact: Contact, now: datetime) -> Registration:
    """The button of the letter was pressed. Raises ``RequestExpired`` and what ``register`` raises."""
    event = session.get(Event, row.event_id)
    if event is None or now - row.asked_at > REQUEST_LIVES:
        raise RequestExpired()
    informed = (row.informed_version, row.informed_language or "") if row.informed_version else None
    wish = Wish(row.name, row.needs or "", row.needs is not None, row.consent, informed)
    made = register(session, event, contact, wish, now)
    session.delete(row)
    session.flush()
    return made


def register(session: Session, event: Event, contact: Contact, wish: Wish, now: datetime) -> Registration:
    """A place, or the end of the waiting list, or the wait for approval. Who is registered already stays as they are.

    Raises ``RegistrationClosed`` and what ``wish_problems`` finds.
    """
    lock(session, event)
    _check(event, wish, now)
    held = session.scalar(select(Registration).where(Registration.event_id == event.id, Registration.contact_id == contact.id)
                          .execution_options(populate_existing=True))
    if held is not None and held.state in ALIVE | {R.DECLINED}:
        return held
    registration = held or Registration(event_id=event.id, event=event, contact_id=contact.id, created_at=now,
                                        number=_free_number(session, event))
    registration.name = clean(wish.name)
    registration.needs = clean(wish.needs) or None
    registration.needs_consent_at = now if registration.needs else None
    registration.consent_at = now if wish.consent else None
    registration.informed_version, registration.informed_language = wish.informed or (None, None)
    registration.queued_at = now
    registration.state = R.PENDING if event.admission == Admission.APPROVAL else R.WAITING
    if registration.state == R.WAITING and take_place(session, event):
        registration.state = R.REGISTERED
    registration.changed_at = now
    session.add(registration)
    change(session, registration, registration.state, now)
    return registration


def leave(session: Session, registration: Registration, actor: Actor, now: datetime) -> None:
    """Give up the place or the wish; the next in the list is offered it. Nothing happens when it was given up before.

    Raises ``RegistrationClosed`` when the event is over: who had a place there is in its minutes.
    """
    _take(session, registration)
    if registration.state == R.CANCELLED:
        return
    _refuse_past(registration)
    REGISTRATION_STEPS.check("cancel", actor, registration)
    _end(session, registration, R.CANCELLED, now)


def accept(session: Session, registration: Registration, actor: Actor, now: datetime) -> None:
    """Yes to an offered place. Nothing happens when it was accepted before. Raises ``TransitionForbidden`` when it has lapsed, and
    ``RegistrationClosed``."""
    _take(session, registration)
    if registration.state == R.REGISTERED:
        return
    _refuse_past(registration)
    target = REGISTRATION_STEPS.check("accept", actor, registration).target
    if registration.offer_until is not None and now > registration.offer_until:
        raise InputRefused("accept", "offer_over")
    change(session, registration, target, now)


def approve(session: Session, registration: Registration, actor: Actor, now: datetime) -> None:
    """An organiser says yes: a place, or the waiting list when the room is full. Raises ``RegistrationClosed``."""
    _take(session, registration)
    _refuse_past(registration)
    REGISTRATION_STEPS.check("approve", actor, registration)
    step = "approve" if take_place(session, registration.event) else "queue"
    change(session, registration, REGISTRATION_STEPS.check(step, actor, registration).target, now)


def decline(session: Session, registration: Registration, actor: Actor, now: datetime) -> None:
    """An organiser says no. Raises ``RegistrationClosed``."""
    _take(session, registration)
    _refuse_past(registration)
    REGISTRATION_STEPS.check("decline", actor, registration)
    _end(session, registration, R.DECLINED, now)


def lapse_offers(session: Session, now: datetime, limit: int = 200) -> int:
    """Offers that nobody answered in time go to the next in the list. Returns how many lapsed."""
    over = session.execute(
        select(Registration.id, Registration.event_id).join(Event, Event.id == Registration.event_id)
        .where(Registration.state == R.OFFERED, Registration.offer_until < now, Event.state.in_(AHEAD)).order_by(Registration.offer_until).limit(limit)
    ).all()
    for registration_id, _ in sorted(over, key=lambda row: row.event_id):
        registration = session.get_one(Registration, registration_id)
        _take(session, registration)
        if registration.state == R.OFFERED and registration.offer_until is not None and registration.offer_until < now:
            REGISTRATION_STEPS.check("lapse", SYSTEM, registration)
            _end(session, registration, R.LAPSED, now)
    return len(over)


def forget_requests(session: Session, now: datetime) -> None:
    """What nobody confirmed in time is not kept."""
    session.execute(delete(RegistrationRequest).where(RegistrationRequest.asked_at < now - REQUEST_LIVES))


def _end(session: Session, registration: Registration, state: RegistrationState, now: datetime) -> None:
    held = registration.state in HOLDING
    registration.needs = registration.needs_consent_at = None
    change(session, registration, state, now)
    if held:
        give_back(session, registration.event, now)
    else:
        fill_places(session, registration.event, now)


def _take(session: Session, registration: Registration) -> None:
    """Take the event and then the registration for writing: always in this order."""
    lock(session, registration.event)
    session.refresh(registration, attribute_names=["state", "offer_until", "needs"])


def _refuse_past(registration: Registration) -> None:
    if registration.event.state not in AHEAD:
        raise RegistrationClosed()


def _check(event: Event, wish: Wish, now: datetime) -> None:
    if not is_open(event, now):
        raise RegistrationClosed()
    found = wish_problems(event, wish)
    if found:
        raise found[0]


def _free_number(session: Session, event: Event) -> str:
    prefix = session.get_one(City, event.city_id).prefix
    while True:
        number = new_number(prefix)
        if session.scalar(select(Registration.id).where(Registration.number == number)) is None:
            return number
