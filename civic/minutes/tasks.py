"""Jobs: the pages of a PDF are counted; files of materials that were removed go."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.minutes.materials import forget, look_at
from civic.minutes.models import MinutesMaterial
from civic.minutes.service import look_at_material


def register(queue: Queue, root: Path) -> None:
    """Bind the handlers."""

    def material_pdf(session: Session, payload: dict[str, Any], now: datetime) -> None:
        row = session.get(MinutesMaterial, payload["material_id"])
        if row is None or row.state != "pending":
            return
        key, event_id = row.file_key, row.event_id
        session.rollback()  # counting takes a moment: nobody waits for it
        problem, pages = look_at(root, key)
        begin_write(session)
        settle(session, payload["material_id"], problem, pages)
        if not problem:
            look_at_material(session, event_id, payload["material_id"], now)
        session.commit()

    def material_forget(session: Session, payload: dict[str, Any], now: datetime) -> None:
        forget(session, root, payload["photo_id"], payload["file_key"])

    queue.handlers["material_pdf"] = material_pdf
    queue.handlers["material_forget"] = material_forget


def settle(session: Session, material_id: int, problem: str, pages: int) -> None:
    """Write down what came of a PDF."""
    row = session.get(MinutesMaterial, material_id)
    if row is not None:  # not removed meanwhile
        row.state, row.problem, row.pages = "refused" if problem else "ready", problem, pages
