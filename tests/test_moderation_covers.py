"""Covering parts of photos of discussions: by the organiser, by whoever holds a presenter's link, by a moderator."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.core.errors import InputRefused
from civic.events.models import Event
from civic.events.service import finish, start
from civic.media import covering
from civic.media.models import Photo
from civic.media.service import path_of, take_in
from civic.minutes import materials
from civic.minutes import service as minutes
from civic.minutes.models import MinutesMaterial
from civic.minutes.service import MinutesInput
from civic.moderation import service
from civic.moderation.codex import Reason
from civic.moderation.of_stage import key_of
from civic.moderation.subjects import load
from civic.places.models import City
from civic.stage.models import Slide
from civic.stage.service import add_slides, add_talk, remove_slides
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People

COVERED = "Parts of a photo were covered on"
WAITS = "The photo is being covered"


@pytest.fixture
def taken(app: CivicFlask, session: Session, mails: Mails, now: datetime) -> Callable[[], Photo]:
    """Makes a white photo that is shown."""
    def take() -> Photo:
        made = io.BytesIO()
        Image.new("RGB", (800, 600), "white").save(made, "JPEG")
        photo = take_in(session, app.settings.media, io.BytesIO(made.getvalue()), now, private=False)
        mails()
        session.expire_all()
        return photo
    return take


@pytest.fixture
def event(session: Session, held: Held, taken: Callable[[], Photo]) -> Event:
    """A discussion with a photo."""
    made = held(format="pechakucha")
    made.photo_id = taken().id
    session.commit()
    return made


def with_material(session: Session, held: Held, event: Event, photo: Photo, now: datetime) -> MinutesMaterial:
    """The discussion is over, its minutes are public, and the photo is one of its materials."""
    start(session, event, held.actor, now)
    finish(session, event, held.actor, now)
    row = materials.add(session, event, held.actor, now, title="Зал", language="kk", photo=photo)
    minutes.save(session, event, held.actor, now, MinutesInput(text={"kk": "Шешім: жарық орнату."}), seen=0)
    minutes.publish(session, event, held.actor, now, seen=1)
    session.commit()
    return row


def is_black(app: CivicFlask, photo: Photo) -> list[bool]:
    """Whether a place that was covered is black, and one that was not."""
    found = []
    with Image.open(path_of(app.settings.media, photo.id, "thumb")) as image:
        for x, y in ((.2, .2), (.9, .9)):
            colour = image.getpixel((round(image.width * x), round(image.height * y)))
            found.append(max(colour) < 40)  # type: ignore[arg-type]
    return found


def cover(app: CivicFlask, browser: Browser, mails: Mails, path: str, old: str) -> None:
    """Through its page: off at once, back without what was covered, the old files gone."""
    page = browser.get(path)
    assert browser.submit(page).status_code == 422  # no rectangle
    assert WAITS in browser.submit(page, boxes="0,0,50,50", follow=True).text
    assert browser.get(f"/photo/{old}/large.jpg").status_code == 404
    mails()
    assert not any(path_of(app.settings.media, old, size).exists() for size in ("large", "thumb"))
    assert browser.get(path).status_code == 404  # the address names the photo that is gone


def test_an_organiser_covers_the_photo_of_the_discussion(app: CivicFlask, client: Browser, new_client: Callable[[], Browser], session: Session, held: Held,
                                                       event: Event, people: People, mails: Mails) -> None:
    old = event.photo_id or ""
    path = f"/en/organise/events/{event.code}/cover/{old}"
    assert (client.get(path).status_code, people.sign_in(new_client(), people.account()).get(path).status_code) == (303, 404)
    people.sign_in(client, held.owner)
    assert path in client.get(f"/en/organise/events/{event.code}/edit").text
    assert client.get(path.replace(old, "0" * 32)).status_code == 404
    cover(app, client, mails, path, old)
    session.expire_all()
    assert event.photo is not None and event.photo_id != old and is_black(app, event.photo) == [True, False]
    page = new_client().get(f"/en/shymkent/events/{event.code}").text
    assert (COVERED in page, f"/photo/{event.photo_id}/large.jpg" in page) == (True, True)


def test_an_organiser_covers_a_photo_among_the_materials(app: CivicFlask, client: Browser, session: Session, held: Held, event: Event, people: People,
                                                       taken: Callable[[], Photo], mails: Mails, now: datetime) -> None:
    row = with_material(session, held, event, taken(), now)
    people.sign_in(client, held.owner)
    old, listing = row.photo_id or "", f"/en/organise/events/{event.code}/minutes/materials"
    path = f"/en/organise/events/{event.code}/cover/{old}"
    assert path in client.get(listing).text
    cover(app, client, mails, path, old)
    session.expire_all()
    assert row.photo is not None and row.photo_id != old and is_black(app, row.photo) == [True, False]
    page = client.get(f"/en/shymkent/events/{event.code}/minutes").text
    assert (COVERED in page, f"/photo/{row.photo_id}/thumb.jpg" in page) == (True, True)


def test_a_moderator_covers_and_hides_a_photo_among_the_materials(app: CivicFlask, client: Browser, new_client: Callable[[], Browser], session: Session,
                                                               held: Held, event: Event, people: People, city: City, taken: Callable[[], Photo],
                                                               mails: Mails, now: datetime) -> None:
    row = with_material(session, held, event, taken(), now)
    thing = load(session, "minutes", event.code)
    assert thing is not None
    case = service.flag(session, thing, people.actor(people.account()), now, part=f"photo-{row.id}", reason=Reason.PERSONAL_DATA)
    desk = people.sign_in(client, people.moderator(city))
    desk.submit(desk.get(f"/en/moderation/{case.id}/cover/{row.photo_id}"), boxes="0,0,50,50")
    mails()
    session.expire_all()
    assert row.photo is not None and is_black(app, row.photo) == [True, False]
    desk.submit(desk.get(f"/en/moderation/{case.id}"), "/hide", parts=[f"photo-{row.id}"], reason="personal_data")
    page = new_client().get(f"/en/shymkent/events/{event.code}/minutes").text
    assert ("Photo. Hidden by a moderator on" in page, COVERED in page, f"/photo/{row.photo_id}/" in page) == (True, True, False)


def test_before_there_are_minutes_a_material_is_covered_all_the_same(app: CivicFlask, client: Browser, session: Session, held: Held, event: Event,
                                                                  people: People, taken: Callable[[], Photo], mails: Mails, now: datetime) -> None:
    start(session, event, held.actor, now)
    row = materials.add(session, event, held.actor, now, title="Зал", language="kk", photo=taken())
    old = row.photo_id or ""
    cover(app, people.sign_in(client, held.owner), mails, f"/en/organise/events/{event.code}/cover/{old}", old)
    assert session.scalars(select(MinutesMaterial.photo_id)).one() != old


def test_whoever_holds_the_presenters_link_covers_a_slide_of_that_talk_alone(app: CivicFlask, client: Browser, session: Session, held: Held, event: Event,
                                                                            taken: Callable[[], Photo], mails: Mails, now: datetime) -> None:
    talk = add_talk(session, event, now, presenter="Әсел", title="Арықтар", language="kk")
    other = add_talk(session, event, now, presenter="Тимур", title="Аялдамалар", language="ru")
    add_slides(session, talk, [taken(), taken()])
    session.commit()
    first = talk.slides[0]
    old, path = first.photo_id, f"/en/talk/{talk.token}/cover/{first.photo_id}"
    assert path in client.get(f"/en/talk/{talk.token}/").text
    assert [client.get(path.replace(talk.token, other.token)).status_code, client.get(path.replace(old, event.photo_id or "")).status_code] == [404, 404]
    cover(app, client, mails, path, old)
    session.expire_all()
    assert first.photo_id != old and is_black(app, first.photo) == [True, False]
    rehearsal = client.get(f"/en/talk/{talk.token}/rehearse").text
    assert (old in rehearsal, rehearsal.index(first.photo_id) < rehearsal.index(talk.slides[1].photo_id)) == (False, True)
    assert COVERED in client.get(f"/en/shymkent/events/{event.code}").text


def test_a_slide_that_is_taken_out_while_it_is_covered_leaves_no_picture(app: CivicFlask, client: Browser, session: Session, event: Event,
                                                                        taken: Callable[[], Photo], mails: Mails, now: datetime) -> None:
    talk = add_talk(session, event, now, presenter="Әсел", title="Арықтар", language="kk")
    add_slides(session, talk, [taken()])
    session.commit()
    old = talk.slides[0].photo_id
    client.submit(client.get(f"/en/talk/{talk.token}/cover/{old}"), boxes="0,0,50,50")
    remove_slides(session, talk, {talk.slides[0].id}, now)
    mails()
    session.expire_all()
    assert session.scalars(select(Photo.id)).all() == [event.photo_id]
    files = {path.name for path in (app.settings.media / "photos").rglob("*.jpg")}
    assert files == {f"{event.photo_id}-{size}.jpg" for size in ("large", "thumb")}


def test_a_moderator_covers_photos_of_discussions_in_the_open(app: CivicFlask, client: Browser, session: Session, held: Held, event: Event, people: People,
                                                            city: City, taken: Callable[[], Photo], mails: Mails, now: datetime) -> None:
    talk = add_talk(session, event, now, presenter="Әсел", title="Арықтар", language="kk")
    add_slides(session, talk, [taken()])
    session.commit()
    desk = people.sign_in(client, people.moderator(city))
    for kind, key, photo_id in (("event", event.code, event.photo_id or ""), ("talk", key_of(talk), talk.slides[0].photo_id)):
        thing = load(session, kind, key)
        assert thing is not None
        part = next(part for part in thing.parts if part.photo_id)
        case = service.flag(session, thing, people.actor(people.account()), now, part=part.name, reason=Reason.PERSONAL_DATA)
        path = f"/en/moderation/{case.id}/cover/{photo_id}"
        assert path in desk.get(f"/en/moderation/{case.id}").text
        assert WAITS in desk.submit(desk.get(path), boxes="0,0,50,50", follow=True).text
        mails()
    session.expire_all()
    assert event.photo is not None
    assert [is_black(app, photo) for photo in (event.photo, session.scalars(select(Slide)).one().photo)] == [[True, False]] * 2
    assert desk.get("/en/shymkent/moderation/").text.count("Parts of a photo were covered") == 2
    assert client.get(f"/en/shymkent/events/{event.code}").text.count(COVERED) == 2


def test_covering_a_corner_brings_nothing_back_that_a_moderator_hides_at_the_same_moment(app: CivicFlask, session: Session, event: Event, mails: Mails,
                                                                                       now: datetime) -> None:
    photo = event.photo
    assert photo is not None
    stale = update(Photo).where(Photo.id == photo.id).execution_options(synchronize_session=False)
    session.execute(stale.values(state="hidden"))  # seen by the database alone, as what another transaction has just committed
    with pytest.raises(InputRefused, match="photo_not_shown"):
        covering.order(session, photo, [(0, 0, 10, 10)], now)
    session.execute(stale.values(state="ready"))
    covering.order(session, photo, [(0, 0, 10, 10)], now)
    photo.state = "hidden"
    session.commit()
    mails()
    session.expire_all()
    assert event.photo is not None and event.photo is not photo and event.photo.state == "hidden"
