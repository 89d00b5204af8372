"""The demonstration: whole, silent, and of every state."""

import pytest
from sqlalchemy import func, select

from civic.accounts.models import User
from civic.complaints.models import AnswerTemplate, Complaint, Note
from civic.complaints.states import OPEN, State
from civic.demo import describe, make
from civic.demo.pictures import SCENES, picture
from civic.jobs.models import Outbox
from civic.media.models import Photo

NEVER_LONG = {State.REOPENED}  # reopened is taken up at once here


@pytest.fixture
def demo(make_app):
    return make_app(demo=True)


@pytest.fixture
def password(demo, session, now):
    with demo.app_context():
        chosen = make(session, demo.settings.media, now, "a password for all")
    session.commit()
    return chosen


def test_every_state_is_there_and_nobody_is_written_to(password, demo, session, now, mails):
    assert set(session.scalars(select(Complaint.state).distinct())) == set(State) - NEVER_LONG
    today = now.date()
    open_ones = select(func.count()).where(Complaint.state.in_(OPEN))
    assert session.scalar(open_ones.where(Complaint.due_on < today)) >= 2
    assert session.scalar(open_ones.where(Complaint.due_on == today)) >= 1
    assert session.scalar(select(func.count(Complaint.id)).where(Complaint.registered_at > now)) == 0
    assert session.scalar(select(func.count(Complaint.id))) >= 35
    assert session.scalars(select(Photo.state).distinct()).all() == ["ready"]
    assert session.scalar(select(func.count(Note.id))) and session.scalar(select(func.count(AnswerTemplate.id)))
    assert session.scalar(select(func.count(Outbox.id)).where(Outbox.done_at.is_(None))) == 0
    demo.extensions["civic_queue"].minute()
    assert mails() == []


def test_it_is_made_once_and_the_password_is_kept_hashed(password, demo, session, now):
    assert password == "a password for all"
    with demo.app_context():
        assert make(session, demo.settings.media, now, "another") is None
    assert all(user.password.startswith("$argon2") for user in session.scalars(select(User)))
    assert any(password in line for line in describe(password))
    assert not any(password in line for line in describe(None))


def test_a_person_of_it_can_sign_in(password, demo, session):
    client = demo.test_client()
    page = client.get("/ru/account/login")
    client.submit(page, email="official@demo.test", password=password)
    assert client.get("/ru/desk/").status_code == 200


def test_letters_are_shown_with_links_that_work(password, demo, session, clock, filed, people):
    complaint = filed(by=people.account("resident@example.test"))
    demo.extensions["civic_queue"].deliver_all()
    client = demo.test_client()

    listed = client.get("/demo/mail")
    assert complaint.number in listed.text
    names = [f.stem for f in demo.settings.mail_folder.glob("*.eml")]
    texts = [client.get(f"/demo/mail/{name}").text for name in names]
    assert any('href="/kk/' in text and "resident@example.test" in text for text in texts)
    assert client.get(f"/demo/mail/{'x' * 24}").status_code == 404
    assert client.get("/demo/mail/..%2f..%2fsecret_key%00aaaaa").status_code == 404


def test_there_is_no_page_of_letters_outside_it(client):
    assert client.get("/demo/mail").status_code == 404


@pytest.mark.parametrize("name", SCENES)
def test_pictures_can_be_drawn(name):
    assert picture(name)[:3] == b"\xff\xd8\xff"
