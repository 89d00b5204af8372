"""The base of all forms: CSRF, and a key that makes two pressings one."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField

from civic.web.once import new_key


class Form(FlaskForm):
    """A form that acts once. After an error it is drawn again with a new key."""

    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.once.data = new_key()

    def sent(self) -> bool:
        """The form was sent, with a good CSRF token and fields that hold."""
        return bool(request.method == "POST" and self.validate())
