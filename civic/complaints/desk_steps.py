"""From a form of the desk to the service: what each step takes from its form, one complaint or several."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from civic.complaints import desk, rules, service
from civic.complaints.desk_forms import BulkForm
from civic.complaints.models import Complaint
from civic.complaints.queries import by_number
from civic.complaints.uploads import keep_photos
from civic.core.actor import Actor
from civic.core.codes import read_number
from civic.core.errors import DomainError, InputRefused, NotFound
from civic.web.errors import message

MOST_AT_ONCE = 50
Deed = Callable[[Session, Complaint, Actor, datetime, Any, Path], object]

#: What is said once the step is done.
DONE = {
    "accept": _l("Taken into work."), "answer": _l("The answer is sent to the resident."),
    "forward": _l("Forwarded. The resident is told, the term begins again at the other body."),
    "extend": _l("The term is extended, the resident is told."), "hold_hearing": _l("The hearing is appointed, the resident is told."),
    "return": _l("Returned to the resident with the reasons."), "mark_duplicate": _l("Joined with the other complaint."),
    "reopen": _l("Taken up again."), "assign": _l("Saved."), "note": _l("The note is kept."),
}


def own_complaint(session: Session, actor: Actor, number: str) -> Complaint:
    """The complaint of one of the actor's bodies. Raises ``NotFound`` for any other, public or not."""
    complaint = by_number(session, read_number(number) or "")
    if complaint is None or not rules.is_official(actor, complaint):
        raise NotFound(number=number)
    return complaint


def _answer(session: Session, complaint: Complaint, actor: Actor, now: datetime, form: Any, media: Path) -> None:
    photos = keep_photos(session, media, form.photos.data or (), now, private=complaint.private)
    try:
        service.answer(session, complaint, actor, now, outcome=form.chosen(), photo_ids=[photo.id for photo in photos],
                       text=form.text.data or "")
    except DomainError:
        for photo in photos:
            (media / "incoming" / photo.id).unlink(missing_ok=True)
        raise


def _mark_duplicate(session: Session, complaint: Complaint, actor: Actor, now: datetime, form: Any, media: Path) -> None:
    number = read_number(form.number.data or "")
    if number is None:
        raise InputRefused("number", "wrong_number")
    service.mark_duplicate(session, complaint, actor, now, of=by_number(session, number), text=form.text.data or "")


DEEDS: dict[str, Deed] = {
    "accept": lambda s, c, a, now, f, _: service.accept(s, c, a, now, text=f.text.data or ""),
    "answer": _answer,
    "forward": lambda s, c, a, now, f, _: service.forward(s, c, a, now, body_id=f.body_id.data or 0, text=f.text.data or ""),
    "extend": lambda s, c, a, now, f, _: service.extend(s, c, a, now, until=f.until.data, text=f.text.data or ""),
    "hold_hearing": lambda s, c, a, now, f, _: service.hold_hearing(s, c, a, now, on=f.on.data, text=f.text.data or ""),
    "return": lambda s, c, a, now, f, _: service.return_(s, c, a, now, ground=f.chosen(), text=f.text.data or ""),
    "mark_duplicate": _mark_duplicate,
    "reopen": lambda s, c, a, now, f, _: service.reopen(s, c, a, now, text=f.text.data or ""),
    "assign": lambda s, c, a, now, f, _: desk.assign(s, c, a, now, user_id=f.user_id.data),
    "note": lambda s, c, a, now, f, _: desk.add_note(s, c, a, now, text=f.text.data or ""),
}
BULK: dict[str, Deed] = {
    "accept": lambda s, c, a, now, f, _: service.accept(s, c, a, now), "assign": DEEDS["assign"], "forward": DEEDS["forward"],
}


def take(session: Session, complaint: Complaint, actor: Actor, now: datetime, step: str, form: Any, media: Path) -> None:
    """One step with one complaint: wholly, or not at all and raising what the domain refused."""
    service.lock(session, complaint, form.seen_version())
    with session.begin_nested():
        DEEDS[step](session, complaint, actor, now, form, media)


def take_several(session: Session, actor: Actor, now: datetime, form: BulkForm, media: Path) -> tuple[int, dict[str, list[str]]]:
    """One step with each chosen complaint, each by itself: (how many were done, numbers of the others by reason)."""
    done, refused = 0, dict[str, list[str]]()
    for number, version in form.chosen()[:MOST_AT_ONCE]:
        try:
            with session.begin_nested():
                complaint = own_complaint(session, actor, number)
                service.lock(session, complaint, version)
                BULK[form.do.data](session, complaint, actor, now, form, media)
            done += 1
        except DomainError as error:
            refused.setdefault(message(error), []).append(number)
    return done, refused
