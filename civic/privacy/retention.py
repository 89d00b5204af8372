"""How long each kind of data is kept: one table, by name. Every night what is older goes; each run is logged, in counts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import ERASED_DOMAIN, AccountSession, Contact, Membership, User
from civic.accounts.post_models import PostInvitation
from civic.accounts.service import contact_for
from civic.complaints import filing
from civic.complaints.models import Applicant, Complaint, Draft, Follow
from civic.complaints.searched import words_changed
from civic.complaints.states import OPEN, State
from civic.core.clock import local_date
from civic.core.database import Base
from civic.events.models import Event, Registration
from civic.jobs.models import Outbox
from civic.jobs.service import give_up
from civic.media.service import delete_files
from civic.moderation.models import Case, CaseAct, Flag
from civic.moderation.states import State as CaseState
from civic.places.models import City
from civic.privacy.erasure import erase
from civic.privacy.models import Consent, Export, RetentionRun, Withdrawal
from civic.privacy.naming import forget_name
from civic.privacy.person import Person
from civic.questions.models import Participant, Room

AT_ONCE = 500
DAY = timedelta(days=1)
#: Whoever's complaint is older than the term: the row of ``applicant`` has to point at somebody.
NOBODY = f"nobody@{ERASED_DOMAIN}"


@dataclass(frozen=True)
class Folders:
    """Where files lie that go with rows."""

    media: Path
    exports: Path
    letters: Path


@dataclass(frozen=True)
class Kind:
    """One kind of data. kept: how long after its moment. what: for the operator. due: keys of rows whose time is over, given the moment
    before which it is. remove: takes out the rows with these keys."""

    kept: timedelta
    what: str
    due: Callable[[datetime], Select[Any]]
    remove: Callable[[Session, Sequence[Any], Folders, datetime], None]


def _unconfirmed(before: datetime) -> Select[Any]:
    posts = exists().where(Membership.user_id == User.id)
    contacts = exists().where(Contact.user_id == User.id)
    return select(User.id).where(User.confirmed_at.is_(None), User.active, User.create_datetime < before.replace(tzinfo=None), ~posts, ~contacts)


def _remove_accounts(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    for table in (Consent, Export, Withdrawal, AccountSession):
        session.execute(delete(table).where(table.user_id.in_(ids)))
    session.execute(delete(User).where(User.id.in_(ids)))


def _drafts(before: datetime) -> Select[Any]:
    return select(Draft.id).where(func.coalesce(Draft.asked_at, Draft.created_at) < before)


def _remove_drafts(session: Session, ids: Sequence[str], folders: Folders, _now: datetime) -> None:
    for photo_id in filing.forget_drafts(session, ids):
        delete_files(folders.media, photo_id)


def _exports(before: datetime) -> Select[Any]:
    return select(Export.id).where(Export.asked_at < before)


def _remove_exports(session: Session, ids: Sequence[str], folders: Folders, _now: datetime) -> None:
    for export_id in ids:
        (folders.exports / f"{export_id}.zip").unlink(missing_ok=True)
    session.execute(delete(Export).where(Export.id.in_(ids)))


def _letters(before: datetime) -> Select[Any]:
    return select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.created_at < before, Outbox.attempts > 0)


def _give_up(session: Session, ids: Sequence[int], _folders: Folders, now: datetime) -> None:
    give_up(session, Outbox.id.in_(ids), now, "given up")


def _needs(before: datetime) -> Select[Any]:
    return select(Registration.id).join(Event, Event.id == Registration.event_id).where(Registration.needs.is_not(None), Event.ends_at < before)


def _remove_needs(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(update(Registration).where(Registration.id.in_(ids)).values(needs=None, needs_consent_at=None))


def _names_of_guests(before: datetime) -> Select[Any]:
    return select(Registration.id).join(Event, Event.id == Registration.event_id).where(Registration.name != "—", Event.ends_at < before)


def _remove_guests(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(update(Registration).where(Registration.id.in_(ids)).values(name="—"))


def _applicants(before: datetime) -> Select[Any]:
    ended = ~Complaint.state.in_([*OPEN, State.ANSWERED])
    return (select(Applicant.complaint_id).join(Complaint, Complaint.id == Applicant.complaint_id)
            .where(ended, Complaint.updated_at < before, Applicant.name != "—"))


def _remove_applicants(session: Session, ids: Sequence[int], _folders: Folders, now: datetime) -> None:
    nobody = contact_for(session, NOBODY, "kk")
    for complaint in session.scalars(select(Complaint).where(Complaint.id.in_(ids))).unique():
        forget_name(session, complaint, {"on": local_date(now, session.get_one(City, complaint.city_id).timezone).isoformat()})
        session.execute(delete(Follow).where(Follow.complaint_id == complaint.id, Follow.contact_id == complaint.applicant.contact_id))
        words_changed(session, complaint, now)
    session.execute(update(Applicant).where(Applicant.complaint_id.in_(ids)).values(contact_id=nobody.id, name="—"))


def _moderated(before: datetime) -> Select[Any]:
    """What waits for a decision is needed, however old."""
    over = Case.state.not_in((CaseState.OPEN, CaseState.APPEALED)) & (func.coalesce(Case.resolved_at, Case.decided_at) < before)
    flagged = exists().where(Flag.case_id == Case.id, Flag.words != "")
    return select(Case.id).where(over, or_(Case.withheld.is_not(None), Case.appeal != "", flagged))


def _remove_moderated(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(update(Case).where(Case.id.in_(ids)).values(withheld=None, appeal=""))
    session.execute(update(Flag).where(Flag.case_id.in_(ids)).values(words=""))


def _addresses(before: datetime) -> Select[Any]:
    """Of nobody's account, and nothing hangs on them but that there was consent."""
    kept = ("consent", "withdrawal", "personal_export")
    free = [~exists().where(column == Contact.id) for table in Base.metadata.sorted_tables if table.name not in kept
            for column in table.columns for key in column.foreign_keys if key.column is Contact.__table__.c.id]
    return select(Contact.id).where(Contact.user_id.is_(None), Contact.confirmed_at < before, ~Contact.email.endswith(ERASED_DOMAIN), *free)


