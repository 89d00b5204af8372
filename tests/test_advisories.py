"""The classes of holes that were published for a comparable platform in 29 advisories, each tried here for real.

Every test is named after its class; docs/security.md lists them.
"""

import io
import json
import re
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies.models import Body, Category
from civic.complaints import desk, service
from civic.complaints.filing_views import signer
from civic.complaints.models import Attachment, Complaint, Draft, Support
from civic.complaints.states import Outcome
from civic.core.codes import read_number, row_id
from civic.events import registration
from civic.events.inputs import ItemInput, SpeakerInput
from civic.events.models import Registration
from civic.media.models import Photo
from civic.places.models import City, District
from civic.web import outgoing
from civic.web.outgoing import Refused, fetch, is_public
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.crawl import crawl, foreign_markup
from tests.support.events import Held
from tests.support.invitations import Host
from tests.support.letters import Mails, links_of
from tests.support.people import People
from tests.support.walk import addresses
from tests.test_media import made

MARK = "evilmark"
#: What a template would reckon, and what comes of it: so many digits as no key or token of a page holds by chance.
SUM, DONE = "7331*7331", "53743561"
#: Breaks out of text, of attributes, of a JSON block, of a text field, of a template.
PAYLOADS = (f"<{MARK}>", f'"><img src=x {MARK}=1 onerror=alert(1)>', f"'><svg/onload=alert(1) {MARK}>", f"</script><script {MARK}>alert(1)</script>", f"</textarea><{MARK}>", f"</title><{MARK}>",
            f"{{{{{SUM}}}}}", f"${{{SUM}}}", f"{{%print({SUM})%}}", f"<!--<{MARK}>", f"]]><{MARK}>", "javascript:alert(1)")
EVIL = " ".join(PAYLOADS[:8])
SHORT = f'"><i {MARK}=1>{{{{{SUM}}}}}'


@pytest.fixture
def host(session: Session, city: City, people: People, now: datetime) -> Host:
    return Host(session, city, people)


@pytest.fixture
def other_city(session: Session) -> City:
    """Another city than Shymkent."""
    return session.scalars(select(City).where(City.code == "almaty")).one()


def walked(client: Browser, *starts: str, most: int = 60) -> int:
    """Open everything behind ``starts``; no page holds markup of somebody's words. Gives how many pages held the words themselves."""
    seen = 0
    for answer in crawl(client, starts, most=most):
        assert answer.status_code < 500, answer.request.path
        assert foreign_markup(answer, MARK) == [], answer.request.path
        if answer.mimetype.startswith("text/") or "xml" in answer.mimetype:
            assert DONE not in answer.get_data(as_text=True), f"{answer.request.path} took words for a template"
            seen += MARK in answer.get_data(as_text=True)
    return seen


# 1 -- stored script ----------------------------------------------------------------------------------------------------

def test_stored_script_in_a_user_name(client: Browser, session: Session, people: People, filed: Filed, mails: Mails, now: datetime) -> None:
    resident = people.account("resident@example.test", name=SHORT)
    complaint = filed(by=resident, show_name=True)
    complaint.applicant.name = SHORT  # a form refuses it; what is older, or came another way, must not run either
    official = people.official(session.get_one(Body, complaint.body_id), head=True, name=SHORT)
    service.answer(session, complaint, people.actor(official), now, text="Жауап", outcome=Outcome.EXPLAINED)
    page = f"/kk/shymkent/complaints/{complaint.number}"
    walked(client, page, "/kk/shymkent/complaints/", f"{page}/poster", "/kk/shymkent/complaints/feed.atom", most=15)
    people.sign_in(client, resident)
    assert walked(client, "/kk/account/settings", page, "/kk/my", most=12) > 0
    people.sign_in(client, official)
    assert walked(client, f"/kk/desk/?open={complaint.number}", "/kk/desk/load", most=12) > 0
    people.sign_in(client, people.administrator())
    assert walked(client, "/kk/admin/posts", most=3) > 0
    for letter in mails():
        for part in letter.walk():
            if part.get_content_type() == "text/html":
                assert f"<i {MARK}" not in part.get_content()


def test_stored_script_in_the_words_of_a_complaint_and_its_answer(client: Browser, session: Session, people: People, filed: Filed, mails: Mails, now: datetime) -> None:
    """Text, address, answer, note, information: what people write stands in pages, feeds, letters, cards."""
    resident = people.account("resident@example.test")
    complaint = filed(by=resident, text=EVIL, address=EVIL[:200])
    official = people.official(session.get_one(Body, complaint.body_id), head=True)
    desk.add_note(session, complaint, people.actor(official), now, text=EVIL)
    service.add_information(session, complaint, people.actor(resident), now, text=EVIL, photo_ids=[])
    service.answer(session, complaint, people.actor(official), now, text=EVIL, outcome=Outcome.EXPLAINED)
    page = f"/kk/shymkent/complaints/{complaint.number}"
    assert walked(client, page, "/kk/", "/kk/shymkent/", "/kk/shymkent/complaints/?q=evilmark", "/kk/shymkent/complaints/map.json", "/kk/shymkent/complaints/feed.atom", f"{page}/card.png", most=25) > 2
    people.sign_in(client, official)
    assert walked(client, f"/kk/desk/?open={complaint.number}", f"/kk/desk/{complaint.number}", most=8) > 0
    from xml.etree import ElementTree

    feed = client.get("/kk/shymkent/complaints/feed.atom")
    assert all(MARK not in e.tag for e in ElementTree.fromstring(feed.data).iter())
    for letter in mails():
        for part in letter.walk():
            if part.get_content_type() == "text/html":
                assert f"<{MARK}" not in part.get_content() and " onerror=alert(1)>" not in part.get_content().replace("&gt;", "")


