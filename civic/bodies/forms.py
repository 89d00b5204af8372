"""Forms of administration. A form of a row gives its columns with ``values()``; codes are chosen once, when a row is made."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import NumberInput

from civic.accounts.invited import domains_of
from civic.bodies import reference
from civic.bodies.service import DIRECTIONS
from civic.complaints.wording import KIND_WORDS
from civic.core.actor import RoleName
from civic.core.codes import row_id
from civic.core.errors import InputRefused
from civic.core.text import LANGUAGES, clean, pick
from civic.places.history import version
from civic.places.models import City
from civic.web.errors import message
from civic.web.forms import Form
from civic.web.locale import language, local_name

DIRECTION_WORDS = dict(zip(DIRECTIONS, (
    _l("City improvement"), _l("Safety"), _l("Education"), _l("State and citizen"), _l("Charity"), _l("Culture"), _l("Tourism")),
    strict=True))
ROLE_WORDS = {
    RoleName.OFFICIAL: _l("official"), RoleName.HEAD: _l("head of the body"), RoleName.MODERATOR: _l("moderator of the city"),
    RoleName.ADMINISTRATOR: _l("administrator"),
}
NEEDED = _l("Fill this in.")
NUMBER = _l("Write a number.")


class Decimal(FloatField):
    """A number that may be written with a comma."""

    widget = NumberInput(step="any")

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.replace(",", ".") for value in valuelist])
        except ValueError as error:
            raise ValueError(str(NUMBER)) from error


class Whole(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(NUMBER)) from error


class Clock(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_l("Write a time, such as 18:30."))) from error


class Day(DateField):
    """A day of the calendar."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_l("Choose a day."))) from error


def choices(rows: Iterable[Any], nothing: Any = None, *, mark: Any = None) -> list[tuple[Any, Any]]:
    """Rows to choose from by their names, retired ones left out unless chosen now (``mark``)."""
    offered = [(row.id, local_name(row.name)) for row in rows if row.active or row.id == mark]
    return ([("", nothing)] if nothing is not None else []) + offered


class Domains(TextAreaField):
    """Ends of e-mail addresses, one on a line. data: the list; what was typed, when it is refused."""

    data: list[str] | str | None

    def _value(self) -> str:
        return "\n".join(self.data) if isinstance(self.data, list) else str(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data = domains_of(valuelist[0]) if valuelist else []
        except InputRefused as error:
            self.data = valuelist[0]
            raise ValueError(message(error)) from error


class RowForm(Form):
    """What every kind of row has: a name in three languages, and whether it is in use."""

    seen = HiddenField()
    code = StringField(_l("Code"), [InputRequired(NEEDED), Length(max=64)],
                       description=_l("Small Latin letters, digits and hyphens. It cannot be changed later."))
    name_kk = StringField(_l("Name in Kazakh"), [InputRequired(NEEDED), Length(max=200)])
    name_ru = StringField(_l("Name in Russian"), [InputRequired(NEEDED), Length(max=200)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=200)])
    active = BooleanField(_l("In use"), default=True, description=_l("What is out of use stays in the history, but nobody can choose it."))

    def __init__(self, row: Any = None) -> None:
        """row: the row to change, None for a new one."""
        super().__init__(obj=row, data={f"name_{code}": row.name.get(code, "") for code in LANGUAGES} if row else None)
        self.row = row
        if row is None:
            del self.active
        else:
            for name in ("code", "prefix"):
                if name in self:
                    delattr(self, name)
            self.seen.data = self.seen.data if self.is_submitted() else version(row)

    def offer(self, session: Session, city: City | None) -> None:
        """Fill the lists to choose from."""

    def values(self) -> dict[str, Any]:
        """Columns of the row as sent."""
        sent = {f.name: f.data for f in self if f.name not in ("seen", "once", "csrf_token") and not f.name.startswith("name_")}
        for name, value in sent.items():
            if isinstance(value, str):
                sent[name] = clean(value) or None
        return sent | {"name": {code: clean(self[f"name_{code}"].data) for code in LANGUAGES if clean(self[f"name_{code}"].data)}}

    def renew(self) -> None:
        """After a refusal: what is sent next has seen the row as it is now."""
        if self.row is not None:
            self.seen.data = version(self.row)


