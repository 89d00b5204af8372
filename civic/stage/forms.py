"""Forms of an evening of talks."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import EmailField, RadioField, StringField
from wtforms.validators import Email, Optional

from civic.events.forms import NOT_AN_ADDRESS
from civic.stage.service import MAX_NAME, MAX_TITLE
from civic.web.forms import Form
from civic.web.locale import NAMES


class TalkForm(Form):
    """A talk put on the evening's list by an organiser."""

    presenter = StringField(_l("Who presents"), render_kw={"maxlength": MAX_NAME})
    title = StringField(_l("What about"), render_kw={"maxlength": MAX_TITLE})
    language = RadioField(_l("Language of the talk"), choices=[(code, names[1]) for code, names in NAMES.items()], default="kk")
    email = EmailField(_l("Presenter's e-mail"), validators=[Optional(), Email(message=NOT_AN_ADDRESS)])


class SlidesForm(Form):
    """Pictures, or a PDF."""

    photos = MultipleFileField(_l("Pictures"))
    pdf = FileField(_l("PDF of 20 pages"))
