"""Letters: who gets which, in which language, once, and how they end."""

import smtplib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale, gettext
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import service
from civic.complaints.models import Complaint, Follow
from civic.complaints.states import AppealKind, Outcome, ReturnGround
from civic.complaints.sweep import sweep
from civic.core.actor import SYSTEM, Actor
from civic.jobs.models import Outbox
from civic.jobs.service import CLAIM, LONGEST_WAIT, claim, deliver
from civic.notifications.mailer import FolderMailer
from civic.places.models import City
from civic.web.locale import LOCALES
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")


@dataclass
class Scene:
    """A complaint with everybody around it; letters about its registration are read already."""

    complaint: Complaint
    applicant: Contact
    follower: Contact
    official: User
    colleague: User
    head: User
    next_official: User
    water: Body


@pytest.fixture
def scene(session: Session, filed: Filed, people: People, mails: Mails, city: City, now: datetime) -> Scene:
    road, water = (session.scalars(select(Body).where(Body.code == code, Body.city_id == city.id)).one() for code in ("road", "water"))
    staff = [people.official(road, email="official@x.kz"), people.official(road, email="colleague@x.kz"), people.official(road, head=True, email="head@x.kz"),
             people.official(water, email="next@x.kz")]
    applicant, follower = people.contact("applicant@x.kz"), people.contact("follower@x.kz", locale="ru")
    c = filed(by=applicant, body=road, kind=AppealKind.APPLICATION)
    service.follow(session, c, follower.id, now)
    mails()
    return Scene(c, applicant, follower, *staff, water)


def _step(name: str, scene: Scene, session: Session, people: People, now: datetime) -> None:
    """Take one step, with those that have to come before it."""
    c, official, head = scene.complaint, people.actor(scene.official), people.actor(scene.head)
    resident = Actor(contact_id=scene.applicant.id)
    {
        "accept": lambda: service.accept(session, c, official, now),
        "forward": lambda: service.forward(session, c, official, now, body_id=scene.water.id, text="Су"),
        "extend": lambda: service.extend(session, c, head, now, until=date(2026, 6, 24), text="Сараптама"),
        "hold_hearing": lambda: service.hold_hearing(session, c, official, now, on=date(2026, 4, 30), text="Шешім"),
        "return": lambda: service.return_(session, c, official, now, ground=ReturnGround.REPEATED, text="Шешілген"),
        "answer": lambda: service.answer(session, c, official, now, text="Жөнделді", outcome=Outcome.EXPLAINED),
        "confirm": lambda: service.confirm(session, c, resident, now),
        "dispute": lambda: service.dispute(session, c, resident, now, text="Жоқ"),
        "reopen": lambda: service.reopen(session, c, head, now, text="Қараймыз"),
        "withdraw": lambda: service.withdraw(session, c, resident, now),
        "information": lambda: service.add_information(session, c, resident, now, text="Тағы"),
        "lapse": lambda: service.lapse(session, c, SYSTEM, now),
    }[name]()


BEFORE = {"hold_hearing": ["accept"], "confirm": ["answer"], "dispute": ["answer"], "lapse": ["answer"], "reopen": ["answer", "dispute"]}
RESIDENTS, BODY = ["applicant@x.kz", "follower@x.kz"], ["colleague@x.kz", "head@x.kz", "official@x.kz"]


@pytest.mark.parametrize(("step", "told"), [
    ("accept", RESIDENTS), ("forward", [*RESIDENTS, "next@x.kz"]), ("extend", RESIDENTS), ("hold_hearing", RESIDENTS), ("return", RESIDENTS), ("answer", RESIDENTS),
    ("confirm", ["follower@x.kz"]), ("dispute", ["follower@x.kz", "head@x.kz"]), ("reopen", RESIDENTS), ("withdraw", ["follower@x.kz", *BODY]),
    ("information", ["follower@x.kz", *BODY]), ("lapse", RESIDENTS),
])
def test_who_is_told_of_each_step(session: Session, scene: Scene, people: People, mails: Mails, now: datetime, step: str, told: list[str]) -> None:
    for earlier in BEFORE.get(step, []):
        _step(earlier, scene, session, people, now)
    mails()
    _step(step, scene, session, people, now)
    letters = mails()
    assert sorted(letter["To"] for letter in letters) == sorted(told)
    assert mails() == []
    applicant_only = [letter for letter in letters if "/link/" in words_of(letter)]
    assert [letter["To"] for letter in applicant_only] == [x for x in told if x == "applicant@x.kz"]


