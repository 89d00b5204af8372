"""Reads pages quickly and as strictly as html5lib, which judges every kind of markup that was not seen before.

html5lib's strict parser takes 10 to 40 ms of processor time for a page, which was a third of all page tests. But most pages consist
of what other pages consist of. So a page is cut into tags here; every element must be closed by its own end tag, every attribute
quoted and named once, every character reference one of those that our templates write. Of such a page the HTML standard's
algorithm, on meeting a tag, asks only which elements are open (in a well-nested page the tags it is inside of, which also gives the
state of forms, tables and formatting) and what came before it in the same parent. This pair is the tag's *place*. When all
places of a page were seen in pages that html5lib found valid in this process, the page is valid too; when one is new, or when the page
is not written in this plain way, html5lib reads the whole page and decides. Then both must also
have read the same tree. ``tests/test_inspector.py`` breaks pages in many ways and wants each found.
"""

import html
import re
from xml.etree.ElementTree import Element, TreeBuilder

import html5lib
from html5lib.html5parser import ParseError

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
#: Elements whose text holds no tags: html5lib reads them by other rules, so what is inside is taken up to the end tag.
RAW = frozenset({"title", "textarea", "script", "style"})
FOREIGN = frozenset({"svg", "math"})
TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)((?:\s+[a-zA-Z][a-zA-Z0-9:_-]*(?:=\"[^\"<]*\")?)*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([a-zA-Z][a-zA-Z0-9:_-]*)(=\"([^\"]*)\")?")
REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|shy|#[1-9][0-9]{1,3});)")
#: Characters that HTML forbids or html5lib changes.
STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]|&#1(?:2[789]|[345][0-9]);")
DOCTYPE = re.compile(r"\s*<!doctype html>\s*", re.IGNORECASE)

Place = tuple[int, str, str]
_valid: set[Place] = set()
_chains: dict[tuple[int, str], int] = {}


class NotPlain(Exception):
    """The page is not written in the plain way that ``read`` understands. It may be valid all the same."""


def parse(text: str, *, fragment: bool = False) -> Element:
    """The tree of strictly valid HTML5. Raises ``AssertionError`` saying what is wrong and where."""
    try:
        root, places = read(text, fragment=fragment)
    except NotPlain:
        return _judge(text, fragment)
    if not places <= _valid:
        judged = _judge(text, fragment)
        assert _outline(judged) == _outline(root), "browsers move something of this page elsewhere, as words between rows of a table"
        _valid.update(places)
        return judged
    return root


def read(text: str, *, fragment: bool = False) -> tuple[Element, set[Place]]:
    """The tree of a plainly written page, and the places of its tags. Raises ``NotPlain``."""
    text = text.replace("\r\n", "\n")
    if STRANGE.search(text) or REFERENCE.search(text):
        raise NotPlain
    start = 0
    if not fragment:
        doctype = DOCTYPE.match(text)
        if doctype is None:
            raise NotPlain
        start = doctype.end()
    return _Reader(text, start, "DOCUMENT_FRAGMENT" if fragment else "").result()


class _Reader:
    """One reading of one page. ``inside`` is the number of the chain of open elements, see ``_chain``."""

    def __init__(self, text: str, start: int, root: str) -> None:
        self.text, self.at, self.root = text, start, root
        self.builder, self.places = TreeBuilder(), set[Place]()
        self.inside, self.foreign = _chain(0, root), False
        self.before = ""
        self.opened: list[tuple[str, int, str, bool]] = []  # of each open element: its name, and what was true outside of it
        if root:
            self.builder.start(root, {})

    def result(self) -> tuple[Element, set[Place]]:
        for found in iter(lambda: TAG.search(self.text, self.at), None):
            if found.start() > self.at:
                self._words(self.text[self.at:found.start()])
            self.at = found.end()
            end, name, attributes, slash = found.groups()
            if end:
                self._end(name, attributes or slash)
            else:
                self._start(name, attributes, slash)
        self._words(self.text[self.at:])
        if self.opened:
            raise NotPlain
        if self.root:
            self.builder.end(self.root)
        return self.builder.close(), self.places

    def _words(self, words: str) -> None:
        if "<" in words:
            raise NotPlain
        nowhere = not self.opened and not self.root
        if words.isspace() or not words:
            words = "" if nowhere else words
        elif nowhere:
            raise NotPlain
        else:
            self._place("#text")
        if words:
            self.builder.data(html.unescape(words) if "&" in words else words)

    def _place(self, name: str) -> None:
        self.places.add((self.inside, self.before, name))
        self.before = name

    def _start(self, name: str, attributes: str, slash: str) -> None:
        if not self.opened and not self.root and (name != "html" or self.before):
            raise NotPlain
        self._place(name)
        self.builder.start(name, _attributes(attributes) if attributes else {})
        foreign = self.foreign or name in FOREIGN
        if name in VOID or (slash and foreign):
            self.builder.end(name)
        elif slash:
            raise NotPlain
        else:
            self.opened.append((name, self.inside, self.before, self.foreign))
            self.inside, self.before, self.foreign = _chain(self.inside, name), "", foreign
            if name in RAW and not foreign:
                self._raw(name)

    def _raw(self, name: str) -> None:
        end = self.text.find(f"</{name}>", self.at)
        words = self.text[self.at:end]
        if end < 0 or "<" in words:
            raise NotPlain
        self.builder.data(words if name in ("script", "style") else html.unescape(words.removeprefix("\n") if name == "textarea" else words))
        self.at = end

    def _end(self, name: str, rest: str) -> None:
        if rest or not self.opened or self.opened[-1][0] != name:
            raise NotPlain
        self.builder.end(name)
        _, self.inside, self.before, self.foreign = self.opened.pop()


def _chain(outer: int, name: str) -> int:
    """A number for a chain of open elements: the chain ``outer`` and ``name`` within."""
    return _chains.setdefault((outer, name), len(_chains) + 1)


def _attributes(text: str) -> dict[str, str]:
    found = ATTRIBUTE.findall(text)
    named = {name.lower(): html.unescape(value) for name, _, value in found}
    if len(named) != len(found):
        raise NotPlain
    return named


def _judge(text: str, fragment: bool) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        root: Element = parser.parseFragment(text) if fragment else parser.parse(text)
    except ParseError as error:
        (line, column), code, facts = parser.errors[-1]
        around = "\n".join(text.splitlines()[max(0, line - 3):line + 1])
        raise AssertionError(f"invalid HTML, line {line}, column {column}: {code} {facts}\n{around}") from error
    return root


def _outline(root: Element) -> list[object]:
    """What a tree says: tags, attributes and words, without blanks between, comments, and the <tbody> that need not be written."""
    out: list[object] = []
    for element in root.iter():
        tag = element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else None
        if tag is not None and tag != "tbody":
            out.append((tag, {k.lower(): v for k, v in element.attrib.items()}, (element.text or "").strip()))
        if tail := (element.tail or "").strip():
            out.append(tail)
    return out
