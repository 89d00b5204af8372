"""Whose own link opens which cases: a presenter's link those of the talk, a ticket those of what its holder said in a focus group."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.events.models import Registration
from civic.focus import groups
from civic.focus.models import Line, Participant
from civic.moderation.models import Case
from civic.moderation.of_stage import key_of
from civic.moderation.states import IS_HIDDEN
from civic.stage.models import Talk


def of_talk(session: Session, talk: Talk) -> Sequence[Case]:
    """What of the talk is hidden now. The number alone would do on PostgreSQL; SQLite gives that of a talk that was taken out to another one."""
    return [case for case in _hidden(session, "talk", talk.id) if case.key == key_of(talk)]


def of_ticket(session: Session, row: Registration) -> Sequence[Case]:
    """What of the holder's own words, or of the own pseudonym, is hidden now. Other participants' stay unknown to them."""
    held = groups.of_registration(session, row)
    if held is None:
        return []
    own = _parts_of(session, held)
    return [case for case in _hidden(session, "transcript", row.event_id) if own & set(case.parts)]


def forget_appeals(session: Session, held: Participant) -> None:
    """A participant who goes takes the words of an appeal along, as those of the transcript. Nothing says whose an appeal is: where one
    case hid words of several, theirs goes too, and so do those of cases that are over, whose lines may have been written anew since."""
    own = _parts_of(session, held)
    for case in session.scalars(select(Case).where(Case.kind == "transcript", Case.thing_id == held.event_id, Case.appeal != "")):
        if case.state not in IS_HIDDEN or own & set(case.parts):
            case.appeal = ""
    session.flush()


def _parts_of(session: Session, held: Participant) -> set[str]:
    return {f"pseudonym-{held.id}", *(f"line-{i}" for i in session.scalars(select(Line.id).where(Line.participant_id == held.id)))}


def _hidden(session: Session, kind: str, thing_id: int) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.kind == kind, Case.thing_id == thing_id, Case.state.in_(IS_HIDDEN)).order_by(Case.id)).all()