def test_stored_script_in_the_name_of_an_uploaded_file(client: Browser, session: Session) -> None:
    page = client.get("/kk/shymkent/report/")
    answer = client.submit(page, photos=[(io.BytesIO(b"no picture"), f"'><i {MARK}=1 onerror=alert(1)>{{{{{SUM}}}}}.jpg")], follow=True)
    assert (foreign_markup(answer, MARK), MARK in answer.text, DONE in answer.text) == ([], True, False)
    good = client.submit(client.get("/kk/shymkent/report/"), photos=[(io.BytesIO(made()), "'><script>alert(1)<.jpg")])
    assert good.status_code == 303
    photo = session.scalars(select(Photo)).one()
    assert re.fullmatch(r"[0-9a-f]{32}", photo.id)  # the name is kept nowhere


def test_script_in_the_parameter_of_a_pages_size(client: Browser, filed: Filed) -> None:
    filed()
    paths = ("complaints/", "complaints/map", "events/", "bodies/", "categories/", "figures", "follow", "events/month")
    for path in paths:
        for name in ("per_page", "page", "limit", "size", "after", "before", "sort", "order", "period", "at", "table", "zoom", "box", "kind", "format", "lang", "locale", "city"):
            answer = client.get(f"/kk/shymkent/{path}", query_string={name: SHORT}, buffered=True)
            assert (answer.status_code < 500, foreign_markup(answer, MARK), f"<i {MARK}" in answer.get_data(as_text=True)) == (True, [], False), (path, name)


@pytest.mark.parametrize("size", ["1000000", "-1", "0", "99999999999999999999", "1e9", "all", "NaN"])
def test_no_parameter_makes_a_page_larger(client: Browser, filed: Filed, size: str) -> None:
    for _ in range(3):
        filed()
    plain = client.get("/kk/shymkent/complaints/")
    for name in ("per_page", "page_size", "limit", "count", "size"):
        assert client.get("/kk/shymkent/complaints/", query_string={name: size}).text.count("SHY-") == plain.text.count("SHY-")


def test_no_page_leads_through_us_to_an_external_link(app: CivicFlask, client: Browser) -> None:
    """There is no address of ours that leads wherever it is told (``/link?external_url=``)."""
    for path in ("/link", "/kk/link", "/redirect", "/kk/redirect", "/out", "/kk/external"):
        assert client.get(path, query_string={"external_url": "https://evil.example", "url": "javascript:alert(1)"}, follow_redirects=True).status_code == 404
    assert [r.rule for r in app.url_map.iter_rules() if re.search(r"external|redirect|outgoing", r.rule)] == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>", "vbscript:x", "//evil.example", "https://", "ftp://x.kz", "https:evil"])
def test_script_in_an_external_link_of_a_discussion(session: Session, host: Host, address: str, now: datetime) -> None:
    from civic.core.errors import InputRefused
    from civic.events import service as events

    event = host.event()
    with pytest.raises(InputRefused):
        events.edit(session, event, host.actor, now, Held.typed(host, stream_url=address, mode="mixed"))  # type: ignore[arg-type]


def test_script_in_a_filter(client: Browser, session: Session, people: People, filed: Filed) -> None:
    complaint = filed()
    official = people.official(session.get_one(Body, complaint.body_id))
    parameters = ("q", "state", "category", "district", "body", "direction", "since", "until", "photo", "supported", "sort", "after", "number", "words", "street", "format", "open", "template", "format", "when", "from", "to")
    for path in ("/kk/shymkent/complaints/", "/kk/shymkent/complaints/map", "/kk/shymkent/follow", "/kk/shymkent/events/", "/kk/complaints/", "/kk/desk/"):
        if path == "/kk/desk/":
            people.sign_in(client, official)
        answer = client.get(path, query_string=dict.fromkeys(parameters, SHORT))
        assert (answer.status_code in (200, 404), foreign_markup(answer, MARK), DONE in answer.text) == (True, [], False), path
        for name in parameters:
            assert foreign_markup(client.get(path, query_string={name: SHORT}), MARK) == [], (path, name)


def test_stored_script_in_the_differences_of_versions_and_the_log_of_administration(client: Browser, session: Session, people: People, city: City) -> None:
    """Names of bodies and categories, their history with old and new words, and decrees."""
    people.sign_in(client, people.administrator())
    client.submit(client.get("/en/admin/bodies/new?city=shymkent"), code="evil", name_kk=SHORT, name_ru=SHORT, name_en=SHORT)
    body = session.scalars(select(Body).where(Body.code == "evil")).one()
    client.submit(client.get(f"/en/admin/bodies/{body.id}"), name_kk=f"{SHORT} 2", name_ru=PAYLOADS[3], name_en=PAYLOADS[1])
    client.submit(client.get("/en/admin/days"), day="2026-06-01", working="off", reason=SHORT)
    answers = [client.get(path) for path in ("/en/admin/history", f"/en/admin/history?kind=body&key={body.id}", "/en/admin/bodies?city=shymkent", "/en/admin/days", "/en/admin/posts", "/en/shymkent/bodies/", "/en/shymkent/bodies/evil")]
    assert [foreign_markup(answer, MARK) for answer in answers] == [[]] * len(answers)
    assert sum(MARK in answer.text for answer in answers) >= 4
    assert all(DONE not in answer.text for answer in answers)


def test_stored_script_in_the_rich_text_of_discussions(client: Browser, session: Session, host: Host, people: People, mails: Mails, built_front_end: Any) -> None:
    """Title, words, agenda, speakers, place, organisation, invitation: pages, structured data, calendars, the letter as PDF, e-mail."""
    languages = {"kk": SHORT, "ru": SHORT, "en": SHORT}
    host.organisation.name, host.organisation.about = languages, {"kk": EVIL}
    event = host.event(title=languages, text={"kk": EVIL, "ru": EVIL}, venue=SHORT, address=SHORT, access_notes=SHORT, moderator=SHORT[:100],
                       items=(ItemInput(SHORT, 10, (SpeakerInput(SHORT[:100], SHORT[:100]),)),))
    invitation = host.invite(event, name=SHORT, post=SHORT, words=EVIL)
    page = f"/kk/shymkent/events/{event.code}"
    assert walked(client, page, "/kk/shymkent/events/", f"/kk/shymkent/organisations/{host.organisation.code}", f"/kk/invitations/{invitation.number}", "/kk/shymkent/bodies/road", f"{page}/register",
                  f"/kk/calendars/event/{event.code}.ics", f"/kk/invitations/{invitation.number}/letter.pdf", f"{page}/card.png", most=30) > 4
    people.sign_in(client, host.user)
    assert walked(client, f"/kk/organise/events/{event.code}", f"/kk/organise/{host.organisation.code}", most=25) > 3
    for letter in mails():
        for part in letter.walk():
            if part.get_content_type() == "text/html":
                assert f"<i {MARK}" not in part.get_content()


