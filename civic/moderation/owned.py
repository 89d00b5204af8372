"""Whose own link opens which cases: a presenter's link those of the talk, a ticket those of what its holder said in a focus group."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.events.models import Registration
from civic.focus import groups
from civic.focus.models import Line
from civic.moderation.models import Case
from civic.moderation.states import IS_HIDDEN
from civic.stage.models import Talk


def of_talk(session: Session, talk: Talk) -> Sequence[Case]:
    """What of the talk is hidden now."""
    return _hidden(session, "talk", talk.id)


def of_ticket(session: Session, row: Registration) -> Sequence[Case]:
    """What of the holder's own words, or of the own pseudonym, is hidden now. Other participants' stay unknown to them."""
    held = groups.of_registration(session, row)
    if held is None:
        return []
    own = {f"pseudonym-{held.id}", *(f"line-{i}" for i in session.scalars(select(Line.id).where(Line.participant_id == held.id)))}
    return [case for case in _hidden(session, "transcript", row.event_id) if own & set(case.parts)]


def _hidden(session: Session, kind: str, thing_id: int) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.kind == kind, Case.thing_id == thing_id, Case.state.in_(IS_HIDDEN)).order_by(Case.id)).all()
