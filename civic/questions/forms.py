"""Forms of rooms: asking, joining, what the moderator does, the body's answer."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional, ValidationError

from civic.core.codes import row_id
from civic.core.text import clean
from civic.questions.asking import Asked
from civic.questions.states import NameShown
from civic.questions.wording import NAME_WORDS
from civic.web.forms import Form
from civic.web.locale import language

_TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}\d{3}")


class ButtonForm(Form):
    """A form that is one button."""


class PressForm(FlaskForm):
    """A button in a list that many press at once: pressed twice it does the same once by itself, so it carries no key."""

    def sent(self) -> bool:
        """It was pressed on our page."""
        return bool(request.method == "POST" and self.validate())


class AskForm(Form):
    """A question. anyway: the asker has seen the similar ones, and what looks like personal data."""

    text = TextAreaField(_l("Your question"))
    to = SelectField(_l("To whom"), [Optional()], validate_choice=False)
    name_shown = RadioField(_l("What is shown of you"), choices=[(str(key), label) for key, label in NAME_WORDS.items()], default=str(NameShown.UNNAMED),
                            validate_choice=False)
    name = StringField(_l("Your name"), [Optional()])
    anyway = HiddenField()

    def offer(self, addressees: list[tuple[str, str]]) -> "AskForm":
        """Fill the list of addressees: ``body:7`` or ``speaker:Name``."""
        self.to.choices = [("", _l("Everybody who speaks")), *addressees]
        return self

    def asked(self) -> Asked:
        """What was typed. An addressee that is none is refused by the service."""
        kind, _, value = (self.to.data or "").partition(":")
        shown = self.name_shown.data if self.name_shown.data in set(NameShown) else NameShown.UNNAMED
        return Asked(self.text.data or "", NameShown(shown), self.name.data or "", body_id=(row_id(value) or 0) if kind == "body" else None,
                     speaker=value if kind == "speaker" else "", language=language())


def read_code(typed: str) -> str | None:
    """«aua 417» → «AUA417»; None when it cannot be a code."""
    code = re.sub(r"[\s\-–]", "", typed).upper().translate(str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX"))
    return code if _CODE.fullmatch(code) else None


class SecondField(StringField):
    """A place in the recording, «41:20» or «1:02:03»; ``data`` is what was typed, ``seconds`` what it means."""

    def seconds(self) -> int | None:
        """Seconds; None when nothing was typed; -1, which the service refuses, for what is no time."""
        typed = clean(self.data)
        if not typed:
            return None
        found = _TIME.fullmatch(typed)
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]) if found else -1


class RecordingForm(Form):
    """Where in the recording."""

    second = SecondField(_l("Place in the recording, such as 41:20"))


class MergeForm(Form):
    """Which question asks the same."""

    into = RadioField(_l("Which question asks the same?"), validate_choice=False)


class HandOverForm(Form):
    """Which body answers in writing."""

    body_id = RadioField(_l("Which body answers in writing?"), validate_choice=False)


class AnswerForm(Form):
    """The body's written answer."""

    text = TextAreaField(_l("The answer"))


class SettingsForm(Form):
    """When questions are taken, in the city's time, and whether the moderator sees them first."""

    opens = DateTimeLocalField(_l("Questions are taken from"), [Optional()], format="%Y-%m-%dT%H:%M")
    closes = DateTimeLocalField(_l("and until"), [Optional()], format="%Y-%m-%dT%H:%M")
    moderated = BooleanField(_l("The moderator sees each question first"))

    def moments(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """Both moments."""
        def aware(naive: datetime | None) -> datetime | None:
            return naive.replace(tzinfo=ZoneInfo(zone)) if naive else None

        return aware(self.opens.data), aware(self.closes.data)


class ModeratorForm(Form):
    """Who else looks after the room."""

    email = EmailField(_l("E-mail of a person with an account"), [InputRequired(_l("Write the address."))])


class PollForm(Form):
    """A poll; options one per line."""

    text = TextAreaField(_l("What is asked"))
    options = TextAreaField(_l("Choices, one per line"))
    several = BooleanField(_l("Several may be chosen"))

    def validate_text(self, field: Any) -> None:
        """Bounded before it is split."""
        if len(field.data or "") > 5_000:
            raise ValidationError(str(_l("The text is too long.")))
