"""Forms of moderation."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FloatField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from civic.core.codes import row_id
from civic.core.text import pick
from civic.media.covering import Box
from civic.moderation.codex import CODEX, Reason
from civic.moderation.subjects import Thing
from civic.moderation.wording import part_label
from civic.web.forms import Form
from civic.web.locale import language
from civic.web.speech import gettext


def reasons() -> list[tuple[str, str]]:
    """The reasons of the codex, to choose from."""
    return [(reason.value, pick(article.title, language())) for reason, article in CODEX.items()]


def reason_hints() -> dict[str, str]:
    """What each of them means."""
    return {reason.value: pick(article.text, language()) for reason, article in CODEX.items()}


class FlagForm(Form):
    """Which part, and against which article."""

    part = RadioField(_l("What is it about?"), [InputRequired(_l("Choose which part you mean."))])
    reason = RadioField(_l("Which rule does it break?"), [InputRequired(_l("Choose the rule."))])
    words = TextAreaField(_l("A few words for the moderator"), [Optional()])

    def offer(self, thing: Thing, timezone: str) -> "FlagForm":
        """The parts that are shown now; a single one is chosen already."""
        self.part.choices = [(part.name, part_label(part, timezone)) for part in thing.parts if not part.hidden]
        self.reason.choices = [pair for pair in reasons() if pair[0] != Reason.COURT_ORDER]
        if len(self.part.choices) == 1 and not self.part.data:
            self.part.data = self.part.choices[0][0]
        return self


class VersionForm(Form):
    """A form that knows which version of the case its reader saw."""

    version = HiddenField()

    def seen(self) -> int | None:
        """The version; 0, which none has, for nonsense."""
        return row_id(self.version.data) or 0 if self.version.data else None


class HideForm(VersionForm):
    """What to hide, for which reason, with words for the public."""

    parts = SelectMultipleField(_l("What to hide"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    reason = SelectField(_l("Reason"), validate_choice=False)
    document = StringField(_l("Number of the court's document"), [Optional()])
    words = TextAreaField(_l("Public words beside the reason"), [Optional()])

    def offer(self, thing: Thing, timezone: str) -> "HideForm":
        """The parts that are shown now."""
        self.parts.choices = [(part.name, part_label(part, timezone)) for part in thing.parts if not part.hidden] + [("whole", gettext("The whole"))]
        self.reason.choices = [("", gettext("Choose the reason")), *reasons()]
        return self

    def chosen(self) -> Reason | None:
        """The reason, None when none of the codex was chosen."""
        return Reason(self.reason.data) if self.reason.data in set(Reason) else None


class LeaveForm(VersionForm):
    """Nothing against the codex."""

    words = TextAreaField(_l("A note for other moderators"), [Optional()])


class ResolveForm(VersionForm):
    """The second moderator's public word."""

    text = TextAreaField(_l("Why you decide so"))


class AppealForm(Form):
    """Why the author does not agree."""

    text = TextAreaField(_l("Why it should stand there again"))


class MendForm(Form):
    """What to take out of one's own words."""

    pieces = SelectMultipleField(_l("What to take out"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    other = StringField(_l("Something else, exactly as it stands in the text"), [Optional()])


class CoverForm(Form):
    """Rectangles on a photo: drawn, as «left,top,width,height;…», or one typed. All in per cent of the picture."""

    boxes = HiddenField()
    left = FloatField(_l("From the left, per cent"), [Optional()])
    top = FloatField(_l("From the top, per cent"), [Optional()])
    width = FloatField(_l("Width, per cent"), [Optional()])
    height = FloatField(_l("Height, per cent"), [Optional()])

    def chosen(self) -> list[Box]:
        """All rectangles; nonsense among the drawn ones is left out."""
        found = [box for text in (self.boxes.data or "").split(";")[:20] if (box := _box(text.split(",")))]
        typed: list[Any] = [self.left.data, self.top.data, self.width.data, self.height.data]
        if all(value is not None for value in typed):
            found.append((typed[0], typed[1], typed[2], typed[3]))
        return found


def _box(numbers: list[str]) -> Box | None:
    try:
        left, top, width, height = (float(n) for n in numbers)
    except ValueError:
        return None
    return left, top, width, height
