"""Forms of invitations: inviting, answering, recording, requests to strike a speaker."""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Optional

from civic.bodies.models import Body
from civic.core.codes import row_id
from civic.web.forms import Form
from civic.web.locale import local_name

ADDRESS = Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))
DAY = _l("Write the date as day, month and year.")


def address_if_any(form: Form, field: EmailField) -> None:
    """An e-mail address, or nothing: whether it is needed depends on the other fields, so it is not called optional."""
    if field.data:
        ADDRESS(form, field)


class DayField(DateField):
    """A date; what is none is refused in words."""

    def process_formdata(self, valuelist: Any) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(DAY)) from None


class ButtonForm(Form):
    """A form that is one button."""


class VersionForm(Form):
    """What a step is about. version: of the invitation that the page showed."""

    version = HiddenField()

    def seen(self) -> int | None:
        """The version that was shown; 0, which none has, for nonsense, and None when nothing was sent."""
        return row_id(self.version.data) or 0 if self.version.data else None


class WordsForm(VersionForm):
    """A step with words."""

    text = TextAreaField(_l("Your words"))


class DateWishForm(WordsForm):
    """Another date, please."""

    wished = DayField(_l("Which day would suit"), [Optional()])


class DelegateForm(WordsForm):
    """Who comes instead. colleague: an official of the body, offered to its head."""

    colleague = SelectField(_l("Colleague with an account"), coerce=row_id, validate_choice=False)
    name = StringField(_l("Name of the delegate"))
    post = StringField(_l("Post of the delegate"), [InputRequired(_l("Write the post of the delegate: it is shown in public."))])
    email = EmailField(_l("E-mail of the delegate"), [address_if_any])

    def offer(self, colleagues: list[tuple[int, str]]) -> "DelegateForm":
        """Fill the list of colleagues; without any the field goes."""
        if colleagues:
            self.colleague.choices = [("", gettext("Somebody else, named below")), *colleagues]
        else:
            del self.colleague
        return self


class InviteForm(Form):
    """A body, or a named official of it."""

    body_id = SelectField(_l("Body"), coerce=lambda v: row_id(v) or 0, validate_choice=False)
    name = StringField(_l("Name of the official"), [Optional()])
    post = StringField(_l("Post of the official"), [Optional()])
    email = EmailField(_l("E-mail for the letter"), [Optional(), ADDRESS])
    words = TextAreaField(_l("Your words in the letter"), [Optional()])

    def offer(self, bodies: list[Body]) -> "InviteForm":
        """Fill the list of bodies."""
        self.body_id.choices = [("", gettext("Choose the body")), *((b.id, local_name(b.name)) for b in bodies)]
        return self


class StrikeForm(Form):
    """Somebody asked to strike a speaker or guest from the list."""

    whom = StringField(_l("Who was to be struck from the list"))
    requested_by = StringField(_l("Who asked: post or name"))
    body_id = SelectField(_l("Body, if the request came from one"), coerce=row_id, validate_choice=False)
    requested_on = DayField(_l("When"), [InputRequired(DAY)])
    text = TextAreaField(_l("What was asked, in their words"))
    struck = BooleanField(_l("The speaker was struck from the list"))

    def offer(self, bodies: list[Body], today: date) -> "StrikeForm":
        """Fill the list of bodies, and today."""
        self.body_id.choices = [("", gettext("No body")), *((b.id, local_name(b.name)) for b in bodies)]
        self.requested_on.data = self.requested_on.data or today
        return self
