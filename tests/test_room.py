"""The pages of a room: the phone, the projector, the moderator, what they ask for again and again; the desk; the public pages."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, insert, select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.actor import SYSTEM
from civic.core.clock import utc_now
from civic.core.errors import InputRefused
from civic.events import organisations
from civic.events.registration_views import ticket_link
from civic.events.states import Right
from civic.extensions import db
from civic.places.models import City
from civic.questions import asking, polls, queries, rooms, service, voting
from civic.questions.models import Participant, Poll, PollBallot, Question, QuestionVote, Room
from civic.questions.polls import PollNotOpen
from civic.questions.states import HiddenReason, NameShown, PollState, State
from civic.questions.sweep import sweep
from tests.support.client import Browser
from tests.support.letters import Mails, links_of
from tests.support.people import People
from tests.support.questions import Asking
from tests.support.together import begin

AIR, DUMP, GAS = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді?", "Когда закроют свалку у Коянды?", "Сколько домов перевели на газ из обещанных?"
JSON = {"Accept": "application/json"}


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


@pytest.fixture
def moderator(new_client: Callable[[], Browser], asked: Asking, people: People) -> Browser:
    """The organiser's browser."""
    return people.sign_in(new_client(), asked.host.user)


def phone_in(browser: Browser, room: Room) -> Any:
    """Come in by the code; gives the page."""
    page = browser.get(f"/kk/r/{room.code}")
    return browser.submit(page, "/join", follow=True)


def test_a_device_comes_in_asks_and_votes_once(asked: Asking, session: Session, client: Browser, new_client: Any, clock: Any) -> None:
    asked.begin(clock)
    room = asked.room.code
    assert client.get(f"/r/{room}").headers["Location"] == f"/kk/r/{room}"
    assert 'name="code"' in client.get("/r", follow_redirects=True).text  # where the code is typed
    assert 'href="/kk/r/"' in client.get("/kk/shymkent/events/").text
    assert client.get(f"/kk/r/?code={room[:3].lower()} {room[3:]}").status_code == 302
    assert client.get("/kk/r/?code=nonsense").status_code == client.get("/kk/r/XXX000").status_code == 404
    page = phone_in(client, asked.room)
    assert "room_device" in str(client.get_cookie("room_device"))
    sent = client.submit(page, "/ask", text=AIR, name="Айгерим Тұрсын", name_shown="initials", follow=True)
    assert AIR in sent.text and "А. Т." in sent.text
    question = session.scalars(select(Question)).one()
    other = new_client()
    page = phone_in(other, asked.room)
    assert other.submit(page, f"/vote/{question.id}").status_code == 303
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    again = other.post(f"/kk/r/{room}/vote/{question.id}", data={"csrf_token": token}, headers=JSON)
    assert again.json == {"ok": True}
    session.refresh(question)
    assert question.votes == 2 and session.scalar(select(func.count()).select_from(Participant)) == 2
    forged = other.post(f"/kk/r/{room}/vote/{question.id}", data={}, headers=JSON)
    assert forged.status_code == 400


@pytest.mark.parametrize("text", ["a" * 300_000, "Су жоқ 87771234567 " * 15_000], ids=["letters", "telephones"])
def test_a_question_of_any_length_is_refused_at_once(asked: Asking, client: Browser, clock: Any, text: str) -> None:
    asked.begin(clock)
    address = f"/kk/r/{asked.room.code}"
    client.submit(client.get(address), f"{address}/join")
    page = client.get(address)
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    began = time.process_time()
    answer = FlaskClient.open(client, f"{address}/ask", method="POST", data={"csrf_token": token, "text": text, "name_shown": "unnamed"})
    assert (answer.status_code, time.process_time() - began < 2) == (422, True)


