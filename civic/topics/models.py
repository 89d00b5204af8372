"""Tables of topics: counted piles of complaints, and which complaints and topics an event carries."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, UTCDateTime

#: In place of a district: all of the city.
WHOLE_CITY = 0


class TopicCount(Base):
    """The public complaints of a category in a city or one of its districts, counted once a night.

    district_id: ``WHOLE_CITY`` for all. pile: open, or registered in the last 30 days. recent: registered in the last 30 days.
    before: registered in the 90 days before those. grows: by ``rules.growing`` on the day of the count. places: of a topic that
    grows, where the pile lies: (latitude, longitude, how many, how many of them are open) of cells of the map.
    """

    __tablename__ = "topic_count"
    __table_args__ = (Index("ix_topic_count_city", "city_id", "grows", "pile"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pile: Mapped[int]
    recent: Mapped[int]
    before: Mapped[int]
    grows: Mapped[bool]
    counted_on: Mapped[date] = mapped_column(Date)
    places: Mapped[list[list[float]]] = mapped_column(JSON, default=list)


class EventTopic(Base):
    """A topic that an event carries, with what was counted when it was taken up. told_at: when the telling of those who follow its
    category, district or body, or where its complaints belong, was ordered; that waits until the event is announced."""

    __tablename__ = "event_topic"
    __table_args__ = (Index("ix_event_topic_told", "told_at", "event_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pile: Mapped[int]
    recent: Mapped[int]
    before: Mapped[int]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EventComplaint(Base):
    """A public complaint that an event carries. told_at: when its followers were told, which waits until the event is announced."""

    __tablename__ = "event_complaint"
    __table_args__ = (Index("ix_event_complaint_told", "told_at", "event_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True, index=True)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
