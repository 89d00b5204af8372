"""Questions of the demonstration: the past U:talk has one with each ending, the coming debate has open ones and a poll made ready.

Each step goes through the service that a page would call, at its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body
from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.demo.people import Cast, acting
from civic.events.models import Event
from civic.questions import asking, polls, rooms, service, voting
from civic.questions.asking import Asked
from civic.questions.models import Participant, Question, Room
from civic.questions.rooms import Who
from civic.questions.states import HiddenReason, NameShown
from civic.questions.sweep import sweep


@dataclass(frozen=True)
class Told:
    """One question. by: which neighbour asks; voters: how many others have it too; body: to which; name: shown as it stands."""

    key: str
    text: str
    by: int
    voters: int
    body: str = ""
    name: str = ""
    shown: NameShown = NameShown.NAME


TALK: Sequence[Told] = (
    Told("bump", "Рысқұлов көшесіндегі мектеп алдына жасанды кедергі қашан орнатылады?", 1, 24, "road", "Аружан М."),
    Told("lights", "Почему светофор у лицея даёт пешеходам только 12 секунд?", 2, 19, "traffic", "Тимур К."),
    Told("budget", "Мектеп жолдарына биыл бюджеттен қанша қаражат бөлінді және ол неге жетеді?", 3, 15, "akimat", "Ерлан Сейіт", NameShown.INITIALS),
    Told("yard", "Абай ауданындағы мектептердің ауласы арқылы көлік жүруіне кім рұқсат берді?", 4, 11, "district-abai", shown=NameShown.UNNAMED),
    Told("zebra", "Когда обновят разметку у школы на улице Байтурсынова?", 5, 9, "", "Ирина Л."),
    Told("bus", "Мектеп автобусын іске қосу жоспарда бар ма?", 6, 6, "", shown=NameShown.UNNAMED),
    Told("same", "Рысқұлов көшесінде мектептің жанына кедергі жасала ма?", 7, 4, "road", shown=NameShown.UNNAMED),
    Told("stray", "Стадионға билет қайдан алуға болады?", 8, 0, "", shown=NameShown.UNNAMED),
)
DEBATE: Sequence[Told] = (
    Told("sensors", "Почему датчики у ТЭЦ не показывают данные по ночам?", 3, 33, "eco", "Айгерим Т."),
    Told("gas", "Былтыр уәде етілген 12 000 үйдің қаншасы газға көшті?", 5, 26, "akimat", "Бекзат Н."),
    Told("ash", "Күл үйіндісін жабу жұмысы неге тоқтап тұр?", 8, 21, "power", "Жанар Серік", NameShown.INITIALS),
    Told("posts", "Где будут стоять 40 новых постов наблюдения и кто выбирает места?", 11, 14, "eco", shown=NameShown.UNNAMED),
    Told("school", "Ауа сапасы нашар күндері мектептерде дене шынықтыру сабағы неге далада өтеді?", 13, 9, "", "Динара О."),
    Told("fines", "Зауыттарға салынған айыппұлдар қайда жұмсалады?", 17, 5, "", shown=NameShown.UNNAMED),
)
DEBATE_WAITING: Sequence[Told] = (
    Told("stoves", "Будут ли помогать семьям, которые топят углём, перейти на газ?", 19, 0, "", "Ольга В."),
    Told("map", "Датчиктердің картасын қай сайттан көруге болады?", 22, 0, "", shown=NameShown.UNNAMED),
)


def before_talk(session: Session, event: Event, cast: Cast, at: datetime) -> dict[str, Question]:
    """What was asked before the U:talk; shown at once."""
    asked = before(session, event, cast, TALK, at)
    service.hide(session, asked["stray"], acting(cast.users["organiser"]), at + timedelta(hours=9), reason=HiddenReason.OFF_TOPIC)
    service.merge(session, asked["same"], acting(cast.users["organiser"]), at + timedelta(hours=9), into=asked["bump"])
    return asked


def before(session: Session, event: Event, cast: Cast, questions: Sequence[Told], at: datetime) -> dict[str, Question]:
    """The room with what is asked in it, an hour apart, shown at once."""
    room = rooms.open_room(session, event, at)
    room.moderated = False
    return {told.key: _ask(session, room, cast, told, at + timedelta(hours=n)) for n, told in enumerate(questions)}


def during_talk(session: Session, event: Event, cast: Cast, asked: dict[str, Question]) -> None:
    """Two are answered in the room."""
    for key, second in (("bump", 1450), ("lights", 2480)):
        answer_live(session, event, cast, asked[key], second)


def answer_live(session: Session, event: Event, cast: Cast, question: Question, second: int) -> None:
    """Taken up at this second of the recording, and answered in five minutes."""
    actor, at = acting(cast.users["organiser"]), event.starts_at + timedelta(seconds=second)
    service.make_current(session, question, actor, at)
    service.answer_live(session, question, actor, at + timedelta(minutes=5), second=second)


def hand_over(session: Session, at: datetime) -> None:
    """What was put to an invited body and not answered goes to its desk."""
    sweep(session, at)


def after_talk(session: Session, event: Event, cast: Cast, calendar: WorkCalendar, asked: dict[str, Question], now: datetime) -> None:
    """The rest: handed over, answered in time, answered late, not answered."""
    over = event.ends_at + timedelta(minutes=5)
    sweep(session, over)
    service.hand_over(session, asked["zebra"], acting(cast.users["organiser"]), over + timedelta(hours=2), body_id=_body(session, event, "road"))

    def day(working_days: int, at: str) -> datetime:
        return min(datetime.combine(calendar.add(local_date(event.ends_at, event.city.timezone), working_days), time.fromisoformat(at), ZoneInfo(event.city.timezone)), now)

    sweep(session, day(3, "09:00"))
    service.answer_in_writing(session, asked["budget"], acting(cast.answering[_body(session, event, "akimat")]), day(6, "15:40"), text=(
        "Биыл мектеп жолдарына 184 млн теңге бөлінді: 31 мектептің алдына кедергі, 12 мектепке жарық, 9 мектепке жаяу жол. Тізім қала сайтында."))
    sweep(session, day(11, "09:00"))
    service.answer_in_writing(session, asked["zebra"], acting(cast.answering[_body(session, event, "road")]), day(12, "17:10"), text=(
        "Разметка нанесена 14-го числа термопластиком, его хватает на два года. Просим прощения за поздний ответ."))


def before_debate(session: Session, event: Event, cast: Cast, now: datetime) -> Room:
    """Open questions by votes, two that wait for the moderator, and a poll made ready."""
    actor, room = acting(cast.users["organiser"]), rooms.open_room(session, event, now - timedelta(days=3))
    room.moderated = False
    for n, told in enumerate(DEBATE):
        _ask(session, room, cast, told, now - timedelta(hours=40 - 5 * n))
    rooms.change_settings(session, room, actor, now - timedelta(hours=5), opens_at=None, closes_at=None, moderated=True)
    for n, told in enumerate(DEBATE_WAITING):
        _ask(session, room, cast, told, now - timedelta(minutes=50 - 20 * n))
    polls.prepare(session, room, actor, now - timedelta(hours=4), text="Қысқы ауа үшін алдымен не істелуі керек?", options=(
        "Үйлерді газға көшіру", "ТЭЦ-ке сүзгі орнату", "Ескі көлікті шектеу", "Датчиктерді көбейту"))
    return room


def _ask(session: Session, room: Room, cast: Cast, told: Told, at: datetime) -> Question:
    asker = _voice(session, room, cast.neighbours[told.by], at)
    question = asking.ask(session, room, asker, Asked(
        told.text, told.shown, told.name, body_id=_body(session, room.event, told.body) if told.body else None), at)
    for n in range(told.voters):
        voter = _voice(session, room, cast.neighbours[(told.by + 1 + n) % _GUESTS], at)
        voting.vote(session, room, question, voter, at + timedelta(minutes=n))
    return question


#: So many of the neighbours are registered for both discussions.
_GUESTS = 34


def _voice(session: Session, room: Room, contact: Contact, at: datetime) -> Participant:
    return rooms.come_in(session, room, Who(contact_id=contact.id), at)


def _body(session: Session, event: Event, code: str) -> int:
    return session.scalars(select(Body.id).where(Body.city_id == event.city_id, Body.code == code)).one()
