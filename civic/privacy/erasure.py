"""Taking a person out: name, address, words and photos go; the public skeleton (number, steps, dates, states, counts) stays."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from civic.accounts.models import ERASED_DOMAIN, Contact, Membership, User
from civic.accounts.post_models import PostInvitation
from civic.complaints import service as complaints
from civic.complaints.filing import forget_drafts
from civic.complaints.models import Complaint, Draft
from civic.complaints.searched import words_changed
from civic.complaints.states import OPEN, TRANSITIONS
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.errors import InputRefused
from civic.events import organisations
from civic.events import registration as registrations
from civic.events.models import Registration, RegistrationRequest
from civic.events.states import ALIVE
from civic.focus.models import Participant
from civic.jobs.service import enqueue, give_up_letters
from civic.media.models import Photo
from civic.moderation.models import Case, CaseAct
from civic.moderation.owned import forget_appeals
from civic.moderation.subjects import marked
from civic.places.models import City
from civic.places.queries import work_calendar
from civic.privacy.archive import complaints_of, contested_photos, own_attachments
from civic.privacy.holdings import HOLDINGS, Erasure
from civic.privacy.models import Withdrawal
from civic.privacy.naming import forget_name
from civic.privacy.person import Person, hold, rows_of
from civic.promises.models import Promise, PromisePhoto, PromiseStep
from civic.questions import rooms
from civic.questions.models import Question

#: The law: processing ends within so many working days after consent is withdrawn.
WORKING_DAYS = 15


@dataclass(frozen=True)
class Preview:
    """What erasure would do. gone, kept: numbers of rows by table. withdrawn: open complaints that end. photos: that go."""

    complaints: int
    withdrawn: int
    photos: int
    registrations: int
    gone: dict[str, int]
    kept: dict[str, int]
    holds_post: bool


def preview(session: Session, person: Person) -> Preview:
    """Changes nothing."""
    own = complaints_of(session, person)
    numbers: dict[Erasure, dict[str, int]] = {way: {} for way in Erasure}
    for name, holding in HOLDINGS.items():
        table, mine = rows_of(person, name)
        number = session.scalar(select(func.count()).select_from(table).where(mine)) or 0
        if number:
            numbers[holding.erasure][name] = number
    photos = sum(len(own_attachments(session, c)) for c in own) + len(contested_photos(session, person))
    return Preview(len(own), sum(_can_withdraw(c, person) for c in own), photos,
                   len(_registrations(session, person)), {**numbers[Erasure.DELETE], **numbers[Erasure.BLANK]}, numbers[Erasure.KEEP],
                   holds_post(session, person))


def holds_post(session: Session, person: Person) -> bool:
    """Whether the person answers for somebody: then the post has to be handed over first."""
    return person.user_id is not None and session.scalar(
        select(Membership.id).where(Membership.user_id == person.user_id, Membership.ended_at.is_(None)).limit(1)) is not None


def withdraw(session: Session, person: Person, local_now: datetime, now: datetime) -> Withdrawal:
    """Take consent back: done at once where nothing stands against it, else a task until 15 working days from now.

    local_now: the present moment in the person's zone, for the day that counts.
    """
    hold(session, person)
    column = Withdrawal.user_id == person.user_id if person.user_id else Withdrawal.contact_id == person.contact_id
    task = session.scalar(select(Withdrawal).where(column, Withdrawal.state != "cancelled").order_by(Withdrawal.id.desc()).limit(1))
    if task is not None and task.state == "done":  # the same button was pressed in another window
        return task
    if task is None:
        due = work_calendar(session).add(local_now.date(), WORKING_DAYS)
        task = Withdrawal(user_id=person.user_id, contact_id=person.contact_id, state="open", asked_at=now, due_on=due)
        session.add(task)
        session.flush()
    if not holds_post(session, person):
        erase(session, person, now)
    return task


def erase(session: Session, person: Person, now: datetime) -> None:
    """Erase the person, and end the task that waits for it. Raises ``InputRefused`` ``holds_post``."""
    if holds_post(session, person):
        raise InputRefused("confirm", "holds_post")
    _leave_events(session, person, now)
    if person.user_id is not None:
        organisations.leave_all(session, session.get_one(User, person.user_id), _actor(person), now)
    photos = [photo for complaint in complaints_of(session, person) for photo in erase_complaint(session, complaint, person, now)]
    photos += forget_contested(session, person, now)
    archives, own = rows_of(person, "personal_export")
    exports = list(session.scalars(select(archives.c.id).where(own)))
    photos += _by_address(session, person, now)
    _forget_withheld(session, person)
    _tell_rooms(session, person, now)
    for name, holding in HOLDINGS.items():
        table, mine = rows_of(person, name)
        if holding.erasure is Erasure.DELETE:
            session.execute(delete(table).where(mine))
        elif holding.erasure is Erasure.BLANK:
            session.execute(update(table).where(mine).values(**holding.blank))
    _empty_person(session, person)
    open_tasks = [Withdrawal.user_id == person.user_id] if person.user_id else [Withdrawal.contact_id == person.contact_id]
    session.execute(update(Withdrawal).where(*open_tasks, Withdrawal.state == "open").values(state="done", done_at=now))
    if photos or exports:
        enqueue(session, "forget_files", f"forget_files:{secrets.token_hex(12)}", {"photo_ids": photos, "export_ids": exports}, now)
    session.flush()
    session.expire_all()


def _let_go(session: Session, case: Case, own: Collection[str], person: Person) -> None:
    """Take out of a case what was hidden of these parts, now or once, and the person's appeal; what others wrote, and their appeal, stays."""
    if not set(case.parts) & set(own):
        return
    case.withheld = {part: content for part, content in (case.withheld or {}).items() if part not in own} or None
    appealed = select(CaseAct.user_id).where(CaseAct.case_id == case.id, CaseAct.kind == "appeal").limit(1)
    if session.scalar(appealed) in (None, person.user_id):  # without an account nobody but the author of these parts appeals
        case.appeal = ""
    session.flush()


