"""One's own data: consent, the archive, erasure, how long things are kept."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic import models
from civic.accounts.models import Contact, User
from civic.accounts.service import end_post
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import filing, service
from civic.complaints.models import Applicant, Complaint, ComplaintEvent, Draft, Follow, Support
from civic.complaints.states import Outcome, State
from civic.core.database import Base
from civic.core.errors import InputRefused
from civic.jobs.models import Outbox
from civic.media.models import Photo
from civic.media.service import path_of, take_in
from civic.privacy import archive, erasure, retention
from civic.privacy import service as privacy
from civic.privacy.documents import DOCUMENTS, PRIVACY
from civic.privacy.holdings import HOLDINGS, OF_OTHERS, Erasure
from civic.privacy.models import Consent, Export, RetentionRun, Withdrawal
from civic.privacy.person import Person, person_of
from civic.privacy.tasks import erase_what_waits, folders, tidy
from civic.web.access import PROOF
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of
from tests.support.people import People
from tests.support.together import together

models.load_all()  # the map is compared with the metadata before any application is made


def _of_people() -> set[str]:
    """Tables whose rows are somebody's own: those of the map but for what people did in a post, which points at accounts alone and stays."""
    own = {name for name, h in HOLDINGS.items() if h.erasure is not Erasure.KEEP or set(h.refers.values()) != {"account"}}
    return {"account", "contact", "room_participant", "registration", *own}


def _tables() -> list[tuple[str, set[str]]]:
    own = _of_people()
    return [(t.name, {c.name for c in t.columns for f in c.foreign_keys if f.column.table.name in own and (t.name, c.name) not in OF_OTHERS})
            for t in Base.metadata.sorted_tables]


def test_every_table_that_points_at_a_person_is_on_the_map() -> None:
    for name, columns in _tables():
        if columns:
            assert name in HOLDINGS, f"civic.privacy.holdings does not name {name}: say what the archive includes of it and what erasure does"
            assert columns <= set(HOLDINGS[name].refers), f"{name}: {columns - set(HOLDINGS[name].refers)}"


def test_what_is_said_to_be_of_others_points_at_a_person_and_is_not_erased_as_theirs() -> None:
    for (name, column), why in OF_OTHERS.items():
        targets = {f.column.table.name for f in Base.metadata.tables[name].c[column].foreign_keys}
        assert targets & _of_people() and why, (name, column)
        assert name not in HOLDINGS or column not in HOLDINGS[name].refers, (name, column)


def test_the_map_names_real_columns_and_a_reason_for_whatever_stays() -> None:
    places = list(HOLDINGS)
    for name, holding in HOLDINGS.items():
        columns = Base.metadata.tables[name].c
        assert not {*holding.refers, *holding.exported, *holding.blank} - {c.name for c in columns}, name
        assert holding.why or holding.erasure is not Erasure.KEEP, name
        assert bool(holding.blank) == (holding.erasure is Erasure.BLANK), name
        assert holding.exported or holding.why, name
        assert all(places.index(target) > places.index(name) for target in holding.refers.values() if target in HOLDINGS and target != name), name


def test_no_secret_is_exported() -> None:
    secret = {"password", "fs_uniquifier", "tf_totp_secret", "mf_recovery_codes", "digest", "token", "public_key", "credential_id", "subject"}
    assert not {(name, c) for name, h in HOLDINGS.items() for c in h.exported if c in secret}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_documents_are_readable_in_each_language(client: Browser, name: str, language: str) -> None:
    page = client.get(f"/{language}/{name}")
    assert page.status_code == 200 and "Set-Cookie" not in page.headers
    document = DOCUMENTS[name]
    assert [tag for tag, _ in document.blocks(language)] == [tag for tag, _ in document.blocks("en")]
    assert all(words in page.text.replace("&#34;", '"') for _, words in document.blocks(language) if "'" not in words)


