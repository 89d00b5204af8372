"""The demonstration: whole, silent, and of every state."""

from itertools import pairwise

import pytest
from sqlalchemy import func, select

from civic.accounts.models import User
from civic.complaints.models import AnswerTemplate, Complaint, Note
from civic.complaints.states import OPEN, State
from civic.core.clock import local_date
from civic.demo import describe, make
from civic.demo.people import acting
from civic.demo.pictures import SCENES, picture
from civic.events.models import Event
from civic.invitations.fates import Fate
from civic.invitations.inviting import Invitee, invite
from civic.invitations.models import Invitation, InvitationEvent
from civic.invitations.queries import of_event, record_of_body
from civic.jobs.models import Outbox
from civic.limits import votes
from civic.media.models import Photo
from civic.moderation.models import Case
from civic.promises.models import Promise, PromiseComplaint, PromiseStep
from civic.questions.models import Question
from civic.topics.models import EventComplaint, EventTopic
from civic.topics.rules import growing

NEVER_LONG = {State.REOPENED}  # reopened is taken up at once here


@pytest.fixture
def demo(make_app):
    return make_app(demo=True)


PASSWORD = "a password for all"


@pytest.fixture
def password(demo, session, now, kept):
    def whole():
        with demo.app_context():
            assert make(session, demo.settings.media, now, PASSWORD) == PASSWORD

    kept("demo", whole, demo)
    return PASSWORD


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


def test_the_moderators_find_cases_an_appeal_and_votes_that_look_bought(password, demo, session):
    assert sorted(session.scalars(select(Case.state))) == ["appealed", "open", "open", "restored"]
    [suspects] = votes.suspects(session)
    complaint = session.get_one(Complaint, suspects.subject_id)
    assert (len(suspects.votes), suspects.signals, complaint.supporters) == (5, {"device": 5}, 11)


def _event(session, format):
    return session.scalars(select(Event).where(Event.format == format)).first()


def test_the_past_talk_has_its_record_and_the_debate_its_answers(password, demo, session, now):
    talk, debate = _event(session, "utalk"), _event(session, "debate")
    invited = of_event(session, talk.id, now)
    assert [i.fate for i in invited] == [Fate.CAME, Fate.DELEGATE_CAME, Fate.DECLINED, Fate.SILENT]
    assert (invited[3].reminders, bool(invited[2].reason), bool(invited[1].delegate_post), bool(invited[0].official_post)) == (2, True, True, True)
    assert [i.fate for i in of_event(session, debate.id, now)] == [Fate.ACCEPTED, Fate.DELEGATED, Fate.DECLINED, Fate.SILENT]
    steps = session.execute(select(InvitationEvent.invitation_id, InvitationEvent.kind, InvitationEvent.at).order_by(InvitationEvent.invitation_id, InvitationEvent.id)).all()
    assert [s for s in steps if s.at > now] == []
    assert all(one.at <= other.at for one, other in pairwise(steps) if one.invitation_id == other.invitation_id)
    assert all(local_date(event.announced_at, "Asia/Almaty") < local_date(event.starts_at, "Asia/Almaty") for event in (talk, debate))


def test_the_past_talk_has_promises_and_the_debate_carries_what_grows(password, demo, session, now):
    promises = session.scalars(select(Promise).order_by(Promise.id)).all()
    talk, table = _event(session, "utalk").id, _event(session, "round_table").id
    assert [(p.state, p.wording, p.event_id) for p in promises] == [
        ("kept", "confirmed", talk), ("broken", "confirmed", talk), ("pending", "unanswered", talk), ("recorded", "asked", table)]
    assert session.scalar(select(func.count()).select_from(PromiseComplaint)) == 4
    steps = session.execute(select(PromiseStep.promise_id, PromiseStep.at).order_by(PromiseStep.promise_id, PromiseStep.id)).all()
    assert [s for s in steps if s.at > now] == []
    assert all(one.at <= other.at for one, other in pairwise(steps) if one.promise_id == other.promise_id)
    topic = session.scalars(select(EventTopic).where(EventTopic.event_id == _event(session, "debate").id)).one()
    assert growing(topic.pile, topic.recent, topic.before)
    assert session.scalar(select(func.count()).select_from(EventComplaint)) == topic.pile


