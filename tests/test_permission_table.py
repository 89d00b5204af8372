"""The whole table of permissions by requests: each role at each address, allowed and refused, and each step in each state.

What a request would change is taken back before it is kept, so that all of them meet the same things.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.complaints.models import ComplaintEvent
from civic.complaints.states import State
from civic.core.actor import Actor, Post, RoleName
from civic.events.models import EventStep
from civic.events.states import EventState
from civic.extensions import db
from civic.permissions.rows import ROWS
from civic.permissions.sample import ROLES, THINGS
from civic.permissions.table import POST, Row, declared, may_open, methods, missing
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People
from tests.support.permissions import FILLED, World
from tests.test_permissions import OF_LIBRARIES

STRANGERS = ("resident", "other official", "other city’s head", "other organiser", "other moderator")
STATES: dict[str, Any] = {"complaint": State, "discussion": EventState}
OF_FLASK = frozenset({"static"})


class Visits:
    """Requests of every role. ``steps``: how many steps of histories the last one would have kept."""

    def __init__(self, app: CivicFlask, world: World, patch: pytest.MonkeyPatch) -> None:
        self.app, self.world, self.steps, self.count = app, world, 0, 0
        patch.setattr(db.session, "commit", self._take_back)
        self.clients: dict[str, FlaskClient] = {role: FlaskClient(app, app.response_class) for role in ROLES}
        for role, client in self.clients.items():
            with client.session_transaction() as held:
                held["csrf_token"] = "0" * 40
            if role in world.people:
                world.makes.sign_in(client, world.people[role])  # type: ignore[arg-type]
        self.token = URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps("0" * 40)

    def _take_back(self) -> None:
        session = db.session()
        session.flush()
        self.steps = self._steps(session) - self.before
        session.rollback()

    def _steps(self, session: Session) -> int:
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in (ComplaintEvent, EventStep))

    def __call__(self, row: Row, role: str, method: str, state: str = "") -> tuple[int, str]:
        """Status and Location of the answer."""
        known = {**self.world.values(row.thing, state), **row.values}
        rules = [r for r in self.app.url_map.iter_rules(row.endpoint) if method in (r.methods or ()) and r.arguments <= known.keys() | {"lang"}]
        assert rules, f"{row.name}: add to World what its address needs: {[r.rule for r in self.app.url_map.iter_rules(row.endpoint)]}"
        rule = max(rules, key=lambda r: len(r.arguments) - len(r.defaults or ()))
        path = rule.build({**known, "lang": "kk"}, append_unknown=False)[1]  # type: ignore[index]
        self.count, self.steps = self.count + 1, 0
        client = self.clients[role]
        answer = client.post(path, data={**FILLED, "csrf_token": self.token, "version": str(known.get("version", "")), "step": str(known.get("pressed", ""))}) if method == POST else client.get(path)
        return answer.status_code, answer.headers.get("Location", "")


@pytest.fixture
def visits(app: CivicFlask, session: Session, city: City, people: People, filed: Filed, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visits]:
    world = World(session, city, people, filed, now)
    made = Visits(app, world, monkeypatch)
    made.before = made._steps(session)
    session.rollback()
    yield made


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
    for row in ROWS:
        state = some_state(row)
        for method in methods(visits.app, row.endpoint):
            for role in ROLES:
                may, answer = may_open(visits.app, row, role, method), visits(row, role, method, state)
                if may == refused(answer) or answer[0] in (400, 405) or answer[0] >= 500 or not may and answer[0] == 403 and is_secret(visits.app, row, role):
                    wrong.append(f"{method} {row.name} ({row.thing or '-'}) as {role}: {'may' if may else 'may not'}, but {answer[0]} {answer[1]}")
    assert not wrong, f"{len(wrong)} of {visits.count} cells:\n" + "\n".join(wrong)
    assert visits.count > 2000


def test_each_step_in_each_state(visits: Visits) -> None:
    wrong = []
    for row in (row for row in ROWS if row.states):
        who = next(role for role in ROLES if may_open(visits.app, row, role, POST))
        for state in map(str, STATES[row.thing]):
            answer = visits(row, who, POST, state)
            if state not in row.states and visits.steps:
                wrong.append(f"{row.name} as {who} is not possible when {state}, but was done: {answer[0]}")
            if state in row.states and (answer[0] in (404, 500) or answer[0] == 403 and row.values.get("step") != "answer"):
                wrong.append(f"{row.name} as {who} is possible when {state}, but {answer[0]}")
    assert not wrong, "\n".join(wrong)


def test_a_moderator_with_a_post_in_a_body_acts_for_no_body(app: CivicFlask) -> None:
    both = Actor(99, 199, posts=(Post(RoleName.MODERATOR, None, 1), Post(RoleName.HEAD, 11)))
    allowed = [row.name for row in ROWS if (guard := declared(app, row.endpoint)) is not None and guard(both) and not guard(ROLES["moderator"])]
    allowed += [row.name for row in ROWS for rule in (row.may, row.send) if rule and rule(both, THINGS.get(row.thing)) and not rule(ROLES["moderator"], THINGS.get(row.thing))]
    assert allowed == []


def test_the_table_is_printed(app: CivicFlask) -> None:
    runner = app.test_cli_runner()
    drawn = runner.invoke(args=["permissions"])
    assert (drawn.exit_code, "desk.step" in drawn.output, "other city’s head" in drawn.output) == (0, True, True)
    lines = list(csv.DictReader(io.StringIO(runner.invoke(args=["permissions", "--csv"]).output)))
    cells = {(x["address"], x["method"], x["state"], x["role"]): x["may"] for x in lines}
    assert cells["desk.step step=reopen", "POST", "disputed", "head"] == "yes"
    assert cells["desk.step step=reopen", "POST", "disputed", "official"] == "no"
    assert cells["admin.index", "GET", "", "moderator"] == "no"
    assert isinstance(app.test_client(), Browser)
