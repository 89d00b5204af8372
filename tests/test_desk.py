"""The official's desk: who gets there, each step, several at once, search, templates, the head's view."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civic.accounts.models import User
from civic.bodies.models import Body, Category
from civic.complaints import answers, service
from civic.complaints.models import AnswerTemplate, Attachment, Complaint, ComplaintEvent, Note
from civic.complaints.naming import naming, without_name
from civic.complaints.states import AppealKind, State
from civic.core.clock import utc_now
from civic.extensions import db
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People

INBOX = "/ru/desk/"


@pytest.fixture
def body(session: Session, city: City) -> Body:
    """The body whose desk it is."""
    return session.scalars(select(Body).where(Body.city_id == city.id).order_by(Body.id)).all()[1]


@pytest.fixture
def other_body(session: Session, city: City) -> Body:
    """Another one."""
    return session.scalars(select(Body).where(Body.city_id == city.id).order_by(Body.id)).all()[2]


@pytest.fixture
def official(people: People, body: Body) -> User:
    """An official of the body."""
    return people.official(body, name="Әсел Серікова")


@pytest.fixture
def head(people: People, body: Body) -> User:
    """Its head."""
    return people.official(body, head=True, name="Бақыт Омаров")


@pytest.fixture
def at_desk(client: Browser, people: People, official: User) -> Browser:
    """The official's browser."""
    return people.sign_in(client, official)


@pytest.fixture
def complaint(filed: Filed, body: Body, official: User) -> Complaint:
    """One that waits for the body."""
    return filed(body=body)


def fresh(session: Session, complaint: Complaint) -> Complaint:
    """As it stands in the database now."""
    session.commit()
    session.refresh(complaint)
    return complaint


def opened(browser: Browser, complaint: Complaint, **more: str) -> TestResponse:
    """The desk with the complaint open."""
    page = browser.get(INBOX, query_string={"open": complaint.number, **more})
    assert page.status_code == 200
    return page


def send(browser: Browser, complaint: Complaint, step: str, **fields: Any) -> TestResponse:
    """Open the complaint and send one of its forms."""
    return browser.submit(opened(browser, complaint), f"/{complaint.number}/{step}", **fields)


# Who gets there


def test_a_visitor_signs_in_first_and_a_resident_is_not_let_in(client: Browser, people: People) -> None:
    assert "/login" in client.get(INBOX).location or "sign" in client.get(INBOX).location
    people.sign_in(client, people.account())
    assert client.get(INBOX).status_code == 403


def test_another_bodys_complaint_is_not_found(client: Browser, people: People, other_body: Body, complaint: Complaint) -> None:
    people.sign_in(client, people.official(other_body))
    assert client.get(INBOX, query_string={"open": complaint.number}).status_code == 404
    token = _token(client.get("/ru/desk/templates/new"))
    assert client.post(f"{INBOX}{complaint.number}/accept", data={"version": "1"} | token).status_code == 404


def test_the_item_shows_the_name_and_never_the_address(
        at_desk: Browser, filed: Filed, people: People, body: Body, official: User) -> None:
    complaint = filed(by=people.contact("secret@example.test"), body=body, private=True)
    page = opened(at_desk, complaint).text
    assert "Айгүл Серікқызы" in page
    assert "secret@example.test" not in page
    assert at_desk.get(INBOX).headers["Cache-Control"] == "no-store"


def test_the_short_address_leads_to_the_item(at_desk: Browser, complaint: Complaint) -> None:
    assert at_desk.get(f"{INBOX}{complaint.number}").location.endswith(f"open={complaint.number}")
    assert at_desk.get(f"{INBOX}{complaint.number}/answer?who=mine").location.endswith(f"?open={complaint.number}&who=mine")


# Steps


def test_accept(at_desk: Browser, session: Session, complaint: Complaint) -> None:
    answer = send(at_desk, complaint, "accept", text="Бригада ертең барады.")
    assert answer.status_code == 303
    assert fresh(session, complaint).state == State.IN_WORK
    assert "Бригада ертең барады." in opened(at_desk, complaint).text


