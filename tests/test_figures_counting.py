"""Counters against an independent computation: a year of complaints, added up from their histories in another way."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints.models import Complaint, ComplaintEvent
from civic.core.database import begin_write
from civic.extensions import db
from civic.figures import recount
from civic.figures.models import Figure
from civic.figures.period import Period
from civic.figures.queries import Sums, course, each
from civic.places.models import City
from tests.support.people import People
from tests.support.year import ENDS, Year

TODAY = ENDS.date()
WHOLE = Period("own", date(2025, 5, 1), date(2026, 4, 30))
#: States in which nobody waits for the body.
ENDED = {"confirmed", "unconfirmed", "returned", "withdrawn", "duplicate", "answered"}


@pytest.fixture(scope="module")
def year_made(built_app, store):
    """The year, lived once; each test gets a copy."""
    store.copy("template", "test")
    with built_app.app_context():
        with Session(db.engine) as session:
            Year(session, People(built_app, session)).live()
        db.session.remove()
        db.engine.dispose()
    store.copy("test", "year")


@pytest.fixture
def year(year_made, app, store, session):
    """A session on a fresh copy of the year."""
    session.close()
    session.get_bind().dispose()
    store.copy("year", "test")
    return session


@pytest.fixture
def histories(year):
    """Each complaint with its steps in order, as they stand in the database."""
    steps = defaultdict(list)
    for step in year.execute(select(ComplaintEvent.__table__).order_by(ComplaintEvent.id)):
        steps[step.complaint_id].append((step, step.at.astimezone(ZoneInfo("Asia/Almaty")).date()))
    return [(complaint, steps[complaint.id]) for complaint in year.execute(select(Complaint.__table__))]


def told_by_histories(histories, belongs, month_from: date, month_to: date, today: date) -> dict[str, object]:
    """What happened between two days, told from each history alone. belongs(complaint, body_id): whether it counts here."""
    told: Counter[str] = Counter()
    took: list[int] = []
    for complaint, steps in histories:
        holder, due, waits = None, None, False
        for step, on in steps:
            here = month_from <= on <= month_to
            mine = holder is not None and belongs(complaint, holder)
            arrives = step.kind == "register" or (step.to_body_id != holder)
            if arrives and here and belongs(complaint, step.to_body_id) and not (mine and belongs.place):
                told["received"] += 1
            if mine and here:
                if step.kind == "answer":
                    told["on time" if on <= due else "late"] += 1
                    took.append(step.facts["days"])
                elif waits and on > due and step.to_state not in ("in_work", "hearing", "extended", "reopened", step.from_state):
                    told["broken"] += 1
                told[step.kind] += 1
            holder, due, waits = step.to_body_id, step.due_after, step.to_state not in ENDED
        assert (holder, due) == (complaint.body_id, complaint.due_on)
        if waits and belongs(complaint, holder):
            told["waiting"] += 1
            told["overdue now"] += due < today
            told["overdue"] += due < today and due <= month_to
    return {**{name: number for name, number in told.items() if number}, "took": sorted(took)}


def told_by_counters(sums: Sums) -> dict[str, object]:
    """The same, from the counters."""
    names = {"received": "received", "on_time": "on time", "late": "late", "broken": "broken", "confirmed": "confirm", "disputed": "dispute",
             "unconfirmed": "lapse", "reopened": "reopen", "forwarded": "forward", "extended": "extend", "returned": "return",
             "withdrawn": "withdraw", "joined": "mark_duplicate"}
    told = {name: sums.counts[measure] for measure, name in names.items()}
    told |= {"waiting": sums.waiting, "overdue now": sums.overdue_now, "overdue": sums.overdue, "answer": sums.answered}
    return {**{name: number for name, number in told.items() if number}, "took": sorted(sums.took.elements())}


class Here:
    """Whether a complaint counts in a scope. place: a city or a category, where moving between bodies is no arrival."""

    def __init__(self, scope: str, city_id: int, scope_id: int) -> None:
        self.scope, self.city_id, self.scope_id, self.place = scope, city_id, scope_id, scope != "body"

    def __call__(self, complaint: Complaint, body_id: int) -> bool:
        if self.scope == "body":
            return body_id == self.scope_id
        if self.scope == "category":
            return complaint.city_id == self.city_id and self.scope_id in (complaint.category_id, complaint.root_id)
        return complaint.city_id == self.city_id


def without_steps_that_are_not_counted(told: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in told.items() if name not in ("register", "accept", "hold_hearing", "information", "recomputed", "assigned")}


def scopes(session):
    for city in session.scalars(select(City).where(City.code.in_(["shymkent", "astana"]))):
        yield Here("city", city.id, city.id)
        for body in session.scalars(select(Body).where(Body.city_id == city.id)):
            yield Here("body", city.id, body.id)
        used = set(session.execute(select(Complaint.category_id, Complaint.root_id).where(Complaint.city_id == city.id)))
        for category_id in sorted({i for pair in used for i in pair}):
            yield Here("category", city.id, category_id)


def test_the_year_holds_everything_that_can_happen(year):
    kinds = set(year.scalars(select(ComplaintEvent.kind)))
    assert kinds >= {"register", "accept", "answer", "forward", "extend", "hold_hearing", "return", "mark_duplicate", "reopen", "confirm", "dispute",
                     "withdraw", "lapse", "information", "recomputed"}
    assert year.scalar(select(func.max(Complaint.disputes))) >= 2
    assert year.scalar(select(func.count()).select_from(Complaint).where(Complaint.private)) > 20


def test_figures_are_what_the_histories_say(year, histories):
    checked = 0
    for here in scopes(year):
        told = without_steps_that_are_not_counted(told_by_histories(histories, here, WHOLE.first, WHOLE.last, TODAY))
        found = course(year, here.city_id, here.scope, here.scope_id, WHOLE, TODAY)
        assert told_by_counters(found.whole) == told, (here.scope, here.scope_id)
        checked += 1
    assert checked > 60


@pytest.mark.parametrize("scope", ["city", "body"])
def test_each_month_is_what_the_histories_say(year, histories, scope):
    for here in [h for h in scopes(year) if h.scope == scope][:3]:
        for month, sums in course(year, here.city_id, here.scope, here.scope_id, WHOLE, TODAY).months:
            end = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            told = without_steps_that_are_not_counted(told_by_histories(histories, here, month, end, TODAY))
            assert told_by_counters(sums) == told, month


def test_all_bodies_at_once_are_the_same_as_each_by_itself(year):
    city = year.scalar(select(City).where(City.code == "shymkent"))
    together = each(year, [city.id], "body", WHOLE, TODAY)
    for body_id, sums in together.items():
        assert sums == course(year, city.id, "body", body_id, WHOLE, TODAY).whole


def test_recounting_finds_nothing(year):
    assert recount.differences(year) == []


def test_a_spoiled_counter_is_found_and_mended(year, app):
    year.execute(update(Figure).where(Figure.measure == "late", Figure.scope == "city").values(number=Figure.number + 3))
    spoiled = year.scalars(select(Figure).where(Figure.measure == "open", Figure.number != 0).limit(1)).one()
    year.delete(spoiled)
    year.add(Figure(city_id=spoiled.city_id, scope="body", measure="on_time", scope_id=spoiled.scope_id, day=date(2019, 1, 1), days=3, number=4))
    year.commit()
    runner = app.test_cli_runner()
    shown = runner.invoke(args=["figures", "recount"])
    assert shown.exit_code == 1 and "on_time, 2019-01-01, 3 working days: 4, should be 0" in shown.output
    assert "Mended" in runner.invoke(args=["figures", "recount", "--mend"]).output
    again = runner.invoke(args=["figures", "recount"])
    assert again.exit_code == 0 and "The counters are right." in again.output
    year.rollback()
    assert year.scalar(select(func.count()).select_from(Figure).where(Figure.number == 0)) == 0


def test_counters_made_from_nothing_are_the_same(year):
    before = recount.counters(year)
    begin_write(year)
    year.execute(Figure.__table__.delete())
    year.commit()
    recount.mend(year, recount.differences(year))
    assert recount.counters(year) == before
