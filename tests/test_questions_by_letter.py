"""A body without accounts answers in writing through the link of a letter: the button in a second letter, and links that give nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.clock import utc_now
from civic.core.errors import NotAllowed
from civic.invitations import service as invitations
from civic.invitations.links import HELD_LIVES
from civic.places.models import City
from civic.questions import offices, queries, service
from civic.questions.models import HeldAnswer, Question, RoomStep
from civic.questions.offices import MOST_LETTERS
from civic.questions.rules import Office
from civic.questions.states import State
from civic.questions.sweep import sweep
from tests.support.client import Browser, find_form, form_values
from tests.support.invitations import STARTS
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People
from tests.support.questions import Asking
from tests.support.together import together

AIR, DUMP = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді?", "Когда закроют свалку у Коянды?"
OFFICE, ANSWER = "office@example.test", "Датчиктер 20 мамырда ауыстырылды."


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


@pytest.fixture
def question(asked: Asking, session: Session, people: People, clock: Any, mails: Mails) -> Question:
    """Put to a body without accounts and not answered in the room; its letter is not read yet."""
    asked.host.invite(asked.event, asked.host.body(), email=OFFICE)
    put = asked.ask(AIR, asked.registered(people.contact("asker@example.test")), body_id=asked.host.body().id)
    mails()
    asked.begin(clock)
    asked.finish(clock)
    sweep(session, utc_now())
    return put


def link(letter: Any, lang: str = "kk") -> str:
    return next(x for x in links_of(letter) if x.startswith(f"/{lang}/questions/"))


def test_the_office_answers_through_the_letter_and_presses_the_button(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails) -> None:
    mine, [letter] = new_client(), mails.to(OFFICE)
    assert AIR in words_of(letter) and {link(letter, "ru")[:4], link(letter)[:4]} == {"/ru/", "/kk/"}
    assert "does not answer here" not in new_client().get(f"/en/questions/{question.id}").text
    page = mine.get(link(letter))
    assert (page.status_code, page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == (200, "no-store", "same-origin") and AIR in page.text
    assert question.state == State.FOR_WRITING  # opening it changes nothing
    assert mine.submit(page, text="  ").status_code == 422
    long = mine.submit(page, text="ә" * 10_001, once="1" * 32)
    assert long.status_code == 422 and "ә" * 10_001 in long.text
    sent = mine.submit(page, text=ANSWER, once="2" * 32, follow=True)
    assert sent.status_code == 200 and f'data-clear-keep="question-answer-{question.id}"' in sent.text
    session.refresh(question)
    assert question.state == State.FOR_WRITING and ANSWER not in new_client().get(f"/kk/questions/{question.id}").text

    [second] = mails.to(OFFICE)
    assert ANSWER in words_of(second)
    phone = new_client()
    button = phone.get(link(second))
    assert ANSWER in button.text and session.scalars(select(HeldAnswer)).one().taken_at is None
    assert phone.submit(button).headers["Location"] == f"/kk/questions/{question.id}"
    session.refresh(question)
    assert (question.state, question.answer, question.late, question.answer_language) == (State.ANSWERED_IN_WRITING, ANSWER, False, "kk")
    step = session.scalars(select(RoomStep).where(RoomStep.kind == "answer_in_writing")).one()
    number = invitation_of(session, question).number
    assert (step.role, step.user_id, step.facts) == ("body", None, {"late": False, "invitation": number})
    public = new_client().get(f"/en/questions/{question.id}").text
    assert ANSWER in public and f"Through the letter to the address of invitation {number}" in public and OFFICE not in public
    assert ANSWER in words_of(mails.to("asker@example.test")[0])
    record = queries.record_of_body(session, question.body_id or 0)
    assert (record.asked, record.on_time, record.not_answered) == (1, 1, 0)


def test_the_reminder_has_a_link_that_works(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    mails.to(OFFICE)
    assert question.due_on is not None
    clock.move_to(datetime.combine(question.due_on - timedelta(days=3), STARTS.timetz()))
    sweep(session, utc_now())
    [letter] = mails.to(OFFICE)
    assert letter["Subject"].startswith("Еске салу") and new_client().get(link(letter)).status_code == 200


def test_over_tls_the_form_can_be_sent(question: Question, make_app: Callable[..., Any], mails: Mails) -> None:
    """As a browser does it: it tells from which page the form comes, unless the page's policy forbids that."""
    path, base = link(mails.to(OFFICE)[0]), "https://civic.example.kz"
    browser = make_app(public_url=base).test_client()
    page = browser.get(path, base_url=base)
    told = {} if page.headers["Referrer-Policy"] == "no-referrer" else {"Referer": base + path}
    assert browser.post(path, base_url=base, data={**form_values(find_form(page.text, 0)), "text": ANSWER}, headers=told).status_code == 303


