"""What operators rely on: nothing acknowledged is lost, nothing goes out twice, wrong settings are said."""

import email
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from civic import cli, create_app
from civic.bodies.models import Category
from civic.complaints.models import Draft
from civic.config import ROOT, Settings, SettingWrong
from civic.extensions import db
from civic.jobs.models import Outbox
from tests.support.browser import Service
from tests.support.database import engine_for, free_port
from tests.support.people import PASSWORD, People
from tests.support.residents import Resident

FILINGS, THREADS = 200, 4
on_sqlite = pytest.mark.skipif(os.environ.get("CIVIC_TEST_DB") == "postgresql", reason="runs programs of its own, on SQLite")


# -- kill -9

def gone(pid: int) -> bool:
    """Whether the process has ended, be it that nobody has asked yet how."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def service(tmp_path):
    made = Service(tmp_path)
    made.flask("prepare")
    try:
        yield made
    finally:
        made.stop()


def an_account(service: Service) -> int:
    """Somebody to file, and an official of the city to answer. Gives the id of a category."""
    app = create_app(Settings.read(service.env))
    engine = engine_for(service.env["DATABASE_URL"])
    with Session(engine) as session:
        People(app, session).account("resident@example.test")
        category = session.scalars(select(Category).where(Category.code == "energy.bill")).one().id
        session.commit()
    engine.dispose()
    return category


def kill_now_and_then(service: Service, done: threading.Event) -> int:
    """Kill a web worker, then the job worker (and start a new one), until ``done``. Gives how many were killed."""
    killed = 0
    while not done.wait(1.2):
        workers = children(service.running["web server"].pid)
        if workers:
            os.kill(workers[killed % len(workers)], signal.SIGKILL)
            killed += 1
        if done.wait(0.8):
            break
        service.running["worker"].kill()
        service.running["worker"].wait()
        killed += 1
        service.start("worker")
    return killed


def let_time_pass(database: Path) -> int:
    """Claims of killed workers end after two minutes: as if they had passed. Gives how many letters and jobs waited."""
    with sqlite3.connect(database) as connection:
        return connection.execute("UPDATE outbox SET not_before = created_at WHERE done_at IS NULL").rowcount


@on_sqlite
def test_no_acknowledged_complaint_and_no_letter_is_lost_or_doubled_by_kill_9(service):
    category = an_account(service)
    service.start("web server", "worker")
    residents = [Resident(service.port, "resident@example.test", PASSWORD) for _ in range(THREADS)]
    done = threading.Event()
    with ThreadPoolExecutor(THREADS + 1) as pool:
        killer = pool.submit(kill_now_and_then, service, done)
        try:
            shares = [pool.submit(lambda r=r: [r.file(category, f"Төлем қағазында қате бар, {n}") for n in range(FILINGS // THREADS)])
                      for r in residents]
            numbers = [number for share in shares for number in share.result()]
        finally:
            done.set()
        assert killer.result() >= 2
    service.stop()
    database = service.instance / "civic.db"
    let_time_pass(database)
    service.deliver()

    with sqlite3.connect(database) as connection:
        kept = [n for n, in connection.execute("SELECT number FROM complaint")]
        assert connection.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM complaint_event").fetchone() == (FILINGS,)
    assert len(numbers) == len(set(numbers)) == FILINGS
    assert sorted(kept) == sorted(numbers)
    letters = [email.message_from_bytes(f.read_bytes()) for f in (service.instance / "mail").glob("*.eml")]
    tickets = [m for m in letters if m["To"] == "resident@example.test"]
    about = [re.search(r"SHY-\w{4}-\w{3}", str(email.header.make_header(email.header.decode_header(m["Subject"]))))[0] for m in tickets]
    assert sorted(about) == sorted(numbers)
    assert len({m["Message-ID"] for m in letters}) == len(letters)


@on_sqlite
def test_serve_runs_both_programs_and_ends_with_either(tmp_path):
    service = Service(tmp_path)

    def serve():
        return subprocess.Popen([sys.executable, "-m", "flask", "serve"], cwd=ROOT, env=service.env, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def until_ready(program):
        for line in program.stdout:
            if "Ctrl-C" in line:
                return children(program.pid)
        raise AssertionError("it ended before it was ready")

    first = serve()
    programs = until_ready(first)
    assert len(programs) == 2
    first.send_signal(signal.SIGINT)
    time.sleep(0.1)
    first.send_signal(signal.SIGTERM)  # impatient, or a shell that tells it once more
    assert first.wait(30) == 0
    assert all(gone(pid) for pid in programs)
    first.stdout.close()

    second = serve()
    _, worker = until_ready(second)
    os.kill(worker, signal.SIGKILL)
    said = second.stdout.read()
    assert second.wait(30) == 1
    second.stdout.close()
    assert "The worker has ended with code -9" in said
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", service.port)) != 0


def test_a_program_that_does_not_end_is_ended_with_what_it_has_started(monkeypatch):
    monkeypatch.setattr(cli, "ENDS_WITHIN", 0.2)
    deaf = cli.start(["sh", "-c", "trap '' TERM; sleep 60 & while :; do wait; done"])
    while not children(deaf.pid):
        time.sleep(0.02)
    [child] = children(deaf.pid)
    cli._end({"deaf": deaf})
    assert deaf.returncode == -signal.SIGKILL
    until = time.monotonic() + 30
    while not gone(child):
        assert time.monotonic() < until, "it goes on"
        time.sleep(0.02)


@on_sqlite
def test_serve_says_that_the_port_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        service = Service(tmp_path, port=taken.getsockname()[1])
        done = subprocess.run([sys.executable, "-m", "flask", "serve"], cwd=ROOT, env=service.env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {service.port} is taken" in done.stderr


# -- the mail server

class Inbox:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(email.message_from_bytes(envelope.content))
        return "250 OK"


def test_letters_wait_for_the_mail_server_and_go_out_once(make_app, session, filed, people, clock):
    port = free_port()
    mailing = make_app(mail_url=f"smtp://127.0.0.1:{port}")
    queue = mailing.extensions["civic_queue"]
    filed(by=people.account("resident@example.test"))

    queue.deliver_all()
    waiting = session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).all()
    assert waiting and all("ConnectionRefused" in row.last_error for row in waiting)
    assert all(row.attempts == 1 and row.not_before > clock_now() for row in waiting)
    session.commit()

    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        queue.deliver_all()
        assert inbox.letters == []  # it is not asked again at once
        clock.shift(3600)
        queue.deliver_all()
        clock.shift(3600)
        queue.deliver_all()
    finally:
        controller.stop()
    assert len(inbox.letters) == len(waiting)
    assert len({letter["Message-ID"] for letter in inbox.letters}) == len(waiting)
    assert [letter["To"] for letter in inbox.letters].count("resident@example.test") == 1


def clock_now():
    from civic.core.clock import utc_now

    return utc_now()


# -- the database

def test_a_locked_database_gives_a_page_and_writes_nothing(client, session, store):
    if store.server:
        pytest.skip("PostgreSQL has no lock of the whole database")
    page = client.get("/kk/shymkent/report/")
    session.commit()
    other = sqlite3.connect(store.folder / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    response = client.submit(page)
    waited = time.monotonic() - began
    other.execute("ROLLBACK")
    other.close()

    assert response.status_code == 503
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
    session.commit()
    assert waited < 30
    assert client.submit(page).status_code == 303
    assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_a_full_database_gives_a_page_and_what_was_saved_stays(client, session, app, store):
    if store.server:
        pytest.skip("a full disk cannot be had for PostgreSQL alone")
    page = client.get(client.submit(client.get("/ru/shymkent/report/")).headers["Location"])
    page = client.get(client.submit(page, address="ул. Рыскулова, 14").headers["Location"])
    with app.app_context():
        engine = db.engine
    engine.dispose()

    def no_more_pages(connection, _record):
        connection.execute("PRAGMA max_page_count = 1").close()  # raised by SQLite to what is there already

    event.listen(engine, "connect", no_more_pages)
    words = {"category_id": session.scalar(select(Category.id).where(Category.code == "lighting.street")), "text": "Не горит фонарь. " * 550, "name": "Айгүл", "email": "aigul@example.org"}
    full = client.submit(page, **words)
    event.remove(engine, "connect", no_more_pages)
    engine.dispose()

    assert (full.status_code, "Назад" in full.text or "назад" in full.text or "Вернитесь" in full.text) == (503, True)
    draft = session.scalars(select(Draft)).one()
    assert (draft.address, draft.text) == ("ул. Рыскулова, 14", "")
    assert client.submit(page, **words).status_code == 303


# -- settings

GOOD = {"SECRET_KEY": "0f8c1e5b7a3d9264f0b8c6e1a57d3924"}


@pytest.mark.parametrize(("wrong", "says"), [
    ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32"),
    ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL must begin"),
    ({"DATABASE_URL": "civic.db"}, "DATABASE_URL must begin"),
    ({"SQLITE_SYNCHRONOUS": "OFF"}, "SQLITE_SYNCHRONOUS must be"),
    ({"MAIL_URL": "mail.example.kz"}, "MAIL_URL must begin"),
    ({"CIVIC_DEMO": "yes"}, "CIVIC_DEMO must be 0 or 1"),
    ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES must be a whole number"),
    ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES must be a whole number"),
])
def test_a_wrong_setting_is_named(tmp_path, wrong, says):
    with pytest.raises(SettingWrong, match=says):
        Settings.read({**GOOD, "CIVIC_INSTANCE": str(tmp_path), **wrong})


def test_a_wrong_setting_stops_a_command_without_a_traceback(tmp_path):
    env = {**os.environ, **GOOD, "CIVIC_INSTANCE": str(tmp_path), "MAIL_URL": "nowhere"}
    done = subprocess.run([sys.executable, "-m", "flask", "prepare"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "MAIL_URL must begin" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demonstration_keeps_its_own_secret(tmp_path):
    env = {"CIVIC_INSTANCE": str(tmp_path), "CIVIC_DEMO": "1"}
    assert Settings.read(env).secret_key == Settings.read(env).secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_postgresql_addresses_of_hosting_services_are_understood(tmp_path):
    read = Settings.read({**GOOD, "CIVIC_INSTANCE": str(tmp_path), "DATABASE_URL": "postgresql://a:b@db/civic"})
    assert read.database_url == "postgresql+psycopg://a:b@db/civic"


def test_every_setting_is_described():
    code = (ROOT / "civic" / "config.py").read_text() + (ROOT / "civic" / "cli.py").read_text()
    names = set(re.findall(r'(?:env\.get\(|environ\.get\(|env, |environ\[)"([A-Z_]+)"', code))
    assert {"DATABASE_URL", "CIVIC_DEMO", "TRUSTED_PROXIES", "PORT", "DEMO_PASSWORD"} <= names
    guide = (ROOT / "docs" / "operating.md").read_text()

    assert sorted(n for n in names if f"`{n}`" not in guide) == []