def test_answer_with_how_to_complain_once_and_a_photo(
        at_desk: Browser, session: Session, complaint: Complaint, picture: Callable[..., bytes]) -> None:
    answer = send(at_desk, complaint, "answer", text="Кабель ауыстырылды, жарық қосылды.", outcome="resolved",
                  photos=[(io.BytesIO(picture()), "after.jpg")])
    assert answer.status_code == 303
    assert fresh(session, complaint).state == State.ANSWERED
    said = session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "answer")).one()
    assert said.text == f"Кабель ауыстырылды, жарық қосылды.\n\n{answers.HOW_TO_COMPLAIN['kk']}"
    assert session.scalars(select(Attachment.moment)).all() == ["after"]


def test_how_to_complain_follows_the_answers_language_and_is_not_doubled() -> None:
    russian = answers.with_how_to_complain("Кабель заменён, освещение восстановлено полностью.", "kk")
    assert russian.endswith(answers.HOW_TO_COMPLAIN["ru"])
    assert answers.with_how_to_complain(russian, "kk") == russian
    assert answers.with_how_to_complain("  ", "kk") == ""


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_how_to_complain_says_its_own_language(language: str) -> None:
    from civic.core.text import detect_language

    assert detect_language(answers.HOW_TO_COMPLAIN[language], "kk" if language != "kk" else "ru") == language


def test_an_empty_answer_is_refused_and_everything_is_kept(at_desk: Browser, session: Session, complaint: Complaint) -> None:
    answer = send(at_desk, complaint, "answer", text="  ", outcome="explained")
    assert answer.status_code == 422
    assert 'value="explained" checked' in answer.text or re.search(r'checked[^>]*value="explained"', answer.text)
    assert fresh(session, complaint).state == State.REGISTERED
    answer = at_desk.submit(answer, "/answer", text="Түсіндірме берілді, рахмет.", outcome=None)
    assert answer.status_code == 422
    assert "Түсіндірме берілді, рахмет." in answer.text


def test_too_long_an_answer_is_kept_and_changes_nothing(at_desk: Browser, session: Session, complaint: Complaint) -> None:
    answer = send(at_desk, complaint, "answer", text="а" * 10_001, outcome="explained")
    assert answer.status_code == 422
    assert "а" * 10_001 in answer.text
    assert fresh(session, complaint).state == State.REGISTERED


def test_solved_wants_a_photo_where_the_category_asks(
        at_desk: Browser, session: Session, filed: Filed, body: Body, picture: Callable[..., bytes]) -> None:
    code = session.scalars(select(Category.code).where(Category.wants_after_photo, Category.parent_id.is_not(None))).first()
    if code is None:
        session.execute(update(Category).values(wants_after_photo=True))
        code = session.scalars(select(Category.code).where(Category.parent_id.is_not(None))).first()
    complaint = filed(category=code, body=body)
    refused = send(at_desk, complaint, "answer", text="Шұңқыр жамалды.", outcome="resolved")
    assert refused.status_code == 422
    assert 'id="answer-photos-error"' in refused.text
    broken = at_desk.submit(refused, "/answer", photos=[(io.BytesIO(b"not a picture"), "after.jpg")])
    assert broken.status_code == 422
    assert "Шұңқыр жамалды." in broken.text
    taken = at_desk.submit(broken, "/answer", photos=[(io.BytesIO(picture()), "after.jpg")])
    assert taken.status_code == 303
    assert fresh(session, complaint).outcome == "resolved"


def test_a_refused_answer_leaves_no_photo_behind(
        app: Any, at_desk: Browser, complaint: Complaint, picture: Callable[..., bytes]) -> None:
    assert send(at_desk, complaint, "answer", text="", outcome="resolved",
                photos=[(io.BytesIO(picture()), "after.jpg")]).status_code == 422
    assert not list((app.settings.media / "incoming").glob("*"))


def test_forward(at_desk: Browser, session: Session, people: People, other_body: Body, complaint: Complaint) -> None:
    people.official(other_body)
    refused = send(at_desk, complaint, "forward", body_id=str(other_body.id), text="")
    assert refused.status_code == 422
    assert re.search(rf'<option selected[^>]*value="{other_body.id}"', refused.text)
    done = at_desk.submit(refused, f"/{complaint.number}/forward", text="Бұл су арнасының ісі.")
    assert done.status_code == 303
    assert "open=" not in done.location
    assert fresh(session, complaint).body_id == other_body.id


