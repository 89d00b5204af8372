"""What came of the demonstration's past U:talk: one promise kept, one pending, one broken; of its round table one whose wording the body is
asked about. And a topic that grows: smoke in the evenings, which the coming debate carries. Each step goes through the service that a page
would call, at its time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.complaints import filing
from civic.complaints.models import Complaint
from civic.complaints.states import AppealKind
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.text import detect_language
from civic.core.working_days import WorkCalendar
from civic.demo import table
from civic.demo.discussions import ZONE, evening
from civic.demo.people import OTHERS, Cast, acting, applicant
from civic.events.models import Event
from civic.media.models import Photo
from civic.places.models import City, District
from civic.places.queries import work_calendar
from civic.promises import recording, service
from civic.promises.following import follow
from civic.promises.models import Promise
from civic.promises.recording import PromiseInput
from civic.promises.service import Evidence
from civic.promises.sweep import sweep
from civic.topics.counting import read_piles, write_piles
from civic.topics.service import carry_topic
from civic.topics.tasks import tell_followers

#: Makes a photo of what its name shows, at a moment.
PhotoMaker = Callable[[str, datetime], Photo]
SMOKE = "ecology.air"


@dataclass(frozen=True)
class Smoke:
    """One complaint of the growing topic. ago: working days back."""

    ago: int
    by: str
    place: tuple[float, float]
    address: str
    text: str


SMOKES = (
    Smoke(13, "Гүлнар Әбдірова", (42.3470, 69.5260), "Самал-2 ықшамауданы, 14-үй", "Кешке сағат сегізден кейін көмір түтіні үйге кіреді, терезе ашу мүмкін емес."),
    Smoke(12, "Олег Пак", (42.3478, 69.5244), "микрорайон Самал-2, дом 21", "По вечерам тянет гарью со стороны частного сектора, у ребёнка астма."),
    Smoke(11, "Бақыт Сейтов", (42.3486, 69.5271), "Самал-3 ықшамауданы, 7-үй", "Түнде ауада түтін иісі тұрады, таңға дейін басылмайды."),
    Smoke(9, "Наталья Ким", (42.3461, 69.5252), "микрорайон Самал-3, дом 30", "Дым стоит так, что не видно соседнего дома. Откуда он, никто не говорит."),
    Smoke(8, "Сәуле Омарова", (42.3492, 69.5233), "Тұран ықшамауданы, 9-үй", "Моншаның мұржасынан қара түтін шығады, пластик жағатын сияқты."),
    Smoke(7, "Ержан Төлеген", (42.3455, 69.5283), "Тұран ықшамауданы, 18-үй", "Кешкі түтіннен бас ауырады. Датчик бар дейді, бірақ көрсеткіші түнде өшіп тұр."),
    Smoke(5, "Марина Цой", (42.3467, 69.5230), "микрорайон Туран, дом 24", "Каждый вечер запах угля, бельё на балконе серое."),
    Smoke(4, "Айнұр Жақып", (42.3499, 69.5262), "Самал-3 ықшамауданы, 12-үй", "Балабақшаның жанында көң мен қоқыс өртейді, балалар жөтеліп жүр."),
    Smoke(3, "Дәурен Қали", (42.3480, 69.5290), "Тұран ықшамауданы, 30-үй", "Автожуу орны пешке май жағады, түтіні ауланы басып қалады."),
    Smoke(2, "Ирина Югай", (42.3473, 69.5278), "микрорайон Самал-2, дом 3", "Вчера ночью смог был такой, что болели глаза."),
    Smoke(1, "Нұргүл Әлім", (42.3464, 69.5266), "Самал-2 ықшамауданы, 10-үй", "Екі аптадан бері кешкі ауа ащы, терезені жабық ұстаймыз."),
)


def live(session: Session, cast: Cast, now: datetime, photo: PhotoMaker) -> None:
    """Everything of this module, after the discussions. It belongs to the caller's transaction."""
    calendar, city = work_calendar(session), session.scalars(select(City).where(City.code == "shymkent")).one()
    talk, debate, round_table = (session.scalars(select(Event).where(Event.city_id == city.id, Event.format == format_).order_by(Event.id)).first()
                                 for format_ in ("utalk", "debate", "round_table"))
    assert talk is not None and debate is not None and round_table is not None
    _promises(session, cast, calendar, talk, now, photo)
    table.promise(session, cast, round_table, evening(calendar, now, -1, "11:20"))
    _smoke(session, cast, calendar, city, now)
    today = local_date(now, city.timezone)
    write_piles(session, city, today, read_piles(session, city, today))
    category, district = _category(session), _turan(session, city)
    carry_topic(session, debate, acting(cast.users["organiser"]), now - timedelta(hours=2), category.id, district.id)
    tell_followers(session, now)


