"""Logs and reports of errors hold no personal data, no secrets and no words of people."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.masking import MASK, mask, mask_text, place_of, processor
from civic.extensions import db
from civic.jobs.models import Outbox
from civic.jobs.service import deliver
from tests.support.client import Browser

WORDS = ("asel@example.kz", "Менің айтқаным осы", "990101300123", "+7 701 123 45 67", "eyJhbGciOiJIUzI1NiJ9.x1y2z3")


@pytest.mark.parametrize(("text", "masked"), [
    ("to asel@example.kz failed", "to [address] failed"), ("/kk/confirm/ImFzZWwi.aBcD12.x9-_zzzzzzz", "/kk/confirm/[token]"),
    ("IIN 990101300123", "IIN [number]"), ("+7 (701) 123-45-67", "[number]"), ("4400 4301 2345 6789", "[number]"),
    ("/kk/shymkent/complaints/SHY-4K7M-2XN", "/kk/shymkent/complaints/SHY-4K7M-2XN"), ("2026-04-24T09:12:00", "2026-04-24T09:12:00"), ("took 12 ms", "took 12 ms"),
])
def test_what_is_masked_in_a_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_fields_that_hold_words_are_masked_whole() -> None:
    assert mask({"text": "x", "email": "y", "client_secret": "z", "count": 3, "deep": [{"payload": 1}]}) == {
        "text": MASK, "email": MASK, "client_secret": MASK, "count": 3, "deep": [{"payload": MASK}]}


def test_of_an_exception_the_place_is_told_and_not_the_message() -> None:
    try:
        try:
            raise ValueError(WORDS[0])
        except ValueError as first:
            raise RuntimeError(WORDS[1]) from first
    except RuntimeError as error:
        told = place_of(error)
        kept = processor(None, "", {"event": "x", "exc_info": True})
    assert "RuntimeError" in told and "ValueError" in told and "test_masking.py" in told
    assert not [w for w in WORDS if w in told or w in str(kept)] and "exception" in kept


def test_pages_that_break_write_nothing_of_what_was_sent(
        make_app: Callable[..., CivicFlask], session: Session, clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app()

    def breaks() -> str:
        db.session.execute(text("INSERT INTO nothing VALUES (:a)"), {"a": WORDS[1]})
        return ""

    breaks.access = "public"  # type: ignore[attr-defined]
    app._got_first_request = False
    app.add_url_rule("/<any(kk, ru, en):lang>/breaks/<token>", "breaks", breaks)
    client = app.test_client()
    assert isinstance(client, Browser)
    client.may_break, client.session_of_test = True, session
    assert client.get(f"/kk/breaks/{WORDS[4]}?email={WORDS[0]}").status_code == 500
    written = capsys.readouterr()
    line = next(x for x in written.out.splitlines() if "unexpected_error" in x)
    assert json.loads(line)["path"] == "/kk/breaks/[token]"
    assert not [w for w in WORDS if w in written.out + written.err]


def test_letters_that_fail_leave_no_address_behind(app: CivicFlask, session: Session, clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_session: Session, payload: dict[str, Any], _now: Any) -> None:
        raise OSError(f"550 no such user {payload['to']}")

    session.add(Outbox(kind="plain_mail", key="a", payload={"to": WORDS[0]}, created_at=utc_now(), not_before=utc_now()))
    session.commit()
    begin_write(session)
    assert deliver(session, {"plain_mail": refuse}, utc_now())
    assert [w for w in WORDS if w in str(session.query(Outbox.last_error).all())] == []
    assert not [w for w in WORDS if w in "".join(capsys.readouterr())]
    structlog.get_logger().info("x")


def test_what_libraries_write_by_themselves_passes_too(app: CivicFlask, capsys: pytest.CaptureFixture[str]) -> None:
    """The queue tells of a task that broke, the web server of a request that it could not read."""
    logger, written = logging.getLogger("huey.consumer"), io.StringIO()
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    try:
        raise ValueError(f"duplicate key: ({WORDS[1]})=({WORDS[0]})")
    except ValueError:
        logger.exception("Unhandled exception in task %s.", WORDS[4])
    logger.warning("Invalid HTTP request line: %r", f"GET /kk/confirm/{WORDS[4]}?email={WORDS[0]} HTTP/1.1")
    logger.removeHandler(handler)
    assert not [w for w in WORDS if w in written.getvalue()]
    assert "ValueError" in written.getvalue() and "test_masking.py" in written.getvalue() and "GET /kk/confirm/[token]" in written.getvalue()
