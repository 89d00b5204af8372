"""Words on the record of discussions before the moderators: reasons of moving and calling off, recommendations and their answers, requests
to strike a speaker, and what is said of invitations."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.core.clock import utc_now
from civic.core.errors import InputRefused, NotAllowed
from civic.events import service as events
from civic.events.inputs import ItemInput, SpeakerInput
from civic.events.models import Event, EventStep
from civic.invitations.models import StrikeRequest
from civic.invitations.strikes import put_strike_request
from civic.media.models import Photo
from civic.minutes import materials
from civic.minutes.service import MinutesInput, publish, save
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.models import Case, CaseAct
from civic.moderation.subjects import load
from civic.places.models import City
from civic.questions import polls
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People
from tests.support.questions import Asking
from tests.test_moderation_gatherings import SECRET, STONE, hide, restore, thing


@pytest.fixture
def moderator(people: People, city: City) -> User:
    return people.moderator(city)


@pytest.fixture
def body(session: Session, city: City) -> Body:
    return session.scalars(select(Body).where(Body.code == "road", Body.city_id == city.id)).one()


@pytest.fixture
def official(people: People, body: Body) -> User:
    return people.official(body)


@pytest.fixture
def published(session: Session, held: Held, body: Body, official: User, people: People) -> Event:
    """A discussion with a final document, one recommendation, the body's answer to it, and minutes."""
    event = held()
    events.start(session, event, held.actor, event.starts_at)
    events.finish(session, event, held.actor, event.ends_at)
    later = event.ends_at + timedelta(days=1)
    events.publish(session, event, held.actor, later, document={"kk": "Қорытынды"}, recommendations=[events.RecommendationInput(body.id, f"{SECRET}: ұсыным")])
    events.answer_recommendation(session, event.recommendations[0], people.actor(official), later, text=f"{SECRET}: жауап")
    session.commit()
    return event


def test_reasons_of_moving_and_calling_off_are_hidden_each_by_itself(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, people: People, moderator: User, city: City, mails: Mails, now: datetime) -> None:
    event = held()
    page = f"/en/shymkent/events/{event.code}"
    events.move(session, event, held.actor, now, starts_at=event.starts_at + timedelta(days=1), ends_at=event.ends_at + timedelta(days=1), text=f"{SECRET} үшін")
    session.commit()
    step = session.scalars(select(EventStep).where(EventStep.kind == "move")).one()
    assert SECRET in client.get(page).text
    case = hide(session, people, moderator, thing(session, "event", event.code), now, f"step-{step.id}")
    desk = people.sign_in(new_client(), held.owner)
    for browser, path in ((client, page), (client, f"/en/calendars/event/{event.code}.ics"), (desk, f"/en/organise/events/{event.code}")):
        assert SECRET not in browser.get(path).text, path
    assert (STONE in client.get(page).text, "Moved: it was to be on" in client.get(page).text, case.authors) == (True, True, [held.owner.contact.id])  # type: ignore[union-attr]
    assert [held.owner.email in str(letter["To"]) for letter in mails() if "жасыр" in letter["Subject"]] == [True]
    restore(session, people, city, case, held.actor, now)
    assert (SECRET in client.get(page).text, STONE in client.get(page).text, step.hidden) == (True, False, None)
    events.cancel(session, event, held.actor, now, text=f"{SECRET} емес")
    session.commit()
    called_off = session.scalars(select(EventStep).where(EventStep.kind == "cancel")).one()
    hide(session, people, moderator, thing(session, "event", event.code), now, f"step-{called_off.id}")
    assert (SECRET in client.get(page).text, STONE in client.get(page).text, "Cancelled on" in client.get(page).text) == (False, True, True)


def test_a_recommendation_and_its_answer_leave_the_page_and_the_minutes_and_stay_answered(
        client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, published: Event, official: User, people: People, moderator: User, city: City,
        mails: Mails, now: datetime) -> None:
    code, row = published.code, published.recommendations[0]
    save(session, published, held.actor, published.ends_at, MinutesInput({"kk": "Хаттама мәтіні"}), seen=0)
    publish(session, published, held.actor, published.ends_at, seen=1)
    session.commit()
    paths = (f"/en/shymkent/events/{code}", f"/en/shymkent/events/{code}/minutes")
    assert [client.get(path).text.count(SECRET) for path in paths] == [2, 2]
    case = hide(session, people, moderator, thing(session, "event", code), now, f"advice-{row.id}", f"answer-{row.id}")
    for path in paths:
        said = client.get(path).text
        assert (SECRET in said, said.count(STONE), "Answered on" in said) == (False, 2, True), path
    drawn = "".join(page.extract_text() for page in PdfReader(BytesIO(client.get(f"{paths[1]}-kk.pdf").data)).pages)
    assert (SECRET in drawn, "жасыр" in drawn) == (False, True)
    desk = people.sign_in(new_client(), official)
    assert f"/en/recommendations/{row.id}/answer" not in desk.get(paths[0]).text  # it was answered
    with pytest.raises(InputRefused, match="answered_before"):
        events.answer_recommendation(session, row, people.actor(official), now, text="Қайта жауап")
    assert case.authors == sorted([held.owner.contact.id, official.contact.id])  # type: ignore[union-attr]
    assert len([letter for letter in mails() if "жасыр" in letter["Subject"]]) == 2
    restore(session, people, city, case, people.actor(official), now)
    assert [(client.get(path).text.count(SECRET), STONE in client.get(path).text) for path in paths] == [(2, False)] * 2


