"""The whole table of permissions by requests: each role at each address, allowed and refused, and each role at each step in each state.

What a request would change is taken back before it is kept, so that all of them meet the same things. Since the table is computed
from the rules that the pages ask, some of its cells are also written here by hand.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.complaints import states as of_complaints
from civic.complaints.filing_views import signer
from civic.complaints.models import ComplaintEvent
from civic.core.actor import Actor, Post, RoleName
from civic.core.transitions import TransitionTable
from civic.events.models import CheckIn, EventStep, Registration
from civic.events.states import AHEAD, EVENT_STEPS, REGISTRATION_STEPS, EventState, RegistrationState
from civic.extensions import db
from civic.invitations import states as of_invitations
from civic.invitations.models import InvitationEvent
from civic.limits.models import VoteDecision
from civic.moderation import states as of_cases
from civic.moderation.models import CaseAct
from civic.moderation.vote_views import STATE_WORDS
from civic.permissions.rows import ROWS
from civic.permissions.sample import ROLES, THINGS
from civic.permissions.table import GET, POST, Row, declared, may_open, methods, missing, thing_in
from civic.places.models import City
from civic.promises import states as of_promises
from civic.promises.models import PromiseStep
from civic.questions import states as of_questions
from civic.questions.models import Room, RoomStep
from tests.conftest import KIND
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People
from tests.support.permission_registrations import REGISTRATIONS
from tests.support.permission_votes import SUSPECT
from tests.support.permissions import FILLED, World
from tests.test_permissions import OF_LIBRARIES

STRANGERS = ("resident", "other official", "other city’s head", "other organiser", "other moderator", "invited", "delegate")
STATES: dict[str, Iterable[StrEnum | str]] = {
    "complaint": of_complaints.State, "discussion": EventState, "promise": of_promises.State, "question": of_questions.State, "poll": of_questions.PollState,
    "invitation": of_invitations.State, "invitation of an official": of_invitations.State, "invitation to what began": of_invitations.State,
    "case": of_cases.State, "appeal to the administrator": of_cases.State,
    "registration": RegistrationState, "registration where all is full": RegistrationState, "request for a place": EventState, "guest at the door": EventState,
    "suspect voices": STATE_WORDS, "suspect devices": STATE_WORDS,
}
#: What is kept of a step.
HISTORIES = (ComplaintEvent, EventStep, PromiseStep, RoomStep, InvitationEvent, CaseAct, CheckIn, VoteDecision)
#: What leaves no history but is written where it stands: what the projector shows of a room's polls, and where a registration stands.
WRITTEN = ((Room, "polls_changed"), (Registration, "state"))
#: Of the cells that neither the role nor the state allows, so many of one step and state are tried; with CIVIC_WHOLE_TABLE=1 all of them.
TWICE_REFUSED = len(ROLES) if os.environ.get("CIVIC_WHOLE_TABLE") else 1
#: What a guest does by the link of the ticket, which is the authority whoever has it, and the step that it takes.
BY_TICKET = {"accept": "accept", "leave": "cancel"}
#: Whether all roles try each cell, see ``on_this_database``.
EVERYBODY = KIND == "sqlite" or bool(os.environ.get("CIVIC_WHOLE_TABLE"))
#: They differ from others of the sample only by what they are to a thing.
BY_THING = frozenset({"second moderator", "room’s moderator", "invited", "delegate"})
OF_FLASK = frozenset({"static"})


class Visits:
    """Requests of every role. ``steps``: how many steps of histories the last one would have kept."""

    def __init__(self, app: CivicFlask, world: World, patch: pytest.MonkeyPatch) -> None:
        self.app, self.world, self.steps, self.flushed, self.count = app, world, 0, 0, 0
        patch.setattr(db.session, "commit", self._take_back)
        patch.setattr(app, "settings", replace(app.settings, limits_factor=0))  # quotas have tests of their own
        self.clients: dict[str, FlaskClient] = {role: FlaskClient(app, app.response_class) for role in ROLES}
        for role, client in self.clients.items():
            with client.session_transaction() as held:
                held["csrf_token"] = "0" * 40
            if role in world.people:
                world.makes.sign_in(client, world.people[role])  # type: ignore[arg-type]
        self.token = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps("0" * 40)

    def note(self, session: Session, _: object) -> None:
        """What this flush writes of steps."""
        self.flushed += sum(isinstance(row, HISTORIES) for row in session.new)
        self.flushed += sum(isinstance(row, kind) and inspect(row).attrs[name].history.has_changes() for row in session.dirty for kind, name in WRITTEN)

    def _take_back(self) -> None:
        session = db.session()
        session.flush()
        self.steps += self.flushed
        session.rollback()

    def __call__(self, row: Row, role: str, method: str, state: str = "") -> tuple[int, str]:
        """Status and Location of the answer."""
        path, fields = self._address(row, method, state)
        self.count, self.steps, self.flushed = self.count + 1, 0, 0
        client = self.clients[role]
        answer = client.post(path, data=fields) if method == POST else client.get(path)
        answer.close()  # a photo's file
        return answer.status_code, answer.headers.get("Location", "")

    def _address(self, row: Row, method: str, state: str) -> tuple[str, dict[str, Any]]:
        """The path, and what is sent with POST."""
        known = {**self.world.values(row.thing, state), **row.values}
        rules = [r for r in self.app.url_map.iter_rules(row.endpoint) if method in (r.methods or ()) and r.arguments <= known.keys() | {"lang"}]
        assert rules, f"{row.name}: add to World what its address needs: {[r.rule for r in self.app.url_map.iter_rules(row.endpoint)]}"
        rule = max(rules, key=lambda r: len(r.arguments) - len(r.defaults or ()))
        path = rule.build({**known, "lang": "kk"}, append_unknown=False)[1]  # type: ignore[index]
        return path, {**FILLED, **known.get("fields", {}), "csrf_token": self.token, "version": str(known.get("version", "")), **row.fields}


@pytest.fixture
def things() -> tuple[str, ...]:
    """What the test meets in states; nothing: all that there is. Tests that need few name them by ``parametrize``."""
    return ()


@pytest.fixture
def visits(app: CivicFlask, session: Session, city: City, people: People, filed: Filed, now: datetime, monkeypatch: pytest.MonkeyPatch,
           things: tuple[str, ...]) -> Iterator[Visits]:
    world = World(session, city, people, filed, now, things)
    made = Visits(app, world, monkeypatch)
    session.rollback()
    event.listen(Session, "after_flush", made.note)
    yield made
    event.remove(Session, "after_flush", made.note)


def refused(answer: tuple[int, str]) -> bool:
    """Sent away: 403, 404, or to the sign-in."""
    return answer[0] in (403, 404) or "/account/login" in answer[1]


def is_secret(app: CivicFlask, row: Row, role: str) -> bool:
    """Whether a stranger may not even know of the thing: then 403, which would say that there is something, is wrong too."""
    guard = declared(app, row.endpoint)
    passes = guard is None or guard(ROLES[role])
    return passes and role in STRANGERS and row.may is not None and row.thing not in ("", "recommendation") and not row.may(ROLES[role], THINGS[row.thing])


def some_state(row: Row) -> str:
    """A state in which the step is possible: the first one of the states' own order."""
    return next((str(s) for s in STATES[row.thing] if str(s) in row.states), "") if row.states else ""