def test_the_record_stands_on_the_pages(password, demo, session, now):
    client = demo.test_client()
    talk, debate = _event(session, "utalk"), _event(session, "debate")
    page = client.get(f"/ru/shymkent/events/{talk.code}").text
    assert page.count('class="invitation tone-') == 4
    for invited in of_event(session, talk.id, now):
        assert 'class="marks"' in client.get(f"/ru/shymkent/bodies/{invited.body_code}").text
        assert record_of_body(session, invited.body_id, now).invited >= 1
    front = client.get("/kk/shymkent/").text
    assert debate.title["kk"] in front and all(i.body["kk"] in front for i in of_event(session, debate.id, now))
    assert client.get(f"/kk/shymkent/events/{debate.code}/card.png").mimetype == "image/png"


@pytest.mark.parametrize("account", ["official@demo.test", "head@demo.test", "road@demo.test", "eco@demo.test"])
def test_its_officials_find_invitations_in_their_desk(password, demo, session, account):
    client = demo.test_client()
    client.submit(client.get("/ru/account/login"), email=account, password=password)
    assert 'class="invitation tone-' in client.get("/ru/desk/invitations/").text


@pytest.mark.parametrize("account", ["official@demo.test", "head@demo.test"])
def test_a_question_and_a_promise_wait_in_the_desks_of_its_officials(password, demo, session, account):
    client = demo.test_client()
    client.submit(client.get("/ru/account/login"), email=account, password=password)
    question = session.scalars(select(Question).where(Question.state == "for_writing")).one()
    promise = session.scalars(select(Promise).where(Promise.state == "recorded")).one()
    assert f"/ru/desk/questions/{question.id}" in client.get("/ru/desk/questions/").text
    assert promise.number in client.get("/ru/desk/promises").text
    assert f"/ru/promises/{promise.number}/confirm" in client.get(f"/ru/promises/{promise.number}").text


def test_its_organiser_finds_the_own_discussions_in_the_header(password, demo, session):
    client = demo.test_client()
    client.submit(client.get("/en/account/login"), email="organiser@demo.test", password=password)
    assert 'href="/en/organise/"' in client.get("/en/shymkent/").text
    assert 'href="/en/organise/"' not in demo.test_client().get("/en/shymkent/").text


def test_the_letter_of_an_invitation_comes_with_its_file(password, demo, session, now):
    organiser = session.scalars(select(User).where(User.email == "organiser@demo.test")).one()
    club = _event(session, "pechakucha")
    body_id = of_event(session, _event(session, "debate").id, now)[3].body_id
    invitation = invite(session, club, acting(organiser), now, Invitee(body_id))
    session.commit()
    demo.extensions["civic_queue"].deliver_all()
    client = demo.test_client()
    letters = [client.get(f"/demo/mail/{f.stem}") for f in demo.settings.mail_folder.glob("*.eml")]
    letter = next(x for x in letters if f"{invitation.number}.pdf" in x.text)
    file = client.get(f"{letter.request.path}/0")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert f"{invitation.number}.pdf" in file.headers["Content-Disposition"]
    assert [client.get(f"{letter.request.path}/{n}").status_code for n in (1, 99)] == [404, 404]
    assert f"{invitation.number}.pdf" in client.get("/demo/mail").text


def test_it_is_made_once_and_the_password_is_kept_hashed(password, demo, session, now):
    with demo.app_context():
        before = session.scalar(select(func.count(Invitation.id)))
        assert make(session, demo.settings.media, now, "another") is None
        assert before == session.scalar(select(func.count(Invitation.id))) == 9
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
