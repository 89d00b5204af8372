"""Pages of figures: what they say, their tables as CSV, periods of every kind, and what they cost."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, event, select, update

from civic.accounts.models import Contact
from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome
from civic.figures import views
from civic.figures.models import Figure
from civic.figures.period import read_period
from civic.figures.tables import Row, Table, as_csv
from civic.places import views as places_views
from tests.support.inspector import parse, words

TODAY = date(2026, 4, 24)
PAGES = ["/shymkent/figures", "/shymkent/bodies/", "/shymkent/bodies/{body}", "/shymkent/categories/", "/shymkent/categories/lighting.street",
         "/shymkent/categories/lighting"]


@pytest.fixture
def answered(session, filed, people, now, kept):
    """Twelve street lights: ten answered on time (after 1 to 10 working days), two overdue. Gives the body that answers for them."""
    def make():
        made = [filed(category="lighting.street", at=now - timedelta(days=40)) for _ in range(12)]
        actor = people.actor(people.official(session.get_one(Body, made[0].body_id), head=True))
        for k, complaint in enumerate(made[:10]):
            at = now - timedelta(days=40 - 2 * k - 1)
            service.answer(session, complaint, actor, at, text="Шамды ауыстырдық.", outcome=Outcome.EXPLAINED)
        for complaint in made[:4]:
            service.confirm(session, complaint, people.actor(session.get_one(Contact, complaint.applicant.contact_id)), now)

    kept("answered", make)
    return session.scalars(select(Body).where(Body.id.in_(select(Complaint.body_id)))).one()


def table_of(text: str, name: str) -> list[list[str]]:
    """The table with this name as a page shows it, cell by cell."""
    element = next(t for t in parse(text).iter("table") if any(c.get("id") == f"table-{name}" for c in t.iter("caption")))
    return [[words(cell) for cell in row if cell.tag in ("th", "td")] for row in element.iter("tr")]


def told(address: str, client) -> list[list[str]]:
    """A CSV, cell by cell."""
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype, answer.data[:3]) == (200, "text/csv", b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter="," if "/en/" in address else ";"))


def as_shown(rows: list[list[str]]) -> list[list[str]]:
    return [[cell.replace("–", "") if k else cell.replace("\u00a0", " ") for k, cell in enumerate(row)] for row in rows]


def test_a_body_page_says_how_it_answers(client, answered):
    page = client.get(f"/en/shymkent/bodies/{answered.code}?period=month")
    assert "2 wait for an answer today" in page.text and "2 of them are overdue" in page.text
    # answered in April: those of 4 April and later count in April, the others in March
    year = client.get(f"/en/shymkent/bodies/{answered.code}")
    assert '<p class="figure number">12</p>' in year.text
    assert "83%" in year.text  # 10 of 12, rounded down
    assert "Only 4 in this period: fewer than 10 are too few to count." in year.text  # residents
    assert f'href="/en/shymkent/complaints/?body={answered.id}"' in year.text
    assert "Only 4" in client.get("/en/shymkent/categories/lighting").text


def test_small_numbers_make_no_percentage_and_no_rank(client, filed):
    filed()
    page = client.get("/en/shymkent/")
    assert "No body has 10 or more overdue complaints" in page.text
    assert "%" not in re.sub(r"<svg.*?</svg>|<details.*?</details>", "", page.text, flags=re.DOTALL)


def test_ten_overdue_are_ranked(client, session, filed, now):
    late = [filed(category="lighting.street", at=now - timedelta(days=60)) for _ in range(11)]
    body = session.get_one(Body, late[0].body_id)
    page = client.get("/en/shymkent/")
    assert f'<a href="/en/shymkent/bodies/{body.code}">{body.name["en"]}</a> <strong class="number tone-overdue">11</strong>' in page.text
    first = table_of(client.get("/en/shymkent/bodies/").text, "bodies")[1]
    assert (first[0], first[2]) == (body.name["en"], "11")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("name", ["answers", "time", "residents", "other"])
def test_csv_of_a_body_is_the_table_of_its_page(client, answered, language, name):
    path = f"/{language}/shymkent/bodies/{answered.code}"
    assert as_shown(told(f"{path}.csv?period=12&table={name}", client)) == as_shown(table_of(client.get(f"{path}?period=12").text, name))


@pytest.mark.parametrize(("path", "table"), [("/shymkent/bodies/", "bodies"), ("/shymkent/categories/", "categories"), ("/cities", "cities")])
def test_csv_of_a_comparison_is_the_table_of_its_page(client, answered, path, table):
    page = client.get("/ru/" if table == "cities" else f"/ru{path}")
    assert as_shown(told(f"/ru{path.rstrip('/')}.csv", client)) == as_shown(table_of(page.text, table))


def test_links_to_csv_keep_the_period(client, answered):
    page = client.get(f"/en/shymkent/bodies/{answered.code}?period=own&from=2026-03&to=2026-04")
    assert f"/en/shymkent/bodies/{answered.code}.csv?period=own&amp;from=2026-03&amp;to=2026-04&amp;table=time" in page.text
    assert [row[0].replace("\u00a0", " ") for row in table_of(page.text, "time")] == ["Month", "March 2026", "April 2026", "Whole period"]


def test_cells_that_a_spreadsheet_would_work_out_are_made_harmless(app):
    rows = [Row(text, [-3]) for text in ("=1+1", "+7", "-x", "@SUM(A1)", "\tx", "Жол")]
    with app.test_request_context("/en/"):
        cells = [line[0] for line in csv.reader(io.StringIO(as_csv(Table("t", "t", ["a", "b"], rows))))]
    assert cells[1:] == ["'=1+1", "'+7", "'-x", "'@SUM(A1)", "'\tx", "Жол"]


@pytest.mark.parametrize(("asked", "problem", "first", "last"), [
    ({}, "", "2026-01-01", "2026-04-30"), ({"period": "month"}, "", "2026-04-01", "2026-04-30"), ({"period": "12"}, "", "2025-05-01", "2026-04-30"),
    ({"period": "own", "from": "2025-12", "to": "2026-02"}, "", "2025-12-01", "2026-02-28"),
    ({"period": "own", "from": "2026-03", "to": "2026-02"}, "crossed", "2026-01-01", "2026-04-30"),
    ({"period": "own", "from": "2026-03", "to": "2026-05"}, "future", "2026-01-01", "2026-04-30"),
    ({"period": "own", "from": "2019-03", "to": "2026-02"}, "early", "2026-01-01", "2026-04-30"),
    ({"period": "own", "from": "2022-03", "to": "2026-02"}, "long", "2026-01-01", "2026-04-30"),
    ({"period": "own"}, "unreadable", "2026-01-01", "2026-04-30"), ({"period": "century"}, "unreadable", "2026-01-01", "2026-04-30"),
])
def test_periods(asked, problem, first, last):
    period = read_period(asked, TODAY)
    assert (period.problem, period.first.isoformat(), period.last.isoformat()) == (problem, first, last)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("query", [
    "", "?period=12", "?period=own&from=2026-03&to=2026-01", "?period=own&from=2024-05&to=2026-04", "?period=%00&from=%F0%9F%90%AB", "?period=own&from=2026-13&to=9999-99",
    "?period=" + "9" * 5000, "?from=1&from=2&period=own&to[]=x",
])
def test_no_period_breaks_a_page(client, answered, path, query):
    address = "/en" + path.format(body=answered.code)
    page = client.get(address + query)
    assert page.status_code == 200
    if "2026-01" in query and "to" in query:
        assert "The first month is after the last one." in page.text and '<option value="2026-03" selected>' in page.text
    assert client.get(address.rstrip("/") + ".csv" + query).status_code == 200


@pytest.mark.parametrize("path", ["/bodies/none", "/bodies/none.csv", "/bodies/x'--", "/categories/none", "/categories/%00", "/bodies/road.csv?table=secret",
                                  "/bodies/.csv", "/categories/" + "x" * 3000])
def test_what_does_not_exist_is_not_found(client, path):
    assert client.get(f"/en/shymkent{path}").status_code == 404


def test_a_body_of_another_city_is_not_found(client, session):
    other = session.scalar(select(Body).where(Body.code.startswith("district-"), Body.city_id != 1).limit(1))
    assert client.get(f"/en/shymkent/bodies/{other.code}").status_code == 404


def test_every_number_has_its_definition_one_press_away(client, answered):
    for path in ["/en/", "/en/shymkent/", *(f"/en{p.format(body=answered.code)}" for p in PAGES)]:
        text = client.get(path).text
        assert "answers on time ÷ (closed + overdue)" in text and "Silence is never counted as consent" in text or path == "/en/shymkent/", path
        assert "<summary>How is it counted?</summary>" in text


def test_private_ones_count_but_are_not_named(client, session, filed):
    private = filed(private=True)
    page = client.get("/en/shymkent/")
    assert '<dd class="number">1</dd>' in page.text and private.number not in page.text


def test_the_front_page_finds_by_words_or_number(client, filed):
    complaint = filed()
    page = client.submit(client.get("/kk/shymkent/"), 0, q=complaint.number, follow=True)
    assert page.status_code == 200 and page.request.path.startswith("/kk/shymkent/complaints/")


def test_places_for_later_features(client, answered, monkeypatch):
    monkeypatch.setattr(places_views, "NEXT_EVENT", lambda here: views.Markup(f"<section><h2>Debate in {here.code}</h2></section>"))
    monkeypatch.setattr(views, "BODY_BLOCKS", [lambda body: views.Markup(f"<section><h2>Invitations of {body.code}</h2></section>"), lambda body: ""])
    assert "<h2>Debate in shymkent</h2>" in client.get("/en/shymkent/").text
    assert f"<h2>Invitations of {answered.code}</h2>" in client.get(f"/en/shymkent/bodies/{answered.code}").text
    assert "Invitations" not in client.get("/en/shymkent/figures").text


@pytest.mark.parametrize("path", ["/kk/", "/kk/shymkent/"])
def test_front_pages_are_the_same_for_all_and_keep_an_etag(client, filed, path):
    filed()
    page = client.get(path)
    assert "Set-Cookie" not in page.headers and "Cookie" in page.headers["Vary"]
    assert client.get(path, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def statements_of(app, client, address: str) -> int:
    """How many statements a page costs."""
    said: list[str] = []

    def hear(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    return len(said)


def test_statements_do_not_grow_with_the_complaints(app, client, session, filed, now):
    addresses = ["/kk/", "/kk/shymkent/", *(f"/kk{p}" for p in PAGES)]
    first = filed(category="lighting.street", at=now - timedelta(days=60))
    body = session.get_one(Body, first.body_id).code
    client.get("/kk/shymkent/")
    one = {a: statements_of(app, client, a.format(body=body)) for a in addresses}
    filed(category="lighting.street", at=now - timedelta(days=60))
    filed(category="lighting.street", at=now - timedelta(days=30))
    session.execute(update(Complaint).values(supporters=2))
    session.commit()
    assert {a: statements_of(app, client, a.format(body=body)) for a in addresses} == one
    assert one["/kk/"] <= 3 and one["/kk/shymkent/"] <= 8, one  # BEGIN, reference data, two lists, figures, who is late, the next debate, promises


def test_counters_are_in_the_same_transaction_as_the_step(session, filed, people):
    complaint = filed()
    held = dict(session.execute(select(Figure.measure, Figure.number).where(Figure.scope == "city")).all())
    assert held == {"received": 1, "open": 1}
    actor = people.actor(session.get_one(Contact, complaint.applicant.contact_id))
    service.withdraw(session, complaint, actor, complaint.registered_at)
    session.rollback()
    session.commit()
    assert dict(session.execute(select(Figure.measure, Figure.number).where(Figure.scope == "city")).all()) == held
    with session.begin_nested() as inner:
        service.withdraw(session, complaint, actor, complaint.registered_at)
        inner.rollback()
    with session.begin_nested():
        service.add_information(session, complaint, actor, complaint.registered_at, text="Тағы бір шам жанбайды.")
    with session.begin_nested():
        service.withdraw(session, complaint, actor, complaint.registered_at)
    session.commit()
    held = dict(session.execute(select(Figure.measure, Figure.number).where(Figure.scope == "city")).all())
    assert held == {"received": 1, "open": 0, "withdrawn": 1}