def test_forwarding_is_offered_three_working_days_only(at_desk: Browser, clock: Any, complaint: Complaint) -> None:
    page = opened(at_desk, complaint)
    clock.move_to("2026-05-05T06:00:00Z")
    assert "/forward" not in opened(at_desk, complaint).text.replace("/bulk", "")
    late = at_desk.submit(page, f"/{complaint.number}/forward", body_id="1", text="Кеш.")
    assert late.status_code == 422
    assert "Кеш." in late.text


def test_extend_is_for_the_head(
        at_desk: Browser, new_client: Callable[[], Browser], session: Session, people: People, head: User, complaint: Complaint) -> None:
    assert f"{complaint.number}/extend" not in opened(at_desk, complaint).text
    at_head = people.sign_in(new_client(), head)
    refused = send(at_head, complaint, "extend", until="2026-12-01", text="Мердігер ізделуде.")
    assert refused.status_code == 422
    assert "Мердігер ізделуде." in refused.text
    assert at_head.submit(refused, "/extend", until="2026-06-10").status_code == 303
    assert fresh(session, complaint).state == State.EXTENDED
    assert f"{complaint.number}/extend" not in opened(at_head, complaint).text


def test_hearing_in_the_ordinary_procedure_only(
        at_desk: Browser, session: Session, filed: Filed, body: Body, complaint: Complaint) -> None:
    send(at_desk, complaint, "accept")
    assert "/hold_hearing" not in opened(at_desk, complaint).text
    application = filed(body=body, kind=AppealKind.APPLICATION)
    send(at_desk, application, "accept")
    refused = send(at_desk, application, "hold_hearing", on="2026-04-25", text="Қанағаттандырылмайды.")
    assert refused.status_code == 422
    assert at_desk.submit(refused, "/hold_hearing", on="2026-04-30").status_code == 303
    assert fresh(session, application).state == State.HEARING
    assert "/answer" not in opened(at_desk, application).text


def test_return_on_the_laws_grounds(at_desk: Browser, session: Session, complaint: Complaint) -> None:
    refused = send(at_desk, complaint, "return", text="Дөрекі сөздер.")
    assert refused.status_code == 422
    assert at_desk.submit(refused, "/return", ground="obscene").status_code == 303
    assert fresh(session, complaint).state == State.RETURNED


def test_danger_is_never_returned(at_desk: Browser, session: Session, filed: Filed, body: Body) -> None:
    code = session.scalars(select(Category.code).where(Category.danger)).first()
    assert "/return" not in opened(at_desk, filed(category=code, body=body)).text


def test_duplicate(at_desk: Browser, session: Session, filed: Filed, body: Body, complaint: Complaint) -> None:
    first = filed(body=body)
    slip = first.number[:-1] + ("Z" if first.number[-1] != "Z" else "Y")
    refused = send(at_desk, complaint, "mark_duplicate", number=slip)
    assert refused.status_code == 422
    assert slip in refused.text
    assert at_desk.submit(refused, "/mark_duplicate", number=first.number.lower().replace("-", " ")).status_code == 303
    assert fresh(session, complaint).duplicate_of_id == first.id


def test_a_dispute_is_reopened_by_the_head(
        at_desk: Browser, new_client: Callable[[], Browser], session: Session, people: People, head: User, official: User,
        complaint: Complaint) -> None:
    send(at_desk, complaint, "answer", text="Бәрі жөнделді, рахмет.", outcome="resolved")
    applicant = session.get_one(type(complaint.applicant), complaint.id).contact_id
    from civic.core.actor import Actor

    fresh(session, complaint)
    service.dispute(session, complaint, Actor(contact_id=applicant), utc_now(), text="Ештеңе жөнделмеген.")
    page = opened(at_desk, complaint).text
    assert "/reopen" not in page
    assert f"{complaint.number}/answer" not in page
    at_head = people.sign_in(new_client(), head)
    assert send(at_head, complaint, "reopen", text="Ертең қайта барамыз.").status_code == 303
    assert fresh(session, complaint).state == State.REOPENED


