"""What an erased person, or one whose time is over, leaves behind: in other people's words, in other browsers, on disk, in the index, in old records."""

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import desk, filing, service
from civic.complaints.models import Complaint, ComplaintEvent, Draft, Follow, Note
from civic.complaints.states import Outcome
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.core.errors import NotAllowed
from civic.jobs.models import Outbox
from civic.limits import service as limits
from civic.limits.models import DailyKey
from civic.media.models import Photo
from civic.media.service import take_in
from civic.moderation import service as moderation
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.subjects import Thing, load
from civic.places.models import City
from civic.privacy import erasure, retention
from civic.privacy.person import Person
from civic.privacy.tasks import folders, tidy
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People


def test_other_browsers_of_somebody_erased_or_with_an_account_act_for_nobody(
        client: Browser, session: Session, people: People, filed: Filed, now: datetime) -> None:
    contact = people.contact()
    complaint = filed(by=contact, private=True)
    with client.session_transaction() as held:
        held["contact"] = contact.id
    page = f"/en/shymkent/complaints/{complaint.number}"
    assert (client.get("/en/account/data").status_code, client.get(page).status_code) == (200, 200)
    account = people.account(contact.email)
    session.commit()
    assert account.contact is contact and (client.get("/en/account/data").status_code, client.get(page).status_code) == (303, 404)
    erasure.erase(session, Person(account.id, contact.id), now)
    session.commit()
    assert (client.get("/en/account/data").status_code, client.get(page).status_code) == (303, 404)


def test_what_a_body_said_stays_with_its_appeal_and_without_the_name(session: Session, filed: Filed, people: People, city: City, now: datetime) -> None:
    author, official = people.account(name="Әсел Болатқызы"), people.official(session.get_one(Body, city.default_body_id))
    complaint = filed(by=author, show_name=True, name="Әсел Болатқызы")
    told = [service.answer(session, complaint, people.actor(official), now, text="Құрметті Әсел Болатқызы! ЖСН 900101300123 бойынша жөндедік", outcome=Outcome.EXPLAINED)]
    service.dispute(session, complaint, people.actor(author), now, text="Келіспеймін: бәрі сол күйінде")
    parts = [f"step-{told[0].id}", "text"]
    case = moderation.flag(session, _thing(session, complaint), people.actor(people.account()), now, part="text", reason=Reason.PERSONAL_DATA)
    moderation.hide(session, case, people.actor(people.moderator(city)), now, parts=parts, reason=Reason.PERSONAL_DATA)
    moderation.appeal(session, case, people.actor(official), now, text="Жауапта ештеңе құпия емес")
    desk.add_note(session, complaint, people.actor(people.official(session.get_one(Body, complaint.body_id))), now, text="Әсел Болатқызы, 701 000 00 00")
    case_id = case.id
    erasure.erase(session, Person(author.id, author.contact.id if author.contact else None), now)
    session.commit()
    case = session.get_one(Case, case_id)
    assert case.withheld is not None and set(case.withheld) == {parts[0]} and case.withheld[parts[0]].startswith("Құрметті —! ЖСН 900101300123")
    assert case.appeal == "Жауапта ештеңе құпия емес" and session.scalars(select(Note)).all() == []
    moderation.resolve(session, case, people.actor(people.moderator(city)), now, restore=True, text="Қалсын")
    assert (session.get_one(ComplaintEvent, told[0].id).text or "").startswith("Құрметті —!")


def _thing(session: Session, complaint: Complaint) -> Thing:
    thing = load(session, "complaint", complaint.number)
    assert thing is not None
    return thing


def test_a_photo_of_what_was_never_sent_goes_with_its_draft(session: Session, app: CivicFlask, people: People, city: City, picture: Any, mails: Mails, now: datetime) -> None:
    contact = people.contact("asel@example.kz")
    draft = filing.new_draft(session, city, "kk", now)
    draft.email, draft.text = contact.email, "Басталған мәтін"
    photo = take_in(session, app.settings.media, io.BytesIO(picture()), now)
    session.flush()
    filing.attach_photo(session, draft, photo)
    session.commit()
    mails()
    photo_id = photo.id
    erasure.erase(session, Person(None, contact.id), now)
    mails()
    assert session.get(Photo, photo_id) is None and session.scalars(select(Draft)).all() == []
    assert not [path for path in app.settings.media.rglob("*") if photo_id in path.name]


