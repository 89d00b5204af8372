"""Votes that look bought or made by a script: found by signals, decided by people, reversible.

A vote counts at once. Signals only mark it, in a table of its own; the public number changes when a moderator has looked and decided,
in the transaction of the decision, and changes back when the decision is taken back. The voter sees the own vote as before. One kind is
otherwise: what a burst of devices says in a room does not count until somebody has looked, since the room answers within minutes.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.text import mailbox_of
from civic.limits.models import VoteDecision, VoteMark, VoteOrigin
from civic.limits.service import hashed

#: How far back signals look, and how long is kept where a vote came from.
LOOKS_BACK, KEPT = timedelta(hours=24), timedelta(days=60)
BURST, HOUR = timedelta(minutes=1), timedelta(hours=1)
#: The rules, by name: so many votes for one subject that share it are suspect. A family shares a browser, an office a network.
#: ``hall_burst``: so many devices that joined a room from one address within a minute are more than a hall that reads the code
#: from the wall. ``by_hand``: somebody who looks after the room set them aside.
SIGNALS = {"device": 4, "address_burst": 10, "newborn": 5, "hall_burst": 60, "by_hand": 1}


@dataclass(frozen=True)
class Origin:
    """Where a vote comes from: hashes of the day's key. key: that key, for what the voter's address looks like."""

    address: str
    device: str | None
    key: str


@dataclass(frozen=True)
class Moved:
    """Votes of one subject that count from now on (step 1) or do not (step -1), and who decided it; None for an operator."""

    subject_id: int
    votes: Sequence[int]
    step: int
    user_id: int | None
    now: datetime


@dataclass(frozen=True)
class Change:
    """What a decision would change: a public number now and then."""

    what: str
    before: int
    after: int


@dataclass(frozen=True)
class VoteKind:
    """One kind of votes. change: makes the public numbers follow, in the caller's transaction. preview: what it would do.

    name: what moderators call a subject. find: the subject of what an operator types, None when there is none. city_id: of a
    subject. own: whether the subject is somebody's own, who then decides nothing about it. counts: whether a suspected vote counts as
    long as nobody has decided.
    """

    change: Callable[[Session, Moved], None]
    preview: Callable[[Session, int, Sequence[int], int], list[Change]]
    name: Callable[[Session, int], str]
    find: Callable[[Session, str], int | None]
    city_id: Callable[[Session, int], int]
    own: Callable[[Session, int, Actor], bool]
    counts: bool = True

    def counted(self, state: str) -> bool:
        """Whether a vote in this state is in the public number."""
        return state == "cleared" or (state == "suspected" and self.counts)

    def step(self, state: str, target: str) -> int:
        """What each vote adds to the number when it goes from one state to another: 1, 0 or -1."""
        return self.counted(target) - self.counted(state)


#: Filled by the features that have votes.
KINDS: dict[str, VoteKind] = {}


@dataclass
class Suspects:
    """Marked votes of one subject. signals: how many votes each of them marked."""

    kind: str
    subject_id: int
    state: str
    votes: list[int] = field(default_factory=list)
    signals: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def shape(email: str) -> str:
    """How an address is built: ``anna1987@x.kz`` and ``anna2@x.kz`` have one shape, and so has ``anna+any@x.kz``, the same mailbox."""
    local, _, domain = mailbox_of(email).rpartition("@")
    return re.sub(r"[\d._+-]+", "", local) + f"@{domain}"


def record(session: Session, kind: str, subject_id: int, vote_id: int, origin: Origin | None, email: str, proven_at: datetime | None,
           now: datetime) -> None:
    """Remember where a vote came from; nothing without an origin (the product's own jobs and imports)."""
    if origin is not None:
        session.add(VoteOrigin(kind=kind, vote_id=vote_id, subject_id=subject_id, at=now, address=origin.address, device=origin.device,
                               shape=hashed(origin.key, "shape", shape(email)), proven_at=proven_at))


def mark_suspects(session: Session, now: datetime) -> int:
    """Mark what the signals show among the votes of the last hours; what people have decided about stays. Returns how many are new."""
    lately = select(VoteOrigin.kind, VoteOrigin.subject_id).where(VoteOrigin.at > now - HOUR).distinct()
    made = 0
    for kind, subject_id in session.execute(lately).all():
        votes = select(VoteOrigin).where(VoteOrigin.kind == kind, VoteOrigin.subject_id == subject_id, VoteOrigin.at > now - LOOKS_BACK)
        found = signals_of(session.scalars(votes.order_by(VoteOrigin.at)).all())
        if found:
            made += mark(session, kind, subject_id, found, now)
    return made


def signals_of(votes: Sequence[VoteOrigin]) -> dict[int, set[str]]:
    """Which signals each vote of one subject shows, by vote; only those that show any."""
    found: dict[int, set[str]] = defaultdict(set)
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for vote in votes:
        if vote.device:
            groups["device", vote.device].append(vote.vote_id)
        groups["address_burst", vote.address, int(vote.at.timestamp() // BURST.total_seconds())].append(vote.vote_id)
        if vote.proven_at is not None:
            groups["newborn", vote.shape, int(vote.proven_at.timestamp() // HOUR.total_seconds())].append(vote.vote_id)
    for (signal, *_), ids in groups.items():
        if len(ids) >= SIGNALS[str(signal)]:
            for vote_id in ids:
                found[vote_id].add(str(signal))
    return found


def mark(session: Session, kind: str, subject_id: int, found: Mapping[int, set[str]], now: datetime, state: str = "suspected") -> int:
    """Mark votes with the signals that they show; those that are marked already keep their state. Returns how many are new."""
    held = {mark.vote_id: mark for mark in session.scalars(select(VoteMark).where(VoteMark.kind == kind, VoteMark.vote_id.in_(found)))}
    for vote_id in found.keys() & held.keys():
        if held[vote_id].state == "suspected":
            held[vote_id].signals = sorted(found[vote_id] | set(held[vote_id].signals))
    new = sorted(found.keys() - held.keys())
    try:
        with session.begin_nested():
            session.add_all(VoteMark(kind=kind, vote_id=v, subject_id=subject_id, state=state, signals=sorted(found[v]), found_at=now) for v in new)
    except IntegrityError:  # another worker has marked some of them at the same moment
        return mark(session, kind, subject_id, found, now, state)
    return len(new)


def suspects(session: Session, state: str = "suspected", kind: str | None = None, subject_id: int | None = None,
             since: datetime | None = None) -> list[Suspects]:
    """Marked votes by subject, the most marked first. since: only those that were found then or later."""
    query = select(VoteMark).where(VoteMark.state == state).order_by(VoteMark.id)
    if since is not None:
        query = query.where(VoteMark.found_at >= since)
    if kind is not None:
        query = query.where(VoteMark.kind == kind, VoteMark.subject_id == subject_id)
    groups: dict[tuple[str, int], Suspects] = {}
    for mark in session.scalars(query):
        group = groups.setdefault((mark.kind, mark.subject_id), Suspects(mark.kind, mark.subject_id, state))
        group.votes.append(mark.vote_id)
        for signal in mark.signals:
            group.signals[signal] += 1
    return sorted(groups.values(), key=lambda g: -len(g.votes))


#: What one may decide about votes in a state.
DECISIONS = (("suspected", "invalid"), ("suspected", "cleared"), ("invalid", "cleared"), ("cleared", "invalid"))


def decide(session: Session, kind: str, subject_id: int, state: str, target: str, reason: str, user_id: int | None, now: datetime,
           only: Collection[int] | None = None) -> int:
    """Move the marked votes of a subject from one state to another; the public numbers follow. only: these alone. Returns how many.

    Raises ``ValueError`` for a step that is not in ``DECISIONS``.
    """
    if (state, target) not in DECISIONS:
        raise ValueError(f"votes do not go from {state} to {target}")
    moved = update(VoteMark).where(VoteMark.kind == kind, VoteMark.subject_id == subject_id, VoteMark.state == state).values(state=target)
    if only is not None:
        moved = moved.where(VoteMark.vote_id.in_(only))
    votes = sorted(session.scalars(moved.returning(VoteMark.vote_id)).all())
    if not votes:
        return 0
    session.add(VoteDecision(kind=kind, subject_id=subject_id, state=target, votes=votes, reason=reason[:300], user_id=user_id, at=now))
    step = KINDS[kind].step(state, target)
    if step:
        KINDS[kind].change(session, Moved(subject_id, votes, step, user_id, now))
    session.flush()
    return len(votes)


def ignored(session: Session, kind: str, subject_ids: Iterable[int]) -> dict[int, int]:
    """How many votes of each subject do not count: for whoever counts anew."""
    found: dict[int, int] = defaultdict(int)
    for subject_id in session.scalars(select(VoteMark.subject_id).where(VoteMark.kind == kind, VoteMark.state == "invalid", VoteMark.subject_id.in_(subject_ids))):
        found[subject_id] += 1
    return dict(found)


def forget_origins(session: Session, now: datetime) -> None:
    """Where a vote came from is not kept for ever."""
    session.execute(delete(VoteOrigin).where(VoteOrigin.at < now - KEPT))
