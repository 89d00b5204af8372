"""The audit trail as people read it: who, when, what, in words of the reader's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts.audit import Act
from civic.accounts.post_models import AuditEntry, PostInvitation
from civic.accounts.posts import names_of
from civic.bodies.history_words import Told, told
from civic.bodies.models import Body
from civic.places.models import City, ReferenceChange
from civic.web.locale import local_name, long_moment

#: What acts are called. A feature adds its own when it is bound: ``WORDS["moderation.hidden"] = _l("Hid a text")``.
WORDS: dict[str, Any] = {
    Act.INVITED: _l("Invitation sent"), Act.WITHDRAWN: _l("Invitation withdrawn"), Act.ACCEPTED: _l("Invitation accepted"),
    Act.GIVEN: _l("Post given"), Act.ENDED: _l("Post ended"), Act.HANDED_OVER: _l("Work handed over"),
    Act.FACTOR_FORGOTTEN: _l("Second step removed by an operator"),
}
#: Acts of which nobody but the person concerned reads whom they concern: who wrote what was hidden may be unknown to the city's moderators.
OF_THE_UNNAMED: set[str] = set()
#: What an actor is called to those who read about themselves.
ROLES: dict[str, Any] = {
    "system": _l("the service"), "self": _l("you yourself"), "head": _l("head of the body"), "official": _l("official"),
    "moderator": _l("moderator of the city"), "administrator": _l("administrator"), "organiser": _l("organiser"), "person": _l("a person"),
}
#: Kinds of work in a handover, counted.
ITEMS: dict[str, Callable[[int], str]] = {
    "complaint": lambda count: ngettext("%(num)d complaint", "%(num)d complaints", count),
}
#: Words for the value of a fact, by its name; those that are not here are not shown.
FACTS: dict[str, Callable[[Any], str]] = {
    "role": lambda role: str(POSTS.get(role, role)), "count": str, "number": str,
    "items": lambda items: ", ".join(ITEMS[kind](count) if kind in ITEMS else f"{kind}: {count}" for kind, count in items.items()),
}
#: Posts and rights as an invitation offers them.
POSTS: dict[str, Any] = {
    "official": _l("official"), "head": _l("head of the body"), "moderator": _l("moderator of the city"), "administrator": _l("administrator"),
    "owner": _l("owner"), "organiser": _l("organiser"), "door": _l("at the door"),
}


@dataclass(frozen=True)
class Line:
    """One act. details: what, in words; differences: of reference data, as its history shows them."""

    title: str
    who: str
    about: str
    where: str
    when: str
    when_iso: str
    details: tuple[str, ...]
    differences: Sequence[Any] = ()


def lines(session: Session, rows: Sequence[AuditEntry | ReferenceChange], *, named: bool,
          organisations: Callable[[set[int]], dict[int, str]] = lambda ids: {}) -> list[Line]:
    """Rows in words. named: with the names of people, for those who answer for them; else by what they were then."""
    entries = [row for row in rows if isinstance(row, AuditEntry)]
    changes = [row for row in rows if isinstance(row, ReferenceChange)]
    known = _Known(session, entries, organisations, named=named)
    changed = dict(zip([c.id for c in changes], told(session, changes), strict=True))
    return [known.line(row) if isinstance(row, AuditEntry) else _of_reference(changed[row.id]) for row in rows]


def _of_reference(change: Told) -> Line:
    return Line(f"{change.title} – {change.verb}", change.who, "", "", change.when, change.when_iso, (), change.differences)


class _Known:
    """Names behind the ids of a page of entries, in one query per table."""

    def __init__(self, session: Session, entries: Sequence[AuditEntry], organisations: Callable[[set[int]], dict[int, str]], *, named: bool) -> None:
        self.named = named
        people = {p for e in entries for p in (e.actor_id, self._about(e), e.facts.get("to")) if p} if named else set()
        self.people = names_of(session, people) if people else {}
        self.bodies = _names(session, Body, {e.body_id for e in entries if e.body_id})
        self.cities = _names(session, City, {e.city_id for e in entries if e.city_id})
        self.organisations = organisations({e.organisation_id for e in entries if e.organisation_id})
        asked = {e.facts["invitation"] for e in entries if "invitation" in e.facts} if named else set()
        self.addresses: dict[int, str] = {row_id: email for row_id, email in session.execute(
            select(PostInvitation.id, PostInvitation.email).where(PostInvitation.id.in_(asked)))} if asked else {}

    def line(self, e: AuditEntry) -> Line:
        role = str(ROLES.get(e.role, e.role))
        who = self.people.get(e.actor_id or 0, role) if self.named and e.role != "system" else role
        where = self.bodies.get(e.body_id or 0) or self.organisations.get(e.organisation_id or 0) or self.cities.get(e.city_id or 0) or ""
        return Line(str(WORDS.get(e.act, e.act)), who, self.people.get(self._about(e) or 0, ""), where, long_moment(e.at), e.at.isoformat(),
                    tuple(self._details(e)))

    @staticmethod
    def _about(e: AuditEntry) -> int | None:
        return None if e.act in OF_THE_UNNAMED else e.about_user_id

    def _details(self, e: AuditEntry) -> list[str]:
        found = [FACTS[name](value) for name, value in e.facts.items() if name in FACTS and value not in (None, "")]
        address = self.addresses.get(e.facts.get("invitation", 0))
        if e.act == Act.HANDED_OVER and self.named:
            to = e.facts.get("to")
            found.append(gettext("To: %(name)s", name=self.people.get(to, str(to))) if to else gettext("To the body"))
        return [*found, address] if address else found


def _names(session: Session, model: type[Body] | type[City], ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {row_id: local_name(name) for row_id, name in session.execute(select(model.id, model.name).where(model.id.in_(ids)))}