# 2 -- SQL and filters ----------------------------------------------------------------------------------------------------

SQL = ["created_at; DROP TABLE complaint", "created_at DESC--", "(SELECT password FROM account)", "id,(CASE WHEN 1=1 THEN 1 ELSE 1/0 END)", "1", "password", "applicant.contact_id", "created_at ASC", "\"created_at\"",
       "' OR '1'='1", "1) UNION SELECT email FROM contact--", "pg_sleep(5)", "new'", "supported\x00"]


def shown(answer: Any) -> list[str]:
    """Numbers of complaints in the order of the page."""
    return re.findall(r"SHY-\w{4}-\w{3}", answer.get_data(as_text=True))


def test_sql_through_order_by(client: Browser, filed: Filed) -> None:
    for _ in range(3):
        filed()
    usual = shown(client.get("/kk/shymkent/complaints/"))
    for words in SQL:
        for name in ("sort", "order", "order_by", "direction_of_sort", "s"):
            answer = client.get("/kk/shymkent/complaints/", query_string={name: words})
            assert (answer.status_code, shown(answer)) == (200, usual), (name, words)
        for cursor in (words, f"{words}_1", f"1_{words}"):
            assert client.get("/kk/shymkent/complaints/", query_string={"after": cursor}).status_code == 200


def test_sql_through_every_parameter_that_is_known(client: Browser, filed: Filed, host: Host) -> None:
    filed()
    host.event()
    for path, names in {"/kk/shymkent/complaints/": ("q", "state", "category", "district", "body", "direction", "since", "until", "photo"), "/kk/shymkent/complaints/map.json": ("box", "zoom", "q", "state"),
                        "/kk/shymkent/events/": ("format", "direction", "language", "after"), "/kk/shymkent/figures": ("period", "table"), "/kk/shymkent/follow": ("kind", "district", "category", "body")}.items():
        for name in names:
            for words in SQL[:13:3]:
                assert client.get(path, query_string={name: words}, buffered=True).status_code in (200, 400, 404), (path, name, words)


def test_filters_read_no_column_that_is_not_offered(client: Browser, session: Session, filed: Filed, people: People) -> None:
    """A search like ``q[author_email_start]=a`` would tell, letter by letter, what the page does not show."""
    resident = people.account("secretly.mine@example.test", name="Құпия Есімова")
    filed(by=resident, name="Құпия Есімова", text="Көше жарығы жанбайды")
    filed(text="Жол шұңқыры")
    usual = shown(client.get("/kk/shymkent/complaints/"))
    for name, value in {"email": "secretly.mine@example.test", "contact": "secretly", "applicant": "1", "name": "Құпия", "applicant_name": "Құпия", "assignee": "1", "assignee_id": "1", "private": "1", "user_id": "1", "id": "1", "version": "1",
                        "q[applicant_email_start]": "s", "q[s]": "applicant_email asc", "filter[email]": "secretly", "email__startswith": "s", "applicant.contact.email": "s", "password__startswith": "$", "hidden": "x"}.items():
        answer = client.get("/kk/shymkent/complaints/", query_string={name: value})
        assert shown(answer) == usual, name
    for words in ("secretly.mine", "secretly.mine@example.test", "Құпия Есімова", "Есімова"):
        assert shown(client.get("/kk/shymkent/complaints/", query_string={"q": words})) == [], words


def test_a_private_complaint_is_found_by_no_filter_feed_map_figure_card_or_calendar(client: Browser, session: Session, filed: Filed, now: datetime) -> None:
    secret = filed(private=True, text="Жасырын мәтін қырғауыл", lat=42.3155, lon=69.5869)
    draft = Draft(id="d" * 32, city_id=filed.city.id, locale="kk", created_at=now, text="Аяқталмаған жоба қырғауыл")
    session.add(draft)
    category = session.get_one(Category, secret.category_id)
    for path in ("/kk/shymkent/complaints/", "/kk/complaints/", "/kk/shymkent/complaints/?q=қырғауыл", f"/kk/shymkent/complaints/?category={category.id}", f"/kk/shymkent/complaints/?body={secret.body_id}", "/kk/shymkent/complaints/feed.atom",
                 "/kk/complaints/feed.atom", "/kk/shymkent/complaints/map?q=қырғауыл", "/kk/shymkent/complaints/map.json?box=69,42,70,43&zoom=18", "/kk/shymkent/complaints/map/live", f"/kk/shymkent/complaints/?number={secret.number}",
                 "/kk/shymkent/", "/kk/", "/kk/shymkent/figures.csv", "/kk/shymkent/bodies.csv", f"/kk/shymkent/categories/{category.code}.csv"):
        answer = client.get(path, buffered=True)
        text = answer.get_data(as_text=True)
        assert (secret.number in text and "?number=" not in path, "Жасырын мәтін" in text, "Аяқталмаған" in text) == (False, False, False), path
    base = f"/kk/shymkent/complaints/{secret.number}"
    for path in (base, f"/kk/complaints/{secret.number}", *(f"{base}/{end}" for end in ("card.png", "poster", "ticket", "support", "follow", "unfollow", "confirm", "dispute", "information", "withdraw"))):
        assert client.get(path).status_code == 404, path


# 3 -- missing authorisation ---------------------------------------------------------------------------------------------

