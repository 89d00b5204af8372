"""Jobs of moderation: looking for signs of trouble, covering photos, telling the author."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import administrators, contacts_of
from civic.complaints.models import Complaint, ComplaintEvent
from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.media import covering
from civic.media.models import Photo
from civic.media.service import delete_files
from civic.moderation import signs
from civic.moderation.models import Case, CaseAct
from civic.moderation.queries import other_moderators
from civic.moderation.service import notice
from civic.moderation.subjects import Part, Thing, load
from civic.notifications.service import tell

DAY = timedelta(days=1)
#: A recording and materials are what they are made of, as links are evidence of a promise: a link is no sign of trouble there.
MADE_OF_LINKS = frozenset({"minutes"})
#: Parts that are nothing but a link.
LINKS = frozenset({"links", "stream"})
#: Of the same city and day; a flood is seen in the newest of them.
LOOKED_AT = 300


def register(queue: Queue, root: Path, own_host: str) -> None:
    """Bind the handlers."""

    def look_for_signs(session: Session, payload: dict[str, Any], now: datetime) -> None:
        session.rollback()  # a text is compared with hundreds, a transcript takes seconds: nobody waits for it
        thing = load(session, payload["kind"], payload["key"])
        new = what_is_new(session, thing, payload.get("event_id"), payload.get("parts")) if thing is not None else New([])
        flood = thing is not None and new.registered and _is_flood(session, thing, now)
        suspect = [part for part in (_read(one, payload["kind"]) for one in new.parts) if flood or signs.find(part.text or "", own_host=own_host)]
        begin_write(session)
        if thing is not None:
            notice(session, thing, suspect, now, own_host=own_host, flood=flood)

    def cover_photo(session: Session, payload: dict[str, Any], now: datetime) -> None:
        cover(session, root, payload)

    queue.handlers.update(look_for_signs=look_for_signs, cover_photo=cover_photo, moderation_act=moderation_act)


class New(NamedTuple):
    """What the rules have to look at. registered: it is a complaint that was registered just now."""

    parts: list[Part]
    registered: bool = False


def what_is_new(session: Session, thing: Thing, event_id: int | None, parts: Collection[str] | None = None) -> New:
    """Of a complaint the words of this step, of anything else these parts, or all of it but for what is nothing but a link; what is hidden
    has been decided."""
    event = session.get(ComplaintEvent, event_id) if event_id and thing.kind == "complaint" else None
    if event is None:
        named = None if parts is None else frozenset(parts)
        return New([p for p in thing.parts if not p.hidden and (p.name in named if named is not None else p.kind not in LINKS)])
    if event.kind == "register":
        return New([p for p in thing.parts if p.kind in ("text", "address", "name")], registered=True)
    step = thing.part(f"step-{event.id}")
    return New([step] if step is not None else [])


def _read(part: Part, kind: str) -> Part:
    """What the rules look at of a part."""
    if kind not in MADE_OF_LINKS or not part.text:
        return part
    pieces = signs.pieces(part.text, signs.links(part.text))
    return replace(part, text=" ".join(piece for piece, name in pieces if not name))


def _is_flood(session: Session, thing: Thing, now: datetime) -> bool:
    text = thing.part("text")
    earlier = session.scalars(select(Complaint.text).where(
        Complaint.city_id == thing.city_id, Complaint.registered_at >= now - DAY, Complaint.id < thing.id)
        .order_by(Complaint.registered_at.desc()).limit(LOOKED_AT))
    return text is not None and signs.is_flood(text.text or "", earlier)


def cover(session: Session, root: Path, payload: dict[str, Any]) -> None:
    """Make the covered photo, put it in the place of the old one, delete the old files. Comes again after a crash without harm."""
    photo = session.get(Photo, payload["photo_id"])
    if photo is None:
        delete_files(root, payload["photo_id"])
        return
    session.rollback()
    encoded = covering.cover(root, payload["photo_id"], payload["new_id"], [tuple(box) for box in payload["boxes"]])
    begin_write(session)
    photo = session.get(Photo, payload["photo_id"])
    shown = photo is not None and covering.replace(session, photo, payload["new_id"], encoded)
    session.commit()  # before the files go: a commit that fails leaves a photo that can be covered again
    if not shown:
        delete_files(root, payload["new_id"])
    delete_files(root, payload["photo_id"])


def moderation_act(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """Tell the authors what was decided and why; a second moderator, or the administrators, of an appeal."""
    act = session.get_one(CaseAct, payload["act_id"])
    case = session.get_one(Case, act.case_id)
    if act.kind == "appeal":
        judges = administrators(session) if case.for_administrator else other_moderators(session, case.city_id, case.decided_by_id)
        for contact in contacts_of([user for user in judges if user.id != case.decided_by_id]):
            tell(session, contact, "moderation_appeal", f"moderation:{act.id}", {"act_id": act.id}, now)
        return
    for contact in session.scalars(select(Contact).where(Contact.id.in_(case.authors))):
        tell(session, contact, "moderation_decided", f"moderation:{act.id}", {"act_id": act.id}, now)