KATO = [Optional(), Regexp(r"[0-9]{9}\Z", message=_l("A KATO code has nine digits."))]


class CityForm(RowForm):
    """A city."""

    prefix = StringField(_l("Beginning of numbers"), [InputRequired(NEEDED), Length(max=3)],
                         description=_l("Three Latin capitals, such as SHY. It cannot be changed later."))
    kato = StringField(_l("KATO"), KATO)
    lat = Decimal(_l("Latitude of the centre, degrees"), [InputRequired(NEEDED), NumberRange(-90, 90, NUMBER)])
    lon = Decimal(_l("Longitude of the centre, degrees"), [InputRequired(NEEDED), NumberRange(-180, 180, NUMBER)])
    radius_km = Decimal(_l("Radius, km"), [InputRequired(NEEDED), NumberRange(1, 200, _l("From 1 to 200 km."))], default=15,
                        description=_l("Pins within it are taken as inside the city."))
    timezone = StringField(_l("Time zone"), [InputRequired(NEEDED)], default="Asia/Almaty")
    workday_ends = Clock(_l("The working day ends at"), [Optional()],
                         description=_l("What arrives later counts for the next working day. 18:30 unless you write another time."))
    default_body_id = SelectField(_l("Answers where nobody else does"), coerce=row_id)

    def offer(self, session: Session, city: City | None) -> None:
        if self.row is None:
            del self.default_body_id
        else:
            self.default_body_id.choices = choices(reference.all_bodies(session, self.row), mark=self.row.default_body_id)

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values if values["workday_ends"] else {k: v for k, v in values.items() if k != "workday_ends"}


class DistrictForm(RowForm):
    """A district of a city."""

    kato = StringField(_l("KATO"), KATO)


class BodyForm(RowForm):
    """A body of a city."""

    district_id = SelectField(_l("Akim’s office of the district"), coerce=row_id)
    parent_id = SelectField(_l("Body above"), coerce=row_id, description=_l("A second dispute goes there."))
    domains = Domains(_l("Domains of its e-mail addresses"), [Optional()],
                      description=_l("Such as shymkent.gov.kz, one on a line. Only such addresses can be invited; empty means any."))

    def offer(self, session: Session, city: City | None) -> None:
        assert city is not None
        others = [b for b in reference.all_bodies(session, city) if self.row is None or b.id != self.row.id]
        self.district_id.choices = choices(reference.all_districts(session, city), _l("of no district"), mark=self.district_id.data)
        self.parent_id.choices = choices(others, _l("the one that the city falls back on"), mark=self.parent_id.data)


class CategoryForm(RowForm):
    """A category."""

    code = StringField(_l("Code"), [InputRequired(NEEDED), Length(max=64)],
                       description=_l("Such as roads.pothole. It cannot be changed later."))
    parent_id = SelectField(_l("Upper category"), coerce=row_id)
    direction = SelectField(_l("Direction"), choices=list(DIRECTION_WORDS.items()))
    appeal_kind = SelectField(_l("Kind of appeal unless the resident chooses another"), choices=list(KIND_WORDS.items()))
    emergency_phone = StringField(_l("Emergency number"), [Optional(), Regexp(r"[0-9]{3,5}\Z", message=_l("Three to five digits."))],
                                  description=_l("Shown to whoever chooses this category."))
    duplicate_radius_m = Whole(_l("Duplicates within, metres"), [InputRequired(NEEDED), NumberRange(0, 5000, _l("From 0 to 5000 m."))],
                               default=0, description=_l("An open complaint nearer than this is shown as maybe the same; 0 for never."))
    danger = BooleanField(_l("Danger or crime"), description=_l("Such reports may never be returned."))
    wants_after_photo = BooleanField(_l("The answer «solved» needs a photo of the result"))
    position = Whole(_l("Place in the list"), [InputRequired(NEEDED), NumberRange(0, 10_000, NUMBER)], default=0)

    def offer(self, session: Session, city: City | None) -> None:
        roots = [c for c in reference.all_categories(session) if c.parent_id is None and (self.row is None or c.id != self.row.id)]
        self.parent_id.choices = choices(roots, _l("none: this is an upper one"), mark=self.parent_id.data)


