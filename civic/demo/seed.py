"""Makes the demonstration by living it through: each step goes through the service that a page would call, at its time.

So the history is real, and a rule that changes changes the demonstration, or stops it here.
"""

import io
import secrets
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.bodies.models import Body, Category
from civic.complaints import desk, filing, service
from civic.complaints.models import AnswerTemplate, Complaint
from civic.complaints.states import Outcome, ReturnGround
from civic.complaints.sweep import sweep
from civic.core.actor import SYSTEM, Actor
from civic.core.clock import local_date
from civic.core.text import detect_language
from civic.core.working_days import DAY, WorkCalendar
from civic.demo import discussions, minuted, moderated, promised, stories_city, stories_turan, templates
from civic.demo.people import DOMAIN, SHOWN, Cast, acting, applicant, settle
from civic.demo.pictures import picture
from civic.demo.story import Step, Story
from civic.events.sweep import sweep as sweep_events
from civic.invitations.sweep import sweep as sweep_invitations
from civic.jobs.models import Outbox
from civic.media.models import Photo
from civic.media.service import encode, take_in
from civic.media.service import settle as settle_photo
from civic.places.models import City, District
from civic.places.queries import work_calendar
from civic.promises.sweep import sweep as sweep_promises

ZONE = ZoneInfo("Asia/Almaty")
BY_APPLICANT = frozenset({"confirm", "dispute", "withdraw", "information"})
#: Steps whose arguments are words alone.
PLAIN: dict[str, Callable[..., Any]] = {
    "accept": service.accept, "reopen": service.reopen, "confirm": service.confirm, "withdraw": service.withdraw,
}


def make(session: Session, media: Path, now: datetime, password: str | None) -> str | None:
    """Fill an empty database. Returns the password of all accounts, or None when there were people already.

    password: None or empty makes one up. Everything written belongs to the caller's transaction.
    """
    if session.scalar(select(User.id).limit(1)) is not None:
        return None
    chosen = password or secrets.token_urlsafe(9)
    Life(session, media, now, chosen).live()
    # nobody is written to about what never happened, nor reminded of it
    while any(sweep(session, now).values()):  # it does so many at once
        pass
    sweep_events(session, now)
    sweep_invitations(session, now)
    sweep_promises(session, now)
    session.execute(update(Outbox).values(done_at=now, payload={}))
    return chosen


def describe(password: str | None) -> list[str]:
    """Lines for the person who starts the demonstration."""
    lines = ["  Letters that people would get: /demo/mail", "", "  Accounts:"]
    roles = {None: "resident", "official": "official, Turan district", "head": "head, Turan district",
             "moderator": "moderator of Shymkent", "administrator": "administrator"}
    lines += [f"    {p.account + '@' + DOMAIN:24} {'organiser of discussions' if p.account == 'organiser' else roles[p.post]}" for p in SHOWN]
    if password:
        return [*lines, f"  Password of all: {password}   (shown this once)"]
    return [*lines, "  Their password was shown when they were made; remove instance/ to begin anew."]


