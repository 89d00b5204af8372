"""The cheaper steps by which pages are drawn and read say the same as the ordinary ones."""

from typing import Any

import flask
import pytest
from flask import g, render_template_string
from flask_babel import force_locale
from markupsafe import Markup, escape
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.bodies import directory as directories
from civic.bodies.directory import directory
from civic.core import database
from civic.extensions import db
from civic.places.history import save
from civic.places.models import City
from civic.web import addresses
from civic.web.compiled import html
from civic.web.reading import AUTOCOMMIT, reader
from tests.support.client import Browser


class Shown:
    """Knows its own HTML."""

    def __html__(self) -> str:
        return "<i>&amp;</i>"


@pytest.mark.parametrize("value", ["", "a & <b> \"c\" 'd'", Markup("<b>&lt;</b>"), 7, None, 1.5, Shown(), ["<"], Markup("<b>%s</b>") % "<"])
def test_what_templates_print_is_escaped_as_ever(value: Any) -> None:
    assert html(value) == str(escape(value))


def test_templates_escape_and_speak(app: CivicFlask) -> None:
    """Printed values, macros, blocks of text and words, with and without values, in HTML and out of it."""
    page = """{% macro m(x) %}<p>{{ x }}</p>{% endmacro %}{% macro w() %}<s>{{ caller() }}</s>{% endmacro %}{% set kept %}<u>{{ v }}</u>{% endset %}{{ v }}|{{ m(v) }}|{{ kept }}|{{ _('Find') }}|{{
      _('Complaints: %(city)s', city=v) }}|{{ _('Find')|upper }}|{{ v|safe }}{% filter upper %}{{ v }}{% endfilter %}{% call w() %}{{ v }}{% endcall %}"""
    with app.test_request_context("/ru/"), force_locale("ru"):
        shown = render_template_string(page, v="<&>")
    assert shown.split("|") == ["&lt;&amp;&gt;", "<p>&lt;&amp;&gt;</p>", "<u>&lt;&amp;&gt;</u>", "Найти", "Обращения: &lt;&amp;&gt;", "НАЙТИ",
                                "<&>&LT;&AMP;&GT;<s>&lt;&amp;&gt;</s>"]
    plain = app.jinja_env.overlay(autoescape=False).from_string("{{ v }} {{ _('Find') }}")
    with app.test_request_context("/en/"), force_locale("en"):
        assert plain.render(v="<&>") == "<&> Find"


@pytest.mark.parametrize(("endpoint", "values"), [
    ("complaints.listing", {"city": "shymkent"}), ("complaints.listing", {"city": "shymkent", "q": "су & ит", "category": 7}),
    ("complaints.listing", {"city": "shymkent", "lang": "en"}), ("complaints.listing", {"city": "shymkent", "q": ["a", "b"]}),
    ("complaints.listing", {"city": "shymkent", "_anchor": "main"}), ("complaints.listing", {"city": "shymkent", "photo": True}),
    ("complaints.listing", {"city": "shymkent", "photo": 1}), ("complaints.listing", {"city": "shymkent", "photo": None}),
])
def test_addresses_in_templates_are_those_of_flask(app: CivicFlask, endpoint: str, values: dict[str, Any]) -> None:
    for lang in ("kk", "ru", "en"):
        with app.test_request_context(f"/{lang}/"):
            g.lang = lang
            for _ in range(2):
                assert addresses.url_for(endpoint, **values) == flask.url_for(endpoint, **values)
            with force_locale("en"):  # a letter in another language, written while a page is answered
                assert addresses.url_for(endpoint, **values) == flask.url_for(endpoint, **values)


def rename(session: Session, city: City, name: str, now: Any) -> None:
    save(session, session.get_one(City, city.id), {"name": {**city.name, "ru": name}}, None, now)
    session.commit()


def test_strangers_see_a_change_of_reference_data_within_a_second(
    app: CivicFlask, session: Session, city: City, now: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directories, "TRUSTED", 1000.0)
    with app.test_request_context("/ru/"):
        strangers = reader()
        assert directory(strangers).cities[city.id].name["ru"] == "Шымкент"
        if db.engine.dialect.name == "sqlite":  # it shows one moment of the database
            strangers.rollback()
        rename(session, city, "Чимкент", now)
        assert directory(strangers).cities[city.id].name["ru"] == "Шымкент"
        assert directory(session).cities[city.id].name["ru"] == "Чимкент"
        monkeypatch.setattr(directories, "TRUSTED", 0.0)
        assert directory(strangers).cities[city.id].name["ru"] == "Чимкент"


def test_whom_we_know_reads_by_a_session(app: CivicFlask) -> None:
    with app.test_request_context("/ru/", headers={"Cookie": "session=x"}):
        assert isinstance(reader(), Session)
    with app.test_request_context("/ru/"):
        connection = reader()
        assert connection is reader()
        assert not isinstance(connection, Session)
    assert connection.closed


def test_a_server_that_was_away_is_found_again(app: CivicFlask, session: Session, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL ends all connections: those that were not asked of late are replaced unnoticed."""
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    assert client.get("/ru/shymkent/complaints/").status_code == 200
    with app.app_context():
        engine = db.engines[AUTOCOMMIT]
    end_others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    session.execute(end_others)
    with engine.connect() as connection, pytest.raises(DBAPIError):  # within the second nobody asks
        connection.execute(select(1))
    assert client.get("/ru/shymkent/complaints/").status_code == 200
    session.execute(end_others)
    monkeypatch.setattr(database, "ALIVE", 0.0)
    assert client.get("/ru/shymkent/complaints/").status_code == 200