@pytest.fixture
def two_bodies(session: Session, filed: Filed, people: People) -> tuple[Complaint, Any, Any]:
    """A complaint at one body, its official, and an official of another body."""
    complaint = filed()
    mine = session.get_one(Body, complaint.body_id)
    other = session.scalars(select(Body).where(Body.city_id == filed.city.id, Body.id != mine.id)).first()
    assert other is not None
    return complaint, people.official(mine, head=True), people.official(other, head=True)


def test_missing_authorisation_on_templates(client: Browser, session: Session, people: People, two_bodies: tuple[Complaint, Any, Any]) -> None:
    complaint, mine, other = two_bodies
    template = desk.save_template(session, people.actor(mine), None, body_id=complaint.body_id, title={"kk": "Үлгі", "ru": "Образец"}, text={"kk": "Біздің жауап", "ru": "Наш ответ"})
    page = people.sign_in(client, mine).get(f"/kk/desk/templates/{template.id}")
    assert page.status_code == 200
    people.sign_in(client, other)
    assert client.get(f"/kk/desk/templates/{template.id}").status_code == 404
    assert "Біздің жауап" not in client.get("/kk/desk/templates").text
    own = client.get("/kk/desk/templates/new")
    from tests.support.client import find_form, form_values

    fields = form_values(find_form(own.text, 0))
    assert client.post(f"/kk/desk/templates/{template.id}", data={**fields, "title_kk": "Бөтен"}).status_code == 404
    assert client.post(f"/kk/desk/templates/{template.id}/retire", data={"csrf_token": fields["csrf_token"]}).status_code == 404
    sent = client.post("/kk/desk/templates/new", data={**fields, "body_id": str(complaint.body_id), "title_kk": "Бөтен", "title_ru": "Чужой", "text_kk": "x", "text_ru": "x"})
    assert sent.status_code in (403, 404, 422)
    session.expire_all()
    assert (template.title["kk"], len(desk.templates(session, [complaint.body_id]))) == ("Үлгі", 1)


def test_missing_authorisation_on_amendments_of_complaints(client: Browser, session: Session, people: People, two_bodies: tuple[Complaint, Any, Any]) -> None:
    """Answering, forwarding, noting, assigning, on somebody else's; the applicant's own steps by somebody else."""
    complaint, _, other = two_bodies
    before = (complaint.state, complaint.version, complaint.body_id, len(complaint.events))
    people.sign_in(client, other)
    token = _token(client)
    for step in ("accept", "answer", "forward", "extend", "hold_hearing", "return", "mark_duplicate", "reopen", "assign", "note"):
        answer = client.post(f"/kk/desk/{complaint.number}/{step}", data={**token, "text": "Бөтен жауап", "version": str(complaint.version), "outcome": "explained", "body_id": "1"})
        assert answer.status_code == 404, step
    client.post("/kk/desk/bulk", data={**token, "numbers": complaint.number, "step": "accept"})
    resident = people.sign_in(client, people.account())
    token = _token(resident)
    for step in ("confirm", "dispute", "withdraw"):
        assert resident.post(f"/kk/shymkent/complaints/{complaint.number}/{step}", data={**token, "text": "x", "version": str(complaint.version)}).status_code == 403
    assert resident.post(f"/kk/shymkent/complaints/{complaint.number}/information", data={**token, "text": "x"}).status_code == 403
    session.expire_all()
    assert (complaint.state, complaint.version, complaint.body_id, len(complaint.events)) == before


def _token(client: Browser) -> dict[str, str]:
    from tests.support.client import find_form, form_values

    page = client.get("/kk/shymkent/report/")
    return {"csrf_token": form_values(find_form(page.text, 0))["csrf_token"]}


def test_missing_authorisation_on_amendments_of_discussions(client: Browser, session: Session, people: People, host: Host, app: CivicFlask) -> None:
    """Every address of an organiser, asked by the owner of another organisation: none knows of the event."""
    event, draft = host.event(), host.event(announced=False)
    registered = registration.register(session, event, people.contact(), registration.Wish("Қонақ", consent=True), event.starts_at - timedelta(days=10))
    people.official(host.body())
    invitation = host.invite(event)
    stranger = people.account("stranger@example.test")
    from civic.events import organisations

    organisations.found(session, host.city, people.actor(stranger), event.starts_at - timedelta(days=10), name={"kk": "Басқа"}, about={})
    before = (event.version, event.title, session.scalar(select(func.count()).select_from(Registration)))
    people.sign_in(client, stranger)
    token, seen = _token(client), []
    for found in (event, draft):
        known = {"lang": "kk", "code": found.code, "registration_id": registered.id, "member_id": 1, "number": invitation.number, "city": "shymkent"}
        for rule, method, path in addresses(app, ("GET", "POST"), known):
            if "/organise/events/<code>" in rule.rule and rule.endpoint != "events.door_readings":
                status = client.open(path, method=method, data=token if method == "POST" else None, buffered=True).status_code
                seen.append(status)
                assert status in (403, 404), (method, path, status)
        assert client.post(f"/kk/organise/events/{found.code}/door/readings.json", json={"token": "x", "readings": [{"number": registered.number}]}).status_code in (400, 403, 404, 410)
    for path in (f"/kk/organise/{host.organisation.code}", f"/kk/organise/{host.organisation.code}/change", f"/kk/organise/{host.organisation.code}/event"):
        assert client.get(path).status_code in (403, 404), path
    session.expire_all()
    assert (event.version, event.title, session.scalar(select(func.count()).select_from(Registration))) == before
    assert len(seen) > 30


def test_missing_authorisation_on_what_is_read_as_data(client: Browser, session: Session, people: People, host: Host) -> None:
    """Guest lists, the door's list, load of officials: JSON and CSV are asked for like pages."""
    event = host.event()
    for who in (None, people.account("a@example.test"), people.administrator("b@example.test"), people.official(host.body(), email="c@example.test")):
        if who is not None:
            people.sign_in(client, who)
        for path in ("door/list.json", "door/page", "door", "guests", "invitations"):
            assert client.get(f"/kk/organise/events/{event.code}/{path}").status_code in (303, 403, 404), (path, who)


