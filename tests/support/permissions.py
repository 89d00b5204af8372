"""The sample of ``civic.permissions`` as rows of a database: the same people, and one thing of each kind, with their addresses."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import invited
from civic.accounts.invited import Offer
from civic.accounts.models import Membership, User, WebAuthn
from civic.bodies.models import Body
from civic.complaints import desk
from civic.complaints.models import Complaint
from civic.complaints.states import AppealKind, State
from civic.core.actor import RoleName
from civic.events import organisations
from civic.events.models import Event, Recommendation
from civic.events.states import EventState, Right
from civic.places.models import City, DayEdit
from civic.programmes import service as programmes
from civic.questions import rooms
from civic.questions.models import Room, RoomModerator
from civic.stage.service import add_talk
from tests.support.complaints import Filed
from tests.support.events import Held
from tests.support.invitations import Host
from tests.support.people import People
from tests.support.permission_photos import photos
from tests.support.permission_registrations import REGISTRATIONS, of_others, registrations
from tests.support.permission_states import Values, cases, invitations, poll_states, promises, questions
from tests.support.permission_votes import SUSPECT, suspect_votes

#: What fills in a form well enough to come to the question who may.
FILLED = {"text": "Себебі осындай, құжаттар қаралды.", "version": "", "seen": "", "email": "someone@example.org", "right": "door", "until": "2026-06-30", "on": "2026-05-05", "name_kk": "Атау", "name_ru": "Имя"}
#: Another evening, and a final document.
MOVED = {"date": "2026-05-28", "starts": "18:30", "ends": "20:30", "document_kk": "Қорытынды құжат."}


class World:
    """``people``: an account of each role. ``values(thing, state)``: parts of the address of a thing, and fields of its forms.
    ``states``: by thing and state, of the things that the table knows in states; where ``wanted`` names some, of these alone."""

    def __init__(self, session: Session, city: City, people: People, filed: Filed, now: datetime, wanted: Collection[str] = ()) -> None:
        self.session, self.city, self.now, self.makes, self.filed = session, city, now, people, filed
        self.people = self._people(people)
        self.held = self._organisation(people)
        self.complaints = {state: self._complaint(state) for state in State}
        self.private_number = filed(by=self.people["applicant"], private=True, body=self.body, text="Құпия мәселе туралы").number
        self.events = {state: self._event(state) for state in EventState}
        self.things = self._things()
        self.things |= photos(self) | of_others(self)
        self.states: dict[str, Values] = {}
        for names, make in self._makers():
            if not wanted or not set(wanted).isdisjoint(names):
                self.states |= make()
        session.commit()

    def _body(self, code: str, city: str = "") -> Body:
        cities = select(City.id).where(City.code == (city or self.city.code)).scalar_subquery()
        return self.session.scalars(select(Body).where(Body.code == code, Body.city_id == cities)).one()

    def _people(self, people: People) -> dict[str, User]:
        self.body = self._body("water")
        far = self.session.scalars(select(City).where(City.code == "astana")).one()
        return {
            "resident": people.account(), "applicant": people.account(), "official": people.official(self.body), "head": people.official(self.body, head=True),
            "other official": people.official(self._body("road")), "other city’s head": people.official(self._body("water", "astana"), head=True),
            "owner": people.account(), "organiser": people.account(), "door": people.account(), "other organiser": people.account(),
            "moderator": people.moderator(self.city), "second moderator": people.moderator(self.city), "other moderator": people.moderator(far),
            "administrator": people.administrator(), "room’s moderator": people.account(), "invited": people.account(), "delegate": people.account(),
        }

    def _organisation(self, people: People) -> Held:
        made = Held.__new__(Held)
        made.session, made.city, made.people, made.owner = self.session, self.city, people, self.people["owner"]
        for who in ("other organiser", "owner"):
            made.organisation = organisations.found(self.session, self.city, people.actor(self.people[who]), self.now, name={"kk": who}, about={})
        for who, right in (("organiser", Right.ORGANISER), ("door", Right.DOOR), ("room’s moderator", Right.DOOR)):
            organisations.give_right(self.session, made.organisation, self.people[who], made.actor, self.now, right)
        return made

    def _complaint(self, state: State) -> Complaint:
        made = self.filed(by=self.people["applicant"], body=self.body, text=f"Су жоқ екі күннен бері {state}", kind=AppealKind.APPLICATION)
        made.state = state
        if state == State.ANSWERED:
            made.answered_at, made.respond_by, made.outcome = self.now, made.due_on, "explained"
        return made

    def _event(self, state: EventState) -> Event:
        made = self.held.draft() if state == EventState.DRAFT else self.held(capacity=30)
        made.state = state
        return made

    def _things(self) -> dict[str, dict[str, Any]]:
        session, now, event = self.session, self.now, self.events[EventState.ANNOUNCED]
        head, admin = self.makes.actor(self.people["head"]), self.makes.actor(self.people["administrator"])
        template = desk.save_template(session, head, None, body_id=self.body.id, title={"kk": "Үлгі", "ru": "Образец"}, text={"kk": "Мәтін", "ru": "Текст"})
        post = session.scalars(select(Membership).where(Membership.user_id == self.people["official"].id)).one()
        offered, _ = invited.invite(session, admin, now, "offered@example.org", Offer(RoleName.OFFICIAL, body_id=self.body.id))
        organisation = self.held.organisation
        waiting = organisations.invite(session, organisation, self.held.actor, now, email="waiting@example.org", right=Right.DOOR)
        member = next(m for m in organisation.members if m.user_id == self.people["door"].id)
        recommendation = Recommendation(event_id=self.events[EventState.PUBLISHED].id, position=1, body_id=self.body.id, text="Ұсыным", language="kk", due_on=now.date())
        session.add(recommendation)
        talk = add_talk(session, event, now, presenter="Айтушы", title="Баяндама", language="kk")
        session.add_all([DayEdit(day=date(2026, 5, 5), working=False, reason="Қаулы"), self._passkey()])
        session.flush()
        place = {"code": organisation.code}
        words = {"name": {"kk": "Атау"}, "about": {}}
        programme = programmes.found(session, organisation, self.held.actor, now, **words)
        part = programmes.add_part(session, programme, self.held.actor, now, **words, parent_id=None)
        focus = self.held(format="focus_group", capacity=10)
        session.flush()
        return {
            "organisation": {**place, "organisation": organisation.code}, "member": {**place, "member_id": member.id}, "invitation of a member": {**place, "invitation_id": waiting[0].id},
            "answer template": {"template_id": template.id}, "post": {"post_id": post.id}, "invitation to a post": {"invitation_id": offered.id},
            "recommendation": {"recommendation_id": recommendation.id},
            "talk": {"code": event.code, "talk_id": talk.id, "where": "later"},
            "own passkey": {"passkey_id": self.passkey.id}, "programme": {"code": programme.code, "part_id": part.id}, "focus group": {"code": focus.code},
            "draft of a discussion": {"city": self.city.code, "code": self.events[EventState.DRAFT].code},
        }

    def _passkey(self) -> WebAuthn:
        self.passkey = WebAuthn(credential_id=b"1", public_key=b"2", sign_count=0, backup_state=False, device_type="single", name="Кілт", usage="first",
                                create_datetime=self.now.replace(tzinfo=None), lastuse_datetime=self.now.replace(tzinfo=None), user_id=self.people["applicant"].id)
        return self.passkey

    def _room(self, event: Event) -> Room:
        """A room with a moderator, and the body among the invited."""
        session, now, actor = self.session, self.now, self.held.actor
        host = Host.__new__(Host)
        host.session, host.actor = session, actor
        host.invite(event, self.body)
        room = rooms.open_room(session, event, now)
        rooms.name_moderator(session, room, actor, now, self.people["room’s moderator"].email)
        session.flush()
        moderator = session.scalars(select(RoomModerator)).one()
        self.things |= {"room": {"code": event.code}, "moderator of a room": {"code": event.code, "moderator_id": moderator.id}}
        return room

    def _makers(self) -> list[tuple[tuple[str, ...], Callable[[], dict[str, Values]]]]:
        """What is made together, by the names of its things."""
        return [
            (("promise",), lambda: {"promise": promises(self)}), (("question", "poll"), self._of_room),
            (("invitation",), lambda: {"invitation": invitations(self)}),
            (("invitation of an official",), lambda: {"invitation of an official": invitations(self, named=True)}),
            (("invitation to what began",), lambda: {"invitation to what began": invitations(self, began=True)}),
            (("case",), lambda: {"case": cases(self)}),
            (("appeal to the administrator",), lambda: {"appeal to the administrator": cases(self, for_administrator=True)}),
            (("complaint",), lambda: {"complaint": self._complaint_states()}), (("discussion",), lambda: {"discussion": self._event_states()}),
            (REGISTRATIONS, lambda: registrations(self)), (SUSPECT, lambda: suspect_votes(self)),
        ]

    def _of_room(self) -> dict[str, Values]:
        room = self._room(self.events[EventState.ANNOUNCED])
        return {"question": questions(self, room), "poll": poll_states(self, room)}

    def _event_states(self) -> Values:
        """The first, which is taken where no state is named, is open to everybody."""
        return {state: {"code": self.events[state].code, "version": self.events[state].version, "fields": MOVED}
                for state in sorted(EventState, key=lambda s: s != EventState.ANNOUNCED)}

    def _complaint_states(self) -> Values:
        same, other = self.filed(text="Екі күннен бері су жоқ"), self._body("road")
        fields = {"outcome": "explained", "body_id": other.id, "until": "2026-06-10", "on": "2026-05-12", "ground": "obscene", "number": same.number}
        return {state: {"number": c.number, "key": c.number, "version": c.version, "fields": fields} for state, c in self.complaints.items()}

    def values(self, thing: str, state: str) -> dict[str, Any]:
        """Parts of the address of a thing in a state, and under ``fields`` what its forms carry."""
        general = {"city": self.city.code, "path": "bodies", "row_id": self.body.id, "category_id": 2, "category": 2, "district": 0, "day": "2026-05-05", "photo_id": "0" * 32}
        if thing == "private complaint":
            return {**general, "number": self.private_number, "key": self.private_number}
        if thing in self.states:
            return {**general, **self.states[thing][state or next(iter(self.states[thing]))]}
        return {**general, "post_id": 1, "invitation_id": 1, "template_id": 1, "session_id": 1, **self.things.get(thing, {})}
