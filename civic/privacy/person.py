"""Whose data: an account with its contact, or a contact alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, false, or_, select
from sqlalchemy.orm import Session

from civic.accounts.models import Contact, User
from civic.core.actor import Actor
from civic.core.database import Base
from civic.privacy.holdings import HOLDINGS, Holding


@dataclass(frozen=True)
class Person:
    """user_id: the account, None for a contact alone. contact_id: the address."""

    user_id: int | None
    contact_id: int | None

    def owns(self, row: Any) -> bool:
        """Whether a row with ``user_id`` and ``contact_id`` is this person's."""
        return (row.user_id is not None and row.user_id == self.user_id) or (row.contact_id is not None and row.contact_id == self.contact_id)


def person_of(actor: Actor) -> Person:
    """The person who acts."""
    return Person(actor.user_id, actor.contact_id)


def hold(session: Session, person: Person) -> None:
    """What is done for the person waits here for whoever does the same in another transaction."""
    for table, row_id in ((User, person.user_id), (Contact, person.contact_id)):
        if row_id is not None:
            session.scalar(select(table.id).where(table.id == row_id).with_for_update(key_share=True))


def locale_of(session: Session, person: Person) -> str:
    """The language that the person reads."""
    contact = session.get(Contact, person.contact_id) if person.contact_id else None
    user = session.get(User, person.user_id) if person.user_id else None
    return contact.locale if contact else user.locale if user else "kk"


def rows_of(person: Person, name: str) -> tuple[Table, ColumnElement[bool]]:
    """A table of the map, and which of its rows are the person's."""
    table, holding = Base.metadata.tables[name], HOLDINGS[name]
    return table, or_(false(), *_conditions(person, table, holding))


def _conditions(person: Person, table: Table, holding: Holding) -> list[ColumnElement[bool]]:
    own = {"account": person.user_id, "contact": person.contact_id}
    found = []
    for column, target in holding.refers.items():
        if target in own:
            if own[target] is not None:
                found.append(table.c[column] == own[target])
        else:
            parent, mine = rows_of(person, target)
            found.append(table.c[column].in_(select(parent.c.id).where(mine)))
    return found
