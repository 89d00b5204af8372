"""What the made-up residents write: words of Kazakh and Russian complaints with the frequencies of living texts, and addresses.

A word's frequency falls with its rank as Zipf found it, so that a search meets common, middling and rare words. Each stem stands
in several inflected forms; one text in twenty is written without the Kazakh letters, as people do who lack the keyboard.
"""

import random
from collections.abc import Sequence
from itertools import accumulate

from civic.core.text import fold


def split(text: str) -> list[str]:
    """Words between blanks."""
    return text.split()


KK_STEMS = split(
    "көше жол су жарық шұңқыр қоқыс аула үй пәтер кіреберіс лифт құбыр кәріз газ ток шам бағана тротуар жаяу көлік автобус аялдама"
    " мектеп балабақша бала ит мысық ағаш саябақ алаң орындық контейнер түтін иіс ауа шу түн таң кеш апта ай жыл күн тұрғын көрші"
    " адам қария ана дүкен базар құрылыс шатыр жертөле терезе есік баспалдақ жөндеу асфальт қар мұз жаңбыр сел топырақ шаң тас құм"
    " белгі бағдаршам өткел жылдамдық жүргізуші билет карта төлем тариф түбіртек есептегіш қысым температура жылу радиатор қазандық"
    " дәрігер емхана аурухана кезек дәрі анықтама өтініш жауап әкімдік басқарма аудан қала орталық шет маңай жаға көпір арық канал өзен"
    " көл суару гүл шөп бұта жапырақ бұтақ тамыр өрт қауіп апат жарақат полиция камера күзет тәртіп тыныштық музыка кафе мейрамхана жарнама"
    " қоршау шлагбаум тұрақ гараж такси пойыз бағыт маршрут кесте аралық күту салқын ыстық суық жылы лас таза ескі жаңа үлкен кіші терең"
    " қараңғы қауіпті заңсыз бұзылған сынған жабық ашық бос толық"
)
KK_ENDINGS = ("", "", "", "лар", "дың", "ға", "да", "дан", "мен", "ы", "ымыз", "ында", "ына", "ларда", "лардың", "сыз", "дағы", "ымызда")
KK_GLUE = split("біздің жоқ бар керек өтінемін көмектесіңіздер тағы қайта бірнеше әлі ешкім және бірақ өте күнде кеше бүгін ертең мұнда сонда"
          " үшін дейін кейін бойы жанында алдында артында жұмыс істемейді ағып жатыр шығармайды түспейді қорқады құлап кетті болып тұр")
RU_STEMS = split(
    "улиц дорог ям вод свет мусор двор дом квартир подъезд лифт труб канализаци газ ток фонар столб тротуар пешеход машин автобус"
    " остановк школ сад ребёнк собак кошк дерев парк площадк скамейк контейнер дым запах воздух шум ноч утр вечер недел месяц год"
    " жител сосед человек старик магазин рынок стройк крыш подвал окн двер лестниц ремонт асфальт снег лёд дожд паводок грунт пыл камен"
    " песк знак светофор переход скорост водител билет карт оплат тариф квитанци счётчик давлен температур отоплен батаре котельн врач"
    " поликлиник больниц очеред лекарств справк заявлен ответ акимат управлен район город центр окраин берег мост арык канал рек озер полив"
    " цвет трав куст лист ветк корн пожар опасност авари травм полици камер охран порядок тишин музык кафе ресторан реклам забор шлагбаум"
    " стоянк гараж такси поезд направлен маршрут расписан интервал ожидан холод жар гряз"
)
RU_ENDINGS = ("а", "ы", "е", "у", "ой", "ом", "ами", "ах", "ов", "и", "я", "ю", "ям", "ный", "ная", "ного")
RU_GLUE = split("у нас нет есть нужно просим помогите опять снова несколько до сих пор никто и но очень каждый день вчера сегодня завтра здесь там"
          " для после весь возле перед за работает не течёт вывозят убирают боятся упал стоит уже давно третий")
