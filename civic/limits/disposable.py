"""Mail domains that give an address for ten minutes: no account and no contact is made with them."""

import re
from datetime import datetime

from disposable_email_domains import blocklist
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.core.errors import InputRefused
from civic.limits.models import AllowedDomain

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


def domains_of(email: str) -> list[str]:
    """The domain of an address, and those above it down to two labels: ``a.b.org`` → ``a.b.org``, ``b.org``."""
    labels = email.rpartition("@")[2].strip().strip(".").lower().split(".")
    return [".".join(labels[place:]) for place in range(max(1, len(labels) - 1))]


def is_disposable(session: Session, email: str) -> bool:
    """Whether the address is of a disposable domain that nobody has allowed. Says nothing about who has an account."""
    listed = [domain for domain in domains_of(email) if domain in blocklist]
    return bool(listed) and session.scalar(select(AllowedDomain.domain).where(AllowedDomain.domain.in_(domains_of(email))).limit(1)) is None


def refuse_disposable(session: Session, email: str, field: str = "email") -> None:
    """Raises ``InputRefused`` ``disposable_address``."""
    if is_disposable(session, email):
        raise InputRefused(field, "disposable_address", domain=domains_of(email)[0])


def allow(session: Session, domain: str, reason: str, now: datetime) -> None:
    """Take a domain for an ordinary one from now on. Raises ``InputRefused`` ``domain_wrong``."""
    domain = domain.strip().lower()
    if len(domain) > 255 or not _DOMAIN.fullmatch(domain):
        raise InputRefused("domain", "domain_wrong", domain=domain[:80])
    session.merge(AllowedDomain(domain=domain, reason=reason[:300], at=now))
    session.flush()


def forbid(session: Session, domain: str) -> bool:
    """End ``allow``; False when it was not allowed."""
    held = session.get(AllowedDomain, domain.strip().lower())
    if held is None:
        return False
    session.delete(held)
    session.flush()
    return True
