"""The tracking page: one sentence, the due date, what comes next; the same for all visitors and cheap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.models import Complaint
from civic.complaints.states import CLOSED, Outcome, State
from civic.complaints.tracking import NEXT, OVERDUE_NEXT, OVERDUE_SENTENCE, SENTENCES
from civic.core.actor import Actor
from civic.web.headers import SHARED
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.inspector import parse, words
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")


def page_of(client: Browser, c: Complaint, language: str = "en") -> Any:
    """The page of a complaint."""
    return client.get(f"/{language}/shymkent/complaints/{c.number}")


def part(text: str, name: str) -> str:
    """The words of one live part of the page."""
    return words(next(e for e in parse(text).iter() if isinstance(e.tag, str) and e.get("data-live-part") == name))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_each_state_says_where_it_stands_and_what_comes_next(app: CivicFlask, client: Browser, session: Session, filed: Filed, state: State, language: str) -> None:
    c = filed()
    c.state = state
    if state == State.ANSWERED:
        c.answered_at, c.respond_by = c.registered_at, date(2026, 5, 13)
    body = session.get_one(Body, c.body_id).name[language]
    text = page_of(client, c, language).text
    with app.test_request_context(), force_locale({"kk": "kk", "ru": "ru_KZ", "en": "en_GB"}[language]):
        sentence, following = str(SENTENCES[state]) % {"body": body}, str(NEXT[state])
    headings = [words(e) for e in parse(text).iter("h2")]
    assert headings.count(" ".join(sentence.split())) == 1
    assert part(text, "next").endswith(following)
    due = {"en": ("20 May", "13 May"), "ru": ("20 мая", "13 мая"), "kk": ("20 мамыр", "13 мамыр")}[language]
    shown = part(text, "state")
    assert (due[0] in shown, due[1] in shown) == (state not in CLOSED and state != State.ANSWERED, state == State.ANSWERED)


@pytest.mark.parametrize(("day", "said"), [
    (date(2026, 4, 24), "Answer due: 20 May. 15 working days left."), (date(2026, 5, 19), "Answer due: 20 May. 1 working day left."), (date(2026, 5, 20), "Answer due: 20 May. Due today."),
    (date(2026, 5, 21), "Answer due: 20 May. Overdue by 1 day."), (date(2026, 5, 24), "Answer due: 20 May. Overdue by 4 days."),
])
def test_the_due_date_in_words(client: Browser, filed: Filed, clock: Any, day: date, said: str) -> None:
    c = filed()
    clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=ALMATY))
    assert said in part(page_of(client, c).text, "state")


def test_an_overdue_complaint_says_so(client: Browser, session: Session, filed: Filed, clock: Any) -> None:
    c = filed()
    body = session.get_one(Body, c.body_id).name["en"]
    clock.move_to(datetime(2026, 5, 21, 0, 0, tzinfo=ALMATY))
    text = page_of(client, c).text
    assert (str(OVERDUE_SENTENCE) % {"body": body} in [words(e) for e in parse(text).iter("h2")], str(OVERDUE_NEXT) in part(text, "next")) == (True, True)


def test_a_year_that_is_not_this_one_is_said(client: Browser, filed: Filed, clock: Any) -> None:
    clock.move_to(datetime(2026, 12, 29, 12, tzinfo=ALMATY))
    assert "2027" in part(page_of(client, filed()).text, "state")


# Caching ----------------------------------------------------------------------------------------------------------------

def test_visitors_get_the_same_page_with_a_mark_and_no_cookie(client: Browser, new_client: Callable[[], Browser], filed: Filed) -> None:
    c = filed()
    first, second = page_of(client, c), page_of(new_client(), c)
    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])
    assert (first.headers.get("Set-Cookie"), first.headers["Vary"], first.headers["Cache-Control"]) == (None, "Cookie", SHARED)
    again = client.get(first.request.path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_step_changes_the_mark(client: Browser, session: Session, filed: Filed, people: People, now: datetime) -> None:
    c = filed()
    mark = page_of(client, c).headers["ETag"]
    service.accept(session, c, people.actor(people.official(session.get_one(Body, c.body_id))), now)
    again = client.get(f"/en/shymkent/complaints/{c.number}", headers={"If-None-Match": mark})
    assert (again.status_code, again.headers["ETag"] != mark) == (200, True)


def test_a_new_day_changes_the_mark(client: Browser, filed: Filed, clock: Any) -> None:
    c = filed()
    mark = page_of(client, c).headers["ETag"]
    clock.shift(timedelta(days=3))
    assert client.get(f"/en/shymkent/complaints/{c.number}", headers={"If-None-Match": mark}).status_code == 200


@pytest.mark.parametrize("path", ["/kk/", "/kk/shymkent/", "/kk/shymkent/complaints/", "/ru/shymkent/complaints/?number=1", "/kk/shymkent/complaints/{number}", "/kk/complaints/{number}",
                                  "/kk/shymkent/complaints/{number}/ticket", "/nothing"])
def test_public_pages_set_no_cookie(client: Browser, filed: Filed, path: str) -> None:
    assert client.get(path.format(number=filed().number)).headers.getlist("Set-Cookie") == []


def test_somebody_known_gets_a_page_that_nobody_keeps(client: Browser, filed: Filed, people: People) -> None:
    user = people.account()
    c = filed(by=user)
    page = page_of(people.sign_in(client, user), c)
    assert page.headers["Cache-Control"] == "no-store"
    assert part(page.text, "actions").count("Withdraw") == 1


@contextmanager
def statements(app: CivicFlask) -> Iterator[list[str]]:
    """The SELECTs of a block."""
    seen: list[str] = []
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_a_long_path_costs_no_more_queries(app: CivicFlask, client: Browser, session: Session, filed: Filed, now: datetime) -> None:
    c = filed()
    page_of(client, c)  # the reference data is read once
    counts = []
    for length in (1, 30):
        for _ in range(length):
            service.add_information(session, c, Actor(contact_id=c.applicant.contact_id), now, text="Тағы бір сөз.")
        session.commit()
        with statements(app) as seen:
            text = page_of(client, c).text
        counts.append((len(seen), text.count('class="path__step"')))
    assert counts == [(counts[0][0], 2), (counts[0][0], 32)]
    assert counts[0][0] <= 5


def test_lists_cost_as_much_with_one_row_as_with_many(app: CivicFlask, client: Browser, filed: Filed) -> None:
    filed()
    client.get("/kk/shymkent/complaints/")
    counts = []
    for more in (0, 4):
        for _ in range(more):
            filed(lat=42.34, lon=69.59)
        with statements(app) as seen:
            client.get("/kk/shymkent/complaints/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_answer_and_the_dispute_are_on_the_path(client: Browser, session: Session, filed: Filed, people: People, now: datetime) -> None:
    c = filed()
    head = people.actor(people.official(session.get_one(Body, c.body_id), head=True))
    service.answer(session, c, head, now, text="Жарық <b>қосылды</b>.", outcome=Outcome.EXPLAINED)
    service.dispute(session, c, Actor(contact_id=c.applicant.contact_id), now, text="Әлі қараңғы.")
    text = page_of(client, c).text
    assert [part(text, "path").count(x) for x in ("Жарық <b>қосылды</b>.", "Әлі қараңғы.")] == [1, 1]
