"""Forms of the desk: one per step, a filter, several at once, templates."""

import re
from collections.abc import Mapping
from typing import Any

import wtforms
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from civic.complaints.queries import InboxFilter
from civic.complaints.states import Outcome, ReturnGround, State
from civic.complaints.wording import GROUND_WORDS, OUTCOME_WORDS, STATE_WORDS
from civic.core.codes import read_number, row_id
from civic.core.text import fold
from civic.web.forms import Form

CHOOSE_BODY = _l("Choose another body of this city.")
CHOOSE_DAY = _l("Choose a day.")
Choices = list[tuple[Any, str]]


def name_apart(form: Form, prefix: str) -> None:
    """Give the fields ids of their own, since several forms stand on one page; their names stay."""
    for field in form:
        field.id = field.label.field_id = f"{prefix}-{field.name}"


class StepForm(Form):
    """A form of one step. version: of the complaint the official saw; seen: the last event of the path they saw.

    Several of these stand on one page, so the ids of their fields carry the step's name.
    """

    version = HiddenField()
    seen = HiddenField()

    def __init__(self, step: str, *, sent: bool, **values: Any) -> None:
        self.step = step
        super().__init__(*(() if sent else (None,)), **values)
        name_apart(self, step)

    def seen_version(self) -> int:
        """The version the page showed; 0, which no complaint has, for a request made by hand without one."""
        return row_id(self.version.data) or 0


class AcceptForm(StepForm):
    """Into work."""

    text = TextAreaField(_l("A word to the resident (if you wish)"))


class AnswerForm(StepForm):
    """The answer."""

    text = TextAreaField(_l("Answer"))
    outcome = RadioField(_l("What the answer says"), [InputRequired(_l("Choose what the answer says."))],
                         choices=[(o.value, w) for o, w in OUTCOME_WORDS.items()])
    photos = MultipleFileField(_l("Photos of the result"))

    def chosen(self) -> Outcome:
        """What the answer says."""
        return Outcome(self.outcome.data)


class ForwardForm(StepForm):
    """To the competent body."""

    body_id = SelectField(_l("To which body"), [InputRequired(CHOOSE_BODY)], coerce=row_id, validate_choice=False)
    text = TextAreaField(_l("Why it is theirs"))


class ExtendForm(StepForm):
    """A later due date."""

    until = DateField(_l("New due date"), [InputRequired(CHOOSE_DAY)])
    text = TextAreaField(_l("Why more time is needed"))


class HearingForm(StepForm):
    """A hearing."""

    on = DateField(_l("Day of the hearing"), [InputRequired(CHOOSE_DAY)])
    text = TextAreaField(_l("Preliminary decision"))


class ReturnForm(StepForm):
    """Back to the applicant."""

    ground = RadioField(_l("Ground of the law"), [InputRequired(_l("Choose a ground of the law."))],
                        choices=[(g.value, w) for g, w in GROUND_WORDS.items()])
    text = TextAreaField(_l("Reasons, in words the resident understands"))

    def chosen(self) -> ReturnGround:
        """The ground."""
        return ReturnGround(self.ground.data)


class DuplicateForm(StepForm):
    """The same matter as another one."""

    number = StringField(_l("Number of the other complaint"))
    text = TextAreaField(_l("A word to the resident (if you wish)"))


class ReopenForm(StepForm):
    """The resident is right."""

    text = TextAreaField(_l("What will be done now"))


class AssignForm(StepForm):
    """To a colleague."""

    user_id = SelectField(_l("Who does it"), coerce=row_id, validate_choice=False)


class NoteForm(StepForm):
    """Inside the body."""

    text = TextAreaField(_l("Internal note"))


