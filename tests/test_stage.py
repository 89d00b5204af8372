"""Talks of twenty pictures: who changes them, what is taken, what is shown."""

import io
import re
import secrets
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.events.models import Event
from civic.media.models import Photo
from civic.stage import service
from civic.stage.models import Slide, Talk
from civic.stage.queries import talks_of
from civic.stage.service import add_talk
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails, links_of
from tests.support.people import People
from tests.support.together import together


@pytest.fixture
def evening(held: Held) -> Event:
    return held(format="pechakucha")


@pytest.fixture
def talk(session: Session, evening: Event, now: object) -> Talk:
    made = add_talk(session, evening, now, presenter="Әсел", title="Арықтар неге құрғақ", language="kk")  # type: ignore[arg-type]
    session.commit()
    return made


def pdf(pages: int, size: tuple[float, float] = (960, 540)) -> bytes:
    """A PDF with so many empty pages of so many points."""
    document, buffer = pypdfium2.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        document.new_page(*size).close()
    document.save(buffer)
    return buffer.getvalue()


def locked(content: bytes) -> bytes:
    """The same, to be opened with a password only."""
    writer, buffer = PdfWriter(PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(buffer)
    return buffer.getvalue()


def work(app: CivicFlask, session: Session) -> None:
    """Do what waits."""
    session.commit()
    app.extensions["civic_queue"].deliver_all()
    session.expire_all()


def test_an_evening_has_no_more_talks_than_it_may_however_many_are_added_at_once(session: Session, evening: Event, talk: Talk, now: Any,
                                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_TALKS", 3)
    event_id = evening.id
    said = together(session, lambda own: add_talk(own, own.get_one(Event, event_id), now, presenter="Әсел", title="Арық", language="kk"))
    assert said == ["done"] * 2 + ["too_many_talks"] * 4
    assert [t.position for t in talks_of(session, event_id)] == [0, 1, 2]


def test_a_talk_has_no_more_slides_than_it_may_however_many_are_added_at_once(session: Session, talk: Talk, now: Any) -> None:
    talk_id = talk.id

    def add(own: Session) -> None:
        there = own.get_one(Talk, talk_id)
        assert len(there.slides) <= service.SLIDES  # as the page has looked at them
        photos = [Photo(id=secrets.token_hex(16), private=False, uploaded_at=now, state="ready", width=4, height=3) for _ in range(8)]
        own.add_all(photos)
        service.add_slides(own, there, photos)

    assert together(session, add) == ["done"] * 2 + ["too_many_slides"] * 4
    assert [s.position for s in session.get_one(Talk, talk_id).slides] == list(range(16))


def send(client: Browser, talk: Talk, **files: object) -> int:
    """Send files through the presenter's page."""
    page = client.get(f"/kk/talk/{talk.token}/")
    return client.submit(page, page.text.count("<form ") - 1, **files).status_code


def add(client: Browser, page: Any, **typed: str) -> Any:
    """Send the organiser's form of one more talk, the last of the page."""
    return client.submit(page, page.text.count("<form ") - 1, **typed)


def slides(session: Session, talk: Talk) -> list[Slide]:
    """The talk's slides as the database has them."""
    session.expire_all()
    return list(session.scalars(select(Slide).where(Slide.talk_id == talk.id).order_by(Slide.position)))


def test_an_organiser_puts_talks_on_the_list_and_in_order(client: Browser, session: Session, held: Held, evening: Event, people: People, mails: Mails) -> None:
    people.sign_in(client, held.owner)
    path = f"/kk/organise/events/{evening.code}/stage/"
    assert path in client.get(f"/kk/organise/events/{evening.code}").text
    for presenter, title, email in (("Әсел", "Арықтар", "asel@example.test"), ("Тимур", "Аялдамалар", ""), ("Дана", "Ағаштар", "")):
        answer = add(client, client.get(path), presenter=presenter, title=title, language="ru", email=email)
        assert answer.status_code == (422 if email else 303)  # .test is no address for letters
        if email:
            add(client, answer, email="asel@example.com")
    first, _, third = talks_of(session, evening.id)
    letters = mails()
    assert [links_of(letter)[-1] for letter in letters if "asel@example.com" in letter["To"]] == [f"/ru/talk/{first.token}/"]
    assert client.get(f"/kk/shymkent/events/{evening.code}").text.count("Аялдамалар") == 1
    client.submit(client.get(path), f"{path}{third.id}/earlier")
    client.submit(client.get(path), f"{path}{first.id}/remove")
    session.expire_all()
    assert [(t.presenter, t.position) for t in talks_of(session, evening.id)] == [("Дана", 0), ("Тимур", 1)]


@pytest.mark.parametrize(("typed", "says"), [({"presenter": " "}, "presenter"), ({"title": ""}, "title"), ({"presenter": "А" * 121}, "presenter"), ({"email": "not an address"}, "email")])
def test_a_talk_without_what_it_needs_is_refused_beside_the_field(client: Browser, held: Held, evening: Event, people: People, typed: dict[str, str], says: str) -> None:
    people.sign_in(client, held.owner)
    path = f"/kk/organise/events/{evening.code}/stage/"
    answer = add(client, client.get(path), **{"presenter": "Әсел", "title": "Арықтар", "language": "kk", **typed})
    assert (answer.status_code, f'href="#{says}"' in answer.text) == (422, True)


def test_strangers_and_other_organisers_find_nothing(client: Browser, session: Session, held: Held, evening: Event, talk: Talk, people: People) -> None:
    paths = [f"/kk/organise/events/{evening.code}/stage/{end}" for end in ("", "show")]
    assert [client.get(p).status_code for p in paths] == [303, 303]
    people.sign_in(client, people.account())
    assert [client.get(p).status_code for p in paths] == [404, 404]
    assert [client.get(f"/kk/talk/{token}/").status_code for token in ("x", talk.token[:-1], talk.token)] == [404, 404, 200]


def test_a_pdf_of_twenty_pages_becomes_the_slides(app: CivicFlask, client: Browser, session: Session, talk: Talk) -> None:
    assert send(client, talk, pdf=(io.BytesIO(pdf(20, (20_000, 11_250))), "talk.pdf")) == 303
    work(app, session)
    made = slides(session, talk)
    assert [(s.position, s.photo.state, s.photo.width, s.photo.height) for s in made] == [(n, "ready", 1600, 900) for n in range(20)]
    page = client.get(f"/kk/talk/{talk.token}/rehearse")
    assert re.findall(r'data-slide src="([^"]*)"', page.text) == [f"/photo/{s.photo_id}/large.jpg" for s in made]
    assert client.get(f"/photo/{made[0].photo_id}/large.jpg", buffered=True).mimetype == "image/jpeg"
    assert list((app.settings.media / "incoming").iterdir()) == []


@pytest.mark.parametrize(("content", "problem", "pages"), [
    (pdf(400), "pdf_pages", 400), (pdf(19), "pdf_pages", 19), (locked(pdf(20)), "pdf_locked", 0), (b"%PDF-1.7\nnothing else", "pdf_unreadable", 0),
    (pdf(20)[:700], "pdf_unreadable", 0)], ids=["400", "19", "locked", "empty", "cut"])
def test_a_pdf_that_gives_no_slides_says_why_and_what_was_there_stays(app: CivicFlask, client: Browser, session: Session, talk: Talk, content: bytes, problem: str, pages: int) -> None:
    before = [f"{n:032x}" for n in range(2)]
    session.add_all([Photo(id=i, state="ready", private=False, width=4, height=3, uploaded_at=talk.created_at) for i in before])
    session.flush()
    session.add_all([Slide(talk_id=talk.id, position=n, photo_id=i) for n, i in enumerate(before)])
    assert send(client, talk, pdf=(io.BytesIO(content), "bad.pdf")) == 303
    work(app, session)
    assert ([s.photo_id for s in slides(session, talk)], talk.problem, talk.pages, talk.pdf) == (before, problem, pages, "")
    page = client.get(f"/en/talk/{talk.token}/").text
    assert {"pdf_pages": f"The PDF has {pages} pages", "pdf_locked": "locked with a password", "pdf_unreadable": "not a PDF that we can read"}[problem] in page


def test_what_is_no_pdf_is_refused_at_once(client: Browser, session: Session, talk: Talk, picture: Callable[..., bytes]) -> None:
    assert send(client, talk, pdf=(io.BytesIO(picture()), "talk.pdf")) == 422
    assert send(client, talk) == 422  # nothing chosen
    assert slides(session, talk) == []


def test_pictures_go_to_the_end_up_to_twenty_and_can_be_put_in_order(app: CivicFlask, client: Browser, session: Session, talk: Talk, picture: Callable[..., bytes]) -> None:
    def some(count: int) -> list[tuple[io.BytesIO, str]]:
        return [(io.BytesIO(picture()), f"{n}.jpg") for n in range(count)]

    assert [send(client, talk, photos=some(12)), send(client, talk, photos=some(9)), send(client, talk, photos=some(8))] == [303, 422, 303]
    work(app, session)
    made = slides(session, talk)
    assert [s.photo.state for s in made] == ["ready"] * 20
    path, gone, ids = f"/kk/talk/{talk.token}/order", made[5].photo_id, [s.id for s in made]
    client.submit(client.get(f"/kk/talk/{talk.token}/"), path, **{f"place-{made[19].id}": "0.5", f"place-{made[0].id}": "nonsense", f"out-{made[5].id}": "y"})
    work(app, session)
    assert [s.id for s in slides(session, talk)] == [ids[n] for n in (19, 0, 1, 2, 3, 4, *range(6, 19))]
    assert session.scalar(select(func.count()).select_from(Photo)) == 19  # the picture taken out is gone for good
    assert not (app.settings.media / "photos" / gone[:2] / f"{gone}-large.jpg").exists()


def test_a_removed_talk_takes_its_pictures_along(app: CivicFlask, client: Browser, session: Session, held: Held, evening: Event, talk: Talk, people: People) -> None:
    send(client, talk, pdf=(io.BytesIO(pdf(20)), "talk.pdf"))
    work(app, session)
    people.sign_in(client, held.owner)
    path = f"/kk/organise/events/{evening.code}/stage/"
    client.submit(client.get(path), f"{path}{talk.id}/remove")
    work(app, session)
    assert [session.scalar(select(func.count()).select_from(table)) for table in (Talk, Slide, Photo)] == [0, 0, 0]


def test_a_slide_of_too_many_pixels_is_refused(client: Browser, session: Session, talk: Talk) -> None:
    from tests.support.pictures import picture

    huge = picture("PNG", (20_000, 20))
    huge = huge.replace((20_000).to_bytes(4, "big") + (20).to_bytes(4, "big"), (20_000).to_bytes(4, "big") * 2, 1)  # the header of 400 megapixels
    assert send(client, talk, photos=[(io.BytesIO(huge), "huge.png")]) == 422
    assert slides(session, talk) == []
