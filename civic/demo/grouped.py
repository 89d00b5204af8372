"""The demonstration's focus group, with its transcript, and the programme that holds all discussions together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.core.actor import Actor
from civic.demo.people import Cast, acting
from civic.events import registration, service
from civic.events.inputs import EventInput, ItemInput
from civic.events.models import Event, Organisation
from civic.events.states import Admission, Consent
from civic.focus import groups
from civic.focus.consent import VERSION
from civic.places.queries import districts
from civic.programmes import service as programmes

GROUP = EventInput(
    title={"kk": "Аялдамада күту: фокус-топ", "ru": "Ждать на остановке: фокус-группа"},
    text={"kk": "Автобусты қалай күтетініңіз туралы он шақты адаммен әңгіме.", "ru": "Разговор десяти человек о том, как мы ждём автобус."},
    format="focus_group", direction="safety", starts_at=None, ends_at=None, venue="«Шам» жастар орталығы", address="Байтұрсынұлы көшесі, 12", capacity=12,
    admission=Admission.APPROVAL, consent=Consent.RECORDING, languages=("kk", "ru"), moderator="Әлия Сейіт",
    items=(ItemInput("Ашылу", 10), ItemInput("Әңгіме", 70), ItemInput("Қорытынды", 10)),
)


@dataclass(frozen=True)
class Voice:
    """Somebody in the group: age band, and the place of their district in the city's list."""

    age_band: str
    district: int


VOICES = (Voice("18-24", 0), Voice("25-34", 1), Voice("35-49", 2), Voice("65+", 1))
#: Who says what: the number of the voice, None for the moderator.
SAID = (
    (None, "Автобусты соңғы рет қашан күттіңіз, қанша уақыт?"), (0, "Бүгін таңертең, жиырма бес минут. Қолданба екі минут деп тұрды."),
    (1, "Я с коляской. Если приходит маленький автобус, жду следующий."), (3, "Орындық жоқ. Жасы келген адамға тұру қиын."),
    (None, "Не өзгерсе, автобуспен жиірек жүрер едіңіз?"), (2, "Чтобы расписание было правдой. Хотя бы час пик."), (0, "Аялдамада көлеңке болса."),
    (3, "Жаңбырда бас сауғалайтын жер керек."),
)


def hold(session: Session, cast: Cast, draft: Callable[[EventInput, datetime, datetime, int], Event], begins: datetime) -> Event:
    """A group that has met. draft: makes a draft of an input at a moment, which begins then and lasts so many minutes."""
    actor, made = acting(cast.users["organiser"]), begins - timedelta(days=10)
    event = draft(GROUP, made, begins, 90)
    service.announce(session, event, actor, made + timedelta(hours=1))
    homes = districts(session, event.city_id)
    speaking = []
    for n, voice in enumerate(VOICES):
        at = made + timedelta(days=1, hours=n)
        row = registration.register(session, event, cast.neighbours[n + 10], registration.Wish(f"Қонақ {n + 1}", consent=True, informed=(VERSION, "kk")), at)
        registration.approve(session, row, actor, at + timedelta(hours=5))
        speaking.append(groups.join(session, row, at + timedelta(days=1), age_band=voice.age_band, district_id=homes[voice.district].id))
    service.start(session, event, actor, begins)
    service.finish(session, event, actor, event.ends_at)
    spoken = "\n".join(f"{'Модератор' if n is None else speaking[n].pseudonym}: {words}" for n, words in SAID)
    groups.write_transcript(session, event, event.ends_at + timedelta(days=1), spoken)
    groups.publish(session, event, event.ends_at + timedelta(days=2))
    return event


def gather(session: Session, organisation: Organisation, actor: Actor, at: datetime, *, safety: list[Event], city: list[Event], culture: list[Event]) -> None:
    """The programme with its directions and their discussions."""
    made = programmes.found(session, organisation, actor, at, name={"kk": "U:жобалар", "ru": "U:проекты", "en": "U:projects"}, about={
        "kk": "Оқушылар мен студенттер қаланы өздері зерттеп, оны лауазымды адамдармен талқылайды.",
        "ru": "Школьники и студенты сами исследуют город и обсуждают его с теми, кто за него отвечает."})
    street = programmes.add_part(session, made, actor, at, name={"kk": "Қауіпсіз көше", "ru": "Безопасная улица"}, about={}, parent_id=None)
    school = programmes.add_part(session, made, actor, at, name={"kk": "Мектеп жолы", "ru": "Дорога в школу"}, about={}, parent_id=street.id)
    air = programmes.add_part(session, made, actor, at, name={"kk": "Таза ауа", "ru": "Чистый воздух"}, about={}, parent_id=None)
    stories = programmes.add_part(session, made, actor, at, name={"kk": "Қала әңгімелері", "ru": "Истории города"}, about={}, parent_id=None)
    for part, events in ((school, safety), (air, city), (stories, culture)):
        for event in events:
            programmes.put_event(session, made, actor, event, part)
    for part, code in ((street, "roads.pavement"), (street, "lighting.street"), (air, "air")):
        category = session.scalar(select(Category).where(Category.code == code))
        if category is not None:
            programmes.put_topic(session, made, actor, part, category.id)
    programmes.add_person(session, made, actor, at, street, name="Ерасыл Төлебай", role="U:talk жүргізушісі")
    programmes.add_person(session, made, actor, at, stories, name="Әлия Сейіт", role="PechaKucha кешінің иесі")