def invitation_of(session: Session, question: Question) -> Any:
    from civic.invitations.models import Invitation

    return session.scalars(select(Invitation).where(Invitation.body_id == question.body_id, Invitation.event_id == question.room.event_id)).one()


def test_a_used_link_and_a_used_button_are_dead(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails) -> None:
    browser, where = new_client(), link(mails.to(OFFICE)[0])
    page = browser.get(where)
    browser.submit(page, text=ANSWER)
    browser.submit(page, text="Екінші жауап", once="2" * 32)
    first, second = (link(letter) for letter in sorted(mails.to(OFFICE), key=lambda m: ANSWER not in words_of(m)))
    pressed, other = browser.get(first), browser.get(second)
    assert [browser.submit(pressed).status_code, browser.submit(pressed, once="3" * 32).status_code] == [303, 410]
    assert browser.submit(other).status_code == 410  # the question has its answer
    assert [new_client().get(address).status_code for address in (where, first, second)] == [410] * 3
    assert browser.submit(page, text="Үшінші жауап", once="4" * 32).status_code == 410
    session.refresh(question)
    assert question.answer == ANSWER and len(session.scalars(select(RoomStep).where(RoomStep.kind == "answer_in_writing")).all()) == 1


def test_who_got_a_forwarded_letter_answers_nothing_and_floods_nobody(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails) -> None:
    where = link(mails.to(OFFICE)[0])
    answers = []
    for n in range(MOST_LETTERS + 1):
        stranger = new_client()
        answers.append(stranger.submit(stranger.get(where), text=f"Бөтеннің {n}-сөзі").status_code)
    assert answers == [303] * MOST_LETTERS + [422]
    assert "Бөтеннің" not in new_client().get(f"/kk/questions/{question.id}").text + new_client().get(where).text
    assert [letter["To"] for letter in mails()] == [OFFICE] * MOST_LETTERS
    session.refresh(question)
    assert question.state == State.FOR_WRITING


