"""Several transactions that begin at the same moment, or that one comes into while another is not over."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from time import monotonic, sleep

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from civic.core.database import begin_write, dialect_name
from civic.core.errors import DomainError

#: So many seconds something that takes milliseconds may take on a machine that is busy with other things.
PATIENCE = 30


def begin(own: Session) -> None:
    """``begin_write`` for one of many: SQLite gives up after five seconds, within which a busy machine may not let all of them in."""
    until = monotonic() + PATIENCE
    while True:
        try:
            begin_write(own)
            return
        except OperationalError:
            own.rollback()
            if monotonic() > until:
                raise


def together(session: Session, act: Callable[[Session], object], number: int = 6) -> list[str]:
    """Do it so many times at once, each in a transaction of its own: ``done``, or the code with which it was refused. In order of the words."""
    session.commit()
    ready = Barrier(number)

    def once(_: int) -> str:
        ready.wait(PATIENCE)
        return _in_own_transaction(session, act)

    with ThreadPoolExecutor(number) as pool:
        said = sorted(pool.map(once, range(number)))
    session.expire_all()
    return said


@contextmanager
def waiting(session: Session, act: Callable[[Session], object]) -> Iterator[Future[str]]:
    """``with waiting(session, act) as other:`` begins when ``act``, in a transaction of its own, has come to where it waits for what ``session``
    has taken for writing, and lasts until both are over, so ``session`` has to be committed inside. Gives what ``together`` gives of each.

    PostgreSQL waits at the first row that both want; SQLite, which has one lock, before ``act`` has read anything.
    """
    begun = Event()

    def once() -> str:
        begun.set()
        return _in_own_transaction(session, act)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(once)
        assert begun.wait(PATIENCE)
        until = monotonic() + PATIENCE
        while dialect_name(session) == "postgresql" and not session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert monotonic() < until and not other.done(), "it does not wait"
            sleep(0.01)
        yield other
        other.result(PATIENCE)
    session.expire_all()


def _in_own_transaction(session: Session, act: Callable[[Session], object]) -> str:
    with Session(session.get_bind().engine) as own:
        begin(own)
        try:
            act(own)
        except DomainError as error:
            return error.code
        own.commit()
        return "done"
