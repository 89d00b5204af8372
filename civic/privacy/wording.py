"""What goes and what stays, in words."""

from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from civic.privacy.erasure import Preview

#: What rows of a table are to their owner; several tables may be one thing. A table without words here counts as the last of its list.
_GONE: dict[str, Any] = {
    "following": _l("what you follow"), "follow": _l("what you follow"), "promise_follow": _l("what you follow"), "account_session": _l("sign-ins on your devices"),
    "passkey": _l("your passkeys"), "registration": _l("your name in registrations"), "question": _l("your questions in the room"),
    "applicant": _l("your name in complaints"), "personal_export": _l("archives of your data"), "moderation_flag": _l("what you wrote when you flagged something"),
}
_KEPT: dict[str, Any] = {
    "support": _l("your supports, as a number without you"), "consent": _l("that you agreed, and when, without your name"),
    "membership": _l("which posts you held, without your name"), "complaint_event": _l("steps that you took, without your name"),
    "question_vote": _l("your votes, as a number without you"), "poll_ballot": _l("your votes, as a number without you"),
}


def gone_words(preview: Preview) -> list[str]:
    """What erasure takes, the weightiest first."""
    words = [gettext("your name, your e-mail address and your way to sign in")]
    if preview.complaints:
        words.append(ngettext("the text and the address of %(num)d complaint", "the texts and the addresses of %(num)d complaints", preview.complaints))
    if preview.photos:
        words.append(ngettext("%(num)d photo", "%(num)d photos", preview.photos))
    if preview.registrations:
        words.append(ngettext("%(num)d place at a discussion, which goes to somebody else", "%(num)d places at discussions, which go to others", preview.registrations))
    if preview.withdrawn:
        words.append(ngettext("%(num)d open complaint is withdrawn: nobody works on it any more", "%(num)d open complaints are withdrawn: nobody works on them any more",
                              preview.withdrawn))
    return [*words, *dict.fromkeys(str(_GONE[name]) for name in preview.gone if name in _GONE)]


def kept_words(preview: Preview) -> list[str]:
    """What stays."""
    words = [gettext("of each complaint its number, dates, steps and the body's answers")] if preview.complaints else []
    return [*words, *dict.fromkeys(str(_KEPT[name]) for name in preview.kept if name in _KEPT)]
