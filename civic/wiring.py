"""Puts the application together from settings: extensions, blueprints, handlers of jobs. Wiring only."""

import logging
from datetime import timedelta

import structlog
from sqlalchemy import URL, make_url
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from civic import models
from civic.app import CivicFlask
from civic.config import ROOT, Settings
from civic.core import masking
from civic.core.database import prepare_engine
from civic.web import reading
from civic.web.gate import Gate
from civic.web.page_cache import PageCache

MAX_REQUEST = 64 * 1024 * 1024


def build(settings: Settings) -> CivicFlask:
    """The application for these settings."""
    models.load_all()
    app = CivicFlask("civic", root_path=str(ROOT / "civic"), template_folder=str(ROOT / "templates"),
                     static_folder=None, instance_path=str(settings.instance))
    app.settings = settings
    app.config.update(_flask_config(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper("iso"),
                                    masking.processor, structlog.processors.JSONRenderer(ensure_ascii=False)])
    logging.setLogRecordFactory(masking.record)
    _bind_extensions(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask-Security has set it anew: Kazakh and Russian as they are: half the bytes
    _bind_web(app)
    _bind_features(app)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=str(ROOT / "static" / "dist"), prefix="static/dist",  # type: ignore[method-assign]
                              max_age=31_536_000, autorefresh=settings.demo)
    if settings.page_cache_seconds:
        app.wsgi_app = PageCache(app.wsgi_app, settings.page_cache_seconds)  # type: ignore[method-assign]
    app.wsgi_app = Gate(app.wsgi_app, settings)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    from civic.accounts.security import SECURITY
    from civic.web.access import cookies

    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(make_url(settings.database_url)),
        "SQLALCHEMY_BINDS": _engine_for_reading(settings.database_url),
        "MAX_CONTENT_LENGTH": MAX_REQUEST, "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        **cookies(secure=settings.secure),
        "PERMANENT_SESSION_LIFETIME": timedelta(days=60),
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "kk", "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "civic" / "translations"),
        "SECURITY_PASSWORD_SALT": settings.password_salt, **SECURITY,
    }


def _engine_options(url: URL) -> dict[str, object]:
    quiet: dict[str, object] = {"hide_parameters": True}  # messages of errors quote no words of people
    return quiet if url.get_backend_name() == "sqlite" else {
        **quiet, "pool_size": 8,
        # like SQLite's busy_timeout: a blocked write is refused, not hung; compiling a statement costs 8 ms, and no page has one that is worth it
        "connect_args": {"options": "-c lock_timeout=5s -c jit=off"},
    }


def _engine_for_reading(url: str) -> dict[str, object]:
    """PostgreSQL's connections for ``reading.reader``: each select is a transaction of its own, so nothing is left to roll back."""
    if make_url(url).get_backend_name() == "sqlite":
        return {}
    return {reading.AUTOCOMMIT: {"url": url, "hide_parameters": True, "pool_size": 8, "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}}


def _bind_extensions(app: CivicFlask) -> None:
    from civic.accounts.security import bind
    from civic.extensions import babel, csrf, db, migrate
    from civic.web.locale import select_locale

    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine, synchronous=app.settings.sqlite_synchronous)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    babel.init_app(app, locale_selector=select_locale)
    csrf.init_app(app)
    bind(app)


def _bind_web(app: CivicFlask) -> None:
    from civic.web import assets, errors, headers, locale, navigation, well_known

    locale.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    app.register_blueprint(well_known.bp)
    reading.init_app(app)
    navigation.init_app(app, version=assets.version(ROOT / "static" / "dist"), demo=app.settings.demo)


def _bind_features(app: CivicFlask) -> None:
    from civic import (
        accounts,
        bodies,
        cli,
        complaints,
        demo,
        events,
        figures,
        focus,
        following,
        invitations,
        limits,
        media,
        minutes,
        moderation,
        places,
        privacy,
        programmes,
        promises,
        questions,
        search,
        stage,
        topics,
    )
    from civic.jobs import queue as queues
    from civic.media import tasks as media_tasks
    from civic.notifications import tasks as mail_tasks
    from civic.web import once

    queue = queues.init_app(app, app.settings.queue_url)
    media_tasks.register(queue, app.settings.media)
    mail_tasks.register(app, queue)
    queue.sweeps.append(once.forget)
    for feature in (limits, places, bodies, accounts, media, complaints, search, following, figures, events, invitations, questions, topics, minutes, promises, stage, focus, programmes, moderation, privacy):
        feature.init_app(app)
    if app.settings.demo:
        demo.init_app(app)
    cli.init_app(app)
