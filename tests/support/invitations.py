"""Makes an organisation with its organiser, discussions, bodies with officials, and invitations, the way the pages do."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import User
from civic.bodies.models import Body
from civic.core.actor import Actor
from civic.core.clock import utc_now
from civic.events import organisations, service
from civic.events.inputs import EventInput
from civic.events.models import Event, Organisation
from civic.invitations.inviting import Invitee, invite
from civic.invitations.models import Invitation
from civic.places.models import City
from tests.support.people import People

#: A Thursday evening in Shymkent, thirteen working days after the tests' now.
STARTS = datetime(2026, 5, 14, 18, 30, tzinfo=ZoneInfo("Asia/Almaty"))


class Host:
    """One organisation in a city. ``user`` and ``actor`` are its organiser."""

    def __init__(self, session: Session, city: City, people: People) -> None:
        self.session, self.city, self.people = session, city, people
        self.user: User = people.account("organiser@example.test", name="Ұйымдастырушы")
        self.actor: Actor = people.actor(self.user)
        self.organisation: Organisation = organisations.found(
            session, city, self.actor, utc_now(), name={"kk": "Пікірталас орталығы", "ru": "Центр дискуссий"}, about={})
        session.commit()

    def event(self, *, format: str = "round_table", starts: datetime = STARTS, announced: bool = True, **changes: Any) -> Event:
        """A discussion, announced unless said otherwise; a round table needs no official for that."""
        typed: dict[str, Any] = {
            "title": {"kk": "Қыстағы ауа: кім не уәде етті", "ru": "Воздух зимой: кто и что обещал"}, "text": {"kk": "Ауа туралы"},
            "venue": "Ұлттық кітапхана", "address": "Тәуке хан даңғылы, 12", "languages": ("kk", "ru"), "direction": "improvement"} | changes
        event = service.make(self.session, self.organisation, self.city, self.actor, utc_now(), EventInput(
            format=format, starts_at=starts, ends_at=starts + timedelta(hours=2), **typed))
        if announced:
            service.announce(self.session, event, self.actor, utc_now())
        self.session.commit()
        return event

    def body(self, code: str = "road") -> Body:
        """A body of the city."""
        return self.session.scalars(select(Body).where(Body.code == code, Body.city_id == self.city.id)).one()

    def invite(self, event: Event, body: Body | None = None, *, email: str = "", name: str = "", post: str = "", words: str = "") -> Invitation:
        """An invitation; named when a name is given."""
        body = body or self.body()
        if name:
            post, email = post or "Басқарма басшысы", email or "named@example.test"
        invitation = invite(self.session, event, self.actor, utc_now(), Invitee(body.id, name, post, email, words))
        self.session.commit()
        return invitation