def test_who_is_registered_comes_in_by_the_account_or_by_the_ticket(asked: Asking, session: Session, new_client: Any, people: People, app: CivicFlask) -> None:
    somebody, contact = people.account(name="Ерлан"), people.contact()
    asked.registered(somebody)
    asked.registered(contact)
    session.commit()
    assert "/ask" in people.sign_in(new_client(), somebody).get(f"/kk/r/{asked.room.code}").text
    stranger = new_client()
    page = stranger.get(f"/kk/r/{asked.room.code}")
    assert "/ask" not in page.text and f"/events/{asked.event.code}/register" in page.text
    assert stranger.post(f"/kk/r/{asked.room.code}/join").status_code == 409 or "/ask" not in stranger.get(f"/kk/r/{asked.room.code}").text
    from civic.events.models import Registration

    row = session.scalars(select(Registration).where(Registration.contact_id == contact.id)).one()
    with app.test_request_context():
        link = ticket_link(row, lang="kk")
    guest = new_client()
    assert f"{link}/room" in guest.get(link).text
    inside = guest.submit(guest.get(f"{link}/room"), "/room", follow=True)
    sent = guest.submit(inside, "/ask", text=AIR, follow=True)
    assert AIR in sent.text
    question = session.scalars(select(Question)).one()
    assert question.participant.contact_id == contact.id
    assert guest.get("/kk/registration/forged/room").status_code == 410


def test_similar_questions_are_offered_before_asking(asked: Asking, session: Session, client: Browser, clock: Any) -> None:
    asked.begin(clock)
    first = asked.ask(DUMP)
    page = phone_in(client, asked.room)
    offered = client.submit(page, "/ask", text="Когда наконец закроют свалку у Коянды, скажите?")
    assert offered.status_code == 409 and DUMP in offered.text and "anyway" in offered.text
    form = next(i for i, action in enumerate(_actions(offered.text)) if action.endswith("/ask"))
    assert client.submit(offered, form, follow=True).status_code == 200
    assert session.scalar(select(func.count()).select_from(Question)) == 2
    same = client.submit(page, "/ask", text=DUMP.upper(), once="a" * 32)
    assert same.status_code == 409 and 'value="1"' not in same.text.split("room__similar")[1].split("</section>")[0]
    place = next(i for i, action in enumerate(_actions(same.text)) if action.endswith(f"/vote/{first.id}"))
    client.submit(same, place)
    session.refresh(first)
    assert first.votes == 2


def test_of_a_waiting_question_who_asks_the_same_reads_nothing_new(asked: Asking, session: Session, client: Browser, clock: Any) -> None:
    asked.begin(clock)
    asked.room.moderated = True
    waiting = asked.ask(DUMP, name_shown=NameShown.NAME, name="Бүркенші Есім")
    session.commit()
    typed = "У Коянды когда закроют свалку"
    same = client.submit(phone_in(client, asked.room), "/ask", text=typed)
    shown = same.text.split("room__similar")[1].split("</section>")[0]
    assert (same.status_code, f"/vote/{waiting.id}" in shown, typed in shown) == (409, True, True)
    assert [word for word in (DUMP, "Бүркенші") if word in same.text] == []


