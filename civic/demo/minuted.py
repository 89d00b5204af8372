"""The minutes of the demonstration's past U:talk: two versions, a recording with chapters, who came, a picture and the slides."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.demo.discussions import evening
from civic.demo.people import Cast, acting
from civic.events.models import Event
from civic.media.models import Photo
from civic.minutes import materials, service
from civic.minutes.service import MinutesInput
from civic.minutes.tasks import settle
from civic.places.models import City
from civic.places.queries import work_calendar

#: Makes a photo of what its name shows, at a moment.
PhotoMaker = Callable[[str, datetime], Photo]

RECORDING = "https://www.youtube.com/watch?v=utalk-demo-shymkent"
CHAPTERS = """0:00 Ашылу
9:40 Мектеп жолының картасы: 14 қауіпті жер
38:15 Рысқұлов көшесі: тротуар мен жарық
45:25 Жол басқармасының жауабы
56:40 Таңғы бағдаршам: полиция өкілі
1:12:30 Ұсынымдар, дауыс беру"""
TEXT_KK = """Оқушылар екі апта бойы мектеп жолын жаяу жүріп, 14 қауіпті жерді картаға түсірген: алты жерде тротуар жоқ, бес жерде шам жанбайды, үш жерде өткел белгісі өшкен.

Жол басқармасы Темірлан тас жолындағы шұңқырды екі аптада бітеуге, Рысқұлов көшесіндегі тротуарды қайта төсеуге уәде берді. Қаражат бар екенін айтты.

Полиция өкілі таңғы 7:30 бен 8:30 аралығында бағдаршам уақытын ұзартуға болатынын, ол үшін өлшеу керегін айтты.

{vote}"""
TEXT_RU = """За две недели школьники прошли дорогу до школы пешком и отметили на карте 14 опасных мест: в шести нет тротуара, в пяти не горит свет, в трёх стёрта разметка перехода.

Управление дорог обещало за две недели заделать яму на проспекте Кунаева и заново выложить тротуар на улице Рыскулова. Деньги на это есть.

Представитель полиции сказал, что время светофора с 7:30 до 8:30 продлить можно, но сначала нужны замеры.

{vote}"""
VOTES = (("Үш ұсынымның барлығы көпшілік дауыспен қабылданды.", "Все три рекомендации приняты большинством голосов."),
         ("Бірінші және екінші ұсыным бірауыздан, үшіншісі екі қарсы дауыспен қабылданды.", "Первая и вторая рекомендации приняты единогласно, третья при двух голосах против."))


def live(session: Session, cast: Cast, now: datetime, photo: PhotoMaker, media: Path) -> None:
    """Everything of this module, after the discussions. It belongs to the caller's transaction."""
    calendar, actor = work_calendar(session), acting(cast.users["organiser"])
    talk = session.scalars(select(Event).join(City, City.id == Event.city_id).where(City.code == "shymkent", Event.format == "utalk").order_by(Event.id)).first()
    assert talk is not None
    published = evening(calendar, now, -9, "11:20")
    service.save(session, talk, actor, published - timedelta(hours=2), _typed(0), seen=0)
    service.publish(session, talk, actor, published, seen=1)
    corrected = evening(calendar, now, -7, "15:10")
    service.save(session, talk, actor, corrected, _typed(1, change="Дауыстардың саны нақтыланды"), seen=1)
    session.flush()
    materials.add(session, talk, actor, published, title="Карта с отметками: двор у школы", language="ru", photo=photo("pavement", published))
    slides = materials.take_pdf(media, io.BytesIO(_slides()))
    made = materials.add(session, talk, actor, published, title="Мектеп жолының картасы, слайдтар", language="kk", file=slides)
    settle(session, made.id, *materials.look_at(media, made.file_key))
    session.flush()


def _typed(version: int, *, change: str = "") -> MinutesInput:
    kk, ru = VOTES[version]
    return MinutesInput({"kk": TEXT_KK.format(vote=kk), "ru": TEXT_RU.format(vote=ru)}, RECORDING, CHAPTERS, 37, "кіреберістегі екі ерікті", change)


def _slides() -> bytes:
    """Three slides, drawn by the same tool as letters."""
    import typst

    words = ("Мектеп жолының картасы", "14 қауіпті жер: тротуар 6, жарық 5, өткел 3", "Рақмет! Сұрақтарыңыз?")
    pages = "\n#pagebreak()\n".join(f"#align(center + horizon, text(size: 30pt)[{line}])" for line in words)
    head = '#set document(title: "Мектеп жолының картасы")\n#set page(paper: "presentation-16-9", fill: rgb("#faf7f0"))\n#set text(font: "Libertinus Serif", lang: "kk")\n'
    made: bytes = typst.compile((head + pages).encode(), format="pdf", ignore_system_fonts=True, timestamp=0)
    return made
