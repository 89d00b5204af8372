"""Pages of discussions that were drawn a moment ago and would be drawn the same again.

One statement reads the versions of everything that a discussion's page is made of (``EVENT_STAMPS``): while they are the same, the
page that was drawn is given out, for visitors without a cookie, at most ``page_cache_seconds`` × ``LONGEST`` long. What has no
version here (a body's new name, the hour at which registration closes) is seen after that time at the latest.
"""

from collections import OrderedDict
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from flask import current_app, g, request
from sqlalchemy import Select, bindparam, select

from civic.events.blueprint import EVENT_STAMPS
from civic.events.models import Event
from civic.web.access import knows_visitor
from civic.web.reading import reader

LONGEST = 5
#: Pages, of some 40 kB each.
MOST = 60
Key = tuple[str, ...]
_pages: OrderedDict[Key, "Kept"] = OrderedDict()
_lock = Lock()


class Kept(NamedTuple):
    """One page. until: seconds of the monotonic clock."""

    until: float
    stamp: tuple[Any, ...]
    html: str


def find() -> str | None:
    """The page of the request as it was drawn last, when nothing of it has changed since."""
    if not current_app.settings.page_cache_seconds or request.query_string or knows_visitor():  # type: ignore[attr-defined]
        return None
    row = reader().execute(_stamps(len(EVENT_STAMPS)), {"code": (request.view_args or {})["code"].lower()}).first()
    if row is None:
        return None
    g.event_stamp = tuple(row)  # read before the page is drawn: a change in between is found the next time
    page = _pages.get(_key())
    return page.html if page is not None and page.stamp == g.event_stamp and page.until > monotonic() else None


def keep(html: str) -> str:
    """Remember the page that was drawn for the request. Gives it back."""
    stamp = g.get("event_stamp")
    if stamp is not None:
        seconds = current_app.settings.page_cache_seconds * LONGEST  # type: ignore[attr-defined]
        with _lock:
            _pages.pop(_key(), None)
            _pages[_key()] = Kept(monotonic() + seconds, stamp, html)
            while len(_pages) > MOST:
                _pages.popitem(last=False)
    return html


def _key() -> Key:
    return current_app.settings.database_url, request.host_url, request.path  # type: ignore[attr-defined]


@cache
def _stamps(_count: int) -> Select[*tuple[Any, ...]]:
    """Made once, when the features above have said what of theirs changes."""
    own = (Event.version, Event.revision, Event.taken, Event.state, Event.announced_at)
    return select(*own, *(stamp.scalar_subquery() for stamp in EVENT_STAMPS.values())).where(Event.code == bindparam("code"))
