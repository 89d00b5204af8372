"""The Flask class of the product: one transaction per request, committed in one place."""

from typing import Any

from flask import Flask, abort, g, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, Map

from civic.config import Settings
from civic.core.database import begin_write
from civic.core.json_input import read_json
from civic.core.text import piles_marks
from civic.web import limits, once

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class RowNumber(IntegerConverter):
    """An id in an address, in one way of writing: no digits of other scripts, no zeros in front, so that no two addresses mean one row.
    What no INTEGER of PostgreSQL holds names nothing, so it is not found."""

    regex = "(?:0|[1-9][0-9]*)"

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


class OurJSON(DefaultJSONProvider):
    """Flask's, which takes for no JSON also what is nested too deeply."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return read_json(s, **kwargs)


class CivicFlask(Flask):
    """Flask whose requests are transactions: reading ones for GET, writing ones for everything else.

    A writing request commits when its answer is below 400 and rolls back otherwise. What was ordered in the outbox
    is then handed to the queue; a sweeper finds it when the process dies in between.
    """

    settings: Settings
    json_provider_class = OurJSON

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_map.converters = {**self.url_map.converters, "int": RowNumber}

    def ensure_sync(self, func: Any) -> Any:
        """The function itself: none of ours is a coroutine, which Flask would ask twenty times for each page."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        from civic.extensions import db

        if request.method in READING or request.endpoint == "static":
            return super().dispatch_request()
        if any(piles_marks(typed) for _, typed in request.form.items(multi=True)):  # the body is read before the database is locked
            abort(400)
        refused = limits.gate(db.session())
        if refused is not None:
            return refused
        begin_write(db.session())
        try:
            response: Any = once.answered_before(db.session()) or self.make_response(super().dispatch_request())
        except Exception:
            limits.count_failure(db.session())
            raise
        if response.status_code < 400:
            once.remember(db.session(), response)
            db.session.commit()
            self.extensions["civic_queue"].wake()
            if g.pop("failed", False):
                limits.count_failure(db.session())
        else:
            db.session.rollback()
            limits.count_failure(db.session())
        return response
