"""Covering a face or a number plate in a photo of a discussion (its own, one of its materials, a slide of a talk) or in the evidence of
a promise. Those of complaints: ``mending``.

Who may is for the pages to say: an organiser, whoever holds a presenter's link, the side that gave the evidence, a moderator with a
case. What was covered is gone for good, so the page says only that it happened and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.complaints.models import Attachment, Complaint
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import NotFound
from civic.events.models import Event
from civic.events.queries import by_code
from civic.media import covering
from civic.media.covering import Box
from civic.media.models import Photo
from civic.minutes.models import Minutes, MinutesMaterial
from civic.minutes.queries import of_event
from civic.moderation import mending, service
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.subjects import marked
from civic.promises.models import Promise, PromisePhoto, PromiseStep
from civic.promises.queries import by_number
from civic.stage.models import Slide, Talk

#: Kinds of things whose page says that parts of a photo were covered.
KINDS = frozenset({"complaint", "event", "minutes", "talk", "promise"})


@dataclass(frozen=True)
class Place:
    """A photo of a discussion or a promise. timezone: of its city. owner: what says that parts of it were covered, None while there is no
    such page."""

    photo: Photo
    timezone: str
    owner: Event | Minutes | Talk | PromiseStep | None


def place_of(session: Session, event: Event, photo_id: str) -> Place | None:
    """Where in the discussion the photo stands; None when it is none of its photos, or not shown now."""
    photo, zone = _shown(session, photo_id), event.city.timezone
    if photo is None:
        return None
    if event.photo_id == photo_id:
        return Place(photo, zone, event)
    if session.scalar(select(MinutesMaterial.id).where(MinutesMaterial.event_id == event.id, MinutesMaterial.photo_id == photo_id)) is not None:
        return Place(photo, zone, of_event(session, event.id))
    talk = session.scalar(select(Talk).join(Slide, Slide.talk_id == Talk.id).where(Talk.event_id == event.id, Slide.photo_id == photo_id))
    return Place(photo, zone, talk) if talk is not None else None


def place_of_evidence(session: Session, promise: Promise, photo_id: str) -> Place | None:
    """The step of the promise with which the photo came; None when it is none of its photos, or not shown now."""
    photo = _shown(session, photo_id)
    step = session.scalar(select(PromiseStep).join(PromisePhoto, PromisePhoto.step_id == PromiseStep.id)
                          .where(PromiseStep.promise_id == promise.id, PromisePhoto.photo_id == photo_id))
    return Place(photo, promise.event.city.timezone, step) if photo is not None and step is not None else None


def _shown(session: Session, photo_id: str) -> Photo | None:
    photo = session.get(Photo, photo_id)
    return photo if photo is not None and photo.state == "ready" else None


def by_moderator(session: Session, case: Case, photo: Photo, actor: Actor, now: datetime, boxes: Sequence[Box]) -> None:
    """A moderator covers parts of a photo of an open case; the public log gets an entry. Raises what ``covering.order`` raises."""
    covering.check(boxes)
    service.lock(session, case, None)
    service.covered(session, case, actor, now, reason=Reason.PERSONAL_DATA)
    if case.kind == "complaint":
        attachment = session.scalar(select(Attachment).where(Attachment.photo_id == photo.id))
        if attachment is None:  # its author was erased at this moment
            raise NotFound()
        mending.cover_by_moderator(session, session.get_one(Complaint, attachment.complaint_id), actor, now, attachment, boxes)
        return
    place = _place_of_case(session, case, photo)
    if place is None:
        raise NotFound()
    cover(session, place, boxes, now)


def _place_of_case(session: Session, case: Case, photo: Photo) -> Place | None:
    if case.kind == "promise":
        promise = by_number(session, case.key)
        return place_of_evidence(session, promise, photo.id) if promise is not None else None
    event = by_code(session, case.key.rpartition("-")[0] if case.kind == "talk" else case.key)
    return place_of(session, event, photo.id) if event is not None else None


def cover(session: Session, place: Place, boxes: Sequence[Box], now: datetime) -> None:
    """Order the covering, and say so on the page. Raises what ``covering.order`` raises."""
    covering.order(session, place.photo, boxes, now)
    owner, on = place.owner, local_date(now, place.timezone).isoformat()
    if isinstance(owner, PromiseStep):  # the promise before its step, as whoever hides words of it does
        session.get_one(Promise, owner.promise_id, with_for_update=True).updated_at = now
    if owner is not None:
        lock_row(session, owner)
        owner.hidden = marked(owner.hidden, "covered", {"on": on})
    if isinstance(owner, Talk):  # an event's own version says that its page has to be drawn anew
        owner.revision += 1
    session.flush()
