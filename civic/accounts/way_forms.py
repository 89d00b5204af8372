"""Forms of the ways in: second step, codes, passkeys, links by mail, proofs."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from civic.accounts.passkeys import MAX_NAME
from civic.web.forms import Form


def _is_address(_form: Any, field: Any) -> None:
    """The same check as at sign-up, which lets the addresses of the demonstration through."""
    try:
        validate_email(field.data, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(_l("This does not look like an address: name@example.kz.")) from error


class CodeForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField(_l("Code"), validators=[DataRequired(_l("Write the code.")), Length(max=40, message=_l("This is not a code."))])


class PasskeyForm(Form):
    """What a browser answers to a challenge; filled in by a script, since only a script can ask for a passkey."""

    challenge = HiddenField(validators=[Length(max=1000)])
    credential = HiddenField(validators=[Length(max=20_000)])


class PasskeySignInForm(PasskeyForm):
    """Sign in by a passkey alone."""

    next = HiddenField(validators=[Length(max=2000)])


class NewPasskeyForm(PasskeyForm):
    """A new passkey and what its owner calls it."""

    name = StringField(_l("Name of the passkey"), validators=[
        DataRequired(_l("Write a name by which you know it.")), Length(max=MAX_NAME, message=_l("The name is too long."))])


class NameForm(Form):
    """Another name for a passkey."""

    name = NewPasskeyForm.name


class AskLinkForm(Form):
    """Where the letter with the link goes."""

    email = EmailField(_l("Email"), validators=[
        DataRequired(_l("Write the address.")), Length(max=255, message=_l("This does not look like an address: name@example.kz.")),
        _is_address])
    next = HiddenField(validators=[Length(max=2000)])


class LinkForm(Form):
    """The button of the page that a link opens."""

    remember = BooleanField(_l("Stay signed in"), default=True)


class PasswordProofForm(Form):
    """The password again."""

    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Write the password.")), Length(max=1000)])
