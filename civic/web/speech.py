"""Each language's words and dates, bound once per process: what pages say hundreds of times costs a look into a dict.

``gettext`` and ``ngettext`` say the same as Flask-Babel's, from the same catalogues, and the same to templates.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

import flask_babel
from babel.dates import format_date
from flask import Flask, g
from jinja2 import pass_eval_context
from markupsafe import Markup

from civic.web.compiled import CivicContext, CivicTemplate, Generator, html

LOCALES = {"kk": "kk", "ru": "ru_KZ", "en": "en_GB"}
#: More words than the catalogue has; days of six years in three languages.
MOST_WORDS, MOST_DAYS = 4096, 8192


class Speech:
    """One language: ``words`` is its catalogue, with what was said already."""

    def __init__(self, code: str, catalogue: Any) -> None:
        self.code, self.locale, self.catalogue = code, LOCALES[code], catalogue
        self.said: dict[str, str] = {}
        self.marked: dict[str, Markup] = {}

    def gettext(self, message: str, /, **values: Any) -> str:
        """The message in this language, with its values filled in."""
        text = self.said.get(message)
        if text is None:
            text = str(self.catalogue.ugettext(message))
            if len(self.said) < MOST_WORDS:
                self.said[message] = text
        return text % values if values else text

    def ngettext(self, one: str, many: str, num: int, /, **values: Any) -> str:
        """The form of the message that the number asks for."""
        text: str = self.catalogue.ungettext(one, many, num)
        return text % {"num": num, **values}

    def html(self, message: str, values: dict[str, Any]) -> Markup:
        """The message for a page: what is filled in is escaped."""
        if values:
            return Markup(self.gettext(message)) % values
        text = self.marked.get(message)
        if text is None:
            text = Markup(self.gettext(message)) % {}
            if len(self.marked) < MOST_WORDS:
                self.marked[message] = text
        return text


_SPEECHES: dict[str, Speech] = {}
#: ``g`` itself: each use of the proxy looks for it anew.
_globals: Callable[[], Any] = g._get_current_object


def code_now() -> str | None:
    """``kk``, ``ru`` or ``en``: of the request, or of the letter being written; None outside of both."""
    try:
        # where Flask-Babel keeps what it found out, three look-ups further; after force_locale it may have to find it out again
        locale = _globals()._flask_babel.babel_locale or flask_babel.get_locale()
    except (AttributeError, RuntimeError):
        locale = flask_babel.get_locale()
    return locale.language if locale else None


def speech() -> Speech:
    """The language that is spoken now; Kazakh outside of requests and letters."""
    code = code_now()
    if code is None:
        return Speech("kk", flask_babel.get_translations())  # the messages themselves: there is no catalogue to ask for
    return _SPEECHES.get(code) or _SPEECHES.setdefault(code, Speech(code, flask_babel.get_translations()))


def gettext(message: str, /, **values: Any) -> str:
    """Like Flask-Babel's."""
    return speech().gettext(message, **values)


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """Like Flask-Babel's."""
    return speech().ngettext(one, many, num, **values)


@lru_cache(maxsize=MOST_DAYS)
def say_day(code: str, value: date, year: bool) -> str:
    """«20 мамыр», with ``year`` «2027 ж. 20 мамыр»."""
    if not year:
        return format_date(value, "d MMMM", locale=LOCALES[code])
    # the Russian long form ends in «г.», which doubles the stop of a sentence
    return format_date(value, "d MMMM y 'года'" if code == "ru" else "long", locale=LOCALES[code])


def per_language(make: Callable[[], Any]) -> Callable[[], Any]:
    """What ``make`` gives in the language of the first asking, kept per language: labels of states, of kinds, of sorts."""
    kept: dict[str, Any] = {}

    def labels() -> Any:
        code = code_now()
        if code is None:
            return make()
        if code not in kept:
            kept[code] = make()
        return kept[code]

    return labels


@pass_eval_context
def _gettext_of_template(context: Any, message: str, /, **values: Any) -> str:
    if context.autoescape:
        return speech().html(message, values)
    return speech().gettext(message) % values


@pass_eval_context
def _ngettext_of_template(context: Any, one: str, many: str, num: int, /, **values: Any) -> str:
    text = speech().catalogue.ungettext(one, many, num)
    facts = {"num": num, **values}
    return Markup(text) % facts if context.autoescape else text % facts


def init_app(app: Flask) -> None:
    """Templates say their words by these functions."""
    environment: Any = app.jinja_env
    environment.template_class, environment.code_generator_class, environment.context_class = CivicTemplate, Generator, CivicContext
    environment.html, environment.words = html, lambda words: speech().html(words, {})
    environment.globals.update(_=_gettext_of_template, gettext=_gettext_of_template, ngettext=_ngettext_of_template)
