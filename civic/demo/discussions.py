"""The discussions of the demonstration: a past U:talk with its final document, a round table, an open debate to come, and a series.

Each step goes through the service that a page would call, at its time.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body
from civic.core.working_days import DAY, WorkCalendar
from civic.demo import asked as questions
from civic.demo import grouped, invited, table
from civic.demo.people import Cast, acting
from civic.events import checkin, organisations, registration, series, service
from civic.events.inputs import EventInput, ItemInput, SpeakerInput
from civic.events.law import INVITED_BEFORE, latest_before
from civic.events.models import Event, Organisation
from civic.events.states import Consent, Mode, Right
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.stage.service import add_talk

ZONE = ZoneInfo("Asia/Almaty")
GUESTS_OF_DEBATE = 41
GUESTS_OF_TALK = 34

TALK = EventInput(
    title={"kk": "Мектепке баратын қауіпсіз жол", "ru": "Безопасная дорога до школы"},
    text={"kk": "Оқушылар мектепке барар жолдағы қауіпті жерлерді өздері картаға түсірді. Енді соларды қалай жөндейтінін лауазымды адамдардан сұрайды.",
          "ru": "Школьники сами нанесли на карту опасные места по дороге в школу. Теперь они спрашивают тех, кто за них отвечает."},
    format="utalk", direction="safety", starts_at=None, ends_at=None, venue="Оқушылар сарайы, мәжіліс залы", address="Тәуке хан даңғылы, 4",
    lat=42.3196, lon=69.5958, wheelchair=True, capacity=60, consent=Consent.MINORS, languages=("kk", "ru"), moderator="Ерасыл Төлебай",
    items=(ItemInput("Ашылу", 10), ItemInput("Мектеп жолының картасы: 14 қауіпті жер", 30, (SpeakerInput("Аружан Мұрат", "11-сынып оқушысы"), SpeakerInput("Тимур Ким", "студент"))),
           ItemInput("Оқушылар мен студенттердің сұрақтары", 40), ItemInput("Қорытынды", 10)),
)
DEBATE = EventInput(
    title={"kk": "Қысқы ауа: кім не уәде етті", "ru": "Воздух зимой: кто и что обещал", "en": "Winter air: who promised what"},
    text={"kk": "Жылыту маусымы басталды. Былтырғы уәделердің қайсысы орындалды, датчиктердің деректері неге түнде көрінбейді, газға көшу қай сатыда — ашық сөйлесеміз.",
          "ru": "Начался отопительный сезон. Что из обещанного в прошлом году сделано, почему датчики молчат по ночам и где переход на газ – говорим открыто."},
    format="debate", direction="improvement", starts_at=None, ends_at=None, mode=Mode.HYBRID, venue="Қалалық кітапхана, 2-зал", address="Қонаев даңғылы, 27",
    lat=42.3262, lon=69.6011, wheelchair=True, hearing_loop=True, access_notes="Пандус бас есіктің сол жағында, лифт бар.",
    stream_url="https://stream.example.org/winter-air", capacity=60, consent=Consent.RECORDING, languages=("kk", "ru"), moderator="Мәдина Оспан",
    items=(ItemInput("Ашылу", 10), ItemInput("Былтырғы уәделер: не орындалды", 25, (SpeakerInput("Айдос Нұрлан", "эколог"), SpeakerInput("Ирина Ли", "журналист"))),
           ItemInput("Лауазымды адамдардың сөзі", 25), ItemInput("Залдан сұрақтар", 50), ItemInput("Қорытынды", 10)),
)
CLUB = EventInput(
    title={"kk": "PechaKucha түні: қала туралы 20 × 20", "ru": "Ночь PechaKucha: 20 × 20 о городе"}, text={"ru": "Восемь коротких рассказов о том, что люди делают для своего города."},
    format="pechakucha", direction="culture", starts_at=None, ends_at=None, venue="«Шам» жастар орталығы", address="Байтұрсынұлы көшесі, 12", capacity=80,
    languages=("kk", "ru", "en"), moderator="Әлия Сейіт", items=(ItemInput("Қысқа баяндамалар, 20 × 20", 80), ItemInput("Сұрақтар", 35)),
)


def hold(session: Session, cast: Cast, now: datetime) -> None:
    """All discussions of Shymkent. Everything written belongs to the caller's transaction."""
    calendar = work_calendar(session)
    city = session.scalars(select(City).where(City.code == "shymkent")).one()
    actor = acting(cast.users["organiser"])
    began = now - timedelta(days=90)
    centre = organisations.found(session, city, actor, began, name={"kk": "«Ашық алаң» пікірталас орталығы", "ru": "Центр дискуссий «Открытая площадка»"},
                                 about={"kk": "Қала мәселелерін лауазымды адамдармен ашық талқылаймыз.", "ru": "Открыто обсуждаем городские вопросы с теми, кто их решает."})
    organisations.give_right(session, centre, cast.users["resident"], actor, began, Right.DOOR)
    talk = past_talk(session, centre, city, cast, calendar, now)
    debate = coming_debate(session, centre, city, cast, calendar, now)
    make = partial(draft, session, centre, city, cast)
    group = grouped.hold(session, cast, make, evening(calendar, now, -6, "18:30"))
    table.hold(session, cast, make, evening(calendar, now, -12, "10:00"), evening(calendar, now, -4, "18:30"))
    club = draft(session, centre, city, cast, CLUB, now - timedelta(days=3), evening(calendar, now, 15, "19:00"), 115)
    service.announce(session, club, actor, now - timedelta(days=2))
    for presenter, title, lang in (("Әсел Нұр", "Арықтар неге құрғақ", "kk"), ("Тимур Ким", "Пять остановок без тени", "ru"), ("Dana Serik", "What children draw on maps", "en")):
        add_talk(session, club, now - timedelta(days=1), presenter=presenter, title=title, language=lang)
    series.begin_series(session, club, actor, now - timedelta(days=2), rule="monthly")
    grouped.gather(session, centre, actor, began + timedelta(days=1), safety=[talk, group], city=[debate], culture=[club])


