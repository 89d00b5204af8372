"""Proofs that are tried at the same moment are looked at one after the other."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts import two_factor
from civic.accounts.models import User
from civic.app import CivicFlask
from civic.core.database import begin_write
from civic.extensions import db
from tests.support.people import People

AT_ONCE = 4


def tried_at_once(app: CivicFlask, user_id: int, prove: Callable[[Session, User], Any]) -> list[Any]:
    """What several requests get that have all read the account before any of them writes."""
    meeting, found = threading.Barrier(AT_ONCE), []

    def one() -> None:
        with app.app_context():
            session = db.session()
            begin_write(session)
            user = session.get_one(User, user_id)
            try:
                meeting.wait(1)
            except threading.BrokenBarrierError:
                pass  # SQLite lets one writer in at a time
            found.append(prove(session, user))
            session.commit()
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_recovery_code_opens_once(app: CivicFlask, session: Session, people: People, now: datetime) -> None:
    user = people.account()
    code = two_factor.new_recovery_codes(session, user)[0]
    session.commit()
    found = tried_at_once(app, user.id, lambda held, who: two_factor.use_recovery_code(held, who, code, now))
    assert sorted(found) == [False] * (AT_ONCE - 1) + [True]


def test_every_wrong_code_counts(app: CivicFlask, session: Session, people: People, now: datetime) -> None:
    user_id = people.account().id
    session.commit()
    tried_at_once(app, user_id, lambda held, who: two_factor.check_code(held, who, "000000", "k" * 40, now))
    session.rollback()
    assert session.get_one(User, user_id).wrong_codes == AT_ONCE
