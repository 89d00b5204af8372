"""Letters about signing in: the link that was asked for, and notices of what changed in how an account is opened."""

import secrets
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from civic.accounts import links, undoing
from civic.accounts.models import User
from civic.accounts.place import secret, settings
from civic.core.clock import utc_now
from civic.extensions import db
from civic.jobs.service import enqueue
from civic.web.locale import LOCALES


def tell(user: User, what: str, **facts: str) -> None:
    """A notice to the owner of an account, in their language: ``first_factor``, ``factor_on``, ``factor_off``, ``joined`` (by ``provider``)."""
    with force_locale(LOCALES[user.locale]):
        subject, words = _notice(what, facts)
        _send(db.session(), user, subject, [words, *_what_to_do(user, what)], utc_now())


def _what_to_do(user: User, what: str) -> tuple[str, str]:
    """If it was somebody else: what shuts them out again, and where."""
    if what == "first_factor":
        token = undoing.token_for(user, secret(), utc_now())
        return gettext("If it was not you, undo it within two days; that signs everybody out:"), _link("accounts.factor_undo", user.locale, token=token)
    if what == "factor_on":
        return gettext("If it was not you, sign in, remove what you do not know, and choose a new password; that signs everybody else out:"), \
            _link("accounts.second_factor", user.locale)
    return gettext("If it was not you, choose a new password at once; that signs everybody else out:"), _link("security.forgot_password", user.locale)


def _notice(what: str, facts: dict[str, str]) -> tuple[str, str]:
    if what in ("first_factor", "factor_on"):
        return gettext("Your account is better protected now"), gettext(
            "A second factor was added to your account: from now on signing in needs it too. On other phones and computers you have to sign in anew.")
    if what == "factor_off":
        return gettext("A second factor was removed from your account"), gettext(
            "A second factor, an app or a passkey, was removed from your account. On other phones and computers you have to sign in anew.")
    return gettext("A new way into your account"), gettext("Your account can now be opened through %(provider)s too.", **facts)


def send_link(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The job behind ``links.order``: writes the letter, or nothing when nobody has this address."""
    user = links.account_of(session, payload["email"])
    if user is None:
        return
    with force_locale(LOCALES[payload["lang"]]):
        token = links.token_for(user, secret(), payload)
        if payload["purpose"] == "link":
            subject, begin = gettext("Sign in to Civic"), gettext("To sign in, follow this link and press the button on the page:")
            address = _link("accounts.link_use", payload["lang"], token=token)
        else:
            subject, begin = gettext("Show that it is you"), gettext("Follow this link on the device where you are signed in, and press the button on the page:")
            address = _link("accounts.prove_link", payload["lang"], token=token)
        _send(session, user, subject, [begin, address, gettext("The link works for 15 minutes, once."),
                                       gettext("If it was not you, do nothing: without the button, nobody can use the account.")], now)


def _send(session: Session, user: User, subject: str, parts: list[str], now: datetime) -> None:
    hello = gettext("Hello, %(name)s!", name=user.name) if user.name else gettext("Hello!")
    payload = {"to": user.email, "subject": subject, "text": "\n\n".join([hello, *parts]), "locale": user.locale}
    enqueue(session, "plain_mail", f"security:{secrets.token_hex(12)}", payload, now)


def _link(endpoint: str, lang: str, **values: Any) -> str:
    """Under the configured host, never the one that a request names."""
    with current_app.test_request_context(f"/{lang}/"):
        return settings().public_url + url_for(endpoint, lang=lang, **values)
