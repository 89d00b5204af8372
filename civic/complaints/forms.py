"""Forms of filing and of what the resident does afterwards."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, EmailField, FloatField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Optional

from civic.bodies.models import Body, Category
from civic.complaints.listing import SORTS, Wanted
from civic.complaints.states import AppealKind
from civic.complaints.wording import KIND_WORDS, STATE_WORDS
from civic.core.codes import row_id
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
    district_id = SelectField(_l("District"), coerce=lambda v: (row_id(v) or 0) if v else None)  # 0 is no choice

    def offer(self, districts: list[District]) -> "PlaceForm":
        """Fill the list of districts."""
        self.district_id.choices = [("", gettext("I do not know")), *((d.id, local_name(d.name)) for d in districts)]
        return self


class MatterForm(Form):
    """Step 3: what is wrong, and who says it."""

    category_id = SelectField(_l("What is it about?"), coerce=lambda v: row_id(v) or 0, validate_choice=False)
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
        """The version of the complaint that the page showed; 0, which none has, for nonsense, and None when nothing was sent."""
        return row_id(self.version.data) or 0 if self.version.data else None


class ListForm(Form):
    """The filter of the public list, in the address: every view can be shared."""

    class Meta:
        csrf = False

    state = SelectField(_l("State"), validate_choice=False)
    category = SelectField(_l("Category"), coerce=row_id, validate_choice=False)
    district = SelectField(_l("District"), coerce=row_id, validate_choice=False)
    body = SelectField(_l("Body"), coerce=row_id, validate_choice=False)
    photo = BooleanField(_l("With a photo"))
    supported = BooleanField(_l("Supported by others"))
    sort = SelectField(_l("Order"), choices=[("newest", _l("Newest first")), ("supported", _l("Most supported first")),
                                             ("overdue", _l("Longest overdue first"))], validate_choice=False)

    def offer(self, tree: list[tuple[Category, list[Category]]], districts: list[District], bodies: list[Body]) -> "ListForm":
        """Fill the lists."""
        any_one = ("", gettext("Any"))
        self.state.choices = [any_one, ("open", gettext("Waits for an answer")), ("overdue", gettext("Overdue")),
                              *((s.value, str(w)) for s, w in STATE_WORDS.items())]
        groups = {local_name(r.name): [(c.id, local_name(c.name)) for c in (r, *leaves)] for r, leaves in tree}
        self.category.choices = {gettext("All"): [any_one], **groups}
        self.district.choices = [any_one, *((d.id, local_name(d.name)) for d in districts)]
        self.body.choices = [any_one, *((b.id, local_name(b.name)) for b in bodies)]
        return self

    def wanted(self) -> Wanted:
        """The filter; what it does not know filters nothing."""
        known = {value for value, _ in self.state.choices if value}
        return Wanted(
            self.state.data if self.state.data in known else None, self.category.data, self.district.data, self.body.data,
            self.photo.data, self.supported.data, self.sort.data if self.sort.data in SORTS else "newest",
        )

    def kept(self) -> dict[str, Any]:
        """The part of the address that says this filter."""
        wanted = self.wanted()
        chosen = {"state": wanted.state, "category": wanted.category_id, "district": wanted.district_id, "body": wanted.body_id,
                  "photo": "y" if wanted.photo else None, "supported": "y" if wanted.supported else None,
                  "sort": wanted.sort if wanted.sort != "newest" else None}
        return {key: value for key, value in chosen.items() if value}

    def words(self) -> str:
        """The filter said in words: «Overdue · Street lighting · Turan district»."""
        said = []
        for f in (self.state, self.category, self.district, self.body):
            said += [label for value, label in _flat(f.choices) if value and value == f.data]
        said += [str(f.label.text) for f in (self.photo, self.supported) if f.data]
        order = dict(self.sort.choices).get(self.wanted().sort, "")
        return " · ".join([*said, str(order)])


def _flat(choices: Any) -> list[tuple[Any, str]]:
    return [pair for group in choices.values() for pair in group] if isinstance(choices, dict) else list(choices)
