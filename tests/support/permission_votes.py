"""Suspect votes of the sample of ``civic.permissions``: found by the rules or set aside in their room, and decided by the moderator."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from civic.complaints import service
from civic.events.states import EventState
from civic.limits import votes
from civic.limits.models import VoteMark
from civic.limits.votes import SIGNALS, Origin
from civic.moderation.vote_views import STATE_WORDS
from civic.questions import asking, rooms, voting
from civic.questions.asking import Asked
from civic.questions.rooms import ROOM, Who
from tests.support.permission_states import Values

if TYPE_CHECKING:
    from tests.support.permissions import World

VOICES = SIGNALS["device"]
SCRIPT = "one network"
SUSPECT = ("suspect voices", "suspect devices")


def suspect_votes(world: "World") -> dict[str, Values]:
    """By thing and state. ``name``: what moderators see of a subject; ``votes``: how many are marked."""
    return {"suspect voices": {state: _of_complaint(world, state) for state in STATE_WORDS},
            "suspect devices": {state: _of_room(world, state) for state in STATE_WORDS}}


def _of_complaint(world: "World", state: str) -> dict[str, object]:
    """Voices from one browser."""
    session, now, moderator = world.session, world.now, world.people["moderator"]
    complaint = world.filed(text=f"Көшеде шұңқыр көп: {STATE_WORDS[state]}")
    for n in range(VOICES):
        assert service.support(session, complaint, world.makes.contact().id, now, Origin(f"network{n}", "one browser", "ab" * 32))
    assert votes.mark_suspects(session, now) == VOICES
    if state != "suspected":
        assert votes.decide(session, "support", complaint.id, "suspected", state, "Бір құрылғы", moderator.id, now) == VOICES
    return {"name": complaint.number, "votes": VOICES, "fields": _fields("support", complaint.id, state)}


def _of_room(world: "World", state: str) -> dict[str, object]:
    """Devices that the organiser has set aside. Those that wait for a decision, in a room a burst, are not counted either."""
    session, now, actor = world.session, world.now, world.held.actor
    event = world.held(capacity=30)
    event.state, event.starts_at = EventState.LIVE, now - timedelta(hours=1)
    room = rooms.open_room(session, event, now)
    device = rooms.come_in(session, room, Who(device="ab" * 32, address=SCRIPT), now)
    asking.ask(session, room, device, Asked("Жол қашан жөнделеді?"), now)
    assert voting.set_suspect(session, room, actor, now, address=SCRIPT, suspect=True) == 1
    if state == "cleared":
        assert voting.set_suspect(session, room, actor, now, address=SCRIPT, suspect=False) == 1
    if state == "suspected":
        session.execute(update(VoteMark).where(VoteMark.kind == ROOM, VoteMark.subject_id == room.id).values(state=state))
    return {"name": room.code, "votes": 1, "fields": _fields(ROOM, room.id, state)}


def _fields(kind: str, subject_id: int, state: str) -> dict[str, str]:
    return {"kind": kind, "subject": str(subject_id), "state": state, "reason": "Бір құрылғыдан берілген."}
