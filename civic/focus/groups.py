"""The rules of a focus group: joining, pseudonyms, the transcript, withdrawing."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import count
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from civic.core.actor import Actor
from civic.core.errors import InputRefused, NotAllowed
from civic.core.text import clean, detect_language
from civic.events import registration
from civic.events.models import Event, Registration
from civic.events.service import lock
from civic.events.states import ALIVE, RegistrationState
from civic.focus.models import FocusGroup, Line, Participant
from civic.minutes.service import OVER
from civic.moderation.looking import look_for_signs
from civic.places.queries import districts

#: Wide enough that a band and a district point to nobody; below 18 a parent would have to agree.
AGE_BANDS = ("18-24", "25-34", "35-49", "50-64", "65+")
#: Words of the steppe that are no names of people, so that nobody is taken for somebody.
PSEUDONYMS = (
    "Арша", "Бұлақ", "Жусан", "Қайың", "Шынар", "Емен", "Долана", "Итмұрын", "Қарағай", "Терек", "Жиде", "Сексеуіл", "Көктем", "Күз", "Таң", "Шуақ",
    "Самал", "Дала", "Қырау", "Тамшы", "Өзен", "Көл", "Төбе", "Жартас", "Құм", "Бұлт", "Найзағай", "Кемпірқосақ", "Қоңыржай", "Жапырақ",
)
#: What stands before the moderator's lines.
MODERATOR = ("moderator", "модератор", "жүргізуші", "ведущий", "ведущая")
LONGEST = 200_000
#: Called with a participant who is about to go, by features that keep more of their words.
BEFORE_GOING: list[Callable[[Session, Participant], None]] = []
_SPOKEN = re.compile(r"([^:\n]{1,60}?)\s*:\s*(.*)$")


def join(session: Session, row: Registration, now: datetime, *, age_band: str, district_id: int | None) -> Participant:
    """Take part, under a pseudonym that the product chooses; who takes part already changes age band and place.

    Raises ``NotAllowed`` when no place is held or the consent of the registration is missing, ``age_band_missing``,
    ``district_of_another_city``.
    """
    if row.state != RegistrationState.REGISTERED or row.informed_version is None:
        raise NotAllowed(action="join")
    if age_band not in AGE_BANDS:
        raise InputRefused("age_band", "age_band_missing")
    if district_id is not None and district_id not in {d.id for d in districts(session, row.event.city_id)}:
        raise InputRefused("district", "district_of_another_city")
    lock(session, row.event)  # one after another, so that no pseudonym is given twice
    held = of_registration(session, row)
    if held is None:
        held = Participant(event_id=row.event_id, registration_id=row.id, pseudonym=_free_pseudonym(session, row.event_id), joined_at=now)
        session.add(held)
    held.age_band, held.district_id = age_band, district_id
    session.flush()
    return held


def _free_pseudonym(session: Session, event_id: int) -> str:
    taken = set(session.scalars(select(Participant.pseudonym).where(Participant.event_id == event_id)))
    for again in count(1):  # a second round of the same words begins when all are taken
        free = [word for word in (f"{p} {again}" if again > 1 else p for p in PSEUDONYMS) if word not in taken]
        if free:
            return secrets.choice(free)
    raise AssertionError("numbers have no end")


def withdraw(session: Session, row: Registration, now: datetime) -> int:
    """End taking part: the pseudonym, age band, place and every line go, the place in the room too. Returns how many lines went."""
    lock(session, row.event)
    held, gone = of_registration(session, row), 0
    if held is not None:
        for forget in BEFORE_GOING:
            forget(session, held)
        gone = session.scalar(select(func.count()).select_from(Line).where(Line.participant_id == held.id)) or 0
        session.execute(delete(Line).where(Line.participant_id == held.id))
        session.delete(held)
        group_of(session, row.event_id).withdrawn += 1
    row.informed_version = row.informed_language = None
    session.flush()
    if row.state in ALIVE and registration.is_open(row.event, now):
        registration.leave(session, row, Actor(contact_id=row.contact_id), now)
    return gone


def group_of(session: Session, event_id: int) -> FocusGroup:
    """What the event has as a focus group, made when it is missing."""
    group = session.get(FocusGroup, event_id)
    if group is None:
        group = FocusGroup(event_id=event_id, withdrawn=0)
        session.add(group)
        session.flush()
    return group


def of_registration(session: Session, row: Registration) -> Participant | None:
    """The participant of a registration."""
    return session.scalar(select(Participant).where(Participant.registration_id == row.id))


def participants(session: Session, event_id: int) -> Sequence[Participant]:
    """Everybody of a group, by pseudonym."""
    return session.scalars(select(Participant).where(Participant.event_id == event_id).order_by(Participant.pseudonym)).all()


@dataclass(frozen=True)
class Spoken:
    """One line as it was written down; participant_id: None for the moderator."""

    participant_id: int | None
    text: str


def read_transcript(text: str, people: Sequence[Participant]) -> list[Spoken]:
    """The lines of a text in which each begins with a pseudonym (or the moderator) and a colon; others go on with the one before.

    Raises ``InputRefused`` on ``text``: ``transcript_empty``, ``transcript_too_long``, ``speaker_unknown`` with the line and the words.
    """
    if len(text) > LONGEST:
        raise InputRefused("text", "transcript_too_long", limit=LONGEST)
    known: dict[str, int | None] = {p.pseudonym.casefold(): p.id for p in people} | dict.fromkeys(MODERATOR)
    spoken: list[Spoken] = []
    for number, line in enumerate(clean(text).split("\n"), 1):
        if not line.strip():
            continue
        said = _SPOKEN.match(line.strip())
        if said and said[1].casefold() in known:
            spoken.append(Spoken(known[said[1].casefold()], said[2].strip()))
        elif not spoken or (said and _is_pseudonym(said[1])):  # words of who withdrew become nobody else's
            raise InputRefused("text", "speaker_unknown", line=number, words=(said[1] if said else line)[:60])
        else:
            spoken[-1] = Spoken(spoken[-1].participant_id, f"{spoken[-1].text}\n{line.strip()}".strip())
    spoken = [one for one in spoken if one.text]
    if not spoken:
        raise InputRefused("text", "transcript_empty")
    return spoken


def _is_pseudonym(words: str) -> bool:
    """Whether the product gives such a name, «Бұлақ» or «Бұлақ 2»; one slip in it does not give the words to somebody else."""
    first, _, again = words.partition(" ")
    near = get_close_matches(first.casefold(), [p.casefold() for p in PSEUDONYMS], n=1, cutoff=0.8)
    return bool(near) and (not again or again.isdecimal())


def write_transcript(session: Session, event: Event, now: datetime, text: str) -> None:
    """Put the transcript in place of the one before; of a public one the rules look at what is new. Raises what ``read_transcript`` raises.

    Lines that a moderator has hidden keep their place, and come back by a moderator alone: an open page that still has them changes nothing.
    """
    lock(session, event)
    spoken = read_transcript(text, participants(session, event.id))
    before = {(line.participant_id, line.text) for line in lines(session, event.id)}
    session.execute(delete(Line).where(Line.event_id == event.id, Line.hidden.is_(None)))
    off = lines(session, event.id)
    said, taken = {(line.participant_id, line.text) for line in off}, {line.position for line in off}
    free = (place for place in count() if place not in taken)
    made = [Line(event_id=event.id, position=next(free), participant_id=one.participant_id, text=one.text,
                 language=detect_language(one.text, "kk")) for one in spoken if (one.participant_id, one.text) not in said]
    session.add_all(made)
    group = group_of(session, event.id)
    session.flush()
    new = [f"line-{line.id}" for line in made if (line.participant_id, line.text) not in before]
    if group.published_at is not None and new:
        _look_at(session, event, now, new)


def publish(session: Session, event: Event, now: datetime) -> None:
    """Make the transcript public. Raises ``transcript_before_end``, ``transcript_empty``."""
    lock(session, event)  # whoever writes in it at the same moment knows that it is public
    if event.state not in OVER:
        raise InputRefused("text", "transcript_before_end")
    if not lines(session, event.id):
        raise InputRefused("text", "transcript_empty")
    group = group_of(session, event.id)
    if group.published_at is None:
        group.published_at = now
        _look_at(session, event, now)
    session.flush()


def _look_at(session: Session, event: Event, now: datetime, parts: Sequence[str] | None = None) -> None:
    """Have the rules look for signs of trouble in these parts, as moderation names them; None: in the whole transcript."""
    look_for_signs(session, "transcript", event.code, now, once=f"{parts[0] if parts else 'all'}:{now.isoformat()}", parts=parts)


def hidden_of(session: Session, held: Participant) -> dict[str, Any]:
    """Marks of what a moderator took off the page of what this participant said, and of the pseudonym."""
    own = session.scalars(select(Line).where(Line.participant_id == held.id, Line.hidden.is_not(None)))
    return {f"line-{line.id}": mark for line in own for mark in (line.hidden or {}).values()} | (held.hidden or {})


def lines(session: Session, event_id: int) -> Sequence[Line]:
    """The transcript in its order."""
    return session.scalars(select(Line).where(Line.event_id == event_id).order_by(Line.position, Line.id)).all()
