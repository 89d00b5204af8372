"""The frozen page that every cost is measured against, and a bare hello.

FROZEN: never change this file, or numbers of different days cannot be compared any more. It imports nothing of the product.

``app`` serves a list page made in the ordinary way of Flask, without any database: a Jinja layout with macros, Flask-Babel with
three languages, ``url_for`` for each link, and 20 rows, each with a formatted moment and day, words by gettext, plural words by
ngettext, a title, a thumbnail and, on 14 of them, a strip of 15 bars; around them a header, a filter form and a footer, no larger
than the product's own list. ``hello`` is Flask that says hello and nothing else.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, g, render_template, request, url_for
from flask_babel import Babel, format_date, format_datetime
from jinja2 import DictLoader

ROWS = 20
MOMENT = datetime(2026, 4, 24, 4, 12, tzinfo=UTC)

WORDS = {  # msgid: (kk, ru)
    "Complaints: %(city)s": ("Өтініштер: %(city)s", "Обращения: %(city)s"),
    "Complaints": ("Өтініштер", "Обращения"),
    "Map": ("Карта", "Карта"),
    "Figures": ("Көрсеткіштер", "Показатели"),
    "Events": ("Шаралар", "Мероприятия"),
    "Sections": ("Бөлімдер", "Разделы"),
    "Language": ("Тіл", "Язык"),
    "Sign in": ("Кіру", "Войти"),
    "Skip to the content": ("Мазмұнға өту", "Перейти к содержанию"),
    "Report a problem": ("Мәселе туралы хабарлау", "Сообщить о проблеме"),
    "Filter": ("Сүзгі", "Фильтр"),
    "State": ("Күйі", "Состояние"),
    "Category": ("Санат", "Категория"),
    "District": ("Аудан", "Район"),
    "Body": ("Орган", "Орган"),
    "Order": ("Реті", "Порядок"),
    "With a photo": ("Фотосы бар", "С фотографией"),
    "Supported by others": ("Басқалар қолдаған", "Поддержанные другими"),
    "Show": ("Көрсету", "Показать"),
    "Number of the complaint": ("Өтініш нөмірі", "Номер обращения"),
    "Find": ("Табу", "Найти"),
    "Next": ("Келесі", "Далее"),
    "About": ("Сервис туралы", "О сервисе"),
    "Rules": ("Ережелер", "Правила"),
    "Privacy": ("Құпиялық", "Конфиденциальность"),
    "Registered": ("Тіркелді", "Зарегистрировано"),
    "In work": ("Жұмыста", "В работе"),
    "Answered": ("Жауап берілді", "Отвечено"),
    "Confirmed by the resident": ("Тұрғын растады", "Подтверждено жителем"),
    "Overdue": ("Мерзімі өтті", "Просрочено"),
    "due: %(date)s": ("мерзімі: %(date)s", "срок: %(date)s"),
}
PLURALS = {  # (one, many): (kk forms, ru forms)
    ("%(num)d working day left", "%(num)d working days left"): (
        ("%(num)d жұмыс күні қалды", "%(num)d жұмыс күні қалды"),
        ("остался %(num)d рабочий день", "осталось %(num)d рабочих дня", "осталось %(num)d рабочих дней")),
    ("%(num)d person supported", "%(num)d people supported"): (
        ("%(num)d адам қолдады", "%(num)d адам қолдады"),
        ("поддержал %(num)d человек", "поддержали %(num)d человека", "поддержали %(num)d человек")),
}
STATES = ("Registered", "In work", "Answered", "Confirmed by the resident", "Overdue")
TONES = ("registered", "work", "answered", "confirmed", "overdue")

LAYOUT = """<!doctype html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<title>{% block title %}{% endblock %} – Reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{{ url_for('static', filename='favicon.svg') }}" type="image/svg+xml">
<link rel="stylesheet" href="{{ url_for('static', filename='app.css') }}">
<script type="module" src="{{ url_for('static', filename='app.js') }}"></script>
</head>
<body>
<a class="skip-link" href="#main">{{ _('Skip to the content') }}</a>
<header class="header">
  <div class="wrap header__bar">
    <a class="brand" href="{{ url_for('listing', lang=lang, city=city) }}"><span class="brand__text">Reference <span class="brand__place">{{ city }}</span></span></a>
    <nav class="nav" aria-label="{{ _('Sections') }}"><ul>
      <li><a href="{{ url_for('listing', lang=lang, city=city) }}" aria-current="page">{{ _('Complaints') }}</a></li>
      <li><a href="{{ url_for('section', lang=lang, city=city, name='map') }}">{{ _('Map') }}</a></li>
      <li><a href="{{ url_for('section', lang=lang, city=city, name='figures') }}">{{ _('Figures') }}</a></li>
      <li><a href="{{ url_for('section', lang=lang, city=city, name='events') }}">{{ _('Events') }}</a></li>
      <li><a href="{{ url_for('section', lang=lang, city=city, name='sign-in') }}" rel="nofollow">{{ _('Sign in') }}</a></li>
    </ul></nav>
    <ul class="languages" aria-label="{{ _('Language') }}">
      {% for code in ('kk', 'ru', 'en') %}
      <li><a href="{{ url_for('listing', lang=code, city=city) }}" lang="{{ code }}" hreflang="{{ code }}"><span>{{ code|upper }}</span></a></li>
      {% endfor %}
    </ul>
  </div>