def test_registration_tells_the_applicant_and_the_whole_body(session: Session, filed: Filed, people: People, mails: Mails, city: City) -> None:
    default = session.get_one(Body, city.default_body_id)
    people.official(default, email="official@x.kz")
    people.official(default, head=True, email="head@x.kz")
    c = filed(by=people.contact("applicant@x.kz"))
    letters = {letter["To"]: letter for letter in mails()}
    assert sorted(letters) == ["applicant@x.kz", "head@x.kz", "official@x.kz"]
    assert ["2026" in words_of(letters["applicant@x.kz"]), c.number in letters["applicant@x.kz"]["Subject"]] == [True, True]


def test_an_assigned_official_is_told_alone_of_what_is_added(session: Session, scene: Scene, people: People, mails: Mails, now: datetime) -> None:
    scene.complaint.assignee_id = scene.colleague.id
    _step("information", scene, session, people, now)
    assert sorted(letter["To"] for letter in mails()) == ["colleague@x.kz", "follower@x.kz"]


def test_the_actor_with_an_account_is_not_written_to(session: Session, scene: Scene, people: People, mails: Mails, now: datetime) -> None:
    service.follow(session, scene.complaint, scene.official.contact.id, now)  # type: ignore[union-attr]
    _step("accept", scene, session, people, now)
    assert sorted(letter["To"] for letter in mails()) == RESIDENTS


@pytest.mark.parametrize("locale", ["kk", "ru", "en"])
def test_each_reader_in_their_own_language(session: Session, scene: Scene, people: People, mails: Mails, now: datetime, locale: str) -> None:
    scene.applicant.locale, scene.follower.locale = locale, "en" if locale != "en" else "kk"
    _step("accept", scene, session, people, now)
    subjects = {letter["To"]: letter["Subject"] for letter in mails()}
    assert subjects["applicant@x.kz"] != subjects["follower@x.kz"]
    with mails.app.test_request_context(), force_locale(LOCALES[locale]):
        expected = gettext("Taken into work")
    assert subjects["applicant@x.kz"] == f"{scene.complaint.number}: {expected}"


# Due dates --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("day", "assigned", "told"), [
    (15, False, BODY), (15, True, ["colleague@x.kz"]), (21, False, BODY), (21, True, ["colleague@x.kz", "head@x.kz"]), (14, False, []),
])
def test_who_is_warned_of_a_due_date(session: Session, scene: Scene, mails: Mails, clock: Any, day: int, assigned: bool, told: list[str]) -> None:
    scene.complaint.assignee_id = scene.colleague.id if assigned else None
    clock.move_to(datetime(2026, 5, day, 0, 0, tzinfo=ALMATY))
    for _ in range(3):
        sweep(session, datetime.now(ALMATY))
        session.commit()
    assert sorted(letter["To"] for letter in mails()) == told


def test_a_warning_that_is_out_of_date_is_not_sent(session: Session, scene: Scene, people: People, mails: Mails, now: datetime) -> None:
    sweep(session, datetime(2026, 5, 21, tzinfo=ALMATY))
    _step("answer", scene, session, people, now)
    assert sorted(letter["To"] for letter in mails()) == RESIDENTS


def test_each_answer_is_asked_about_in_a_letter_of_its_own(session: Session, scene: Scene, people: People, mails: Mails, now: datetime, clock: Any) -> None:
    asked = []
    for at in (now, now + timedelta(days=14)):
        clock.move_to(at)
        if scene.complaint.state == "answered":
            _step("dispute", scene, session, people, at)
        service.answer(session, scene.complaint, people.actor(scene.head), at, text="Жауап", outcome=Outcome.EXPLAINED)
        mails()
        clock.shift(timedelta(days=13))
        sweep(session, datetime.now(ALMATY))
        asked.append([letter["To"] for letter in mails()])
    assert asked == [["applicant@x.kz"]] * 2


