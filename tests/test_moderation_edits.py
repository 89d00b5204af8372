"""What a moderator took off does not come back by the author's own hand."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.core.errors import NotAllowed
from civic.events import organisations, service
from civic.events.inputs import ItemInput
from civic.media.models import Photo
from civic.moderation import service as moderation
from civic.moderation.codex import HIDDEN_TITLE, Reason
from civic.moderation.subjects import load
from civic.places.models import City
from civic.programmes import service as programmes
from civic.promises import service as promises
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.people import People
from tests.support.promises import SEEN, Promised


@pytest.fixture
def promised(session: Session, city: City, people: People, clock: Any) -> Promised:
    return Promised(session, city, people)


def hide(session: Session, people: People, city: City, kind: str, key: str, now: datetime, part: str = "whole") -> Any:
    thing = load(session, kind, key)
    assert thing is not None
    case = moderation.flag(session, thing, people.actor(people.account()), now, part=thing.parts[0].name, reason=Reason.HATRED)
    moderation.hide(session, case, people.actor(people.moderator(city)), now, parts=[part], reason=Reason.HATRED)
    return case


def test_an_organiser_who_edits_does_not_put_hidden_words_back(held: Held, session: Session, city: City, people: People, client: Browser, now: datetime) -> None:
    event = held(title={"kk": "Жала тақырып"}, text={"kk": "Жаман мәтін"}, items=[ItemInput("Жала баяндама", 20)])
    hide(session, people, city, "event", event.code, now)
    typed = held.typed(title={"kk": "Жала тақырып"}, text={"kk": "Жаман мәтін"}, items=[ItemInput("Жала баяндама", 20)], venue="Басқа зал", capacity=7)
    assert (service.edit(session, event, held.actor, now, typed), event.venue) == (["capacity"], "")
    assert (event.title, event.text, [i.title for i in event.items]) == (HIDDEN_TITLE, {}, [HIDDEN_TITLE["kk"]])
    form = people.sign_in(client, held.owner).get(f"/en/organise/events/{event.code}/edit")
    assert "Hidden by a moderator on" in form.text


def test_nor_the_hidden_picture(held: Held, session: Session, people: People, city: City, client: Browser, picture: Any, mails: Any, now: datetime) -> None:
    event = held()
    photo = Photo(id="a" * 32, state="ready", private=False, width=4, height=3, uploaded_at=now)
    session.add(photo)
    session.flush()
    event.photo_id = photo.id
    session.commit()
    hide(session, people, city, "event", event.code, now, "photo")
    session.commit()
    page = people.sign_in(client, held.owner).get(f"/en/organise/events/{event.code}/edit")
    again = client.submit(page, venue="Басқа зал", picture=(BytesIO(picture()), "same.jpg"))
    session.expire_all()
    assert (again.status_code, "A moderator has hidden the picture" in again.text, "Басқа зал" in again.text, event.photo_id) == (422, True, True, photo.id)
    assert client.submit(again, once="2" * 32).status_code == 303  # all but the picture is saved


def test_an_owner_who_renames_the_organisation_neither(held: Held, session: Session, city: City, people: People, now: datetime) -> None:
    before = dict(held.organisation.name)
    case = hide(session, people, city, "organisation", held.organisation.code, now)
    organisations.rename(session, held.organisation, held.actor, now, name={"kk": "Қайтадан"}, about={"kk": "Жаңа"})
    assert held.organisation.name == HIDDEN_TITLE
    moderation.appeal(session, case, held.actor, now, text="Келіспейміз")
    moderation.resolve(session, case, people.actor(people.moderator(city)), now, restore=True, text="Қалсын")
    assert held.organisation.name == before


def test_what_a_moderator_hides_at_the_same_moment_stays_hidden_too(held: Held, session: Session, now: datetime) -> None:
    made = programmes.found(session, held.organisation, held.actor, now, name={"kk": "Жала"}, about={})
    part = programmes.add_part(session, made, held.actor, now, name={"kk": "Жала"}, about={}, parent_id=None)
    marks = {"name": {}, "title": {}, f"part-{part.id}": {}}
    for row in (held.organisation, made, part):  # seen by the database alone, as what another transaction has just committed
        values = {"name": HIDDEN_TITLE} | ({} if row is part else {"hidden": marks})
        session.execute(update(type(row)).where(type(row).id == row.id).values(values).execution_options(synchronize_session=False))
    words = {"name": {"kk": "Қайтадан"}, "about": {}}
    organisations.rename(session, held.organisation, held.actor, now, **words)
    programmes.rename(session, made, held.actor, now, **words)
    programmes.change_part(session, made, held.actor, now, part, **words)
    session.expire_all()
    assert [held.organisation.name, made.name, part.name] == [HIDDEN_TITLE] * 3


def test_the_city_reads_in_the_trail_that_something_was_hidden_and_not_who_wrote_it(
        session: Session, city: City, people: People, filed: Filed, client: Browser, new_client: Callable[[], Browser], now: datetime) -> None:
    author, moderator = people.account(name="Сырлы Автор"), people.moderator(city)
    thing = load(session, "complaint", filed(by=author).number)
    assert thing is not None
    case = moderation.flag(session, thing, people.actor(people.account()), now, part="text", reason=Reason.INSULT)
    moderation.hide(session, case, people.actor(moderator), now, parts=["text"], reason=Reason.INSULT)
    session.commit()
    for reader in (moderator, people.administrator()):
        page = people.sign_in(new_client(), reader).get("/en/audit/").text
        assert ("Hidden" in page, "Сырлы Автор" in page, author.email in page) == (True, False, False)
    assert "Hidden" in people.sign_in(client, author).get("/en/audit/mine").text


def test_only_who_wrote_what_is_gone_may_appeal(promised: Promised, session: Session, city: City, people: People, now: datetime) -> None:
    promise, resident = promised.confirmed(), people.contact()
    promises.claim(session, promise, promised.of_body, now, SEEN)
    step = promises.contest(session, promise, people.actor(resident), now, SEEN)
    thing = load(session, "promise", promise.number)
    assert thing is not None
    case = moderation.flag(session, thing, people.actor(people.account()), now, part=f"step-{step.id}", reason=Reason.INSULT)
    moderation.hide(session, case, people.actor(people.moderator(city)), now, parts=[f"step-{step.id}"], reason=Reason.INSULT)
    with pytest.raises(NotAllowed):  # there is one appeal, and the other side must not use it up
        moderation.appeal(session, case, promised.of_body, now, text="Келісеміз")
    moderation.appeal(session, case, people.actor(resident), now, text="Келіспеймін")