def test_a_body_that_owes_an_answer_reads_the_recommendation_that_is_hidden(session: Session, held: Held, body: Body, official: User, people: People, moderator: User,
                                                                            client: Browser, now: datetime) -> None:
    event = held()
    events.start(session, event, held.actor, event.starts_at)
    events.finish(session, event, held.actor, event.ends_at)
    events.publish(session, event, held.actor, now, document={"kk": "Қорытынды"}, recommendations=[events.RecommendationInput(body.id, f"{SECRET}: ұсыным")])
    hide(session, people, moderator, thing(session, "event", event.code), now, f"advice-{event.recommendations[0].id}")
    form = people.sign_in(client, official).get(f"/en/recommendations/{event.recommendations[0].id}/answer")
    assert (SECRET in form.text, "Hidden from the public" in form.text) == (True, True)
    client.submit(form, text="Жауап")
    assert event.recommendations[0].answer == "Жауап"
    assert SECRET not in client.get(f"/en/shymkent/events/{event.code}").text


def strike(session: Session, held: Held, event: Event, now: datetime) -> StrikeRequest:
    row = put_strike_request(session, event, held.actor, now, whom=f"{SECRET} Спикер", requested_by=f"{SECRET} аппарат", requested_on=now.date(),
                             text=f"{SECRET} алып тастаңыз", struck=False)
    session.commit()
    return row


def test_a_request_to_strike_a_speaker_keeps_its_date_and_outcome(client: Browser, new_client: Callable[[], Browser], session: Session, held: Held, people: People,
                                                                 moderator: User, city: City, now: datetime) -> None:
    event = held()
    row, page = strike(session, held, event, now), f"/en/shymkent/events/{event.code}"
    assert client.get(page).text.count(SECRET) == 3
    case = hide(session, people, moderator, thing(session, "event", event.code), now, f"strike-{row.id}")
    desk = people.sign_in(new_client(), held.owner)
    for browser, path in ((client, page), (desk, f"/en/organise/events/{event.code}/invitations")):
        said = browser.get(path).text
        assert (SECRET in said, STONE in said) == (False, True), path
    assert "Stayed on the list" in client.get(page).text
    restore(session, people, city, case, held.actor, now)
    assert (client.get(page).text.count(SECRET), STONE in client.get(page).text) == (3, False)


def test_a_page_that_was_kept_is_drawn_anew(session: Session, held: Held, published: Event, people: People, moderator: User, now: datetime,
                                           make_app: Callable[..., CivicFlask]) -> None:
    app, page = make_app(page_cache_seconds=60), f"/en/shymkent/events/{published.code}"

    def said() -> int:
        return app.test_client().get(page, headers={"Range": "bytes=0-", "Host": "localhost"}).text.count(SECRET)  # not from the micro-cache of pages

    assert [said(), said()] == [2, 2]
    case = hide(session, people, moderator, thing(session, "event", published.code), now, f"answer-{published.recommendations[0].id}")
    assert said() == 1
    restore(session, people, held.city, case, people.actor(session.get_one(User, published.recommendations[0].answered_by_id)), now)
    assert said() == 2


def test_the_rules_look_at_them_once_they_are_public(session: Session, held: Held, body: Body, official: User, people: People, mails: Mails, now: datetime) -> None:
    event = held()
    events.move(session, event, held.actor, now, starts_at=event.starts_at + timedelta(days=1), ends_at=event.ends_at + timedelta(days=1), text="Звоните 87771234567")
    strike_of = put_strike_request(session, event, held.actor, now, whom="Спикер", requested_by="Аппарат", requested_on=now.date(), text="Пишите aigul@mail.kz", struck=False)
    events.start(session, event, held.actor, event.starts_at)
    events.finish(session, event, held.actor, event.ends_at)
    events.publish(session, event, held.actor, now, document={"kk": "Қорытынды"}, recommendations=[events.RecommendationInput(body.id, "Карта 4400 4301 2345 6789")])
    events.answer_recommendation(session, event.recommendations[0], people.actor(official), now, text="Менің ЖСН-ім 900101300017")
    session.commit()
    mails()
    case = session.scalars(select(Case)).one()
    assert (case.kind, case.key, case.signs, strike_of.hidden) == ("event", event.code, " card email iin phone ", None)
    parts = {part for act in session.scalars(select(CaseAct).where(CaseAct.kind == "sign")) for part in act.parts}
    assert parts == {"step", "advice", "answer", "strike"}


