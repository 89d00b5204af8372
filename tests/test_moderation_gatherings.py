"""Talks, transcripts of focus groups and programmes before the moderators; what a presenter and a participant see, who have no account."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.core.actor import Actor
from civic.core.database import begin_write, dialect_name
from civic.core.errors import NotAllowed
from civic.events.models import Event
from civic.events.registration import Wish, register
from civic.events.service import finish, start
from civic.events.states import Admission, RegistrationState
from civic.focus import groups
from civic.focus.consent import VERSION
from civic.focus.models import Line
from civic.media.models import Photo
from civic.moderation import service
from civic.moderation.codex import HIDDEN_TITLE, Reason
from civic.moderation.models import Case
from civic.moderation.of_stage import key_of
from civic.moderation.subjects import Thing, load, titles
from civic.places.models import City
from civic.privacy.erasure import erase
from civic.privacy.person import Person
from civic.programmes import service as programmes
from civic.programmes.models import PartPerson, Programme
from civic.stage.models import Slide, Talk
from civic.stage.queries import talks_of
from civic.stage.service import add_talk, remove_talk
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People
from tests.support.together import waiting

SECRET = "Құпиясөз"
STONE = "Hidden by a moderator on"


@pytest.fixture
def moderator(people: People, city: City) -> User:
    return people.moderator(city)


@pytest.fixture
def talk(session: Session, held: Held, now: datetime) -> Talk:
    """A talk with three slides."""
    made = add_talk(session, held(format="pechakucha"), now, presenter=f"Бүркенші {SECRET}", title=f"{SECRET} туралы", language="kk")
    photos = [Photo(id=f"{n:032x}", state="ready", private=False, width=4, height=3, uploaded_at=now) for n in range(3)]
    session.add_all(photos)
    session.flush()
    made.slides = [Slide(position=n, photo_id=photo.id) for n, photo in enumerate(photos)]
    session.commit()
    return made


def thing(session: Session, kind: str, key: str) -> Thing:
    found = load(session, kind, key)
    assert found is not None
    return found


def hide(session: Session, people: People, moderator: User, of: Thing, now: datetime, *parts: str) -> Case:
    case = service.flag(session, of, people.actor(people.account()), now, part=of.parts[0].name, reason=Reason.INSULT)
    service.hide(session, case, people.actor(moderator), now, parts=parts, reason=Reason.INSULT)
    session.commit()
    return case


def restore(session: Session, people: People, city: City, case: Case, author: Actor, now: datetime) -> None:
    service.appeal(session, case, author, now, text="Келіспейміз")
    service.resolve(session, case, people.actor(people.moderator(city)), now, restore=True, text="Қалсын")
    session.commit()


def test_a_talk_leaves_the_page_the_stage_and_the_rehearsal_and_its_place_stays(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, talk: Talk, people: People, moderator: User, city: City,
        mails: Mails, now: datetime) -> None:
    page, rehearsal = f"/en/shymkent/events/{talk.event.code}", f"/en/talk/{talk.token}/rehearse"
    assert f"/en/flag/talk/{key_of(talk)}" in client.get(page).text
    organiser, stage = people.sign_in(new_client(), held.owner), f"/en/organise/events/{talk.event.code}/stage/"
    of, second = thing(session, "talk", key_of(talk)), talk.slides[1]
    assert "Slide 2" in people.sign_in(new_client(), people.account()).get(f"/en/flag/talk/{of.key}").text
    case = hide(session, people, moderator, of, now, "title", "presenter", f"slide-{second.id}")
    for path, browser in ((page, client), (rehearsal, client), (f"{stage}show", organiser), (stage, organiser), (f"/en/talk/{talk.token}/", client)):
        text = browser.get(path).text
        assert (SECRET in text, second.photo_id in text, "Hidden by a moderator" in text) == (False, False, True), path
    assert client.get(page).text.count(STONE) == 3
    for path in (rehearsal, f"{stage}show"):  # the slide keeps its seconds
        kinds = re.findall(r'<(img|p) class="stage__slide', client.get(path).text if path == rehearsal else organiser.get(path).text)
        assert kinds == ["img", "p", "img"], path
    assert client.get(f"/photo/{second.photo_id}/large.jpg").status_code == 404
    log = client.get(f"/en/shymkent/moderation/{case.id}")
    assert (f"events/{talk.event.code}#talk-{talk.id}" in log.text, SECRET in log.text) == (True, False)
    assert [held.owner.email in str(letter["To"]) for letter in mails() if "жасыр" in letter["Subject"]] == [True]
    restore(session, people, city, case, held.actor, now)
    text = client.get(page).text
    assert (f"{SECRET} туралы" in text, f"Бүркенші {SECRET}" in text, STONE in text, session.get_one(Photo, second.photo_id).state) == (True, True, False, "ready")


def test_a_talk_takes_over_no_case_of_one_that_was_removed(session: Session, talk: Talk, people: People, moderator: User, city: City, held: Held, now: datetime) -> None:
    event, key = talk.event, key_of(talk)
    case = hide(session, people, moderator, thing(session, "talk", key), now, "title")
    remove_talk(session, [talk], talk, now)
    session.commit()
    other = add_talk(session, event, now, presenter="Басқа адам", title="Басқа әңгіме", language="kk")
    session.commit()
    assert key_of(other) != key and load(session, "talk", key) is None
    restore(session, people, city, case, held.actor, now)
    assert (other.title, other.hidden) == ("Басқа әңгіме", None)


def test_a_page_that_was_kept_is_not_given_out_with_what_is_hidden(session: Session, held: Held, talk: Talk, people: People, moderator: User,
                                                                 now: datetime, make_app: Callable[..., CivicFlask]) -> None:
    app, page = make_app(page_cache_seconds=60), f"/en/shymkent/events/{talk.event.code}"

    def shows() -> bool:
        return SECRET in app.test_client().get(page, headers={"Range": "bytes=0-", "Host": "localhost"}).text  # not from the micro-cache of pages

    assert [shows(), shows()] == [True, True]
    case = hide(session, people, moderator, thing(session, "talk", key_of(talk)), now, "title", "presenter")
    assert shows() is False
    restore(session, people, held.city, case, held.actor, now)
    assert shows() is True


def test_a_presenter_reads_why_and_appeals_by_the_own_link_alone(client: Browser, session: Session, talk: Talk, people: People, moderator: User, held: Held,
                                                                 now: datetime) -> None:
    other = add_talk(session, talk.event, now, presenter="Тимур", title="Аялдамалар", language="ru")
    case = hide(session, people, moderator, thing(session, "talk", key_of(talk)), now, "title")
    way = f"/en/moderation/held/{talk.token}/{case.id}"
    assert (way in client.get(f"/en/talk/{talk.token}/").text, "Appeal" in client.get(f"/en/shymkent/events/{talk.event.code}").text) == (True, False)
    assert [client.get(path).status_code for path in (way.replace(talk.token, other.token), way.replace(talk.token, "x"), f"{way}0")] == [404] * 3
    answer = client.submit(client.get(way), text="Бұл менің тақырыбым", follow=True)
    assert ("The decision will stand here" in answer.text, case.state) == (True, "appealed")
    page = client.get(f"/en/talk/{talk.token}/").text
    assert (way in page, "Your appeal is with a second moderator" in page) == (False, True)


def test_only_talks_of_announced_evenings_are_public(session: Session, held: Held, talk: Talk, now: datetime) -> None:
    draft = add_talk(session, held.draft(format="pechakucha"), now, presenter="Әсел", title="Құпия", language="kk")
    keys = [key_of(draft), f"{talk.event.code}-{draft.id}", str(talk.id), "x", "", f"{key_of(talk)}0" * 30]
    assert [load(session, "talk", key) for key in keys] == [None] * len(keys)
    assert titles(session, [("talk", key) for key in [key_of(talk), *keys]]) == {("talk", key_of(talk)): {"kk": talk.title}}


def test_a_case_of_a_talk_that_was_taken_off_the_list_can_be_closed(client: Browser, session: Session, talk: Talk, people: People, moderator: User, city: City,
                                                                    held: Held, now: datetime) -> None:
    of, event_id = thing(session, "talk", key_of(talk)), talk.event_id
    hidden = hide(session, people, moderator, of, now, "title")
    flagged = service.flag(session, thing(session, "talk", of.key), people.actor(people.account()), now, part="presenter", reason=Reason.INSULT)
    remove_talk(session, talks_of(session, event_id), talk, now)
    desk, page = people.sign_in(client, moderator), f"/en/moderation/{flagged.id}"
    shown = desk.get(page)
    assert ("It is not there any more" in shown.text, f"{page}/hide" in shown.text) == (True, False)
    assert of.key in desk.get("/en/moderation/").text
    desk.submit(shown, f"{page}/leave")
    restore(session, people, city, hidden, held.actor, now)
    assert (flagged.state, hidden.state, hidden.withheld) == ("left", "restored", None)


def voice(held: Held, event: Event, now: datetime, who: Any = None) -> tuple[Any, Any]:
    """Somebody who takes part: the registration and the participant."""
    row = register(held.session, event, who or held.people.contact(), Wish("Қонақ", consent=True, informed=(VERSION, "kk")), now)
    row.state = RegistrationState.REGISTERED
    return row, groups.join(held.session, row, now, age_band="25-34", district_id=None)


@pytest.fixture
def group(held: Held) -> Event:
    return held(format="focus_group", capacity=12, admission=Admission.APPROVAL)


def published(held: Held, event: Event, text: str, now: datetime) -> None:
    groups.write_transcript(held.session, event, now, text)
    start(held.session, event, held.actor, event.starts_at)
    finish(held.session, event, held.actor, event.ends_at)
    groups.publish(held.session, event, now)
    held.session.commit()


def line_of(session: Session, words: str) -> Line:
    return session.scalars(select(Line).where(Line.text.contains(words))).one()


def test_a_line_and_a_pseudonym_leave_the_transcript_and_the_organiser_does_not_bring_them_back(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, group: Event, people: People, moderator: User, city: City,
        mails: Mails, now: datetime) -> None:
    assert load(session, "transcript", group.code) is None
    _, first = voice(held, group, now)
    _, other = voice(held, group, now)
    spoken = f"Модератор: Не өзгерді?\n{first.pseudonym}: {SECRET}\n{other.pseudonym}: Автобус жоқ.\n{first.pseudonym}: Рақмет."
    assert load(session, "transcript", group.code) is None  # nobody has read it
    published(held, group, spoken, now)
    page = f"/en/shymkent/events/{group.code}/transcript"
    assert f"/en/flag/transcript/{group.code}" in client.get(page).text
    of, line = thing(session, "transcript", group.code), line_of(session, SECRET)
    case = hide(session, people, moderator, of, now, f"line-{line.id}", f"pseudonym-{first.id}")
    text = client.get(page).text
    assert (SECRET in text, first.pseudonym in text, text.count("A participant"), text.count(STONE), "Рақмет." in text) == (False, False, 2, 2, True)
    assert (case.withheld, case.authors) == ({f"line-{line.id}": None, f"pseudonym-{first.id}": None}, [held.owner.contact.id])  # type: ignore[union-attr]
    assert [held.owner.email in str(letter["To"]) for letter in mails() if "жасыр" in letter["Subject"]] == [True]
    organiser, own = people.sign_in(new_client(), held.owner), f"/en/organise/events/{group.code}/group/"
    form = organiser.get(own)
    assert (SECRET in form.text, "they keep their places" in form.text) == (False, True)
    organiser.submit(form, own, text=spoken.replace("Рақмет", "Көп рақмет"))  # as a page says that was open before
    session.expire_all()
    assert [(row.text, bool(row.hidden)) for row in groups.lines(session, group.id)] == [
        ("Не өзгерді?", False), (SECRET, True), ("Автобус жоқ.", False), ("Көп рақмет.", False)]
    restore(session, people, city, case, held.actor, now)
    text = client.get(page).text
    assert (SECRET in text, first.pseudonym in text, STONE in text) == (True, True, False)


def test_a_participant_reads_why_and_appeals_by_the_own_ticket_and_takes_the_words_along(
        client: Browser, session: Session, held: Held, group: Event, people: People, moderator: User, now: datetime) -> None:
    user, neighbour = people.account(), people.account()
    row, mine = voice(held, group, now, user.contact)
    _, other = voice(held, group, now, neighbour.contact)
    published(held, group, f"{mine.pseudonym}: {SECRET}\n{other.pseudonym}: Автобус жоқ.", now)
    case = hide(session, people, moderator, thing(session, "transcript", group.code), now, f"line-{line_of(session, SECRET).id}")

    def ticket(of: User) -> str:
        return people.sign_in(client, of).get(f"/en/shymkent/events/{group.code}/register").headers["Location"]

    theirs = ticket(neighbour).rsplit("/", 1)[1]
    assert STONE not in client.get(f"/en/registration/{theirs}/group").text
    assert client.get(f"/en/moderation/held/{theirs}/{case.id}").status_code == 404
    own = ticket(user).rsplit("/", 1)[1]
    way = f"/en/moderation/held/{own}/{case.id}"
    assert way in client.get(f"/en/registration/{own}/group").text
    assert client.submit(client.get(way), text="Мен ештеңе айтқан жоқпын").status_code == 303
    assert (case.state, case.appeal) == ("appealed", "Мен ештеңе айтқан жоқпын")
    groups.withdraw(session, row, now)
    session.commit()
    service.resolve(session, case, people.actor(people.moderator(held.city)), now, restore=True, text="Қалсын")
    rows = [*session.scalars(select(Line.text)), repr(case.withheld), case.words]
    assert (any(SECRET in row for row in rows), client.get(way).status_code, user.contact.id in case.authors) == (False, 404, False)  # type: ignore[union-attr]
    assert case.appeal == ""


def test_an_erased_participant_takes_the_own_appeal_along_and_nobody_elses(session: Session, held: Held, group: Event, people: People, moderator: User, now: datetime) -> None:
    row, mine = voice(held, group, now)
    _, other = voice(held, group, now)
    published(held, group, f"{mine.pseudonym}: {SECRET}\n{other.pseudonym}: Автобус жоқ.", now)
    parts = [f"pseudonym-{mine.id}", f"line-{line_of(session, 'Автобус жоқ.').id}"]
    own, theirs = [hide(session, people, moderator, thing(session, "transcript", group.code), now, part) for part in parts]
    for case in (own, theirs):
        service.appeal(session, case, Actor(entries=frozenset({case.id})), now, text=f"{case.id}: бұл менің сөзім")
    over = hide(session, people, moderator, thing(session, "transcript", group.code), now, f"line-{line_of(session, SECRET).id}")
    restore(session, people, held.city, over, Actor(entries=frozenset({over.id})), now)
    groups.write_transcript(session, group, now, f"{mine.pseudonym}: {SECRET}\n{mine.pseudonym}: {SECRET} тағы")  # its lines have new numbers now
    erase(session, Person(None, row.contact_id), now)
    assert (own.appeal, over.appeal, theirs.appeal) == ("", "", f"{theirs.id}: бұл менің сөзім")


@pytest.fixture
def programme(session: Session, held: Held, now: datetime) -> Programme:
    made = programmes.found(session, held.organisation, held.actor, now, name={"kk": f"{SECRET}: жобалар"}, about={"kk": f"{SECRET} туралы."})
    part = programmes.add_part(session, made, held.actor, now, name={"kk": f"{SECRET} көше"}, about={"kk": f"{SECRET} жол."}, parent_id=None)
    programmes.add_part(session, made, held.actor, now, name={"kk": "Бағдаршамдар"}, about={}, parent_id=part.id)
    programmes.add_person(session, made, held.actor, now, part, name=f"{SECRET} Нұр", role=SECRET)
    session.commit()
    return made


def test_a_programme_loses_name_words_parts_and_people_everywhere_and_its_organiser_does_not_bring_them_back(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, programme: Programme, people: People, moderator: User, city: City,
        now: datetime) -> None:
    page = f"/en/shymkent/programmes/{programme.code}"
    paths = [page, f"{page}/feed.atom", f"/en/calendars/programme/{programme.code}.ics", "/en/shymkent/events/"]
    assert SECRET in client.get(page).text and f"/en/flag/programme/{programme.code}" in client.get(page).text
    case = hide(session, people, moderator, thing(session, "programme", programme.code), now, "whole")
    for path in paths:
        assert SECRET not in client.get(path).text, path
    text = client.get(page).text
    assert (text.count(STONE), text.count("Hidden by a moderator</h")) == (5, 3)  # name, words, two parts, one person
    assert programme.name == HIDDEN_TITLE
    part = programme.parts[0]
    programmes.rename(session, programme, held.actor, now, name={"kk": SECRET}, about={"kk": SECRET})
    programmes.change_part(session, programme, held.actor, now, part, name={"kk": SECRET}, about={"kk": SECRET})
    assert SECRET not in client.get(page).text
    desk = people.sign_in(new_client(), people.moderator(city))
    service.appeal(session, case, held.actor, now, text="Келіспейміз")
    shown = desk.get(f"/en/moderation/{case.id}").text
    assert (f"{SECRET} жол." in shown, f"{SECRET} Нұр" in shown, f"{SECRET}: жобалар" in shown) == (True, True, True)
    desk.submit(desk.get(f"/en/moderation/{case.id}"), "/resolve", text="Қалсын", button="restore")
    text = client.get(page).text
    assert (STONE in text, all(words in text for words in (f"{SECRET}: жобалар", f"{SECRET} туралы.", f"{SECRET} көше", f"{SECRET} жол.", f"{SECRET} Нұр"))) == (False, True)


def test_what_an_organiser_took_out_meanwhile_is_left_out_of_a_restoring(session: Session, held: Held, programme: Programme, people: People, moderator: User,
                                                                       city: City, now: datetime) -> None:
    case = hide(session, people, moderator, thing(session, "programme", programme.code), now, "whole")
    subproject = programme.parts[1]
    programmes.remove_part(session, programme, held.actor, subproject)
    with pytest.raises(NotAllowed):
        service.appeal(session, case, people.actor(people.account()), now, text="Мен де келіспеймін")
    restore(session, people, city, case, held.actor, now)
    assert [part.name for part in programme.parts] == [{"kk": f"{SECRET} көше"}]


@pytest.mark.parametrize("kind", ["transcript", "programme"])
def test_what_its_author_removes_at_the_same_moment_is_not_hidden_any_more(session: Session, held: Held, people: People, moderator: User, now: datetime,
                                                                         request: pytest.FixtureRequest, kind: str) -> None:
    if kind == "transcript":
        group = request.getfixturevalue("group")
        row, mine = voice(held, group, now)
        published(held, group, f"{mine.pseudonym}: {SECRET}", now)
        key, name = group.code, f"line-{line_of(session, SECRET).id}"
    else:
        programme = request.getfixturevalue("programme")
        person = session.scalars(select(PartPerson)).one()
        key, name = programme.code, f"person-{person.id}"
    case = service.flag(session, thing(session, kind, key), people.actor(people.account()), now, part=name, reason=Reason.INSULT)
    case_id, actor = case.id, people.actor(moderator)
    session.commit()
    begin_write(session)
    if kind == "transcript":
        groups.withdraw(session, row, now)
    else:
        programmes.remove_person(session, programme, held.actor, person)
    with waiting(session, lambda own: service.hide(own, own.get_one(Case, case_id), actor, now, parts=[name], reason=Reason.INSULT)) as other:
        session.commit()
    # SQLite waits before it reads, PostgreSQL has read what is gone by then
    assert other.result() == {"sqlite": "parts_missing", "postgresql": "case_changed_meanwhile"}[dialect_name(session)]
    assert (case.state, case.withheld) == ("open", None)
