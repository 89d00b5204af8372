"""Delivers what waits in the outbox, and reads the letters that came of it."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.app import CivicFlask
from civic.jobs.models import Outbox


class Mails:
    """Calling it runs the outbox, as a worker would, and gives the letters that are new since the last call."""

    def __init__(self, app: CivicFlask, session: Session) -> None:
        self.app, self.session = app, session
        self.read: set[str] = set()

    def __call__(self) -> list[EmailMessage]:
        self.session.commit()
        self.app.extensions["civic_queue"].deliver_all()
        failed = self.session.execute(select(Outbox.kind, Outbox.last_error).where(Outbox.last_error.is_not(None))).all()
        self.session.commit()
        assert not failed, f"the outbox could not deliver: {failed}"
        files = [f for f in self.app.settings.mail_folder.glob("*.eml") if f.name not in self.read]
        self.read |= {f.name for f in files}
        files.sort(key=lambda f: f.stat().st_mtime_ns)
        return [cast(EmailMessage, email.message_from_bytes(f.read_bytes(), policy=default)) for f in files]

    def to(self, address: str) -> list[EmailMessage]:
        """New letters to one address; the others are gone."""
        return [letter for letter in self() if letter["To"] == address]


def words_of(letter: EmailMessage) -> str:
    """The plain words of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


def links_of(letter: EmailMessage) -> list[str]:
    """Addresses in a letter, without scheme and host, ready for a client."""
    return [re.sub(r"^https?://[^/]+", "", link) for link in re.findall(r"https?://[^\s<>\"]+", words_of(letter))]
