"""The headers of a letter as other people's mail programs read them: every letter of a long Kazakh subject, and whole addresses."""

import base64
import quopri
import random
import re
from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP, default

import pytest

from civic.app import CivicFlask
from civic.notifications.tasks import Letter, compose

LETTERS = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюяАӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ0123456789№«»–:,"
_WORD = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]*)\?=", re.IGNORECASE)


def _strictly(raw: bytes, name: str) -> str:
    """The header as RFC 2047 says: each line at most 76 long, each encoded word whole in itself, blanks between two of them dropped."""
    found = re.search(rb"^" + name.encode() + rb": ?((?:.*\r\n)(?:[ \t].*\r\n)*)", raw, re.MULTILINE)
    assert found, name
    lines = found[1].decode("ascii").split("\r\n")[:-1]
    assert all(len(line) <= 76 for line in (f"{name}: {lines[0]}", *lines[1:])), lines
    text, after_word = "", False
    for piece in re.split(r"[ \t]+", " ".join(lines).strip()):
        word = _WORD.fullmatch(piece)
        decoded = piece if word is None else (base64.b64decode(word[2], validate=True) if word[1].lower() == "b"
                                              else quopri.decodestring(word[2], header=True)).decode("utf-8", "strict")
        text += decoded if after_word and word else f" {decoded}" if text else decoded
        after_word = word is not None
    return text


@pytest.mark.parametrize("length", [*range(10, 201, 19), 45, 46, 47, 48, 199, 200])
def test_no_letter_of_a_subject_is_lost(app: CivicFlask, now: datetime, length: int) -> None:
    chance = random.Random(length)
    for longest in (3, 9, 40):
        words: list[str] = []
        while len(" ".join(words)) < length:
            words.append("".join(chance.choice(LETTERS) for _ in range(chance.randint(1, longest))))
        subject = " ".join(words)[:length].strip()
        with app.test_request_context():
            message = compose(app, "aigul@example.org", Letter(subject, "Сәлем"), subject, now)
        raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
        read = message_from_bytes(raw, policy=default)["Subject"]
        assert (_strictly(raw, "Subject"), str(read), read.defects, message["Subject"]) == (subject, subject, (), subject)


def test_plain_subjects_stay_readable(app: CivicFlask, now: datetime) -> None:
    subject = "Invitation SHY-4K7M-2XN: " + "winter air, " * 12 + "and who promised what"
    with app.test_request_context():
        raw = compose(app, "a@example.org", Letter(subject, "Hello"), "key", now).as_bytes(policy=SMTP.clone(refold_source="none"))
    assert _strictly(raw, "Subject") == subject
    assert b"=?utf-8" not in raw.partition(b"\r\n\r\n")[0]


def test_a_long_address_to_unsubscribe_stays_an_address(app: CivicFlask, now: datetime) -> None:
    address = "http://localhost/kk/following/letter/" + "WzEsMl0.aGVsbG8-_" * 12
    with app.test_request_context():
        message = compose(app, "a@example.org", Letter("Аптаңыз", "Сәлем", address), "key", now)
    assert f"\nList-Unsubscribe: <{address}>\n".encode() in message.as_bytes()