def test_nobody_but_a_moderator_of_that_city_hides_them(session: Session, held: Held, published: Event, people: People, official: User, city: City, now: datetime) -> None:
    of, part = thing(session, "event", published.code), f"answer-{published.recommendations[0].id}"
    case = service.flag(session, of, people.actor(people.account()), now, part=part, reason=Reason.INSULT)
    elsewhere = session.scalars(select(City).where(City.id != city.id)).first()
    assert elsewhere is not None
    for who in (people.account(), official, held.owner, people.moderator(elsewhere, "elsewhere@example.test")):
        with pytest.raises(NotAllowed):
            service.hide(session, case, people.actor(who), now, parts=[part], reason=Reason.INSULT)
    assert published.recommendations[0].answer == f"{SECRET}: жауап"


@pytest.mark.parametrize("change", ["event_step SET text = 'x'", "event_step SET facts = '{}'", "recommendation SET text = 'x'", "recommendation SET answer = 'x'",
                                    "strike_request SET whom = 'x'", "strike_request SET text = 'x'", "strike_request SET struck = true"])
def test_the_database_lets_go_of_words_only_with_their_mark(session: Session, held: Held, published: Event, now: datetime, change: str) -> None:
    strike(session, held, published, now)
    with pytest.raises(DatabaseError):
        session.execute(text(f"UPDATE {change}"))
    session.rollback()


def test_only_what_is_public_is_a_part(session: Session, held: Held, now: datetime) -> None:
    draft = held.draft()
    events.cancel(session, draft, held.actor, now, text="")
    session.commit()
    assert load(session, "event", draft.code) is None


def test_a_poll_leaves_phones_the_screen_and_what_open_views_are_told_and_its_ballots_stay(
        client: Browser, new_client: Callable[[], Browser], session: Session, people: People, moderator: User, city: City, mails: Mails, now: datetime,
        clock: Any) -> None:
    asked, person = Asking(session, city, people), people.account()
    voice = asked.registered(person)
    asked.begin(clock)
    mails()  # the rules have looked at the event itself
    at = utc_now()
    poll = polls.prepare(session, asked.room, asked.actor, at, text=f"{SECRET}: қай жолды?", options=[f"{SECRET} жол", "Екінші 87771234567"])
    session.commit()
    key = asked.event.code
    assert [part.name for part in thing(session, "event", key).parts if part.kind == "poll"] == []  # nobody has read it
    polls.take_step(session, poll, "open", asked.actor, at)
    polls.cast(session, poll, voice, at, choices=[poll.options[0].id])
    session.commit()
    mails()
    case = session.scalars(select(Case)).one()
    assert (case.key, case.signs, [act.parts for act in session.scalars(select(CaseAct))]) == (key, " phone ", [["poll"]])
    people.sign_in(client, person)
    organiser, room = people.sign_in(new_client(), asked.host.user), f"/en/r/{asked.room.code}"

    def shown(since: int = 0) -> list[bool]:
        told = client.get(f"/en/room/{asked.room.code}/live.json?v={since}").json["polls"][0]
        assert [option["votes"] for option in told["options"]] == [None, None]
        pages = [(client, room), (organiser, f"/en/room/{asked.room.code}/screen"), (organiser, f"/en/organise/events/{key}/room")]
        return [SECRET in browser.get(path).text for browser, path in pages] + [SECRET in told["text"] + told["options"][0]["text"]]

    assert shown() == [True] * 4
    assert f"/en/flag/event/{key}" in client.get(room).text
    seen = asked.room.version
    service.hide(session, case, people.actor(moderator), at, parts=[f"poll-{poll.id}"], reason=Reason.INSULT)
    session.commit()
    assert shown() == shown(seen) == [False] * 4
    assert (STONE in client.get(room).text, case.authors, poll.ballots, [option.votes for option in poll.options]) == (True, [asked.host.user.contact.id], 1, [1, 0])  # type: ignore[union-attr]
    restore(session, people, city, case, asked.actor, at)
    assert (poll.text, [option.text for option in poll.options], poll.hidden) == (f"{SECRET}: қай жолды?", [f"{SECRET} жол", "Екінші 87771234567"], None)
    assert STONE not in client.get(room).text


