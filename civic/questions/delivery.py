"""Tells the open views of a room of what changed, through nchan (``NCHAN_URL``): within a second, and at most once a second.

Whoever changes a quiet room sends the delta, in a thread, as soon as the change is committed. Who changes it within the second
after that finds that a delivery is due, and leaves it to that. One row for each room (``RoomDelivery``) says so; it is written
under the room's lock, in the transaction of the change itself, so that nothing is lost between two processes: each delivery
carries all that came since the last one that arrived as a whole. A process that died before its delivery is found by the next
change, or by the sweep of the minute. docs/decisions/0014-live-rooms.md says why.
"""

import threading
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from flask import current_app, has_app_context
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.questions import live, rooms
from civic.questions.models import Room, RoomDelivery
from civic.web.locale import language
from civic.web.outgoing import Refused, fetch

log = structlog.get_logger()
PAUSE = timedelta(seconds=1)
#: So long after its moment nobody is going to make a delivery any more.
GIVEN_UP = timedelta(seconds=10)
#: Seconds after which a delivery that failed is tried again; then the minute does.
AGAIN = (1.0, 2.0, 4.0)
TIMEOUT = 3.0  # seconds that nchan, on the same machine, may take
TAKEN = (201, 202)  # there are subscribers; there are none
_CLAIMED = "rooms_to_deliver"


class Delivery:
    """Sends deltas of rooms to the channels ``<address>/<code>/<language>``."""

    def __init__(self, app: CivicFlask, address: str) -> None:
        self.app, self.address = app, address

    def start(self, room_id: int, seconds: float, failed: int = 0) -> None:
        """Deliver after so many seconds, in a thread of its own. A process that ends in order waits for it."""
        threading.Timer(max(0.0, seconds), self._deliver, (room_id, failed)).start()

    def _deliver(self, room_id: int, failed: int) -> None:
        from civic.extensions import db

        try:
            with self.app.test_request_context(base_url=self.app.settings.public_url):
                pause = self.deliver(db.session(), room_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the row is still due
            log.warning("room_not_delivered", room_id=room_id, error=repr(error))
            if failed < len(AGAIN):
                self.start(room_id, AGAIN[failed], failed + 1)
            return
        if pause is not None:
            self.start(room_id, pause.total_seconds())

    def deliver(self, session: Session, room_id: int) -> timedelta | None:
        """Send what came since the last delivery. What came in the meantime is to be sent after the time that is returned.

        Raises ``Refused``; then nothing is taken as sent.
        """
        room, since = session.get_one(Room, room_id), session.get_one(RoomDelivery, room_id).version
        version, code = room.version, room.code
        if version > since:
            messages = live.messages(session, room, since, utc_now())
            session.rollback()  # no transaction stays open while nchan is asked
            self._send(code, messages)
        begin_write(session)
        newest = session.scalar(select(Room.version).where(Room.id == room_id).with_for_update())
        now = utc_now()
        due = None if newest == version else now + PAUSE
        session.execute(update(RoomDelivery).where(RoomDelivery.room_id == room_id).values(version=version, sent_at=now, due_at=due))
        session.commit()
        return None if due is None else PAUSE

    def _send(self, code: str, messages: dict[str, bytes]) -> None:
        for tongue, message in messages.items():
            answer = fetch(f"{self.address}/{code}/{tongue}", method="POST", body=message, headers={"Content-Type": "application/json"},
                           private=(urlsplit(self.address).netloc,), timeout=TIMEOUT)
            if answer.status not in TAKEN:
                raise Refused(f"nchan answered {answer.status}")

    def sweep(self, session: Session, now: datetime) -> None:
        """Deliver what somebody was to deliver who has died."""
        left = select(RoomDelivery.room_id).where(RoomDelivery.due_at < now - GIVEN_UP).limit(100)
        for room_id in session.scalars(left):
            self.start(room_id, 0)


def claim(session: Session, room: Room, now: datetime) -> None:
    """Take the next delivery of a room that has just changed, unless somebody has. Bound to ``rooms.ON_CHANGE``: the caller holds the room's lock."""
    if not has_app_context() or "civic_delivery" not in current_app.extensions:
        return
    known = session.execute(select(RoomDelivery.due_at, RoomDelivery.sent_at).where(RoomDelivery.room_id == room.id)).first()
    if known is None:
        session.add(RoomDelivery(room_id=room.id, version=room.version - 1, sent_at=now - PAUSE, due_at=now))
        due = now
    elif known.due_at is None or known.due_at < now - GIVEN_UP:
        due = max(now, known.sent_at + PAUSE)
        session.execute(update(RoomDelivery).where(RoomDelivery.room_id == room.id).values(due_at=due).execution_options(synchronize_session=False))
    else:
        return
    session.info.setdefault(_CLAIMED, {})[room.id] = due


def _committed(session: Session) -> None:
    """The change is there for others to see: its delivery begins."""
    if session.in_nested_transaction():
        return
    for room_id, due in session.info.pop(_CLAIMED, {}).items():
        try:
            current_app.extensions["civic_delivery"].start(room_id, (due - utc_now()).total_seconds())
        except RuntimeError:  # no thread to be had: what was answered stands, and the minute delivers
            log.warning("room_not_delivered", room_id=room_id, error="no thread")


def _rolled_back(session: Session) -> None:
    session.info.pop(_CLAIMED, None)


def stream_path(room: Room) -> str:
    """Where a view of the room hears of changes in the language of its page; empty where views poll."""
    return f"/live/room/{room.code}/{language()}" if "civic_delivery" in current_app.extensions else ""


def init_app(app: CivicFlask, queue: Queue) -> None:
    """Bind the delivery, when there is an address for it."""
    app.jinja_env.globals["room_stream"] = stream_path
    if not app.settings.nchan_url:
        return
    delivery = app.extensions["civic_delivery"] = Delivery(app, app.settings.nchan_url)
    queue.sweeps.append(delivery.sweep)
    if claim not in rooms.ON_CHANGE:
        rooms.ON_CHANGE.append(claim)
        event.listen(Session, "after_commit", _committed)
        event.listen(Session, "after_rollback", _rolled_back)
