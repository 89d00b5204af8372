"""Ways to send a letter: an SMTP server, or a folder when none is set."""

import hashlib
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT = 20


class Mailer(Protocol):
    """Something that takes a letter. Raises ``OSError`` or ``smtplib.SMTPException`` when it cannot now."""

    def send(self, letter: EmailMessage) -> None: ...


class SmtpMailer:
    """Sends over ``smtp://``, ``smtp+starttls://`` or ``smtps://user:password@host:port``."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def send(self, letter: EmailMessage) -> None:
        host, port = self.url.hostname or "127.0.0.1", self.url.port
        if self.url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT)
        with server:
            if self.url.scheme == "smtp+starttls":
                server.starttls()
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(letter)


class FolderMailer:
    """Writes letters as files named after their Message-ID: the same letter twice is one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(letter["Message-ID"].encode()).hexdigest()[:24]
        target = self.folder / f"{name}.eml"
        unfinished = target.with_suffix(".part")
        unfinished.write_bytes(letter.as_bytes())
        unfinished.rename(target)
