"""Opens every page that can be found from a few, as one person."""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from tests.support.client import Browser
from tests.support.inspector import parse

_LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
_ATOM = re.compile(r"<(?:id|uri)>|href=\"https?://[^/\"]+(/[^\"]*)\"")


def crawl(client: Browser, starts: Iterable[str], *, most: int = 120, lang: str = "kk") -> Iterator[Any]:
    """Answers of pages that lie behind ``starts``, in one language, those first; never what signs out."""
    waiting, seen = list(starts), set(starts)
    while waiting and most:
        path, most = waiting.pop(0), most - 1
        answer = client.get(path, buffered=True)
        yield answer
        if answer.mimetype != "text/html":
            continue
        for link in map(unescape, _LINK.findall(answer.text)):
            if link not in seen and link.startswith((f"/{lang}/", "/photo/")) and "sign-out" not in link and "/account/log" not in link:
                seen.add(link)
                waiting.append(link)


def foreign_markup(answer: Any, mark: str) -> list[str]:
    """Elements and attributes of a page that came out of somebody's words: they carry ``mark`` in a name, or run something."""
    if answer.mimetype in ("application/json", "application/geo+json"):
        json.loads(answer.data)
        return []
    if answer.mimetype != "text/html":
        return []
    found = []
    for element in parse(answer.text).iter():
        if not isinstance(element.tag, str):
            continue
        if mark in element.tag or any(mark in name or name.startswith("on") for name in element.attrib):
            found.append(f"<{element.tag} {element.attrib}>")
        for name in ("href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"):
            scheme = (element.get(name) or "").strip().lower().partition(":")[0]
            if scheme in ("javascript", "vbscript") or (scheme == "data" and not (element.get(name) or "").startswith("data:image/svg+xml")):
                found.append(f"<{element.tag} {name}={element.get(name)!r}>")
        if element.tag == "script" and element.text and element.get("type", "").endswith("json"):
            json.loads(element.text)
    return found
