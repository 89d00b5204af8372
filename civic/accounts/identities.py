"""Accounts of people whom a provider of sign-in vouches for."""

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.accounts.links import prove_address
from civic.accounts.models import AccountIdentity, User
from civic.accounts.queries import account_of
from civic.core.errors import DomainError


class IdentityRefused(DomainError):
    """The provider does not vouch for an address, or the account is closed."""

    code = "identity_refused"


def known(session: Session, issuer: str, subject: str) -> User | None:
    """The account that is joined with this identity."""
    return session.scalar(select(User).join(AccountIdentity, AccountIdentity.user_id == User.id)
                          .where(AccountIdentity.issuer == issuer, AccountIdentity.subject == subject))


def account_for(session: Session, email: str, *, verified: bool, name: str, locale: str, now: datetime) -> User:
    """The account with the address that the provider has verified, made when there is none. A password that a stranger chose for
    an address that was never proven is gone. Raises ``IdentityRefused``."""
    if not verified or "@" not in email or len(email) > 255:
        raise IdentityRefused()
    user = account_of(session, email) or _made(session, email.strip().lower(), name, locale)
    if not user.active:
        raise IdentityRefused()
    prove_address(session, user, now)
    return user


def _made(session: Session, email: str, name: str, locale: str) -> User:
    user = User(email=email, name=name, locale=locale, active=True, password=None, fs_uniquifier=secrets.token_hex(32),
                fs_webauthn_user_handle=secrets.token_hex(32))
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # the same person came in another window at the same moment
        return session.scalars(select(User).where(User.email == email)).one()
    return user


def leave(session: Session, user: User) -> None:
    """No identity opens the account any more; one whose provider vouches for the address can be joined again."""
    session.execute(delete(AccountIdentity).where(AccountIdentity.user_id == user.id))


def join(session: Session, user: User, issuer: str, subject: str, now: datetime) -> bool:
    """From now on this identity opens the account; False when it did before. Raises ``IdentityRefused`` when it opens another one."""
    owner = known(session, issuer, subject)
    if owner is not None:
        if owner.id != user.id:
            raise IdentityRefused()
        return False
    try:
        with session.begin_nested():
            session.add(AccountIdentity(user_id=user.id, issuer=issuer, subject=subject, created_at=now))
    except IntegrityError:  # joined at the same moment
        return join(session, user, issuer, subject, now)
    return True
