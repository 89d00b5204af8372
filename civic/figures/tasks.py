"""Each night the counters of figures and map are compared with a fresh computation; a difference is an alarm, and administrators are written to."""

from datetime import datetime
from typing import Any

import structlog
from flask_babel import gettext, ngettext
from huey import crontab
from sqlalchemy.orm import Session

from civic.accounts.models import Contact
from civic.accounts.queries import administrators, contacts_of
from civic.app import CivicFlask
from civic.complaints import map_counts
from civic.core.clock import utc_now
from civic.core.database import begin_write
from civic.figures.recount import begin_snapshot, differences
from civic.figures.service import forget_zeros
from civic.jobs.queue import Queue
from civic.notifications.service import tell
from civic.notifications.tasks import BUILDERS, Letter

log = structlog.get_logger()
#: UTC; ten past three at night in Kazakhstan.
NIGHT = crontab(hour="22", minute="10")


def register(app: CivicFlask, queue: Queue) -> None:
    """Bind the nightly job and its letter."""
    BUILDERS["figures_differ"] = letter

    def nightly() -> None:
        from civic.extensions import db

        with app.app_context():
            compare(db.session(), utc_now())
            db.session.remove()
        queue.deliver_all()

    queue.huey.periodic_task(NIGHT, name="figures_nightly")(nightly)


def compare(session: Session, now: datetime) -> int:
    """Compare; returns how many counters differ. Commits: the letters, and that counters which are zero went."""
    found = differences(session)
    begin_snapshot(session)
    cells = map_counts.differences(session)
    begin_write(session)  # ends the snapshot
    number = len(found) + len(cells)
    if number:
        first = [str(difference) for difference in found[:5]] + [str(cell) for cell in [*cells][:5]]
        log.error("figures_differ", figures=len(found), cells=len(cells), first=first)
        for contact in contacts_of(administrators(session)):
            tell(session, contact, "figures_differ", f"figures:{now.date()}", {"counters": number}, now)
    forget_zeros(session)
    session.commit()
    return number


def letter(session: Session, contact: Contact, facts: dict[str, Any]) -> Letter:
    """To administrators: the published figures are not what the complaints say."""
    number = facts["counters"]
    return Letter(gettext("The published figures need to be mended"), "\n\n".join((
        ngettext("This night %(num)d counter did not agree with the complaints and their histories.",
                 "This night %(num)d counters did not agree with the complaints and their histories.", number),
        gettext("Whoever looks after the server sees what differs with “flask figures recount” and “flask map recount”, and sets it right by adding “--mend”."),
    )))
