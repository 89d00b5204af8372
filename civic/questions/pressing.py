"""One press of a button in a room: a script is answered with data, a page with the way back."""

from collections.abc import Callable

from flask import flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from civic.core.errors import DomainError
from civic.extensions import db
from civic.questions.forms import PressForm
from civic.web.errors import message


def press(back: str, act: Callable[[], object], *, said: str = "", refusal: Callable[[DomainError], str] = message) -> ResponseReturnValue:
    """Do it, and say ``said`` on the page ``back``; when it is refused nothing stays done, and ``refusal`` gives the words."""
    for_script = request.accept_mimetypes.best == "application/json"
    if not PressForm().sent():
        return (jsonify(message=gettext("The page was open too long")), 400) if for_script else redirect(back, 303)
    try:
        act()
    except DomainError as error:
        words = refusal(error)
        db.session.rollback()
        if for_script:
            return jsonify(message=words), 409
        flash(words, "error")
        return redirect(back, 303)
    if for_script:
        return jsonify(ok=True)
    if said:
        flash(said, "success")
    return redirect(back, 303)