def test_whoever_uses_up_the_letters_of_a_day_keeps_the_office_from_nothing(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    where, office = link(mails.to(OFFICE)[0]), new_client()
    for n in range(MOST_LETTERS):
        stranger = new_client()
        assert stranger.submit(stranger.get(where), text=f"Бөтеннің {n}-сөзі").status_code == 303
    refused = office.submit(office.get(where.replace("/kk/", "/en/")), text=ANSWER)
    assert refused.status_code == 422 and ANSWER in refused.text  # what was typed is kept
    letters = mails.to(OFFICE)
    assert len(letters) == MOST_LETTERS

    page = office.get(link(letters[2]))
    assert "Бөтеннің" in page.text and office.submit(page, text=" ").status_code == 422
    assert office.submit(page, text="ә" * 10_001, once="1" * 32).status_code == 422
    session.refresh(question)
    assert question.state == State.FOR_WRITING
    assert office.submit(page, text=ANSWER, once="2" * 32).status_code == 303
    session.refresh(question)
    assert (question.state, question.answer) == (State.ANSWERED_IN_WRITING, ANSWER)
    assert [office.get(link(letter)).status_code for letter in letters] == [410] * MOST_LETTERS
    assert "Бөтеннің" not in new_client().get(f"/kk/questions/{question.id}").text


def test_the_next_day_the_link_sends_letters_again(question: Question, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    where, browser = link(mails.to(OFFICE)[0]), new_client()
    sent = []
    for days in (0, 1):
        clock.shift(timedelta(days=days, minutes=1))
        page = browser.get(where)
        sent += [browser.submit(page, text=f"{n}-сөз", once=f"{days}{n}" * 16).status_code for n in range(MOST_LETTERS + 1)]
    assert sent == ([303] * MOST_LETTERS + [422]) * 2 and len(mails.to(OFFICE)) == 2 * MOST_LETTERS


def test_when_the_body_has_an_account_neither_letter_sends_anything(question: Question, session: Session, people: People, new_client: Callable[[], Browser], mails: Mails) -> None:
    browser, where = new_client(), link(mails.to(OFFICE)[0])
    page = browser.get(where)
    browser.submit(page, text=ANSWER)
    second = link(mails.to(OFFICE)[0])
    button = browser.get(second)
    official = people.official(question.body, email="desk@example.test")

    answers = [browser.get(where.replace("/kk/", "/en/")), browser.submit(page, text="Тағы бір жауап", once="1" * 32),
               browser.get(second), browser.submit(button, text="Түзетілген жауап", once="2" * 32)]
    assert [a.status_code for a in answers] == [410] * 4
    assert "The body answers through its accounts now" in answers[0].text
    assert ANSWER not in answers[0].text  # whoever has the forwarded link reads nothing that others wrote
    assert ["Тағы бір жауап" in answers[1].text, ANSWER in answers[2].text, "Түзетілген жауап" in answers[3].text] == [True] * 3
    assert all(f"/desk/questions/{question.id}" in a.text for a in answers)
    session.refresh(question)
    assert question.state == State.FOR_WRITING and mails.to(OFFICE) == []
    assert session.scalars(select(HeldAnswer)).one().taken_at is None

    official.memberships[0].ended_at = utc_now()  # nobody is left at the desk
    session.commit()
    assert browser.submit(browser.get(second)).status_code == 303
    session.refresh(question)
    assert question.answer == ANSWER


def test_who_sends_many_at_once_floods_nobody_either(question: Question, session: Session, clock: Any, mails: Mails) -> None:
    step = session.scalars(select(RoomStep.id).where(RoomStep.kind == "hand_over")).one()
    invitation, now = invitation_of(session, question), utc_now()
    letter = offices.Letter(question.id, invitation.id, invitation.contact_id, step)
    words = [f"Бөтеннің {n}-сөзі" for n in range(2 * MOST_LETTERS)]
    answers = together(session, lambda own: offices.hold(own, letter, now, text=words.pop()), len(words))
    assert answers == ["done"] * MOST_LETTERS + ["office_letters_sent"] * MOST_LETTERS


def test_after_its_term_neither_link_nor_button_works(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    browser, where = new_client(), link(mails.to(OFFICE)[0])
    due = question.due_on
    assert due is not None
    clock.move_to(datetime(due.year, due.month, due.day, 22, tzinfo=STARTS.tzinfo))
    page = browser.get(where)
    assert browser.submit(page, text=ANSWER).status_code == 303
    button = link(mails.to(OFFICE)[0])
    pressed = browser.get(button)
    clock.shift(timedelta(hours=3))  # the next day, before the sweep has come
    assert [browser.get(where).status_code, browser.get(button).status_code, browser.submit(pressed).status_code] == [410] * 3
    assert browser.submit(page, text=ANSWER, once="2" * 32).status_code == 410
    sweep(session, utc_now())
    assert question.state == State.NOT_ANSWERED and browser.get(where).status_code == 410


def test_a_button_works_for_three_days_and_what_nobody_confirms_is_forgotten(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    browser, where = new_client(), link(mails.to(OFFICE)[0])
    browser.submit(browser.get(where), text=ANSWER)
    button = link(mails.to(OFFICE)[0])
    clock.shift(HELD_LIVES + timedelta(minutes=1))
    assert (browser.get(button).status_code, browser.get(where).status_code) == (410, 200)
    clock.shift(HELD_LIVES)
    sweep(session, utc_now())
    assert session.scalars(select(HeldAnswer)).all() == []


def test_a_new_answer_is_not_taken_for_one_that_was_forgotten(question: Question, session: Session, new_client: Callable[[], Browser], mails: Mails, clock: Any) -> None:
    browser, where = new_client(), link(mails.to(OFFICE)[0])
    browser.submit(browser.get(where), text="Ескі жауап")
    old = link(mails.to(OFFICE)[0])
    clock.shift(2 * HELD_LIVES + timedelta(minutes=1))
    sweep(session, utc_now())
    session.commit()
    assert browser.submit(browser.get(where), text=ANSWER).status_code == 303
    [letter] = mails.to(OFFICE)  # its number was never used, so nothing takes its letter for one that went
    assert ANSWER in words_of(letter) and browser.get(old).status_code == 410


def test_a_withdrawn_invitation_and_a_handing_over_anew_end_the_link(asked: Asking, session: Session, client: Browser, mails: Mails, clock: Any) -> None:
    road, akimat = asked.host.body(), asked.host.body("akimat")
    invitation = asked.host.invite(asked.event, road, email=OFFICE)
    other = asked.host.invite(asked.event, akimat, email="akimat@example.test")
    first, second = asked.ask(AIR, body_id=road.id), asked.ask(DUMP, body_id=akimat.id)
    mails()
    for question in (first, second):
        service.hand_over(session, question, asked.actor, utc_now())
    places = {str(m["To"]): link(m) for m in mails() if "office" in str(m["To"]) or "akimat" in str(m["To"])}
    assert [client.get(p).status_code for p in places.values()] == [200, 200]
    invitations.withdraw(session, invitation, asked.actor, utc_now(), text="Тақырып өзгерді")
    assert [client.get(places[a]).status_code for a in (OFFICE, "akimat@example.test")] == [410, 200]
    service.answer_live(session, second, asked.actor, utc_now())  # pressed by mistake, and handed over once more
    service.reopen(session, second, asked.actor, utc_now())
    service.hand_over(session, second, asked.actor, utc_now())
    [letter] = mails.to("akimat@example.test")
    assert [client.get(places["akimat@example.test"]).status_code, client.get(link(letter)).status_code] == [410, 200]
    assert other.contact_id is not None


@pytest.mark.parametrize("wrong", ["x", "WzEsMSwxLDFd.abc.def"])
def test_a_mistyped_link(client: Browser, now: Any, wrong: str) -> None:
    assert [client.get(f"/kk/questions/{way}/{wrong}").status_code for way in ("link", "confirm")] == [410, 410]


def test_a_link_of_an_invitation_opens_no_question(question: Question, session: Session, client: Browser, app: Any) -> None:
    from civic.complaints.filing_views import signer

    invitation = invitation_of(session, question)
    step = session.scalars(select(RoomStep.id).where(RoomStep.kind == "hand_over")).one()
    with app.test_request_context():
        right = [question.id, invitation.id, invitation.contact_id, step]
        forged = [signer("invitation").dumps(right), *(signer("question-answer").dumps(changed) for changed in (
            [question.id, invitation.id, invitation.contact_id + 1, step], [question.id + 1, *right[1:]], [*right[:3], step + 1], [question.id, 10**6, *right[2:]]))]
        good = signer("question-answer").dumps(right)
    assert [client.get(f"/kk/questions/link/{token}").status_code for token in (good, *forged)] == [200] + [410] * 5


def test_whose_letter_it_is(asked: Asking, session: Session, people: People, clock: Any, mails: Mails) -> None:
    road, akimat = asked.host.body(), asked.host.body("akimat")
    people.official(road, email="desk@example.test")
    asked.host.invite(asked.event, road, name="Серік Ахметұлы", email="named@example.test")
    asked.host.invite(asked.event, akimat, name="Айдос Ерланұлы", email="aidos@example.test")
    to_desk, to_named = asked.ask(AIR, body_id=road.id), asked.ask(DUMP, body_id=akimat.id)
    mails()
    for question in (to_desk, to_named):
        service.hand_over(session, question, asked.actor, utc_now())
    told = {str(m["To"]): words_of(m) for m in mails()}
    assert AIR in told["desk@example.test"] and "/desk/questions/" in told["desk@example.test"]
    assert "named@example.test" not in told  # who has a desk answers there
    assert DUMP in told["aidos@example.test"] and "/questions/link/" in told["aidos@example.test"]
    assert offices.addressed(session, to_desk) == []


def test_the_letter_of_one_question_answers_no_other(asked: Asking, session: Session, question: Question) -> None:
    office = Office(contact_id=invitation_of(session, question).contact_id, question_id=question.id + 1)
    with pytest.raises(NotAllowed):
        service.answer_in_writing(session, question, office, utc_now(), text=ANSWER)
