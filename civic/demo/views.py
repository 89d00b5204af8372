"""The letters of the demonstration, newest first: nobody needs a mailbox to try it."""

import email
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template
from markupsafe import Markup, escape

from civic.web.access import public
from civic.web.locale import long_moment

bp = Blueprint("demo", __name__, url_prefix="/demo")
SHOWN = 200
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True)
class Mail:
    """One letter of the folder. name: its file's name, without the ending. attached: the names of its files, in their order."""

    name: str
    to: str
    subject: str
    when: str
    paragraphs: list[Markup]
    attached: list[str]


@bp.get("/mail")
@public
def index() -> str:
    """The newest letters."""
    files = sorted(_folder().glob("*.eml"), key=lambda f: f.stat().st_mtime_ns, reverse=True)
    return render_template("demo/mail.html", mails=[_read(f) for f in files[:SHOWN]])


@bp.get("/mail/<string(length=24):name>")
@public
def letter(name: str) -> str:
    """One letter; its links can be pressed."""
    return render_template("demo/letter.html", mail=_read(_path(name)))


@bp.get("/mail/<string(length=24):name>/<int:number>")
@public
def attachment(name: str, number: int) -> Response:
    """A file that went along with a letter, counted from 0."""
    files = list(_message(_path(name)).iter_attachments())
    if number >= len(files):
        abort(404)
    response = Response(files[number].get_content(), mimetype=files[number].get_content_type())
    response.headers.set("Content-Disposition", "attachment", filename=files[number].get_filename("letter"))
    return response


def _folder() -> Path:
    folder: Path = current_app.settings.mail_folder  # type: ignore[attr-defined]
    return folder


def _path(name: str) -> Path:
    path = _folder() / f"{name}.eml"
    if not name.isalnum() or not path.exists():
        abort(404)
    return path


def _message(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)  # the policy's own kind
    return message


def _read(path: Path) -> Mail:
    message = _message(path)
    part = message.get_body(("plain",))
    text = part.get_content() if part is not None else ""
    return Mail(path.stem, str(message["To"]), str(message["Subject"]), long_moment(parsedate_to_datetime(message["Date"])),
                [linked(p) for p in text.strip().split("\n\n")], [a.get_filename("") for a in message.iter_attachments()])


def linked(text: str) -> Markup:
    """Escaped text in which addresses are links and line ends are kept. Links of this site lose scheme and host, so any port will do."""
    out, at = Markup(""), 0
    own = current_app.settings.public_url  # type: ignore[attr-defined]
    for match in _LINK.finditer(text):
        address = match[0]
        href = address.removeprefix(own) if address.startswith(own + "/") else address
        out += escape(text[at:match.start()]) + Markup('<a href="{}">{}</a>').format(href, address)
        at = match.end()
    return Markup("<br>").join((out + escape(text[at:])).strip().split("\n"))