def evening(calendar: WorkCalendar, now: datetime, working_days: int, at: str) -> datetime:
    """The local hour ``at`` so many working days from now; before now when negative."""
    day: date = now.astimezone(ZONE).date()
    step = DAY if working_days > 0 else -DAY
    for _ in range(abs(working_days)):
        day += step
        while not calendar.is_working(day):
            day += step
    return datetime.combine(day, time.fromisoformat(at), ZONE)


def draft(session: Session, organisation: Organisation, city: City, cast: Cast, typed: EventInput, at: datetime, begins: datetime, minutes: int) -> Event:
    """A draft made at ``at``."""
    whole = replace(typed, starts_at=begins, ends_at=begins + timedelta(minutes=minutes))
    return service.make(session, organisation, city, acting(cast.users["organiser"]), at, whole)


def past_talk(session: Session, organisation: Organisation, city: City, cast: Cast, calendar: WorkCalendar, now: datetime) -> Event:
    """A U:talk of a month ago: who was invited and who came, the document in time, one recommendation answered, one still open, one overdue to none."""
    actor, begins = acting(cast.users["organiser"]), evening(calendar, now, -14, "15:00")
    made = begins - timedelta(days=20)
    event = draft(session, organisation, city, cast, TALK, made, begins, 90)
    asked = datetime.combine(latest_before(calendar, begins.date(), INVITED_BEFORE), time(10), ZONE)
    letters = invited.send(session, event, cast, asked, invited.TO_TALK)
    service.announce(session, event, actor, asked + timedelta(hours=1))
    guests = [registration.register(session, event, contact, registration.Wish(f"Қонақ {n}", consent=True), asked + timedelta(hours=2 + n))
              for n, contact in enumerate(cast.neighbours[:GUESTS_OF_TALK], 1)]
    put = questions.before_talk(session, event, cast, begins - timedelta(days=2))
    invited.live_through(session, cast, letters, asked, begins)
    service.start(session, event, actor, begins)
    questions.during_talk(session, event, cast, put)
    for n, guest in enumerate(guests):
        if n % 6:
            checkin.check_in(session, event, actor, checkin.Reading(guest.number, "phone-1", str(n)), begins + timedelta(minutes=n % 20))
    invited.record(session, cast, letters, begins + timedelta(minutes=25))
    service.finish(session, event, actor, event.ends_at)
    questions.after_talk(session, event, cast, calendar, put, now)
    bodies = {code: session.scalars(select(Body).where(Body.city_id == city.id, Body.code == code)).one() for code in ("road", "traffic")}
    published = evening(calendar, now, -9, "11:00")
    service.publish(session, event, actor, published, document={
        "kk": "Қатысушылар мектеп маңындағы 14 қауіпті жерді талқылап, үш ұсыным қабылдады. Хаттама қатысушыларға оқылды, қарсылық болған жоқ.",
        "ru": "Участники обсудили 14 опасных мест возле школ и приняли три рекомендации. Протокол зачитан, возражений нет.",
    }, recommendations=[
        service.RecommendationInput(bodies["road"].id, "Рысқұлов көшесіндегі мектеп алдына жасанды кедергі мен жарық орнату."),
        service.RecommendationInput(bodies["traffic"].id, "Таңғы 7:30–8:30 аралығында мектеп маңындағы бағдаршам уақытын ұзарту."),
        service.RecommendationInput(bodies["road"].id, "Нанести разметку «зебра» у лицея на улице Байтурсынова."),
    ])
    session.expire(event, ["recommendations"])
    service.answer_recommendation(session, event.recommendations[0], acting(cast.answering[bodies["road"].id]), evening(calendar, now, -4, "16:20"),
                                  text="Жасанды кедергі мен екі шам осы айдың соңына дейін орнатылады, қаражат бөлінген.")
    return event


def coming_debate(session: Session, organisation: Organisation, city: City, cast: Cast, calendar: WorkCalendar, now: datetime) -> Event:
    """An open debate in two weeks, two thirds full; one official comes, one sends a delegate, one declined, one is silent so far."""
    actor, begins = acting(cast.users["organiser"]), evening(calendar, now, 9, "18:30")
    asked = evening(calendar, now, -7, "10:30")
    event = draft(session, organisation, city, cast, DEBATE, asked - timedelta(hours=2), begins, 120)
    letters = invited.send(session, event, cast, asked, invited.TO_DEBATE)
    service.announce(session, event, actor, asked + timedelta(hours=1))
    invited.live_through(session, cast, letters, asked, now)
    for n, contact in enumerate(cast.neighbours[:GUESTS_OF_DEBATE], 1):
        needs = "Арбамен келемін, алдыңғы қатардан орын керек." if n == 7 else ""
        registration.register(session, event, contact, registration.Wish(f"Қонақ {n}", needs, bool(needs), consent=True), now - timedelta(hours=90 - 2 * n))
    resident = cast.users["resident"].contact
    if resident is not None:
        registration.register(session, event, resident, registration.Wish(cast.users["resident"].name, consent=True), now - timedelta(hours=3))
    questions.before_debate(session, event, cast, now)
    return event
