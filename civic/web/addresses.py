"""Addresses in templates: each is built once and kept, since Flask takes as long for one as for drawing a row of a list."""

from functools import lru_cache
from typing import Any

import flask

from civic.web.locale import language_of_links

#: More than the addresses of all cities' pages in three languages; those of single things come and go.
KEPT = 4096
_PLAIN = (str, int)


def url_for(endpoint: str, **values: Any) -> str:
    """``flask.url_for``, for templates."""
    if endpoint[0] == "." or any(name[0] == "_" or type(value) not in _PLAIN for name, value in values.items()):
        return flask.url_for(endpoint, **values)
    return _kept(endpoint, language_of_links(), *values.items())


@lru_cache(maxsize=KEPT)
def _kept(endpoint: str, _language: str, *values: tuple[str, str | int]) -> str:
    given: dict[str, Any] = dict(values)
    return flask.url_for(endpoint, **given)
