"""Questions of a discussion: asked, voted for, joined, hidden, answered, and each one's end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.actor import SYSTEM, Actor
from civic.core.clock import utc_now
from civic.core.errors import InputRefused, NotAllowed
from civic.core.transitions import TransitionForbidden
from civic.events import organisations
from civic.events import service as events
from civic.events.states import Right
from civic.places.models import City
from civic.questions import asking, rooms, service, voting
from civic.questions.asking import Asked
from civic.questions.models import Question, QuestionVote, Room, RoomStep
from civic.questions.rooms import NotInRoom, RoomNotOpen, Who
from civic.questions.states import ENDS, POLL_STEPS, TRANSITIONS, HiddenReason, NameShown, PollState, State
from civic.questions.sweep import sweep
from tests.support.invitations import STARTS
from tests.support.letters import Mails, words_of
from tests.support.people import People
from tests.support.questions import Asking
from tests.support.together import together

AIR, DUMP, GAS = "Неге ТЭЦ маңында түнде датчиктер деректі көрсетпейді?", "Когда закроют свалку у Коянды?", "Сколько домов перевели на газ из обещанных?"


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


def steps_of(session: Session, question: Question) -> list[str]:
    return list(session.scalars(select(RoomStep.kind).where(RoomStep.question_id == question.id).order_by(RoomStep.id)))


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    assert {t.target for t in TRANSITIONS.by_name.values()} == set(State) - {State.WAITING}
    left = {source for t in TRANSITIONS.by_name.values() for source in t.sources}
    assert set(State) - left == {State.ANSWERED_IN_WRITING}
    assert {t.target for t in POLL_STEPS.by_name.values()} == set(PollState) - {PollState.PREPARED}


@pytest.mark.parametrize(("shown", "name", "public"), [
    (NameShown.NAME, "Айгерим  Тұрсын", "Айгерим Тұрсын"), (NameShown.INITIALS, "Айгерим Тұрсын", "А. Т."), (NameShown.UNNAMED, "Айгерим Тұрсын", ""),
])
def test_a_name_is_shown_as_its_owner_wishes(asked: Asking, shown: NameShown, name: str, public: str) -> None:
    question = asked.ask(AIR, name=name, name_shown=shown)
    assert (question.shown_name, question.language, question.votes) == (public, "kk", 1)


def test_who_is_not_registered_does_not_ask_before_the_doors_open(asked: Asking, session: Session, people: People, clock: Any) -> None:
    with pytest.raises(NotInRoom):
        rooms.come_in(session, asked.room, Who(contact_id=people.contact().id), utc_now())
    with pytest.raises(NotInRoom):
        asked.device()
    session.commit()
    clock.move_to(STARTS - timedelta(minutes=59))
    first = asked.device("same")
    assert asked.device("same").id == first.id and asked.room.people == 1


@pytest.mark.parametrize(("text", "changes", "code"), [
    ("", {}, "question_missing"), ("??? !!! ... ???", {}, "question_missing"), ("о" * 301, {}, "question_too_long"), (AIR, {"name_shown": NameShown.NAME}, "visitor_name_missing"),
    (AIR, {"body_id": 1_000_000}, "addressee_unknown"), (AIR, {"speaker": "Nobody Atall"}, "addressee_unknown"),
    (AIR, {"name_shown": NameShown.NAME, "name": "https://x.example"}, "name_has_address"),
])
def test_what_cannot_be_asked(asked: Asking, text: str, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        asked.ask(text, **changes)
    assert refused.value.code == code


def test_nobody_asks_more_than_the_hour_allows(asked: Asking, session: Session, clock: Any) -> None:
    somebody = asked.registered()
    texts = ("Жылу қашан қосылады", "Автобус неге кешігеді", "Мектепке орын жете ме", "Саябақта шам неге жанбайды", "Су тарифі өсе ме", "Қоқыс қашан шығарылады")
    for text in texts[:5]:
        asked.ask(text, somebody)
    with pytest.raises(InputRefused) as refused:
        asked.ask(texts[5], somebody)
    assert (refused.value.code, refused.value.facts["limit"]) == ("too_many_questions", 5)
    clock.shift(timedelta(minutes=61))
    asked.ask(texts[5], somebody)


def test_a_hundred_times_the_same_question_is_one_with_a_hundred_votes(asked: Asking, session: Session, clock: Any) -> None:
    asked.begin(clock)
    first = asked.ask(AIR)
    for _ in range(99):
        phone = asked.device()
        with pytest.raises(InputRefused) as refused:
            asked.ask(AIR.upper().replace("?", "  ??"), phone)
        assert refused.value.code == "question_asked_before"
        found = asking.similar(session, asked.room, AIR)
        assert [s.question.id for s in found] == [first.id] and found[0].share == 1
        voting.vote(session, asked.room, found[0].question, phone, utc_now())
    voting.vote(session, asked.room, first, phone, utc_now())
    assert first.votes == 100 - 40 + 1  # the first 60 devices of one address count, the others wait for the moderator


def test_similar_questions_share_words_in_any_form(asked: Asking, session: Session) -> None:
    dump, _ = asked.ask(DUMP), asked.ask(GAS)
    assert [s.question.id for s in asking.similar(session, asked.room, "когда свалку у Коянды закроете")] == [dump.id]
    assert asking.similar(session, asked.room, "Почему автобусы опаздывают вечером") == []
    service.hide(session, dump, asked.actor, utc_now(), reason=HiddenReason.OFF_TOPIC)
    assert asking.similar(session, asked.room, DUMP) == []


def test_a_waiting_question_is_named_only_to_who_asks_the_same(asked: Asking, session: Session) -> None:
    asked.room.moderated = True
    waiting = asked.ask(DUMP)
    assert (waiting.state, waiting.shown_at) == (State.WAITING, None)
    assert asking.similar(session, asked.room, "Когда закроют свалку у реки?") == []
    assert [s.question.id for s in asking.similar(session, asked.room, DUMP)] == [waiting.id]


def test_one_voice_for_one_question(asked: Asking, session: Session) -> None:
    question, voice = asked.ask(AIR), asked.registered()
    before = asked.room.version
    assert voting.vote(session, asked.room, question, voice, utc_now()) is True
    assert voting.vote(session, asked.room, question, voice, utc_now()) is False
    assert voting.vote(session, asked.room, question, question.participant, utc_now()) is False
    assert question.votes == 2 and question.changed > before


def test_joined_questions_count_each_voter_once_and_part_again(asked: Asking, session: Session) -> None:
    one, two, three = asked.ask(AIR), asked.ask(DUMP), asked.ask(GAS)
    both, only = asked.registered(), asked.registered()
    for question in (one, two, three):
        voting.vote(session, asked.room, question, both, utc_now())
    voting.vote(session, asked.room, two, only, utc_now())
    now = utc_now()
    service.merge(session, two, asked.actor, now, into=one)
    assert one.votes == 4  # two askers, both, only
    service.merge(session, three, asked.actor, now, into=two)  # goes to what that one was joined with
    assert (one.votes, three.merged_into_id) == (5, one.id)
    voting.vote(session, asked.room, two, asked.registered(), now)
    assert one.votes == 6
    service.split(session, two, asked.actor, now)
    assert (one.votes, two.votes, two.state) == (4, 3, State.SHOWN)  # the new voice and «both» stay with the first
    assert steps_of(session, two)[-2:] == ["merge", "split"]
    with pytest.raises(service.QuestionElsewhere):
        service.merge(session, two, asked.actor, now, into=two)


def test_hidden_for_a_public_reason_and_back(asked: Asking, session: Session, mails: Mails) -> None:
    question = asked.ask(AIR)
    service.pin(session, question, asked.actor, utc_now(), pinned=True)
    service.hide(session, question, asked.actor, utc_now(), reason=HiddenReason.PERSONAL)
    assert (question.state, question.pinned) == (State.HIDDEN, False)
    letters = [letter for letter in mails() if AIR in words_of(letter)]
    assert len(letters) == 1
    service.unhide(session, question, asked.actor, utc_now())
    assert (question.state, question.hidden_reason) == (State.SHOWN, None)
    step = session.scalars(select(RoomStep).where(RoomStep.kind == "hide")).one()
    assert (step.role, step.facts, step.from_state) == ("moderator", {"reason": "personal"}, "shown")


def test_only_the_moderator_moderates(asked: Asking, session: Session, people: People) -> None:
    question, stranger, named = asked.ask(AIR), people.account(), people.account("room@example.test")
    for step in (lambda who: service.hide(session, question, who, utc_now(), reason=HiddenReason.INSULT),
                 lambda who: service.pin(session, question, who, utc_now(), pinned=True), lambda who: service.answer_live(session, question, who, utc_now())):
        with pytest.raises(NotAllowed):
            step(people.actor(stranger))
    with pytest.raises(InputRefused, match="not_of_the_organisation"):
        rooms.name_moderator(session, asked.room, asked.actor, utc_now(), named.email)
    organisations.give_right(session, asked.event.organisation, named, asked.actor, utc_now(), Right.DOOR)
    rooms.name_moderator(session, asked.room, asked.actor, utc_now(), named.email)
    service.pin(session, question, people.actor(named), utc_now(), pinned=True)
    with pytest.raises(NotAllowed):
        rooms.name_moderator(session, asked.room, people.actor(named), utc_now(), stranger.email)
    rooms.end_moderator(session, asked.room, asked.actor, utc_now(), asked.room.moderators[0].id)
    with pytest.raises(NotAllowed):
        service.pin(session, question, people.actor(named), utc_now(), pinned=False)


def test_one_question_is_being_answered(asked: Asking, session: Session, clock: Any) -> None:
    one, two = asked.ask(AIR), asked.ask(DUMP)
    service.make_current(session, one, asked.actor, utc_now())
    service.make_current(session, two, asked.actor, utc_now())
    assert (one.answering, two.answering) == (False, True)
    service.answer_live(session, two, asked.actor, utc_now(), second=2480)
    assert (two.answering, two.state, two.second) == (False, State.ANSWERED_LIVE, 2480)
    with pytest.raises(InputRefused):
        service.set_second(session, two, asked.actor, utc_now(), second=-1)
    service.set_second(session, two, asked.actor, utc_now(), second=2490)
    service.reopen(session, two, asked.actor, utc_now())
    assert (two.state, two.second, two.answered_at) == (State.SHOWN, None, None)


def test_a_body_answers_in_writing_on_time_or_late(asked: Asking, session: Session, people: People, clock: Any, mails: Mails) -> None:
    road = asked.host.body()
    official = people.official(road, email="road@example.test")
    asked.host.invite(asked.event, road)
    asker = asked.registered(people.contact("asker@example.test"))
    on_time, late = asked.ask(AIR, asker, body_id=road.id), asked.ask(DUMP, body_id=road.id)
    mails()
    asked.begin(clock)
    asked.finish(clock)
    assert sweep(session, utc_now())["handed_over"] == 2
    assert on_time.due_on is not None and (on_time.due_on - STARTS.date()).days == 15  # ten working days, one day off in between
    assert any("road@example.test" == letter["To"] for letter in mails())
    with pytest.raises(NotAllowed):
        service.answer_in_writing(session, on_time, asked.actor, utc_now(), text="Жауап")
    service.answer_in_writing(session, on_time, people.actor(official), utc_now(), text="Датчиктер ауыстырылды.")
    assert (on_time.state, on_time.late) == (State.ANSWERED_IN_WRITING, False)
    letter = mails.to("asker@example.test")
    assert len(letter) == 1 and "Датчиктер ауыстырылды." in words_of(letter[0])
    clock.move_to(datetime(2026, 5, 30, 9, tzinfo=STARTS.tzinfo))
    assert sweep(session, utc_now())["not_answered"] == 1 and late.state == State.NOT_ANSWERED
    service.answer_in_writing(session, late, people.actor(official), utc_now(), text="Свалку закроют в июле.")
    assert (late.state, late.late) == (State.ANSWERED_IN_WRITING, True)
    assert steps_of(session, late)[-3:] == ["hand_over", "close", "answer_in_writing"]


def test_the_body_is_reminded_once_three_working_days_before_its_answer_is_due(asked: Asking, session: Session, people: People, client: Any, clock: Any,
                                                                            mails: Mails) -> None:
    road = asked.host.body()
    people.official(road, email="road@example.test")
    asked.host.invite(asked.event, road)
    asker = asked.registered(people.contact("asker@example.test"))
    question, answered = asked.ask(AIR, asker, body_id=road.id), asked.ask(DUMP, body_id=road.id)
    asked.begin(clock)
    asked.finish(clock)
    sweep(session, utc_now())
    service.answer_in_writing(session, answered, people.actor(people.official(road)), utc_now(), text="Жауап")
    mails()
    assert question.due_on == STARTS.date() + timedelta(days=15)
    for day in range(1, 16):
        clock.move_to(STARTS + timedelta(days=day))
        for _ in range(2):
            sweep(session, utc_now())
    assert (steps_of(session, question)[-2:], steps_of(session, answered)[-1]) == (["hand_over", "remind"], "answer_in_writing")
    reminded = session.scalars(select(RoomStep).where(RoomStep.kind == "remind")).one()
    assert (reminded.at.astimezone(STARTS.tzinfo).date(), reminded.role) == (STARTS.date() + timedelta(days=11), "system")  # on Monday, due on Friday, a day off in between
    letters = {letter["To"]: letter for letter in mails()}
    assert "asker@example.test" not in letters
    assert letters["road@example.test"]["Subject"].startswith("Еске салу") and "29 мамыр" in letters["road@example.test"]["Subject"]
    assert "Reminder" in client.get(f"/en/questions/{question.id}").text
    assert service.remind(session, question, utc_now()) is None  # another worker chose it at the same moment


def test_nobody_is_reminded_where_nobody_can_be_written_to_or_the_answer_came_first(asked: Asking, session: Session, people: People, clock: Any, mails: Mails) -> None:
    road, silent = asked.host.body(), asked.host.body("akimat")
    official, gone = people.official(road, email="road@example.test"), people.official(silent)
    asked.host.invite(asked.event, road)
    asked.host.invite(asked.event, silent)
    gone.active = False  # the last of the body; nobody came after
    question, unheard = asked.ask(AIR, body_id=road.id), asked.ask(DUMP, body_id=silent.id)
    asked.begin(clock)
    asked.finish(clock)
    sweep(session, utc_now())
    mails()
    clock.move_to(STARTS + timedelta(days=14))
    assert sweep(session, utc_now())["reminded"] == 1
    assert (steps_of(session, question)[-1], steps_of(session, unheard)[-1]) == ("remind", "hand_over")
    service.answer_in_writing(session, question, people.actor(official), utc_now(), text="Жауап")
    assert not mails.to("road@example.test")


def test_every_question_gets_an_end(asked: Asking, session: Session, clock: Any) -> None:
    asked.host.invite(asked.event, asked.host.body(), email="office@example.test")
    asked.room.moderated = True
    never_shown = asked.ask("Бұл сұрақты модератор көрмеген")
    asked.room.moderated = False
    to_all, to_body = asked.ask(AIR), asked.ask(DUMP, body_id=asked.host.body().id)
    asked.begin(clock)
    live = asked.ask(GAS)
    service.answer_live(session, live, asked.actor, utc_now())
    asked.finish(clock)
    sweep(session, utc_now())
    assert (to_all.state, to_body.state) == (State.SHOWN, State.FOR_WRITING)  # the moderator still has two working days
    service.hand_over(session, to_all, asked.actor, utc_now(), body_id=asked.host.body().id)
    clock.shift(timedelta(days=40))
    sweep(session, utc_now())
    assert {q.state for q in (never_shown, to_all, to_body, live)} <= ENDS and never_shown.shown_at is None


def test_workers_that_sweep_at_the_same_moment_do_each_thing_once(asked: Asking, session: Session, clock: Any) -> None:
    asked.host.invite(asked.event, asked.host.body(), email="office@example.test")
    to_body, to_all = asked.ask(DUMP, body_id=asked.host.body().id), asked.ask(AIR)
    asked.begin(clock)
    asked.finish(clock)
    assert together(session, lambda own: sweep(own, utc_now())) == ["done"] * 6
    clock.shift(timedelta(days=40))
    assert together(session, lambda own: sweep(own, utc_now())) == ["done"] * 6
    assert (steps_of(session, to_body)[-2:], steps_of(session, to_all)[-2:]) == (["hand_over", "close"], ["show", "close"])


def test_questions_of_a_cancelled_discussion_are_closed(asked: Asking, session: Session) -> None:
    question = asked.ask(AIR)
    events.cancel(session, asked.event, asked.actor, utc_now(), text="Залды су басты")
    assert sweep(session, utc_now())["not_answered"] == 1 and question.state == State.NOT_ANSWERED
    with pytest.raises(RoomNotOpen):
        voting.vote(session, asked.room, question, question.participant, utc_now())


def test_a_withdrawn_invitation_hands_nothing_over(asked: Asking, session: Session, clock: Any) -> None:
    from civic.invitations import service as invitations

    invitation = asked.host.invite(asked.event, asked.host.body(), email="office@example.test")
    question = asked.ask(AIR, body_id=asked.host.body().id)
    invitations.withdraw(session, invitation, asked.actor, utc_now(), text="Тақырып өзгерді")
    asked.begin(clock)
    asked.finish(clock)
    sweep(session, utc_now())
    session.refresh(question)
    assert (question.state, question.body_id) == (State.SHOWN, None)


def test_settings_say_when_questions_are_taken(asked: Asking, session: Session, clock: Any) -> None:
    with pytest.raises(InputRefused):
        rooms.change_settings(session, asked.room, asked.actor, utc_now(), opens_at=STARTS, closes_at=STARTS, moderated=True)
    rooms.change_settings(session, asked.room, asked.actor, utc_now(), opens_at=STARTS, closes_at=STARTS + timedelta(hours=1), moderated=True)
    with pytest.raises(RoomNotOpen):
        asked.ask(AIR)
    asked.begin(clock)
    assert asked.ask(AIR).state == State.WAITING
    clock.shift(timedelta(hours=1))
    with pytest.raises(RoomNotOpen):
        asked.ask(DUMP)


def test_a_burst_of_devices_is_set_aside_and_can_be_taken_back(asked: Asking, session: Session, clock: Any) -> None:
    asked.begin(clock)
    question = asked.ask(AIR)
    for n in range(rooms.BURST + 15):
        voting.vote(session, asked.room, question, asked.device(address="script"), utc_now())
    assert question.votes == 1 + rooms.BURST
    groups = {(g.address, g.suspect): g for g in voting.groups(session, asked.room)}
    assert groups["script", True].devices == groups["script", True].votes == 15
    assert voting.preview(session, asked.room, "script", True) == [(question, 1 + rooms.BURST + 15)]
    assert voting.set_suspect(session, asked.room, asked.actor, utc_now(), address="script", suspect=False) == 15
    assert question.votes == 1 + rooms.BURST + 15
    assert voting.preview(session, asked.room, "script", False) == [(question, 1)]
    voting.set_suspect(session, asked.room, asked.actor, utc_now(), address="script", suspect=True)
    assert question.votes == 1
    clock.shift(timedelta(minutes=2))
    assert asked.device(address="script").suspect is False  # later ones count until they come in a burst


def test_the_room_makes_itself_for_announced_discussions(session: Session, city: City, people: People, now: datetime) -> None:
    from tests.support.invitations import Host

    host = Host(session, city, people)
    event, _ = host.event(), host.event(announced=False, starts=STARTS + timedelta(days=1))
    assert (sweep(session, now)["opened"], sweep(session, now)["opened"]) == (1, 0)
    room = session.scalars(select(Room)).one()
    assert (room.event_id, room.code[:3]) == (event.id, city.prefix) and room.code[3:].isdecimal()


def test_the_database_keeps_the_log_and_the_questions(asked: Asking, session: Session) -> None:
    question = asked.ask(AIR)
    session.commit()
    for statement in (update(RoomStep).values(kind="x"), delete(RoomStep), delete(Question).where(Question.id == question.id)):
        session.execute(delete(QuestionVote))
        with pytest.raises(DatabaseError):
            session.execute(statement)
        session.rollback()


def test_an_answered_question_takes_no_steps_of_others(asked: Asking, session: Session) -> None:
    question = asked.ask(AIR)
    service.answer_live(session, question, asked.actor, utc_now())
    for step in (lambda: service.close(session, question, SYSTEM, utc_now(), why="over"), lambda: service.show(session, question, asked.actor, utc_now())):
        with pytest.raises(TransitionForbidden):
            step()
    with pytest.raises(voting.NotForVoting):
        voting.vote(session, asked.room, question, asked.registered(), utc_now())
    assert isinstance(session.get(Body, asked.host.body().id), Body) and Actor() != SYSTEM and Asked(AIR).body_id is None


def test_a_body_that_nobody_answers_for_is_said_to_be_silent_and_the_question_ends_all_the_same(asked: Asking, session: Session, client: Any, people: People, clock: Any) -> None:
    body = asked.host.body()
    leaving = people.official(body)
    asked.host.invite(asked.event, body)  # to its officials, so there is no address to write to once they are gone
    question = asked.ask(AIR, body_id=body.id)
    asked.begin(clock)
    asked.finish(clock)
    sweep(session, utc_now())
    leaving.memberships[0].ended_at = utc_now()
    session.commit()
    assert question.state == State.FOR_WRITING and question.due_on is not None
    path, words = f"/en/questions/{question.id}", "does not answer here"
    assert words in client.get(path).text
    people.official(body)
    session.commit()
    assert words not in client.get(path).text
    clock.move_to(utc_now() + timedelta(days=40))
    sweep(session, utc_now())
    assert question.state == State.NOT_ANSWERED