def test_there_is_no_second_door_for_comments(app: CivicFlask) -> None:
    """The platform's programming interface took comments on what the page had closed. Here no address takes JSON but the door's readings."""
    from pathlib import Path

    from civic.config import ROOT

    taking = [str(p.relative_to(ROOT)) for p in Path(ROOT / "civic").rglob("*.py") if re.search(r"request\.(get_)?json\b", p.read_text())]
    assert "civic/events/door_views.py" in taking
    for path in taking:
        assert re.search(r"signer\(|loads\(|current_actor|allow\(|take_|webhook", (ROOT / path).read_text()), path
    assert not any(re.search(r"graphql|/api/", r.rule) and "POST" in (r.methods or ()) for r in app.url_map.iter_rules())


def test_missing_authorisation_on_the_upload_of_a_register(client: Browser, session: Session, people: People, app: CivicFlask, city: City) -> None:
    """Boundaries, categories, bodies, responsibilities, days: administrators alone, by page and by request."""
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Body, Category, District, City)]
    body = session.get_one(Body, city.default_body_id)
    for who in (None, people.account(), people.official(body, head=True), people.moderator(city)):
        if who is not None:
            people.sign_in(client, who)
        token = _token(client)
        for rule, method, path in addresses(app, ("GET", "POST"), {"lang": "kk", "path": "bodies", "row_id": body.id, "day": "2026-05-05"}):
            if rule.endpoint.startswith("admin."):
                answer = client.open(path, method=method, data={**token, "code": "x", "name_kk": "x", "file": (io.BytesIO(b"{}"), "x.geojson")} if method == "POST" else None)
                assert answer.status_code in (303, 400, 404) and "/admin" not in answer.headers.get("Location", "").split("?")[0], path
    assert [session.scalar(select(func.count()).select_from(table)) for table in (Body, Category, District, City)] == before


def test_unpublished_items_are_embedded_nowhere(client: Browser, session: Session, people: People, host: Host, built_front_end: Any) -> None:
    """A draft of a discussion: its page, card, calendar, feed, organisation, search, structured data, registration."""
    draft = host.event(announced=False, title={"kk": "Жарияланбаған тақырып", "ru": "Неопубликованное"})
    paths = [f"/kk/shymkent/events/{draft.code}", f"/kk/shymkent/events/{draft.code}/card.png", f"/kk/shymkent/events/{draft.code}/register", f"/kk/calendars/event/{draft.code}.ics", f"/kk/shymkent/events/{draft.code}/asked"]
    lists = ["/kk/shymkent/events/", "/kk/shymkent/events/month?at=2026-05", "/kk/shymkent/", "/kk/calendars/city/shymkent.ics", f"/kk/calendars/organisation/{host.organisation.code}.ics", f"/kk/shymkent/organisations/{host.organisation.code}"]
    for who in (None, people.account()):
        if who is not None:
            people.sign_in(client, who)
        assert [client.get(path).status_code for path in paths] == [404] * len(paths)
        for path in lists:
            assert "Жарияланбаған" not in client.get(path).get_data(as_text=True), path


# 4 -- links, tokens, identifiers -----------------------------------------------------------------------------------------

def test_links_to_personal_files_need_the_person(client: Browser, new_client: Callable[[], Browser], session: Session, people: People, filed: Filed, host: Host, app: CivicFlask) -> None:
    """Ticket with QR, one's own lists, private photos, guest lists: an address alone, opened by another browser, shows nothing."""
    owner = people.account("owner@example.test", name="Айгүл Серікқызы")
    complaint = filed(by=owner, private=True)
    photo = Photo(id="a" * 32, state="ready", private=True, uploaded_at=complaint.registered_at)
    session.add_all([photo, Attachment(complaint_id=complaint.id, photo_id=photo.id, moment="before", position=0)])
    session.flush()
    people.sign_in(client, owner)
    ticket = f"/kk/shymkent/complaints/{complaint.number}/ticket"
    assert client.get(ticket).status_code == 200
    stranger = new_client()
    assert stranger.get(ticket).status_code == 404
    assert stranger.get(f"/photo/{photo.id}/large.jpg").status_code == 404
    for path in ("/kk/my", "/kk/my/events", "/kk/following", "/kk/account/calendar", "/kk/account/settings"):
        assert stranger.get(path).status_code in (303, 403), path
    for path in addresses(app, ("GET",)):
        if re.search(r"export|download|my-data|my_data", path[0].rule):
            answer = stranger.get(path[2], buffered=True)
            assert answer.status_code in (303, 403, 404, 410) or (answer.status_code, answer.mimetype, "owner@example.test" in answer.text) == (200, "text/html", False), path[2]


def test_a_calendar_of_ones_own_dies_when_its_address_is_changed(client: Browser, new_client: Callable[[], Browser], people: People) -> None:
    people.sign_in(client, people.account())
    client.submit(client.get("/kk/account/calendar"))
    address = re.search(r"/kk/calendar/[^\"<\s]+\.ics", client.get("/kk/account/calendar").text)
    assert address is not None
    assert new_client().get(address[0]).status_code == 200
    client.submit(client.get("/kk/account/calendar"))
    assert new_client().get(address[0]).status_code == 404
    for wrong in (address[0].replace(".ics", "x.ics"), "/kk/calendar/1.ics", "/kk/calendar/a.ics", "/kk/calendar/%00.ics"):
        assert new_client().get(wrong).status_code == 404


CASTS = ["{id}abc", "abc{id}", "{id} ", " {id}", "0{id}", "00{id}", "+{id}", "-{id}", "{id}.0", "{id}e0", "0x{id}", "0b1", "0o1", "{id}_0", "1_0", "{id}\x00", "{id};", "{id}' OR 1=1", "{id},2", "[{id}]", "true", "null", "NaN", "Infinity",
         "１", "１２", "١", "१", "①", "²", "Ⅰ", "𝟏", "৭", "‎{id}", "\u200b{id}", str(2**31), str(2**63), str(2**64), "9" * 400]