class BulkForm(Form):
    """Several at once. rows: ``NUMBER:version`` of each chosen row."""

    rows = SelectMultipleField(validate_choice=False)
    do = StringField()  # the pressed button
    user_id = SelectField(_l("Who does it"), coerce=row_id, validate_choice=False)
    body_id = SelectField(_l("To which body"), coerce=row_id, validate_choice=False)
    text = TextAreaField(_l("Why it is theirs"))

    def chosen(self) -> list[tuple[str, int]]:
        """(number, version seen) of each chosen row."""
        pairs = [row.partition(":") for row in self.rows.data or ()]
        return [(number, row_id(version) or 0) for number, _, version in pairs]

    def is_whole(self) -> bool:
        """Says beside the field what a forwarding lacks; the same would be refused for each complaint."""
        if self.do.data != "forward":
            return True
        if not self.body_id.data:
            self.body_id.errors = [CHOOSE_BODY]
        if not (self.text.data or "").strip():
            self.text.errors = [_l("Say why, in a few words.")]
        return not (self.body_id.errors or self.text.errors)


class FilterForm(wtforms.Form):
    """What to show of the inbox; sent by GET, so that its address can be kept and shared."""

    q = SearchField(_l("Number or words"))
    state = SelectField(_l("State"), validate_choice=False)
    category = SelectField(_l("Category"), coerce=row_id, validate_choice=False)
    district = SelectField(_l("District"), coerce=row_id, validate_choice=False)
    who = SelectField(_l("Who"), validate_choice=False, default="",
                      choices=[("", _l("Everybody")), ("mine", _l("Mine")), ("nobody", _l("Nobody's yet"))])
    closed = BooleanField(_l("Answered and closed ones"))

    def __init__(self, args: Any) -> None:
        super().__init__(args)
        self.state.choices = [("", _l("Any")), *((s.value, STATE_WORDS[s]) for s in State)]

    def wanted(self) -> InboxFilter:
        """As the query takes it. What nobody could have chosen counts as not chosen."""
        typed = (self.q.data or "").strip()
        state = self.state.data if self.state.data in tuple(State) else None
        words = "" if not typed else wrong_number(typed) or fold(typed)
        return InboxFilter(State(state) if state else None, self.category.data, self.district.data, self.who.data or "",
                           words, read_number(typed), bool(self.closed.data))

    def has_slip(self) -> bool:
        """What was typed looks like a number, but its check symbol says that one symbol is wrong."""
        return wrong_number((self.q.data or "").strip()) is not None


_LETTER = "A-ZАВСЕНКМРТХУО"
_LIKE_NUMBER = re.compile(rf"[{_LETTER}]{{3}}[\d{_LETTER}]{{7}}")


def wrong_number(typed: str) -> str | None:
    """For a number with a slip: its part before the check symbol, folded, to look for. None for anything else.

    Ten letters in a row may be a word; a digit or a dash among them makes it a number.
    """
    compact = re.sub(r"[\W_]", "", typed).upper()
    like = _LIKE_NUMBER.fullmatch(compact) and re.search(r"\d|\w[-–]\w", typed)
    return fold(compact[:9]) if like and read_number(typed) is None else None


class TemplateForm(Form):
    """A ready answer in both languages."""

    body_id = SelectField(_l("Body"), coerce=row_id, validate_choice=False)
    title_kk = StringField(_l("Name in Kazakh"))
    text_kk = TextAreaField(_l("Text in Kazakh"))
    title_ru = StringField(_l("Name in Russian"))
    text_ru = TextAreaField(_l("Text in Russian"))

    def texts(self, kind: str) -> dict[str, str]:
        """``title`` or ``text`` by language."""
        return {language: self[f"{kind}_{language}"].data or "" for language in ("kk", "ru")}


class ButtonForm(Form):
    """A form that is one button, on a page with another form."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        name_apart(self, "button")


STEP_FORMS: Mapping[str, type[StepForm]] = {
    "accept": AcceptForm, "answer": AnswerForm, "forward": ForwardForm, "extend": ExtendForm, "hold_hearing": HearingForm,
    "return": ReturnForm, "mark_duplicate": DuplicateForm, "reopen": ReopenForm, "assign": AssignForm, "note": NoteForm,
}
