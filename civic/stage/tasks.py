"""Jobs: a presenter's PDF becomes slides; pictures that nobody shows any more go."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from civic.core.database import begin_write
from civic.jobs.queue import Queue
from civic.media.pdf import PdfRefused
from civic.media.service import SIZES
from civic.stage.models import Talk
from civic.stage.pdf import take_apart
from civic.stage.service import forget_photos, take_pages


def register(queue: Queue, root: Path) -> None:
    """Bind the handlers."""

    def talk_pdf(session: Session, payload: dict[str, Any], now: datetime) -> None:
        file = root / "incoming" / payload["pdf"]
        session.rollback()  # drawing takes seconds: nobody waits for it
        with tempfile.TemporaryDirectory(dir=root) as folder:
            try:
                pages = [_versions(page) for page in take_apart(file, Path(folder))]
                refused = None
            except PdfRefused as error:
                pages, refused = [], error
            begin_write(session)
            talk = session.get(Talk, payload["talk_id"])
            if talk is not None and talk.pdf == payload["pdf"]:  # not removed, no newer PDF since
                if refused:
                    talk.pdf, talk.problem, talk.pages = "", refused.code, refused.pages
                else:
                    with Image.open(pages[0][0]) as first:
                        size = first.size
                    take_pages(session, root, talk, pages, size, now)
            session.commit()
        file.unlink(missing_ok=True)

    def slides_forget(session: Session, payload: dict[str, Any], now: datetime) -> None:
        forget_photos(session, root, payload["photo_ids"])

    queue.handlers["talk_pdf"] = talk_pdf
    queue.handlers["slides_forget"] = slides_forget


def _versions(page: Path) -> tuple[Path, Path]:
    """The drawn page and its small version."""
    small = page.with_suffix(".small.jpg")
    with Image.open(page) as picture:
        picture.thumbnail((SIZES["thumb"], SIZES["thumb"]))
        picture.save(small, "JPEG", quality=80)
    return page, small