def test_while_one_types_similar_questions_are_told_as_everybody_may_read_them(asked: Asking, session: Session, new_client: Any, clock: Any) -> None:
    asked.begin(clock)
    dump, gas = asked.ask(DUMP), asked.ask(GAS)
    asked.room.moderated = True
    waiting = asked.ask(AIR, name_shown=NameShown.NAME, name="Бүркенші Есім")
    session.commit()
    stranger, address = new_client(), f"/kk/room/{asked.room.code}/similar.json"

    def told(typed: str) -> list[dict[str, Any]]:
        answer = stranger.get(address, query_string={"q": typed})
        assert (answer.status_code, answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == (200, "no-store", False)
        return list(answer.json["questions"])

    [found] = told("когда же вы закроете свалку у Коянды")
    assert (found["id"], found["text"], found["votes"], found["state"], found["href"]) == (dump.id, DUMP, 1, "shown", f"/kk/questions/{dump.id}")
    assert [q["id"] for q in told(f"{DUMP} {'я' * 1_500}")] == [dump.id]  # its beginning counts
    assert told("когда свалку") == told("") == told("\x00 ' % ) --") == told("\x00а б в г") == told("Почему автобусы опаздывают вечером") == []
    assert told(AIR) == [] and told(waiting.text.upper()) == []  # that it waits is told only to who sends it
    service.hide(session, gas, asked.actor, utc_now(), reason=HiddenReason.OFF_TOPIC)
    service.answer_live(session, dump, asked.actor, utc_now())
    assert told(GAS) == [] and [q["state"] for q in told(DUMP)] == ["answered_live"]
    clock.move_to(asked.event.ends_at + timedelta(hours=2))
    assert told(DUMP) == []  # nothing is asked any more
    assert stranger.get("/kk/room/AAA111/similar.json?q=x").status_code == 404


def test_what_is_looked_for_while_one_types_costs_the_same_in_a_full_room(asked: Asking, session: Session, client: Browser, app: CivicFlask) -> None:
    engine, counts = session.get_bind(), []
    for much in (1, 12):
        for n in range(much):
            asked.ask(f"Когда закроют свалку номер {much}{n} у Коянды?")
        session.commit()
        asked_for: list[str] = []
        note = lambda *args: asked_for.append(args[2])  # noqa: B023
        event.listen(engine, "before_cursor_execute", note)
        found = client.get(f"/kk/room/{asked.room.code}/similar.json?q=когда закроют свалку у Коянды").json["questions"]
        event.remove(engine, "before_cursor_execute", note)
        counts.append((len(found), len(asked_for)))
    assert counts == [(1, counts[0][1]), (asking.OFFERED, counts[0][1])]


def _actions(text: str) -> list[str]:
    from tests.support.inspector import parse

    return [form.get("action") or "" for form in next(parse(text).iter("main")).iter("form")]


def test_what_was_typed_is_kept_when_it_is_refused(asked: Asking, client: Browser, clock: Any) -> None:
    asked.begin(clock)
    page = phone_in(client, asked.room)
    refused = client.submit(page, "/ask", text="ж" * 301, name="Айгерім", name_shown="name")
    assert refused.status_code == 422 and "ж" * 301 in refused.text and "Айгерім" in refused.text
    assert client.submit(page, "/ask", text=AIR, to="body:99999999999999999", once="b" * 32).status_code == 422
    assert client.submit(page, "/ask", text=AIR, name_shown="nonsense", once="c" * 32).status_code == 303


def test_live_tells_what_changed_and_nothing_twice(asked: Asking, session: Session, client: Browser) -> None:
    one, two = asked.ask(AIR), asked.ask(DUMP)
    session.commit()
    address = f"/ru/room/{asked.room.code}/live.json"
    first = client.get(f"{address}?v=0")
    state = first.json
    assert state["whole"] and [q["id"] for q in state["questions"]] == [one.id, two.id] and state["polls"] == []
    assert state["questions"][0]["noun"] and "Set-Cookie" not in first.headers and "s-maxage" in first.headers["Cache-Control"]
    assert client.get(f"{address}?v={state['v']}").json == {}
    assert client.get(f"{address}?v={state['v']}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    voting.vote(session, asked.room, two, asked.registered(), utc_now())
    changed = client.get(f"{address}?v={state['v']}").json
    assert not changed["whole"] and [(q["id"], q["votes"]) for q in changed["questions"]] == [(two.id, 2)]
    service.hide(session, one, asked.actor, utc_now(), reason=HiddenReason.INSULT)
    assert client.get(f"{address}?v={changed['v']}").json["questions"] == [{"id": one.id, "gone": True}]
    for nonsense in ("x", "-1", "99999999999", "１", str(asked.room.version + 5), ""):
        assert client.get(address, query_string={"v": nonsense}).json["whole"]


def test_live_says_nothing_of_what_waits_for_the_moderator(asked: Asking, session: Session, client: Browser, moderator: Browser) -> None:
    asked.room.moderated = True
    waiting = asked.ask(AIR)
    session.commit()
    public = client.get(f"/kk/room/{asked.room.code}/live.json?v=0")
    assert public.json["questions"] == [] and AIR not in public.text
    assert client.get(f"/kk/room/{asked.room.code}/live.json?v=1").json["questions"] == []
    for path in (f"/kk/questions/{waiting.id}", f"/kk/organise/events/{asked.event.code}/room/live.json?v=0"):
        assert client.get(path).status_code in (303, 404)
    own = moderator.get(f"/kk/organise/events/{asked.event.code}/room/live.json?v=0").json
    assert [(q["id"], q["state"]) for q in own["questions"]] == [(waiting.id, "waiting")]


def test_a_view_that_slept_long_gets_the_whole_state(asked: Asking, session: Session, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_CHANGED", 2)
    for text in (AIR, DUMP, GAS):
        asked.ask(text)
    session.commit()
    assert client.get(f"/kk/room/{asked.room.code}/live.json?v=1").json["whole"]


def test_the_moderator_takes_every_step(asked: Asking, session: Session, moderator: Browser, client: Browser, clock: Any) -> None:
    asked.room.moderated = True
    asked.host.invite(asked.event, asked.host.body(), email="office@example.test")
    asked.begin(clock)
    one, two, three = asked.ask(AIR), asked.ask(DUMP), asked.ask(GAS)
    session.commit()
    desk = f"/kk/organise/events/{asked.event.code}/room"
    page = moderator.get(desk)
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    def press(question: Question, step: str) -> int:
        status: int = moderator.post(f"{desk}/questions/{question.id}", data={"csrf_token": token, "step": step}, headers=JSON).status_code
        session.refresh(question)
        return status

    assert [press(q, "show") for q in (one, two, three)] == [200] * 3 and press(one, "show") == 409
    assert press(one, "pin") == press(one, "take_up") == 200 and one.answering
    assert AIR in client.get(f"/kk/room/{asked.room.code}/screen").text.split("data-room-next>")[0]
    clock.shift(timedelta(minutes=2))
    assert press(one, "answer_live") == 200 and one.second == 0  # taken up in the second in which the discussion began
    moved = moderator.submit(moderator.get(f"{desk}/questions/{one.id}/recording"), "/recording", second="41:20")
    assert moved.status_code == 303 and session.get(Question, one.id, populate_existing=True).second == 2480  # type: ignore[union-attr]
    assert moderator.submit(moderator.get(f"{desk}/questions/{one.id}/recording"), "/recording", second="soon").status_code == 422
    assert press(two, "hide:nonsense") == 404 and press(two, "nonsense") == 404
    assert press(two, "hide:off_topic") == press(two, "unhide") == 200
    merged = moderator.submit(moderator.get(f"{desk}/questions/{two.id}/merge"), "/merge", into=str(three.id))
    session.refresh(three)
    assert merged.status_code == 303 and three.votes == 2
    assert moderator.submit(moderator.get(f"{desk}/questions/{three.id}/merge"), "/merge", into="1000000").status_code == 422
    handed = moderator.submit(moderator.get(f"{desk}/questions/{three.id}/hand_over"), "/hand_over", body_id=str(asked.host.body().id))
    session.refresh(three)
    assert handed.status_code == 303 and three.state == State.FOR_WRITING
    assert moderator.get(desk).status_code == moderator.get(f"{desk}/settings").status_code == 200
    public = client.get(f"/kk/shymkent/events/{asked.event.code}/questions").text
    assert "00:41:20" in public and GAS in public and DUMP not in public


def test_settings_moderators_and_strangers(asked: Asking, session: Session, moderator: Browser, new_client: Any, people: People, mails: Mails) -> None:
    desk = f"/kk/organise/events/{asked.event.code}/room"
    helper = people.account("helper@example.test")
    session.commit()
    hers = people.sign_in(new_client(), helper)
    assert hers.get(desk).status_code == 404 and new_client().get(desk).status_code == 303
    page = moderator.get(f"{desk}/settings")
    strangers = [moderator.submit(page, "/moderators", email=email, once=key * 32) for key, email in (("b", "nobody@example.test"), ("c", helper.email))]
    assert [a.status_code for a in strangers] == [422, 422]  # the same, whether there is such an account or not
    organisations.give_right(session, asked.event.organisation, helper, asked.actor, utc_now(), Right.DOOR)
    assert moderator.submit(page, "/moderators", email="helper@example.test", once="d" * 32).status_code == 303
    assert desk in links_of(mails.to("helper@example.test")[0])
    assert hers.get(desk).status_code == 200 and hers.get(f"{desk}/settings").status_code == 200
    assert moderator.submit(page, "/settings", opens="2026-05-14T20:00", closes="2026-05-14T19:00", moderated="y").status_code == 422
    assert moderator.submit(page, "/settings", opens="nonsense", closes="", once="e" * 32).status_code == 422
    assert moderator.submit(page, "/settings", opens="2026-05-01T09:00", closes="", moderated="y", once="f" * 32).status_code == 303
    session.refresh(asked.room)
    assert asked.room.moderated and asked.room.opens_at is not None and asked.room.opens_at.isoformat() == "2026-05-01T04:00:00+00:00"
    moderator.submit(moderator.get(f"{desk}/settings"), "/end")
    assert hers.get(desk).status_code == 404


def test_polls_are_prepared_opened_closed_and_then_shown(asked: Asking, session: Session, moderator: Browser, client: Browser, clock: Any) -> None:
    asked.begin(clock)
    desk = f"/kk/organise/events/{asked.event.code}/room"
    form = moderator.get(f"{desk}/polls/new")
    assert moderator.submit(form, "/new", text="Қай тақырып?", options="Бір ғана").status_code == 422
    assert moderator.submit(form, "/new", text="Қай тақырып?", options="Ауа\nСу\nАуа\n", once="1" * 32).status_code == 303
    held = session.scalars(select(Poll)).one()
    assert [o.text for o in held.options] == ["Ауа", "Су"]
    live_address = f"/kk/room/{asked.room.code}/live.json?v=0"
    assert client.get(live_address).json["polls"] == []
    page = moderator.get(desk)
    moderator.submit(page, f"/polls/{held.id}", button="open")
    inside = phone_in(client, asked.room)
    assert client.submit(inside, f"/poll/{held.id}").status_code == 303  # nothing chosen: said on the page
    client.submit(inside, f"/poll/{held.id}", choices=str(held.options[1].id))
    client.submit(inside, f"/poll/{held.id}", choices=str(held.options[0].id))
    told = client.get(live_address).json["polls"][0]
    assert told["screen"] and told["options"][0]["votes"] is None and told["ballots"].startswith("1")
    assert "Қай тақырып?" in client.get(f"/kk/room/{asked.room.code}/screen").text
    moderator.submit(moderator.get(desk), f"/polls/{held.id}", button="close")
    told = client.get(live_address).json["polls"][0]
    assert [(o["votes"], o["percent"]) for o in told["options"]] == [(0, 0), (1, 100)]
    late = client.submit(inside, f"/poll/{held.id}", choices=str(held.options[0].id), follow=True)
    assert late.status_code == 200 and session.get(Poll, held.id, populate_existing=True).ballots == 1  # type: ignore[union-attr]
    moderator.submit(moderator.get(desk), f"/polls/{held.id}", button="unscreen")
    assert "Қай тақырып?" not in client.get(f"/kk/room/{asked.room.code}/screen").text


def test_a_room_has_no_endless_polls(asked: Asking, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "MOST_POLLS", 2)

    def prepare() -> Poll:
        return polls.prepare(session, asked.room, asked.actor, utc_now(), text="Қай тақырып?", options=["А", "Ә"])

    first, _ = prepare(), prepare()
    with pytest.raises(InputRefused, match="too_many_items"):
        prepare()
    polls.take_step(session, first, "discard", asked.actor, utc_now())
    prepare()


def test_several_choices_only_where_they_may_be(asked: Asking, session: Session, clock: Any) -> None:
    asked.begin(clock)
    one, many = (polls.prepare(session, asked.room, asked.actor, utc_now(), text="Не маңызды?", options=["А", "Ә", "Б"], several=several) for several in (False, True))
    for poll in (one, many):
        polls.take_step(session, poll, "open", asked.actor, utc_now())
    voice = asked.registered()
    both = [o.id for o in one.options[:2]]
    with pytest.raises(InputRefused):
        polls.cast(session, one, voice, utc_now(), choices=both)
    with pytest.raises(InputRefused):
        polls.cast(session, one, voice, utc_now(), choices=[o.id for o in many.options])
    assert polls.cast(session, many, voice, utc_now(), choices=[o.id for o in many.options[:2]]) is True
    assert [o.votes for o in many.options] == [1, 1, 0] and many.ballots == 1


def test_a_poll_closed_while_ballots_are_in_flight_counts_or_refuses_each(app: CivicFlask, asked: Asking, session: Session, clock: Any) -> None:
    asked.begin(clock)
    poll = polls.prepare(session, asked.room, asked.actor, utc_now(), text="Қалайсыз ба?", options=["Иә", "Жоқ"])
    polls.take_step(session, poll, "open", asked.actor, utc_now())
    voices = [asked.device(address=f"home{n}").id for n in range(24)]
    poll_id, choice = poll.id, poll.options[0].id
    session.commit()
    counted, refused, start = [], [], threading.Barrier(9)

    def vote(mine: list[int]) -> None:
        with app.app_context():
            start.wait()
            for voice in mine:
                begin(db.session())
                try:
                    polls.cast(db.session(), db.session.get_one(Poll, poll_id), db.session.get_one(Participant, voice), utc_now(), choices=[choice])
                    db.session.commit()
                    counted.append(voice)
                except PollNotOpen:
                    db.session.rollback()
                    refused.append(voice)
            db.session.remove()

    def close() -> None:
        with app.app_context():
            start.wait()
            begin(db.session())
            polls.take_step(db.session(), db.session.get_one(Poll, poll_id), "close", SYSTEM, utc_now())
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=vote, args=(voices[n::8],)) for n in range(8)] + [threading.Thread(target=close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    session.expire_all()
    closed = session.get_one(Poll, poll_id)
    stored = session.scalar(select(func.count()).select_from(PollBallot).where(PollBallot.poll_id == poll_id))
    assert sorted(counted + refused) == sorted(voices) and not set(counted) & set(refused)
    assert closed.state == PollState.CLOSED and closed.ballots == closed.options[0].votes == stored == len(counted)


def test_votes_set_aside_are_previewed_and_taken_back(asked: Asking, session: Session, moderator: Browser, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "BURST", 3)
    asked.begin(clock)
    question = asked.ask(AIR)
    for _ in range(5):
        voting.vote(session, asked.room, question, asked.device(address="script"), utc_now())
    session.commit()
    address = f"/kk/organise/events/{asked.event.code}/room/votes"
    page = moderator.get(address)
    assert ">4<" in page.text and ">6<" in page.text
    moderator.submit(page, 0)
    session.refresh(question)
    assert question.votes == 6


def test_the_body_answers_at_its_desk_and_its_page_counts(asked: Asking, session: Session, new_client: Any, client: Browser, people: People, mails: Mails, clock: Any) -> None:
    road = asked.host.body()
    official, other = people.official(road, email="road@example.test"), people.official(asked.host.body("akimat"), email="other@example.test")
    asked.host.invite(asked.event, road)
    question, live_one = asked.ask(AIR, body_id=road.id), asked.ask(DUMP, body_id=road.id)
    page_of_body = f"/kk/shymkent/bodies/{road.code}"
    session.commit()
    assert "questions-record" not in client.get(page_of_body).text
    asked.begin(clock)
    service.answer_live(session, live_one, asked.actor, utc_now(), second=61)
    asked.finish(clock)
    sweep(session, utc_now())
    session.commit()
    desk = people.sign_in(new_client(), official)
    inbox = desk.get("/kk/desk/questions/")
    assert AIR in inbox.text and DUMP not in inbox.text and "/kk/desk/questions/" in desk.get("/kk/").text
    item = desk.get(f"/kk/desk/questions/{question.id}")
    due = item.text.split('class="columns"')[1].rsplit('<section class="card">', 1)[1].split("</section>")[0]
    assert desk.submit(item, f"/{question.id}", text="  ").status_code == 422
    assert desk.submit(item, f"/{question.id}", text="Датчиктер ауыстырылды.", once="2" * 32).status_code == 303
    assert "Датчиктер ауыстырылды." in client.get(f"/kk/questions/{question.id}").text
    after = desk.get(f"/kk/desk/questions/{question.id}").text.rsplit('<section class="card">', 1)[1].split("</section>")[0]
    assert due.count("<p>") == 2 and after.count("<p>") == 1  # no term is named where nothing is owed any more
    late = desk.submit(item, f"/{question.id}", text="Менің де жауабым бар", once="3" * 32)
    assert "Менің де жауабым бар" in late.text and f'data-clear-keep="question-answer-{question.id}"' in desk.get(f"/kk/desk/questions/{question.id}").text
    assert late.status_code == 422 and "Менің де жауабым бар" not in client.get(f"/kk/questions/{question.id}").text
    assert people.sign_in(new_client(), other).get(f"/kk/desk/questions/{question.id}").status_code == 404
    assert "questions-record" in client.get(page_of_body).text
    record = queries.record_of_body(session, road.id)
    assert (record.asked, record.live, record.on_time, record.not_answered) == (2, 1, 1, 0)


def test_public_pages_are_one_for_all(asked: Asking, session: Session, client: Browser) -> None:
    question, hidden, merged = asked.ask(AIR), asked.ask(DUMP), asked.ask(GAS)
    service.hide(session, hidden, asked.actor, utc_now(), reason=HiddenReason.PERSONAL)
    service.merge(session, merged, asked.actor, utc_now(), into=question)
    session.commit()
    for path in (f"/kk/shymkent/events/{asked.event.code}", f"/kk/shymkent/events/{asked.event.code}/questions", f"/kk/questions/{question.id}", f"/kk/room/{asked.room.code}/screen"):
        page = client.get(path)
        assert page.status_code == 200 and AIR in page.text and DUMP not in page.text and "s-maxage" in page.headers["Cache-Control"], path
    assert GAS in client.get(f"/kk/questions/{question.id}").text and DUMP not in client.get(f"/kk/questions/{hidden.id}").text
    assert client.get("/kk/questions/999999").status_code == client.get("/kk/room/AAA111/screen").status_code == 404
    assert client.get(f"/kk/shymkent/events/{asked.event.code}/questions?after=nonsense-x").status_code == 200


def test_five_thousand_questions_stay_bounded(asked: Asking, session: Session, client: Browser) -> None:
    voice = asked.registered()
    rows = [{"room_id": asked.room.id, "participant_id": voice.id, "state": "shown", "changed": 1, "text": f"Сұрақ {n}: {AIR}", "language": "kk", "name_shown": "unnamed",
             "votes": n % 97, "words": 7, "asked_at": utc_now(), "shown_at": utc_now()} for n in range(5_000)]
    session.execute(insert(Question), rows)
    asked.room.questions = 5_000
    session.commit()
    with pytest.raises(InputRefused) as refused:
        asked.ask(DUMP)
    assert refused.value.code == "room_full"
    session.rollback()
    state = client.get(f"/kk/room/{asked.room.code}/live.json?v=0")
    assert len(state.json["questions"]) == queries.MOST_SHOWN and len(state.data) < 80_000
    page, seen, after = 0, set(), None
    while page < 3:
        found = queries.public_page(session, asked.room.id, after)
        seen |= {q.id for q in found.rows}
        after, page = found.after, page + 1
    assert len(seen) == 3 * queries.PAGE and session.scalar(select(func.count()).select_from(QuestionVote)) == 0


def test_nothing_to_choose_from_leaves_no_button_that_does_nothing(asked: Asking, moderator: Browser, clock: Any) -> None:
    asked.begin(clock)
    one = asked.ask()
    asked.session.commit()
    address = f"/kk/organise/events/{asked.event.code}/room/questions"

    def buttons(question: Question, what: str) -> int:
        return moderator.get(f"{address}/{question.id}/{what}").text.split("<main")[1].split("</main>")[0].count('type="submit"')

    assert (buttons(one, "merge"), buttons(one, "hand_over")) == (0, 0)
    asked.ask("Мектеп жанына бағдаршам қашан қойылады?")
    asked.session.commit()
    assert buttons(one, "merge") == 1