def _forget_withheld(session: Session, person: Person) -> None:
    """What moderators took off the person's questions goes with them, and how the person appealed for them or for words in a focus group."""
    table, mine = rows_of(person, "question")
    for case in session.scalars(select(Case).where(Case.kind == "question", Case.thing_id.in_(select(table.c.id).where(mine)))):
        _let_go(session, case, {"text", "name"}, person)  # the answer is the body's
    table, mine = rows_of(person, "focus_participant")
    for participant in session.scalars(select(Participant).where(Participant.id.in_(select(table.c.id).where(mine)))):
        forget_appeals(session, participant)


def _tell_rooms(session: Session, person: Person, now: datetime) -> None:
    """Open views of rooms draw anew what is going to change of the person's questions."""
    table, mine = rows_of(person, "question")
    asked = select(Question).where(Question.id.in_(select(table.c.id).where(mine))).order_by(Question.room_id, Question.id)
    for question in session.scalars(asked).all():
        question.changed = rooms.touch(session, question.room, now)
    session.flush()


def forget_contested(session: Session, person: Person, now: datetime) -> list[str]:
    """Take out the words, links and photos with which a resident contested promises; that it was contested stays. Gives ids of photos
    whose files go."""
    steps = session.scalars(select(PromiseStep).where(PromiseStep.contact_id == person.contact_id, PromiseStep.role == "resident")
                            .order_by(PromiseStep.id)).all() if person.contact_id is not None else ()
    for step in steps:
        on = local_date(now, session.get_one(Promise, step.promise_id).event.city.timezone)
        step.text, step.links, step.hidden = None, [], marked(step.hidden, "redacted", {"on": on.isoformat()})
    session.flush()
    ids = {step.id for step in steps}
    for case in session.scalars(select(Case).where(Case.kind == "promise", Case.thing_id.in_({step.promise_id for step in steps}))).all():
        _let_go(session, case, {name for name in case.parts if int(name.split("-")[1]) in ids}, person)  # words, links and photos of these steps
    photos = [photo_id for _, photo_id in contested_photos(session, person)]
    session.execute(delete(PromisePhoto).where(PromisePhoto.photo_id.in_(photos)))
    session.execute(delete(Photo).where(Photo.id.in_(photos)))
    return photos


