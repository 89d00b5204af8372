"""The second factor: for whom it is required, codes of an app, recovery codes. Passkeys are in ``passkeys``."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.models import User, WebAuthn
from civic.accounts.tokens import use_once
from civic.core.errors import DomainError, InputRefused

RECOVERY_CODES = 10
#: So many wrong codes are possible in so long; then no code is looked at until it is over.
WRONG_CODES, WRONG_CODES_TERM = 10, timedelta(hours=1)
#: How long the one sign-in without a second factor lasts: a device that stays signed in would never end it.
GRACE = timedelta(days=1)
#: Seconds that a phone's clock may be wrong by.
CLOCK_ERROR = 30
ISSUER = "Civic"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

#: Rights outside of posts that need a second factor, filled by features above: organisers hold personal data of guests.
HOLD_PERSONAL_DATA: list[Callable[[Session, int], bool]] = []


class TooManyWrongCodes(DomainError):
    """Somebody is trying codes one after the other."""

    code = "too_many_wrong_codes"


def needs_second_factor(session: Session, user: User) -> bool:
    """Officials, heads, moderators, administrators, and organisers who hold personal data. Everybody else may."""
    if any(post.ended_at is None for post in user.memberships):
        return True
    return any(holds(session, user.id) for holds in HOLD_PERSONAL_DATA)


def has_app(user: User) -> bool:
    """Codes of an app are switched on."""
    return user.tf_primary_method == "authenticator"


def has_passkey(session: Session, user: User) -> bool:
    """At least one passkey."""
    return session.scalar(select(WebAuthn.id).where(WebAuthn.user_id == user.id).limit(1)) is not None


def has_second_factor(session: Session, user: User) -> bool:
    """A second proof is asked for at sign-in."""
    return has_app(user) or has_passkey(session, user)


def app_of(secret_key: str) -> type[TOTP]:
    """Makes and reads the secrets of apps, which are stored encrypted."""
    made: type[TOTP] = TOTP.using(issuer=ISSUER, secrets={"1": hashlib.sha256(f"totp:{secret_key}".encode()).hexdigest()})
    return made


def new_secret(secret_key: str) -> str:
    """A secret for an app, encrypted."""
    return str(app_of(secret_key).new().to_json(encrypt=True))


def check_code(session: Session, user: User, code: str, secret_key: str, now: datetime, *, secret: str | None = None) -> bool:
    """Whether the app shows this code now; each code counts once. secret: the one being set up, else the user's.

    Raises ``TooManyWrongCodes``. A wrong code is counted in the transaction, which therefore must be committed.
    """
    refuse_guessing(session, user, now)
    kept = secret or user.tf_totp_secret or ""
    digits = re.sub(r"[\s-]", "", code)
    match = _match(kept, digits, secret_key) if kept and re.fullmatch(r"[0-9]{6}", digits) else None
    good = match is not None and use_once(session, f"totp:{user.id}:{match}", now)
    count_proof(user, good, now)
    return good


def _match(kept: str, digits: str, secret_key: str) -> int | None:
    try:
        return int(app_of(secret_key).verify(digits, kept, window=CLOCK_ERROR).counter)
    except (TokenError, ValueError, KeyError, TypeError):  # wrong; or stored under another SECRET_KEY
        return None


def switch_on(session: Session, user: User, secret: str) -> list[str]:
    """The app is the second factor from now on; gives fresh recovery codes, which nobody sees again."""
    user.tf_primary_method, user.tf_totp_secret = "authenticator", secret
    return new_recovery_codes(session, user)


def switch_off(session: Session, user: User) -> None:
    """No codes of an app any more. Recovery codes go with the last factor."""
    user.tf_primary_method = user.tf_totp_secret = None
    forget_recovery(session, user)


def forget_recovery(session: Session, user: User) -> None:
    """Recovery codes without a second factor open nothing and need not be kept."""
    if not has_second_factor(session, user):
        user.mf_recovery_codes = None
    session.flush()


def forget_all(session: Session, user: User) -> None:
    """An administrator's help for one who has lost everything: both kinds of factors and the codes go; the grace begins anew."""
    for passkey in session.scalars(select(WebAuthn).where(WebAuthn.user_id == user.id)):
        session.delete(passkey)
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = user.second_factor_waived_at = None
    session.flush()


def new_recovery_codes(session: Session, user: User) -> list[str]:
    """Codes for when the phone is lost: each opens the account once. Stored hashed; the former ones stop working."""
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(3)) for _ in range(RECOVERY_CODES)]
    user.mf_recovery_codes = [_hashed(code) for code in codes]
    session.flush()
    return codes


def is_recovery_code(typed: str) -> bool:
    """Whether it looks like one: then it is tried as such too."""
    return len(re.sub(r"[^a-z0-9]", "", typed.lower())) == 15


def use_recovery_code(session: Session, user: User, code: str, now: datetime) -> bool:
    """Whether it was one of the codes; it is gone then. Raises ``TooManyWrongCodes``."""
    refuse_guessing(session, user, now)
    wanted, kept = _hashed(code), list(user.mf_recovery_codes or [])
    good = wanted in kept
    if good:
        user.mf_recovery_codes = [one for one in kept if one != wanted]
    count_proof(user, good, now)
    session.flush()
    return good


def waive(session: Session, user: User, now: datetime) -> None:
    """Use the one sign-in without the second factor, for ``GRACE``. Raises ``InputRefused`` when it was used before."""
    session.refresh(user, attribute_names=["second_factor_waived_at"], with_for_update=True)  # of two devices at once one may
    if user.second_factor_waived_at is not None:
        raise InputRefused("seen", "second_factor_due")
    user.second_factor_waived_at = now


def _hashed(code: str) -> str:
    """Seventy-four random bits need no slow hash."""
    return hashlib.sha256(re.sub(r"[^a-z0-9]", "", code.lower()).encode()).hexdigest()


def refuse_guessing(session: Session, user: User, now: datetime) -> None:
    """Raises ``TooManyWrongCodes`` while no proof of this person is looked at. One proof after the other is: of many at once each would
    see the same count, and a recovery code would open twice."""
    session.flush()  # refresh throws away what was not written yet
    session.refresh(user, attribute_names=["wrong_codes", "wrong_codes_since", "mf_recovery_codes"], with_for_update=True)
    if user.wrong_codes_since is not None and now - user.wrong_codes_since >= WRONG_CODES_TERM:
        user.wrong_codes, user.wrong_codes_since = 0, None
    if user.wrong_codes >= WRONG_CODES:
        raise TooManyWrongCodes()


def count_proof(user: User, good: bool, now: datetime) -> None:
    """Count a wrong proof; a good one begins anew. The caller commits."""
    if good:
        user.wrong_codes, user.wrong_codes_since = 0, None
    else:
        user.wrong_codes += 1
        user.wrong_codes_since = user.wrong_codes_since or now