def test_the_index_of_the_search_lets_go_of_the_words(session: Session, app: CivicFlask, filed: Filed, people: People, now: datetime) -> None:
    if session.get_bind().dialect.name != "sqlite":
        return  # PostgreSQL's index holds no row that is gone
    contact = people.contact()
    filed(text="Екінші шағым туралы сөз"), filed(by=contact, text="Менің әпкем Zuleikha осында тұрады")
    held = "SELECT count(*) FROM search_index_data WHERE instr(block, CAST('uleikh' AS blob)) > 0"
    assert session.scalar(text(held))
    erasure.withdraw(session, Person(None, contact.id), now, now)
    session.commit()
    tidy(session, folders(app), now)
    assert session.scalar(text(held)) == 0


def test_letters_to_officials_quote_public_complaints_alone(session: Session, filed: Filed, people: People, city: City, mails: Mails) -> None:
    people.official(session.get_one(Body, city.default_body_id), email="official@example.kz")
    told = []
    for private in (False, True):
        filed(private=private, text="Көршім балаларын ұрады")
        [letter] = mails.to("official@example.kz")
        told.append(("Көршім" in words_of(letter), "Тәуке хан" in words_of(letter)))
        assert any("/desk/" in link for link in links_of(letter))
    assert told == [(True, True), (False, False)]


def test_no_key_of_an_order_can_be_told_from_an_address(session: Session, client: Browser, filed: Filed, clock: Any, now: datetime) -> None:
    """By whoever has the database alone: guessing addresses finds none once the keys of the days are gone."""
    number, address = filed().number, "quiet@example.kz"
    for page in (f"/en/shymkent/complaints/{number}/support", "/en/privacy/my-data", "/en/account/link"):
        client.submit(client.get(page), email=address)
    session.rollback()
    keys = " ".join(session.scalars(select(Outbox.key)))
    assert {key.partition(":")[0] for key in keys.split()} >= {"confirm_support", "account_link"}
    guesses = [hashlib.sha256(words.encode()).hexdigest()[:16] for words in (address, f"link:{address}", f"prove:{address}")]
    assert not [guess for guess in (*guesses, address) if guess in keys]
    begin_write(session)
    limits.forget(session, now + timedelta(days=4))
    assert session.scalars(select(DailyKey)).all() == []


# how long


def test_three_years_after_its_end_a_complaint_names_nobody(session: Session, app: CivicFlask, filed: Filed, people: People, city: City, client: Browser, now: datetime) -> None:
    author, official = people.contact(), people.official(session.get_one(Body, city.default_body_id))
    complaint = filed(by=author, show_name=True, name="Әсел Болатқызы", text="Жарық жоқ. Құрметпен, Әсел Болатқызы")
    desk.add_note(session, complaint, people.actor(official), now, text="Әсел Болатқызы, 701 000 00 00")
    service.answer(session, complaint, people.actor(official), now, text="Болатқызы Әселге жауап: жөндедік", outcome=Outcome.EXPLAINED)
    service.confirm(session, complaint, people.actor(author), now)
    session.commit()
    later, page = now + timedelta(days=3 * 365 + 1), f"/en/shymkent/complaints/{complaint.number}"
    assert retention.preview(session, later)["applicants"] == 1 and "Әсел" in client.get(page).text
    for night, went in ((0, (1, 0)), (1, (0, 1))):
        said, did = retention.preview(session, later + timedelta(days=night)), tidy(session, folders(app), later + timedelta(days=night))
        assert (said["applicants"], said["unused_addresses"]) == (did["applicants"], did["unused_addresses"]) == went
    shown = client.get(page).text
    assert ("Әсел" in shown, "Жарық жоқ" in shown, "жөндедік" in shown) == (False, True, True)
    assert session.scalars(select(Note)).all() == [] and session.scalars(select(Follow).where(Follow.contact_id == author.id)).all() == []
    assert retention.preview(session, later)["applicants"] == 0
    session.expire_all()
    assert session.get_one(Contact, author.id).erased


