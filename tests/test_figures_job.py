"""The nightly comparison: silent when all is right; an alarm and letters when a counter differs. And writers side by side."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.complaints import filing, service
from civic.complaints.map_models import cell_count
from civic.complaints.models import Complaint
from civic.complaints.states import AppealKind
from civic.figures import recount, tasks
from civic.figures.models import Figure
from civic.jobs.models import Outbox
from civic.places.models import City
from tests.support.together import begin

WRITERS = 4


def test_a_night_without_differences_writes_nobody(app, session, filed, people, mails, now):
    people.administrator()
    filed()
    mails()
    assert tasks.compare(session, now) == 0
    assert mails() == []


def test_a_difference_is_an_alarm_and_a_letter_to_administrators(app, session, filed, people, mails, now, capsys):
    admin = people.administrator()
    filed()
    mails()
    session.execute(update(Figure).where(Figure.scope == "city", Figure.measure == "received").values(number=7))
    session.commit()
    assert tasks.compare(session, now) == 1
    assert '"event": "figures_differ"' in capsys.readouterr().out
    tasks.compare(session, now + timedelta(minutes=5))  # once a night
    letters = [letter for letter in mails() if letter["To"] == admin.email]
    assert [letter["Subject"] for letter in letters] == ["The published figures need to be mended"] or len(letters) == 1
    assert "flask figures recount" in letters[0].get_body(("plain",)).get_content()
    assert session.scalar(select(Figure.number).where(Figure.scope == "city", Figure.measure == "received")) == 7  # it looks, and touches nothing


def test_a_cell_of_the_map_that_differs_is_an_alarm_too(session, filed, people, now, capsys):
    people.administrator()
    filed(lat=42.3417, lon=69.5901)
    assert session.execute(update(cell_count).values(registered=9)).rowcount
    session.commit()
    assert tasks.compare(session, now) > 0
    assert '"cells": ' in capsys.readouterr().out


def test_the_job_runs_every_night(app):
    queue = app.extensions["civic_queue"]
    assert "figures_nightly" in {type(task).__name__ for task in queue.huey._registry.periodic_tasks}


def test_the_night_removes_counters_that_say_nothing(session, filed, people, now):
    complaint = filed()
    service.withdraw(session, complaint, people.actor(session.get_one(Contact, complaint.applicant.contact_id)), now)
    session.commit()
    zeros = select(func.count()).select_from(Figure).where(Figure.number == 0)
    assert session.scalar(zeros) == 4
    assert tasks.compare(session, now) == 0
    assert session.scalar(zeros) == 0


@pytest.mark.parametrize("together", [1, 5])
def test_parallel_writers_lose_nothing_and_do_not_block_each_other(app, session, filed, people, city, now, together):
    """Several threads file and withdraw, some several in one transaction, in different orders of bodies and categories."""
    codes = ["lighting.street", "waste.dump", "lighting.street", "waste.dump"]
    for code in set(codes):
        filed(category=code)
    contacts = [people.contact() for _ in range(WRITERS)]
    session.commit()
    ids = {code: filed.category(code).id for code in codes}
    engine, contact_ids, city_id = session.get_bind(), [c.id for c in contacts], city.id
    session.close()

    def work(k: int) -> None:
        with Session(engine) as own:
            for turn in range(6 // together + 1):
                begin(own)
                contact = own.get_one(Contact, contact_ids[k])
                here = own.get_one(City, city_id)
                for code in (codes if k % 2 else codes[::-1])[:together]:
                    draft = filing.new_draft(own, here, "kk", now)
                    filing.set_place(own, draft, here, lat=None, lon=None, address=f"Көше, {turn}", district_id=None)
                    filing.set_matter(own, draft, category_id=ids[code], text="Шам жанбайды.", kind=AppealKind.NOTICE, show_name=False, private=False, name="Ай")
                    complaint = filing.register(own, draft, contact, now)
                    if turn % 2:
                        service.withdraw(own, complaint, people.actor(contact), now)
                own.commit()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))
    assert recount.differences(session) == []
    assert session.scalar(select(func.count()).select_from(Complaint)) == 2 + WRITERS * (6 // together + 1) * min(together, 4)


def test_recounting_a_database_without_counters_makes_them(app, session, filed):
    filed()
    session.execute(delete(Figure))
    session.commit()
    found = recount.differences(session)
    assert {(d.key.scope, d.key.measure, d.right) for d in found} == {(s, m, 1) for s in ("city", "body", "category") for m in ("received", "open")}
    recount.mend(session, found)
    assert recount.differences(session) == []
    assert session.scalar(select(func.count()).select_from(Outbox))
