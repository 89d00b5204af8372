"""Forms of following."""

import math
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, Field, HiddenField, RadioField, StringField
from wtforms.validators import Email, InputRequired
from wtforms.widgets import TextInput

from civic.core.codes import row_id
from civic.following.models import Kind, Rhythm
from civic.web.forms import Form

RHYTHM_WORDS = {
    Rhythm.AT_ONCE: _l("At once"), Rhythm.DAILY: _l("Once a day, at 8 in the morning"), Rhythm.WEEKLY: _l("Once a week, on Monday morning"),
}


class Degrees(Field):
    """Degrees as a map or a person writes them, with a point or a comma; None for what is no number."""

    widget = TextInput()

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            number = float((valuelist or [""])[0].replace(",", "."))
        except ValueError:
            number = math.nan
        self.data = number if abs(number) <= 180 else None  # nan is not


class FollowForm(Form):
    """How often, and about what."""

    rhythm = RadioField(_l("How often do we write?"), choices=[(r.value, w) for r, w in RHYTHM_WORDS.items()], default=Rhythm.DAILY)
    steps = BooleanField(_l("Also when the body answers or returns it, and when the resident confirms or disagrees"))
    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail.")),
                                           Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])

    def offer(self, *, known: bool) -> Any:
        """Somebody whose address is proven is not asked for it."""
        if known:
            del self.email
        return self


class PlaceForm(FollowForm):
    """A pin and a radius."""

    lat = Degrees(_l("Latitude"))
    lon = Degrees(_l("Longitude"))
    radius = StringField(_l("How far around, in metres"), default="500")
    words = StringField(_l("Name of the place, for your letters"))

    def metres(self) -> int | None:
        """The radius; None for what is no whole number."""
        return row_id((self.radius.data or "").replace(" ", "").replace("\u00a0", ""))


class StreetForm(FollowForm):
    """A street, as people write it."""

    words = StringField(_l("Street"))


FORMS: dict[Kind, type[FollowForm]] = {Kind.PLACE: PlaceForm, Kind.STREET: StreetForm}


class ChangeForm(Form):
    """One button beside a followed thing: another rhythm, pause, resume, end."""

    rhythm = HiddenField()
    act = HiddenField()
