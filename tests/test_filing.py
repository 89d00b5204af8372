"""Filing a complaint through the pages, without JavaScript."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.complaints.models import Complaint, Draft, Follow, Support
from civic.core.text import detect_language
from civic.media.models import Photo
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails, links_of, words_of
from tests.support.people import People

TEXT = "Третью неделю не горит фонарь у дома, дети идут из школы в темноте."
LIGHT = "lighting.street"


def category_id(session: Session, code: str) -> int:
    """A category's id, as forms send it."""
    return session.scalars(select(Category.id).where(Category.code == code)).one()


@pytest.fixture
def write(session: Session) -> Callable[..., TestResponse]:
    """Fills in all three steps; gives the answer to the last."""

    def fill(client: Browser, *, category: str = LIGHT, photo: bytes | None = None, pin: tuple[str, str] | None = None,
             address: str = "ул. Рыскулова, 14", **fields: Any) -> TestResponse:
        page = client.get("/ru/shymkent/report/")
        photos = {"photos": (io.BytesIO(photo), "lamp.jpg")} if photo else {}
        page = client.get(client.submit(page, **photos).headers["Location"])
        lat, lon = pin or ("", "")
        page = client.get(client.submit(page, lat=lat, lon=lon, address=address, district_id="").headers["Location"])
        values = {"category_id": category_id(session, category), "text": TEXT, "name": "Айгүл", "email": "aigul@example.org", **fields}
        answer = client.submit(page, **values)
        assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
        return answer

    return fill


def only_complaint(session: Session) -> Complaint:
    """The complaint, of which there must be one."""
    session.expire_all()
    return session.scalars(select(Complaint)).one()


