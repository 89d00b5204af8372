"""Values that exist, in sets that belong together: a discussion with its city, its questions, its links.

A key says where a value stands: ``events:code`` after ``…/events/``, ``/unfollow:token`` after exactly that, ``talk_id`` anywhere.
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app
from flask_security.confirmable import generate_confirmation_token
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from civic.accounts.links import token_for
from civic.accounts.models import AccountSession, Contact, Membership, User, WebAuthn
from civic.accounts.post_models import PostInvitation
from civic.bodies.models import Body, Category
from civic.complaints.filing_views import signer
from civic.complaints.models import AnswerTemplate, Attachment, Complaint, Draft
from civic.events.models import (
    Event,
    Organisation,
    OrganisationMember,
    Recommendation,
    Registration,
    RegistrationRequest,
    Speaker,
)
from civic.following.models import Following
from civic.invitations.models import CalendarAddress, HeldAnswer, Invitation
from civic.minutes.models import Minutes, MinutesMaterial
from civic.moderation.models import Case
from civic.places.models import City, DayEdit
from civic.privacy.models import Export
from civic.programmes.models import Part, PartEvent, PartPerson, PartTopic, Programme
from civic.promises.models import Promise
from civic.questions.models import Poll, Question, Room, RoomModerator
from civic.stage.models import Talk

Kit = dict[str, str]


def kits(session: Session) -> list[Kit]:
    """Everything that the database holds, as parts of addresses. Needs a request: links are signed."""
    found: list[Kit] = []
    for gather in (_complaints, _events, _of_events, _rooms, _minutes, _invitations, _promises, _cases, _organisations, _programmes, _followings, _accounts, _reference):
        found += [{name: str(value) for name, value in kit.items()} for kit in gather(session)]
    return found


def fitting(rule: Rule, found: list[Kit]) -> list[dict[str, str]]:
    """What can stand in the address: for each set that knows the most of its parts, those parts by name."""
    places = _places(rule)
    filled = [{name: value for name, behind in places.items() if (value := _value(kit, name, behind)) is not None} for kit in found]
    most = max((len(parts) for parts in filled), default=0)
    return [parts for parts in filled if len(parts) == most]


def _places(rule: Rule) -> dict[str, str]:
    """By name of a part: the fixed words of the address that stand before it."""
    places, behind = {}, ""
    for word in rule.rule.split("/"):
        if "<" not in word:
            behind = f"{behind}/{word}" if word else behind
        else:
            places |= {piece.partition(">")[0].rpartition(":")[2]: behind for piece in word.split("<")[1:]}
    return places


def _value(kit: Kit, name: str, behind: str) -> str | None:
    for key, value in kit.items():
        before, _, of = key.rpartition(":")
        if of == name and (not before or f"/{behind}".endswith(f"/{before}")):
            return value
    return None


def _all(session: Session, table: Any) -> Any:
    return session.scalars(select(table)).all()


def _complaints(session: Session) -> Iterator[dict[str, Any]]:
    cities = {city.id: city.code for city in _all(session, City)}
    photos = {a.complaint_id: a.photo_id for a in _all(session, Attachment) if a.complaint_id}
    for row in _all(session, Complaint):
        contact_id = row.applicant.contact_id if row.applicant else None
        links = {"complaints/link:token": signer("link").dumps([row.id, contact_id]), "/unfollow:token": signer("unfollow").dumps([row.id, contact_id]),
                 "/confirm-joining:token": signer("joining").dumps([row.id, "support", "a@x.kz", "kk"])} if contact_id else {}
        picture = {"photo_id": photos[row.id]} if row.id in photos else {}
        yield {"city": cities[row.city_id], "complaints:number": row.number, "desk:number": row.number, "flag:key": row.number, "flag:kind": "complaint", **links, **picture}
    numbers = [row.number for row in _all(session, Complaint)]
    for row in _all(session, Draft):
        yield {"city": cities[row.city_id], "draft_id": row.id, "support:number": numbers[0], **({"/confirm:token": signer("filing").dumps([row.id, row.email])} if row.email else {})}


def _of(event: Event) -> dict[str, Any]:
    return {"city": event.city.code, "events:code": event.code, "event:code": event.code, "flag:kind": "event", "flag:key": event.code}


def _events(session: Session) -> Iterator[dict[str, Any]]:
    for row in _all(session, Event):
        yield _of(row)
    for row in _all(session, Speaker):
        yield {"events/speaker:token": signer("speaker").dumps(row.id)}
    for row in _all(session, RegistrationRequest):
        yield {"events/confirm:token": signer("event").dumps([row.id, row.email])}


def _of_events(session: Session) -> Iterator[dict[str, Any]]:
    for row in _all(session, Registration):
        yield {**_of(row.event), "registration_id": row.id, "/registration:token": signer("registration").dumps([row.id, row.contact_id])}
    for row in _all(session, Recommendation):
        yield {**_of(session.get_one(Event, row.event_id)), "recommendation_id": row.id}
    for row in _all(session, Talk):
        yield {**_of(row.event), "talk_id": row.id, "/talk:token": row.token}


def _rooms(session: Session) -> Iterator[dict[str, Any]]:
    def of(room: Room) -> dict[str, Any]:
        return {**_of(room.event), "r:code": room.code, "room:code": room.code}

    for row in _all(session, Room):
        yield of(row)
    for row in _all(session, Question):
        yield {**of(row.room), "question_id": row.id, "flag:kind": "question", "flag:key": row.id}
    for row in _all(session, Poll):
        yield {**of(row.room), "poll_id": row.id}
    for row in _all(session, RoomModerator):
        yield {**of(session.get_one(Room, row.room_id)), "moderator_id": row.id}


def _minutes(session: Session) -> Iterator[dict[str, Any]]:
    for row in _all(session, Minutes):
        for number in range(1, row.number + 2):
            yield {**_of(session.get_one(Event, row.event_id)), "minutes:number": number, "flag:kind": "minutes"}
    for row in _all(session, MinutesMaterial):
        yield {**_of(row.event), "material_id": row.id}


def _invitations(session: Session) -> Iterator[dict[str, Any]]:
    contacts = [c.id for c in _all(session, Contact)]
    for row in _all(session, Invitation):
        contact_id = row.contact_id or contacts[0]
        yield {**_of(row.event), "invitations:number": row.number, "/invitations/link:token": signer("invitation").dumps([row.id, contact_id, "x"])}
    for row in _all(session, HeldAnswer):
        yield {"/invitations/confirm:token": signer("invitation-held").dumps(row.id)}
    for row in _all(session, CalendarAddress):
        yield {"/calendar:token": row.token}


def _promises(session: Session) -> Iterator[dict[str, Any]]:
    contact = _all(session, Contact)[0]
    for row in _all(session, Promise):
        yield {"promises:number": row.number, "flag:kind": "promise", "flag:key": row.number, "promises/unfollow:token": signer("promise-unfollow").dumps([row.number, contact.id]),
               "promises/confirm-following:token": signer("promise-following").dumps([row.number, contact.email, "kk"])}


def _cases(session: Session) -> Iterator[dict[str, Any]]:
    photos = [a.photo_id for a in _all(session, Attachment)]
    for row in _all(session, Case):
        authors = {"moderation/appeal:token": signer("moderation-appeal").dumps([row.id, row.authors[0]])} if row.authors else {}
        yield {"city": session.get_one(City, row.city_id).code, "case_id": row.id, "entry_id": row.id, **({"photo_id": photos[row.id % len(photos)]} if photos else {}), **authors}


def _organisations(session: Session) -> Iterator[dict[str, Any]]:
    def of(row: Organisation) -> dict[str, Any]:
        return {"city": session.get_one(City, row.city_id).code, "organisations:code": row.code, "organisation:code": row.code, "/organise:code": row.code, "organisation": row.code}

    for row in _all(session, Organisation):
        yield of(row) | {"category": 2, "district": 1}
    for row in _all(session, OrganisationMember):
        yield of(session.get_one(Organisation, row.organisation_id)) | {"member_id": row.id}
    for row in _all(session, PostInvitation):
        yield {**(of(session.get_one(Organisation, row.organisation_id)) if row.organisation_id else {}), "invitation_id": row.id}


def _programmes(session: Session) -> Iterator[dict[str, Any]]:
    def of(row: Programme) -> dict[str, Any]:
        return {"city": row.city.code, "programmes:code": row.code, "programme:code": row.code, "organisation": row.organisation.code}

    for row in _all(session, Programme):
        yield of(row)
    for row in _all(session, Part):
        there = of(session.get_one(Programme, row.programme_id)) | {"part_id": row.id}
        yield there | {"key": row.id}
        for member in session.scalars(select(PartEvent).where(PartEvent.part_id == row.id)):
            yield there | {"what": "event", "key": session.get_one(Event, member.event_id).code}
        for topic in session.scalars(select(PartTopic).where(PartTopic.part_id == row.id)):
            yield there | {"what": "topic", "key": topic.category_id}
        for person in session.scalars(select(PartPerson).where(PartPerson.part_id == row.id)):
            yield there | {"what": "person", "key": person.id}


def _followings(session: Session) -> Iterator[dict[str, Any]]:
    for row in _all(session, Following):
        facts = {"kind": row.kind, "target": row.target}
        yield {"following_id": row.id, "following/letter:token": signer("followings").dumps(row.contact_id), "following/end:token": signer("end-following").dumps([row.contact_id, [row.id]]), **facts}


def _accounts(session: Session) -> Iterator[dict[str, Any]]:
    secret = str(current_app.config["SECRET_KEY"])
    for user in _all(session, User)[:12]:
        links: dict[str, Callable[[], str]] = {
            "account/confirm-address:token": lambda: generate_confirmation_token(user), "account/reset:token": lambda: generate_reset_password_token(user),  # noqa: B023
            "account/link:token": lambda: token_for(user, secret, {"purpose": "link", "next": "", "device": 0}),  # noqa: B023
            "account/prove/link:token": lambda: token_for(user, secret, {"purpose": "prove", "next": "", "device": 0})}  # noqa: B023
        yield {place: make() for place, make in links.items()} | ({"privacy/link:token": signer("privacy").dumps(user.contact.id)} if user.contact else {})
    for table, name in ((Membership, "post_id"), (AccountSession, "session_id"), (WebAuthn, "passkey_id"), (Export, "export_id"), (AnswerTemplate, "template_id")):
        for row in _all(session, table):
            yield {name: row.id}


def _reference(session: Session) -> Iterator[dict[str, Any]]:
    cities = {city.id: city.code for city in _all(session, City)}
    for body in _all(session, Body):
        yield {"city": cities[body.city_id], "bodies:code": body.code, "row_id": body.id}
    for category in _all(session, Category):
        yield {"city": "shymkent", "categories:code": category.code, "category_id": category.id, "category": category.id, "district": category.id % 8, "row_id": category.id}
    for day in _all(session, DayEdit):
        yield {"day": day.day.isoformat()}


def flat(found: list[Kit]) -> list[str]:
    """All values, each once."""
    return sorted({value for kit in found for value in kit.values()})
