"""Minutes as PDF, in Kazakh or in Russian: version and date on every page, the address at which they can be read.

Typst carries its compiler and its fonts, so neither network nor system fonts are asked. The words come as data: what people typed
cannot become markup. The last documents are kept, by what they say: drawing one takes some hundredths of a second.
"""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from flask_babel import force_locale
from sqlalchemy.orm import Session

from civic.events.models import Event
from civic.minutes.models import Minutes
from civic.minutes.queries import latest
from civic.minutes.wording import MinutesView, minutes_view
from civic.web.locale import LOCALES, local_name
from civic.web.speech import gettext

TEMPLATE = Path(__file__).with_name("minutes.typ")


def minutes_pdf(session: Session, event: Event, minutes: Minutes, written: str, address: str, now: datetime) -> bytes:
    """The last version. written: ``kk`` or ``ru``; what is missing in it stands there in the other one. address: of the page."""
    version = latest(session, minutes)
    assert version is not None
    with force_locale(LOCALES[written]):
        said = words(minutes_view(session, event, minutes, version, now), written, address)
    return render(json.dumps(said, ensure_ascii=False, sort_keys=True))


@lru_cache(maxsize=32)
def render(said: str) -> bytes:
    """The document of these words, readable aloud (PDF/UA); the same words give the same bytes."""
    return typst.compile(TEMPLATE, format="pdf", ignore_system_fonts=True, timestamp=0, pdf_standards="ua-1", sys_inputs={"minutes": said})


def words(view: MinutesView, written: str, address: str) -> dict[str, Any]:
    """Everything that the document says."""
    number, title = view.version.number, view.title.text
    facts = [(gettext("When"), view.when), (gettext("Where"), view.place), (gettext("The recording"), view.recording)]
    return {
        "lang": written, "title": title, "organisation": view.organisation, "city": local_name(view.event.city.name), "date": view.saved,
        "heading": gettext("Minutes of the discussion"), "facts": [(name, value) for name, value in facts if value],
        "sections": [s for s in _sections(view) if s["paragraphs"] or s["rows"] or s["entries"]], "address": address,
        "footer": gettext("Minutes, version %(number)s of %(date)s", number=number, date=view.saved),
        "check": gettext("All versions and materials are here:"),
    }


def _sections(view: MinutesView) -> list[dict[str, Any]]:
    stone = gettext("A moderator has hidden this text. The public log says why.")
    hidden = [stone] if view.marks else []
    advices = [{"who": a.body, "words": a.text or stone, "answer": a.answer or (stone if a.answered else ""), "note": a.note} for a in view.advices]
    attendance = [(str(number), word) for number, word in view.attendance]
    return [
        _section(gettext("Who came"), rows=attendance, paragraphs=_lines(view.counted)),
        _section(gettext("What was said and decided"), paragraphs=hidden or _lines(view.text.text)),
        _section(gettext("Final document"), paragraphs=_lines(view.document.text)),
        _section(gettext("Recommendations and what was answered"), entries=advices),
        _section(gettext("Chapters of the recording"), rows=[(clock, title) for clock, title, _ in view.chapters]),
        _section(gettext("Questions answered in the room"), rows=[(q.clock, q.text) for q in view.questions]),
    ]


def _section(heading: str, *, paragraphs: Any = (), rows: Any = (), entries: Any = ()) -> dict[str, Any]:
    return {"heading": heading, "paragraphs": list(paragraphs), "rows": list(rows), "entries": list(entries)}


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]
