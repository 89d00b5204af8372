"""Forms with which people come into a post and leave it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from civic.accounts.forms import name_field
from civic.core.codes import row_id
from civic.web.forms import Form


class InviteForm(Form):
    """Whom a head invites."""

    email = EmailField(_l("E-mail at work"), [InputRequired(_l("Write the e-mail address.")), Length(max=255)])
    title = StringField(_l("Position, as it is written"), [Optional(), Length(max=120)])


class LeaveForm(Form):
    """Who takes over what somebody leaves behind."""

    to_id = SelectField(_l("Who takes over the open work"), coerce=row_id)

    def offer(self, colleagues: list[tuple[int, str]]) -> "LeaveForm":
        """The colleagues to choose from; nobody means the whole body."""
        choices: list[tuple[Any, Any]] = [("", _l("Nobody by name: it goes back to the body")), *colleagues]
        self.to_id.choices = choices
        return self


class NewAccountForm(Form):
    """The account of somebody who comes by an invitation; the letter has proven the address."""

    name = name_field()
    password = PasswordField(_l("Password"), [DataRequired(_l("Choose a password."))])
