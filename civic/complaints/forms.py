"""Forms of filing and of what the resident does afterwards."""

from typing import Any

from flask_babel import gettext, lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, EmailField, FloatField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Optional

from civic.bodies.models import Category
from civic.complaints.states import AppealKind
from civic.complaints.wording import KIND_WORDS
from civic.places.models import District
from civic.web.forms import Form
from civic.web.locale import local_name


class PhotosForm(Form):
    """Step 1: photos, or none."""

    photos = MultipleFileField(_l("Photos"))


class PlaceForm(Form):
    """Step 2: a pin, or an address and a district."""

    lat = FloatField(_l("Latitude"), [Optional()])
    lon = FloatField(_l("Longitude"), [Optional()])
    address = StringField(_l("Address or landmark"))
    district_id = SelectField(_l("District"), coerce=lambda v: int(v) if v else None, validate_choice=True)

    def offer(self, districts: list[District]) -> "PlaceForm":
        """Fill the list of districts."""
        self.district_id.choices = [("", gettext("I do not know")), *((d.id, local_name(d.name)) for d in districts)]
        return self


class MatterForm(Form):
    """Step 3: what is wrong, and who says it."""

    category_id = SelectField(_l("What is it about?"), coerce=lambda v: int(v) if str(v).isdigit() else 0, validate_choice=False)
    text = TextAreaField(_l("What is wrong?"))
    kind = RadioField(_l("Kind of appeal"), choices=[(k.value, w) for k, w in KIND_WORDS.items()], coerce=AppealKind,
                      default=AppealKind.NOTICE)
    name = StringField(_l("Your name"))
    show_name = BooleanField(_l("Show my name in public"))
    private = BooleanField(_l("Private: only the body sees it"))
    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail: the answer comes there.")),
                                           Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])

    def offer(self, tree: list[tuple[Category, list[Category]]], *, known: bool) -> "MatterForm":
        """Fill the list of categories; somebody whose address is proven is not asked for it."""
        self.tree = tree
        self.category_id.choices = {
            local_name(root.name): [(c.id, local_name(c.name)) for c in leaves or [root]] for root, leaves in tree
        }
        if known:
            del self.email
        return self


class ButtonForm(Form):
    """A form that is one button."""


class EmailForm(Form):
    """An address to write to."""

    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail.")),
                                           Email(_l("This is not an e-mail address. Example: aigul@mail.kz"))])


class WordsForm(Form):
    """Words of the resident, with photos where they help. version: what the resident saw."""

    text = TextAreaField(_l("Your words"))
    photos = MultipleFileField(_l("Photos"))
    version = HiddenField()

    def seen(self) -> int | None:
        """The version of the complaint that the page showed."""
        raw: Any = self.version.data
        return int(raw) if str(raw).isdigit() else None


class NumberForm(Form):
    """Find a complaint by its number."""

    class Meta:
        csrf = False

    number = StringField(_l("Number of the complaint"))