STREETS = split(
    "Рысқұлов Тәуке_хан Абай Жібек_жолы Бәйтұрсынов Қонаев Республика Әл-Фараби Жандосов Байзақов Иляев Желтоқсан Қабанбай_батыр Момышұлы"
    " Назарбаев Тұран Сығанақ Мәңгілік_Ел Сарайшық Кенесары Бөгенбай_батыр Иманов Валиханов Бейбітшілік Уәлиханов Достық Сейфуллин Төле_би"
    " Райымбек Саин Өтеген_батыр Гагарин Розыбакиев Тимирязев Сәтпаев Мұқанов Жамбыл Шевченко Масанчи Байтерек Ақмешіт Жаңа_қала Нұрсат"
    " Самал Отырар Түркістан Ташкент Сайрам Мадели_қожа Аймауытов Дулати Қазыбек_би Пушкин Чехов Толстой Ломоносов Маяковский Мичурин"
    " Панфилов Калинин Жангельдин Әуезов Ғабдуллин Аққу Бұлақты Көктөбе Алатау Медеу Шымбұлақ Қаратау Бадам Қошқарата"
)
POOL = 400_000  # words drawn at once
WITHOUT_KAZAKH_LETTERS = 0.05


def _ranks(count: int) -> list[float]:
    """Cumulative weights of Zipf and Mandelbrot for ``count`` words, the commonest first."""
    return list(accumulate(1 / (rank + 2.7) for rank in range(1, count + 1)))


def _vocabulary(stems: Sequence[str], endings: Sequence[str], glue: Sequence[str], rng: random.Random) -> list[str]:
    """What every text is made of first, then the forms of real stems, then rare words that stand for names and slips."""
    forms = [stem + ending for stem in stems for ending in endings]
    rare = [rng.choice(stems) + rng.choice(stems)[:4] + rng.choice(endings) for _ in range(12_000)]
    rng.shuffle(forms)
    return list(dict.fromkeys([*glue, *forms, *rare]))


class Writer:
    """Texts and addresses, the same for the same ``rng``."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._vocabulary = {
            "kk": _vocabulary(KK_STEMS, KK_ENDINGS, KK_GLUE, rng), "ru": _vocabulary(RU_STEMS, RU_ENDINGS, RU_GLUE, rng),
        }
        self._cumulative = {language: _ranks(len(words)) for language, words in self._vocabulary.items()}
        self._pool: dict[str, list[str]] = {"kk": [], "ru": []}
        self._streets = rng.sample([s.replace("_", " ") for s in STREETS], len(STREETS))
        self._drawn: list[str] = []

    def text(self, language: str, opening: str) -> str:
        """A complaint of 8 to 40 words that begins with what it is about."""
        pool, count = self._pool[language], int(8 + 32 * self.rng.random() ** 2)
        if len(pool) < count:
            pool = self._pool[language] = self.rng.choices(self._vocabulary[language], cum_weights=self._cumulative[language], k=POOL)
        words = pool[-count:]
        del pool[-count:]
        half = count // 2
        text = f"{opening}. {' '.join(words[:half]).capitalize()}. {' '.join(words[half:]).capitalize()}."
        return fold(text).capitalize() if language == "kk" and self.rng.random() < WITHOUT_KAZAKH_LETTERS else text

    def address(self, language: str) -> str:
        """«Рысқұлов көшесі, 14»."""
        if not self._drawn:
            self._drawn = self.rng.choices(self._streets, cum_weights=_ranks(len(self._streets)), k=POOL)
        house = int(self.rng.random() ** 2 * 180) + 1
        street = self._drawn.pop()
        return f"{street} көшесі, {house}" if language == "kk" else f"улица {street}, {house}"

    def sample(self, language: str, first: int, last: int) -> list[str]:
        """The words of ranks ``first`` to ``last``: what a bench searches for."""
        return self._vocabulary[language][first:last]