# Once a day -------------------------------------------------------------------------------------------------------------

def test_a_day_comes_in_one_letter(session: Session, scene: Scene, people: People, mails: Mails, now: datetime, clock: Any) -> None:
    scene.follower.delivery = "daily"
    for step in ("accept", "information", "answer"):
        _step(step, scene, session, people, now)
    assert "follower@x.kz" not in [letter["To"] for letter in mails()]
    clock.move_to(datetime(2026, 4, 25, 7, 59, 59, tzinfo=ALMATY))
    assert mails() == []
    clock.move_to(datetime(2026, 4, 25, 8, 0, tzinfo=ALMATY))
    [letter] = mails()
    assert (letter["To"], words_of(letter).count(f"* {scene.complaint.number}: ")) == ("follower@x.kz", 3)
    clock.shift(timedelta(days=2))
    assert mails() == []


# The end of letters -----------------------------------------------------------------------------------------------------

@pytest.fixture
def letter(session: Session, scene: Scene, people: People, mails: Mails, now: datetime) -> EmailMessage:
    """A letter of a step to the follower."""
    _step("accept", scene, session, people, now)
    return mails.to("follower@x.kz")[0]


def _follows(session: Session, scene: Scene) -> bool:
    session.rollback()
    return session.scalar(select(Follow.id).where(Follow.complaint_id == scene.complaint.id, Follow.contact_id == scene.follower.id)) is not None


def test_one_click_of_the_mail_program_ends_letters(client: Browser, session: Session, scene: Scene, people: People, letter: EmailMessage, mails: Mails, now: datetime) -> None:
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = letter["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost")
    for _ in range(2):
        assert client.get(link).status_code == 200
    assert _follows(session, scene) is True
    answers = [client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]
    assert (answers, _follows(session, scene)) == ([200, 200], False)
    _step("answer", scene, session, people, now)
    assert [x["To"] for x in mails()] == ["applicant@x.kz"]


def test_the_button_ends_letters(client: Browser, session: Session, scene: Scene, letter: EmailMessage) -> None:
    page = client.get(letter["List-Unsubscribe"].strip(" <>").removeprefix("http://localhost"))
    assert (client.submit(page).status_code, _follows(session, scene)) == (200, False)


@pytest.mark.parametrize("token", ["x", "%00", "WzEsMV0.aaaa.bbbb"])
def test_a_damaged_link_ends_nothing(client: Browser, session: Session, scene: Scene, token: str) -> None:
    assert client.post(f"/ru/unfollow/{token}").status_code in (404, 410)
    assert _follows(session, scene) is True


def test_a_link_of_another_kind_ends_nothing(client: Browser, session: Session, scene: Scene, people: People, mails: Mails, now: datetime) -> None:
    _step("accept", scene, session, people, now)
    [personal] = [x for x in links_of(mails.to("applicant@x.kz")[0]) if "/link/" in x]
    assert client.post("/ru/unfollow/" + personal.rpartition("/")[2]).status_code == 410


def test_letters_of_officials_cannot_be_ended(session: Session, filed: Filed, people: People, mails: Mails, scene: Scene, now: datetime) -> None:
    _step("forward", scene, session, people, now)
    [to_body] = mails.to("next@x.kz")
    assert (to_body["List-Unsubscribe"], to_body["List-Unsubscribe-Post"]) == (None, None)


def test_unfollowing_without_a_proven_address_leads_to_the_page(client: Browser, scene: Scene) -> None:
    number = scene.complaint.number
    assert client.get(f"/kk/shymkent/complaints/{number}/unfollow").headers["Location"] == f"/kk/shymkent/complaints/{number}"


