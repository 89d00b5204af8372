"""Forms of promises: recording, amending, steps with evidence, the filter of the list."""

import re
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from civic.bodies.directory import Known
from civic.bodies.models import Body
from civic.core.codes import row_id
from civic.events.event_form import Day
from civic.moderation.sign_words import personal_pieces
from civic.promises.queries import GROUPS, Wanted
from civic.promises.recording import PromiseInput
from civic.promises.service import Evidence
from civic.promises.states import State
from civic.promises.wording import KEPT_IN_TIME, KEPT_LATE, STATE_WORDS
from civic.questions.forms import SecondField
from civic.web.forms import Form
from civic.web.locale import local_name
from civic.web.speech import gettext

#: What the list offers, in its order.
FILTER_WORDS: dict[str, Any] = {
    "open": _l("Open"), "overdue": _l("Late"), "kept_in_time": KEPT_IN_TIME, "kept_late": KEPT_LATE,
    **{state.value: STATE_WORDS[state] for state in (State.BROKEN, State.TAKEN_BACK, State.CLAIMED, State.CONTESTED, State.RECORDED, State.DISPUTED, State.IN_ERROR)},
}


def warned_of(form: Any, *texts: str | None) -> list[tuple[str, str]]:
    """What looks like personal data in the public words of a form that was sent: nothing once the reader has seen it. The form then
    carries that it was seen."""
    seen = bool(form.anyway.data)
    found = personal_pieces(*texts) if request.method == "POST" and not seen else []
    form.anyway.data = "1" if found or seen else ""
    return found


class RecordForm(Form):
    """What was promised, by whom, by when. anyway: what looks like personal data was seen."""

    anyway = HiddenField()
    body_id = SelectField(_l("Who promised: the body"), coerce=lambda v: row_id(v) or 0, validate_choice=False)
    post = StringField(_l("Who spoke: the post"))
    name = StringField(_l("Name, as it was said at the discussion"), [Optional()])
    words = TextAreaField(_l("What was promised"))
    due_on = Day(_l("By which day"), [Optional()])
    second = SecondField(_l("Where in the recording"), [Optional()])
    complaints = TextAreaField(_l("Complaints it is about"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due_on.flags.required = True

    def offer(self, bodies: list[Body]) -> "RecordForm":
        """Fill the list of bodies."""
        self.body_id.choices = [("", gettext("Choose the body")), *((b.id, local_name(b.name)) for b in bodies)]
        return self

    def typed(self, source: tuple[str, str] | None = None) -> PromiseInput:
        """What was typed."""
        numbers = [word for word in re.split(r"[,;\n]+", self.complaints.data or "") if word.strip()]
        return PromiseInput(self.body_id.data or None, self.words.data or "", self.due_on.data, self.post.data or "", self.name.data or "",
                            self.second.seconds(), numbers, source)


class StepForm(Form):
    """A step with words and evidence. version: of the promise that the page showed. anyway: what looks like personal data was seen."""

    version = HiddenField()
    anyway = HiddenField()
    text = TextAreaField(_l("Your words"))
    links = TextAreaField(_l("Links, one in a line"), [Optional()])
    photos = MultipleFileField(_l("Photos"), [Optional()])

    def seen(self) -> int | None:
        """The version that was shown; 0, which none has, for nonsense, and None when nothing was sent."""
        return row_id(self.version.data) or 0 if self.version.data else None

    def evidence(self, photo_ids: list[str]) -> Evidence:
        """What comes with the step."""
        return Evidence(self.text.data or "", self.links.data or "" if self.links else "", photo_ids)


class AmendForm(StepForm):
    """Other words or another day."""

    words = TextAreaField(_l("What was promised"))
    due_on = Day(_l("By which day"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due_on.flags.required = True


class ListFilter:
    """The filter of the list, as the address says it; nonsense filters nothing."""

    def __init__(self, arguments: Any, bodies: list[Known]) -> None:
        state, body, event = arguments.get("state", ""), row_id(arguments.get("body", "")), arguments.get("event", "")
        self.state = state if state in GROUPS or state in set(State) else ""
        self.body = body if body in {b.id for b in bodies} else None
        self.event = event.lower() if event.isascii() and event.isalnum() and len(event) <= 12 else ""
        self.states = [(value, str(words)) for value, words in FILTER_WORDS.items()]
        self.bodies = [(b.id, local_name(b.name)) for b in bodies]

    def wanted(self) -> Wanted:
        """What is looked for."""
        return Wanted(self.state or None, self.body, self.event or None)

    def kept(self) -> dict[str, Any]:
        """The same as parameters of an address."""
        return {name: value for name, value in (("state", self.state), ("body", self.body), ("event", self.event)) if value}
