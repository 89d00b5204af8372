"""The link under letters that ends them: a page with a button, and the one-click POST of mail programs (RFC 8058)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature

from civic.complaints.filing_views import signer
from civic.extensions import csrf

View = Callable[..., ResponseReturnValue]


def ends_letters(purpose: str) -> Callable[[View], View]:
    """Make a view that ends letters one of a link's token. It gets what ``signer(purpose)`` signed, and ``done``: the button was pressed.

    The signed token is the authority, so no CSRF token is needed.
    """
    def make(view: View) -> View:
        @csrf.exempt
        @wraps(view)
        def by_letter(token: str) -> Any:
            try:
                signed = signer(purpose).loads(token)
            except BadSignature:
                return render_template("filing/link_failed.html"), 410
            return view(*signed, done=request.method == "POST")

        by_letter_: View = by_letter
        return by_letter_

    return make
