"""Words that an erased person has left in rooms and promises, and what open views and the moderators still hold of them."""

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import invited
from civic.accounts.invited import Offer
from civic.app import CivicFlask
from civic.core.actor import RoleName
from civic.core.database import Base, begin_write
from civic.jobs.models import Outbox
from civic.media.models import Photo
from civic.media.service import take_in
from civic.moderation import service as moderation
from civic.moderation.codex import Reason
from civic.moderation.subjects import load
from civic.notifications.service import ask
from civic.places.models import City
from civic.privacy import archive, erasure
from civic.privacy import service as privacy
from civic.privacy.models import Export
from civic.privacy.person import Person, person_of
from civic.privacy.tasks import folders
from civic.promises import service as promises
from civic.promises.models import PromiseStep
from civic.promises.service import Evidence
from civic.questions.models import Participant, Question
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails
from tests.support.people import People
from tests.support.promises import SEEN, Promised
from tests.support.questions import Asking


@pytest.fixture
def asked(session: Session, city: City, people: People, clock: Any) -> Asking:
    return Asking(session, city, people)


@pytest.fixture
def promised(session: Session, city: City, people: People, clock: Any) -> Promised:
    return Promised(session, city, people)


def test_a_question_loses_words_and_name_and_the_open_views_of_the_room_are_told(asked: Asking, session: Session, people: People, now: datetime) -> None:
    contact = people.contact()
    question = asked.ask("Неге біздің Абай көшесі 5 қараңғы?", by=asked.registered(contact), name="Айгерим")
    session.commit()
    version = asked.room.version
    erasure.erase(session, Person(None, contact.id), now)
    session.commit()
    found = session.get_one(Question, question.id)
    assert (found.text, found.shown_name, found.votes) == ("—", "", 1)
    assert found.changed == asked.room.version > version
    voice = session.scalars(select(Participant)).one()
    assert (voice.address, voice.contact.erased if voice.contact else None) == ("", True)


@pytest.mark.parametrize("restored", [False, True])
def test_what_a_resident_said_against_a_promise_goes_and_the_sides_of_the_others_stay(
        promised: Promised, session: Session, app: CivicFlask, people: People, city: City, client: Browser, picture: Any, now: datetime, restored: bool) -> None:
    promise, resident = promised.confirmed(), people.contact()
    promises.claim(session, promise, promised.of_body, now, SEEN)
    photo = take_in(session, app.settings.media, io.BytesIO(picture()), now, private=False)
    session.flush()
    own = promises.contest(session, promise, people.actor(resident), now, Evidence("Менің үйім Абай 5", "https://example.kz/me", [photo.id]))
    step_id, photo_id = own.id, photo.id
    thing = load(session, "promise", promise.number)
    assert thing is not None
    case = moderation.flag(session, thing, people.actor(people.account()), now, part=f"step-{step_id}", reason=Reason.PERSONAL_DATA)
    moderation.hide(session, case, people.actor(people.moderator(city)), now, parts=[f"step-{step_id}", f"links-{step_id}"],
                    reason=Reason.PERSONAL_DATA)
    if restored:
        moderation.appeal(session, case, people.actor(resident), now, text="Абай 5 менің үйім, құпия емес")
        moderation.resolve(session, case, people.actor(people.moderator(city)), now, restore=True, text="Қалсын")
    erasure.erase(session, Person(None, resident.id), now)
    session.commit()
    found = session.get_one(PromiseStep, step_id)
    assert (found.text, found.links, found.kind, case.withheld, case.appeal, session.get(Photo, photo_id)) == (None, [], "contest", None, "", None)
    page = client.get(f"/en/promises/{promise.number}").text
    assert ("Абай 5" in page, "example.kz/me" in page, SEEN.text in page, "The author removed personal data" in page) == (False, False, True, True)


