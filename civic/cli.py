"""Commands: set up, serve, work, deliver. ``flask --help`` lists them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.bodies.service import seed
from civic.config import ROOT
from civic.core.clock import utc_now
from civic.core.database import begin_write

HOST = "127.0.0.1"
STARTS_WITHIN = 60.0  # seconds that the web server may take until it answers
ENDS_WITHIN = 15.0  # seconds until a program that was asked to end is made to
ANSWERS_END_WITHIN = 10  # seconds that the web server gives its own processes: less, so that it ends them itself


def seed_reference(session: Session, now: datetime) -> None:
    """The shipped cities, bodies and categories, where they are missing. The caller commits."""
    seed(session, None, now)


def prepare_all(app: Flask) -> None:
    """Database, reference data and queue, ready for use; may be run again at any time."""
    from civic.extensions import db

    upgrade()
    _refuse_known_accounts(app)
    begin_write(db.session())
    seed_reference(db.session(), utc_now())
    db.session.commit()
    app.extensions["civic_queue"].prepare()


def _refuse_known_accounts(app: Flask) -> None:
    """Accounts of the demonstration have passwords that were printed: the real thing does not start with them."""
    from civic.accounts.models import User
    from civic.extensions import db

    if app.settings.demo:  # type: ignore[attr-defined]
        return
    known = db.session().scalar(select(func.count()).select_from(User).where(User.email.like("%@demo.test")))
    db.session().rollback()
    if known:
        raise click.ClickException("this database holds accounts of the demonstration, whose passwords others know: begin with an empty one, or set CIVIC_DEMO=1")


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Set up or update: migrations, reference data, tables of the queue. Safe to run again; run it before each new version."""
    prepare_all(current_app)
    click.echo("The database is up to date.")


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Prepare everything, then run the web server and the worker until Ctrl-C.

    The address is 127.0.0.1 and PORT (8000 unless set). With CIVIC_DEMO=1 an empty database gets the demonstration
    city, its accounts have the password DEMO_PASSWORD, or one that is made up and printed once.
    """
    from civic.extensions import db

    port = _free(os.environ.get("PORT", "8000"))
    prepare_all(current_app)
    lines = _demonstration()
    db.session.remove()
    db.engine.dispose()
    run_both(port, lines)


@click.command("demonstrate")
@with_appcontext
def demonstrate() -> None:
    """Fill an empty database with the demonstration city (with CIVIC_DEMO=1 alone; ``serve`` does it too)."""
    click.echo("\n".join(_demonstration() or ["Nothing is done without CIVIC_DEMO=1."]))


@click.command("work")
@with_appcontext
def work() -> None:
    """Run the worker: letters, photos, and what the calendar does. One or more may run beside the web servers."""
    huey = current_app.extensions["civic_queue"].huey
    huey.create_consumer(workers=1, periodic=True, check_worker_health=True).run()


@click.command("deliver")
@with_appcontext
def deliver() -> None:
    """Deliver everything that waits in the outbox and is due, once."""
    click.echo(f"Delivered: {current_app.extensions['civic_queue'].deliver_all()}")


@click.command("sweep")
@with_appcontext
def sweep() -> None:
    """Do what time does (reminders, overdue notices, closing in silence) and deliver, once. The worker does it each minute."""
    current_app.extensions["civic_queue"].minute()


def init_app(app: Flask) -> None:
    """Register the commands."""
    from civic.permissions.cli import permissions

    for command in (prepare, serve, demonstrate, work, deliver, sweep, permissions):
        app.cli.add_command(command)


def _free(port: str) -> int:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.ClickException("PORT must be a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
        except OSError as error:
            raise click.ClickException(f"port {port} is taken; choose another one, as in: PORT=8010 make run") from error
    return int(port)


def _demonstration() -> list[str]:
    """Make the demonstration where it is wanted and the city is empty. Returns lines for the person who starts it."""
    if not current_app.settings.demo:  # type: ignore[attr-defined]
        return []
    from civic.demo import describe, make
    from civic.extensions import db

    begin_write(db.session())
    made = make(db.session(), current_app.settings.media, utc_now(), os.environ.get("DEMO_PASSWORD"))  # type: ignore[attr-defined]
    db.session.commit()
    return describe(made)


def programs(port: int) -> dict[str, list[str]]:
    """The programs that make up the service on one machine, by name."""
    web = [sys.executable, "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread", "--workers", "2", "--threads", "8",
           "--no-control-socket", "--preload", "--bind", f"{HOST}:{port}", "--log-level", "warning", "--graceful-timeout", str(ANSWERS_END_WITHIN)]
    return {"web server": web, "worker": [sys.executable, "-m", "flask", "work"]}


def start(command: list[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start one program in a session of its own, so that Ctrl-C reaches it through us alone."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, env=env)


def run_both(port: int, lines: list[str]) -> NoReturn:
    """Run the programs until we are told to end, or one of them dies: then all end, and we end with an error."""
    def stop(_signal: int, _frame: FrameType | None) -> None:
        for again in (signal.SIGTERM, signal.SIGINT):
            signal.signal(again, signal.SIG_IGN)  # whoever presses twice would leave both programs behind
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)  # shells start background programs with it ignored
    running: dict[str, subprocess.Popen[bytes]] = {}
    code = 0
    try:
        for name, command in programs(port).items():
            running[name] = start(command)
        _wait_for(port, running)
        click.echo("\n".join(["", f"  Civic is at http://{HOST}:{port}/", *lines, "", "  Ctrl-C ends it.", ""]))
        while not _dead(running):
            time.sleep(0.3)
        code = 1
    except KeyboardInterrupt:
        pass
    for name in _dead(running):
        click.echo(f"The {name} has ended with code {running[name].returncode}; everything ends.", err=True)
        code = 1
    _end(running)
    sys.exit(code)


def _dead(running: Mapping[str, subprocess.Popen[bytes]]) -> list[str]:
    return [name for name, program in running.items() if program.poll() is not None]


def _wait_for(port: int, running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Wait until pages are answered: the port is open before the application is loaded."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and not _dead(running):
        connection = HTTPConnection(HOST, port, timeout=STARTS_WITHIN)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
            return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()


def _end(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for program in running.values():
        if program.poll() is None:
            program.terminate()
    until = time.monotonic() + ENDS_WITHIN
    for program in running.values():
        try:
            program.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)  # with what it has started itself, see ``start``
            program.wait()
