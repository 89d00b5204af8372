"""A year in the life of two cities, walked at random through the real services: for whatever counts complaints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.service import contact_for, give_post
from civic.bodies.models import Body, Category
from civic.complaints import filing, service
from civic.complaints.models import Complaint
from civic.complaints.states import CLOSED, OPEN, AppealKind, Outcome, ReturnGround
from civic.core.actor import SYSTEM, Actor, Post, RoleName
from civic.core.errors import DomainError
from civic.places.models import City, DayEdit
from tests.support.people import People

ZONE = ZoneInfo("Asia/Almaty")
BEGINS, EDITED, ENDS = (datetime(2025, 5, 3, 8, tzinfo=ZONE), datetime(2025, 11, 10, 12, tzinfo=ZONE), datetime(2026, 4, 24, 9, tzinfo=ZONE))
#: How likely each step is, of those that the table allows.
WEIGHTS = {"accept": 8, "answer": 9, "forward": 3, "extend": 2, "hold_hearing": 1, "return": 1, "mark_duplicate": 1, "reopen": 5, "confirm": 5,
           "dispute": 6, "withdraw": 1, "lapse": 3, "information": 1}


@dataclass
class Year:
    """Makes ``number`` complaints; the same ``seed`` makes the same ones."""

    session: Session
    people: People
    number: int = 600
    seed: int = 7
    random: Random = field(init=False)
    at: dict[int, datetime] = field(default_factory=dict)
    open: dict[int, Complaint] = field(default_factory=dict)

    def live(self) -> None:
        """File all, take steps; in between days off are edited, and in the end some are left as they stand. Commits."""
        self.random = Random(self.seed)
        self._settle()
        for _ in range(self.number * 3 // 5):
            self._file(BEGINS, EDITED)
        self._walk(EDITED)
        self.session.add_all([DayEdit(day=date(2025, 11, 13), working=False, reason="Жарлық"), DayEdit(day=date(2025, 11, 22), working=True, reason="Жарлық")])
        self.session.flush()
        self.recomputed = service.recompute_due_dates(self.session, Actor(user_id=self.heads[self.bodies[0].id].user_id), EDITED)
        self.session.commit()
        for _ in range(self.number - self.number * 3 // 5):
            self._file(EDITED, ENDS)
        self._walk(ENDS)
        self.session.commit()

    def _settle(self) -> None:
        cities = self.session.scalars(select(City).where(City.code.in_(["shymkent", "astana"])).order_by(City.id)).all()
        self.bodies = self.session.scalars(select(Body).where(Body.city_id.in_([c.id for c in cities])).order_by(Body.id)).all()
        codes = ("lighting.street", "waste.dump", "road.pothole", "water.none", "lighting.yard")
        leaves = self.session.scalars(select(Category).where(Category.parent_id.is_not(None)).order_by(Category.id)).all()
        self.categories = [c for c in leaves if c.code in codes] + list(leaves[::9])
        self.cities = list(cities)
        self.heads: dict[int, Actor] = {}
        for body in self.bodies:
            user = self.people.account()
            give_post(self.session, user, RoleName.HEAD, BEGINS, body_id=body.id)
            self.heads[body.id] = Actor(user.id, None, "", (Post(RoleName.HEAD, body.id),))
        self.contacts: list[Contact] = [contact_for(self.session, f"year{k}@example.test", "kk") for k in range(8)]
        self.session.commit()

    def _file(self, first: datetime, last: datetime) -> None:
        at = first + (last - first) * self.random.random()
        city = self.random.choices(self.cities, [3, 1])[0]
        contact = self.random.choice(self.contacts)
        category = self.random.choice(self.categories)
        kind = self.random.choices([AppealKind.NOTICE, AppealKind.APPLICATION, AppealKind.COMPLAINT], [6, 2, 1])[0]
        draft = filing.new_draft(self.session, city, "kk", at)
        filing.set_place(self.session, draft, city, lat=None, lon=None, address="Тәуке хан даңғылы, 12",
                         district_id=self.random.choice([None, *(d.id for d in city.districts)]))
        filing.set_matter(self.session, draft, category_id=category.id, text="Аулада жарық жоқ, жөндеңіздер.", kind=kind, show_name=False,
                          private=self.random.random() < 0.1, name="Айгүл")
        complaint = filing.register(self.session, draft, contact, at)
        self.open[complaint.id], self.at[complaint.id] = complaint, at

    def _walk(self, until: datetime) -> None:
        """Each complaint goes its way until ``until``; those that are finished are left."""
        for complaint in list(self.open.values()):
            while complaint.state not in CLOSED:
                pause = timedelta(hours=self.random.choice([3, 20, 50, 120, 300, 700]) * self.random.random())
                if self.at[complaint.id] + pause > until:
                    break
                self.at[complaint.id] += pause
                self._step(complaint, self.at[complaint.id])
            else:
                del self.open[complaint.id]
        self.session.commit()

    def _step(self, complaint: Complaint, at: datetime) -> None:
        applicant = Actor(contact_id=complaint.applicant.contact_id)
        choices = [(name, actor) for actor in (self.heads[complaint.body_id], applicant, SYSTEM)
                   for name in service.TRANSITIONS.possible(actor, complaint)] + [("information", applicant)]
        name, actor = self.random.choices(choices, [WEIGHTS[name] for name, _ in choices])[0]
        try:
            with self.session.begin_nested():
                self._deed(name)(complaint, actor, at)
        except DomainError:
            pass  # the law does not allow it on this day

    def _deed(self, name: str) -> Callable[[Complaint, Actor, datetime], Any]:
        s, random = self.session, self.random
        words = "Тексеріп, жөндедік."
        special: dict[str, Callable[[Complaint, Actor, datetime], Any]] = {
            "answer": lambda c, a, at: service.answer(s, c, a, at, text=words, outcome=random.choice([Outcome.EXPLAINED, Outcome.REFUSED])),
            "forward": lambda c, a, at: service.forward(s, c, a, at, body_id=random.choice(self.bodies).id, text=words),
            "extend": lambda c, a, at: service.extend(s, c, a, at, until=c.due_on + timedelta(days=random.randint(1, 30)), text=words),
            "hold_hearing": lambda c, a, at: service.hold_hearing(s, c, a, at, on=at.date() + timedelta(days=random.randint(4, 9)), text=words),
            "return": lambda c, a, at: service.return_(s, c, a, at, ground=ReturnGround.REPEATED, text=words),
            "mark_duplicate": lambda c, a, at: service.mark_duplicate(s, c, a, at, of=self._another(c)),
            "dispute": lambda c, a, at: service.dispute(s, c, a, at, text=words),
            "reopen": lambda c, a, at: service.reopen(s, c, a, at, text=words),
            "lapse": lambda c, a, at: service.lapse(s, c, a, at),
            "information": lambda c, a, at: service.add_information(s, c, a, at, text=words),
        }
        plain = {"accept": service.accept, "confirm": service.confirm, "withdraw": service.withdraw}
        return special.get(name) or (lambda c, a, at: plain[name](s, c, a, at))

    def _another(self, complaint: Complaint) -> Complaint | None:
        found = [c for c in self.open.values() if c.id != complaint.id and c.city_id == complaint.city_id and not c.private and c.state in OPEN]
        return self.random.choice(found) if found else None