def test_photos_with_which_a_promise_was_contested_are_in_the_archive(
        promised: Promised, session: Session, app: CivicFlask, people: People, picture: Any, mails: Mails, tmp_path: Path, now: datetime) -> None:
    promise, resident = promised.confirmed(), people.contact()
    promises.claim(session, promise, promised.of_body, now, SEEN)
    photo = take_in(session, app.settings.media, io.BytesIO(picture()), now, private=False)
    session.flush()
    promises.contest(session, promise, people.actor(resident), now, Evidence("Шам жанбайды", "https://example.kz/me", [photo.id]))
    session.commit()
    mails()
    person, number, photo_id = Person(None, resident.id), promise.number, photo.id
    assert erasure.preview(session, person).photos == 1
    archive.write(session, person, app.settings.media, tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as packed:
        held = json.loads(packed.read("data.json"))
        assert packed.namelist() == ["data.json", f"photos/{number}/{photo_id}.jpg"]
    assert held["promise_photos"] == [{"promise": number, "photo": photo_id}] and held["promise_step"][0]["links"] == ["https://example.kz/me"]
    official = archive.gather(session, person_of(promised.of_body))
    assert "promise_photos" not in official


def test_what_moderators_took_off_and_the_appeal_are_in_the_archive_of_who_wrote_it(
        session: Session, filed: Filed, people: People, city: City, now: datetime) -> None:
    author, moderator = people.contact(), people.moderator(city)
    complaint = filed(by=author, text="Көршім Арман менің машинамды сындырды")
    case = moderation.flag(session, load(session, "complaint", complaint.number), people.actor(people.account()), now, part="text", reason=Reason.PERSONAL_DATA)
    moderation.hide(session, case, people.actor(moderator), now, parts=["text"], reason=Reason.PERSONAL_DATA)
    moderation.appeal(session, case, people.actor(author), now, text="Ол – менің атым")
    [held] = archive.gather(session, Person(None, author.id))["hidden_by_moderators"]
    assert (held["appeal"], "Арман" in repr(held["withheld"]), held["reason"]) == ("Ол – менің атым", True, Reason.PERSONAL_DATA)
    assert "hidden_by_moderators" not in archive.gather(session, person_of(people.actor(moderator)))


def test_what_waits_to_be_sent_or_accepted_at_an_erased_address_goes_and_that_of_others_stays(session: Session, people: People, now: datetime) -> None:
    contact, admin = people.contact("asel@example.kz"), people.actor(people.administrator())
    for email in ("asel@example.kz", "dasel@example.kz"):
        ask(session, email, "Тақырып", "Мәтін", "kk", now)
        privacy.ask_erasure(session, email, "kk", now)
    offered, _ = invited.invite(session, admin, now, "asel@example.kz", Offer(RoleName.ADMINISTRATOR))
    erasure.erase(session, Person(None, contact.id), now)
    session.commit()
    assert [t.name for t in Base.metadata.sorted_tables for row in session.execute(select(t)) if "'asel@" in repr(tuple(row))] == []
    waiting = session.scalars(select(Outbox).where(Outbox.done_at.is_(None)).order_by(Outbox.id)).all()
    assert [(row.kind, row.payload.get("to") or row.payload.get("email")) for row in waiting] == [("plain_mail", "dasel@example.kz"), ("privacy_link", "dasel@example.kz")]
    assert invited.ended(offered, now) is invited.End.WITHDRAWN


def test_archives_on_disk_go_with_their_owner(session: Session, app: CivicFlask, people: People, mails: Mails, now: datetime) -> None:
    contact = people.contact()
    person = Person(None, contact.id)
    path = folders(app).exports / f"{privacy.order_export(session, person, now).id}.zip"
    session.commit()
    mails()
    assert path.exists()
    erasure.erase(session, person, now)
    session.commit()
    mails()
    assert not path.exists()


def test_whoever_writes_does_not_wait_while_an_archive_is_packed(
        session: Session, app: CivicFlask, people: People, mails: Mails, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    export = privacy.order_export(session, Person(None, people.contact().id), now)
    session.commit()
    real = archive.write

    def write(*args: Any) -> int:
        with Session(session.get_bind()) as other:
            begin_write(other)  # raises after five seconds when it has to wait
            other.rollback()
        return real(*args)

    monkeypatch.setattr(archive, "write", write)
    mails()
    session.rollback()
    assert session.get_one(Export, export.id).ready_at is not None


def test_the_link_of_one_address_is_no_proof_for_another(client: Browser, session: Session, people: People, now: datetime) -> None:
    first, second = people.contact(), people.contact()
    session.commit()
    for contact, status in ((first, 200), (second, 303)):
        with client.session_transaction() as held:
            held["contact"], held["privacy_proven"] = contact.id, (first.id, int(now.timestamp()))
        assert client.get("/en/account/data/erase").status_code == status
