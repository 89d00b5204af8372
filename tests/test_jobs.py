"""The outbox with several workers, the minute, and what time does in all cities."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.complaints import sweep as sweeping
from civic.complaints.sweep import sweep
from civic.core.database import begin_write
from civic.extensions import db
from civic.jobs.models import Outbox
from civic.jobs.service import CLAIM, TakenElsewhere, _deliver_one, claim, deliver, enqueue
from civic.notifications.mailer import FolderMailer
from civic.notifications.service import tell
from civic.notifications.tasks import BUILDERS, Letter
from civic.places.models import City
from civic.web import once
from tests.support.complaints import Filed
from tests.support.people import People


def _together(*jobs: Callable[[], object]) -> None:
    """Run each in a thread, to their ends."""
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_the_same_order_from_two_transactions_at_once_is_one_order(session: Session, now: datetime) -> None:
    engine, ready, results = session.get_bind(), Barrier(2), []

    def order() -> None:
        with Session(engine) as own:
            ready.wait(10)
            begin_write(own)
            results.append(enqueue(own, "mail", "same", {}, now))
            own.commit()

    _together(order, order)
    assert sorted(results) == [False, True]
    assert session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_two_workers_do_each_row_once(session: Session, now: datetime) -> None:
    engine, done = session.get_bind(), []
    for n in range(12):
        enqueue(session, "x", f"x:{n}", {"n": n}, now)
    session.commit()

    def handler(own: Session, payload: dict[str, Any], at: datetime) -> None:
        own.rollback()
        done.append(payload["n"])

    def work(at: datetime) -> None:
        with Session(engine) as own:
            while deliver(own, {"x": handler}, at):
                pass

    _together(lambda: work(now), lambda: work(now))
    assert sorted(done) == list(range(12))


def test_a_row_claimed_anew_by_another_worker_is_left_to_it(session: Session, now: datetime) -> None:
    enqueue(session, "x", "x", {}, now)
    session.commit()
    outbox_id, done = claim(session, now), []
    assert outbox_id == claim(session, now + CLAIM)
    _deliver_one(session, {"x": lambda *_: done.append(1)}, outbox_id, now)  # it slept longer than its claim
    assert done == []
    _deliver_one(session, {"x": lambda *_: done.append(1)}, outbox_id, now + CLAIM)
    assert done == [1]


def test_two_workers_send_one_digest(app: CivicFlask, session: Session, people: People, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has claimed another item of it, and waits for the contact while the first gathers."""
    contact, other = people.contact("daily@x.kz"), people.contact("other@x.kz")
    monkeypatch.setitem(BUILDERS, "plain", lambda _s, _c, facts: Letter(f"item {facts['n']}", "text"))
    for who in (contact, other):
        who.delivery = "daily"
        for n in range(3):
            tell(session, who, "plain", f"n:{n}", {"n": n}, now)
    session.commit()
    engine, handlers, at = session.get_bind(), app.extensions["civic_queue"].handlers, now + timedelta(days=1)
    sent, sending, second = [], Event(), Event()

    def send(_self: FolderMailer, letter: Any) -> None:
        sent.append((letter["To"], letter.get_body(("plain",)).get_content().count("* item")))
        if len(sent) == 1:
            sending.set()
            assert second.wait(20)

    monkeypatch.setattr(FolderMailer, "send", send)

    def first() -> None:
        with app.app_context(), Session(engine) as own:
            deliver(own, handlers, at)

    def later() -> None:
        with app.app_context(), Session(engine) as own:
            assert sending.wait(20)
            for _ in range(6):
                deliver(own, handlers, at + timedelta(milliseconds=1))
            second.set()

    _together(first, later)
    assert sorted(sent) == [("daily@x.kz", 3), ("other@x.kz", 3)]
    assert session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None))) == 0