def test_the_caption_of_a_photo_is_hidden_without_the_photo(client: Browser, session: Session, held: Held, published: Event, people: People, moderator: User, city: City,
                                                          mails: Mails, now: datetime) -> None:
    save(session, published, held.actor, published.ends_at, MinutesInput({"kk": "Хаттама мәтіні"}), seen=0)
    publish(session, published, held.actor, published.ends_at, seen=1)
    photo = Photo(id=f"{7:032x}", state="ready", private=False, width=4, height=3, uploaded_at=now)
    session.add(photo)
    session.flush()
    row = materials.add(session, published, held.actor, now, title=f"{SECRET} 87771234567", language="kk", photo=photo)
    session.commit()
    mails()
    case = session.scalars(select(Case).where(Case.kind == "minutes")).one()
    assert (case.signs, [act.parts for act in session.scalars(select(CaseAct).where(CaseAct.case_id == case.id))]) == (" phone ", [["caption"]])
    page = f"/en/shymkent/events/{published.code}/minutes"
    hidden = hide(session, people, moderator, thing(session, "minutes", published.code), now, f"caption-{row.id}")
    said = client.get(page).text
    assert (SECRET in said.replace(f"{SECRET}: ", ""), STONE in said, photo.id in said) == (False, True, True)
    restore(session, people, city, hidden, held.actor, now)
    said = client.get(page).text
    assert (f"{SECRET} 87771234567" in said, STONE in said, row.title) == (True, False, f"{SECRET} 87771234567")


def test_place_moderator_and_stream_of_a_discussion_are_hidden_and_the_organiser_does_not_bring_them_back(
        client: Browser, session: Session, held: Held, people: People, moderator: User, city: City, now: datetime) -> None:
    typed = held.typed(venue=f"{SECRET} зал", address=f"{SECRET} көше", access_notes=f"{SECRET} есік", moderator=f"{SECRET} Нұр", mode="hybrid",
                       stream_url="https://example.com/secret-stream", format="round_table")
    event = events.make(session, held.organisation, city, held.actor, now, typed)
    events.announce(session, event, held.actor, now)
    session.commit()
    paths = (f"/en/shymkent/events/{event.code}", f"/en/calendars/event/{event.code}.ics", "/en/shymkent/events/")
    assert all(SECRET in client.get(path).text for path in paths)
    case = hide(session, people, moderator, thing(session, "event", event.code), now, "place", "moderator", "stream")
    events.edit(session, event, held.actor, now, typed)
    session.commit()
    for path in paths:
        said = client.get(path).text
        assert (SECRET in said, "secret-stream" in said) == (False, False), path
    assert client.get(paths[0]).text.count(STONE) == 3
    restore(session, people, city, case, held.actor, now)
    assert (event.venue, event.moderator, event.stream_url, event.hidden) == (f"{SECRET} зал", f"{SECRET} Нұр", "https://example.com/secret-stream", None)


def test_the_signed_copy_goes_with_the_document(client: Browser, session: Session, held: Held, body: Body, people: People, moderator: User, city: City, now: datetime) -> None:
    event = held()
    events.start(session, event, held.actor, event.starts_at)
    events.finish(session, event, held.actor, event.ends_at)
    events.publish(session, event, held.actor, now, document={"kk": SECRET}, url="https://example.com/signed", recommendations=[events.RecommendationInput(body.id, "Жөндеу")])
    session.commit()
    page = f"/en/shymkent/events/{event.code}"
    assert "example.com/signed" in client.get(page).text
    hide(session, people, moderator, thing(session, "event", event.code), now, "document")
    assert (SECRET in client.get(page).text, "example.com/signed" in client.get(page).text) == (False, False)


def test_a_speaker_who_is_hidden_with_the_agenda_is_named_by_no_question(client: Browser, session: Session, people: People, moderator: User, city: City, now: datetime) -> None:
    asked = Asking(session, city, people, items=[ItemInput("Баяндама", 20, [SpeakerInput(f"{SECRET} Нұр", "")])])
    question = asked.ask(speaker=f"{SECRET} Нұр")
    session.commit()
    paths = (f"/en/questions/{question.id}", f"/en/shymkent/events/{asked.event.code}/questions", f"/en/room/{asked.room.code}/live.json?v=0")
    assert all(SECRET in client.get(path).text for path in paths)
    seen = asked.room.version
    case = hide(session, people, moderator, thing(session, "event", asked.event.code), now, "agenda")
    assert not any(SECRET in client.get(path).text for path in (*paths, f"/en/room/{asked.room.code}/live.json?v={seen}"))
    restore(session, people, city, case, asked.actor, now)
    assert question.speaker == f"{SECRET} Нұр"
    assert all(SECRET in client.get(path).text for path in paths)
