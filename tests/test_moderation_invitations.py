"""What is said of invitations before the moderators: by the organiser, by the invited, by a body that sends somebody else or contests."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.core.errors import NotAllowed
from civic.events.service import announce
from civic.invitations import rules
from civic.invitations import service as invitations
from civic.invitations.models import Invitation, InvitationEvent
from civic.invitations.service import Said
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.models import Case, CaseAct
from civic.moderation.subjects import load, titles
from civic.places.models import City
from tests.support.client import Browser
from tests.support.invitations import Host
from tests.support.letters import Mails
from tests.support.people import People
from tests.test_moderation_gatherings import SECRET, STONE, hide, restore, thing


@pytest.fixture
def host(session: Session, city: City, people: People, now: datetime) -> Host:
    return Host(session, city, people)


@pytest.fixture
def moderator(people: People, city: City) -> User:
    return people.moderator(city)


@pytest.fixture
def head(people: People, host: Host) -> User:
    return people.official(host.body(), head=True)


def last(session: Session, kind: str) -> InvitationEvent:
    return session.scalars(select(InvitationEvent).where(InvitationEvent.kind == kind).order_by(InvitationEvent.id.desc())).first()  # type: ignore[return-value]


def letter_of(client: Browser, i: Invitation) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(client.get(f"/en/invitations/{i.number}/letter.pdf").data)).pages)


def pages_of(i: Invitation) -> tuple[str, ...]:
    return f"/en/invitations/{i.number}", f"/en/shymkent/events/{i.event.code}"


def test_the_reason_of_a_refusal_leaves_every_page_and_comes_back(
        client: Browser, new_client: Callable[[], Browser], session: Session, host: Host, head: User, people: People, moderator: User, city: City, mails: Mails,
        now: datetime) -> None:
    i = host.invite(host.event())
    invitations.decline(session, i, people.actor(head), now, Said(f"{SECRET} үшін келмейміз"))
    session.commit()
    mails()
    paths, step = pages_of(i), last(session, "decline")
    for path in paths:
        assert (SECRET in client.get(path).text, f"/en/flag/invitation/{i.number}" in client.get(path).text) == (True, True), path
    flagging = people.sign_in(new_client(), people.account())
    flagging.submit(flagging.get(f"/en/flag/invitation/{i.number}"), part=f"step-{step.id}", reason="insult")
    case = session.scalars(select(Case)).one()
    service.hide(session, case, people.actor(moderator), now, parts=[f"step-{step.id}"], reason=Reason.INSULT)
    session.commit()
    desk, organiser = people.sign_in(new_client(), head), people.sign_in(new_client(), host.user)
    for browser, path in [*((client, path) for path in paths), (desk, "/en/desk/invitations/"), (desk, f"/en/desk/invitations/{i.number}"),
                          (organiser, f"/en/organise/events/{i.event.code}/invitations")]:
        said = browser.get(path).text
        assert (SECRET in said, STONE in said, "Declined" in said) == (False, True, True), path
    log = client.get(f"/en/shymkent/moderation/{case.id}").text
    assert (f"/en/invitations/{i.number}" in log, SECRET in log) == (True, False)
    assert (case.authors, [head.email in str(letter["To"]) for letter in mails() if "жасыр" in letter["Subject"]]) == ([head.contact.id], [True])  # type: ignore[union-attr]
    restore(session, people, city, case, people.actor(head), now)
    assert [(SECRET in client.get(path).text, STONE in client.get(path).text) for path in paths] == [(True, False)] * 2
    assert (i.reason, i.hidden, step.hidden, i.state) == (f"{SECRET} үшін келмейміз", None, None, "declined")


def test_a_new_answer_is_not_hidden_with_the_one_before_nor_replaced_by_it(client: Browser, session: Session, host: Host, head: User, people: People, moderator: User,
                                                                          city: City, now: datetime) -> None:
    i, actor = host.invite(host.event()), people.actor(head)
    invitations.decline(session, i, actor, now, Said(f"{SECRET} бірінші"))
    case = hide(session, people, moderator, thing(session, "invitation", i.number), now, f"step-{last(session, 'decline').id}")
    invitations.ask_date(session, i, actor, now, Said("Жексенбіде жиналыс бар"))
    session.commit()
    event = pages_of(i)[1]
    assert ("Жексенбіде" in client.get(event).text, STONE in client.get(event).text) == (True, False)
    restore(session, people, city, case, actor, now)
    assert (i.reason, i.hidden, SECRET in client.get(event).text, SECRET in client.get(pages_of(i)[0]).text) == ("Жексенбіде жиналыс бар", None, False, True)


def test_the_letter_loses_the_organisers_words_and_whom_it_names_and_rights_stay_as_they_were(
        client: Browser, new_client: Callable[[], Browser], session: Session, host: Host, head: User, people: People, moderator: User, city: City,
        now: datetime) -> None:
    i = host.invite(host.event(), name=f"Серік {SECRET}", post=f"{SECRET} басшысы", words=f"{SECRET} туралы айтыңыз")
    official = people.official(host.body())
    assert letter_of(client, i).count(SECRET) == 6  # three in each language
    case = hide(session, people, moderator, thing(session, "invitation", i.number), now, "words", "official")
    drawn = letter_of(client, i)
    assert (SECRET in drawn, "жасырды" in drawn or "жасырған" in drawn) == (False, True)
    for path, stones in zip(pages_of(i), (2, 1), strict=True):
        assert (SECRET in client.get(path).text, client.get(path).text.count(STONE)) == (False, stones), path
    assert (rules.may_answer(people.actor(official), i), rules.may_answer(people.actor(head), i)) == (False, True)  # it names somebody all the same
    desk = people.sign_in(new_client(), head).get(f"/en/desk/invitations/{i.number}").text
    assert (desk.count(SECRET), "Hidden from the public" in desk) == (1, True)  # what to be ready to speak about, and nothing else
    restore(session, people, city, case, host.actor, now)
    assert (letter_of(client, i).count(SECRET), i.official_name, i.official_post, i.hidden) == (6, f"Серік {SECRET}", f"{SECRET} басшысы", None)


def test_the_post_of_a_delegate_is_hidden_and_the_delegate_stays(client: Browser, session: Session, host: Host, head: User, people: People, moderator: User,
                                                                city: City, now: datetime) -> None:
    i = host.invite(host.event())
    invitations.delegate(session, i, people.actor(head), now, Said("Орнымнан барады", name="Дәулет", post=f"{SECRET} маманы", email="delegate@example.org"))
    session.commit()
    step = last(session, "delegate")
    case = hide(session, people, moderator, thing(session, "invitation", i.number), now, f"post-{step.id}")
    for path in pages_of(i):
        assert (SECRET in client.get(path).text, STONE in client.get(path).text, "Орнымнан" in client.get(pages_of(i)[0]).text) == (False, True, True), path
    assert (i.state, i.delegate_name) == ("delegate_named", "Дәулет")
    restore(session, people, city, case, people.actor(head), now)
    assert (i.delegate_post, step.facts, i.hidden) == (f"{SECRET} маманы", {"post": f"{SECRET} маманы"}, None)
    assert all(SECRET in client.get(path).text for path in pages_of(i))


def test_what_is_said_in_contesting_is_hidden_and_the_record_stays_contested(client: Browser, session: Session, host: Host, head: User, people: People,
                                                                            moderator: User, city: City, now: datetime) -> None:
    i = host.invite(host.event())
    after = i.event.starts_at
    invitations.record(session, i, host.actor, after, "record_absent", text=f"{SECRET} болмады")
    invitations.contest(session, i, people.actor(head), after, text=f"{SECRET} болды")
    session.commit()
    parts = [f"step-{last(session, kind).id}" for kind in ("record_absent", "contest")]
    case = hide(session, people, moderator, thing(session, "invitation", i.number), now, *parts)
    said = client.get(pages_of(i)[0]).text
    assert (SECRET in said, said.count(STONE), "contests what was recorded" in said) == (False, 2, True)
    assert "contested by the body" in client.get(pages_of(i)[1]).text
    assert case.authors == sorted([host.user.contact.id, head.contact.id])  # type: ignore[union-attr]
    restore(session, people, city, case, people.actor(head), now)
    assert client.get(pages_of(i)[0]).text.count(SECRET) == 2


def test_the_page_of_an_event_that_was_kept_is_drawn_anew(session: Session, host: Host, head: User, people: People, moderator: User, city: City, now: datetime,
                                                        make_app: Callable[..., CivicFlask]) -> None:
    i = host.invite(host.event())
    invitations.decline(session, i, people.actor(head), now, Said(f"{SECRET} үшін келмейміз"))
    session.commit()
    app = make_app(page_cache_seconds=60)

    def shows() -> bool:
        return SECRET in app.test_client().get(pages_of(i)[1], headers={"Range": "bytes=0-", "Host": "localhost"}).text  # not from the micro-cache of pages

    assert [shows(), shows()] == [True, True]
    case = hide(session, people, moderator, thing(session, "invitation", i.number), now, f"step-{last(session, 'decline').id}")
    assert shows() is False
    restore(session, people, city, case, people.actor(head), now)
    assert shows() is True


def test_the_rules_look_at_what_is_said_once_the_event_is_public(session: Session, host: Host, head: User, people: People, mails: Mails, now: datetime) -> None:
    event = host.event(announced=False)
    i = host.invite(event, words="Звоните 87771234567")
    mails()
    assert (load(session, "invitation", i.number), session.scalars(select(Case)).all(), titles(session, [("invitation", i.number)])) == (None, [], {})
    announce(session, event, host.actor, now)
    session.commit()
    mails()
    case = session.scalars(select(Case)).one()
    assert (case.kind, case.key, case.signs, i.hidden) == ("invitation", i.number, " phone ", None)
    invitations.decline(session, i, people.actor(head), now, Said("Пишите aigul@mail.kz"))
    session.commit()
    mails()
    assert case.signs == " email phone "
    assert [act.parts for act in session.scalars(select(CaseAct).where(CaseAct.kind == "sign").order_by(CaseAct.id))] == [["words"], ["step"]]
    assert titles(session, [("invitation", i.number)]) == {("invitation", i.number): event.title}


def test_nobody_but_a_moderator_of_that_city_hides_them(session: Session, host: Host, head: User, people: People, city: City, now: datetime) -> None:
    i = host.invite(host.event(), words=SECRET)
    case = service.flag(session, thing(session, "invitation", i.number), people.actor(people.account()), now, part="words", reason=Reason.INSULT)
    elsewhere = session.scalars(select(City).where(City.id != city.id)).first()
    assert elsewhere is not None
    for who in (people.account(), head, host.user, people.moderator(elsewhere, "elsewhere@example.test")):
        with pytest.raises(NotAllowed):
            service.hide(session, case, people.actor(who), now, parts=["words"], reason=Reason.INSULT)
    assert i.words == SECRET


@pytest.mark.parametrize("change", ["invitation_event SET text = 'x'", "invitation_event SET facts = '{}'", "invitation_event SET kind = 'x'",
                                    "invitation SET words = 'x'", "invitation SET official_post = 'x'"])
def test_the_database_lets_go_of_words_only_with_their_mark(session: Session, host: Host, change: str) -> None:
    host.invite(host.event(), name="Серік")
    with pytest.raises(DatabaseError):
        session.execute(text(f"UPDATE {change}"))
    session.rollback()


@pytest.mark.parametrize("key", ["", "x", "SHY-0000-0000", "9" * 40])
def test_an_unknown_number_is_no_thing(session: Session, host: Host, key: str) -> None:
    assert load(session, "invitation", key) is None