def test_assign_and_note_stay_inside(
        at_desk: Browser, session: Session, people: People, other_body: Body, body: Body, complaint: Complaint) -> None:
    colleague, stranger = people.official(body, name="Гүлнар Исаева"), people.official(other_body)
    assert send(at_desk, complaint, "assign", user_id=str(colleague.id)).status_code == 303
    assert fresh(session, complaint).assignee_id == colleague.id
    assert send(at_desk, complaint, "assign", user_id=str(stranger.id)).status_code == 422
    assert send(at_desk, complaint, "note", text="").status_code == 422
    assert send(at_desk, complaint, "note", text="Рұқсат күтудеміз.").status_code == 303
    assert session.scalars(select(Note.text)).all() == ["Рұқсат күтудеміз."]
    page = opened(at_desk, complaint).text
    assert "Рұқсат күтудеміз." in page
    assert "Гүлнар Исаева" in page


def test_steps_made_by_hand(at_desk: Browser, people: People, head: User, new_client: Callable[[], Browser], session: Session,
                            complaint: Complaint) -> None:
    page = opened(at_desk, complaint)
    extension = {"until": "2026-06-10", "text": "x", "version": str(complaint.version)}
    assert at_desk.post(f"{INBOX}{complaint.number}/extend", data=extension | _token(page)).status_code == 403
    assert at_desk.post(f"{INBOX}{complaint.number}/confirm", data=_token(page)).status_code in (404, 405)
    assert at_desk.post(f"{INBOX}{complaint.number}/accept", data=_token(page)).status_code == 409
    send(at_desk, complaint, "answer", text="Бәрі жөнделді, рахмет.", outcome="explained")
    again = {"text": "Тағы жауап", "outcome": "explained", "version": str(fresh(session, complaint).version)}
    assert at_desk.post(f"{INBOX}{complaint.number}/answer", data=again | _token(page)).status_code == 409


def _token(page: TestResponse) -> dict[str, str]:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    return {"csrf_token": found[1]} if found else {}


# Two at the same moment


def test_the_second_of_two_answers_is_kept_and_told_who_was_first(
        at_desk: Browser, new_client: Callable[[], Browser], session: Session, people: People, body: Body, complaint: Complaint) -> None:
    other = people.sign_in(new_client(), people.official(body, name="Гүлнар Исаева"))
    mine, theirs = opened(at_desk, complaint), opened(other, complaint)
    assert other.submit(theirs, "/answer", text="Біз жөндедік, рахмет.", outcome="explained").status_code == 303
    late = at_desk.submit(mine, "/answer", text="Менің ұзақ жауабым.", outcome="explained")
    assert late.status_code == 409
    assert "Менің ұзақ жауабым." in late.text
    assert "Гүлнар Исаева" in late.text
    assert len(session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "answer")).all()) == 1


def test_after_a_harmless_change_the_kept_answer_can_be_sent(
        at_desk: Browser, new_client: Callable[[], Browser], session: Session, people: People, body: Body, complaint: Complaint) -> None:
    other = people.sign_in(new_client(), people.official(body, name="Гүлнар Исаева"))
    mine = opened(at_desk, complaint)
    send(other, complaint, "accept")
    late = at_desk.submit(mine, "/answer", text="Менің ұзақ жауабым.", outcome="explained")
    assert late.status_code == 409
    assert at_desk.submit(late, "/answer").status_code == 303
    assert fresh(session, complaint).state == State.ANSWERED


def test_a_supporter_does_not_disturb_an_official(
        at_desk: Browser, session: Session, people: People, complaint: Complaint) -> None:
    page = opened(at_desk, complaint)
    service.support(session, complaint, people.contact().id, utc_now())
    assert at_desk.submit(page, "/answer", text="Бәрі жөнделді, рахмет.", outcome="explained").status_code == 303
    assert fresh(session, complaint).supporters == 1


def test_pressing_twice_answers_once(at_desk: Browser, session: Session, complaint: Complaint) -> None:
    page = opened(at_desk, complaint)
    first = at_desk.submit(page, "/answer", text="Бәрі жөнделді, рахмет.", outcome="explained")
    second = at_desk.submit(page, "/answer", text="Бәрі жөнделді, рахмет.", outcome="explained")
    assert (first.status_code, second.status_code) == (303, 303)
    assert len(session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "answer")).all()) == 1


# Several at once


def seen(complaint: Complaint) -> str:
    """The value of its checkbox."""
    return f"{complaint.number}:{complaint.version}"