def erase_complaint(session: Session, complaint: Complaint, person: Person, now: datetime) -> Sequence[str]:
    """End it when it is open, then take out the applicant's words, name (from the body's answers, too), place in words and photos, and what
    the body noted for itself. Gives ids of photos whose files go."""
    if _can_withdraw(complaint, person):
        complaints.withdraw(session, complaint, _actor(person), now)
    mark = {"on": local_date(now, session.get_one(City, complaint.city_id).timezone).isoformat()}
    forget_name(session, complaint, mark)
    attachments = own_attachments(session, complaint)
    own = {"text", "address", "name", *(f"photo-{a.id}" for a in attachments), *(f"step-{e.id}" for e in complaint.events if e.role == "applicant")}
    for case in session.scalars(select(Case).where(Case.kind == "complaint", Case.key == complaint.number)):
        _let_go(session, case, own, person)
    complaint.text, complaint.address = "", ""
    if complaint.private:  # of a public one the pin is part of the record, and of the map's numbers
        complaint.lat = complaint.lon = complaint.cell = None
    complaint.hidden = marked(complaint.hidden, "redacted", mark)
    for event in complaint.events:
        if event.role == "applicant" and event.text:
            event.text, event.hidden = None, marked(event.hidden, "redacted", mark)
    session.flush()
    photos = [attachment.photo_id for attachment in attachments]
    for attachment in attachments:
        session.delete(attachment)
    session.flush()
    session.execute(delete(Photo).where(Photo.id.in_(photos)))
    session.expire(complaint, ["attachments"])
    forget_drafts(session, session.scalars(select(Draft.id).where(Draft.complaint_id == complaint.id)).all())
    words_changed(session, complaint, now)
    return photos


def _can_withdraw(complaint: Complaint, person: Person) -> bool:
    """Still being worked on: one that is answered keeps its answer and closes in silence."""
    return complaint.state in OPEN and "withdraw" in TRANSITIONS.possible(_actor(person), complaint)


def _actor(person: Person) -> Actor:
    return Actor(person.user_id, person.contact_id)


def _registrations(session: Session, person: Person) -> Sequence[Registration]:
    if person.contact_id is None:
        return []
    return session.scalars(select(Registration).where(Registration.contact_id == person.contact_id, Registration.state.in_(ALIVE)).order_by(Registration.id)).all()


def _leave_events(session: Session, person: Person, now: datetime) -> None:
    """Places in events that are still to come go to others."""
    for row in _registrations(session, person):
        if registrations.is_open(row.event, now):
            registrations.leave(session, row, _actor(person), now)


def _by_address(session: Session, person: Person, now: datetime) -> list[str]:
    """What knows the person by the e-mail address alone; letters that wait to be sent there, too. Gives ids of photos whose files go."""
    emails = [*session.scalars(select(Contact.email).where(Contact.id == person.contact_id)), *session.scalars(select(User.email).where(User.id == person.user_id))]
    session.execute(delete(RegistrationRequest).where(RegistrationRequest.email.in_(emails)))
    photos = forget_drafts(session, session.scalars(select(Draft.id).where(Draft.email.in_(emails))).all())
    offered = PostInvitation.email.in_(emails)
    session.execute(update(PostInvitation).where(offered, PostInvitation.accepted_at.is_(None), PostInvitation.withdrawn_at.is_(None)).values(withdrawn_at=now))
    session.execute(update(PostInvitation).where(offered).values(email=_nobody()))
    give_up_letters(session, emails, now)
    return photos


def _nobody() -> str:
    """An address that was never anybody's, and that no letter goes to."""
    return f"{secrets.token_hex(12)}@{ERASED_DOMAIN}"


def _empty_person(session: Session, person: Person) -> None:
    """The rows stay, for what points at them; nobody can sign in, and no letter can go there."""
    nobody = _nobody()
    if person.contact_id is not None:
        session.execute(update(Contact).where(Contact.id == person.contact_id).values(email=nobody, confirmed_at=None, user_id=None))
    if person.user_id is not None:
        user = session.get_one(User, person.user_id)
        user.email, user.name, user.active, user.fs_uniquifier = nobody, "", False, secrets.token_hex(16)
        for column in User.__table__.columns:  # password, secrets of the second factor, telephone, times of visits
            if column.nullable:
                setattr(user, column.name, None)
    session.flush()