def test_each_act_writes_what_was_agreed_to_and_it_stays(session: Session, filed: Filed, people: People, now: Any) -> None:
    person = people.account(locale="ru")
    filed(by=person)
    found = [(c.purpose, c.document, c.version, c.locale) for c in session.scalars(select(Consent).order_by(Consent.id)) if person.id == c.user_id or (person.contact and c.contact_id == person.contact.id)]
    assert found == [("sign_up", "privacy", PRIVACY.version, "ru"), ("filing", "privacy", PRIVACY.version, "ru")]
    with pytest.raises(DBAPIError, match="only grows"):
        session.execute(update(Consent).values(version=9))
    session.rollback()


@pytest.fixture
def whole(session: Session, app: CivicFlask, filed: Filed, people: People, now: datetime, picture: Any, mails: Mails) -> tuple[User, Complaint, Complaint]:
    """Somebody with an open complaint that has a photo, an answered one, a support, a draft."""
    person, neighbour = people.account("asel@example.kz", name="Әсел Болатқызы"), people.contact()
    assert person.contact is not None
    head = people.official(session.get_one(Body, filed.city.default_body_id), head=True)
    open_one, answered = filed(by=person, text="Есігіміздің алдында терешұқыр бар", show_name=True, name="Әсел Болатқызы"), filed(by=person)
    service.add_information(session, open_one, people.actor(person), now, text="Тағы үлкейді, менің көлігім түсті")
    _photo(session, app, open_one, now, picture)
    service.answer(session, answered, people.actor(head), now, text="Жөндедік", outcome=Outcome.EXPLAINED)
    service.support(session, open_one, neighbour.id, now)
    service.support(session, filed(), person.contact.id, now)
    draft = filing.new_draft(session, filed.city, "kk", now)
    draft.email, draft.text = "asel@example.kz", "Басталған мәтін"
    session.commit()
    mails()
    return person, open_one, answered


def _photo(session: Session, app: CivicFlask, complaint: Complaint, now: datetime, picture: Any) -> str:
    from civic.complaints.models import Attachment

    photo = take_in(session, app.settings.media, io.BytesIO(picture()), now, private=False)
    event = session.scalars(select(ComplaintEvent).where(ComplaintEvent.complaint_id == complaint.id).order_by(ComplaintEvent.id)).first()
    session.flush()
    session.add(Attachment(photo_id=photo.id, complaint_id=complaint.id, event_id=event.id if event else None, moment="before"))
    session.flush()
    return photo.id


def test_the_archive_holds_everything_and_only_its_owner_can_fetch_it(
        client: Browser, new_client: Any, session: Session, people: People, whole: Any, mails: Mails, now: Any, clock: Any) -> None:
    person, open_one, _ = whole
    people.sign_in(client, person)
    page = client.get("/en/account/data")
    assert client.submit(page).headers["Location"].endswith("/en/account/data")
    letter = mails.to("asel@example.kz")[0]
    assert links_of(letter) == ["/kk/account/data"]
    link = f"/en/account/data/{session.scalars(select(Export)).one().id}.zip"
    assert link in client.get("/en/account/data").text
    answer = client.get(link)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "application/zip", "private, no-store")
    content = answer.data
    answer.close()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        held = json.loads(packed.read("data.json"))
        assert sum(name.startswith(f"photos/{open_one.number}/") for name in packed.namelist()) == 1
    assert held["account"][0]["email"] == "asel@example.kz" and "argon2" not in repr(held)
    assert {c["number"] for c in held["complaints"]} == {c.number for c in whole[1:]}
    assert "Тағы үлкейді" in repr(held["complaints"]) and held["drafts"][0]["text"] == "Басталған мәтін"
    assert held["support"] and held["follow"] and held["consent"]
    assert new_client().get(link).status_code == 404
    assert people.sign_in(new_client(), people.account()).get(link).status_code == 404
    clock.shift(PROOF + timedelta(seconds=1))
    assert client.get(link).location.startswith("/en/account/prove?")  # a device left open gives nobody a whole life
    clock.shift(privacy.EXPORT_LIVES)
    assert client.get(link).status_code == 404


