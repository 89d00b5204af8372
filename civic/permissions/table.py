"""What a row of the table is, and how its cells are computed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
    """

    endpoint: str
    thing: str = ""
    may: Rule | None = None
    send: Rule | None = None
    states: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The endpoint, with the fixed parts that tell rows of one endpoint apart."""
        return " ".join((self.endpoint, *(f"{key}={value}" for key, value in self.values.items())))


def step(endpoint: str, thing: str, table: TransitionTable[Any], name: str, /, *, view: Rule | None = None, **values: str) -> Row:
    """A row for one step of a table of transitions: who and from which states is what the table says. view: who may open its page
    with GET; None for addresses without one."""
    transition = table.by_name[name]
    return Row(endpoint, thing, view, transition.allowed, frozenset(map(str, transition.sources)), values)


def declared(app: Flask, endpoint: str) -> Callable[[Actor], bool] | None:
    """The predicate of ``@allow``; None for pages that are open to everybody before the thing is looked at."""
    return getattr(app.view_functions[endpoint], "predicate", None)


def may_open(app: Flask, row: Row, role: str, method: str) -> bool:
    """Whether a role may open the address in a state in which it is possible."""
    actor, thing, guard = ROLES[role], THINGS.get(row.thing), declared(app, row.endpoint)
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
    """The whole table."""
    for row in rows:
        for method in methods(app, row.endpoint):
            states = tuple(sorted(row.states)) if method == POST else ()
            yield Line(row.name, method, row.thing, states, tuple(role for role in ROLES if may_open(app, row, role, method)))


def missing(app: Flask, rows: tuple[Row, ...], own: frozenset[str]) -> set[str]:
    """Endpoints that are neither public nor in the table. own: those of libraries that guard themselves."""
    named = {row.endpoint for row in rows}
    return {rule.endpoint for rule in app.url_map.iter_rules()
            if rule.endpoint not in named | own and getattr(app.view_functions[rule.endpoint], "access", "") != "public"}
