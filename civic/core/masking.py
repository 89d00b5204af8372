"""Takes personal data out of what is written to logs: they are read by more people, and kept in more places, than the database.

Rules: names of fields that hold words of people, addresses or secrets are masked whole; in all other texts e-mail addresses, long tokens
and long numbers (telephone, IIN, card). Of an exception the log says its class and where it happened, never its message: messages of
databases and mail servers quote what was written.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

#: Fields that are never written. ``secret`` in a name counts too.
PRIVATE = frozenset({"address", "body", "contact", "cookie", "data", "email", "facts", "form", "headers", "ip", "name", "needs", "params", "password",
                     "payload", "phone", "recipient", "session", "subject", "text", "to", "token", "url", "user_agent", "words"})
MASK = "[masked]"
#: Each run of letters is read once, from its beginning.
_EMAIL = re.compile(r"(?<![^\s@/<>\"'=,;:()])[^\s@/<>\"'=,;:()]+@[^\s@/<>\"',;:()]+")
_TOKEN = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)[A-Za-z0-9_-][A-Za-z0-9_.-]{19,}(?![\w])")
_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[\s()-]{0,2}\d){10,18}(?!\d)")


def mask_text(text: str) -> str:
    """A text without addresses, tokens and long numbers."""
    return _NUMBER.sub("[number]", _TOKEN.sub("[token]", _EMAIL.sub("[address]", text)))


def mask(value: Any) -> Any:
    """The same for whatever a log holds."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {str(k): MASK if _is_private(str(k)) else mask(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(v) for v in value]
    return value if isinstance(value, int | float | bool | None) else mask_text(str(value))


def _is_private(name: str) -> bool:
    return name.lower() in PRIVATE or "secret" in name.lower()


def place_of(error: BaseException) -> str:
    """Where an exception came from, and through which others, without any of their messages."""
    found: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(found) < 5:
        frames = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(seen.__traceback__))
        found.append(f"{type(seen).__module__}.{type(seen).__qualname__}{frames}")
        seen = seen.__cause__ or seen.__context__
    return "\nafter ".join(found)


def processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog, before the line is written."""
    told = event.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told else None
    kept = {name: value if name in ("event", "level", "timestamp", "sweep") else MASK if _is_private(name) else mask(value) for name, value in event.items()}
    if error is not None:
        kept["exception"] = place_of(error)
    return kept


def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """The same for what libraries write by themselves (the web server, the queue): makes the records of ``logging``."""
    made = logging.LogRecord(*args, **kwargs)
    try:
        text = mask_text(made.getMessage())
    except (TypeError, ValueError, KeyError):  # the library's own mistake, of which its handler tells
        return made
    error = made.exc_info[1] if made.exc_info else None
    made.msg, made.args, made.exc_info = f"{text}\n{place_of(error)}" if error else text, (), None
    return made
