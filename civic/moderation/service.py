"""Writes of moderation: flags, signs, hiding with a reason, appeals. What is hidden is hidden by a person, never by a rule."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from civic.accounts import audit
from civic.accounts.models import Contact
from civic.core.actor import Actor
from civic.core.clock import local_date
from civic.core.database import lock_row
from civic.core.errors import DomainError, InputRefused, NotAllowed, NotFound
from civic.core.text import clean
from civic.jobs.service import enqueue
from civic.limits import votes
from civic.media.models import Photo
from civic.moderation import signs
from civic.moderation.codex import Reason
from civic.moderation.models import Case, CaseAct, Flag
from civic.moderation.queries import other_moderators
from civic.moderation.states import TRANSITIONS, State
from civic.moderation.subjects import SUBJECTS, Part, Thing, load
from civic.places.models import City

MAX_WORDS = 2000
WHOLE = "whole"


class AlreadyFlagged(DomainError):
    """This person has flagged this already."""

    code = "flagged_before"


class CaseChangedMeanwhile(DomainError):
    """Another moderator was faster, or an author who took out what was to be hidden."""

    code = "case_changed_meanwhile"


def flag(session: Session, thing: Thing, actor: Actor, now: datetime, *, part: str, reason: Reason, words: str = "") -> Case:
    """Put a thing before the moderators. Raises ``AlreadyFlagged``, ``InputRefused`` for a part that is not shown."""
    if actor.user_id is None:
        raise NotAllowed(action="flag")
    shown = thing.part(part)
    if shown is None or shown.hidden:
        raise InputRefused("part", "part_not_shown")
    _fits(words, "words")
    held = select(Flag.id).where(Flag.user_id == actor.user_id, Flag.kind == thing.kind, Flag.key == thing.key, Flag.part == part)
    if session.scalar(held) is not None:
        raise AlreadyFlagged()
    case = open_case(session, thing, now)
    made = Flag(case_id=case.id, user_id=actor.user_id, kind=thing.kind, key=thing.key, part=part, reason=reason.value, words=clean(words), at=now)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:  # sent from two windows at once
        raise AlreadyFlagged() from error
    _act(session, case, "flag", actor, now, reason=reason.value, parts=[shown.kind])
    return case


def notice(session: Session, thing: Thing, parts: Iterable[Part], now: datetime, *, own_host: str = "", flood: bool = False) -> Case | None:
    """What the rules find in these parts goes before the moderators. Nothing found, nothing opened."""
    names, where = {"flood"} if flood else set(), set()
    for part in parts:
        found = {sign.name for sign in signs.find(part.text or "", own_host=own_host)}
        names |= found
        where |= {part.kind} if found or flood else set()
    if not names:
        return None
    case = open_case(session, thing, now)
    case.signs = f" {' '.join(sorted(names | set(case.signs.split())))} "
    _act(session, case, "sign", Actor(system=True), now, parts=sorted(where))
    return case


def open_case(session: Session, thing: Thing, now: datetime) -> Case:
    """The case of this thing that waits, made when there is none."""
    waiting = select(Case).where(Case.kind == thing.kind, Case.key == thing.key, Case.state == State.OPEN).with_for_update()
    case = session.scalar(waiting)
    if case is None:
        made = Case(city_id=thing.city_id, kind=thing.kind, key=thing.key, thing_id=thing.id, state=State.OPEN, opened_at=now)
        try:
            with session.begin_nested():
                session.add(made)
                session.flush()
            case = made
        except IntegrityError:  # somebody else flagged it at the same moment
            case = session.scalars(waiting).one()
    case.body_ids = sorted(thing.body_ids)
    _written_by(case, thing, thing.authors)
    session.flush()
    return case


def lock(session: Session, case: Case, seen_version: int | None) -> None:
    """Take the case for writing. Raises ``CaseChangedMeanwhile`` when it is not what the moderator saw."""
    if not lock_row(session, case, seen_version):
        raise CaseChangedMeanwhile()


def leave(session: Session, case: Case, actor: Actor, now: datetime, *, words: str = "") -> CaseAct:
    """Nothing against the codex: it stays as it is. words: for the moderators alone."""
    TRANSITIONS.check("leave", actor, case)
    _fits(words, "words")
    case.state, case.decided_at, case.decided_by_id = State.LEFT, now, actor.user_id
    return _act(session, case, "leave", actor, now, words=words)


def hide(session: Session, case: Case, actor: Actor, now: datetime, *, parts: Sequence[str], reason: Reason | None, words: str = "",
         document: str = "") -> CaseAct:
    """Take parts, or the whole, off the public page. words stand in public beside the reason.

    Raises ``InputRefused``: ``parts_missing``, ``reason_of_codex_missing``, ``document_number_missing``, ``too_many_characters``;
    ``CaseChangedMeanwhile`` when a part is removed at the same moment.
    """
    TRANSITIONS.check("hide", actor, case)
    thing = _thing(session, case)
    chosen = [part for part in thing.parts if not part.hidden and (WHOLE in parts or part.name in parts)]
    _check_hiding(chosen, reason, words, document)
    _take_photos(session, chosen)
    assert reason is not None
    today = local_date(now, session.get_one(City, case.city_id).timezone)
    mark = {"on": today.isoformat(), "reason": reason.value, "entry": case.id}
    subject = SUBJECTS[case.kind]
    with _rows_that_may_go(session):
        withheld = {part.name: subject.hide(session, thing, part, mark, now) for part in chosen}
    case.withheld = withheld
    case.state, case.decided_at, case.decided_by_id = State.HIDDEN, now, actor.user_id
    case.parts, case.reason, case.words, case.document = [p.name for p in chosen], reason.value, clean(words), clean(document)
    # who is told, and may appeal, is who wrote what is gone
    _written_by(case, thing, frozenset().union(*(part.authors for part in chosen)))
    return _act(session, case, "hide", actor, now, reason=reason.value, parts=_kinds(chosen), words=words, document=document)


@contextmanager
def _rows_that_may_go(session: Session) -> Iterator[None]:
    """All of it, or nothing and ``CaseChangedMeanwhile``: authors remove lines, people, slides and materials of theirs without asking
    who is about to hide them."""
    try:
        with session.begin_nested():
            yield
    except (NoResultFound, StaleDataError) as gone:
        session.expire_all()  # the moderator sees what stands there now
        raise CaseChangedMeanwhile() from gone


def _take_photos(session: Session, parts: Iterable[Part]) -> None:
    """Take the photos for writing before their page, as whoever covers them does. Raises ``CaseChangedMeanwhile`` when the covering of
    one has just ended: another photo stands in its place."""
    wanted = {part.photo_id for part in parts if part.photo_id}
    there = session.scalars(select(Photo.id).where(Photo.id.in_(wanted)).order_by(Photo.id).with_for_update()).all() if wanted else ()
    if len(there) < len(wanted):
        session.expire_all()  # the moderator sees what stands there now
        raise CaseChangedMeanwhile()


def _written_by(case: Case, thing: Thing, authors: frozenset[int]) -> None:
    case.authors, case.by_applicant = sorted(authors), thing.applicant_id in authors


def _check_hiding(chosen: Sequence[Part], reason: Reason | None, words: str, document: str) -> None:
    if not chosen:
        raise InputRefused("parts", "parts_missing")
    if reason is None:
        raise InputRefused("reason", "reason_of_codex_missing")
    if reason is Reason.COURT_ORDER and not clean(document):
        raise InputRefused("document", "document_number_missing")
    if len(clean(document)) > 120:
        raise InputRefused("document", "too_many_characters", limit=120)
    _fits(words, "words")


def appeal(session: Session, case: Case, actor: Actor, now: datetime, *, text: str) -> CaseAct:
    """The author asks a second moderator; where the city has none, an administrator."""
    TRANSITIONS.check("appeal", actor, case)
    if not clean(text):
        raise InputRefused("text", "words_missing")
    _fits(text, "text")
    case.state, case.appealed_at, case.appeal = State.APPEALED, now, clean(text)
    case.for_administrator = not other_moderators(session, case.city_id, case.decided_by_id)
    return _act(session, case, "appeal", actor, now)


def resolve(session: Session, case: Case, actor: Actor, now: datetime, *, restore: bool, text: str) -> CaseAct:
    """The second moderator's word, in public: restore, or uphold."""
    TRANSITIONS.check("restore" if restore else "uphold", actor, case)
    if not clean(text):
        raise InputRefused("text", "words_missing")
    _fits(text, "text")
    if restore:
        put_back(session, case, now)
    case.state, case.resolved_at, case.resolution = State.RESTORED if restore else State.UPHELD, now, clean(text)
    return _act(session, case, "restore" if restore else "uphold", actor, now, reason=case.reason, words=text,
                parts=sorted({name.partition("-")[0] for name in case.parts}))


