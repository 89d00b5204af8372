"""Forms of a focus group."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField

from civic.focus.groups import AGE_BANDS
from civic.web.errors import MESSAGES
from civic.web.forms import Form
from civic.web.speech import gettext

BAND_WORDS = {band: band.replace("-", "–") for band in AGE_BANDS}


class JoinForm(Form):
    """What the transcript says of a person."""

    age_band = RadioField(_l("Your age"), choices=list(BAND_WORDS.items()), validate_choice=False)
    district = SelectField(_l("Where you live"), validate_choice=False)

    def offer(self, districts: list[tuple[int, str]]) -> "JoinForm":
        """Fill the list of districts."""
        self.district.choices = [("", gettext("Only the city")), *((str(i), name) for i, name in districts)]
        return self


class TranscriptForm(Form):
    """What was said, each line beginning with a pseudonym."""

    text = TextAreaField(_l("What was said"))


MESSAGES.update({
    "age_band_missing": _l("Choose your age band."),
    "transcript_before_end": _l("The discussion is not over yet: the transcript is published afterwards."),
    "transcript_empty": _l("Write down what was said, each line beginning with a pseudonym and a colon."),
    "transcript_too_long": _l("The transcript is longer than %(limit)s characters."),
    "speaker_unknown": _l("Line %(line)s begins with “%(words)s”. Nobody in the group has this pseudonym: they may have withdrawn, or there is a slip in it."),
})
