"""Photos of the sample of ``civic.permissions``, each where its author and a moderator can cover parts of it."""

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from PIL import Image

from civic.complaints.models import Attachment, ComplaintEvent
from civic.complaints.states import State
from civic.events.states import EventState
from civic.media.models import Photo
from civic.media.service import write_sizes
from civic.moderation import service as moderation
from civic.moderation.codex import Reason
from civic.moderation.subjects import load
from civic.promises import recording
from civic.promises import service as promises
from civic.promises.recording import PromiseInput
from civic.promises.service import Evidence

if TYPE_CHECKING:
    from tests.support.permissions import World

#: A rectangle that is inside.
BOXES = {"boxes": "0,0,50,50"}


def photos(world: "World") -> dict[str, dict[str, Any]]:
    """By thing the parts of the address at which it is covered."""
    complaint, discussion = world.complaints[State.ANSWERED], world.events[EventState.ANNOUNCED]
    own, answer, of_discussion = (_photo(world) for _ in range(3))
    head = world.makes.actor(world.people["head"])
    step = ComplaintEvent(
        complaint_id=complaint.id, kind="answer", at=world.now, role="head", user_id=head.user_id, body_id=world.body.id, from_state=State.IN_WORK,
        to_state=State.ANSWERED, to_body_id=world.body.id, due_after=complaint.due_on, facts={"outcome": "explained", "days": 1})
    world.session.add(step)
    world.session.flush()
    world.session.add_all([Attachment(photo_id=own, complaint_id=complaint.id, moment="before"),
                           Attachment(photo_id=answer, complaint_id=complaint.id, event_id=step.id, moment="after")])
    discussion.photo_id = of_discussion
    world.session.flush()
    return {
        "photo of a complaint": {"number": complaint.number, "photo_id": own, "fields": BOXES},
        "photo of an answer": {"number": complaint.number, "photo_id": answer, "fields": BOXES},
        "photo of a discussion": {"code": discussion.code, "photo_id": of_discussion, "fields": BOXES},
        **_evidence(world), "case with a photo": _case(world, complaint.number, own),
    }


def _evidence(world: "World") -> dict[str, dict[str, Any]]:
    """A report that its body made and a resident, the applicant, contested."""
    promise = recording.record(world.session, world.events[EventState.LIVE], world.held.actor, world.now, PromiseInput(
        body_id=world.body.id, words="Арықты тазалаймыз.", due_on=world.now.date(), post="Басшы"))
    promises.confirm(world.session, promise, world.makes.actor(world.people["head"]), world.now)
    made = {}
    for thing, who, take in (("evidence of a body", "official", promises.claim), ("evidence of a resident", "applicant", promises.contest)):
        photo_id = _photo(world)
        take(world.session, promise, world.makes.actor(world.people[who]), world.now, Evidence("Міне, сурет.", photo_ids=[photo_id]))
        made[thing] = {"number": promise.number, "photo_id": photo_id, "fields": BOXES}
    return made


def _case(world: "World", number: str, photo_id: str) -> dict[str, Any]:
    """Flagged by the resident, and open."""
    thing = load(world.session, "complaint", number)
    assert thing is not None
    part = next(part.name for part in thing.parts if part.photo_id == photo_id)
    case = moderation.flag(world.session, thing, world.makes.actor(world.people["resident"]), world.now, part=part, reason=Reason.PERSONAL_DATA)
    return {"case_id": case.id, "photo_id": photo_id, "fields": BOXES}


def _photo(world: "World") -> str:
    """One that is shown, with its files."""
    photo_id = token_hex(16)
    made = write_sizes(world.makes.app.settings.media, photo_id, Image.new("RGB", (80, 60), "white"))
    world.session.add(Photo(id=photo_id, state="ready", private=False, width=made.width, height=made.height, uploaded_at=world.now))
    world.session.flush()
    return photo_id