@pytest.mark.parametrize("form", CASTS, ids=range(len(CASTS)))
def test_identifiers_cast_loosely_are_nobodys(form: str) -> None:
    """What is not exactly a number is none; so two addresses can never mean the same row, nor one mean another's."""
    found = row_id(form.format(id=1))
    assert found is None


def test_identifiers_cast_loosely_in_addresses(client: Browser, session: Session, people: People, filed: Filed, host: Host) -> None:
    complaint, event = filed(), host.event()
    people.sign_in(client, people.administrator())
    from urllib.parse import quote

    for form in CASTS:
        wrong = quote(form.format(id=1), safe="")
        assert client.get(f"/kk/admin/bodies/{wrong}").status_code == 404, wrong
    for number in (complaint.number.lower(), complaint.number.replace("-", "")):  # the same complaint, as people write it
        assert client.get(f"/kk/shymkent/complaints/{number}").status_code == 200
    slips = (complaint.number + "x", "x" + complaint.number, complaint.number[:-1], complaint.number[:-1] + ("1" if complaint.number[-1] != "1" else "2"), str(complaint.id), complaint.number + "%00", complaint.number + "/../1")
    assert [client.get(f"/kk/shymkent/complaints/{slip}").status_code for slip in slips] == [404] * len(slips)
    assert [client.get(f"/kk/shymkent/events/{slip}").status_code for slip in (event.code + "0", event.code[:-1], str(event.id), f"0{event.code}", "１")] == [404] * 5


def test_identifiers_of_unicode_look_alikes_do_not_collide() -> None:
    assert read_number("SHY-４K7M-2XN") is None and read_number("SHY-4K7M-2XΝ") is None and read_number("ЅHY-4K7M-2XN") is None
    assert row_id("１２") is None and row_id("١٢") is None


def test_a_code_of_one_city_is_none_of_another(client: Browser, filed: Filed, host: Host, other_city: City) -> None:
    complaint, event = filed(), host.event()
    paths = (f"complaints/{complaint.number}", f"complaints/{complaint.number}/card.png", f"complaints/{complaint.number}/poster", f"complaints/{complaint.number}/support", f"events/{event.code}", f"events/{event.code}/register",
             f"events/{event.code}/card.png", f"organisations/{host.organisation.code}")
    assert [client.get(f"/kk/{other_city.code}/{path}").status_code for path in paths] == [404] * len(paths)


#: Every purpose that links are signed for, and an address that takes a token of it.
PURPOSES = {
    "filing": "filing.confirm", "joining": "filing.confirm_joining", "link": "tracking.personal_link", "unfollow": "tracking.unfollow_by_letter", "following": "following.confirm", "followings": "following.by_letter",
    "end-following": "following.end_by_letter", "event": "events.confirm", "registration": "events.ticket", "invitation": "invitation_link.page", "invitation-held": "invitation_link.confirm",
    "question-answer": "question_link.page", "question-held": "question_link.confirm",
}


def test_a_token_of_one_purpose_is_accepted_by_no_other(client: Browser, app: CivicFlask, session: Session, people: People, filed: Filed, host: Host, now: datetime) -> None:
    """Each link of each kind at each address of another kind, with ids that exist there."""
    complaint, event = filed(), host.event()
    row = registration.register(session, event, people.contact("a@example.test"), registration.Wish("Қонақ", consent=True), now)
    session.commit()
    contact = row.contact_id
    payloads: list[Any] = [[complaint.id, contact], [row.id, contact], complaint.id, contact, [complaint.id, "support", "a@example.test", "kk"], ["x", "a@example.test"], [1, 1, "x"], [contact, [1]], [1, 1, contact, 1]]
    with app.test_request_context():
        tokens = {purpose: [signer(purpose).dumps(payload) for payload in payloads] for purpose in (*PURPOSES, "speaker", "door")}
        paths = {purpose: url_for(endpoint, lang="kk", token="TOKEN", **({"number": complaint.number} if "number" in _arguments(app, endpoint) else {})) for purpose, endpoint in PURPOSES.items()}
    for purpose, path in paths.items():
        wrong = [client.get(path.replace("TOKEN", token)).status_code for other, held in tokens.items() if other != purpose for token in held]
        assert set(wrong) <= {404, 410}, (purpose, path)
    for foreign in ("security.reset_password", "accounts.confirm"):
        with app.test_request_context():
            path = url_for(foreign, lang="kk", token="TOKEN")
        for held in tokens.values():
            answer = client.get(path.replace("TOKEN", held[0]))
            assert answer.status_code in (302, 303, 404, 410), foreign
            assert "type=\"password\"" not in answer.text or answer.status_code in (302, 303), foreign


def _arguments(app: CivicFlask, endpoint: str) -> set[str]:
    return set().union(*(rule.arguments for rule in app.url_map.iter_rules(endpoint)))


def test_a_token_of_one_installation_is_accepted_by_no_other(app: CivicFlask, make_app: Callable[..., CivicFlask], client: Browser, session: Session, filed: Filed, people: People) -> None:
    """The tenants of that platform shared a secret; ours have their own, or are cities of one installation with ids of their own."""
    owner = people.account("owner@example.test")
    complaint = filed(by=owner, private=True)
    elsewhere = make_app(secret_key="another installation signs with this", password_salt="other salt")
    with elsewhere.test_request_context():
        foreign = signer("link").dumps([complaint.id, owner.contact.id])
    with app.test_request_context():
        own = signer("link").dumps([complaint.id, owner.contact.id])
    path = f"/kk/complaints/{complaint.number}/link/"
    assert [client.get(path + token).status_code for token in (foreign, own[:-1] + ("A" if own[-1] != "A" else "B"), own + "x", own.replace(".", "", 1))] == [410] * 4
    visitor = elsewhere.test_client()
    assert visitor.get("/kk/my").status_code == 303
    cookie = people.sign_in(client, owner).get_cookie("session")
    assert cookie is not None and client.get("/kk/my").status_code == 200
    visitor.set_cookie("session", cookie.value)
    assert visitor.get("/kk/my").status_code == 303


