"""A city where something of everything is there: the demonstration, one thing of each kind beside it, and a browser for everybody."""

import io
import shutil
import tempfile
import time
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from flask import g
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic import create_app
from civic.accounts.models import User
from civic.accounts.service import give_post
from civic.bodies.models import Body
from civic.cli import seed_reference
from civic.complaints import filing
from civic.config import Settings
from civic.core.actor import RoleName
from civic.core.clock import utc_now
from civic.demo import seed
from civic.events import organisations, registration
from civic.events import service as events
from civic.events.models import Event, Organisation, OrganisationMember
from civic.events.states import EventState, Right
from civic.extensions import db
from civic.focus import groups
from civic.focus.consent import VERSION
from civic.following import service as following
from civic.following.models import Kind, Rhythm
from civic.following.naming import read_query
from civic.jobs.models import Outbox
from civic.minutes import materials
from civic.minutes import service as minutes
from civic.minutes.service import MinutesInput
from civic.places.models import City
from civic.places.queries import city_by_code, districts
from civic.privacy.person import Person
from civic.privacy.service import order_export
from civic.questions import asking, polls, rooms
from civic.questions.asking import Asked
from civic.questions.models import Question
from civic.questions.rooms import Who
from civic.questions.states import State
from civic.stage.service import add_talk
from tests.fuzz.failures import Failures
from tests.fuzz.known import flat, kits
from tests.fuzz.strict import be_strict
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.database import engine_for, migrate
from tests.support.people import People
from tests.support.permissions import World as Sample
from tests.test_stage import pdf

ROLES = ("visitor", "resident", "official", "organiser", "administrator", "moderator")
#: A Friday morning, as in the tests: a seed finds tomorrow what it found today.
NOW = datetime(2026, 4, 24, 9, 12, tzinfo=ZoneInfo("Asia/Almaty"))


