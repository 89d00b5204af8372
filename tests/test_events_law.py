"""The dates of the law for a public discussion, counted in working days of Kazakhstan."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.errors import InputRefused, NotAllowed
from civic.core.working_days import WorkCalendar
from civic.events import service
from civic.events.law import Kept, checklist, latest_before
from civic.events.models import Event, Recommendation
from civic.events.service import RecommendationInput
from civic.events.sweep import sweep
from civic.places.queries import work_calendar
from tests.support.events import ALMATY, Held
from tests.support.letters import Mails, words_of
from tests.support.people import People

CALENDAR = WorkCalendar()


@pytest.mark.parametrize(("day", "working_days", "latest"), [
    (date(2026, 6, 11), 3, date(2026, 6, 8)),   # Thursday: Monday
    (date(2026, 6, 11), 5, date(2026, 6, 4)),   # over a weekend
    (date(2026, 6, 13), 3, date(2026, 6, 10)),  # a Saturday event: Thursday, Friday lie between and it is not worked itself
    (date(2026, 5, 12), 3, date(2026, 5, 6)),   # 7, 9 and 11 May are days off
])
def test_the_last_day_before_an_event(day: date, working_days: int, latest: date) -> None:
    found = latest_before(CALENDAR, day, working_days)
    assert CALENDAR.is_working(found)
    assert CALENDAR.add(found, working_days) <= day
    later = CALENDAR.on_or_after(found + timedelta(days=1))
    assert CALENDAR.add(later, working_days) > day or later >= day
    if day.weekday() < 5 and day != date(2026, 5, 12):
        assert found == latest


def _lines(session: Session, event: Event, now: datetime) -> dict[str, Any]:
    return {line.name: line for line in checklist(event, work_calendar(session), now)}


def test_what_was_kept_and_what_was_not(session: Session, held: Held, now: datetime) -> None:
    event = held(format="debate", starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY))
    lines = _lines(session, event, now)
    assert [(n, x.kept, x.due) for n, x in lines.items()] == [
        ("announced", Kept.KEPT, date(2026, 6, 8)), ("invited", Kept.KEPT, date(2026, 6, 4)), ("document", Kept.OPEN, date(2026, 6, 22)),
        ("answers", Kept.OPEN, None)]
    event.announced_at = datetime(2026, 6, 9, 9, tzinfo=ALMATY)
    event.invited_at = None
    lines = _lines(session, event, datetime(2026, 6, 9, 10, tzinfo=ALMATY))
    assert (lines["announced"].kept, lines["invited"].kept) == (Kept.LATE, Kept.MISSED)


def test_a_conference_without_officials_owes_no_invitation(session: Session, held: Held, now: datetime) -> None:
    draft = held.draft(format="conference")
    assert "invited" not in _lines(session, draft, now)


def test_the_document_and_its_recommendations(session: Session, held: Held, people: People, clock: Any, mails: Mails) -> None:
    event = held(starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY))
    body = session.scalars(select(Body).where(Body.city_id == held.city.id, Body.code == "road")).one()
    official, stranger = people.official(body, email="road@example.test"), people.official(session.get_one(Body, held.city.default_body_id))
    service.start(session, event, held.actor, event.starts_at)
    service.finish(session, event, held.actor, event.ends_at)
    on = datetime(2026, 6, 15, 10, tzinfo=ALMATY)
    clock.move_to(on)
    service.publish(session, event, held.actor, on, document={"ru": "Итог"}, recommendations=[
        RecommendationInput(body.id, "Жол белгілерін қойыңыз"), RecommendationInput(body.id, "Осветить переход")])
    first, second = session.scalars(select(Recommendation).order_by(Recommendation.position))
    assert (first.due_on, first.language) == (date(2026, 6, 29), "kk")
    session.expire(event, ["recommendations"])
    assert _lines(session, event, on)["document"].kept == Kept.KEPT
    assert [m["To"] for m in mails()].count("road@example.test") == 2
    with pytest.raises(NotAllowed):
        service.answer_recommendation(session, first, people.actor(stranger), on, text="Жоқ")
    for row in (first, second):
        service.answer_recommendation(session, row, people.actor(official), on + timedelta(days=1), text="Орындаймыз")
    assert _lines(session, event, on)["answers"].kept == Kept.KEPT
    with pytest.raises(InputRefused):
        service.answer_recommendation(session, first, people.actor(official), on, text="Тағы")


def test_organisers_are_warned_once_before_a_date_and_once_after(session: Session, held: Held, clock: Any, mails: Mails) -> None:
    held.draft(starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY), format="debate")
    mails()
    warned = []
    for moment in (datetime(2026, 5, 25, 9, tzinfo=ALMATY), datetime(2026, 6, 2, 9, tzinfo=ALMATY), datetime(2026, 6, 2, 10, tzinfo=ALMATY),
                   datetime(2026, 6, 5, 9, tzinfo=ALMATY), datetime(2026, 6, 9, 9, tzinfo=ALMATY)):
        clock.move_to(moment)
        sweep(session, moment.astimezone(UTC))
        warned.append(sorted(str(m["Subject"]) for m in mails.to(held.owner.email)))
    assert [len(w) for w in warned] == [0, 1, 0, 2, 1]
    assert [subject for subjects in warned for subject in subjects if not subject.endswith("кім не уәде етті")] == []


def test_the_letter_leads_to_the_organisers_page(session: Session, held: Held, clock: Any, mails: Mails) -> None:
    event = held.draft(starts_at=datetime(2026, 6, 11, 18, 30, tzinfo=ALMATY), format="debate")
    moment = datetime(2026, 6, 2, 9, tzinfo=ALMATY)
    clock.move_to(moment)
    sweep(session, moment.astimezone(UTC))
    letter = mails.to(held.owner.email)[-1]
    assert f"/organise/events/{event.code}" in words_of(letter)
