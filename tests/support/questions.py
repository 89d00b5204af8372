"""Makes a room with its event, voices and questions, through the services that pages call."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.core.clock import utc_now
from civic.events import registration, service
from civic.events.models import Event
from civic.events.registration import Wish
from civic.places.models import City
from civic.questions import asking, rooms
from civic.questions.asking import Asked
from civic.questions.models import Participant, Question
from civic.questions.rooms import Who
from tests.support.invitations import STARTS, Host
from tests.support.people import People


class Asking:
    """One discussion with its room; ``moderated`` is off, so a question is shown at once."""

    def __init__(self, session: Session, city: City, people: People, *, moderated: bool = False, **changes: Any) -> None:
        self.session, self.people, self.numbers = session, people, count(1)
        self.host = Host(session, city, people)
        self.event: Event = self.host.event(**changes)
        self.room = rooms.open_room(session, self.event, utc_now())
        self.room.moderated = moderated
        session.commit()

    @property
    def actor(self) -> Any:
        """The organiser, who moderates."""
        return self.host.actor

    def registered(self, who: Contact | User | None = None, name: str = "Айгерим Тұрсын") -> Participant:
        """Somebody with a place, who has come into the room."""
        contact = who.contact if isinstance(who, User) else who or self.people.contact()
        assert contact is not None
        registration.register(self.session, self.event, contact, Wish(name, consent=True), utc_now())
        return rooms.come_in(self.session, self.room, Who(contact_id=contact.id), utc_now())

    def device(self, mark: str | None = None, address: str = "hall") -> Participant:
        """A phone that joined by the code; the discussion has to be near."""
        hashed = hashlib.sha256((mark or f"device{next(self.numbers)}").encode()).hexdigest()
        return rooms.come_in(self.session, self.room, Who(device=hashed, address=address), utc_now())

    def ask(self, text: str = "Неге күз сайын ТЭЦ маңында түтін иісі шығады?", by: Participant | None = None, **changes: Any) -> Question:
        """A question; of a new person when nobody is named."""
        return asking.ask(self.session, self.room, by or self.registered(), Asked(text, **changes), utc_now())

    def begin(self, clock: Any) -> None:
        """The discussion goes on now."""
        self.session.commit()
        clock.move_to(STARTS + timedelta(minutes=1))
        service.start(self.session, self.event, self.actor, utc_now())
        self.session.commit()

    def finish(self, clock: Any) -> None:
        """The discussion is over."""
        clock.move_to(self.event.ends_at + timedelta(minutes=1))
        service.finish(self.session, self.event, self.actor, utc_now())
        self.session.commit()