class World:
    """The application on a database of its own. ``kits``, ``known``: what exists, see ``tests.fuzz.known``.

    demonstration: fill it with that as well, which takes some seconds.
    """

    def __init__(self, *, demonstration: bool = True) -> None:
        self.demonstration = demonstration
        self.clock = time_machine.travel(NOW, tick=True)
        self.clock.start()
        self.folder = Path(tempfile.mkdtemp(prefix="civic-fuzz-"))
        self.database = self.folder / "civic.db"
        be_strict()
        engine = engine_for(f"sqlite:///{self.database}")
        migrate(engine)
        self.app = create_app(replace(Settings.read({
            "CIVIC_INSTANCE": str(self.folder), "DATABASE_URL": f"sqlite:///{self.database}", "SECRET_KEY": "nonsense is signed with this one", "PUBLIC_URL": "http://localhost",
            "SQLITE_SYNCHRONOUS": "NORMAL", "PAGE_CACHE_SECONDS": "0", "LIMITS_FACTOR": "100"}), two_factor=False))  # without it those with a post would have no rights
        self.failures = Failures()
        self.spent, self.app.wsgi_app = 0.0, self._measured(self.app.wsgi_app)  # type: ignore[method-assign]
        self._open_the_door()
        self.app.test_client_class = Browser
        with Session(engine) as session, self.app.test_request_context():
            self._fill(session)
            self.kits = kits(session)
        self.known = flat(self.kits)
        engine.dispose()
        self._let_go()
        shutil.copyfile(self.database, self.folder / "kept.db")

    def _open_the_door(self) -> None:
        """Forged forms are let in: what lies behind is meant; tests/test_security_writes.py tries the door itself."""
        self.app.config["WTF_CSRF_CHECK_DEFAULT"] = False

        @self.app.before_request
        def let_in() -> None:
            g.csrf_valid = True

    def _measured(self, inner: Any) -> Any:
        """The application, which adds to ``spent`` what it takes of the processor."""
        def outer(environ: Any, start_response: Any) -> Iterator[bytes]:
            began = time.process_time()
            try:
                answer = inner(environ, start_response)
                try:
                    return iter(list(answer))
                finally:
                    getattr(answer, "close", lambda: None)()
            finally:
                self.spent += time.process_time() - began
        return outer

    def _fill(self, session: Session) -> None:
        seed_reference(session, datetime(2026, 1, 5, 9, tzinfo=UTC))
        if self.demonstration:
            seed.make(session, self.app.settings.media, utc_now(), "known to all")
        city, people = city_by_code(session, "shymkent"), People(self.app, session)
        assert city is not None
        self.sample = Sample(session, city, people, Filed(session, city, people), utc_now())
        self._give_more(session)
        self._live(session, city)
        self._more(session, city)
        session.execute(update(Outbox).values(done_at=utc_now()))  # what a case orders is done, and nothing else
        session.commit()
        persons = {"resident": "applicant", "official": "head", "organiser": "owner", "administrator": "administrator", "moderator": "moderator"}
        self.cookies = {"visitor": []} | {who: self._sign_in(people, self.sample.people[name]) for who, name in persons.items()}

    def _give_more(self, session: Session) -> None:
        """Whoever owns the sample's things may also do what the demonstration's people may."""
        turan = session.scalars(select(Body).where(Body.code == "district-turan")).one()
        give_post(session, self.sample.people["head"], RoleName.HEAD, utc_now(), body_id=turan.id)
        organiser = session.scalars(select(User).where(User.email == "organiser@demo.test")).one() if self.demonstration else self.sample.people["owner"]
        actor, mine = self.sample.makes.actor(organiser), select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == organiser.id)
        for row in session.scalars(select(Organisation).where(Organisation.id.in_(mine if self.demonstration else []))):
            organisations.give_right(session, row, self.sample.people["owner"], actor, utc_now(), Right.OWNER)
        # the sample's question in each state has been put there, not led there
        bare = (Question.state.in_([State.ANSWERED_LIVE, State.ANSWERED_IN_WRITING]), Question.answered_at.is_(None))
        session.execute(update(Question).where(*bare).values(answered_at=utc_now(), answer="Жауап", answer_language="kk"))
        session.expire_all()

    def _live(self, session: Session, city: City) -> None:
        """A discussion that goes on: its room takes questions, a poll is open, minutes are written."""
        held, now, resident = self.sample.held, utc_now(), self.sample.people["applicant"].contact
        assert resident is not None
        live: Event = held(capacity=30)
        self.live = live.code
        held.come(live, resident)
        events.start(session, live, held.actor, now)
        room = rooms.open_room(session, live, now)
        room.moderated = False
        voice = rooms.come_in(session, room, Who(contact_id=resident.id), now)
        asking.ask(session, room, voice, Asked("Неге көше шамдары түнде жанбайды?"), now)
        poll = polls.prepare(session, room, held.actor, now, text="Қайсысы бірінші?", options=["Жол", "Су"])
        polls.take_step(session, poll, "open", held.actor, now)
        minutes.save(session, live, held.actor, now, MinutesInput({"kk": "Сөйлегендер: екеу."}), seen=0)
        key = materials.take_pdf(self.app.settings.media, io.BytesIO(pdf(2)))
        materials.add(session, live, held.actor, now, title="Құжат", language="kk", file=key)
        materials.add(session, live, held.actor, now, title="Сілтеме", language="kk", url="https://example.kz/")

    def _more(self, session: Session, city: City) -> None:
        """Drafts, a focus group with its people, something followed, an export, a request to register."""
        held, now, resident = self.sample.held, utc_now(), self.sample.people["applicant"].contact
        assert resident is not None
        draft = filing.new_draft(session, city, "kk", now)
        filing.set_place(session, draft, city, lat=42.34, lon=69.59, address="Тәуке хан, 1", district_id=None)
        filing.set_matter(session, draft, category_id=self.sample.filed.category().id, text="Жарық жанбайды екі күннен бері.", kind="notice", show_name=False, private=False, name="Айгүл")  # type: ignore[arg-type]
        draft.email = "a@x.kz"
        filing.new_draft(session, city, "ru", now)
        event: Event = held(format="focus_group", capacity=10)
        row = registration.register(session, event, resident, registration.Wish("Қонақ", consent=True, informed=(VERSION, "kk")), now)
        groups.join(session, row, now, age_band="25-34", district_id=districts(session, city.id)[0].id)
        registration.request(session, self.sample.events[EventState.ANNOUNCED], "b@x.kz", "kk", registration.Wish("Қонақ", consent=True), now)
        add_talk(session, held(format="pechakucha"), now, presenter="Айтушы", title="Баяндама", language="kk")
        order_export(session, Person(self.sample.people["applicant"].id, resident.id), now)
        for target in (following.Target(Kind.PLACE, city.id, lat=42.34, lon=69.59, radius_m=500), following.Target(Kind.SEARCH, city.id, query="q=жарық")):
            following.follow(session, resident.id, target, read_query(target.query), Rhythm.DAILY, True, now)

    def _sign_in(self, people: People, user: User) -> list[Any]:
        client = people.sign_in(self.app.test_client(), user)  # type: ignore[arg-type]
        return list(client._cookies.values())  # type: ignore[union-attr]

    def browser(self, who: str) -> Browser:
        """A browser of somebody, with cookies that nobody has changed yet."""
        client = self.app.test_client()
        for cookie in self.cookies[who]:
            client.set_cookie(cookie.key, cookie.decoded_value)
        client.may_break = True  # type: ignore[attr-defined]
        return client  # type: ignore[return-value]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Rows as they are now."""
        with self.app.app_context(), Session(db.engine, expire_on_commit=False) as opened:
            yield opened

    def after(self, status: int, good: Collection[int] = ()) -> str | None:
        """Do the work that a request has ordered; what is wrong with the request's answer, or with that work."""
        if status < 400:
            self.app.extensions["civic_queue"].deliver_all()
        wrong = self.failures.wrong(status)
        return wrong or (f"answered {status}" if good and status not in good else None)

    def command(self, *words: str) -> str | None:
        """As ``flask`` with these words: what is wrong is said, never a traceback."""
        result = self.app.test_cli_runner().invoke(args=words)
        if result.exception is None or isinstance(result.exception, SystemExit):
            return None
        return "".join(traceback.format_exception(result.exception)[-6:])

    def again(self) -> None:
        """Everything as it was at the beginning."""
        self._let_go()
        for end in ("", "-wal", "-shm"):
            Path(f"{self.database}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "kept.db", self.database)

    def _let_go(self) -> None:
        with self.app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()

    def end(self) -> None:
        """Remove the folder."""
        self._let_go()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.clock.stop()
