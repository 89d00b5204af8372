"""The demonstration's round table in Turan, four working days ago. What it left waits for the officials who are shown: a question for a
written answer, and the wording of a promise.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.complaints.models import Complaint
from civic.core.clock import local_date
from civic.demo import asked, invited
from civic.demo.asked import Told
from civic.demo.invited import Official
from civic.demo.people import Cast, acting
from civic.events import checkin, registration, service
from civic.events.inputs import EventInput, ItemInput
from civic.events.models import Event
from civic.promises import recording
from civic.promises.recording import PromiseInput
from civic.questions.states import NameShown

TABLE = EventInput(
    title={"kk": "Тұран аулалары: арық, жарық, тротуар", "ru": "Дворы Турана: арыки, свет, тротуары"},
    text={"kk": "Тұрғындар мен аудан әкімінің аппараты аулалардың жоспарын бірге қарайды: биыл не жөнделеді, келесі жылға не қалады және неге.",
          "ru": "Жители и аппарат акима района вместе смотрят план по дворам: что сделают в этом году, что останется на следующий и почему."},
    format="round_table", direction="improvement", starts_at=None, ends_at=None, venue="№ 41 мектеп, акт залы", address="Тұран ықшамауданы, 20", lat=42.3505, lon=69.5215,
    wheelchair=True, capacity=40, languages=("kk", "ru"), moderator="Мәдина Оспан",
    items=(ItemInput("Аулалардың жоспары", 20), ItemInput("Сұрақтар", 50), ItemInput("Қорытынды", 10)),
)
INVITED = (Official("district-turan", "accept", timedelta(hours=22), "Аулаларды абаттандыру жоспарын ала келеміз.", came="record_present"),)
QUESTIONS = (
    Told("ditch", "27-үйдің жанындағы арық қашан тазаланады?", 6, 11, "district-turan", "Бауыржан О."),
    Told("light", "Сколько дворов Турана осветят в этом году и по какому списку?", 9, 8, "district-turan", "Марина К.", NameShown.INITIALS),
)
GUESTS = 18


def hold(session: Session, cast: Cast, draft: Callable[[EventInput, datetime, datetime, int], Event], asked_at: datetime, begins: datetime) -> Event:
    """A round table that is over. draft: as of ``grouped.hold``. asked_at: when the letters went out."""
    actor = acting(cast.users["organiser"])
    event = draft(TABLE, asked_at - timedelta(hours=3), begins, 80)
    letters = invited.send(session, event, cast, asked_at, INVITED)
    service.announce(session, event, actor, asked_at + timedelta(hours=1))
    guests = [registration.register(session, event, contact, registration.Wish(f"Қонақ {n}", consent=True), asked_at + timedelta(hours=2 + n))
              for n, contact in enumerate(cast.neighbours[:GUESTS], 1)]
    put = asked.before(session, event, cast, QUESTIONS, begins - timedelta(days=1))
    invited.live_through(session, cast, letters, asked_at, begins)
    service.start(session, event, actor, begins)
    for n, guest in enumerate(guests):
        checkin.check_in(session, event, actor, checkin.Reading(guest.number, "phone-1", str(n)), begins + timedelta(minutes=n % 15))
    asked.answer_live(session, event, cast, put["ditch"], 1310)
    invited.record(session, cast, letters, begins + timedelta(minutes=20))
    service.finish(session, event, actor, event.ends_at)
    asked.hand_over(session, event.ends_at + timedelta(minutes=5))
    return event


def promise(session: Session, cast: Cast, event: Event, at: datetime) -> None:
    """What the office said there, put on record from the recording: it is asked about the wording."""
    body = session.scalars(select(Body).where(Body.city_id == event.city_id, Body.code == "district-turan")).one()
    complaint = session.scalars(select(Complaint).where(Complaint.city_id == event.city_id, Complaint.address == "Тұран ықшамауданы, 27-үй")).one()
    recording.record(session, event, acting(cast.users["organiser"]), at, PromiseInput(
        body.id, "27-үйдің жанындағы арықты екі аптада тазалап, қоқысын шығарамыз.", local_date(event.starts_at + timedelta(weeks=2), event.city.timezone), "Аудан әкімінің орынбасары", "", 1325,
        [complaint.number]))
