"""Sign-ins kept on the server: which device, since when, when somebody last proved who they are."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import AccountSession, User

#: A device that was not seen for so long signs in anew.
KEPT = timedelta(days=60)
#: Where "stay signed in" was not wished, the browser forgets when it is closed; a stolen cookie ends after this.
KEPT_UNREMEMBERED = timedelta(days=1)


@dataclass(frozen=True)
class SignIn:
    """How somebody came in. way: ``password``, ``link``, ``passkey``, ``oidc``… second_factor: a second proof was given.

    browser, system: families in words, empty when unknown. remembered: wished to stay signed in.
    """

    way: str
    second_factor: bool = False
    remembered: bool = True
    browser: str = ""
    system: str = ""


def digest(token: str) -> str:
    """What is stored of a token: a reader of the table can sign in with none."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(session: Session, user: User, sign_in: SignIn, now: datetime) -> tuple[str, AccountSession]:
    """A new sign-in; gives the token for the cookie, which is stored hashed only."""
    token = secrets.token_urlsafe(32)
    row = AccountSession(user_id=user.id, digest=digest(token), way=sign_in.way, second_factor=sign_in.second_factor, waived=False,
                         remembered=sign_in.remembered, browser=sign_in.browser, system=sign_in.system,
                         created_at=now, seen_at=hour(now), proven_at=now)
    session.add(row)
    session.flush()
    return token, row


def find(session: Session, uniquifier: str, token: str, now: datetime) -> tuple[User, AccountSession] | None:
    """The person of a cookie and their sign-in, by one query; None when it was ended or was not used for too long."""
    found = session.execute(
        select(User, AccountSession).join(AccountSession, AccountSession.user_id == User.id)
        .where(AccountSession.digest == digest(token), User.fs_uniquifier == uniquifier, User.active, _kept(now))
    ).unique().first()
    return None if found is None else (found[0], found[1])


def hour(moment: datetime) -> datetime:
    """Devices are seen to the hour: more would be a record of somebody's days."""
    return moment.replace(minute=0, second=0, microsecond=0)


def touch(session: Session, session_id: int, now: datetime) -> None:
    """The device was seen in this hour."""
    session.execute(update(AccountSession).where(AccountSession.id == session_id).values(seen_at=hour(now)))


def current(session: Session, user_id: int, now: datetime) -> Sequence[AccountSession]:
    """Where somebody is signed in, the last used first."""
    return session.scalars(select(AccountSession).where(AccountSession.user_id == user_id, _kept(now))
                           .order_by(AccountSession.seen_at.desc(), AccountSession.id.desc())).all()


def end(session: Session, user_id: int, session_id: int) -> None:
    """Sign one device out; nothing happens when it is somebody else's or ended before."""
    session.execute(delete(AccountSession).where(AccountSession.id == session_id, AccountSession.user_id == user_id))


def end_token(session: Session, token: str) -> None:
    """Sign out the device that has this token in its cookie."""
    session.execute(delete(AccountSession).where(AccountSession.digest == digest(token)))


def end_others(session: Session, user_id: int, kept_id: int | None = None) -> int:
    """Sign all devices out but one; gives how many there were."""
    query = delete(AccountSession).where(AccountSession.user_id == user_id, AccountSession.id != (kept_id or 0))
    return len(session.scalars(query.returning(AccountSession.id)).all())


def forget_old(session: Session, now: datetime) -> None:
    """Delete what nobody can use any more."""
    session.execute(delete(AccountSession).where(~_kept(now)))


def _kept(now: datetime) -> ColumnElement[bool]:
    return (AccountSession.seen_at > now - KEPT) & (AccountSession.remembered | (AccountSession.created_at > now - KEPT_UNREMEMBERED))
