"""What the tracking page says: where it stands in one sentence, what comes next, what the reader can do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.bodies.models import Body, Category
from civic.complaints import rules
from civic.complaints.models import Attachment, Complaint, Follow, Support
from civic.complaints.queries import path
from civic.complaints.states import OPEN, TRANSITIONS, State
from civic.complaints.wording import (
    PathStep,
    ShownPhoto,
    is_overdue,
    path_steps,
    shown_photo,
    state_icon,
    state_tone,
    state_word,
    supporters_words,
    title_of,
)
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.working_days import WorkCalendar
from civic.places.models import City, District
from civic.web.locale import day, local_name
from civic.web.term import Strip, days_left, term_strip

#: Where it stands, in one sentence.
SENTENCES: dict[str, Any] = {
    State.REGISTERED: _l("%(body)s has received it and has to answer."),
    State.IN_WORK: _l("%(body)s is working on it."),
    State.HEARING: _l("%(body)s holds a hearing before it decides."),
    State.FORWARDED: _l("It is with the competent body now: %(body)s."),
    State.EXTENDED: _l("%(body)s has extended the term, with a reason."),
    State.ANSWERED: _l("%(body)s has answered. The last word is the resident's."),
    State.CONFIRMED: _l("Solved, and the resident has confirmed it."),
    State.DISPUTED: _l("The resident disagrees with the answer. It is with the head now: %(body)s."),
    State.REOPENED: _l("%(body)s has taken it up again."),
    State.UNCONFIRMED: _l("%(body)s has answered. The resident neither confirmed nor disagreed."),
    State.RETURNED: _l("%(body)s has returned it to the resident."),
    State.WITHDRAWN: _l("The resident has withdrawn it."),
    State.DUPLICATE: _l("It goes on together with another complaint about the same matter."),
}
OVERDUE_SENTENCE = _l("%(body)s has not answered in time.")
#: What happens next.
NEXT: dict[str, Any] = {
    State.REGISTERED: _l("The body takes it into work, or forwards it within 3 working days if it is not competent. Each step appears here."),
    State.IN_WORK: _l("The body answers in writing and adds a photo where one shows the result. Then we ask the resident: was it really solved?"),
    State.HEARING: _l("The resident may object within 2 working days. After the hearing the body decides and answers."),
    State.FORWARDED: _l("The new body takes it into work. The term has begun again."),
    State.EXTENDED: _l("The body answers by the new date. The term cannot be extended again."),
    State.ANSWERED: _l("The resident confirms or disagrees. Silence closes it as not confirmed, and never counts as consent."),
    State.CONFIRMED: _l("Nothing more: it is closed. It stays here for everybody to see."),
    State.DISPUTED: _l("The head of the body takes it up again or answers personally."),
    State.REOPENED: _l("The body works on it again and answers by the new date."),
    State.UNCONFIRMED: _l("Nothing more: it is closed as not confirmed. If it is not solved, a new report can be filed."),
    State.RETURNED: _l("A return can be complained about to the body above or in court. A new report can be filed."),
    State.WITHDRAWN: _l("Nothing more: it is closed."),
    State.DUPLICATE: _l("Everybody who followed this one now follows the other one."),
}
OVERDUE_NEXT = _l("By law, silence past the term counts as a refusal: within 3 months it can be complained about to the body above or in court.")


@dataclass(frozen=True)
class Tracking:
    """Everything that the tracking page shows."""

    complaint: Complaint
    title: str
    district: str
    category: str
    body: str
    icon: str
    tone: str
    state_word: str
    sentence: str
    due_words: str
    strip: Strip | None
    next: str
    steps: list[PathStep]
    before: list[ShownPhoto]
    after: list[ShownPhoto]
    photos_waiting: bool
    wants_after_photo: bool
    supporters_words: str
    duplicate_of: str | None
    actions: list[str]
    is_applicant: bool
    follows: bool
    supports: bool


def tracking(session: Session, complaint: Complaint, city: City, actor: Actor, calendar: WorkCalendar, today: date) -> Tracking:
    """The view of a complaint for one reader. today: local date of the city."""
    body = session.get_one(Body, complaint.body_id)
    category = session.get_one(Category, complaint.category_id)
    district = session.get(District, complaint.district_id) if complaint.district_id else None
    attachments = session.scalars(select(Attachment).where(Attachment.complaint_id == complaint.id).order_by(Attachment.position)).all()
    events = path(session, complaint.id, public_only=True)
    overdue = is_overdue(complaint.state, complaint.due_on, today)
    state = State(complaint.state)
    body_name = local_name(body.name)
    sentence = OVERDUE_SENTENCE if overdue else SENTENCES[state]
    shown = {m: [p for a in attachments if a.moment == m and (p := shown_photo(a, city.timezone))] for m in ("before", "after")}
    other = session.get(Complaint, complaint.duplicate_of_id) if complaint.duplicate_of_id else None
    return Tracking(
        complaint=complaint, title=title_of(category.name, complaint.address), district=local_name(district.name) if district else "",
        category=local_name(category.name), body=body_name, icon=state_icon(state, overdue), tone=state_tone(state, overdue),
        state_word=gettext("Overdue") if overdue else state_word(state), sentence=str(sentence) % {"body": body_name},
        due_words=_due_words(complaint, calendar, today), strip=_strip(complaint, city, calendar, today),
        next=str(OVERDUE_NEXT if overdue else NEXT[state]), steps=path_steps(session, events, attachments, city.timezone),
        before=shown["before"], after=shown["after"],
        photos_waiting=any(a.photo.state == "pending" for a in attachments), wants_after_photo=category.wants_after_photo,
        supporters_words=supporters_words(complaint.supporters), duplicate_of=other.number if other else None,
        actions=possible(actor, complaint), is_applicant=rules.is_applicant(actor, complaint),
        follows=_has(session, Follow, complaint, actor), supports=_has(session, Support, complaint, actor),
    )


def possible(actor: Actor, complaint: Complaint) -> list[str]:
    """What the reader can do now as a resident."""
    steps = [n for n in TRANSITIONS.possible(actor, complaint) if n in ("confirm", "dispute", "withdraw")]
    return steps + (["information"] if rules.may_add_information(actor, complaint) else [])


def _has(session: Session, table: type[Follow] | type[Support], complaint: Complaint, actor: Actor) -> bool:
    if actor.contact_id is None:
        return False
    query = select(table.id).where(table.complaint_id == complaint.id, table.contact_id == actor.contact_id)
    return session.scalar(query) is not None


def _due_words(complaint: Complaint, calendar: WorkCalendar, today: date) -> str:
    if complaint.state in OPEN:
        return gettext("Answer due: %(date)s", date=day(complaint.due_on)) + ". " + _sentence(days_left(calendar, complaint.term_from, complaint.due_on, today))
    if complaint.state == State.ANSWERED and complaint.respond_by is not None:
        return gettext("The resident can respond until %(date)s.", date=day(complaint.respond_by))
    return ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _strip(complaint: Complaint, city: City, calendar: WorkCalendar, today: date) -> Strip | None:
    if complaint.state in OPEN:
        return term_strip(calendar, complaint.term_from, complaint.due_on, today, ended=False)
    if complaint.answered_at is not None and complaint.state != State.WITHDRAWN:
        return term_strip(calendar, complaint.term_from, complaint.due_on, local_date(complaint.answered_at, city.timezone), ended=True)
    return None
