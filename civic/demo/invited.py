"""The officials whom the demonstration invites: every letter, reminder, answer and attendance at its time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body
from civic.core.clock import local_date
from civic.core.working_days import DAY
from civic.demo.people import DOMAIN, OTHERS, Cast, acting
from civic.events.models import Event
from civic.invitations import service
from civic.invitations.inviting import Invitee, invite
from civic.invitations.links import actor_of
from civic.invitations.models import Invitation
from civic.invitations.service import Said
from civic.invitations.sweep import sweep

ZONE = ZoneInfo("Asia/Almaty")
LETTERS_AT = time(9)  # of reminders


@dataclass(frozen=True)
class Official:
    """An invited body and what it did. named: its head is invited in person. do: the answer's step, none for silence, ``after``
    so long from the letter; a delegate (name, post, address before @) confirms three hours later. came: what the organiser records."""

    body: str
    do: str = ""
    after: timedelta = timedelta()
    text: str = ""
    named: bool = False
    delegate: tuple[str, str, str] = ("", "", "")
    came: str = "record_absent"


TO_TALK = (
    Official("road", "accept", timedelta(days=1, hours=4), "Мектеп жолдарының жоспарын ала келеміз.", named=True, came="record_present"),
    Official("traffic", "delegate", timedelta(hours=6), delegate=("Берік Оразов", "Жол қозғалысын ұйымдастыру тобының жетекшісі", "deputy"), came="record_delegate"),
    Official("akimat", "decline", timedelta(days=2, hours=1), "Осы күні бюджет комиссиясының отырысы өтеді. Оқушылардың сұрақтарына жазбаша жауап береміз."),
    Official("district-abai"),
)
TO_DEBATE = (
    Official("eco", "accept", timedelta(hours=26), named=True),
    Official("akimat", "delegate", timedelta(hours=30), delegate=("Сәуле Бекова", "Тұрғын үй шаруашылығы бөлімінің бас маманы", "delegate")),
    Official("power", "decline", timedelta(days=3), "Жылыту маусымы, басшылық нысандарда. Сұрақтарға жазбаша жауап береміз."),
    Official("district-turan"),
)


def send(session: Session, event: Event, cast: Cast, at: datetime, officials: Sequence[Official]) -> list[tuple[Official, Invitation]]:
    """The letters of the organiser."""
    sent = []
    for official in officials:
        body = session.scalars(select(Body).where(Body.city_id == event.city_id, Body.code == official.body)).one()
        head = next(person for person in OTHERS if person.account == official.body) if official.named else None
        whom = Invitee(body.id, head.name, head.title, f"{head.account}@{DOMAIN}") if head else Invitee(body.id)
        sent.append((official, invite(session, event, acting(cast.users["organiser"]), at, whom)))
    return sent


def live_through(session: Session, cast: Cast, sent: Sequence[tuple[Official, Invitation]], at: datetime, until: datetime) -> None:
    """The days from the letters to ``until``: reminders in the mornings, answers at their hours."""
    steps: list[tuple[datetime, Callable[[datetime], object]]] = []
    morning = datetime.combine(local_date(at, ZONE.key), LETTERS_AT, ZONE) + DAY
    while morning < until:
        steps.append((morning, partial(sweep, session)))
        morning += DAY
    for official, invitation in sent:
        if official.do:
            steps.append((at + official.after, partial(_answer, session, cast, official, invitation)))
        if official.do == "delegate":
            steps.append((at + official.after + timedelta(hours=3), partial(_confirm, session, invitation)))
    for moment, act in sorted(steps, key=lambda step: step[0]):
        act(moment)


def record(session: Session, cast: Cast, sent: Sequence[tuple[Official, Invitation]], at: datetime) -> None:
    """Who came, written down by the organiser."""
    for official, invitation in sent:
        service.record(session, invitation, acting(cast.users["organiser"]), at, official.came)


def _answer(session: Session, cast: Cast, official: Official, invitation: Invitation, at: datetime) -> None:
    name, post, address = official.delegate
    said = Said(official.text, name=name, post=post, email=f"{address}@{DOMAIN}" if address else "")
    service.ANSWER_STEPS[official.do](session, invitation, acting(cast.answering[invitation.body_id]), at, said)


def _confirm(session: Session, invitation: Invitation, at: datetime) -> None:
    delegate = session.get_one(Contact, invitation.delegate_contact_id)
    service.delegate_confirm(session, invitation, actor_of(delegate), at)