def test_several_are_accepted_and_refusals_are_named(
        at_desk: Browser, session: Session, filed: Filed, body: Body, complaint: Complaint) -> None:
    others = [filed(body=body) for _ in range(2)]
    page = at_desk.get(INBOX)
    send(at_desk, others[1], "accept")
    everything = [seen(c) for c in (complaint, *others)] + ["SHY-1111-111:1"]
    told = at_desk.submit(page, "/bulk", button="accept", follow=True, rows=everything)
    assert told.status_code == 200
    assert [fresh(session, c).state for c in (complaint, *others)] == [State.IN_WORK] * 3
    assert len(session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "accept")).all()) == 3
    assert f'href="{INBOX}?open={others[1].number}"' in told.text
    assert "SHY-1111-111" in told.text


def test_several_are_assigned(at_desk: Browser, session: Session, filed: Filed, body: Body, official: User, complaint: Complaint) -> None:
    other = filed(body=body)
    at_desk.submit(at_desk.get(INBOX), "/bulk", button="assign", rows=[seen(c) for c in (complaint, other)],
                   user_id=str(official.id))
    assert {fresh(session, c).assignee_id for c in (complaint, other)} == {official.id}


def test_several_are_forwarded_with_a_reason(
        at_desk: Browser, session: Session, people: People, other_body: Body, complaint: Complaint) -> None:
    people.official(other_body)
    chosen = [seen(complaint)]
    refused = at_desk.submit(at_desk.get(INBOX), "/bulk", button="forward", rows=chosen, body_id=str(other_body.id))
    assert refused.status_code == 422
    assert f'value="{chosen[0]}" checked' in refused.text
    assert at_desk.submit(refused, "/bulk", button="forward", rows=chosen, text="Су арнасының ісі.").status_code == 303
    assert fresh(session, complaint).body_id == other_body.id


def test_nothing_chosen_is_said(at_desk: Browser, complaint: Complaint) -> None:
    assert "banner--warning" in at_desk.submit(at_desk.get(INBOX), "/bulk", button="accept", follow=True).text
    assert at_desk.get(f"{INBOX}bulk").status_code == 303


# The list


def _numbers(page: TestResponse) -> list[str]:
    return re.findall(r'name="rows" value="([^:]+):', page.text)


def test_the_longest_overdue_comes_first_and_pages_follow_one_another(
        at_desk: Browser, session: Session, filed: Filed, body: Body, clock: Any) -> None:
    early = filed(body=body)
    clock.move_to("2026-05-13T06:00:00Z")
    late = [filed(body=body) for _ in range(51)]
    clock.move_to("2026-05-21T06:00:00Z")
    first = at_desk.get(INBOX)
    assert _numbers(first) == [early.number, *(c.number for c in late[:49])]
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following is not None
    assert _numbers(at_desk.get(following[1].replace("&amp;", "&"))) == [late[49].number, late[50].number]
    assert at_desk.get(INBOX, query_string={"after": "nonsense"}).status_code == 200


def test_filters(at_desk: Browser, session: Session, filed: Filed, body: Body, official: User, complaint: Complaint) -> None:
    other = filed(body=body, address="Рысқұлов көшесі, 14", text="Шұңқыр бар, көлік өте алмайды.")
    send(at_desk, other, "accept")
    send(at_desk, other, "assign", user_id=str(official.id))
    third = filed(body=body)
    send(at_desk, third, "answer", text="Бәрі жөнделді, рахмет.", outcome="explained")

    def found(**query: Any) -> set[str]:
        return set(_numbers(at_desk.get(INBOX, query_string=query)))

    assert found() == {complaint.number, other.number}
    assert found(state="in_work") == {other.number}
    assert found(state="answered") == found(closed="y") == {third.number}
    assert found(who="mine") == {other.number}
    assert found(who="nobody") == {complaint.number}
    assert found(category=complaint.category_id) == {complaint.number, other.number}
    assert found(category="999999") == set()
    assert found(district="1", who="mine") == set()
    assert found(state="nonsense", district="x") == {complaint.number, other.number}
    assert found(q="рыскулов ШУНКЫР") == {other.number}
    assert found(q="жоқ сөз") == set()


@pytest.mark.parametrize("separator", ["", " ", ".", " - ", "–"])
def test_a_number_is_found_however_it_is_typed(at_desk: Browser, complaint: Complaint, separator: str) -> None:
    typed = complaint.number.lower().replace("-", separator)
    page = at_desk.get(INBOX, query_string={"q": typed, "state": "answered"})
    assert _numbers(page) == [complaint.number]


