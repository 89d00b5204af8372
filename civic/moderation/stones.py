"""Tombstones as a page draws them: beside what was hidden stands the way to appeal, for its author alone.

Of visitors without a cookie nobody is an author, and nothing is asked: their pages are the same for all of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import url_for
from sqlalchemy import select

from civic.extensions import db
from civic.moderation import rules
from civic.moderation.models import Case
from civic.moderation.states import State
from civic.moderation.wording import Tombstone, tombstones
from civic.places.models import City
from civic.web.access import current_actor, knows_visitor
from civic.web.speech import gettext


def stones_for_reader(marks: Mapping[str, Any], *kinds: str, held: str = "") -> list[Tombstone]:
    """Of a row's marks, see ``tombstones``. held: the token of the presenter's link or of the ticket whose holder reads the page."""
    stones = tombstones(marks, *kinds)
    entries = {stone.entry for stone in stones if stone.entry} if held or knows_visitor() else set()
    if not entries:
        return stones
    cases = db.session.scalars(select(Case).where(Case.id.in_(entries), Case.state.in_((State.HIDDEN, State.APPEALED))))
    last = {stone.entry: stone for stone in stones}  # of several stones of one entry the last one has the way, which is the same
    said = {last[case.id]: _for_author(case, held) for case in cases}
    return [replace(stone, **said.get(stone, {})) for stone in stones]


def _for_author(case: Case, held: str) -> dict[str, Any]:
    """What its author reads beside a tombstone; nothing for everybody else."""
    by_account = rules.is_author(current_actor(), case)
    if not by_account and not held:
        return {}
    if case.state == State.APPEALED:
        return {"waits": gettext("Your appeal is with a second moderator.")}
    if case.withheld is None:  # its year is over: nothing can be put back
        return {}
    if by_account:
        return {"appeal": url_for("moderation.appeal", city=db.session.get_one(City, case.city_id).code, entry_id=case.id)}
    return {"appeal": url_for("moderation.appeal_by_holder", token=held, entry_id=case.id)}