</header>
<main class="main wrap" id="main" tabindex="-1">
{% block main %}{% endblock %}
</main>
<footer class="footer"><div class="wrap"><ul>
  <li><a href="{{ url_for('section', lang=lang, city=city, name='about') }}">{{ _('About') }}</a></li>
  <li><a href="{{ url_for('section', lang=lang, city=city, name='rules') }}">{{ _('Rules') }}</a></li>
  <li><a href="{{ url_for('section', lang=lang, city=city, name='privacy') }}">{{ _('Privacy') }}</a></li>
</ul></div></footer>
</body>
</html>
"""

MACROS = """
{% macro choice(name, label, options) %}
<div class="field"><label class="label" for="{{ name }}">{{ label }}</label>
<select class="select" id="{{ name }}" name="{{ name }}">
{% for value, words in options %}<option value="{{ value }}">{{ words }}</option>
{% endfor %}</select></div>
{% endmacro %}
{% macro state_label(tone, words) %}<span class="state tone-{{ tone }}"><svg class="icon" width="14" height="14" aria-hidden="true"><use href="#{{ tone }}"></use></svg>{{ words }}</span>{% endmacro %}
{% macro strip(weeks, words) %}
<div class="term term--small" role="img" aria-label="{{ words }}">{% for week in weeks %}<span class="term__week">{% for day in week %}<i class="{{ day }}"></i>{% endfor %}</span>{% endfor %}</div>
{% endmacro %}
"""

LIST = """{% extends 'layout.html' %}
{% from 'macros.html' import choice, state_label, strip %}
{% block title %}{{ _('Complaints: %(city)s', city=city) }}{% endblock %}
{% block main %}
<div class="page-head row row--between">
  <h1>{{ _('Complaints: %(city)s', city=city) }}</h1>
  <a class="button button--main" href="{{ url_for('section', lang=lang, city=city, name='report') }}">{{ _('Report a problem') }}</a>
</div>
<form class="card section" action="{{ url_for('listing', lang=lang, city=city) }}" method="get" role="search">
  <div class="field"><label class="label" for="number">{{ _('Number of the complaint') }}</label>
  <div class="row"><input class="input input--code" id="number" name="number" value="" autocomplete="off">
  <button class="button button--secondary">{{ _('Find') }}</button></div></div>
</form>
<details class="details section"><summary>{{ _('Filter') }}</summary>
<form class="card filters" action="{{ url_for('listing', lang=lang, city=city) }}" method="get">
  {{ choice('state', _('State'), states) }}
  {{ choice('category', _('Category'), categories) }}
  {{ choice('district', _('District'), districts) }}
  {{ choice('body', _('Body'), bodies) }}
  <div class="check"><input type="checkbox" id="photo" name="photo" value="1"><label for="photo">{{ _('With a photo') }}</label></div>
  <div class="check"><input type="checkbox" id="supported" name="supported" value="1"><label for="supported">{{ _('Supported by others') }}</label></div>
  <button class="button button--secondary">{{ _('Show') }}</button>
