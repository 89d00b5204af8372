"""The form in which an organiser makes an event, and the one that moves it: local days and hours, agenda, languages."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FloatField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from civic.bodies.forms import DIRECTION_WORDS, Whole
from civic.core.codes import row_id
from civic.core.text import LANGUAGES
from civic.events.formats import FORMATS
from civic.events.forms import choices_of
from civic.events.inputs import EventInput, ItemInput, SpeakerInput
from civic.events.models import Event
from civic.events.states import Admission, Consent, Mode
from civic.events.wording import ADMISSION_WORDS, AGENDA_WORDS, CONSENT_WORDS, FORMAT_WORDS, MODE_WORDS
from civic.web.forms import Form
from civic.web.locale import NAMES
from civic.web.speech import gettext

EMPTY_ITEMS = 3


class Day(DateField):
    """A date, as the browser's calendar sends it or as it is written here: 3.12.2026."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError as error:
            raise ValueError(gettext("Write the date as in 3.12.2026.")) from error


class Hour(TimeField):
    """An hour: 18:30."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip().replace(".", ":") for value in valuelist])
        except ValueError as error:
            raise ValueError(gettext("Write the hour as in 18:30.")) from error


class ItemForm(PlainForm):
    """One item of the agenda. Speakers stand one in a line: «Name, who they are»."""

    minutes = Whole(_l("Minutes"), [Optional()])
    title = StringField(_l("Item"))
    speakers = TextAreaField(_l("Speakers"))

    def typed(self) -> ItemInput | None:
        """The item; None for an empty row."""
        lines = [line.strip() for line in (self.speakers.data or "").splitlines() if line.strip()]
        speakers = [SpeakerInput(name.strip(), about.strip()) for name, _, about in (line.partition(",") for line in lines)]
        title = (self.title.data or "").strip()
        return ItemInput(title, self.minutes.data or 0, speakers) if title or speakers else None


class EventForm(Form):
    """An event in one page. Times are local to the city; ``version`` is what the organiser saw."""

    version = HiddenField()
    format = RadioField(_l("Format"), choices=choices_of(FORMAT_WORDS), validate_choice=False)
    direction = SelectField(_l("Direction"), choices=choices_of(DIRECTION_WORDS), validate_choice=False)
    title_kk, title_ru, title_en = (StringField(label) for label in (_l("Title in Kazakh"), _l("Title in Russian"), _l("Title in English")))
    text_kk, text_ru, text_en = (TextAreaField(label) for label in (_l("Text in Kazakh"), _l("Text in Russian"), _l("Text in English")))
    date = Day(_l("Date"), [Optional()])
    starts = Hour(_l("Begins at"), [Optional()])
    ends = Hour(_l("Ends at"), [Optional()])
    ends_on = Day(_l("Last day, if it is another one"), [Optional()])
    mode = RadioField(_l("Where"), choices=choices_of(MODE_WORDS), coerce=Mode, default=Mode.ROOM)
    venue = StringField(_l("Venue"))
    address = StringField(_l("Address or landmark"), [Optional()])
    lat = FloatField(_l("Latitude"), [Optional()])
    lon = FloatField(_l("Longitude"), [Optional()])
    wheelchair = BooleanField(_l("Wheelchairs can get in"))
    hearing_loop = BooleanField(_l("There is a hearing loop"))
    sign_language = BooleanField(_l("There is a sign language interpreter"))
    access_notes = StringField(_l("How to get in, where the lift is"), [Optional()])
    stream_url = StringField(_l("Address of the stream"), [Optional()])
    capacity = Whole(_l("How many places"), [Optional()])
    admission = RadioField(_l("How people come in"), choices=choices_of(ADMISSION_WORDS), coerce=Admission, default=Admission.OPEN)
    consent = RadioField(_l("Recording"), choices=choices_of(CONSENT_WORDS), coerce=Consent, default=Consent.NONE)
    languages = SelectMultipleField(_l("Languages spoken"), choices=[(code, name) for code, (_, name) in NAMES.items()],
                                    option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    moderator = StringField(_l("Who moderates"), [Optional()])
    items = FieldList(FormField(ItemForm))
    picture = FileField(_l("Picture"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _needs_time(self)

    def typed(self, zone: str) -> EventInput:
        """What was typed, in UTC. zone: IANA name of the city's."""
        begins, ends = moments(self, zone)
        same = ("format", "direction", "mode", "lat", "lon", "wheelchair", "hearing_loop", "sign_language", "capacity", "admission", "consent")
        words: dict[str, Any] = {name: self[name].data or "" for name in ("venue", "address", "access_notes", "stream_url", "moderator")}
        return EventInput(
            title={code: self[f"title_{code}"].data or "" for code in LANGUAGES}, text={code: self[f"text_{code}"].data or "" for code in LANGUAGES},
            starts_at=begins, ends_at=ends, languages=self.languages.data or [], items=[item for row in self.items if (item := row.typed())],
            **{name: self[name].data for name in same}, **words,
        )

    def seen(self) -> int:
        """The version of the event that the page showed; 0, which none has, for nonsense."""
        return row_id(self.version.data) or 0

    def add_rows(self) -> None:
        """Some empty rows behind the agenda."""
        while sum(1 for row in self.items if not row.title.data) < EMPTY_ITEMS:
            self.items.append_entry()


