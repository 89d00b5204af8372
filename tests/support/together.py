"""Several transactions that begin at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.core.errors import InputRefused


def together(session: Session, act: Callable[[Session], object], number: int = 6) -> list[str]:
    """Do it so many times at once, each in a transaction of its own: ``done``, or the code with which it was refused. In order of the words."""
    session.commit()
    engine, ready = session.get_bind().engine, Barrier(number)

    def once(_: int) -> str:
        with Session(engine) as own:
            ready.wait(30)
            begin_write(own)
            try:
                act(own)
            except InputRefused as error:
                return error.code
            own.commit()
            return "done"

    with ThreadPoolExecutor(number) as pool:
        said = sorted(pool.map(once, range(number)))
    session.expire_all()
    return said
