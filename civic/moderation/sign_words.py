"""What signs of trouble are called."""

from typing import Any

from flask_babel import lazy_gettext as _l

from civic.moderation import signs

SIGN_WORDS: dict[str, Any] = {
    "link": _l("link"), "iin": _l("IIN"), "phone": _l("telephone number"), "card": _l("bank card"), "email": _l("e-mail address"),
    "insult": _l("insult"), "flood": _l("the same text again"),
}


def personal_pieces(*texts: str | None) -> list[tuple[str, str]]:
    """What looks like personal data in texts that will be public: (the piece, what it is called)."""
    return [(text[s.start:s.end], sign_word(s.name)) for text in texts if text for s in signs.personal(text)]


def sign_word(name: str) -> str:
    """«telephone number»."""
    return str(SIGN_WORDS.get(name, name))
