"""What authors mend themselves: a warning before sending, words taken out afterwards, parts of a photo covered."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.complaints import filing
from civic.complaints import service as complaints
from civic.complaints.models import Attachment, Complaint
from civic.complaints.states import AppealKind, Outcome, State
from civic.core.database import Base
from civic.core.errors import InputRefused, NotAllowed
from civic.media import covering
from civic.media.models import Photo
from civic.media.service import path_of, take_in
from civic.moderation import mending, service
from civic.moderation.codex import Reason
from civic.moderation.subjects import load
from civic.places.models import City
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.letters import Mails
from tests.support.people import People

IIN = "900101300017"


@pytest.fixture
def author(people: People) -> User:
    return people.account("author@example.test")


@pytest.fixture
def complaint(filed: Filed, author: User) -> Complaint:
    return filed(by=author, text=f"Менің ЖСН-ім {IIN}, телефоным 87771234567. Шам жанбайды.")


def test_filing_warns_and_sends_as_it_is_all_the_same(client: Browser, session: Session, people: People, author: User, filed: Filed) -> None:
    people.sign_in(client, author)
    place = client.submit(client.get("/en/shymkent/report/"), follow=True)
    matter = client.submit(place, address="Рысқұлов көшесі, 14", lat="", lon="", follow=True)
    check = client.submit(matter, category_id=filed.category().id, text="Хабарласыңыз: 87771234567, шам жанбайды", name="Айгүл", follow=True)
    assert ("<mark>87771234567</mark>" in check.text, "telephone number" in check.text, "Send it as it is" in check.text) == (True, True, True)
    changed = client.submit(client.get(check.request.path.replace("/check", "/matter")), text="Шам екі аптадан бері жанбайды", follow=False)
    assert changed.headers["Location"].endswith("/ticket")
    assert session.scalars(select(Complaint.text)).all() == ["Шам екі аптадан бері жанбайды"]


def test_what_is_taken_out_is_kept_nowhere(client: Browser, session: Session, complaint: Complaint, author: User, people: People, now: datetime) -> None:
    complaints.add_information(session, complaint, people.actor(author), now, text=f"Қайталаймын: {IIN}")
    path = f"/en/shymkent/complaints/{complaint.number}/mend"
    assert client.get(path).status_code == 404
    page = people.sign_in(client, author).get(path)
    assert client.submit(page).status_code == 422
    client.submit(page, pieces=[IIN, "87771234567"], other="Шам")
    rows = "".join(repr(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table)))
    assert [piece for piece in (IIN, "87771234567", "Шам жанбайды") if piece in rows.replace("SubmittedForm", "")] == []
    session.refresh(complaint)
    assert complaint.text == "Менің ЖСН-ім […], телефоным […]. […] жанбайды."
    page_text = client.get(f"/en/shymkent/complaints/{complaint.number}").text
    assert ("The author removed personal data" in page_text, "Қайталаймын: […]" in page_text) == (True, True)
    assert IIN not in client.get(f"/en/shymkent/complaints/?q={IIN}").text.replace(f'value="{IIN}"', "").replace(f"«{IIN}»", "").replace(f"q={IIN}", "")


def test_only_the_author_and_only_what_stands_there(session: Session, complaint: Complaint, people: People, author: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        mending.redact(session, complaint, people.actor(people.account()), now, {"text": [IIN]})
    with pytest.raises(InputRefused):
        mending.redact(session, complaint, people.actor(author), now, {"text": ["жоқ сөз", " "]})
    assert mending.redact(session, complaint, people.actor(author), now, {"text": [IIN]}) == 1
    session.expire_all()
    event = complaint.events[-1]
    assert (event.kind, event.text) == ("redacted", None)


def test_words_of_a_step_change_only_with_their_mark(session: Session, complaint: Complaint, people: People, author: User, now: datetime) -> None:
    complaints.add_information(session, complaint, people.actor(author), now, text=f"{IIN} және {IIN}, 87771234567")
    for piece in (IIN, "87771234567"):  # twice on one day
        mending.redact(session, complaint, people.actor(author), now, {f"step-{e.id}": [piece] for e in complaint.events})
        session.commit()
        session.expire_all()
    assert next(e for e in complaint.events if e.kind == "information").text == "[…] және […], […]"
    with pytest.raises(Exception, match="only grows"):
        session.execute(text("UPDATE complaint_event SET text = 'x' WHERE text IS NOT NULL"))


@pytest.fixture
def with_photo(app: CivicFlask, session: Session, city: City, author: User, filed: Filed, mails: Mails, now: datetime) -> Complaint:
    made = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(made, "JPEG")
    draft = filing.new_draft(session, city, "kk", now)
    filing.attach_photo(session, draft, take_in(session, app.settings.media, io.BytesIO(made.getvalue()), now))
    filing.set_place(session, draft, city, lat=None, lon=None, address="Тыныш көшесі, 5", district_id=None)
    filing.set_matter(session, draft, category_id=filed.category().id, text="Көлік көгалда тұр", kind=AppealKind.NOTICE, show_name=False, private=False, name="Айгүл")
    assert author.contact is not None
    complaint = filing.register(session, draft, author.contact, now)
    mails()
    session.expire_all()
    return complaint


def _photo(session: Session, complaint: Complaint) -> Photo:
    session.expire_all()
    return session.scalars(select(Attachment).where(Attachment.complaint_id == complaint.id)).one().photo


def test_parts_of_a_photo_are_black_in_every_size_and_the_old_files_are_gone(app: CivicFlask, client: Browser, session: Session, with_photo: Complaint, people: People, author: User, mails: Mails) -> None:
    old, media = _photo(session, with_photo).id, app.settings.media
    path = f"/en/shymkent/complaints/{with_photo.number}/cover/{old}"
    assert client.get(path).status_code == 404
    page = people.sign_in(client, author).get(path)
    for wrong in ({}, {"left": "90", "top": "0", "width": "50", "height": "10"}, {"boxes": "nonsense;1,2"}, {"boxes": "nan,nan,nan,nan"}):
        assert client.submit(page, **wrong).status_code == 422
    client.submit(page, boxes="0,0,50,50", left="60", top="60", width="20", height="20")
    assert (client.get(f"/photo/{old}/large.jpg").status_code, "being prepared" in client.get(f"/en/shymkent/complaints/{with_photo.number}").text) == (404, True)
    mails()
    new = _photo(session, with_photo)
    assert (new.id != old, new.state, session.get(Photo, old)) == (True, "ready", None)
    assert not any(path_of(media, old, size).exists() for size in ("large", "thumb"))
    for size in ("large", "thumb"):
        with Image.open(path_of(media, new.id, size)) as image:
            colours = [image.getpixel((round(image.width * x), round(image.height * y))) for x, y in ((.2, .2), (.7, .7), (.9, .1))]
        assert [max(c) < 40 for c in colours] == [True, True, False]  # type: ignore[type-var, arg-type]
    assert "Parts of a photo were covered" in client.get(f"/en/shymkent/complaints/{with_photo.number}").text


def test_a_moderator_covers_and_hides_photos(client: Browser, new_client: Callable[[], Browser], session: Session, with_photo: Complaint, people: People, city: City, mails: Mails, now: datetime) -> None:
    moderator, old = people.moderator(city), _photo(session, with_photo).id
    thing: Any = load(session, "complaint", with_photo.number)
    part = next(p.name for p in thing.parts if p.kind == "photo")
    case = service.flag(session, thing, people.actor(people.account()), now, part=part, reason=Reason.PERSONAL_DATA)
    desk = people.sign_in(client, moderator)
    page = desk.get(f"/en/moderation/{case.id}/cover/{old}")
    desk.submit(page, boxes="10,10,20,20")
    mails()
    new = _photo(session, with_photo)
    assert (new.id != old, desk.get("/en/shymkent/moderation/").text.count("Parts of a photo were covered")) == (True, 1)
    desk.submit(desk.get(f"/en/moderation/{case.id}"), "/hide", parts=[part], reason="personal_data")
    visitor = new_client()
    assert visitor.get(f"/photo/{new.id}/large.jpg").status_code == 404
    shown = visitor.get(f"/en/shymkent/complaints/{with_photo.number}").text
    assert ("Photo. Hidden by a moderator" in shown, new.id in shown) == (True, False)
    assert desk.get(f"/en/moderation/{case.id}/photo/{new.id}/thumb.jpg", buffered=True).status_code == 200
    assert visitor.get(f"/en/moderation/{case.id}/photo/{new.id}/thumb.jpg").status_code == 303


def test_a_body_covers_a_photo_of_its_answer_and_no_other(app: CivicFlask, client: Browser, new_client: Callable[[], Browser], session: Session,
                                                        with_photo: Complaint, people: People, author: User, mails: Mails, now: datetime) -> None:
    made, before = io.BytesIO(), _photo(session, with_photo).id
    Image.new("RGB", (800, 600), "white").save(made, "JPEG")
    after = take_in(session, app.settings.media, io.BytesIO(made.getvalue()), now, private=False).id
    mails()
    official, body = people.official(session.get_one(Body, with_photo.body_id)), with_photo.body_id
    complaints.answer(session, with_photo, people.actor(official), now, text="Көлік алынды.", outcome=Outcome.RESOLVED, photo_ids=[after])
    session.commit()
    page, open_item = f"/en/shymkent/complaints/{with_photo.number}", f"/en/desk/?open={with_photo.number}"
    colleague = session.scalars(select(Body).where(Body.id != body, Body.city_id == with_photo.city_id)).first()
    assert colleague is not None
    desk, applicant, stranger = (people.sign_in(new_client(), user) for user in (official, author, people.official(colleague)))
    assert [[browser.get(f"{page}/cover/{photo}").status_code for photo in (before, after)] for browser in (desk, applicant, stranger, client)] == [
        [404, 200], [200, 404], [404, 404], [404, 404]]
    item = desk.get(open_item)
    assert ([f"{page}/cover/{photo}" in item.text for photo in (before, after)], "/cover/" in client.get(page).text) == ([False, True], False)
    assert "The photo is being covered" in desk.submit(desk.get(f"{page}/cover/{after}"), boxes="0,0,50,50", follow=True).text
    mails()
    session.expire_all()
    new = next(a.photo for a in with_photo.attachments if a.moment == "after")
    with Image.open(path_of(app.settings.media, new.id, "thumb")) as image:
        assert (new.id != after, max(image.getpixel((5, 5))) < 40) == (True, True)  # type: ignore[arg-type, type-var]
    last = with_photo.events[-1]
    assert (last.kind, last.role, last.body_id, with_photo.state) == ("covered", "official", body, State.ANSWERED)
    assert "Parts of a photo were covered" in client.get(page).text


def test_mending_does_not_stumble_over_what_happens_at_the_same_moment(session: Session, with_photo: Complaint, people: People, author: User, now: datetime) -> None:
    actor, [photo_id] = people.actor(author), [a.photo_id for a in with_photo.attachments]
    complaints.add_information(session, with_photo, actor, now, text="Телефоным 87771234567.")
    session.commit()
    complaint_id, said = with_photo.id, with_photo.events[-1]
    assert "8777" in (said.text or "")

    def meanwhile(row: Any, **values: Any) -> None:
        """Seen by the database alone, as what another transaction has just committed."""
        session.execute(update(type(row)).where(type(row).id == row.id).values(values).execution_options(synchronize_session=False))

    meanwhile(with_photo, version=with_photo.version + 1)
    mending.cover_own(session, with_photo, actor, now + timedelta(minutes=1), photo_id, [(0.0, 0.0, 50.0, 50.0)])
    session.commit()
    assert said.text == "Телефоным 87771234567."  # what this session believes from here on
    meanwhile(with_photo, version=with_photo.version + 1)
    meanwhile(said, text=None, hidden={"text": {"on": "2026-04-24", "reason": "insult", "entry": 1}})
    with pytest.raises(InputRefused, match="piece_not_found"):
        mending.redact(session, with_photo, actor, now, {f"step-{said.id}": ["87771234567"]})
    session.rollback()
    meanwhile(with_photo, version=session.get_one(Complaint, complaint_id).version + 1)
    assert mending.redact(session, with_photo, actor, now, {f"step-{said.id}": ["87771234567"]}) == 1
    session.commit()


@pytest.mark.parametrize("boxes", [[], [(0.0, 0.0, 10.0, 10.0)] * 13, [(-1.0, 0.0, 10.0, 10.0)], [(95.0, 0.0, 10.0, 10.0)], [(0.0, 0.0, 0.1, 10.0)], [(float("inf"), 0.0, 1.0, 1.0)]])
def test_rectangles_that_make_no_sense(boxes: list[covering.Box]) -> None:
    with pytest.raises(InputRefused):
        covering.check(boxes)