def test_a_slip_in_a_number_is_said(at_desk: Browser, complaint: Complaint) -> None:
    slip = complaint.number[:-1] + ("Z" if complaint.number[-1] != "Z" else "Y")
    page = at_desk.get(INBOX, query_string={"q": slip})
    assert "banner--warning" in page.text
    assert _numbers(page) == [complaint.number]
    assert "banner--warning" not in at_desk.get(INBOX, query_string={"q": "фонарь 12"}).text


def test_several_posts_make_one_inbox(at_desk: Browser, session: Session, people: People, filed: Filed, official: User,
                                      other_body: Body, complaint: Complaint) -> None:
    from civic.accounts.service import give_post
    from civic.core.actor import RoleName

    theirs = filed(body=other_body)
    give_post(session, official, RoleName.OFFICIAL, utc_now(), body_id=other_body.id)
    page = at_desk.get(INBOX)
    assert set(_numbers(page)) == {complaint.number, theirs.number}
    assert other_body.name["ru"] in page.text


def _queries(app: Any, browser: Browser, **query: str) -> int:
    seen: list[str] = []
    with app.app_context():
        engine: Engine = db.engine

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(INBOX, query_string=query).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_more_rows_take_no_more_queries(
        app: Any, at_desk: Browser, session: Session, filed: Filed, people: People, body: Body, complaint: Complaint) -> None:
    def assign(c: Complaint) -> None:
        send(at_desk, c, "assign", user_id=str(people.official(body).id))
        send(at_desk, c, "note", text="Жазба")

    assign(complaint)
    few = _queries(app, at_desk), _queries(app, at_desk, open=complaint.number)
    for _ in range(4):
        assign(filed(body=body))
    send(at_desk, complaint, "note", text="Тағы бір жазба")
    send(at_desk, complaint, "accept")
    assert (_queries(app, at_desk), _queries(app, at_desk, open=complaint.number)) == few
    assert few[1] <= 36


# The head's view, and templates


def test_the_load_is_for_heads(at_desk: Browser, new_client: Callable[[], Browser], people: People, head: User, official: User,
                               complaint: Complaint, clock: Any) -> None:
    assert at_desk.get("/ru/desk/load").status_code == 404
    send(at_desk, complaint, "assign", user_id=str(official.id))
    clock.move_to("2026-05-21T06:00:00Z")
    page = people.sign_in(new_client(), head).get("/ru/desk/load")
    assert page.status_code == 200
    assert complaint.number in page.text
    assert re.search(r"Әсел Серікова</th><td class=\"number\">1</td><td class=\"number tone-overdue\">1", page.text)
    assert re.search(r"Бақыт Омаров</th><td class=\"number\">0</td>", page.text)


def test_a_template_fills_the_answer_in_the_language_of_the_appeal(
        at_desk: Browser, session: Session, body: Body, complaint: Complaint, filed: Filed) -> None:
    made = _template(at_desk, text_kk="{name}! {address}: орындалды, {number}.")
    assert made.status_code == 303
    template = session.scalars(select(AnswerTemplate).where(AnswerTemplate.body_id == body.id)).one()
    shown = filed(body=body, show_name=True)
    assert f"Айгүл Серікқызы! Тәуке хан даңғылы, 12: орындалды, {shown.number}." in opened(at_desk, shown, template=str(template.id)).text
    assert f"Арыз иесі! Тәуке хан даңғылы, 12: орындалды, {complaint.number}." in opened(at_desk, complaint, template=str(template.id)).text
    private = filed(body=body, private=True)
    assert f"Айгүл Серікқызы! Тәуке хан даңғылы, 12: орындалды, {private.number}." in opened(at_desk, private, template=str(template.id)).text


def test_an_answer_does_not_tell_the_public_who_filed_it(at_desk: Browser, session: Session, body: Body, complaint: Complaint, filed: Filed) -> None:
    words = "Құрметті Серікқызы Айгүлге! Жөндеу аяқталды."
    refused = send(at_desk, complaint, "answer", text=words, outcome="explained")
    assert refused.status_code == 422 and words in refused.text
    answered = send(at_desk, complaint, "answer", text="Құрметті арыз иесі! Жөндеу аяқталды.", outcome="explained")
    assert answered.status_code == 303
    for other in (filed(body=body, show_name=True), filed(body=body, private=True), filed(body=body, text="Мен, Айгүл Серікқызы, шағымданамын: жарық жоқ.")):
        assert send(at_desk, other, "answer", text=words, outcome="explained").status_code == 303, other.number


