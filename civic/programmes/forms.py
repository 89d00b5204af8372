"""Forms of programmes."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Optional

from civic.core.codes import row_id
from civic.events.forms import NameAndWordsForm
from civic.programmes.service import MAX_NAME, MAX_PERSON
from civic.web.errors import MESSAGES
from civic.web.forms import Form
from civic.web.speech import gettext


class PartForm(NameAndWordsForm):
    """A direction, or a subproject of one."""

    parent = SelectField(_l("Part of"), coerce=lambda v: row_id(v) or 0, validate_choice=False)

    def offer(self, directions: list[tuple[int, str]]) -> "PartForm":
        """Fill the list."""
        self.parent.choices = [(0, gettext("A direction of its own")), *directions]
        return self


class EventForm(Form):
    """A discussion that comes into the part."""

    event = SelectField(_l("Discussion"))


class TopicForm(Form):
    """A category that the part is about."""

    category = SelectField(_l("Category of complaints"), coerce=lambda v: row_id(v) or 0, validate_choice=False)


class PersonForm(Form):
    """Somebody who works there."""

    name = StringField(_l("Name of the person"), render_kw={"maxlength": MAX_PERSON})
    role = StringField(_l("What the person does"), [Optional()], render_kw={"maxlength": MAX_NAME})


MESSAGES.update({
    "programme_name_missing": _l("Write the name in at least one language."),
    "part_of_another": _l("Choose a direction of this programme."),
    "too_many_parts": _l("No more than %(limit)s parts in one programme."),
    "part_not_empty": _l("Something still belongs to this part. Take it out first."),
    "person_name_missing": _l("Write the name."),
    "too_many_people": _l("No more than %(limit)s people in one programme."),
    "programme_hidden": _l("Moderators have hidden a part of this programme; it can be taken over when that is settled."),
    "copied_already": _l("This organisation has taken the programme over already."),
})
