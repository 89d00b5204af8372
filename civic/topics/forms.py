"""Forms of the page on which an organiser chooses what an event carries."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import Optional

from civic.bodies.directory import Directory
from civic.complaints.listing import Wanted
from civic.core.codes import row_id
from civic.web.forms import Form
from civic.web.locale import local_name
from civic.web.speech import gettext

_STATES = {"open": _l("Open"), "overdue": _l("Overdue"), "": _l("All")}


def _choice(value: Any) -> int | str:
    return row_id(value) or "" if value else ""


class NumbersForm(Form):
    """Complaints by their numbers."""

    numbers = TextAreaField(_l("Numbers of complaints"))

    def typed(self) -> list[str]:
        """One number each."""
        return [word for word in re.split(r"[,;\n]+", self.numbers.data or "") if word.strip()]


class FilterForm(Form):
    """A filter of the list, whose complaints are taken up as they are now."""

    state = SelectField(_l("State"), choices=[(value, words) for value, words in _STATES.items()], validate_choice=False)
    category = SelectField(_l("Category"), [Optional()], coerce=_choice, validate_choice=False)
    district = SelectField(_l("District"), [Optional()], coerce=_choice, validate_choice=False)
    body = SelectField(_l("Body"), [Optional()], coerce=_choice, validate_choice=False)

    def offer(self, known: Directory, city_id: int) -> "FilterForm":
        """Fill the lists."""
        everything = ("", gettext("All"))
        self.category.choices = [everything, *((leaf.id, local_name(leaf.name)) for root, leaves in known.tree() for leaf in (root, *leaves))]
        self.district.choices = [everything, *((d.id, local_name(d.name)) for d in known.districts_of(city_id))]
        self.body.choices = [everything, *((b.id, local_name(b.name)) for b in known.bodies.values() if b.city_id == city_id and b.active)]
        return self

    def wanted(self) -> Wanted:
        """What is looked for; what is not offered filters nothing."""
        return Wanted(self.state.data if self.state.data in ("open", "overdue") else None, self.category.data or None, self.district.data or None,
                      self.body.data or None)

    @property
    def whole_city(self) -> bool:
        """Nothing was chosen that makes it smaller than all of a city."""
        return not (self.category.data or self.district.data or self.body.data)


class PutDownForm(Form):
    """One complaint to be carried no more."""

    complaint = HiddenField()
