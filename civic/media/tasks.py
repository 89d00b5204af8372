"""The job that re-encodes photos."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.media.models import Photo
from civic.media.service import encode, forget_original, forget_orphans, settle


def register(queue: Queue, root: Path) -> None:
    """Bind the handler of ``photo`` rows and the sweep of forgotten originals."""

    def photo(session: Session, payload: dict[str, Any], now: datetime) -> None:
        row = session.get(Photo, payload["photo_id"])
        if row is None or row.state != "pending":  # also after a crash between the commit and what follows it
            forget_original(root, payload["photo_id"])
            return
        session.rollback()  # a photo costs a sixth of a second: nobody waits for it
        encoded = encode(root, payload["photo_id"])
        begin_write(session)
        settle(session, root, payload["photo_id"], encoded)
        session.commit()  # before the original goes: a commit that fails leaves a photo that can be encoded again
        forget_original(root, payload["photo_id"])

    def orphans(session: Session, now: datetime) -> int:
        return forget_orphans(session, root, now)

    queue.sweeps.append(orphans)
    queue.handlers["photo"] = photo