def decide_votes(session: Session, kind: str, subject_id: int, state: str, target: str, reason: str, actor: Actor, now: datetime) -> int:
    """Marked votes of a subject count from now on, or do not (see ``limits.votes.decide``), and the city's trail says who decided. Returns how
    many."""
    number = votes.decide(session, kind, subject_id, state, target, reason, actor.user_id, now)
    if number:
        audit.record(session, actor, now, f"votes.{target}", city_id=votes.KINDS[kind].city_id(session, subject_id), facts={"kind": kind, "votes": number})
    return number


def put_back(session: Session, case: Case, now: datetime) -> None:
    """All that was withheld, where it stood; what is not there any more (a slide, a talk taken off the list) is left out.

    Raises ``CaseChangedMeanwhile`` when it is removed at the same moment."""
    thing, withheld = load(session, case.kind, case.key), case.withheld or {}
    parts = [part for part in thing.parts if part.name in withheld and part.hidden] if thing is not None else []
    _take_photos(session, parts)
    with _rows_that_may_go(session):
        for part in parts:
            assert thing is not None
            SUBJECTS[case.kind].restore(session, thing, part, withheld[part.name], now)
    case.withheld = None


def covered(session: Session, case: Case, actor: Actor, now: datetime, *, reason: Reason) -> CaseAct:
    """Write down that parts of a photo were covered; the case stays open for the rest."""
    if case.state != State.OPEN:
        raise NotAllowed(action="cover")
    TRANSITIONS.check("leave", actor, case)
    return _act(session, case, "cover", actor, now, reason=reason.value, parts=["photo"])


