"""The three languages are whole: every message of the code is translated, in the product's words, and none stands outside gettext."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from civic.config import ROOT

Id = str | tuple[str, ...]
PLURALS = {"kk": 2, "ru": 3, "en": 2}
TRANSLATED = ("kk", "ru")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")

#: The product's word for each thing: one thing has one name. English as in the code: Kazakh, Russian.
WORDS = {
    "Report a problem": ("мәселе туралы хабарлау", "сообщить о проблеме"), "Complaint": ("өтініш", "обращение"),
    "Complaints": ("өтініштер", "обращения"), "Where it stands": ("қазір қай сатыда", "где сейчас"), "Path": ("жолы", "путь"),
    "Ticket": ("талон", "талон"), "Registered": ("тіркелді", "зарегистрировано"), "In work": ("жұмыста", "в работе"),
    "Hearing": ("тыңдау", "заслушивание"), "Forwarded": ("құзыретті органға жолданды", "перенаправлено"),
    "Term extended": ("мерзімі ұзартылды", "срок продлён"), "Answered": ("жауап берілді", "дан ответ"),
    "Confirmed by the resident": ("тұрғын растады", "житель подтвердил"), "Resident disagrees": ("тұрғын келіспеді", "житель не согласен"),
    "Reopened": ("қайта ашылды", "открыто снова"), "Not confirmed by the resident": ("тұрғын растамады", "не подтверждено жителем"),
    "Returned": ("қайтарылды", "возвращено"), "Withdrawn": ("кері қайтарып алынды", "отозвано"), "Duplicate": ("қайталанған", "повтор"),
    "It concerns me too": ("маған да қатысты", "меня тоже касается"), "Follow": ("бақылау", "следить"), "Unfollow": ("бақыламау", "не следить"),
    "What happens next": ("енді не болады", "что будет дальше"), "What you can do now": ("сіз қазір не істей аласыз", "что вы можете сделать сейчас"),
    "Yes, solved": ("иә, шешілді", "да, решено"), "No, not solved": ("жоқ, шешілмеді", "нет, не решено"), "Private": ("жабық", "закрытое"),
    "Photo": ("сурет", "фото"), "Place": ("орны", "место"), "Category": ("санат", "категория"), "District": ("аудан", "район"),
    "Body": ("орган", "орган"), "official": ("лауазымды адам", "должностное лицо"), "head of the body": ("орган басшысы", "руководитель органа"),
    "Inbox": ("кіріс", "входящие"), "Assign": ("тағайындау", "назначить"), "Accept": ("жұмысқа алу", "принять в работу"),
    "Forward": ("жолдау", "переслать"), "Extend the term": ("мерзімді ұзарту", "продлить срок"), "Answer": ("жауап", "ответ"),
    "Answer template": ("жауап үлгісі", "шаблон ответа"), "Internal note": ("ішкі жазба", "внутренняя заметка"), "Sign in": ("кіру", "войти"),
    "Sign out": ("шығу", "выйти"), "Sign up": ("тіркелгі жасау", "создать аккаунт"), "Search": ("іздеу", "поиск"), "Filter": ("сүзгі", "фильтр"),
    "Nothing found": ("ештеңе табылмады", "ничего не найдено"), "Notice": ("хабар", "сообщение"), "Application": ("арыз", "заявление"),
    "Proposal": ("ұсыныс", "предложение"), "Response": ("үн қосу", "отклик"), "Information request": ("сұрау салу", "запрос"),
    "Applicant": ("арыз иесі", "заявитель"), "Preliminary decision": ("алдын ала шешім", "предварительное решение"),
}
#: Letters that stand in Kazakh in borrowed words only, and the beginnings of the words that may have them.
BORROWED_LETTERS = re.compile(r"[ёщъьэц]")
BORROWED = ("компьютер", "цифр", "экран", "электр", "модерация", "ащы")  # the last is Kazakh for bitter
#: What templates may say outside gettext: names, a key of the keyboard, an attribute that a macro gives.
NAMES = {"CSV", "Civic", "Enter", "PDF", "Telegram", "WhatsApp", "open"}
READ_ALOUD = re.compile(r'\s(?:aria-label|alt|label|placeholder|title)="([^"]*)"')


@cache
def catalogue(language: str) -> Catalog:
    """The committed catalogue of a language."""
    with open(ROOT / "civic" / "translations" / language / "LC_MESSAGES" / "messages.po", "rb") as file:
        return read_po(file, locale=language)


@cache
def messages_of_the_code() -> frozenset[Id]:
    """What ``pybabel extract`` finds, by babel.cfg."""
    with open(ROOT / "babel.cfg", encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords={**DEFAULT_KEYWORDS, "_l": None},
                             directory_filter=lambda path: Path(path).name not in ("node_modules", ".venv", "instance"))
    return frozenset(message for _, _, message, _, _ in found)


def translated(language: str) -> list[Message]:
    """The entries of a catalogue, without its header."""
    return [message for message in catalogue(language) if message.id]


def texts(message: Message) -> tuple[str, ...]:
    """A translation as its plural forms, one when it has no plural."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def ids(message: Message) -> tuple[str, ...]:
    """The English of an entry: one text, or singular and plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("language", PLURALS)
def test_each_catalogue_holds_exactly_the_messages_of_the_code(language: str) -> None:
    held = {message.id for message in translated(language)}
    assert sorted(map(str, messages_of_the_code() - held)) == [], "missing: see babel.cfg"
    assert sorted(map(str, held - messages_of_the_code())) == [], "not in the code any more"
    assert not catalogue(language).obsolete
    assert [message.id for message in translated(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_is_translated(language: str) -> None:
    assert [message.id for message in translated(language) if not all(text.strip() for text in texts(message))] == []


@pytest.mark.parametrize("language", PLURALS)
def test_plural_forms(language: str) -> None:
    assert catalogue(language).num_plurals == PLURALS[language]
    plural = [message for message in translated(language) if not isinstance(message.id, str)]
    assert [message.id for message in plural if len(texts(message)) != PLURALS[language]] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_those_of_the_english_text(language: str) -> None:
    wrong = []
    for message in translated(language):
        wanted = set(PLACEHOLDER.findall(ids(message)[-1]))
        wrong += [text for text in texts(message) if set(PLACEHOLDER.findall(text)) != wanted]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_full_stop_stays_a_full_stop(language: str) -> None:
    """Messages are set side by side: a lost stop runs two sentences together."""
    wrong = [message.id for message in translated(language) for text in texts(message)
             if (ids(message)[-1][-1] == ".") != (text[-1] == ".") or text != text.strip()]
    assert wrong == []


def test_kazakh_nouns_stay_singular_after_numerals() -> None:
    assert [texts(message) for message in translated("kk") if len(set(texts(message))) != 1] == []


def test_kazakh_is_not_mixed_with_russian() -> None:
    mixed = [word for message in translated("kk") for text in texts(message) for word in re.findall(r"\w+", text.lower())
             if BORROWED_LETTERS.search(word) and not word.startswith(BORROWED)]
    assert mixed == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_word_mixes_alphabets(language: str) -> None:
    """A Latin i or a looks like the Cyrillic one, and is found by no search."""
    words = [word for message in translated(language) for text in texts(message) for word in re.findall(r"[^\W\d_]+", PLACEHOLDER.sub(" ", text))]
    assert [word for word in words if re.search(r"[a-zA-Z]", word) and re.search(r"[\u0400-\u04ff]", word)] == []
    assert language == "kk" or [word for word in words if re.search("[әғқңөұүһі]", word.lower())] == []


def test_kazakh_endings_hang_on_no_placeholder() -> None:
    """What stands in a placeholder is unknown, so no ending can follow its vowels. An ordinal of a number has one form in writing."""
    glued = [text for message in translated("kk") for text in texts(message)
             if re.search(r"%\(\w+\)[sd](?:-(?!жазба|жол|қадам|нұсқа|слайд|сурет|тармақ|ұсыным)[а-яәғқңөұүһі]+|[а-яәғқңөұүһі])", text)]
    assert glued == []


def test_things_have_the_names_of_the_glossary() -> None:
    used = {message.id.lower(): message.id for message in translated("kk") if isinstance(message.id, str)}
    for english, (kazakh, russian) in WORDS.items():
        assert english.lower() in used, f"{english} is not in the code any more"
        for message in (m for m in messages_of_the_code() if isinstance(m, str) and m.lower() == english.lower()):
            assert catalogue("kk")[message].string.lower() == kazakh
            assert catalogue("ru")[message].string.lower() == russian


def shown(template: str) -> Iterator[str]:
    """Words that a template shows as they are: text between tags and attributes that are read aloud."""
    template = re.sub(r"{% block main_class %}.*?{% endblock %}", "", template)  # stands inside an attribute of base.html
    parts = (value if kind == "data" else "" if "comment" in kind else "\0" for _, kind, value in Environment().lex(template))
    html = re.sub(r"(?s)<!--.*?-->|<code>.*?</code>", "", "".join(parts))
    yield from READ_ALOUD.findall(html)
    yield re.sub(r"<[^>]*>", " ", html)


@pytest.mark.parametrize("path", sorted(p for p in (ROOT / "templates").rglob("*.*") if p.suffix != ".js"), ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_say_nothing_outside_gettext(path: Path) -> None:
    words = [word for text in shown(path.read_text(encoding="utf-8")) for word in re.findall(r"(?<![\w&{])[A-Za-zА-Яа-яЁё]{2,}", text)]
    assert [word for word in words if word not in NAMES] == []