@pytest.mark.parametrize(("text", "names"), [
    ("Құрметті Айгүл Серікқызы!", True), ("Серікқызы Айгүлдің өтініші", True), ("А. Серікқызы", True), ("Серікқызы А. өтініші", True),
    ("айгүл  СЕРІКҚЫЗЫНА", True), ("Айгул Серикқызы", True), ("Айгүл, құрметті", False), ("Айгүл көшесі. Басқа сөйлем. Серікқызы", False),
    ("Алаң Серік", False), ("", False),
])
def test_where_a_text_names_somebody(text: str, names: bool) -> None:
    assert bool(naming("Айгүл Серікқызы", text)) is names


def test_a_name_in_any_form_is_taken_out_whole() -> None:
    assert without_name("Иванова Анна Петровна", "Уважаемая Анна Петровна! Ивановой А. П. отвечено.") == "Уважаемая —! —. П. отвечено."
    assert without_name("Тұрғын", "Тұрғындар Тұрғын") == "Тұрғындар Тұрғын" and without_name("—", "— —") == "— —"


def _template(browser: Browser, **fields: str) -> TestResponse:
    values: dict[str, Any] = {"title_kk": "Орындалды", "title_ru": "Сделано", "text_kk": "Орындалды.", "text_ru": "Сделано."} | fields
    return browser.submit(browser.get("/ru/desk/templates/new"), 0, **values)


def test_an_unknown_field_or_a_missing_language_is_refused(at_desk: Browser, session: Session) -> None:
    refused = _template(at_desk, text_ru="Уважаемый {phone}!")
    assert refused.status_code == 422
    assert "{phone}" in refused.text
    assert _template(at_desk, title_kk=" ").status_code == 422
    assert session.scalars(select(AnswerTemplate).where(AnswerTemplate.body_id.is_not(None))).all() == []


def test_templates_are_changed_and_retired_by_their_body_only(
        at_desk: Browser, new_client: Callable[[], Browser], session: Session, people: People, body: Body, other_body: Body) -> None:
    _template(at_desk)
    common = AnswerTemplate(title={"kk": "Ортақ", "ru": "Общий"}, text={"kk": "Ортақ", "ru": "Общий"})
    session.add(common)
    session.flush()
    mine = session.scalars(select(AnswerTemplate).where(AnswerTemplate.body_id == body.id)).one()
    stranger = people.sign_in(new_client(), people.official(other_body))
    for browser, template in ((stranger, mine), (at_desk, common)):
        assert browser.get(f"/ru/desk/templates/{template.id}").status_code == 404
    listed = at_desk.get("/ru/desk/templates").text
    assert "Общий" in listed
    assert f"/templates/{mine.id}" in listed
    assert f"/templates/{common.id}" not in listed
    page = at_desk.get(f"/ru/desk/templates/{mine.id}")
    assert at_desk.submit(page, 0, title_ru="Готово").status_code == 303
    session.refresh(mine)
    assert mine.title["ru"] == "Готово"
    assert at_desk.submit(page, "/retire").status_code == 303
    session.refresh(mine)
    assert not mine.active
    assert at_desk.get(f"/ru/desk/templates/{mine.id}").status_code == 404


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_pages_open_in_every_language(at_desk: Browser, people: People, new_client: Callable[[], Browser], head: User,
                                      complaint: Complaint, lang: str) -> None:
    browser = people.sign_in(new_client(), head)
    for path in ("", f"?open={complaint.number}", "load", "templates", "templates/new"):
        assert browser.get(f"/{lang}/desk/{path}").status_code == 200


@pytest.mark.parametrize("question", [
    "after=2026-05-20_99999999999", "after=2026-05-20_²", "after=²_1", "category=²&district=" + "9" * 30, "open={number}&template=²",
    "open={number}&template=99999999999",
])
def test_addresses_made_by_hand_show_the_desk(at_desk: Browser, complaint: Complaint, question: str) -> None:
    assert at_desk.get(f"{INBOX}?{question.format(number=complaint.number)}").status_code == 200


def test_templates_that_no_row_can_be(at_desk: Browser) -> None:
    assert at_desk.get(f"{INBOX}templates/99999999999").status_code == 404
