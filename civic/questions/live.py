"""What changed in a room, as its open views are told: by polling, and through nchan where ``delivery`` has it.

A view that holds version N asks for ``live.json?v=N`` and gets what changed since, or the whole state when that is shorter. Answers
are the same for all who ask without a cookie, so ``web.page_cache`` (and nginx) draw each at most once a second. ``delivery``
sends the same delta, at most one per room and second, in each language.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy.orm import Session

from civic.core.text import LANGUAGES
from civic.questions import queries, rooms
from civic.questions.models import Poll, Room
from civic.questions.queries import Asked
from civic.questions.states import PollState
from civic.questions.wording import item, poll_results
from civic.web.locale import LOCALES
from civic.web.speech import ngettext

Delta = dict[str, Any]
#: Bytes of a message that thousands get at once.
LARGEST = 16_000


def delta(session: Session, room: Room, since: int, now: datetime, *, everything: bool = False) -> Delta:
    """What a view at version ``since`` lacks. Nothing but the version when it lacks nothing; ``whole`` says to forget the rest.

    everything: for the moderator, also what the public does not see.
    """
    if since == room.version:
        return {}
    rows = queries.changed_since(session, room.id, since) if 0 < since < room.version else None
    whole = rows is None
    if rows is None:
        rows = queries.whole(session, room.id, everything=everything)
    zone = room.event.city.timezone
    told = [x for row in rows if (x := question(row, zone, everything=everything))]
    answer: Delta = {"v": room.version, "whole": whole, "room": room_state(room, now), "questions": told}
    if whole or room.polls_changed > since:
        answer["polls"] = [poll(p) for p in queries.polls(session, room.id, everything=everything)]
    return answer


def room_state(room: Room, now: datetime) -> Delta:
    """What the views say of the room itself."""
    return {"people": people_words(room), "asking": rooms.takes_questions(room, now), "voting": rooms.is_going(room, now)}


def people_words(room: Room) -> str:
    """«212 take part»."""
    return ngettext("%(num)d person takes part", "%(num)d people take part", room.people)


def question(row: Asked, zone: str, *, everything: bool) -> Delta | None:
    """One question; only that it is gone when the public may not read it any more; None when it never could."""
    if everything or row.public:
        return asdict(item(row, zone))
    return {"id": row.id, "gone": True} if row.shown_at is not None else None


def poll(row: Poll) -> Delta:
    """One poll; its results once it is closed."""
    closed = row.state == PollState.CLOSED
    return {"id": row.id, "state": row.state, "text": row.text, "lang": row.language, "several": row.several, "screen": row.on_screen,
            "ballots": ngettext("%(num)d ballot", "%(num)d ballots", row.ballots),
            "options": [{"id": option.id, "text": text, "votes": votes if closed else None, "percent": percent if closed else None}
                        for option, (text, votes, percent) in zip(row.options, poll_results(row), strict=True)]}


def encoded(answer: Delta) -> bytes:
    """As it is sent: a letter of ours as two bytes, not as six."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def messages(session: Session, room: Room, since: int, now: datetime) -> dict[str, bytes]:
    """What is sent to the open views of the room, by language: what changed after ``since``, with the versions before and behind it.

    What would be large many times over is left out: the views that hold ``since`` then ask for it, and get it compressed.
    """
    sent = {}
    for language in LANGUAGES:
        with force_locale(LOCALES[language]):
            changed = delta(session, room, since, now)
        message = encoded({**changed, "since": since})
        if changed.get("whole") or len(message) > LARGEST:
            message = encoded({"v": room.version, "since": room.version})
        sent[language] = message
    return sent
