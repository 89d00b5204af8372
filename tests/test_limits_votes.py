"""Votes that look bought: marked, previewed, taken out of the number and put back; a vote sent at once by several counts once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.post_models import AuditEntry
from civic.app import CivicFlask
from civic.complaints import service
from civic.complaints.models import Complaint, Support
from civic.core.clock import utc_now
from civic.limits import votes
from civic.limits.models import VoteDecision, VoteMark, VoteOrigin
from civic.limits.votes import Origin
from civic.places.models import City
from civic.questions import rooms, voting
from civic.questions.models import Participant
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.people import People
from tests.support.questions import Asking
from tests.support.together import together

KEY = "ab" * 32


def _support(session: Session, people: People, complaint: Complaint, number: int, now: datetime, *, device: str, address: str, email: str = "") -> int:
    contact = people.contact(email or f"{'abcdefghijklmnopqrstuvwxyz'[number]}{number}@{number}.example.kz")
    assert service.support(session, complaint, contact.id, now, Origin(address, device, KEY))
    return contact.id


def _marks(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for mark in session.scalars(select(VoteMark)):
        for signal in mark.signals:
            found[signal] = found.get(signal, 0) + 1
    return found


def test_neighbours_behind_one_network_are_not_suspect(session: Session, filed: Filed, people: People, now: Any) -> None:
    complaint = filed()
    for n in range(15):  # one carrier, an evening, each from a phone of their own
        _support(session, people, complaint, n, now + timedelta(minutes=n), device=f"d{n}", address="one")
    assert (votes.mark_suspects(session, now + timedelta(hours=1)), _marks(session)) == (0, {})


@pytest.mark.parametrize(("how", "signal", "number"), [
    ({"device": "one"}, "device", 4), ({"address": "one"}, "address_burst", 10), ({"email": "anna{n}@x.example.kz"}, "newborn", 5)])
def test_each_signal_marks_from_its_number_on(session: Session, filed: Filed, people: People, now: Any, how: dict[str, str], signal: str, number: int) -> None:
    complaint = filed()
    for n in range(number):
        assert votes.mark_suspects(session, now) == 0
        _support(session, people, complaint, n, now, **{"device": f"d{n}", "address": f"a{n}", **{k: v.format(n=n) for k, v in how.items()}})
    assert (votes.mark_suspects(session, now), _marks(session)) == (number, {signal: number})
    assert votes.mark_suspects(session, now) == 0
    session.commit()
    session.refresh(complaint)
    assert complaint.supporters == number  # marked is not yet judged


def test_a_decision_moves_the_number_and_can_be_taken_back(app: CivicFlask, session: Session, filed: Filed, people: People, now: Any, client: Browser) -> None:
    complaint = filed()
    honest = people.account()
    assert honest.contact is not None
    service.support(session, complaint, honest.contact.id, now, Origin("home", "mine", KEY))
    bought = [_support(session, people, complaint, n, now, device="farm", address="farm") for n in range(4)]
    votes.mark_suspects(session, now)
    session.commit()
    run = app.test_cli_runner().invoke
    assert f"support {complaint.number}: 4 suspected (device 4)" in run(args=["limits", "suspects"]).output
    decide = ["limits", "decide", "support", complaint.number, "invalid", "--reason", "one browser"]
    session.commit()
    assert "4 votes would go from suspected to invalid. Nothing was changed" in run(args=decide).output
    session.commit()
    session.refresh(complaint)
    assert complaint.supporters == 5
    assert "4 votes went" in run(args=[*decide, "--yes"]).output
    session.commit()
    session.refresh(complaint)
    assert (complaint.supporters, votes.ignored(session, "support", [complaint.id])) == (1, {complaint.id: 4})
    assert len(session.scalars(select(Support)).all()) == 5  # whoever voted sees the own vote as before
    assert not service.support(session, complaint, bought[0], now, Origin("farm", "farm", KEY))  # and cannot vote again
    session.commit()
    assert votes.mark_suspects(session, now) == 0
    assert "4 votes went" in run(args=["limits", "decide", "support", complaint.number, "restored", "--reason", "a school class", "--yes"]).output
    session.commit()
    session.refresh(complaint)
    assert complaint.supporters == 5
    assert [d.state for d in session.scalars(select(VoteDecision).order_by(VoteDecision.id))] == ["invalid", "cleared"]
    assert "0 votes went" in run(args=[*decide, "--yes"]).output  # who was cleared is not suspected again
    trail = session.scalars(select(AuditEntry).where(AuditEntry.act.startswith("votes.")).order_by(AuditEntry.id))
    assert [(e.act, e.actor_id, e.city_id, e.facts["votes"]) for e in trail] == [(f"votes.{t}", None, complaint.city_id, 4) for t in ("invalid", "cleared")]
    with pytest.raises(ValueError, match="do not go"):
        votes.decide(session, "support", complaint.id, "invalid", "suspected", "", None, now)


def test_two_workers_that_look_at_once_mark_each_vote_once(session: Session, filed: Filed, people: People, now: Any) -> None:
    complaint = filed()
    for n in range(4):
        _support(session, people, complaint, n, now, device="farm", address="farm")
    assert together(session, lambda own: votes.mark_suspects(own, now), 3) == ["done"] * 3
    assert [m.signals for m in session.scalars(select(VoteMark))] == [["device"]] * 4


def test_where_votes_came_from_is_remembered_by_pages_and_forgotten_later(client: Browser, session: Session, filed: Filed, people: People, now: Any) -> None:
    complaint = filed()
    person = people.account()
    people.sign_in(client, person)
    assert client.submit(client.get(f"/kk/shymkent/complaints/{complaint.number}/support")).status_code == 303
    row = session.scalars(select(VoteOrigin)).one()
    assert row.device and len(row.address) == 32 and "127.0.0" not in row.address
    votes.forget_origins(session, now + votes.KEPT + timedelta(days=1))
    assert session.scalars(select(VoteOrigin)).all() == []


def test_the_same_support_sent_at_once_counts_once(session: Session, filed: Filed, people: People, now: Any) -> None:
    complaint, contact = filed(), people.contact()
    complaint_id, contact_id = complaint.id, contact.id
    new = []

    def press(own: Session) -> None:
        new.append(service.support(own, own.get_one(Complaint, complaint_id), contact_id, now))

    assert together(session, press) == ["done"] * 6
    assert sorted(new) == [False] * 5 + [True]
    assert session.get_one(Complaint, complaint_id).supporters == 1


def test_devices_of_a_room_stand_beside_supports_and_are_decided_alike(app: CivicFlask, session: Session, city: City, people: People, filed: Filed, client: Browser,
                                                                       clock: Any, now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "BURST", 3)
    asked = Asking(session, city, people)
    question = asked.ask()
    asked.begin(clock)
    for _ in range(5):
        voting.vote(session, asked.room, question, asked.device(address="script"), utc_now())
    complaint = filed()
    for n in range(4):
        _support(session, people, complaint, n, utc_now(), device="farm", address="farm")
    votes.mark_suspects(session, utc_now())
    session.commit()
    listed = app.test_cli_runner().invoke(args=["limits", "suspects"]).output
    assert f"support {complaint.number}: 4 suspected (device 4)" in listed
    assert f"room {asked.room.code}: 2 suspected (hall_burst 2, not counted)" in listed
    assert question.votes == 4  # the asker and the three before the burst
    people.sign_in(client, people.moderator(city))
    page = client.get("/en/moderation/votes")
    assert complaint.number in page.text and asked.room.code in page.text and question.text in page.text
    room = next(n for n in range(2) if asked.room.code in page.text.split("<section")[n + 1])
    assert client.submit(page, room, target="cleared").status_code == 422  # a reason is asked for
    assert client.submit(page, room, target="cleared", reason="A hall with one Wi-Fi").status_code == 303
    session.expire_all()
    assert question.votes == 6 and not session.scalars(select(Participant).where(Participant.suspect)).all()
    assert voting.set_suspect(session, asked.room, asked.actor, utc_now(), address="script", suspect=True) == 5
    session.commit()
    assert question.votes == 1
    assert f"room {asked.room.code}: 5 invalid" in app.test_cli_runner().invoke(args=["limits", "suspects", "--state", "invalid"]).output
    assert client.get("/en/moderation/votes?state=invalid").text.count(asked.room.code) == 1


def test_decided_votes_are_listed_as_long_as_one_can_look_where_they_came_from(
        session: Session, people: People, city: City, filed: Filed, client: Browser, clock: Any, now: Any) -> None:
    complaint, moderator = filed(), people.moderator(city)
    for n in range(4):
        _support(session, people, complaint, n, now, device="farm", address="farm")
    votes.mark_suspects(session, now)
    session.commit()
    clock.shift(votes.KEPT + timedelta(days=1))
    assert complaint.number in people.sign_in(client, moderator).get("/en/moderation/votes").text  # what waits stays
    session.rollback()
    assert votes.decide(session, "support", complaint.id, "suspected", "invalid", "one browser", None, utc_now()) == 4
    session.commit()
    assert complaint.number not in client.get("/en/moderation/votes?state=invalid").text
    session.rollback()
    assert [len(g.votes) for g in votes.suspects(session, "invalid", "support", complaint.id)] == [4]  # and can be put back by whoever names it


def test_nobody_decides_about_votes_for_the_own_complaint(session: Session, people: People, city: City, filed: Filed, client: Browser, new_client: Any, now: Any) -> None:
    moderator = people.moderator(city)
    own, of_others = filed(by=moderator), filed(text="Көшеде шұңқыр көп")
    for complaint in (own, of_others):
        for n in range(4):
            _support(session, people, complaint, n + 4 * (complaint is own), now, device=f"farm{complaint.id}", address="farm")
    votes.mark_suspects(session, now)
    session.commit()
    page = people.sign_in(client, moderator).get("/en/moderation/votes")
    assert (own.number in page.text, page.text.count("another moderator decides"), page.text.count('value="cleared"')) == (True, 1, 1)
    assert client.submit(page, subject=str(own.id), target="cleared", reason="They are mine").status_code == 404
    assert client.submit(page, target="cleared", reason="A family").status_code == 303
    other = people.sign_in(new_client(), people.moderator(city))
    assert other.submit(other.get("/en/moderation/votes"), target="cleared", reason="A family").status_code == 303


def test_suspect_votes_are_for_moderators_of_the_city(session: Session, people: People, city: City, filed: Filed, client: Browser, new_client: Any, now: Any) -> None:
    complaint = filed()
    for n in range(4):
        _support(session, people, complaint, n, now, device="farm", address="farm")
    votes.mark_suspects(session, now)
    session.commit()
    assert people.sign_in(client, people.account()).get("/en/moderation/votes").status_code == 404
    page = people.sign_in(new_client(), people.moderator(city)).get("/en/moderation/votes")
    admin = people.sign_in(new_client(), people.administrator())
    assert complaint.number not in admin.get("/en/moderation/votes").text and complaint.number in page.text