def test_an_address_for_which_something_is_kept_stays(session: Session, people: People, filed: Filed, now: datetime) -> None:
    people.account()
    supporter, unused = people.contact(), people.contact()
    service.support(session, filed(), supporter.id, now)
    session.commit()
    assert session.scalars(retention.KINDS["unused_addresses"].due(now + timedelta(minutes=1))).all() == [unused.id]


def test_what_moderators_hid_is_kept_for_a_year_and_what_waits_for_a_decision_longer(
        session: Session, app: CivicFlask, filed: Filed, people: People, city: City, now: datetime) -> None:
    author, moderator, flagger = people.account(), people.actor(people.moderator(city)), people.actor(people.account())
    ids = []
    for appealed in (False, True):
        complaint = filed(by=author, text=f"Көршім Арман осында тұрады {appealed}")
        case = moderation.flag(session, _thing(session, complaint), flagger, now, part="text", reason=Reason.PERSONAL_DATA, words="Арманның аты")
        moderation.hide(session, case, moderator, now, parts=["text"], reason=Reason.PERSONAL_DATA)
        if appealed:
            moderation.appeal(session, case, people.actor(author), now, text="Құпия емес")
        ids.append(case.id)
    session.commit()
    assert tidy(session, folders(app), now + timedelta(days=364))["moderated_words"] == 0
    assert tidy(session, folders(app), now + timedelta(days=366))["moderated_words"] == 1
    session.expire_all()
    gone, waits = (session.get_one(Case, i) for i in ids)
    assert (gone.withheld, [f.words for f in gone.flags], gone.reason) == (None, [""], Reason.PERSONAL_DATA)
    assert waits.withheld and waits.appeal and waits.flags[0].words
    with pytest.raises(NotAllowed):
        moderation.appeal(session, gone, people.actor(author), now, text="Кеш қалдым")


def test_administrators_are_told_of_a_consent_that_waits_for_a_post(session: Session, people: People, city: City, client: Browser, mails: Mails, clock: Any, now: datetime) -> None:
    official, admin = people.official(session.get_one(Body, city.default_body_id), name="Нұрлан Ахметұлы"), people.administrator("admin@example.kz")
    admin.locale = admin.contact.locale = "en"  # type: ignore[union-attr]
    person = Person(official.id, official.contact.id if official.contact else None)
    erasure.withdraw(session, person, now, now)
    session.commit()
    told = []
    for days in (0, 1, 24, 27):  # due on 20 May
        clock.move_to(now + timedelta(days=days))
        tidy(session, folders(mails.app), utc_now())
        told.append([letter["Subject"] for letter in mails.to("admin@example.kz")])
    first, over = "Somebody who holds a post took the consent back", "The term for deleting personal data is over"
    assert told == [[first], [], [first], [over]]
    assert "Нұрлан Ахметұлы" in people.sign_in(client, admin).get("/en/admin/withdrawals").text


def test_a_year_after_a_discussion_its_organisers_read_neither_names_nor_addresses_of_guests(
        session: Session, app: CivicFlask, people: People, held: Held, client: Browser, clock: Any, now: datetime) -> None:
    event = held(capacity=30)
    held.come(event, people.contact("guest@example.kz"))
    session.commit()
    page = f"/en/organise/events/{event.code}/guests"
    assert "guest@example.kz" in people.sign_in(client, held.owner).get(page).text
    clock.move_to(event.ends_at + timedelta(days=366))
    assert tidy(session, folders(app), utc_now())["guests"] == 1
    text = people.sign_in(client, held.owner).get(page).text
    assert "guest@example.kz" not in text and "Қонақ" not in text