def test_a_digest_item_claimed_before_another_worker_gathered_it_sends_nothing(
        app: CivicFlask, session: Session, people: People, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    contact, at, sent = people.contact("daily@x.kz"), now + timedelta(days=1), []
    contact.delivery = "daily"
    monkeypatch.setitem(BUILDERS, "plain", lambda _s, _c, facts: Letter(f"item {facts['n']}", "text"))
    for n in range(2):
        tell(session, contact, "plain", f"n:{n}", {"n": n}, now)
    session.commit()
    handlers = app.extensions["civic_queue"].handlers
    mine, theirs = claim(session, at), claim(session, at)
    assert mine is not None and theirs is not None
    items = session.get_one(Outbox, theirs).payload
    session.rollback()

    def send(_self: FolderMailer, letter: Any) -> None:
        sent.append(letter["To"])
        with app.app_context(), Session(session.get_bind()) as own:
            _deliver_one(own, handlers, theirs, at)  # after the look at its own row
            with pytest.raises(TakenElsewhere):
                handlers["digest_item"](own, items, at)

    monkeypatch.setattr(FolderMailer, "send", send)
    with app.app_context():
        _deliver_one(session, handlers, mine, at)
    assert sent == ["daily@x.kz"]


def test_a_failing_sweep_stops_neither_the_others_nor_the_letters(app: CivicFlask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, done = app.extensions["civic_queue"], []

    def bad(own: Session, at: datetime) -> None:
        enqueue(own, "good", "of the failing one", {}, at)
        raise RuntimeError("bad")

    monkeypatch.setattr(queue, "sweeps", [bad, lambda own, at: enqueue(own, "good", "of the other", {}, at)])
    monkeypatch.setitem(queue.handlers, "good", lambda *_: done.append("delivered"))
    queue.minute()
    assert done == ["delivered"]
    assert list(session.scalars(select(Outbox.key))) == ["of the other"]


def test_all_sweeps_run(app: CivicFlask, session: Session, now: datetime) -> None:
    session.add_all([once.SubmittedForm(key=str(days) * 16, at=now - timedelta(days=days)) for days in (29, 31)])
    session.commit()
    queue = app.extensions["civic_queue"]
    with app.app_context():
        for each in queue.sweeps:
            begin_write(db.session())
            each(db.session(), now)
            db.session.commit()
    assert list(session.scalars(select(once.SubmittedForm.key))) == ["29" * 16]


@pytest.fixture
def overdue(filed: Filed, now: datetime) -> list[Any]:
    """Three complaints, all due on 20 May."""
    return [filed(at=now) for _ in range(3)]


NOTHING = {"soon": 0, "overdue": 0, "reminded": 0, "lapsed": 0}


def test_a_sweep_counts_what_is_new_and_takes_so_many_at_once(session: Session, overdue: list[Any], now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "AT_ONCE", 2)
    at = datetime(2026, 5, 21, 12, tzinfo=now.tzinfo)
    assert [sweep(session, at) for _ in range(3)] == [NOTHING | {"overdue": 2}, NOTHING | {"overdue": 1}, NOTHING]


def test_what_is_ordered_already_costs_no_query_each(session: Session, overdue: list[Any], now: datetime) -> None:
    at, statements = datetime(2026, 5, 21, 12, tzinfo=now.tzinfo), []
    sweep(session, at)
    session.commit()
    listener = lambda *args: statements.append(args[2])
    event.listen(session.get_bind(), "before_cursor_execute", listener)
    sweep(session, at)
    event.remove(session.get_bind(), "before_cursor_execute", listener)
    assert len([x for x in statements if "outbox" in x]) == 3 * len(session.scalars(select(City)).all())


def test_terms_run_on_in_a_retired_city(session: Session, overdue: list[Any], city: City, now: datetime) -> None:
    city.active = False
    late = overdue[0]
    late.state, late.answered_at, late.respond_by = "answered", now, date(2026, 5, 13)
    session.flush()
    assert sweep(session, datetime(2026, 5, 21, 12, tzinfo=now.tzinfo)) == NOTHING | {"overdue": 2, "lapsed": 1}