def count(session: Session, table: Any) -> int:
    """How many rows."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def confirm_link(mails: Mails) -> str:
    """The link of the only letter."""
    [letter] = mails()
    assert letter["To"] == "aigul@example.org"
    [link] = links_of(letter)
    return link


def test_without_an_account_one_press_in_a_letter_registers(client: Browser, session: Session, mails: Mails, picture: Callable[..., bytes],
                                                             write: Callable[..., TestResponse]) -> None:
    answer = write(client, photo=picture(), pin=("42.3417", "69.5901"))
    assert (answer.status_code, count(session, Complaint)) == (303, 0)
    assert "aigul@example.org" in client.get(answer.headers["Location"]).text
    link = confirm_link(mails)
    page = client.get(link)
    assert (page.status_code, count(session, Complaint)) == (200, 0)
    answer = client.submit(page)
    c = only_complaint(session)
    assert answer.headers["Location"] == f"/ru/shymkent/complaints/{c.number}/ticket"
    ticket = client.get(answer.headers["Location"])
    assert re.findall(r"SHY-\w{4}-\w{3}", ticket.text)[0] == c.number
    assert (c.text, c.language, c.lat, c.lon, c.public_name, c.applicant.name, c.private) == (TEXT, "ru", 42.3417, 69.5901, None, "Айгүл", False)
    assert [(a.moment, a.photo.private) for a in c.attachments] == [("before", False)]
    [letter] = mails()
    assert (letter["To"], c.number in letter["Subject"]) == ("aigul@example.org", True)
    assert client.get("/ru/my").text.count(f"/complaints/{c.number}\"") == 1


def test_with_an_account_it_is_registered_at_once(client: Browser, session: Session, people: People, mails: Mails, write: Callable[..., TestResponse]) -> None:
    user = people.account("aigul@example.org")
    people.sign_in(client, user)
    answer = write(client, email=None)
    c = only_complaint(session)
    assert answer.headers["Location"] == f"/ru/shymkent/complaints/{c.number}/ticket"
    assert client.get(answer.headers["Location"]).status_code == 200
    assert [letter["To"] for letter in mails()] == ["aigul@example.org"]
    assert c.events[0].user_id == user.id


def test_what_is_known_is_filled_in(client: Browser, session: Session, people: People) -> None:
    people.sign_in(client, people.account(name="Жанар Оспанова"))
    page = client.get("/kk/shymkent/report/")
    page = client.get(client.submit(page).headers["Location"])
    matter = client.submit(page, address="Үй").headers["Location"]
    wanted = category_id(session, LIGHT)
    page = client.get(f"{matter}?category={wanted}")
    assert 'value="Жанар Оспанова"' in page.text
    assert f'<option value="{wanted}" selected' in page.text
    assert 'name="email"' not in page.text


@pytest.mark.parametrize(("category", "number"), [("energy.gas", "104"), ("safety.fire", "101"), (LIGHT, None)])
def test_the_number_to_call_stands_before_sending(client: Browser, session: Session, mails: Mails, write: Callable[..., TestResponse],
                                                   category: str, number: str | None) -> None:
    answer = write(client, category=category)
    if number is None:
        assert answer.headers["Location"].endswith("/sent")
        return
    assert answer.headers["Location"].endswith("/check")
    page = client.get(answer.headers["Location"])
    assert f'href="tel:{number}"' in page.text
    assert mails() == []
    assert client.submit(page, "/send").headers["Location"].endswith("/sent")
    assert len(mails()) == 1


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_open_complaint_near_by_is_supported_in_one_press(client: Browser, session: Session, filed: Filed, people: People, mails: Mails,
                                                              write: Callable[..., TestResponse], signed_in: bool) -> None:
    same = filed(category=LIGHT, lat=42.3417, lon=69.5901)
    filed(category=LIGHT, lat=42.3417, lon=69.5901, private=True)
    filed(category=LIGHT, lat=42.3517, lon=69.5901)
    filed(category="lighting.yard", lat=42.3417, lon=69.5901)
    if signed_in:
        people.sign_in(client, people.account("aigul@example.org"))
    mails()
    answer = write(client, pin=("42.3418", "69.5902"), **({"email": None} if signed_in else {}))
    page = client.get(answer.headers["Location"])
    assert re.findall(r"/support/(SHY-\w{4}-\w{3})", page.text) == [same.number]
    answer = client.submit(page, "/support/")
    assert answer.headers["Location"] == f"/ru/shymkent/complaints/{same.number}"
    if not signed_in:
        assert count(session, Support) == 0
        client.submit(client.get(confirm_link(mails)))
    session.expire_all()
    contact = session.scalars(select(Contact).where(Contact.email == "aigul@example.org")).one()
    assert (same.supporters, count(session, Complaint)) == (1, 4)
    assert session.scalars(select(Support.contact_id)).all() == [contact.id]
    assert session.scalar(select(Follow.id).where(Follow.complaint_id == same.id, Follow.contact_id == contact.id)) is not None


@pytest.mark.parametrize(("metres_north", "offered"), [(0, 1), (59, 1), (61, 0)])
def test_near_by_ends_at_the_radius_of_the_category(client: Browser, filed: Filed, write: Callable[..., TestResponse], metres_north: int, offered: int) -> None:
    filed(category=LIGHT, lat=42.3417, lon=69.5901)
    answer = write(client, pin=(str(42.3417 + metres_north / 111_195), "69.5901"))
    assert answer.headers["Location"].endswith("/check" if offered else "/sent")


@pytest.mark.parametrize(("show", "expected"), [("y", 1), (None, 0)])
def test_the_name_is_public_only_when_shown(client: Browser, new_client: Callable[[], Browser], session: Session, mails: Mails,
                                             write: Callable[..., TestResponse], show: str | None, expected: int) -> None:
    write(client, name="Зухра Тестова", show_name=show)
    client.submit(client.get(confirm_link(mails)))
    page = new_client().get(f"/ru/shymkent/complaints/{only_complaint(session).number}")
    assert (page.text.count("Зухра Тестова"), page.text.count("aigul@example.org")) == (expected, 0)


def test_a_private_complaint_is_seen_by_its_applicant_and_the_body_alone(
        client: Browser, new_client: Callable[[], Browser], session: Session, people: People, mails: Mails, picture: Callable[..., bytes],
        write: Callable[..., TestResponse], city: City) -> None:
    default, road = session.get_one(Body, city.default_body_id), session.scalars(select(Body).where(Body.code == "road", Body.city_id == city.id)).one()
    official, stranger = people.official(default), people.official(road)
    write(client, private="y", photo=picture())
    client.submit(client.get(confirm_link(mails)))
    c = only_complaint(session)
    ticket = mails.to("aigul@example.org")[0]
    [photo] = session.scalars(select(Photo)).all()
    addresses = [f"/ru/shymkent/complaints/{c.number}", f"/ru/complaints/{c.number}", f"/ru/shymkent/complaints/{c.number}/ticket",
                 f"/ru/shymkent/complaints/{c.number}/follow", f"/photo/{photo.id}/large.jpg"]
    for other in (new_client(), people.sign_in(new_client(), people.account()), people.sign_in(new_client(), stranger)):
        assert [other.get(a, buffered=True).status_code for a in addresses] == [404] * 5
        assert c.number not in other.get("/ru/shymkent/complaints/").text
        assert other.get(f"/ru/shymkent/complaints/?number={c.number}").status_code == 200
    assert people.sign_in(new_client(), official).get(addresses[0]).status_code == 200
    other_device = new_client()
    [personal] = [x for x in links_of(ticket) if "/link/" in x]
    assert other_device.get(personal).headers["Location"] == addresses[0]
    page = other_device.get(addresses[0])
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    shown = other_device.get(addresses[-1], buffered=True)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "private, no-store")


# Links ----------------------------------------------------------------------------------------------------------------

def test_a_link_opened_by_a_scanner_changes_nothing(client: Browser, session: Session, mails: Mails, write: Callable[..., TestResponse]) -> None:
    write(client)
    link = confirm_link(mails)
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    session.commit()
    assert (count(session, Complaint), count(session, Contact), mails()) == (0, 0, [])


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other kind", "foreign"])
def test_damaged_and_foreign_links_are_gone(client: Browser, session: Session, mails: Mails, write: Callable[..., TestResponse], damage: str) -> None:
    from itsdangerous import URLSafeTimedSerializer

    from civic.complaints.filing_views import signer

    write(client)
    link = confirm_link(mails)
    draft = session.scalars(select(Draft)).one()
    with client.application.app_context():
        others = {"other kind": signer("joining").dumps([draft.id, draft.email]),
                  "foreign": URLSafeTimedSerializer("another key entirely", salt="civic-filing").dumps([draft.id, draft.email])}
    damaged = {"cut": link[:-4], "changed": link[:-6] + ("A" if link[-6] != "A" else "B") + link[-5:], "empty": link.rpartition("/")[0] + "/x"}
    page = client.get(damaged.get(damage) or link.rpartition("/")[0] + "/" + others[damage])
    assert (page.status_code, count(session, Complaint)) == (410, 0)


@pytest.mark.parametrize(("days", "status"), [(2.99, 303), (3.01, 410)])
def test_a_link_works_for_three_days(client: Browser, session: Session, mails: Mails, write: Callable[..., TestResponse], clock: Any, days: float, status: int) -> None:
    write(client)
    page = client.get(confirm_link(mails))
    clock.shift(timedelta(days=days))
    assert client.submit(page).status_code == status
    assert count(session, Complaint) == (status == 303)


def test_a_link_to_an_address_that_was_mended_is_gone(client: Browser, session: Session, mails: Mails, write: Callable[..., TestResponse]) -> None:
    matter = write(client)
    old = confirm_link(mails)
    draft = session.scalars(select(Draft)).one()
    page = client.get(matter.headers["Location"].replace("/sent", "/matter"))
    client.submit(page, email="other@example.org")
    [letter] = mails()
    assert letter["To"] == "other@example.org"
    assert client.get(old).status_code == 410
    assert client.submit(client.get(links_of(letter)[0])).status_code == 303
    session.refresh(draft)
    assert draft.complaint_id == only_complaint(session).id


def test_a_used_link_says_that_it_was_registered(client: Browser, new_client: Callable[[], Browser], session: Session, mails: Mails, write: Callable[..., TestResponse]) -> None:
    write(client)
    link = confirm_link(mails)
    page = client.get(link)
    client.submit(page)
    again = new_client().get(link)
    assert (again.status_code, again.text.count(only_complaint(session).number) > 0) == (200, True)


def test_complaints_filed_before_signing_up_are_claimed(client: Browser, new_client: Callable[[], Browser], session: Session, people: People, mails: Mails,
                                                         write: Callable[..., TestResponse]) -> None:
    write(client)
    client.submit(client.get(confirm_link(mails)))
    c = only_complaint(session)
    page = people.sign_in(new_client(), people.account("Aigul@Example.org".lower())).get("/ru/my")
    assert page.text.count(f"/complaints/{c.number}\"") == 1
    stranger = people.sign_in(new_client(), people.account()).get("/ru/my")
    assert c.number not in stranger.text


def test_an_unproven_account_claims_nothing(new_client: Callable[[], Browser], people: People, filed: Filed) -> None:
    c = filed(by=people.contact("aigul@example.org"))
    page = people.sign_in(new_client(), people.account("aigul@example.org", confirmed=False)).get("/ru/my")
    assert c.number not in page.text


def test_a_letter_names_what_was_written_in_the_language_of_the_pages(client: Browser, mails: Mails, write: Callable[..., TestResponse]) -> None:
    write(client)
    [letter] = mails()
    assert ("Айгүл" in words_of(letter), "Не горит свет на улице" in words_of(letter), "/ru/confirm/" in words_of(letter)) == (True, True, True)
    assert "ул. Рыскулова, 14" not in words_of(letter)  # the letter goes to an address that anybody may have typed


def test_a_draft_of_another_city_is_not_found(client: Browser, session: Session, write: Callable[..., TestResponse]) -> None:
    write(client)
    draft = session.scalars(select(Draft)).one()
    steps = ("photos", "place", "matter", "check", "sent")
    assert [client.get(f"/ru/almaty/report/{draft.id}/{s}").status_code for s in steps] == [404] * 5
    assert [client.get(f"/ru/shymkent/report/{draft.id}/{s}").status_code for s in steps] == [200] * 5


def test_a_text_is_in_the_language_of_most_of_its_words() -> None:
    assert detect_language("Не горит фонарь на улице Тәуке хана возле дома 14, прошу починить", "kk") == "ru"
    assert detect_language("Көшеде шам жанбайды, балалар қараңғыда жүр", "ru") == "kk"
    assert detect_language("Шам жоқ", "ru") == "kk"


def test_the_page_that_says_look_into_your_mail_comes_after_the_letter(client: Browser, session: Session) -> None:
    client.submit(client.get("/ru/shymkent/report/"))
    draft = session.scalars(select(Draft)).one()
    assert client.get(f"/ru/shymkent/report/{draft.id}/sent").headers["Location"].endswith("/matter")
