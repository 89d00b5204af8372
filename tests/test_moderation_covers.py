"""Covering parts of photos of discussions and of evidence: by the organiser, by whoever holds a presenter's link, by each side, by a moderator."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from PIL import Image
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.app import CivicFlask
from civic.complaints.models import Attachment, Complaint
from civic.core.clock import utc_now
from civic.core.database import begin_write
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
from civic.moderation import covers, service
from civic.moderation.codex import Reason
from civic.moderation.models import Case
from civic.moderation.of_stage import key_of
from civic.moderation.subjects import load
from civic.places.models import City
from civic.promises import service as promises
from civic.promises.models import Promise, PromisePhoto, PromiseStep
from civic.promises.service import Evidence
from civic.stage.models import Slide
from civic.stage.service import add_slides, add_talk, remove_slides
from tests.support.client import Browser
from tests.support.events import Held
from tests.support.letters import Mails
from tests.support.people import People
from tests.support.promises import Promised
from tests.support.together import waiting

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


@pytest.fixture
def promised(session: Session, city: City, people: People, now: datetime) -> Promised:
    """A body, an event, and a resident."""
    return Promised(session, city, people)


def contested(promised: Promised, session: Session, taken: Callable[[], Photo]) -> tuple[Promise, str, str, str]:
    """A promise with a photo of each side: the body's, the resident's, the organiser's."""
    promise, photos = promised.confirmed(), [taken().id for _ in range(3)]
    sides = (promised.of_body, promised.people.actor(promised.people.account("neighbour@example.test")), promised.organiser)
    for take, actor, photo_id in zip((promises.claim, promises.contest, promises.make_statement), sides, photos, strict=True):
        take(session, promise, actor, utc_now(), Evidence("Міне, сурет.", photo_ids=[photo_id]))
    session.commit()
    return promise, *photos  # type: ignore[return-value]


def test_each_side_covers_its_own_evidence_alone(app: CivicFlask, new_client: Callable[[], Browser], session: Session, promised: Promised, people: People,
                                                taken: Callable[[], Photo], mails: Mails) -> None:
    promise, *photos = contested(promised, session, taken)
    neighbour = session.scalars(select(User).where(User.email == "neighbour@example.test")).one()
    sides = [people.sign_in(new_client(), user) for user in (promised.official, neighbour, promised.host.user)]
    strangers = [people.sign_in(new_client(), user) for user in (people.account(), people.official(promised.host.body("water")))]
    pages = [f"/en/promises/{promise.number}/cover/{photo}" for photo in photos]
    assert [[side.get(page).status_code for page in pages] for side in sides] == [[200, 404, 404], [404, 200, 404], [404, 404, 200]]
    assert {stranger.get(page).status_code for stranger in strangers for page in pages} == {404}
    assert {new_client().get(page).status_code for page in pages} == {303}
    shown = f"/en/promises/{promise.number}"
    assert [[page in side.get(shown).text for page in pages] for side in (*sides, strangers[0], new_client())] == [
        [True, False, False], [False, True, False], [False, False, True], [False] * 3, [False] * 3]
    for side, page, photo in zip(sides, pages, photos, strict=True):
        cover(app, side, mails, page, photo)
    session.expire_all()
    rows = session.scalars(select(PromisePhoto).order_by(PromisePhoto.step_id)).all()
    assert [(row.photo_id in photos, is_black(app, row.photo)) for row in rows] == [(False, [True, False])] * 3
    page = new_client().get(shown).text
    assert (page.count(COVERED), [f"/photo/{row.photo_id}/thumb.jpg" in page for row in rows]) == (3, [True] * 3)


def test_a_moderator_covers_evidence_and_hides_it_afterwards(app: CivicFlask, client: Browser, new_client: Callable[[], Browser], session: Session,
                                                          promised: Promised, people: People, city: City, taken: Callable[[], Photo], mails: Mails,
                                                          now: datetime) -> None:
    promise, old, *_ = contested(promised, session, taken)
    thing = load(session, "promise", promise.number)
    assert thing is not None
    part = next(part for part in thing.parts if part.photo_id == old)
    case = service.flag(session, thing, people.actor(people.account()), now, part=part.name, reason=Reason.PERSONAL_DATA)
    desk = people.sign_in(client, people.moderator(city))
    path = f"/en/moderation/{case.id}/cover/{old}"
    assert path in desk.get(f"/en/moderation/{case.id}").text
    assert WAITS in desk.submit(desk.get(path), boxes="0,0,50,50", follow=True).text
    mails()
    session.expire_all()
    row = session.scalars(select(PromisePhoto).order_by(PromisePhoto.step_id)).all()[0]
    assert (row.photo_id != old, is_black(app, row.photo)) == (True, [True, False])
    assert desk.get("/en/shymkent/moderation/").text.count("Parts of a photo were covered") == 1
    desk.submit(desk.get(f"/en/moderation/{case.id}"), "/hide", parts=[part.name], reason="personal_data")
    page = new_client().get(f"/en/promises/{promise.number}").text
    assert ("Photo. Hidden by a moderator on" in page, COVERED in page, f"/photo/{row.photo_id}/" in page, "Міне, сурет." in page) == (True, True, False, True)