class Life:
    """All stories, told in order."""

    def __init__(self, session: Session, media: Path, now: datetime, password: str) -> None:
        self.session, self.media, self.now = session, media, now
        self.calendar: WorkCalendar = work_calendar(session)
        self.cast: Cast = settle(session, password, now - timedelta(days=120))
        self.by_key: dict[str, Complaint] = {}

    def live(self) -> None:
        """Tell them all."""
        for row in templates.TEMPLATES:
            body_id = self._body(row.city, row.body).id if row.body else None
            self.session.add(AnswerTemplate(body_id=body_id, title=row.title, text=row.text))
        for number, story in enumerate((*stories_turan.STORIES, *stories_city.STORIES)):
            self.tell(number, story)
        discussions.hold(self.session, self.cast, self.now)
        promised.live(self.session, self.cast, self.now, self._photo)
        minuted.live(self.session, self.cast, self.now, self._photo, self.media)
        moderated.judge(self.session, self.cast, self.now, self.tell, self.by_key)

    def tell(self, number: int, story: Story) -> None:
        """File one complaint and take its steps."""
        at = self.moment(story.ago, story.at)
        language = detect_language(story.text, "kk")
        contact, name = applicant(self.session, self.cast, story.by, number, language, at)
        complaint = self._file(story, contact, name, language, at)
        self.by_key[story.key or str(number)] = complaint
        for k in range(story.supporters):
            when = at + (self.now - at) * (k + 1) / (story.supporters + 2)
            service.support(self.session, complaint, self.cast.neighbours[(number * 7 + k) % len(self.cast.neighbours)].id, when)
        for step in story.steps:
            at = max(at + timedelta(minutes=5), self.moment(step.ago, step.at))
            self._take(complaint, contact, step, at)

    def moment(self, ago: int, at: str) -> datetime:
        """The moment ``ago`` working days before today, but never later than a little while ago."""
        day = local_date(self.now, "Asia/Almaty")
        while not self.calendar.is_working(day):
            day -= DAY
        for _ in range(ago):
            day -= DAY
            while not self.calendar.is_working(day):
                day -= DAY
        return min(datetime.combine(day, time.fromisoformat(at), ZONE), self.now - timedelta(minutes=25))

    def _file(self, story: Story, contact: Contact, name: str, language: str, at: datetime) -> Complaint:
        city = self.session.scalars(select(City).where(City.code == story.city)).one()
        district = self.session.scalars(select(District).where(District.city_id == city.id, District.code == story.district)).one()
        category = self.session.scalars(select(Category).where(Category.code == story.category)).one()
        draft = filing.new_draft(self.session, city, language, at)
        if story.picture:
            filing.attach_photo(self.session, draft, self._photo(story.picture, at, private=story.private))
        filing.set_place(self.session, draft, city, lat=story.place[0], lon=story.place[1], address=story.address, district_id=district.id)
        filing.set_matter(self.session, draft, category_id=category.id, text=story.text, kind=story.kind, show_name=story.show_name,
                          private=story.private, name=name)
        return filing.register(self.session, draft, contact, at)

    def _photo(self, name: str, at: datetime, *, private: bool = False) -> Photo:
        photo = take_in(self.session, self.media, io.BytesIO(picture(name)), at, private=private)
        self.session.flush()
        settle_photo(self.session, self.media, photo.id, encode(self.media, photo.id))
        return photo

    def _actor(self, complaint: Complaint, contact: Contact, step: Step) -> Actor:
        if step.do == "lapse":
            return SYSTEM
        if step.do in BY_APPLICANT:
            return Actor(contact.user_id, contact.id)
        if step.do in ("note", "accept") and (official := self.cast.users["official"]).memberships[0].body_id == complaint.body_id:
            return acting(official)
        return acting(self.cast.answering[complaint.body_id])

    def _take(self, complaint: Complaint, contact: Contact, step: Step, at: datetime) -> None:
        session, actor, text = self.session, self._actor(complaint, contact, step), step.text
        photos = [self._photo(step.picture, at, private=complaint.private).id] if step.picture else []
        if step.do in PLAIN:
            PLAIN[step.do](session, complaint, actor, at, text=text)
        elif step.do == "answer":
            service.answer(session, complaint, actor, at, text=text, outcome=Outcome(step.outcome), photo_ids=photos)
        elif step.do == "dispute":
            service.dispute(session, complaint, actor, at, text=text, photo_ids=photos)
        elif step.do == "information":
            service.add_information(session, complaint, actor, at, text=text, photo_ids=photos)
        elif step.do == "forward":
            target = session.scalars(select(Body).where(Body.city_id == complaint.city_id, Body.code == step.to)).one()
            service.forward(session, complaint, actor, at, body_id=target.id, text=text)
        elif step.do == "return":
            service.return_(session, complaint, actor, at, ground=ReturnGround(step.to), text=text)
        elif step.do == "mark_duplicate":
            service.mark_duplicate(session, complaint, actor, at, of=self.by_key[step.to], text=text)
        else:
            self._take_inside(complaint, actor, step, at)

    def _take_inside(self, complaint: Complaint, actor: Actor, step: Step, at: datetime) -> None:
        session, later = self.session, self._later(at, step.later)
        if step.do == "extend":
            service.extend(session, complaint, actor, at, until=later, text=step.text)
        elif step.do == "hold_hearing":
            service.hold_hearing(session, complaint, actor, at, on=later, text=step.text)
        elif step.do == "assign":
            desk.assign(session, complaint, actor, at, user_id=self.cast.users[step.to].id)
        elif step.do == "note":
            desk.add_note(session, complaint, actor, at, text=step.text)
        else:
            service.lapse(session, complaint, actor, at)

    def _later(self, at: datetime, working_days: int) -> date:
        return self.calendar.add(local_date(at, "Asia/Almaty"), working_days)

    def _body(self, city: str, code: str) -> Body:
        return self.session.scalars(select(Body).join(City, City.id == Body.city_id).where(City.code == city, Body.code == code)).one()
