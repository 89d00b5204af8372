"""Inspects a page as a careful reader would: valid HTML5, one heading, labels, no inline scripts or styles."""

import re
from xml.etree.ElementTree import Element

from tests.support.markup import parse

__all__ = ["inspect_fragment", "inspect_page", "parse", "words"]
LANGUAGES = ("kk", "ru", "en")
UNLABELLED = ("hidden", "submit", "button", "image", "reset")


def inspect_page(text: str, path: str) -> None:
    """Raises ``AssertionError`` saying what is wrong with the page that ``path`` answered."""
    root = parse(text)
    _heading(root, path)
    _language(root, path)
    _parts(root, path)


def inspect_fragment(text: str, path: str) -> None:
    """The same for a part of a page, which has no title of its own."""
    _parts(parse(text, fragment=True), path)


def words(element: Element) -> str:
    """All text inside, blanks made single."""
    return " ".join("".join(element.itertext()).split())


def _heading(root: Element, path: str) -> None:
    headings, title = list(root.iter("h1")), words(next(root.iter("title")))
    assert len(headings) == 1, f"{path}: {len(headings)} h1, there must be one"
    assert words(headings[0]) and words(headings[0]) in title, f"{path}: the title {title!r} does not hold the h1 {words(headings[0])!r}"


def _language(root: Element, path: str) -> None:
    first = path.lstrip("/").split("/")[0]
    wanted = (first,) if first in LANGUAGES else LANGUAGES
    assert root.get("lang") in wanted, f"{path}: lang is {root.get('lang')!r}"


def _parts(root: Element, path: str) -> None:
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    ids = [e.get("id") for e in elements if e.get("id")]
    assert len(ids) == len(set(ids)), f"{path}: ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    labelled = {e.get("for") for e in elements if e.tag == "label"}
    inside_labels = {id(inner) for e in elements if e.tag == "label" for inner in e.iter()}
    for element in elements:
        what = f"{path}: <{element.tag} {' '.join(f'{k}={v!r}' for k, v in element.attrib.items())}>"
        inline = [a for a in element.attrib if a == "style" or re.match(r"on[a-z]+$", a)]
        assert not inline, f"{what} has inline {inline}"
        if element.tag == "form":
            assert element.get("action"), f"{what} has no action"
        if element.tag == "img":
            assert element.get("alt") is not None, f"{what} has no alt"
        if element.tag == "style" or (element.tag == "script" and not element.get("src") and element.get("type") not in ("application/json", "application/ld+json")):
            raise AssertionError(f"{what} is inline")
        if element.tag in ("input", "select", "textarea") and element.get("type") not in UNLABELLED:
            named = element.get("id") in labelled or id(element) in inside_labels or element.get("aria-label") or element.get("aria-labelledby")
            assert named, f"{what} has no label"
        if element.tag in ("a", "button"):
            assert words(element) or element.get("aria-label") or _image_words(element), f"{what} says nothing"
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            missing = [i for i in (element.get(attribute) or "").split() if i not in ids]
            assert not missing, f"{what}: {attribute} names {missing}, which the page has not"


def _image_words(element: Element) -> str:
    return "".join(e.get("alt") or e.get("aria-label") or "" for e in element.iter())
