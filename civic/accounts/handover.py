"""Open work of somebody who leaves a body: it goes to a named colleague, or back to the body. Nothing stays with who is gone.

Features that give work to persons name it in ``WORK``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import audit
from civic.accounts.models import Membership, User
from civic.accounts.post_models import Handover
from civic.core.actor import Actor
from civic.core.errors import InputRefused


@dataclass(frozen=True)
class Work:
    """One kind of work. in_hand: how many open things of a body a person has. waits: whether the body has any open thing at all.
    give_on: moves those of one person to another (None: to the body) and writes it into their histories; gives their number.
    """

    in_hand: Callable[[Session, int, int], int]
    waits: Callable[[Session, int], bool]
    give_on: Callable[[Session, int, int, int | None, Actor, datetime], int]


#: By kind, such as ``complaint``.
WORK: dict[str, Work] = {}


def in_hand(session: Session, body_id: int, user_id: int) -> dict[str, int]:
    """How many open things of each kind a person of the body has."""
    return {kind: count for kind, work in WORK.items() if (count := work.in_hand(session, body_id, user_id))}


def waits(session: Session, body_id: int) -> bool:
    """Something waits for the body to act."""
    return any(work.waits(session, body_id) for work in WORK.values())


def successors(session: Session, post: Membership) -> list[tuple[int, str]]:
    """(account id, name) of the colleagues who could take the work of who holds ``post``, by name."""
    query = (select(User.id, User.name).join(Membership, Membership.user_id == User.id)
             .where(Membership.body_id == post.body_id, Membership.ended_at.is_(None), User.active, User.id != post.user_id))
    return [(user_id, name) for user_id, name in session.execute(query.distinct().order_by(User.name, User.id))]


def hand_over(session: Session, post: Membership, to_id: int | None, actor: Actor, now: datetime) -> Handover | None:
    """Give on what the holder of ``post`` has in hand in its body. None when there was nothing, so that nothing is written.

    Raises ``InputRefused`` ``not_a_colleague`` when ``to_id`` is nobody who works there.
    """
    if post.body_id is None:
        return None
    if to_id is not None and to_id not in dict(successors(session, post)):
        raise InputRefused("to_id", "not_a_colleague")
    items = {kind: count for kind, work in WORK.items()
             if (count := work.give_on(session, post.body_id, post.user_id, to_id, actor, now))}
    if not items:
        return None
    row = Handover(at=now, body_id=post.body_id, from_id=post.user_id, to_id=to_id, by_id=actor.user_id, items=items)
    session.add(row)
    session.flush()
    audit.record(session, actor, now, audit.Act.HANDED_OVER, about_user_id=post.user_id, body_id=post.body_id,
                 facts={"to": to_id, "items": items})
    return row
