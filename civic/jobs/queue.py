"""The huey queue: wakes the outbox after a commit, sweeps every minute. What to do is registered by the features."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from flask import Flask
from huey import PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.api import Huey

from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.jobs.service import Handler, deliver

log = structlog.get_logger()
Sweep = Callable[[Any, datetime], object]


class Queue:
    """Handlers of outbox rows by kind, sweeps by name, and the huey instance that calls them."""

    def __init__(self, app: Flask, huey: Huey) -> None:
        self.app, self.huey = app, huey
        self.handlers: dict[str, Handler] = {}
        self.sweeps: list[Sweep] = []
        self._wake = huey.task(name="deliver_outbox")(self.deliver_all)
        huey.periodic_task(crontab(minute="*"), name="minute")(self.minute)

    def wake(self) -> None:
        """Ask a worker to look at the outbox now. Losing this call loses nothing: the minute finds the rows."""
        try:
            self._wake()
        except Exception:  # noqa: BLE001 - the answer to a resident must not depend on the queue
            self.app.logger.warning("queue cannot be reached; the sweeper will deliver")

    def prepare(self) -> None:
        """Make the tables of the queue, where its storage has tables."""
        make = getattr(self.huey.storage, "initialize_schema", None)
        if make is not None:
            make()

    def deliver_all(self) -> int:
        """Deliver everything that is due now; returns how many rows."""
        from civic.extensions import db

        total = 0
        with self.app.app_context():
            while deliver(db.session(), self.handlers, utc_now()):
                total += 1
            db.session.remove()
        return total

    def minute(self) -> None:
        """Once a minute: what time does, then the outbox. A sweep that fails is written down and stops nothing else."""
        from civic.extensions import db

        with self.app.app_context():
            for sweep in self.sweeps:
                try:
                    begin_write(db.session())
                    sweep(db.session(), utc_now())
                    db.session.commit()
                except Exception:
                    db.session.rollback()
                    log.exception("sweep_failed", sweep=getattr(sweep, "__qualname__", repr(sweep)))
            db.session.remove()
        self.deliver_all()


def make_huey(url: str) -> Huey:
    """A huey instance for ``sqlite:///path``, ``postgresql://…`` or ``redis://…``.

    It makes no tables: processes that start together would race. ``Queue.prepare`` makes them, once, at set-up.
    """
    if url.startswith("sqlite:///"):
        return SqliteHuey("civic", filename=url.removeprefix("sqlite:///"), fsync=False, results=False, create_tables=False)
    if url.startswith("postgresql"):
        return PostgresHuey("civic", dsn=url.replace("+psycopg", "", 1), results=False, create_tables=False)
    return RedisHuey("civic", url=url, results=False)


def init_app(app: Flask, url: str) -> Queue:
    """Bind a queue to the application."""
    queue = Queue(app, make_huey(url))
    app.extensions["civic_queue"] = queue
    return queue
