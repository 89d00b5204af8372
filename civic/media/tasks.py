"""The job that re-encodes photos."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.media.models import Photo
from civic.media.service import encode, settle


def register(queue: Queue, root: Path) -> None:
    """Bind the handler of ``photo`` rows."""

    def photo(session: Session, payload: dict[str, Any], now: datetime) -> None:
        row = session.get(Photo, payload["photo_id"])
        if row is None or row.state != "pending":
            return
        session.rollback()  # a photo costs a sixth of a second: nobody waits for it
        encoded = encode(root, payload["photo_id"])
        begin_write(session)
        settle(session, root, payload["photo_id"], encoded)

    queue.handlers["photo"] = photo