def test_covering_and_hiding_words_of_the_same_step_do_not_wait_for_each_other(session: Session, promised: Promised,
                                                                              taken: Callable[[], Photo], now: datetime) -> None:
    promise, photo_id, *_ = contested(promised, session, taken)
    place = covers.place_of_evidence(session, promise, photo_id)
    assert place is not None and isinstance(place.owner, PromiseStep)
    step_id, promise_id, number = place.owner.id, promise.id, promise.number

    def cover_in_another_session(own: Session) -> None:
        theirs = own.scalars(select(Promise).where(Promise.number == number)).one()
        found = covers.place_of_evidence(own, theirs, photo_id)
        assert found is not None
        covers.cover(own, found, [(0, 0, 50, 50)], now)

    begin_write(session)
    session.get_one(Promise, promise_id, with_for_update=True)
    with waiting(session, cover_in_another_session) as other:
        step = session.get_one(PromiseStep, step_id)
        step.text, step.hidden = None, {"text": {"on": "2026-04-24", "reason": "insult", "entry": 1}}
        session.commit()
    assert other.result() == "done"
    assert set(session.get_one(PromiseStep, step_id).hidden or {}) == {"text", "covered"}


@pytest.fixture
def one_of(request: pytest.FixtureRequest, session: Session, held: Held, taken: Callable[[], Photo], now: datetime) -> Callable[[str], tuple[str, Callable[[], Photo]]]:
    """Makes a public thing of a kind with a photo: its key, and a look at the photo that stands there now."""
    def make(kind: str) -> tuple[str, Callable[[], Photo]]:
        if kind == "complaint":
            complaint: Complaint = request.getfixturevalue("filed")()
            attachment = Attachment(complaint_id=complaint.id, photo_id=taken().id, moment="before")
            session.add(attachment)
            return complaint.number, lambda: attachment.photo
        if kind == "promise":
            promise, *_ = contested(request.getfixturevalue("promised"), session, taken)
            return promise.number, lambda: session.scalars(select(PromisePhoto).order_by(PromisePhoto.step_id)).all()[0].photo
        event: Event = request.getfixturevalue("event")
        if kind == "minutes":
            row = with_material(session, held, event, taken(), now)
            return event.code, lambda: row.photo  # type: ignore[return-value]
        if kind == "talk":
            talk = add_talk(session, event, now, presenter="Әсел", title="Арықтар", language="kk")
            add_slides(session, talk, [taken()])
            return key_of(talk), lambda: talk.slides[0].photo
        return event.code, lambda: event.photo  # type: ignore[return-value]
    return make


@pytest.mark.parametrize("kind", ["complaint", "event", "minutes", "talk", "promise"])
def test_who_hides_the_whole_hides_the_photo_that_is_being_covered(app: CivicFlask, client: Browser, session: Session, people: People, city: City, mails: Mails, now: datetime,
                                                                 one_of: Callable[[str], tuple[str, Callable[[], Photo]]], kind: str) -> None:
    key, photo = one_of(kind)
    moderator = people.actor(people.moderator(city))
    session.commit()

    def hidden_while_it_is_covered() -> Case:
        covering.order(session, photo(), [(0, 0, 50, 50)], now)
        thing = load(session, kind, key)
        assert thing is not None
        case = service.flag(session, thing, people.actor(people.account()), now, part=thing.parts[0].name, reason=Reason.INSULT)
        service.hide(session, case, moderator, now, parts=[service.WHOLE], reason=Reason.INSULT)
        session.commit()
        assert photo().state == "hidden"
        return case

    case, first = hidden_while_it_is_covered(), photo().id
    mails()  # covered, and hidden still
    session.expire_all()
    assert (photo().state, photo().id != first, is_black(app, photo())) == ("hidden", True, [True, False])
    assert client.get(f"/photo/{photo().id}/large.jpg").status_code == 404
    service.put_back(session, case, now)
    session.commit()
    assert client.get(f"/photo/{photo().id}/large.jpg", buffered=True).status_code == 200

    case, second = hidden_while_it_is_covered(), photo().id
    service.put_back(session, case, now)
    session.commit()
    assert (photo().state, client.get(f"/photo/{second}/large.jpg").status_code) == ("covering", 404)  # not without what is to be covered
    mails()
    session.expire_all()
    assert (photo().state, photo().id != second) == ("ready", True)


def test_the_moderator_looks_again_when_the_covering_ends_at_the_same_moment(session: Session, event: Event, people: People, city: City, mails: Mails, now: datetime) -> None:
    photo = event.photo
    assert photo is not None
    covering.order(session, photo, [(0, 0, 50, 50)], now)
    thing = load(session, "event", event.code)
    assert thing is not None
    case = service.flag(session, thing, people.actor(people.account()), now, part="title", reason=Reason.INSULT)
    session.commit()
    assert event.photo is photo  # read, and then replaced by another transaction
    new = Photo(id="f" * 32, state="ready", private=False, width=4, height=3, uploaded_at=now)
    session.add(new)
    session.flush()
    connection = session.connection()
    connection.execute(update(Event).where(Event.id == event.id).values(photo_id=new.id))
    connection.execute(delete(Photo).where(Photo.id == photo.id))
    moderator = people.actor(people.moderator(city))
    with pytest.raises(service.CaseChangedMeanwhile):
        service.hide(session, case, moderator, now, parts=[service.WHOLE], reason=Reason.INSULT)
    service.hide(session, case, moderator, now, parts=[service.WHOLE], reason=Reason.INSULT)
    assert (event.photo_id, new.state) == (new.id, "hidden")