def test_a_private_complaint_takes_no_support(client: Browser, session: Session, scene: Scene, people: People, filed: Filed) -> None:
    c = filed(private=True, body=session.get_one(Body, scene.complaint.body_id))
    page = people.sign_in(client, scene.official).get(f"/kk/shymkent/complaints/{c.number}/support")
    assert page.status_code == 403 or client.submit(page).status_code == 403
    session.refresh(c)
    assert c.supporters == 0


def test_the_applicant_is_not_counted(session: Session, scene: Scene, now: datetime) -> None:
    assert service.support(session, scene.complaint, scene.applicant.id, now) is False
    session.refresh(scene.complaint)
    assert scene.complaint.supporters == 0


def _order_letters(app: CivicFlask, session: Session, now: datetime) -> None:
    """Let the step order its letters, and send none of them yet."""
    session.commit()
    queue = app.extensions["civic_queue"]
    with app.app_context():
        assert deliver(session, queue.handlers, now)
    session.commit()


# Failing mail servers ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("delivery", ["at_once", "daily"])
@pytest.mark.parametrize("error", [OSError("down"), smtplib.SMTPServerDisconnected("gone"), smtplib.SMTPRecipientsRefused({})])
def test_a_failing_mail_server_is_asked_again_ever_later_and_the_letter_comes_once(
        app: CivicFlask, session: Session, scene: Scene, people: People, mails: Mails, now: datetime, clock: Any, monkeypatch: pytest.MonkeyPatch,
        delivery: str, error: Exception) -> None:
    scene.follower.delivery = delivery
    service.unfollow(session, scene.complaint, scene.applicant.id)
    _step("accept", scene, session, people, now)
    _order_letters(app, session, now)
    clock.move_to(datetime(2026, 4, 25, 8, 0, tzinfo=ALMATY))
    sent = FolderMailer.send

    def fail(self: FolderMailer, letter: EmailMessage) -> None:
        raise error

    monkeypatch.setattr(FolderMailer, "send", fail)
    waits = []
    for _ in range(10):
        app.extensions["civic_queue"].deliver_all()
        session.expire_all()
        row = session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).one()
        waits.append(row.not_before - datetime.now(ALMATY))
        session.rollback()
        clock.move_to(datetime.now(ALMATY) + waits[-1])
    assert waits == [min(timedelta(seconds=30 * 2**n), LONGEST_WAIT) for n in range(10)]
    monkeypatch.setattr(FolderMailer, "send", sent)
    assert [letter["To"] for letter in mails()] == ["follower@x.kz"]
    assert mails() == []
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None))) == 0
    assert {str(p) for p in session.scalars(select(Outbox.payload))} == {"{}"}


def test_a_row_that_a_killed_worker_held_comes_back(app: CivicFlask, session: Session, scene: Scene, people: People, mails: Mails, now: datetime, clock: Any) -> None:
    _step("accept", scene, session, people, now)
    session.commit()
    with app.app_context():
        assert claim(session, now) is not None
    session.commit()
    assert mails() == []
    clock.shift(CLAIM)
    assert sorted(letter["To"] for letter in mails()) == RESIDENTS


def test_a_letter_is_written_while_nobody_waits(app: CivicFlask, session: Session, scene: Scene, people: People, now: datetime, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the mail server is slow, forms are taken: no lock is held, for digests either."""
    scene.follower.delivery = "daily"
    _step("accept", scene, session, people, now)
    _order_letters(app, session, now)
    clock.move_to(datetime(2026, 4, 25, 8, 0, tzinfo=ALMATY))
    sent = FolderMailer.send
    seen = []

    def slow(self: FolderMailer, letter: EmailMessage) -> None:
        with Session(session.get_bind()) as other:
            wait = "PRAGMA busy_timeout=0" if other.get_bind().dialect.name == "sqlite" else "SET lock_timeout = '50ms'"
            other.execute(text(wait))  # fails at once where somebody holds a lock
            other.execute(text("UPDATE contact SET locale = locale"))
        seen.append(letter["To"])
        sent(self, letter)

    monkeypatch.setattr(FolderMailer, "send", slow)
    app.extensions["civic_queue"].deliver_all()
    assert sorted(seen) == RESIDENTS
