"""Goes through all addresses of the application: what stands in each, and something to put there."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.routing import Rule

from civic.app import CivicFlask

WRITING = ("POST", "PUT", "PATCH", "DELETE")
#: Something for parts of addresses that no converter narrows.
VALUES = {"lang": "kk", "city": "shymkent", "number": "SHY-1111-111", "code": "a", "token": "a", "day": "2026-05-01", "draft_id": "a" * 16}


def choices(rule: Rule, name: str) -> list[str]:
    """What this part of an address can be, when there are few possibilities; else nothing."""
    converter = rule._converters.get(name)
    return sorted(converter.items) if type(converter).__name__ == "AnyConverter" else []  # type: ignore[union-attr]


def value_for(rule: Rule, name: str, known: Mapping[str, Any] = VALUES) -> Any:
    """Something that the address takes in this place."""
    converter = rule._converters.get(name)
    if few := choices(rule, name):
        return few[0]
    if type(converter).__name__ == "RowNumber":
        return known[name] if str(known.get(name)).isdecimal() else 1
    exact = re.fullmatch(r"[^{]*\{(\d+)\}", converter.regex) if converter else None
    return known.get(name, "a" * int(exact[1]) if exact else "a")


def addresses(app: CivicFlask, methods: tuple[str, ...], known: Mapping[str, Any] = VALUES, pick: Callable[[Rule, str], Any] | None = None) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with each of these methods that it takes, and an address of it. pick: chooses parts instead of ``value_for``; None leaves one to it."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in sorted(set(rule.methods or ()) & set(methods)):
            values = {name: (pick and pick(rule, name)) or value_for(rule, name, known) for name in rule.arguments - set(rule.defaults or ())}
            yield rule, method, adapter.build(rule.endpoint, values | dict(rule.defaults or {}), method=method)


def name_of(app: CivicFlask, rule: Rule) -> str:
    """The function behind a rule, with its module."""
    view = app.view_functions[rule.endpoint]
    return f"{view.__module__}.{view.__name__}"
