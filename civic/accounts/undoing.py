"""Taking back a first second factor by the letter that told of it.

Whoever got into an account for a moment could otherwise shut its owner out for good: a new password alone does not help against a
passkey. The letter goes only where no factor was before, so a mailbox opens nothing that it would not have opened on the day before.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.accounts import identities, sessions, two_factor
from civic.accounts.models import User
from civic.accounts.tokens import read, sign, use_once, was_used

PURPOSE = "undo-factor"
TERM = timedelta(days=2)


def token_for(user: User, secret_key: str, now: datetime) -> str:
    """What stands in the link. A new password does not end it: a stranger who added the factor may have chosen that too."""
    return sign(secret_key, PURPOSE, [user.id, int(now.timestamp())])


def person(session: Session, token: str, secret_key: str) -> User | None:
    """Whose link it is; None when it is over or was used."""
    content = read(secret_key, PURPOSE, token, TERM)
    if content is None or was_used(session, token):
        return None
    user = session.get(User, int(content[0]))
    return user if user is not None and user.active else None


def undo(session: Session, user: User, token: str, now: datetime) -> bool:
    """No factor, no device, no provider and no password open the account any more; False when the link was used meanwhile. The one sign-in
    without a second factor does not come back by it."""
    if not use_once(session, token, now):
        return False
    waived = user.second_factor_waived_at
    two_factor.forget_all(session, user)
    user.password, user.second_factor_waived_at = None, waived
    sessions.end_others(session, user.id)
    identities.leave(session, user)
    session.flush()
    return True