</form></details>
<section class="card" aria-label="{{ _('Complaints') }}">
<ul class="list">
  {% for c in rows %}
  <li class="complaint">
  <img class="complaint__thumb" src="{{ url_for('photo', photo_id=c.photo_id, size='thumb') }}" alt="" width="92" height="76" loading="lazy" decoding="async">
  <div>
    <h2><a href="{{ url_for('complaint', lang=lang, city=city, number=c.number) }}">{{ c.title }}, {{ c.address }}</a></h2>
    <p class="complaint__about">{{ c.district }} · <time datetime="{{ c.at.isoformat() }}">{{ format_datetime(c.at, 'd MMMM, HH:mm') }}</time> · {{ ngettext('%(num)d person supported', '%(num)d people supported', c.supporters) }}</p>
    {% set left = ngettext('%(num)d working day left', '%(num)d working days left', c.left) %}
    <p class="complaint__state">{{ state_label(c.tone, _(c.state)) }} · {{ left }} · {{ _('due: %(date)s', date=format_date(c.due, 'd MMMM')) }}</p>
    {% if c.weeks %}{{ strip(c.weeks, left) }}{% endif %}
  </div></li>
  {% endfor %}
</ul>
</section>
<nav class="pagination"><a rel="next" href="{{ url_for('listing', lang=lang, city=city, after=rows[-1].number) }}">{{ _('Next') }}</a></nav>
{% endblock %}
"""


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    number: str
    title: str
    address: str
    district: str
    photo_id: str
    at: datetime
    due: datetime
    state: str
    tone: str
    supporters: int
    left: int
    weeks: list[list[str]]


def rows(first: int) -> list[Row]:
    """Twenty rows that differ with ``first``."""
    made = []
    for i in range(first, first + ROWS):
        at = MOMENT - timedelta(minutes=37 * i)
        spent = i % 15
        bars = ["spent"] * spent + ["today"] + ["left"] * (14 - spent)
        made.append(Row(f"REF-{i:07d}", ("Шұңқыр", "Жарық жоқ", "Қоқыс", "Су жоқ")[i % 4], f"Рысқұлов көшесі, {i % 200 + 1}",
                        f"{i % 5 + 1}-аудан", f"{i:032x}", at, at + timedelta(days=21), STATES[i % 5], TONES[i % 5], i % 30 + 1,
                        14 - spent, [bars[n:n + 5] for n in range(0, 15, 5)] if i % 10 < 7 else []))
    return made


def catalogues(folder: Path) -> Path:
    """Compiled catalogues of the three languages."""
    for place, code in enumerate(("kk", "ru")):
        catalogue = Catalog(locale=code)
        for msgid, words in WORDS.items():
            catalogue.add(msgid, words[place], flags=["python-format"] if "%(" in msgid else [])
        for msgids, forms in PLURALS.items():
            catalogue.add(msgids, forms[place], flags=["python-format"])
        target = folder / code / "LC_MESSAGES"
        target.mkdir(parents=True)
        with (target / "messages.mo").open("wb") as file:
            write_mo(file, catalogue)
    return folder


def make_reference() -> Flask:
    """The list page. ``?from=`` chooses the rows, so that addresses can be varied."""
    app = Flask("reference", static_folder=None)
    app.jinja_env.loader = DictLoader({"layout.html": LAYOUT, "macros.html": MACROS, "list.html": LIST})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(catalogues(Path(tempfile.mkdtemp(prefix="reference-"))))
    Babel(app, locale_selector=lambda: g.get("lang", "kk"), timezone_selector=lambda: "Asia/Almaty")
    app.jinja_env.globals.update(format_datetime=format_datetime, format_date=format_date, url_for=url_for)
    categories = [(str(i), f"Санат нөмірі {i}") for i in range(60)]
    districts, bodies = [(str(i), f"{i}-аудан") for i in range(5)], [(str(i), f"Қалалық басқарма {i}") for i in range(25)]

    @app.get("/<lang>/<city>/complaints/")
    def listing(lang: str, city: str) -> str:
        from flask_babel import gettext

        g.lang = lang
        return render_template("list.html", lang=lang, city=city, rows=rows(request.args.get("from", 0, int)), categories=categories,
                               districts=districts, bodies=bodies, states=[(s, gettext(s)) for s in STATES])

    for rule, endpoint in (("/<lang>/<city>/complaints/<number>", "complaint"), ("/<lang>/<city>/<name>", "section"),
                           ("/media/<photo_id>/<size>.webp", "photo"), ("/static/<path:filename>", "static")):
        app.add_url_rule(rule, endpoint, lambda **_: "")
    return app


def make_hello() -> Flask:
    """Flask alone."""
    app = Flask("hello", static_folder=None)

    @app.get("/")
    def hello() -> str:
        return "hello"

    return app


app, hello = make_reference(), make_hello()
