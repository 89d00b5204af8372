"""The command that makes the index anew: ``flask search rebuild``."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.complaints.models import Complaint
from civic.core.database import begin_write
from civic.extensions import db
from civic.search import index, service, words

search_cli = AppGroup("search", help="The index of the search.")
BATCH = 2_000


@search_cli.command("rebuild")
def rebuild() -> None:
    """Index all complaints anew: for a database from before the search, or after the way of cutting words has changed.

    Needs no pause: it writes in batches, and what was not reached yet is found as before.
    """
    total = db.session().scalar(select(func.count()).select_from(Complaint)) or 0
    with click.progressbar(length=total, label="Complaints", show_pos=True) as bar:
        known = rebuild_all(db.session(), bar.update)
    click.echo(f"{total} complaints are indexed, {known} words and stems.")


def rebuild_all(session: Session, done: Callable[[int], object]) -> int:
    """Index everything anew, committing each batch; ``done`` is told the size of each. Returns the size of the vocabulary."""
    seen: Counter[str] = Counter()
    of_word = lru_cache(maxsize=None)(words.added)  # most words come again and again
    after = 0
    while batch := _documents(session, after):
        service.rebuild(session, batch, after, seen, of_word)
        after = batch[-1].complaint_id
        session.commit()
        done(len(batch))
    begin_write(session)
    index.drop_between(session, after, 2**31 - 1)
    session.commit()
    begin_write(session)
    for _ in service.learn_anew(session, seen):
        session.commit()
        begin_write(session)
    while index.tidy(session, service.PAGES_AT_ONCE):
        session.commit()
        begin_write(session)
    session.commit()
    return len(seen)


def _documents(session: Session, after: int) -> list[service.Document]:
    begin_write(session)
    query = select(Complaint.id, Complaint.city_id, Complaint.category_id, Complaint.number, Complaint.address, Complaint.text)
    rows = session.execute(query.where(Complaint.id > after).order_by(Complaint.id).limit(BATCH))
    return [service.Document(row.id, row.city_id, row.category_id, (row.number, row.address, row.text)) for row in rows]