def test_two_windows_at_once_order_one_archive_and_take_consent_back_once(session: Session, people: People, whole: Any, now: Any) -> None:
    person = Person(whole[0].id, whole[0].contact.id)
    assert together(session, lambda own: privacy.order_export(own, person, now), 3) == ["done"] * 3
    assert len(session.scalars(select(Export)).all()) == 1
    assert together(session, lambda own: erasure.withdraw(own, person, now, now), 3) == ["done"] * 3
    assert [task.state for task in session.scalars(select(Withdrawal))] == ["done"]


def _rows_with(session: Session, words: tuple[str, ...]) -> list[tuple[str, str]]:
    session.rollback()
    return [(t.name, w) for t in Base.metadata.sorted_tables for row in session.execute(select(t)) for w in words if w in repr(tuple(row))]


def test_erasing_takes_name_words_and_photos_and_leaves_the_skeleton(
        client: Browser, app: CivicFlask, session: Session, people: People, whole: Any, mails: Mails, now: Any) -> None:
    person, open_one, answered = whole
    numbers = (open_one.number, answered.number)
    photo_id = session.scalars(select(Photo.id)).one()
    before = {e.id: (e.kind, e.at, e.to_state) for e in session.scalars(select(ComplaintEvent))}
    shown = erasure.preview(session, Person(person.id, person.contact.id))
    assert (shown.complaints, shown.withdrawn, shown.photos, shown.holds_post) == (2, 1, 1, False)
    session.commit()
    erasure.withdraw(session, Person(person.id, person.contact.id), now, now)
    session.commit()
    assert _rows_with(session, ("Әсел", "asel@", "терешұқыр", "менің көлігім", "Басталған")) == []
    after = {e.id: (e.kind, e.at, e.to_state) for e in session.scalars(select(ComplaintEvent))}
    assert before.items() <= after.items()
    letters = mails()
    assert [letter["To"] for letter in letters if "erased" in letter["To"]] == []
    assert not path_of(app.settings.media, photo_id, "large").exists()
    for number in numbers:
        page = client.get(f"/kk/shymkent/complaints/{number}")
        assert page.status_code == 200 and ("Жөндедік" in page.text) == (number == numbers[1])
        assert "Әсел" not in page.text and "терешұқыр" not in page.text
    session.rollback()
    kept = session.scalars(select(Complaint).where(Complaint.number == numbers[0])).one()
    assert (kept.state, kept.supporters, kept.text) == (State.WITHDRAWN, 1, "")
    assert len(session.scalars(select(Support)).all()) == 2
    user = session.get_one(User, person.id)
    assert (user.active, user.password, user.name) == (False, None, "")
    task = session.scalars(select(Withdrawal)).one()
    assert (task.state, task.due_on) == ("done", date(2026, 5, 20))


def test_what_is_erased_at_night_says_the_day_of_its_city(session: Session, filed: Filed) -> None:
    complaint = filed()
    erasure.erase(session, Person(None, complaint.applicant.contact_id), datetime(2026, 4, 24, 21, 30, tzinfo=UTC))
    assert complaint.hidden == {"redacted": {"on": "2026-04-25"}}


def test_the_page_shows_what_goes_asks_once_more_and_signs_out(client: Browser, session: Session, people: People, whole: Any, monkeypatch: Any) -> None:
    person, *_ = whole
    people.sign_in(client, person)
    page = client.get("/en/account/data/erase")
    assert "2 complaints" in page.text and "1 photo" in page.text
    refused = client.submit(page)
    assert refused.status_code == 422 and session.scalars(select(Withdrawal)).all() == []
    assert client.get("/en/account/erased").headers["Location"].endswith("/en/account/data")  # nothing is said to be gone that is not
    done = client.submit(page, confirm="y")
    assert done.headers["Location"].endswith("/en/account/erased")
    assert "Your data is deleted" in client.get("/en/account/erased").text
    assert client.get("/en/account/data").status_code == 303


