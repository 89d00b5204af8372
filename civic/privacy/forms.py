"""Forms of one's own data."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField
from wtforms.validators import DataRequired, Email, InputRequired

from civic.web.forms import Form


class EraseForm(Form):
    """The last question before everything goes."""

    confirm = BooleanField(_l("I understand that this cannot be undone"), [DataRequired(_l("Tick this if you want everything to be deleted."))])


class AddressForm(Form):
    """Where to send the link."""

    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail.")), Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])
