"""A city where something of everything is there, and a browser for everybody who comes to it."""

import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import g, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic import create_app
from civic.bodies.models import Body, Category
from civic.cli import seed_reference
from civic.complaints import desk, service
from civic.complaints.filing_views import signer
from civic.complaints.states import Outcome
from civic.config import Settings
from civic.core.clock import utc_now
from civic.events import registration
from civic.extensions import db
from civic.places.queries import city_by_code
from tests.support.client import Browser
from tests.support.complaints import Filed
from tests.support.database import engine_for, migrate
from tests.support.invitations import Host
from tests.support.people import People

ROLES = ("visitor", "resident", "official", "organiser", "administrator", "moderator")


class World:
    """The application on a database of its own. ``known``: values that exist, by the name of a part of an address."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="civic-fuzz-"))
        self.database = self.folder / "civic.db"
        engine = engine_for(f"sqlite:///{self.database}")
        migrate(engine)
        with Session(engine) as session:
            seed_reference(session, datetime(2026, 1, 5, 9, tzinfo=UTC))
            session.commit()
        self.app = create_app(Settings.read({
            "CIVIC_INSTANCE": str(self.folder), "DATABASE_URL": f"sqlite:///{self.database}", "SECRET_KEY": "nonsense is signed with this one", "PUBLIC_URL": "http://localhost",
            "SQLITE_SYNCHRONOUS": "NORMAL", "PAGE_CACHE_SECONDS": "0"}))
        self._open_the_door()
        self.app.test_client_class = Browser
        with Session(engine) as session:
            self.known = self._fill(session)
        engine.dispose()
        self._let_go()
        shutil.copyfile(self.database, self.folder / "kept.db")

    def _open_the_door(self) -> None:
        """Forged forms are let in: what lies behind is meant; tests/test_security_writes.py tries the door itself."""
        self.app.config["WTF_CSRF_CHECK_DEFAULT"] = False

        @self.app.before_request
        def let_in() -> None:
            g.csrf_valid = True

    def _fill(self, session: Session) -> dict[str, list[str]]:
        people, city, now = People(self.app, session), city_by_code(session, "shymkent"), utc_now()
        assert city is not None
        resident = people.account("resident@x.kz")
        filed = Filed(session, city, people)
        first, second, secret = filed(by=resident, lat=42.34, lon=69.59), filed(by=resident), filed(private=True)
        official = people.official(session.get_one(Body, first.body_id), head=True)
        service.answer(session, second, people.actor(official), now, text="Жауап", outcome=Outcome.EXPLAINED)
        template = desk.save_template(session, people.actor(official), None, body_id=first.body_id, title={"kk": "Үлгі", "ru": "Образец"}, text={"kk": "Жауап", "ru": "Ответ"})
        host = Host(session, city, people)
        people.official(host.body())
        event, draft = host.event(starts=now + timedelta(days=20)), host.event(starts=now + timedelta(days=30), announced=False)
        invitation = host.invite(event)
        guest = registration.register(session, event, people.contact("guest@x.kz"), registration.Wish("Қонақ", consent=True), now)
        persons = {"resident": resident, "official": official, "organiser": host.user, "administrator": people.administrator(), "moderator": people.moderator(city)}
        session.commit()
        self.cookies = {"visitor": []} | {who: self._sign_in(people, user) for who, user in persons.items()}
        with self.app.test_request_context():
            tokens = [signer("link").dumps([first.id, resident.contact.id]), signer("unfollow").dumps([first.id, resident.contact.id]), signer("registration").dumps([guest.id, guest.contact_id]),
                      signer("joining").dumps([first.id, "support", "a@x.kz", "kk"]), signer("followings").dumps(resident.contact.id), signer("event").dumps(["x", "a@x.kz"]), signer("filing").dumps(["x", "a@x.kz"]),
                      signer("speaker").dumps(1), signer("invitation").dumps([invitation.id, 1, "x"]), "a.b.c", "nonsense"]
            url_for("places.root")
        codes = [event.code, draft.code, host.organisation.code, host.body().code, session.scalars(select(Category.code)).first() or "", "lighting"]
        return {"number": [first.number, second.number, secret.number, invitation.number, guest.number], "code": codes, "city": ["shymkent", "almaty", "astana"], "token": tokens, "draft_id": ["a" * 32], "day": ["2026-05-05"],
                "template_id": [str(template.id)], "registration_id": [str(guest.id)], "category_id": ["1", "2", "7"], "photo_id": ["a" * 32]}

    def _sign_in(self, people: People, user: Any) -> list[Any]:
        client = people.sign_in(self.app.test_client(), user)  # type: ignore[arg-type]
        return list(client._cookies.values())  # type: ignore[union-attr]

    def browser(self, who: str) -> Browser:
        """A browser of somebody, with cookies that nobody has changed yet."""
        client = self.app.test_client()
        for cookie in self.cookies[who]:
            client.set_cookie(cookie.key, cookie.decoded_value)
        client.may_break = True  # type: ignore[attr-defined]
        return client  # type: ignore[return-value]

    def again(self) -> None:
        """Everything as it was at the beginning."""
        self._let_go()
        for end in ("", "-wal", "-shm"):
            Path(f"{self.database}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "kept.db", self.database)

    def _let_go(self) -> None:
        with self.app.app_context(), ExitStack():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()

    def end(self) -> None:
        """Remove the folder."""
        self._let_go()
        shutil.rmtree(self.folder, ignore_errors=True)