def _promises(session: Session, cast: Cast, calendar: WorkCalendar, talk: Event, now: datetime, photo: PhotoMaker) -> None:
    def at(working_days: int, hour: str) -> datetime:
        return evening(calendar, now, working_days, hour)

    road, traffic = (session.scalars(select(Body).where(Body.city_id == talk.city_id, Body.code == code)).one() for code in ("road", "traffic"))
    of_road, head = acting(cast.answering[road.id]), next(person for person in OTHERS if person.account == "road")
    said = talk.ends_at + timedelta(hours=1)
    kept = _record(session, cast, talk, said, road, head.title, head.name, "Темірлан тас жолында базарға бұрылыстағы шұңқырды екі аптада бітейміз.",
                   at(-5, "12:00"), 2725, "Темирлановское шоссе, поворот к рынку")
    broken = _record(session, cast, talk, said + timedelta(minutes=5), road, head.title, head.name, "Рысқұлов көшесіндегі тротуардың тақталарын қайта төсейміз.",
                     at(-8, "12:00"), 3110, "Рысқұлов көшесі, 31, дүкеннің алды")
    _record(session, cast, talk, said + timedelta(minutes=9), traffic, "Жол қозғалысын ұйымдастыру тобының жетекшісі", "",
            "Тротуар салынғанша Абай даңғылына жылдамдықты 40 км/сағ дейін шектейтін белгі қоямыз.", at(20, "12:00"), 3402,
            "Абай даңғылы, 5-үйден аялдамаға дейін")
    for promise in (kept, broken):
        service.confirm(session, promise, of_road, at(-13, "10:20"))
    service.claim(session, kept, of_road, at(-12, "16:40"), _shown("Шұңқыр бітелді, жол ашық.", photo("road", at(-12, "16:30"))))
    service.claim(session, broken, of_road, at(-9, "17:05"), _shown("Тақталар қайта төселді.", photo("pavement", at(-9, "17:00"))))
    sweep(session, at(-8, "09:00"))  # nobody of the other body said a word of the wording
    neighbour = cast.neighbours[3]
    service.contest(session, broken, acting_as(neighbour.id), at(-7, "19:30"), _shown(
        "Дүкеннің алдында екі метр ғана төселген, қалғаны бұрынғыдай.", photo("pavement_broken", at(-7, "19:20"))))
    service.decide(session, broken, acting(cast.users["organiser"]), at(-5, "11:15"), Evidence(
        "Орнына барып көрдік: отыз метрдің екі метрі ғана төселген."), kept=False)
    sweep(session, at(-1, "09:00"))  # nobody contested the other report
    follow(session, broken, neighbour.id, at(-7, "19:31"))


def acting_as(contact_id: int) -> Actor:
    """Somebody without an account."""
    return Actor(contact_id=contact_id)


def _shown(text: str, photo: Photo) -> Evidence:
    return Evidence(text, photo_ids=[photo.id])


def _record(session: Session, cast: Cast, talk: Event, at: datetime, body: Body, post: str, name: str, words: str, due: datetime, second: int,
            address: str) -> Promise:
    complaint = session.scalars(select(Complaint).where(Complaint.city_id == talk.city_id, Complaint.address == address, ~Complaint.private)).one()
    return recording.record(session, talk, acting(cast.users["organiser"]), at, PromiseInput(
        body.id, words, local_date(due, ZONE.key), post, name, second, [complaint.number]))


def _smoke(session: Session, cast: Cast, calendar: WorkCalendar, city: City, now: datetime) -> None:
    category, district = _category(session), _turan(session, city)
    for n, smoke in enumerate(SMOKES):
        at, language = evening(calendar, now, -smoke.ago, "20:10"), detect_language(smoke.text, "kk")
        contact, name = applicant(session, cast, smoke.by, 500 + n, language, at)
        draft = filing.new_draft(session, city, language, at)
        filing.set_place(session, draft, city, lat=smoke.place[0], lon=smoke.place[1], address=smoke.address, district_id=district.id)
        filing.set_matter(session, draft, category_id=category.id, text=smoke.text, kind=AppealKind.NOTICE, show_name=False, private=False, name=name)
        filing.register(session, draft, contact, at)


def _category(session: Session) -> Category:
    return session.scalars(select(Category).where(Category.code == SMOKE)).one()


def _turan(session: Session, city: City) -> District:
    return session.scalars(select(District).where(District.city_id == city.id, District.code == "turan")).one()
