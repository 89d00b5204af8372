"""What rules find in discussions and their minutes, talks, transcripts of focus groups, programmes, organisations: once they are public, what is new alone, and nothing is hidden by it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.clock import utc_now
from civic.events import organisations
from civic.events.models import Event
from civic.events.registration import Wish, register
from civic.events.service import announce, edit, finish, start
from civic.events.states import Admission, RegistrationState
from civic.focus import groups
from civic.focus.consent import VERSION
from civic.focus.models import Line, Participant
from civic.media.models import Photo
from civic.minutes import materials
from civic.minutes import service as minutes
from civic.moderation import service, signs
from civic.moderation.codex import Reason
from civic.moderation.models import Case, CaseAct
from civic.moderation.subjects import load
from civic.places.models import City
from civic.programmes import service as programmes
from civic.programmes.models import Programme
from civic.stage.models import Talk
from civic.stage.queries import talks_of
from civic.stage.service import add_talk, remove_talk
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People
from tests.test_stage import pdf

PHONE, OTHER_PHONE, LINK = "87771234567", "87017654321", "www.example.com/x"
SIGNS = [("Көріңіз: https://t.me/arzan_karz", "link"), ("Менің ЖСН-ім 900101300017", "iin"), ("Звоните +7 701 123-45-67", "phone"),
         ("Карта 4400 4301 2345 6789", "card"), ("Пишите на aigul@mail.kz", "email"), ("Қандай ақымақтар отыр", "insult"), ("Эти идиоты опять всё разрыли", "insult")]
ORDINARY = ("Арықтар неге құрғақ", "Пять остановок без тени: как мы считали ожидание автобуса", "Үйдің төбесінен су ағады, 2026 жылдың 24 сәуірінен бері жөнделмеді",
            "Әкімдік жұмыс істемейді, жауаптары құр сөз", "Руководитель некомпетентен, смета 12 500 000 тенге", "Коровы и козлы едят деревья во дворе",
            "Қараңыз: shymkent.gov.kz, 109 нөмірі, № 14 үй", "Ұят! Біз сегіз жыл күттік, ал көпір әлі бітпеді")


@pytest.fixture
def group(held: Held) -> Event:
    """A focus group that is announced."""
    return held(format="focus_group", capacity=12, admission=Admission.APPROVAL)


@pytest.fixture
def voice(held: Held, group: Event, now: datetime) -> Participant:
    """Somebody who speaks there."""
    row = register(held.session, group, held.people.contact(), Wish("Қонақ", consent=True, informed=(VERSION, "kk")), now)
    row.state = RegistrationState.REGISTERED
    return groups.join(held.session, row, now, age_band="25-34", district_id=None)


@pytest.fixture
def looked(session: Session, mails: Mails) -> Callable[[], list[tuple[str, str, str]]]:
    """Lets the jobs run and gives what waits in all queues: (kind, key, what was found)."""
    def run() -> list[tuple[str, str, str]]:
        mails()
        session.expire_all()
        return [(c.kind, c.key, c.signs.strip()) for c in session.scalars(select(Case).where(Case.state == "open").order_by(Case.kind, Case.id))]
    return run


def take_place(held: Held, event: Event) -> None:
    start(held.session, event, held.actor, event.starts_at)
    finish(held.session, event, held.actor, event.ends_at)


def found_where(session: Session) -> list[list[str]]:
    """The kinds of parts that the rules named, case by case."""
    return [act.parts for act in session.scalars(select(CaseAct).where(CaseAct.kind == "sign").order_by(CaseAct.id))]


def leave_all(session: Session, people: People, city: City, now: datetime) -> None:
    """A moderator looks at everything and leaves it as it is."""
    moderator = people.actor(people.moderator(city))
    for case in session.scalars(select(Case).where(Case.state == "open")):
        service.leave(session, case, moderator, now)


@pytest.mark.parametrize(("words", "sign"), SIGNS)
def test_each_sign_is_found_in_each_of_them_and_nothing_is_hidden(client: Browser, session: Session, held: Held, group: Event, voice: Participant, now: datetime,
                                                                 looked: Callable[[], Any], words: str, sign: str) -> None:
    evening = held(format="pechakucha")
    talk = add_talk(session, evening, now, presenter="Әсел Нұр", title=words, language="kk")
    made = programmes.found(session, held.organisation, held.actor, now, name={"kk": "U:жобалар"}, about={"kk": words, "ru": ORDINARY[1]})
    groups.write_transcript(session, group, now, f"Модератор: Бастайық\n{voice.pseudonym}: {words}")
    take_place(held, group)
    groups.publish(session, group, now)
    assert looked() == [("programme", made.code, sign), ("talk", f"{evening.code}-{talk.id}", sign), ("transcript", group.code, sign)]
    assert sorted(found_where(session)) == [["line"], ["text"], ["title"]]
    for path in (f"events/{evening.code}", f"events/{group.code}/transcript", f"programmes/{made.code}"):
        page = client.get(f"/kk/shymkent/{path}").text
        assert (words in page, "Модератор жасырған" in page) == (True, False), path
    assert (talk.hidden, made.hidden, session.scalars(select(Line.hidden)).all()) == (None, None, [None, None])


def test_ordinary_words_are_no_matter_for_moderators(session: Session, held: Held, group: Event, voice: Participant, now: datetime, looked: Callable[[], Any]) -> None:
    evening = held(format="pechakucha")
    made = programmes.found(session, held.organisation, held.actor, now, name={"kk": "U:жобалар", "ru": "U:проекты"}, about={"kk": ORDINARY[0], "ru": ORDINARY[1]})
    for words in ORDINARY:
        add_talk(session, evening, now, presenter="Шешенбай Ақымов", title=words, language="kk")
        part = programmes.add_part(session, made, held.actor, now, name={"kk": words}, about={"ru": words}, parent_id=None)
        programmes.add_person(session, made, held.actor, now, part, name="Тимур Ким", role=words[:160])
        programmes.change_part(session, made, held.actor, now, part, name={"ru": words}, about={"kk": words})
    groups.write_transcript(session, group, now, "\n".join(f"{voice.pseudonym}: {words}" for words in ORDINARY))
    take_place(held, group)
    groups.publish(session, group, now)
    assert looked() == []


def test_no_pseudonym_is_a_sign_by_itself() -> None:
    assert [p for p in groups.PSEUDONYMS for band in groups.AGE_BANDS if signs.find(f"{p}, {band}")] == []


def test_a_talk_by_page_comes_into_the_queue_of_its_city_alone(client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, people: People,
                                                               city: City, looked: Callable[[], Any]) -> None:
    evening = held(format="pechakucha")
    organiser, page = people.sign_in(client, held.owner), f"/en/organise/events/{evening.code}/stage/"
    assert organiser.submit(organiser.get(page), -1, presenter="Тимур", title=f"Звоните {PHONE}").status_code == 303
    talk = session.scalars(select(Talk)).one()
    key = f"{evening.code}-{talk.id}"
    assert looked() == [("talk", key, "phone")]
    astana = session.scalars(select(City).where(City.code == "astana")).one()
    desk, elsewhere = people.sign_in(new_client(), people.moderator(city)), people.sign_in(new_client(), people.moderator(astana))
    case = session.scalars(select(Case)).one()
    assert [key in browser.get("/en/moderation/?kind=talk&sign=phone").text for browser in (desk, elsewhere)] == [True, False]
    assert [browser.get(f"/en/moderation/{case.id}").status_code for browser in (desk, elsewhere)] == [200, 404]
    assert f">{PHONE}</mark>" in desk.get(f"/en/moderation/{case.id}").text
    organiser.submit(organiser.get(page), -1, presenter=f"Тимур, {LINK}", title="Остановки")  # links in an agenda are looked at, too
    assert [(kind, sign) for kind, _, sign in looked()] == [("talk", "phone"), ("talk", "link")]
    assert found_where(session) == [["title"], ["presenter"]]


def test_a_talk_is_looked_at_when_its_evening_is_announced_and_once(session: Session, held: Held, people: People, city: City, now: datetime,
                                                                    looked: Callable[[], Any]) -> None:
    evening = held.draft(format="pechakucha")
    first = add_talk(session, evening, now, presenter="Тимур", title=f"Звоните {PHONE}", language="ru")
    assert (looked(), load(session, "talk", f"{evening.code}-{first.id}")) == ([], None)
    announce(session, evening, held.actor, now)
    second = add_talk(session, evening, now, presenter="Әсел", title=f"Қоңырау шалыңыз: {PHONE}", language="kk")  # before the job of the announcement
    assert {key for _, key, _ in looked()} == {f"{evening.code}-{talk.id}" for talk in (first, second)}
    assert len(found_where(session)) == 2
    leave_all(session, people, city, now)
    assert looked() == []
    remove_talk(session, talks_of(session, evening.id), second, now)
    again = add_talk(session, evening, now, presenter="Әсел", title=f"Қоңырау шалыңыз: {PHONE}", language="kk")  # it may have the same number
    assert [key for _, key, _ in looked()] == [f"{evening.code}-{again.id}"]


def test_a_transcript_by_page_is_looked_at_from_its_publication_on_and_only_at_what_is_new(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, group: Event, voice: Participant, people: People, city: City,
        clock: Any, looked: Callable[[], Any]) -> None:
    organiser, page = people.sign_in(client, held.owner), f"/en/organise/events/{group.code}/group/"

    def write(*lines: str) -> list[tuple[str, str, str]]:
        clock.shift(timedelta(minutes=1))
        assert organiser.submit(organiser.get(page), 0, text="\n".join(f"{voice.pseudonym}: {line}" for line in lines)).status_code == 303
        found: list[tuple[str, str, str]] = looked()
        return found

    assert write(ORDINARY[0], f"Хабарласыңыз: {PHONE}") == []
    take_place(held, group)
    assert write(ORDINARY[0], f"Маған хабарласыңыз: {PHONE}") == []
    assert load(session, "transcript", group.code) is None
    other_tab = organiser.get(page)
    organiser.submit(organiser.get(page), f"{page}publish")
    assert looked() == [("transcript", group.code, "phone")]
    desk = people.sign_in(new_client(), people.moderator(city))
    assert group.code in desk.get("/en/moderation/?kind=transcript").text
    assert write(ORDINARY[0], f"Маған хабарласыңыз: {PHONE}", "Эти идиоты") == [("transcript", group.code, "insult phone")]  # into the same case
    assert found_where(session) == [["line"], ["line"]]
    leave_all(session, people, city, utc_now())
    assert write(f"Маған хабарласыңыз: {PHONE}", "Эти идиоты", ORDINARY[1]) == []  # a moderator has read all that was found
    assert write(f"Маған хабарласыңыз: {OTHER_PHONE}", "Эти идиоты", ORDINARY[1]) == [("transcript", group.code, "phone")]
    assert OTHER_PHONE in client.get(f"/en/shymkent/events/{group.code}/transcript").text
    organiser.submit(other_tab, f"{page}publish")
    assert (looked(), found_where(session)) == ([("transcript", group.code, "phone")], [["line"]] * 3)


def test_a_line_that_is_hidden_already_opens_nothing(session: Session, held: Held, group: Event, voice: Participant, people: People, city: City, now: datetime,
                                                    looked: Callable[[], Any]) -> None:
    groups.write_transcript(session, group, now, f"Модератор: Бастайық\n{voice.pseudonym}: Хабарласыңыз: {PHONE}")
    take_place(held, group)
    groups.publish(session, group, now)
    thing = load(session, "transcript", group.code)
    assert thing is not None
    line = next(part.name for part in thing.parts if PHONE in (part.text or ""))
    case = service.flag(session, thing, people.actor(people.account()), now, part=line, reason=Reason.PERSONAL_DATA)
    service.hide(session, case, people.actor(people.moderator(city)), now, parts=[line], reason=Reason.PERSONAL_DATA)
    assert looked() == []


def test_a_programme_by_page_is_looked_at_part_by_part_when_it_changes(client: Browser, session: Session, held: Held, people: People, city: City, clock: Any,
                                                                      looked: Callable[[], Any]) -> None:
    organiser, begin = people.sign_in(client, held.owner), f"/en/organise/programmes/of/{held.organisation.code}"
    home = organiser.submit(organiser.get(begin), begin, name_kk=f"U:жобалар {LINK}").headers["Location"]
    code = home.rsplit("/", 1)[1]

    def change(path: str, **typed: str) -> list[str]:
        clock.shift(timedelta(minutes=1))
        assert organiser.submit(organiser.get(f"{home}/{path}"), f"{home}/{path}", **typed).status_code == 303
        return [sign for _, key, sign in looked() if key == code]

    assert looked() == [("programme", code, "link")]
    assert code in people.sign_in(client, people.moderator(city)).get("/en/moderation/?kind=programme&sign=link").text
    people.sign_in(client, held.owner)
    assert change("words", about_ru=f"Звоните {PHONE}") == ["link phone"]  # into the same case
    leave_all(session, people, city, utc_now())
    assert change("words", about_ru=f"Звоните {PHONE}") == []  # nothing is new
    assert change("words", about_ru=f"Звоните {PHONE} вечером") == ["phone"]  # the name, which a moderator left, is not asked about again
    leave_all(session, people, city, utc_now())
    assert change("parts", name_kk="Қауіпсіз көше", about_kk=ORDINARY[0]) == []
    part = session.scalars(select(Programme)).one().parts[0]
    assert change(f"parts/{part.id}/words", about_kk="Нақұрыстың ісі") == ["insult"]
    page = f"{home}/parts/{part.id}"
    assert organiser.submit(organiser.get(page), f"{page}/person", **{"p-name": "Әсел Нұр", "p-role": "aigul@mail.kz"}).status_code == 303
    assert [sign for _, _, sign in looked()] == ["email insult"]
    assert found_where(session) == [["title"], ["text"], ["text"], ["part"], ["person"]]
    public = client.get(f"/kk/shymkent/programmes/{code}").text
    assert all(words in public for words in (LINK, PHONE, "Нақұрыстың ісі", "aigul@mail.kz"))


def test_a_programme_that_is_taken_over_comes_before_the_moderators_of_the_new_city(app: CivicFlask, session: Session, held: Held, people: People, city: City,
                                                                                    now: datetime, looked: Callable[[], Any]) -> None:
    made = programmes.found(session, held.organisation, held.actor, now, name={"kk": "U:жобалар"}, about={})
    programmes.add_part(session, made, held.actor, now, name={"kk": f"Қоңырау шалыңыз: {PHONE}"}, about={}, parent_id=None)
    assert looked() == [("programme", made.code, "phone")]
    leave_all(session, people, city, now)
    astana = session.scalars(select(City).where(City.code == "astana")).one()
    target = organisations.found(session, astana, people.actor(people.account()), now, name={"kk": "Астана тобы"}, about={})
    session.commit()
    done = app.test_cli_runner().invoke(args=["programme", "copy", made.code, "--to", target.code, "--yes"])
    assert done.exit_code == 0, done.output
    session.rollback()
    copied = session.scalars(select(Programme).where(Programme.copied_from == made.code)).one()
    assert looked() == [("programme", copied.code, "phone")]
    assert session.scalars(select(Case.city_id).where(Case.key == copied.code)).all() == [astana.id]


def test_an_announced_discussion_is_looked_at_where_it_changed(session: Session, held: Held, people: People, city: City, now: datetime,
                                                               looked: Callable[[], Any]) -> None:
    event = held(text={"ru": f"Звоните {PHONE}"})
    draft = held.draft()
    assert looked() == [("event", event.code, "phone")]
    leave_all(session, people, city, now)
    for one, changes in ((event, {"text": {"ru": f"Звоните {PHONE}"}, "venue": "Басқа зал"}), (draft, {"text": {"ru": f"Звоните {PHONE}"}})):
        assert edit(session, one, held.actor, now, held.typed(**changes))
        assert looked() == []  # no word is new, and nobody has read the draft
    edit(session, event, held.actor, now, held.typed(title={"kk": "Қандай ақымақтар отыр"}, text={"ru": f"Звоните {PHONE}"}))
    assert looked() == [("event", event.code, "insult")]
    assert (found_where(session), event.hidden) == ([["text"], ["title"]], None)


def test_an_organisation_is_looked_at_when_it_is_made_and_where_it_changed(session: Session, held: Held, people: People, city: City, now: datetime, clock: Any,
                                                                          looked: Callable[[], Any]) -> None:
    made = organisations.found(session, city, held.actor, now, name={"kk": "Пікірталас"}, about={"kk": f"Толығырақ: {LINK}"})
    assert looked() == [("organisation", made.code, "link")]
    leave_all(session, people, city, now)
    organisations.rename(session, made, held.actor, now, name={"kk": "Пікірталас", "ru": ORDINARY[1]}, about={"kk": f"Толығырақ: {LINK}"})
    assert looked() == []
    clock.shift(timedelta(minutes=1))
    organisations.rename(session, made, held.actor, utc_now(), name={"ru": "Эти идиоты"}, about={"kk": f"Толығырақ: {LINK}"})
    assert looked() == [("organisation", made.code, "insult")]
    assert found_where(session) == [["about"], ["name"]]


def test_minutes_are_looked_at_from_their_publication_on_and_their_links_are_no_sign(app: CivicFlask, session: Session, held: Held, now: datetime, people: People,
                                                                                    city: City, looked: Callable[[], Any]) -> None:
    event = held()
    take_place(held, event)

    def save(seen: int, words: str) -> None:
        typed = minutes.MinutesInput({"ru": words}, "https://www.youtube.com/watch?v=abc123DEF_0", change="Дополнено")
        minutes.save(session, event, held.actor, now, typed, seen=seen)

    save(0, "ИИН соседа: 900101300017")
    save(1, f"Звоните {PHONE}")
    materials.add(session, event, held.actor, now, title=f"Фото у {OTHER_PHONE}", language="ru", url="https://example.com/slides")
    assert (looked(), load(session, "minutes", event.code)) == ([], None)
    minutes.publish(session, event, held.actor, now, seen=2)
    assert looked() == [("minutes", event.code, "phone")]
    leave_all(session, people, city, now)
    materials.add(session, event, held.actor, now, title="Слайды", language="ru", url="https://example.com/slides")
    save(2, ORDINARY[1])
    assert looked() == []
    save(3, "Эти идиоты")
    file = materials.take_pdf(app.settings.media, BytesIO(pdf(1)))
    materials.add(session, event, held.actor, now, title="Пишите на aigul@mail.kz", language="ru", file=file)
    assert looked() == [("minutes", event.code, "email insult")]
    assert found_where(session) == [["material", "version"], ["version"], ["material"]]


def test_the_caption_of_a_photo_is_looked_at_also_when_the_photo_is_not_ready(session: Session, held: Held, now: datetime, looked: Callable[[], Any]) -> None:
    event = held()
    take_place(held, event)
    photo = Photo(id="1" * 32, state="pending", private=False, uploaded_at=now)  # of a worker that is busy
    session.add(photo)
    minutes.save(session, event, held.actor, now, minutes.MinutesInput({"ru": ORDINARY[1]}), seen=0)
    minutes.publish(session, event, held.actor, now, seen=1)
    assert looked() == []
    materials.add(session, event, held.actor, now, title=f"Звоните {PHONE}", language="ru", photo=photo)
    assert looked() == [("minutes", event.code, "phone")]
    assert found_where(session) == [["caption"]]