def test_every_address_is_public_or_in_the_table(app: CivicFlask) -> None:
    absent = missing(app, ROWS, OF_FLASK | frozenset(OF_LIBRARIES))
    assert not absent, "not in civic/permissions/rows.py (one line each, see there): " + ", ".join(sorted(absent))
    gone = {row.endpoint for row in ROWS} - {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not gone, f"in the table, but there is no such address: {gone}"
    assert {row.thing for row in ROWS} <= {"", *THINGS}


def test_each_role_at_each_address(visits: Visits) -> None:
    wrong = []
    seen: set[tuple[str, str]] = set()
    for row in ROWS:
        state = some_state(row)
        for method in methods(visits.app, row.endpoint):
            for role in on_this_database(visits.app, row, method, state, who_opens(visits.app, row, method, first=(row.endpoint, row.thing) not in seen)):
                may, answer = may_open(visits.app, row, role, method), visits(row, role, method, state)
                if may == refused(answer) or answer[0] in (400, 405) or answer[0] >= 500 or not may and answer[0] == 403 and is_secret(visits.app, row, role):
                    wrong.append(f"{method} {row.name} ({row.thing or '-'}) as {role}: {'may' if may else 'may not'}, but {answer[0]} {answer[1]}")
        seen.add((row.endpoint, row.thing))
    assert not wrong, f"{len(wrong)} of {visits.count} cells:\n" + "\n".join(wrong)
    assert visits.count > (3000 if EVERYBODY else 400)


def on_this_database(app: CivicFlask, row: Row, method: str, state: str, roles: list[str]) -> list[str]:
    """Who of ``roles`` tries the cell here. Who may is decided by rules that know of no database, so all try on SQLite; on PostgreSQL the first
    of those who may, whose request reads and writes there, and the first of those who may not."""
    if EVERYBODY:
        return roles
    answers = [may_open(app, row, role, method, state) for role in roles]
    return [role for place, role in enumerate(roles) if answers.index(answers[place]) == place]


def who_opens(app: CivicFlask, row: Row, method: str, *, first: bool) -> list[str]:
    """Who tries the address. Steps are sent in every state below; their pages, which one rule guards, are opened by all once (``first``),
    and then by those who may take the step."""
    if row.states and (method == POST or not first):
        return [] if method == POST else [role for role in ROLES if may_open(app, row, role, POST, some_state(row))]
    return [role for role in ROLES if row.thing or role not in BY_THING]


@pytest.mark.parametrize("things", [
    ("complaint", "discussion", "case", "appeal to the administrator", *SUSPECT), ("promise", "question", "poll"),
    ("invitation", "invitation of an official", "invitation to what began"),
    REGISTRATIONS,
], ids=", ".join)
def test_each_role_at_each_step_in_each_state(visits: Visits, things: tuple[str, ...]) -> None:
    wrong = []
    for turn, row in enumerate(row for row in ROWS if row.states and row.thing in things):
        for number, state in enumerate(visits.world.states[row.thing], turn):
            for role in on_this_database(visits.app, row, POST, state, who(visits.app, row, state, number)):
                says = fault(visits, row, role, state)
                if says:
                    wrong.append(f"{row.name} as {role} of a {row.thing} that is {state}: {says}")
    assert not wrong, f"{len(wrong)} of {visits.count} cells:\n" + "\n".join(wrong)
    assert {row.thing for row in ROWS if row.states} == set(STATES)


def who(app: CivicFlask, row: Row, state: str, turn: int) -> list[str]:
    """Who tries the step in this state: all where it is possible; else all whom the rules would let, and of the others some in turn, so
    that over steps and states each of them comes."""
    if state in row.states:
        return list(ROLES)
    lawful = [role for role in ROLES if may_open(app, row, role, POST, state)]
    others = [role for role in ROLES if role not in lawful]
    first = turn * TWICE_REFUSED % len(others)
    return lawful + [*others[first:], *others[:first]][:TWICE_REFUSED]


def fault(visits: Visits, row: Row, role: str, state: str) -> str:
    """What of the answer differs from the table; empty when nothing does. A step is done where role and state allow it, and nowhere else."""
    lawful, possible = may_open(visits.app, row, role, POST, state), state in row.states
    answer = visits(row, role, POST, state)
    if answer[0] >= 500 or answer[0] in (400, 405):
        return f"{answer[0]}"
    if lawful and possible:
        return "" if visits.steps and answer[0] in (302, 303) and not refused(answer) else f"not done: {answer}"
    if visits.steps:
        return f"done: {answer}"
    if not lawful and possible and not refused(answer):
        return f"not refused: {answer}"
    return f"told of: {answer}" if not lawful and answer[0] != 404 and is_secret(visits.app, row, role) else ""


#: By hand: thing, step, state, who may. Nobody else may.
TOLD: list[tuple[str, str, str, set[str]]] = [
    ("complaint", "reopen", "disputed", {"head"}),
    ("complaint", "answer", "disputed", {"head"}),
    ("complaint", "answer", "in_work", {"official", "head"}),
    ("complaint", "confirm", "answered", {"applicant"}),
    ("discussion", "publish", "finished", {"owner", "organiser"}),
    ("promise", "confirm", "recorded", {"official", "head"}),
    ("promise", "confirm", "pending", set()),
    ("promise", "amend", "disputed", {"owner", "organiser"}),
    ("promise", "contest", "claimed", set(ROLES) - {"visitor", "official", "head"}),
    ("promise", "find_kept", "contested", {"owner", "organiser"}),
    ("promise", "find_kept", "claimed", set()),
    ("promise", "take_back", "late", set()),
    ("question", "show", "waiting", {"owner", "organiser", "room’s moderator"}),
    ("question", "hide", "answered_live", set()),
    ("question", "hand_over", "shown", {"owner", "organiser", "room’s moderator"}),
    ("question", "answer_in_writing", "for_writing", {"official", "head"}),
    ("question", "answer_in_writing", "shown", set()),
    ("poll", "open", "prepared", {"owner", "organiser", "room’s moderator"}),
    ("poll", "discard", "open", set()),
    ("case", "hide", "open", {"moderator", "second moderator"}),
    ("case", "hide", "restored", set()),
    ("case", "appeal", "hidden", {"applicant"}),
    ("case", "appeal", "upheld", set()),
    ("case", "restore", "appealed", {"second moderator"}),
    ("case", "restore", "hidden", set()),
    ("appeal to the administrator", "uphold", "appealed", {"second moderator", "administrator"}),
    ("invitation", "accept", "sent", {"official", "head", "invited"}),
    ("invitation", "accept", "withdrawn", set()),
    ("invitation", "delegate_confirm", "delegate_named", {"delegate"}),
    ("invitation", "keep_date", "date_asked", {"owner", "organiser"}),
    ("invitation of an official", "decline", "accepted", {"head", "invited"}),
    ("invitation to what began", "record_absent", "accepted", {"owner", "organiser"}),
    ("invitation to what began", "record_absent", "withdrawn", set()),
    ("registration", "approve", "pending", {"owner", "organiser"}),
    ("registration", "approve", "declined", set()),
    ("registration", "decline", "waiting", {"owner", "organiser"}),
    ("registration", "decline", "registered", set()),
    ("registration where all is full", "queue", "pending", {"owner", "organiser"}),
]


@pytest.mark.parametrize(("thing", "name", "state", "who"), TOLD, ids=lambda value: value if isinstance(value, str) else None)
def test_the_table_says_what_was_agreed(app: CivicFlask, thing: str, name: str, state: str, who: set[str]) -> None:
    rows = [row for row in ROWS if (row.thing, row.transition) == (thing, name)]
    assert [{role for role in ROLES if state in row.states and may_open(app, row, role, POST, state)} for row in rows] == [who]


def test_the_table_says_who_may_what_no_table_of_transitions_has(app: CivicFlask) -> None:
    def of(name: str, thing: str = "") -> tuple[set[str], set[str]]:
        row = next(row for row in ROWS if row.name == name and row.states and thing in ("", row.thing))
        return set(row.states), {role for role in ROLES if may_open(app, row, role, POST)}

    assert of("invitations_desk.step step=contest") == ({"present", "delegate_present", "absent"}, {"official", "head", "invited", "delegate"})
    assert of("room_desk.step step=take_up") == ({"shown"}, {"owner", "organiser", "room’s moderator"})
    assert of("room_desk.choose what=recording") == ({"answered_live"}, {"owner", "organiser", "room’s moderator"})
    assert of("room_desk.poll_step step=screen") == ({"open", "closed"}, {"owner", "organiser", "room’s moderator"})
    assert of("events.approve act=approve", "request for a place") == ({"announced", "live"}, {"owner", "organiser"})
    assert of("events.door") == ({"announced", "live", "finished"}, {"owner", "organiser", "door", "room’s moderator"})
    assert of("votes.decide target=invalid", "suspect devices") == ({"suspected", "cleared"}, {"moderator", "second moderator"})
    assert of("votes.decide target=cleared") == ({"suspected", "invalid"}, {"moderator", "second moderator"})
    assert of("promises.step step=state") == ({*of_promises.State}, {"official", "head", "owner", "organiser"})


@pytest.mark.parametrize(("thing", "table"), [
    ("complaint", of_complaints.TRANSITIONS), ("discussion", EVENT_STEPS), ("promise", of_promises.TRANSITIONS), ("question", of_questions.TRANSITIONS),
    ("poll", of_questions.POLL_STEPS), ("invitation", of_invitations.TRANSITIONS), ("case", of_cases.TRANSITIONS), ("registration", REGISTRATION_STEPS),
], ids=lambda value: value if isinstance(value, str) else "")
def test_no_step_that_somebody_may_take_is_missing(thing: str, table: TransitionTable[Any]) -> None:
    kinds = {name for name in STATES if name.startswith(thing)}
    in_table = {row.transition for row in ROWS if row.thing in kinds} | {"find_open"}  # one address with «find_broken»: the day decides which
    in_table |= set(BY_TICKET.values()) if thing == "registration" else set()
    of_people = {name for name, step in table.by_name.items()
                 if any(step.allowed(actor, thing_in(thing, str(state))) for actor in ROLES.values() for state in step.sources)}
    assert of_people <= in_table


@pytest.mark.parametrize("things", [REGISTRATIONS], ids=[""])
def test_whoever_has_the_link_of_a_ticket_acts_for_its_person_and_no_other_link_opens_it(visits: Visits, things: tuple[str, ...]) -> None:
    wrong = _wrong_links(visits)
    allowed = {("registration", act): REGISTRATION_STEPS.by_name[name].sources for act, name in BY_TICKET.items()}
    allowed |= {("request for a place", "leave"): AHEAD, ("offered place", "leave"): AHEAD, ("offered place", "accept"): AHEAD}
    for (thing, act), states in allowed.items():
        row = Row("events.ticket_act", thing, values={"act": act})
        for state in visits.world.states[thing]:
            for role in ("visitor", "other city’s head"):
                answer = visits(row, role, POST, state)
                if (visits.steps > 0) != (state in states) or answer[0] not in (303, 409) or visits.steps and answer[0] != 303:
                    wrong.append(f"{act} as {role} of a {thing} that is {state}: {answer}, {visits.steps} steps")
    assert not wrong, "\n".join(wrong)


def _wrong_links(visits: Visits) -> list[str]:
    """Of another person, of another kind, cut short: whoever has them is told that they are none, and nothing happens."""
    known, other = visits.world.values("registration", "registered"), visits.world.values("registration", "offered")
    with visits.app.app_context():
        links = ["none", signer("registration").dumps([known["registration_id"], other["contact_id"]]),
                 signer("door").dumps([known["registration_id"], known["contact_id"]]), known["token"][:-1]]
    wrong = []
    for role, link in product(("visitor", "applicant", "owner", "administrator"), links):
        opened = [(Row("events.ticket", values={"token": link}), GET), *((Row("events.ticket_act", values={"token": link, "act": act}), POST) for act in BY_TICKET)]
        wrong += [f"{method} {row.name} as {role}" for row, method in opened if visits(row, role, method)[0] != 410 or visits.steps]
    return wrong


@pytest.mark.parametrize("things", [REGISTRATIONS], ids=[""])
def test_registrations_of_other_discussions_are_not_there(visits: Visits, things: tuple[str, ...]) -> None:
    own = visits.world.values("registration", "pending")["code"]
    for thing, act in product(("request of another organisation", "request of another city"), ("approve", "decline")):
        theirs = Row("events.approve", thing, values={"act": act})
        under_own = Row("events.approve", thing, values={"act": act, "code": own})
        for role in ("owner", "organiser", "door", "resident", "moderator", "administrator"):
            assert [(visits(row, role, POST)[0], visits.steps) for row in (theirs, under_own)] == [(404, 0), (404, 0)], (thing, role)
        assert (visits(theirs, "other organiser", POST)[0], visits.steps) == (303, 1)  # there it is what it is
        assert (visits(under_own, "other organiser", POST)[0], visits.steps) == (404, 0)
    elsewhere = Row("events.approve", "request for a place", values={"act": "approve", "code": own})  # of the same organisation
    assert (visits(elsewhere, "owner", POST, EventState.ANNOUNCED)[0], visits.steps) == (404, 0)


@pytest.mark.parametrize("things", [SUSPECT], ids=[""])
def test_what_a_decision_about_votes_would_change_is_shown_to_moderators_of_the_city_alone(visits: Visits, things: tuple[str, ...]) -> None:
    for state, (role, client) in product(STATE_WORDS, visits.clients.items()):
        answer = client.get(f"/en/moderation/votes?state={state}")
        found = [visits.world.values(thing, state) for thing in things]
        seen = [group["name"] in answer.text for group in found]
        changes = [f'<td class="number">{before}</td><td class="number">{group["votes"] - before}</td>' in answer.text
                   for group in found for before in (0, group["votes"])]
        if role in ("moderator", "second moderator"):
            # from and to: voices that wait count, devices that wait do not
            expected = {"suspected": [False, True, True, False], "invalid": [True, False, True, False], "cleared": [False, True, False, True]}
            assert (answer.status_code, seen, changes) == (200, [True, True], expected[state]), (role, state)
        else:
            assert not any(seen + changes) and (answer.status_code in (303, 404) or role in ("other moderator", "administrator")), (role, state)


def test_a_moderator_with_a_post_in_a_body_acts_for_no_body(app: CivicFlask) -> None:
    both, moderator = Actor(99, 199, posts=(Post(RoleName.MODERATOR, None, 1), Post(RoleName.HEAD, 11))), ROLES["second moderator"]
    allowed = [row.name for row in ROWS if (guard := declared(app, row.endpoint)) is not None and guard(both) and not guard(moderator)]
    allowed += [row.name for row in ROWS for rule in (row.may, row.send) if rule and rule(both, THINGS.get(row.thing)) and not rule(moderator, THINGS.get(row.thing))]
    assert allowed == []


def test_the_table_is_printed(app: CivicFlask) -> None:
    runner = app.test_cli_runner()
    drawn = runner.invoke(args=["permissions"])
    assert (drawn.exit_code, "desk.step" in drawn.output, "other city’s head" in drawn.output) == (0, True, True)
    lines = list(csv.DictReader(io.StringIO(runner.invoke(args=["permissions", "--csv"]).output)))
    cells = {(x["address"], x["method"], x["state"], x["role"]): x["may"] for x in lines}
    assert cells["desk.step step=reopen", "POST", "disputed", "head"] == "yes"
    assert cells["desk.step step=reopen", "POST", "disputed", "official"] == "no"
    assert cells["desk.step step=answer", "POST", "in_work", "official"] == "yes"
    assert cells["desk.step step=answer", "POST", "disputed", "official"] == "no"
    assert cells["promises.step step=claim", "POST", "late", "head"] == "yes"
    assert cells["promises.step step=claim", "POST", "late", "organiser"] == "no"
    assert cells["room_desk.step step=unhide", "POST", "hidden", "room’s moderator"] == "yes"
    assert cells["room_desk.poll_step step=close", "POST", "open", "door"] == "no"
    assert cells["moderation_desk.decide what=resolve outcome=restore", "POST", "appealed", "moderator"] == "no"
    assert cells["invitations_desk.step step=delegate_refuse", "POST", "delegated", "delegate"] == "yes"
    assert cells["admin.index", "GET", "", "moderator"] == "no"
    assert isinstance(app.test_client(), Browser)
