"""The counters."""

from datetime import date

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base


class Figure(Base):
    """One sum.

    scope, scope_id: ``city``, ``body`` or ``category`` (a leaf or a root, within the city) and its id. measure: of ``measures.Measure``.
    day: the first of the month in which it happened; for ``open`` the due date. days: working days that answers took, 0 for all
    other measures. number: how many; a counter that was spoiled may be anything, since it must never stop a complaint.
    """

    __tablename__ = "figure"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    measure: Mapped[str] = mapped_column(String(16), primary_key=True)
    scope_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
