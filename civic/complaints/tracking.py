"""What the tracking page says: where it stands in one sentence, what comes next, what the reader can do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from civic.bodies.directory import Directory
from civic.complaints import rules
from civic.complaints.models import Follow, Support
from civic.complaints.queries import attached, number_of, public_steps
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
from civic.core.database import Reader
from civic.core.working_days import WorkCalendar
from civic.web.locale import day, local_name
from civic.web.speech import gettext, per_language
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

    complaint: Any
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


def tracking(session: Reader, complaint: Any, actor: Actor, known: Directory, today: date) -> Tracking:
    """The view of a complaint for one reader. complaint: a ``Complaint`` or a row of ``public_complaint``. today: local date of the city."""
    city, body, category = known.cities[complaint.city_id], known.bodies[complaint.body_id], known.categories[complaint.category_id]
    district = known.districts.get(complaint.district_id or 0)
    photos = attached(session, complaint.id)
    overdue = is_overdue(complaint.state, complaint.due_on, today)
    body_name, texts = local_name(body.name), _texts()
    shown = {m: [p for a in photos if a.moment == m and (p := shown_photo(a, city.timezone))] for m in ("before", "after")}
    return Tracking(
        complaint=complaint, title=title_of(category.name, complaint.address), district=local_name(district.name) if district else "",
        category=local_name(category.name), body=body_name, icon=state_icon(complaint.state, overdue), tone=state_tone(complaint.state, overdue),
        state_word=gettext("Overdue") if overdue else state_word(complaint.state),
        sentence=texts["overdue" if overdue else complaint.state][0] % {"body": body_name},
        due_words=_due_words(complaint, known.calendar, today), strip=_strip(complaint, city, known.calendar, today),
        next=texts["overdue" if overdue else complaint.state][1],
        steps=path_steps(session, public_steps(session, complaint.id), photos, city.timezone, known),
        before=shown["before"], after=shown["after"],
        photos_waiting=any(a.state in ("pending", "covering") for a in photos), wants_after_photo=category.wants_after_photo,
        supporters_words=supporters_words(complaint.supporters),
        duplicate_of=number_of(session, complaint.duplicate_of_id) if complaint.duplicate_of_id else None,
        actions=possible(actor, complaint), is_applicant=rules.is_applicant(actor, complaint),
        follows=_has(session, Follow, complaint, actor), supports=_has(session, Support, complaint, actor),
    )


#: By state, and for ``overdue``: the sentence, with a place for the body's name, and what comes next.
_texts = per_language(lambda: {state: (str(SENTENCES[state]), str(NEXT[state])) for state in State}
                      | {"overdue": (str(OVERDUE_SENTENCE), str(OVERDUE_NEXT))})


def possible(actor: Actor, complaint: Any) -> list[str]:
    """What the reader can do now as a resident."""
    if not rules.is_applicant(actor, complaint):
        return []
    steps = [n for n in TRANSITIONS.possible(actor, complaint) if n in ("confirm", "dispute", "withdraw")]
    return steps + (["information"] if rules.may_add_information(actor, complaint) else [])


def _has(session: Reader, table: type[Follow] | type[Support], complaint: Any, actor: Actor) -> bool:
    if actor.contact_id is None:
        return False
    query = select(table.id).where(table.complaint_id == complaint.id, table.contact_id == actor.contact_id)
    return session.scalar(query) is not None


def _due_words(complaint: Any, calendar: WorkCalendar, today: date) -> str:
    if complaint.state in OPEN:
        return gettext("Answer due: %(date)s", date=day(complaint.due_on)) + ". " + _sentence(days_left(calendar, complaint.term_from, complaint.due_on, today))
    if complaint.state == State.ANSWERED and complaint.respond_by is not None:
        return gettext("The resident can respond until %(date)s.", date=day(complaint.respond_by))
    return ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _strip(complaint: Any, city: Any, calendar: WorkCalendar, today: date) -> Strip | None:
    if complaint.state in OPEN:
        return term_strip(calendar, complaint.term_from, complaint.due_on, today, ended=False)
    if complaint.answered_at is not None and complaint.state != State.WITHDRAWN:
        return term_strip(calendar, complaint.term_from, complaint.due_on, local_date(complaint.answered_at, city.timezone), ended=True)
    return None
