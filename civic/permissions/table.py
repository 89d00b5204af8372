"""What a row of the table is, and how its cells are computed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import Flask

from civic.core.actor import Actor
from civic.core.transitions import TransitionTable
from civic.permissions.sample import ROLES, THINGS

Rule = Callable[[Actor, Any], bool]
GET, POST = "GET", "POST"


@dataclass(frozen=True)
class Row:
    """One address: who may open it with GET, and with POST.

    thing: what it is about, a name of ``sample.THINGS``. may: asked of the actor and the thing, after the route's own declaration.
    send: asked for POST besides. states: of the thing, in which the step is possible; empty: in all. values: fixed parts of the address.
    fields: what is sent with POST, where one address takes several steps. transition: of the thing's table, where it is one.
    """

    endpoint: str
    thing: str = ""
    may: Rule | None = None
    send: Rule | None = None
    states: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    transition: str = ""

    @property
    def name(self) -> str:
        """The endpoint, with the fixed parts that tell rows of one endpoint apart."""
        return " ".join((self.endpoint, *(f"{key}={value}" for key, value in (*self.values.items(), *self.fields.items()))))


def step(endpoint: str, thing: str, table: TransitionTable[Any], name: str, /, *, view: Rule | None = None, fields: Mapping[str, str] | None = None,
         **values: str) -> Row:
    """A row for one step of a table of transitions: who and from which states is what the table says. view: who may know of its address;
    None where everybody may."""
    transition = table.by_name[name]
    return Row(endpoint, thing, view, transition.allowed, in_states(transition.sources), values, fields or {}, name)


def in_states(states: Iterable[StrEnum]) -> frozenset[str]:
    """States as a row names them."""
    return frozenset(map(str, states))


def declared(app: Flask, endpoint: str) -> Callable[[Actor], bool] | None:
    """The predicate of ``@allow``; None for pages that are open to everybody before the thing is looked at."""
    return getattr(app.view_functions[endpoint], "predicate", None)


def thing_in(name: str, state: str = "") -> Any:
    """The thing of the sample, in this state where one is given: a rule may ask for it."""
    if not state:
        return THINGS.get(name)
    thing = copy(THINGS[name])
    thing.state = state
    return thing


def may_open(app: Flask, row: Row, role: str, method: str, state: str = "") -> bool:
    """Whether the rules let a role open the address. state: the thing's; whether the step is possible in it is told by ``row.states``."""
    actor, thing, guard = ROLES[role], thing_in(row.thing, state), declared(app, row.endpoint)
    rules = [row.may, row.send if method == POST else None]
    return (guard is None or guard(actor)) and all(rule is None or rule(actor, thing) for rule in rules)


def methods(app: Flask, endpoint: str) -> list[str]:
    """GET and POST, as the routes of the endpoint take them."""
    taken = {method for rule in app.url_map.iter_rules(endpoint) for method in rule.methods or ()}
    return [method for method in (GET, POST) if method in taken]


@dataclass(frozen=True)
class Line:
    """One line of the printed table. roles: those who may, in the order of the columns."""

    name: str
    method: str
    thing: str
    states: tuple[str, ...]
    roles: tuple[str, ...]


def lines(app: Flask, rows: tuple[Row, ...]) -> Iterator[Line]:
    """The whole table. States in which the same roles may, share a line."""
    for row in rows:
        for method in methods(app, row.endpoint):
            alike: dict[tuple[str, ...], list[str]] = {}
            for state in sorted(row.states) if method == POST and row.states else ("",):
                roles = tuple(role for role in ROLES if may_open(app, row, role, method, state))
                alike.setdefault(roles, []).append(state)
            for roles, states in alike.items():
                yield Line(row.name, method, row.thing, tuple(filter(None, states)), roles)


def missing(app: Flask, rows: tuple[Row, ...], own: frozenset[str]) -> set[str]:
    """Endpoints that are neither public nor in the table. own: those of libraries that guard themselves."""
    named = {row.endpoint for row in rows}
    return {rule.endpoint for rule in app.url_map.iter_rules()
            if rule.endpoint not in named | own and getattr(app.view_functions[rule.endpoint], "access", "") != "public"}