def _thing(session: Session, case: Case) -> Thing:
    thing = load(session, case.kind, case.key)
    if thing is None:
        raise NotFound()
    return thing


def _kinds(parts: Iterable[Part]) -> list[str]:
    return sorted({part.kind for part in parts})


def _act(session: Session, case: Case, kind: str, actor: Actor, now: datetime, *, reason: str | None = None, parts: Sequence[str] = (),
         words: str = "", document: str = "") -> CaseAct:
    act = CaseAct(case_id=case.id, city_id=case.city_id, kind=kind, at=now, user_id=actor.user_id, reason=reason, parts=list(parts),
                  words=clean(words), document=clean(document))
    session.add(act)
    session.flush()
    if kind not in ("flag", "sign", "appeal"):
        _trail(session, case, act, actor, now)
    if kind in ("hide", "appeal", "restore", "uphold"):
        enqueue(session, "moderation_act", f"moderation_act:{act.id}", {"act_id": act.id}, now)
    return act


def _trail(session: Session, case: Case, act: CaseAct, actor: Actor, now: datetime) -> None:
    """Into the audit trail, once for each author who has an account and can read it."""
    facts: dict[str, Any] = {"entry": case.id, "kind": case.kind, "key": case.key, "reason": act.reason}
    users = session.scalars(select(Contact.user_id).where(Contact.id.in_(case.authors), Contact.user_id.is_not(None))).all()
    for user_id in users if act.kind != "leave" else ():
        audit.record(session, actor, now, f"moderation.{act.kind}", about_user_id=user_id, city_id=case.city_id, facts=facts)
    if not users or act.kind == "leave":
        audit.record(session, actor, now, f"moderation.{act.kind}", city_id=case.city_id, facts=facts)


def _fits(text: str, field: str) -> None:
    if len(clean(text)) > MAX_WORDS:
        raise InputRefused(field, "too_many_characters", limit=MAX_WORDS)