def test_without_an_account_a_letter_opens_the_way(client: Browser, new_client: Any, session: Session, people: People, filed: Filed, mails: Mails, clock: Any) -> None:
    contact = people.contact("dos@example.kz", locale="en")
    complaint = filed(by=contact, text="Жол бұзылған, қараңғы")
    mails()
    seen = set()
    for email in ("dos@example.kz", "stranger@example.kz"):
        answer = client.submit(client.get("/en/privacy/my-data"), email=email)
        seen.add((answer.status_code, answer.headers["Location"], len(client.get(answer.headers["Location"]).text) - len(email)))
    assert len(seen) == 1
    letters = mails()
    assert [letter["To"] for letter in letters] == ["dos@example.kz"]
    link = next(x for x in links_of(letters[0]) if "/privacy/link/" in x)
    other = new_client()
    assert "dos@example.kz" in other.get(link).text and other.get("/en/account/data").status_code == 303  # opening the link does nothing yet
    assert other.submit(other.get(link)).headers["Location"].endswith("/en/account/data")
    page = other.get("/en/account/data/erase")
    assert page.status_code == 200 and "1 complaint" in page.text
    assert other.submit(page, confirm="y").status_code == 303
    session.rollback()
    assert session.get_one(Complaint, complaint.id).text == "" and session.get_one(Contact, contact.id).erased
    assert other.get(link).status_code == 410
    clock.shift(timedelta(hours=3))
    assert new_client().get(link).status_code == 410


def test_who_only_has_the_browser_of_somebody_cannot_erase(client: Browser, session: Session, people: People, filed: Filed) -> None:
    contact = people.contact()
    session.commit()
    with client.session_transaction() as held:
        held["contact"] = contact.id
    answer = client.get("/en/account/data/erase")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/privacy/my-data")


def test_a_post_is_handed_over_first_and_the_task_is_done_then(session: Session, people: People, filed: Filed, now: Any, client: Browser) -> None:
    official = people.official(session.get_one(Body, filed.city.default_body_id))
    person = person_of(people.actor(official))
    with pytest.raises(InputRefused):
        erasure.erase(session, person, now)
    assert erasure.withdraw(session, person, now, now).state == "open"
    assert erasure.withdraw(session, person, now, now).id == session.scalars(select(Withdrawal.id)).one()
    session.commit()
    admin = people.administrator()
    listed = people.sign_in(client, admin).get("/en/admin/withdrawals")
    assert f"account {official.id}" in listed.text
    assert erase_what_waits(session, now) == 0
    end_post(session, official.memberships[0], now)
    session.commit()
    assert erase_what_waits(session, now + timedelta(days=2)) == 1
    session.rollback()
    assert session.scalars(select(Withdrawal)).one().state == "done" and not session.get_one(User, official.id).active


def test_an_official_who_is_erased_leaves_answers_that_never_showed_a_name(session: Session, people: People, whole: Any, now: Any, client: Browser) -> None:
    _, _, answered = whole
    event = session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "answer")).one()
    official = session.get_one(User, event.user_id)
    end_post(session, official.memberships[0], now)
    erasure.erase(session, Person(official.id, official.contact.id if official.contact else None), now)
    session.commit()
    page = client.get(f"/kk/shymkent/complaints/{answered.number}").text
    assert "Жөндедік" in page and "Нұрлан" not in page


# how long things are kept


def test_every_kind_has_its_time_and_the_command_shows_them(app: CivicFlask, session: Session) -> None:
    assert all(kind.kept > timedelta(0) and kind.what for kind in retention.KINDS.values())
    session.commit()
    printed = app.test_cli_runner().invoke(args=["privacy", "retention", "--preview"]).output
    assert all(name in printed for name in retention.KINDS) and "0 would go" in printed


