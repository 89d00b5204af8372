"""What of a complaint goes out into the world: the card of messengers, and the poster beside a pothole."""

from dataclasses import dataclass
from datetime import date

import segno
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy.orm import Session

from civic.bodies.models import Category
from civic.complaints.cards import Card
from civic.complaints.models import Complaint
from civic.complaints.states import OPEN
from civic.complaints.wording import is_overdue, state_icon, state_tone, state_word, title_of
from civic.core.clock import local_date
from civic.core.text import pick
from civic.core.working_days import WorkCalendar
from civic.places.models import City
from civic.web.locale import LOCALES, day, local_name
from civic.web.term import days_left


def card_of(session: Session, complaint: Complaint, city: City, calendar: WorkCalendar, today: date) -> Card:
    """The card in the reader's language. today: local date of the city."""
    category = session.get_one(Category, complaint.category_id)
    overdue = is_overdue(complaint.state, complaint.due_on, today)
    return Card(
        title=title_of(category.name, complaint.address), state=gettext("Overdue") if overdue else state_word(complaint.state),
        icon=state_icon(complaint.state, overdue), tone=state_tone(complaint.state, overdue), city=local_name(city.name),
        term=_term(complaint, city, calendar, today), number=complaint.number,
    )


def _term(complaint: Complaint, city: City, calendar: WorkCalendar, today: date) -> str:
    if complaint.state in OPEN:
        left = days_left(calendar, complaint.term_from, complaint.due_on, today)
        return f"{gettext('Answer due: %(date)s', date=day(complaint.due_on))}. {left[:1].upper()}{left[1:]}."
    if complaint.answered_at is None:
        return ""
    days = calendar.between(complaint.term_from, local_date(complaint.answered_at, city.timezone))
    words = ngettext("answered in %(num)d working day", "answered in %(num)d working days", days)
    return f"{words[:1].upper()}{words[1:]}."


@dataclass(frozen=True)
class PosterText:
    """The words of a poster in one language."""

    lang: str
    kicker: str
    category: str
    address: str
    invitation: str
    how: str


def poster_text(session: Session, complaint: Complaint, city: City, code: str) -> PosterText:
    """The words of the poster in the language ``code``."""
    category = session.get_one(Category, complaint.category_id)
    with force_locale(LOCALES[code]):
        return PosterText(code, gettext("%(city)s · this is reported", city=pick(city.name, code)), pick(category.name, code), complaint.address,
                          gettext("See what happens with it"), gettext("Point your phone's camera here, or open:"))


def qr(address: str) -> str:
    """A QR code as an address of a picture. Its errors correct a quarter: posters hang in rain and sun."""
    code: str = segno.make(address, error="q", micro=False).svg_data_uri(scale=8, border=2)
    return code
