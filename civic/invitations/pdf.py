"""The letter of invitation as PDF, in Kazakh and in Russian: number, date, QR of the page where it can be checked.

Typst carries its compiler and its fonts (Libertinus Serif has every Kazakh letter), so neither network nor system fonts
are asked. The words come as data: what people typed cannot become markup.
"""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
import typst
from babel.dates import format_date, format_time
from flask_babel import force_locale, gettext

from civic.core.text import pick
from civic.invitations.models import Invitation
from civic.web.locale import LOCALES

TEMPLATE = Path(__file__).with_name("letter.typ")
LANGUAGES = ("kk", "ru")


def letter_pdf(invitation: Invitation, address: str) -> bytes:
    """The whole letter. address: where the reader can see that it is genuine."""
    return render(letter_words(invitation, address))


def render(words: dict[str, object]) -> bytes:
    """The document of these words, readable aloud (PDF/UA); the same words give the same bytes."""
    return typst.compile(TEMPLATE, format="pdf", ignore_system_fonts=True, timestamp=0, pdf_standards="ua-1",
                         sys_inputs={"letter": json.dumps(words, ensure_ascii=False)})


def letter_words(invitation: Invitation, address: str) -> dict[str, object]:
    """Everything that the letter says."""
    event = invitation.event
    pages = []
    for code in LANGUAGES:
        with force_locale(LOCALES[code]):
            pages.append(_page(invitation, code))
    return {"number": invitation.number, "title": f"{invitation.number}. {pick(event.title, 'kk')}", "address": address,
            "organisation": pick(event.organisation.name, "kk"), "qr": qr_svg(address), "pages": pages}


def qr_svg(address: str) -> str:
    """The QR of an address as SVG text."""
    out = io.BytesIO()
    segno.make(address, micro=False, error="m").save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()


def _page(invitation: Invitation, code: str) -> dict[str, object]:
    event = invitation.event
    organisation, body = pick(event.organisation.name, code), pick(invitation.body.name, code)
    zone = ZoneInfo(event.city.timezone)
    to = [invitation.official_post, invitation.official_name, body] if invitation.shown_official else [gettext("To the head"), body]
    return {
        "lang": code, "organisation": organisation, "city": pick(event.city.name, code), "number_label": "№",
        "date": full_date(datetime.combine(invitation.asked_on, datetime.min.time()), code), "to": to,
        "heading": gettext("Invitation"),
        "paragraphs": [
            gettext("%(organisation)s invites you to take part in the public discussion “%(title)s” and to answer the questions of residents.",
                    organisation=organisation, title=pick(event.title, code)),
        ],
        "facts": _facts(invitation, code, zone), "quote": _quote(invitation),
        "ending": [
            gettext("Please answer by %(date)s: accept, decline with a reason, send a delegate or ask for another date. The answer may be changed until the discussion begins.",
                    date=full_date(datetime.combine(invitation.due_on, datetime.min.time()), code)),
            gettext("The invitation and the answer, or its absence, are shown in public on the page of the discussion."),
            gettext("Ground: the Law of the Republic of Kazakhstan “On public control” of 2 October 2023."),
        ],
        "signature": event.moderator and gettext("Moderator: %(name)s", name=event.moderator),
        "check": gettext("Whether this letter is genuine can be seen here:"),
    }


def _quote(invitation: Invitation) -> str:
    return gettext("A moderator has hidden this text. The public log says why.") if "words" in (invitation.hidden or {}) else invitation.words


def _facts(invitation: Invitation, code: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    event = invitation.event
    start, end = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    times = f"{format_time(start, 'HH:mm', locale=LOCALES[code])}–{format_time(end, 'HH:mm', locale=LOCALES[code])}"
    ends_on = f" – {full_date(end, code)}" if end.date() > start.date() + timedelta(days=0) else ""
    place = ", ".join(part for part in (event.venue, event.address) if part)
    facts = [(gettext("When"), f"{full_date(start, code)}{ends_on}, {times}"),
             (gettext("Where"), place if event.mode != "online" else gettext("Online")),
             (gettext("Stream"), event.stream_url)]
    return [(name, value) for name, value in facts if value]


def full_date(moment: datetime, code: str) -> str:
    """«2026 ж. 3 желтоқсан, бейсенбі»: the date as letters write it."""
    pattern = {"kk": "y 'жылғы' d MMMM", "ru": "d MMMM y 'года'", "en": "d MMMM y"}[code]
    return str(format_date(moment, pattern, locale=LOCALES[code]))
