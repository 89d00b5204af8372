"""Makes people for tests."""

import secrets
from itertools import count

from flask_security.utils import hash_password
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.accounts.service import claim_contact, contact_for, give_post
from civic.accounts.sessions import SignIn, begin
from civic.app import CivicFlask
from civic.bodies.models import Body
from civic.core.actor import Actor, Post, RoleName
from civic.core.clock import utc_now
from civic.places.models import City
from tests.support.client import Browser

PASSWORD = "a long enough password"
#: Hashes of PASSWORD, by the cost that the application's passwords have.
_hashes: dict[str, str] = {}
#: A true hash takes a fifth of a second of the processor and 64 MB, on purpose. Tests that do not ask what a password costs use this.
CHEAP = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


def cheap_passwords(app: CivicFlask) -> None:
    """Let passwords of ``app`` cost next to nothing."""
    app.extensions["security"].pwd_context.update(**CHEAP)


class People:
    """Accounts, contacts and posts, each kept in the test's session."""

    def __init__(self, app: CivicFlask, session: Session) -> None:
        self.app, self.session, self.numbers = app, session, count(1)

    def contact(self, email: str | None = None, *, locale: str = "kk", delivery: str = "at_once") -> Contact:
        """A proven address without an account."""
        contact = contact_for(self.session, email or f"contact{next(self.numbers)}@example.test", locale)
        contact.delivery, contact.confirmed_at = delivery, contact.confirmed_at or utc_now()
        self.session.flush()
        return contact

    def account(self, email: str | None = None, *, name: str = "Айгүл Серікқызы", locale: str = "kk", confirmed: bool = True) -> User:
        """An account with the password ``PASSWORD``; its address is proven unless ``confirmed`` is False."""
        user = User(email=email or f"person{next(self.numbers)}@example.test", name=name, locale=locale, active=True,
                    password=self._password(), fs_uniquifier=secrets.token_hex(16), fs_webauthn_user_handle=secrets.token_hex(16))
        if confirmed:
            user.confirmed_at = utc_now().replace(tzinfo=None)
        self.session.add(user)
        self.session.flush()
        if confirmed:
            claim_contact(self.session, user, utc_now())
        return user

    def official(self, body: Body, *, head: bool = False, name: str = "Нұрлан Ахметұлы", email: str | None = None,
                 locale: str = "kk") -> User:
        """Somebody who answers for ``body``."""
        user = self.account(email, name=name, locale=locale)
        give_post(self.session, user, RoleName.HEAD if head else RoleName.OFFICIAL, utc_now(), body_id=body.id)
        self.session.expire(user, ["memberships"])
        return user

    def administrator(self, email: str | None = None) -> User:
        """Somebody who looks after reference data."""
        user = self.account(email, name="Администратор")
        give_post(self.session, user, RoleName.ADMINISTRATOR, utc_now())
        self.session.expire(user, ["memberships"])
        return user

    def moderator(self, city: City, email: str | None = None) -> User:
        """A moderator of ``city``."""
        user = self.account(email, name="Модератор")
        give_post(self.session, user, RoleName.MODERATOR, utc_now(), city_id=city.id)
        self.session.expire(user, ["memberships"])
        return user

    def actor(self, person: User | Contact) -> Actor:
        """The actor that services and rules see."""
        if isinstance(person, Contact):
            return Actor(contact_id=person.id)
        posts = tuple(Post(m.role, m.body_id, m.city_id) for m in person.memberships if m.ended_at is None)
        return Actor(person.id, person.contact.id if person.contact else None, person.name, posts)

    def sign_in(self, client: Browser, user: User, *, second_factor: bool = False) -> Browser:
        """Sign in without the page, which has tests of its own. Gives ``client`` back."""
        token, _ = begin(self.session, user, SignIn("password", second_factor=second_factor), utc_now())
        self.session.commit()
        with client.session_transaction() as held:
            held["_user_id"], held["_fresh"], held["device"] = user.fs_uniquifier, True, token
        return client

    def _password(self) -> str:
        cost = self.app.extensions["security"].pwd_context.to_string()
        if cost not in _hashes:
            with self.app.app_context():
                _hashes[cost] = hash_password(PASSWORD)
        return _hashes[cost]
