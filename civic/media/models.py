"""The table of photos."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime


class Photo(Base):
    """One picture. ``state``: pending until the job has re-encoded it, then ready, or broken when it cannot be read.

    hidden: taken off the page by a moderator; covering: parts of it are being blackened, the result comes as another photo.
    private: served only to those who may see the complaint. width and height: pixels of the large version.
    """

    __tablename__ = "photo"
    __table_args__ = (CheckConstraint("state IN ('pending', 'ready', 'broken', 'hidden', 'covering')", name="state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    private: Mapped[bool] = mapped_column(default=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
