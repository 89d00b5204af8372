"""What a transaction adds to counters, gathered and written once, just before it commits.

Written in one order of rows, so that two transactions of several steps never wait for each other in a circle; and late, so that
counters which all share are held as briefly as can be.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

Sums = Counter[Any]


class Tally:
    """Counters of one kind. write: adds sums to them; it orders the rows itself. name: of the place in ``session.info``."""

    def __init__(self, name: str, write: Callable[[Session, Sums], None]) -> None:
        self.name, self.write = name, write
        event.listen(Session, "before_commit", self._hand_on)

    def add(self, session: Session, more: Sums) -> None:
        """Add, when the transaction commits; what is rolled back is forgotten with its transaction."""
        transaction = session.get_nested_transaction() or session.get_transaction()
        assert transaction is not None, "what is counted belongs to a transaction"
        self._gather(session, transaction, more)

    def _gather(self, session: Session, transaction: SessionTransaction, more: Sums) -> None:
        waiting: WeakKeyDictionary[SessionTransaction, Sums] = session.info.setdefault(self.name, WeakKeyDictionary())
        sums = waiting.setdefault(transaction, Counter())
        for key, number in more.items():  # Counter's own + would drop what is below zero
            sums[key] += number

    def _hand_on(self, session: Session) -> None:
        """A savepoint hands what it gathered to the transaction around it, which writes it."""
        waiting = session.info.get(self.name)
        transaction = session.get_nested_transaction() or session.get_transaction()
        sums = waiting.pop(transaction, None) if waiting and transaction is not None else None
        if sums is None or transaction is None:
            return
        if transaction.nested and transaction.parent is not None:
            self._gather(session, transaction.parent, sums)
        else:
            self.write(session, sums)
