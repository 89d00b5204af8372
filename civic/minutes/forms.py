"""Forms of minutes and materials."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional

from civic.core.codes import row_id
from civic.core.text import LANGUAGES
from civic.minutes.service import MinutesInput
from civic.web.forms import Form
from civic.web.locale import NAMES


class MinutesForm(Form):
    """The minutes."""

    version = HiddenField(default="0")
    text_kk, text_ru, text_en = (TextAreaField(label, [Optional()]) for label in (
        _l("What was said and decided, in Kazakh"), _l("What was said and decided, in Russian"), _l("What was said and decided, in English")))
    recording_url = StringField(_l("Address of the recording"), [Optional()])
    chapters = TextAreaField(_l("Chapters of the recording"), [Optional()])
    came = StringField(_l("How many came, if counted by hand"), [Optional()])
    counted_by = StringField(_l("Who counted them"), [Optional()])
    change = StringField(_l("What is new in this version"), [Optional()])

    def typed(self) -> MinutesInput:
        """What was typed."""
        count = (self.came.data or "").strip()
        came = None if not count else int(count) if count.isascii() and count.isdecimal() and len(count) < 10 else -1
        return MinutesInput({code: self[f"text_{code}"].data or "" for code in LANGUAGES}, self.recording_url.data or "", self.chapters.data or "",
                            came, self.counted_by.data or "", self.change.data or "")

    def seen(self) -> int:
        """The version that the page showed; -1, which none has, for nonsense."""
        typed = self.version.data or ""
        return 0 if typed == "0" else row_id(typed) or -1


class PublishForm(Form):
    """The button that makes them public, and the version that it stands under."""

    version = HiddenField(default="0")

    def seen(self) -> int:
        """The version that the page showed."""
        return row_id(self.version.data) or -1


class MaterialForm(Form):
    """One material: a title, and a photo, a PDF or a link."""

    title = StringField(_l("What it is"))
    language = RadioField(_l("Language of the title"), choices=[(code, name) for code, (_, name) in NAMES.items()], default="kk", validate_choice=False)
    photo = FileField(_l("A photo"), [Optional()])
    file = FileField(_l("or a PDF"), [Optional()])
    url = StringField(_l("or a link"), [Optional()])