def test_unconfirmed_accounts_go_after_seven_days_and_others_stay(session: Session, people: People, app: CivicFlask, now: Any) -> None:
    waiting, confirmed = people.account(confirmed=False), people.account()
    waiting.create_datetime = confirmed.create_datetime = now.replace(tzinfo=None)
    session.commit()
    ids = (waiting.id, confirmed.id)
    assert retention.preview(session, now + timedelta(days=6))["unconfirmed_accounts"] == 0
    assert retention.preview(session, now + timedelta(days=8))["unconfirmed_accounts"] == 1
    removed = tidy(session, folders(app), now + timedelta(days=8))
    assert removed["unconfirmed_accounts"] == 1
    session.expire_all()
    assert (session.get(User, ids[0]), session.get(User, ids[1]) is not None) == (None, True)
    runs = session.scalars(select(RetentionRun).where(RetentionRun.removed > 0)).all()
    assert {(run.kind, run.removed) for run in runs} >= {("unconfirmed_accounts", 1)}


def test_applicants_of_old_complaints_are_forgotten_and_the_complaint_stays(session: Session, filed: Filed, people: People, app: CivicFlask, now: Any) -> None:
    contact = people.contact()
    old, young = filed(by=contact), filed(by=contact)
    service.withdraw(session, old, people.actor(contact), now)
    session.commit()
    tidy(session, folders(app), now + timedelta(days=3 * 365 + 1))
    session.expire_all()
    assert session.get_one(Applicant, old.id).name == "—" and session.get_one(Applicant, old.id).contact_id != contact.id
    assert session.get_one(Applicant, young.id).contact_id == contact.id  # still open
    assert session.get_one(Complaint, old.id).text


def test_archives_drafts_and_letters_that_nobody_gets_go(session: Session, app: CivicFlask, people: People, city: Any, now: Any, mails: Mails) -> None:
    person = people.account()
    privacy.order_export(session, person_of(people.actor(person)), now)
    filing.new_draft(session, city, "kk", now)
    session.add(Outbox(kind="plain_mail", key="x", payload={"to": "a@b.kz"}, created_at=now - timedelta(days=31), not_before=now + timedelta(days=900), attempts=9))
    session.commit()
    mails()
    path = folders(app).exports / f"{session.scalars(select(Export.id)).one()}.zip"
    assert path.exists()
    tidy(session, folders(app), now + timedelta(days=8))
    session.expire_all()
    assert (path.exists(), session.scalars(select(Export)).all(), session.scalars(select(Draft)).all()) == (False, [], [])
    given_up = session.scalars(select(Outbox).where(Outbox.key == "x")).one()
    assert given_up.payload == {} and given_up.done_at is not None


def test_as_many_drafts_go_in_one_night_as_the_log_says(session: Session, app: CivicFlask, city: Any, now: Any) -> None:
    for _ in range(201):
        filing.new_draft(session, city, "kk", now)
    session.commit()
    assert tidy(session, folders(app), now + timedelta(days=8))["drafts"] == 201
    assert session.scalars(select(Draft.id)).all() == []


def test_keys_of_orders_hold_no_address(session: Session, client: Browser, filed: Filed) -> None:
    complaint = filed()
    client.submit(client.get(f"/en/shymkent/complaints/{complaint.number}/support"), email="quiet@example.kz")
    session.rollback()
    assert [key for key in session.scalars(select(Outbox.key)) if "@" in key] == []
    assert session.scalars(select(Follow).where(Follow.complaint_id != complaint.id)).all() == []


def test_the_archive_of_a_contact_holds_nothing_of_others(session: Session, filed: Filed, people: People) -> None:
    mine, other = people.contact("mine@example.kz"), people.contact("other@example.kz")
    filed(by=mine), filed(by=other, text="Басқа адамның мәтіні")
    held = repr(archive.gather(session, Person(None, mine.id)))
    assert "mine@example.kz" in held and "other@" not in held and "Басқа" not in held
    assert archive.gather(session, Person(None, None)) == {}
