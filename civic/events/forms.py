"""Forms of events: the reader's filter, registering, and the smaller ones of organisers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Email, InputRequired, Optional

from civic.bodies.forms import DIRECTION_WORDS
from civic.core.codes import row_id
from civic.core.text import LANGUAGES
from civic.events.formats import FORMATS
from civic.events.queries import Wanted
from civic.events.registration import Wish
from civic.events.service import RecommendationInput
from civic.events.states import Right
from civic.events.wording import (
    FORMAT_WORDS,
    RIGHT_WORDS,
    SERIES_WORDS,
)
from civic.web.forms import Form
from civic.web.speech import gettext

NOT_AN_ADDRESS = _l("This is not an e-mail address. Example: aigul@mail.kz")


def choices_of(words: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(getattr(key, "value", key)), label) for key, label in words.items()]


class FilterForm(PlainForm):
    """The filter of the public list, in the address: every view can be shared. What it does not know filters nothing."""

    direction = SelectField(_l("Direction"), validate_choice=False)
    format = SelectField(_l("Format"), validate_choice=False)
    when = SelectField(_l("When"), validate_choice=False)

    def offer(self) -> "FilterForm":
        """Fill the lists."""
        anything = ("", gettext("Any"))
        self.direction.choices = [anything, *choices_of(DIRECTION_WORDS)]
        self.format.choices = [anything, *choices_of(FORMAT_WORDS)]
        self.when.choices = [("", gettext("To come")), ("past", gettext("Past"))]
        return self

    def wanted(self) -> Wanted:
        """The filter."""
        return Wanted(self.direction.data if self.direction.data in DIRECTION_WORDS else None,
                      self.format.data if self.format.data in FORMATS else None, self.when.data == "past")

    def kept(self) -> dict[str, str]:
        """The part of the address that says this filter."""
        wanted = self.wanted()
        chosen = {"direction": wanted.direction, "format": wanted.format, "when": "past" if wanted.past else None}
        return {key: value for key, value in chosen.items() if value}


class RegistrationForm(Form):
    """Who comes. Somebody whose address is proven is not asked for it."""

    name = StringField(_l("Your name"))
    email = EmailField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail.")), Email(NOT_AN_ADDRESS)])
    needs = TextAreaField(_l("What would help you to take part?"), [Optional()])
    needs_consent = BooleanField(_l("Keep this until the event is over; only the organisers see it"))
    consent = BooleanField()

    def offer(self, *, known: bool, asks_consent: bool) -> "RegistrationForm":
        """Take out what this person or this event does not need."""
        if known:
            del self.email
        if not asks_consent:
            del self.consent
        return self

    def wish(self) -> Wish:
        """What was typed."""
        return Wish(self.name.data or "", self.needs.data or "", self.needs_consent.data, "consent" in self and self.consent.data)


class ButtonForm(Form):
    """A form that is one button."""


class NameAndWordsForm(Form):
    """A name and words about it, in three languages."""

    name_kk, name_ru, name_en = (StringField(label) for label in (_l("Name in Kazakh"), _l("Name in Russian"), _l("Name in English")))
    about_kk, about_ru, about_en = (
        TextAreaField(label, [Optional()]) for label in (_l("About it, in Kazakh"), _l("About it, in Russian"), _l("About it, in English")))

    def words(self, name: str) -> dict[str, str]:
        """``name`` or ``about`` in its languages."""
        return {code: self[f"{name}_{code}"].data or "" for code in LANGUAGES}


class OrganisationForm(NameAndWordsForm):
    """Who organises."""

    city = SelectField(_l("City"), coerce=lambda v: row_id(v) or 0, validate_choice=False)

    def offer(self, cities: list[tuple[int, str]]) -> "OrganisationForm":
        """Fill the list of cities."""
        self.city.choices = cities
        return self


class MemberForm(Form):
    """Gives an account a right."""

    email = EmailField(_l("E-mail"), [InputRequired(_l("Write your e-mail."))])
    right = RadioField(_l("What the person may do"), choices=choices_of(RIGHT_WORDS), coerce=Right, default=Right.ORGANISER)


class ReasonForm(Form):
    """A reason in words."""

    text = TextAreaField(_l("Why"))


class SeriesForm(Form):
    """How an event repeats."""

    rule = RadioField(_l("How often"), choices=choices_of(SERIES_WORDS), validate_choice=False)


class RecommendationForm(PlainForm):
    """One recommendation to one body."""

    body_id = SelectField(_l("To which body"), coerce=lambda v: row_id(v) or 0, validate_choice=False)
    text = TextAreaField(_l("Recommendation"))


class DocumentForm(Form):
    """The final document."""

    document_kk, document_ru, document_en = (
        TextAreaField(label) for label in (_l("Final document in Kazakh"), _l("Final document in Russian"), _l("Final document in English")))
    document_url = StringField(_l("Address of the signed copy"), [Optional()])
    recommendations = FieldList(FormField(RecommendationForm), min_entries=5)

    def offer(self, bodies: list[tuple[int, str]]) -> "DocumentForm":
        """Fill the lists of bodies."""
        for row in self.recommendations:
            row.form.body_id.choices = [("", gettext("Choose a body")), *bodies]
        return self

    def typed(self) -> list[RecommendationInput]:
        """Rows that have words."""
        return [RecommendationInput(r.form.body_id.data or None, r.form.text.data) for r in self.recommendations if (r.form.text.data or "").strip()]

    def document(self) -> dict[str, str]:
        """The text in its languages."""
        return {code: self[f"document_{code}"].data or "" for code in LANGUAGES}


class DoorForm(Form):
    """A ticket's number at the door."""

    number = StringField(_l("Number of the ticket"))
    device = HiddenField()
    client_key = HiddenField()


class AnswerForm(Form):
    """A body's answer to a recommendation."""

    text = TextAreaField(_l("Answer"))