def _remove_addresses(session: Session, ids: Sequence[int], _folders: Folders, now: datetime) -> None:
    for contact_id in ids:
        erase(session, Person(None, contact_id), now)


def _invitations(before: datetime) -> Select[Any]:
    over = or_(PostInvitation.accepted_at.is_not(None), PostInvitation.withdrawn_at.is_not(None), PostInvitation.expires_at < before)
    return select(PostInvitation.id).where(over, PostInvitation.invited_at < before, ~PostInvitation.email.endswith(ERASED_DOMAIN))


def _remove_invitations(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(update(PostInvitation).where(PostInvitation.id.in_(ids)).values(email=NOBODY))


def _room_addresses(before: datetime) -> Select[Any]:
    rooms = select(Room.id).join(Event, Event.id == Room.event_id).where(Event.ends_at < before)
    return select(Participant.id).where(Participant.address != "", Participant.room_id.in_(rooms))


def _remove_room_addresses(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(update(Participant).where(Participant.id.in_(ids)).values(address=""))


def _runs(before: datetime) -> Select[Any]:
    return select(RetentionRun.id).where(RetentionRun.at < before)


def _remove_runs(session: Session, ids: Sequence[int], _folders: Folders, _now: datetime) -> None:
    session.execute(delete(RetentionRun).where(RetentionRun.id.in_(ids)))


KINDS: dict[str, Kind] = {  # what makes others due stands behind them: a night does what its preview said
    "unused_addresses": Kind(365 * DAY, "e-mail addresses of people without an account for whom nothing is kept any more", _addresses, _remove_addresses),
    "drafts": Kind(filing.DRAFT_LIVES, "complaints that nobody finished or confirmed, with their photos", _drafts, _remove_drafts),
    "unconfirmed_accounts": Kind(7 * DAY, "accounts whose address nobody confirmed", _unconfirmed, _remove_accounts),
    "exports": Kind(7 * DAY, "archives of personal data", _exports, _remove_exports),
    "undelivered_letters": Kind(30 * DAY, "addresses and words of letters that could not be delivered", _letters, _give_up),
    "ticket_needs": Kind(DAY, "what people need to take part, after the event", _needs, _remove_needs),
    "guests": Kind(365 * DAY, "names of those who registered for events", _names_of_guests, _remove_guests),
    "applicants": Kind(3 * 365 * DAY, "name and address of the applicant of an ended complaint; the complaint stays", _applicants, _remove_applicants),
    "moderated_words": Kind(365 * DAY, "what moderators hid, with what was said when flagging and appealing, after the decision", _moderated, _remove_moderated),
    "invitations_to_posts": Kind(180 * DAY, "addresses of people who were invited to a post", _invitations, _remove_invitations),
    "room_addresses": Kind(2 * DAY, "keys of the network addresses that people came into a room from, after the event", _room_addresses, _remove_room_addresses),
    "retention_runs": Kind(365 * DAY, "this log", _runs, _remove_runs),
}
#: What other sweeps keep short, for whoever reads the table: name, how long, where.
ELSEWHERE = (
    ("sessions", "60 days after the last visit", "accounts.sessions.forget_old"),
    ("registration_requests", "2 days", "events.registration.forget_requests"),
    ("payload of a delivered letter", "at once", "jobs.service"),
    ("network addresses", "hashed; their key 2 days", "limits.service.forget"),
    ("origins of votes", "60 days", "limits.votes.forget_origins"),
    ("sent forms", "30 days", "web.once.forget"),
    ("written answers through a letter, until they are confirmed", "6 days", "questions.offices.forget"),
)
#: Letters in a folder, where no mail server is set.
LETTERS_KEPT = 30 * DAY


def preview(session: Session, now: datetime) -> dict[str, int]:
    """How many rows of each kind would go. Changes nothing."""
    return {name: session.scalar(select(func.count()).select_from(kind.due(now - kind.kept).subquery())) or 0 for name, kind in KINDS.items()}


def run(session: Session, name: str, folders: Folders, now: datetime) -> int:
    """Take out what is over of one kind, up to ``AT_ONCE`` rows; log it. Gives how many. The caller commits."""
    kind = KINDS[name]
    ids = session.scalars(kind.due(now - kind.kept).limit(AT_ONCE)).all()
    if ids:
        kind.remove(session, ids, folders, now)
    session.add(RetentionRun(at=now, kind=name, removed=len(ids)))
    session.flush()
    return len(ids)


def texts_taken_out(session: Session, now: datetime) -> bool:
    """Whether somebody was erased, or a moderator hid something, since the night before the last one."""
    erased, hidden = exists().where(Withdrawal.done_at > now - 2 * DAY), exists().where(CaseAct.kind == "hide", CaseAct.at > now - 2 * DAY)
    return bool(session.scalar(select(or_(erased, hidden))))


def forget_letters(folder: Path) -> int:
    """Letters that lie in a folder longer than ``LETTERS_KEPT``."""
    before, gone = time.time() - LETTERS_KEPT.total_seconds(), 0
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
