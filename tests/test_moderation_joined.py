"""Questions and promises before the moderators of the city, beside the room's own moderator; personal data in what is asked and promised."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.subjects import Thing, load
from civic.places.models import City
from civic.promises import service as promises
from civic.promises.models import PromiseStep
from civic.promises.service import Evidence
from civic.questions import asking
from civic.questions import service as questions
from civic.questions.models import Question
from civic.questions.states import HiddenReason, NameShown, State
from tests.support.client import Browser
from tests.support.letters import Mails
from tests.support.people import People
from tests.support.promises import Promised
from tests.support.questions import Asking

SECRET = "Құпиясөз"
WORDS = f"Неге {SECRET} көшесінде жарық сөніп тұр?"


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


@pytest.fixture
def promised(session: Session, city: City, people: People, clock: Any) -> Promised:
    return Promised(session, city, people)


@pytest.fixture
def moderator(people: People, city: City) -> User:
    return people.moderator(city)


def thing(session: Session, kind: str, key: object) -> Thing:
    found = load(session, kind, str(key))
    assert found is not None
    return found


def hide(session: Session, people: People, moderator: User, of: Thing, now: datetime, *parts: str) -> Case:
    case = service.flag(session, of, people.actor(people.account()), now, part=of.parts[0].name, reason=Reason.PERSONAL_DATA)
    service.hide(session, case, people.actor(moderator), now, parts=parts, reason=Reason.PERSONAL_DATA)
    session.commit()
    return case


def test_a_question_loses_its_words_and_keeps_its_way(asked: Asking, session: Session, people: People, moderator: User, client: Browser, city: City, mails: Mails, now: Any) -> None:
    asker = people.contact("asker@example.test", locale="en")
    question = asked.ask(WORDS, asked.registered(asker), name="Бүркенші Есім", name_shown=NameShown.NAME)
    session.commit()
    paths = [f"/en/questions/{question.id}", f"/en/shymkent/events/{asked.event.code}/questions", f"/en/shymkent/events/{asked.event.code}",
             f"/en/screen/{asked.room.code}/live.json?v=0"]
    assert all(SECRET in client.get(path).text for path in paths[:3])
    version = asked.room.version
    case = hide(session, people, moderator, thing(session, "question", question.id), now, "whole")
    for path in paths[:3]:
        page = client.get(path).text
        assert (SECRET in page, "Бүркенші" in page, "idden" in page) == (False, False, True)
    page = client.get(paths[0]).text
    assert "Hidden by a moderator on" in page and f"/moderation/entry/{case.id}" in page
    assert (question.state, question.votes) == (State.SHOWN, 1)
    assert asked.room.version > version and question.changed == asked.room.version  # open views are told
    assert asking.similar(session, asked.room, WORDS) == []
    assert any("asker@example.test" in str(letter["To"]) and "idden" in letter["Subject"] for letter in mails())
    service.appeal(session, case, people.actor(asker), now, text="Бұл көшенің аты ғой")
    service.resolve(session, case, people.actor(people.moderator(city, "second@example.test")), now, restore=True, text="Рас, көшенің аты")
    session.commit()
    assert SECRET in client.get(paths[0]).text and question.hidden is None
    assert [s.question.id for s in asking.similar(session, asked.room, WORDS)] == [question.id]


def test_two_moderators_hide_a_question_and_neither_undoes_the_other(asked: Asking, session: Session, people: People, moderator: User, client: Browser, now: Any) -> None:
    question = asked.ask(WORDS)
    questions.hide(session, question, asked.actor, now, reason=HiddenReason.INSULT)
    session.commit()
    path = f"/en/questions/{question.id}"
    assert SECRET not in client.get(path).text and "Hidden: insult" in client.get(path).text
    hide(session, people, moderator, thing(session, "question", question.id), now, "text")
    page = client.get(path).text
    assert "Hidden: insult" in page and "Hidden by a moderator on" in page  # both reasons stand
    questions.unhide(session, question, asked.actor, now)
    session.commit()
    page = client.get(path).text
    assert (SECRET in page, "Not answered yet" in page) == (False, True)


def test_a_question_that_nobody_has_seen_is_no_matter_for_the_city(session: Session, city: City, people: People, clock: Any, client: Browser) -> None:
    waiting = Asking(session, city, people, moderated=True).ask(WORDS)
    session.commit()
    assert load(session, "question", str(waiting.id)) is None and load(session, "question", "x" * 300) is None
    people.sign_in(client, people.account())
    assert client.get(f"/en/flag/question/{waiting.id}").status_code == 404


def test_rules_look_at_what_is_asked(asked: Asking, session: Session, mails: Mails) -> None:
    plain, bad = asked.ask("Қашан жол жөнделеді, жауап беріңізші?"), asked.ask("Почему никто не отвечает по 87771234567?")
    mails()
    assert [(c.kind, c.key, c.signs) for c in session.scalars(select(Case))] == [("question", str(bad.id), " phone ")]
    assert plain.state == State.SHOWN and bad.text.endswith("87771234567?")  # nothing was hidden


def test_rules_look_at_what_is_said_of_a_promise(promised: Promised, session: Session, mails: Mails, now: Any) -> None:
    promise = promised.confirmed()
    promises.claim(session, promise, promised.of_body, now, Evidence("Міне, дәлел.", "https://example.kz/report"))
    mails()
    assert session.scalars(select(Case)).all() == []  # a link is what evidence is made of
    promises.make_statement(session, promise, promised.of_body, now, Evidence("Звоните 87771234568"))
    mails()
    assert [(c.kind, c.key, c.signs) for c in session.scalars(select(Case))] == [("promise", promise.number, " phone ")]


def test_evidence_of_a_promise_is_hidden_step_by_step_and_comes_back(promised: Promised, session: Session, people: People, moderator: User, client: Browser, city: City, now: Any) -> None:
    promise = promised.confirmed()
    step = promises.claim(session, promise, promised.of_body, now, Evidence(f"Міне, {SECRET}.", "https://example.kz/secret"))
    session.commit()
    path = f"/en/promises/{promise.number}"
    assert f"/flag/promise/{promise.number}" in client.get(path).text
    case = hide(session, people, moderator, thing(session, "promise", promise.number), now, f"step-{step.id}", f"links-{step.id}")
    page = client.get(path).text
    assert (SECRET in page, "example.kz/secret" in page, page.count("Hidden by a moderator on")) == (False, False, 2)
    assert "The body reports: kept" in page
    contact = promised.official.contact
    assert contact is not None and case.authors == [contact.id]
    service.appeal(session, case, people.actor(promised.official), now, text="Онда ештеңе жоқ")
    service.resolve(session, case, people.actor(people.moderator(city, "second@example.test")), now, restore=True, text="Рас")
    session.commit()
    page = client.get(path).text
    assert SECRET in page and "example.kz/secret" in page


def test_the_database_lets_go_of_words_only_with_their_mark(promised: Promised, session: Session) -> None:
    number = promised().number
    step_id = session.scalars(select(PromiseStep.id)).first()
    for change in ("text = 'x'", "links = '[]'", "kind = 'claim'", "facts = '{}'"):
        with pytest.raises(DatabaseError):
            session.execute(text(f"UPDATE promise_step SET {change} WHERE id = {step_id}"))
        session.rollback()
    assert number


def test_whoever_asks_is_warned_of_personal_data_and_may_send_it_all_the_same(asked: Asking, session: Session, people: People, client: Browser) -> None:
    person = people.account()
    asked.registered(person)
    session.commit()
    people.sign_in(client, person)
    path = f"/en/r/{asked.room.code}"
    warned = client.submit(client.get(path), "/ask", text="Неге 87771234567 жауап бермейді?", name_shown="unnamed")
    assert warned.status_code == 409 and "<mark>87771234567</mark>" in warned.text and "Send it as it is" in warned.text
    assert session.scalars(select(Question)).all() == []
    assert client.submit(warned, 0).status_code == 303
    assert session.scalars(select(Question.text)).all() == ["Неге 87771234567 жауап бермейді?"]


def test_whoever_writes_of_a_promise_is_warned_once(promised: Promised, session: Session, people: People, client: Browser) -> None:
    promise = promised.confirmed()
    people.sign_in(client, promised.official)
    path = f"/en/promises/{promise.number}/state"
    typed = {"text": "Сұрақ болса: 8 777 123 45 67"}
    warned = client.submit(client.get(path), **typed)
    assert warned.status_code == 422 and "<mark>8 777 123 45 67</mark>" in warned.text
    assert len(session.scalars(select(PromiseStep)).all()) == 2
    assert client.submit(warned).status_code == 303
    assert len(session.scalars(select(PromiseStep)).all()) == 3
