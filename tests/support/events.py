"""Makes organisations, events and registrations for tests, through the services that pages call."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.core.clock import utc_now
from civic.events import organisations, registration, service
from civic.events.inputs import EventInput
from civic.events.models import Event, Organisation, Registration
from civic.events.registration import Wish
from civic.events.states import Mode, Right
from civic.places.models import City
from tests.support.people import People

ALMATY = ZoneInfo("Asia/Almaty")


class Held:
    """Events of one organisation in the test's session. ``owner`` owns it."""

    def __init__(self, session: Session, city: City, people: People) -> None:
        self.session, self.city, self.people, self.numbers = session, city, people, count(1)
        self.owner: User = people.account(name="Дана Ұйымдастырушы")
        self.organisation: Organisation = organisations.found(
            session, city, people.actor(self.owner), utc_now(), name={"kk": "Пікірталас орталығы", "ru": "Центр дискуссий"}, about={})

    @property
    def actor(self) -> Any:
        """The owner, acting."""
        return self.people.actor(self.owner)

    def typed(self, **changes: Any) -> EventInput:
        """A good input: an evening in three weeks."""
        begins = changes.pop("starts_at", None) or utc_now().astimezone(ALMATY).replace(hour=18, minute=30, second=0, microsecond=0) + timedelta(days=21)
        known: dict[str, Any] = {
            "title": {"kk": "Қысқы ауа: кім не уәде етті", "ru": "Воздух зимой: кто и что обещал"}, "text": {"ru": "О воздухе."}, "format": "conference",
            "direction": "safety", "starts_at": begins, "ends_at": begins + timedelta(hours=2), "mode": Mode.ROOM,
            "venue": "Ұлттық кітапхана, 2-зал", "capacity": 3, "languages": ["kk", "ru"],
        }
        return EventInput(**{**known, **changes})

    def draft(self, **changes: Any) -> Event:
        """A draft."""
        return service.make(self.session, self.organisation, self.city, self.actor, utc_now(), self.typed(**changes))

    def __call__(self, **changes: Any) -> Event:
        """An announced event."""
        event = self.draft(**changes)
        event.invited_at = utc_now()
        service.announce(self.session, event, self.actor, utc_now())
        return event

    def member(self, right: Right) -> User:
        """Somebody with this right in the organisation."""
        user = self.people.account(name=f"Мүше {next(self.numbers)}")
        organisations.give_right(self.session, self.organisation, user, self.actor, utc_now(), right)
        return user

    def come(self, event: Event, who: Contact | None = None, *, now: datetime | None = None, needs: str = "") -> Registration:
        """Register somebody."""
        contact = who or self.people.contact()
        return registration.register(self.session, event, contact, Wish("Қонақ", needs, bool(needs), consent=True), now or utc_now())
