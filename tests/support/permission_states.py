"""Things of the sample of ``civic.permissions`` in each state of their tables of transitions, as rows of a database.

What the services refuse to skip is written past them: so a thing stands in a state with what every step from it asks for.
Each builder gives by state the parts of the thing's addresses, and under ``fields`` what its forms carry.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from civic.events.models import Event
from civic.events.states import EventState
from civic.invitations.models import Invitation
from civic.invitations.states import RECORDED
from civic.invitations.states import State as Invited
from civic.moderation import service as moderation
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.states import State as CaseState
from civic.moderation.subjects import load
from civic.promises import recording
from civic.promises.recording import PromiseInput
from civic.promises.states import State as PromiseState
from civic.questions import asking, polls, rooms
from civic.questions.asking import Asked
from civic.questions.models import Room
from civic.questions.rooms import Who
from civic.questions.states import HiddenReason, PollState
from civic.questions.states import State as QuestionState
from tests.support.invitations import Host

if TYPE_CHECKING:
    from tests.support.permissions import World

Values = dict[str, dict[str, Any]]
#: What an answer needs to name a delegate.
DELEGATE = {"name": "Дана Серік", "post": "Бөлім басшысы"}
#: Beginnings of questions that are not alike.
ABOUT = ("Судың", "Жолдың", "Жарықтың", "Көпірдің", "Саябақтың", "Мектептің", "Ауланың", "Автобустың", "Алаңның")


def promises(world: "World") -> Values:
    """Before their day, with time left for each step."""
    made: Values = {}
    event, today = world.events[EventState.LIVE], world.now.date()
    for state in PromiseState:
        promise = recording.record(world.session, event, world.held.actor, world.now, PromiseInput(
            body_id=world.body.id, words="Жарық орнатамыз.", due_on=today + timedelta(days=28), post="Басшы"))
        promise.state = state
        if state in (PromiseState.CLAIMED, PromiseState.CONTESTED):
            promise.claimed_on, promise.contest_until = today, today + timedelta(days=14)
        world.session.flush()
        fields = {"words": "Жолды да жөндейміз.", "due_on": str(today + timedelta(days=40)), "links": "https://example.kz/report"}
        made[state] = {"number": promise.number, "version": promise.version, "fields": fields}
    return made


def questions(world: "World", room: Room) -> Values:
    """Put to the body and handed to it; each can be joined with another one that is shown."""
    voices = _voices(world, room)
    other = next(voices)
    other.state = QuestionState.SHOWN
    made: Values = {}
    for state in QuestionState:
        question = next(voices)
        question.body_id, question.due_on = world.body.id, world.now.date() + timedelta(days=30)
        question.hidden_reason = HiddenReason.INSULT if state == QuestionState.HIDDEN else None
        question.merged_into_id = other.id if state == QuestionState.MERGED else None
        if state in (QuestionState.ANSWERED_LIVE, QuestionState.ANSWERED_IN_WRITING):
            question.answered_at, question.answer = world.now, "Жөндеу күзде бітеді." if state == QuestionState.ANSWERED_IN_WRITING else None
        question.state = state
        world.session.flush()
        fields = {"into": other.id, "body_id": world.body.id, "second": "1:00"}
        made[state] = {"code": room.event.code, "question_id": question.id, "fields": fields}
    return made


def _voices(world: "World", room: Room) -> Any:
    """Questions, each of another person."""
    for about in ABOUT:
        contact = world.makes.contact()
        world.held.come(room.event, contact)
        voice = rooms.come_in(world.session, room, Who(contact_id=contact.id), world.now)
        yield asking.ask(world.session, room, voice, Asked(f"{about} жөндеуі қашан бітеді?"), world.now)


def poll_states(world: "World", room: Room) -> Values:
    """Polls of the room."""
    made: Values = {}
    for state in PollState:
        poll = polls.prepare(world.session, room, world.held.actor, world.now, text=f"Қайсысы {state}?", options=["Бірінші", "Екінші"])
        poll.state = state
        world.session.flush()
        made[state] = {"code": room.event.code, "poll_id": poll.id}
    return made


def invitations(world: "World", *, began: bool = False, named: bool = False) -> Values:
    """Each to a discussion of its own; the letter went to the invited, who names the delegate. began: the discussion goes on, and who came
    may still be contested."""
    host, made = Host.__new__(Host), dict[str, dict[str, Any]]()
    host.session, host.actor = world.session, world.held.actor
    official = {"name": "Басшы", "post": "Басқарма басшысы"} if named else {}
    for state in Invited:
        event = world.held(capacity=30)
        invitation = host.invite(event, world.body, email=world.people["invited"].email, **official)
        delegate = world.people["delegate"].contact
        assert delegate is not None
        invitation.delegate_name, invitation.delegate_post, invitation.delegate_contact_id = "Өкіл", "Маман", delegate.id
        _put(invitation, state, world.now)
        if began:
            _begin(event, world.now)
        world.session.flush()
        made[state] = {"code": event.code, "number": invitation.number, "version": invitation.version, "fields": DELEGATE}
    return made


def _put(invitation: Invitation, state: Invited, now: datetime) -> None:
    invitation.state = state
    if state in RECORDED:
        invitation.recorded_at, invitation.contest_until = now, now.date() + timedelta(days=7)


def _begin(event: Event, now: datetime) -> None:
    event.state, event.starts_at, event.ends_at = EventState.LIVE, now - timedelta(hours=1), now + timedelta(hours=1)


def cases(world: "World", *, for_administrator: bool = False) -> Values:
    """Of the applicant's complaints, through the services: flagged by the resident, decided by the moderator, resolved by the second one.
    for_administrator: only what comes after an appeal, as where there is no second moderator."""
    after = (CaseState.APPEALED, CaseState.UPHELD, CaseState.RESTORED)
    made: Values = {}
    for state in after if for_administrator else CaseState:
        case = _case(world, state)
        case.for_administrator = for_administrator
        world.session.flush()
        made[state] = {"case_id": case.id, "entry_id": case.id, "version": case.version, "fields": {"parts": "text", "reason": Reason.INSULT.value}}
    return made


_numbers = count(1)


def _case(world: "World", state: CaseState) -> Case:
    session, now = world.session, world.now
    resident, author, first, second = (world.makes.actor(world.people[role]) for role in ("resident", "applicant", "moderator", "second moderator"))
    complaint = world.filed(by=world.people["applicant"], body=world.body, text=f"Мұнда бір өрескел сөз бар екен {next(_numbers)}")
    thing = load(session, "complaint", complaint.number)
    assert thing is not None
    case = moderation.flag(session, thing, resident, now, part="text", reason=Reason.INSULT)
    if state == CaseState.LEFT:
        moderation.leave(session, case, first, now)
    elif state != CaseState.OPEN:
        moderation.hide(session, case, first, now, parts=["text"], reason=Reason.INSULT)
    if state in (CaseState.APPEALED, CaseState.UPHELD, CaseState.RESTORED):
        moderation.appeal(session, case, author, now, text="Бұл балағат емес.")
    if state in (CaseState.UPHELD, CaseState.RESTORED):
        moderation.resolve(session, case, second, now, restore=state == CaseState.RESTORED, text="Қайта қаралды.")
    session.flush()
    assert case.state == state
    return case
