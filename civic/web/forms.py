"""The base of all forms: CSRF, and a key that makes two pressings one."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from civic.core.text import without_controls
from civic.web.once import new_key


class Form(FlaskForm):
    """A form that acts once. After an error it is drawn again with a new key."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, without control characters."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            return MultiDict((name, without_controls(value) if isinstance(value, str) else value)
                             for name, value in sent.items(multi=True))

    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.once.data = new_key()

    def sent(self) -> bool:
        """The form was sent, with a good CSRF token and fields that hold."""
        return bool(request.method == "POST" and self.validate())