class MoveForm(Form):
    """Another time, with a reason."""

    date = Day(_l("New date"), [Optional()])
    starts = Hour(_l("Begins at"), [Optional()])
    ends = Hour(_l("Ends at"), [Optional()])
    ends_on = Day(_l("Last day, if it is another one"), [Optional()])
    text = TextAreaField(_l("Why"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _needs_time(self)

    def typed(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """The new beginning and end. zone: IANA name of the city's."""
        return moments(self, zone)


def _needs_time(form: Any) -> None:
    """Say on the page that these are needed, though the form itself lets them be empty: the service says what is missing."""
    for field in (form.date, form.starts, form.ends):
        field.flags.required = True


def moments(form: Any, zone: str) -> tuple[datetime | None, datetime | None]:
    """Local days and hours of a form as moments; None for what was not typed or could not be read."""
    local, day, last = ZoneInfo(zone), form.date.data, form.ends_on.data or form.date.data
    starts, ends = form.starts.data, form.ends.data
    return (datetime.combine(day, starts, local) if day and starts else None, datetime.combine(last, ends, local) if last and ends else None)


def known_event(event: Event) -> dict[str, Any]:
    """The event as the form shows it."""
    zone = ZoneInfo(event.city.timezone)
    first, last = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    words = {f"{name}_{code}": getattr(event, name).get(code, "") for name in ("title", "text") for code in LANGUAGES}
    items = [{"minutes": i.minutes or None, "title": i.title,
              "speakers": "\n".join(f"{s.name}, {s.about}" if s.about else s.name for s in i.speakers)} for i in event.items]
    plain = ("format", "direction", "mode", "venue", "address", "lat", "lon", "wheelchair", "hearing_loop", "sign_language", "access_notes",
             "stream_url", "capacity", "admission", "consent", "moderator", "languages", "version")
    return words | {name: getattr(event, name) for name in plain} | {
        "date": first.date(), "starts": first.time(), "ends": last.time(),
        "ends_on": last.date() if last.date() != first.date() else None, "items": items}


def new_event(code: str) -> dict[str, Any]:
    """What the form begins with for a format."""
    chosen = FORMATS[code]
    return {"format": code, "admission": chosen.admission, "consent": chosen.consent, "capacity": chosen.capacity, "languages": ["kk", "ru"],
            "items": [{"minutes": minutes, "title": str(AGENDA_WORDS[key])} for key, minutes in chosen.agenda]}
