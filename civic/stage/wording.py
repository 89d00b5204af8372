"""What talks say to their readers."""

from typing import Any

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext

from civic.stage.models import Talk
from civic.stage.pdf import SLIDES
from civic.web.errors import MESSAGES

SECONDS = 20


def state_of(talk: Talk) -> tuple[str, str, str]:
    """(rhombus, tone, words): where a talk's slides stand."""
    ready = sum(s.photo.state in ("ready", "hidden") for s in talk.slides)
    if talk.pdf or any(s.photo.state in ("pending", "covering") for s in talk.slides):
        return "half", "work", gettext("The slides are being prepared")
    if ready == SLIDES:
        return "check", "confirmed", gettext("All %(number)s slides are there", number=SLIDES)
    if not ready:
        return "dashed", "muted", gettext("No slides yet")
    return "ring", "work", gettext("%(number)s of %(all)s slides", number=ready, all=SLIDES)


def problem_of(talk: Talk) -> str:
    """Why the last PDF could not be taken; empty when nothing is wrong."""
    if talk.problem == "pdf_pages":
        return ngettext("The PDF has %(num)d page; %(wanted)s are needed. The slides that were there stay.",
                        "The PDF has %(num)d pages; %(wanted)s are needed. The slides that were there stay.", talk.pages, wanted=SLIDES)
    return str(MESSAGES[talk.problem]) if talk.problem else ""


def shown(talk: Talk) -> dict[str, Any]:
    """What the player draws of one talk. A slide that a moderator has hidden keeps its seconds, and has no picture."""
    slides = [s.photo for s in talk.slides if s.photo.state in ("ready", "hidden")]
    return {"presenter": talk.presenter, "title": talk.title, "lang": talk.language,
            "slides": [{"src": url_for("media.photo", photo_id=p.id, size="large") if p.state == "ready" else "", "width": p.width, "height": p.height} for p in slides]}


MESSAGES.update({
    "presenter_missing": lazy_gettext("Write who presents."),
    "talk_title_missing": lazy_gettext("Write what the talk is about."),
    "too_many_talks": lazy_gettext("No more than %(limit)s talks in one evening."),
    "too_many_slides": lazy_gettext("A talk has %(limit)s slides; %(there)s are there already. Take some out first, or choose fewer."),
    "slides_missing": lazy_gettext("Choose pictures or a PDF."),
    "pdf_too_big": lazy_gettext("The PDF is larger than %(megabytes)s MB. Save it with smaller pictures."),
    "pdf_unreadable": lazy_gettext("This file is not a PDF that we can read. Save it as PDF once more."),
    "pdf_locked": lazy_gettext("This PDF is locked with a password. Save it without one."),
})
