"""What gunicorn does once before it makes its workers; it reads this file by itself when it is started in this folder.

With ``--preload`` workers share the memory of the first process as long as nobody writes to it. So what every worker would load sooner or
later is loaded here, and freezing keeps the garbage collector from writing to it: 66 MiB of a worker's own instead of 180, after
every kind of page and some filing. Nothing here touches the database: connections must not be shared.
"""

import ctypes
import gc
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime
from flask_babel import gettext
from sqlalchemy.orm import configure_mappers

from civic.app import CivicFlask
from civic.core.text import LANGUAGES, detect_language
from civic.core.working_days import public_holidays
from civic.web.locale import LOCALES

YEARS_BACK = 6  # of complaints that lists show
_M_ARENA_MAX = -8  # of mallopt(3)


def when_ready(server: Any) -> None:
    """The application is loaded, no worker is made yet."""
    share_heap()
    app = server.app.wsgi()
    if isinstance(app, CivicFlask):
        load(app)
    gc.collect()
    gc.freeze()


def share_heap() -> None:
    """Threads of a worker take memory from two heaps. glibc would make one for each thread, and what each has once needed it keeps. Workers inherit this."""
    with suppress(OSError, AttributeError):  # no glibc
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, 2)


def load(app: CivicFlask) -> None:
    """Mappers, templates, the model that tells languages, days off, patterns of dates, catalogues."""
    configure_mappers()
    for name in app.jinja_env.list_templates(extensions=["html", "xml"]):
        app.jinja_env.get_template(name)
    detect_language("Во дворе третью неделю не вывозят мусор.", "ru")
    now = datetime.now(UTC)
    for year in range(now.year - YEARS_BACK, now.year + 2):
        public_holidays(year)
    for language in LANGUAGES:
        format_datetime(now, "d MMMM y, HH:mm", locale=LOCALES[language])
        with app.test_request_context(f"/{language}/"):
            gettext("Complaints")