def test_a_personal_link_of_one_complaint_opens_no_other(client: Browser, app: CivicFlask, filed: Filed, people: People, other_city: City) -> None:
    first, second = filed(private=True, by=people.contact("one@example.test")), filed(private=True, by=people.contact("two@example.test"))
    with app.test_request_context():
        crossed = signer("link").dumps([second.id, first.applicant.contact_id])
        own = signer("link").dumps([first.id, first.applicant.contact_id])
    assert client.get(f"/kk/complaints/{second.number}/link/{crossed}").status_code == 410
    client.get(f"/kk/complaints/{second.number}/link/{own}")  # the number in the address counts nothing
    assert [client.get(f"/kk/shymkent/complaints/{c.number}").status_code for c in (first, second)] == [200, 404]


@pytest.mark.parametrize(("days", "status"), [(2, 200), (4, 410), (400, 410)])
def test_a_link_to_confirm_is_dead_after_its_days(client: Browser, mails: Mails, filed: Filed, clock: Any, days: int, status: int) -> None:
    complaint = filed()
    client.submit(client.get(f"/kk/shymkent/complaints/{complaint.number}/support"), email="visitor@x.kz")
    link = next(link for letter in mails.to("visitor@x.kz") for link in links_of(letter) if "/confirm" in link)
    clock.shift(timedelta(days=days))
    page = client.get(link)
    assert page.status_code == status


def test_an_invitation_used_after_its_end(client: Browser, session: Session, host: Host, clock: Any, mails: Mails) -> None:
    """An invited official answers by a link: not after the discussion has begun, nor when it was withdrawn, nor from a second browser."""
    event = host.event()
    invitation = host.invite(event, name="Нұрлан Есімов", email="invited@example.test")
    link = next(link for letter in mails.to("invited@example.test") for link in links_of(letter) if "/invitations/link/" in link)
    page = client.get(link + "/accept")
    assert page.status_code == 200
    clock.move_to(event.starts_at + timedelta(hours=1))
    answer = client.submit(page)
    session.expire_all()
    assert (answer.status_code, invitation.state) == (409, "sent")
    clock.move_to(event.starts_at + timedelta(days=400))
    assert client.submit(page).status_code in (400, 409, 410)
    session.expire_all()
    assert invitation.state == "sent"


def test_a_registrations_offer_used_after_its_end(client: Browser, session: Session, app: CivicFlask, host: Host, people: People, now: datetime, clock: Any) -> None:
    event = host.event(capacity=1)
    wish = registration.Wish("Қонақ", consent=True)
    first, second, third = (registration.register(session, event, people.contact(f"{n}@example.test"), wish, now) for n in range(3))
    registration.leave(session, first, people.actor(session.get_one(type(people.contact("0@example.test")), first.contact_id)), now)
    session.commit()
    assert second.state == "offered"
    with app.test_request_context():
        path = url_for("events.ticket_act", lang="kk", act="accept", token=signer("registration").dumps([second.id, second.contact_id]))
    page = client.get(path)
    clock.shift(timedelta(hours=25))
    registration.lapse_offers(session, now + timedelta(hours=25))
    session.commit()
    assert client.submit(page).status_code == 409
    session.expire_all()
    assert (second.state, third.state) == ("lapsed", "offered")


def test_resetting_a_password_ends_the_link_and_the_sessions(client: Browser, new_client: Callable[[], Browser], session: Session, people: People, mails: Mails) -> None:
    account = people.account("resident@example.test")
    thief = people.sign_in(new_client(), account)
    assert thief.get("/kk/my").status_code == 200
    client.submit(client.get("/kk/account/reset"), email="resident@example.test")
    link = next(link for letter in mails.to("resident@example.test") for link in links_of(letter) if "/account/reset/" in link)
    page = client.get(link)
    assert client.submit(page, password="an entirely new password").status_code in (302, 303)
    assert thief.get("/kk/my").status_code == 303
    again = new_client().get(link)
    assert "type=\"password\"" not in again.text


# 5 -- at the same moment -------------------------------------------------------------------------------------------------

def test_the_same_support_sent_in_parallel_counts_once(app: CivicFlask, session: Session, filed: Filed, people: People, new_client: Callable[[], Browser]) -> None:
    """Sixteen requests of one person at one moment, from several windows, each with a form of its own."""
    complaint, resident = filed(), people.account()
    session.commit()
    browsers = [people.sign_in(app.test_client(), resident) for _ in range(8)]  # type: ignore[arg-type]
    path = f"/kk/shymkent/complaints/{complaint.number}/support"
    pages = [browser.get(path) for browser in browsers]
    ready = threading.Barrier(8)

    def press(at: int) -> int:
        ready.wait(30)
        for _ in range(10):
            answer = browsers[at].submit(pages[at])
            if answer.status_code not in (429, 503):
                return answer.status_code
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(press, range(8)))
    session.rollback()
    session.rollback()
    assert set(statuses) == {303}
    assert (complaint.supporters, session.scalar(select(func.count()).select_from(Support))) == (1, 1)


def test_the_same_link_of_support_pressed_in_parallel_counts_once(app: CivicFlask, session: Session, filed: Filed) -> None:
    complaint = filed()
    with app.test_request_context():
        path = url_for("filing.confirm_joining", lang="kk", token=signer("joining").dumps([complaint.id, "support", "visitor@x.kz", "kk"]))
    session.commit()
    browsers = [app.test_client() for _ in range(8)]
    pages = [browser.get(path) for browser in browsers]
    ready = threading.Barrier(8)

    def press(at: int) -> int:
        ready.wait(30)
        for _ in range(10):
            try:
                answer = browsers[at].submit(pages[at])  # type: ignore[attr-defined]
            except OperationalError:
                continue
            if answer.status_code != 503:
                break
        return int(answer.status_code)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(8))) <= {303, 429}
    session.rollback()
    assert (complaint.supporters, session.scalar(select(func.count()).select_from(Support))) == (1, 1)


