"""The recording of an event: its chapters as people type them, and addresses that lead to a second of it."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from civic.core.errors import InputRefused
from civic.core.text import clean

LONGEST = 24 * 3600  # seconds
MOST_CHAPTERS = 200
LONGEST_TITLE = 200
_LINE = re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])(?:\s*[-–—][-–—\s]*|\s+)(\S.*)")
#: Sites whose addresses name a second as ``t`` of the query, and those where it stands behind ``#``.
_IN_QUERY = ("youtube.com", "youtu.be", "rutube.ru")
_IN_FRAGMENT = ("vimeo.com",)

Chapter = tuple[int, str]


def read_chapters(typed: str) -> list[Chapter]:
    """Lines such as «12:30 Title» or «1:02:30 Title» as seconds and titles, in the order of the recording.

    Raises ``InputRefused`` on field ``chapters``: ``chapter_wrong`` (with the number of the line), ``too_many_chapters``.
    """
    lines = clean(typed).split("\n")
    if len(lines) > 2 * MOST_CHAPTERS:
        raise InputRefused("chapters", "too_many_chapters", limit=MOST_CHAPTERS)
    found = [_chapter(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if len(found) > MOST_CHAPTERS:
        raise InputRefused("chapters", "too_many_chapters", limit=MOST_CHAPTERS)
    return sorted(found, key=lambda chapter: chapter[0])


def _chapter(number: int, line: str) -> Chapter:
    found = _LINE.fullmatch(line)
    if found is not None:
        hours, minutes, seconds = int(found[1] or 0), int(found[2]), int(found[3])
        second = hours * 3600 + minutes * 60 + seconds
        if second < LONGEST and not (hours and minutes > 59) and len(found[4]) <= LONGEST_TITLE:
            return second, found[4].strip()
    raise InputRefused("chapters", "chapter_wrong", line=number)


def chapter_lines(chapters: Sequence[Sequence[int | str]]) -> str:
    """The chapters as they are typed."""
    return "\n".join(f"{clock(int(second))} {title}" for second, title in chapters)


def clock(second: int) -> str:
    """«12:30», «1:02:30»."""
    hours, rest = divmod(second, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def at_second(url: str, second: int) -> str:
    """The address of the recording at a second; empty for sites of which nobody knows how to say it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.hostname or ""
    if _is_of(host, _IN_QUERY):
        query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("t", "start")]
        return urlunsplit(parts._replace(query=urlencode([*query, ("t", str(second))])))
    return urlunsplit(parts._replace(fragment=f"t={second}s")) if _is_of(host, _IN_FRAGMENT) else ""


def _is_of(host: str, sites: Sequence[str]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)


def chapters_with_links(url: str, chapters: Sequence[Sequence[int | str]]) -> Iterator[tuple[str, str, str]]:
    """(time, title, address or nothing) of each chapter."""
    for second, title in chapters:
        yield clock(int(second)), str(title), at_second(url, int(second))