class DayForm(Form):
    """A day declared worked or off."""

    day = Day(_l("Day"), [InputRequired(_l("Choose a day."))])
    working = RadioField(_l("That day public bodies"), [InputRequired(_l("Choose."))],
                         choices=[("off", _l("do not work")), ("working", _l("work"))], default="off")
    reason = StringField(_l("Decree"), [InputRequired(NEEDED), Length(max=300)])


class ButtonForm(Form):
    """A form that is one button."""


class PostForm(Form):
    """A post to give."""

    email = StringField(_l("E-mail at work"), [InputRequired(NEEDED), Length(max=255)])
    role = RadioField(_l("Post"), [InputRequired(_l("Choose."))], choices=[(r.value, w) for r, w in ROLE_WORDS.items()])
    body_id = SelectField(_l("Body, for an official or a head"), coerce=row_id)
    title = StringField(_l("Position, as it is written"), [Optional(), Length(max=120)])

    def offer(self, session: Session, city: City) -> None:
        """The bodies of the city."""
        self.body_id.choices = choices(reference.all_bodies(session, city), _l("no body"))


class WhoForm(Form):
    """A question: who answers here? Sent with GET."""

    class Meta:
        csrf = False

    category = SelectField(_l("Category"), coerce=row_id)
    district = SelectField(_l("District"), coerce=row_id)


def category_choices(rows: Iterable[Any]) -> list[tuple[int, str]]:
    """Categories to choose from, the lower ones set in."""
    return [(c.id, ("– " if c.parent_id else "") + pick(c.name, language())) for c in rows if c.active]


class AssignForm(Form):
    """Who answers for one category. ``assign_form`` adds a list of bodies for the city (``body_0``) and for each district."""

    seen = HiddenField()
    present: str

    def wanted(self) -> dict[int | None, int]:
        """Bodies by district as sent, None for the whole city."""
        sent = {int(f.name.removeprefix("body_")): f.data for f in self if f.name.startswith("body_")}
        return {district or None: body for district, body in sent.items() if body}


def assign_form(session: Session, city: City, line: reference.Line) -> AssignForm:
    """The form for a category's line. ``present`` tells the rows as they are, to compare with what the sender saw."""
    bodies = reference.all_bodies(session, city)
    ids: dict[int | None, int] = {district: body.id for district, body in line.by_district.items()}
    if line.everywhere:
        ids[None] = line.everywhere.id
    nothing = _l("as for the upper category") if line.category.parent_id else _l("nobody named")

    class Lists(AssignForm):
        body_0 = SelectField(_l("In the whole city"), coerce=row_id, choices=choices(bodies, nothing, mark=ids.get(None)),
                             default=ids.get(None))

    for district in reference.all_districts(session, city):
        if district.active or district.id in ids:
            present = ids.get(district.id)
            setattr(Lists, f"body_{district.id}", SelectField(local_name(district.name), coerce=row_id, default=present,
                                                              choices=choices(bodies, _l("as in the whole city"), mark=present)))
    form = Lists()
    form.present = ",".join(f"{district or 0}:{body}" for district, body in sorted(ids.items(), key=lambda item: item[0] or 0))
    form.seen.data = form.seen.data if form.is_submitted() else form.present
    return form
