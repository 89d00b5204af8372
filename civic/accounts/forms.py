"""Forms of accounts: those of Flask-Security as the product uses them, and our own."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
)
from flask_security.utils import get_message, hash_password, validate_redirect_url
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from civic.core.errors import InputRefused
from civic.core.text import ADDRESS_IN_NAME, clean
from civic.limits.disposable import refuse_disposable
from civic.web.errors import message
from civic.web.forms import Form
from civic.web.locale import NAMES
from civic.web.once import new_key

NO_ADDRESS = re.compile(rf"(?!.*(?:{ADDRESS_IN_NAME.pattern}))", re.IGNORECASE)


def one_line(typed: str | None) -> str:
    """A name without line breaks and double blanks."""
    return " ".join(clean(typed).split())


def name_field() -> StringField:
    """How a person is called."""
    return StringField(_l("Your name"), filters=[one_line], validators=[
        DataRequired(_l("Write your name.")), Length(max=120, message=_l("The name is too long: up to 120 characters.")),
        Regexp(NO_ADDRESS, message=_l("Write only a name here, without addresses of pages."))])


class ActsOnce:
    """A form of Flask-Security that orders a letter: pressed twice, it orders one."""

    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.once.data = new_key()


class TellsMistypedAddress:
    """Flask-Security hides all errors of the address, so that nobody learns who has an account. A slip of the hand is no secret."""

    email: Any
    form_errors: list[str]

    def validate(self, **kwargs: Any) -> bool:
        good = bool(super().validate(**kwargs))  # type: ignore[misc]
        harmless = {get_message("EMAIL_NOT_PROVIDED")[0], get_message("INVALID_EMAIL_ADDRESS")[0]}
        self.form_errors += [e for e in map(str, self.email.errors) if e in harmless]
        return good


class Login(LoginForm):
    """Sign in. ``next`` leads within the site only: another address is forgotten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""
        if self.next.data and not validate_redirect_url(self.next.data):
            self.next.data = ""


class Register(ActsOnce, RegisterFormV2):
    """Sign up: a name, an address, a password."""

    name = name_field()

    def validate(self, **kwargs: Any) -> bool:
        """Beside all else the domain must not be a disposable one: said alike whether or not there is such an account."""
        from civic.extensions import db

        good = bool(super().validate(**kwargs))
        try:
            refuse_disposable(db.session(), self.email.data or "")
        except InputRefused as refused:
            self.existing_email_user = None  # or a known address would be led on, and so betrayed
            self.email.errors = [message(refused)]
            return False
        return good


class SendConfirmation(ActsOnce, TellsMistypedAddress, SendConfirmationForm):
    """Ask for the letter that confirms the address again."""


class ForgotPassword(ActsOnce, TellsMistypedAddress, ForgotPasswordForm):
    """Ask for the letter that leads to a new password. It serves unconfirmed accounts too: using it proves the address."""

    def validate(self, **kwargs: Any) -> bool:
        good = super().validate(**kwargs)
        if self.requires_confirmation and not self.form_errors:
            self.email.errors, self.requires_confirmation, good = [], False, True
        if good:
            hash_password("not-a-password")  # Flask-Security does so for unknown addresses, which then are told by their time
        return good


class ResetPassword(ResetPasswordForm):
    """A new password after a letter. It is typed once: who mistypes it asks for another letter."""

    password_confirm = None


class ChangePassword(ChangePasswordForm):
    """A new password instead of the known one."""

    new_password_confirm = None


class SettingsForm(Form):
    """How one is called, and written to."""

    name = name_field()
    locale = RadioField(_l("Language of letters"), choices=[(code, name) for code, (_, name) in NAMES.items()])
    delivery = RadioField(_l("Letters about complaints"), choices=[
        ("at_once", _l("At once, at each step")), ("daily", _l("Once a day, all together, at 8 in the morning"))])


class ButtonForm(Form):
    """A form that is one button."""
