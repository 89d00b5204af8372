"""The reader's language: in the path, in dates, in labels."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Flask, g, has_request_context, request

from civic.core.clock import local_date, utc_now
from civic.core.text import LANGUAGES, pick
from civic.web import speech
from civic.web.speech import LOCALES, code_now, say_day

NAMES = {"kk": ("ҚАЗ", "Қазақша"), "ru": ("РУС", "Русский"), "en": ("ENG", "English")}
#: What stands in a URL rule for the language.
LANG = "<any(kk, ru, en):lang>"
#: Where no city says another one: the country has one zone since 2024.
ZONE = "Asia/Almaty"


def language() -> str:
    """``kk``, ``ru`` or ``en``: of the request, or of the letter being written."""
    return code_now() or "kk"


def language_of_links() -> str:
    """The language of the pages that this one leads to: that of its address, where it has one."""
    return g.get("lang") or language()


def preferred_language() -> str:
    """What the browser asks for, Kazakh when it asks for none of ours."""
    return request.accept_languages.best_match(LANGUAGES) or "kk"


def select_locale() -> str:
    """For Flask-Babel."""
    if not has_request_context():
        return LOCALES["kk"]
    first = request.path.split("/", 2)[1]  # an address that leads nowhere still names its language
    return LOCALES[g.get("lang") or (first if first in LANGUAGES else preferred_language())]


def day(value: date, *, year: bool | None = None) -> str:
    """«20 мамыр», of a moment its day in Kazakhstan; with the year when it is not the present one (``year`` forces either)."""
    local = local_date(value, ZONE) if isinstance(value, datetime) else value
    return say_day(language(), local, local.year != local_date(utc_now(), ZONE).year if year is None else year)


def moment(value: datetime, timezone: str = ZONE) -> str:
    """«24 сәуір, 09:12», local time."""
    local = value.astimezone(ZoneInfo(timezone))
    return f"{day(local.date())}, {local:%H:%M}"


def long_moment(value: datetime, timezone: str = ZONE) -> str:
    """Date with year, and time."""
    return format_datetime(value.astimezone(ZoneInfo(timezone)), "d MMMM y, HH:mm" if language() != "kk" else "y 'ж'. d MMMM, HH:mm", locale=LOCALES[language()])


def local_name(translated: dict[str, str]) -> str:
    """A name of reference data in the reader's language."""
    return pick(translated, language())


def own_name(code: str) -> str:
    """A language as it calls itself, inside a sentence: «қазақша», «русский», «English»."""
    return NAMES[code][1] if code == "en" else NAMES[code][1].lower()


def init_app(app: Flask) -> None:
    """Language out of the path before views see it, and into every address that is built."""

    @app.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, object] | None) -> None:
        g.lang = values.pop("lang", None) if values else None

    @app.url_defaults
    def add_language(endpoint: str, values: dict[str, object]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = language_of_links()

    speech.init_app(app)
    app.jinja_env.filters.update(day=day, moment=moment, long_moment=long_moment, name=local_name)
