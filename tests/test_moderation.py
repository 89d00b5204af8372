"""Moderation in the open: flags, hiding with a reason, tombstones everywhere, appeals to a second person, the public log."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.accounts.audit_words import lines
from civic.accounts.models import User
from civic.accounts.post_models import AuditEntry
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import service as complaints
from civic.complaints.models import Complaint
from civic.complaints.states import Outcome
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.moderation import queries, service
from civic.moderation.codex import CODEX, NEVER, Reason
from civic.moderation.models import Case, Flag
from civic.moderation.states import State
from civic.moderation.subjects import Thing, load, titles
from civic.moderation.wording import outcome_words
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People
from tests.support.statements import statements
from tests.support.together import together

SECRET = "Құпиясөз"


@pytest.fixture
def complaint(filed: Filed, people: People) -> Complaint:
    return filed(text=f"Аулада жарық жоқ, {SECRET} деген көрші кінәлі.", by=people.contact("author@example.test", locale="en"), show_name=True, name="Бүркенші Есім", address="Тыныш көшесі, 5")


def thing_of(session: Session, complaint: Complaint) -> Thing:
    thing = load(session, "complaint", complaint.number)
    assert thing is not None
    return thing


@pytest.fixture
def opened(session: Session, complaint: Complaint, people: People, now: datetime) -> Case:
    return service.flag(session, thing_of(session, complaint), people.actor(people.account()), now, part="text", reason=Reason.PERSONAL_DATA, words="Көршінің аты")


@pytest.fixture
def first(people: People, city: City) -> User:
    return people.moderator(city, "first@example.test")


@pytest.fixture
def second(people: People, city: City) -> User:
    return people.moderator(city, "second@example.test")


def hide(session: Session, case: Case, people: People, who: User, now: datetime, **changes: Any) -> None:
    service.hide(session, case, people.actor(who), now, **{"parts": ["text"], "reason": Reason.PERSONAL_DATA, "words": "Көршінің дербес деректері", **changes})


def test_the_codex_stands_in_three_languages_and_says_what_is_no_reason(client: Browser) -> None:
    for article in (*CODEX.values(), *NEVER):
        assert all(set(texts) == {"kk", "ru", "en"} and all(texts.values()) for texts in (article.title, article.text))
    assert "Criticism of officials is not a reason" in client.get("/en/rules").text
    assert "Критика должностных лиц" in client.get("/ru/rules").text
    assert "сынау" in client.get("/kk/rules").text


def test_one_flag_per_person_and_part(session: Session, complaint: Complaint, people: People, opened: Case, now: datetime) -> None:
    other = people.actor(people.account())
    assert service.flag(session, thing_of(session, complaint), other, now, part="name", reason=Reason.INSULT).id == opened.id
    with pytest.raises(service.AlreadyFlagged):
        service.flag(session, thing_of(session, complaint), other, now, part="name", reason=Reason.INSULT)
    with pytest.raises(InputRefused):
        service.flag(session, thing_of(session, complaint), other, now, part="step-99", reason=Reason.INSULT)
    with pytest.raises(NotAllowed):
        service.flag(session, thing_of(session, complaint), people.actor(people.contact()), now, part="text", reason=Reason.INSULT)


def test_a_flag_that_is_sent_from_several_windows_at_once_is_one(session: Session, complaint: Complaint, people: People, now: datetime) -> None:
    number, actor = complaint.number, people.actor(people.account())

    def flag(own: Session) -> None:
        found = load(own, "complaint", number)
        assert found is not None
        service.flag(own, found, actor, now, part="text", reason=Reason.INSULT)

    assert together(session, flag) == ["done"] + ["flagged_before"] * 5
    assert session.scalar(select(func.count()).select_from(Flag)) == 1


def test_rules_find_signs_and_hide_nothing(session: Session, filed: Filed, mails: Mails, people: People, now: datetime) -> None:
    found = filed(text="Директор дурак, телефоны 87771234567, https://t.me/x")
    clean = filed(text="Әкімдік жұмыс істемейді, жауап жоқ. Бұл нашар жұмыс!")
    secret = filed(text="Телефоным 87771234567, көрмесін", private=True)
    mails()
    assert [c.signs for c in session.scalars(select(Case).where(Case.key == found.number))] == [" insult link phone "]
    assert session.scalars(select(Case).where(Case.key.in_([clean.number, secret.number]))).all() == []
    session.refresh(found)
    assert "дурак" in found.text
    complaints.add_information(session, clean, people.actor(session.get_one(type(people.contact()), clean.applicant.contact_id)), now, text="ЖСН 900101300017")
    mails()
    assert [c.signs for c in session.scalars(select(Case).where(Case.key == clean.number))] == [" iin "]


def test_the_desk_marks_what_the_rules_found_and_no_link_to_ourselves(client: Browser, session: Session, filed: Filed, mails: Mails, people: People, first: User) -> None:
    found = filed(text="Бұрынғы шағымым http://localhost/kk/shymkent/, енді https://skidki.shop жарнамасы")
    mails()
    case = session.scalars(select(Case).where(Case.key == found.number)).one()
    page = people.sign_in(client, first).get(f"/en/moderation/{case.id}").text
    assert re.findall("<mark[^>]*>(.*?)</mark>", page) == ["https://skidki.shop"]


def test_the_same_text_many_times_is_a_flood(session: Session, filed: Filed, mails: Mails) -> None:
    made = [filed(text="Бір мәтінді қайта-қайта жіберемін") for _ in range(4)]
    mails()
    assert session.scalars(select(Case.key)).all() == [made[-1].number]


def test_what_is_hidden_is_nowhere_and_a_tombstone_everywhere(client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, first: User, filed: Filed, now: datetime) -> None:
    hide(session, opened, people, first, now, parts=["whole"])
    pages = {path: client.get(path).text for path in (
        f"/en/shymkent/complaints/{complaint.number}", "/en/shymkent/complaints/", f"/en/shymkent/complaints/?q={SECRET}", "/en/shymkent/complaints/feed.atom",
        "/en/shymkent/complaints/map", "/en/shymkent/", f"/en/shymkent/complaints/{complaint.number}/poster", "/en/shymkent/moderation/", "/en/shymkent/moderation/log.csv",
        "/en/shymkent/moderation/feed.atom", f"/en/shymkent/moderation/{opened.id}")}
    for path, page in pages.items():
        for word in (SECRET, "Бүркенші", "Тыныш"):
            assert word not in page.replace(f'value="{SECRET}"', "").replace(f"«{SECRET}»", "").replace(f"q={SECRET}", ""), f"{path} shows {word}"
    page = pages[f"/en/shymkent/complaints/{complaint.number}"]
    assert page.count("Hidden by a moderator on April 24, 2026") + page.count("Hidden by a moderator on 24 April 2026") == 3
    assert (complaint.number in page, "Registered" in page, "Entry" in page) == (True, True, True)
    assert "A moderator has hidden a part of it" in pages["/en/shymkent/complaints/"]
    assert complaint.number not in pages[f"/en/shymkent/complaints/?q={SECRET}"]
    flagged = service.open_case(session, thing_of(session, filed()), now)
    assert client.get(f"/en/moderation/entry/{flagged.id}").status_code == 404  # nobody is told of what is flagged alone
    assert client.get(f"/en/moderation/entry/{opened.id}").headers["Location"].endswith(f"/en/shymkent/moderation/{opened.id}")


def test_the_body_that_has_to_answer_sees_it_all_the_same(client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, first: User, now: datetime) -> None:
    hide(session, opened, people, first, now)
    official = people.official(session.get_one(Body, complaint.body_id))
    assert SECRET in people.sign_in(client, official).get(f"/en/desk/?open={complaint.number}").text


def test_an_answer_of_a_body_can_be_hidden_and_its_step_stays(client: Browser, session: Session, complaint: Complaint, people: People, first: User, mails: Mails, now: datetime) -> None:
    official = people.official(session.get_one(Body, complaint.body_id), email="office@example.test")
    step = complaints.answer(session, complaint, people.actor(official), now, text="Арыз иесінің ЖСН-і: 900101300017", outcome=Outcome.EXPLAINED)
    case = service.flag(session, thing_of(session, complaint), people.actor(people.account()), now, part=f"step-{step.id}", reason=Reason.PERSONAL_DATA)
    hide(session, case, people, first, now, parts=[f"step-{step.id}"])
    page = client.get(f"/en/shymkent/complaints/{complaint.number}").text
    assert ("900101300017" in page, "Text. Hidden" in page, "Explained" in page, SECRET in page) == (False, True, True, True)
    told = {letter["To"] for letter in mails() if "hidden" in letter["Subject"] or "жасыр" in letter["Subject"]}
    assert told == {"office@example.test"}


def test_a_moderator_needs_a_reason_of_the_codex_and_something_to_hide(session: Session, opened: Case, people: People, first: User, now: datetime) -> None:
    for changes, code in (({"parts": []}, "parts_missing"), ({"reason": None}, "reason_of_codex_missing"), ({"reason": Reason.COURT_ORDER}, "document_number_missing"), ({"words": "ы" * 2001}, "too_many_characters")):
        with pytest.raises(InputRefused) as refused:
            hide(session, opened, people, first, now, **changes)
        assert refused.value.code == code
    hide(session, opened, people, first, now, reason=Reason.COURT_ORDER, document="№ 2-1234/2026")
    assert opened.document == "№ 2-1234/2026"


def test_who_may_not_decide(session: Session, complaint: Complaint, opened: Case, people: People, city: City, now: datetime) -> None:
    elsewhere = people.moderator(session.scalars(select(City).where(City.code == "astana")).one())
    author = people.moderator(city)
    opened.authors = [author.contact.id] if author.contact else []
    for user in (elsewhere, author, people.administrator(), people.official(session.get_one(Body, complaint.body_id), head=True), people.account()):
        with pytest.raises(NotAllowed):
            hide(session, opened, people, user, now)


def test_appeal_and_restore_by_a_second_moderator(client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, first: User, second: User, mails: Mails, now: datetime) -> None:
    mails()
    hide(session, opened, people, first, now)
    letter = mails.to("author@example.test")[0]
    assert ("Personal data" in words_of(letter), SECRET in words_of(letter)) == (True, False)
    page = client.get(next(link for link in links_of(letter) if "/appeal/" in link))
    assert client.submit(page, text="").status_code == 422
    client.submit(page, text="Бұл менің лақап атым.")
    session.refresh(opened)
    assert (opened.state, opened.for_administrator) == (State.APPEALED, False)
    assert [letter["To"] for letter in mails()] == ["second@example.test"]
    for user in (first, people.administrator()):
        with pytest.raises(NotAllowed):
            service.resolve(session, opened, people.actor(user), now, restore=True, text="Иә")
    service.resolve(session, opened, people.actor(second), now, restore=True, text="Лақап ат екен.")
    session.refresh(complaint)
    assert (SECRET in complaint.text, complaint.hidden, opened.withheld) == (True, None, None)
    assert SECRET in client.get(f"/kk/shymkent/complaints/?q={SECRET}").text
    assert "granted" in mails.to("author@example.test")[0]["Subject"]
    log = client.get("/en/shymkent/moderation/").text
    assert ("restored" in log, complaint.number in log, "Модератор" in log) == (True, True, False)
    with pytest.raises(TransitionForbidden):
        service.appeal(session, opened, people.actor(complaint.applicant and people.contact("author@example.test")), now, text="Тағы")


def test_with_one_moderator_an_administrator_looks_again(session: Session, opened: Case, people: People, first: User, mails: Mails, now: datetime) -> None:
    admin = people.administrator("admin@example.test")
    hide(session, opened, people, first, now)
    mails()
    service.appeal(session, opened, people.actor(people.contact("author@example.test")), now, text="Келіспеймін")
    assert opened.for_administrator
    assert [letter["To"] for letter in mails()] == ["admin@example.test"]
    with pytest.raises(NotAllowed):
        service.resolve(session, opened, people.actor(first), now, restore=False, text="Жоқ")
    service.resolve(session, opened, people.actor(admin), now, restore=False, text="Дұрыс жасырылған")
    assert opened.state == State.UPHELD


def test_the_personal_link_of_a_complaint_may_appeal(new_client: Callable[[], Browser], client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, first: User, mails: Mails, now: datetime) -> None:
    ticket = next(letter for letter in mails() if letter["To"] == "author@example.test")
    hide(session, opened, people, first, now)
    entry = f"/en/shymkent/moderation/{opened.id}"
    assert (client.get(entry).text.count("/appeal"), client.get(f"{entry}/appeal").status_code) == (0, 404)
    mine = new_client()
    mine.get(next(link for link in links_of(ticket) if "/link/" in link))
    assert f"{entry}/appeal" in mine.get(entry).text
    mine.submit(mine.get(f"{entry}/appeal"), text="Келіспеймін")
    session.refresh(opened)
    assert opened.state == State.APPEALED
    assert mine.get(f"{entry}/appeal").status_code == 303


def test_the_personal_link_appeals_only_for_what_the_applicant_wrote(new_client: Callable[[], Browser], session: Session, complaint: Complaint, people: People, first: User, mails: Mails, now: datetime) -> None:
    ticket = next(letter for letter in mails() if letter["To"] == "author@example.test")
    official = people.official(session.get_one(Body, complaint.body_id), email="office@example.test")
    step = complaints.answer(session, complaint, people.actor(official), now, text="Арыз иесінің ЖСН-і: 900101300017", outcome=Outcome.EXPLAINED)
    case = service.flag(session, thing_of(session, complaint), people.actor(people.account()), now, part=f"step-{step.id}", reason=Reason.PERSONAL_DATA)
    hide(session, case, people, first, now, parts=[f"step-{step.id}"])
    session.commit()
    entry, mine = f"/en/shymkent/moderation/{case.id}", new_client()
    mine.get(next(link for link in links_of(ticket) if "/link/" in link))
    assert ("/appeal" in mine.get(entry).text, mine.get(f"{entry}/appeal").status_code) == (False, 404)
    service.appeal(session, case, people.actor(official), now, text="Келіспейміз")
    assert case.state == State.APPEALED


def test_a_moderator_reads_no_flags_of_their_own_text(client: Browser, session: Session, opened: Case, people: People, first: User) -> None:
    desk = people.sign_in(client, first)
    assert desk.get(f"/en/moderation/{opened.id}").status_code == 200
    opened.authors = [first.contact.id]  # type: ignore[union-attr]
    session.commit()
    assert desk.get(f"/en/moderation/{opened.id}").status_code == 404


def test_the_queue_reads_no_more_for_more_rows(app: CivicFlask, client: Browser, session: Session, opened: Case, people: People, first: User, filed: Filed, now: datetime) -> None:
    desk, numbers = people.sign_in(client, first), []
    for rows in (1, 3):
        while session.scalar(select(func.count()).select_from(Case)) < rows:  # type: ignore[operator]
            service.flag(session, thing_of(session, filed()), people.actor(people.account()), now, part="text", reason=Reason.INSULT)
        session.commit()
        page, read = counted(app, lambda: desk.get("/en/moderation/").text)
        assert page.count("data-row") == rows
        numbers.append(read)
    assert numbers[0] == numbers[1]


def counted(app: CivicFlask, act: Callable[[], str]) -> tuple[str, int]:
    """What ``act`` gives, and how many statements it took."""
    with statements(app) as seen:
        return act(), len(seen)


def test_titles_of_the_queue_are_those_of_the_things(session: Session, city: City, complaint: Complaint, people: People, now: datetime) -> None:
    held = Held(session, city, people)
    wanted = [("complaint", complaint.number), ("event", held().code), ("organisation", held.organisation.code)]
    for kind, key in wanted:
        assert (kind, titles(session, [*wanted, ("nonsense", "1")])[kind, key]) == (kind, load(session, kind, key).title)  # type: ignore[union-attr]


def test_months_of_the_log_are_those_of_the_city(app: CivicFlask, session: Session, complaint: Complaint, opened: Case, people: People, first: User, filed: Filed, city: City) -> None:
    late, early = datetime(2026, 4, 30, 20, tzinfo=UTC), datetime(2026, 4, 30, 18, tzinfo=UTC)  # in Shymkent the first of May, and April still
    hide(session, opened, people, first, late)
    other = service.flag(session, thing_of(session, filed()), people.actor(people.account()), early, part="text", reason=Reason.INSULT)
    hide(session, other, people, first, early, reason=Reason.INSULT)
    seen = queries.counts(session, city.id, city.timezone, datetime(2027, 4, 29, tzinfo=UTC))
    assert seen.by_month == [("2026-05", {"personal_data": 1}), ("2026-04", {"insult": 1})]
    assert (seen.by_reason, seen.hidden, seen.flags) == ({"personal_data": 1, "insult": 1}, 2, 1)
    with app.test_request_context("/en/"):
        assert outcome_words("hide", "upheld", late, city.timezone) != outcome_words("hide", "upheld", early, city.timezone)


def test_figures_and_the_search_of_others_do_not_change(session: Session, filed: Filed, complaint: Complaint, opened: Case, people: People, first: User, client: Browser, now: datetime) -> None:
    filed(text=f"Тағы бір {SECRET} туралы")
    before = client.get("/en/shymkent/bodies/").text
    hide(session, opened, people, first, now)
    assert client.get("/en/shymkent/bodies/").text == before
    assert client.get(f"/en/shymkent/complaints/?q={SECRET}").text.count('class="complaint"') == 1


def test_history_only_grows(session: Session, complaint: Complaint, opened: Case, people: People, first: User, now: datetime) -> None:
    hide(session, opened, people, first, now)
    session.commit()
    for statement in ("UPDATE moderation_act SET reason = 'flood'", "DELETE FROM moderation_act", "DELETE FROM moderation_case", "DELETE FROM moderation_flag",
                      "UPDATE complaint_event SET text = 'x'", "UPDATE complaint_event SET kind = 'x'", "DELETE FROM complaint_event"):
        with pytest.raises(DBAPIError):
            session.execute(text(statement))
        session.rollback()


def test_the_acts_are_in_the_audit_trail_of_the_author(session: Session, filed: Filed, people: People, first: User, now: datetime) -> None:
    author = people.account()
    case = service.flag(session, thing_of(session, filed(by=author)), people.actor(people.account()), now, part="text", reason=Reason.INSULT)
    hide(session, case, people, first, now)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "moderation.hide")).one()
    assert (entry.about_user_id, entry.role, entry.facts["entry"]) == (author.id, "moderator", case.id)
    assert lines(session, [entry], named=False)[0].details == (case.key,)  # the author reads which of theirs it was


def test_after_a_case_comes_the_next_then_what_was_passed_over(now: datetime) -> None:
    first, middle, last = (Case(id=number, opened_at=now + timedelta(hours=hour)) for number, hour in ((3, 1), (1, 2), (2, 3)))
    waiting = [first, middle, last]
    assert [queries.following(waiting, case) for case in waiting] == [middle, last, first]
    assert (queries.following([first, last], middle), queries.following([first], first), queries.following([], first)) == (last, None, None)


def test_the_queue_and_a_decision_by_page(client: Browser, new_client: Callable[[], Browser], session: Session, complaint: Complaint, opened: Case, people: People, first: User, second: User, filed: Filed, mails: Mails) -> None:
    filed(text="Сілтеме: https://t.me/x қараңыз")
    mails()
    desk = people.sign_in(client, first)
    assert desk.get("/en/moderation/").text.count("data-row") == 2
    assert desk.get("/en/moderation/?sign=link").text.count("data-row") == 1
    empty = desk.get("/en/moderation/?kind=event").text
    assert ("data-row" in empty, "Nothing that waits fits this filter." in empty) == (False, True)
    assert desk.get(f"/en/moderation/{opened.id}?kind=complaint&sign=link&city=1&show=appeals").status_code == 200
    assert desk.get("/en/moderation/?show=appeals&city=nonsense&kind=nonsense").text.count("data-row") == 0
    page = desk.get(f"/en/moderation/{opened.id}")
    assert ("Көршінің аты" in page.text, SECRET in page.text) == (True, True)
    assert desk.submit(page, "/hide", parts=["text"], reason="").status_code == 422
    rival = people.sign_in(new_client(), second)
    stale = rival.get(f"/en/moderation/{opened.id}")
    hidden = desk.submit(page, "/hide", parts=["text"], reason="personal_data", words="")
    assert rival.submit(stale, "/leave").status_code == 409
    session.refresh(opened)
    assert opened.state == State.HIDDEN
    other = session.scalars(select(Case).where(Case.id != opened.id)).one()
    assert hidden.location == f"/en/moderation/{other.id}"  # a decision leads to the next case, the last one back to the queue
    assert desk.submit(desk.get(hidden.location), "/leave").location == "/en/moderation/"
    assert desk.get("/en/moderation/").text.count("data-row") == 0
    session.refresh(other)
    assert (other.state, desk.get(f"/en/shymkent/moderation/{other.id}").status_code) == (State.LEFT, 404)


@pytest.mark.parametrize("who", ["visitor", "resident", "official", "elsewhere"])
def test_the_desk_is_not_there_for_others(client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, city: City, who: str) -> None:
    astana = session.scalars(select(City).where(City.code == "astana")).one()
    made: dict[str, Callable[[], User]] = {"resident": people.account, "official": lambda: people.official(session.get_one(Body, complaint.body_id)), "elsewhere": lambda: people.moderator(astana)}
    if who != "visitor":
        people.sign_in(client, made[who]())
    expected = 303 if who == "visitor" else 404
    assert client.get(f"/en/moderation/{opened.id}").status_code == expected
    assert client.get("/en/moderation/").status_code == (200 if who == "elsewhere" else expected)


def test_flagging_by_page(client: Browser, session: Session, complaint: Complaint, people: People) -> None:
    path = f"/en/flag/complaint/{complaint.number}"
    assert client.get(path).status_code == 303
    people.sign_in(client, people.account())
    page = client.get(path)
    assert client.submit(page).status_code == 422
    client.submit(page, part="text", reason="insult", words="Қараңызшы")
    client.submit(client.get(path), part="text", reason="insult")
    assert [(f.part, f.reason, f.words) for f in session.scalars(select(Flag))] == [("text", "insult", "Қараңызшы")]
    assert [client.get(f"/en/flag/{rest}").status_code for rest in ("complaint/none", "nonsense/1", f"event/{complaint.number}")] == [404, 404, 404]


def test_private_complaints_cannot_be_flagged(client: Browser, filed: Filed, people: People) -> None:
    people.sign_in(client, people.account())
    assert client.get(f"/en/flag/complaint/{filed(private=True).number}").status_code == 404


def test_a_discussion_and_its_organisation(client: Browser, session: Session, city: City, people: People, first: User, second: User, now: datetime) -> None:
    held = Held(session, city, people)
    event = held(title={"kk": "Жала тақырып"}, text={"kk": "Жаман мәтін"})
    for kind, key, path in (("event", event.code, f"/en/shymkent/events/{event.code}"), ("organisation", held.organisation.code, f"/en/shymkent/organisations/{held.organisation.code}")):
        thing = load(session, kind, key)
        assert thing is not None
        case = service.flag(session, thing, people.actor(people.account()), now, part=thing.parts[0].name, reason=Reason.HATRED)
        hide(session, case, people, first, now, parts=["whole"], reason=Reason.HATRED)
        page = client.get(path).text
        hidden = ("Жала", "Жаман") if kind == "event" else ("Центр дискуссий",)
        assert ([word for word in hidden if word in page], "Hidden by a moderator on" in page) == ([], True)
        service.appeal(session, case, held.actor, now + timedelta(hours=1), text="Келіспейміз")
        service.resolve(session, case, people.actor(second), now + timedelta(hours=2), restore=True, text="Қалсын")
    page = client.get(f"/en/shymkent/events/{event.code}").text
    assert ("Жала" in page, "Жаман" in page, "Центр дискуссий" in page) == (True, True, True)


def test_counts_of_the_log(client: Browser, session: Session, complaint: Complaint, opened: Case, people: People, first: User, filed: Filed, now: datetime) -> None:
    hide(session, opened, people, first, now + timedelta(hours=3))
    left = service.flag(session, thing_of(session, filed()), people.actor(people.account()), now, part="text", reason=Reason.INSULT)
    service.leave(session, left, people.actor(first), now + timedelta(hours=5))
    page = client.get("/en/shymkent/moderation/").text
    assert ("4 hours" in page, "April\u00a02026" in page, "first@example.test" in page) == (True, True, False)
    assert client.get("/en/shymkent/moderation/log.csv").text.count("personal_data") == 1
    assert client.get("/en/shymkent/moderation/?before=1").status_code == 200
