"""The words of letters about what is followed: one by one, and gathered for a day or a week. Each runs in the reader's locale."""

from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.bodies.models import Body, Category
from civic.complaints.filing_views import signer
from civic.complaints.models import Complaint, ComplaintEvent
from civic.complaints.tracking import OVERDUE_SENTENCE, SENTENCES
from civic.complaints.wording import is_overdue, path_steps, state_word, title_of
from civic.core.clock import local_date, utc_now
from civic.following.models import Following
from civic.following.naming import target_name
from civic.following.queries import chosen
from civic.notifications.tasks import BUILDERS, GATHERERS, Letter
from civic.places.models import City, District
from civic.web.locale import local_name

#: Characters of the resident's words that a letter quotes.
QUOTED = 300


def register() -> None:
    """Make the letters known to the mail job."""
    BUILDERS["followed"] = followed
    GATHERERS["followed"] = gathered


def told_by(session: Session, contact: Contact, following_ids: list[int]) -> list[Following]:
    """The followings that a letter is owed to, still held and not paused."""
    return [f for f in chosen(session, contact.id, following_ids) if f.paused_at is None]


def ending(contact: Contact, followings: list[Following]) -> str:
    """The address of the page that ends these followings."""
    token = signer("end-following").dumps([contact.id, [f.id for f in followings]])
    return url_for("following.end_by_letter", token=token, _external=True)


def all_of_mine(contact: Contact) -> str:
    """The line under a letter that leads to everything the address follows."""
    address = url_for("following.by_letter", token=signer("followings").dumps(contact.id), _external=True)
    return gettext("Everything you follow, to change or end: %(address)s", address=address)


def _subject_of(session: Session, facts: dict[str, Any]) -> tuple[Complaint, ComplaintEvent | None]:
    event = session.get_one(ComplaintEvent, facts["event_id"]) if "event_id" in facts else None
    return session.get_one(Complaint, event.complaint_id if event else facts["complaint_id"]), event


def _page(session: Session, complaint: Complaint) -> str:
    city = session.get_one(City, complaint.city_id)
    return url_for("tracking.page", city=city.code, number=complaint.number, _external=True)


def _title(session: Session, complaint: Complaint) -> str:
    return title_of(session.get_one(Category, complaint.category_id).name, complaint.address)


def _overdue(session: Session, complaint: Complaint) -> bool:
    city = session.get_one(City, complaint.city_id)
    return is_overdue(complaint.state, complaint.due_on, local_date(utc_now(), city.timezone))


def followed(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter | None:
    """One complaint where somebody follows. None when it is followed no more, or not public any more."""
    complaint, event = _subject_of(session, facts)
    followings = told_by(session, contact, facts["following_ids"])
    if complaint.private or not followings:
        return None
    title = _title(session, complaint)
    quote = f"«{_shortened(complaint.text)}»" if complaint.text and (event is None or event.kind in ("register", "forward")) else ""
    step = ""
    if event is None:
        subject = gettext("Overdue: %(title)s", title=title)
    elif event.kind == "register":
        subject = gettext("New: %(title)s", title=title)
    else:
        shown = path_steps(session, [event], (), session.get_one(City, complaint.city_id).timezone)[0]
        subject = f"{shown.title}: {title}"
        step = f"{shown.title}. {shown.who}, {shown.when}." + (f"\n{shown.note}" if shown.note else "") + (
            f"\n«{_shortened(shown.text)}»" if shown.text else "")
    names = "; ".join(target_name(session, f) for f in followings)
    paragraphs = [gettext("You follow: %(what)s.", what=names), f"{title}\n{_where(session, complaint)}", quote, step,
                  _sentence(session, complaint), _page(session, complaint), all_of_mine(contact)]
    return Letter(subject, "\n\n".join(p for p in paragraphs if p), ending(contact, followings))


def _where(session: Session, complaint: Complaint) -> str:
    district = session.get(District, complaint.district_id) if complaint.district_id else None
    place = local_name(district.name) if district else local_name(session.get_one(City, complaint.city_id).name)
    return f"{place} · {complaint.number}"


def _sentence(session: Session, complaint: Complaint) -> str:
    body = local_name(session.get_one(Body, complaint.body_id).name)
    words = OVERDUE_SENTENCE if _overdue(session, complaint) else SENTENCES[complaint.state]
    return str(words) % {"body": body}


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= QUOTED else words[:QUOTED].rsplit(" ", 1)[0] + " …"


def gathered(session: Session, contact: Contact, notices: list[dict[str, Any]]) -> Letter | None:
    """All of a day or a week: under each thing followed one line for each complaint, which stands once in the letter."""
    lines: dict[int, list[str]] = {}
    by_id: dict[int, Following] = {}
    seen: set[int] = set()
    for facts in notices:
        complaint, _ = _subject_of(session, facts)
        followings = told_by(session, contact, facts["following_ids"])
        if complaint.private or not followings or complaint.id in seen:
            continue
        seen.add(complaint.id)
        by_id |= {f.id: f for f in followings}
        lines.setdefault(followings[0].id, []).append(_line(session, complaint))
    if not lines:
        return None
    blocks = ["\n".join([f"◆ {target_name(session, by_id[i])}", *lines[i]]) for i in lines]
    told = [by_id[i] for i in sorted(by_id)]
    return Letter("", "\n\n".join([*blocks, all_of_mine(contact)]), ending(contact, told))


def _line(session: Session, complaint: Complaint) -> str:
    state = gettext("Overdue") if _overdue(session, complaint) else state_word(complaint.state)
    return f"• {_title(session, complaint)} – {state}: {_page(session, complaint)}"
