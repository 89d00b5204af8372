"""Puts promises on record for tests, through the services that pages call."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.bodies.models import Body
from civic.core.actor import SYSTEM, Actor
from civic.core.clock import utc_now
from civic.events import service as events
from civic.events.models import Event
from civic.places.models import City
from civic.promises import recording, service
from civic.promises.models import Promise
from civic.promises.recording import PromiseInput
from civic.promises.service import Evidence
from tests.support.invitations import Host
from tests.support.people import People

SEEN = Evidence("Міне, дәлел.", "https://example.kz/report")
SAID = Evidence("Себебі мынау.")
#: Four weeks after the tests' now.
DUE = date(2026, 5, 22)


class Promised:
    """An event that goes on, a body with an official, and promises of it. Calling it records one and commits."""

    def __init__(self, session: Session, city: City, people: People) -> None:
        self.session, self.city, self.people = session, city, people
        self.host = Host(session, city, people)
        self.event: Event = self.host.event()
        events.start(session, self.event, SYSTEM, utc_now())
        self.body: Body = self.host.body()
        self.official: User = people.official(self.body, email="official@example.test")
        self.resident = people.contact("resident@example.test")
        session.commit()

    @property
    def organiser(self) -> Actor:
        """Who records."""
        return self.host.actor

    @property
    def of_body(self) -> Actor:
        """Who answers for the body."""
        return self.people.actor(self.official)

    def typed(self, **changes: Any) -> PromiseInput:
        """A good input."""
        known: dict[str, Any] = {"body_id": self.body.id, "words": "Мектеп жанына жарық орнатамыз.", "due_on": DUE, "post": "Басқарма басшысы"}
        return PromiseInput(**{**known, **changes})

    def __call__(self, *, at: datetime | None = None, **changes: Any) -> Promise:
        promise = recording.record(self.session, self.event, self.organiser, at or utc_now(), self.typed(**changes))
        self.session.commit()
        return promise

    def confirmed(self, **changes: Any) -> Promise:
        """One whose wording the body has confirmed."""
        promise = self(**changes)
        service.confirm(self.session, promise, self.of_body, utc_now())
        self.session.commit()
        return promise