# 6 -- requests that leave ------------------------------------------------------------------------------------------------

PRIVATE = ["127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "192.0.2.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
           "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:0:0:0:0:80ff:fffe", "2001:db8::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_requests_forged_through_an_address_reach_no_private_network(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "185.97.112.1", "2a00:1450:4010:c0e::71", "::ffff:8.8.8.8"])
def test_public_addresses_can_be_reached(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://localhost./",
                                 "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "http://8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://127.0.0.1:70/", "https://user@8.8.8.8/", "https:///x", "https://", "", "8.8.8.8", "https://8.8.8.8\\@127.0.0.1/",
                                 "https://8.8.8.8 @127.0.0.1/", "https://x\r\nHost: y/", "https://8.8.8.8:99999/", "https://[::1", "dict://127.0.0.1:11211/", "unix:///run/docker.sock"])
def test_addresses_that_may_not_be_asked(url: str) -> None:
    with pytest.raises(Refused):
        fetch(url)


class Speaker:
    """A real server on 127.0.0.1 that answers each connection with fixed bytes, slowly when told."""

    def __init__(self, *answers: bytes, pause: float = 0) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.asked, self.answers, self.pause = self.listening.getsockname()[1], [], list(answers), pause  # type: ignore[var-annotated]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        import time

        for answer in self.answers:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(65536))
                try:
                    for at in range(0, len(answer), 65536 if not self.pause else 1):
                        connection.sendall(answer[at:at + (65536 if not self.pause else 1)])
                        time.sleep(self.pause)
                except OSError:
                    pass

    def __del__(self) -> None:
        self.listening.close()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"


def _said(body: bytes, status: str = "200 OK", *more: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *more, "", ""]).encode() + body


def test_a_provider_in_our_own_network_is_reached_only_when_settings_name_it() -> None:
    speaker = Speaker(_said(b'{"ok": true}', "200 OK", "Content-Type: application/json"))
    with pytest.raises(Refused, match="TLS|private"):
        fetch(f"http://{speaker.name}/x")
    with pytest.raises(Refused, match="private"):
        fetch(f"https://{speaker.name}/x")
    answer = fetch(f"http://{speaker.name}/x?y=1", private={speaker.name})
    assert (answer.status, json.loads(answer.body), answer.headers["content-type"]) == (200, {"ok": True}, "application/json")
    assert speaker.asked[0].startswith(b"GET /x?y=1 HTTP/1.1\r\n")
    assert len(speaker.asked) == 1


def test_a_redirect_is_looked_at_like_a_new_address() -> None:
    secret = Speaker(_said(b"the metadata of the cloud"))
    for target in (f"http://{secret.name}/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "//10.0.0.1/"):
        speaker = Speaker(_said(b"", "302 Found", f"Location: {target}"))
        with pytest.raises(Refused):
            fetch(f"http://{speaker.name}/", private={speaker.name})
    assert secret.asked == []


def test_redirects_end_and_carry_no_key_to_another_host() -> None:
    loop = Speaker(*(_said(b"", "302 Found", "Location: /again") for _ in range(9)))
    with pytest.raises(Refused, match="too many redirects"):
        fetch(f"http://{loop.name}/", private={loop.name})
    assert len(loop.asked) == outgoing.REDIRECTS + 1
    end = Speaker(_said(b"here"))
    begin = Speaker(_said(b"", "307 Temporary Redirect", f"Location: http://{end.name}/there"))
    answer = fetch(f"http://{begin.name}/", headers={"Authorization": "Bearer key"}, private={begin.name, end.name})
    assert (answer.body, b"Bearer key" in begin.asked[0], b"Bearer" in end.asked[0]) == (b"here", True, False)


def test_a_name_that_changes_its_address_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the resolver of the attacker says a public address first and 127.0.0.1 from then on. Ours is asked once for each request,
    and the connection goes to the address that was looked at."""
    asked, connected = [], []

    def resolver(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8" if len(asked) == 1 else "127.0.0.1", port))]

    def connect(address: Any, *_: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolver)
    monkeypatch.setattr(outgoing.socket, "create_connection", connect)
    with pytest.raises(Refused, match="does not answer"):
        fetch("https://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], [("8.8.8.8", 443)])
    with pytest.raises(Refused, match="private"):
        fetch("https://rebinding.example/")


def test_a_name_with_a_public_and_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda host, port, **_: [(socket.AF_INET, 1, 6, "", (a, port)) for a in ("8.8.8.8", "10.0.0.1")])
    with pytest.raises(Refused, match="private"):
        fetch("https://both.example/")


def test_an_endless_and_a_slow_answer_hold_nobody() -> None:
    import time

    endless = Speaker(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000)
    with pytest.raises(Refused, match="too much"):
        fetch(f"http://{endless.name}/", private={endless.name}, max_bytes=100_000)
    for words in (_said(b"x" * 500), b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500):
        slow = Speaker(words, pause=0.05)
        began = time.perf_counter()
        with pytest.raises(Refused):
            fetch(f"http://{slow.name}/", private={slow.name}, timeout=0.6)
        assert time.perf_counter() - began < 12  # half of what the speaker would take


def test_nothing_but_this_module_opens_connections_that_others_chose() -> None:
    """Whoever needs an address of somebody else goes through ``web.outgoing``; sending mail goes to the server of the settings."""
    from civic.config import ROOT

    own = {"civic/web/outgoing.py", "civic/notifications/transport.py", "civic/cli.py"}
    found = {str(p.relative_to(ROOT)) for p in (ROOT / "civic").rglob("*.py")
             if re.search(r"\b(urlopen|requests\.|httpx|http\.client|aiohttp|urllib3|create_connection|socket\.socket)\b", p.read_text())}
    assert found - own == set()
